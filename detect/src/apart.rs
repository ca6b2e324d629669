//! A date and a group of four digits that stand apart: the serial first, a word between them, the month by its name.
//!
//! For the redactor, as [`crate::windows`], which sees the digits that stand as a number is written.

use std::ops::Range;

use crate::reading::Unit;
use crate::windows::{MAX_GAP, Window, is_day_month, is_year_first, pair};

/// Digits of the serial.
const SERIAL: usize = 4;

/// What may stand between two numbers of a date, in characters: ` / `.
const MAX_BETWEEN: usize = 3;

/// Shortest that a month's name is cut to.
const SHORTEST_MONTH: usize = 3;

/// Months in Danish and English; those that only begin alike are one.
const MONTHS: [&str; 19] = [
    "januar",
    "january",
    "februar",
    "february",
    "marts",
    "march",
    "april",
    "maj",
    "may",
    "juni",
    "june",
    "juli",
    "july",
    "august",
    "september",
    "oktober",
    "october",
    "november",
    "december",
];

/// A date: the runs of digits that it is made of.
type Date = Range<usize>;

/// Every date with a serial near it in `units`; none has a digit of `cleared`.
pub(crate) fn apart(units: &[Unit], cleared: &[Range<usize>]) -> Vec<Window> {
    let runs = runs(units, cleared);
    // Sorted by their first run.
    let dates: Vec<Date> = (0..runs.len()).flat_map(|first| dates(units, &runs, first)).collect();
    let mut found = Vec::new();
    for date in &dates {
        // The four digits of another date's year are no serial.
        let is_free = |run: usize| {
            let from = dates.partition_point(|other| other.start + 3 <= run);
            let near = dates.iter().skip(from).take_while(|other| other.start <= run);
            !near.into_iter().any(|other| other.contains(&run) && (other.end <= date.start || other.start >= date.end))
        };
        let is_serial = |run: &usize| runs.get(*run).is_some_and(|digits| digits.len() == SERIAL) && is_free(*run);
        let is_near = |run: &usize| {
            let between = span(&runs, date)
                .zip(runs.get(*run))
                .map(|(date, run)| if run.start >= date.end { date.end..run.start } else { run.end..date.start });
            between.is_some_and(|between| {
                between.len() <= MAX_GAP
                    && units.get(between).is_some_and(|units| !units.iter().any(|unit| unit.is_wall()))
            })
        };
        let behind = (date.end..runs.len()).take_while(is_near).find(is_serial);
        let before = (0..date.start).rev().take_while(is_near).find(is_serial);
        // One number to a date: in a list the serial before it is the last one's.
        if let Some(serial) = behind.or(before) {
            let together = date.start.min(serial)..date.end.max(serial + 1);
            found.push(runs.get(together).unwrap_or_default().iter().cloned().flatten().collect());
        }
    }
    found
}

/// The units from the first digit of `date` to its last.
fn span(runs: &[Range<usize>], date: &Date) -> Option<Range<usize>> {
    let runs = runs.get(date.clone())?;
    Some(runs.first()?.start..runs.last()?.end)
}

