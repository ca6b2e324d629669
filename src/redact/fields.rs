//! A line of a log cut into the texts that a stranger may have filled, each to be read by itself, and without what is the
//! log's own: times, addresses, status codes, sizes. Digits of two of them do not make a number.
//!
//! Told by the line alone, so that a log of mixed formats is read as well. What has no such shape is one text.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use memchr::memchr;

/// Bytes before the time in which it is looked for: addresses, hosts and users.
const HEAD: usize = 1024;

/// A time as Apache and nginx write it; `0` is a digit, `a` a letter, `+` a sign.
const COMMON_TIME: &[u8] = b"[00/aaa/0000:00:00:00";

/// What W3C logs begin with, `_` a blank.
const W3C_TIME: &[u8] = b"0000-00-00_00:00:00";

/// What a line begins with that has a time of RFC 3339, alone or behind one word.
const INTERNET_TIME: &[u8] = b"0000-00-00T00:00:00";

/// What Squid begins with.
const SQUID_TIME: &[u8] = b"0000000000.000 ";

/// Digits of a size or a duration: a gigabyte has ten, and may be a number.
const MEASURE: usize = 9;

/// Digits of a number that lost its zero: with fewer there is none.
const FEWEST: usize = 9;

/// Digits of seconds since 1970, and of thousandths and less behind them, with or without a point.
const SECONDS: usize = 10;
const FRACTIONS: [usize; 3] = [3, 6, 9];

/// The years 2001 to 2100, in seconds since 1970.
const PLAUSIBLE: Range<u64> = 1_000_000_000..4_102_444_800;

/// Longest address with its port.
const MAX_ADDRESS: usize = 64;

/// Tells `visit` of each text in `line` that is to be read.
pub(super) fn fields(line: &[u8], visit: &mut impl FnMut(Range<usize>)) {
    let hole = hole(line);
    of_text(line.get(hole..).unwrap_or_default(), &mut |range| visit(range.start + hole..range.end + hole));
}

/// How many NUL bytes a line begins with: a log that is cut while its server writes on has a hole there.
pub(super) fn hole(line: &[u8]) -> usize {
    line.iter().take_while(|byte| **byte == 0).count()
}

fn of_text(line: &[u8], visit: &mut impl FnMut(Range<usize>)) {
    if let Some(time) = common_time(line) {
        head(line, time.start, visit);
        words(line, time.end, visit);
    } else if has_own_shape(line) {
        words(line, 0, visit);
    } else if !line.is_empty() {
        visit(0..line.len());
    }
}

/// Whether a line that is not in the common format is fields with blanks between, or an object of JSON.
fn has_own_shape(line: &[u8]) -> bool {
    let behind_word = || line.get(memchr(b' ', line.get(..HEAD.min(line.len()))?)? + 1..);
    (line.starts_with(b"{") && line.ends_with(b"}"))
        || is_shaped(line, W3C_TIME)
        || is_shaped(line, SQUID_TIME)
        || behind_word().is_some_and(|rest| is_shaped(rest, INTERNET_TIME))
}

/// Where the time stands in the common format, brackets included.
fn common_time(line: &[u8]) -> Option<Range<usize>> {
    let start = memchr(b'[', line.get(..HEAD.min(line.len()))?)?;
    let rest = line.get(start..)?;
    if !is_shaped(rest, COMMON_TIME) {
        return None;
    }
    let behind = rest.get(COMMON_TIME.len()..)?;
    let end = behind.iter().take("+0000 .000000]".len()).position(|byte| *byte == b']')?;
    let is_rest = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b' ' | b'+' | b'-' | b'.');
    behind.get(..end)?.iter().all(is_rest).then_some(start..start + COMMON_TIME.len() + end + 1)
}

/// What stands before the time: addresses apart, one text.
fn head(line: &[u8], end: usize, visit: &mut impl FnMut(Range<usize>)) {
    let head = line.get(..end).unwrap_or_default();
    let length = memchr(b' ', head).unwrap_or(head.len());
    let from = if is_address(head.get(..length).unwrap_or_default()) { length } else { 0 };
    if head.get(from..).is_some_and(|rest| rest.iter().any(u8::is_ascii_alphanumeric)) {
        visit(from..end);
    }
}

/// What stands in quotes, and the words between.
fn words(line: &[u8], from: usize, visit: &mut impl FnMut(Range<usize>)) {
    let is_json = line.starts_with(b"{");
    let is_between = |byte: u8| is_between(byte) || (is_json && byte == b':');
    let mut at = from;
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        match rest {
            [b'"', behind @ ..] => {
                let length = quoted(behind);
                text(line, at + 1..at + 1 + length, visit);
                at += length + 2;
            }
            [byte, ..] if is_between(*byte) => at += 1,
            _ => {
                let length = rest.iter().position(|byte| is_between(*byte) || *byte == b'"').unwrap_or(rest.len());
                if !is_own(rest.get(..length).unwrap_or_default()) {
                    visit(at..at + length);
                }
                at += length;
            }
        }
    }
}

/// A text in quotes, as one or, where no number can stand across, as page and query: pages come again and again.
fn text(line: &[u8], range: Range<usize>, visit: &mut impl FnMut(Range<usize>)) {
    let text = line.get(range.clone()).unwrap_or_default();
    let text = match text.split_last_chunk() {
        // Four letters part what stands before from these digits.
        Some((rest, [b' ', b'H', b'T', b'T', b'P', b'/', major, b'.', minor]))
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            rest
        }
        _ => text,
    };
    let end = range.start + text.len();
    let parts = memchr(b'?', text).and_then(|at| text.split_at_checked(at + 1));
    let count = |part: &[u8]| part.iter().filter(|byte| byte.is_ascii_digit() || !byte.is_ascii()).count();
    let middle = parts.filter(|(page, query)| count(page) == 0 || count(page) + count(query) < FEWEST);
    let middle = middle.map_or(range.start, |(page, _)| range.start + page.len());
    for part in [range.start..middle, middle..end] {
        if !part.is_empty() {
            visit(part);
        }
    }
}

