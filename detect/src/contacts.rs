//! Findings without a number: a recipient that is not on the list, a page's telling address or title, and a value that
//! stands for one person.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::registry::SensitiveContext;
use model::{
    ConsentState, Evidence, Finding, RecipientRecord, Redacted, Rule, Severity, SeverityReason, Standing, SystemId,
    Target, VisitId,
};
use serde::{Deserialize, Serialize};

use crate::fold::{Addressed, Key, circumstances, remedies, roles, states, vendor};
use crate::parties::Parties;
use crate::sensitive::of_page;
use crate::severity::{self, Circumstances};
use crate::teller::Case;

/// A third party that was contacted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Contact {
    /// The system being visited.
    pub system: Option<SystemId>,
    /// Who was contacted.
    pub recipient: RecipientRecord,
    /// In which role, when one is named.
    pub role: Option<String>,
    /// By which host.
    pub host: Redacted,
    /// In which visit, when it was one of the crawler's.
    pub visit: Option<VisitId>,
    /// From which page.
    pub page: Redacted,
    /// When.
    pub time: Timestamp,
    /// The request.
    pub request: Redacted,
    /// TLS version with the host.
    pub tls: Option<String>,
    /// Whether in clear text.
    pub cleartext: bool,
}

impl Contact {
    /// That of a request.
    pub(crate) fn of(case: &Case<'_>, recipient: &RecipientRecord) -> Self {
        let exchange = case.exchange;
        Self {
            system: case.system.clone(),
            recipient: recipient.clone(),
            role: None,
            host: case.to.host.clone(),
            visit: exchange.visit,
            page: case.page.clone().unwrap_or_default(),
            time: exchange.started,
            request: case.request.clone(),
            tls: exchange.connection.server_tls.clone(),
            cleartext: case.to.cleartext,
        }
    }
}

/// A third party that was sent the address or title of a page that tells a sensitive matter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SensitiveContact {
    /// Who, from where and how.
    pub contact: Contact,
    /// What the page tells.
    pub context: SensitiveContext,
}

/// A third party that was sent a value that stands for one person, and that may be a digest under a key.
#[derive(Clone, Debug)]
pub struct PersonToken {
    /// Who, from where and how; of several requests the first.
    pub contact: Contact,
    /// The parameter it stood in, as in a finding.
    pub parameter: Redacted,
    /// In how many requests.
    pub requests: u64,
}

/// Recipients that are not on the list and got no number, as far as was seen; with a registry only.
pub(crate) fn unlisted(
    contacts: &[Contact],
    findings: &[Finding],
    parties: &Parties,
    consents: &BTreeMap<VisitId, ConsentState>,
) -> Vec<Finding> {
    if !parties.has_list() {
        return Vec::new();
    }
    let is_sure = |finding: &&Finding| finding.evidence.is_some_and(|evidence| evidence < Evidence::E4);
    let told: BTreeSet<(&Option<SystemId>, &Redacted)> =
        findings.iter().filter(is_sure).map(|finding| (&finding.system, &finding.recipient.domain)).collect();
    let has_number = |contact: &Contact| told.contains(&(&contact.system, &contact.recipient.domain));
    let is_stranger = |contact: &&Contact| matches!(contact.recipient.standing, Standing::Unlisted | Standing::Unknown);
    let counted = contacts.iter().filter(is_stranger).filter(|contact| !has_number(contact));
    let groups = grouped(counted.map(|contact| (key(Rule::UnlistedRecipient, contact, ""), contact)));
    let finding = |(key, contacts): (Key, Vec<&Contact>)| {
        let consent = states(contacts.iter().map(|contact| contact.visit), consents);
        Some(Finding { consent, ..finding(key, &contacts, parties, severity::of_recipient)? })
    };
    groups.into_iter().filter_map(finding).collect()
}

/// One finding for each recipient and category: the way to mend it, neutral addresses or no third party there, is the
/// same for all pages of the kind. The page told is the first.
pub(crate) fn sensitive(
    contacts: &[SensitiveContact],
    parties: &Parties,
    consents: &BTreeMap<VisitId, ConsentState>,
) -> Vec<Finding> {
    let outside = contacts.iter().filter(|sensitive| sensitive.contact.recipient.standing != Standing::Own);
    let keyed = outside.map(|SensitiveContact { contact, context }| {
        ((key(Rule::SensitiveContextToThirdParty, contact, context.as_str()), *context), contact)
    });
    let finding = |((key, context), contacts): ((Key, SensitiveContext), Vec<&Contact>)| {
        let standing = contacts.first()?.recipient.standing;
        let told = finding(key, &contacts, parties, |worse| severity::of_sensitive(context, standing, worse))?;
        // For the reader alone: the fingerprint is that of all pages of the kind.
        let parameter = word(&told.page, context).map(Redacted::own_words).unwrap_or_default();
        let consent = states(contacts.iter().map(|contact| contact.visit), consents);
        Some(Finding { parameter, consent, ..told })
    };
    grouped(keyed).into_iter().filter_map(finding).collect()
}

