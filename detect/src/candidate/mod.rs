//! Numbers in bytes: ten digits in all the ways they are written (cpr-facts 1.6), in text as it is, decoded or not.
//!
//! Normal encoders leave digits alone, so only what stands around and between them changes: both are read through the
//! escapes there. Knows shapes and dates. Whose a number is and how sure that is, is for [`crate::evidence`].

use std::fmt;
use std::ops::Range;

use model::{CprNumber, WrittenForm};

use crate::escapes::{goes_on, may_open_later, openings};
use crate::separators::{Separator, may_separate, separator};
use crate::simd::starts;

/// Digits in the longest run that is a number, one in which the year has four: `010119901234`.
const LONGEST: usize = 12;

/// Digits that may be a CPR number, and where they stand. Prints without them.
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Ten ASCII digits, those of a [`CprNumber`]. Of a year with four digits the last two.
    pub(crate) digits: [u8; 10],
    /// How they are written.
    pub form: WrittenForm,
    /// Where, in the bytes searched: from the first digit to the last, escapes between included.
    pub range: Range<usize>,
    /// Whether it is written as other things are too, and means a person only where a name says so.
    pub needs_name: bool,
}

/// Tells `found` of every candidate in `bytes`, in order: bytes of any kind, raw log text as well as a decoded field.
///
/// Each is a number whose date exists, bounded by other bytes than digits. One behind the other: they do not overlap.
/// Escapes nested deeper than 64 of percent are not read.
///
/// ```
/// let log = b"GET /c?dl=https%3A%2F%2Fborger.test%2F%3Fcpr%3D010145%2D5001&t=1764000000 HTTP/1.1";
/// let mut found = Vec::new();
/// detect::find(log, &mut |candidate| found.push(candidate.range));
/// assert_eq!(found, [47..60]);
/// ```
pub fn find(bytes: &[u8], found: &mut dyn FnMut(Candidate)) {
    let mut along = Along::default();
    starts(bytes, &mut |run| {
        if let Some(candidate) = along.candidate(bytes, run) {
            found(candidate);
        }
    });
}

/// What goes along the places where numbers may begin, and takes those that are some.
#[derive(Default)]
pub(crate) struct Along {
    /// Before it all is told.
    done: usize,
}

impl Along {
    /// The candidate that begins where `run` does, or behind what opens there.
    #[inline]
    pub(crate) fn candidate(&mut self, bytes: &[u8], run: usize) -> Option<Candidate> {
        if run < self.done {
            return None;
        }
        let candidate = if may_open_later(bytes, run) {
            let readings = openings(bytes, run).into_iter().flatten().filter_map(|start| candidate_at(bytes, start));
            readings.max_by_key(|candidate| candidate.range.end)
        } else {
            candidate_at(bytes, run)
        }?;
        self.done = candidate.range.end;
        Some(candidate)
    }
}

/// Every candidate in `bytes`, in order.
pub(crate) fn candidates(bytes: &[u8]) -> Vec<Candidate> {
    let mut found = Vec::new();
    find(bytes, &mut |candidate| found.push(candidate));
    found
}

impl Candidate {
    /// What its digits say.
    pub fn number(&self) -> Option<CprNumber> {
        CprNumber::from_digits(self.digits).ok()
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { digits: _, form, range, needs_name } = self;
        f.debug_struct("Candidate")
            .field("form", form)
            .field("range", range)
            .field("needs_name", needs_name)
            .finish_non_exhaustive()
    }
}

/// A date as it is written, and where it ends.
struct Date {
    /// Day, month and year, two digits each.
    digits: [u8; 6],
    /// The first two digits of a year that has four.
    century: Option<[u8; 2]>,
    needs_name: bool,
    end: usize,
}

