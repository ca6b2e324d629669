//! Numbers kept out of what this program says itself: its errors, its log, and what it quotes from the registry and the
//! command line. A number pasted into the wrong place is a number all the same.

use std::sync::OnceLock;

use detect::{Inspector, Parties, Redactor, Setup};
use jiff::civil::Date;
use model::{Baseline, Redact as _, Registry};

/// `text`, line by line, with every number masked: no test person is known here.
pub(crate) fn without_numbers(text: &str) -> String {
    static REDACTOR: OnceLock<Redactor> = OnceLock::new();
    let redactor = REDACTOR.get_or_init(|| {
        let nobody = Parties::first_party(Vec::new());
        Inspector::new(Setup { test_persons: Vec::new(), key: [0; 32], today: Date::MAX, parties: nobody }).redactor()
    });
    let lines: Vec<String> = text.split('\n').map(|line| redactor.redact(line)).collect();
    lines.join("\n")
}

/// The registry with every number masked that stands in a text that reports print.
pub(crate) fn masked(mut registry: Registry) -> Registry {
    let mask = |text: &mut String| *text = without_numbers(text);
    let mask_any = |text: &mut Option<String>| *text = text.as_deref().map(without_numbers);
    if let Some(controller) = &mut registry.controller {
        mask(&mut controller.name);
        mask_any(&mut controller.cvr);
        mask_any(&mut controller.contact);
        mask_any(&mut controller.dpo);
    }
    for vendor in &mut registry.vendors {
        mask(&mut vendor.name);
        mask_any(&mut vendor.cvr);
        mask_any(&mut vendor.contact);
        mask_any(&mut vendor.dpa_ref);
    }
    for system in &mut registry.systems {
        mask(&mut system.name);
        mask_any(&mut system.owner);
        for journey in &mut system.journeys {
            mask_any(&mut journey.role);
        }
    }
    for recipient in &mut registry.recipients {
        mask(&mut recipient.legal_name);
        mask_any(&mut recipient.of);
        mask_any(&mut recipient.purpose);
        mask_any(&mut recipient.contact);
        mask_any(&mut recipient.dpa_ref);
    }
    for answer in &mut registry.answers {
        mask_any(&mut answer.recipient);
        mask_any(&mut answer.text);
        mask_any(&mut answer.reference);
    }
    registry
}

/// The baseline with every number masked that stands in a text that reports print.
pub(crate) fn masked_baseline(mut baseline: Baseline) -> Baseline {
    for entry in &mut baseline.entries {
        for text in [&mut entry.accepted_by, &mut entry.case, &mut entry.reason] {
            *text = without_numbers(text);
        }
    }
    baseline
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_masked_and_the_words_stay() {
        let text = "error: cannot open 010190-1234.har\nhelp: port 34567 of 127.0.0.1 is free";
        assert_eq!(without_numbers(text), "error: cannot open xxxxxx-xxxx.har\nhelp: port 34567 of 127.0.0.1 is free");
    }

    #[test]
    fn a_registry_loses_the_numbers_in_its_names() {
        let text = "[controller]\nname = \"Sag 010190-1234\"\n";
        let registry = masked(Registry::parse(text).unwrap());
        assert_eq!(registry.controller.unwrap().name, "Sag xxxxxx-xxxx");
    }
}
