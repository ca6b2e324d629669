//! Transmissions over time as the logs tell them, drawn: a bar for each piece of time, and marks where no log has a line.

use std::fmt::Write as _;

use jiff::civil::Date;

use crate::lang::Lang;
use crate::logs::{Bar, Bars, Logs, Sent, Unit, days_from, span_of_days};
use crate::texts::logs as t;

/// The figure, and where its bars stand. Right of them is room for half a label.
const WIDTH: f64 = 930.0;
const HEIGHT: f64 = 262.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 888.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 214.0;

/// Labels below the bars: more run into each other.
const MAX_LABELS: usize = 8;

/// What is thinner is not seen.
const THINNEST: f64 = 2.0;

/// Marks with less between them are drawn as one.
const NEAREST: f64 = 2.0;

/// A mark that is narrower has no room for hatching; it has its colour, and the strip below.
const NARROWEST_HATCHED: f64 = 6.0;

/// From one line of the hatching to the next.
const HATCHING: f64 = 8.0;

/// Of a bar that is nearly as wide as its time, what is left free beside it.
const BETWEEN: f64 = 0.8;

/// The figure and its table.
#[derive(Clone, Debug)]
pub(super) struct LogFigure {
    pub(super) description: String,
    /// What a bar is, and what is not drawn.
    pub(super) notes: Vec<String>,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    /// Lines across, with their number.
    pub(super) levels: Vec<(f64, String)>,
    /// What stands below the bars, and where.
    pub(super) labels: Vec<(f64, String)>,
    pub(super) bars: Vec<DrawnBar>,
    /// Where no log has a line.
    pub(super) stretches: Vec<Stretch>,
    pub(super) has_others: bool,
    pub(super) has_own: bool,
    pub(super) rows: Vec<BarRow>,
}

/// A bar: what went to others below, what stayed with the system itself above it.
#[derive(Clone, Debug)]
pub(super) struct DrawnBar {
    pub(super) x: f64,
    pub(super) width: f64,
    /// Its upper end and its height, where there is any.
    pub(super) others: Option<(f64, f64)>,
    pub(super) own: Option<(f64, f64)>,
    pub(super) title: String,
}

/// Where no log has a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stretch {
    pub(super) x: f64,
    pub(super) width: f64,
    /// Its hatching; empty where there is no room.
    pub(super) hatching: String,
}

/// A bar in the table; those without transmissions are not in it.
#[derive(Clone, Debug)]
pub(super) struct BarRow {
    pub(super) when: String,
    pub(super) others: u64,
    pub(super) own: u64,
    pub(super) all: u64,
}

/// From days to places in the figure.
#[derive(Clone, Copy)]
struct Axis {
    first: Date,
    last: Date,
}

impl LogFigure {
    /// `None` where the logs tell of no transmission.
    pub(super) fn new(logs: &Logs<'_>, lang: Lang) -> Option<Self> {
        let (days, span) = (logs.days(), logs.span()?);
        let bars = Bars::of(&days, span);
        let most = bars.bars.iter().rev().max_by_key(|bar| bar.sent.all()).filter(|bar| bar.sent.all() > 0)?;
        let (first, last) = bars.span()?;
        let (axis, top) = (Axis { first, last }, round_above(most.sent.all()));
        let any = |of: fn(&Sent) -> u64| days.values().any(|sent| of(sent) > 0);
        let mut levels = vec![(BOTTOM, "0".to_owned()), (TOP, lang.number(top))];
        if top.is_multiple_of(2) {
            levels.push((BOTTOM - height(top / 2, top), lang.number(top / 2)));
        }
        let step = bars.bars.len().div_ceil(MAX_LABELS).max(1);
        let label = |bar: &Bar| (axis.middle(bar), below(bars.unit, bar, lang));
        Some(Self {
            description: description(&bars, most, span, lang),
            notes: notes(bars.unit, logs, lang),
            width: WIDTH,
            height: HEIGHT,
            left: LEFT,
            right: RIGHT,
            top: TOP,
            bottom: BOTTOM,
            levels,
            labels: bars.bars.iter().step_by(step).map(label).collect(),
            bars: sending(&bars).map(|bar| draw(bar, bars.unit, top, axis, lang)).collect(),
            stretches: stretches(logs, span, axis),
            has_others: any(|sent| sent.others),
            has_own: any(|sent| sent.own),
            rows: sending(&bars).map(|bar| row(bar, bars.unit, lang)).collect(),
        })
    }
}

