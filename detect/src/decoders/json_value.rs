//! How JSON spells strings, numbers and literals (RFC 8259 §3, §6, §7), read leniently.

/// Words that stand for a value; the last four are JavaScript's.
const LITERALS: [&[u8]; 7] = [b"true", b"false", b"null", b"undefined", b"NaN", b"Infinity", b"-Infinity"];

/// The string that `bytes` begin with, its escapes undone, and what stands behind its closing quote; `None` where that is
/// missing. What is no UTF-8 stays as it is, and so do escapes that are none.
pub(super) fn string(bytes: &[u8]) -> (Vec<u8>, Option<&[u8]>) {
    let mut text = Vec::new();
    let mut rest = bytes.get(1..).unwrap_or_default();
    loop {
        let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).unwrap_or(rest.len());
        let (before, behind) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        text.extend_from_slice(before);
        rest = match behind {
            [b'"', behind @ ..] => return (text, Some(behind)),
            [b'\\', behind @ ..] => undo(behind, &mut text),
            _ => return (text, None),
        };
    }
}

/// Undoes the escape whose backslash stands before `bytes`, and says what stands behind it.
fn undo<'a>(bytes: &'a [u8], text: &mut Vec<u8>) -> &'a [u8] {
    let [sign, behind @ ..] = bytes else {
        text.push(b'\\');
        return bytes;
    };
    match sign {
        b'"' | b'\\' | b'/' => text.push(*sign),
        b'b' => text.push(8),
        b'f' => text.push(12),
        b'n' => text.push(b'\n'),
        b'r' => text.push(b'\r'),
        b't' => text.push(b'\t'),
        b'u' => {
            if let Some((character, rest)) = utf16_escape(behind, *b"\\u") {
                push(character, text);
                return rest;
            }
            text.extend_from_slice(b"\\u");
        }
        _ => text.extend_from_slice(&[b'\\', *sign]),
    }
    behind
}

/// The character of four hexadecimal digits, and of the second half behind another `sign` where it takes two; a half alone
/// is U+FFFD.
pub(super) fn utf16_escape(digits: &[u8], sign: [u8; 2]) -> Option<(char, &[u8])> {
    let (first, rest) = unit(digits)?;
    let second = rest.strip_prefix(&sign).and_then(unit);
    if let Some((second, rest)) = second
        && let Some(Ok(character)) = char::decode_utf16([first, second]).next()
        && character.len_utf16() == 2
    {
        return Some((character, rest));
    }
    Some((char::from_u32(u32::from(first)).unwrap_or(char::REPLACEMENT_CHARACTER), rest))
}

fn unit(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(4)?;
    let value = digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))?;
    Some((u16::try_from(value).ok()?, rest))
}

/// Appends `character` in UTF-8.
pub(super) fn push(character: char, text: &mut Vec<u8>) {
    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Whether `word` is a number; leading zeros are allowed, since some senders build JSON by hand.
pub(super) fn is_number(word: &[u8]) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let behind = |bytes: &'static [u8], word: &mut &[u8]| {
        let is_there = word.first().is_some_and(|byte| bytes.contains(byte));
        *word = word.get(usize::from(is_there)..).unwrap_or_default();
        is_there
    };
    let run = |word: &mut &[u8]| {
        let length = digits(word);
        *word = word.get(length..).unwrap_or_default();
        length > 0
    };
    let mut word = word;
    behind(b"-", &mut word);
    if !run(&mut word) || (behind(b".", &mut word) && !run(&mut word)) {
        return false;
    }
    if behind(b"eE", &mut word) {
        behind(b"+-", &mut word);
        return run(&mut word) && word.is_empty();
    }
    word.is_empty()
}

/// Whether `word` stands for a value that is neither text nor number.
pub(super) fn is_literal(word: &[u8]) -> bool {
    LITERALS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &str, behind: Option<&str>) {
        let (string, rest) = string(text.as_bytes());
        assert_eq!(String::from_utf8_lossy(&string), expected);
        assert_eq!(rest, behind.map(str::as_bytes));
    }

    #[test]
    fn escapes_are_undone() {
        case(r#""a\/b\"\\\u002d\ud83d\ude00\n", 1"#, "a/b\"\\-\u{1f600}\n", Some(", 1"));
    }

    #[test]
    fn halves_of_characters_and_unknown_escapes_are_forgiven() {
        case(r#""a\ud83d b\ude00\ud83d\u0041\q\u12""#, "a\u{fffd} b\u{fffd}\u{fffd}A\\q\\u12", Some(""));
        case("\"cut", "cut", None);
        case("\"cut\\", "cut\\", None);
    }

    #[test]
    fn numbers_are_told_from_dates() {
        for number in ["0", "-1", "0101901234", "1.5", "1e9", "1.5E-3"] {
            assert!(is_number(number.as_bytes()), "{number}");
        }
        for word in ["", "-", "1.", "010190-1234", "1e", "1a", "1.2.3", "1e5e5"] {
            assert!(!is_number(word.as_bytes()), "{word}");
        }
    }
}
