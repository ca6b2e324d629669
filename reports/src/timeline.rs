//! When each finding of a vendor was seen: in this scan, and in those it was held against. What no scan looked at has no mark.

use jiff::Timestamp;
use model::{Finding, VendorId};

use crate::summary::{Extract, vendor_of};

/// The findings over time.
#[derive(Clone, Debug)]
pub(crate) struct Timeline<'a> {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// When the scans began, this one last.
    pub(crate) scans: Vec<Timestamp>,
    pub(crate) lines: Vec<Line<'a>>,
}

/// One finding over time.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) finding: &'a Finding,
    /// What this scan says of it.
    pub(crate) state: State,
    /// In order of time.
    pub(crate) marks: Vec<Mark>,
}

/// What is known of one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(crate) at: Timestamp,
    pub(crate) sight: Sight,
}

/// Whether it was seen then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sight {
    /// It was.
    Seen,
    /// It was looked for, and was not.
    Gone,
    /// It was not looked for there.
    NotKnown,
}

/// What this scan says of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is there, and no other scan was asked.
    Seen,
    /// It was not there before.
    New,
    /// It is there, and could not have been seen before.
    MayBeOld,
    /// It was there before.
    Still,
    /// It is there, and accepted for a while.
    Accepted,
    /// It is gone.
    Gone,
    /// It was not looked for.
    NotCovered,
}

impl<'a> Timeline<'a> {
    /// That of one vendor's findings, first those that are there; `None` where there are none.
    pub(crate) fn of(part: &Extract<'a>, vendor: Option<&VendorId>) -> Option<Self> {
        let scan = part.scan;
        let mut lines: Vec<Line<'a>> = part.findings.iter().map(|finding| present(finding, part)).collect();
        let mut scans = vec![scan.started];
        if let Some(comparison) = scan.comparison.as_deref() {
            scans.extend(comparison.earlier.iter().map(|earlier| earlier.started));
            let is_own = |finding: &&Finding| vendor_of(scan, finding) == vendor;
            let line = |finding: &'a Finding, state, sight| {
                let now = Mark { at: scan.started, sight };
                Line { finding, state, marks: seen(finding).into_iter().chain([now]).collect() }
            };
            let mended = comparison.mended.iter().filter(is_own);
            lines.extend(mended.map(|finding| line(finding, State::Gone, Sight::Gone)));
            let unknown = comparison.not_covered.iter().map(|gone| &gone.finding).filter(is_own);
            lines.extend(unknown.map(|finding| line(finding, State::NotCovered, Sight::NotKnown)));
        }
        scans.sort_unstable();
        for line in &mut lines {
            line.marks.sort_unstable();
            line.marks.dedup();
        }
        let marks = lines.iter().flat_map(|line| &line.marks).map(|mark| mark.at);
        let times: Vec<Timestamp> = marks.chain(scans.iter().copied()).collect();
        let (from, to) = (*times.iter().min()?, *times.iter().max()?);
        (!lines.is_empty()).then_some(Self { from, to, scans, lines })
    }
}

impl Line<'_> {
    /// When it was first and last seen.
    pub(crate) fn seen(&self) -> Option<(Timestamp, Timestamp)> {
        let seen: Vec<Timestamp> =
            self.marks.iter().filter(|mark| mark.sight == Sight::Seen).map(|mark| mark.at).collect();
        Some((*seen.first()?, *seen.last()?))
    }
}

fn present<'a>(finding: &'a Finding, part: &Extract<'a>) -> Line<'a> {
    let mut marks = seen(finding).to_vec();
    let Some(comparison) = part.scan.comparison.as_deref() else {
        let state = if finding.is_accepted() { State::Accepted } else { State::Seen };
        return Line { finding, state, marks };
    };
    let is_this = |fingerprint: &str| fingerprint == finding.fingerprint;
    let still = comparison.still_there.iter().find(|still| is_this(&still.fingerprint)).map(|still| still.since);
    let accepted = comparison.accepted.iter().find(|one| is_this(&one.fingerprint));
    let new = comparison.new.iter().find(|new| is_this(&new.fingerprint));
    let since = still.or_else(|| accepted.and_then(|one| one.since));
    marks.extend(since.map(|at| Mark { at, sight: Sight::Seen }));
    // Of several scans it is not said here which one is of this system.
    if let ([earlier], Some(new)) = (comparison.earlier.as_slice(), new) {
        let sight = if new.unseen_before.is_some() { Sight::NotKnown } else { Sight::Gone };
        marks.push(Mark { at: earlier.started, sight });
    }
    let state = match (accepted, still, new) {
        (Some(_), _, _) => State::Accepted,
        (None, Some(_), _) => State::Still,
        (None, None, Some(new)) if new.unseen_before.is_some() => State::MayBeOld,
        (None, None, Some(_)) => State::New,
        (None, None, None) => State::Seen,
    };
    Line { finding, state, marks }
}

/// When the scan that has it saw it.
fn seen(finding: &Finding) -> [Mark; 2] {
    [finding.first_seen, finding.last_seen].map(|at| Mark { at, sight: Sight::Seen })
}

#[cfg(test)]
mod tests {
    use model::Scan;

    use super::*;
    use crate::sample;

    fn of(scan: &Scan) -> Timeline<'_> {
        let vendor = &scan.vendors[0].id;
        Timeline::of(&Extract::of_vendor(scan, Some(vendor)), Some(vendor)).unwrap()
    }

    #[test]
    fn each_finding_is_a_line_also_those_that_are_gone() {
        let scan = sample::compared();
        let timeline = of(&scan);
        let here = Extract::of_vendor(&scan, Some(&scan.vendors[0].id)).findings.len();
        let states: Vec<State> = timeline.lines.iter().map(|line| line.state).collect();
        assert_eq!(states.iter().filter(|state| **state == State::Gone).count(), 1);
        assert_eq!(states.len(), here + 1, "the one behind a login is another vendor's");
        assert!(states.contains(&State::Still) && timeline.scans.len() == 2);
        for line in &timeline.lines {
            assert!(line.marks.iter().all(|mark| (timeline.from..=timeline.to).contains(&mark.at)));
            assert!(line.marks.is_sorted());
        }
    }

    #[test]
    fn a_time_without_a_scan_has_no_mark() {
        let scan = sample::compared();
        let timeline = of(&scan);
        let (first, last) = (timeline.scans[0], timeline.scans[1]);
        for line in &timeline.lines {
            for mark in line.marks.iter().filter(|mark| mark.sight != Sight::Seen) {
                assert!(mark.at == first || mark.at == last, "{mark:?}");
            }
        }
    }

    #[test]
    fn what_could_not_be_seen_is_not_known() {
        let scan = sample::compared();
        let vendor = &scan.vendors[1].id;
        let timeline = Timeline::of(&Extract::of_vendor(&scan, Some(vendor)), Some(vendor)).unwrap();
        let gone = timeline.lines.iter().find(|line| line.state == State::NotCovered).unwrap();
        assert!(gone.marks.iter().any(|mark| mark.sight == Sight::NotKnown && mark.at == scan.started));
    }

    #[test]
    fn without_findings_there_is_no_timeline() {
        let mut scan = sample::scan();
        scan.findings.clear();
        assert!(Timeline::of(&Extract::whole(&scan), None).is_none());
    }
}
