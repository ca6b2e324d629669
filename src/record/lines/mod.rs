//! Lines of logs, judged on several threads: each judges for itself and counts, and the recorder takes in what they counted,
//! in the order of the log. So the same log comes to the same scan, however many threads there are, and a log of any
//! length takes no more memory: what is beyond a bound is counted and not kept.

mod distinct;
mod kept;
mod long;
mod tally;

use std::collections::{BTreeMap, BTreeSet};

use detect::Notes;
use jiff::Timestamp;
use model::{
    BlindSpot, BlindSpotKind, CprNumber, Evidence, Exchange, Finding, Identity, LogAnswer, LogFinding, LogShared,
    Redacted, Sighting,
};
use serde::{Deserialize, Serialize};

use self::distinct::Distinct;
pub(crate) use self::distinct::PERSONS;
pub(super) use self::kept::News;
pub(crate) use self::kept::{Counted, CountedNow, Grown};
use self::long::LongLine;
pub(crate) use self::tally::Key;
use self::tally::{Shared, Sort, Tally, number_of};
use super::coverage::Gathered;
use super::{BlindSpots, Recorder, Unseen, pairs};

/// Sightings of logs that are listed one by one; they take some 20 MB. The first of each finding is listed in any case.
const MAX_LISTED: usize = 20_000;

/// Tallies of one run: as many findings, with hardly more than one of each.
const MAX_TALLIES: usize = 20_000;

/// Kinds of requests with sightings of several findings; there are hardly more than of findings.
const MAX_SHARED: usize = 20_000;

/// Everything counted so far.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Tallies {
    #[serde(with = "pairs")]
    all: BTreeMap<Key, Tally>,
    /// Requests that count in several of these, by which.
    #[serde(with = "pairs")]
    shared: BTreeMap<Vec<Key>, Shared>,
    /// A line that comes in pieces.
    line: LongLine,
    /// Kept in files of their own.
    #[serde(skip)]
    persons: Distinct,
    /// The first sighting of each tally that was passed over: its slot may bring it back. Kept as they come.
    #[serde(skip)]
    passed_over: BTreeMap<Key, Sighting>,
    /// Whether there are lines of logs among it: then not all need be kept, and the answer is of all.
    has_lines: bool,
    listed: usize,
    unlisted: u64,
    left_out: u64,
    shared_left_out: u64,
}

/// What a thread has judged since it was last asked.
#[derive(Default)]
pub(crate) struct Batch {
    tallies: BTreeMap<Key, Tally>,
    shared: BTreeMap<Vec<Key>, Shared>,
    persons: BTreeSet<(u64, Key)>,
    /// The first of each tally, and more as long as there is room.
    sightings: Vec<(Key, Sighting)>,
    passed_over: Vec<(Key, Sighting)>,
    unlisted: u64,
    notes: Vec<Notes>,
    coverage: BTreeMap<Option<model::SystemId>, Gathered>,
    blind_spots: BlindSpots,
    sure: usize,
}

/// What a recorder has no more room for, so that nobody need bring it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wants {
    /// Sightings beyond the first of each finding.
    pub(crate) sightings: bool,
    /// Digests.
    pub(crate) digests: bool,
}

/// Judges lines for a recorder.
pub(crate) struct LineJudge {
    recorder: Recorder,
    batch: Batch,
    wants: Wants,
}

/// What the exchange of a line does not say of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineSort {
    /// Whether it goes on with a line that was judged before.
    pub(crate) is_continued: bool,
    /// Whether it does not say when: the time of the exchange is that of the run.
    pub(crate) is_untimed: bool,
}

/// What all tallies of one finding come to.
#[derive(Default)]
struct Told {
    tally: Tally,
    evidence: Option<Evidence>,
    persons: u64,
}

