//! Digits that stand close together, and whether they may be a CPR number in some spelling. Far looser than
//! [`crate::candidate`]: for masking, where a number too many does little harm and one too few is not to be mended.

use std::net::Ipv4Addr;
use std::ops::Range;

use crate::reading::{Unit, is_alphabetic};

/// What may stand between two digits of one number, in characters: `<wbr>&nbsp;&nbsp; – ` is six once read.
pub(crate) const MAX_GAP: usize = 12;

/// Letters in that gap: more are a word, and the digits beside it are two things.
pub(crate) const MAX_LETTERS: usize = 1;

/// Digits of a number, and runs of digits that are masked whatever they are.
const DIGITS: usize = 10;

/// Codes of characters in a row from which on they are a number letter by letter, as in `48, 55, 48`.
const CODES: usize = 9;

/// Digits of `10:40:00.123`.
const TIME_OF_DAY: [usize; 4] = [2, 2, 2, 3];

/// Digits of a window that were found, as positions among the units.
pub(crate) type Window = Vec<usize>;

/// Every window in `units` that may be a number; none holds a digit of `cleared`.
pub(crate) fn suspicious(units: &[Unit], cleared: &[Range<usize>]) -> Vec<Window> {
    windows(units, cleared).into_iter().filter(|window| is_suspicious(units, window)).collect()
}

fn windows(units: &[Unit], cleared: &[Range<usize>]) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    let mut is_open = false;
    let mut letters = 0;
    let mut cleared = cleared.iter().peekable();
    for (at, unit) in units.iter().enumerate() {
        while cleared.next_if(|range| range.end <= at).is_some() {}
        if unit.is_wall() || cleared.peek().is_some_and(|range| range.contains(&at)) {
            is_open = false;
            continue;
        }
        if !unit.is_digit() {
            letters += usize::from(is_alphabetic(unit.character));
            is_open &= letters <= MAX_LETTERS;
            continue;
        }
        match windows.last_mut() {
            Some(window) if is_open && window.last().is_some_and(|last| at - last <= MAX_GAP + 1) => window.push(at),
            _ => windows.push(vec![at]),
        }
        (is_open, letters) = (true, 0);
    }
    windows
}

fn is_suspicious(units: &[Unit], window: &[usize]) -> bool {
    if window.len() < 7 {
        return false;
    }
    let digits: Vec<Option<u8>> = window.iter().map(|at| units.get(*at).and_then(|unit| unit.value())).collect();
    let groups: Vec<&[usize]> = window.chunk_by(|a, b| a + 1 == *b).collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    if lengths.iter().any(|length| *length >= DIGITS) || is_in_codes(units, &groups) {
        return true;
    }
    let begins = |at: usize, test: fn(&[Option<u8>]) -> bool| digits.get(at..).is_some_and(test);
    let last_start = digits.len().checked_sub(DIGITS);
    let is_number = last_start.is_some_and(|last| {
        (0..=last).any(|at| begins(at, is_day_month) || (at + 2 <= last && begins(at, is_year_first)))
    });
    is_number || is_cut(units, window, &digits, &lengths) || is_in_powers(units, &groups)
}

/// A number as programs print large ones: `7.07614285e8`. Zeros at its end are not printed.
fn is_in_powers(units: &[Unit], groups: &[&[usize]]) -> bool {
    let sign = |at: usize| units.get(at).map(|unit| unit.character);
    groups.array_windows().any(|[whole, fraction, exponent]| {
        let (Some(point), Some(letter)) = (whole.last(), fraction.last()) else { return false };
        let (point, letter) = (point + 1, letter + 1);
        let is_shaped = whole.len() == 1
            && matches!(sign(point), Some('.' | ','))
            && fraction.first() == Some(&(point + 1))
            && matches!(sign(letter), Some('e' | 'E'))
            && exponent.first().is_some_and(|first| *first == letter + 1 || *first == letter + 2);
        let value = |at: &usize| units.get(*at).and_then(|unit| unit.value());
        let digits: Vec<Option<u8>> = whole.iter().chain(*fraction).map(value).skip_while(|d| *d == Some(0)).collect();
        is_shaped && digits.len() <= DIGITS && (is_day_month(&digits) || is_short_day_month(&digits))
    })
}

