//! What is read, piece by piece, and where the pieces go.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};

use inputs::{Block, Guessed, LogLine, Parser, Recording};
use model::{BlindSpot, Redacted};

use super::judging::Seat;
use super::state::LogPlace;
use super::taking::Done;
use crate::fault::Fault;

/// What is read, in order.
pub(super) enum Piece {
    /// A HAR or a capture, or a part of one; whether it is the last.
    Recording(String, Box<Recording>, bool),
    /// Some of one that an earlier run has judged.
    Again(Box<str>, Box<Recording>),
    /// A log begins.
    Begin(Arc<Log>),
    /// It is read, with what could not be; and what it is compared by with others.
    End(Arc<Log>, Vec<BlindSpot>, Option<[u8; 32]>),
    /// A file is read, with what could not be.
    Done(Vec<BlindSpot>),
    /// Whoever wants to stop is heard: what follows only says so.
    Stopping,
    /// What is not read for that.
    Unread(BlindSpot),
    /// A file is not what an earlier run has read.
    Changed(Fault),
}

/// A log that is read.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) name: String,
    /// The same as sightings have it, redacted.
    pub(super) source: Redacted,
    pub(super) format: &'static str,
    /// What of its lines' times is guessed.
    pub(super) guessed: Guessed,
    /// Whether its first lines say who was asked.
    pub(super) names_hosts: bool,
    /// Its first bytes, as far as they are compared with others'.
    pub(super) begin: Vec<u8>,
}

/// Lines to be judged.
pub(super) struct Job {
    pub(super) log: Arc<Log>,
    /// As it is before the first of them.
    pub(super) parser: Parser,
    pub(super) block: Block,
    /// What the beginning of the line says of which the block is a piece.
    pub(super) beginning: Option<Arc<LogLine<'static>>>,
    /// Where the reading is behind them, their ends not counted; `None` where that may not be written.
    pub(super) place: Option<LogPlace>,
}

/// Where the pieces go: each has its number in the order of all.
pub(super) struct Outlet<'a> {
    pub(super) next: u64,
    /// For the other threads that judge; `None` where there is none.
    pub(super) jobs: Option<SyncSender<(u64, Box<Job>)>>,
    pub(super) others: SyncSender<(u64, Done)>,
    /// Judges here what the others have no time for: on one core that is all, without a thread waking another, and what
    /// was read is still in the core's own memory.
    pub(super) seat: Seat<'a>,
    /// Room for blocks, given back by who has judged them.
    pub(super) room: Receiver<Vec<u8>>,
    /// Room that is free here: the one used last, which is the fastest.
    pub(super) spare: Option<Vec<u8>>,
}

impl Outlet<'_> {
    /// Hands a piece on; `Break` when nobody wants it any more.
    pub(super) fn send(&mut self, piece: Piece) -> ControlFlow<()> {
        self.send_as(Done::Piece(piece))
    }

    fn send_as(&mut self, done: Done) -> ControlFlow<()> {
        let number = self.next;
        self.next += 1;
        if self.others.send((number, done)).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// Hands lines on to be judged, or judges them. How many of them end; `None` when nobody wants them any more.
    pub(super) fn lines(&mut self, mut job: Box<Job>) -> Option<u64> {
        if let Some(jobs) = &self.jobs {
            let line_ends = detect::line_ends(&job.block.bytes);
            match jobs.try_send((self.next, job)) {
                Ok(()) => {
                    self.next += 1;
                    return Some(line_ends);
                }
                Err(TrySendError::Full((_, back)) | TrySendError::Disconnected((_, back))) => job = back,
            }
        }
        let mut done = self.seat.judge(*job);
        let mut line_ends = None;
        if let Done::Judged(judged) = &mut done {
            self.spare = judged.room.take();
            line_ends = Some(judged.line_ends);
        }
        if self.send_as(done).is_continue() { line_ends } else { None }
    }

    /// Room for a block, as soon as there is any; `None` when nobody wants one.
    pub(super) fn room(&mut self) -> Option<Vec<u8>> {
        self.spare.take().or_else(|| self.room.recv().ok())
    }
}
