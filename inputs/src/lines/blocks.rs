//! A file of any size in large blocks of whole lines, for those who read it on several threads. In constant memory: the
//! caller lends each block's room.

use std::io::Read;

use memchr::{memchr, memrchr};
use serde::{Deserialize, Serialize};

use super::OVERLAP;
use super::filling::fill_from;
use super::utf8::Utf8;

/// Bytes of a block: large enough that what is done for each is nothing, small enough to stay in a core's own memory from
/// its reading to its judging.
pub const BLOCK: usize = 512 * 1024;

/// Bytes of the longest block, for lines longer than others: those that are longer than this come in pieces.
const LONGEST: usize = 4 * BLOCK;

/// Some lines of a file, or a piece of one that is longer than a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// What they say, each with its end.
    pub bytes: Vec<u8>,
    /// Where in the file they begin, in bytes.
    pub offset: u64,
    /// The number of the first, counted from 1; pieces of a line share one.
    pub first_line: u64,
    /// Whether it is a piece of a line. The next gives its last [`OVERLAP`] bytes again.
    pub is_piece: bool,
    /// Whether it goes on with the line of the block before.
    pub is_continued: bool,
    /// Whether the next block goes on with its line.
    pub goes_on: bool,
    /// Bytes of the file for an ASCII character: more than one only where it is in UTF-16.
    pub width: u64,
}

/// How far the blocks of a file were read, for who goes on with it later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlocksPlace {
    /// Bytes of its text before it, in UTF-8.
    passed: u64,
    /// Bytes of the file before it.
    offset: u64,
    /// The number of the line there, from 1.
    line: u64,
    /// Whether it stands within a line.
    is_within: bool,
    /// Whether lines end in CR.
    #[serde(default)]
    has_returns: bool,
}

impl BlocksPlace {
    /// Where in the file it is, in bytes.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Behind the block that was given last, in which so many lines ended.
    #[must_use]
    pub fn behind(self, line_ends: u64) -> Self {
        Self { line: self.line + line_ends, ..self }
    }
}

/// The blocks of a file, one at a time.
pub struct Blocks<R> {
    input: Utf8<R>,
    size: usize,
    longest: usize,
    /// What was read beyond the block that was given last.
    rest: Vec<u8>,
    /// How much of the text came before it.
    passed: u64,
    /// Where in the file that begins, and on which line.
    offset: u64,
    line: u64,
    /// Whether it begins within a line.
    is_within: bool,
    /// Whether lines end in CR alone, each read as LF; known once the file was begun.
    has_returns: Option<bool>,
    has_ended: bool,
    fault: Option<std::io::Error>,
}

impl<R: Read> Blocks<R> {
    /// The blocks of `input`, from its start.
    pub fn new(input: R) -> Self {
        Self::of_size(input, BLOCK, LONGEST)
    }

    fn of_size(input: R, size: usize, longest: usize) -> Self {
        Self {
            input: Utf8::new(input),
            size,
            longest,
            rest: Vec::new(),
            passed: 0,
            offset: 0,
            line: 1,
            is_within: false,
            has_returns: None,
            has_ended: false,
            fault: None,
        }
    }

    /// Those of a file in UTF-8 of which `input` begins at `place`.
    pub fn going_on(input: R, place: BlocksPlace) -> Self {
        let BlocksPlace { passed, offset, line, is_within, has_returns } = place;
        let begun = Self { passed, offset, line, is_within, has_returns: Some(has_returns), ..Self::new(input) };
        Self { input: begun.input.going_on(), ..begun }
    }

    /// How far it came: where the next block begins, on a line of which it was told ([`Self::pass`]).
    pub fn place(&self) -> BlocksPlace {
        let Self { passed, offset, line, is_within, has_returns, .. } = *self;
        BlocksPlace { passed, offset, line, is_within, has_returns: has_returns.unwrap_or_default() }
    }

    /// Passes over the text up to `place`, to which another reading of this file came. Whether the text goes that far.
    pub fn go_to(&mut self, place: BlocksPlace) -> bool {
        let Some(mut left) = place.passed.checked_sub(self.passed) else { return false };
        let held = left.min(self.rest.len() as u64);
        self.rest.drain(..usize::try_from(held).unwrap_or(usize::MAX));
        left -= held;
        let mut room = Vec::new();
        while left > 0 && !self.has_ended {
            let size = usize::try_from(left).unwrap_or(usize::MAX).min(self.size);
            self.fill_to(&mut room, 0, size);
            left -= room.len() as u64;
        }
        let BlocksPlace { passed, offset, line, is_within, has_returns } = place;
        (self.passed, self.offset, self.line, self.is_within) = (passed, offset, line, is_within);
        self.has_returns = Some(has_returns);
        left == 0
    }

