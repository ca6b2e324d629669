//! The required actions for a page.

use std::collections::BTreeMap;

use model::{Finding, Scan, ScanKind};

use super::finding::{MAX_CARDS, SeverityMark};
use crate::dossier::actions::{Numbered, Owner, Plan};
use crate::inert::Inert;
use crate::lang::Lang;
use crate::mending::anchor;
use crate::naming::count;
use crate::summary::{Extract, owner};
use crate::texts::dossier as d;

/// Findings that an action names; the rest are counted.
const MAX_NAMED: usize = 24;

/// Systems that an action names.
const MAX_SYSTEMS: usize = 12;

/// Characters of a fingerprint that tell findings apart.
const SHORT_FINGERPRINT: usize = 8;

/// The section of a page.
#[derive(Clone, Debug)]
pub(super) struct ActionsView {
    pub(super) actions: Vec<ActionView>,
    /// Number on the page, title, and until when and by whom.
    pub(super) accepted: Vec<AcceptedView>,
    /// Findings without a way of mending.
    pub(super) without: Option<Mends>,
}

/// A thing to do.
#[derive(Clone, Debug)]
pub(super) struct ActionView {
    pub(super) anchor: &'static str,
    pub(super) number: u64,
    pub(super) title: &'static str,
    pub(super) mends: Mends,
    pub(super) severity: SeverityMark,
    pub(super) owner: &'static str,
    pub(super) due: String,
    pub(super) retests: Vec<RetestView>,
    /// How many more systems are to be tested; empty when all are named.
    pub(super) retests_left: String,
}

/// Some findings.
#[derive(Clone, Debug)]
pub(super) struct Mends {
    pub(super) numbers: Vec<u64>,
    /// How many more; empty when all are named.
    pub(super) left: String,
}

/// How to test one system again.
#[derive(Clone, Debug)]
pub(super) struct RetestView {
    pub(super) command: String,
    /// The first digits of the fingerprints to look for.
    pub(super) ids: Vec<String>,
    pub(super) left: String,
}

/// A finding that is accepted.
#[derive(Clone, Debug)]
pub(super) struct AcceptedView {
    pub(super) number: Option<u64>,
    pub(super) id: String,
    pub(super) text: String,
}

impl ActionsView {
    pub(super) fn new(part: &Extract<'_>, lang: Lang) -> Self {
        let plan = Plan::new(part.scan, &numbered(part), lang);
        let accepted = plan.accepted.iter().take(MAX_CARDS).map(|one| AcceptedView {
            number: one.number,
            id: short(one.finding),
            text: crate::accepted::accepted(one.finding, lang).map(|accepted| accepted.text).unwrap_or_default(),
        });
        let actions = plan.actions.iter().zip(1..).map(|(action, number)| {
            let (retests, retests_left) = retests(part.scan, &action.mends, lang);
            ActionView {
                anchor: anchor(action.remedy),
                number,
                title: action.title,
                mends: Mends::new(&action.mends, lang),
                severity: SeverityMark::new(action.severity, lang),
                owner: match action.owner {
                    Owner::Vendor => d::OWNER_VENDOR.to(lang),
                    Owner::Authority => d::OWNER_AUTHORITY.to(lang),
                },
                due: lang.day(action.due),
                retests,
                retests_left,
            }
        });
        Self {
            actions: actions.collect(),
            accepted: accepted.collect(),
            without: (!plan.without.is_empty()).then(|| Mends::new(&plan.without, lang)),
        }
    }
}

impl Mends {
    fn new(findings: &[Numbered<'_>], lang: Lang) -> Self {
        let numbers: Vec<u64> = findings.iter().filter_map(|one| one.number).take(MAX_NAMED).collect();
        Self { left: more(findings.len() - numbers.len(), lang), numbers }
    }
}

/// The findings of `part` with their numbers, in the order of the page.
fn numbered<'a>(part: &Extract<'a>) -> Vec<Numbered<'a>> {
    let of_systems = part.systems.iter().flat_map(|system| Extract::of_system(part.scan, system).findings);
    let all = of_systems.chain(part.stray_findings());
    all.zip(1..).map(|(finding, at)| Numbered { number: (at <= MAX_CARDS).then(|| count(at)), finding }).collect()
}

/// The command for each system, and what to look for.
fn retests(scan: &Scan, mends: &[Numbered<'_>], lang: Lang) -> (Vec<RetestView>, String) {
    let mut systems: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in mends {
        systems.entry(command(scan, one.finding)).or_default().push(short(one.finding));
    }
    let left = more(systems.len().saturating_sub(MAX_SYSTEMS), lang);
    let view = |(command, mut ids): (String, Vec<String>)| {
        let left = more(ids.len().saturating_sub(MAX_NAMED), lang);
        ids.truncate(MAX_NAMED);
        RetestView { command, ids, left }
    };
    (systems.into_iter().take(MAX_SYSTEMS).map(view).collect(), left)
}

/// What tests the finding's system again, in the way it was found.
fn command(scan: &Scan, finding: &Finding) -> String {
    match scan.kind {
        ScanKind::Audit => {
            let system = owner(scan, finding);
            let id = system.and_then(|system| system.id.as_ref()).map(|id| Inert::short(&id.0, 80));
            let url = system.and_then(|system| system.base_urls.first()).map(|url| Inert::short(url.as_str(), 120));
            format!("cprvagt audit {}", id.or(url).unwrap_or_else(|| "…".to_owned()))
        }
        ScanKind::Recording => "cprvagt scan …".to_owned(),
        ScanKind::Proxy => "cprvagt proxy".to_owned(),
        ScanKind::Run => crate::message::proof(scan, finding).unwrap_or_else(|| "cprvagt run -- …".to_owned()),
    }
}

fn short(finding: &Finding) -> String {
    Inert::short(&finding.fingerprint, 64).chars().take(SHORT_FINGERPRINT).collect()
}

/// How many more; empty for none.
fn more(left: usize, lang: Lang) -> String {
    let counted = lang.number(count(left));
    match (left, lang) {
        (0, Lang::Da | Lang::En) => String::new(),
        (_, Lang::Da) => format!("og {counted} til"),
        (_, Lang::En) => format!("and {counted} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn an_action_names_its_findings_and_how_to_test_again() {
        let scan = sample::scan();
        let view = ActionsView::new(&Extract::of_vendor(&scan, Some(&scan.vendors[0].id)), Lang::Da);
        let first = &view.actions[0];
        assert_eq!(
            (first.mends.numbers.as_slice(), first.due.as_str()),
            ([1, 2, 3, 4].as_slice(), "29. november 2026")
        );
        assert_eq!(first.retests[0].command, "cprvagt audit tastselv");
        assert_eq!(first.retests[0].ids, ["8f3a12cd", "17c0ffee", "2b7e1516", "3ad77bb4"]);
    }

    #[test]
    fn more_findings_than_a_page_shows_are_counted() {
        let mut scan = sample::scan();
        scan.findings = scan.findings.iter().cycle().take(MAX_CARDS + 200).cloned().collect();
        let view = ActionsView::new(&Extract::whole(&scan), Lang::En);
        let first = &view.actions[0];
        assert_eq!(first.mends.numbers.len(), MAX_NAMED);
        assert_eq!(first.mends.left, "and 776 more");
    }
}
