//! What somebody accepted, in words: of a finding, and of the whole baseline.

use model::{Acceptance, AcceptanceState, BaselineRemark, BaselineRemarkKind, Finding, Scan, SystemId};

use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::summary::Extract;
use crate::texts::phrases as p;

/// A name or case number is no longer than this.
const MAX_NAME: usize = 80;

/// Entries of the baseline that are named; the rest are counted, and are all in `scan.json`.
const MAX_REMARKS: usize = 50;

/// Characters of a fingerprint that tell findings apart.
const SHORT_FINGERPRINT: usize = 8;

/// That a finding was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Whether that holds: the finding does not count.
    pub is_in_force: bool,
    /// By whom, until when, in which case, and why.
    pub text: String,
}

/// What the baseline did, for a whole run or for one vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaselineWords {
    /// How many findings do not count.
    pub(crate) summary: String,
    /// What is to be said of single entries.
    pub(crate) remarks: Vec<String>,
}

/// What is said of the acceptance of `finding`.
pub(crate) fn accepted(finding: &Finding, lang: Lang) -> Option<Accepted> {
    let acceptance = finding.acceptance.as_ref()?;
    let Acceptance { state, accepted_by, case, reason, accepted, expires } = acceptance;
    let (name, case) = (Inert::short(accepted_by.as_str(), MAX_NAME), Inert::short(case.as_str(), MAX_NAME));
    let reason = Inert::from(reason);
    let reason = reason.as_str().trim_end_matches('.');
    let (from, to) = (lang.day(*accepted), lang.day(*expires));
    let text = match (state, lang) {
        (AcceptanceState::Accepted, Lang::Da) => {
            format!("Accepteret af {name} til og med {to}, sag {case}: {reason}. Fundet tæller ikke med.")
        }
        (AcceptanceState::Accepted, Lang::En) => {
            format!("Accepted by {name} until {to}, case {case}: {reason}. The finding does not count.")
        }
        (AcceptanceState::Expired, Lang::Da) => {
            format!("Fundet tæller med igen: det var accepteret af {name} til og med {to}, sag {case}: {reason}.")
        }
        (AcceptanceState::Expired, Lang::En) => {
            format!("The finding counts again: it was accepted by {name} until {to}, case {case}: {reason}.")
        }
        (AcceptanceState::NotYet, Lang::Da) => {
            format!("Fundet tæller med indtil {from}: derefter er det accepteret af {name}, sag {case}: {reason}.")
        }
        (AcceptanceState::NotYet, Lang::En) => {
            format!("The finding counts until {from}: then it is accepted by {name}, case {case}: {reason}.")
        }
    };
    Some(Accepted { is_in_force: *state == AcceptanceState::Accepted, text })
}

/// What the baseline of the run did; `None` where there is none. Of a vendor only what concerns its systems.
pub(crate) fn baseline(part: &Extract<'_>, is_whole: bool, lang: Lang) -> Option<BaselineWords> {
    let scan: &Scan = part.scan;
    let record = scan.baseline.as_ref()?;
    let is_own = |system: &Option<SystemId>| part.systems.iter().any(|own| own.id == *system);
    let told: Vec<&BaselineRemark> =
        record.remarks.iter().filter(|remark| is_whole || is_own(&remark.system)).collect();
    let accepted = part.findings.iter().fold(0_u64, |sum, finding| sum + u64::from(finding.is_accepted()));
    if !is_whole && accepted == 0 && told.is_empty() {
        return None;
    }
    let findings = p::FINDINGS.of(accepted, lang);
    let summary = match lang {
        Lang::Da => format!("{findings} er accepteret for en tid og tæller ikke med."),
        Lang::En if accepted == 1 => "1 finding is accepted for a while and does not count.".to_owned(),
        Lang::En => format!("{findings} are accepted for a while and do not count."),
    };
    let left = told.len().saturating_sub(MAX_REMARKS);
    let mut remarks: Vec<String> = told.iter().take(MAX_REMARKS).map(|one| remark(one, lang)).collect();
    if left > 0 {
        let left = lang.number(crate::naming::count(left));
        remarks.push(match lang {
            Lang::Da => format!("… og {left} til, i scan.json."),
            Lang::En => format!("… and {left} more, in scan.json."),
        });
    }
    Some(BaselineWords { summary, remarks })
}

/// `8f3a12cd cpr-in-referer (tastselv): expired on 1 May 2027 ..`
fn remark(remark: &BaselineRemark, lang: Lang) -> String {
    let fingerprint: String = Inert::short(&remark.fingerprint, MAX_NAME).chars().take(SHORT_FINGERPRINT).collect();
    let system = remark.system.as_ref().map(|id| format!(" ({})", Inert::short(&id.0, MAX_NAME))).unwrap_or_default();
    let name = Inert::short(remark.accepted_by.as_str(), MAX_NAME);
    let case = Inert::short(remark.case.as_str(), MAX_NAME);
    let said = match lang {
        Lang::Da => format!("accepteret af {name} til og med {}, sag {case}", lang.day(remark.expires)),
        Lang::En => format!("accepted by {name} until {}, case {case}", lang.day(remark.expires)),
    };
    let meaning = meaning(remark.kind).to(lang);
    format!("{fingerprint} {}{system}: {meaning} ({said}).", remark.rule.as_str())
}

