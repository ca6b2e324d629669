//! What testers did in a session by hand, in order of time, with the findings of each step. Ready to be laid out.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use model::{Finding, NoteKind, SessionNote};

use crate::inert::Inert;
use crate::lang::Lang;
use crate::summary::Extract;
use crate::texts::session as t;

/// Longest text of a note that a line shows.
const MAX_TEXT: usize = 300;

/// A step, note or pause.
#[derive(Clone, Debug)]
pub(crate) struct Told<'a> {
    /// `04:00:12`, in UTC; with the day where the session had several.
    pub(crate) time: String,
    /// Empty where it concerns all.
    pub(crate) tester: String,
    pub(crate) kind: &'static str,
    /// Whether it is a step in which nothing at all was found.
    pub(crate) is_quiet: bool,
    /// Its number and name, the note, or the site that was chosen.
    pub(crate) text: String,
    /// Those of the part that the report is about.
    pub(crate) findings: Vec<&'a Finding>,
    /// How many more there are.
    pub(crate) more: u64,
}

/// What testers did, with the findings that `part` has; empty where they did nothing but browse.
pub(crate) fn told<'a>(part: &Extract<'a>, lang: Lang) -> Vec<Told<'a>> {
    let findings: BTreeMap<&str, &Finding> =
        part.findings.iter().map(|finding| (finding.fingerprint.as_str(), *finding)).collect();
    let notes = &part.scan.notes;
    let is_one_day = match (notes.first(), notes.last()) {
        (Some(first), Some(last)) => lang.date(first.time) == lang.date(last.time),
        _ => true,
    };
    let one = |note: &'a SessionNote| Told {
        time: time(note, is_one_day),
        tester: note.tester.as_ref().map(|tester| Inert::short(tester.as_str(), MAX_TEXT)).unwrap_or_default(),
        kind: t::kind(note.kind).to(lang),
        is_quiet: note.kind == NoteKind::Step && note.findings.is_empty() && note.more_findings == 0,
        text: match note.kind {
            NoteKind::Step => numbered(note),
            NoteKind::Note | NoteKind::Pause | NoteKind::Resume | NoteKind::FirstParty => {
                Inert::short(note.text.as_str(), MAX_TEXT)
            }
        },
        findings: note.findings.iter().filter_map(|id| findings.get(id.as_str()).copied()).collect(),
        more: note.more_findings,
    };
    notes.iter().map(one).collect()
}

impl Told<'_> {
    /// In one line, without its findings: `04:00:12 anna · step 3: change address`.
    pub(crate) fn line(&self) -> String {
        let tester = if self.tester.is_empty() { String::new() } else { format!("{} · ", self.tester) };
        let text = if self.text.is_empty() { String::new() } else { format!(": {}", self.text) };
        format!("{} {tester}{}{text}", self.time, self.kind)
    }
}

/// The title of a step in `lang`: `anna · trin 3: change address`.
pub(crate) fn step_title(title: &str, lang: Lang) -> String {
    let (tester, step) = title.rsplit_once(" · ").map_or((None, title), |(tester, step)| (Some(tester), step));
    let number = step.strip_prefix("step ").filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    let (Lang::Da, Some(number)) = (lang, number) else { return title.to_owned() };
    tester.map_or_else(|| format!("trin {number}"), |tester| format!("{tester} · trin {number}"))
}

fn time(note: &SessionNote, is_one_day: bool) -> String {
    let form = if is_one_day { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    note.time.to_zoned(TimeZone::UTC).strftime(form).to_string()
}

/// `3: change address`, as a label before it says that it is a step.
fn numbered(note: &SessionNote) -> String {
    let whole = note.title();
    // What a finding names, without the tester, who stands in a place of his own.
    let title = match &note.tester {
        Some(tester) => whole.as_str().strip_prefix(&format!("{tester} · ")).unwrap_or(whole.as_str()),
        None => whole.as_str(),
    };
    Inert::short(title.strip_prefix("step ").unwrap_or(title), MAX_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_step_is_told_with_the_findings_of_the_part() {
        let scan = sample::session();
        let told = told(&Extract::whole(&scan), Lang::En);
        let lines: Vec<String> = told.iter().map(Told::line).collect();
        let expected = [
            "04:00:10 anna · Step: 1: log in",
            "04:01:00 anna · Step: 2: change address",
            "04:01:30 Note: the receipt came late",
            "04:02:00 Paused, nothing recorded from here",
            "04:02:30 Recording resumed",
        ];
        assert_eq!(lines, expected);
        let counts: Vec<usize> = told.iter().map(|told| told.findings.len()).collect();
        assert_eq!(counts, [0, 2, 0, 0, 0]);
        // Of another vendor's part nothing is named.
        let part = Extract::of_vendor(&scan, Some(&scan.vendors[1].id));
        let theirs = super::told(&part, Lang::Da);
        assert!(theirs.iter().all(|told| told.findings.is_empty()));
        assert_eq!(theirs.iter().map(|told| told.is_quiet).collect::<Vec<_>>(), [true, false, false, false, false]);
    }

    #[test]
    fn a_step_is_named_in_the_readers_language() {
        let case = |title: &str| step_title(title, Lang::Da);
        assert_eq!(case("anna · step 2: change address"), "anna · trin 2: change address");
        assert_eq!(case("step 1: log in"), "trin 1: log in");
        assert_eq!(case("step by step"), "step by step");
        assert_eq!(step_title("step 1: log in", Lang::En), "step 1: log in");
    }

    #[test]
    fn without_notes_there_is_nothing_to_tell() {
        assert!(told(&Extract::whole(&sample::scan()), Lang::Da).is_empty());
    }
}
