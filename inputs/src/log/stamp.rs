//! The time at the start of a line of no known format, as programs write it: `2024-03-07 10:11:12,123`, `[07/Mar/2024:10:11:12 +0100]`,
//! `Mar  7 10:11:12`. What may be either of two days is none.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use super::fields::number;
use super::parser::Setting;
use super::time::{bsd, month_named};

/// The first year that a log may be of: before it there was no web. What is earlier is somebody's birthday.
const FIRST_YEAR: u64 = 1990;

/// Bytes in which a time is looked for that does not stand at the very beginning: behind an address, a name, a duration.
const NEAR: usize = 256;

/// Spaces and marks that may stand before or within a time.
const MAX_GAP: usize = 3;

/// The time that `line` begins with. A day without a time of day is its midnight.
pub(super) fn leading(line: &[u8], setting: &Setting) -> Option<Timestamp> {
    let mut cursor = Cursor(line);
    for _ in 0..MAX_GAP {
        cursor.passes_one_of(b" \t[(\"'");
    }
    let begun = cursor;
    if cursor.letters(3, 3).is_some_and(is_weekday) {
        cursor.passes(b',');
        cursor.gap();
    } else {
        cursor = begun;
    }
    if cursor.0.first()?.is_ascii_alphabetic() {
        return month_first(cursor, setting);
    }
    let date = cursor.date()?;
    let clock = cursor.clock_behind_date();
    if clock.is_none() && cursor.0.first().is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    cursor.at(DateTime::from_parts(date, clock.unwrap_or(Time::midnight())), clock.is_some(), &setting.zone)
}

/// The time that `line` begins with, or else the first near its beginning that says itself that it is one: with a `T` between day
/// and time of day (RFC 3339), or in brackets as the common log format has it. Not one of a URL's parameters.
pub(super) fn near(line: &[u8], setting: &Setting) -> Option<Timestamp> {
    leading(line, setting).or_else(|| {
        let begin = line.get(..NEAR).unwrap_or(line);
        (1..begin.len()).find_map(|at| {
            let (before, rest) = (begin.get(..at)?, line.get(at..)?);
            if !rest.first()?.is_ascii_digit() || !may_stand_behind(before) {
                return None;
            }
            let mut cursor = Cursor(rest);
            let is_bracketed = before.ends_with(b"[");
            let date = cursor.date()?;
            let mark = *cursor.0.first()?;
            let is_marked = matches!(mark, b'T' | b't') || is_bracketed && mark == b':';
            let clock = cursor.clock_behind_date().filter(|_| is_marked)?;
            cursor.at(DateTime::from_parts(date, clock), true, &setting.zone)
        })
    })
}

/// Whether a time may stand behind this: a field of its own does, or the value of a name that begins one (`ts=`).
fn may_stand_behind(before: &[u8]) -> bool {
    match before {
        [.., b' ' | b'\t' | b'[' | b'(' | b'"' | b'\'' | b'|' | b';' | b','] => true,
        [name @ .., b'='] => {
            let name_length =
                name.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            let ahead = name.len().checked_sub(name_length).and_then(|end| name.get(..end));
            name_length > 0 && ahead.is_some_and(|ahead| matches!(ahead, [] | [.., b' ' | b'\t']))
        }
        _ => false,
    }
}

/// `Mar  7 10:11:12`, whose year is the last that fits, or with its year before or behind the time of day.
fn month_first(mut cursor: Cursor<'_>, setting: &Setting) -> Option<Timestamp> {
    let name = cursor.letters(3, 3)?;
    let month = month_named(name)?;
    cursor.gap();
    let day = cursor.digits(1, 2)?;
    cursor.passes(b',');
    cursor.gap();
    let before = cursor;
    let mut year = cursor.digits(4, 4).and_then(as_year);
    cursor = if year.is_some() { cursor } else { before };
    cursor.gap();
    let text = cursor.0;
    let clock = cursor.clock()?;
    let text = text.get(..8)?;
    let behind = cursor;
    if year.is_none() && cursor.passes(b' ') {
        year = cursor.digits(4, 4).and_then(as_year);
    }
    match year {
        Some(year) => cursor.at(DateTime::from_parts(civil(year, month, number(day)?)?, clock), true, &setting.zone),
        None => bsd(name, day, text, &setting.zone, setting.latest)
            .filter(|_| !behind.0.first().is_some_and(u8::is_ascii_digit)),
    }
}

