//! The table of what was not seen, and of what was told and left no gap.

use model::BlindSpotRecord;

use super::{Cell, Column};
use crate::lang::Text;
use crate::texts::blind_spots::blind_spot;
use crate::texts::details::detail;

/// Its columns.
pub(crate) const UNSEEN: &[Column<BlindSpotRecord>] = &[
    Column {
        id: "kind",
        name: Text { da: "Slags", en: "Kind" },
        width: 22,
        cell: |spot, _, _| Cell::text(spot.kind.as_str()),
    },
    Column {
        id: "title",
        name: Text { da: "Hvad", en: "What" },
        width: 44,
        cell: |spot, _, lang| Cell::text(blind_spot(spot.kind).title.to(lang)),
    },
    Column {
        id: "system",
        name: Text { da: "System-id", en: "System id" },
        width: 18,
        cell: |spot, _, _| Cell::any(spot.system.as_ref().map(|id| id.0.as_str())),
    },
    Column { id: "place", name: Text { da: "Sted", en: "Place" }, width: 44, cell: |spot, _, _| Cell::of(&spot.place) },
    Column {
        id: "detail",
        name: Text { da: "Nærmere", en: "Detail" },
        width: 44,
        cell: |spot, _, lang| Cell::text(detail(spot.detail.as_str(), lang).text),
    },
    Column {
        id: "count",
        name: Text { da: "Antal", en: "Count" },
        width: 9,
        cell: |spot, _, _| Cell::Number(spot.count),
    },
    Column {
        id: "leaves_gap",
        name: Text { da: "Noget er ikke set", en: "Leaves a gap" },
        width: 10,
        cell: |spot, _, lang| Cell::yes(spot.kind.leaves_gap(), lang),
    },
    Column {
        id: "meaning",
        name: Text { da: "Hvad det betyder", en: "What it means" },
        width: 60,
        cell: |spot, _, lang| Cell::text(blind_spot(spot.kind).meaning.to(lang)),
    },
    Column {
        id: "action",
        name: Text { da: "Hvad der kan gøres", en: "What to do" },
        width: 60,
        cell: |spot, _, lang| Cell::text(blind_spot(spot.kind).action.to(lang)),
    },
];