impl LineJudge {
    /// Judges what line `exchange.index` of `source` says. `is_robot` tells from a program's name whether it is a citizen's
    /// browser.
    pub(crate) fn line(
        &mut self,
        source: &str,
        exchange: &Exchange,
        line: LineSort,
        is_robot: impl FnOnce(&str) -> bool,
    ) {
        let Self { recorder, batch, wants } = self;
        recorder.inspector.want_digests(wants.digests);
        let inspection = recorder.inspector.inspect(source, exchange, None);
        let mut judged = recorder.judged(exchange, inspection);
        judged.is_new = !line.is_continued;
        recorder.cover(&judged);
        for blind_spot in std::mem::take(&mut judged.blind_spots) {
            recorder.count(blind_spot);
        }
        if !judged.notes.is_empty() {
            batch.notes.push(std::mem::take(&mut judged.notes));
        }
        let told = judged.sightings.into_iter().map(|sighting| (Key::of(&sighting, true), sighting));
        let passed_over = judged.passed_over.into_iter().map(|sighting| (Key::of(&sighting, false), sighting));
        let mut all: Vec<(Key, Sighting)> = told.chain(passed_over).collect();
        if all.is_empty() {
            return;
        }
        let sort = Sort {
            status: exchange.response.as_ref().map(|response| response.status),
            is_untimed: line.is_untimed,
            is_robot: exchange.request.headers.text("user-agent").is_some_and(|agent| is_robot(&agent)),
        };
        // A request is counted once for a finding, with the surest of its sightings.
        all.sort_by_key(|(key, _)| (key.fingerprint, !key.is_told, key.evidence));
        let mut last = None;
        if all.first().map(|(key, _)| key.fingerprint) != all.last().map(|(key, _)| key.fingerprint) {
            batch.share(&all, sort);
        }
        for (key, sighting) in all {
            let is_first = last.replace(key.fingerprint) != Some(key.fingerprint);
            batch.sure += usize::from(key.is_told && key.evidence < Evidence::E4);
            batch.add(key, sighting, sort, is_first, wants.sightings);
        }
    }

    /// What was judged since this was last asked.
    pub(crate) fn take(&mut self, wants: Wants) -> Batch {
        self.wants = wants;
        self.recorder.new_blind_spots.clear();
        Batch {
            coverage: std::mem::take(&mut self.recorder.coverage),
            blind_spots: std::mem::take(&mut self.recorder.blind_spots),
            ..std::mem::take(&mut self.batch)
        }
    }
}

impl Batch {
    /// Sightings surer than E4, for the progress line.
    pub(crate) fn sure(&self) -> usize {
        self.sure
    }

    /// Counts a request with sightings of several findings, which stand in the order of these, the surest of each first.
    fn share(&mut self, all: &[(Key, Sighting)], sort: Sort) {
        let mut keys: Vec<Key> = all.iter().map(|(key, _)| *key).collect();
        keys.dedup_by_key(|key| key.fingerprint);
        if let Some((_, sighting)) = all.first() {
            self.shared.entry(keys).or_default().add(sighting, sort);
        }
    }

    fn add(&mut self, key: Key, sighting: Sighting, sort: Sort, is_first: bool, wants_all: bool) {
        let tally = self.tallies.entry(key).or_default();
        tally.add(&sighting, sort, is_first);
        if let Identity::Person(token) = &sighting.identity {
            self.persons.insert((u64::from_be_bytes(token.bytes()), key));
        }
        let is_new = tally.listed == 0;
        let room = if key.is_told { wants_all && self.sightings.len() < MAX_LISTED } else { false };
        if is_new || room {
            tally.listed += 1;
            if key.is_told { &mut self.sightings } else { &mut self.passed_over }.push((key, sighting));
        } else {
            self.unlisted += u64::from(key.is_told);
        }
    }
}

impl Tallies {
    /// Adds what a thread has counted.
    fn absorb(&mut self, tallies: BTreeMap<Key, Tally>, persons: BTreeSet<(u64, Key)>) {
        for (key, tally) in tallies {
            let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
            let has_room = self.all.len() < MAX_TALLIES;
            match self.all.get_mut(&key) {
                Some(known) => known.absorb(tally),
                None if has_room => {
                    self.all.insert(key, Tally { number, listed: 0, ..tally });
                }
                None => self.left_out += tally.requests,
            }
        }
        for (token, key) in persons {
            if let Some(tally) = self.all.get(&key) {
                self.persons.add(token, tally.number);
            }
        }
    }

