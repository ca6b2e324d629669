//! Numbers with other signs between their digits than a number is written with, or without the zero they begin with: they
//! count only where a name says what stands there.

use model::{CprNumber, WrittenForm};

/// Longest value under a personal number's name that may be one number with any signs between its digits.
const LONGEST_LOOSE: usize = 60;

/// The number that all digits of a short text without letters make, with the zero that may be missing at its front.
pub(crate) fn loose(bytes: &[u8]) -> Option<(CprNumber, WrittenForm)> {
    if bytes.len() > LONGEST_LOOSE || bytes.iter().any(u8::is_ascii_alphabetic) {
        return None;
    }
    let mut digits: Vec<u8> = bytes.iter().copied().filter(u8::is_ascii_digit).collect();
    let form = if digits.len() == bytes.len() { WrittenForm::Compact } else { WrittenForm::Spaced };
    if digits.len() == 9 {
        digits.insert(0, b'0');
    }
    Some((CprNumber::from_digits(digits.try_into().ok()?).ok()?, form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_digits_of_a_short_text_are_one_number() {
        for text in ["07 07 61 42 85", "070761:4285", "070761\u{202f}4285", "70761-4285"] {
            let found = loose(text.as_bytes()).map(|(number, form)| (number.reveal(), form));
            assert_eq!(found, Some(("0707614285".to_owned(), WrittenForm::Spaced)), "{text}");
        }
        assert_eq!(loose(b"707614285").map(|(_, form)| form), Some(WrittenForm::Compact));
    }

    #[test]
    fn words_and_other_counts_of_digits_are_none() {
        for text in ["x0707614285", "07076142", "07076142851", "3102614285"] {
            assert_eq!(loose(text.as_bytes()), None, "{text}");
        }
    }
}