impl Axis {
    /// Where a day begins, to a tenth of a unit: nobody sees less.
    fn begin(self, day: Date) -> f64 {
        let narrow = |days: u64| f64::from(u32::try_from(days).unwrap_or(u32::MAX));
        let all = narrow(days_from(self.first, self.last)) + 1.0;
        tenths(LEFT + (narrow(days_from(self.first, day)) / all).min(1.0) * (RIGHT - LEFT))
    }

    /// Where it ends.
    fn end(self, day: Date) -> f64 {
        day.tomorrow().ok().filter(|next| *next <= self.last).map_or(RIGHT, |next| self.begin(next))
    }

    fn middle(self, bar: &Bar) -> f64 {
        tenths(f64::midpoint(self.begin(bar.first), self.end(bar.last)))
    }
}

fn sending(bars: &Bars) -> impl Iterator<Item = &Bar> {
    bars.bars.iter().filter(|bar| bar.sent.all() > 0)
}

fn draw(bar: &Bar, unit: Unit, top: u64, axis: Axis, lang: Lang) -> DrawnBar {
    let (begin, end) = (axis.begin(bar.first), axis.end(bar.last));
    let piece = |sent: u64, foot: f64| {
        (sent > 0).then(|| {
            let height = height(sent, top).max(THINNEST);
            (tenths(foot - height), height)
        })
    };
    let others = piece(bar.sent.others, BOTTOM);
    let foot = others.map_or(BOTTOM, |(upper, _)| upper);
    DrawnBar {
        x: begin,
        width: tenths((end - begin - BETWEEN).max(THINNEST)),
        others,
        own: piece(bar.sent.own, foot),
        title: format!("{}: {}", told(unit, bar, lang), t::SENT.of(bar.sent.all(), lang)),
    }
}

fn row(bar: &Bar, unit: Unit, lang: Lang) -> BarRow {
    BarRow { when: told(unit, bar, lang), others: bar.sent.others, own: bar.sent.own, all: bar.sent.all() }
}

/// Before the logs, after them, and between their lines.
fn stretches(logs: &Logs<'_>, (first, last): (Date, Date), axis: Axis) -> Vec<Stretch> {
    let before = first.yesterday().ok().filter(|day| *day >= axis.first).map(|day| (axis.first, day));
    let after = last.tomorrow().ok().filter(|day| *day <= axis.last).map(|day| (day, axis.last));
    let gaps = logs.answer.gaps.iter().map(|gap| (gap.first, gap.last)).filter(|(first, last)| first <= last);
    let mut found: Vec<(f64, f64)> = gaps
        .chain(before)
        .chain(after)
        .map(|(first, last)| (axis.begin(first), axis.end(last)))
        .map(|(begin, end)| (begin.min(RIGHT - THINNEST), end.max(begin + THINNEST).min(RIGHT)))
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut merged: Vec<(f64, f64)> = Vec::new();
    for (begin, end) in found {
        match merged.last_mut() {
            Some(last) if begin <= last.1 + NEAREST => last.1 = last.1.max(end),
            _ => merged.push((begin, end)),
        }
    }
    let stretch = |(begin, end)| Stretch { x: begin, width: tenths(end - begin), hatching: hatching(begin, end) };
    merged.into_iter().map(stretch).collect()
}

/// Lines upwards from left to right, as far as they lie between `begin` and `end`. A pattern would be a reference, and the
/// page has none.
fn hatching(begin: f64, end: f64) -> String {
    let mut path = String::new();
    if end - begin < NARROWEST_HATCHED {
        return path;
    }
    let rise = BOTTOM - TOP;
    let mut foot = ((begin - rise) / HATCHING).ceil() * HATCHING;
    while foot < end {
        let (from, to) = (foot.max(begin), (foot + rise).min(end));
        let (low, high) = (BOTTOM - (from - foot), BOTTOM - (to - foot));
        let _ = write!(path, "M{} {}L{} {}", tenths(from), tenths(low), tenths(to), tenths(high));
        foot += HATCHING;
    }
    path
}

