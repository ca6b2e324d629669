//! The overview: the verdict in one sentence, and vendors and systems in a table that leads to their pages.

use askama::Template;
use model::{Scan, VendorId, Verdict};

use super::comparison::ChangesView;
use super::file_name;
use super::finding::SeverityMark;
use super::frame::{Entry, Frame, Links, Notice, notice, recipient_names, run_facts};
use super::overview::OverviewView;
use super::system::VerdictMark;
use super::unseen::{Unseen, grouped};
use crate::accepted::{BaselineWords, baseline};
use crate::comparison::Changes;
use crate::headline::{headline, lede};
use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::logs::{Logs, sentence};
use crate::overview::Overview;
use crate::summary::{Extract, Instrument, instrument, vendor_name};
use crate::texts::{comparison as c, logs as lo, overview as ov, page, terms};

/// The overview page.
#[derive(Debug, Template)]
#[template(path = "index.html")]
pub(super) struct IndexPage {
    frame: Frame,
    facts: Vec<Entry>,
    headline: String,
    lede: Vec<String>,
    /// What logs answer; empty where there are none.
    logs: String,
    notice: Notice,
    changes: Option<ChangesView>,
    vendors: Vec<VendorRow>,
    overview: OverviewView,
    /// What was not seen and belongs to no single system; 0 when there is no such thing.
    run_unseen: u64,
    unseen: Vec<Unseen>,
    baseline: Option<BaselineWords>,
    probes: Option<(u64, u64, bool)>,
    /// What is said where there are none.
    no_probes: &'static str,
}

/// A vendor in the table.
#[derive(Debug)]
struct VendorRow {
    name: String,
    href: String,
    systems: Vec<SystemRow>,
}

/// A system in the table.
#[derive(Debug)]
struct SystemRow {
    name: String,
    environment: &'static str,
    verdict: VerdictMark,
    counts: Vec<(SeverityMark, u64)>,
    /// Findings of a mere date; they have no severity worth the name.
    possible: u64,
    recipients: Vec<String>,
    unseen: u64,
    /// What stands where there is nothing to list.
    nothing: &'static str,
}

impl IndexPage {
    /// The same without a page in the other language beside it.
    pub(super) fn in_one_language(mut self) -> Self {
        self.frame.links = Links::Overview;
        self
    }

    pub(super) fn new(scan: &Scan, pages: &[(Option<&VendorId>, String)], lang: Lang) -> Self {
        let whole = Extract::whole(scan);
        let subject = scan.controller.as_deref().map_or_else(
            || Inert::short(scan.targets.first().map_or("", |target| target.as_str()), 80),
            |name| Inert::short(name, 80),
        );
        let title = format!("{} – {subject}", page::REPORT.to(lang));
        Self {
            frame: Frame::new(scan, "index", title, lang),
            facts: run_facts(&whole, None, lang),
            headline: headline(&whole, lang),
            lede: lede(&whole, lang),
            logs: Logs::of(&whole)
                .and_then(|logs| logs.since_when(lang))
                .map(|told| sentence(&told))
                .unwrap_or_default(),
            notice: notice(&whole, lang),
            changes: Changes::whole(scan, lang).map(|changes| ChangesView::new(changes, lang)),
            vendors: pages.iter().map(|(vendor, stem)| vendor_row(scan, *vendor, stem, lang)).collect(),
            overview: OverviewView::new(&Overview::of([scan]), lang),
            run_unseen: whole.run_blind_spots().iter().fold(0, |sum, spot| sum.saturating_add(spot.count)),
            no_probes: no_self_test(scan).to(lang),
            unseen: grouped(&whole.blind_spots, &scan.pictures, lang),
            baseline: baseline(&whole, true, lang),
            probes: scan.self_test.as_ref().map(|test| {
                let found = test.probes.iter().filter(|probe| probe.found).count();
                (crate::naming::count(found), crate::naming::count(test.probes.len()), test.passed())
            }),
        }
    }
}

/// Why there is no self-test to show.
pub(super) fn no_self_test(scan: &Scan) -> Text {
    match instrument(scan) {
        Instrument::Unfinished => page::SELF_TEST_UNFINISHED,
        Instrument::Passed | Instrument::Failed | Instrument::None => page::NO_SELF_TEST,
    }
}

fn vendor_row(scan: &Scan, vendor: Option<&VendorId>, stem: &str, lang: Lang) -> VendorRow {
    let without = || page::WITHOUT_VENDOR.to(lang).to_owned();
    VendorRow {
        name: vendor.map_or_else(without, |id| vendor_name(scan, id).to_string()),
        href: file_name(stem, lang),
        systems: scan
            .systems_of(vendor)
            .map(|system| {
                let part = Extract::of_system(scan, system);
                SystemRow {
                    name: Inert::short(system.name.as_str(), 120),
                    environment: system.environment.map_or("", |kind| terms::environment(kind).to(lang)),
                    verdict: VerdictMark::new(system, &part, lang),
                    counts: part
                        .by_severity()
                        .into_iter()
                        .map(|(severity, count)| (SeverityMark::new(severity, lang), count))
                        .collect(),
                    possible: part.possible(),
                    recipients: recipient_names(&part.recipients_of_numbers()),
                    unseen: part.unseen(),
                    nothing: match system.verdict {
                        Verdict::NotCovered => page::NOT_EXAMINED,
                        Verdict::Leaking | Verdict::Incomplete | Verdict::Clean => page::NONE,
                    }
                    .to(lang),
                }
            })
            .collect(),
    }
}
