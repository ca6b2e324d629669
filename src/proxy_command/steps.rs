//! What testers did beside browsing, as the report tells it: steps, notes and pauses, and the findings of each step.

use std::collections::{BTreeMap, BTreeSet};

use console::{Mark, MarkKind};
use detect::Parties;
use model::{BlindSpot, BlindSpotKind, NoteKind, Redacted, Scan, SessionNote, Sighting};

use crate::naming_tests::{self, Begun, Moment};

/// Notes that a record keeps: a tester makes one a minute.
const MAX_NOTES: usize = 10_000;

/// Findings that a step names; the others are counted.
const MAX_FINDINGS: usize = 100;

/// Sightings whose steps are looked up: all that a recorder keeps.
const MAX_SIGHTINGS: usize = 250_000;

/// Puts `marks` into `scan`, with the findings of each step by its `sightings`, and into each finding its steps.
pub(crate) fn tell(scan: &mut Scan, marks: &[Mark], sightings: &[Sighting], parties: &Parties) {
    let mut notes = notes(marks);
    if notes.len() > MAX_NOTES {
        let more = notes.len() - MAX_NOTES;
        notes.truncate(MAX_NOTES);
        scan.conditions.push(Redacted::own_words(format!("{more} notes beyond the first {MAX_NOTES} are not listed")));
    }
    let steps = Steps::among(&notes);
    if !steps.0.is_empty() {
        let under_way = |moment: Moment<'_>| steps.at(moment).into_iter().collect();
        let seen_in = naming_tests::seen_in(scan, sightings, parties, MAX_SIGHTINGS, under_way);
        // Each title is redacted already.
        naming_tests::name(scan, &seen_in, |title| Redacted::own_words(title));
        let mut of_step: BTreeMap<Begun<'_>, BTreeSet<&str>> = BTreeMap::new();
        for finding in &scan.findings {
            for begun in seen_in.get(&finding.fingerprint).into_iter().flatten() {
                of_step.entry(*begun).or_default().insert(&finding.fingerprint);
            }
        }
        let steps_of_notes = notes.iter_mut().filter(|note| note.kind == NoteKind::Step);
        for (note, step) in steps_of_notes.zip(&steps.0) {
            let Some(findings) = of_step.get(&step.begun()) else { continue };
            note.findings = findings.iter().take(MAX_FINDINGS).map(ToString::to_string).collect();
            note.more_findings = findings.len().saturating_sub(MAX_FINDINGS) as u64;
        }
    }
    scan.notes = notes;
}

/// What is said of a request that passed while recording was paused by `pause`: told once for each, they are counted.
pub(crate) fn not_recorded(pause: &Mark) -> BlindSpot {
    let time = pause.time.strftime("%Y-%m-%dT%H:%M:%SZ");
    let place = match &pause.tester {
        Some(tester) => format!("pause of {tester}, {time}"),
        None => format!("pause, {time}"),
    };
    BlindSpot::new(BlindSpotKind::RecordingPaused, place, "requests passed and were not judged")
}

/// The steps of a session, in order of time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps(Vec<Step>);

/// A step, as findings name it.
#[derive(Clone, Debug)]
struct Step {
    time: jiff::Timestamp,
    tester: Option<Redacted>,
    title: Redacted,
}

impl Step {
    fn of(note: &SessionNote) -> Self {
        Self { time: note.time, tester: note.tester.clone(), title: note.title() }
    }

    fn begun(&self) -> Begun<'_> {
        (self.time, self.title.as_str())
    }

    /// Whether it is a step of `tester`, or of everybody.
    fn is_of(&self, tester: Option<&str>) -> bool {
        self.tester.as_ref().is_none_or(|own| Some(own.as_str()) == tester)
    }
}

impl Steps {
    /// Those among `marks`.
    pub(crate) fn of(marks: &[Mark]) -> Self {
        Self::among(&notes(marks))
    }

    fn among(notes: &[SessionNote]) -> Self {
        Self(notes.iter().filter(|note| note.kind == NoteKind::Step).map(Step::of).collect())
    }

