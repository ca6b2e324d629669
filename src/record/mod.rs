//! The meeting point: exchanges and visits come in, judged by the detector, and leave as one [`model::Scan`].
//!
//! It detects nothing itself. Whatever was on the wire passes the redactor here before it is kept.

mod counting;
mod coverage;
mod finish;
mod lines;
mod pairs;
mod pictures;
mod redacting;
mod rows;
mod taken;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use detect::{Inspector, PageFault, Parties, Redactor, UnknownWord};
use model::{
    BlindSpot, BlindSpotKind, BlindSpotRecord, ConsentState, Evidence, Exchange, Picture, Redacted, Sighting, SystemId,
    Visit, VisitId,
};
use serde::{Deserialize, Serialize};

use self::counting::Stopped;
use self::coverage::Gathered;
pub(crate) use self::finish::{Assignment, DIGESTS_OFF, Record, Subject, scan_id};
pub(crate) use self::lines::{Batch, Counted, CountedNow, Grown, LineJudge, LineSort, PERSONS, Wants};
use self::lines::{News, Tallies};
use self::pictures::MAX_PICTURES;
#[cfg(test)]
pub(crate) use self::redacting::noted_for_tests;
use self::rows::Rows;
use self::taken::{Banner, Visited};
pub(crate) use self::taken::{FieldRecord, FormRecord, Judged, Noted, Taken, VisitRecord};
use crate::consents::Passes;

/// Sightings surer than a mere date that are kept; more are told as a blind spot. They take some 200 MB.
const MAX_SURE: usize = 200_000;

/// Sightings of mere dates that are kept. Fewer, so that noise never pushes out what counts.
const MAX_POSSIBLE: usize = 20_000;

/// Blind spots of different kinds and places kept; more are counted under one place.
const MAX_BLIND_SPOTS: usize = 10_000;

/// Bytes of what is said of one file: below what reports show in Danish.
const MAX_DETAIL: usize = 1_500;

/// Pages built wrongly that are kept: they fold into one finding for each page template, and a crawl visits fewer.
const MAX_FAULTS: usize = 20_000;

/// What is known of blind spots of one kind at one place.
#[derive(Serialize, Deserialize)]
struct Unseen {
    /// More about the first.
    detail: Redacted,
    count: u64,
    /// The first that there is.
    picture: Option<Picture>,
}

/// Blind spots by system, kind and place.
type BlindSpots = BTreeMap<(Option<SystemId>, BlindSpotKind, Redacted), Unseen>;

