//! Judges live traffic while it comes, on a thread of its own.
//!
//! One thread, since the detector learns pages and slots in order, and one thread's work is steady: it never takes a
//! processor from the requests under way but one. The proxy's queue is what it is fed by and what bounds it: traffic
//! never waits, and what finds no room there is told by the proxy. An audit has no need of it: there the main thread
//! does nothing else, see `backlog`.
//!
//! A live session has no visits that end, so an exchange is held back for a moment and judged with all that began
//! before it: requests that say nothing of their page are put down to the right one as far as possible.

use std::collections::{BTreeMap, VecDeque};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use model::{BlindSpot, BlindSpotRecord, Exchange, Sighting};
use proxy::Captured;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::backlog::{LIVE, weight};
use crate::record::{Recorder, Taken};

/// How long an exchange is held back after it ended: a page mostly ends within it of the first things that it loads, and
/// a person who watches has a leak on the screen within a second.
const HELD_BACK: Duration = Duration::from_millis(400);

/// Exchanges held back at most: a second of a busy test suite.
const MAX_HELD: usize = 2_000;

/// Bytes of their bodies and messages held back at most: one body at the proxy's cap. What is held back takes memory beside
/// the queue that it came from, and the order matters little to what is so large.
const MAX_HELD_BYTES: usize = 4 << 20;

/// How long the thread sleeps when all that came is held back anyway: woken for each exchange, it took the requests under
/// way a fifth of their processor. What comes in it is then judged in one go, and who shares the processor waits: after 10 ms
/// the slowest requests of a busy client took half as long again. The proxy's queue has room for far more than comes in it.
const LULL: Duration = Duration::from_millis(2);

/// Exchanges judged before what came of them is told, when many are due together.
const BATCH: usize = 200;

/// What came is kept raw, to be judged once more, up to so many exchanges and so many bytes of them: the first minutes of a
/// person's browsing, in which it shows that the session is about another site than was guessed.
const MAX_PAST: usize = 5_000;
const MAX_PAST_BYTES: usize = 32 << 20;

/// What an exchange takes beside its bodies, as far as the bound above is concerned.
const LEAST_WEIGHT: usize = 2_000;

/// How often it is asked whether to begin anew, while nothing comes.
const TURN: Duration = Duration::from_millis(100);

/// Who hears what comes of judging, on the judging thread. Slow here is slow judging.
pub(crate) trait Watcher: Send + 'static {
    /// `exchange` is judged next: the moment to tell the recorder what it must know before, such as whose site it is.
    fn coming(&mut self, _exchange: &Exchange, _recorder: &mut Recorder) {}

    /// A batch was judged.
    fn news(&mut self, news: &News<'_>);

    /// What is said of `exchange` instead of judging it, where that is paused.
    fn paused(&self, _exchange: &Exchange) -> Option<BlindSpot> {
        None
    }

    /// Whether it may still come to [`Self::begin_anew`].
    fn may_begin_anew(&self) -> bool {
        false
    }

    /// More has come than is kept: it comes to [`Self::begin_anew`] no more. `false` when that is wanted just now, which
    /// goes before.
    fn close(&mut self) -> bool {
        true
    }

    /// A recorder to judge all with that has come so far, instead of what came of it.
    fn begin_anew(&mut self) -> Option<Recorder> {
        None
    }
}

/// What came of the exchanges judged since the last time. Safe to write.
#[derive(Debug)]
pub(crate) struct News<'a> {
    /// Requests judged; more of an earlier one is no new request.
    pub(crate) requests: u64,
    /// The sightings kept of them, as they go into the record.
    pub(crate) sightings: &'a [Sighting],
    /// Blind spots of a kind and place not told before.
    pub(crate) blind_spots: &'a [BlindSpotRecord],
    /// All that was taken in, where the recorder takes notes.
    pub(crate) taken: &'a [Taken],
}

/// The judging thread of a session.
pub(crate) struct Judge<W> {
    end: oneshot::Receiver<(Recorder, W)>,
}

/// What the thread works on.
struct Bench<W> {
    recorder: Recorder,
    watcher: W,
    held: Held,
    told: usize,
    requests: u64,
    past: Past,
}

