//! The timeline as a figure and a table, for a vendor's page.

use jiff::Timestamp;
use model::{Finding, VendorId};

use super::address::Address;
use crate::inert::Inert;
use crate::lang::Lang;
use crate::naming::count;
use crate::story::finding_title;
use crate::summary::Extract;
use crate::texts::{phrases as p, timeline as t};
use crate::timeline::{Line, Sight, State, Timeline};

/// Lines that are drawn, the worst findings: more are not legible on paper. The table has them all.
const MAX_DRAWN: usize = 16;

/// Where lines begin and end, from the figure's left side.
const LEFT: f64 = 290.0;
const RIGHT: f64 = 880.0;
const WIDTH: f64 = 920.0;

/// Height of a line, and of what stands above the first.
const STEP: f64 = 26.0;
const HEAD: f64 = 40.0;

/// Characters of what names a line.
const LABEL: usize = 34;

/// Characters of a fingerprint that tell findings apart.
const SHORT_FINGERPRINT: usize = 8;

/// The section of a page.
#[derive(Clone, Debug)]
pub(super) struct TimelineView {
    pub(super) description: String,
    /// What is to be said of the figure.
    pub(super) notes: Vec<String>,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) ticks: Vec<Tick>,
    pub(super) drawn: Vec<Drawn>,
    pub(super) rows: Vec<Row>,
}

/// A scan in the figure.
#[derive(Clone, Debug)]
pub(super) struct Tick {
    pub(super) x: f64,
    /// Empty for those between the first and the last.
    pub(super) label: String,
    pub(super) anchor: &'static str,
}

/// A finding in the figure.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) y: f64,
    pub(super) label: String,
    pub(super) title: String,
    /// From the first sight to the last.
    pub(super) between: Option<(f64, f64)>,
    pub(super) marks: Vec<DrawnMark>,
}

/// A moment in the figure.
#[derive(Clone, Debug)]
pub(super) struct DrawnMark {
    pub(super) x: f64,
    pub(super) sight: Sight,
}

/// A finding in the table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) fingerprint: String,
    pub(super) title: String,
    pub(super) page: Address,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) state: &'static str,
}

impl TimelineView {
    pub(super) fn new(part: &Extract<'_>, vendor: Option<&VendorId>, lang: Lang) -> Option<Self> {
        let timeline = Timeline::of(part, vendor)?;
        let drawn: Vec<Drawn> = timeline
            .lines
            .iter()
            .zip(0_u16..)
            .take(MAX_DRAWN)
            .map(|(line, at)| draw(line, at, &timeline, lang))
            .collect();
        let mut notes = vec![t::LEGEND.to(lang).to_owned()];
        if timeline.scans.len() == 1 {
            notes.push(t::ONE_SCAN.to(lang).to_owned());
        }
        let left = timeline.lines.len().saturating_sub(drawn.len());
        if left > 0 {
            let (shown, all) = (lang.number(count(drawn.len())), lang.number(count(timeline.lines.len())));
            notes.push(match lang {
                Lang::Da => format!("Figuren viser {shown} af {all} fund; tabellen har dem alle."),
                Lang::En => format!("The figure shows {shown} of {all} findings; the table has them all."),
            });
        }
        let lines = u16::try_from(drawn.len()).unwrap_or(u16::MAX);
        Some(Self {
            description: description(&timeline, lang),
            notes,
            width: WIDTH,
            height: HEAD + STEP * f64::from(lines) + 8.0,
            left: LEFT,
            right: RIGHT,
            ticks: ticks(&timeline, lang),
            drawn,
            rows: timeline.lines.iter().map(|line| row(line, lang)).collect(),
        })
    }
}

fn description(timeline: &Timeline<'_>, lang: Lang) -> String {
    let findings = p::FINDINGS.of(count(timeline.lines.len()), lang);
    let scans = t::SCANS.of(count(timeline.scans.len()), lang);
    let span = lang.span(timeline.from, timeline.to);
    match lang {
        Lang::Da => {
            format!("{findings} i {scans}, {span}. Tabellen nedenfor har de samme oplysninger.")
        }
        Lang::En => format!("{findings} in {scans}, {span}. The table below has the same content."),
    }
}

