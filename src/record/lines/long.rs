//! A line that is too long to be read whole, and is judged in pieces: what each would count as a request of its own is one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pairs;
use super::tally::{Key, Shared, Tally};

/// What the pieces of one line count. As large as there are kinds of sightings in it.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct LongLine {
    #[serde(with = "pairs")]
    counts: BTreeMap<Key, Tally>,
}

impl LongLine {
    /// Takes the requests out of what a piece has counted, and leaves the rest.
    pub(super) fn take(&mut self, tallies: &mut BTreeMap<Key, Tally>, shared: &mut BTreeMap<Vec<Key>, Shared>) {
        shared.clear();
        for (key, tally) in tallies {
            let counts = tally.take_requests();
            // A second sighting of a finding in a piece counts none, and may be the only one that is told.
            let known = self.counts.entry(*key).or_default();
            if known.requests == 0 {
                *known = counts;
            }
        }
    }

    /// One request for each finding, by the surest of its sightings, and what several of them have in common.
    pub(super) fn counts(self) -> (BTreeMap<Key, Tally>, BTreeMap<Vec<Key>, Shared>) {
        let mut all: Vec<(Key, Tally)> = self.counts.into_iter().collect();
        all.sort_by_key(|(key, _)| (key.fingerprint, !key.is_told, key.evidence));
        // All pieces are of one request: what one counts of it holds for all.
        let Some(counts) = all.iter().map(|(_, tally)| tally).find(|tally| tally.requests > 0).cloned() else {
            return Default::default();
        };
        all.dedup_by_key(|(key, _)| key.fingerprint);
        let keys: Vec<Key> = all.into_iter().map(|(key, _)| key).collect();
        let shared = (keys.len() > 1).then(|| (keys.clone(), Shared::of(&counts)));
        (keys.into_iter().map(|key| (key, counts.clone())).collect(), shared.into_iter().collect())
    }
}