/// What is said of an entry, and what to do.
fn meaning(kind: BaselineRemarkKind) -> Text {
    match kind {
        BaselineRemarkKind::Expired => Text {
            da: "accepten er udløbet, og fundet tæller med igen",
            en: "the acceptance has expired, and the finding counts again",
        },
        BaselineRemarkKind::NotYet => Text {
            da: "accepten gælder ikke endnu, og fundet tæller med",
            en: "the acceptance does not hold yet, and the finding counts",
        },
        BaselineRemarkKind::Mismatched => Text {
            da: "fundet med dette fingeraftryk har en anden regel eller et andet system, end der står, og tæller med",
            en: "the finding of this fingerprint has another rule or system than is written, and counts",
        },
        BaselineRemarkKind::Unmatched => Text {
            da: "passer ikke på noget fund: det er rettet, eller det blev ikke nået",
            en: "fits no finding: it was mended, or not reached",
        },
        BaselineRemarkKind::NotInRun => {
            Text { da: "systemet var ikke med i kørslen", en: "its system was not in this run" }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Baseline, BaselineEntry, Rule};

    use super::*;
    use crate::sample::{self, said_in_both};
    use crate::{FORMATS, Terminal};

    fn entry(finding: &Finding, expires: &str) -> BaselineEntry {
        BaselineEntry {
            fingerprint: finding.fingerprint.clone(),
            rule: finding.rule,
            system: finding.system.clone(),
            accepted_by: "Ditte Hansen".to_owned(),
            case: "2026-118".to_owned(),
            reason: "mended in release 12".to_owned(),
            accepted: "2026-10-01".parse().unwrap(),
            expires: expires.parse().unwrap(),
            line: 1,
        }
    }

    /// The sample with its first finding accepted, its second no more, and entries that fit nothing.
    fn scan() -> Scan {
        let mut scan = sample::scan();
        let mended = BaselineEntry { fingerprint: "0".repeat(32), ..entry(&scan.findings[0], "2027-01-01") };
        let elsewhere = BaselineEntry { system: Some(SystemId("elsewhere".to_owned())), ..mended.clone() };
        let entries = vec![
            entry(&scan.findings[0], "2027-01-01"),
            entry(&scan.findings[1], "2026-11-21"),
            BaselineEntry { rule: Rule::CprInTitle, ..entry(&scan.findings[2], "2027-01-01") },
            mended,
            BaselineEntry { fingerprint: "1".repeat(32), ..elsewhere },
        ];
        Baseline { entries }.apply(&mut scan);
        scan
    }

    #[test]
    fn every_kind_is_said_in_both_languages() {
        for kind in BaselineRemarkKind::ALL {
            said_in_both(meaning(kind));
        }
    }

    #[test]
    fn what_became_of_each_entry_is_told() {
        let scan = scan();
        let record = scan.baseline.as_ref().unwrap();
        let kinds: Vec<&str> = record.remarks.iter().map(|remark| remark.kind.as_str()).collect();
        assert_eq!(kinds, ["expired", "mismatched", "unmatched", "not-in-run"]);
        assert_eq!((record.entries, record.accepted), (5, 1));
        let words = baseline(&Extract::whole(&scan), true, Lang::En).unwrap();
        assert_eq!(words.summary, "1 finding is accepted for a while and does not count.");
        assert_eq!(words.remarks.len(), 4);
        assert!(words.remarks[0].contains("counts again (accepted by Ditte Hansen until 21 November 2026"));
    }

    #[test]
    fn a_vendor_is_told_of_its_own_systems_alone() {
        let scan = scan();
        let other = Extract::of_vendor(&scan, Some(&scan.vendors[1].id));
        assert_eq!(baseline(&other, false, Lang::Da), None);
        let own = Extract::of_vendor(&scan, Some(&scan.vendors[0].id));
        assert_eq!(baseline(&own, false, Lang::Da).unwrap().remarks.len(), 3);
    }

    #[test]
    fn an_accepted_finding_stays_in_every_report_and_says_so() {
        let scan = scan();
        let (da, en) = (
            "Accepteret af Ditte Hansen til og med 1. januar 2027, sag 2026-118",
            "Accepted by Ditte Hansen until 1 January 2027, case 2026-118",
        );
        let again = "The finding counts again";
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (lang, said) in [(Lang::Da, da), (Lang::En, en)] {
            let text = plain(&Terminal { lang, color: false, width: 80 }.render(&scan));
            assert!(text.contains(said), "{text}");
            assert!(text.contains(scan.findings[0].fingerprint.get(..8).unwrap()));
        }
        let mut told = (0, 0);
        for file in FORMATS.iter().flat_map(|format| format.files(&scan, sample::IN_ENGLISH).unwrap()) {
            // A workbook is packed.
            let Ok(text) = String::from_utf8(file.bytes) else { continue };
            told.0 += usize::from(text.contains(da) || text.contains(en));
            told.1 += usize::from(text.contains(again));
            assert!(file.name != "scan.json" || text.contains("\"state\": \"accepted\""), "{}", file.name);
        }
        assert!(told.0 >= 2 && told.1 >= 1, "{told:?}");
    }

    #[test]
    fn what_is_accepted_is_not_what_to_do_next() {
        let mut scan = scan();
        scan.blind_spots.clear();
        scan.findings.truncate(1);
        let step = |lang| crate::closing::next_step(&Extract::whole(&scan), lang);
        assert_eq!(
            step(Lang::En),
            "Nothing to mend but what is accepted for a while. All that was to be seen was seen."
        );
        assert_eq!(
            step(Lang::Da),
            "Intet at rette ud over det, der er accepteret for en tid. Alt planlagt blev undersøgt."
        );
    }
}
