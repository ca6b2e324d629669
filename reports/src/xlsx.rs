//! `cprvagt.xlsx`: the tables as a workbook, for those who sort and filter. Texts are written as texts: no cell is a
//! formula or a link, whatever it begins with.

use jiff::Timestamp;
use model::Scan;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as Look, Workbook, Worksheet, XlsxError};

use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::naming::count;
use crate::tables::{Cell, Column, FINDINGS, LogDay, NOTES, Received, SYSTEMS, UNSEEN};
use crate::{Choices, Format, ReportError, ReportFile};

/// The format `xlsx`.
#[derive(Clone, Copy, Debug)]
pub struct Xlsx;

const NAME: &str = "cprvagt.xlsx";

/// More rows of a sheet are counted: a sheet holds a million, and programs are slow long before.
const MAX_ROWS: usize = 50_000;

const NAMES: [Text; 6] = [
    Text { da: "Fund", en: "Findings" },
    Text { da: "Modtagere", en: "Recipients" },
    Text { da: "Systemer", en: "Systems" },
    Text { da: "Ikke set", en: "Not seen" },
    Text { da: "Trin og noter", en: "Steps and notes" },
    Text { da: "Logfiler pr. dag", en: "Logs by day" },
];

impl Format for Xlsx {
    fn id(&self) -> &'static str {
        "xlsx"
    }

    fn about(&self) -> &'static str {
        "a workbook: findings, recipients, systems, what was not seen"
    }

    fn names(&self) -> &'static [&'static str] {
        &[NAME]
    }

    fn files(&self, scan: &Scan, choices: Choices) -> Result<Vec<ReportFile>, ReportError> {
        Ok(vec![ReportFile { name: NAME.to_owned(), bytes: bytes(scan, choices.lang)? }])
    }
}

fn bytes(scan: &Scan, lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The scan's time and not the machine's: the same scan gives the same bytes.
    book.set_properties(
        &DocProperties::new()
            .set_title(format!("cprvagt {}", Inert::short(&scan.id, 40)))
            .set_author(Inert::short(&scan.tool.name, 40))
            .set_creation_datetime(&excel_time(scan.started)),
    );
    let [findings, recipients, systems, unseen, notes, by_day] = NAMES.map(|name| name.to(lang));
    let received: Vec<_> = scan
        .systems
        .iter()
        .flat_map(|system| system.coverage.recipients.iter().map(move |got| Received { system, got }))
        .collect();
    sheet(book.add_worksheet().set_name(findings)?, FINDINGS, &scan.findings, scan, lang)?;
    sheet(book.add_worksheet().set_name(recipients)?, Received::COLUMNS, &received, scan, lang)?;
    sheet(book.add_worksheet().set_name(systems)?, SYSTEMS, &scan.systems, scan, lang)?;
    sheet(book.add_worksheet().set_name(unseen)?, UNSEEN, &scan.blind_spots, scan, lang)?;
    // Only a session by hand has them.
    if !scan.notes.is_empty() {
        sheet(book.add_worksheet().set_name(notes)?, NOTES, &scan.notes, scan, lang)?;
    }
    // Only logs have them.
    let days = LogDay::all(scan);
    if !days.is_empty() {
        sheet(book.add_worksheet().set_name(by_day)?, LogDay::COLUMNS, &days, scan, lang)?;
    }
    book.save_to_buffer()
}

fn sheet<Row>(
    sheet: &mut Worksheet,
    columns: &[Column<Row>],
    rows: &[Row],
    scan: &Scan,
    lang: Lang,
) -> Result<(), XlsxError> {
    let head = Look::new().set_bold().set_text_wrap();
    let body = Look::new().set_text_wrap().set_align(rust_xlsxwriter::FormatAlign::Top);
    let mut last = 0;
    for (column, at) in columns.iter().zip(0_u16..) {
        sheet.set_column_width(at, column.width)?;
        sheet.write_string_with_format(0, at, column.name.to(lang), &head)?;
        for (row, line) in rows.iter().take(MAX_ROWS).zip(1_u32..) {
            write(sheet, (line, at), (column.cell)(row, scan, lang), &body)?;
            last = line;
        }
    }
    let width = u16::try_from(columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
    sheet.autofilter(0, 0, last, width)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_landscape().set_repeat_rows(0, 0)?;
    let left = rows.len().saturating_sub(MAX_ROWS);
    if left > 0 {
        let more = match lang {
            Lang::Da => format!("… og {} rækker til, i scan.json", lang.number(count(left))),
            Lang::En => format!("… and {} more rows, in scan.json", lang.number(count(left))),
        };
        sheet.write_string(last + 1, 0, more)?;
    }
    Ok(())
}

fn write(sheet: &mut Worksheet, at: (u32, u16), cell: Cell, look: &Look) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) if text.is_empty() => {}
        Cell::Text(text) => {
            sheet.write_string_with_format(at.0, at.1, text, look)?;
        }
        Cell::Number(number) => match u32::try_from(number) {
            Ok(number) => {
                sheet.write_number_with_format(at.0, at.1, number, look)?;
            }
            // A spreadsheet's numbers lose their last digits.
            Err(_) => {
                sheet.write_string_with_format(at.0, at.1, number.to_string(), look)?;
            }
        },
    }
    Ok(())
}

/// A time before 1900 or after 9999 is none to a spreadsheet.
fn excel_time(time: Timestamp) -> ExcelDateTime {
    ExcelDateTime::from_timestamp(time.as_second()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn it_is_a_package_of_its_own_and_the_same_each_time() {
        let book = |lang| bytes(&sample::scan(), lang).unwrap();
        assert!(book(Lang::Da).starts_with(b"PK\x03\x04"));
        assert_eq!(book(Lang::Da), book(Lang::Da));
        assert_ne!(book(Lang::Da), book(Lang::En));
    }

    #[test]
    fn logs_have_a_sheet_by_day() {
        // A session by hand alone has the fifth besides. A name in a package stands before its file, and at the end.
        let sheets = |scan: &Scan| {
            let book = bytes(scan, Lang::En).unwrap();
            book.windows(20).filter(|part| *part == b"xl/worksheets/sheet5").count()
        };
        let mut without = sample::logs();
        without.logs = None;
        assert_eq!((sheets(&sample::logs()), sheets(&without)), (2, 0));
    }

    #[test]
    fn hostile_text_fits_its_cells() {
        assert!(bytes(&sample::hostile(), Lang::En).unwrap().len() < 200_000);
    }

    #[test]
    fn a_scan_of_nothing_is_a_workbook_too() {
        let mut scan = sample::bare();
        scan.findings.clear();
        scan.blind_spots.clear();
        scan.systems.clear();
        scan.started = Timestamp::MIN;
        assert!(!bytes(&scan, Lang::Da).unwrap().is_empty());
    }
}
