//! Declared numbers that somebody changed before sending: masked, cut, or with another digit. No leak, and worth telling:
//! it shows that a filter is at work, and what it lets through.

use std::collections::BTreeSet;
use std::ops::Range;

use model::{AlterationKind, AlteredCanary, CprNumber, Redacted, Trail};

use crate::decoders::DIGITS;

/// Alterations told of one view: the first tell enough.
const MAX_ALTERED: usize = 100;

/// Digits that are left of a number at least: its serial.
const SHORTEST_RUN: usize = 4;

/// Digits of a cut number that still tell whose it was: fewer are a birth date or chance.
const FEWEST_DIGITS: usize = 7;

/// Signs that stand for a digit at least, so that they mask a serial: `070761-***`.
const SHORTEST_MASK: usize = 3;

/// A declared number that came in another shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Alteration {
    pub(crate) number: CprNumber,
    pub(crate) kind: AlterationKind,
}

/// The declared numbers that stand altered in `bytes`.
///
/// A number with another digit counts only when it is no date any more: else it may be somebody else's, and is judged as
/// any other.
pub(crate) fn altered(bytes: &[u8], canaries: &BTreeSet<CprNumber>) -> Vec<Alteration> {
    let mut found = Vec::new();
    for place in DIGITS.runs(bytes, SHORTEST_RUN) {
        let Range { start, end } = place;
        let (run, after) = (bytes.get(start..end).unwrap_or_default(), bytes.get(end..).unwrap_or_default());
        let before = bytes.get(..start).unwrap_or_default();
        if matches!(run.len(), SHORTEST_RUN | 6..=10) {
            let kind = canaries.iter().find_map(|canary| Some((*canary, kind_of(before, run, after, canary)?)));
            found.extend(kind.map(|(number, kind)| Alteration { number, kind }));
        }
        if found.len() >= MAX_ALTERED {
            break;
        }
    }
    found
}

/// What became of `canary` if `run`, between `before` and `after`, was made of it.
fn kind_of(before: &[u8], run: &[u8], after: &[u8], canary: &CprNumber) -> Option<AlterationKind> {
    // Years are many, and none of them stands behind a mask.
    if run.len() == 4 && !is_masked_before(before) {
        return None;
    }
    // Compared in memory only; it is a declared test number.
    let digits = canary.reveal();
    let digits = digits.as_bytes();
    match run.len() {
        4 => digits.ends_with(run).then_some(AlterationKind::Masked),
        6 if digits.starts_with(run) => {
            let (serial, is_apart) = without_dash(after);
            if is_mask(serial) {
                return Some(AlterationKind::Masked);
            }
            // One to three digits of the serial behind a dash.
            let left = serial.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let is_cut = is_apart && (1..4).contains(&left) && digits.get(6..6 + left) == serial.get(..left);
            is_cut.then_some(AlterationKind::Cut)
        }
        6 => None,
        FEWEST_DIGITS..=9 => {
            if digits.starts_with(run) && is_mask_of(after, 10 - run.len()) {
                return Some(AlterationKind::Masked);
            }
            // Without the zero it begins with it is the number itself: some programs drop it.
            let is_whole = run.len() == 9 && digits.first() == Some(&b'0') && digits.ends_with(run);
            (!is_whole && (digits.starts_with(run) || digits.ends_with(run))).then_some(AlterationKind::Cut)
        }
        10 => {
            let other = digits.iter().zip(run).filter(|(a, b)| a != b).count();
            let is_somebodys = <[u8; 10]>::try_from(run).is_ok_and(|run| CprNumber::from_digits(run).is_ok());
            (other == 1 && !is_somebodys).then_some(AlterationKind::Changed)
        }
        _ => None,
    }
}

fn without_dash(after: &[u8]) -> (&[u8], bool) {
    match after {
        [b'-' | b' ', rest @ ..] => (rest, true),
        _ => (after, false),
    }
}

fn is_mask(text: &[u8]) -> bool {
    is_mask_of(text, SHORTEST_MASK)
}

/// Whether `text` begins with so many signs that stand for digits.
fn is_mask_of(text: &[u8], count: usize) -> bool {
    text.get(..count).is_some_and(|signs| signs.iter().all(|byte| b"*xX#".contains(byte)))
}

/// Whether six masked digits, with or without a dash, stand before a serial.
fn is_masked_before(before: &[u8]) -> bool {
    let before = before.strip_suffix(b"-").unwrap_or(before);
    before.len().checked_sub(6).is_some_and(|at| is_mask_of(before.get(at..).unwrap_or_default(), 6))
}

/// Counts `alteration`, which was sent to `to` by `trail`, with others of its kind.
pub(crate) fn tell_altered(told: &mut Vec<AlteredCanary>, to: &Redacted, trail: &Trail, alteration: Alteration) {
    // Made of redacted names.
    let parameter = Redacted::own_words(trail.parameter());
    match told.iter_mut().find(|known| (&known.parameter, known.kind) == (&parameter, alteration.kind)) {
        Some(known) => known.count += 1,
        None => told.push(AlteredCanary { domain: to.clone(), parameter, kind: alteration.kind, count: 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<AlterationKind>) {
        let canaries = BTreeSet::from(["070761-4285".parse().unwrap()]);
        let found: Vec<AlterationKind> = altered(text.as_bytes(), &canaries).iter().map(|found| found.kind).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{text}");
    }

    #[test]
    fn masks_are_told() {
        for text in ["070761-****", "cpr=070761xxxx", "070761-XXXX", "******-4285", "xxxxxx4285", "0707614***"] {
            case(text, Some(AlterationKind::Masked));
        }
    }

    #[test]
    fn cuts_are_told_from_seven_digits_on() {
        for text in ["070761-42", "070761428", "x 0707614 y", "0761-4285"] {
            let expected = if text == "0761-4285" { None } else { Some(AlterationKind::Cut) };
            case(text, expected);
        }
    }

    #[test]
    fn another_digit_is_told_where_the_number_is_nobodys() {
        case("0787614285", Some(AlterationKind::Changed));
        case("0707614286", None);
    }

    #[test]
    fn a_birth_date_a_longer_number_and_the_number_itself_are_none() {
        for text in ["070761", "07076142851", "0707614285", "070761-4285", "4285", "707614285", "id 4285 x"] {
            case(text, None);
        }
    }
}
