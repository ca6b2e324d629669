//! Numbers in bytes: runs of ten digits, or six and four with something between (cpr-facts 1.6).
//!
//! Knows shapes only. Whether one is a date, whose it is and how sure that is, is for [`crate::evidence`].

use std::ops::Range;

use model::WrittenForm;

/// Digits that may be a CPR number, and where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Ten ASCII digits.
    pub(crate) digits: [u8; 10],
    /// How they are written.
    pub(crate) form: WrittenForm,
    /// Where, in the bytes searched.
    pub(crate) range: Range<usize>,
    /// Whether it is written as other things are, so that it counts only when something names it.
    pub(crate) needs_name: bool,
}

/// What may stand between date and serial: its bytes, and the form it makes.
const SEPARATORS: [(&[u8], WrittenForm); 21] = [
    (b"-", WrittenForm::Dashed),
    (b" - ", WrittenForm::Dashed),
    ("\u{ad}".as_bytes(), WrittenForm::Dashed),
    ("\u{2010}".as_bytes(), WrittenForm::Dashed),
    ("\u{2011}".as_bytes(), WrittenForm::Dashed),
    ("\u{2012}".as_bytes(), WrittenForm::Dashed),
    ("\u{2013}".as_bytes(), WrittenForm::Dashed),
    ("\u{2014}".as_bytes(), WrittenForm::Dashed),
    ("\u{2015}".as_bytes(), WrittenForm::Dashed),
    ("\u{2212}".as_bytes(), WrittenForm::Dashed),
    ("\u{fe58}".as_bytes(), WrittenForm::Dashed),
    ("\u{fe63}".as_bytes(), WrittenForm::Dashed),
    ("\u{ff0d}".as_bytes(), WrittenForm::Dashed),
    // The dash and the space of Windows-1252, in bytes that are no UTF-8.
    (b"\x96", WrittenForm::Dashed),
    (b"\xa0", WrittenForm::Spaced),
    ("\u{a0}".as_bytes(), WrittenForm::Spaced),
    (b" ", WrittenForm::Spaced),
    (b"+", WrittenForm::Spaced),
    (b".", WrittenForm::Spaced),
    (b"/", WrittenForm::Spaced),
    (b"_", WrittenForm::Spaced),
];

/// Every candidate in `bytes`, in order.
pub(crate) fn candidates(bytes: &[u8]) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let run = run_of_digits(bytes, at);
        if run == 0 {
            at += 1;
            continue;
        }
        if let Some(candidate) = candidate_at(bytes, at, run) {
            found.push(candidate);
        }
        at += run;
    }
    found
}

/// The candidate that begins with the run of `run` digits at `at`.
fn candidate_at(bytes: &[u8], at: usize, run: usize) -> Option<Candidate> {
    let date = bytes.get(at..at + run)?;
    if run == 10 {
        let digits = date.try_into().ok()?;
        return Some(Candidate { digits, form: WrittenForm::Compact, range: at..at + run, needs_name: false });
    }
    if run != 6 {
        return None;
    }
    let rest = bytes.get(at + run..)?;
    SEPARATORS.iter().find_map(|(separator, form)| {
        let serial = rest.strip_prefix(*separator)?;
        if run_of_digits(serial, 0) != 4 {
            return None;
        }
        let digits = [date, serial.get(..4)?].concat().try_into().ok()?;
        Some(Candidate { digits, form: *form, range: at..at + run + separator.len() + 4, needs_name: false })
    })
}

fn run_of_digits(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &[u8], expected: &[WrittenForm]) {
        let found = candidates(text);
        assert_eq!(found.iter().map(|candidate| candidate.form).collect::<Vec<_>>(), expected, "{text:?}");
        assert!(found.iter().all(|candidate| candidate.digits == *b"0101901234"), "{text:?}");
    }

    #[test]
    fn every_separator_is_seen() {
        case(b"0101901234", &[WrittenForm::Compact]);
        for (separator, form) in SEPARATORS {
            case(&[b"cpr:010190", separator, b"1234;"].concat(), &[form]);
        }
    }

    #[test]
    fn digits_are_bounded_on_both_sides() {
        case(b"00101901234", &[]);
        case(b"01019012345", &[]);
        case(b"010190-12345", &[]);
        case(b"7010190-1234", &[]);
        case(b"010190--1234", &[]);
        case(b"010190", &[]);
        case(b"x0101901234y 010190-1234", &[WrittenForm::Compact, WrittenForm::Dashed]);
    }
}
