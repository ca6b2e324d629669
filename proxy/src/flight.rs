//! Which requests are still under way on a port, so that a visit can tell when a page has settled.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// A script's request that has run for so long waits for news (a long poll), not for an answer: pages that are merely
/// slow answer scripts within it.
pub(crate) const SCRIPT_PATIENCE: Duration = Duration::from_secs(3);
/// The same where the client does not say what the request is for, so a slow page must not be taken for a poll.
pub(crate) const UNKNOWN_PATIENCE: Duration = Duration::from_secs(10);
/// When nobody said how long to wait at most; tokio's timers end before `Duration::MAX`.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// The requests under way on one port.
#[derive(Default)]
pub(crate) struct Flights {
    board: Mutex<Board>,
    changed: Notify,
}

/// One request under way; over when dropped.
pub(crate) struct Flight {
    flights: Arc<Flights>,
    number: u64,
}

#[derive(Default)]
struct Board {
    begun: u64,
    /// Until when each counts; `None` for until it ends.
    under_way: BTreeMap<u64, Option<Instant>>,
    changed: Option<Instant>,
}

impl Flights {
    /// A request begins; after `patience` it counts no more.
    pub(crate) fn begin(self: &Arc<Self>, patience: Option<Duration>) -> Flight {
        let now = Instant::now();
        let mut board = self.board();
        board.begun += 1;
        let number = board.begun;
        board.under_way.insert(number, patience.map(|patience| now + patience));
        board.changed = Some(now);
        drop(board);
        self.changed.notify_waiters();
        Flight { flights: Arc::clone(self), number }
    }

    /// How many are under way and count.
    pub(crate) fn count(&self) -> usize {
        let now = Instant::now();
        self.board().under_way.values().filter(|until| until.is_none_or(|until| now < until)).count()
    }

    /// Waits until nothing was under way for `quiet`, counted from this call at the earliest; `false` when `cap`
    /// passed first.
    pub(crate) async fn settled(&self, quiet: Duration, cap: Duration) -> bool {
        let called = Instant::now();
        let deadline = called + cap.min(LONGEST_WAIT);
        let quiet = quiet.min(LONGEST_WAIT);
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let now = Instant::now();
            let next = match self.last_change_if_quiet(now) {
                Ok(since) => {
                    let quiet_until = since.unwrap_or(called).max(called) + quiet;
                    if now >= quiet_until {
                        return true;
                    }
                    Some(quiet_until)
                }
                Err(next) => next,
            };
            if now >= deadline {
                return false;
            }
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep_until(next.unwrap_or(deadline).min(deadline)) => {}
            }
        }
    }

    /// When a request last began or ended, if none is under way now; else when the next one stops counting.
    fn last_change_if_quiet(&self, now: Instant) -> Result<Option<Instant>, Option<Instant>> {
        let board = self.board();
        let mut counting = board.under_way.values().filter(|until| until.is_none_or(|until| now < until)).peekable();
        if counting.peek().is_none() {
            // Those that stopped counting by themselves were no work for as long as they lasted.
            return Ok(board.changed);
        }
        Err(counting.flatten().min().copied())
    }

    fn end(&self, number: u64) {
        let mut board = self.board();
        if board.under_way.remove(&number).is_some() {
            board.changed = Some(Instant::now());
            drop(board);
            self.changed.notify_waiters();
        }
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flights.end(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Duration = Duration::from_millis(500);
    const CAP: Duration = Duration::from_mins(1);

    /// Timers may be a millisecond late.
    fn tenths(since: Instant) -> u128 {
        since.elapsed().as_millis() / 100
    }

    #[tokio::test(start_paused = true)]
    async fn quiet_counts_from_the_call() {
        let flights = Arc::new(Flights::default());
        let called = Instant::now();
        assert!(flights.settled(QUIET, CAP).await);
        assert_eq!(tenths(called), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_begun_meanwhile_is_waited_for() {
        let flights = Arc::new(Flights::default());
        let called = Instant::now();
        let other = Arc::clone(&flights);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(400)).await;
            let flight = other.begin(None);
            tokio::time::sleep(Duration::from_secs(20)).await;
            drop(flight);
        });
        assert!(flights.settled(QUIET, CAP).await);
        assert_eq!(tenths(called), 209);
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_ends_is_waited_for_until_the_cap() {
        let flights = Arc::new(Flights::default());
        let _flight = flights.begin(None);
        let called = Instant::now();
        assert!(!flights.settled(QUIET, CAP).await);
        assert_eq!((tenths(called), flights.count()), (600, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_poll_stops_counting() {
        let flights = Arc::new(Flights::default());
        let _flight = flights.begin(Some(SCRIPT_PATIENCE));
        let called = Instant::now();
        assert!(flights.settled(QUIET, CAP).await);
        assert_eq!((tenths(called), flights.count()), (30, 0));
    }
}
