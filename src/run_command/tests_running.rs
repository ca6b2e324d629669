//! Which test was running: what hooks in the test runners wrote, and the findings that name the tests they were seen in.
//!
//! A line is `{"at": RFC 3339, "event": "begin" or "end", "title": ".."}`. Test runners work on several tests at once, so
//! a finding names all that ran at the moment.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use detect::{Parties, Redactor};
use jiff::{SignedDuration, Timestamp};
use model::{Redacted, Scan, Sighting};
use serde::Deserialize;

use crate::naming_tests::{self, Begun, Moment};

/// Most read of the file: a hundred bytes for each of tens of thousands of tests.
const MAX_BYTES: u64 = 16 << 20;

/// Tests that are remembered.
const MAX_TESTS: usize = 50_000;

/// Longest title.
const MAX_TITLE: usize = 300;

/// Sightings that are looked up; there are as many in a finding as there were requests, and the first ones tell enough.
const MAX_SIGHTINGS: usize = 5_000;

/// What a test set off may be on its way still when the test is over.
const AFTERWARDS: SignedDuration = SignedDuration::from_secs(2);

#[derive(Deserialize)]
struct Line {
    at: Timestamp,
    event: Event,
    title: String,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Event {
    Begin,
    End,
}

/// A test, from its beginning to its end.
struct Ran {
    begun: Timestamp,
    /// `None` while it runs.
    ended: Option<Timestamp>,
    title: String,
}

/// The tests of a run.
#[derive(Default)]
pub(crate) struct Tests {
    ran: Vec<Ran>,
    /// Lines that are none, and tests beyond those that are remembered.
    unread: u64,
}

impl Tests {
    /// Those told in the file at `path`.
    pub(crate) fn read(path: &Path) -> Self {
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        // Without the file there are no titles, and findings tell the time.
        if read.is_err() {
            return Self::default();
        }
        let mut tests = Self::of(&bytes);
        tests.unread += u64::from(bytes.len() as u64 > MAX_BYTES);
        tests
    }

    fn of(bytes: &[u8]) -> Self {
        let mut tests = Self::default();
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        for line in lines {
            match serde_json::from_slice::<Line>(line) {
                Ok(line) => tests.take(&line),
                Err(_) => tests.unread += 1,
            }
        }
        tests
    }

    fn take(&mut self, line: &Line) {
        let title: String = line.title.chars().filter(|c| !c.is_control()).take(MAX_TITLE).collect();
        match line.event {
            Event::Begin if self.ran.len() >= MAX_TESTS => self.unread += 1,
            Event::Begin => self.ran.push(Ran { begun: line.at, ended: None, title }),
            Event::End => {
                let open = self.ran.iter_mut().rev().find(|ran| ran.ended.is_none() && ran.title == title);
                if let Some(open) = open {
                    open.ended = Some(line.at);
                }
            }
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.ran.len()
    }

    /// How much of the file was not read.
    pub(crate) fn unread(&self) -> u64 {
        self.unread
    }

    /// Writes into the findings of `scan` which tests ran when its `sightings` were seen.
    pub(crate) fn name(&self, scan: &mut Scan, sightings: &[Sighting], parties: &Parties, redactor: &Redactor) {
        if self.ran.is_empty() {
            return;
        }
        let under_way = |moment: Moment<'_>| self.at(moment.time);
        let seen_in = naming_tests::seen_in(scan, sightings, parties, MAX_SIGHTINGS, under_way);
        naming_tests::name(scan, &seen_in, |title| Redacted::new(title, redactor));
    }

    /// The tests that ran at this time, in the order in which they began.
    fn at(&self, time: Timestamp) -> Vec<Begun<'_>> {
        let during = |ran: &&Ran| ran.begun <= time && ran.ended.is_none_or(|ended| time <= ended);
        let mut found: BTreeSet<Begun<'_>> = self.ran.iter().filter(during).map(Ran::begun).collect();
        if found.is_empty() {
            let last = self.ran.iter().filter(|ran| ran.ended.is_some_and(|ended| ended < time));
            let last = last
                .max_by_key(|ran| ran.ended)
                .filter(|ran| ran.ended.is_some_and(|ended| time.duration_since(ended) <= AFTERWARDS));
            found.extend(last.map(Ran::begun));
        }
        found.into_iter().collect()
    }
}

impl Ran {
    fn begun(&self) -> Begun<'_> {
        (self.begun, &self.title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"at":"2026-11-22T04:00:00Z","event":"begin","title":"a.spec › logs in"}
{"at":"2026-11-22T04:00:02.5Z","event":"begin","title":"b.spec › pays"}
no line of ours
{"at":"2026-11-22T04:00:03Z","event":"end","title":"a.spec › logs in"}
{"at":"2026-11-22T04:00:04+00:00","event":"end","title":"b.spec › pays"}
"#;

    #[track_caller]
    fn case(seconds: &[&str], expected: &[&str]) {
        let tests = Tests::of(FILE.as_bytes());
        let at = |second| tests.at(format!("2026-11-22T04:00:{second}Z").parse().unwrap());
        let found: BTreeSet<Begun<'_>> = seconds.iter().flat_map(at).collect();
        assert_eq!(found.into_iter().map(|(_, title)| title).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_test_is_named_from_its_beginning_to_its_end() {
        case(&["01"], &["a.spec › logs in"]);
        case(&["02.7"], &["a.spec › logs in", "b.spec › pays"]);
        case(&["03.5"], &["b.spec › pays"]);
        case(&["01", "03.5"], &["a.spec › logs in", "b.spec › pays"]);
    }

    #[test]
    fn what_comes_just_after_a_test_is_of_it_and_later_of_none() {
        case(&["05"], &["b.spec › pays"]);
        case(&["07"], &[]);
    }

    #[test]
    fn what_is_no_line_is_counted() {
        let tests = Tests::of(FILE.as_bytes());
        assert_eq!((tests.count(), tests.unread()), (2, 1));
    }

    #[test]
    fn a_title_steers_no_terminal() {
        let tests = Tests::of(br#"{"at":"2026-11-22T04:00:00Z","event":"begin","title":"a\u001b[31m"}"#);
        assert_eq!(tests.ran[0].title, "a[31m");
    }
}
