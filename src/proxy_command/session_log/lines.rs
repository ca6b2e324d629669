//! The lines of a session's log, written and read one by one.

use std::borrow::Cow;
use std::io::{self, BufRead, Read as _};

use console::Mark;
use model::Redacted;
use serde::{Deserialize, Serialize};

use crate::journal::Header;
use crate::record::Taken;

/// Version of the lines.
pub(super) const VERSION: u32 = 1;

/// Longest line: what comes of one exchange is bounded by the detector, and is far less.
pub(super) const MAX_LINE: u64 = 64 << 20;

/// How a line begins that has something that was taken in; such lines are read when they are needed.
pub(super) const TAKEN: &[u8] = b"{\"taken\":";

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Line<'a> {
    /// The first line.
    Header(Cow<'a, Header>),
    /// Something that was judged.
    Taken(Cow<'a, Taken>),
    /// What a tester did.
    Mark(Cow<'a, Mark>),
    /// Whose site the session is about, now that it is known.
    Under { sites: Vec<Redacted> },
    /// All that was judged before is judged again.
    JudgedAnew,
    /// The key that the lines before were written with is gone.
    KeyLost,
    /// So many were to stand here, and found no room on disk.
    LeftOut { count: u64 },
}

/// A line as read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read<'a> {
    /// All of it, without its end.
    Whole(&'a [u8]),
    /// One that is longer than any that was written.
    TooLong,
}

/// The whole lines of a file; one without its end is being written, or was when the program was killed.
pub(super) struct Lines<R> {
    reader: R,
    line: Vec<u8>,
    /// Where the lines read so far end.
    pub(super) end: u64,
}

impl<R: BufRead> Lines<R> {
    /// Those from where `reader` is, which is at `start` of the file.
    pub(super) fn new(reader: R, start: u64) -> Self {
        Self { reader, line: Vec::new(), end: start }
    }

    /// The next, if there is a whole one.
    pub(super) fn next(&mut self) -> io::Result<Option<Read<'_>>> {
        self.line.clear();
        let mut length = self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut self.line)? as u64;
        if length < MAX_LINE || self.line.ends_with(b"\n") {
            let Some((b'\n', line)) = self.line.split_last() else { return Ok(None) };
            self.end += length;
            return Ok(Some(Read::Whole(line)));
        }
        // Passed over in pieces, to the end of it or of the file.
        loop {
            self.line.clear();
            let more = self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut self.line)? as u64;
            length += more;
            if self.line.ends_with(b"\n") {
                self.end += length;
                return Ok(Some(Read::TooLong));
            }
            if more == 0 {
                return Ok(None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_without_its_end_is_none() {
        let mut lines = Lines::new(&b"one\n\ntwo\nthr"[..], 0);
        assert_eq!(lines.next().unwrap(), Some(Read::Whole(b"one")));
        assert_eq!(lines.next().unwrap(), Some(Read::Whole(b"")));
        assert_eq!(lines.next().unwrap(), Some(Read::Whole(b"two")));
        assert_eq!(lines.next().unwrap(), None);
        assert_eq!(lines.end, 9);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_told() {
        let long = io::repeat(b'x').take(MAX_LINE + 5).chain(&b"\nnext\n"[..]);
        let mut lines = Lines::new(io::BufReader::new(long), 0);
        assert_eq!(lines.next().unwrap(), Some(Read::TooLong));
        assert_eq!(lines.next().unwrap(), Some(Read::Whole(b"next")));
        assert_eq!(lines.end, MAX_LINE + 5 + 6);
    }

    #[test]
    fn what_was_taken_in_is_told_by_how_its_line_begins() {
        let taken = crate::record::noted_for_tests(model::BlindSpot::new(model::BlindSpotKind::NotHttp, "a.test", ""));
        let line = serde_json::to_vec(&Line::Taken(Cow::Borrowed(&taken))).unwrap();
        assert!(line.starts_with(TAKEN), "{}", String::from_utf8_lossy(&line));
    }
}
