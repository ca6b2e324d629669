//! The end of a run: what was gathered becomes one [`Scan`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use detect::{Contact, Seen, SensitiveContact, SweepDepth, fingerprint, fold};
use jiff::Timestamp;
use model::{
    Baseline, BlindSpot, BlindSpotKind, BlindSpotRecord, CprNumber, Declared, DeclaredAt, DigestDepth, DigestSweep,
    Picture, Redacted, Registry, Scan, ScanKind, SelfTest, Sighting, System, SystemResult, TestPerson, Tool,
    VendorRecord, Visit,
};
use sha2::{Digest as _, Sha256};

use super::{Recorder, Unseen, VisitRecord, counting, pictures};
use crate::origins;
use crate::roles;
use crate::sweep;
use crate::verdict::verdict;

/// What is said of digests that were not to be tried.
pub(crate) const DIGESTS_OFF: &str = "not tried, as asked for by --digests off";

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
    /// The command that was run.
    pub(crate) command: Option<Redacted>,
    /// What was declared.
    pub(crate) registry: Option<&'a Registry>,
    /// What somebody accepted.
    pub(crate) baseline: Option<Baseline>,
}

/// One thing audited: a declared system, or a bare URL or file.
pub(crate) enum Subject<'a> {
    System(&'a System),
    Undeclared { name: String, base_urls: Vec<String> },
}

