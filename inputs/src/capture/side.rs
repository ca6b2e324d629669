//! One side of a connection as messages of HTTP/1: their heads cut out, their bodies followed.

use jiff::Timestamp;
use memchr::memmem;
use model::{Body, BodyState};

use super::http::{TELLING, Unread, is_begin};

/// Bytes of a head: servers take a tenth of that.
pub(super) const MAX_HEAD: usize = 256 * 1024;

/// Bytes of a body that are kept: as many as the proxy keeps.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// Bytes of a line that tells how long a chunk is.
const MAX_CHUNK_LINE: usize = 4_096;

#[derive(Debug, Default)]
pub(super) struct Side {
    pub(super) buffer: Vec<u8>,
    /// Of these, looked at for the end of a head.
    pub(super) looked_at: usize,
    pub(super) state: State,
    /// When what is in the buffer began, where that is told.
    pub(super) begun: Option<Timestamp>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// Before a head.
    #[default]
    Head,
    /// So many bytes of a body to come.
    Length(u64),
    /// Before a line that says how long a chunk is; in a chunk; behind the last.
    ChunkLine,
    Chunk(u64),
    Trailer,
    /// All that comes.
    Rest,
    /// Behind a gap, until a message begins.
    Lost,
}

/// What is missing of a body that comes to no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// So many bytes, as its head says.
    Bytes(u64),
    /// Nobody knows: in chunks each says its own length.
    Unknown,
}

impl State {
    /// What is missing of a body that ends here.
    pub(super) fn left(&self) -> Left {
        match self {
            Self::Length(left) => Left::Bytes(*left),
            Self::Trailer => Left::Bytes(0),
            Self::Chunk(_) | Self::ChunkLine | Self::Rest | Self::Lost | Self::Head => Left::Unknown,
        }
    }
}

impl Side {
    /// The next head, if all of it is there. Of one that is too long what there is; the side is lost then.
    pub(super) fn head(&mut self, unread: &mut Unread) -> Option<Vec<u8>> {
        // Empty lines before a message are passed over (RFC 9112 §2.2).
        let empty = self.buffer.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if empty > 0 {
            self.buffer.drain(..empty);
            self.looked_at = 0;
        }
        if self.state == State::Lost && !self.buffer.is_empty() {
            let begin = self.buffer.get(..self.buffer.len().min(TELLING)).unwrap_or_default();
            if !is_begin(begin) {
                unread.passed_over += self.buffer.len() as u64;
                self.buffer.clear();
                self.looked_at = 0;
                return None;
            }
            self.state = State::Head;
        }
        let from = self.looked_at.saturating_sub(3);
        let new = self.buffer.get(from..)?;
        let ends = [&b"\n\r\n"[..], b"\n\n"].map(|end| memmem::find(new, end).map(|at| from + at + end.len()));
        self.looked_at = self.buffer.len();
        let Some(end) = ends.into_iter().flatten().min() else {
            if self.buffer.len() > MAX_HEAD {
                unread.broken += 1;
                (self.looked_at, self.state) = (0, State::Lost);
                return Some(std::mem::take(&mut self.buffer));
            }
            return None;
        };
        self.looked_at = 0;
        Some(self.buffer.drain(..end).collect())
    }

    /// Reads on in a body; `None` when more must come first, else whether it is over.
    /// A body that is not as it says leaves the side lost.
    pub(super) fn body(&mut self, mut body: Option<&mut Body>, unread: &mut Unread) -> Option<bool> {
        match &mut self.state {
            State::Length(0) => Some(true),
            State::Length(left) | State::Chunk(left) => {
                let count = self.buffer.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                if count == 0 {
                    return None;
                }
                *left -= count as u64;
                let taken = self.buffer.drain(..count);
                if let Some(body) = &mut body {
                    let room = MAX_BODY.saturating_sub(body.bytes.len());
                    body.wire_length += count as u64;
                    if count > room {
                        body.state = BodyState::Cut;
                    }
                    body.bytes.extend(taken.take(room));
                }
                if matches!(self.state, State::Chunk(0)) {
                    self.state = State::ChunkLine;
                    return Some(false);
                }
                Some(self.state == State::Length(0))
            }
            State::ChunkLine | State::Trailer => {
                let Some(end) = memchr::memchr(b'\n', &self.buffer) else {
                    if self.buffer.len() > MAX_CHUNK_LINE {
                        return self.lost(unread);
                    }
                    return None;
                };
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                let line = line.trim_ascii();
                if self.state == State::Trailer {
                    return Some(line.is_empty());
                }
                // Behind each chunk is the end of a line.
                if line.is_empty() {
                    return Some(false);
                }
                let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
                let length = str::from_utf8(digits).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok());
                match length {
                    Some(0) => self.state = State::Trailer,
                    Some(length) => self.state = State::Chunk(length),
                    None => return self.lost(unread),
                }
                Some(false)
            }
            State::Head | State::Rest | State::Lost => None,
        }
    }

    /// A body that is not as it says.
    fn lost(&mut self, unread: &mut Unread) -> Option<bool> {
        unread.broken += 1;
        unread.passed_over += self.buffer.len() as u64;
        self.buffer.clear();
        (self.looked_at, self.state) = (0, State::Lost);
        None
    }
}
