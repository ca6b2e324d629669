//! What may stand between the groups of a number's digits (cpr-facts 1.6), as it is or escaped.

use model::WrittenForm;

use crate::escapes::{Unit, begins_entity, unit};

/// Bytes of the longest separator.
const LONGEST: usize = 3;

/// Bytes, and the form they make.
pub(crate) const SEPARATORS: [(&[u8], WrittenForm); 24] = [
    (b"-", WrittenForm::Dashed),
    (b" - ", WrittenForm::Dashed),
    // The same in a form.
    (b"+-+", WrittenForm::Dashed),
    ("\u{ad}".as_bytes(), WrittenForm::Dashed),
    ("\u{2010}".as_bytes(), WrittenForm::Dashed),
    ("\u{2011}".as_bytes(), WrittenForm::Dashed),
    ("\u{2012}".as_bytes(), WrittenForm::Dashed),
    ("\u{2013}".as_bytes(), WrittenForm::Dashed),
    ("\u{2014}".as_bytes(), WrittenForm::Dashed),
    ("\u{2015}".as_bytes(), WrittenForm::Dashed),
    ("\u{2212}".as_bytes(), WrittenForm::Dashed),
    ("\u{fe58}".as_bytes(), WrittenForm::Dashed),
    ("\u{fe63}".as_bytes(), WrittenForm::Dashed),
    ("\u{ff0d}".as_bytes(), WrittenForm::Dashed),
    // The dashes and the space of Windows-1252, in bytes that are no UTF-8.
    (b"\x96", WrittenForm::Dashed),
    (b"\x97", WrittenForm::Dashed),
    (b"\xad", WrittenForm::Dashed),
    (b"\xa0", WrittenForm::Spaced),
    ("\u{a0}".as_bytes(), WrittenForm::Spaced),
    (b" ", WrittenForm::Spaced),
    (b"+", WrittenForm::Spaced),
    (b".", WrittenForm::Spaced),
    (b"/", WrittenForm::Spaced),
    (b"_", WrittenForm::Spaced),
];

/// What separators have of ASCII: seldom is an `&` an escape, nearly always another parameter begins.
const ASCII: [u32; 6] = [0x20, 0x2b, 0x2d, 0x2e, 0x2f, 0x5f];

/// Between two groups of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Separator {
    /// The form it makes.
    pub(crate) form: WrittenForm,
    /// Where the digits behind it begin.
    pub(crate) end: usize,
}

/// Whether a separator may stand at `at`, by its first bytes. Nearly all that may not are told by these.
#[inline]
pub(crate) fn may_separate(bytes: &[u8], at: usize) -> bool {
    let Some([first, second]) = bytes.get(at..).and_then(<[u8]>::first_chunk::<2>) else { return false };
    match first {
        b'-' | b'.' | b'/' | b'_' => second.is_ascii_digit(),
        b'+' => matches!(second, b'0'..=b'9' | b'-'),
        b' ' => matches!(second, b'0'..=b'9' | b'-' | b'%' | b'&' | b'=' | b'\\' | 0x80..),
        b'%' | b'=' => second.is_ascii_hexdigit(),
        b'\\' => matches!(second, b'u' | b'x' | b'/' | b'\\' | b'%'),
        b'&' => {
            matches!(second, b'#' | b'%')
                || bytes.get(at + 1..).and_then(<[u8]>::first_chunk).is_some_and(|three| begins_entity(*three))
        }
        _ => *first >= 0x80,
    }
}

/// The separator at `at`, if a digit stands behind it.
pub(crate) fn separator(bytes: &[u8], at: usize) -> Option<Separator> {
    let is_digit = |at| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let end = at + 1;
    match bytes.get(at)? {
        b'-' if is_digit(end) => return Some(Separator { form: WrittenForm::Dashed, end }),
        b' ' | b'+' | b'.' | b'/' | b'_' if is_digit(end) => {
            return Some(Separator { form: WrittenForm::Spaced, end });
        }
        _ if may_separate(bytes, at) => {}
        _ => return None,
    }
    let mut meant = [0; LONGEST];
    let (mut length, mut end) = (0, at);
    while !is_digit(end) {
        let Unit { code, end: behind } = unit(bytes, end)?;
        if code < 0x80 && !ASCII.contains(&code) {
            return None;
        }
        let mut buffer = [0; 4];
        let said = match u8::try_from(code) {
            Ok(byte) => {
                buffer = [byte, 0, 0, 0];
                buffer.get(..1)?
            }
            Err(_) => char::from_u32(code)?.encode_utf8(&mut buffer).as_bytes(),
        };
        meant.get_mut(length..length + said.len())?.copy_from_slice(said);
        length += said.len();
        end = behind;
    }
    let meant = meant.get(..length)?;
    let (_, form) = SEPARATORS.iter().find(|(separator, _)| *separator == meant)?;
    Some(Separator { form: *form, end })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &[u8], expected: Option<WrittenForm>) {
        let found = separator(&[b"010190", text, b"1234"].concat(), 6);
        assert_eq!(found.map(|separator| separator.form), expected, "{}", text.escape_ascii());
        assert!(found.is_none_or(|separator| separator.end == 6 + text.len()), "{}", text.escape_ascii());
    }

    #[test]
    fn a_separator_is_seen_as_it_is() {
        for (separator, form) in SEPARATORS {
            case(separator, Some(form));
        }
    }

    #[test]
    fn every_byte_of_a_separator_is_known() {
        let all = SEPARATORS.iter().flat_map(|(separator, _)| separator.iter()).filter(|byte| byte.is_ascii());
        let all: std::collections::BTreeSet<u32> = all.map(|byte| u32::from(*byte)).collect();
        assert_eq!(all.into_iter().collect::<Vec<_>>(), ASCII);
    }

    #[test]
    fn a_separator_is_seen_escaped() {
        for text in [
            &b"%2D"[..],
            b"%2d",
            b"%252D",
            b"%25252D",
            b"%E2%80%93",
            b"%25E2%2580%2593",
            b"%e2%88%92",
            b"&#45;",
            b"&#x2d;",
            b"&#8211;",
            b"&ndash;",
            b"&minus;",
            b"&shy;",
            b"&hyphen;",
            b"\\u002d",
            b"\\u2013",
            b"\\x2d",
            b"\\x2D",
            b"=2D",
            b"=E2=80=93",
            b"%C2%AD",
            b"%20-%20",
            b"%96",
            b"\\xe2\\x80\\x93",
        ] {
            case(text, Some(WrittenForm::Dashed));
        }
        for text in [
            &b"%20"[..],
            b"%2520",
            b"%C2%A0",
            b"%25C2%25A0",
            b"%2B",
            b"%2F",
            b"%2E",
            b"%5F",
            b"&nbsp;",
            b"&#160;",
            b"\\u00a0",
            b"\\u00A0",
            b"\\/",
            b"=20",
            b"=C2=A0",
            b"=A0",
        ] {
            case(text, Some(WrittenForm::Spaced));
        }
    }

    #[test]
    fn other_text_is_no_separator() {
        for text in [
            &b"--"[..],
            b"",
            b"x",
            b":",
            b"%",
            b"%3A",
            b"&",
            b"=",
            b"\\",
            b"  ",
            b"%2D%2D",
            b"&nbsp;-&nbsp;",
            b"&#;",
            b"\xff",
        ] {
            case(text, None);
        }
        assert_eq!(separator(b"010190-", 6), None);
        assert_eq!(separator(b"010190%2D", 6), None);
    }
}
