//! `cprvagt.codequality.json`: GitLab's Code Quality report, which its merge requests show. It knows no more than a
//! sentence, a rule and a place for each finding.

use model::{Finding, Scan, Severity};
use serde::Serialize;

use crate::accepted::accepted;
use crate::inert::Inert;
use crate::lang::Lang;
use crate::place::Place;
use crate::story::finding_title;
use crate::summary::is_possible;
use crate::{Choices, Format, ReportError, ReportFile};

/// The format `code-quality`.
#[derive(Clone, Copy, Debug)]
pub struct CodeQuality;

const NAME: &str = "cprvagt.codequality.json";

/// The most that a page of GitLab can show; the worst come first, and `scan.json` has all.
const MAX_ISSUES: usize = 25_000;

/// One issue, as GitLab names its parts.
#[derive(Debug, Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Debug, Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: u64,
}

impl Format for CodeQuality {
    fn id(&self) -> &'static str {
        "code-quality"
    }

    fn about(&self) -> &'static str {
        "GitLab's Code Quality report"
    }

    fn names(&self) -> &'static [&'static str] {
        &[NAME]
    }

    fn files(&self, scan: &Scan, choices: Choices) -> Result<Vec<ReportFile>, ReportError> {
        let issues: Vec<Issue> =
            scan.findings.iter().take(MAX_ISSUES).map(|finding| issue(finding, scan, choices.lang)).collect();
        let mut bytes = serde_json::to_vec_pretty(&issues)?;
        bytes.push(b'\n');
        Ok(vec![ReportFile { name: NAME.to_owned(), bytes }])
    }
}

fn issue(finding: &Finding, scan: &Scan, lang: Lang) -> Issue {
    let place = Place::of(finding, scan);
    let (title, page) = (finding_title(finding, lang), Inert::from(&finding.page));
    let mut description = if page.is_empty() { title } else { format!("{title}: {page}") };
    if let Some(accepted) = accepted(finding, lang) {
        description = format!("{description}. {}", accepted.text);
    }
    Issue {
        description,
        check_name: finding.rule.as_str(),
        fingerprint: Inert::short(&finding.fingerprint, 64),
        severity: severity(finding),
        location: Location { path: place.path, lines: Lines { begin: place.line } },
    }
}

/// GitLab's five levels. A mere date, and what somebody accepted, is no more than something to know.
fn severity(finding: &Finding) -> &'static str {
    if is_possible(finding) || finding.is_accepted() {
        return "info";
    }
    match finding.severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_sample_as_code_quality() {
        let file = CodeQuality.files(&sample::scan(), sample::IN_ENGLISH).unwrap().remove(0);
        insta::assert_snapshot!(String::from_utf8(file.bytes).unwrap());
    }

    #[test]
    fn a_scan_without_findings_is_an_empty_list() {
        let mut scan = sample::scan();
        scan.findings.clear();
        assert_eq!(CodeQuality.files(&scan, sample::IN_DANISH).unwrap().remove(0).bytes, b"[]\n");
    }
}
