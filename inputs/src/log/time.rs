//! Times as logs write them, kept to UTC.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use super::fields::number;

/// The longest time of any log; a longer text is none.
const MAX_TIME: usize = 64;

/// `06/Nov/2014:19:12:14 +0600`: common log format. Without a zone (HAProxy), and with thousandths, in `zone`.
pub(super) fn common(text: &[u8], zone: &TimeZone) -> Option<Timestamp> {
    let (stamp, offset) = match text.iter().position(|byte| *byte == b' ') {
        Some(at) => (text.get(..at)?, Some(text.get(at + 1..)?)),
        None => (text, None),
    };
    let mut parts = stamp.splitn(3, |byte| *byte == b'/');
    let (day, month, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, clock) = rest.split_at_checked(4)?;
    let date = date(number(year)?, month_named(month)?, number(day)?)?;
    let local = DateTime::from_parts(date, clock_time(clock.strip_prefix(b":")?)?);
    match offset {
        Some(offset) => self::offset(offset)?.to_timestamp(local).ok(),
        None => zone.to_timestamp(local).ok(),
    }
}

/// `2019-05-23 01:13:11` in two fields, in UTC: W3C extended.
pub(super) fn in_two(day: &[u8], clock: &[u8]) -> Option<Timestamp> {
    let mut parts = day.splitn(3, |byte| *byte == b'-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let date = date(number(year)?, i8::try_from(number(month)?).ok()?, number(day)?)?;
    Offset::UTC.to_timestamp(DateTime::from_parts(date, clock_time(clock)?)).ok()
}

/// `Feb  6 12:14:14`: the syslog of before RFC 5424, without year or zone. The year is the one that makes it no later than
/// a day after `latest`.
pub(super) fn bsd(month: &[u8], day: &[u8], clock: &[u8], zone: &TimeZone, latest: Timestamp) -> Option<Timestamp> {
    let latest_year = latest.to_zoned(zone.clone()).year();
    let end = latest.checked_add(jiff::SignedDuration::from_hours(24)).unwrap_or(latest);
    [latest_year.saturating_add(1), latest_year, latest_year - 1].into_iter().find_map(|year| {
        let date = date(u64::try_from(year).ok()?, month_named(month)?, number(day)?)?;
        let time = zone.to_timestamp(DateTime::from_parts(date, clock_time(clock)?)).ok()?;
        (time <= end).then_some(time)
    })
}

/// `2016-04-15T20:17:00.310Z`, with any offset; without one in `zone`.
pub(super) fn iso(text: &[u8], zone: &TimeZone) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.len() <= MAX_TIME)?;
    // A date without a time of day is no time.
    let is_whole = text.len() > 10 && text.as_bytes().get(4) == Some(&b'-');
    if !is_whole {
        return None;
    }
    let told = text.parse().ok();
    told.or_else(|| zone.to_timestamp(text.parse().ok()?).ok())
}

/// Seconds since 1970 with or without a fraction, or thousandths, millionths, billionths of them: told by their number
/// of digits, which is the same from 2001 to 2286.
pub(super) fn epoch(text: &[u8]) -> Option<Timestamp> {
    let (whole, fraction) = match text.iter().position(|byte| *byte == b'.') {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, &[][..]),
    };
    let count = i64::try_from(number(whole)?).ok()?;
    match whole.len() {
        9 | 10 => {
            let digits = fraction.iter().chain(b"000000000").take(9).copied().collect::<Vec<u8>>();
            Timestamp::new(count, i32::try_from(number(&digits)?).ok()?).ok()
        }
        13 => Timestamp::from_millisecond(count).ok(),
        16 => Timestamp::from_microsecond(count).ok(),
        _ => None,
    }
}

/// A time in any of these ways, as JSON lines have it.
pub(super) fn any(text: &[u8], zone: &TimeZone) -> Option<Timestamp> {
    if text.len() > MAX_TIME {
        return None;
    }
    let nanoseconds = || {
        let digits = std::str::from_utf8(text).ok().filter(|digits| digits.len() == 19)?;
        Timestamp::from_nanosecond(digits.parse::<i64>().ok()?.into()).ok()
    };
    iso(text, zone).or_else(|| epoch(text)).or_else(nanoseconds).or_else(|| common(text, zone))
}

