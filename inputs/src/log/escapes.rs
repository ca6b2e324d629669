//! The escapes of servers' own: what they write in a log for bytes that would break its lines.

use std::borrow::Cow;

use memchr::memchr;

use super::Text;

/// Undoes backslash escapes: `\"`, `\\`, `\n` and `\xhh` of Apache, `\xHH` of nginx, `\u00HH` and `\/` of JSON as nginx and
/// Envoy write it. What is none stays as it is.
pub(super) fn unescaped(text: &[u8]) -> Text<'_> {
    if memchr(b'\\', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            plain.push(*first);
            continue;
        }
        let (byte, length) = match after {
            [b'x', high, low, ..] => (hex(*high, *low), 3),
            // What is beyond ASCII is not escaped by those who write it so.
            [b'u', b'0', b'0', high, low, ..] => (hex(*high, *low).filter(u8::is_ascii), 5),
            [b'n', ..] => (Some(b'\n'), 1),
            [b'r', ..] => (Some(b'\r'), 1),
            [b't', ..] => (Some(b'\t'), 1),
            [b'b', ..] => (Some(8), 1),
            [b'f', ..] => (Some(12), 1),
            [b'v', ..] => (Some(11), 1),
            [byte @ (b'"' | b'\\' | b'/'), ..] => (Some(*byte), 1),
            _ => (None, 0),
        };
        match byte {
            Some(byte) => {
                plain.push(byte);
                rest = after.get(length..).unwrap_or_default();
            }
            None => plain.push(b'\\'),
        }
    }
    Cow::Owned(plain)
}

/// Undoes HAProxy's `#XX`.
pub(super) fn without_hashes(text: &[u8]) -> Text<'_> {
    coded(text, b'#')
}

/// Undoes one layer of percent escapes.
pub(super) fn without_percents(text: &[u8]) -> Text<'_> {
    coded(text, b'%')
}

/// Undoes the doubling of percent signs (`%2520` for `%20`), and leaves those that are not doubled as they were sent.
pub(super) fn without_doubling(text: Text<'_>) -> Text<'_> {
    let mut plain = Vec::new();
    let mut rest = text.as_ref();
    while let Some(at) = memchr(b'%', rest) {
        let (before, escape) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        plain.extend_from_slice(before);
        plain.push(b'%');
        let is_doubled = matches!(escape, [_, b'2', b'5', high, low, ..] if hex(*high, *low).is_some());
        rest = escape.get(if is_doubled { 3 } else { 1 }..).unwrap_or_default();
    }
    if plain.is_empty() {
        return text;
    }
    plain.extend_from_slice(rest);
    Cow::Owned(plain)
}

/// Plus signs as the spaces they stand for.
pub(super) fn spaced(text: Text<'_>) -> Text<'_> {
    if memchr(b'+', &text).is_none() {
        return text;
    }
    Cow::Owned(text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect())
}

/// Undoes `mark` with two hexadecimal digits after it.
fn coded(text: &[u8], mark: u8) -> Text<'_> {
    if memchr(mark, text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let byte = match after {
            [high, low, ..] if *first == mark => hex(*high, *low),
            _ => None,
        };
        plain.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    Cow::Owned(plain)
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(undo: impl Fn(&[u8]) -> Text<'_>, text: &str, expected: &[u8]) {
        assert_eq!(undo(text.as_bytes()).as_ref(), expected, "{text}");
    }

    #[test]
    fn backslashes_are_undone_and_what_is_no_escape_stays() {
        case(unescaped, "plain", b"plain");
        case(unescaped, r#"\"a\\\x22\xC3\xa6\n\/\u0026\t"#, b"\"a\\\"\xc3\xa6\n/&\t");
        case(unescaped, r"\q \x2 \xzz \u1234 \", br"\q \x2 \xzz \u1234 \");
    }

    #[test]
    fn signs_with_two_digits_are_undone() {
        case(without_hashes, "a#22b#zz#", b"a\"b#zz#");
        case(without_percents, "a%20b%2", b"a b%2");
    }

    #[test]
    fn doubled_percents_are_undone_once_and_single_ones_left() {
        case(|text| without_doubling(text.into()), "a%2520b%20c%25d%25zz", b"a%20b%20c%25d%25zz");
        case(|text| without_doubling(text.into()), "a%252520", b"a%2520");
        case(|text| without_doubling(text.into()), "plain", b"plain");
    }

    #[test]
    fn pluses_are_spaces() {
        case(|text| spaced(text.into()), "a+b", b"a b");
    }
}
