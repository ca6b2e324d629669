//! The table of what testers did in a session by hand.

use model::{Redacted, SessionNote};

use super::{Cell, Column};
use crate::lang::Text;
use crate::texts::session as t;

/// Its columns.
pub(crate) const NOTES: &[Column<SessionNote>] = &[
    Column { id: "time", name: Text { da: "Tid", en: "Time" }, width: 22, cell: |note, _, _| Cell::time(note.time) },
    Column {
        id: "tester",
        name: t::TESTER,
        width: 16,
        cell: |note, _, _| Cell::any(note.tester.as_ref().map(Redacted::as_str)),
    },
    Column {
        id: "kind",
        name: Text { da: "Slags", en: "Kind" },
        width: 14,
        cell: |note, _, _| Cell::text(note.kind.as_str()),
    },
    Column { id: "what", name: t::WHAT, width: 34, cell: |note, _, lang| Cell::text(t::kind(note.kind).to(lang)) },
    Column {
        id: "number",
        name: Text { da: "Nr.", en: "No." },
        width: 6,
        cell: |note, _, _| Cell::Number(note.number),
    },
    Column { id: "text", name: t::TEXT, width: 60, cell: |note, _, _| Cell::of(&note.text) },
    Column {
        id: "findings",
        name: t::FINDINGS,
        width: 44,
        cell: |note, _, _| {
            let names: Vec<Redacted> = note.findings.iter().map(Redacted::own_words).collect();
            Cell::names(&names)
        },
    },
    Column {
        id: "more_findings",
        name: Text { da: "Flere fund", en: "More findings" },
        width: 10,
        cell: |note, _, _| Cell::Number(note.more_findings),
    },
];