    /// The next block, for which it takes `room`; `None` at the end of the input, or where it broke: then the room is left.
    /// It is not counted here, as whoever looks at it sees its lines anyway: see [`Self::pass`].
    pub fn next_in(&mut self, room: &mut Vec<u8>) -> Option<Block> {
        // What is in it is overwritten.
        let held = self.rest.len();
        room.splice(..held.min(room.len()), self.rest.drain(..));
        self.fill(room, held);
        if room.is_empty() {
            return None;
        }
        let mut bytes = std::mem::take(room);
        let is_continued = self.is_within;
        let end = if self.is_within { memchr(b'\n', &bytes) } else { memrchr(b'\n', &bytes) };
        let (end, is_piece) = match end {
            Some(end) => (end + 1, self.is_within),
            None => (bytes.len(), self.is_within || !self.has_ended),
        };
        // A line that is cut anywhere is given again from a little before.
        let is_cut = is_piece && bytes.get(end.saturating_sub(1)) != Some(&b'\n') && !self.has_ended;
        let next = if is_cut { end.saturating_sub(OVERLAP.min(end / 2)) } else { end };
        self.is_within = is_cut;
        // The last line of a file need not end.
        let end = if self.has_ended && !self.is_within && !is_piece { bytes.len() } else { end };
        let next = next.max(if is_cut { 0 } else { end });
        self.rest.extend_from_slice(bytes.get(next..).unwrap_or_default());
        let offset = if self.offset == 0 { self.input.mark_length() } else { self.offset };
        let passed = bytes.get(..next).unwrap_or_default();
        self.offset = offset + self.input.length_in_file(passed);
        self.passed += passed.len() as u64;
        bytes.truncate(end);
        let (first_line, width) = (self.line, self.input.width());
        Some(Block { bytes, offset, first_line, is_piece, is_continued, goes_on: is_cut, width })
    }

    /// So many lines ended in the block that was given last. To be told of each before the next is asked for.
    pub fn pass(&mut self, line_ends: u64) {
        self.line += line_ends;
    }

    /// Where in the file what is given next begins.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes of the text before what is given next, in UTF-8.
    pub fn passed(&self) -> u64 {
        self.passed
    }

    /// Why the input was not read to its end.
    pub fn fault(&self) -> Option<&std::io::Error> {
        self.fault.as_ref()
    }

    /// How many characters of a file in UTF-16 were broken, and read as U+FFFD.
    pub fn broken_characters(&self) -> u64 {
        self.input.replaced()
    }

    /// Reads on behind the first `held` bytes until a block is full, and a line whole unless it is too long.
    fn fill(&mut self, bytes: &mut Vec<u8>, mut held: usize) {
        for size in [self.size, self.longest] {
            if size > self.size && (self.is_within || self.has_ended || memchr(b'\n', bytes).is_some()) {
                return;
            }
            self.fill_to(bytes, held, size);
            held = bytes.len();
        }
    }

    /// Reads on behind the first `held` bytes, until there are `size`.
    fn fill_to(&mut self, bytes: &mut Vec<u8>, held: usize, size: usize) {
        if self.has_ended {
            bytes.truncate(held);
            return;
        }
        let filled = fill_from(&mut self.input, bytes, held, size);
        (self.has_ended, self.fault) = (filled.has_ended, filled.fault);
        if *self.has_returns.get_or_insert_with(|| has_returns(bytes)) {
            to_feeds(bytes.get_mut(held..).unwrap_or_default());
        }
    }
}

/// Whether the lines of a file that begins with these bytes end in CR alone, as old Macs and some devices write them: there are
/// some, and no LF.
fn has_returns(begin: &[u8]) -> bool {
    memchr(b'\n', begin).is_none() && memchr(b'\r', begin).is_some()
}

fn to_feeds(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte == b'\r') {
        *byte = b'\n';
    }
}

/// The beginning of a file with LF for the ends of its lines, as its blocks have it where they end in CR alone.
pub fn with_feeds(begin: &mut [u8]) {
    if has_returns(begin) {
        to_feeds(begin);
    }
}

#[cfg(test)]
mod tests {
    use memchr::memchr_iter;

    use super::*;

    fn next(blocks: &mut Blocks<&[u8]>) -> Option<Block> {
        let block = blocks.next_in(&mut Vec::new())?;
        blocks.pass(memchr_iter(b'\n', &block.bytes).count() as u64);
        Some(block)
    }

    #[test]
    fn a_reading_goes_on_where_another_was() {
        let long = "x".repeat(3_000);
        let text = format!("\u{feff}one\ntwo\n{long}\nthree\n{long}{long}\nlast without an end");
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (file, is_utf8) in [(text.as_bytes(), true), (&wide, false)] {
            let mut whole = Blocks::of_size(file, 1_000, 2_000);
            let mut places = Vec::new();
            let mut all = Vec::new();
            while let Some(block) = next(&mut whole) {
                all.push(block);
                places.push(whole.place());
            }
            assert!(all.len() > 8 && all.iter().any(|block| block.is_continued), "{}", all.len());
            let rest_of = |blocks: &mut Blocks<&[u8]>| {
                let mut rest = Vec::new();
                while let Some(block) = next(blocks) {
                    rest.push(block);
                }
                rest
            };
            for (at, place) in places.iter().enumerate() {
                let expected = &all[at + 1..];
                let mut again = Blocks::of_size(file, 1_000, 2_000);
                assert!(next(&mut again).is_some() && again.go_to(*place));
                assert_eq!(rest_of(&mut again), expected, "after block {at}");
                if is_utf8 {
                    let from = usize::try_from(place.offset()).unwrap();
                    let mut sought = Blocks { size: 1_000, longest: 2_000, ..Blocks::going_on(&file[from..], *place) };
                    assert_eq!(rest_of(&mut sought), expected, "sought after block {at}");
                }
                let mut cut = Blocks::of_size(&file[..file.len() / 2], 1_000, 2_000);
                assert_eq!(cut.go_to(*place), place.offset() <= file.len() as u64 / 2, "{at}");
            }
        }
    }

