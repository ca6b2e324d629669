//! `cprvagt.junit.xml`: `JUnit` XML as Jenkins and GitLab read it. A suite for each system; in it a case for each finding,
//! for each rule that nothing broke, and for each place that was not seen, which is skipped with its reason. What fails is
//! what makes the exit code 1.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{BlindSpotRecord, Finding, Rule, Scan, ScanKind, SystemResult, Verdict};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::accepted::accepted;
use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::message::Message;
use crate::naming::count;
use crate::place::Place;
use crate::story::finding_title;
use crate::summary::{Extract, Instrument, has_registry, instrument};
use crate::texts::blind_spots::blind_spot;
use crate::texts::details::detail;
use crate::texts::page as t;
use crate::texts::rules::rule;
use crate::verdict::state;
use crate::{Choices, Format, ReportError, ReportFile};

/// The format `junit`.
#[derive(Clone, Copy, Debug)]
pub struct Junit;

const NAME: &str = "cprvagt.junit.xml";

/// The whole report's name.
const TOOL: &str = "cprvagt";

/// More findings in one suite are counted: a reader of `JUnit` shows a list that nobody pages through.
const MAX_FINDINGS: usize = 5_000;

/// More places that were not seen, in one suite, are counted.
const MAX_UNSEEN: usize = 500;

/// Digits of the fingerprint in a case's name: they tell findings of one rule and page apart, and stay.
const SHORT_FINGERPRINT: usize = 8;

/// Longest part of a name.
const MAX_NAME: usize = 120;

/// Longest explanation of what was not seen.
const MAX_REASON: usize = 600;

const VOID: Text = Text {
    da: "Selvtesten mislykkedes, så at intet blev fundet, siger intet.",
    en: "The self-test failed, so that nothing was found says nothing.",
};
const NOT_COVERED: Text = Text {
    da: "Intet af systemet blev set bag dets forside.",
    en: "Nothing of the system was seen beyond its front door.",
};
const NO_PAGES: Text = Text {
    da: "Reglen ser på sider i en browser, og her blev kun trafik læst.",
    en: "The rule looks at pages in a browser, and here only traffic was read.",
};
const NO_LOGS: Text = Text {
    da: "Reglen ser på logge, og her blev ingen læst.",
    en: "The rule looks at logs, and here none was read.",
};
const NO_REGISTRY: Text = Text {
    da: "Uden et register kan ingen modtager mangle på en liste.",
    en: "Without a registry no recipient can be missing on a list.",
};
const NOT_RUN: Text = Text { da: "Selvtesten blev afbrudt.", en: "The self-test was stopped." };

impl Format for Junit {
    fn id(&self) -> &'static str {
        "junit"
    }

    fn about(&self) -> &'static str {
        "test results, as Jenkins and GitLab read them"
    }

    fn names(&self) -> &'static [&'static str] {
        &[NAME]
    }

    fn files(&self, scan: &Scan, choices: Choices) -> Result<Vec<ReportFile>, ReportError> {
        let report = report(scan, choices);
        let text = report.to_string()?;
        // The root's count of skipped cases is the crate's addition; Jenkins' schema (junit-10) knows it on suites alone.
        let text = text.replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1);
        Ok(vec![ReportFile { name: NAME.to_owned(), bytes: text.into_bytes() }])
    }
}

/// A suite being filled. Readers take two cases of one name for one, so those after the first are numbered.
struct Cases {
    suite: TestSuite,
    names: BTreeMap<String, u64>,
}

impl Cases {
    /// The class is the suite and `class`, as Jenkins sorts them into packages and classes.
    fn add(&mut self, name: &str, class: &str, status: TestCaseStatus, out: Option<String>) {
        let class = format!("{}.{class}", self.suite.name.as_str());
        let met = self.names.entry(format!("{class} {name}")).or_default();
        *met += 1;
        let name = if *met > 1 { format!("{name} ({met})") } else { name.to_owned() };
        let mut case = TestCase::new(name, status);
        case.set_classname(class).set_time(Duration::ZERO);
        if let Some(out) = out {
            case.set_system_out(out);
        }
        self.suite.add_test_case(case);
    }
}

fn report(scan: &Scan, choices: Choices) -> Report {
    let mut report = Report::new(TOOL);
    report.set_time(duration(scan));
    report.add_test_suites(self_test(scan, choices.lang));
    report.add_test_suites(scan.systems.iter().map(|system| of_system(system, scan, choices)));
    let whole = Extract::whole(scan);
    let (stray, unseen) = (whole.stray_findings(), whole.run_blind_spots());
    if !stray.is_empty() || !unseen.is_empty() {
        let mut rest = suite(t::WHOLE_RUN.to(choices.lang), scan);
        findings(&mut rest, &stray, scan, choices);
        not_seen(&mut rest, &unseen, choices.lang);
        report.add_test_suite(rest.suite);
    }
    report
}

