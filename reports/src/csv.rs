//! `cprvagt.csv`: the findings, a row for each, every cell quoted (RFC 4180), for spreadsheets that take what begins with
//! `=` for a formula. In Danish as Danish spreadsheets expect it: a byte order mark and semicolons.
//!
//! The ids of the columns are the same in both languages. No column holds a fraction, so there is no decimal comma to
//! write.

use model::Scan;

use crate::lang::Lang;
use crate::tables::{Cell, FINDINGS};
use crate::{Choices, Format, ReportError, ReportFile};

/// The format `csv`.
#[derive(Clone, Copy, Debug)]
pub struct Csv;

const NAME: &str = "cprvagt.csv";

/// Tells a spreadsheet that the file is UTF-8.
const MARK: char = '\u{feff}';

/// What makes a formula of a cell, at its beginning: also in the wide forms that some spreadsheets take for the same.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

impl Format for Csv {
    fn id(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> &'static str {
        "a row per finding; in Danish with semicolons"
    }

    fn names(&self) -> &'static [&'static str] {
        &[NAME]
    }

    fn files(&self, scan: &Scan, choices: Choices) -> Result<Vec<ReportFile>, ReportError> {
        Ok(vec![ReportFile { name: NAME.to_owned(), bytes: text(scan, choices.lang).into_bytes() }])
    }
}

fn text(scan: &Scan, lang: Lang) -> String {
    let mut out = String::new();
    let separator = match lang {
        Lang::Da => {
            out.push(MARK);
            ';'
        }
        Lang::En => ',',
    };
    row(&mut out, separator, FINDINGS.iter().map(|column| Cell::Text(column.id.to_owned())));
    for finding in &scan.findings {
        row(&mut out, separator, FINDINGS.iter().map(|column| (column.cell)(finding, scan, lang)));
    }
    out
}

fn row(out: &mut String, separator: char, cells: impl Iterator<Item = Cell>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(separator);
        }
        out.push('"');
        match cell {
            Cell::Text(text) => out.push_str(&safe(&text)),
            Cell::Number(number) => out.push_str(&number.to_string()),
        }
        out.push('"');
    }
    out.push_str("\r\n");
}

/// A quote in front of what would be a formula; quotes doubled.
fn safe(text: &str) -> String {
    let text = text.replace('"', "\"\"");
    // Some spreadsheets pass over blanks before they look.
    if text.trim_start().starts_with(FORMULA) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_sample_as_csv() {
        insta::assert_snapshot!(text(&sample::scan(), Lang::En));
    }

    #[test]
    fn in_danish_it_is_as_danish_spreadsheets_read_it() {
        let text = text(&sample::scan(), Lang::Da);
        assert!(text.starts_with("\u{feff}\"fingerprint\";\"rule\";"), "{}", text.chars().take(40).collect::<String>());
        assert!(text.contains("\";\"nej\";"), "{text}");
        assert_eq!(text.matches("\r\n").count(), 1 + sample::scan().findings.len());
    }

    #[track_caller]
    fn case(cell: &str, expected: &str) {
        assert_eq!(safe(cell), expected);
    }

    #[test]
    fn what_would_be_a_formula_is_text() {
        case("=1+1", "'=1+1");
        case("+45", "'+45");
        case("-1", "'-1");
        case("@SUM(A1)", "'@SUM(A1)");
        case("  =1", "'  =1");
        case("＝1", "'＝1");
        case("a=1", "a=1");
    }

    #[test]
    fn a_quote_ends_no_cell() {
        case("a\",\"=1", "a\"\",\"\"=1");
        case("\"=1", "\"\"=1");
    }
}
