//! The meeting point: exchanges and visits come in, judged by the detector, and leave as one [`Scan`].
//!
//! It detects nothing itself. Whatever was on the wire passes the redactor here before it is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use detect::{Contact, Inspection, Inspector, PageFault, Parties, Redactor, Seen, SensitiveContact, SweepDepth, fold};
use jiff::Timestamp;
use model::registry::SensitiveContext;
use model::{
    AlteredCanary, BlindSpot, BlindSpotKind, BlindSpotRecord, Coverage, CprNumber, DigestDepth, DigestSweep, Evidence,
    Exchange, RecipientCoverage, Redacted, Scan, ScanKind, SelfTest, Sighting, Standing, System, SystemId,
    SystemResult, TestPerson, Tool, VendorRecord, Visit, VisitId,
};
use sha2::{Digest as _, Sha256};

use crate::consents::Passes;
use crate::coverage::{self, Stopped};
use crate::origins;
use crate::sweep;
use crate::verdict::verdict;

/// Sightings surer than a mere date that are kept; more are told as a blind spot. They take some 200 MB.
const MAX_SURE: usize = 200_000;

/// Sightings of mere dates that are kept. Fewer, so that noise never pushes out what counts.
const MAX_POSSIBLE: usize = 20_000;

/// Blind spots of different kinds and places kept; more are counted under one place.
const MAX_BLIND_SPOTS: usize = 10_000;

/// Places where a declared number came altered that are listed for one system: a filter shows itself in the first.
const MAX_ALTERED: usize = 200;

/// Pages built wrongly that are kept: they fold into one finding for each page template, and a crawl visits fewer.
const MAX_FAULTS: usize = 20_000;

/// Pages and recipients for which a telling address is kept, of one system: they fold into one finding for each recipient.
const MAX_SENSITIVE: usize = 10_000;

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
    stopped: Stopped,
    faults: Vec<PageFault>,
    system_of_visit: BTreeMap<VisitId, Option<SystemId>>,
    current: Option<SystemId>,
    pub(crate) passes: Passes,
}

/// What came of a run.
pub(crate) struct Record {
    pub(crate) scan: Scan,
    /// Every sighting, in a stable order.
    pub(crate) sightings: Vec<Sighting>,
    /// Dates by chance that were not told, for those who ask why; some, when there were very many.
    pub(crate) passed_over: Vec<Sighting>,
}

/// What a run was asked to do, for the record.
pub(crate) struct Assignment<'a> {
    pub(crate) kind: ScanKind,
    pub(crate) targets: Vec<Redacted>,
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) controller: Option<String>,
    pub(crate) vendors: Vec<VendorRecord>,
    pub(crate) subjects: Vec<Subject<'a>>,
    pub(crate) test_persons: &'a [TestPerson],
    /// Made-up persons beside them; those whose number was typed are told.
    pub(crate) canaries: &'a [TestPerson],
    pub(crate) self_test: Option<SelfTest>,
    /// Which numbers are tried on digests, and what ends that early.
    pub(crate) digests: (DigestDepth, Arc<AtomicBool>),
    /// What stood in the whole run that is not as in a citizen's browser.
    pub(crate) conditions: Vec<Redacted>,
}

/// One thing audited: a declared system, or a bare URL or file.
pub(crate) enum Subject<'a> {
    System(&'a System),
    Undeclared { name: String, base_urls: Vec<String> },
}

#[derive(Default)]
struct Gathered {
    coverage: Coverage,
    recipients: BTreeMap<String, RecipientCoverage>,
    /// By recipient and visit: one tells enough.
    contacts: BTreeMap<(String, VisitId), Contact>,
    /// By recipient, page, what it tells, and visit.
    sensitive: BTreeMap<(String, Option<Redacted>, SensitiveContext, Option<VisitId>), SensitiveContact>,
}

