//! A vendor's page: the report on its systems that goes to the authority.

use askama::Template;
use model::{Scan, VendorId, Verdict};

use super::actions::ActionsView;
use super::annex::Annex;
use super::comparison::ChangesView;
use super::finding::{FindingView, MAX_CARDS, left_out};
use super::flow::Flow;
use super::frame::{Entry, Frame, Links, Notice, notice, persons, run_facts};
use super::logs::LogsView;
use super::mending::{MendingView, gathered};
use super::persons::PersonsView;
use super::processors::ProcessorsView;
use super::questions::QuestionsView;
use super::session::SessionView;
use super::system::SystemView;
use super::timeline::TimelineView;
use super::unseen::{Unseen, grouped};
use crate::accepted::{BaselineWords, baseline};
use crate::comparison::Changes;
use crate::dossier::answers::Sheet;
use crate::dossier::breach::Draft;
use crate::dossier::cover::{Line, cover};
use crate::headline::{headline, lede};
use crate::inert::Inert;
use crate::lang::Lang;
use crate::naming::count;
use crate::summary::{Extract, vendor_name};
use crate::texts::{
    comparison as c, dossier as d, logs as lo, page, persons as pe, phrases as p, processors as pr, questions as q,
    session as se, timeline as tl,
};
use crate::timeline::Sight;

/// A vendor's page.
#[derive(Debug, Template)]
#[template(path = "vendor.html")]
pub(super) struct VendorPage {
    frame: Frame,
    vendor: String,
    headline: String,
    lede: Vec<String>,
    notice: Notice,
    figures: Vec<Entry>,
    cover: Vec<Line>,
    questions: QuestionsView,
    actions: ActionsView,
    breach: Draft,
    changes: Option<ChangesView>,
    logs: Option<LogsView>,
    flow: Option<Flow>,
    shares: PersonsView,
    processors: ProcessorsView,
    timeline: Option<TimelineView>,
    session: Option<SessionView>,
    systems: Vec<SystemView>,
    stray: Vec<FindingView>,
    /// How many of those are not shown; empty when all are.
    stray_left: String,
    stray_mending: Vec<MendingView>,
    run_unseen: Vec<Unseen>,
    baseline: Option<BaselineWords>,
    annex: Annex,
}

impl VendorPage {
    pub(super) fn new(scan: &Scan, vendor: Option<&VendorId>, stem: &str, lang: Lang) -> Self {
        let part = Extract::of_vendor(scan, vendor);
        // What belongs to no vendor is known by the host or file that was asked for.
        let bare = || {
            let first = part.systems.first().map(|system| Inert::short(system.name.as_str(), 120));
            first.unwrap_or_else(|| page::WITHOUT_VENDOR.to(lang).to_owned())
        };
        let name = vendor.map_or_else(bare, |id| vendor_name(scan, id).to_string());
        let title = format!("{} – {name}", page::VENDOR_REPORT.to(lang));
        let mut systems = Vec::new();
        let mut next = 1;
        for (system, number) in part.systems.iter().zip(1..) {
            let view = SystemView::new(scan, system, number, next, lang);
            next += view.findings.len();
            systems.push(view);
        }
        let stray = part.stray_findings();
        let room = (MAX_CARDS + 1).saturating_sub(next);
        let stray_left = left_out(stray.len().saturating_sub(room), lang);
        let stray: Vec<FindingView> = stray
            .into_iter()
            .take(room)
            .zip(next..)
            .map(|(finding, number)| FindingView::new(finding, scan, number, "stray", lang))
            .collect();
        let sheet = Sheet::new(&part, lang);
        let cards = systems.iter().flat_map(|system: &SystemView| &system.findings).chain(&stray);
        let session = SessionView::new(&part, &cards, lang);
        let logs = LogsView::new(&part, &cards, lang);
        Self {
            cover: about(&part, vendor.map(|id| (id, name.as_str())), lang),
            questions: QuestionsView::new(&part, &sheet, lang),
            actions: ActionsView::new(&part, lang),
            breach: Draft::new(&part, &sheet, lang),
            frame: Frame::new(scan, stem, title, lang),
            headline: headline(&part, lang),
            lede: lede(&part, lang),
            notice: notice(&part, lang),
            figures: figures(&part, lang),
            changes: Changes::of_vendor(scan, vendor, lang).map(|changes| ChangesView::new(changes, lang)),
            logs,
            flow: Flow::new(&part, lang),
            shares: PersonsView::new(&part, lang),
            processors: ProcessorsView::new(&part, vendor, lang),
            timeline: TimelineView::new(&part, vendor, lang),
            session,
            systems,
            stray_mending: gathered(&stray, "stray"),
            stray,
            stray_left,
            run_unseen: grouped(&part.run_blind_spots(), &scan.pictures, lang),
            baseline: baseline(&part, false, lang),
            annex: Annex::new(scan, lang),
            vendor: name,
        }
    }

    /// The same, with these pages beside it.
    pub(super) fn linked(mut self, links: Links) -> Self {
        self.frame.links = links;
        self
    }

    /// Every finding on the page, in the order of the page.
    fn findings(&self) -> impl Iterator<Item = &FindingView> {
        self.systems.iter().flat_map(|system| &system.findings).chain(&self.stray)
    }

    fn has_findings(&self) -> bool {
        self.findings().next().is_some()
    }

    fn was_uncovered(&self) -> bool {
        !self.systems.is_empty() && self.systems.iter().all(|system| system.verdict.class == "unknown")
    }
}

/// The cover, and among it when it was and what was asked for.
fn about(part: &Extract<'_>, vendor: Option<(&VendorId, &str)>, lang: Lang) -> Vec<Line> {
    let mut lines = cover(part, vendor, lang);
    let run = run_facts(part, vendor.map(|(_, name)| name), lang).into_iter();
    let run = run.filter(|entry| [page::WHEN.to(lang), page::WHAT.to(lang)].contains(&entry.label));
    let at = lines.iter().position(|line| line.label == d::VALID.to(lang)).unwrap_or(lines.len());
    lines.splice(at..at, run.map(|Entry { label, value }| Line { label, value }));
    lines
}

fn figures(part: &Extract<'_>, lang: Lang) -> Vec<Entry> {
    let recipients = count(part.recipients_of_numbers().len());
    let label = if recipients == 1 { page::FIGURE_RECIPIENT } else { page::FIGURE_RECIPIENTS };
    let mut figures = vec![
        Entry { label: label.to(lang), value: lang.number(recipients) },
        Entry { label: page::FIGURE_TRANSMISSIONS.to(lang), value: lang.number(part.transmissions()) },
        persons(part, lang),
    ];
    // A nought would read as a result.
    if part.findings.is_empty() && part.systems.iter().all(|system| system.verdict == Verdict::NotCovered) {
        for figure in &mut figures {
            "–".clone_into(&mut figure.value);
        }
    }
    figures.push(Entry { label: page::FIGURE_UNSEEN.to(lang), value: lang.number(part.unseen()) });
    figures
}
