//! A finding for a page: its card, and what a page shows beside the words.

use model::{Finding, Scan};

use super::address::Address;
use crate::card::Card;
use crate::inert::Inert;
use crate::lang::{Lang, capitalised};
use crate::mending::anchor;
use crate::naming::{count, who};
use crate::story::{test_persons, times, undelivered};
use crate::summary::{is_possible, was_only_tried};
use crate::texts::rules::rule;
use crate::texts::{page, phrases as p, terms};

/// Findings that a page shows at most. A browser still lays out so many cards; a person reads far fewer.
pub(super) const MAX_CARDS: usize = 1_000;

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
    pub(super) facts: Vec<FactView>,
    /// Titles of the ways of mending, in the order that helps most.
    pub(super) mending: Vec<MendingLine>,
    pub(super) recipient: String,
    pub(super) standing: &'static str,
    pub(super) channel: String,
    pub(super) page: Address,
    pub(super) was_tried: bool,
    pub(super) is_possible: bool,
}

/// A fact, its value in pieces after which a line may end.
#[derive(Clone, Debug)]
pub(super) struct FactView {
    pub(super) label: &'static str,
    pub(super) value: Address,
    pub(super) is_code: bool,
}

/// A way of mending as a card names it.
#[derive(Clone, Debug)]
pub(super) struct MendingLine {
    /// Where its full text is.
    pub(super) href: String,
    pub(super) title: &'static str,
    /// A line made of this finding, short enough for a card.
    pub(super) example: Option<String>,
}

/// How often and how many, side by side.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) transmissions: String,
    pub(super) transmissions_label: &'static str,
    pub(super) persons: String,
    pub(super) persons_label: &'static str,
    pub(super) test_persons: String,
    /// How many got nowhere; empty when all got there.
    pub(super) undelivered: String,
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

/// What is said of `left` findings that a page has no room for; empty when there are none.
pub(super) fn left_out(left: usize, lang: Lang) -> String {
    let shown = lang.number(count(left));
    match (lang, left) {
        (Lang::Da | Lang::En, 0) => String::new(),
        (Lang::Da, 1) => "Ét fund mere er ikke vist på denne side. Alle står i scan.json.".to_owned(),
        (Lang::En, 1) => "One more finding is not shown on this page. All of them are in scan.json.".to_owned(),
        (Lang::Da, _) => format!("{shown} fund mere er ikke vist på denne side. Alle står i scan.json."),
        (Lang::En, _) => format!("{shown} more findings are not shown on this page. All of them are in scan.json."),
    }
}

impl FindingView {
    /// The view of `finding`, the `number`-th on the page, in the section `section`.
    pub(super) fn new(finding: &Finding, scan: &Scan, number: usize, section: &str, lang: Lang) -> Self {
        let no_channel = || page::NO_CHANNEL.to(lang).to_owned();
        let card = Card::new(finding, scan, lang);
        let line = |way: &crate::Mending| MendingLine {
            href: format!("#{section}-{}", anchor(way.remedy)),
            title: way.title,
            example: way.own_example.clone().filter(|example| !example.contains('\n')),
        };
        Self {
            number: count(number),
            rule: finding.rule.as_str(),
            rule_name: rule(finding.rule).name.to(lang),
            fingerprint: Inert::short(&finding.fingerprint, 64),
            severity: SeverityMark::new(finding.severity, lang),
            facts: card
                .facts
                .iter()
                .map(|fact| FactView { label: fact.label, value: Address::of_text(&fact.value), is_code: fact.is_code })
                .collect(),
            mending: card.mending.iter().map(line).collect(),
            card,
            sent: finding.evidence.map(|_| Sent {
                transmissions: lang.number(finding.transmissions),
                transmissions_label: times(finding).noun(finding.transmissions, lang),
                persons: lang.number(finding.persons),
                persons_label: p::DISTINCT_PERSONS.noun(finding.persons, lang),
                test_persons: test_persons(finding, lang),
                undelivered: undelivered(finding, lang).map(|text| capitalised(&text)).unwrap_or_default(),
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
            page: Address::new(&finding.page, None),
            was_tried: was_only_tried(finding),
            is_possible: is_possible(finding),
        }
    }
}