/// How long a text is that a quote ends. Without one, all the rest.
fn quoted(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(length) = memchr(b'"', text.get(at..).unwrap_or_default()) {
        let end = at + length;
        let escapes = text.get(..end).unwrap_or_default().iter().rev().take_while(|byte| **byte == b'\\').count();
        if escapes % 2 == 0 {
            return end;
        }
        at = end + 1;
    }
    text.len()
}

/// What stands between words.
fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b',' | b'{' | b'}' | b'[' | b']' | b'\r')
}

/// Whether a word without quotes is the log's own: a measure, a time, an address.
fn is_own(word: &[u8]) -> bool {
    !word.iter().any(u8::is_ascii_digit) && word.len() < MEASURE
        || is_measure(word)
        || is_address(word)
        || is_date(word)
}

/// A number that is too short for a person's, whole or with a point, or a time since 1970.
fn is_measure(word: &[u8]) -> bool {
    let (whole, fraction) = match memchr(b'.', word) {
        Some(point) => (word.get(..point).unwrap_or_default(), word.get(point + 1..)),
        None => (word, None),
    };
    let is_digits = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    if !is_digits(whole) || fraction.is_some_and(|fraction| !is_digits(fraction) || fraction.len() > MEASURE) {
        return false;
    }
    let seconds = whole.get(..SECONDS).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    let has_fraction = fraction.is_some_and(|fraction| FRACTIONS.contains(&fraction.len()))
        || whole.len().checked_sub(SECONDS).is_some_and(|more| FRACTIONS.contains(&more));
    whole.len() <= MEASURE || (has_fraction && seconds.is_some_and(|seconds: u64| PLAUSIBLE.contains(&seconds)))
}

/// An address, alone or with a port.
fn is_address(word: &[u8]) -> bool {
    if word.len() > MAX_ADDRESS || !word.iter().any(|byte| matches!(byte, b'.' | b':')) {
        return false;
    }
    let text = std::str::from_utf8(word).unwrap_or_default();
    text.parse::<IpAddr>().is_ok() || text.parse::<SocketAddr>().is_ok()
}

/// A day, a time of day, or a time of RFC 3339.
fn is_date(word: &[u8]) -> bool {
    let is_rest = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'Z' | b'+' | b'-' | b':' | b'T');
    (is_shaped(word, b"0000-00-00") && word.len() == 10)
        || (is_shaped(word, b"00:00:00") && word.len() == 8)
        || (is_shaped(word, b"0000-00-00T00") && word.iter().all(is_rest))
}

/// Whether `text` begins as `shape` says.
fn is_shaped(text: &[u8], shape: &[u8]) -> bool {
    let fits = |(byte, sign): (&u8, &u8)| match sign {
        b'0' => byte.is_ascii_digit(),
        b'a' => byte.is_ascii_alphabetic(),
        b'_' => matches!(byte, b' ' | b'\t'),
        other => byte == other,
    };
    text.len() >= shape.len() && text.iter().zip(shape).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(line: &str, expected: &[&str]) {
        let mut found = Vec::new();
        fields(line.as_bytes(), &mut |range| found.push(line.get(range).unwrap_or("not a text")));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn the_common_format_is_its_texts() {
        let line = r#"192.0.2.1 - - [10/Oct/2026:13:55:36 +0200] "GET /a?b=1 HTTP/1.1" 200 2326 "https://a.test/\"x" "Agent/1.0" 0.005"#;
        case(line, &["GET /a?", "b=1", r#"https://a.test/\"x"#, "Agent/1.0"]);
        case(
            r#"a.test:443 2001:db8::1 - anna [10/Oct/2026:13:55:36 +0200] "-" 408 -"#,
            &["a.test:443 2001:db8::1 - anna ", "-"],
        );
        case(r#"::1 - 0101901234 [10/Oct/2026:13:55:36 +0200] "cut"#, &[" - 0101901234 ", "cut"]);
        case(r#"192.0.2.1 - - [10/Oct/2026:13:55:36 +0200] "GET /" 200 0101901234"#, &["GET /", "0101901234"]);
    }

    #[test]
    fn lines_of_words_and_of_json_are_theirs() {
        case(
            "2026-11-22 04:00:00 192.0.2.1 GET /a cpr=1&b=2 443 - 203.0.113.4:8443 Mozilla/5.0 200 0 123",
            &["cpr=1&b=2", "Mozilla/5.0"],
        );
        case(
            "1764000000.123     45 192.0.2.1 TCP_MISS/200 1234 GET http://a.test/ - x",
            &["TCP_MISS/200", "http://a.test/"],
        );
        case(
            r#"{"ts":1764000000.123,"status":200,"size":1234567890,"uri":"/a?b","ns":1764000000123456789}"#,
            &["ts", "status", "size", "1234567890", "uri", "/a?", "b", "ns"],
        );
        case(
            r#"https 2026-11-22T22:23:00.186641Z app/x 192.0.2.1:2817 0.086 200 "GET https://a.test/" "curl""#,
            &["GET https://a.test/", "curl"],
        );
    }

    #[test]
    fn all_else_is_one_text() {
        for line in ["Borger 070761 4285 kan ikke", "[10/Oct/x", "# 2026", "{\"cut\":", "070761-4285"] {
            case(line, &[line]);
        }
        case("", &[]);
    }
}
