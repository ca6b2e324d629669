//! Findings about how pages are built: a page and the place in it that one repair mends.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::{Evidence, Finding, FormOfOrigin, Identity, RecipientRecord, Redacted, Rule, SystemId};
use serde::{Deserialize, Serialize};

use crate::fold::{Addressed, Key, circumstances, context_of, remedies, roles, vendor};
use crate::parties::Parties;
use crate::severity;

/// What is wrong with a page of the system's own, as it was seen in one visit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PageFault {
    pub(crate) rule: Rule,
    pub(crate) system: Option<SystemId>,
    /// In which role it was seen.
    pub(crate) role: Option<String>,
    /// The system itself: nobody else need have got anything.
    pub(crate) recipient: RecipientRecord,
    pub(crate) host: Redacted,
    pub(crate) request: Redacted,
    pub(crate) page: Redacted,
    /// The place to mend, of redacted names.
    pub(crate) parameter: String,
    /// The form that it is about.
    pub(crate) form: Option<FormOfOrigin>,
    pub(crate) time: Timestamp,
    pub(crate) tls: Option<String>,
    /// Whether what is typed there goes in clear text.
    pub(crate) cleartext: bool,
    /// The numbers on the page, where it is about these.
    pub(crate) numbers: Vec<(Identity, Evidence)>,
}

/// One finding for each rule, page and place.
pub(crate) fn findings(faults: &[PageFault], parties: &Parties) -> Vec<Finding> {
    let mut groups: BTreeMap<Key, Vec<&PageFault>> = BTreeMap::new();
    for fault in faults {
        groups.entry(key(fault)).or_default().push(fault);
    }
    groups.into_iter().filter_map(|(key, faults)| finding(key, &faults, parties)).collect()
}

fn key(fault: &PageFault) -> Key {
    Key {
        rule: fault.rule,
        system: fault.system.clone(),
        channel: None,
        recipient: fault.recipient.domain.clone(),
        page: fault.page.clone(),
        parameter: fault.parameter.clone(),
    }
}

fn finding(key: Key, faults: &[&PageFault], parties: &Parties) -> Option<Finding> {
    let first = *faults.iter().min_by_key(|fault| fault.time)?;
    let cleartext = faults.iter().any(|fault| fault.cleartext);
    let to = Addressed {
        host: &first.host,
        domain: &first.recipient.domain,
        product: None,
        standing: first.recipient.standing,
    };
    let mut worse = circumstances(&to, key.system.as_ref(), cleartext, parties);
    worse.context = worse.context.or_else(|| context_of(&key.page));
    let numbers = || faults.iter().flat_map(|fault| &fault.numbers);
    let evidence = numbers().map(|(_, evidence)| *evidence).min();
    let persons: BTreeSet<&Identity> = numbers().map(|(identity, _)| identity).collect();
    let (severity, reasons) = severity::of_page(key.rule, &worse);
    let hosts: BTreeSet<&Redacted> = faults.iter().map(|fault| &fault.host).collect();
    Some(Finding {
        fingerprint: key.fingerprint(),
        rule: key.rule,
        vendor: vendor(key.system.as_ref(), parties),
        system: key.system,
        channel: None,
        recipient: first.recipient.clone(),
        hosts: hosts.into_iter().cloned().collect(),
        page: key.page,
        parameter: Redacted::own_words(key.parameter),
        evidence,
        severity,
        reasons,
        first_seen: first.time,
        last_seen: faults.iter().map(|fault| fault.time).max().unwrap_or(first.time),
        transmissions: if evidence.is_some() { faults.len() as u64 } else { 0 },
        undelivered: 0,
        blocked: 0,
        simulated: false,
        persons: persons.len() as u64,
        test_persons: persons.iter().filter(|identity| matches!(identity, Identity::Canary(_))).count() as u64,
        trail: Redacted::default(),
        request: first.request.clone(),
        tls: faults.iter().find_map(|fault| fault.tls.clone()),
        cleartext,
        also_sent: Vec::new(),
        form: first.form.clone(),
        roles: roles(faults.iter().map(|fault| fault.role.as_deref())),
        // How a page is built does not hang on an answer.
        consent: Vec::new(),
        initiator: None,
        remedies: remedies(key.rule, first.recipient.standing, cleartext),
        tests: Vec::new(),
        more_tests: 0,
        acceptance: None,
    })
}