impl Recorder {
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
        self.settle_tallies();
        self.sightings.sort_by(|a, b| (&a.source, a.index).cmp(&(&b.source, b.index)));
        self.visits.sort_by_key(|visit| visit.id);
        let (contacts, origins) = (self.telling_contacts(), origins::of(&self.visits));
        let sensitive: Vec<SensitiveContact> =
            self.coverage.values().flat_map(|gathered| gathered.sensitive.values().cloned()).collect();
        let tokens = self.inspector.person_tokens();
        let visits: Vec<Visit> = self.visits.iter().map(VisitRecord::shown).collect();
        self.faults.extend(self.inspector.inspect_forms(&visits));
        let consents = self.passes.answers(&visits);
        let seen = Seen {
            sightings: &self.sightings,
            contacts: &contacts,
            sensitive: &sensitive,
            tokens: &tokens,
            origins: &origins,
            faults: &self.faults,
            visits: &visits,
            consents: &consents,
        };
        let mut findings = fold(&seen, &self.parties);
        let logs = self.answer(&mut findings);
        let typed: BTreeSet<CprNumber> = origins.by_number.keys().map(|(_, number)| *number).collect();
        let typed = assignment.canaries.iter().filter(|person| typed.contains(&person.cpr));
        let persons = assignment.test_persons.iter().chain(typed);
        let mut pictures = BTreeMap::new();
        let blind_spots = self.blind_spot_records(&mut pictures);
        let mut systems = Vec::new();
        for subject in &assignment.subjects {
            systems.push(self.system_result(subject, &findings, &blind_spots));
        }
        let mut scan = Scan {
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
            notes: Vec::new(),
            blind_spots,
            self_test: assignment.self_test,
            digests,
            conditions: assignment.conditions,
            command: assignment.command,
            declared: None,
            baseline: None,
            logs,
            comparison: None,
            pictures,
        };
        scan.declared = assignment.registry.map(|registry| Box::new(Declared::of(registry, &scan)));
        if let Some(baseline) = &assignment.baseline {
            baseline.apply(&mut scan);
        }
        Record { scan, sightings: self.sightings, passed_over: self.passed_over }
    }

    /// Tries numbers on the digests that were seen, and keeps what comes of it.
    fn sweep(&mut self, depth: DigestDepth, stop: &AtomicBool) -> Option<DigestSweep> {
        let (seen, left_out) = self.inspector.digests();
        let sweep = self.inspector.sweep()?;
        let tried = match depth {
            DigestDepth::Off => {
                self.blind_spot(BlindSpot::new(BlindSpotKind::DigestsNotTried, "this run", DIGESTS_OFF));
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
        let mut counted = BTreeSet::new();
        for sighting in self.inspector.undone(&tried.undone) {
            let is_first = counted.insert(request_of(&sighting));
            if self.count_sighting(&sighting, None, is_first) {
                self.keep(sighting);
            }
        }
        Some(DigestSweep { seen, depth, undone })
    }

    /// What the whole run says of single sightings.
    fn settle(&mut self) {
        let settled = self.inspector.settle(std::mem::take(&mut self.sightings));
        // Only where something is brought back, which is rare: there may be many others.
        let told = if settled.brought_back.is_empty() { &[][..] } else { &settled.told };
        let mut counted: BTreeSet<(String, u64, String)> = told.iter().map(request_of).collect();
        for sighting in &settled.brought_back {
            let is_first = counted.insert(request_of(sighting));
            self.count_sighting(sighting, None, is_first);
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

    /// The contacts made on a page with a form, or after one was sent.
    pub(super) fn telling_contacts(&self) -> Vec<Contact> {
        let is_telling =
            |visit: &&VisitRecord| !visit.forms.is_empty() || visit.is_after_form || visit.submitted_from.is_some();
        let telling: BTreeSet<_> = self.visits.iter().filter(is_telling).map(|visit| visit.id).collect();
        self.coverage
            .values()
            .flat_map(|gathered| &gathered.contacts)
            .filter(|((_, visit), _)| telling.contains(visit))
            .map(|(_, contact)| contact.clone())
            .collect()
    }

    /// The blind spots, and into `pictures` those that they name.
    fn blind_spot_records(&self, pictures: &mut BTreeMap<String, Picture>) -> Vec<BlindSpotRecord> {
        let mut records: Vec<BlindSpotRecord> = self
            .blind_spots
            .iter()
            .map(|((system, kind, place), Unseen { detail, count, picture })| BlindSpotRecord {
                system: system.clone(),
                kind: *kind,
                place: place.clone(),
                detail: detail.clone(),
                count: *count,
                picture: picture.as_ref().map(|picture| pictures::name(picture, system.as_ref(), pictures)),
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
        let visits: Vec<&VisitRecord> = self.visits.iter().filter(|visit| visit.system == id).collect();
        counting::count(coverage, &visits, &self.stopped);
        let visited: BTreeSet<&Redacted> = coverage.pages.iter().map(|page| &page.page).collect();
        coverage.pages_seen = gathered.pages.iter().filter(|page| !visited.contains(page)).cloned().collect();
        coverage.steps_failed = counting::steps_failed(blind_spots, id.as_ref());
        coverage.roles = roles::covered(visits.iter().copied(), &self.redactor);
        let verdict = verdict(id.as_ref(), coverage, findings, blind_spots);
        let redacted = |text: &String| Redacted::new(text, &self.redactor);
        let declared_at = match subject {
            Subject::System(system) => system.file.as_ref().map(|file| DeclaredAt {
                file: Redacted::own_words(file),
                line: u64::try_from(system.line).unwrap_or(u64::MAX),
            }),
            Subject::Undeclared { .. } => None,
        };
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
        SystemResult { id, name, vendor, environment, base_urls, declared_at, coverage: gathered.coverage, verdict }
    }
}

/// What a finding counts a sighting as: its request, and the finding.
fn request_of(sighting: &Sighting) -> (String, u64, String) {
    (sighting.source.clone(), sighting.index, fingerprint(sighting))
}

/// Over redacted targets: a hash of a number would be the number.
pub(crate) fn scan_id(started: Timestamp, targets: &[Redacted]) -> String {
    let mut hash = Sha256::new();
    hash.update(started.to_string());
    for target in targets {
        hash.update([0]);
        hash.update(target.as_str());
    }
    data_encoding::HEXLOWER.encode(&hash.finalize()).chars().take(16).collect()
}
