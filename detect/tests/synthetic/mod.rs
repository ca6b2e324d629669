//! Traffic made up by a seeded generator: every place that can hold a number, under every encoding and written form. What
//! is found of it, by us and by plain patterns, is the table of `docs/recall.md`.
//!
//! `UPDATE_DOCS=1 cargo test -p detect synthetic` writes the table anew.

mod encodings;
mod lookalikes;
mod numbers;
mod patterns;
mod places;
mod table;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use detect::{Inspector, Parties, Setup, SweepDepth};
use jiff::civil::Date;
use model::{Evidence, Exchange, Identity, Sighting, TestPerson};

use self::encodings::{ENCODINGS, FORMS, Payload};
use self::numbers::{Sample, samples};
use self::patterns::{Patterns, raw};
use self::places::{BODIES, RAW_PLACES, TEXT_PLACES};
use self::table::{Alarms, Row, render};
use crate::kit::{self, KEY, OWN, With as _};

/// A name and how to make an exchange of a text.
type Place = (&'static str, fn(&str) -> Exchange);

/// The tools that are compared.
struct Tools {
    declared: Inspector,
    undeclared: Inspector,
    patterns: Patterns,
}

/// Whether a number was found: declared; undeclared, and surer than possible; by the pattern, with its date, and with the
/// check digit. The columns of the table.
type Outcome = [bool; 6];

/// One request looked into.
struct Look {
    /// Whom the number stands for, when nobody declared it.
    person: Identity,
    outcome: Outcome,
}

#[test]
fn what_is_found_of_made_up_traffic_is_what_the_table_says() {
    let samples = samples();
    let mut tools = Tools::new(&samples);
    let mut encodings: Vec<Row> = ENCODINGS.iter().map(|(name, _)| Row::new(name)).collect();
    let mut forms: Vec<Row> = FORMS.iter().map(|(name, _)| Row::new(name)).collect();
    let mut places: Vec<Row> = TEXT_PLACES.iter().map(|(name, _)| Row::new(name)).collect();
    let mut looks: Vec<(usize, Look)> = Vec::new();
    for (row, (_, encode)) in ENCODINGS.iter().enumerate() {
        for (at, sample) in samples.iter().enumerate() {
            let written = if at % 2 == 0 { sample.dashed() } else { sample.compact() };
            for (_, exchange) in exchanges(&encode(&written)) {
                let exchange = exchange.at(looks.len() as u64);
                looks.push((row, tools.look(sample, &exchange)));
            }
        }
    }
    for sighting in tools.sweep() {
        let (_, look) = &mut looks[usize::try_from(sighting.index).unwrap()];
        look.count(&sighting);
    }
    for (row, look) in looks {
        encodings[row].count(look.outcome);
    }
    for (row, (_, write)) in forms.iter_mut().zip(FORMS) {
        for sample in &samples {
            for (place, exchange) in exchanges(&write(sample)) {
                let outcome = tools.look(sample, &exchange).outcome;
                row.count(outcome);
                if let Some(row) = places.iter_mut().find(|row| row.name == place) {
                    row.count(outcome);
                }
            }
        }
    }
    let alarms: [Alarms; 2] = lookalikes::days().map(|day| lookalikes::alarms(day, &tools.patterns));
    let found = render(&encodings, &forms, &places, &alarms);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/recall.md");
    if is_update() {
        write(&path, &found);
    }
    assert_eq!(read(&path), found, "docs/recall.md is not what is found now: run with UPDATE_DOCS=1, and read it");
}

/// A payload in every place that can hold it.
fn exchanges(payload: &Payload) -> Vec<(&'static str, Exchange)> {
    match payload {
        Payload::Text(text) => TEXT_PLACES.iter().map(|(name, place)| (*name, place(text))).collect(),
        Payload::Raw(text) => RAW_PLACES.iter().map(|(name, place)| (*name, place(text))).collect(),
        Payload::Body(bytes, headers) => BODIES.iter().map(|(name, place)| (*name, place(bytes, headers))).collect(),
    }
}

impl Tools {
    fn new(samples: &[Sample]) -> Self {
        let person = |sample: &Sample| TestPerson { id: "made-up".to_owned(), cpr: sample.number, scope: Vec::new() };
        Self {
            declared: inspector(samples.iter().map(person).collect(), numbers::grown_up()),
            undeclared: inspector(Vec::new(), numbers::grown_up()),
            patterns: Patterns::new(),
        }
    }

    fn look(&mut self, sample: &Sample, exchange: &Exchange) -> Look {
        let canary = Identity::Canary(sample.number);
        let declared = self.declared.inspect("made-up", exchange, None).sightings;
        // What the number is called when undeclared is asked of the detector itself.
        let plain = kit::get(&format!("https://maaling.test/?cpr={}", sample.dashed()));
        let person = self.undeclared.inspect("asked", &plain, None).sightings.remove(0).identity;
        let undeclared = self.undeclared.inspect("made-up", exchange, None).sightings;
        let hits = self.patterns.hits(&raw(exchange), numbers::grown_up());
        let of = |hits: &[String]| hits.contains(&sample.compact());
        let declared = declared.iter().any(|sighting| sighting.identity == canary);
        let outcome = [declared, false, false, of(&hits.all), of(&hits.dated), of(&hits.checked)];
        let mut look = Look { person, outcome };
        for sighting in &undeclared {
            look.count(sighting);
        }
        look
    }

    /// What trying all numbers against the digests of all requests brings to light.
    fn sweep(&mut self) -> Vec<Sighting> {
        let result = self.undeclared.sweep().unwrap().run(SweepDepth::Full, 0, 1, &AtomicBool::new(false));
        self.undeclared.undone(&result.undone)
    }
}

impl Look {
    /// Counts a sighting in its request, when it is of the number that was planted.
    fn count(&mut self, sighting: &Sighting) {
        if sighting.identity == self.person {
            let [_, is_told, is_probable, ..] = &mut self.outcome;
            *is_told = true;
            *is_probable |= sighting.evidence <= Evidence::E3;
        }
    }
}

fn inspector(test_persons: Vec<TestPerson>, today: Date) -> Inspector {
    Inspector::new(Setup { test_persons, key: KEY, today, parties: Parties::first_party(kit::sites(&[OWN])) })
}

#[expect(clippy::disallowed_methods, reason = "the detector asks for no variables; its tests do")]
fn is_update() -> bool {
    std::env::var("UPDATE_DOCS").is_ok()
}

#[expect(clippy::disallowed_methods, reason = "the detector writes no files; its tests do")]
fn write(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "the detector reads no files; its tests do")]
fn read(path: &std::path::Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