/// The next number above that is easily read: 1, 2, 4, 6 or 8 and noughts.
fn round_above(number: u64) -> u64 {
    let mut tens: u64 = 1;
    loop {
        let fits = [1, 2, 4, 6, 8].into_iter().filter_map(|digit| tens.checked_mul(digit)).find(|top| *top >= number);
        match (fits, tens.checked_mul(10)) {
            (Some(top), _) => return top,
            (None, Some(more)) => tens = more,
            (None, None) => return u64::MAX,
        }
    }
}

/// How high `sent` stands where `top` is as high as the figure.
fn height(sent: u64, top: u64) -> f64 {
    let tenths = u128::from(sent) * 2_000 / u128::from(top.max(1));
    f64::from(u32::try_from(tenths).unwrap_or(u32::MAX)) / 2_000.0 * (BOTTOM - TOP)
}

fn tenths(place: f64) -> f64 {
    (place * 10.0).round() / 10.0
}

/// What a bar stands for, in full.
fn told(unit: Unit, bar: &Bar, lang: Lang) -> String {
    match unit {
        Unit::Day | Unit::Week => span_of_days(bar.first, bar.last, lang),
        Unit::Month | Unit::Years(_) => below(unit, bar, lang),
    }
}

/// The same in short, for below it.
fn below(unit: Unit, bar: &Bar, lang: Lang) -> String {
    let (month, year) = (t::month(bar.first.month(), lang), bar.first.year());
    match unit {
        Unit::Day | Unit::Week => t::day(bar.first, lang),
        Unit::Month => format!("{month} {year}"),
        Unit::Years(1) => year.to_string(),
        Unit::Years(_) => format!("{year}–{}", bar.last.year()),
    }
}

fn description(bars: &Bars, most: &Bar, (first, last): (Date, Date), lang: Lang) -> String {
    let sent = bars.bars.iter().fold(0, |sum: u64, bar| sum.saturating_add(bar.sent.all()));
    let (sent, span) = (t::SENT.of(sent, lang), span_of_days(first, last, lang));
    let (when, most) = (told(bars.unit, most, lang), lang.number(most.sent.all()));
    match lang {
        Lang::Da => format!("{sent}, {span}. Flest, {most}: {when}."),
        Lang::En => format!("{sent}, {span}. The most, {most}: {when}."),
    }
}

fn notes(unit: Unit, logs: &Logs<'_>, lang: Lang) -> Vec<String> {
    let bar = match (unit, lang) {
        (Unit::Day, Lang::Da) => "Hver søjle er en dag.".to_owned(),
        (Unit::Day, Lang::En) => "Each bar is a day.".to_owned(),
        (Unit::Week, Lang::Da) => "Hver søjle er en uge fra mandag.".to_owned(),
        (Unit::Week, Lang::En) => "Each bar is a week from Monday.".to_owned(),
        (Unit::Month, Lang::Da) => "Hver søjle er en måned.".to_owned(),
        (Unit::Month, Lang::En) => "Each bar is a month.".to_owned(),
        (Unit::Years(1), Lang::Da) => "Hver søjle er et år.".to_owned(),
        (Unit::Years(1), Lang::En) => "Each bar is a year.".to_owned(),
        (Unit::Years(years), Lang::Da) => format!("Hver søjle er {years} år."),
        (Unit::Years(years), Lang::En) => format!("Each bar is {years} years."),
    };
    let mut notes = vec![bar, t::WHAT_IS_COUNTED.to(lang).to_owned()];
    let without_day = logs.without_day();
    if without_day > 0 {
        let sent = t::SENT.of(without_day, lang);
        notes.push(match lang {
            Lang::Da => format!("{sent} har ingen dag i loggene og er ikke tegnet."),
            Lang::En => format!("{sent} have no day in the logs and are not drawn."),
        });
    }
    notes
}

