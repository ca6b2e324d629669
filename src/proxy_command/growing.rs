//! A finding that grows while a session goes on: what it comes to is what the report will fold of the same sightings, at
//! the cost of the new ones alone.

use std::collections::BTreeSet;

use detect::{Parties, Seen, SensitiveContact, fold};
use model::{Finding, Identity, Redacted, Sighting};

use crate::naming_tests::MAX_NAMED;

/// Sightings kept of a finding to fold it from: those that made it worse or told more. A finding has a few ways of being
/// sent, not hundreds; beyond these only its counts grow.
const MAX_KEPT: usize = 100;

/// Hosts, and names of what went along, that are gathered of one finding; a card shows a dozen of each.
const MAX_NAMES: usize = 200;

/// Steps that are told apart of one finding; a session has some tens.
const MAX_STEPS: usize = 1_000;

/// A finding, and what it was folded from.
#[derive(Debug)]
pub(super) struct Growing {
    finding: Finding,
    kept: Vec<Sighting>,
    requests: BTreeSet<u64>,
    undelivered: BTreeSet<u64>,
    blocked: BTreeSet<u64>,
    persons: BTreeSet<Identity>,
    steps: Vec<Redacted>,
}

impl Growing {
    /// Nothing yet but `finding`, folded of its first sighting or contact alone.
    pub(super) fn new(finding: Finding) -> Self {
        let [requests, undelivered, blocked] = [const { BTreeSet::new() }; 3];
        Self { finding, kept: Vec::new(), requests, undelivered, blocked, persons: BTreeSet::new(), steps: Vec::new() }
    }

    /// As it is now.
    pub(super) fn finding(&self) -> &Finding {
        &self.finding
    }

    /// The same, to be named by the steps it was seen in.
    pub(super) fn finding_mut(&mut self) -> &mut Finding {
        &mut self.finding
    }

    /// Grows by `sighting`, of which alone `more` was folded.
    pub(super) fn see(&mut self, sighting: &Sighting, more: &Finding, parties: &Parties) {
        self.requests.insert(sighting.index);
        if sighting.context.undelivered {
            self.undelivered.insert(sighting.index);
        }
        if sighting.blocked {
            self.blocked.insert(sighting.index);
        }
        self.persons.insert(sighting.identity.clone());
        if self.kept.len() < MAX_KEPT && self.tells_more(more) {
            self.kept.push(sighting.clone());
            let seen = Seen { sightings: &self.kept, ..Seen::default() };
            let is_this = |finding: &Finding| finding.fingerprint == self.finding.fingerprint;
            if let Some(folded) = fold(&seen, parties).into_iter().find(is_this) {
                let (tests, more_tests) = (std::mem::take(&mut self.finding.tests), self.finding.more_tests);
                let acceptance = self.finding.acceptance.take();
                self.finding = Finding { tests, more_tests, acceptance, ..folded };
            }
        }
        self.finding.persons = count(self.persons.len());
        let is_test = |identity: &&Identity| matches!(identity, Identity::Canary(_));
        self.finding.test_persons = count(self.persons.iter().filter(is_test).count());
        self.count(more);
    }

    /// It was seen in the step of this title.
    pub(super) fn see_in(&mut self, step: Option<Redacted>) {
        let Some(step) = step.filter(|step| self.steps.len() < MAX_STEPS && !self.steps.contains(step)) else { return };
        // The last one is the one under way.
        self.finding.tests.truncate(MAX_NAMED - 1);
        self.finding.tests.push(step.clone());
        self.steps.push(step);
        self.finding.more_tests = count(self.steps.len().saturating_sub(MAX_NAMED));
    }

    /// Grows by the request of `index`, which carried no number: `more` was folded of it alone.
    pub(super) fn see_contact(&mut self, index: u64, more: &Finding) {
        self.requests.insert(index);
        self.count(more);
    }

    fn count(&mut self, more: &Finding) {
        let finding = &mut self.finding;
        finding.transmissions = count(self.requests.len());
        finding.undelivered = count(self.undelivered.len());
        finding.blocked = count(self.blocked.len());
        finding.first_seen = finding.first_seen.min(more.first_seen);
        finding.last_seen = finding.last_seen.max(more.last_seen);
        join(&mut finding.hosts, &more.hosts);
        join(&mut finding.also_sent, &more.also_sent);
    }

    /// Whether `more` says something of the finding beside how often.
    fn tells_more(&self, more: &Finding) -> bool {
        let known = &self.finding;
        self.kept.is_empty()
            || more.evidence < known.evidence
            || more.severity > known.severity
            || (more.cleartext && !known.cleartext)
            || (known.simulated && !more.simulated)
            || (known.tls.is_none() && more.tls.is_some())
            || (known.recipient.product.is_none() && more.recipient.product.is_some())
            || (known.initiator.is_none() && more.initiator.is_some())
    }
}

/// What a request that told a page's matter comes to, by itself.
pub(super) fn of_contact(contact: &SensitiveContact, parties: &Parties) -> Vec<Finding> {
    fold(&Seen { sensitive: std::slice::from_ref(contact), ..Seen::default() }, parties)
}

/// What a sighting comes to, by itself.
pub(super) fn of_sighting(sighting: &Sighting, parties: &Parties) -> Vec<Finding> {
    fold(&Seen { sightings: std::slice::from_ref(sighting), ..Seen::default() }, parties)
}

fn join(known: &mut Vec<Redacted>, more: &[Redacted]) {
    for name in more {
        if known.len() >= MAX_NAMES {
            return;
        }
        if let Err(at) = known.binary_search(name) {
            known.insert(at, name.clone());
        }
    }
}

fn count(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}
