//! Findings named by what was under way when their numbers were seen: tests of a suite, or steps of a session by hand.

use std::collections::{BTreeMap, BTreeSet};

use detect::{Parties, Seen, fold};
use jiff::Timestamp;
use model::{Redacted, Scan, Sighting};

/// Titles that a finding names.
pub(crate) const MAX_NAMED: usize = 5;

/// Times that sightings are folded to learn what they are part of: with each change of what was under way.
const MAX_FOLDS: usize = 5_000;

/// Something that was under way: when it began, and its title.
pub(crate) type Begun<'a> = (Timestamp, &'a str);

/// When something was seen, and in whose test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment<'a> {
    pub(crate) time: Timestamp,
    pub(crate) tester: Option<&'a str>,
}

/// By fingerprint, what was under way when the finding was seen, in the order in which it began.
pub(crate) type SeenIn<'a> = BTreeMap<String, BTreeSet<Begun<'a>>>;

/// What was under way, as told by `under_way`, when each finding of `scan` was seen. At most `most` of the `sightings` are
/// looked up; a finding that is in none of these goes by when it was first seen.
pub(crate) fn seen_in<'a>(
    scan: &Scan,
    sightings: &[Sighting],
    parties: &Parties,
    most: usize,
    under_way: impl Fn(Moment<'_>) -> Vec<Begun<'a>>,
) -> SeenIn<'a> {
    let looked_up = sightings.get(..most).unwrap_or(sightings);
    let at: Vec<Vec<Begun<'a>>> = looked_up.iter().map(|sighting| under_way(moment(sighting))).collect();
    let mut seen_in = SeenIn::new();
    let mut rest = looked_up;
    for under_way in at.chunk_by(|one, next| one == next).take(MAX_FOLDS) {
        let (these, others) = rest.split_at_checked(under_way.len()).unwrap_or((rest, &[]));
        rest = others;
        let seen = Seen { sightings: these, ..Seen::default() };
        for finding in fold(&seen, parties) {
            seen_in.entry(finding.fingerprint).or_default().extend(under_way.first().into_iter().flatten());
        }
    }
    for finding in &scan.findings {
        let first = || under_way(Moment { time: finding.first_seen, tester: None }).into_iter().collect();
        seen_in.entry(finding.fingerprint.clone()).or_insert_with(first);
    }
    seen_in
}

/// Writes into the findings of `scan` what they were seen in; the titles pass `redact`.
pub(crate) fn name(scan: &mut Scan, seen_in: &SeenIn<'_>, redact: impl Fn(&str) -> Redacted) {
    for finding in &mut scan.findings {
        let Some(begun) = seen_in.get(&finding.fingerprint) else { continue };
        let mut titles: Vec<&str> = Vec::new();
        for (_, title) in begun {
            if !titles.contains(title) {
                titles.push(title);
            }
        }
        finding.more_tests = titles.len().saturating_sub(MAX_NAMED) as u64;
        finding.tests = titles.iter().take(MAX_NAMED).map(|title| redact(title)).collect();
    }
}

/// When `sighting` was seen, and in whose test.
pub(crate) fn moment(sighting: &Sighting) -> Moment<'_> {
    Moment { time: sighting.time, tester: sighting.context.tester.as_ref().map(Redacted::as_str) }
}