/// Whether the `count` digits at `start` may be all or the first part of a number. Cheap: most are not, and in text full
/// of ids this is what finding costs.
#[inline]
fn is_promising(bytes: &[u8], start: usize, count: usize) -> bool {
    let Some(date) = bytes.get(start..).and_then(<[u8]>::first_chunk::<4>) else { return false };
    match count {
        10 | LONGEST => may_be_date(*date),
        6 => may_be_date(*date) && may_separate(bytes, start + count),
        4 => is_century([date[0], date[1]]) && may_separate(bytes, start + count),
        2 | 8 => may_separate(bytes, start + count),
        _ => false,
    }
}

/// Whether day and month are some, short of the calendar. Days of replacement numbers are raised by 60.
#[inline]
fn may_be_date([d1, d2, m1, m2]: [u8; 4]) -> bool {
    let number = |tens: u8, ones: u8| (u16::from(tens) * 10 + u16::from(ones)).wrapping_sub(u16::from(b'0') * 11);
    let (day, month) = (number(d1, d2), number(m1, m2));
    ((day.wrapping_sub(1) < 31) | (day.wrapping_sub(61) < 31)) & (month.wrapping_sub(1) < 12)
}

/// The candidate whose first digit stands at `start`.
#[inline]
fn candidate_at(bytes: &[u8], start: usize) -> Option<Candidate> {
    let count = run_of_digits(bytes, start);
    if is_promising(bytes, start, count) { candidate_of(bytes, start, count) } else { None }
}

/// The candidate of the `count` digits at `start` and what is behind them.
#[inline(never)]
fn candidate_of(bytes: &[u8], start: usize, count: usize) -> Option<Candidate> {
    match count {
        2 => separated(bytes, start, &cut(bytes, start)?)
            .map(|candidate| Candidate { needs_name: is_of_longer(bytes, &candidate.range), ..candidate }),
        4 => separated(bytes, start, &backwards(bytes, start)?),
        6 => {
            let date = Date { digits: group(bytes, start)?, century: None, needs_name: false, end: start + 6 };
            separated(bytes, start, &date)
        }
        8 => separated(bytes, start, &whole(group(bytes, start)?, start + 8)?),
        10 => {
            let [d1, d2, m1, m2, y1, y2, serial @ ..] = group::<10>(bytes, start)?;
            let digits = [d1, d2, m1, m2, y1, y2];
            let date = Date { digits, century: None, needs_name: false, end: start + 6 };
            candidate(bytes, start, &date, WrittenForm::Compact, date.end, serial)
        }
        LONGEST => {
            let [d1, d2, m1, m2, c1, c2, y1, y2, serial @ ..] = group::<LONGEST>(bytes, start)?;
            let digits = [d1, d2, m1, m2, y1, y2];
            let date = Date { digits, century: Some([c1, c2]), needs_name: true, end: start + 8 };
            candidate(bytes, start, &date, WrittenForm::LongYear, date.end, serial)
        }
        _ => None,
    }
}

/// `01-01-90`, `01.01.1990`: the date at `start`, with the same between its parts.
fn cut(bytes: &[u8], start: usize) -> Option<Date> {
    let [d1, d2] = group(bytes, start)?;
    let first = start + 2..separator(bytes, start + 2)?.end;
    let [m1, m2] = group(bytes, first.end)?;
    let second = first.end + 2..separator(bytes, first.end + 2)?.end;
    if !is_same(bytes, first, second.clone()) {
        return None;
    }
    if let Some([c1, c2, y1, y2]) = group(bytes, second.end) {
        let digits = [d1, d2, m1, m2, y1, y2];
        return Some(Date { digits, century: Some([c1, c2]), needs_name: false, end: second.end + 4 });
    }
    let [y1, y2] = group(bytes, second.end)?;
    Some(Date { digits: [d1, d2, m1, m2, y1, y2], century: None, needs_name: false, end: second.end + 2 })
}

