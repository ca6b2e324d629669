//! Sightings folded into findings: what one repair removes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::{
    Channel, Evidence, Finding, FormOfOrigin, Identity, MASKED, RecipientRecord, Redacted, Remedy, Rule, Sighting,
    Standing, SystemId, VendorId, VisitId,
};
use sha2::{Digest as _, Sha256};

use crate::parties::Parties;
use crate::severity::{self, Circumstances};

/// What stands for a number in the name of a place, as in pages.
const NUMBER: &str = "{cpr}";

/// A third party contacted on a page with a form or behind a login.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The system being visited.
    pub system: Option<SystemId>,
    /// Who was contacted.
    pub recipient: RecipientRecord,
    /// By which host.
    pub host: Redacted,
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

/// What sightings must share to be one finding: exactly what the fingerprint is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rule: Rule,
    system: Option<SystemId>,
    channel: Option<Channel>,
    recipient: Redacted,
    page: Redacted,
    parameter: String,
}

/// The sightings of one finding.
struct Group<'a> {
    first: &'a Sighting,
    sightings: Vec<&'a Sighting>,
}

/// Folds the sightings of a run, in their order, into findings, the worst first. With a registry, a recipient that is not on
/// the list and was contacted where it matters is a finding even when it got no number.
pub fn fold(
    sightings: &[Sighting],
    contacts: &[Contact],
    origins: &BTreeMap<VisitId, FormOfOrigin>,
    parties: &Parties,
) -> Vec<Finding> {
    let mut groups: BTreeMap<Key, Group<'_>> = BTreeMap::new();
    for sighting in sightings {
        let group = groups.entry(key(sighting)).or_insert_with(|| Group { first: sighting, sightings: Vec::new() });
        group.sightings.push(sighting);
    }
    let mut findings: Vec<Finding> =
        groups.into_iter().map(|(key, group)| group.finding(key, origins, parties)).collect();
    findings.extend(unlisted(contacts, &findings, parties));
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| order(a).cmp(&order(b))));
    findings
}

/// Among equally bad ones.
fn order(finding: &Finding) -> impl Ord {
    let Finding { rule, system, recipient, page, parameter, fingerprint, .. } = finding;
    (*rule, system, &recipient.domain, page, parameter, fingerprint)
}

fn key(sighting: &Sighting) -> Key {
    Key {
        rule: sighting.rule,
        system: sighting.system.clone(),
        channel: Some(sighting.channel),
        recipient: sighting.recipient.clone(),
        page: sighting.page.clone().unwrap_or_default(),
        parameter: parameter(sighting),
    }
}

/// The names on the way to a number. One that is a number itself is named as such: the place is the same for everybody.
fn parameter(sighting: &Sighting) -> String {
    let parameter = sighting.trail.parameter().replace(MASKED, NUMBER);
    match &sighting.identity {
        Identity::Person(_) => parameter,
        Identity::Canary(number) => {
            // Declared, and shown in the trail; taken out of the key so that it is not one of persons.
            let digits = number.reveal();
            let dashed = format!("{}-{}", digits.get(..6).unwrap_or_default(), digits.get(6..).unwrap_or_default());
            parameter.replace(&digits, NUMBER).replace(&dashed, NUMBER)
        }
    }
}

impl Key {
    /// SHA-256 over the parts, each ended by a zero byte, which none of them holds; first 16 bytes.
    fn fingerprint(&self) -> String {
        let system = self.system.as_ref().map(|id| id.0.as_str()).unwrap_or_default();
        let channel = self.channel.map(Channel::as_str).unwrap_or_default();
        let parts = [self.rule.as_str(), system, channel, self.recipient.as_str(), self.page.as_str(), &self.parameter];
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.replace('\0', " "));
            hash.update([0]);
        }
        let digest = hash.finalize();
        data_encoding::HEXLOWER.encode(digest.get(..16).unwrap_or_default())
    }
}

impl Group<'_> {
    fn finding(&self, key: Key, origins: &BTreeMap<VisitId, FormOfOrigin>, parties: &Parties) -> Finding {
        let first = self.first;
        let all = &self.sightings;
        let evidence = all.iter().map(|sighting| sighting.evidence).min().unwrap_or(Evidence::E4);
        let cleartext = all.iter().any(|sighting| sighting.context.cleartext);
        let worse = circumstances(&first.host, first.standing, key.system.as_ref(), cleartext, parties);
        let (severity, reasons) = severity::of_number(evidence, first.standing, &worse);
        let persons: BTreeSet<&Identity> = all.iter().map(|sighting| &sighting.identity).collect();
        let requests: BTreeSet<(&str, u64)> = all.iter().copied().map(request).collect();
        let undelivered: BTreeSet<(&str, u64)> =
            all.iter().copied().filter(|sighting| sighting.context.undelivered).map(request).collect();
        let hosts: BTreeSet<&Redacted> = all.iter().map(|sighting| &sighting.host).collect();
        let also_sent: BTreeSet<&Redacted> = all.iter().flat_map(|sighting| &sighting.context.also_sent).collect();
        Finding {
            fingerprint: key.fingerprint(),
            rule: key.rule,
            vendor: vendor(key.system.as_ref(), parties),
            system: key.system,
            channel: key.channel,
            recipient: parties.record(&first.host, &first.recipient, first.standing),
            hosts: hosts.into_iter().cloned().collect(),
            page: key.page,
            // Made of redacted names.
            parameter: Redacted::own_words(key.parameter),
            evidence: Some(evidence),
            severity,
            reasons,
            first_seen: all.iter().map(|sighting| sighting.time).min().unwrap_or(first.time),
            last_seen: all.iter().map(|sighting| sighting.time).max().unwrap_or(first.time),
            transmissions: requests.len() as u64,
            undelivered: undelivered.len() as u64,
            persons: persons.len() as u64,
            test_persons: persons.iter().filter(|identity| matches!(identity, Identity::Canary(_))).count() as u64,
            trail: Redacted::own_words(first.trail.to_string()),
            request: first.context.request.clone(),
            tls: all.iter().find_map(|sighting| sighting.context.tls.clone()),
            cleartext,
            also_sent: also_sent.into_iter().cloned().collect(),
            form: all.iter().find_map(|sighting| origins.get(&sighting.context.visit?).cloned()),
            remedies: remedies(key.rule, first.standing, cleartext),
        }
    }
}

