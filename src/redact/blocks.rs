//! A file as it is, byte for byte, in large blocks of whole lines, for those who mask them on several threads. In constant
//! memory: the caller lends each block's room.

use std::io::Read;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

/// Bytes of a block.
const BLOCK: usize = 2 * 1024 * 1024;

/// Bytes before and behind a piece of a longer line that are read with it: nothing that is looked for is longer.
const AROUND: usize = 64 * 1024;

/// How a file is written, by its mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// ASCII, UTF-8, Latin-1 ..: a byte or more for a character, and lines end in a byte.
    #[default]
    Bytes,
    Utf16Le,
    Utf16Be,
}

/// Lines of a file, or a piece of one that is longer than a block.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// With what stands around a piece.
    pub(super) bytes: Vec<u8>,
    /// What of them is to be written.
    pub(super) body: Range<usize>,
    /// The number of the first line, counted from 1.
    pub(super) first_line: u64,
    /// Whether it is a piece of a line.
    pub(super) is_piece: bool,
    pub(super) encoding: Encoding,
    /// How many lines end here, or with the file.
    pub(super) lines: u64,
}

/// The blocks of a file, one at a time.
pub(super) struct Blocks<R> {
    input: R,
    size: usize,
    around: usize,
    encoding: Option<Encoding>,
    /// What was read and is not written: behind `done`.
    rest: Vec<u8>,
    /// Bytes of `rest` that were written, and stand before a piece.
    done: usize,
    line: u64,
    is_within: bool,
    has_ended: bool,
    offset: u64,
    fault: Option<std::io::Error>,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(input: R) -> Self {
        Self::of_size(input, BLOCK, AROUND)
    }

    /// `size` is even and more than three times `around`.
    fn of_size(input: R, size: usize, around: usize) -> Self {
        Self {
            input,
            size,
            around,
            encoding: None,
            rest: Vec::new(),
            done: 0,
            line: 1,
            is_within: false,
            has_ended: false,
            offset: 0,
            fault: None,
        }
    }

    /// The next block, in the room of `bytes`; `None` at the end of the input, or where it broke.
    pub(super) fn next_in(&mut self, mut bytes: Vec<u8>) -> Option<Block> {
        bytes.clear();
        bytes.append(&mut self.rest);
        let done = std::mem::take(&mut self.done);
        self.fill(&mut bytes);
        let new = bytes.get(done..).filter(|new| !new.is_empty())?;
        let encoding = *self.encoding.get_or_insert_with(|| encoding(new));
        let end = if self.is_within { first_end(new, encoding) } else { last_end(new, encoding) };
        let is_piece = self.is_within || (end.is_none() && !self.has_ended);
        // A line without end goes on until the next block shows whether it does.
        let (end, is_within) = match end {
            Some(end) => (done + end, false),
            None if self.has_ended => (bytes.len(), false),
            None => (bytes.len() - self.around, true),
        };
        // The last line of a file need not end.
        let end = if self.has_ended && !is_piece { bytes.len() } else { end };
        let from = if is_within { end - self.around } else { end };
        self.rest.extend_from_slice(bytes.get(from..).unwrap_or_default());
        self.done = end - from;
        let body = bytes.get(done..end).unwrap_or_default();
        let ends = ends(body, encoding);
        let is_cut = self.has_ended && self.rest.len() == self.done && !ends_line(body, encoding);
        let first_line = self.line;
        self.line += ends;
        self.is_within = is_within;
        self.offset += body.len() as u64;
        if !is_within {
            bytes.truncate(end);
        }
        Some(Block { body: done..end, first_line, is_piece, encoding, lines: ends + u64::from(is_cut), bytes })
    }

    /// Bytes of the blocks given so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Why the input was not read to its end.
    pub(super) fn fault(&self) -> Option<&std::io::Error> {
        self.fault.as_ref()
    }

    /// Reads on until a block is full.
    fn fill(&mut self, bytes: &mut Vec<u8>) {
        if !self.has_ended {
            let filled = inputs::fill(&mut self.input, bytes, self.size);
            (self.has_ended, self.fault) = (filled.has_ended, filled.fault);
        }
    }
}

fn encoding(begin: &[u8]) -> Encoding {
    match begin {
        [0xff, 0xfe, ..] => Encoding::Utf16Le,
        [0xfe, 0xff, ..] => Encoding::Utf16Be,
        _ => Encoding::Bytes,
    }
}

