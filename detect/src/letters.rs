//! Replacement numbers with letters in their last four positions: `DDMMYYCAAG` of the national eCPR, and `KOT` numbers of
//! schools (cpr-facts 1.4). Ordinary codes look like them, so the search counts them only where a name says what stands
//! there; the redactor takes out all.

use std::ops::Range;

use crate::decoders::DIGITS;

/// Digits of the date.
const DATE: usize = 6;

/// All of it.
const LENGTH: usize = 10;

/// Numbers of one view: a name stands before one, or before a list.
const MAX_FOUND: usize = 1_000;

/// The numbers with letters in some bytes.
pub(crate) struct Lettered {
    /// Each, letters in capitals.
    pub(crate) found: Vec<[u8; LENGTH]>,
    /// Whether there were more than are looked into.
    pub(crate) is_cut: bool,
}

/// Every such number in `bytes`, up to a bound.
pub(crate) fn with_letters(bytes: &[u8]) -> Lettered {
    let mut all = places_with_letters(bytes).map(|(_, number)| number);
    let found = all.by_ref().take(MAX_FOUND).collect();
    Lettered { found, is_cut: all.next().is_some() }
}

/// Where each stands, and what it says.
pub(crate) fn places_with_letters(bytes: &[u8]) -> impl Iterator<Item = (Range<usize>, [u8; LENGTH])> {
    // The date, and perhaps the first of four characters of which two are letters at least, and the last none.
    let runs = DIGITS.runs(bytes, DATE).filter(|run| run.len() <= DATE + 1);
    runs.filter_map(|Range { start, .. }| {
        let is_bounded = start == 0 || bytes.get(start - 1).is_some_and(|byte| !byte.is_ascii_alphanumeric());
        let (length, number) = number(bytes.get(start..).filter(|_| is_bounded)?)?;
        Some((start..start + length, number))
    })
}

/// The number that `text` begins with, ended by something that is no letter or digit, and how long it is as written.
fn number(text: &[u8]) -> Option<(usize, [u8; LENGTH])> {
    let (date, rest) = text.split_at_checked(DATE)?;
    let rest = rest.strip_prefix(b"-").unwrap_or(rest);
    let (serial, after) = rest.split_at_checked(LENGTH - DATE)?;
    if after.first().is_some_and(u8::is_ascii_alphanumeric) || !is_day(date) {
        return None;
    }
    let letters = serial.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let is_shaped = matches!(letters, 2 | 3)
        && serial.iter().all(u8::is_ascii_alphanumeric)
        && serial.last().is_some_and(u8::is_ascii_digit);
    if !is_shaped {
        return None;
    }
    let number = [date, serial].concat().to_ascii_uppercase().try_into().ok()?;
    Some((text.len() - after.len(), number))
}

/// Whether six digits are a day and a month of some year.
fn is_day(date: &[u8]) -> bool {
    let [d1, d2, m1, m2, y1, y2] = date else { return false };
    let two = |tens: &u8, ones: &u8| match (tens, ones) {
        (b'0'..=b'9', b'0'..=b'9') => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => None,
    };
    matches!((two(d1, d2), two(m1, m2), two(y1, y2)), (Some(1..=31), Some(1..=12), Some(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &[&str]) {
        let found: Vec<String> = with_letters(text.as_bytes())
            .found
            .iter()
            .map(|number| String::from_utf8_lossy(number).into_owned())
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn numbers_with_letters_are_seen_with_and_without_dash() {
        case("0203291WQ3", &["0203291WQ3"]);
        case("020329-1wq3 and 1308781OS6.", &["0203291WQ3", "1308781OS6"]);
        case("010109KOT1", &["010109KOT1"]);
    }

    #[test]
    fn runs_of_other_lengths_hold_none() {
        let mut state = 7_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(state >> 33).unwrap()
        };
        let mut passed = 0;
        for _ in 0..200_000 {
            let text: Vec<u8> = (0..next() % 16).map(|_| b"0011112aB-"[next() % 10]).collect();
            let is_bounded = |at: usize| at == 0 || !text[at - 1].is_ascii_alphanumeric();
            let found = (0..text.len()).filter(|at| is_bounded(*at)).find_map(|at| number(&text[at..]));
            passed += usize::from(found.is_some());
            assert_eq!(places_with_letters(&text).next().map(|(_, number)| number), found.map(|(_, number)| number));
        }
        assert!(passed > 100, "{passed}");
    }

    #[test]
    fn one_too_many_is_told() {
        let list = "010109KOT1,".repeat(MAX_FOUND);
        assert!(!with_letters(list.as_bytes()).is_cut);
        assert!(with_letters(format!("{list}010109KOT1").as_bytes()).is_cut);
    }

    #[test]
    fn other_codes_are_none() {
        for text in ["3913291WQ3", "0203291WQ35", "x0203291WQ3", "0203291WQQ", "0203291234", "020329WXYZ", "020329"] {
            case(text, &[]);
        }
    }
}