    /// Adds requests that several findings have in common.
    fn share(&mut self, shared: BTreeMap<Vec<Key>, Shared>) {
        for (keys, more) in shared {
            let has_room = self.shared.len() < MAX_SHARED;
            match self.shared.get_mut(&keys) {
                Some(known) => known.absorb(more),
                None if has_room => {
                    self.shared.insert(keys, more);
                }
                None => self.shared_left_out += more.requests,
            }
        }
    }

    /// Whether `sighting` of this tally is to be listed; counted if not.
    fn lists(&mut self, key: Key) -> bool {
        let Some(tally) = self.all.get_mut(&key) else { return false };
        if self.has_lines && tally.listed > 0 && self.listed >= MAX_LISTED {
            self.unlisted += 1;
            return false;
        }
        tally.listed += 1;
        self.listed += 1;
        true
    }
}

impl Recorder {
    /// Counts every sighting from now on. What comes before the first line of a log counts as what comes behind it.
    pub(crate) fn counting_all(&mut self) {
        self.tallies.get_or_insert_default();
    }

    /// Lines of logs come: not all of what is counted need be kept.
    pub(crate) fn begin_lines(&mut self) {
        self.tallies.get_or_insert_default().has_lines = true;
    }

    /// What judges lines for this recorder, on a thread of its own.
    pub(crate) fn line_judge(&self) -> LineJudge {
        let recorder = Self::new(self.inspector.another().helping(), self.parties.clone());
        LineJudge { recorder, batch: Batch::default(), wants: self.wants() }
    }

    /// What finds the places in a log that are worth a look.
    pub(crate) fn suspects(&self) -> detect::Suspects {
        self.inspector.suspects()
    }

    /// What there is room for.
    pub(crate) fn wants(&self) -> Wants {
        let sightings = self.tallies.as_ref().is_none_or(|tallies| tallies.listed < MAX_LISTED);
        Wants { sightings, digests: self.inspector.has_room_for_digests() }
    }

    /// Takes in what was judged elsewhere.
    pub(crate) fn absorb(&mut self, batch: Batch) {
        let Batch { tallies, shared, persons, sightings, passed_over, unlisted, notes, coverage, blind_spots, sure: _ } =
            batch;
        let known = self.tallies.get_or_insert_default();
        known.absorb(tallies, persons);
        known.share(shared);
        known.unlisted += unlisted;
        for (key, sighting) in sightings {
            if known.lists(key) {
                self.possible += usize::from(sighting.evidence == Evidence::E4);
                self.sightings.push(sighting);
            }
        }
        for (key, sighting) in passed_over {
            if known.all.contains_key(&key) && !known.passed_over.contains_key(&key) {
                known.passed_over.insert(key, sighting);
                if let Some(news) = &mut self.news {
                    news.passed_over(key);
                }
            }
        }
        for notes in notes {
            // A helper of this process has no words that this does not know.
            match &mut self.news {
                Some(news) => news.notes(self.inspector.recall_news(&notes).unwrap_or_default()),
                None => self.inspector.recall(&notes, &[]).unwrap_or_default(),
            }
        }
        for (system, gathered) in coverage {
            self.coverage.entry(system).or_default().absorb(gathered);
        }
        for ((system, kind, place), Unseen { detail, count, picture }) in blind_spots {
            let has_room = self.has_room_for_blind_spots();
            let place = if has_room { place } else { Redacted::own_words("(further places)") };
            let new = Unseen { detail, count: 0, picture };
            self.blind_spots.entry((system, kind, place)).or_insert(new).count += count;
        }
    }

    /// Takes in what was judged of a piece of a line: requests are counted when all its pieces are there.
    pub(crate) fn absorb_piece(&mut self, mut batch: Batch) {
        let known = self.tallies.get_or_insert_default();
        known.line.take(&mut batch.tallies, &mut batch.shared);
        self.absorb(batch);
    }