/// The word of our own list that the page's address tells `context` by; `None` where a title or an inner address did.
fn word(page: &Redacted, context: SensitiveContext) -> Option<&'static str> {
    let page = Target::parse(page.as_str()).ok()?;
    let routed = page.fragment.as_deref().unwrap_or_default();
    of_page(&format!("{}/{routed}", page.path), "").filter(|told| told.context == context).map(|told| told.word_stem)
}

/// Values that stand for one person: worth knowing, and no more, for each may be a random id as well.
pub(crate) fn tokens(tokens: &[PersonToken], parties: &Parties) -> Vec<Finding> {
    let outside = tokens.iter().filter(|token| token.contact.recipient.standing != Standing::Own);
    let keyed =
        outside.map(|token| (key(Rule::PersonTokenToThirdParty, &token.contact, token.parameter.as_str()), token));
    let finding = |(key, tokens): (Key, Vec<&PersonToken>)| {
        let parameter = tokens.first()?.parameter.clone();
        let requests = tokens.iter().fold(0_u64, |sum, token| sum.saturating_add(token.requests));
        let contacts: Vec<&Contact> = tokens.iter().map(|token| &token.contact).collect();
        let told = finding(key, &contacts, parties, |_| (Severity::Info, vec![SeverityReason::PersonToken]))?;
        Some(Finding { parameter, transmissions: requests, ..told })
    };
    grouped(keyed).into_iter().filter_map(finding).collect()
}

fn key(rule: Rule, contact: &Contact, parameter: &str) -> Key {
    Key {
        rule,
        system: contact.system.clone(),
        channel: None,
        recipient: contact.recipient.domain.clone(),
        page: Redacted::default(),
        parameter: parameter.to_owned(),
    }
}

fn grouped<K: Ord, V>(keyed: impl Iterator<Item = (K, V)>) -> BTreeMap<K, Vec<V>> {
    let mut groups: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, value) in keyed {
        groups.entry(key).or_default().push(value);
    }
    groups
}

/// The finding of `contacts`, all of one recipient in one system.
fn finding(
    key: Key,
    contacts: &[&Contact],
    parties: &Parties,
    severity_of: impl Fn(&Circumstances) -> (Severity, Vec<SeverityReason>),
) -> Option<Finding> {
    let first = *contacts.iter().min_by_key(|contact| contact.time)?;
    let cleartext = contacts.iter().any(|contact| contact.cleartext);
    let (severity, reasons) =
        severity_of(&circumstances(&Addressed::of(first), key.system.as_ref(), cleartext, parties));
    let hosts: BTreeSet<&Redacted> = contacts.iter().map(|contact| &contact.host).collect();
    Some(Finding {
        fingerprint: key.fingerprint(),
        rule: key.rule,
        vendor: vendor(key.system.as_ref(), parties),
        system: key.system,
        channel: None,
        recipient: first.recipient.clone(),
        hosts: hosts.into_iter().cloned().collect(),
        page: first.page.clone(),
        parameter: Redacted::default(),
        evidence: None,
        severity,
        reasons,
        first_seen: first.time,
        last_seen: contacts.iter().map(|contact| contact.time).max().unwrap_or(first.time),
        transmissions: 0,
        undelivered: 0,
        blocked: 0,
        simulated: false,
        persons: 0,
        test_persons: 0,
        trail: Redacted::default(),
        request: first.request.clone(),
        tls: contacts.iter().find_map(|contact| contact.tls.clone()),
        cleartext,
        also_sent: Vec::new(),
        form: None,
        roles: roles(contacts.iter().map(|contact| contact.role.as_deref())),
        // Whoever knows all visits fills it in: values that stand for a person are known by their first request alone.
        consent: Vec::new(),
        initiator: None,
        remedies: remedies(key.rule, first.recipient.standing, cleartext),
        tests: Vec::new(),
        more_tests: 0,
        acceptance: None,
    })
}

impl<'a> Addressed<'a> {
    fn of(contact: &'a Contact) -> Self {
        let recipient = &contact.recipient;
        Self {
            host: &contact.host,
            domain: &recipient.domain,
            product: recipient.product.as_deref(),
            standing: recipient.standing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_that_of_the_matter() {
        #[track_caller]
        fn case(page: &str, context: SensitiveContext, expected: Option<&str>) {
            assert_eq!(word(&Redacted::own_words(page), context), expected, "{page}");
        }
        case("https://www.sundhed.test/sygedagpenge/soeg", SensitiveContext::Health, Some("sygedagpenge"));
        case("https://www.sundhed.test/#/fleksjob", SensitiveContext::Health, Some("fleksjob"));
        case("https://www.sundhed.test/sygedagpenge", SensitiveContext::Crime, None);
        case("https://www.sundhed.test/", SensitiveContext::Health, None);
        case("", SensitiveContext::Health, None);
    }
}
