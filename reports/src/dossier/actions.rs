//! What is to be done about a vendor's findings: each way of mending once, the most helpful first, with who does it and until when.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use model::{Finding, Remedy, Scan, Severity};

use super::agreements::day_of;
use crate::lang::Lang;
use crate::mending::mending;

/// A critical finding is mended within a week: numbers leave every day.
pub(crate) const CRITICAL_DAYS: i64 = 7;

/// A high one within a usual release.
pub(crate) const HIGH_DAYS: i64 = 30;

/// A medium one within a quarter.
pub(crate) const MEDIUM_DAYS: i64 = 90;

/// What is low, or for information, within the half year that a baseline may accept a finding for.
pub(crate) const LOW_DAYS: i64 = 180;

/// Who is to do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The systems' vendor.
    Vendor,
    /// The authority: agreements are the controller's.
    Authority,
}

/// A finding and its number on the page; `None` when the page has no room for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbered<'a> {
    pub(crate) number: Option<u64>,
    pub(crate) finding: &'a Finding,
}

/// One thing to do.
#[derive(Clone, Debug)]
pub(crate) struct Action<'a> {
    pub(crate) remedy: Remedy,
    pub(crate) title: &'static str,
    pub(crate) owner: Owner,
    /// The worst of what it mends.
    pub(crate) severity: Severity,
    /// The last day.
    pub(crate) due: Date,
    pub(crate) mends: Vec<Numbered<'a>>,
}

/// All there is to do.
#[derive(Clone, Debug)]
pub(crate) struct Plan<'a> {
    /// The most helpful first.
    pub(crate) actions: Vec<Action<'a>>,
    /// Accepted for a while: nothing is to be done.
    pub(crate) accepted: Vec<Numbered<'a>>,
    /// No way of mending is known.
    pub(crate) without: Vec<Numbered<'a>>,
}

impl<'a> Plan<'a> {
    /// What is to be done about `findings` of `scan`.
    pub(crate) fn new(scan: &Scan, findings: &[Numbered<'a>], lang: Lang) -> Self {
        let mut plan = Self { actions: Vec::new(), accepted: Vec::new(), without: Vec::new() };
        let mut ways: BTreeMap<Remedy, Action<'a>> = BTreeMap::new();
        for numbered in findings.iter().copied() {
            let finding = numbered.finding;
            if finding.is_accepted() {
                plan.accepted.push(numbered);
                continue;
            }
            let mending = mending(finding, lang);
            if mending.is_empty() {
                plan.without.push(numbered);
            }
            for way in mending {
                let action = ways.entry(way.remedy).or_insert_with(|| Action {
                    remedy: way.remedy,
                    title: way.title,
                    owner: owner(way.remedy),
                    severity: finding.severity,
                    due: day_of(scan),
                    mends: Vec::new(),
                });
                action.severity = action.severity.max(finding.severity);
                action.mends.push(numbered);
            }
        }
        // The remedies stand in the order that helps most.
        plan.actions = ways.into_values().collect();
        for action in &mut plan.actions {
            action.due = due(scan, action.severity);
        }
        plan
    }
}

/// The last day for what is so severe.
fn due(scan: &Scan, severity: Severity) -> Date {
    let days = match severity {
        Severity::Critical => CRITICAL_DAYS,
        Severity::High => HIGH_DAYS,
        Severity::Medium => MEDIUM_DAYS,
        Severity::Low | Severity::Info => LOW_DAYS,
    };
    day_of(scan).saturating_add(days.days())
}

fn owner(remedy: Remedy) -> Owner {
    match remedy {
        Remedy::AgreementOrStop => Owner::Authority,
        Remedy::KeepNumberInSession
        | Remedy::PostInsteadOfGet
        | Remedy::RedirectWithoutNumber
        | Remedy::StrictReferrerPolicy
        | Remedy::SelfHostScripts
        | Remedy::ScrubTelemetry
        | Remedy::RemoveThirdParty
        | Remedy::AskRecipientToDelete
        | Remedy::HttpsOnly
        | Remedy::OpaqueCookie
        | Remedy::NoDigests
        | Remedy::NeutralTitles
        | Remedy::TitleWithoutNumber
        | Remedy::NothingInBrowser
        | Remedy::MailWithoutNumber
        | Remedy::NoStore
        | Remedy::AskBehindLogin
        | Remedy::NoScriptsOnForms
        | Remedy::OwnReports
        | Remedy::LogWithoutNumber => Owner::Vendor,
    }
}

#[cfg(test)]
mod tests {
    use model::{Acceptance, AcceptanceState};

    use super::*;
    use crate::sample;

    fn numbered(scan: &Scan) -> Vec<Numbered<'_>> {
        scan.findings.iter().zip(1..).map(|(finding, number)| Numbered { number: Some(number), finding }).collect()
    }

    #[test]
    fn each_action_stands_once_with_all_that_it_mends_and_the_date_of_the_worst() {
        let scan = sample::scan();
        let plan = Plan::new(&scan, &numbered(&scan), Lang::Da);
        let first = &plan.actions[0];
        assert_eq!(first.remedy, Remedy::KeepNumberInSession);
        assert_eq!(first.mends.iter().filter_map(|one| one.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!((first.severity, first.due), (Severity::Critical, "2026-11-29".parse().unwrap()));
        let scrub = plan.actions.iter().find(|action| action.remedy == Remedy::ScrubTelemetry).unwrap();
        assert_eq!(scrub.due, "2026-12-22".parse().unwrap());
        let agreement = plan.actions.iter().find(|action| action.remedy == Remedy::AgreementOrStop).unwrap();
        assert_eq!((agreement.owner, agreement.due), (Owner::Authority, "2027-02-20".parse().unwrap()));
        assert!(plan.actions.is_sorted_by_key(|action| action.remedy));
        assert!(plan.accepted.is_empty() && plan.without.is_empty());
    }

    #[test]
    fn what_is_accepted_or_cannot_be_mended_stands_apart() {
        let mut scan = sample::scan();
        let state = AcceptanceState::Accepted;
        let (by, day) = (sample::own("Ditte Hansen"), day_of(&scan));
        let acceptance =
            Acceptance { state, accepted_by: by.clone(), case: by.clone(), reason: by, accepted: day, expires: day };
        scan.findings[0].acceptance = Some(acceptance.clone());
        scan.findings[1].acceptance = Some(Acceptance { state: AcceptanceState::Expired, ..acceptance });
        scan.findings[4].remedies.clear();
        let plan = Plan::new(&scan, &numbered(&scan), Lang::Da);
        let numbers = |some: &[Numbered<'_>]| some.iter().filter_map(|one| one.number).collect::<Vec<_>>();
        assert_eq!((numbers(&plan.accepted), numbers(&plan.without)), (vec![1], vec![5]));
        assert_eq!(numbers(&plan.actions[0].mends), [2, 3, 4]);
    }

    #[test]
    fn the_introduction_tells_the_days_that_are_counted() {
        for lang in Lang::ALL {
            let said = crate::texts::dossier::ACTIONS_INTRODUCTION.to(lang);
            for days in [CRITICAL_DAYS, HIGH_DAYS, MEDIUM_DAYS, LOW_DAYS] {
                assert!(said.contains(&format!(" {days}")), "{said}");
            }
        }
    }

    #[test]
    fn a_date_beyond_the_calendar_is_its_last_day() {
        let mut scan = sample::scan();
        scan.ended = jiff::Timestamp::MAX;
        assert_eq!(due(&scan, Severity::Low), Date::MAX);
    }
}