/// Whether one digit is lost, at either end: a leading zero in a JSON number, or the end of what was cut.
fn is_cut(units: &[Unit], window: &[usize], digits: &[Option<u8>], lengths: &[usize]) -> bool {
    let mut at = 0;
    let is_run_of_nine = lengths.iter().any(|length| {
        let run = digits.get(at..).unwrap_or_default();
        at += length;
        *length == DIGITS - 1 && (is_day_month(run) || is_short_day_month(run))
    });
    // More of it may be lost where the text ends.
    let is_at_end = window.last().is_some_and(|last| last + 1 == units.len());
    is_run_of_nine
        || is_nine_in_groups(digits, lengths)
        || match lengths {
            [6, 3] => is_day_month(digits),
            [5, 4] => is_short_day_month(digits),
            [7 | 8] | [6, 1 | 2] => is_at_end && is_day_month(digits),
            _ => false,
        }
}

/// Nine digits whose lost zero was the first, grouped by hand or by a program; the time of day to a thousandth is not.
fn is_nine_in_groups(digits: &[Option<u8>], lengths: &[usize]) -> bool {
    digits.len() == DIGITS - 1 && lengths != TIME_OF_DAY && is_short_day_month(digits)
}

/// Digits as the codes of their characters, in decimal, hexadecimal or octal.
fn is_in_codes(units: &[Unit], groups: &[&[usize]]) -> bool {
    let of = |range: Range<u32>, length: usize| {
        let is_code = |group: &&&[usize]| {
            let value = group.iter().try_fold(0_u32, |sum, at| Some(sum * 10 + u32::from(units.get(*at)?.value()?)));
            group.len() == length && value.is_some_and(|value| range.contains(&value))
        };
        groups.iter().filter(is_code).count() >= CODES
    };
    of(30..40, 2) || of(48..58, 2) || of(60..72, 3)
}

/// `DDMM`, the day also a replacement's. An unknown digit may be any.
pub(crate) fn is_day_month(digits: &[Option<u8>]) -> bool {
    match digits {
        [d1, d2, m1, m2, ..] => {
            pair(*d1, *d2, |day| matches!(day, 1..=31 | 61..=91)) && pair(*m1, *m2, |month| (1..=12).contains(&month))
        }
        _ => false,
    }
}

/// `DMM`: a day whose first digit is lost, mostly a zero that a program dropped.
fn is_short_day_month(digits: &[Option<u8>]) -> bool {
    match digits {
        [_, m1, m2, ..] => pair(*m1, *m2, |month| (1..=12).contains(&month)),
        _ => false,
    }
}

/// `YYYYMMDD`, with the serial behind it.
pub(crate) fn is_year_first(digits: &[Option<u8>]) -> bool {
    match digits {
        [c1, c2, _, _, m1, m2, d1, d2, ..] => {
            pair(*c1, *c2, |century| (18..=20).contains(&century)) && is_day_month(&[*d1, *d2, *m1, *m2])
        }
        _ => false,
    }
}

/// Whether a number of two digits passes `test`. An unknown digit may be any.
pub(crate) fn pair(tens: Option<u8>, ones: Option<u8>, test: impl Fn(u8) -> bool) -> bool {
    let choices = |digit: Option<u8>| digit.map_or(0..=9, |digit| digit..=digit);
    choices(tens).any(|tens| choices(ones).any(|ones| test(tens * 10 + ones)))
}

/// What is known to be no undeclared number: declared ones, addresses, and time as programs write it.
pub(crate) fn cleared(units: &[Unit], is_declared: impl Fn(&str) -> bool) -> Vec<Range<usize>> {
    let mut cleared: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < units.len() {
        let is_start = is_digit(units, at) && !at.checked_sub(1).is_some_and(|before| is_digit(units, before));
        let end = if is_start {
            declared(units, at, &is_declared).or_else(|| timestamp(units, at)).or_else(|| address(units, at))
        } else {
            None
        };
        if let Some(end) = end {
            cleared.push(at..end);
        }
        at = end.unwrap_or(at + 1);
    }
    cleared
}

/// Ten digits, nine where a program dropped the zero, or six and four with something between.
fn declared(units: &[Unit], at: usize, is_declared: impl Fn(&str) -> bool) -> Option<usize> {
    let text = |range: Range<usize>| -> String {
        units.get(range).unwrap_or_default().iter().map(|unit| unit.character).collect()
    };
    let end = end_of_run(units, at);
    let (digits, end) = match end - at {
        10 => (text(at..end), end),
        9 => (format!("0{}", text(at..end)), end),
        6 => {
            let signs = units.iter().skip(end).take(3).take_while(|unit| !unit.character.is_alphanumeric()).count();
            let serial = end + signs..end_of_run(units, end + signs);
            (format!("{}{}", text(at..end), text(serial.clone())), serial.end)
        }
        _ => return None,
    };
    is_declared(&digits).then_some(end)
}

