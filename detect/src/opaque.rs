//! Whether bytes are such that a number in them would not be seen: neither text nor in an encoding known here.
//!
//! Headers are not asked: they name encodings that are not there, and keep silent about those that are.

use crate::seek::count;

/// Bytes of ASCII that binary telemetry has at least, in percent: protocol buffers and the like are mostly their
/// strings, compressed bytes are 38 in the long run and 66 in short bodies.
const LEAST_TEXT: usize = 70;

/// Control characters that text has at most, in percent. Compressed bytes kept one per character have 24, UTF-16 that
/// is read as UTF-8 has 50.
const MOST_CONTROL: usize = 10;

/// Bytes counted before it is asked whether that is enough.
const COUNTED: usize = 4096;

/// Bytes of one character in UTF-8, at most.
const LONGEST_CHARACTER: usize = 4;

/// Whether `bytes` are no text.
pub(crate) fn is_opaque(bytes: &[u8]) -> bool {
    is_opaque_as(bytes, std::str::from_utf8(bytes).ok())
}

/// The same, where it is known whether they are `text` in UTF-8.
pub(crate) fn is_opaque_as(bytes: &[u8], text: Option<&str>) -> bool {
    if let Some(text) = text {
        // More bytes than there are control characters, held against fewer characters than there are.
        let few = count(bytes, |byte| matches!(byte, 0..=8 | 0x0b..=0x0c | 0x0e..=0x1f | 0x7f | 0xc2));
        if few * 100 <= bytes.len() / LONGEST_CHARACTER * MOST_CONTROL {
            return false;
        }
        let control = text.chars().filter(|c| c.is_control() && !c.is_whitespace()).count();
        return control * 100 > text.chars().count() * MOST_CONTROL;
    }
    let is_text = |byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
    // Of noise the first half tells.
    let mut others = 0;
    bytes.chunks(COUNTED).any(|some| {
        others += some.len() - count(some, is_text);
        others * 100 > bytes.len() * (100 - LEAST_TEXT)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes as even as compressed ones.
    fn noise() -> Vec<u8> {
        (0..=255).map(|byte: u8| byte.wrapping_mul(77)).collect()
    }

    #[test]
    fn text_in_any_script_and_charset_is_read() {
        for text in ["", "Årsopgørelse", "Ελληνικά", "年末調整", "a\tb\r\n"] {
            assert!(!is_opaque(text.as_bytes()), "{text}");
        }
        assert!(!is_opaque(b"\xc5rsopg\xf8relse for 2025"));
        assert!(!is_opaque(b"\x0a\x0b010190-1234\x12\x07borger1\x18\xff\x01"));
    }

    #[test]
    fn compressed_bytes_are_not() {
        assert!(is_opaque(&noise()));
    }

    #[test]
    fn nor_are_they_as_characters_and_nor_is_utf_16() {
        let one_per_character: String = noise().into_iter().map(char::from).collect();
        assert!(is_opaque(one_per_character.as_bytes()));
        let utf_16: Vec<u8> = "cpr=0101901234".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(is_opaque(&utf_16));
    }
}