/// What of a line is not read yet.
#[derive(Clone, Copy)]
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn passes(&mut self, byte: u8) -> bool {
        self.passes_one_of(&[byte])
    }

    fn passes_one_of(&mut self, bytes: &[u8]) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if bytes.contains(first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// Passes over a few spaces.
    fn gap(&mut self) {
        for _ in 0..MAX_GAP {
            self.passes(b' ');
        }
    }

    /// Digits, no fewer and no more of them than this.
    fn digits(&mut self, least: usize, most: usize) -> Option<&'a [u8]> {
        self.run(u8::is_ascii_digit, least, most)
    }

    fn letters(&mut self, least: usize, most: usize) -> Option<&'a [u8]> {
        self.run(u8::is_ascii_alphabetic, least, most)
    }

    fn run(&mut self, is_of: impl Fn(&u8) -> bool, least: usize, most: usize) -> Option<&'a [u8]> {
        let count = self.0.iter().take(most + 1).take_while(|byte| is_of(byte)).count();
        let (run, rest) = self.0.split_at_checked(count).filter(|_| (least..=most).contains(&count))?;
        self.0 = rest;
        Some(run)
    }

    /// `2024-03-07`, `2024/03/07`, `07.03.2024`, `07/Mar/2024`; with slashes or hyphens and the year last only where day and month
    /// cannot be taken for each other.
    fn date(&mut self) -> Option<Date> {
        let first = self.digits(1, 4)?;
        let mark = *self.0.first().filter(|mark| b"-/. ".contains(mark))?;
        self.passes(mark);
        if let Some(name) = self.letters(3, 3) {
            let day = number(first).filter(|_| first.len() <= 2)?;
            self.passes(mark).then_some(())?;
            return civil(as_year(self.digits(4, 4)?)?, month_named(name)?, day);
        }
        // Numbers with spaces between are no date.
        let second = number(self.digits(1, 2).filter(|_| mark != b' ')?)?;
        self.passes(mark).then_some(())?;
        let month = |month: u64| i8::try_from(month).ok();
        if first.len() == 4 {
            return civil(as_year(first)?, month(second)?, number(self.digits(1, 2)?)?);
        }
        let first = number(first).filter(|_| first.len() <= 2)?;
        let year = as_year(self.digits(4, 4)?)?;
        match (first > 12, second > 12) {
            (true, _) => civil(year, month(second)?, first),
            (false, true) if mark != b'.' => civil(year, month(first)?, second),
            // Nobody writes the month first with full stops.
            (false, false) if mark == b'.' || first == second => civil(year, month(second)?, first),
            (false, _) => None,
        }
    }

    /// The time of day behind a date.
    fn clock_behind_date(&mut self) -> Option<Time> {
        let before = *self;
        self.passes_one_of(b"Tt_,;:\t ");
        self.gap();
        let clock = self.clock();
        if clock.is_none() {
            *self = before;
        }
        clock
    }

    /// `10:11`, `10:11:12`, `10:11:12,123`, `10:11:12 PM`.
    fn clock(&mut self) -> Option<Time> {
        let hour = number(self.digits(1, 2)?)?;
        self.passes(b':').then_some(())?;
        let minute = number(self.digits(2, 2)?)?;
        let mut second = 0;
        let mut nanosecond = 0;
        if self.passes(b':') {
            // A leap second is the one before it, as jiff and POSIX have it.
            second = number(self.digits(2, 2)?)?.min(59);
            let before = *self;
            if self.passes_one_of(b".,") {
                match self.digits(1, 9) {
                    Some(digits) => {
                        let digits: Vec<u8> = digits.iter().chain(b"000000000").take(9).copied().collect();
                        nanosecond = i32::try_from(number(&digits)?).ok()?;
                    }
                    // The end of a sentence, or of a field.
                    None => *self = before,
                }
            }
        }
        let hour = self.on_24_hours(hour)?;
        let [hour, minute, second] = [hour, minute, second].map(|part| i8::try_from(part).unwrap_or(-1));
        Time::new(hour, minute, second, nanosecond).ok()
    }

    /// The hour, by what stands behind it if that is `AM` or `PM`.
    fn on_24_hours(&mut self, hour: u64) -> Option<u64> {
        let mut behind = *self;
        behind.gap();
        let is_afternoon = match behind.letters(2, 2) {
            Some(half) if half.eq_ignore_ascii_case(b"am") => false,
            Some(half) if half.eq_ignore_ascii_case(b"pm") => true,
            _ => return Some(hour),
        };
        *self = behind;
        let hour = (1..=12).contains(&hour).then_some(hour % 12)?;
        Some(if is_afternoon { hour + 12 } else { hour })
    }

    /// `local` in the zone that stands behind it, or in `zone` where there is none.
    fn at(mut self, local: DateTime, has_clock: bool, zone: &TimeZone) -> Option<Timestamp> {
        let told = if has_clock { self.offset() } else { None };
        match told {
            Some(offset) => offset.to_timestamp(local).ok(),
            None => zone.to_timestamp(local).ok(),
        }
    }

    /// `Z`, `UTC`, `GMT`, `+0100`, `+01:00`, `+01`, with a space before or without.
    fn offset(&mut self) -> Option<Offset> {
        let is_behind_space = self.passes(b' ');
        if let Some(name) = self.letters(1, 3) {
            let is_utc = name == b"Z" || name == b"UTC" || name == b"GMT";
            return is_utc.then_some(Offset::UTC);
        }
        let sign = match self.0.first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.passes_one_of(b"+-");
        let hours_and_minutes = |digits: &[u8]| i32::try_from(number(digits)?).ok();
        let digits = self.digits(2, 2).or_else(|| self.digits(4, 4))?;
        let mut told = hours_and_minutes(digits)?;
        if digits.len() == 2 {
            let minutes = self.passes(b':').then(|| self.digits(2, 2)).flatten();
            // A hyphen and two digits somewhere behind a time are anything.
            if minutes.is_none() && is_behind_space {
                return None;
            }
            told = told * 100 + minutes.and_then(hours_and_minutes).unwrap_or_default();
        }
        Offset::from_seconds(sign * (told / 100 * 60 + told % 100) * 60).ok()
    }
}

