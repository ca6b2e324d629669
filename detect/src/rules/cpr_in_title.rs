//! `cpr-in-title`: history, bookmarks, shared screens and every telemetry read a page's title.

use model::{Channel, PageFacts, Place};

use super::Held;
use crate::decoders::{Piece, RawStep};
use crate::parts::Part;

pub(crate) fn pieces(facts: &PageFacts) -> Vec<Held> {
    let piece = |title: &String| Held {
        part: Part {
            channel: Channel::Title,
            piece: Piece::new(vec![RawStep::Into(Place::Title, String::new())], title.clone().into_bytes()),
            leads_to: None,
        },
        origin: None,
    };
    facts.titles.iter().map(piece).collect()
}
