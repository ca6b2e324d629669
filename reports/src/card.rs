//! A finding in words: one wording for all formats, in both languages. The story is told in `story`, the facts are
//! listed in `facts`, the ways of mending in `mending`.

use model::{Finding, Scan, SeverityReason, Standing};

use crate::accepted::{Accepted, accepted};
use crate::facts::facts;
use crate::lang::Lang;
use crate::mending::{Mending, mending};
use crate::story::{counts, finding_title, story};
use crate::summary::has_registry;
use crate::texts::countries::country;
use crate::texts::trail::steps;
use crate::texts::{phrases as p, terms};

/// A finding's text. Every field is safe to show: what came from the wire is inert, and still to be escaped where
/// the format asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// One line that says what is broken and who is concerned.
    pub title: String,
    /// What happened and why it matters, in plain words.
    pub story: String,
    /// `Critical`.
    pub severity: String,
    /// Why it is so severe: where the level starts, then each step up.
    pub reasons: Vec<String>,
    /// `E1, certain: ..`, when a number was seen.
    pub evidence: Option<String>,
    /// How often it was sent and how many persons' it was.
    pub counts: String,
    /// Page, form, channel, parameter, request, recipient and the rest, in reading order.
    pub facts: Vec<Fact>,
    /// How to find it again by hand, step by step.
    pub trail: Vec<String>,
    /// That somebody accepted it for a while.
    pub accepted: Option<Accepted>,
    /// How to mend it, most helpful first.
    pub mending: Vec<Mending>,
}

/// A labelled line of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// Its value.
    pub value: String,
    /// Whether the value is as on the wire, to be set as code.
    pub is_code: bool,
}

impl Card {
    /// The text of `finding`, a finding of `scan`.
    pub fn new(finding: &Finding, scan: &Scan, lang: Lang) -> Self {
        Self {
            title: finding_title(finding, lang),
            story: story(finding, lang),
            severity: terms::severity(finding.severity).to(lang).to_owned(),
            reasons: finding.reasons.iter().map(|reason| reason_text(reason, scan, lang)).collect(),
            evidence: finding.evidence.map(|evidence| {
                let (name, meaning) = (terms::evidence(evidence), terms::evidence_meaning(evidence));
                format!("{evidence}, {}: {}", name.to(lang), meaning.to(lang))
            }),
            counts: counts(finding, lang),
            facts: facts(finding, scan, lang),
            trail: steps(finding.trail.as_str(), lang),
            accepted: accepted(finding, lang),
            mending: mending(finding, lang),
        }
    }
}

/// What the recipient is; without a registry nobody could have been listed.
pub(crate) fn standing(standing: Standing, scan: &Scan, lang: Lang) -> &'static str {
    if standing == Standing::Unknown && !has_registry(scan) {
        return p::UNKNOWN_WITHOUT_REGISTRY.to(lang);
    }
    terms::standing(standing).to(lang)
}

fn reason_text(reason: &SeverityReason, scan: &Scan, lang: Lang) -> String {
    match (reason, lang) {
        (SeverityReason::Level { evidence, standing: to }, Lang::Da) => format!(
            "Udgangspunkt: beviset er {}, {evidence}, og modtageren er {}.",
            terms::evidence(*evidence).da,
            standing(*to, scan, lang)
        ),
        (SeverityReason::Level { evidence, standing: to }, Lang::En) => format!(
            "Starting point: the evidence is {}, {evidence}, and the recipient is {}.",
            terms::evidence(*evidence).en,
            standing(*to, scan, lang)
        ),
        (SeverityReason::RecipientNotListed, Lang::Da | Lang::En) => p::REASON_NOT_LISTED.to(lang).to_owned(),
        (SeverityReason::SensitivePage { context, standing: to }, Lang::Da) => format!(
            "Udgangspunkt: en side om {} blev nævnt i det, der blev sendt, og modtageren er {}.",
            terms::context(*context).da,
            standing(*to, scan, lang)
        ),
        (SeverityReason::SensitivePage { context, standing: to }, Lang::En) => format!(
            "Starting point: a page on {} was named in what was sent, and the recipient is {}.",
            terms::context(*context).en,
            standing(*to, scan, lang)
        ),
        (SeverityReason::PageItself, Lang::Da | Lang::En) => p::REASON_PAGE.to(lang).to_owned(),
        (SeverityReason::PersonToken, Lang::Da | Lang::En) => p::REASON_TOKEN.to(lang).to_owned(),
        (SeverityReason::SimulatedReferer, Lang::Da | Lang::En) => p::REASON_SIMULATED.to(lang).to_owned(),
        (SeverityReason::Cleartext, Lang::Da | Lang::En) => p::REASON_CLEARTEXT.to(lang).to_owned(),
        (SeverityReason::OutsideEea { country: code }, Lang::Da) => format!(
            "Ét trin op: modtageren er i et land uden for EØS ({}), og intet overførselsgrundlag er oplyst.",
            country(code, lang)
        ),
        (SeverityReason::OutsideEea { country: code }, Lang::En) => format!(
            "One step up: the recipient is in a country outside the EEA ({}), and no transfer basis is declared.",
            country(code, lang)
        ),
        (SeverityReason::SensitiveContext { context }, Lang::Da) => {
            format!("Ét trin op: systemet eller siden handler om {}.", terms::context(*context).da)
        }
        (SeverityReason::SensitiveContext { context }, Lang::En) => {
            format!("One step up: the system or the page deals with {}.", terms::context(*context).en)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn without_a_registry_nobody_is_said_to_be_missing_on_a_list() {
        assert_eq!(standing(Standing::Unknown, &sample::bare(), Lang::En), p::UNKNOWN_WITHOUT_REGISTRY.en);
        assert_eq!(standing(Standing::Unknown, &sample::scan(), Lang::En), terms::standing(Standing::Unknown).en);
    }

    #[test]
    fn a_card_says_why_it_is_as_severe_as_it_is() {
        let scan = sample::scan();
        let card = Card::new(&scan.findings[0], &scan, Lang::Da);
        assert_eq!(card.reasons.len(), 2);
        assert!(
            card.reasons[0].starts_with("Udgangspunkt: beviset er bekræftet (testnummer), E1,"),
            "{:?}",
            card.reasons
        );
    }
}