/// `1990-01-01`: the date at `start`, as programs write it, and Swedes a number.
fn backwards(bytes: &[u8], start: usize) -> Option<Date> {
    let [c1, c2, y1, y2] = group(bytes, start)?;
    if !is_century([c1, c2]) {
        return None;
    }
    let first = start + 4..separator(bytes, start + 4)?.end;
    let [m1, m2] = group(bytes, first.end)?;
    let second = first.end + 2..separator(bytes, first.end + 2)?.end;
    if !is_same(bytes, first, second.clone()) {
        return None;
    }
    let [d1, d2] = group(bytes, second.end)?;
    let digits = [d1, d2, m1, m2, y1, y2];
    Some(Date { digits, century: Some([c1, c2]), needs_name: true, end: second.end + 2 })
}

/// `01011990` or `19900101`, which ends at `end`: the century says which. No month is 18 to 20.
fn whole(digits: [u8; 8], end: usize) -> Option<Date> {
    let [first, second, third, fourth] = digits.as_chunks::<2>().0 else { return None };
    let (day, month, century, year, needs_name) =
        if is_century(*third) { (first, second, third, fourth, false) } else { (fourth, third, first, second, true) };
    let digits = [*day, *month, *year].concat().try_into().ok()?;
    Some(Date { digits, century: Some(*century), needs_name, end })
}

/// The candidate of `date`, something between, and a serial.
fn separated(bytes: &[u8], start: usize, date: &Date) -> Option<Candidate> {
    let Separator { form, end } = separator(bytes, date.end)?;
    let serial = group(bytes, end)?;
    // Ten digits and one thing between them; a longer date has more.
    let form = if date.end == start + 6 { form } else { WrittenForm::LongYear };
    candidate(bytes, start, date, form, end, serial)
}

/// The candidate of these digits, if the date exists, in the century that is written out.
fn candidate(
    bytes: &[u8],
    start: usize,
    date: &Date,
    form: WrittenForm,
    serial_at: usize,
    serial: [u8; 4],
) -> Option<Candidate> {
    let [d1, d2, m1, m2, y1, y2] = date.digits;
    // The calendar is slower.
    if !may_be_date([d1, d2, m1, m2]) {
        return None;
    }
    let [s1, s2, s3, s4] = serial;
    let digits = [d1, d2, m1, m2, y1, y2, s1, s2, s3, s4];
    let born = CprNumber::from_digits(digits).ok()?.birth_date().year;
    let says = |[c1, c2]: [u8; 2]| u16::from(c1 - b'0') * 10 + u16::from(c2 - b'0') == born / 100;
    let end = serial_at + serial.len();
    if !date.century.is_none_or(says) || goes_on(bytes, end) {
        return None;
    }
    Some(Candidate { digits, form, range: start..end, needs_name: date.needs_name })
}

/// Whether a cut date and its serial are in the middle of more numbers with dots or dashes, as in versions and addresses.
fn is_of_longer(bytes: &[u8], range: &Range<usize>) -> bool {
    let Some(edge @ (b'.' | b'-')) = bytes.get(range.start + 2) else { return false };
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let is_edge = |at: Option<usize>| at.and_then(|at| bytes.get(at)) == Some(edge);
    let before = is_edge(range.start.checked_sub(1)) && is_digit(range.start.checked_sub(2));
    before || (is_edge(Some(range.end)) && is_digit(range.end.checked_add(1)))
}

/// The centuries in which somebody with a number was born, or will be.
fn is_century(digits: [u8; 2]) -> bool {
    matches!(&digits, b"18" | b"19" | b"20")
}

/// Whether both are the same, but for the case of hex digits.
fn is_same(bytes: &[u8], first: Range<usize>, second: Range<usize>) -> bool {
    let (first, second) = (bytes.get(first), bytes.get(second));
    first.zip(second).is_some_and(|(first, second)| first.eq_ignore_ascii_case(second))
}

/// `N` digits at `at`, and no more.
fn group<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    let (digits, rest) = bytes.get(at..)?.split_first_chunk::<N>()?;
    let is_group = digits.iter().all(u8::is_ascii_digit) && !rest.first().is_some_and(u8::is_ascii_digit);
    is_group.then_some(*digits)
}