/// `2026-11-22`, with the time of day behind it if there is one.
fn timestamp(units: &[Unit], at: usize) -> Option<usize> {
    let date = shaped(units, at, "0000-00-00")?;
    let plausible = matches!(date.get(..2), Some("19" | "20"))
        && matches!(date.get(5..7)?.parse(), Ok(1..=12_u8))
        && matches!(date.get(8..10)?.parse(), Ok(1..=31_u8));
    let mut end = at + date.len();
    if !plausible || is_digit(units, end) {
        return None;
    }
    let is_between = |unit: &Unit| matches!(unit.character, 'T' | 't' | ' ');
    if units.get(end).is_some_and(is_between) && shaped(units, end + 1, "00:00").is_some() {
        end += 6;
        if shaped(units, end, ":00").is_some() {
            end += 3;
            let is_fraction = units.get(end).is_some_and(|unit| unit.character == '.') && is_digit(units, end + 1);
            end = if is_fraction { end_of_run(units, end + 1) } else { end };
        }
        return (!is_digit(units, end)).then_some(end);
    }
    // A birth date with a serial behind it or before it is none.
    let gap = units.iter().skip(end).take(MAX_GAP).take_while(|unit| !unit.is_digit()).count();
    let before = units.get(..at)?.iter().rev().take(MAX_GAP + 5).skip_while(|unit| !unit.is_digit());
    let is_free = before.take_while(|unit| unit.is_digit()).count() != 4;
    (end_of_run(units, end + gap) < end + gap + 4 && is_free).then_some(end)
}

/// An IPv4 address.
fn address(units: &[Unit], at: usize) -> Option<usize> {
    let is_part = |unit: &&Unit| unit.character.is_ascii_digit() || unit.character == '.';
    let text: String = units.iter().skip(at).take(16).take_while(is_part).map(|unit| unit.character).collect();
    text.parse::<Ipv4Addr>().is_ok().then_some(at + text.len())
}

/// The characters at `at` if they are `shape`, in which `0` is any digit.
fn shaped(units: &[Unit], at: usize, shape: &str) -> Option<String> {
    let text: String = units.iter().skip(at).take(shape.len()).map(|unit| unit.character).collect();
    let fits = |(c, expected): (char, char)| if expected == '0' { c.is_ascii_digit() } else { c == expected };
    (text.chars().count() == shape.len() && text.chars().zip(shape.chars()).all(fits)).then_some(text)
}

fn is_digit(units: &[Unit], at: usize) -> bool {
    units.get(at).is_some_and(|unit| unit.is_digit())
}

fn end_of_run(units: &[Unit], at: usize) -> usize {
    at + units.iter().skip(at).take_while(|unit| unit.is_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::layers;

    fn is_masked(text: &str) -> bool {
        let units = layers(text).unwrap().remove(0).units;
        let cleared = cleared(&units, |digits| digits == "0101901234");
        !suspicious(&units, &cleared).is_empty()
    }

    #[test]
    fn digits_close_together_are_one_number() {
        for text in [
            "070761-4285",
            "07-07-61-4285",
            "07.07.1961-4285",
            "1961-07-07 4285",
            "0 7 0 7 6 1 4 2 8 5",
            "0707-614285",
            "070761x4285",
            "07 / 07 / 61, nr. 4285",
            "x99070761 4285",
            "17000000001234",
            "48,55,48,55,54,49,52,50,56,53",
            "30 37 30 37 36 31 2d 34 32 38 35",
        ] {
            assert_eq!(is_masked(text), !text.contains("nr."), "{text}");
        }
    }

    #[test]
    fn one_that_lost_a_digit_is_still_one() {
        for text in ["70 7614285", "7.07614285e8", "7.07614285E+08", "707,614,285", "7 07 61 4285"] {
            assert!(is_masked(text), "{text}");
        }
        for text in ["707614285", "70761-4285 x", "070761-428 x", "070761428 x", "cut: 0707614", "cut: 070761-4"] {
            assert!(is_masked(text), "{text}");
        }
        assert!(!is_masked("0707614 bytes"));
    }

    #[test]
    fn addresses_time_and_declared_numbers_are_none() {
        for text in [
            "127.0.0.1:8443 after 12 s",
            "JS-2.20.0 2026-11-22 04:00:00",
            "2026-11-22T16:40:00.123456Z",
            "10:40:00.123",
            "0101901234 010190-1234 101901234",
            "404 Not Found on port 8443",
            "22 November 2026, 16:40 UTC",
        ] {
            assert!(!is_masked(text), "{text}");
        }
    }
}