/// Behind the first end of a line.
fn first_end(bytes: &[u8], encoding: Encoding) -> Option<usize> {
    match encoding {
        Encoding::Bytes => memchr(b'\n', bytes).map(|at| at + 1),
        wide => bytes.as_chunks::<2>().0.iter().position(|unit| *unit == line_end(wide)).map(|at| at * 2 + 2),
    }
}

/// Behind the last.
fn last_end(bytes: &[u8], encoding: Encoding) -> Option<usize> {
    match encoding {
        Encoding::Bytes => memrchr(b'\n', bytes).map(|at| at + 1),
        wide => bytes.as_chunks::<2>().0.iter().rposition(|unit| *unit == line_end(wide)).map(|at| at * 2 + 2),
    }
}

/// How many there are.
fn ends(bytes: &[u8], encoding: Encoding) -> u64 {
    let count = match encoding {
        Encoding::Bytes => memchr_iter(b'\n', bytes).count(),
        wide => bytes.as_chunks::<2>().0.iter().filter(|unit| **unit == line_end(wide)).count(),
    };
    count as u64
}

fn ends_line(bytes: &[u8], encoding: Encoding) -> bool {
    match encoding {
        Encoding::Bytes => bytes.ends_with(b"\n"),
        wide => bytes.ends_with(&line_end(wide)),
    }
}

fn line_end(encoding: Encoding) -> [u8; 2] {
    match encoding {
        Encoding::Utf16Be => [0, b'\n'],
        Encoding::Bytes | Encoding::Utf16Le => [b'\n', 0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &[u8], size: usize) -> Vec<Block> {
        let mut blocks = Blocks::of_size(text, size, size / 8);
        let mut all = Vec::new();
        while let Some(block) = blocks.next_in(Vec::new()) {
            all.push(block);
            assert!(all.len() < 10_000, "it goes on");
        }
        assert_eq!(blocks.offset(), text.len() as u64);
        all
    }

    fn bodies(blocks: &[Block]) -> Vec<u8> {
        blocks.iter().flat_map(|block| block.bytes[block.body.clone()].to_vec()).collect()
    }

    #[test]
    fn bodies_are_all_of_the_file_and_lines_are_counted() {
        let lines: String = (1..200).map(|number| format!("line {number}\n")).collect::<Vec<_>>().concat();
        let long = format!("a\n{}\r\nb\n\n{}", "0123456789".repeat(40), "y".repeat(100));
        for text in [lines.as_str(), lines.trim_end(), &long, "", "\n", "x"] {
            for size in [16, 64, 104, 4096] {
                let blocks = blocks(text.as_bytes(), size);
                assert_eq!(String::from_utf8(bodies(&blocks)).unwrap(), text, "{size}");
                let count = blocks.iter().map(|block| block.lines).sum::<u64>();
                assert_eq!(count, text.lines().count() as u64, "{size} {text}");
                assert!(blocks.iter().all(|block| block.is_piece || block.body == (0..block.bytes.len())));
            }
        }
    }

    #[test]
    fn pieces_have_what_stands_around_them() {
        let text = format!("a\n{}\nb\n", "0123456789".repeat(40));
        let blocks = blocks(text.as_bytes(), 64);
        let pieces: Vec<&Block> = blocks.iter().filter(|block| block.is_piece).collect();
        assert!(pieces.len() > 5 && pieces.iter().all(|piece| piece.first_line == 2));
        for piece in &pieces[1..pieces.len() - 1] {
            assert_eq!((piece.body.start, piece.bytes.len() - piece.body.end), (8, 8));
        }
    }

    #[test]
    fn utf_16_is_cut_between_its_characters() {
        let text: Vec<u8> =
            "\u{feff}\u{0a0d}\u{0d0a}\n".encode_utf16().cycle().take(4_001).flat_map(u16::to_be_bytes).collect();
        for size in [16, 64, 104] {
            let blocks = blocks(&text, size);
            assert_eq!(bodies(&blocks), text);
            assert!(blocks.iter().all(|block| block.body.start % 2 == 0 && block.body.end % 2 == 0));
            assert_eq!(blocks.iter().map(|block| block.lines).sum::<u64>(), 1_001);
        }
    }
}
