//! Backslash escapes of programs and of JSON that is cut out of its document: `\u002d`, `\u{2d}`, `\x2d`, `\/`.

use super::json_value::{push, utf16_escape};
use super::{Decoded, Decoder};
use crate::glance::{BACKSLASH, Glance};
use crate::seek::position;

/// Digits between the braces of `\u{..}` (ECMA-262 §12.9.4).
const MAX_DIGITS: usize = 6;

/// Runs of digits this long are a number or its date by themselves, wherever an escape ends in them.
const DIGITS: usize = 10;
const DIGITS_OF_DATE: usize = 6;

pub(crate) struct Escapes;

/// What a backslash and what stands behind it say.
struct Escape<'a> {
    character: char,
    rest: &'a [u8],
    /// Whether it is a sign that this text is escaped; backslashes alone stand in paths, too.
    is_sign: bool,
}

impl Decoder for Escapes {
    fn id(&self) -> &'static str {
        "escapes"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(BACKSLASH) {
            return None;
        }
        let mut decoded = Vec::with_capacity(view.bytes.len());
        let (mut is_it, mut is_doubtful) = (false, false);
        let mut rest = view.bytes;
        while let Some(at) = position(rest, b'\\') {
            let (before, behind) = rest.split_at_checked(at)?;
            decoded.extend_from_slice(before);
            let behind = behind.get(1..).unwrap_or_default();
            if let Some(escape) = escape(behind) {
                push(escape.character, &mut decoded);
                is_it |= escape.is_sign;
                is_doubtful |= is_number(behind);
                rest = escape.rest;
            } else {
                decoded.push(b'\\');
                rest = behind;
            }
        }
        decoded.extend_from_slice(rest);
        let decoded = Decoded::whole_text(self.id(), decoded, view);
        is_it.then_some(Decoded { is_all: decoded.is_all && !is_doubtful, ..decoded })
    }
}

/// The escape whose backslash stands before `text`.
fn escape(text: &[u8]) -> Option<Escape<'_>> {
    let (sign, rest) = text.split_first()?;
    let simple = |character| Some(Escape { character, rest, is_sign: false });
    match sign {
        b'u' => {
            let (character, rest) = braced(rest).or_else(|| utf16_escape(rest, *b"\\u"))?;
            Some(Escape { character, rest, is_sign: true })
        }
        b'x' => {
            let (digits, rest) = rest.split_at_checked(2)?;
            Some(Escape { character: hex(digits)?, rest, is_sign: true })
        }
        b'/' => Some(Escape { character: '/', rest, is_sign: true }),
        // Escaped once more.
        b'\\' => Some(Escape { character: '\\', rest, is_sign: matches!(rest.first(), Some(b'u' | b'x' | b'/')) }),
        b'"' | b'\'' => simple(char::from(*sign)),
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        _ => None,
    }
}

/// `{2d}`.
fn braced(text: &[u8]) -> Option<(char, &[u8])> {
    let text = text.strip_prefix(b"{")?;
    let length = text.iter().take(MAX_DIGITS + 1).position(|byte| *byte == b'}')?;
    let (digits, rest) = text.split_at_checked(length)?;
    Some((hex(digits)?, rest.get(1..)?))
}

fn hex(digits: &[u8]) -> Option<char> {
    let value = |value: u32, digit: &u8| Some(value << 4 | char::from(*digit).to_digit(16)?);
    char::from_u32(digits.iter().try_fold(0, value).filter(|_| !digits.is_empty())?)
}

/// Whether `text` is a letter and then a number or its date, so that what looks like an escape may be none.
fn is_number(text: &[u8]) -> bool {
    let [b'u' | b'x', behind @ ..] = text else { return false };
    let length = behind.iter().take(DIGITS + 1).take_while(|byte| byte.is_ascii_digit()).count();
    length == DIGITS || length == DIGITS_OF_DATE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<&str>) {
        let decoded = Escapes.decode(&Glance::new(text.as_bytes()));
        let text = decoded.map(|decoded| String::from_utf8(decoded.pieces[0].bytes.clone()).unwrap());
        assert_eq!(text.as_deref(), expected);
    }

    #[test]
    fn escapes_are_the_characters_they_stand_for() {
        case(r"010190\u002d1234 010190\x2d1234 010190\u{2d}1234", Some("010190-1234 010190-1234 010190-1234"));
        case(r"https:\/\/a.test\/?cpr=0101901234", Some("https://a.test/?cpr=0101901234"));
        case(r#"\"\ud83d\ude00\u00e5\n\q\"#, Some("\"😀å\n\\q\\"));
        case(r"010190\\u002d1234", Some(r"010190\u002d1234"));
    }

    #[test]
    fn paths_and_what_only_looks_like_an_escape_stay() {
        for text in
            [r"C:\new\table.txt", r"\\server\0101901234", r"C:\\Users", r"\u12 \u{} \u{1234567} \xz", r"\d{6}-\d{4}"]
        {
            case(text, None);
        }
    }

    #[test]
    fn a_number_behind_a_letter_leaves_the_text_to_be_searched() {
        for text in [r"C:\u0101901234.pdf", r"\x0101901234", r"C:\u010190-1234"] {
            assert!(!Escapes.decode(&Glance::new(text.as_bytes())).unwrap().is_all, "{text}");
        }
        assert!(Escapes.decode(&Glance::new(br"010190\u20131234")).unwrap().is_all);
    }
}