    fn blocks(text: &[u8], size: usize) -> (Vec<Block>, u64) {
        let mut blocks = Blocks::of_size(text, size, 2 * size);
        let mut all = Vec::new();
        while let Some(block) = next(&mut blocks) {
            all.push(block);
            assert!(all.len() < 1_000, "it goes on");
        }
        (all, blocks.offset())
    }

    #[test]
    fn blocks_are_whole_lines_and_all_of_the_file() {
        let text = (1..200).map(|number| format!("line {number}\n")).collect::<Vec<_>>().concat();
        for text in [text.as_str(), text.trim_end()] {
            for size in [16, 64, 100, 4096] {
                let (blocks, offset) = blocks(text.as_bytes(), size);
                assert_eq!(offset, text.len() as u64);
                assert_eq!(blocks.iter().flat_map(|block| block.bytes.clone()).collect::<Vec<_>>(), text.as_bytes());
                for block in &blocks {
                    assert!(!block.is_piece && !block.is_continued);
                    let begin = format!("line {}", block.first_line);
                    assert!(block.bytes.starts_with(begin.as_bytes()), "{size} {begin}");
                    assert!(text.get(usize::try_from(block.offset).unwrap()..).unwrap().starts_with(&begin), "{size}");
                }
            }
        }
    }

    #[test]
    fn a_line_that_is_only_longer_than_others_comes_whole() {
        let text = format!("a\n{}\nb\n", "0123456789".repeat(6));
        let (blocks, _) = blocks(text.as_bytes(), 32);
        assert!(blocks.iter().all(|block| !block.is_piece), "{blocks:?}");
        assert!(blocks.iter().any(|block| block.bytes.len() > 60));
    }

    #[test]
    fn a_line_longer_than_a_block_comes_in_pieces_that_overlap() {
        let text = format!("a\n{}\nb\nc", "0123456789".repeat(20));
        for text in [text.clone(), format!("{text}\n")] {
            let (blocks, offset) = blocks(text.as_bytes(), 32);
            assert_eq!(offset, text.len() as u64);
            let pieces: Vec<&Block> = blocks.iter().filter(|block| block.is_piece).collect();
            assert!(pieces.len() > 5 && pieces.iter().all(|piece| piece.first_line == 2));
            assert_eq!(pieces.iter().filter(|piece| !piece.is_continued).count(), 1);
            assert_eq!(pieces.iter().filter(|piece| !piece.goes_on).count(), 1);
            assert!(pieces.last().is_some_and(|piece| !piece.goes_on));
            for two in pieces.array_windows::<2>() {
                let end = two[0].offset + two[0].bytes.len() as u64;
                assert!(two[1].offset < end, "they overlap");
            }
            let last = blocks.last().unwrap();
            assert_eq!((last.first_line, last.bytes.starts_with(b"b\nc")), (3, true), "{last:?}");
        }
    }

    #[test]
    fn lines_that_end_in_cr_alone_are_lines_and_go_on_as_such() {
        let text = (1..200).map(|number| format!("line {number}\r")).collect::<Vec<_>>().concat();
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide = [b"\xff\xfe", &wide[..]].concat();
        for (file, is_utf8) in [(text.as_bytes(), true), (&wide[..], false)] {
            let mut blocks = Blocks::of_size(file, 100, 200);
            let mut lines = Vec::new();
            let mut place = None;
            while let Some(block) = next(&mut blocks) {
                assert!(!block.is_piece);
                assert!(block.bytes.starts_with(format!("line {}\n", block.first_line).as_bytes()));
                lines.extend(block.bytes);
                place.get_or_insert((blocks.place(), lines.len()));
            }
            assert_eq!(lines, text.replace('\r', "\n").as_bytes());
            let (place, passed) = place.unwrap();
            let rest = |mut blocks: Blocks<&[u8]>| {
                let block = next(&mut blocks).unwrap();
                assert!(lines[passed..].starts_with(&block.bytes) && !block.is_piece, "{block:?}");
            };
            let mut again = Blocks::of_size(file, 100, 200);
            assert!(again.go_to(place));
            rest(again);
            if is_utf8 {
                rest(Blocks::going_on(&file[passed..], place));
            }
        }
        // With any LF a CR is a byte as others.
        assert_eq!(blocks(b"a\rb\nc\rd", 64).0[0].bytes, b"a\rb\nc\rd");
    }

    #[test]
    fn an_empty_file_has_none() {
        assert_eq!(blocks(b"", 16).0, []);
        assert_eq!(blocks(b"\n", 16).0.len(), 1);
    }
}
