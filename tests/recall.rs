//! How much of the truth about the recordings is found: the numbers declared, and not. `--nocapture` prints it as tables.
//!
//! `tests/recordings/README.md` tells where the truth comes from. What is known to be missed is listed here, strictly:
//! another miss fails, and so does one that is found after all.

mod kit;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jiff::civil::{Date, date};
use kit::recorded::{Judge, PLANTED, Row, Told, best, counted, folder, own, recordings, rows};
use model::{CprNumber, Evidence, Sighting, WrittenForm};

/// The tables of truth: what others got, and what the site itself got in URLs, `Referer` and cookies.
const TABLES: [&str; 2] = ["expected.tsv", "expected-firstparty.tsv"];

/// Of the rows of what others got, how many in a hundred are found of numbers that nobody declared.
const GOAL_UNDECLARED: usize = 97;

/// A miss: file, request, number.
type Miss = (&'static str, u64, &'static str);

/// Missed although declared: nothing.
const MISSED_DECLARED: &[Miss] = &[];

/// Missed when nobody declared them: nine digits of a JSON number whose name says nothing are any number.
const MISSED_UNDECLARED: &[Miss] = &[("formats-a.query.har", 29, "0101901234")];

/// Named, dashed or with a check digit that fits, and yet told as no more than a possible number: none.
const UNSURE: &[Miss] = &[];

/// In no row of the truth, and there all the same: the user id in a cookie, as base64 behind a mark of the vendor's.
const BEYOND_THE_TRUTH: &[(&str, &str)] = &[("rudderstack.leak.har", "1502779995")];

/// What is told of all recordings together.
struct Reading {
    judge: Judge,
    sightings: Vec<Sighting>,
    best: BTreeMap<Told, Evidence>,
}

/// How many of some rows are found.
#[derive(Clone, Copy, Default)]
struct Score {
    found: usize,
    all: usize,
}

#[test]
fn every_declared_number_is_found_where_it_went() {
    let reading = Reading::of(today(), true);
    let mut missed = BTreeSet::new();
    for table in TABLES {
        let rows = rows(table);
        println!("\n{table}, numbers declared\n{}", by_layers(&rows, reading));
        missed.extend(reading.missed(&rows));
    }
    assert!(reading.best.values().all(|evidence| *evidence == Evidence::E1), "a declared number is certain");
    assert_listed("MISSED_DECLARED", &missed, MISSED_DECLARED);
}

#[test]
fn nearly_every_undeclared_number_is_found() {
    let reading = Reading::of(today(), false);
    let mut missed = BTreeSet::new();
    for table in TABLES {
        let rows = rows(table);
        println!("\n{table}, nothing declared\n{}{}", by_layers(&rows, reading), by_evidence(&rows, reading));
        missed.extend(reading.missed(&rows));
    }
    let score = reading.score(&rows("expected.tsv"));
    assert!(score.found * 100 >= score.all * GOAL_UNDECLARED, "{score}");
    assert_listed("MISSED_DECLARED and MISSED_UNDECLARED", &missed, &[MISSED_DECLARED, MISSED_UNDECLARED].concat());
}

#[test]
fn a_name_a_dash_or_a_check_digit_makes_an_undeclared_number_probable() {
    let reading = Reading::of(today(), false);
    let mut unsure = BTreeSet::new();
    for row in TABLES.iter().flat_map(|table| rows(table)) {
        let number: CprNumber = row.number.parse().unwrap();
        let found = reading.best.get(&row.told()).copied();
        if (row.is_named() || number.passes_mod11()) && found.is_some_and(|evidence| evidence > Evidence::E3) {
            unsure.insert(row.told());
        }
    }
    let dashed = reading.sightings.iter().filter(|sighting| sighting.form == WrittenForm::Dashed);
    unsure.extend(dashed.filter(|sighting| sighting.evidence > Evidence::E3).filter_map(|one| reading.judge.told(one)));
    assert_listed("UNSURE", &unsure, UNSURE);
}

#[test]
fn nothing_is_told_of_what_is_no_number() {
    // Masked, a birth date alone, and longer runs of digits: requests that the truth says hold nothing.
    for declares in [true, false] {
        let reading = Reading::of(today(), declares);
        let expected: BTreeSet<Told> = TABLES.iter().flat_map(|table| rows(table)).map(|row| row.told()).collect();
        for told in reading.best.keys() {
            let known = (told.file.as_str(), told.number.as_str());
            assert!(expected.contains(told) || BEYOND_THE_TRUTH.contains(&known), "{told:?} is in no row of the truth");
        }
    }
}

