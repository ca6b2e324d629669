//! Digests that were seen and may be of numbers: kept until they are tried, all at once (cpr-facts 3).

use std::collections::{BTreeMap, BTreeSet};

use model::{Redacted, Sighting};

use crate::contacts::{Contact, PersonToken};
use crate::digests::Digest;
use crate::notes::{DigestMark, Marker};

/// Places of digests kept; they take some 100 MB. A large audit has some thousands.
const MAX_KEPT: usize = 50_000;

/// Requests in which a value must come to be somebody's: once may be anything.
const LEAST_REQUESTS: usize = 2;

/// Digests with the sightings that they may become.
pub(crate) struct Pending {
    marker: Marker,
    digests: BTreeMap<Digest, Vec<Waiting>>,
    /// Those of an earlier detector, of which only tokens are left.
    recalled: BTreeMap<DigestMark, Vec<Waiting>>,
    kept: usize,
    left_out: u64,
}

struct Waiting {
    sighting: Sighting,
    /// Who got it, where it stands for a person by its name.
    contact: Option<Contact>,
}

impl Pending {
    pub(crate) fn new(marker: Marker) -> Self {
        Self { marker, digests: BTreeMap::new(), recalled: BTreeMap::new(), kept: 0, left_out: 0 }
    }

    /// Whether one more can be kept; counted when not.
    pub(crate) fn has_room(&mut self) -> bool {
        let has_room = !self.is_full();
        self.left_out += u64::from(!has_room);
        has_room
    }

    /// Whether no more can be kept.
    pub(crate) fn is_full(&self) -> bool {
        self.kept >= MAX_KEPT
    }

    /// Counts places that nobody brought here.
    pub(crate) fn leave_out(&mut self, count: u64) {
        self.left_out += count;
    }

    /// What another has counted of them, this one's own among it.
    pub(crate) fn recall_left_out(&mut self, count: u64) {
        self.left_out = count;
    }

    pub(crate) fn keep(&mut self, digest: Digest, sighting: Sighting, contact: Option<Contact>) {
        let Self { marker, digests, recalled, .. } = self;
        let known = digests.entry(digest).or_insert_with(|| {
            if recalled.is_empty() {
                return Vec::new();
            }
            recalled.remove(&marker.digest(&digest)).unwrap_or_default()
        });
        known.push(Waiting { sighting, contact });
        self.kept += 1;
    }

    /// Keeps one that an earlier detector has seen, where there is room.
    pub(crate) fn recall(&mut self, digest: DigestMark, sighting: Sighting, contact: Option<Contact>) {
        self.recalled.entry(digest).or_default().push(Waiting { sighting, contact });
        self.kept += 1;
    }

    /// What makes its tokens.
    pub(crate) fn marker(&self) -> Marker {
        self.marker.clone()
    }

    pub(crate) fn mark(&self, digest: &Digest) -> DigestMark {
        self.marker.digest(digest)
    }

    /// How many different ones there are.
    pub(crate) fn count(&self) -> u64 {
        (self.digests.len() + self.recalled.len()) as u64
    }

    /// How many places were not kept.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    pub(crate) fn digests(&self) -> impl Iterator<Item = Digest> {
        self.digests.keys().copied()
    }

    /// What an earlier detector has seen, and what its tokens are made with.
    pub(crate) fn recalled(&self) -> (Marker, impl Iterator<Item = DigestMark>) {
        (self.marker.clone(), self.recalled.keys().copied())
    }

    /// The sightings of one, which waits no longer.
    pub(crate) fn take(&mut self, digest: &Digest) -> Vec<Sighting> {
        let waiting = self.digests.remove(digest).or_else(|| self.recalled.remove(&self.marker.digest(digest)));
        let waiting = waiting.unwrap_or_default();
        waiting.into_iter().map(|waiting| waiting.sighting).collect()
    }

    /// Those still waiting that stand for a person and came again: by recipient, page and parameter.
    pub(crate) fn person_tokens(&self) -> Vec<PersonToken> {
        let mut tokens: BTreeMap<Slot, PersonToken> = BTreeMap::new();
        for waiting in self.digests.values().chain(self.recalled.values()) {
            let of_person =
                || waiting.iter().filter_map(|waiting| Some((&waiting.sighting, waiting.contact.as_ref()?)));
            let requests: BTreeSet<(&str, u64)> =
                of_person().map(|(sighting, _)| (sighting.source.as_str(), sighting.index)).collect();
            if requests.len() < LEAST_REQUESTS {
                continue;
            }
            for (sighting, contact) in of_person() {
                // Made of redacted names.
                let parameter = Redacted::own_words(sighting.trail.parameter());
                let slot = (sighting.recipient.clone(), contact.page.clone(), parameter.clone());
                let new = || PersonToken { contact: contact.clone(), parameter, requests: 0 };
                tokens.entry(slot).or_insert_with(new).requests += 1;
            }
        }
        tokens.into_values().collect()
    }
}

/// Recipient, page and parameter.
type Slot = (Redacted, Redacted, Redacted);
