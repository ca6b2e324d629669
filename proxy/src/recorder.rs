//! The exchanges being recorded right now, and what they share: the queue, the clock, the memory they may take.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use model::{BlindSpot, Clock, Exchange};

use crate::emitter::{Captured, Emitter};
use crate::phase::Switch;
use crate::recording::Recording;

/// How long an exchange whose request is known waits for the end of its answer before it is handed over without it:
/// an event stream has none.
pub(crate) const ANSWER_LINGERS: Duration = Duration::from_secs(2);
/// How often that is looked at.
const LOOKS: Duration = Duration::from_millis(500);
/// What all bodies being recorded may take together. It bounds memory when many connections send large bodies at once.
const BODY_BYTES: usize = 256 << 20;

/// Records exchanges; one per proxy.
pub(crate) struct Recorder {
    /// Tells when requests begin.
    pub(crate) clock: Clock,
    /// Longest body handed over whole.
    pub(crate) body_cap: usize,
    /// Whether the proxy is on its way down.
    pub(crate) switch: Switch,
    emitter: Emitter,
    begun: AtomicU64,
    open: Mutex<BTreeMap<u64, Arc<Recording>>>,
    held: AtomicUsize,
}

/// Memory taken from a recorder's; given back when dropped.
pub(crate) struct Held {
    recorder: Arc<Recorder>,
    bytes: usize,
}

impl Recorder {
    /// A recorder that hands over to `emitter`.
    pub(crate) fn new(clock: Clock, body_cap: usize, emitter: Emitter) -> Self {
        Self {
            clock,
            body_cap,
            switch: Switch::new(),
            emitter,
            begun: AtomicU64::new(0),
            open: Mutex::default(),
            held: AtomicUsize::new(0),
        }
    }

    /// The number of the request that begins now.
    pub(crate) fn next_index(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::Relaxed)
    }

    /// Keeps `recording` until it is handed over.
    pub(crate) fn open(&self, index: u64, recording: &Arc<Recording>) {
        self.recordings().insert(index, Arc::clone(recording));
    }

    /// Hands over what was recorded.
    pub(crate) fn emit(&self, index: u64, captured: Captured) {
        self.recordings().remove(&index);
        self.emitter.emit(captured);
    }

    /// Hands over an exchange that goes on: it stays open.
    pub(crate) fn emit_beginning(&self, exchange: Box<Exchange>) {
        self.emitter.emit(Captured::Exchange(exchange));
    }

    /// Hands over a piece of an exchange that goes on, if there is room.
    pub(crate) fn offer(&self, piece: Exchange) -> bool {
        self.emitter.offer(piece)
    }

    /// Hands over more of an exchange that was handed over before.
    pub(crate) fn emit_more(&self, exchange: Exchange) {
        self.emitter.emit(Captured::Exchange(Box::new(exchange)));
    }

    /// Hands over something that belongs to no exchange.
    pub(crate) fn blind_spot(&self, blind_spot: BlindSpot) {
        self.emitter.emit(Captured::BlindSpot(blind_spot));
    }

    /// Takes up to `wanted` bytes of the memory for bodies; they are given back by [`Self::release`].
    pub(crate) fn take(&self, wanted: usize) -> usize {
        let before = self.held.fetch_add(wanted, Ordering::Relaxed);
        let granted = BODY_BYTES.saturating_sub(before).min(wanted);
        self.release(wanted - granted);
        granted
    }

    /// Gives back memory taken.
    pub(crate) fn release(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Hands over, for as long as the proxy lives, what has waited long enough for the end of its answer, and gives up on
    /// answers that do not come.
    pub(crate) async fn sweep(recorder: Weak<Self>) {
        loop {
            tokio::time::sleep(LOOKS).await;
            let Some(recorder) = recorder.upgrade() else { return };
            for recording in recorder.all_open() {
                recording.hand_over_if_lingering();
                recording.tell_if_overdue();
            }
            recorder.emitter.report_lost();
        }
    }

    /// Hands over everything as it is, and ends the receiving end.
    pub(crate) async fn close(&self) {
        for recording in self.all_open() {
            recording.cut();
        }
        self.emitter.close().await;
    }

    /// Ends the receiving end at once.
    pub(crate) fn abandon(&self) {
        self.switch.turn(crate::phase::Phase::Cut);
        self.emitter.abandon();
    }

    fn all_open(&self) -> Vec<Arc<Recording>> {
        self.recordings().values().map(Arc::clone).collect()
    }

    fn recordings(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Recording>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Nothing taken yet.
    pub(crate) fn new(recorder: Arc<Recorder>) -> Self {
        Self { recorder, bytes: 0 }
    }

    /// Takes up to `wanted` bytes; returns how many.
    pub(crate) fn take(&mut self, wanted: usize) -> usize {
        let granted = self.recorder.take(wanted);
        self.bytes += granted;
        granted
    }

    /// Takes `wanted` bytes or none.
    pub(crate) fn take_all(&mut self, wanted: usize) -> bool {
        let granted = self.take(wanted);
        if granted < wanted {
            self.give_back(granted);
        }
        granted == wanted
    }

    /// Gives back `bytes` of what was taken.
    pub(crate) fn give_back(&mut self, bytes: usize) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        self.recorder.release(bytes);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.recorder.release(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_given_back_when_dropped() {
        let (emitter, _receiver) = Emitter::new();
        let recorder = Arc::new(Recorder::new(Clock::fixed(jiff::Timestamp::UNIX_EPOCH), 0, emitter));
        let mut held = Held::new(Arc::clone(&recorder));
        assert_eq!((held.take(BODY_BYTES - 1), held.take_all(2)), (BODY_BYTES - 1, false));
        assert!(held.take_all(1));
        held.give_back(5);
        assert_eq!(recorder.take(9), 5);
        drop(held);
        assert_eq!(recorder.take(BODY_BYTES), BODY_BYTES - 5);
    }

    #[test]
    fn memory_for_bodies_is_bounded_and_given_back() {
        let (emitter, _receiver) = Emitter::new();
        let recorder = Recorder::new(Clock::fixed(jiff::Timestamp::UNIX_EPOCH), 0, emitter);
        assert_eq!(recorder.take(BODY_BYTES - 1), BODY_BYTES - 1);
        assert_eq!(recorder.take(5), 1);
        assert_eq!(recorder.take(5), 0);
        recorder.release(3);
        assert_eq!(recorder.take(5), 3);
    }
}
