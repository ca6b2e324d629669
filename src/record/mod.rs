//! The meeting point: exchanges and visits come in, judged by the detector, and leave as one [`Scan`].
//!
//! It detects nothing itself. Whatever was on the wire passes the redactor here before it is kept.

mod coverage;
mod finish;

use std::collections::{BTreeMap, BTreeSet};

use detect::{Inspector, Parties, Redactor};
use model::{
    BlindSpot, BlindSpotKind, BlindSpotRecord, Evidence, Exchange, Redacted, Sighting, SystemId, Visit, VisitId,
};

use self::coverage::Gathered;
pub(crate) use self::finish::{Assignment, Record, Subject};

/// Sightings surer than a mere date that are kept; more are told as a blind spot. They take some 200 MB.
const MAX_SURE: usize = 200_000;

/// Sightings of mere dates that are kept. Fewer, so that noise never pushes out what counts.
const MAX_POSSIBLE: usize = 20_000;

/// Blind spots of different kinds and places kept; more are counted under one place.
const MAX_BLIND_SPOTS: usize = 10_000;

/// Gathers what a run sees.
pub(crate) struct Recorder {
    inspector: Inspector,
    redactor: Redactor,
    parties: Parties,
    sightings: Vec<Sighting>,
    possible: usize,
    passed_over: Vec<Sighting>,
    sightings_left_out: u64,
    blind_spots: BTreeMap<(Option<SystemId>, BlindSpotKind, Redacted), (Redacted, u64)>,
    /// Those of the above that nobody has asked for yet.
    new_blind_spots: Vec<BlindSpotRecord>,
    coverage: BTreeMap<Option<SystemId>, Gathered>,
    visits: Vec<Visit>,
    system_of_visit: BTreeMap<VisitId, Option<SystemId>>,
    current: Option<SystemId>,
}

impl Recorder {
    pub(crate) fn new(inspector: Inspector, parties: Parties) -> Self {
        Self {
            redactor: inspector.redactor(),
            inspector,
            parties,
            sightings: Vec::new(),
            possible: 0,
            passed_over: Vec::new(),
            sightings_left_out: 0,
            blind_spots: BTreeMap::new(),
            new_blind_spots: Vec::new(),
            coverage: BTreeMap::new(),
            visits: Vec::new(),
            system_of_visit: BTreeMap::new(),
            current: None,
        }
    }

    pub(crate) fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }

    /// Visits not seen before belong to `system` from now on.
    pub(crate) fn begin_system(&mut self, system: Option<SystemId>) {
        self.current = system;
    }

    /// The systems that exchanges belonged to so far; `None` among them for what belongs to no declared one.
    pub(crate) fn systems_seen(&self) -> BTreeSet<Option<SystemId>> {
        self.coverage.keys().cloned().collect()
    }

    /// What was found so far.
    pub(crate) fn sightings(&self) -> &[Sighting] {
        &self.sightings
    }

    /// Judges an exchange. Returns how many sightings surer than E4 it held, for the progress line.
    pub(crate) fn exchange(&mut self, source: &str, exchange: &Exchange) -> usize {
        let known = exchange
            .visit
            .and_then(|visit| self.system_of_visit.entry(visit).or_insert_with(|| self.current.clone()).clone());
        let inspection = self.inspector.inspect(source, exchange, known.as_ref());
        let system = inspection.system.clone();
        for blind_spot in exchange.blind_spots.iter().chain(&inspection.blind_spots) {
            let system = blind_spot.system.clone().or_else(|| system.clone());
            self.blind_spot(blind_spot.clone().of_system(system));
        }
        let sure = inspection.sightings.iter().filter(|sighting| sighting.evidence < Evidence::E4).count();
        self.cover(exchange, &inspection, system.as_ref(), sure > 0);
        for sighting in inspection.sightings {
            self.keep(sighting);
        }
        let room = MAX_POSSIBLE.saturating_sub(self.passed_over.len());
        self.passed_over.extend(inspection.passed_over.into_iter().take(room));
        sure
    }

    fn keep(&mut self, sighting: Sighting) {
        let is_possible = sighting.evidence == Evidence::E4;
        let kept = if is_possible { self.possible } else { self.sightings.len() - self.possible };
        if kept >= if is_possible { MAX_POSSIBLE } else { MAX_SURE } {
            self.sightings_left_out += 1;
            return;
        }
        self.possible += usize::from(is_possible);
        self.sightings.push(sighting);
    }

    pub(crate) fn visit(&mut self, visit: Visit) {
        self.visits.push(visit);
    }

    /// Keeps a blind spot, redacted; equal ones are counted.
    pub(crate) fn blind_spot(&mut self, blind_spot: BlindSpot) {
        let BlindSpot { kind, place, detail, visit, system } = blind_spot;
        let system = system.or_else(|| visit.and_then(|visit| self.system_of_visit.get(&visit).cloned()).flatten());
        let place = if self.blind_spots.len() < MAX_BLIND_SPOTS {
            self.place(&place)
        } else {
            Redacted::own_words("(further places)")
        };
        let detail = Redacted::new(&detail, &self.redactor);
        let known = self.blind_spots.entry((system.clone(), kind, place.clone())).or_insert((detail.clone(), 0));
        known.1 += 1;
        if known.1 == 1 {
            self.new_blind_spots.push(BlindSpotRecord { system, kind, place, detail, count: 1 });
        }
    }

    /// The blind spots of a kind and place not seen before, since the last time this was asked.
    pub(crate) fn take_new_blind_spots(&mut self) -> Vec<BlindSpotRecord> {
        std::mem::take(&mut self.new_blind_spots)
    }

    /// A place as shown: a URL loses its query and the variable parts of its path.
    fn place(&self, place: &str) -> Redacted {
        if place.contains("://") { self.redactor.page(place) } else { Redacted::new(place, &self.redactor) }
    }
}
