//! What is counted of each system while exchanges come in.

use std::collections::BTreeMap;

use detect::{Contact, Inspection, SensitiveContact};
use model::registry::SensitiveContext;
use model::{AlteredCanary, Coverage, Exchange, RecipientCoverage, Redacted, Standing, SystemId, VisitId};

use super::Recorder;

/// Places where a declared number came altered that are listed for one system: a filter shows itself in the first.
const MAX_ALTERED: usize = 200;

/// Pages and recipients for which a telling address is kept, of one system: they fold into one finding for each recipient.
const MAX_SENSITIVE: usize = 10_000;

#[derive(Default)]
pub(super) struct Gathered {
    pub(super) coverage: Coverage,
    pub(super) recipients: BTreeMap<String, RecipientCoverage>,
    /// By recipient and visit: one tells enough.
    pub(super) contacts: BTreeMap<(String, VisitId), Contact>,
    /// By recipient, page and what it tells.
    pub(super) sensitive: BTreeMap<(String, Option<Redacted>, SensitiveContext), SensitiveContact>,
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
    /// Counts the exchange under its system and recipient.
    pub(super) fn cover(
        &mut self,
        exchange: &Exchange,
        inspection: &Inspection,
        system: Option<&SystemId>,
        with_number: bool,
    ) {
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
            page: inspection.page.clone().unwrap_or_default(),
            time: exchange.started,
            request: inspection.request.clone(),
            tls: exchange.connection.server_tls.clone(),
            cleartext: exchange.request.target.scheme.is_cleartext(),
        };
        if let Some(context) = inspection.sensitive {
            let key = (recipient.domain.to_string(), inspection.page.clone(), context);
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
        received.requests += u64::from(is_new);
        received.with_number += u64::from(with_number);
        let Some(visit) = exchange.visit else { return };
        gathered.contacts.entry((domain, visit)).or_insert_with(contact);
    }
}
