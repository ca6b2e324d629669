//! A file of any size as its lines, in constant memory, each with its number and its place in the file.
//!
//! What a log should not hold is read all the same: lines without end are given in pieces that overlap, a file in
//! UTF-16 is given as UTF-8, holes of NUL bytes are passed over and counted.

mod blocks;
mod filling;
mod utf8;

use std::io::Read;

use memchr::{memchr, memchr_iter};

pub use self::blocks::{BLOCK, Block, Blocks, BlocksPlace, with_feeds};
pub use self::filling::{Filled, fill};
use self::utf8::Utf8;

/// The longest line that is given whole. Servers cut what they log far below it (Apache at 8 KiB a field), and it is
/// what a reader holds in memory.
pub const MAX_LINE: usize = 1024 * 1024;

/// How much of a piece of a longer line is given again with the next: nothing that is looked for is longer, encoded.
pub const OVERLAP: usize = 64 * 1024;

/// Bytes taken from the input at once.
const CHUNK: usize = 256 * 1024;

/// A line, or a piece of one that is longer than [`MAX_LINE`]. Its end (LF or CRLF) is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1; pieces of a line share one.
    pub number: u64,
    /// Where in the file it begins, in bytes.
    pub offset: u64,
    /// What it says.
    pub bytes: &'a [u8],
    /// Whether it is all of the line.
    pub is_whole: bool,
}

/// The lines of a file, one at a time.
pub struct Lines<R> {
    input: Utf8<R>,
    /// What is read and not yet given, from `start` on; no end of line stands before `searched`.
    buffer: Vec<u8>,
    start: usize,
    searched: usize,
    /// Where in the file the byte at `start` stands.
    offset: u64,
    /// The number of the line that is given next.
    number: u64,
    /// Whether the line at `start` was begun before.
    is_piece: bool,
    has_ended: bool,
    fault: Option<std::io::Error>,
    long: u64,
    first_long: Option<u64>,
    nul_bytes: u64,
}

/// Where in the buffer what is given next stands.
struct Given {
    number: u64,
    offset: u64,
    start: usize,
    end: usize,
    is_whole: bool,
}

impl<R: Read> Lines<R> {
    /// The lines of `input`, from its start.
    pub fn new(input: R) -> Self {
        Self {
            input: Utf8::new(input),
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            offset: 0,
            number: 1,
            is_piece: false,
            has_ended: false,
            fault: None,
            long: 0,
            first_long: None,
            nul_bytes: 0,
        }
    }

    /// The next line; `None` at the end of the input, or where it broke.
    #[expect(clippy::should_implement_trait, reason = "the line is lent, which no iterator can do")]
    pub fn next(&mut self) -> Option<Line<'_>> {
        let Given { number, offset, start, end, is_whole } = self.advance()?;
        let bytes = self.buffer.get(start..end).unwrap_or_default();
        let bytes = if is_whole { bytes.strip_suffix(b"\r").unwrap_or(bytes) } else { bytes };
        // A log that is cut while its server writes on begins with a hole.
        let hole = if bytes.first() == Some(&0) { bytes.iter().take_while(|byte| **byte == 0).count() } else { 0 };
        self.nul_bytes += hole as u64;
        let offset = offset + hole as u64 * self.input.width();
        Some(Line { number, offset, bytes: bytes.get(hole..).unwrap_or_default(), is_whole })
    }

    /// The first lines, at most `count` of them and those that stand in the first chunk, which are given again by
    /// [`Lines::next`]. For a look before the first line is taken.
    pub fn ahead(&mut self, count: usize) -> Vec<&[u8]> {
        while self.buffer.len() < CHUNK && !self.has_ended {
            self.fill();
        }
        let begin = self.buffer.get(self.start..).unwrap_or_default();
        let mut from = 0;
        let mut lines = Vec::new();
        for end in memchr_iter(b'\n', begin).take(count) {
            lines.push(begin.get(from..end).unwrap_or_default());
            from = end + 1;
        }
        if lines.len() < count && self.has_ended {
            lines.extend(begin.get(from..).filter(|rest| !rest.is_empty()));
        }
        lines.into_iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect()
    }

    /// Where in the file what is given next begins.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Why the input was not read to its end.
    pub fn fault(&self) -> Option<&std::io::Error> {
        self.fault.as_ref()
    }

    /// How many lines were longer than [`MAX_LINE`], and the number of the first.
    pub fn long_lines(&self) -> (u64, Option<u64>) {
        (self.long, self.first_long)
    }

    /// How many NUL bytes at the start of lines were passed over.
    pub fn nul_bytes(&self) -> u64 {
        self.nul_bytes
    }

    /// How many characters of a file in UTF-16 were broken, and read as U+FFFD.
    pub fn broken_characters(&self) -> u64 {
        self.input.replaced()
    }

    /// Moves past what is given next.
    fn advance(&mut self) -> Option<Given> {
        loop {
            let unsearched = self.buffer.get(self.searched..).unwrap_or_default();
            let end = memchr(b'\n', unsearched).map(|at| self.searched + at);
            let end_in_reach = end.filter(|end| end - self.start <= MAX_LINE);
            if let Some(end) = end_in_reach {
                return Some(self.give(end, end + 1, true));
            }
            self.searched = end.unwrap_or(self.buffer.len());
            let held = self.buffer.len() - self.start;
            if held >= MAX_LINE {
                let end = self.start + MAX_LINE;
                return Some(self.give(end, end - OVERLAP, false));
            }
            if self.has_ended {
                let end = self.buffer.len();
                return (held > 0).then(|| self.give(end, end, true));
            }
            self.fill();
        }
    }

    /// What stands up to `end`, going on at `next`.
    fn give(&mut self, end: usize, next: usize, is_end: bool) -> Given {
        let given = Given {
            number: self.number,
            offset: if self.offset == 0 { self.input.mark_length() } else { self.offset },
            start: self.start,
            end,
            is_whole: is_end && !self.is_piece,
        };
        if !is_end && !self.is_piece {
            self.long += 1;
            self.first_long.get_or_insert(self.number);
        }
        let passed = self.buffer.get(self.start..next).unwrap_or_default();
        self.offset = given.offset + self.input.length_in_file(passed);
        self.start = next;
        self.searched = self.searched.max(next);
        self.is_piece = !is_end;
        if is_end {
            self.number += 1;
        }
        given
    }

    fn fill(&mut self) {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        let before = self.buffer.len();
        self.buffer.resize(before + CHUNK, 0);
        let room = self.buffer.get_mut(before..).unwrap_or_default();
        let read = loop {
            match self.input.read(room) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let read = match read {
            Ok(read) => read,
            Err(error) => {
                self.fault = Some(error);
                0
            }
        };
        self.has_ended = read == 0;
        self.buffer.truncate(before + read.min(CHUNK));
    }
}

#[cfg(test)]
mod tests;
