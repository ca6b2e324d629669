//! The table of what logs tell by day: a row for each finding and day with transmissions.

use jiff::civil::Date;
use model::{Finding, Scan};

use super::{Cell, Column};
use crate::lang::Text;
use crate::logs::Logs;
use crate::naming::who;
use crate::story::finding_title;
use crate::summary::Extract;
use crate::texts::logs as t;
use crate::texts::{page, phrases as p};

/// A finding on a day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogDay<'a> {
    finding: &'a Finding,
    day: Date,
    sent: u64,
}

impl<'a> LogDay<'a> {
    /// Those of `scan`, finding by finding in order of time; none where there are no logs.
    pub(crate) fn all(scan: &'a Scan) -> Vec<Self> {
        let logs = Logs::of(&Extract::whole(scan));
        let findings = logs.into_iter().flat_map(|logs| logs.findings);
        findings
            .flat_map(|(finding, told)| {
                told.days.iter().map(move |(day, sent)| Self { finding, day: *day, sent: *sent })
            })
            .collect()
    }

    /// Its columns.
    pub(crate) const COLUMNS: &'a [Column<Self>] = &[
        Column { id: "day", name: t::DAY, width: 12, cell: |row, _, _| Cell::text(row.day.to_string()) },
        Column { id: "transmissions", name: page::TRANSMISSIONS, width: 13, cell: |row, _, _| Cell::Number(row.sent) },
        Column {
            id: "recipient",
            name: p::RECIPIENT,
            width: 40,
            cell: |row, _, _| Cell::text(who(&row.finding.recipient)),
        },
        Column {
            id: "title",
            name: Text { da: "Fund", en: "Finding" },
            width: 60,
            cell: |row, _, lang| Cell::text(finding_title(row.finding, lang)),
        },
        Column {
            id: "rule",
            name: Text { da: "Regel", en: "Rule" },
            width: 28,
            cell: |row, _, _| Cell::text(row.finding.rule.as_str()),
        },
        Column {
            id: "evidence",
            name: p::EVIDENCE,
            width: 10,
            cell: |row, _, _| Cell::text(row.finding.evidence.map_or("", model::Evidence::as_str)),
        },
        Column {
            id: "fingerprint",
            name: page::FINGERPRINT,
            width: 36,
            cell: |row, _, _| Cell::inert(&row.finding.fingerprint),
        },
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use crate::sample;

    #[test]
    fn each_day_of_each_finding_is_a_row() {
        let scan = sample::logs();
        let rows = LogDay::all(&scan);
        assert_eq!(rows.len(), 280 + 100 + 27 + 1);
        let cells: Vec<Cell> = LogDay::COLUMNS.iter().map(|column| (column.cell)(&rows[0], &scan, Lang::En)).collect();
        let text = |text: &str| Cell::Text(text.to_owned());
        assert_eq!(cells[0], text("2025-02-02"));
        assert_eq!(cells[1], Cell::Number(6));
        assert_eq!(cells[2], text("Hosted Libraries LLC (hosted-libraries.test)"));
        assert!(LogDay::all(&sample::scan()).is_empty());
    }
}
