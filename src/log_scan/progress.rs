//! How far a scan is, for a person at a terminal.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::TOLD_EVERY;
use crate::progress::Reporter;

/// How far it is, for a person at a terminal.
pub(super) struct Progress<'a> {
    reporter: &'a Reporter,
    /// Bytes of all files, packed as they are, if that is known; and those read.
    total: Option<u64>,
    read: &'a AtomicU64,
    /// Of these, those read by an earlier run.
    before: u64,
    judged: u64,
    pub(super) sure: usize,
    begun: Instant,
    told: Instant,
}

impl<'a> Progress<'a> {
    pub(super) fn new(reporter: &'a Reporter, total: Option<u64>, read: &'a AtomicU64, before: u64) -> Self {
        let now = Instant::now();
        Self { reporter, total, read, before, judged: 0, sure: 0, begun: now, told: now }
    }

    pub(super) fn judged(&mut self, bytes: u64, sure: usize) {
        self.judged += bytes;
        self.sure += sure;
    }

    pub(super) fn tell(&mut self) {
        if self.told.elapsed() < TOLD_EVERY {
            return;
        }
        self.told = Instant::now();
        let read = self.read.load(Ordering::Relaxed).saturating_sub(self.before);
        let total = self.total.map(|total| total.saturating_sub(self.before));
        self.reporter.over(&line(self.judged, read, total, self.begun.elapsed(), self.sure));
    }

    pub(super) fn end(&self) {
        self.reporter.over("");
    }
}

/// `3.2 GB, 1.9 GB/s, 12 s left, 40 sightings`.
#[expect(clippy::cast_precision_loss, reason = "for people, rounded")]
fn line(judged: u64, read: u64, total: Option<u64>, took: Duration, sure: usize) -> String {
    let seconds = took.as_secs_f64().max(0.001);
    let giga = |bytes: u64| bytes as f64 / 1e9;
    let left = total.filter(|total| read > 0 && *total >= read).map(|total| {
        let left = Duration::from_secs_f64(seconds * (total - read) as f64 / read as f64);
        format!(", {} s left", left.as_secs())
    });
    let left = left.unwrap_or_default();
    format!("  {:.1} GB, {:.2} GB/s{left}, {sure} sightings", giga(judged), giga(judged) / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_is_fits_on_a_line() {
        let told = line(2_000_000_000, 100, Some(300), Duration::from_secs(2), 7);
        assert_eq!(told, "  2.0 GB, 1.00 GB/s, 4 s left, 7 sightings");
        assert_eq!(line(0, 0, None, Duration::ZERO, 0), "  0.0 GB, 0.00 GB/s, 0 sightings");
    }
}