    /// The step that was under way: the last that the tester, or somebody for all, began; when, and its title.
    pub(crate) fn at(&self, moment: Moment<'_>) -> Option<Begun<'_>> {
        let until = self.0.partition_point(|step| step.time <= moment.time);
        let begun = self.0.get(..until).unwrap_or_default();
        begun.iter().rev().find(|step| step.is_of(moment.tester)).map(Step::begun)
    }

    /// The title of the step in which `sighting` was seen.
    pub(crate) fn of_sighting(&self, sighting: &Sighting) -> Option<Redacted> {
        let (_, title) = self.at(naming_tests::moment(sighting))?;
        Some(Redacted::own_words(title))
    }
}

/// The marks that the report has, in order of time. What cleared a page's lists is the page's own.
fn notes(marks: &[Mark]) -> Vec<SessionNote> {
    let mut marks: Vec<&Mark> = marks.iter().collect();
    marks.sort_by_key(|mark| (mark.time, mark.number));
    let mut counts: BTreeMap<(NoteKind, Option<&Redacted>), u64> = BTreeMap::new();
    let mut notes = Vec::new();
    for mark in marks {
        let Some(kind) = kind(mark.kind) else { continue };
        let number = counts.entry((kind, mark.tester.as_ref())).or_default();
        *number += 1;
        notes.push(SessionNote {
            time: mark.time,
            tester: mark.tester.clone(),
            kind,
            number: *number,
            text: mark.text.clone(),
            findings: Vec::new(),
            more_findings: 0,
        });
    }
    notes
}

fn kind(mark: MarkKind) -> Option<NoteKind> {
    match mark {
        MarkKind::Step => Some(NoteKind::Step),
        MarkKind::Note => Some(NoteKind::Note),
        MarkKind::Pause => Some(NoteKind::Pause),
        MarkKind::Resume => Some(NoteKind::Resume),
        MarkKind::FirstParty => Some(NoteKind::FirstParty),
        MarkKind::Clear => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn mark(second: i64, tester: Option<&str>, kind: MarkKind, text: &str) -> Mark {
        let (tester, text) = (tester.map(Redacted::own_words), Redacted::own_words(text));
        Mark { number: u64::try_from(second).unwrap(), time: at(second), tester, kind, text }
    }

    /// Anna's two steps, one for all, one of Bo's.
    fn marks() -> Vec<Mark> {
        vec![
            mark(10, Some("anna"), MarkKind::Step, "log in"),
            mark(20, Some("bo"), MarkKind::Step, "pay"),
            mark(25, None, MarkKind::Clear, ""),
            mark(30, Some("anna"), MarkKind::Step, "change address"),
            mark(40, None, MarkKind::Step, "log out"),
            mark(41, None, MarkKind::Note, "it was slow"),
        ]
    }

    #[track_caller]
    fn case(second: i64, tester: Option<&str>, expected: Option<&str>) {
        let steps = Steps::of(&marks());
        let found = steps.at(Moment { time: at(second), tester });
        assert_eq!(found.map(|(_, title)| title), expected, "{tester:?} at {second}");
    }

    #[test]
    fn a_request_is_in_the_last_step_that_its_tester_began() {
        case(9, Some("anna"), None);
        case(10, Some("anna"), Some("anna · step 1: log in"));
        case(29, Some("anna"), Some("anna · step 1: log in"));
        case(30, Some("anna"), Some("anna · step 2: change address"));
        case(30, Some("bo"), Some("bo · step 1: pay"));
        case(40, Some("bo"), Some("step 1: log out"));
    }

    #[test]
    fn nobodys_request_is_in_no_testers_step() {
        case(30, None, None);
        case(99, None, Some("step 1: log out"));
    }

    #[test]
    fn clearing_a_page_is_no_note() {
        let kinds: Vec<NoteKind> = notes(&marks()).iter().map(|note| note.kind).collect();
        let step = NoteKind::Step;
        assert_eq!(kinds, [step, step, step, step, NoteKind::Note]);
    }

    #[test]
    fn a_pause_is_told_by_whose_it_is_and_when() {
        let spot = not_recorded(&mark(60, Some("anna"), MarkKind::Pause, ""));
        assert_eq!(spot.place, "pause of anna, 1970-01-01T00:01:00Z");
        assert_eq!(not_recorded(&mark(60, None, MarkKind::Pause, "")).place, "pause, 1970-01-01T00:01:00Z");
    }
}
