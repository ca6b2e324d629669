//! Whether what a guess brought to light is worth a look: text, or a known beginning. Noise is neither.

use super::zlib::{Zlib, is_zlib};
use super::{Decoder as _, gzip, zstd};
use crate::glance::Glance;
use crate::seek::count;

/// Printable bytes that text in some older charset has at least, in percent.
const LEAST_PRINTABLE: usize = 90;

/// Shorter bytes must be text from end to end: noise has nine printable bytes of ten too often.
const SHORT: usize = 32;

/// ASCII in short text in UTF-8, in percent: Danish words have more.
const LEAST_ASCII_OF_SHORT: usize = 60;

/// Characters of UTF-16 that are ASCII, where it is to be told from noise, in percent.
const LEAST_ASCII: usize = 80;

/// The same behind a mark.
const LEAST_ASCII_OF_MARKED: usize = 40;

/// What is worth a look.
pub(super) fn is_worth(bytes: &[u8]) -> bool {
    is_text(bytes) || is_signed(bytes)
}

/// Bytes that show what they are, however short: no noise has so many zeros, or a magic number.
pub(super) fn is_signed(bytes: &[u8]) -> bool {
    is_utf_16(bytes) || begins_as_compressed(bytes)
}

/// Text from end to end in UTF-8, or long and nearly all of it printable ASCII.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    match bytes.len() {
        SHORT.. => is_utf_8_text(bytes) || is_mostly_printable(bytes),
        _ => {
            is_utf_8_text(bytes)
                && bytes.iter().filter(|byte| byte.is_ascii()).count() * 100 >= bytes.len() * LEAST_ASCII_OF_SHORT
        }
    }
}

/// Text in UTF-8 without control characters. A character cut at the end is forgiven.
pub(super) fn is_utf_8_text(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(fault) if fault.error_len().is_none() => {
            let whole = bytes.get(..fault.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|character| is_unwritten(character, bytes.len()))
}

/// Control characters that text has none of, and those of no meaning but a private one. Scripts put characters from DEL on
/// into strings whatever they mean; in long text they are no noise, which is no UTF-8.
fn is_unwritten(character: char, length: usize) -> bool {
    let is_of_script = length >= SHORT && ('\u{7f}'..='\u{9f}').contains(&character);
    let is_control = character.is_control() && !is_of_script && !matches!(character, '\t' | '\n' | '\r');
    is_control || ('\u{e000}'..='\u{f8ff}').contains(&character)
}

/// Whether nine of ten bytes are ASCII that is printed.
pub(super) fn is_mostly_printable(bytes: &[u8]) -> bool {
    let printable = count(bytes, |byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'));
    printable * 100 >= bytes.len() * LEAST_PRINTABLE
}

fn is_utf_16(bytes: &[u8]) -> bool {
    // Its ASCII has a zero each, and some of that there must be.
    if !bytes.contains(&0) {
        return false;
    }
    let (least, bytes) = match bytes {
        [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] => (LEAST_ASCII_OF_MARKED, rest),
        _ => (LEAST_ASCII, bytes),
    };
    let (pairs, _) = bytes.as_chunks::<2>();
    let is_ascii = |first: usize| {
        let is_one =
            |pair: &&[u8; 2]| pair.get(first) == Some(&0) && pair.get(1 - first).is_some_and(u8::is_ascii_graphic);
        pairs.iter().filter(is_one).count() * 100 >= pairs.len() * least
    };
    !pairs.is_empty() && (is_ascii(0) || is_ascii(1))
}

/// A magic number; that of zlib is so weak that something must come out, too.
fn begins_as_compressed(bytes: &[u8]) -> bool {
    let inflates = || {
        Zlib.decode(&Glance::new(bytes)).is_some_and(|decoded| match decoded.pieces.first() {
            Some(piece) => decoded.problem.is_none() || piece.bytes.len() >= SHORT && is_text(&piece.bytes),
            None => false,
        })
    };
    bytes.starts_with(&gzip::MAGIC) || bytes.starts_with(&zstd::MAGIC) || is_zlib(bytes) && inflates()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(bytes: &[u8], expected: bool) {
        assert_eq!(is_worth(bytes), expected, "{bytes:?}");
    }

    #[test]
    fn text_is() {
        case(b"0101901234", true);
        case("Årsopgørelse".as_bytes(), true);
        case(&"Årsopgørelse".as_bytes()[..7], true);
        case(b"\xc5rsopg\xf8relse for 2025, cpr 010190-1234", true);
        case(b"0\x001\x000\x001\x009\x000\x00", true);
        case(b"\xfe\xff\x00c\x00p\x00r\xff\x10\xff\x11\xff\x10", true);
        case(b"\x00c\x00p\x00r\xff\x10\xff\x11\xff\x10", false);
        case(b"\x1f\x8b\x08\0\0", true);
        case(
            "{\"data\":\"\u{1f}\u{8b}\u{8}\u{80}\u{9f}\u{80} 0101901234 0101901234\"}"
                .replace(['\u{1f}', '\u{8}'], "")
                .as_bytes(),
            true,
        );
    }

    #[test]
    fn noise_is_not() {
        case(b"", false);
        case(b"\x8f\x12\xa0Kq\xfe", false);
        case(b"x\x9c\xff\xff\xff\xffabc", false);
        case(b"text and\0zeros", false);
    }
}
