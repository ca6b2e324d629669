//! Tries all plausible numbers on the digests that a run has collected, on every processor there is.

use std::sync::atomic::AtomicBool;
use std::thread;

use detect::{Sweep, SweepDepth, Undone};

/// Threads at most: beyond these the sweep is over before they have begun.
const MAX_THREADS: usize = 16;

/// What a sweep came to.
pub(crate) struct Swept {
    pub(crate) undone: Vec<Undone>,
    /// Whether all of it was tried.
    pub(crate) is_finished: bool,
}

/// Runs all shares of `sweep`. `stop` ends it early.
pub(crate) fn run(sweep: &Sweep, depth: SweepDepth, stop: &AtomicBool) -> Swept {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    let results = thread::scope(|scope| {
        let shares: Vec<_> =
            (0..threads).map(|share| scope.spawn(move || sweep.run(depth, share, threads, stop))).collect();
        shares.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    let mut swept = Swept { undone: Vec::new(), is_finished: true };
    for result in results {
        match result {
            Ok(result) => {
                swept.is_finished &= result.is_finished;
                swept.undone.extend(result.undone);
            }
            // A share that died has tried nothing for certain.
            Err(_) => swept.is_finished = false,
        }
    }
    swept.undone.sort_unstable();
    swept
}