fn of_system(system: &SystemResult, scan: &Scan, choices: Choices) -> TestSuite {
    let part = Extract::of_system(scan, system);
    let name = system.id.as_ref().map_or_else(|| system.name.as_str(), |id| id.0.as_str());
    let mut suite = suite(&Inert::short(name, MAX_NAME), scan);
    findings(&mut suite, &part.findings, scan, choices);
    for each in Rule::ALL.into_iter().filter(|each| part.findings.iter().all(|finding| finding.rule != *each)) {
        let status =
            unchecked(each, system, scan).map_or_else(TestCaseStatus::success, |why| skipped(why.to(choices.lang)));
        let name = format!("{}: {}", each.as_str(), rule(each).name.to(choices.lang));
        suite.add(&name, each.as_str(), status, None);
    }
    not_seen(&mut suite, &part.blind_spots, choices.lang);
    suite.suite
}

/// Why it is not known whether the system keeps a rule that nothing broke; `None` where it was looked for.
fn unchecked(rule: Rule, system: &SystemResult, scan: &Scan) -> Option<Text> {
    let reads_pages = match scan.kind {
        ScanKind::Audit => true,
        ScanKind::Recording | ScanKind::Proxy | ScanKind::Run => false,
    };
    if instrument(scan) == Instrument::Failed {
        return Some(VOID);
    }
    match state(scan, system) {
        Verdict::NotCovered => Some(NOT_COVERED),
        Verdict::Leaking | Verdict::Incomplete | Verdict::Clean if rule.is_of_page() && !reads_pages => Some(NO_PAGES),
        Verdict::Leaking | Verdict::Incomplete | Verdict::Clean if rule == Rule::CprInLog && scan.logs.is_none() => {
            Some(NO_LOGS)
        }
        Verdict::Leaking | Verdict::Incomplete | Verdict::Clean => {
            (rule == Rule::UnlistedRecipient && !has_registry(scan)).then_some(NO_REGISTRY)
        }
    }
}

fn findings(suite: &mut Cases, findings: &[&Finding], scan: &Scan, choices: Choices) {
    for finding in findings.iter().take(MAX_FINDINGS) {
        let text = Message::new(finding, scan, choices.lang).text();
        let breaks = choices.fail_on.is_some_and(|threshold| finding.breaks_at(threshold));
        let in_force = accepted(finding, choices.lang).filter(|accepted| accepted.is_in_force);
        let (status, out) = if let Some(accepted) = in_force {
            (skipped(&accepted.text), Some(text))
        } else if breaks {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let place = Place::of(finding, scan);
            status.set_type(finding.rule.as_str()).set_message(finding_title(finding, choices.lang));
            status.set_description(format!("{text}\n{}:{}", place.path, place.line));
            (status, None)
        } else {
            // Told, and no reason to break a build.
            (TestCaseStatus::success(), Some(text))
        };
        suite.add(&name_of(finding), finding.rule.as_str(), status, out);
    }
    let left = findings.len().saturating_sub(MAX_FINDINGS);
    if left > 0 {
        let breaks = findings.iter().skip(MAX_FINDINGS).any(|f| choices.fail_on.is_some_and(|at| f.breaks_at(at)));
        let kind = NonSuccessKind::Failure;
        let mut status = if breaks { TestCaseStatus::non_success(kind) } else { TestCaseStatus::success() };
        let more = crate::closing::more_findings(count(left), choices.lang);
        status.set_message(more.clone());
        suite.add(&more, "more-findings", status, None);
    }
}

/// The same in every run and language: readers know a case again by it.
fn name_of(finding: &Finding) -> String {
    let short = |text: &str| Inert::short(text, MAX_NAME);
    let fingerprint: String = Inert::short(&finding.fingerprint, MAX_NAME).chars().take(SHORT_FINGERPRINT).collect();
    let (page, recipient) = (short(finding.page.as_str()), short(finding.recipient.domain.as_str()));
    format!("{}: {page} → {recipient} ({fingerprint})", finding.rule.as_str())
}

