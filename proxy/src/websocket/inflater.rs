//! Undoes the compression of one side's messages (RFC 7692 §7.2.2) as they come.

use flate2::{Decompress, FlushDecompress, Status};

use super::Unreadable;
use crate::recorder::Held;

/// What a decompressor takes: a window of 32 KiB and its tables.
pub(super) const STATE_BYTES: usize = 48 << 10;
/// Undone at a time.
const PIECE: usize = 8 << 10;
/// The end of each message, which is not sent (RFC 7692 §7.2.1).
const TAIL: &[u8] = &[0x00, 0x00, 0xff, 0xff];
/// Undone bytes for each compressed one that are more than pages send: text makes 3 to 10, snapshots of a page that
/// hardly change some 100.
const STEEPEST: u64 = 200;
/// Undone bytes of one side for which the ratio is not looked at: a few blank pictures are no bomb, and it is less than a
/// second's work.
const UNSUSPICIOUS: u64 = 64 << 20;

/// Decompresses one side.
pub(super) struct Inflater {
    takes_over: bool,
    /// Made for the first message, so that sockets that stay silent take nothing.
    stream: Option<Decompress>,
    /// Whether the last thing read was the end of a DEFLATE stream, which ends a message without a tail.
    is_at_end: bool,
    compressed: u64,
    undone: u64,
}

impl Inflater {
    /// For messages that each may refer to the one before, or may not.
    pub(super) fn new(takes_over: bool) -> Self {
        Self { takes_over, stream: None, is_at_end: false, compressed: 0, undone: 0 }
    }

    /// Takes the memory it needs, if it has none yet.
    pub(super) fn prepare(&mut self, held: &mut Held) -> Result<(), Unreadable> {
        if self.stream.is_none() {
            if !held.take_all(STATE_BYTES) {
                return Err(Unreadable::Memory);
            }
            self.stream = Some(Decompress::new(false));
        }
        Ok(())
    }

    /// Hands to `put` what `bytes` of a message come to.
    pub(super) fn undo(&mut self, mut bytes: &[u8], mut put: impl FnMut(&[u8])) -> Result<(), Unreadable> {
        let Some(stream) = &mut self.stream else { return Err(Unreadable::Memory) };
        let mut piece = [0; PIECE];
        // Each turn reads or writes something, or is the last.
        loop {
            let before = (stream.total_in(), stream.total_out());
            let status = stream.decompress(bytes, &mut piece, FlushDecompress::Sync);
            let read = usize::try_from(stream.total_in() - before.0).unwrap_or(0);
            let written = usize::try_from(stream.total_out() - before.1).unwrap_or(0);
            put(piece.get(..written).unwrap_or_default());
            bytes = bytes.get(read..).unwrap_or_default();
            self.compressed += read as u64;
            self.undone += written as u64;
            if read > 0 {
                self.is_at_end = false;
            }
            match status {
                Ok(Status::StreamEnd) => {
                    // The sender ended a message by ending the stream (RFC 7692 §7.2.3.4): the next is a new one.
                    stream.reset(false);
                    self.is_at_end = true;
                }
                Ok(Status::Ok | Status::BufError) if read == 0 && written == 0 => return Ok(()),
                Ok(Status::Ok | Status::BufError) => {}
                Err(_) => return Err(Unreadable::Deflate),
            }
            if self.undone > UNSUSPICIOUS && self.undone / STEEPEST > self.compressed {
                return Err(Unreadable::Bomb);
            }
            // A piece that was filled may have left more inside.
            if bytes.is_empty() && written < PIECE {
                return Ok(());
            }
        }
    }

    /// The same for the end of a message.
    pub(super) fn end(&mut self, put: impl FnMut(&[u8])) -> Result<(), Unreadable> {
        if self.is_at_end { Ok(()) } else { self.undo(TAIL, put) }
    }

    /// Forgets the message that has ended, if the next one does not refer to it.
    pub(super) fn rest(&mut self, held: &mut Held) {
        if !self.takes_over {
            self.stop(held);
        }
    }

    /// Gives up the memory it has. What comes next is read from the start.
    pub(super) fn stop(&mut self, held: &mut Held) {
        if self.stream.take().is_some() {
            held.give_back(STATE_BYTES);
        }
        self.is_at_end = false;
    }
}
