//! The lines that close a report on a terminal: what is only counted, how much was covered, whether the instrument
//! worked, and what to do next.

use model::{Finding, ScanKind, SystemResult};

use crate::consent::gone_through;
use crate::lang::Lang;
use crate::naming::count;
use crate::roles::in_roles;
use crate::summary::{Extract, Instrument, instrument, is_information, is_possible};
use crate::texts::phrases as p;

pub(crate) fn possible(folded: &[&Finding], lang: Lang) -> String {
    let sent = folded.iter().fold(0_u64, |sum, finding| sum.saturating_add(finding.transmissions));
    let (findings, times) = (p::FINDINGS.of(count(folded.len()), lang), p::TIMES.of(sent, lang));
    match lang {
        Lang::Da => format!("+ {findings} på E4 ({times}): kun en dato, måske et personnummer. Se HTML-rapporten."),
        Lang::En => format!("+ {findings} at E4 ({times}): a date only, perhaps a number. See the HTML report."),
    }
}

pub(crate) fn more_findings(left: u64, lang: Lang) -> String {
    let findings = p::FINDINGS.of(left, lang);
    match lang {
        Lang::Da => format!("… og {findings} til; se HTML-rapporten."),
        Lang::En => format!("… and {findings} more; see the HTML report."),
    }
}

/// `3 findings, 1 possible; 5 pages, ..`: a recording has neither pages visited nor forms sent.
pub(crate) fn covered(system: &SystemResult, part: &Extract<'_>, lang: Lang) -> String {
    let coverage = &system.coverage;
    let possible = part.possible();
    let information = part.information();
    let accepted = part.findings.iter().filter(|finding| is_to_mend(finding) && finding.is_accepted()).count();
    let accepted = count(accepted);
    let apart = possible.saturating_add(information).saturating_add(accepted);
    let others = count(part.findings.len()).saturating_sub(apart);
    let mut text = p::FINDINGS.of(others, lang);
    for (number, noun) in [(accepted, p::ACCEPTED_ONES), (possible, p::POSSIBLE), (information, p::INFORMATION)] {
        if number > 0 {
            text = format!("{text}, {}", noun.of(number, lang));
        }
    }
    text.push_str("; ");
    let is_audit = match part.scan.kind {
        ScanKind::Audit => true,
        ScanKind::Recording | ScanKind::Proxy | ScanKind::Run => false,
    };
    if is_audit {
        let pages = p::PAGES.of(count(coverage.pages.len()), lang);
        let (sent, forms) = (lang.number(coverage.cpr_forms_submitted), lang.number(coverage.cpr_forms));
        let (all_sent, all) = (lang.number(coverage.forms_submitted), lang.number(coverage.forms));
        let kinds = lang.number(coverage.templates);
        let said = match lang {
            Lang::Da => {
                format!(
                    "{pages} af {kinds} slags, {all_sent} af {all} formularer sendt, {sent} af {forms} med CPR-nummer, "
                )
            }
            Lang::En => {
                format!("{pages} of {kinds} kinds, {all_sent} of {all} forms sent, {sent} of {forms} with a number, ")
            }
        };
        text.push_str(&said);
    }
    text.push_str(&p::REQUESTS.of(coverage.requests, lang));
    if let Some(roles) = in_roles(coverage, lang) {
        text.push_str("; ");
        text.push_str(&roles);
    }
    if let Some(answers) = gone_through(coverage, lang) {
        text.push_str("; ");
        text.push_str(&answers);
    }
    text
}

/// Whether it is more than a perhaps, and more than for information.
fn is_to_mend(finding: &Finding) -> bool {
    !is_possible(finding) && !is_information(finding)
}

pub(crate) fn self_test(found: u64, all: u64, lang: Lang) -> String {
    match (found == all, lang) {
        (true, Lang::Da) => format!("Selvtest bestået: {found} af {all} testnumre fundet."),
        (true, Lang::En) => format!("Self-test passed: {found} of {all} canaries found."),
        (false, Lang::Da) => {
            format!("SELVTEST FEJLET: {found} af {all} testnumre fundet. Manglende fund beviser intet.")
        }
        (false, Lang::En) => {
            format!("SELF-TEST FAILED: {found} of {all} canaries found. Absence of findings proves nothing.")
        }
    }
}

pub(crate) fn next_step(whole: &Extract<'_>, lang: Lang) -> String {
    let is_blind = match instrument(whole.scan) {
        Instrument::Failed | Instrument::Unfinished => true,
        Instrument::Passed | Instrument::None => false,
    };
    let to_mend = whole.has(|finding| is_to_mend(finding) && !finding.is_accepted());
    let is_accepted = whole.has(Finding::is_accepted);
    let (to_look_at, unseen) = (whole.has(is_possible), whole.unseen());
    let to_know = whole.has(is_information);
    let step = match (is_blind, to_mend, to_look_at, unseen, lang) {
        (true, _, _, _, Lang::Da) => "Næste skridt: »cprvagt doctor«, og kør igen.",
        (true, _, _, _, Lang::En) => "Next: “cprvagt doctor”, then run again.",
        (false, true, _, _, Lang::Da) => "Næste skridt: ret det øverste fund, og kør igen.",
        (false, true, _, _, Lang::En) => "Next: mend the topmost finding, then run again.",
        (false, false, true, _, Lang::Da) => {
            "Næste skridt: lad en person se på de mulige personnumre i HTML-rapporten."
        }
        (false, false, true, _, Lang::En) => "Next: have a person look at the possible numbers in the HTML report.",
        (false, false, false, _, Lang::Da) if to_know => {
            "Næste skridt: afgør, om de værdier, der er fundet til orientering, står for personer."
        }
        (false, false, false, _, Lang::En) if to_know => {
            "Next: decide whether the values found for information stand for persons."
        }
        (false, false, false, 0, Lang::Da) if is_accepted => {
            "Intet at rette ud over det, der er accepteret for en tid. Alt planlagt blev undersøgt."
        }
        (false, false, false, 0, Lang::En) if is_accepted => {
            "Nothing to mend but what is accepted for a while. All that was to be seen was seen."
        }
        (false, false, false, 0, Lang::Da) => "Intet at rette. Alt planlagt blev undersøgt.",
        (false, false, false, 0, Lang::En) => "Nothing to mend. All that was to be seen was seen.",
        (false, false, false, _, Lang::Da) => "Næste skridt: se på det, der ikke blev undersøgt, og kør igen.",
        (false, false, false, _, Lang::En) => "Next: see to what was not seen, then run again.",
    };
    if unseen == 0 { step.to_owned() } else { format!("{step} {}.", p::UNSEEN.of(unseen, lang)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn nought_is_no_next_step() {
        let mut scan = sample::scan();
        let step = |scan: &model::Scan| next_step(&Extract::whole(scan), Lang::En);
        assert_eq!(step(&scan), "Next: mend the topmost finding, then run again. 18 things were not seen.");
        scan.blind_spots.clear();
        assert_eq!(step(&scan), "Next: mend the topmost finding, then run again.");
        scan.findings.clear();
        assert_eq!(step(&scan), "Nothing to mend. All that was to be seen was seen.");
        scan.self_test = None;
        assert_eq!(step(&scan), "Next: “cprvagt doctor”, then run again.");
    }

    #[test]
    fn a_mere_date_is_counted_as_possible() {
        let scan = sample::scan();
        let part = Extract::of_system(&scan, &scan.systems[0]);
        assert!(covered(&scan.systems[0], &part, Lang::Da).starts_with("5 fund, 1 muligt; 5 sider af 4 slags, "));
    }
}