/// What came so far, while all may be judged once more.
#[derive(Default)]
struct Past {
    came: Vec<Captured>,
    bytes: usize,
}

/// Exchanges held back, to be judged as they began.
#[derive(Default)]
struct Held {
    /// By index; more of one exchange in the order in which it came.
    waiting: BTreeMap<(u64, u64), Box<Exchange>>,
    /// When each that came must be judged at the latest, and its index.
    due: VecDeque<(Instant, u64)>,
    bytes: usize,
    came: u64,
    /// Whether there is more of an exchange that is judged already.
    has_late: bool,
}

impl<W: Watcher> Judge<W> {
    /// Starts judging what comes out of `captured`, to be called within the runtime that the proxy runs on.
    pub(crate) fn start(
        recorder: Recorder,
        mut captured: mpsc::Receiver<Captured>,
        watcher: W,
    ) -> anyhow::Result<Self> {
        let (done, end) = oneshot::channel();
        let runtime = Handle::current();
        let judging = move || {
            let told = recorder.sightings().len();
            let (held, past) = (Held::default(), Past::default());
            let mut bench = Bench { recorder, watcher, held, told, requests: 0, past };
            bench.work(&mut captured, &runtime);
            // Nobody waits for it only when the run has failed already.
            let _ = done.send((bench.recorder, bench.watcher));
        };
        thread::Builder::new().name("judge".to_owned()).spawn(judging).context("cannot start a thread for judging")?;
        Ok(Self { end })
    }

    /// Returns when all is judged: to end it, shut the proxy down. An error when judging died, at whatever time; what
    /// comes after that nobody sees, so the session must not go on. May be dropped and called again, but not after it
    /// returned.
    pub(crate) async fn ended(&mut self) -> anyhow::Result<(Recorder, W)> {
        (&mut self.end).await.context("the judging thread ended before the session did")
    }
}

impl<W: Watcher> Bench<W> {
    fn work(&mut self, captured: &mut mpsc::Receiver<Captured>, runtime: &Handle) {
        loop {
            let mut patience = self.held.patience(Instant::now());
            if self.watcher.may_begin_anew() {
                patience = Some(patience.map_or(TURN, |patience| patience.min(TURN)));
            }
            let came = runtime.block_on(async {
                match patience {
                    // Nothing is due when nothing is held.
                    None => Ok(captured.recv().await),
                    Some(patience) => timeout(patience, captured.recv()).await,
                }
            });
            let mut may_rest = true;
            match came {
                Ok(Some(captured)) => may_rest &= self.take(captured),
                Ok(None) => break,
                Err(_) => {}
            }
            // What else has come by now is taken before anything is judged, so that it finds its place in the order; but
            // what need not wait stays in the queue, which is bounded.
            while !self.held.is_full()
                && !self.held.has_late
                && let Ok(captured) = captured.try_recv()
            {
                may_rest &= self.take(captured);
            }
            may_rest &= !self.held.is_full();
            let due = if self.held.is_full() { Some(u64::MAX) } else { self.held.due(Instant::now()) };
            self.judge(due);
            self.begin_anew();
            if may_rest {
                thread::sleep(LULL);
            }
        }
        self.judge(Some(u64::MAX));
    }

    /// Takes one in. Returns whether the next can wait: what goes on in pieces comes fast, and has little of the queue.
    fn take(&mut self, captured: Captured) -> bool {
        match captured {
            Captured::Exchange(exchange) => {
                if let Some(unseen) = self.watcher.paused(&exchange) {
                    self.blind_spot(unseen);
                    return true;
                }
                let is_piece = exchange.continues.is_some();
                self.held.put(exchange, Instant::now());
                !is_piece
            }
            Captured::BlindSpot(blind_spot) => {
                self.blind_spot(blind_spot);
                true
            }
        }
    }

    fn blind_spot(&mut self, blind_spot: BlindSpot) {
        if self.watcher.may_begin_anew() {
            self.keep(Captured::BlindSpot(blind_spot.clone()), 0);
        }
        self.recorder.blind_spot(blind_spot);
    }