#[cfg(test)]
mod tests {
    use model::Scan;

    use super::*;
    use crate::sample;
    use crate::summary::Extract;

    fn figure(scan: &Scan) -> LogFigure {
        LogFigure::new(&Logs::of(&Extract::whole(scan)).unwrap(), Lang::En).unwrap()
    }

    #[test]
    fn the_table_has_what_the_figure_has() {
        let figure = figure(&sample::logs());
        assert_eq!((figure.bars.len(), figure.rows.len()), (43, 43));
        assert_eq!(figure.rows.iter().map(|row| row.all).sum::<u64>(), 9_162);
        assert!(figure.has_others && figure.has_own);
        assert_eq!(figure.rows[0].when, "27 January 2025 – 2 February 2025");
        assert_eq!(figure.description.split(". ").next(), Some("9,162 transmissions, 5 January 2025 – 1 March 2026"));
        assert_eq!(figure.notes[0], "Each bar is a week from Monday.");
        assert!(figure.labels.len() <= MAX_LABELS);
        assert_eq!(figure.labels[0].1, "30 Dec 2024");
    }

    #[test]
    fn bars_stand_on_each_other_within_the_figure() {
        for bar in figure(&sample::logs()).bars {
            let foot = bar.others.map_or(BOTTOM, |(upper, height)| {
                assert!((upper + height - BOTTOM).abs() < 0.11, "{bar:?}");
                upper
            });
            let (upper, height) = bar.own.unwrap();
            assert!((upper + height - foot).abs() < 0.11 && upper >= TOP, "{bar:?}");
            assert!(bar.x >= LEFT && bar.x + bar.width <= RIGHT + 0.1, "{bar:?}");
        }
    }

    #[test]
    fn no_bar_stands_where_no_log_has_a_line() {
        let mut scan = sample::logs();
        let figure = figure(&scan);
        // Before the logs in their first week, June, one day, January, and nothing after: the last week is whole.
        assert_eq!(figure.stretches.len(), 4);
        assert!(figure.stretches.iter().all(|stretch| stretch.x >= LEFT && stretch.x + stretch.width <= RIGHT));
        let hatched = figure.stretches.iter().filter(|stretch| !stretch.hatching.is_empty()).count();
        assert_eq!(hatched, 3, "the day alone is too narrow");
        // A week that is wholly without a line has no bar.
        let (june, middle) = (&figure.stretches[1], |bar: &DrawnBar| bar.x + bar.width / 2.0);
        let within = |bar: &&DrawnBar| middle(bar) > june.x + 5.0 && middle(bar) < june.x + june.width - 5.0;
        assert_eq!(figure.bars.iter().filter(within).count(), 0);
        scan.logs.as_mut().unwrap().gaps.clear();
        assert_eq!(self::figure(&scan).stretches.len(), 1);
    }

    #[test]
    fn what_strangers_write_makes_no_figure_without_end() {
        let figure = figure(&sample::hostile());
        assert!(figure.bars.len() <= 100 && figure.stretches.len() == 1, "{}", figure.bars.len());
        let mut scan = sample::logs();
        let odd = |day: &Date| day.day() % 2 == 1;
        let days = Date::constant(1990, 1, 1).series(jiff::ToSpan::day(1)).take(36_525).filter(odd);
        scan.logs.as_mut().unwrap().gaps = days.map(|day| model::LogGap { first: day, last: day }).collect();
        assert!(self::figure(&scan).stretches.len() < 300);
    }

    #[test]
    fn the_top_is_a_number_that_is_easily_read() {
        let tops = [1, 2, 3, 9, 10, 11, 252, u64::MAX].map(round_above);
        assert_eq!(tops, [1, 2, 4, 10, 10, 20, 400, u64::MAX]);
    }

    #[test]
    fn without_transmissions_there_is_no_figure() {
        let mut scan = sample::logs();
        scan.findings.clear();
        assert!(LogFigure::new(&Logs::of(&Extract::whole(&scan)).unwrap(), Lang::Da).is_none());
    }
}
