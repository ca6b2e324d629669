//! Percent-encoding (RFC 3986 §2.1), one layer a step. Escapes that are none stay as they are.

use super::{Decoded, Decoder};
use crate::glance::{Glance, PERCENT};
use crate::seek::position;

pub(crate) struct Percent;

impl Decoder for Percent {
    fn id(&self) -> &'static str {
        "percent"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(PERCENT) {
            return None;
        }
        let bytes = view.bytes;
        let mut decoded = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        let mut undone = false;
        while let Some(at) = position(rest, b'%') {
            let (before, escape) = rest.split_at_checked(at)?;
            decoded.extend_from_slice(before);
            rest = match escape {
                [_, high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    decoded.push(nibble(*high) << 4 | nibble(*low));
                    undone = true;
                    after
                }
                _ => {
                    decoded.push(b'%');
                    escape.get(1..).unwrap_or_default()
                }
            };
        }
        decoded.extend_from_slice(rest);
        undone.then(|| Decoded::whole_text(self.id(), decoded, view))
    }
}

/// The value of a hexadecimal digit.
pub(super) fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.wrapping_sub(b'A').wrapping_add(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_layer_is_undone_and_broken_escapes_stay() {
        let decoded =
            |text: &str| Percent.decode(&Glance::new(text.as_bytes())).map(|decoded| decoded.pieces[0].bytes.clone());
        assert_eq!(decoded("a%2Db%252D%zz%4").as_deref(), Some(&b"a-b%2D%zz%4"[..]));
        assert_eq!(decoded("100 %"), None);
    }

    #[test]
    fn in_binary_the_strings_are_left_to_be_told_apart() {
        assert!(!Percent.decode(&Glance::new(b"\x08\x1a3010145%2D5001")).unwrap().is_all);
    }

    #[test]
    fn an_escape_amid_characters_of_any_script_may_be_chance() {
        let is_all = |text: &str| Percent.decode(&Glance::new(text.as_bytes())).unwrap().is_all;
        // What lz-string made of a sentence, once to another character and once to none.
        for text in ["᧢ټ%46ᨦ渠⪀䪹倦⡐", "᧢ټ%f6ᨦ渠⪀䪹倦⡐"] {
            assert!(!is_all(text), "{text}");
        }
        for text in ["010145%2D5001", "Bj%F8rn%20010145-5001", "Søren Ærø%20010145%2D5001"] {
            assert!(is_all(text), "{text}");
        }
    }
}
