//! The authority's overview: a section of the index, and a page of its own over the last scans of all systems.

use askama::Template;
use model::Scan;

use super::finding::SeverityMark;
use super::frame::Frame;
use super::system::VerdictMark;
use crate::inert::Inert;
use crate::lang::Lang;
use crate::naming::count;
use crate::overview::{Overview, SystemPart, VendorPart};
use crate::summary::Extract;
use crate::texts::{overview as ov, page, phrases as p};
use crate::{ReportError, ReportFile};

/// Characters of a scan's id that are shown.
const SHORT_ID: usize = 16;

/// The grid of vendors and systems.
#[derive(Clone, Debug)]
pub(super) struct OverviewView {
    pub(super) vendors: Vec<VendorView>,
}

/// A vendor with its systems.
#[derive(Clone, Debug)]
pub(super) struct VendorView {
    pub(super) name: String,
    /// When it is supervised next.
    pub(super) next: String,
    pub(super) is_overdue: bool,
    pub(super) systems: Vec<SystemView>,
}

/// A system.
#[derive(Clone, Debug)]
pub(super) struct SystemView {
    pub(super) name: String,
    pub(super) scanned: String,
    pub(super) scan: String,
    pub(super) verdict: VerdictMark,
    pub(super) complete: &'static str,
    pub(super) worst: Option<SeverityMark>,
    pub(super) unlisted: String,
    /// What stands where there is no finding.
    pub(super) nothing: &'static str,
}

/// The page of its own.
#[derive(Debug, Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    headline: String,
    overview: OverviewView,
}

impl OverviewView {
    pub(super) fn new(overview: &Overview<'_>, lang: Lang) -> Self {
        Self { vendors: overview.vendors.iter().map(|part| vendor(part, lang)).collect() }
    }
}

/// `overview.<lang>.html`: each system as the last of `scans` that has it says; nothing without a scan.
pub fn overview_files(scans: &[Scan]) -> Result<Vec<ReportFile>, ReportError> {
    let Some(newest) = scans.iter().max_by_key(|scan| scan.started) else { return Ok(Vec::new()) };
    let overview = Overview::of(scans);
    let page = |lang| {
        let frame = Frame::new(newest, "overview", ov::TITLE.to(lang).to_owned(), lang);
        let page =
            OverviewPage { frame, headline: headline(&overview, lang), overview: OverviewView::new(&overview, lang) };
        super::file("overview", lang, &page)
    };
    Lang::ALL.into_iter().map(page).collect()
}

fn headline(overview: &Overview<'_>, lang: Lang) -> String {
    let [leaking, not_covered, partly] = overview.totals().map(|number| lang.number(count(number)));
    let systems = p::SYSTEMS.of(count(overview.systems().count()), lang);
    match lang {
        Lang::Da => format!("{systems}: {leaking} med læk, {not_covered} uden dækning, {partly} kun delvist set."),
        Lang::En => format!("{systems}: {leaking} leaking, {not_covered} not covered, {partly} seen in part."),
    }
}

fn vendor(part: &VendorPart<'_>, lang: Lang) -> VendorView {
    VendorView {
        name: part.name.map_or_else(|| page::WITHOUT_VENDOR.to(lang).to_owned(), |name| Inert::short(name, 120)),
        next: part.next_supervision.map_or_else(|| ov::NOT_PLANNED.to(lang).to_owned(), |day| lang.day(day)),
        is_overdue: part.is_overdue,
        systems: part.systems.iter().map(|part| system(part, lang)).collect(),
    }
}

fn system(part: &SystemPart<'_>, lang: Lang) -> SystemView {
    let extract = Extract::of_system(part.scan, part.system);
    let is_seen = part.system.verdict != model::Verdict::NotCovered;
    let without = if is_seen { ov::NO_LIST } else { page::NOT_EXAMINED };
    SystemView {
        name: Inert::short(part.system.name.as_str(), 120),
        scanned: lang.date(part.scan.started),
        scan: Inert::short(&part.scan.id, SHORT_ID),
        verdict: VerdictMark::new(part.system, &extract, lang),
        complete: if part.is_complete { ov::YES } else { ov::NO }.to(lang),
        worst: part.worst.map(|severity| SeverityMark::new(severity, lang)),
        unlisted: part.unlisted.map_or_else(|| without.to(lang).to_owned(), |number| lang.number(count(number))),
        nothing: if is_seen { page::NONE } else { page::NOT_EXAMINED }.to(lang),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_page_of_its_own_has_every_system_in_both_languages() {
        let scans = [sample::scan(), sample::bare()];
        let files = overview_files(&scans).unwrap();
        assert_eq!(
            files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(),
            ["overview.da.html", "overview.en.html"]
        );
        for file in files {
            let text = String::from_utf8(file.bytes).unwrap();
            assert!(text.contains("15. januar 2027") || text.contains("15 January 2027"), "{text}");
            assert!(text.contains("Årsopgørelse Erhverv") && !text.contains("<script"), "{text}");
            assert_eq!(text.matches("<h1").count(), 1);
        }
        assert!(overview_files(&[]).unwrap().is_empty());
    }

    #[test]
    fn the_headline_counts() {
        let scan = sample::scan();
        let overview = Overview::of([&scan]);
        assert!(headline(&overview, Lang::Da).starts_with("3 systemer: 1 med læk, 1 uden dækning"));
        assert!(headline(&overview, Lang::En).starts_with("3 systems: 1 leaking, 1 not covered"));
    }
}
