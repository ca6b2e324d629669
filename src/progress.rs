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

impl Reporter {
    /// One that says nothing of pages when nobody watches; steps are always told.
    pub(crate) fn new() -> Self {
        let stderr = std::io::stderr();
        let (visits, exchanges, numbers) = Default::default();
        Self { quiet: !stderr.is_terminal(), stderr, visits, exchanges, numbers }
    }

    /// A step of the run, for anybody who reads the log.
    pub(crate) fn step(&self, text: &str) {
        // A closed stderr is no reason to stop.
        let _ = writeln!(self.stderr.lock(), "{text}");
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
