//! Hexadecimal digits (RFC 4648 §8): runs of them that are text when undone. Ids and digests come out as noise.

use std::ops::Range;

use super::runs::HEX_DIGITS;
use super::worth::{is_mostly_printable, is_signed, is_text};
use super::{Decoded, Decoder, Piece, RawStep};
use crate::glance::{DIGIT, Glance};

/// Shorter runs hold no number: ten digits make twenty.
const SHORTEST: usize = 20;

/// Bytes from here on are judged by UTF-8 alone: that is rare enough by chance.
const LONG: usize = 32;

/// Decimal digits from here on may be the hex of text. Shorter numbers come out as text now and then.
const LONG_DECIMAL: usize = 32;

/// Runs undone in one view; more of them are a dump, and what is beyond is said.
const MAX_RUNS: usize = 10_000;

/// Bytes before a run that may name it.
const CONTEXT: usize = 40;

pub(crate) struct Hex;

impl Decoder for Hex {
    fn id(&self) -> &'static str {
        "hex"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if view.bytes.len() < SHORTEST || !view.has(DIGIT) {
            return None;
        }
        let mut pieces = Vec::new();
        let mut problem = None;
        for run in HEX_DIGITS.runs(view.bytes, SHORTEST) {
            let Some((start, bytes)) = undone(view.bytes, run) else { continue };
            if pieces.len() >= MAX_RUNS {
                problem = Some(format!("more than {MAX_RUNS} runs of hex in one view"));
                break;
            }
            let mut piece = Piece::new(vec![RawStep::Undo(self.id())], bytes);
            piece.context = context(view.bytes, start);
            pieces.push(piece);
        }
        (!pieces.is_empty()).then_some(Decoded { pieces, is_all: false, problem })
    }
}

/// What stands before `at` and may name what stands there. A whole view has the name of its place.
pub(super) fn context(bytes: &[u8], at: usize) -> String {
    let before = bytes.get(at.saturating_sub(CONTEXT)..at).unwrap_or_default();
    String::from_utf8_lossy(before).into_owned()
}

/// What a run says, and where that begins.
fn undone(bytes: &[u8], run: Range<usize>) -> Option<(usize, Vec<u8>)> {
    let digits = bytes.get(run.clone())?;
    let is_decimal = digits.iter().all(u8::is_ascii_digit);
    // Of a shorter decimal number only digits of digits are meant.
    if digits.len().is_multiple_of(2) && (!is_decimal || digits.len() >= LONG_DECIMAL) {
        let bytes = from_hex(digits);
        // Ids abound, and some short ones are UTF-8 by chance.
        let is_meant = is_text(&bytes) && (bytes.len() >= LONG || is_mostly_printable(&bytes));
        if is_meant || is_signed(&bytes) {
            return Some((run.start, bytes));
        }
    }
    let inner = digits_of_digits(digits)?;
    let start = run.start + inner.start;
    Some((start, from_hex(digits.get(inner)?)))
}

/// The longest stretch of pairs that stand for digits and what separates them, at either alignment.
fn digits_of_digits(hex: &[u8]) -> Option<Range<usize>> {
    let mut best: Range<usize> = 0..0;
    for first in 0..2 {
        let (pairs, _) = hex.get(first..)?.as_chunks::<2>();
        let mut start = 0;
        for (at, pair) in pairs.iter().enumerate() {
            if !is_digit_of_digits(*pair) {
                start = at + 1;
            } else if 2 * (at + 1 - start) > best.len() {
                best = first + 2 * start..first + 2 * (at + 1);
            }
        }
    }
    (best.len() >= SHORTEST).then_some(best)
}

/// `30` to `39`, and the dash and the blank that part a number.
fn is_digit_of_digits(pair: [u8; 2]) -> bool {
    matches!(pair, [b'3', b'0'..=b'9'] | [b'2', b'd' | b'D' | b'0'])
}

fn from_hex(digits: &[u8]) -> Vec<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
    let (pairs, _) = digits.as_chunks::<2>();
    pairs.iter().map(|[high, low]| value(*high) << 4 | value(*low)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &[&str]) {
        let decoded = Hex.decode(&Glance::new(text.as_bytes()));
        let pieces = decoded.map(|decoded| decoded.pieces).unwrap_or_default();
        let found: Vec<&str> = pieces.iter().map(|piece| std::str::from_utf8(&piece.bytes).unwrap()).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_whole_view_is_read() {
        case("30313031393031323334", &["0101901234"]);
        case("3031303139302d31323334", &["010190-1234"]);
        case("3031303139302D31323334", &["010190-1234"]);
        case("7b22637072223a2230313031393031323334227d", &["{\"cpr\":\"0101901234\"}"]);
        case("74696c20c38572736f7067c3b872656c73656e20666f722032303235", &[]);
        // Nothing but decimal digits, and the hex of text.
        case("303130313435253544507520303031333435", &["010145%5DPu 001345"]);
        case("33303331333033313330333133303331", &["3031303130313031"]);
    }

    #[test]
    fn compressed_bytes_and_utf_16_are_read_however_short() {
        for bytes in [&b"\x1f\x8b\x08\0\0\0\0\0\0\xff"[..], b"\xfe\xff\0c\0p\0r\0=\x20\x13"] {
            let decoded = Hex.decode(&Glance::new(data_encoding::HEXLOWER.encode(bytes).as_bytes()));
            assert_eq!(decoded.unwrap().pieces[0].bytes, bytes);
        }
    }

    #[test]
    fn runs_in_longer_text_are_read() {
        case("id=0x30313031393031323334;v=30313031393031323334", &["0101901234", "0101901234"]);
        case("trace 4bf92f3577b34da6a3ce929d0e0e4736 of 6370723d30313031393031323334", &["cpr=0101901234"]);
    }

    #[test]
    fn digits_are_found_at_either_alignment_and_amid_noise() {
        case("a30313031393031323334", &["0101901234"]);
        case("ff830313031393031323334c", &["0101901234"]);
        case("00ff30313031393031323334ff00", &["0101901234"]);
    }

    #[test]
    fn what_stands_before_a_run_goes_with_it() {
        let decoded = Hex.decode(&Glance::new(b"cpr: 30313031393031323334")).unwrap();
        assert_eq!(decoded.pieces[0].context, "cpr: ");
        assert!(!decoded.is_all);
    }

    #[test]
    fn ids_digests_and_numbers_are_noise() {
        case("4bf92f3577b34da6a3ce929d0e0e4736", &[]);
        case("da39a3ee5e6b4b0d3255bfef95601890afd80709", &[]);
        case("22334455667744332255", &[]);
        case("00000000000000000000000000000000", &[]);
        case("1f8b2c3d-0000-4000-8000-1234567890ab", &[]);
        case("deadbeef", &[]);
    }

    #[test]
    fn runs_beyond_the_bound_are_said() {
        let text = "30313031393031323334 ".repeat(MAX_RUNS + 1);
        let decoded = Hex.decode(&Glance::new(text.as_bytes())).unwrap();
        assert_eq!(decoded.pieces.len(), MAX_RUNS);
        assert!(decoded.problem.is_some());
    }
}