fn is_weekday(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
    NAMES.iter().any(|day| name.eq_ignore_ascii_case(day))
}

fn as_year(digits: &[u8]) -> Option<u64> {
    number(digits).filter(|year| *year >= FIRST_YEAR)
}

fn civil(year: u64, month: i8, day: u64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, month, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> String {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let setting = Setting { zone, latest: "2026-03-01T00:00:00Z".parse().unwrap() };
        leading(line.as_bytes(), &setting).map(|time| time.to_string()).unwrap_or_default()
    }

    #[track_caller]
    fn case(line: &str, time: &str) {
        assert_eq!(told(line), time, "{line}");
    }

    #[test]
    fn a_date_at_the_start_is_the_time() {
        case("2024-03-07", "2024-03-06T23:00:00Z");
        case("2024-03-07 cpr=x", "2024-03-06T23:00:00Z");
        case("2024-03-07 10:11:12,123 INFO x", "2024-03-07T09:11:12.123Z");
        case("2024-03-07T10:11:12Z x", "2024-03-07T10:11:12Z");
        case("2024-03-07T10:11:12.5+02:00", "2024-03-07T08:11:12.5Z");
        case("2024-07-07 10:11:12 +0000 x", "2024-07-07T10:11:12Z");
        case("[2024-03-07 10:11:12] x", "2024-03-07T09:11:12Z");
        case("[2024-03-07] x", "2024-03-06T23:00:00Z");
        case("2024/03/07 10:11:12 [error] x", "2024-03-07T09:11:12Z");
        case("\"2024-03-07 10:11\";anna", "2024-03-07T09:11:00Z");
        case("2024-03-07;10:11:12;anna", "2024-03-07T09:11:12Z");
        case("2024-03-07 10:11:12, anna", "2024-03-07T09:11:12Z");
        case("07.03.2024 10:11:12 x", "2024-03-07T09:11:12Z");
        case("07/Mar/2024:10:11:12 +0100 x", "2024-03-07T09:11:12Z");
        case("07-Mar-2024 10:11:12.123 INFO", "2024-03-07T09:11:12.123Z");
        case("[Thu Mar 07 10:11:12.123456 2024] [core:error] x", "2024-03-07T09:11:12.123456Z");
        case("Thu, 07 Mar 2024 10:11:12 GMT x", "2024-03-07T10:11:12Z");
        case("3/27/2024 10:11:12 PM x", "2024-03-27T21:11:12Z");
        case("2024-03-07 12:11:12 AM", "2024-03-06T23:11:12Z");
        case("2016-12-31 23:59:60Z", "2016-12-31T23:59:59Z");
    }

    #[test]
    fn day_and_month_are_read_where_they_cannot_be_taken_for_each_other() {
        case("27/03/2024 10:11:12", "2024-03-27T09:11:12Z");
        case("03/27/2024 10:11:12", "2024-03-27T09:11:12Z");
        case("07/07/2024 10:11:12", "2024-07-07T08:11:12Z");
        case("07/03/2024 10:11:12", "");
        case("07-03-2024 10:11:12", "");
    }

    #[test]
    fn a_year_that_is_not_told_is_the_last_that_fits() {
        case("Feb  7 10:11:12 host x", "2026-02-07T09:11:12Z");
        case("Mar  7 10:11:12 host x", "2025-03-07T09:11:12Z");
        case("Mar 7 2024 10:11:12 x", "2024-03-07T09:11:12Z");
    }

    #[test]
    fn a_time_near_the_beginning_is_one_where_it_says_so() {
        let near = |line: &str| {
            let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
            let setting = Setting { zone, latest: Timestamp::MAX };
            near(line.as_bytes(), &setting).map(|time| time.to_string()).unwrap_or_default()
        };
        for line in [
            "2024-03-07T10:11:12Z x",
            "192.0.2.1 2024-03-07T10:11:12Z GET /x 200",
            "1000.5 [07/Mar/2024:11:11:12 +0100] \"GET /x HTTP/1.1\" 200",
            "192.0.2.1 - - [07/Mar/2024:10:11:12 +0000] \"GET /x",
            "level=info ts=2024-03-07T10:11:12Z x",
            "x,\"2024-03-07T11:11:12+01:00\",y",
            "{\"level\":1,\"at\":\"2024-03-07T11:11:12.0\"}",
        ] {
            assert_eq!(near(line), "2024-03-07T10:11:12Z", "{line}");
        }
        for line in [
            "192.0.2.1 GET /x?from=2024-03-07T10:11:12Z",
            "192.0.2.1 GET /x?a=b&from=2024-03-07T10:11:12Z",
            "192.0.2.1 /sag/2024-03-07T10:11:12Z",
            "192.0.2.1 2024-03-07 10:11:12",
            "192.0.2.1 [07/Mar/2024]",
            "192.0.2.1 1945-01-01T10:11:12Z",
            "x 2024-03-07T",
            &format!("{} 2024-03-07T10:11:12Z", "x".repeat(NEAR)),
        ] {
            assert_eq!(near(line), "", "{line}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for line in [
            "",
            "[",
            "x",
            "0101455001",
            "010145-5001 2024-03-07",
            "2024-03-071",
            "2024-13-07",
            "1945-01-01 x",
            "12 03 2024 x",
            "Marts 7 10:11:12",
            "May be x",
            "192.0.2.1 x",
            "1.2.2024x",
            "32.01.2024",
            "Thu",
        ] {
            case(line, "");
        }
    }

    #[test]
    fn no_bytes_are_too_odd() {
        let whole = "[Thu, 07 Mar 2024 10:11:12.123 +01:00] Mar  7 10:11:12 PM";
        for from in 0..whole.len() {
            for to in from..=whole.len() {
                let part = whole.get(from..to).unwrap();
                told(part);
                near(part.as_bytes(), &Setting::default());
                told(&part.replace(' ', "\u{0}"));
                told(&part.replace('1', "9"));
            }
        }
    }
}