/// `19:12:14`, with or without a fraction.
fn clock_time(text: &[u8]) -> Option<Time> {
    let (clock, fraction) = text.split_at_checked(8)?;
    let [h1, h2, b':', m1, m2, b':', s1, s2] = clock else { return None };
    let two = |tens: &u8, ones: &u8| number(&[*tens, *ones]).and_then(|number| i8::try_from(number).ok());
    let nanoseconds = match fraction {
        [] => 0,
        [b'.', digits @ ..] => {
            let digits = digits.iter().chain(b"000000000").take(9).copied().collect::<Vec<u8>>();
            i32::try_from(number(&digits)?).ok()?
        }
        _ => return None,
    };
    // A leap second is the one before it, as jiff and POSIX have it.
    Time::new(two(h1, h2)?, two(m1, m2)?, two(s1, s2)?.min(59), nanoseconds).ok()
}

fn date(year: u64, month: i8, day: u64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, month, i8::try_from(day).ok()?).ok()
}

pub(super) fn month_named(name: &[u8]) -> Option<i8> {
    const NAMES: [&[u8]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let at = NAMES.iter().position(|month| name.eq_ignore_ascii_case(month))?;
    i8::try_from(at + 1).ok()
}

/// `+0600`.
fn offset(text: &[u8]) -> Option<Offset> {
    let (sign, digits) = text.split_first()?;
    let digits = number(digits).filter(|_| digits.len() == 4).and_then(|digits| i32::try_from(digits).ok())?;
    let seconds = (digits / 100 * 60 + digits % 100) * 60;
    match sign {
        b'+' => Offset::from_seconds(seconds).ok(),
        b'-' => Offset::from_seconds(-seconds).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(time: Option<Timestamp>, expected: &str) {
        assert_eq!(time.map(|time| time.to_string()).unwrap_or_default(), expected);
    }

    #[test]
    fn times_are_kept_to_utc() {
        case(common(b"06/Nov/2014:19:12:14 +0600", &TimeZone::UTC), "2014-11-06T13:12:14Z");
        case(common(b"01/Jan/2015:00:30:00 -0130", &TimeZone::UTC), "2015-01-01T02:00:00Z");
        case(in_two(b"2019-05-23", b"01:13:11"), "2019-05-23T01:13:11Z");
        case(iso(b"2016-04-15T22:17:00.310+02:00", &TimeZone::UTC), "2016-04-15T20:17:00.31Z");
        case(iso(b"2016-04-15T22:17:00+0200", &TimeZone::UTC), "2016-04-15T20:17:00Z");
        case(epoch(b"1286536308.779"), "2010-10-08T11:11:48.779Z");
        case(any(b"1286536308779", &TimeZone::UTC), "2010-10-08T11:11:48.779Z");
        case(any(b"1286536308779000000", &TimeZone::UTC), "2010-10-08T11:11:48.779Z");
    }

    #[test]
    fn a_time_without_a_zone_is_in_the_one_assumed() {
        let danish = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        case(common(b"06/Feb/2009:12:14:14.655", &danish), "2009-02-06T11:14:14.655Z");
        case(common(b"06/Jul/2009:12:14:14.655", &danish), "2009-07-06T10:14:14.655Z");
        case(iso(b"2009-07-06 12:14:14", &danish), "2009-07-06T10:14:14Z");
    }

    #[test]
    fn a_year_that_is_not_told_is_the_last_that_fits() {
        let latest = "2026-03-01T00:00:00Z".parse().unwrap();
        case(bsd(b"Feb", b"6", b"12:14:14", &TimeZone::UTC, latest), "2026-02-06T12:14:14Z");
        case(bsd(b"Dec", b"31", b"12:14:14", &TimeZone::UTC, latest), "2025-12-31T12:14:14Z");
        case(bsd(b"Mar", b"1", b"23:00:00", &TimeZone::UTC, latest), "2026-03-01T23:00:00Z");
        let new_year = "2026-01-01T00:30:00Z".parse().unwrap();
        case(bsd(b"Dec", b"31", b"23:59:60", &TimeZone::UTC, new_year), "2025-12-31T23:59:59Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "-", "32/Jan/2015:00:00:00 +0000", "01/Jan/2015:00:00:00 0000", "2015-01-01", "0101901234x", "12"]
        {
            case(any(text.as_bytes(), &TimeZone::UTC), "");
        }
        case(in_two(b"2019-13-23", b"01:13:11"), "");
        case(in_two(b"2019-12-23", b"1:13:11"), "");
    }
}
