//! Quoted-printable (RFC 2045 §6.7), as mail and its forms send text: `=2D` for a dash, and lines broken at will by an equals
//! sign at their end. A guess: the text is searched as it is, too.

use super::percent::nibble;
use super::{Decoded, Decoder, Piece, RawStep};
use crate::glance::{EQUALS, Glance};

pub(crate) struct QuotedPrintable;

impl Decoder for QuotedPrintable {
    fn id(&self) -> &'static str {
        "quoted-printable"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(EQUALS) {
            return None;
        }
        let mut decoded = Vec::new();
        let mut rest = view.bytes;
        let mut is_undone = false;
        while let Some(at) = rest.iter().position(|byte| *byte == b'=') {
            let (before, tail) = (rest.get(..at)?, rest.get(at + 1..)?);
            // An equals sign that is none of these is one of a form, or base64's padding.
            let (byte, after) = escaped(tail)?;
            decoded.extend_from_slice(before);
            decoded.extend(byte);
            rest = after;
            is_undone = true;
        }
        decoded.extend_from_slice(rest);
        let is_text = std::str::from_utf8(&decoded).is_ok_and(|text| !text.contains(is_odd));
        let pieces = vec![Piece::new(vec![RawStep::Undo(self.id())], decoded)];
        (is_undone && is_text).then_some(Decoded { pieces, is_all: false, problem: None })
    }
}

/// What stands behind an equals sign: a byte that must not stand there plain, or nothing for a broken line.
fn escaped(tail: &[u8]) -> Option<(Option<u8>, &[u8])> {
    match tail {
        [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => Some((None, after)),
        [high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
            let byte = nibble(*high) << 4 | nibble(*low);
            // No sender escapes letters and digits.
            (!byte.is_ascii_alphanumeric()).then_some((Some(byte), after))
        }
        _ => None,
    }
}

fn is_odd(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<&str>) {
        let decoded = QuotedPrintable.decode(&Glance::new(text.as_bytes()));
        let said = decoded.map(|decoded| String::from_utf8(decoded.pieces[0].bytes.clone()).unwrap());
        assert_eq!(said.as_deref(), expected, "{text}");
    }

    #[test]
    fn signs_and_broken_lines_are_undone() {
        case("010145=2D5001 =C3=A6=", None);
        case("010145=2D5001 =C3=A6", Some("010145-5001 æ"));
        case("nr. 010145=E2=80=935001", Some("nr. 010145–5001"));
        case("0101=\r\n455001 og 010145=\n-5001", Some("0101455001 og 010145-5001"));
        case("a=3Db", Some("a=b"));
    }

    #[test]
    fn forms_and_padding_are_none() {
        for text in ["a=b&c=d", "cpr=0101455001", "x=20101455001=", "MDEwMTQ1NTAwMQ==", "a=30&b=31", "a=01", "1 = 1"] {
            case(text, None);
        }
    }
}