/// How many digits stand at `at`, counted to 16.
#[inline]
fn run_of_digits(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(sixteen) => digits_in(u128::from_le_bytes(*sixteen)),
        None => rest.iter().take_while(|byte| byte.is_ascii_digit()).count(),
    }
}

/// How many of 16 bytes, from the lowest, are digits. All at once: this is asked of each place where one may begin.
fn digits_in(bytes: u128) -> usize {
    // A digit is 0x30 to 0x39: made 0 to 9 it stays below 16 when 6 is added. What a sum carries falls on bytes behind one
    // that is no digit.
    let values = bytes ^ u128::from_le_bytes([0x30; 16]);
    let sums = values.wrapping_add(u128::from_le_bytes([6; 16]));
    ((values | sums) & u128::from_le_bytes([0xf0; 16])).trailing_zeros() as usize / 8
}

#[cfg(test)]
mod slowly;

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in `text`, with what needs a name marked by a `?`.
    #[track_caller]
    fn case(text: impl AsRef<[u8]>, expected: &[(WrittenForm, &str)]) {
        let text = text.as_ref();
        let found: Vec<(WrittenForm, String)> = candidates(text)
            .into_iter()
            .map(|Candidate { digits, form, range, needs_name }| {
                assert!([*b"0101901234", *b"0101455001"].contains(&digits), "{}", text.escape_ascii());
                let mark = if needs_name { "?" } else { "" };
                (form, format!("{}{mark}", text[range].escape_ascii()))
            })
            .collect();
        let expected: Vec<(WrittenForm, String)> =
            expected.iter().map(|(form, text)| (*form, (*text).into())).collect();
        assert_eq!(found, expected, "{}", text.escape_ascii());
    }

    #[test]
    fn compact_and_separated_numbers_are_seen() {
        case("0101901234", &[(WrittenForm::Compact, "0101901234")]);
        case("cpr:010190-1234;", &[(WrittenForm::Dashed, "010190-1234")]);
        case("cpr:010190%2D1234;", &[(WrittenForm::Dashed, "010190%2D1234")]);
        case("cpr:010190 - 1234;", &[(WrittenForm::Dashed, "010190 - 1234")]);
        case("cpr:010190+1234;", &[(WrittenForm::Spaced, "010190+1234")]);
        case("010190\\u20131234", &[(WrittenForm::Dashed, "010190\\\\u20131234")]);
        case("x0101901234y 010190-1234", &[(WrittenForm::Compact, "0101901234"), (WrittenForm::Dashed, "010190-1234")]);
    }

    #[test]
    fn the_century_may_be_written_out_and_the_date_cut_up() {
        for text in [
            "01-01-90-1234",
            "01.01.90.1234",
            "01 01 90 1234",
            "01/01/90 1234",
            "01.01.1990-1234",
            "01/01/1990 1234",
            "01-01-1990-1234",
            "01011990-1234",
            "01011990 1234",
            "01%2F01%2F1990%201234",
            "01%2d01%2D90%2D1234",
            "01+01+1990+1234",
        ] {
            case(format!("fra {text}."), &[(WrittenForm::LongYear, text)]);
        }
        case("01\\/01\\/1990-1234", &[(WrittenForm::LongYear, "01\\\\/01\\\\/1990-1234")]);
        case("01.01.2045-5001", &[(WrittenForm::LongYear, "01.01.2045-5001")]);
    }

    #[test]
    fn what_others_write_too_needs_a_name() {
        case("19900101-1234", &[(WrittenForm::LongYear, "19900101-1234?")]);
        case("1990-01-01-1234", &[(WrittenForm::LongYear, "1990-01-01-1234?")]);
        case("1990%2F01%2F01%201234", &[(WrittenForm::LongYear, "1990%2F01%2F01%201234?")]);
        case("010119901234", &[(WrittenForm::LongYear, "010119901234?")]);
        case("2.01.01.90.1234", &[(WrittenForm::LongYear, "01.01.90.1234?")]);
        case("01-01-90-1234-5", &[(WrittenForm::LongYear, "01-01-90-1234?")]);
    }

    #[test]
    fn a_written_century_agrees_with_the_seventh_digit() {
        for text in ["01012090-1234", "01.01.1890-1234", "18900101-1234", "010120901234", "01011945-5001"] {
            case(text, &[]);
        }
    }

    #[test]
    fn a_date_cut_up_has_the_same_between_its_parts() {
        case("01-01.90-1234", &[]);
        case("1990-01/01-1234", &[]);
    }

    #[test]
    fn a_number_begins_behind_an_escape() {
        for before in [
            "%20",
            "%2520",
            "%25252520",
            "%C2%A0",
            "%E2%80%93",
            "%3D",
            "%252F",
            "\\u00a0",
            "\\u2013",
            "\\u0020",
            "\\x20",
            "\\xa0",
            "=20",
            "=E2=80=93",
            "=C2=A0",
            "&#160;",
            "%u2013",
            "%5Cu2013",
        ] {
            for number in ["0101901234", "010190-1234", "01011990-1234", "01-01-90-1234", "01/01/1990 1234"] {
                let text = format!("{before}{number}");
                let found = candidates(text.as_bytes());
                let found: Vec<&str> =
                    found.iter().map(|candidate| text.get(candidate.range.clone()).unwrap()).collect();
                assert_eq!(found, [number], "{text}");
            }
        }
        case("%2001%2F01%2F1990 1234", &[(WrittenForm::LongYear, "01%2F01%2F1990 1234")]);
    }

    #[test]
    fn digits_of_an_escape_are_none_of_a_number() {
        for text in ["%2012345678", "%252012345678", "\\u2012345678", "\\u2013123456", "%E2012345678", "\\x2012345678"]
        {
            case(text, &[]);
        }
        case("v=%2012121290", &[]);
    }

    #[test]
    fn digits_are_bounded_on_both_sides() {
        for text in [
            "00101901234",
            "01019012345",
            "010190-12345",
            "7010190-1234",
            "010190--1234",
            "010190",
            "%310101901234",
            "0101901234%35",
            "0101901234\\u0035",
            "010190-1234&#53;",
            "101-01-90-1234",
            "01-01-90-12345",
        ] {
            case(text, &[]);
        }
        case("0101901234&a=1", &[(WrittenForm::Compact, "0101901234")]);
        case("0101901234%20", &[(WrittenForm::Compact, "0101901234")]);
    }

    #[test]
    fn a_date_that_never_was_is_none() {
        for text in ["3201901234", "0113901234", "0100901234", "4101901234", "0101900000", "10.20.30.4000"] {
            case(text, &[]);
        }
    }

    #[test]
    fn one_behind_the_other_is_seen() {
        let (form, text) = (WrittenForm::Dashed, "010190-1234");
        case(["010190-1234"; 30].join(","), &[(form, text); 30]);
        case(["0101901234"; 30].join("-"), &[(WrittenForm::Compact, "0101901234"); 30]);
    }

    #[test]
    fn digits_are_counted_whatever_is_behind() {
        for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_digit()) {
            for count in 0..16 {
                let mut bytes = [byte; 20];
                bytes[..count].fill(b'9');
                assert_eq!(run_of_digits(&bytes, 0), count, "{byte:#x}");
                assert_eq!(run_of_digits(&bytes[..count], 0), count, "{byte:#x}");
            }
        }
        assert_eq!(run_of_digits(&[b'0'; 20], 2), 16);
    }

    #[test]
    fn it_prints_without_digits() {
        assert!(!format!("{:?}", candidates(b"010190-1234")).contains("1234"));
    }

    #[test]
    fn much_of_the_same_ends_soon() {
        // Each a million bytes: what looks back or ahead without bound takes hours.
        for text in ["0", "%", "%25", "-", "25", "01-", "01%25", "010190%25", "\\", "&#", "\\u20", "=20", "0101901234"]
        {
            let much = text.repeat(1_000_000 / text.len());
            let found = candidates(much.as_bytes()).len();
            assert_eq!(found, 0, "{text}");
        }
    }
}
