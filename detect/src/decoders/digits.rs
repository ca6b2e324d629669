//! Decimal digits of other scripts, and the dashes beside them, as ASCII. Raised and lowered digits are none of them: they
//! are footnotes and exponents.

use super::json_value::push;
use super::{Decoded, Decoder, Piece, RawStep};
use crate::glance::{Glance, HIGH};
use crate::seek::count;

/// The zero of every run of ten decimal digits outside ASCII (Unicode 16, general category Nd).
const ZEROS: [u32; 75] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50,
    0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8, 0x1d7e2,
    0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/// How the first of them begins in UTF-8: text in our own script has no byte as high.
const LEAST_LEAD: u8 = 0xd9;

pub(crate) struct Digits;

impl Decoder for Digits {
    fn id(&self) -> &'static str {
        "digits"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(HIGH) {
            return None;
        }
        let text = view.text()?;
        let is_far = count(view.bytes, |byte| byte >= LEAST_LEAD) > 0;
        if !is_far || !text.chars().any(|character| digit(character).is_some()) {
            return None;
        }
        let mut decoded = Vec::with_capacity(text.len());
        for character in text.chars() {
            push(digit(character).or_else(|| sign(character)).unwrap_or(character), &mut decoded);
        }
        // Compressed text in characters of any script has some of these by chance.
        let pieces = vec![Piece::new(vec![RawStep::Undo(self.id())], decoded)];
        Some(Decoded { pieces, is_all: false, problem: None })
    }
}

fn digit(character: char) -> Option<char> {
    let code = u32::from(character);
    let below = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    let value = code - ZEROS.get(below)?;
    char::from_digit(value, 10)
}

/// What may stand between the halves of a number.
fn sign(character: char) -> Option<char> {
    match character {
        '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => Some('-'),
        '\u{3000}' => Some(' '),
        '\u{ff0f}' => Some('/'),
        '\u{ff0e}' => Some('.'),
        '\u{ff3f}' => Some('_'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<&str>) {
        let decoded = Digits.decode(&Glance::new(text.as_bytes()));
        let text = decoded.map(|decoded| String::from_utf8(decoded.pieces[0].bytes.clone()).unwrap());
        assert_eq!(text.as_deref(), expected);
    }

    #[test]
    fn none_begins_below_the_least() {
        let leads = ZEROS.map(|zero| char::from_u32(zero).unwrap().to_string().as_bytes()[0]);
        assert_eq!(leads.into_iter().min(), Some(LEAST_LEAD));
    }

    #[test]
    fn digits_of_every_script_are_ascii() {
        case("cpr: \u{ff10}\u{ff11}\u{ff19}\u{ff0d}\u{ff14}", Some("cpr: 019-4"));
        case("٠١٠١٩٠–١٢٣٤ på", Some("010190-1234 på"));
        case("\u{1d7ce}\u{1d7cf}\u{1d7ff}", Some("019"));
    }

    #[test]
    fn the_zeros_are_in_order_and_each_begins_ten() {
        for pair in ZEROS.windows(2) {
            assert!(pair[0] + 10 <= pair[1], "{:x}", pair[1]);
        }
        for zero in ZEROS {
            // Scripts that the standard library knows already say so themselves.
            let zero = char::from_u32(zero).unwrap();
            assert!(zero.is_numeric() || !zero.is_alphanumeric(), "{zero:?}");
        }
    }

    #[test]
    fn text_without_them_stays() {
        for text in ["Årsopgørelse 010190–1234", "m² ①½", "0101901234¹", "Ελληνικά", "年末調整"] {
            case(text, None);
        }
    }
}