fn today() -> Date {
    date(2026, 11, 22)
}

impl Reading {
    /// What is told with the planted numbers declared, or not: read once for all tests, since trying all numbers on the
    /// digests takes its time.
    fn of(today: Date, declares: bool) -> &'static Self {
        static READINGS: [OnceLock<Reading>; 2] = [OnceLock::new(), OnceLock::new()];
        let [undeclared, declared] = &READINGS;
        let reading = if declares { declared } else { undeclared };
        reading.get_or_init(|| Self::read(today, declares))
    }

    fn read(today: Date, declares: bool) -> Self {
        let mut judge = Judge::new(&own(), today, declares);
        let mut sightings = Vec::new();
        for (file, recording) in recordings(&folder()) {
            assert!(recording.blind_spots.is_empty(), "{file}: {:?}", recording.blind_spots);
            sightings.extend(judge.sightings(&file, &recording));
        }
        sightings.extend(judge.undone());
        let best = best(&judge, &sightings);
        Self { judge, sightings, best }
    }

    fn score(&self, rows: &[Row]) -> Score {
        let mut score = Score::default();
        for row in rows {
            score.count(self.best.contains_key(&row.told()));
        }
        score
    }

    fn missed(&self, rows: &[Row]) -> BTreeSet<Told> {
        rows.iter().map(Row::told).filter(|told| !self.best.contains_key(told)).collect()
    }

    /// How many occurrences are told as such: a request often holds a number several times.
    fn occurrences(&self, rows: &[Row]) -> Score {
        let mut expected: BTreeMap<Told, usize> = BTreeMap::new();
        for row in rows {
            *expected.entry(row.told()).or_default() += 1;
        }
        let counts = counted(&self.judge, &self.sightings);
        let found = expected.iter().map(|(told, all)| counts.get(told).copied().unwrap_or(0).min(*all)).sum();
        Score { found, all: rows.len() }
    }
}

impl Score {
    fn count(&mut self, is_found: bool) {
        self.found += usize::from(is_found);
        self.all += 1;
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.found, self.all)
    }
}

fn by_layers(rows: &[Row], reading: &Reading) -> String {
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for row in rows {
        scores.entry(&row.layers).or_default().count(reading.best.contains_key(&row.told()));
    }
    let mut lines: Vec<String> =
        scores.iter().map(|(layers, score)| format!("{:>9}  {layers}\n", score.to_string())).collect();
    lines.push(format!("{:>9}  all rows\n", reading.score(rows).to_string()));
    lines.push(format!("{:>9}  counting each occurrence in a request\n", reading.occurrences(rows).to_string()));
    lines.concat()
}

fn by_evidence(rows: &[Row], reading: &Reading) -> String {
    let mut counts: BTreeMap<Evidence, usize> = BTreeMap::new();
    for evidence in rows.iter().filter_map(|row| reading.best.get(&row.told())) {
        *counts.entry(*evidence).or_default() += 1;
    }
    let lines: Vec<String> = counts.iter().map(|(evidence, count)| format!("{count:>9}  {evidence}\n")).collect();
    lines.concat()
}

/// Asserts that `missed` are those listed, no more and no less.
#[track_caller]
#[expect(clippy::print_stdout, reason = "for the log of the tests")]
fn assert_listed(name: &str, missed: &BTreeSet<Told>, listed: &[Miss]) {
    let missed: BTreeSet<(&str, u64, &str)> =
        missed.iter().map(|told| (told.file.as_str(), told.request, told.number.as_str())).collect();
    let listed: BTreeSet<Miss> = listed.iter().copied().collect();
    let expected = rows("expected.tsv");
    for (file, request, number) in &missed {
        let is_of = |row: &&Row| row.file == *file && row.request == *request && row.number == *number;
        for row in expected.iter().filter(is_of) {
            println!("{name}: {file} {request} {}: {}", row.place, row.layers);
        }
    }
    assert!(listed.iter().all(|(_, _, number)| PLANTED.contains(number)), "{name} lists another number");
    let lines: Vec<String> = missed.iter().map(|miss| format!("    {miss:?},\n")).collect();
    assert!(missed == listed, "{name} is not what is listed; now it is:\n{}", lines.concat());
}
