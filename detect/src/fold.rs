//! Sightings folded into findings: what one repair removes.

use std::collections::{BTreeMap, BTreeSet};

use model::registry::SensitiveContext;
use model::{
    Channel, ConsentState, CprNumber, Evidence, Finding, FormOfOrigin, Identity, InitiatorRecord, MASKED, Redacted,
    Remedy, Rule, Sighting, Standing, SystemId, Target, VendorId, Visit, VisitId,
};
use sha2::{Digest as _, Sha256};

use crate::contacts::{self, Contact, PersonToken, SensitiveContact};
use crate::faults::{self, PageFault};
use crate::parties::Parties;
use crate::rules::{Judge, RULES};
use crate::sensitive;
use crate::severity::{self, Circumstances};

/// What stands for a number in the name of a place, as in pages.
const NUMBER: &str = "{cpr}";

/// All that a run saw, to be folded.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Numbers, in the order in which they were seen.
    pub sightings: &'a [Sighting],
    /// Third parties contacted on a page with a form or behind a login.
    pub contacts: &'a [Contact],
    /// Third parties that were sent what a page tells.
    pub sensitive: &'a [SensitiveContact],
    /// Third parties that were sent values that stand for one person.
    pub tokens: &'a [PersonToken],
    /// The forms that numbers came from.
    pub origins: &'a Origins,
    /// Pages that are built wrongly.
    pub faults: &'a [PageFault],
    /// All visits, in order.
    pub visits: &'a [Visit],
    /// What had been answered to the question for consent in each visit; empty where nothing was answered in any.
    pub consents: &'a BTreeMap<VisitId, ConsentState>,
}

/// The forms that numbers came from.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// By the number, where each field was given one of its own: the source for certain.
    pub by_number: BTreeMap<(Option<SystemId>, CprNumber), FormOfOrigin>,
    /// By the visit, as far as a visit came from a form.
    pub by_visit: BTreeMap<VisitId, FormOfOrigin>,
}

impl Origins {
    fn of(&self, sighting: &Sighting) -> Option<&FormOfOrigin> {
        let by_number = match &sighting.identity {
            Identity::Canary(number) => self.by_number.get(&(sighting.system.clone(), *number)),
            Identity::Person(_) => None,
        };
        by_number.or_else(|| self.by_visit.get(&sighting.context.visit?))
    }
}

/// What sightings must share to be one finding: exactly what the fingerprint is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) rule: Rule,
    pub(crate) system: Option<SystemId>,
    pub(crate) channel: Option<Channel>,
    pub(crate) recipient: Redacted,
    pub(crate) page: Redacted,
    pub(crate) parameter: String,
}

/// Who got something, as far as it makes a finding worse.
pub(crate) struct Addressed<'a> {
    pub(crate) host: &'a Redacted,
    pub(crate) domain: &'a Redacted,
    pub(crate) product: Option<&'a str>,
    pub(crate) standing: Standing,
}

/// The sightings of one finding.
struct Group<'a> {
    first: &'a Sighting,
    sightings: Vec<&'a Sighting>,
}

/// Folds what a run saw into findings, the worst first. With a registry, a recipient that is not on the list and was
/// contacted where it matters is a finding even when it got no number.
pub fn fold(seen: &Seen<'_>, parties: &Parties) -> Vec<Finding> {
    let mut groups: BTreeMap<Key, Group<'_>> = BTreeMap::new();
    let from_another_side: Vec<Sighting> = RULES
        .iter()
        .filter_map(|(_, judge)| match judge {
            Judge::Sent(told) => Some(told(seen.sightings, seen.visits)),
            Judge::Pieces(_) | Judge::Page(_) | Judge::Form(_) => None,
        })
        .flatten()
        .collect();
    for sighting in seen.sightings.iter().chain(&from_another_side) {
        let group = groups.entry(key(sighting)).or_insert_with(|| Group { first: sighting, sightings: Vec::new() });
        group.sightings.push(sighting);
    }
    let in_roles: BTreeMap<VisitId, &str> =
        seen.visits.iter().filter_map(|visit| Some((visit.id, visit.role.as_deref()?))).collect();
    let mut findings: Vec<Finding> =
        groups.into_iter().map(|(key, group)| group.finding(key, seen, &in_roles, parties)).collect();
    findings.extend(contacts::unlisted(seen.contacts, &findings, parties, seen.consents));
    findings.extend(contacts::sensitive(seen.sensitive, parties, seen.consents));
    findings.extend(contacts::tokens(seen.tokens, parties));
    findings.extend(faults::findings(seen.faults, parties));
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| order(a).cmp(&order(b))));
    findings
}