/// Digits in a row, without those `cleared`.
fn runs(units: &[Unit], cleared: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut cleared = cleared.iter().peekable();
    for (at, _) in units.iter().enumerate().filter(|(_, unit)| unit.is_digit()) {
        while cleared.next_if(|range| range.end <= at).is_some() {}
        if cleared.peek().is_some_and(|range| range.contains(&at)) {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// The dates that begin with the run `first`.
fn dates(units: &[Unit], runs: &[Range<usize>], first: usize) -> impl Iterator<Item = Date> {
    let digits = |run: usize| -> Option<Vec<Option<u8>>> {
        Some(units.get(runs.get(run)?.clone())?.iter().map(|unit| unit.value()).collect())
    };
    let between = |run: usize| units.get(runs.get(run)?.end..runs.get(run + 1)?.start);
    let is_day = |run: usize| digits(run).is_some_and(|digits| in_two(&digits, |day| matches!(day, 1..=31 | 61..=91)));
    let is_month = |run: usize| digits(run).is_some_and(|digits| in_two(&digits, |month| matches!(month, 1..=12)));
    let is_long_year = |run: usize| match digits(run).as_deref() {
        Some([c1, c2, _, _]) => is_century(*c1, *c2),
        _ => false,
    };
    let is_year = |run: usize| is_long_year(run) || digits(run).is_some_and(|digits| digits.len() == 2);
    let is_between =
        |run: usize| between(run).is_some_and(|units| units.len() <= MAX_BETWEEN && units.iter().all(is_sign));
    let is_whole = digits(first).is_some_and(|digits| is_whole(&digits));
    let is_of_three = is_between(first)
        && is_between(first + 1)
        && is_month(first + 1)
        && ((is_day(first) && is_year(first + 2)) || (is_long_year(first) && is_day(first + 2)));
    let is_named = is_day(first) && is_year(first + 1) && between(first).is_some_and(is_month_name);
    let is_named_first = is_day(first)
        && is_long_year(first + 1)
        && is_between(first)
        && runs.get(first).is_some_and(|day| ends_in_month(units.get(..day.start).unwrap_or_default()));
    [(is_whole, 1), (is_named || is_named_first, 2), (is_of_three, 3)]
        .into_iter()
        .filter_map(move |(is_date, runs)| is_date.then_some(first..first + runs))
}

/// A number of one digit or two.
fn in_two(digits: &[Option<u8>], test: impl Fn(u8) -> bool) -> bool {
    match digits {
        [ones] => pair(Some(0), *ones, test),
        [tens, ones] => pair(*tens, *ones, test),
        _ => false,
    }
}

fn is_century(tens: Option<u8>, ones: Option<u8>) -> bool {
    pair(tens, ones, |century| (18..=20).contains(&century))
}

/// `DDMMYY`, `DDMMYYYY` or `YYYYMMDD`.
pub(crate) fn is_whole(digits: &[Option<u8>]) -> bool {
    match digits {
        [_, _, _, _, _, _] => is_day_month(digits),
        [_, _, _, _, c1, c2, _, _] => (is_day_month(digits) && is_century(*c1, *c2)) || is_year_first(digits),
        _ => false,
    }
}

fn is_sign(unit: &Unit) -> bool {
    matches!(unit.character, '/' | '.' | '-' | ' ' | ',' | '_')
}

/// Whether `units` are a month's name, with signs around it.
fn is_month_name(units: &[Unit]) -> bool {
    if units.len() > MAX_GAP || units.iter().any(|unit| !is_sign(unit) && !unit.character.is_ascii_alphabetic()) {
        return false;
    }
    let name: String = units.iter().map(|unit| unit.character.to_ascii_lowercase()).collect();
    let name = name.trim_matches(|c: char| !c.is_ascii_alphabetic());
    name.len() >= SHORTEST_MONTH && MONTHS.iter().any(|month| month.starts_with(name))
}

/// Whether a month's name stands at the end of `units`.
fn ends_in_month(units: &[Unit]) -> bool {
    let is_part = |unit: &&Unit| is_sign(unit) || unit.character.is_ascii_alphabetic();
    let length = units.iter().rev().take(MAX_GAP).take_while(is_part).count();
    let tail = units.get(units.len() - length..).unwrap_or_default();
    let last = tail.rsplit(is_sign).find(|word| !word.is_empty()).unwrap_or_default();
    is_month_name(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::layers;
    use crate::windows::cleared;

    #[track_caller]
    fn case(text: &str, expected: &[&str]) {
        let units = layers(text).unwrap().remove(0).units;
        let found = apart(&units, &cleared(&units, |digits| digits == "0101901234"));
        let text = |window: &Window| text.get(units[window[0]].start..units[*window.last().unwrap()].end).unwrap();
        assert_eq!(found.iter().map(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_serial_near_a_date_is_found_in_either_order() {
        case("4285-070761", &["4285-070761"]);
        case("l:4285 d:070761", &["4285 d:070761"]);
        case("07jul1961-4285", &["07jul1961-4285"]);
        case("7. juli 1961, nr. 4285", &["7. juli 1961, nr. 4285"]);
        case("born July 7, 1961/4285", &["7, 1961/4285"]);
        case("born07071961lbnr4285", &["07071961lbnr4285"]);
        case("7/7/61-4285", &["7/7/61-4285"]);
        case("7/7/12-1985", &["7/7/12-1985"]);
        case("1985 7/7/12", &["1985 7/7/12"]);
        case("4285 1961-07-07", &["4285 1961-07-07"]);
    }

    #[test]
    fn two_dates_are_no_number_nor_is_what_stands_far_away() {
        for text in [
            "1 January 2025 - 31 December 2025",
            "22 November 2026, 16:40",
            "404 on port 8443 2026-11-22 04:00:00",
            "070761 and then, after many words, 4285",
            "4285 xxxxxx-xxxx 070761",
            "010190-1234 4285",
            "991361 4285",
            "070761 428 42851",
        ] {
            case(text, &[]);
        }
    }
}
