//! A recorder in the midst of recordings, in a form that may be written: what grows, as it comes, and what is counted, as it
//! stands. Told again to another recorder with the same key, it goes on as the first would have.
//!
//! What the detector saw in recordings that are no logs is not in it: those are shown to it again ([`Recorder::remember`]).

use std::collections::BTreeMap;
use std::path::Path;

use detect::{Notes, SightingRecord, UnknownWord};
use model::{Evidence, Exchange, Sighting, SystemId};
use serde::{Deserialize, Serialize};

use super::distinct::{Distinct, KeptPersons};
use super::tally::Key;
use super::{Gathered, Tallies};
use crate::record::{BlindSpots, Recorder, pairs};

/// What of a recorder was not told yet.
#[derive(Default)]
pub(in crate::record) struct News {
    /// How many sightings were told, of each sort.
    sightings: usize,
    passed_over: usize,
    firsts: Vec<Key>,
    notes: Vec<Notes>,
}

/// What a recorder took in since it was asked last. Bounded over a whole scan by what a recorder keeps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Grown {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sightings: Vec<SightingRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    passed_over: Vec<SightingRecord>,
    /// The first of each tally that is passed over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    firsts: Vec<(Key, SightingRecord)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Notes>,
}

/// What a recorder has counted.
#[derive(Serialize)]
pub(crate) struct CountedNow<'a> {
    tallies: &'a Option<Tallies>,
    persons: KeptPersons,
    #[serde(with = "pairs")]
    blind_spots: &'a BlindSpots,
    #[serde(with = "pairs")]
    coverage: &'a BTreeMap<Option<SystemId>, Gathered>,
    sightings_left_out: u64,
    digests_left_out: u64,
}

/// The same, read back.
#[derive(Deserialize)]
pub(crate) struct Counted {
    tallies: Option<Tallies>,
    persons: KeptPersons,
    #[serde(with = "pairs")]
    blind_spots: BlindSpots,
    #[serde(with = "pairs")]
    coverage: BTreeMap<Option<SystemId>, Gathered>,
    sightings_left_out: u64,
    digests_left_out: u64,
}

impl News {
    /// The first of its tally was passed over.
    pub(super) fn passed_over(&mut self, key: Key) {
        self.firsts.push(key);
    }

    /// The detector has learned something.
    pub(super) fn notes(&mut self, notes: Notes) {
        if !notes.is_empty() {
            self.notes.push(notes);
        }
    }
}

impl Grown {
    /// How many digests wait in it to be tried.
    pub(crate) fn digests(&self) -> usize {
        self.notes.iter().map(Notes::digests).sum()
    }
}

impl CountedNow<'_> {
    /// The names of the files that persons are in.
    pub(crate) fn persons(&self) -> &KeptPersons {
        &self.persons
    }
}

impl Recorder {
    /// Remembers from now on what it takes in, for [`Recorder::grown`].
    pub(crate) fn telling_growth(&mut self) {
        self.news.get_or_insert_default();
    }

    /// What was taken in since this was asked last.
    pub(crate) fn grown(&mut self) -> Grown {
        let Some(news) = &mut self.news else { return Grown::default() };
        let News { sightings, passed_over, firsts, notes } = std::mem::take(news);
        let records = |all: &[Sighting], from| all.iter().skip(from).map(SightingRecord::from).collect();
        let known = self.tallies.as_ref().map(|tallies| &tallies.passed_over);
        let first = |key| Some((key, SightingRecord::from(known?.get(&key)?)));
        let grown = Grown {
            sightings: records(&self.sightings, sightings),
            passed_over: records(&self.passed_over, passed_over),
            firsts: firsts.into_iter().filter_map(first).collect(),
            notes,
        };
        (news.sightings, news.passed_over) = (self.sightings.len(), self.passed_over.len());
        grown
    }

    /// What is counted, with persons put into files in `folder`.
    pub(crate) fn counted_now(&mut self, folder: &Path) -> std::io::Result<CountedNow<'_>> {
        let persons = self.tallies.as_mut().map(|tallies| tallies.persons.keep(folder)).transpose()?;
        let Self { tallies, blind_spots, coverage, sightings_left_out, inspector, .. } = self;
        Ok(CountedNow {
            tallies,
            persons: persons.unwrap_or_default(),
            blind_spots,
            coverage,
            sightings_left_out: *sightings_left_out,
            digests_left_out: inspector.digests().1,
        })
    }

    /// Takes in what an earlier run took in, in order.
    pub(crate) fn regrow(&mut self, grown: Grown) -> Result<(), UnknownWord> {
        let Grown { sightings, passed_over, firsts, notes } = grown;
        for sighting in sightings {
            let sighting = Sighting::try_from(sighting)?;
            self.possible += usize::from(sighting.evidence == Evidence::E4);
            self.sightings.push(sighting);
        }
        for sighting in passed_over {
            self.passed_over.push(sighting.try_into()?);
        }
        let known = &mut self.tallies.get_or_insert_default().passed_over;
        for (key, sighting) in firsts {
            known.insert(key, sighting.try_into()?);
        }
        for notes in notes {
            self.inspector.recall(&notes, &[])?;
        }
        Ok(())
    }

    /// Takes over what an earlier run had counted, behind all that it had taken in.
    pub(crate) fn recount(&mut self, counted: Counted, folder: &Path) -> std::io::Result<()> {
        let Counted { tallies, persons, blind_spots, coverage, sightings_left_out, digests_left_out: _ } = counted;
        let before = self.tallies.take();
        self.tallies = tallies;
        if let (Some(tallies), Some(before)) = (&mut self.tallies, before) {
            tallies.passed_over = before.passed_over;
            tallies.persons = Distinct::recall(folder, &persons)?;
        }
        (self.blind_spots, self.coverage) = (blind_spots, coverage);
        self.sightings_left_out = sightings_left_out;
        let (sightings, passed_over) = (self.sightings.len(), self.passed_over.len());
        self.news = Some(News { sightings, passed_over, ..News::default() });
        Ok(())
    }

    /// Shows the detector again what an earlier run has judged: it goes on knowing it, and nothing of it is counted twice.
    pub(crate) fn remember(&mut self, source: &str, exchange: &Exchange) {
        // What comes of it was taken in then.
        let _ = self.inspector.inspect(source, exchange, None);
    }

    /// All was shown again: places of digests that were not kept are as many as then.
    pub(crate) fn remembered(&mut self, digests_left_out: u64) {
        self.inspector.recall_left_out(digests_left_out);
    }
}

impl Counted {
    /// For [`Recorder::remembered`].
    pub(crate) fn digests_left_out(&self) -> u64 {
        self.digests_left_out
    }
}