impl Gathered {
    /// Counts a declared number that came altered, with others of its kind.
    fn altered(&mut self, altered: &AlteredCanary) {
        let is_same = |known: &&mut AlteredCanary| {
            (&known.domain, &known.parameter, known.kind) == (&altered.domain, &altered.parameter, altered.kind)
        };
        let listed = &mut self.coverage.altered;
        if let Some(known) = listed.iter_mut().find(is_same) {
            known.count += altered.count;
        } else if listed.len() < MAX_ALTERED {
            listed.push(altered.clone());
        }
    }
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
            stopped: Stopped::default(),
            faults: Vec::new(),
            system_of_visit: BTreeMap::new(),
            current: None,
            passes: Passes::default(),
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
        self.stopped.take(exchange);
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

    /// A question for consent was met, called `name`.
    pub(crate) fn banner(&mut self, name: &str) {
        let name = Redacted::new(name, &self.redactor);
        self.passes.met(name);
    }

    /// Judges what the page of `visit` told of itself, and keeps the visit. Its exchanges were judged before.
    pub(crate) fn visit(&mut self, mut visit: Visit) {
        self.passes.saw(&visit);
        let inspection = self.inspector.inspect_page(&visit);
        if let Some(facts) = &mut visit.facts {
            facts.forget();
        }
        for sighting in inspection.sightings {
            self.keep(sighting);
        }
        for blind_spot in inspection.blind_spots {
            self.blind_spot(blind_spot.of_system(visit.system.clone()));
        }
        let room = MAX_FAULTS.saturating_sub(self.faults.len());
        self.faults.extend(inspection.faults.into_iter().take(room));
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

    /// Everything gathered, in a stable order.
    pub(crate) fn finish(mut self, assignment: Assignment<'_>) -> Record {
        if self.sightings_left_out > 0 {
            let kept = self.sightings.len();
            let detail = format!("{} sightings beyond the {kept} that are kept", self.sightings_left_out);
            self.blind_spot(BlindSpot::new(BlindSpotKind::SightingsNotListed, "this run", detail));
        }
        if let Some(self_test) = &assignment.self_test {
            for probe in self_test.probes.iter().filter(|probe| !probe.found) {
                let detail = "the canary sent this way was not found: the run is void";
                self.blind_spot(BlindSpot::new(BlindSpotKind::SelfTestMissed, probe.name.clone(), detail));
            }
        }
        let digests = self.sweep(assignment.digests.0, &assignment.digests.1);
        self.settle();
        self.sightings.sort_by(|a, b| (&a.source, a.index).cmp(&(&b.source, b.index)));
        self.visits.sort_by_key(|visit| visit.id);
        let (contacts, origins) = (self.telling_contacts(), origins::of(&self.visits, &self.redactor));
        let sensitive: Vec<SensitiveContact> =
            self.coverage.values().flat_map(|gathered| gathered.sensitive.values().cloned()).collect();
        let tokens = self.inspector.person_tokens();
        self.faults.extend(self.inspector.inspect_forms(&self.visits));
        let consents = self.passes.answers(&self.visits);
        let seen = Seen {
            sightings: &self.sightings,
            contacts: &contacts,
            sensitive: &sensitive,
            tokens: &tokens,
            origins: &origins,
            faults: &self.faults,
            visits: &self.visits,
            consents: &consents,
        };
        let findings = fold(&seen, &self.parties);
        let typed: BTreeSet<CprNumber> = origins.by_number.keys().map(|(_, number)| *number).collect();
        let typed = assignment.canaries.iter().filter(|person| typed.contains(&person.cpr));
        let persons = assignment.test_persons.iter().chain(typed);
        let blind_spots = self.blind_spot_records();
        let mut systems = Vec::new();
        for subject in &assignment.subjects {
            systems.push(self.system_result(subject, &findings, &blind_spots));
        }
        let scan = Scan {
            version: Scan::VERSION,
            tool: Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            id: scan_id(assignment.started, &assignment.targets),
            kind: assignment.kind,
            targets: assignment.targets,
            started: assignment.started,
            ended: assignment.ended,
            controller: assignment.controller,
            vendors: assignment.vendors,
            systems,
            // Declared test numbers are shown in clear (DESIGN.md, "Numbers are people").
            test_persons: persons.map(|person| (person.id.clone(), person.cpr.reveal())).collect(),
            findings,
            blind_spots,
            self_test: assignment.self_test,
            digests,
            conditions: assignment.conditions,
        };
        Record { scan, sightings: self.sightings, passed_over: self.passed_over }
    }

    /// Tries numbers on the digests that were seen, and keeps what comes of it.
    fn sweep(&mut self, depth: DigestDepth, stop: &AtomicBool) -> Option<DigestSweep> {
        let (seen, left_out) = self.inspector.digests();
        let sweep = self.inspector.sweep()?;
        let tried = match depth {
            DigestDepth::Off => {
                let detail = "not tried, as asked for by --digests off";
                self.blind_spot(BlindSpot::new(BlindSpotKind::DigestsNotTried, "this run", detail));
                return Some(DigestSweep { seen, depth, undone: 0 });
            }
            DigestDepth::Fast => sweep::run(&sweep, SweepDepth::Fast, stop),
            DigestDepth::Full => sweep::run(&sweep, SweepDepth::Full, stop),
        };
        let not_tried = left_out + sweep.left_out() as u64;
        if not_tried > 0 {
            let detail = format!("{not_tried} digests beyond those that are kept");
            self.blind_spot(BlindSpot::new(BlindSpotKind::DigestsNotTried, "this run", detail));
        }
        if !tried.is_finished {
            let detail = "stopped before all numbers were tried";
            self.blind_spot(BlindSpot::new(BlindSpotKind::DigestsNotTried, "this run", detail));
        }
        let undone: BTreeSet<&detect::Digest> = tried.undone.iter().map(|undone| &undone.digest).collect();
        let undone = undone.len() as u64;
        for sighting in self.inspector.undone(&tried.undone) {
            self.keep(sighting);
        }
        Some(DigestSweep { seen, depth, undone })
    }

    /// What the whole run says of single sightings.
    fn settle(&mut self) {
        let settled = self.inspector.settle(std::mem::take(&mut self.sightings));
        for sighting in &settled.brought_back {
            let coverage = &mut self.coverage.entry(sighting.system.clone()).or_default().coverage;
            coverage.look_alikes = coverage.look_alikes.saturating_sub(1);
        }
        for sighting in &settled.dismissed {
            self.coverage.entry(sighting.system.clone()).or_default().coverage.look_alikes += 1;
        }
        let is_back = |sighting: &Sighting| {
            settled.brought_back.iter().any(|back| {
                (&back.source, back.index, &back.trail) == (&sighting.source, sighting.index, &sighting.trail)
            })
        };
        if !settled.brought_back.is_empty() {
            self.passed_over.retain(|sighting| !is_back(sighting));
        }
        self.passed_over.extend(settled.dismissed);
        self.sightings = settled.told;
        self.sightings.extend(settled.brought_back);
    }

    /// Counts the exchange under its system and recipient.
    fn cover(&mut self, exchange: &Exchange, inspection: &Inspection, system: Option<&SystemId>, with_number: bool) {
        let gathered = self.coverage.entry(system.cloned()).or_default();
        let is_new = exchange.continues.is_none();
        gathered.coverage.requests += u64::from(is_new);
        gathered.coverage.numbers_to_own_bodies += inspection.own_body_numbers;
        gathered.coverage.look_alikes += inspection.look_alikes;
        for altered in &inspection.altered {
            gathered.altered(altered);
        }
        let recipient = &inspection.recipient;
        if recipient.standing == Standing::Own {
            return;
        }
        // Who got a number is listed, whoever sent it.
        if inspection.is_browsers_own && !with_number {
            gathered.coverage.browser_own_requests += u64::from(is_new);
            return;
        }
        let contact = || Contact {
            system: system.cloned(),
            recipient: recipient.clone(),
            host: inspection.host.clone(),
            visit: exchange.visit,
            page: inspection.page.clone().unwrap_or_default(),
            time: exchange.started,
            request: inspection.request.clone(),
            tls: exchange.connection.server_tls.clone(),
            cleartext: exchange.request.target.scheme.is_cleartext(),
        };
        if let Some(context) = inspection.sensitive {
            let key = (recipient.domain.to_string(), inspection.page.clone(), context, exchange.visit);
            if gathered.sensitive.len() < MAX_SENSITIVE {
                gathered.sensitive.entry(key).or_insert_with(|| SensitiveContact { contact: contact(), context });
            }
        }
        gathered.coverage.third_party_requests += u64::from(is_new);
        let domain = recipient.domain.to_string();
        let received = gathered.recipients.entry(domain.clone()).or_insert_with(|| RecipientCoverage {
            recipient: recipient.clone(),
            requests: 0,
            with_number: 0,
        });
        // The first request to a host need not be one that tells what runs there.
        if received.recipient.product.is_none() && recipient.product.is_some() {
            received.recipient = recipient.clone();
        }
        received.requests += u64::from(is_new);
        received.with_number += u64::from(with_number);
        let Some(visit) = exchange.visit else { return };
        gathered.contacts.entry((domain, visit)).or_insert_with(contact);
    }

    /// The contacts made on a page with a form, or after one was sent.
    fn telling_contacts(&self) -> Vec<Contact> {
        let mut telling = BTreeSet::new();
        let mut signed_in = BTreeSet::new();
        for visit in &self.visits {
            if visit.submitted_from.is_some() {
                signed_in.insert(visit.system.clone());
            }
            if !visit.forms.is_empty() || signed_in.contains(&visit.system) {
                telling.insert(visit.id);
            }
        }
        self.coverage
            .values()
            .flat_map(|gathered| &gathered.contacts)
            .filter(|((_, visit), _)| telling.contains(visit))
            .map(|(_, contact)| contact.clone())
            .collect()
    }

    fn blind_spot_records(&self) -> Vec<BlindSpotRecord> {
        let mut records: Vec<BlindSpotRecord> = self
            .blind_spots
            .iter()
            .map(|((system, kind, place), (detail, count))| BlindSpotRecord {
                system: system.clone(),
                kind: *kind,
                place: place.clone(),
                detail: detail.clone(),
                count: *count,
            })
            .collect();
        records.sort_by(|a, b| (a.kind, &a.system, &a.place).cmp(&(b.kind, &b.system, &b.place)));
        records
    }

    fn system_result(
        &mut self,
        subject: &Subject<'_>,
        findings: &[model::Finding],
        blind_spots: &[BlindSpotRecord],
    ) -> SystemResult {
        let id = match subject {
            Subject::System(system) => Some(system.id.clone()),
            Subject::Undeclared { .. } => None,
        };
        let mut gathered = self.coverage.remove(&id).unwrap_or_default();
        let coverage = &mut gathered.coverage;
        coverage.consent_states = self.passes.of(id.as_ref());
        coverage.recipients = std::mem::take(&mut gathered.recipients).into_values().collect();
        let visits: Vec<&Visit> = self.visits.iter().filter(|visit| visit.system == id).collect();
        coverage::count(coverage, &visits, &self.stopped, &self.redactor);
        coverage.steps_failed = coverage::steps_failed(blind_spots, id.as_ref());
        let verdict = verdict(id.as_ref(), coverage, findings, blind_spots);
        let redacted = |text: &String| Redacted::new(text, &self.redactor);
        let (name, vendor, environment, base_urls) = match subject {
            Subject::System(system) => (
                Redacted::own_words(&system.name),
                Some(system.vendor.clone()),
                Some(system.environment),
                system.base_urls.iter().map(|url| redacted(&url.to_string())).collect(),
            ),
            Subject::Undeclared { name, base_urls } => {
                (redacted(name), None, None, base_urls.iter().map(redacted).collect())
            }
        };
        SystemResult { id, name, vendor, environment, base_urls, coverage: gathered.coverage, verdict }
    }

    /// A place as shown: a URL loses its query and the variable parts of its path.
    fn place(&self, place: &str) -> Redacted {
        if place.contains("://") { self.redactor.page(place) } else { Redacted::new(place, &self.redactor) }
    }
}

/// Over redacted targets: a hash of a number would be the number.
fn scan_id(started: Timestamp, targets: &[Redacted]) -> String {
    let mut hash = Sha256::new();
    hash.update(started.to_string());
    for target in targets {
        hash.update([0]);
        hash.update(target.as_str());
    }
    data_encoding::HEXLOWER.encode(&hash.finalize()).chars().take(16).collect()
}
