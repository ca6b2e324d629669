//! A finding for a page: its card, and what a page shows beside the words.

use model::{Finding, Scan};

use crate::card::{Card, test_persons};
use crate::headline::{count, who};
use crate::inert::Inert;
use crate::lang::{Lang, capitalised};
use crate::texts::rules::rule;
use crate::texts::{page, phrases as p, terms};

/// A severity as shown: its words, and a meter that needs no colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct SeverityMark {
    pub(super) class: &'static str,
    pub(super) label: &'static str,
    /// Bars of the meter that are filled, of five.
    pub(super) level: u8,
}

/// A finding on a page.
#[derive(Clone, Debug)]
pub(super) struct FindingView {
    /// Its number on the page, from 1.
    pub(super) number: u64,
    pub(super) rule: &'static str,
    pub(super) rule_name: &'static str,
    pub(super) fingerprint: String,
    pub(super) severity: SeverityMark,
    pub(super) card: Card,
    /// `None` when no number was seen.
    pub(super) sent: Option<Sent>,
    pub(super) evidence: Option<EvidenceView>,
    pub(super) trail: String,
    pub(super) recipient: String,
    pub(super) standing: &'static str,
    pub(super) channel: String,
    pub(super) page: String,
}

/// How often and how many, side by side.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) transmissions: String,
    pub(super) transmissions_label: &'static str,
    pub(super) persons: String,
    pub(super) persons_label: &'static str,
    pub(super) test_persons: String,
}

/// How sure.
#[derive(Clone, Copy, Debug)]
pub(super) struct EvidenceView {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
}

impl SeverityMark {
    pub(super) fn new(severity: model::Severity, lang: Lang) -> Self {
        let level = match severity {
            model::Severity::Info => 1,
            model::Severity::Low => 2,
            model::Severity::Medium => 3,
            model::Severity::High => 4,
            model::Severity::Critical => 5,
        };
        Self { class: severity.as_str(), label: terms::severity(severity).to(lang), level }
    }
}

impl FindingView {
    pub(super) fn new(finding: &Finding, scan: &Scan, number: usize, lang: Lang) -> Self {
        let no_channel = || page::NO_CHANNEL.to(lang).to_owned();
        Self {
            number: count(number),
            rule: finding.rule.as_str(),
            rule_name: rule(finding.rule).name.to(lang),
            fingerprint: Inert::short(&finding.fingerprint, 64),
            severity: SeverityMark::new(finding.severity, lang),
            card: Card::new(finding, scan, lang),
            sent: finding.evidence.map(|_| Sent {
                transmissions: lang.number(finding.transmissions),
                transmissions_label: p::TRANSMISSIONS.noun(finding.transmissions, lang),
                persons: lang.number(finding.persons),
                persons_label: p::DISTINCT_PERSONS.noun(finding.persons, lang),
                test_persons: test_persons(finding, lang),
            }),
            evidence: finding.evidence.map(|evidence| EvidenceView {
                id: evidence.as_str(),
                name: terms::evidence(evidence).to(lang),
                meaning: terms::evidence_meaning(evidence).to(lang),
            }),
            trail: Inert::from(&finding.trail).to_string(),
            recipient: who(&finding.recipient),
            standing: terms::standing_short(finding.recipient.standing).to(lang),
            channel: finding.channel.map_or_else(no_channel, |way| capitalised(terms::channel(way).to(lang))),
            page: Inert::from(&finding.page).to_string(),
        }
    }
}
