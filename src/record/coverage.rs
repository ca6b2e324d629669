//! What is counted of each system while exchanges come in.

use std::collections::{BTreeMap, BTreeSet};

use detect::{Contact, SensitiveContact};
use model::registry::SensitiveContext;
use model::{AlteredCanary, Coverage, Evidence, RecipientCoverage, Redacted, Standing, VisitId};
use serde::{Deserialize, Serialize};

use super::taken::Judged;
use super::{Recorder, pairs};

/// Places where a declared number came altered that are listed for one system: a filter shows itself in the first.
const MAX_ALTERED: usize = 200;

/// Pages and recipients for which a telling address is kept, of one system: they fold into one finding for each recipient.
const MAX_SENSITIVE: usize = 10_000;

/// Pages that requests came from that are listed of one system. One beyond is not said to be seen: a comparison then says
/// less, never more.
const MAX_PAGES: usize = 10_000;

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Gathered {
    pub(super) coverage: Coverage,
    /// Pages that requests came from.
    pub(super) pages: BTreeSet<Redacted>,
    pub(super) recipients: BTreeMap<String, RecipientCoverage>,
    /// By recipient and visit: one tells enough.
    #[serde(with = "pairs")]
    pub(super) contacts: BTreeMap<(String, VisitId), Contact>,
    /// By recipient, page, what it tells, and visit.
    #[serde(with = "pairs")]
    pub(super) sensitive: BTreeMap<(String, Redacted, SensitiveContext, Option<VisitId>), SensitiveContact>,
}

impl Gathered {
    /// Adds what was counted elsewhere.
    pub(super) fn absorb(&mut self, other: Self) {
        let Self { coverage, pages, recipients, contacts, sensitive } = other;
        self.coverage.requests += coverage.requests;
        self.coverage.third_party_requests += coverage.third_party_requests;
        self.coverage.browser_own_requests += coverage.browser_own_requests;
        self.coverage.numbers_to_own_bodies += coverage.numbers_to_own_bodies;
        self.coverage.look_alikes += coverage.look_alikes;
        for altered in &coverage.altered {
            self.altered(altered);
        }
        for page in pages {
            if self.pages.len() < MAX_PAGES {
                self.pages.insert(page);
            }
        }
        for (domain, received) in recipients {
            match self.recipients.get_mut(&domain) {
                Some(known) => {
                    known.requests += received.requests;
                    known.with_number += received.with_number;
                    if known.recipient.product.is_none() && received.recipient.product.is_some() {
                        known.recipient = received.recipient;
                    }
                }
                None => {
                    self.recipients.insert(domain, received);
                }
            }
        }
        self.contacts.extend(contacts);
        for (key, told) in sensitive {
            if self.sensitive.len() < MAX_SENSITIVE {
                self.sensitive.entry(key).or_insert(told);
            }
        }
    }

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
    /// Whether anything went to the authority's own sites.
    pub(crate) fn has_seen_own(&self) -> bool {
        self.coverage.values().any(|gathered| {
            let Coverage { requests, third_party_requests, browser_own_requests, .. } = &gathered.coverage;
            *requests > third_party_requests + browser_own_requests
        })
    }

    /// Counts the exchange under its system and recipient.
    pub(super) fn cover(&mut self, judged: &Judged) {
        self.stopped.take(judged);
        let Contact { system, recipient, .. } = &judged.contact;
        let with_number = judged.sightings.iter().any(|sighting| sighting.evidence < Evidence::E4);
        let gathered = self.coverage.entry(system.clone()).or_default();
        gathered.coverage.requests += u64::from(judged.is_new);
        if !judged.contact.page.as_str().is_empty() && gathered.pages.len() < MAX_PAGES {
            gathered.pages.insert(judged.contact.page.clone());
        }
        gathered.coverage.numbers_to_own_bodies += judged.own_body_numbers;
        gathered.coverage.look_alikes += judged.look_alikes;
        for altered in &judged.altered {
            gathered.altered(altered);
        }
        if recipient.standing == Standing::Own {
            return;
        }
        // Who got a number is listed, whoever sent it.
        if judged.is_browsers_own && !with_number {
            gathered.coverage.browser_own_requests += u64::from(judged.is_new);
            return;
        }
        if let Some(sensitive) = &judged.sensitive {
            let key = (recipient.domain.to_string(), judged.contact.page.clone(), sensitive.context, judged.visit);
            if gathered.sensitive.len() < MAX_SENSITIVE {
                gathered.sensitive.entry(key).or_insert_with(|| sensitive.clone());
            }
        }
        gathered.coverage.third_party_requests += u64::from(judged.is_new);
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
        received.requests += u64::from(judged.is_new);
        received.with_number += u64::from(with_number);
        let Some(visit) = judged.visit else { return };
        gathered.contacts.entry((domain, visit)).or_insert_with(|| judged.contact.clone());
    }
}
