//! `cpr-in-storage`: what a page keeps in the browser outlives the session and is open to every script of the origin; what
//! it lays out in a data layer is there for telemetry to read.

use std::collections::BTreeSet;

use model::{Channel, PageFacts, Place, Redacted, Rule, Sighting, Step, StorageKind, Stored};

use super::Held;
use crate::decoders::{Piece, RawStep};
use crate::parts::Part;

pub(crate) fn pieces(facts: &PageFacts) -> Vec<Held> {
    facts.stored.iter().flat_map(|stored| [&stored.value, &stored.key].map(|text| held(stored, text))).collect()
}

fn held(stored: &Stored, text: &str) -> Held {
    let steps = vec![RawStep::Into(place(stored.kind), stored.key.clone())];
    let piece = Piece::new(steps, text.as_bytes().to_vec());
    let part = Part { channel: Channel::Storage, piece, leads_to: None };
    Held { part, origin: Some(stored.origin.clone()) }
}

fn place(kind: StorageKind) -> Place {
    match kind {
        StorageKind::Cookie => Place::Cookie,
        StorageKind::Local => Place::Local,
        StorageKind::Session => Place::Session,
        StorageKind::Database => Place::Database,
        StorageKind::Cache => Place::Cache,
        StorageKind::DataLayer => Place::DataLayer,
    }
}

/// Whether what was found stays for the pages after: then it is told of the first page that has it.
pub(crate) fn is_kept_for_long(sighting: &Sighting) -> bool {
    match sighting.trail.0.first() {
        Some(Step::Into(Place::Cookie | Place::Local | Place::Database | Place::Cache, _)) => true,
        Some(Step::Into(..) | Step::Undo(_)) | None => false,
    }
}

/// A cookie that was sent or set on the wire is told by that; in the browser it is the same one.
pub(crate) fn leave_out_sent_cookies(sightings: &mut Vec<Sighting>) {
    let sent: BTreeSet<(Redacted, Redacted)> =
        sightings.iter().filter(|sighting| sighting.channel == Channel::Cookie).filter_map(cookie).collect();
    sightings
        .retain(|sighting| sighting.rule != Rule::CprInStorage || cookie(sighting).is_none_or(|c| !sent.contains(&c)));
}

fn cookie(sighting: &Sighting) -> Option<(Redacted, Redacted)> {
    let name = sighting.trail.0.iter().find_map(|step| match step {
        Step::Into(Place::Cookie, name) => Some(name.clone()),
        Step::Into(..) | Step::Undo(_) => None,
    });
    Some((sighting.recipient.clone(), name?))
}
