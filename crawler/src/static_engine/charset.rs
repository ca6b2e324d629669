//! What bytes of a page mean: byte order mark, header, `<meta>`, else what western pages are in (HTML standard, "sniffing").

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252, X_USER_DEFINED};

/// How far into a page its `<meta>` may stand.
const PRESCAN: usize = 1_024;

/// The page's text, and the encoding that its forms are sent in.
pub(super) fn decode<'a>(bytes: &'a [u8], content_type: &str) -> (Cow<'a, str>, &'static Encoding) {
    let named = label_in(content_type).and_then(|label| Encoding::for_label(label.as_bytes()));
    let guessed = named.or_else(|| of_meta(bytes)).unwrap_or_else(|| {
        // Nothing is said: UTF-8 where it is some, as text in other encodings hardly ever is.
        if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 }
    });
    let (text, used, _) = guessed.decode(bytes);
    (text, used.output_encoding())
}

/// What a `<meta charset>` or `<meta http-equiv=content-type>` says, near the beginning.
fn of_meta(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(bytes.get(..PRESCAN).unwrap_or(bytes)).to_ascii_lowercase();
    let mut rest = start.as_str();
    while let Some((_, tag)) = rest.split_once("<meta") {
        let (inside, after) = tag.split_once('>').unwrap_or((tag, ""));
        if let Some(found) = label_in(inside).and_then(|label| Encoding::for_label(label.as_bytes())) {
            // What claims to be UTF-16 and could be read as ASCII until here is none.
            return Some(match found.output_encoding() == UTF_8 || found == X_USER_DEFINED {
                true if found == X_USER_DEFINED => WINDOWS_1252,
                true => UTF_8,
                false => found,
            });
        }
        rest = after;
    }
    None
}

/// The word after `charset=`.
fn label_in(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let (_, after) = lower.split_once("charset")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let value = value.trim_start_matches(['"', '\'']);
    let end = value.find(['"', '\'', ';', ' ', '/', '>']).unwrap_or(value.len());
    value.get(..end).filter(|label| !label.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(bytes: &[u8], content_type: &str, text: &str, encoding: &str) {
        let (decoded, used) = decode(bytes, content_type);
        assert_eq!((&*decoded, used.name()), (text, encoding));
    }

    #[test]
    fn the_header_the_page_or_a_guess_tells() {
        case("Fødsel".as_bytes(), "text/html; charset=utf-8", "Fødsel", "UTF-8");
        case(b"F\xf8dsel", "text/html; charset=\"iso-8859-1\"", "Fødsel", "windows-1252");
        case(b"<meta charset=latin1>F\xf8dsel", "text/html", "<meta charset=latin1>Fødsel", "windows-1252");
        case(b"F\xf8dsel", "text/html", "Fødsel", "windows-1252");
        case("Fødsel".as_bytes(), "", "Fødsel", "UTF-8");
    }

    #[test]
    fn a_byte_order_mark_is_believed_before_all_else() {
        case(b"\xef\xbb\xbfF\xc3\xb8dsel", "text/html; charset=latin1", "Fødsel", "UTF-8");
        case(b"\xff\xfea\0b\0", "text/html", "ab", "UTF-8");
    }

    #[test]
    fn a_wrong_word_costs_letters_and_no_more() {
        case(b"F\xf8dsel", "text/html; charset=utf-8", "F\u{fffd}dsel", "UTF-8");
        case(b"x", "text/html; charset=findes-ikke", "x", "UTF-8");
        case(b"<meta charset=utf-16>x", "", "<meta charset=utf-16>x", "UTF-8");
    }
}