/// Gathers what a run sees.
pub(crate) struct Recorder {
    inspector: Inspector,
    redactor: Redactor,
    parties: Parties,
    sightings: Vec<Sighting>,
    possible: usize,
    passed_over: Vec<Sighting>,
    sightings_left_out: u64,
    /// Where all are counted, so that not all need be kept: in logs.
    tallies: Option<Tallies>,
    /// What was taken in and not yet told to the journal of a scan; `None` where there is none.
    news: Option<News>,
    blind_spots: BlindSpots,
    /// Those of the above that nobody has asked for yet.
    new_blind_spots: Vec<BlindSpotRecord>,
    coverage: BTreeMap<Option<SystemId>, Gathered>,
    visits: Vec<VisitRecord>,
    /// Systems of which a form led on.
    led_on: BTreeSet<Option<SystemId>>,
    stopped: Stopped,
    faults: Vec<PageFault>,
    system_of_visit: BTreeMap<VisitId, Option<SystemId>>,
    current: Option<SystemId>,
    role: Option<String>,
    passes: Passes,
    /// What was taken in and not yet told to a journal; `None` when there is none.
    untold: Option<Vec<Taken>>,
    /// Makes a row of each exchange taken in; `None` when nobody lists them.
    rows: Option<Rows>,
    /// Exchanges of this run are counted from here, after those recalled.
    first_index: u64,
    last_visit: Option<VisitId>,
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
            tallies: None,
            news: None,
            blind_spots: BTreeMap::new(),
            new_blind_spots: Vec::new(),
            coverage: BTreeMap::new(),
            visits: Vec::new(),
            led_on: BTreeSet::new(),
            stopped: Stopped::default(),
            faults: Vec::new(),
            system_of_visit: BTreeMap::new(),
            current: None,
            role: None,
            passes: Passes::default(),
            untold: None,
            rows: None,
            first_index: 0,
            last_visit: None,
        }
    }

    /// A crawl begins, in tabs of its own.
    pub(crate) fn begin_crawl(&mut self) {
        self.inspector.begin_crawl();
    }

    pub(crate) fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }

    /// Visits not seen before belong to `system` from now on.
    pub(crate) fn begin_system(&mut self, system: Option<SystemId>) {
        self.current = system;
    }

    /// What is seen from now on is seen in `role`.
    pub(crate) fn begin_role(&mut self, role: Option<String>) {
        self.role = role;
    }

    /// Visits from now on belong to a pass through `system`, which `has_met` a question for consent in an earlier run.
    pub(crate) fn begin_pass(&mut self, system: Option<SystemId>, state: ConsentState, has_met: bool) {
        self.passes.begin(system, state, has_met);
    }

    /// A question for consent was met, called `name`.
    pub(crate) fn banner(&mut self, name: &str) {
        let Some(pass) = self.passes.current() else { return };
        let (system, name) = (self.current.clone(), Redacted::new(name, &self.redactor));
        self.take(Taken::Banner(Banner { system, pass, name }));
    }

    /// Whether a question for consent was met in the pass at hand.
    pub(crate) fn has_met_banner(&self) -> bool {
        self.passes.has_met()
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
        let exchange = self.counted_on(exchange);
        let inspection = self.inspector.inspect(source, &exchange, known.as_ref());
        let judged = self.judged(&exchange, inspection);
        let sure = judged.sightings.iter().filter(|sighting| sighting.evidence < Evidence::E4).count();
        self.take(Taken::Exchange(Box::new(judged)));
        sure
    }

    /// The exchange, counted on from those of an earlier run.
    fn counted_on<'a>(&self, exchange: &'a Exchange) -> Cow<'a, Exchange> {
        if self.first_index == 0 {
            return Cow::Borrowed(exchange);
        }
        Cow::Owned(Exchange { index: exchange.index.saturating_add(self.first_index), ..exchange.clone() })
    }

    /// Tells from now on all that is taken in, for a journal.
    pub(crate) fn taking_notes(mut self) -> Self {
        self.inspector = self.inspector.taking_notes();
        self.untold = Some(Vec::new());
        self
    }

    /// Makes a row of each exchange from now on, for who lists them.
    pub(crate) fn listing(mut self) -> Self {
        self.rows = Some(Rows::new(&self.redactor));
        self
    }

    /// What was taken in since the last time this was asked, if notes are taken.
    pub(crate) fn take_untold(&mut self) -> Vec<Taken> {
        self.untold.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The same of what belongs to `visits`, and of questions for consent, which belong to a pass.
    pub(crate) fn take_untold_of(&mut self, visits: &BTreeSet<VisitId>) -> Vec<Taken> {
        let Some(untold) = &mut self.untold else { return Vec::new() };
        let is_due =
            |taken: &mut Taken| taken.is_banner() || taken.visit().is_some_and(|visit| visits.contains(&visit));
        untold.extract_if(.., is_due).collect()
    }

    /// Takes in what an earlier run took, from its journal.
    pub(crate) fn recall(&mut self, taken: &Taken) -> Result<(), UnknownWord> {
        match taken {
            Taken::Exchange(judged) => {
                self.inspector.recall(&judged.notes, &judged.passed_over)?;
                self.first_index = self.first_index.max(judged.index.saturating_add(1));
                self.last_visit = self.last_visit.max(judged.visit);
            }
            Taken::Visit(visited) => {
                self.inspector.recall_page(&visited.sightings);
                self.last_visit = self.last_visit.max(Some(visited.record.id));
            }
            Taken::BlindSpot(_) | Taken::Banner(_) => {}
        }
        self.apply(taken);
        Ok(())
    }

    /// The latest visit that was recalled: new ones are counted from there.
    pub(crate) fn last_visit(&self) -> Option<VisitId> {
        self.last_visit
    }

    fn take(&mut self, taken: Taken) {
        self.apply(&taken);
        if let Some(untold) = &mut self.untold {
            untold.push(taken);
        }
    }

    /// What is gathered grows by `taken`, whether it was seen just now or is recalled.
    fn apply(&mut self, taken: &Taken) {
        let judged = match taken {
            Taken::Exchange(judged) => judged,
            Taken::Visit(visited) => return self.apply_visit(visited),
            Taken::BlindSpot(noted) => return self.count(noted.clone()),
            Taken::Banner(Banner { system, pass, name }) => {
                return self.passes.met(system.clone(), *pass, name.clone());
            }
        };
        self.cover(judged);
        let Judged { sightings, passed_over, blind_spots, status, .. } = &**judged;
        for blind_spot in blind_spots {
            self.count(blind_spot.clone());
        }
        for sighting in self.counted(sightings, *status) {
            self.keep(sighting);
        }
        let room = MAX_POSSIBLE.saturating_sub(self.passed_over.len());
        self.passed_over.extend(passed_over.iter().take(room).cloned());
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

    /// Judges what the page of `visit` told of itself, and keeps the visit. Its exchanges were judged before.
    pub(crate) fn visit(&mut self, visit: &Visit) {
        let inspection = self.inspector.inspect_page(visit);
        let visited = self.visited(visit, inspection);
        self.take(Taken::Visit(Box::new(visited)));
    }

    fn apply_visit(&mut self, visited: &Visited) {
        let Visited { record, sightings, faults, blind_spots } = visited;
        for sighting in sightings {
            self.keep(sighting.clone());
        }
        for blind_spot in blind_spots {
            self.count(blind_spot.clone());
        }
        let room = MAX_FAULTS.saturating_sub(self.faults.len());
        self.faults.extend(faults.iter().take(room).cloned());
        if let Some(pass) = record.pass {
            self.passes.saw(record.system.clone(), pass, record.consent);
        }
        if record.submitted_from.is_some() {
            self.led_on.insert(record.system.clone());
        }
        self.visits.push(record.clone());
    }

    /// Keeps a blind spot, redacted; equal ones are counted.
    pub(crate) fn blind_spot(&mut self, blind_spot: BlindSpot) {
        let noted = self.noted(blind_spot);
        self.take(Taken::BlindSpot(noted));
    }

    /// Keeps a blind spot of this run that is no news to a journal: who goes on once more tells it again.
    pub(crate) fn recalled_blind_spot(&mut self, blind_spot: BlindSpot) {
        let noted = self.noted(blind_spot);
        self.count(noted);
    }

    /// What is said of one place is said once, with the words of the first time; different things about one file are all said.
    fn count(&mut self, noted: Noted) {
        let Noted { visit: _, system, kind, place, detail, picture } = noted;
        let has_room = self.has_room_for_blind_spots();
        let place = if has_room { place } else { Redacted::own_words("(further places)") };
        let kept = |known: &&Unseen| known.picture.is_some();
        let has_room_for_it = picture.is_none() || self.blind_spots.values().filter(kept).count() < MAX_PICTURES;
        let key = (system.clone(), kind, place.clone());
        let known = self.blind_spots.entry(key).or_insert(Unseen { detail: detail.clone(), count: 0, picture: None });
        known.count += 1;
        let has_room_for_more = has_room && known.detail.as_str().len() + detail.as_str().len() < MAX_DETAIL;
        if kind == BlindSpotKind::InputBroken && has_room_for_more && !known.detail.as_str().contains(detail.as_str()) {
            known.detail = Redacted::own_words(format!("{}; {detail}", known.detail));
        }
        if known.picture.is_none() && picture.is_some() {
            if has_room_for_it {
                known.picture = picture;
            } else {
                let why = format!("no more than {MAX_PICTURES} are kept");
                known.detail = Redacted::own_words(format!("{}; no picture of it: {why}", known.detail));
            }
        }
        if known.count == 1 {
            let detail = known.detail.clone();
            self.new_blind_spots.push(BlindSpotRecord { system, kind, place, detail, count: 1, picture: None });
        }
    }

    fn has_room_for_blind_spots(&self) -> bool {
        self.blind_spots.len() < MAX_BLIND_SPOTS
    }

    /// The blind spots of a kind and place not seen before, since the last time this was asked.
    pub(crate) fn take_new_blind_spots(&mut self) -> Vec<BlindSpotRecord> {
        std::mem::take(&mut self.new_blind_spots)
    }
}