impl Default for Seen<'_> {
    /// Nothing.
    fn default() -> Self {
        static NO_ORIGINS: Origins = Origins { by_number: BTreeMap::new(), by_visit: BTreeMap::new() };
        static NO_ANSWERS: BTreeMap<VisitId, ConsentState> = BTreeMap::new();
        Self {
            sightings: &[],
            contacts: &[],
            sensitive: &[],
            tokens: &[],
            origins: &NO_ORIGINS,
            faults: &[],
            visits: &[],
            consents: &NO_ANSWERS,
        }
    }
}

/// Among equally bad ones.
fn order(finding: &Finding) -> impl Ord {
    let Finding { rule, system, recipient, page, parameter, fingerprint, .. } = finding;
    (*rule, system, &recipient.domain, page, parameter, fingerprint)
}

/// The fingerprint of the finding that `sighting` is folded into.
pub fn fingerprint(sighting: &Sighting) -> String {
    key(sighting).fingerprint()
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
    pub(crate) fn fingerprint(&self) -> String {
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
    fn finding(&self, key: Key, seen: &Seen<'_>, in_roles: &BTreeMap<VisitId, &str>, parties: &Parties) -> Finding {
        let first = self.first;
        let all = &self.sightings;
        let evidence = all.iter().map(|sighting| sighting.evidence).min().unwrap_or(Evidence::E4);
        let cleartext = all.iter().any(|sighting| sighting.context.cleartext);
        let product = all.iter().find_map(|sighting| sighting.context.product);
        let to = Addressed { host: &first.host, domain: &first.recipient, product, standing: first.standing };
        let mut worse = circumstances(&to, key.system.as_ref(), cleartext, parties);
        worse.context = worse.context.or_else(|| context_of(&key.page));
        let simulated = all.iter().all(|sighting| sighting.simulated);
        let level = severity::of_number(evidence, first.standing, &worse);
        let (severity, reasons) = if simulated { severity::simulated(level) } else { level };
        let persons: BTreeSet<&Identity> = all.iter().map(|sighting| &sighting.identity).collect();
        let requests: BTreeSet<(&str, u64)> = all.iter().copied().map(request).collect();
        let undelivered: BTreeSet<(&str, u64)> =
            all.iter().copied().filter(|sighting| sighting.context.undelivered).map(request).collect();
        let blocked: BTreeSet<(&str, u64)> =
            all.iter().copied().filter(|sighting| sighting.blocked).map(request).collect();
        let hosts: BTreeSet<&Redacted> = all.iter().map(|sighting| &sighting.host).collect();
        let also_sent: BTreeSet<&Redacted> =
            all.iter().flat_map(|sighting| sighting.context.also_sent.iter()).collect();
        Finding {
            fingerprint: key.fingerprint(),
            rule: key.rule,
            vendor: vendor(key.system.as_ref(), parties),
            system: key.system,
            channel: key.channel,
            recipient: parties.record(&first.host, &first.recipient, first.standing, product),
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
            blocked: blocked.len() as u64,
            simulated,
            persons: persons.len() as u64,
            test_persons: persons.iter().filter(|identity| matches!(identity, Identity::Canary(_))).count() as u64,
            trail: Redacted::own_words(first.trail.to_string()),
            request: first.context.request.clone(),
            tls: all.iter().find_map(|sighting| sighting.context.tls.clone()),
            cleartext,
            also_sent: also_sent.into_iter().cloned().collect(),
            form: all.iter().find_map(|sighting| seen.origins.of(sighting).cloned()),
            roles: roles(all.iter().map(|sighting| in_roles.get(&sighting.context.visit?).copied())),
            consent: states(all.iter().map(|sighting| sighting.context.visit), seen.consents),
            initiator: initiator(all),
            remedies: remedies(key.rule, first.standing, cleartext),
            tests: Vec::new(),
            more_tests: 0,
            acceptance: None,
        }
    }
}

/// The roles named, each once.
pub(crate) fn roles<'r>(named: impl Iterator<Item = Option<&'r str>>) -> Vec<Redacted> {
    let roles: BTreeSet<&str> = named.flatten().collect();
    // Words of the registry.
    roles.into_iter().map(Redacted::own_words).collect()
}

