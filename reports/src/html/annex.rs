//! The annex of a vendor's page: method, limits, self-test, levels, severity and test persons.

use model::{DigestDepth, DigestSweep, Evidence, Scan, ScanKind, Severity, Standing};

use super::finding::SeverityMark;
use super::index::no_self_test;
use crate::conditions::conditions;
use crate::inert::Inert;
use crate::lang::Lang;
use crate::texts::{page, terms};

/// The annex.
#[derive(Clone, Debug)]
pub(super) struct Annex {
    pub(super) method: Vec<String>,
    pub(super) limits: Vec<&'static str>,
    pub(super) conditions: Vec<String>,
    /// `None` where there was nothing to test.
    pub(super) probes: Option<Vec<ProbeView>>,
    /// What is said where there are none.
    pub(super) no_probes: &'static str,
    pub(super) levels: Vec<LevelView>,
    pub(super) standings: Vec<&'static str>,
    pub(super) severities: Vec<SeverityRow>,
    pub(super) meanings: Vec<(SeverityMark, &'static str)>,
    pub(super) test_persons: Vec<(String, String)>,
}

/// A probe of the self-test.
#[derive(Clone, Debug)]
pub(super) struct ProbeView {
    pub(super) name: String,
    pub(super) found: bool,
}

/// An evidence level.
#[derive(Clone, Copy, Debug)]
pub(super) struct LevelView {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
}

/// A row of the severity table.
#[derive(Clone, Debug)]
pub(super) struct SeverityRow {
    pub(super) evidence: &'static str,
    pub(super) severities: Vec<SeverityMark>,
}

const STANDINGS: [Standing; 5] =
    [Standing::Own, Standing::Public, Standing::Approved, Standing::Unlisted, Standing::Unknown];

/// The table of DESIGN.md, "Evidence levels and severity", as printed for the reader; the detector applies it.
const SEVERITIES: [(&str, [Severity; 5]); 3] = [
    ("E1, E2", [Severity::Medium, Severity::High, Severity::High, Severity::Critical, Severity::Critical]),
    ("E3", [Severity::Low, Severity::Medium, Severity::Medium, Severity::High, Severity::High]),
    ("E4", [Severity::Info, Severity::Low, Severity::Low, Severity::Medium, Severity::Medium]),
];

/// What was done about values shaped as digests; nothing is said where there were none.
fn digests(scan: &Scan, lang: Lang) -> Option<String> {
    let DigestSweep { seen, depth, undone } = scan.digests?;
    let (seen, undone) = (lang.number(seen), lang.number(undone));
    Some(match (lang, depth) {
        (Lang::Da, DigestDepth::Off) => {
            format!("{seen} værdier kan være hashværdier. Det blev valgt ikke at prøve, om personnumre giver dem.")
        }
        (Lang::En, DigestDepth::Off) => {
            format!("{seen} values may be digests. It was chosen not to try whether personal numbers make them.")
        }
        (Lang::Da, DigestDepth::Fast) => format!(
            "{seen} værdier kan være hashværdier. Alle personnumre med kontrolciffer blev prøvet på dem (MD5, SHA-1 og \
             SHA-256); {undone} af dem er et personnummers. Numre uden kontrolciffer prøves med --digests full."
        ),
        (Lang::En, DigestDepth::Fast) => format!(
            "{seen} values may be digests. All personal numbers with a check digit were tried on them (MD5, SHA-1 and \
             SHA-256); {undone} of them are of a personal number. Numbers without one are tried by --digests full."
        ),
        (Lang::Da, DigestDepth::Full) => format!(
            "{seen} værdier kan være hashværdier. Alle mulige personnumre blev prøvet på dem (MD5, SHA-1 og SHA-256); \
             {undone} af dem er et personnummers."
        ),
        (Lang::En, DigestDepth::Full) => format!(
            "{seen} values may be digests. All plausible personal numbers were tried on them (MD5, SHA-1 and SHA-256); \
             {undone} of them are of a personal number."
        ),
    })
}

impl Annex {
    pub(super) fn new(scan: &Scan, lang: Lang) -> Self {
        let method = match scan.kind {
            ScanKind::Audit => page::METHOD_AUDIT,
            ScanKind::Recording => page::METHOD_RECORDING,
            ScanKind::Proxy | ScanKind::Run => page::METHOD_PROXY,
        };
        let levels = [Evidence::E1, Evidence::E2, Evidence::E3, Evidence::E4];
        Self {
            method: method.map(|text| text.to(lang).to_owned()).into_iter().chain(digests(scan, lang)).collect(),
            limits: page::LIMIT_LIST.map(|text| text.to(lang)).to_vec(),
            conditions: conditions(scan, lang),
            probes: scan.self_test.as_ref().map(|test| {
                let probe = |probe: &model::SelfTestProbe| ProbeView {
                    name: Inert::short(&probe.name, 80),
                    found: probe.found,
                };
                test.probes.iter().map(probe).collect()
            }),
            no_probes: no_self_test(scan).to(lang),
            levels: levels
                .map(|level| LevelView {
                    id: level.as_str(),
                    name: terms::evidence(level).to(lang),
                    meaning: terms::evidence_meaning(level).to(lang),
                })
                .to_vec(),
            standings: STANDINGS.map(|standing| terms::standing_short(standing).to(lang)).to_vec(),
            severities: SEVERITIES
                .map(|(evidence, severities)| SeverityRow {
                    evidence,
                    severities: severities.map(|severity| SeverityMark::new(severity, lang)).to_vec(),
                })
                .to_vec(),
            meanings: Severity::ALL
                .into_iter()
                .rev()
                .map(|severity| (SeverityMark::new(severity, lang), terms::severity_meaning(severity).to(lang)))
                .collect(),
            test_persons: scan
                .test_persons
                .iter()
                .map(|(id, number)| (Inert::short(id, 80), Inert::short(number, 40)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_annex_names_probes_conditions_and_test_persons() {
        let annex = Annex::new(&sample::scan(), Lang::Da);
        assert_eq!(annex.probes.unwrap().len(), 5);
        assert_eq!(annex.conditions.len(), 2);
        assert_eq!(annex.test_persons, [("karen".to_owned(), "010145-5001".to_owned())]);
    }

    #[test]
    fn surer_evidence_and_stranger_recipients_are_never_milder() {
        for (_, row) in SEVERITIES {
            assert!(row.is_sorted());
        }
        for column in 0..STANDINGS.len() {
            assert!(SEVERITIES.map(|(_, row)| row[column]).is_sorted_by(|above, below| above >= below));
        }
    }
}