fn not_seen(suite: &mut Cases, spots: &[&BlindSpotRecord], lang: Lang) {
    for spot in spots.iter().take(MAX_UNSEEN) {
        let (words, kind) = (blind_spot(spot.kind), spot.kind.as_str());
        let place = Inert::short(spot.place.as_str(), MAX_NAME);
        let more = Inert::short(&detail(spot.detail.as_str(), lang).text, MAX_REASON);
        let reason = format!(
            "{}: {} × {place}. {more} {} {}",
            words.title.to(lang),
            lang.number(spot.count),
            words.meaning.to(lang),
            words.action.to(lang)
        );
        suite.add(&format!("{kind}: {place}"), &format!("not-seen.{kind}"), skipped(&reason), None);
    }
    let left = spots.len().saturating_sub(MAX_UNSEEN);
    if left > 0 {
        let more = match lang {
            Lang::Da => format!("Yderligere {} steder, der ikke blev set, står i scan.json.", lang.number(count(left))),
            Lang::En => format!("{} more places that were not seen are in scan.json.", lang.number(count(left))),
        };
        suite.add(&more, "not-seen", skipped(&more), None);
    }
}

/// Whether the instrument saw what it must: a failure of the tool, not of a system.
fn self_test(scan: &Scan, lang: Lang) -> Option<TestSuite> {
    let mut suite = suite(&format!("{TOOL} {}", t::SELF_TEST.to(lang).to_lowercase()), scan);
    match (&scan.self_test, instrument(scan)) {
        (Some(test), _) => {
            for probe in &test.probes {
                let status = if probe.found {
                    TestCaseStatus::success()
                } else {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                    status.set_type("self-test-missed").set_message(VOID.to(lang));
                    status
                };
                suite.add(&Inert::short(&probe.name, MAX_NAME), "self-test", status, None);
            }
        }
        (None, Instrument::Unfinished) => suite.add("self-test", "self-test", skipped(NOT_RUN.to(lang)), None),
        (None, Instrument::Passed | Instrument::Failed | Instrument::None) => return None,
    }
    Some(suite.suite)
}

fn suite(name: &str, scan: &Scan) -> Cases {
    let mut suite = TestSuite::new(name);
    // What a run took is not known of each system: the report as a whole has it.
    suite.set_time(Duration::ZERO);
    suite.extra.insert("timestamp".into(), scan.started.strftime("%Y-%m-%dT%H:%M:%S").to_string().into());
    Cases { suite, names: BTreeMap::new() }
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(why);
    status
}

/// What the run took; a clock that went back tells nothing.
fn duration(scan: &Scan) -> Duration {
    Duration::try_from(scan.ended.duration_since(scan.started)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use model::Severity;

    use super::*;
    use crate::sample;

    fn text(scan: &Scan, choices: Choices) -> String {
        String::from_utf8(Junit.files(scan, choices).unwrap().remove(0).bytes).unwrap()
    }

    #[test]
    fn the_sample_as_junit() {
        insta::assert_snapshot!(text(&sample::scan(), sample::IN_ENGLISH));
    }

    #[test]
    fn what_fails_is_what_breaks_the_build() {
        let scan = sample::scan();
        for fail_on in [None, Some(Severity::Info), Some(Severity::High), Some(Severity::Critical)] {
            let broken = scan.findings.iter().filter(|f| fail_on.is_some_and(|at| f.breaks_at(at))).count();
            let report = report(&scan, Choices { lang: Lang::En, fail_on });
            assert_eq!(report.failures, broken, "{fail_on:?}");
            assert_eq!(report.errors, 0);
        }
    }

    #[test]
    fn a_rule_passes_only_where_it_was_looked_for() {
        let mut scan = sample::scan();
        let passed = |scan: &Scan, at: usize| {
            let suite = of_system(&scan.systems[at], scan, sample::IN_ENGLISH);
            suite.tests - suite.failures - suite.skipped
        };
        assert_eq!(passed(&scan, 1), Rule::ALL.len() - 1, "no log was read");
        scan.logs = Some(Box::default());
        assert_eq!(passed(&scan, 1), Rule::ALL.len());
        assert_eq!(passed(&scan, 2), 0, "behind a login that was not passed");
        scan.kind = ScanKind::Recording;
        let of_page = Rule::ALL.iter().filter(|rule| rule.is_of_page()).count();
        assert_eq!(passed(&scan, 1), Rule::ALL.len() - of_page);
        scan.kind = ScanKind::Audit;
        scan.self_test.as_mut().unwrap().probes[0].found = false;
        assert_eq!(passed(&scan, 1), 0, "the run is void");
        assert_eq!(report(&scan, sample::IN_DANISH).errors, 1);
    }

    #[test]
    fn the_root_has_no_attribute_that_jenkins_does_not_know() {
        let text = text(&sample::scan(), sample::IN_DANISH);
        let root = text.lines().nth(1).unwrap();
        assert!(root.starts_with("<testsuites name=\"cprvagt\" tests=") && !root.contains("skipped"), "{root}");
        assert!(text.contains("<testsuite name=\"tastselv\"") && text.contains(" skipped=\""), "{text}");
    }
}
