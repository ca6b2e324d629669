//! Tests of the lines: their ends, their places, and what should not be in a log.

use std::io::{Error, Read};

use super::*;

/// Gives what it has in small pieces, then breaks if it is to.
struct Slow<'a> {
    bytes: &'a [u8],
    step: usize,
    breaks: bool,
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.step.min(self.bytes.len()).min(buffer.len());
        if count == 0 && self.breaks {
            return Err(Error::other("gone"));
        }
        let (now, later) = self.bytes.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.bytes = later;
        Ok(count)
    }
}

#[track_caller]
fn case(file: &[u8], expected: &[(u64, u64, &str)]) {
    for step in [1, 2, 3, 7, 100_000] {
        let mut lines = Lines::new(Slow { bytes: file, step, breaks: false });
        let mut read = Vec::new();
        while let Some(line) = lines.next() {
            assert!(line.is_whole);
            read.push((line.number, line.offset, String::from_utf8_lossy(line.bytes).into_owned()));
        }
        let read: Vec<(u64, u64, &str)> = read.iter().map(|(n, at, text)| (*n, *at, text.as_str())).collect();
        assert_eq!(read, expected, "in steps of {step}");
    }
}

#[test]
fn lines_have_their_numbers_and_places_whatever_ends_them() {
    case(b"", &[]);
    case(b"a\nbc\r\n\nd", &[(1, 0, "a"), (2, 2, "bc"), (3, 6, ""), (4, 7, "d")]);
    case(b"a\rb\n", &[(1, 0, "a\rb")]);
    case(b"\n", &[(1, 0, "")]);
}

#[test]
fn a_mark_is_passed_over_and_counted_in_the_place() {
    case(b"\xef\xbb\xbfa\nb", &[(1, 3, "a"), (2, 5, "b")]);
    case(b"\xef\xbbx\n", &[(1, 0, "\u{fffd}x")]);
}

#[test]
fn utf_16_is_read_and_places_are_those_of_the_file() {
    let text = "æ\n\u{1f600}b\r\nc";
    let encoded = |order: fn(u16) -> [u8; 2], mark: &[u8]| {
        mark.iter().copied().chain(text.encode_utf16().flat_map(order)).collect::<Vec<u8>>()
    };
    let expected: &[(u64, u64, &str)] = &[(1, 2, "æ"), (2, 6, "\u{1f600}b"), (3, 16, "c")];
    case(&encoded(u16::to_le_bytes, b"\xff\xfe"), expected);
    case(&encoded(u16::to_be_bytes, b"\xfe\xff"), expected);
}

#[test]
fn a_broken_character_of_utf_16_is_replaced_and_counted() {
    let mut lines = Lines::new(&b"\xff\xfea\0\0\xd8b\0\n\0\0\xd8"[..]);
    assert_eq!(lines.next().unwrap().bytes, "a\u{fffd}b".as_bytes());
    assert_eq!(lines.next().unwrap().bytes, "\u{fffd}".as_bytes());
    assert_eq!(lines.broken_characters(), 2);
}

#[test]
fn a_hole_of_nul_bytes_is_passed_over_and_counted() {
    let mut lines = Lines::new(&b"a\n\0\0\0b\0c\n"[..]);
    lines.next();
    let line = lines.next().unwrap();
    assert_eq!((line.offset, line.bytes), (5, &b"b\0c"[..]));
    assert_eq!(lines.nul_bytes(), 3);
}

#[test]
fn what_was_read_before_a_break_is_given_and_the_break_told() {
    let mut lines = Lines::new(Slow { bytes: b"a\nb", step: 2, breaks: true });
    assert_eq!(lines.next().unwrap().bytes, b"a");
    assert_eq!(lines.next().unwrap().bytes, b"b");
    assert!(lines.next().is_none());
    assert_eq!(lines.fault().unwrap().to_string(), "gone");
}

#[test]
fn a_line_without_end_is_given_in_pieces_that_overlap_in_constant_memory() {
    const LENGTH: u64 = 100 * 1024 * 1024;
    const NEEDLE: &[u8] = b"cpr=0101901234";
    // Right across the end of the first piece.
    let before = MAX_LINE as u64 - 5;
    let after = LENGTH - before - NEEDLE.len() as u64;
    let input = std::io::repeat(b'x').take(before).chain(NEEDLE).chain(std::io::repeat(b'x').take(after));
    let mut lines = Lines::new(input.chain(&b"\nlast"[..]));
    let (mut found, mut end, mut most) = (0, 0, 0);
    let mut numbers = Vec::new();
    loop {
        let capacity = lines.buffer.capacity();
        most = most.max(capacity);
        let Some(line) = lines.next() else { break };
        if line.bytes == b"last" {
            assert!(line.is_whole);
            assert_eq!((line.number, line.offset), (2, LENGTH + 1));
            continue;
        }
        assert!(!line.is_whole && line.offset <= end, "a piece is missing before {}", line.offset);
        end = line.offset + line.bytes.len() as u64;
        found += memchr::memmem::find_iter(line.bytes, NEEDLE).count();
        numbers.push(line.number);
    }
    assert_eq!((found, end), (1, LENGTH));
    assert!(numbers.iter().all(|number| *number == 1));
    assert_eq!(lines.long_lines(), (1, Some(1)));
    assert!(most <= 4 * MAX_LINE, "{most} bytes were held");
}

#[test]
fn a_line_just_as_long_as_may_be_is_whole() {
    let text = [vec![b'x'; MAX_LINE], b"\nb".to_vec()].concat();
    let mut lines = Lines::new(&text[..]);
    let first = lines.next().unwrap();
    assert!(first.is_whole && first.bytes.len() == MAX_LINE);
    assert_eq!(lines.next().unwrap().bytes, b"b");
}

#[test]
fn a_look_ahead_takes_nothing_away() {
    let mut lines = Lines::new(&b"\xff\xfea\0\n\0b\0"[..]);
    assert_eq!(lines.ahead(5), [b"a", b"b"]);
    assert_eq!(lines.next().unwrap().bytes, b"a");
    assert_eq!(Lines::new(&b"a\nb\nc"[..]).ahead(2), [b"a", b"b"]);
}
