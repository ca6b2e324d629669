//! A scan as tables, for CSV and for spreadsheets: findings, recipients, systems, what was not seen, what testers did, and logs by day. Ids of columns are
//! stable; a new column comes last.

mod findings;
mod logs;
mod notes;
mod recipients;
mod systems;
mod unseen;

use std::fmt::Write as _;

use jiff::Timestamp;
use model::{Redacted, Scan};

use crate::inert::Inert;
use crate::lang::{Lang, Text};

pub(crate) use findings::FINDINGS;
pub(crate) use logs::LogDay;
pub(crate) use notes::NOTES;
pub(crate) use recipients::Received;
pub(crate) use systems::SYSTEMS;
pub(crate) use unseen::UNSEEN;

/// More names in one cell are counted.
const MAX_NAMES: usize = 20;

/// The longest text in a cell, in characters; a cell of a spreadsheet takes 32,767.
const MAX_CELL: usize = 8_000;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Safe to look at, and still to be escaped.
    Text(String),
    Number(u64),
}

/// A column: what is in it of a `Row`, the scan it belongs to, and a language.
pub(crate) struct Column<Row: ?Sized> {
    /// In the header of a CSV file. Stable.
    pub(crate) id: &'static str,
    /// In the header of a spreadsheet.
    pub(crate) name: Text,
    /// In a spreadsheet, in characters.
    pub(crate) width: u16,
    pub(crate) cell: fn(&Row, &Scan, Lang) -> Cell,
}

impl Cell {
    /// Text that may come from outside.
    fn inert(text: &str) -> Self {
        Self::text(Inert::new(text).to_string())
    }

    fn of(text: &Redacted) -> Self {
        Self::inert(text.as_str())
    }

    fn any(text: Option<&str>) -> Self {
        Self::inert(text.unwrap_or_default())
    }

    /// Text of our own, or made safe before; what is too long for a cell is cut.
    fn text(text: impl Into<String>) -> Self {
        let mut text: String = text.into();
        if let Some((at, _)) = text.char_indices().nth(MAX_CELL) {
            text.truncate(at);
            text.push('…');
        }
        Self::Text(text)
    }

    fn yes(is: bool, lang: Lang) -> Self {
        Self::text(match (is, lang) {
            (true, Lang::Da) => "ja",
            (true, Lang::En) => "yes",
            (false, Lang::Da) => "nej",
            (false, Lang::En) => "no",
        })
    }

    /// To the second, in UTC, as spreadsheets and databases read it.
    fn time(time: Timestamp) -> Self {
        Self::text(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    fn count(length: usize) -> Self {
        Self::Number(crate::naming::count(length))
    }

    fn names(names: &[Redacted]) -> Self {
        let left = names.len().saturating_sub(MAX_NAMES);
        let mut text =
            names.iter().take(MAX_NAMES).map(|name| Inert::short(name.as_str(), 100)).collect::<Vec<_>>().join(", ");
        if left > 0 {
            let _ = write!(text, ", … (+{left})");
        }
        Self::text(text)
    }
}

/// The ids of `columns`, in order.
#[cfg(test)]
fn ids<Row: ?Sized>(columns: &[Column<Row>]) -> Vec<&'static str> {
    columns.iter().map(|column| column.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::said_in_both;

    #[test]
    fn a_cell_has_an_end() {
        let Cell::Text(text) = Cell::text("å".repeat(20_000)) else { panic!("a text") };
        assert_eq!(text.chars().count(), MAX_CELL + 1);
    }

    #[track_caller]
    fn columns<Row>(columns: &[Column<Row>]) {
        let mut ids = ids(columns);
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c == '_')), "{ids:?}");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), columns.len());
        for column in columns.iter().filter(|column| column.name.da != column.name.en) {
            said_in_both(column.name);
        }
    }

    #[test]
    fn every_column_has_an_id_of_its_own_and_a_name() {
        columns(FINDINGS);
        columns(Received::COLUMNS);
        columns(SYSTEMS);
        columns(UNSEEN);
        columns(NOTES);
        columns(LogDay::COLUMNS);
    }
}
