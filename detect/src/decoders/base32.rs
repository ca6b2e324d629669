//! Base32 (RFC 4648 §6) of a whole view: capitals and the digits 2 to 7. What comes out must be text from end to
//! end, or show that it is compressed or UTF-16.

use data_encoding::BASE32_NOPAD;

use super::worth::{is_mostly_printable, is_signed, is_utf_8_text};
use super::{Decoded, Decoder, Piece, RawStep};
use crate::glance::{DIGIT, EQUALS, Glance, LETTER};

/// Shorter text holds no number: ten digits make sixteen characters.
const SHORTEST: usize = 16;

/// Bytes from here on are judged by UTF-8 alone: that is rare enough by chance.
const LONG: usize = 32;

pub(crate) struct Base32;

impl Decoder for Base32 {
    fn id(&self) -> &'static str {
        "base32"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        let is_made_so = view.bytes.len() >= SHORTEST && view.has(LETTER) && view.has_only(LETTER | DIGIT | EQUALS);
        if !is_made_so {
            return None;
        }
        let unpadded = view.bytes.split(|byte| *byte == b'=').next()?;
        let bytes = BASE32_NOPAD.decode(unpadded).ok()?;
        let is_text = is_utf_8_text(&bytes) && (bytes.len() >= LONG || is_mostly_printable(&bytes));
        if !is_text && !is_signed(&bytes) {
            return None;
        }
        let pieces = vec![Piece::new(vec![RawStep::Undo(self.id())], bytes)];
        Some(Decoded { pieces, is_all: false, problem: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<&[u8]>) {
        let decoded = Base32.decode(&Glance::new(text.as_bytes()));
        assert_eq!(decoded.as_ref().map(|decoded| decoded.pieces[0].bytes.as_slice()), expected, "{text}");
    }

    #[test]
    fn text_is_read_with_and_without_padding() {
        case("GAYTAMJZGAYTEMZU", Some(b"0101901234"));
        case("MNYHEPJQGEYDCOJQGEZDGNA=", Some(b"cpr=0101901234"));
        case("MNYHEPJQGEYDCOJQGEZDGNA", Some(b"cpr=0101901234"));
    }

    #[test]
    fn compressed_bytes_and_long_text_of_any_script_are_read() {
        let decoded = |bytes: &[u8]| {
            let text = data_encoding::BASE32.encode(bytes);
            Base32.decode(&Glance::new(text.as_bytes())).map(|decoded| decoded.pieces[0].bytes.clone())
        };
        for bytes in [&b"\x1f\x8b\x08\0\0\0\0\0\0\xff"[..], "Årsopgørelse æøå ÆØÅ, på dansk ø".as_bytes()] {
            assert_eq!(decoded(bytes).as_deref(), Some(bytes));
        }
        assert_eq!(decoded(b"\x8f\x12\xa0Kq\xfe\x8f\x12\xa0Kq\xfe"), None);
    }

    #[test]
    fn words_and_keys_are_not() {
        case("SELVBETJENINGSLOESNING", None);
        case("JBSWY3DPEHPK3PXPJBSW", None);
        case("2222222222222222", None);
        case("gaytamjzgaytemzu", None);
    }
}