/// Recipients that are not on the list and got no number, as far as was seen.
fn unlisted(contacts: &[Contact], findings: &[Finding], parties: &Parties) -> Vec<Finding> {
    if !parties.has_list() {
        return Vec::new();
    }
    let is_sure = |finding: &&Finding| finding.evidence.is_some_and(|evidence| evidence < Evidence::E4);
    let told: BTreeSet<(&Option<SystemId>, &Redacted)> =
        findings.iter().filter(is_sure).map(|finding| (&finding.system, &finding.recipient.domain)).collect();
    let has_number = |contact: &Contact| told.contains(&(&contact.system, &contact.recipient.domain));
    let mut groups: BTreeMap<(Option<SystemId>, Redacted), Vec<&Contact>> = BTreeMap::new();
    for contact in contacts.iter().filter(|contact| !has_number(contact)) {
        if matches!(contact.recipient.standing, Standing::Unlisted | Standing::Unknown) {
            groups.entry((contact.system.clone(), contact.recipient.domain.clone())).or_default().push(contact);
        }
    }
    groups.into_values().filter_map(|contacts| unlisted_finding(&contacts, parties)).collect()
}

fn unlisted_finding(contacts: &[&Contact], parties: &Parties) -> Option<Finding> {
    let first = *contacts.iter().min_by_key(|contact| contact.time)?;
    let key = Key {
        rule: Rule::UnlistedRecipient,
        system: first.system.clone(),
        channel: None,
        recipient: first.recipient.domain.clone(),
        page: Redacted::default(),
        parameter: String::new(),
    };
    let cleartext = contacts.iter().any(|contact| contact.cleartext);
    let worse = circumstances(&first.host, first.recipient.standing, first.system.as_ref(), cleartext, parties);
    let (severity, reasons) = severity::of_recipient(&worse);
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
        persons: 0,
        test_persons: 0,
        trail: Redacted::default(),
        request: first.request.clone(),
        tls: contacts.iter().find_map(|contact| contact.tls.clone()),
        cleartext,
        also_sent: Vec::new(),
        form: None,
        remedies: remedies(Rule::UnlistedRecipient, first.recipient.standing, cleartext),
    })
}

/// What tells the exchange of a sighting from others.
fn request(sighting: &Sighting) -> (&str, u64) {
    (sighting.source.as_str(), sighting.index)
}

fn vendor(system: Option<&SystemId>, parties: &Parties) -> Option<VendorId> {
    Some(parties.system(system?)?.vendor.clone())
}

fn circumstances(
    host: &Redacted,
    standing: Standing,
    system: Option<&SystemId>,
    cleartext: bool,
    parties: &Parties,
) -> Circumstances {
    Circumstances {
        cleartext,
        outside_eea: if standing == Standing::Own { None } else { parties.transfer_without_basis(host) },
        context: system.and_then(|id| parties.system(id)?.context),
    }
}

/// How to mend it, what helps most first.
fn remedies(rule: Rule, standing: Standing, cleartext: bool) -> Vec<Remedy> {
    let mut remedies = match rule {
        Rule::CprInUrl => vec![Remedy::KeepNumberInSession, Remedy::PostInsteadOfGet, Remedy::StrictReferrerPolicy],
        Rule::CprInReferer => vec![Remedy::KeepNumberInSession, Remedy::StrictReferrerPolicy, Remedy::SelfHostScripts],
        Rule::CprInThirdPartyRequest => {
            vec![Remedy::KeepNumberInSession, Remedy::ScrubTelemetry, Remedy::RemoveThirdParty]
        }
        Rule::CprInCleartext => vec![Remedy::HttpsOnly],
        Rule::CprInRedirect => vec![Remedy::RedirectWithoutNumber, Remedy::KeepNumberInSession],
        Rule::CprInCookie => vec![Remedy::OpaqueCookie, Remedy::KeepNumberInSession],
        Rule::UnlistedRecipient => vec![Remedy::AgreementOrStop, Remedy::SelfHostScripts, Remedy::RemoveThirdParty],
    };
    if cleartext && !remedies.contains(&Remedy::HttpsOnly) {
        remedies.push(Remedy::HttpsOnly);
    }
    if standing == Standing::Own || rule == Rule::UnlistedRecipient {
        return remedies;
    }
    if matches!(standing, Standing::Unlisted | Standing::Unknown) {
        remedies.push(Remedy::AgreementOrStop);
    }
    remedies.push(Remedy::AskRecipientToDelete);
    remedies
}