    /// The line whose pieces were taken in has ended: it is one request for each finding, with the surest of its sightings.
    pub(crate) fn end_line(&mut self) {
        let Some(tallies) = &mut self.tallies else { return };
        let (counts, shared) = std::mem::take(&mut tallies.line).counts();
        tallies.absorb(counts, BTreeSet::new());
        tallies.share(shared);
    }

    /// Lines that were only looked over belong to `system`: all of them are requests to it.
    pub(crate) fn cover_lines(&mut self, system: Option<model::SystemId>, count: u64) {
        if count > 0 {
            self.coverage.entry(system).or_default().coverage.requests += count;
        }
    }

    /// Counts what was judged here, where all is counted; whether it is to be kept.
    pub(super) fn count_sighting(&mut self, sighting: &Sighting, sort: Option<u16>, is_first: bool) -> bool {
        let Some(tallies) = &mut self.tallies else { return true };
        let key = Key::of(sighting, true);
        let mut tally = Tally::default();
        tally.add(sighting, Sort { status: sort, ..Sort::default() }, is_first);
        let person = match &sighting.identity {
            Identity::Person(token) => Some((u64::from_be_bytes(token.bytes()), key)),
            Identity::Canary(_) => None,
        };
        tallies.absorb([(key, tally)].into(), person.into_iter().collect());
        tallies.lists(key)
    }

    /// Counts the sightings of one exchange that was judged here; those that are to be kept.
    pub(super) fn counted(&mut self, sightings: &[Sighting], status: Option<u16>) -> Vec<Sighting> {
        if self.tallies.is_none() {
            return sightings.to_vec();
        }
        let mut known: BTreeMap<u128, Key> = BTreeMap::new();
        let mut kept = Vec::new();
        for sighting in sightings {
            let key = Key::of(sighting, true);
            let is_first = known.insert(key.fingerprint, key).is_none();
            if self.count_sighting(sighting, status, is_first) {
                kept.push(sighting.clone());
            }
        }
        if let (Some(tallies), Some(first), true) = (&mut self.tallies, sightings.first(), known.len() > 1) {
            let mut shared = Shared::default();
            shared.add(first, Sort { status, ..Sort::default() });
            tallies.share([(known.into_values().collect(), shared)].into());
        }
        kept
    }

    /// What was counted is told as blind spots, as far as it is not listed; and what slots brought back joins the others.
    pub(super) fn settle_tallies(&mut self) {
        let Some(tallies) = self.tallies.as_mut().filter(|tallies| tallies.has_lines) else { return };
        let (unlisted, left_out, shared) = (tallies.unlisted, tallies.left_out, tallies.shared_left_out);
        for (key, mut sighting) in std::mem::take(&mut tallies.passed_over) {
            let settled = self.inspector.settled(key.slot, key.evidence, sighting.form, false);
            if let Some(evidence) = settled {
                sighting.evidence = evidence;
                self.sightings.push(sighting);
            } else {
                self.passed_over.push(sighting);
            }
        }
        if unlisted > 0 {
            let detail = format!("{unlisted} beyond the first {} are counted in their findings", self.sightings.len());
            self.blind_spot(BlindSpot::new(BlindSpotKind::SightingsCounted, "this run", detail));
        }
        if left_out > 0 {
            let detail = format!("requests beyond {MAX_TALLIES} kinds of finding: {left_out}");
            self.blind_spot(BlindSpot::new(BlindSpotKind::SightingsNotListed, "this run", detail));
        }
        if shared > 0 {
            let detail =
                format!("requests of which several findings tell, counted once for each of them in sums: {shared}");
            self.blind_spot(BlindSpot::new(BlindSpotKind::SightingsCounted, "this run", detail));
        }
    }

