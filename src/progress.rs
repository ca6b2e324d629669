//! What a person at the terminal sees while a run goes on: lines on stderr, and only for people.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use model::Redacted;

/// Tells on stderr how far a run has come. Everything it is given is safe to write.
#[derive(Debug)]
pub(crate) struct Reporter {
    stderr: std::io::Stderr,
    /// Nobody watches: pages are not told one by one.
    quiet: bool,
    visits: AtomicUsize,
    exchanges: AtomicUsize,
    numbers: AtomicUsize,
}

/// Widest line that is written over: one that wraps cannot be.
const WIDTH: usize = 79;

impl Reporter {
    /// One that says nothing of pages when nobody watches; steps are always told.
    pub(crate) fn new() -> Self {
        let stderr = std::io::stderr();
        let (visits, exchanges, numbers) = Default::default();
        Self { quiet: !stderr.is_terminal(), stderr, visits, exchanges, numbers }
    }

    /// A step of the run, for anybody who reads the log.
    pub(crate) fn step(&self, text: &str) {
        // A closed stderr is no reason to stop. What is written over is taken away first.
        let start = if self.quiet { "" } else { "\r\u{1b}[K" };
        let _ = writeln!(self.stderr.lock(), "{start}{text}");
    }

    /// How much is left, on a line that the next takes away; only for who watches.
    pub(crate) fn ahead(&self, left: crawler::Ahead) {
        if self.quiet {
            return;
        }
        let line = line(left, self.numbers.load(Ordering::Relaxed));
        let mut stderr = self.stderr.lock();
        let _ = write!(stderr, "\r\u{1b}[K{line}").and_then(|()| stderr.flush());
    }

    /// A line that the next takes away, likewise.
    pub(crate) fn over(&self, line: &str) {
        if !self.quiet {
            let line: String = line.chars().take(WIDTH).collect();
            let mut stderr = self.stderr.lock();
            let _ = write!(stderr, "\r\u{1b}[K{line}").and_then(|()| stderr.flush());
        }
    }

    /// A page is about to be visited.
    pub(crate) fn visiting(&self, page: &Redacted) {
        let visit = self.visits.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.quiet {
            let requests = self.exchanges.load(Ordering::Relaxed);
            let numbers = self.numbers.load(Ordering::Relaxed);
            let found = if numbers == 0 { String::new() } else { format!(", {numbers} sightings") };
            self.step(&format!("  {visit:>3}  {page}  ({requests} requests{found})"));
        }
    }

    /// An exchange was judged and held `sure` sightings.
    pub(crate) fn judged(&self, sure: usize) {
        self.exchanges.fetch_add(1, Ordering::Relaxed);
        self.numbers.fetch_add(sure, Ordering::Relaxed);
    }
}

/// `12 pages, 30 wait, 4 sightings, about 2 min left`.
fn line(left: crawler::Ahead, sightings: usize) -> String {
    let seconds = left.time.as_secs();
    let time = if seconds < 60 { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) };
    let line = format!("  {} pages, {} wait, {sightings} sightings, about {time} left", left.visited, left.waiting);
    line.chars().take(WIDTH).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_left_fits_on_a_line() {
        let left = |visited, waiting, seconds| crawler::Ahead { visited, waiting, time: Duration::from_secs(seconds) };
        assert_eq!(line(left(12, 30, 61), 4), "  12 pages, 30 wait, 4 sightings, about 2 min left");
        assert_eq!(line(left(1, 0, 9), 0), "  1 pages, 0 wait, 0 sightings, about 9 s left");
        assert!(line(left(u32::MAX, u32::MAX, u64::MAX), usize::MAX).len() <= WIDTH);
    }
}
