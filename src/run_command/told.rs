//! What a run keeps while it goes on. Standard output is the command's, so nothing is shown until it has ended; what was
//! seen is on disk all the same.

use model::{BlindSpot, BlindSpotKind, Sighting};

use crate::judge::News;
use crate::live::{Hears, Journal, Owner};
use crate::progress::Reporter;

/// Keeps what was told.
pub(crate) struct Told {
    journal: Journal,
    requests: u64,
    blind_spots: usize,
    /// The disk took no more; said once.
    is_broken: bool,
}

impl Told {
    /// Nothing told yet.
    pub(crate) fn new(journal: Journal) -> Self {
        Self { journal, requests: 0, blind_spots: 0, is_broken: false }
    }

    /// Requests that were judged.
    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }

    /// Puts on disk what is not there yet.
    pub(crate) fn write(&mut self, sightings: &[Sighting]) {
        let Err(error) = self.journal.append(sightings) else { return };
        if !std::mem::replace(&mut self.is_broken, true) {
            let path = self.journal.path().display();
            Reporter::new().step(&format!("cannot write {path}: {error}; the report is all there will be of it"));
        }
    }

    /// Whether nothing came through at all.
    fn has_nothing(&self) -> bool {
        self.requests == 0 && self.blind_spots == 0
    }
}

impl Hears for Told {
    fn know(&mut self, _: &Owner, _: bool) {}

    fn tell(&mut self, news: &News<'_>) {
        self.requests += news.requests;
        self.blind_spots += news.blind_spots.len();
        self.write(news.sightings);
    }

    fn nothing_seen(&self) -> BlindSpot {
        if self.has_nothing() {
            let detail = "no connection was made to the proxy while the command ran";
            return BlindSpot::new(BlindSpotKind::NothingThroughProxy, "this run", detail);
        }
        let detail = "nothing that came through the proxy belongs to the site under test or to a declared system";
        BlindSpot::new(BlindSpotKind::NothingSeen, "this run", detail)
    }
}