    /// Requests that several findings have in common, of those that are told; `names` are their fingerprints.
    fn shared(&self, shared: BTreeMap<Vec<Key>, Shared>, names: &BTreeMap<u128, String>) -> Vec<LogShared> {
        let mut by_findings: BTreeMap<Vec<u128>, Shared> = BTreeMap::new();
        for (keys, counted) in shared {
            let settled = |key: &&Key| {
                let form = if key.is_compact { model::WrittenForm::Compact } else { model::WrittenForm::Dashed };
                self.inspector.settled(key.slot, key.evidence, form, key.is_told).is_some()
                    && names.contains_key(&key.fingerprint)
            };
            let findings: Vec<u128> = keys.iter().filter(settled).map(|key| key.fingerprint).collect();
            if findings.len() > 1 {
                by_findings.entry(findings).or_default().absorb(counted);
            }
        }
        let shown = |(findings, counted): (Vec<u128>, Shared)| {
            counted.shown(findings.iter().filter_map(|number| names.get(number).cloned()).collect())
        };
        by_findings.into_iter().map(shown).collect()
    }

    /// Puts what was counted into `findings`, and says the rest; `None` where there is no line of a log.
    pub(super) fn answer(&mut self, findings: &mut [Finding]) -> Option<Box<LogAnswer>> {
        let Tallies { all, shared, persons, .. } = self.tallies.take().filter(|tallies| tallies.has_lines)?;
        let mut told: BTreeMap<u128, Told> = BTreeMap::new();
        // By the tallies' numbers: the finding, and whether it is told for sure.
        let mut finding_of: BTreeMap<u32, (u128, bool)> = BTreeMap::new();
        for (key, tally) in all {
            let form = if key.is_compact { model::WrittenForm::Compact } else { model::WrittenForm::Dashed };
            let Some(evidence) = self.inspector.settled(key.slot, key.evidence, form, key.is_told) else { continue };
            finding_of.insert(tally.number, (key.fingerprint, evidence < Evidence::E4));
            let told = told.entry(key.fingerprint).or_default();
            told.evidence = Some(told.evidence.map_or(evidence, |known| known.min(evidence)));
            told.tally.absorb(tally);
        }
        let mut sure = 0;
        let counted = persons.each(|places| {
            let mut of: Vec<(u128, bool)> = places.iter().filter_map(|place| finding_of.get(place).copied()).collect();
            sure += u64::from(of.iter().any(|(_, is_sure)| *is_sure));
            of.sort_unstable();
            of.dedup_by_key(|(fingerprint, _)| *fingerprint);
            for (fingerprint, _) in of {
                if let Some(told) = told.get_mut(&fingerprint) {
                    told.persons += 1;
                }
            }
        });
        if let Err(error) = counted {
            let detail = format!("persons are told too few: what was put away to count them was lost ({error})");
            self.blind_spot(BlindSpot::new(BlindSpotKind::SightingsNotListed, "this run", detail));
        }
        let names =
            findings.iter().map(|finding| (number_of(&finding.fingerprint), finding.fingerprint.clone())).collect();
        let shared = self.shared(shared, &names);
        let mut answer = LogAnswer { persons: sure, shared, ..LogAnswer::default() };
        for finding in findings {
            if let Some(told) = told.get(&number_of(&finding.fingerprint)) {
                answer.findings.insert(finding.fingerprint.clone(), told.fill(finding));
            }
        }
        Some(Box::new(answer))
    }
}

impl Told {
    /// Puts the numbers into the finding.
    fn fill(&self, finding: &mut Finding) -> LogFinding {
        let Self { tally, evidence: _, persons } = self;
        let (first, last): (Timestamp, Timestamp) = tally.span.unwrap_or((finding.first_seen, finding.last_seen));
        let test_persons: &BTreeSet<CprNumber> = &tally.test_persons;
        finding.transmissions = tally.requests;
        finding.undelivered = tally.undelivered;
        finding.blocked = tally.blocked;
        finding.test_persons = test_persons.len() as u64;
        finding.persons = persons + finding.test_persons;
        (finding.first_seen, finding.last_seen) = (first, last);
        finding.hosts = tally.hosts.iter().cloned().collect();
        finding.also_sent = tally.also_sent.iter().cloned().collect();
        tally.shown()
    }
}
