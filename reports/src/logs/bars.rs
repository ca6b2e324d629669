//! Transmissions in pieces of time that fit a figure: days, weeks, months or years.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::Sent;

/// Days that are told one by one: a quarter.
const MAX_DAYS: u64 = 92;

/// Days that are told in weeks: two years.
const MAX_DAYS_IN_WEEKS: u64 = 2 * 366;

/// Days that are told in months: ten years.
const MAX_DAYS_IN_MONTHS: u64 = 10 * 366;

/// Bars of years. Times come from strangers, and span any number of years: a bar is as many as it takes.
const MAX_BARS_OF_YEARS: u64 = 100;

/// What a bar stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Day,
    /// From Monday to Sunday.
    Week,
    Month,
    /// As many.
    Years(i16),
}

/// The transmissions of a piece of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) first: Date,
    pub(crate) last: Date,
    pub(crate) sent: Sent,
}

/// Time in pieces of one length, those without transmissions too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bars {
    pub(crate) unit: Unit,
    /// In order, without a day between them.
    pub(crate) bars: Vec<Bar>,
}

impl Bars {
    /// From the piece that `first` is in to that of `last`; `days` are between them.
    pub(crate) fn of(days: &BTreeMap<Date, Sent>, (first, last): (Date, Date)) -> Self {
        let unit = Unit::fitting(first, last);
        let mut bars: Vec<Bar> = Vec::new();
        let mut start = Some(unit.start(first));
        while let Some(first) = start.filter(|start| *start <= last) {
            start = unit.next(first);
            let last = start.and_then(|next| next.yesterday().ok()).unwrap_or(Date::MAX);
            let mut sent = Sent::default();
            for more in days.range(first..=last).map(|(_, more)| *more) {
                sent.add(more);
            }
            bars.push(Bar { first, last, sent });
        }
        Self { unit, bars }
    }

    /// Its first day and its last.
    pub(crate) fn span(&self) -> Option<(Date, Date)> {
        Some((self.bars.first()?.first, self.bars.last()?.last))
    }
}

impl Unit {
    /// Such that all can be told apart from `first` to `last`.
    fn fitting(first: Date, last: Date) -> Self {
        let days = days_from(first, last);
        if days < MAX_DAYS {
            return Self::Day;
        }
        if days < MAX_DAYS_IN_WEEKS {
            return Self::Week;
        }
        if days < MAX_DAYS_IN_MONTHS {
            return Self::Month;
        }
        let years = i64::from(last.year()) - i64::from(first.year()) + 1;
        let years = u64::try_from(years).unwrap_or(1).div_ceil(MAX_BARS_OF_YEARS);
        Self::Years(i16::try_from(years).unwrap_or(i16::MAX))
    }

    /// The first day of the piece that `day` is in.
    fn start(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let since = i64::from(day.weekday().to_monday_zero_offset());
                day.checked_sub(since.days()).unwrap_or(Date::MIN)
            }
            Self::Month => day.first_of_month(),
            Self::Years(_) => day.first_of_year(),
        }
    }

    /// The first day of the next; `None` at the end of the calendar.
    fn next(self, start: Date) -> Option<Date> {
        match self {
            Self::Day => start.tomorrow(),
            Self::Week => start.checked_add(1.week()),
            Self::Month => start.checked_add(1.month()),
            Self::Years(years) => start.checked_add(i64::from(years).years()),
        }
        .ok()
    }
}

/// Days from one to another; 0 where it is not later.
pub(crate) fn days_from(first: Date, last: Date) -> u64 {
    last.since(first).map_or(0, |span| u64::try_from(span.get_days()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[track_caller]
    fn case(first: &str, last: &str, unit: Unit, count: usize, span: (&str, &str)) {
        let (first, last) = (day(first), day(last));
        let days = [(first, Sent { others: 1, own: 0 }), (last, Sent { others: 0, own: 2 })];
        let bars = Bars::of(&days.into(), (first, last));
        assert_eq!((bars.unit, bars.bars.len()), (unit, count));
        assert_eq!(bars.span(), Some((day(span.0), day(span.1))));
        assert_eq!(bars.bars.iter().map(|bar| bar.sent.all()).sum::<u64>(), 3);
        assert!(bars.bars.windows(2).all(|pair| pair[0].last.tomorrow().unwrap() == pair[1].first));
    }

    #[test]
    fn time_is_told_in_pieces_that_fit() {
        case("2026-01-01", "2026-01-02", Unit::Day, 2, ("2026-01-01", "2026-01-02"));
        case("2026-01-01", "2026-04-02", Unit::Day, 92, ("2026-01-01", "2026-04-02"));
        case("2026-01-01", "2026-04-03", Unit::Week, 14, ("2025-12-29", "2026-04-05"));
        case("2024-01-31", "2026-03-01", Unit::Month, 27, ("2024-01-01", "2026-03-31"));
        case("2015-02-02", "2026-03-01", Unit::Years(1), 12, ("2015-01-01", "2026-12-31"));
        case("1825-02-02", "2026-03-01", Unit::Years(3), 68, ("1825-01-01", "2028-12-31"));
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_more_bars_than_others() {
        case("-009999-01-01", "9999-12-31", Unit::Years(200), 100, ("-009999-01-01", "9999-12-31"));
        case("9999-12-30", "9999-12-31", Unit::Day, 2, ("9999-12-30", "9999-12-31"));
        case("-009999-01-02", "-009999-05-31", Unit::Week, 22, ("-009999-01-01", "-009999-06-03"));
    }

    #[test]
    fn a_day_is_in_one_piece_alone() {
        let days: BTreeMap<Date, Sent> =
            day("2025-01-01").series(1.day()).take(400).map(|day| (day, Sent { others: 1, own: 1 })).collect();
        let bars = Bars::of(&days, (day("2025-01-01"), day("2026-02-04")));
        assert_eq!(bars.unit, Unit::Week);
        assert_eq!(bars.bars.iter().map(|bar| bar.sent.all()).sum::<u64>(), 800);
        assert_eq!(bars.bars[1].sent, Sent { others: 7, own: 7 });
    }
}