fn ticks(timeline: &Timeline<'_>, lang: Lang) -> Vec<Tick> {
    let last = timeline.scans.len().saturating_sub(1);
    let is_one_day = lang.date(timeline.from) == lang.date(timeline.to);
    let tick = |(at, time): (usize, &Timestamp)| {
        let x = position(*time, timeline);
        let is_named = at == 0 || at == last;
        let label = match (is_named, is_one_day) {
            (false, _) => String::new(),
            (true, true) => lang.moment(*time),
            (true, false) => lang.date(*time),
        };
        let anchor = if x < LEFT + 80.0 {
            "start"
        } else if x > RIGHT - 80.0 {
            "end"
        } else {
            "middle"
        };
        Tick { x, label, anchor }
    };
    timeline.scans.iter().enumerate().map(tick).collect()
}

fn draw(line: &Line<'_>, at: u16, timeline: &Timeline<'_>, lang: Lang) -> Drawn {
    let x = |time: Timestamp| position(time, timeline);
    Drawn {
        y: HEAD + STEP * (f64::from(at) + 0.5),
        label: Inert::short(&format!("{} {}", short(line.finding), line.finding.recipient.domain), LABEL),
        title: format!("{}: {}", finding_title(line.finding, lang), state(line.state, lang)),
        between: line.seen().filter(|(first, last)| first != last).map(|(first, last)| (x(first), x(last))),
        marks: line.marks.iter().map(|mark| DrawnMark { x: x(mark.at), sight: mark.sight }).collect(),
    }
}

fn row(line: &Line<'_>, lang: Lang) -> Row {
    let (first, last) = line.seen().unwrap_or((line.finding.first_seen, line.finding.last_seen));
    Row {
        fingerprint: short(line.finding),
        title: finding_title(line.finding, lang),
        page: Address::new(&line.finding.page, None),
        first: lang.moment(first),
        last: lang.moment(last),
        state: state(line.state, lang),
    }
}

fn short(finding: &Finding) -> String {
    Inert::short(&finding.fingerprint, SHORT_FINGERPRINT * 2).chars().take(SHORT_FINGERPRINT).collect()
}

fn state(state: State, lang: Lang) -> &'static str {
    match state {
        State::Seen => t::SEEN,
        State::New => t::NEW,
        State::MayBeOld => t::MAY_BE_OLD,
        State::Still => t::STILL,
        State::Accepted => t::ACCEPTED,
        State::Gone => t::GONE,
        State::NotCovered => t::NOT_COVERED,
    }
    .to(lang)
}

/// Where a moment is; in the middle where there is but one. In whole units: nobody sees less.
fn position(time: Timestamp, timeline: &Timeline<'_>) -> f64 {
    let seconds = |time: Timestamp| time.as_duration().as_secs_f64();
    let all = seconds(timeline.to) - seconds(timeline.from);
    let share = if all > 0.0 { (seconds(time) - seconds(timeline.from)) / all } else { 0.5 };
    (LEFT + share * (RIGHT - LEFT)).round()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_table_has_what_the_figure_has() {
        let scan = sample::compared();
        let vendor = &scan.vendors[0].id;
        let view = TimelineView::new(&Extract::of_vendor(&scan, Some(vendor)), Some(vendor), Lang::En).unwrap();
        assert_eq!(view.drawn.len(), view.rows.len());
        let labels: Vec<&str> = view.ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["25 October 2026", "22 November 2026"]);
        for mark in view.drawn.iter().flat_map(|drawn| &drawn.marks) {
            assert!((LEFT..=RIGHT).contains(&mark.x), "{mark:?}");
        }
        assert!(view.rows.iter().any(|row| row.state == t::GONE.en));
    }

    #[test]
    fn more_than_fits_is_in_the_table_and_counted() {
        let mut scan = sample::scan();
        let all = scan.findings.iter().cycle().take(100).cloned().collect();
        scan.findings = all;
        let view = TimelineView::new(&Extract::whole(&scan), None, Lang::Da).unwrap();
        assert_eq!((view.drawn.len(), view.rows.len()), (MAX_DRAWN, 100));
        assert!(view.notes.iter().any(|note| note.contains("16 af 100 fund")), "{:?}", view.notes);
        assert!(view.notes.iter().any(|note| note == t::ONE_SCAN.da));
    }
}