    /// Keeps what came, for the case that it is judged once more.
    fn keep(&mut self, captured: Captured, weight: usize) {
        let Past { came, bytes } = &mut self.past;
        *bytes += weight + LEAST_WEIGHT;
        came.push(captured);
        if came.len() <= MAX_PAST && *bytes <= MAX_PAST_BYTES {
            return;
        }
        if self.watcher.close() {
            self.past = Past::default();
        } else {
            self.begin_anew();
        }
    }

    /// Judges all that came so far once more, if that is wanted.
    fn begin_anew(&mut self) {
        let Some(recorder) = self.watcher.begin_anew() else { return };
        (self.recorder, self.told, self.requests) = (recorder, 0, 0);
        let past = std::mem::take(&mut self.past);
        for captured in past.came {
            match captured {
                Captured::Exchange(exchange) => self.judge_one(exchange),
                Captured::BlindSpot(blind_spot) => self.blind_spot(blind_spot),
            }
        }
        self.tell();
    }

    /// Judges those that began with the one of index `up_to` or before it, and tells what came of all.
    fn judge(&mut self, up_to: Option<u64>) {
        let mut batch = 0;
        while let Some(exchange) = up_to.and_then(|up_to| self.held.take(up_to)) {
            self.judge_one(exchange);
            batch += 1;
            if batch % BATCH == 0 {
                self.tell();
            }
        }
        self.tell();
    }

    fn judge_one(&mut self, exchange: Box<Exchange>) {
        self.requests += u64::from(exchange.continues.is_none());
        self.watcher.coming(&exchange, &mut self.recorder);
        self.recorder.exchange(LIVE, &exchange);
        if self.watcher.may_begin_anew() {
            let weight = weight(&exchange);
            self.keep(Captured::Exchange(exchange), weight);
        }
    }

    fn tell(&mut self) {
        let blind_spots = self.recorder.take_new_blind_spots();
        let requests = std::mem::take(&mut self.requests);
        let taken = self.recorder.take_untold();
        let sightings = self.recorder.sightings().get(self.told..).unwrap_or_default();
        if requests == 0 && sightings.is_empty() && blind_spots.is_empty() && taken.is_empty() {
            return;
        }
        self.watcher.news(&News { requests, sightings, blind_spots: &blind_spots, taken: &taken });
        self.told = self.recorder.sightings().len();
    }
}

impl Held {
    fn put(&mut self, exchange: Box<Exchange>, now: Instant) {
        let index = exchange.index;
        // More of an exchange that is judged already tells no page, and has waited long enough in its pieces.
        let is_late =
            exchange.continues.is_some() && self.waiting.range((index, 0)..=(index, u64::MAX)).next().is_none();
        let until = if is_late { now } else { now + HELD_BACK };
        if is_late {
            self.has_late = true;
            self.due.push_front((until, index));
        } else {
            self.due.push_back((until, index));
        }
        self.bytes += weight(&exchange);
        self.came += 1;
        self.waiting.insert((index, self.came), exchange);
    }

    /// How long nothing is due; `None` when nothing is held.
    fn patience(&self, now: Instant) -> Option<Duration> {
        self.due.front().map(|(until, _)| until.saturating_duration_since(now))
    }

    /// The highest index that is due.
    fn due(&mut self, now: Instant) -> Option<u64> {
        self.has_late = false;
        let mut highest = None;
        while let Some((_, index)) = self.due.pop_front_if(|(until, _)| *until <= now) {
            highest = highest.max(Some(index));
        }
        highest
    }

    /// The one that began first, if it is not after `up_to`.
    fn take(&mut self, up_to: u64) -> Option<Box<Exchange>> {
        let ((index, _), _) = self.waiting.first_key_value()?;
        if *index > up_to {
            return None;
        }
        let (_, exchange) = self.waiting.pop_first()?;
        self.bytes = self.bytes.saturating_sub(weight(&exchange));
        if self.waiting.is_empty() {
            self.due.clear();
            self.has_late = false;
        }
        Some(exchange)
    }

    fn is_full(&self) -> bool {
        self.waiting.len() >= MAX_HELD || self.bytes >= MAX_HELD_BYTES
    }
}

#[cfg(test)]
mod tests;