/// The answers that held in `visits`, each once, in their order.
pub(crate) fn states(
    visits: impl Iterator<Item = Option<VisitId>>,
    consents: &BTreeMap<VisitId, ConsentState>,
) -> Vec<ConsentState> {
    let states: BTreeSet<ConsentState> = visits.filter_map(|visit| consents.get(&visit?).copied()).collect();
    states.into_iter().collect()
}

/// What made the browser send the first of them of which that is known.
fn initiator(sightings: &[&Sighting]) -> Option<InitiatorRecord> {
    let told = || sightings.iter().filter_map(|sighting| sighting.context.initiator.as_deref());
    told().find(|initiator| initiator.is_known()).or_else(|| told().next()).cloned()
}

/// What tells the exchange of a sighting from others.
fn request(sighting: &Sighting) -> (&str, u64) {
    (sighting.source.as_str(), sighting.index)
}

/// The sensitive matter that a page's own address tells.
pub(crate) fn context_of(page: &Redacted) -> Option<SensitiveContext> {
    let target = Target::parse(page.as_str()).ok()?;
    sensitive::of_page(&target.path, "").map(|told| told.context)
}

pub(crate) fn vendor(system: Option<&SystemId>, parties: &Parties) -> Option<VendorId> {
    Some(parties.system(system?)?.vendor.clone())
}

pub(crate) fn circumstances(
    to: &Addressed<'_>,
    system: Option<&SystemId>,
    cleartext: bool,
    parties: &Parties,
) -> Circumstances {
    Circumstances {
        cleartext,
        outside_eea: if to.standing == Standing::Own {
            None
        } else {
            parties.transfer_without_basis(to.host, to.domain, to.product)
        },
        context: system.and_then(|id| parties.system(id)?.context),
    }
}

/// How to mend what breaks `rule`, when a recipient of `standing` got it: what helps most first.
pub fn remedies(rule: Rule, standing: Standing, cleartext: bool) -> Vec<Remedy> {
    let mut remedies = match rule {
        Rule::CprInUrl => vec![Remedy::KeepNumberInSession, Remedy::PostInsteadOfGet, Remedy::StrictReferrerPolicy],
        Rule::CprInReferer => vec![Remedy::KeepNumberInSession, Remedy::StrictReferrerPolicy, Remedy::SelfHostScripts],
        Rule::CprInThirdPartyRequest => {
            vec![Remedy::KeepNumberInSession, Remedy::ScrubTelemetry, Remedy::RemoveThirdParty]
        }
        Rule::CprInCleartext | Rule::FormCleartext => vec![Remedy::HttpsOnly],
        Rule::CprInRedirect => vec![Remedy::RedirectWithoutNumber, Remedy::KeepNumberInSession],
        Rule::CprInCookie => vec![Remedy::OpaqueCookie, Remedy::KeepNumberInSession],
        Rule::UnlistedRecipient => vec![Remedy::AgreementOrStop, Remedy::SelfHostScripts, Remedy::RemoveThirdParty],
        Rule::CprDigest => vec![Remedy::NoDigests, Remedy::ScrubTelemetry, Remedy::RemoveThirdParty],
        Rule::SensitiveContextToThirdParty => {
            vec![Remedy::NeutralTitles, Remedy::RemoveThirdParty, Remedy::StrictReferrerPolicy]
        }
        Rule::CprInTitle => vec![Remedy::TitleWithoutNumber, Remedy::KeepNumberInSession],
        Rule::CprInStorage => vec![Remedy::NothingInBrowser, Remedy::KeepNumberInSession],
        Rule::CprInMailto => vec![Remedy::MailWithoutNumber],
        Rule::FormGetCpr => vec![Remedy::PostInsteadOfGet, Remedy::KeepNumberInSession, Remedy::StrictReferrerPolicy],
        Rule::FormBeforeLogin => vec![Remedy::AskBehindLogin],
        Rule::FormExfiltration => vec![Remedy::NoScriptsOnForms, Remedy::ScrubTelemetry, Remedy::RemoveThirdParty],
        Rule::CacheableCprPage => vec![Remedy::NoStore],
        Rule::ReferrerPolicyExposesUrl => vec![Remedy::StrictReferrerPolicy, Remedy::KeepNumberInSession],
        Rule::ReportingExposesUrl => vec![Remedy::KeepNumberInSession, Remedy::OwnReports],
        Rule::CprInLog => vec![Remedy::LogWithoutNumber, Remedy::KeepNumberInSession],
        // It may be a random id: nothing is known that had to be deleted.
        Rule::PersonTokenToThirdParty => return vec![Remedy::NoDigests],
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
