//! What a dossier's cover says: for whom, by whom, of which scan, and how far it holds.

use model::VendorId;

use super::agreements::{agreement_words, day_of, has_expired};
use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::naming::count;
use crate::summary::{Extract, Instrument, instrument};
use crate::texts::details::detail;
use crate::texts::{dossier as d, page, phrases as p, terms};

/// A name, an address or a number is no longer than this.
const MAX_NAME: usize = 200;

/// A line of the cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) label: &'static str,
    pub(crate) value: String,
}

/// The cover of the dossier on `part`, which is `vendor`'s.
pub(crate) fn cover(part: &Extract<'_>, vendor: Option<(&VendorId, &str)>, lang: Lang) -> Vec<Line> {
    let scan = part.scan;
    let declared = scan.declared.as_deref();
    let line = |label: Text, value: Option<String>| Line {
        label: label.to(lang),
        value: value.unwrap_or_else(|| page::NOT_DECLARED.to(lang).to_owned()),
    };
    let short = |text: &String| Inert::short(text, MAX_NAME);
    let of_vendor = vendor.and_then(|(id, _)| declared?.vendor(id));
    let mut lines = vec![line(d::TO, vendor.map(|(_, name)| name.to_owned()))];
    if vendor.is_some() {
        lines.push(line(d::COMPANY_NUMBER, of_vendor.and_then(|one| one.cvr.as_ref()).map(short)));
        lines.push(line(d::VENDOR_CONTACT, of_vendor.and_then(|one| one.contact.as_ref()).map(short)));
        lines.push(line(
            d::VENDOR_AGREEMENT,
            of_vendor.and_then(|one| {
                let words = agreement_words(&one.agreement, lang)?;
                let expired = has_expired(&one.agreement, day_of(scan));
                Some(match (expired, lang) {
                    (false, Lang::Da | Lang::En) => words,
                    (true, Lang::Da) => format!("{words} – udløbet"),
                    (true, Lang::En) => format!("{words} – expired"),
                })
            }),
        ));
        lines.push(line(d::NEXT_SUPERVISION, of_vendor.and_then(|one| one.next_supervision).map(|day| lang.day(day))));
    }
    lines.push(line(d::FROM, scan.controller.as_ref().map(short)));
    lines.push(line(d::AUTHORITY_CONTACT, declared.and_then(|one| one.contact.as_ref()).map(short)));
    lines.push(line(d::DPO, declared.and_then(|one| one.dpo.as_ref()).map(short)));
    lines.push(line(d::VALID, Some(lang.moment(scan.ended))));
    lines.push(line(page::HOW, Some(terms::scan_kind(scan.kind).to(lang).to_owned())));
    lines.push(line(d::COMPLETENESS, Some(completeness(part, lang))));
    lines.push(line(d::SIMULATED, Some(simulated(part, lang))));
    let registry = if declared.is_some() { d::REGISTRY_AS_WAS } else { d::NO_REGISTRY };
    lines.push(line(d::REGISTRY, Some(registry.to(lang).to_owned())));
    lines.push(line(page::SCAN_ID, Some(short(&scan.id))));
    let tool = format!("{} {}", short(&scan.tool.name), short(&scan.tool.version));
    lines.push(line(page::TOOL, Some(tool)));
    lines
}

/// Whether all was seen, and if not how much was missed.
fn completeness(part: &Extract<'_>, lang: Lang) -> String {
    let was_tested = match instrument(part.scan) {
        Instrument::Passed | Instrument::None => true,
        Instrument::Failed | Instrument::Unfinished => false,
    };
    let missed = part.unseen();
    if was_tested && missed == 0 {
        return d::COMPLETE.to(lang).to_owned();
    }
    let mut words = vec![d::INCOMPLETE.to(lang).to_owned()];
    if missed > 0 {
        let missed = lang.number(missed);
        words.push(match lang {
            Lang::Da => format!("{missed} mangler i dækningen"),
            Lang::En if part.unseen() == 1 => "1 thing was not seen".to_owned(),
            Lang::En => format!("{missed} things were not seen"),
        });
    }
    if !was_tested {
        words.push(match lang {
            Lang::Da => "selvtesten er ikke bestået".to_owned(),
            Lang::En => "the self-test was not passed".to_owned(),
        });
    }
    words.join("; ")
}

/// How the scan was otherwise than a citizen's browser; the annex tells it in full.
fn simulated(part: &Extract<'_>, lang: Lang) -> String {
    let declared = part.scan.conditions.iter().map(|condition| detail(condition.as_str(), lang).text);
    let mut told: Vec<String> = declared.map(|text| text.trim_end_matches('.').to_owned()).collect();
    let findings = count(part.findings.iter().filter(|finding| finding.simulated).count());
    if findings > 0 {
        let findings = p::FINDINGS.of(findings, lang);
        told.push(match lang {
            Lang::Da => format!("{findings} ses kun sådan"),
            Lang::En => format!("{findings} seen only so"),
        });
    }
    if told.is_empty() { d::NOTHING_SIMULATED.to(lang).to_owned() } else { told.join("; ") }
}

#[cfg(test)]
mod tests {
    use model::Scan;

    use super::*;
    use crate::sample;

    fn lines(scan: &Scan, at: usize, lang: Lang) -> Vec<(&'static str, String)> {
        let vendor = &scan.vendors[at];
        let part = Extract::of_vendor(scan, Some(&vendor.id));
        let lines = cover(&part, Some((&vendor.id, &vendor.name)), lang);
        lines.into_iter().map(|line| (line.label, line.value)).collect()
    }

    #[track_caller]
    fn said(lines: &[(&'static str, String)], label: Text) -> String {
        lines.iter().find(|(said, _)| *said == label.en).unwrap().1.clone()
    }

    #[test]
    fn the_cover_names_both_sides_the_scan_and_how_far_it_holds() {
        let scan = sample::scan();
        let missed = Extract::of_vendor(&scan, Some(&scan.vendors[0].id)).unseen();
        let lines = lines(&scan, 0, Lang::En);
        assert_eq!(said(&lines, d::TO), "Nordia IT A/S");
        assert_eq!(said(&lines, d::VENDOR_AGREEMENT), "2019-114 of 1 March 2019, valid until 28 February 2027");
        assert_eq!(said(&lines, d::DPO), "dpo@skatteborg.test");
        assert_eq!(said(&lines, d::VALID), "22 November 2026, 04:03 UTC");
        assert_eq!(said(&lines, d::COMPLETENESS), format!("not complete; {missed} things were not seen"));
        assert!(said(&lines, d::SIMULATED).contains("before 2020"));
    }

    #[test]
    fn what_is_not_declared_is_said_not_to_be() {
        let told = lines(&sample::scan(), 1, Lang::En);
        assert_eq!(said(&told, d::VENDOR_AGREEMENT), page::NOT_DECLARED.en);
        let mut scan = sample::scan();
        (scan.declared, scan.controller) = (None, None);
        let told = lines(&scan, 0, Lang::En);
        assert_eq!(
            (said(&told, d::FROM), said(&told, d::REGISTRY)),
            (page::NOT_DECLARED.en.into(), "no registry".into())
        );
    }

    #[test]
    fn an_agreement_that_has_expired_is_said_to() {
        let mut scan = sample::scan();
        scan.declared.as_mut().unwrap().vendors[0].agreement.dpa_expires = Some("2020-01-01".parse().unwrap());
        assert!(said(&lines(&scan, 0, Lang::En), d::VENDOR_AGREEMENT).ends_with("– expired"));
    }
}
