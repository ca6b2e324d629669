//! Bytes kept one per character, as scripts do that put compressed bytes into a string, and text in UTF-8 that somebody
//! read as Latin-1 or Windows-1252.

use super::{Decoded, Decoder};
use crate::glance::{CONTROL, Glance, HIGH};

/// First bytes of gzip, of which trimming functions take the first for a blank (sdk-facts 1.15).
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// First bytes of zstd (RFC 8878 §3.1.1).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Characters of Windows-1252 that Latin-1 has elsewhere, by byte from 0x80; NUL where there is none.
const WINDOWS: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•',
    '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

pub(crate) struct Latin1;

impl Decoder for Latin1 {
    fn id(&self) -> &'static str {
        "latin1"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(HIGH | CONTROL) {
            return None;
        }
        let text = view.text()?;
        let decoded = compressed(text).or_else(|| misread(text).filter(|_| view.has(HIGH)))?;
        Some(Decoded::whole(self.id(), decoded))
    }
}

/// The bytes of a text that begins as compressed ones do.
fn compressed(text: &str) -> Option<Vec<u8>> {
    let is_lost = text.starts_with("\u{8b}\u{8}");
    let head: Vec<u8> = text.chars().take(4).map_while(|c| u8::try_from(u32::from(c)).ok()).collect();
    let is_begun = is_lost || head.starts_with(&GZIP) || head.starts_with(&ZSTD) || is_zlib(&head, text);
    if !is_begun {
        return None;
    }
    let lost = is_lost.then_some(Ok(GZIP[0]));
    lost.into_iter().chain(text.chars().map(|c| u8::try_from(u32::from(c)))).collect::<Result<_, _>>().ok()
}

/// A level's sign behind the `x`: a control character says enough, a letter not by itself.
fn is_zlib(head: &[u8], text: &str) -> bool {
    match head {
        [b'x', 0x01 | 0x9c, ..] => true,
        [b'x', 0x5e | 0xda, ..] => text.chars().any(|c| c.is_control() && !c.is_whitespace()),
        _ => false,
    }
}

/// The text that was meant by one in which each byte of UTF-8 is a character. Text in no other language than ours is so by
/// chance.
fn misread(text: &str) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = text.chars().map(byte).collect::<Option<_>>()?;
    (std::str::from_utf8(&bytes).is_ok() && !bytes.is_ascii()).then_some(bytes)
}

fn byte(character: char) -> Option<u8> {
    let windows = || WINDOWS.iter().position(|c| *c == character && *c != '\0');
    u8::try_from(u32::from(character)).ok().or_else(|| u8::try_from(0x80 + windows()?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_characters(bytes: &[u8]) -> String {
        bytes.iter().copied().map(char::from).collect()
    }

    #[track_caller]
    fn case(text: &str, expected: Option<&[u8]>) {
        let decoded = Latin1.decode(&Glance::new(text.as_bytes())).map(|decoded| decoded.pieces[0].bytes.clone());
        assert_eq!(decoded.as_deref(), expected, "{text:?}");
    }

    #[test]
    fn compressed_bytes_are_put_together() {
        for bytes in [
            &b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x33\x30\xff"[..],
            b"\x78\x9c\x33\x30\xff",
            b"\x78\x5e\x33\x30\x02",
            b"\x78\x01\x33\x30",
            b"\x28\xb5\x2f\xfd\x04",
        ] {
            case(&as_characters(bytes), Some(bytes));
        }
    }

    #[test]
    fn a_first_character_that_was_trimmed_away_is_put_back() {
        case(&as_characters(b"\x8b\x08\x00\x00\x03"), Some(b"\x1f\x8b\x08\x00\x00\x03"));
    }

    #[test]
    fn misread_text_is_read_again() {
        case("010190â\u{80}\u{93}1234", Some("010190–1234".as_bytes()));
        case("Ã\u{85}rsopgÃ¸relse", Some("Årsopgørelse".as_bytes()));
        case("010190â€“1234 â€œcprâ€\u{9d}", Some("010190–1234 “cpr”".as_bytes()));
    }

    #[test]
    fn ordinary_text_stays() {
        for text in ["Årsopgørelse", "x^2 på dansk", "Ål", "xÚ", "年末調整", "a\u{1}b", "café", "010190–1234", "3 × 4"]
        {
            case(text, None);
        }
    }
}
