//! How reports name recipients and systems: by name as long as they are few, else counted.

use std::collections::BTreeSet;

use model::{Finding, RecipientRecord, Standing, SystemResult};

use crate::inert::Inert;
use crate::lang::{Lang, capitalised};
use crate::summary::{Extract, entity, is_sure, leaks, reached, was_only_tried, was_stopped};
use crate::texts::phrases as p;

/// More systems than this are counted, not named.
const MAX_NAMED: usize = 3;

/// More recipients than this are counted below the headline, not named.
const MAX_RECIPIENTS_NAMED: usize = 6;

/// `Adobe Inc. (adobe.test)`, or the domain alone.
pub(crate) fn who(recipient: &RecipientRecord) -> String {
    let domain = Inert::from(&recipient.domain);
    match recipient.legal_name.as_deref() {
        Some(name) => format!("{} ({domain})", Inert::new(name)),
        None => domain.to_string(),
    }
}

/// `TastSelv, e-Moms og LetLøn`, or how many.
pub(crate) fn names(systems: &[&SystemResult], lang: Lang) -> String {
    if systems.is_empty() {
        return p::THE_TRAFFIC.to(lang).to_owned();
    }
    if systems.len() > MAX_NAMED {
        return p::SYSTEMS.in_words(count(systems.len()), lang);
    }
    lang.list(&systems.iter().map(|system| Inert::short(system.name.as_str(), 60)).collect::<Vec<_>>())
}

/// A length as the reports count.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// `Tre virksomheder` when all are named companies, else `Tre modtagere`.
pub(crate) fn recipients_in_words(recipients: &[&RecipientRecord], lang: Lang) -> String {
    let is_company = |r: &&RecipientRecord| r.legal_name.is_some() && r.standing != Standing::Public;
    let noun = if recipients.iter().all(is_company) { p::COMPANIES } else { p::RECIPIENTS };
    capitalised(&noun.in_words(count(recipients.len()), lang))
}

/// Who got numbers, who probably did, and whom it was tried with.
pub(crate) fn recipients_named(part: &Extract<'_>, lang: Lang) -> Vec<String> {
    let mut sentences = Vec::new();
    let certain = part.recipients_where(is_certain_leak);
    let all = part.recipients_of_numbers();
    let others = without(&all, &certain);
    let (first, likely) = if certain.is_empty() { (all.clone(), Vec::new()) } else { (certain, others) };
    let tried = part.recipients_where(|finding| leaks(finding) && was_only_tried(finding));
    let tried = without(&tried, &all);
    if !first.is_empty() {
        let list = list_of(&first, lang);
        sentences.push(match lang {
            Lang::Da => format!("Numrene gik til {list}."),
            Lang::En => format!("The numbers went to {list}."),
        });
    }
    if !likely.is_empty() {
        let list = list_of(&likely, lang);
        sentences.push(match lang {
            Lang::Da => format!("Sandsynligvis gik der også personnumre til {list}."),
            Lang::En => format!("Personal numbers probably also went to {list}."),
        });
    }
    let stopped = !part.has(|finding| leaks(finding) && was_only_tried(finding) && !was_stopped(finding));
    if !tried.is_empty() {
        let list = list_of(&tried, lang);
        sentences.push(match (lang, first.is_empty()) {
            (Lang::Da, true) => format!("Numrene var på vej til {list}."),
            (Lang::En, true) => format!("The numbers were on their way to {list}."),
            (Lang::Da, false) if stopped => {
                format!("Der blev også forsøgt sendt personnumre til {list}, men cprvagt standsede dem.")
            }
            (Lang::En, false) if stopped => {
                format!("It was also tried to send personal numbers to {list}, but cprvagt stopped them.")
            }
            (Lang::Da, false) => {
                format!("Der blev også forsøgt sendt personnumre til {list}, men der blev ikke oprettet forbindelse.")
            }
            (Lang::En, false) => {
                format!("It was also tried to send personal numbers to {list}, but no connection was made.")
            }
        });
    }
    sentences
}

pub(crate) fn is_certain_leak(finding: &Finding) -> bool {
    reached(finding) && is_sure(finding)
}

/// Those of `recipients` that are none of `others`. A run may have many thousands of either.
fn without<'a>(recipients: &[&'a RecipientRecord], others: &[&RecipientRecord]) -> Vec<&'a RecipientRecord> {
    let others: BTreeSet<&str> = others.iter().map(|other| entity(other)).collect();
    recipients.iter().copied().filter(|recipient| !others.contains(entity(recipient))).collect()
}

fn list_of(recipients: &[&RecipientRecord], lang: Lang) -> String {
    let shown: Vec<String> = recipients.iter().take(MAX_RECIPIENTS_NAMED).map(|recipient| who(recipient)).collect();
    let left = recipients.len() - shown.len();
    match (lang, left) {
        (Lang::Da | Lang::En, 0) => lang.list(&shown),
        (Lang::Da, _) => format!("{} og {left} andre", shown.join(", ")),
        (Lang::En, _) => format!("{} and {left} others", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn who_is_told_of_already_is_not_told_of_again() {
        let scan = sample::scan();
        let all = Extract::whole(&scan).recipients_of_numbers();
        assert_eq!(without(&all, &all), Vec::<&RecipientRecord>::new());
        let (first, others) = all.split_first().unwrap();
        assert_eq!(without(&all, &[first]), others);
        let mut twin = (*first).clone();
        twin.domain = sample::own("twin.test");
        assert!(without(&[&twin], &[first]).is_empty(), "one legal entity");
    }

    #[test]
    fn many_are_counted() {
        let scan = sample::scan();
        let one = &scan.findings[0].recipient;
        assert!(list_of(&[one; MAX_RECIPIENTS_NAMED + 7], Lang::En).ends_with(" and 7 others"));
    }
}
