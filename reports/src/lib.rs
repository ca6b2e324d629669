//! Renders a [`Scan`]: JSON, HTML in Danish and English, the terminal, JSON lines of sightings, and what machines and
//! spreadsheets read: SARIF, `JUnit`, Code Quality, CSV, XLSX, Markdown.
//!
//! Pure: a scan in, bytes out; writing them is for `src/`. All formats share one wording ([`Card`]) in one table of
//! texts, and treat what came from an audited site as hostile: it is shown, and it does nothing.
//!
//! ```
//! let html = reports::FORMATS.iter().find(|format| format.id() == "html");
//! assert!(html.is_some());
//! ```

mod accepted;
mod card;
mod closing;
mod code_quality;
mod comparison;
mod conditions;
mod consent;
mod csv;
mod dossier;
mod explain;
mod facts;
mod headline;
mod html;
mod inert;
mod json;
mod jsonl;
mod junit;
mod lang;
mod live;
mod logs;
mod markdown;
mod mending;
mod message;
mod naming;
mod operator;
mod overview;
mod page_story;
mod persons;
mod pictures;
mod place;
mod processors;
#[cfg(test)]
mod registry_schema;
mod roles;
mod rules_page;
#[cfg(test)]
mod sample;
mod sarif;
#[cfg(test)]
mod schema;
mod story;
mod summary;
mod tables;
mod terminal;
mod texts;
mod timeline;
mod verdict;
mod wrap;
mod xlsx;

use model::{Scan, Severity};

pub use accepted::Accepted;
pub use card::{Card, Fact};
pub use code_quality::CodeQuality;
pub use csv::Csv;
pub use explain::{Explanation, knows_score, knows_step};
pub use html::{Html, overview_files};
pub use inert::inert_line;
pub use json::Json;
pub use jsonl::jsonl;
pub use junit::Junit;
pub use lang::{Lang, LangError};
pub use markdown::Markdown;
pub use mending::Mending;
pub use message::proof;
pub use pictures::Pictures;
pub use rules_page::rules_page;
pub use sarif::Sarif;
pub use story::finding_title;
pub use terminal::Terminal;
pub use xlsx::Xlsx;

/// A report format: one file, one row in [`FORMATS`].
pub trait Format: Sync {
    /// What `--format` takes. Stable.
    fn id(&self) -> &'static str;

    /// What it is and for whom, in a line of help.
    fn about(&self) -> &'static str;

    /// The names of its files, where they are the same in every run and are written only when asked for: what an earlier
    /// run left under them is no report of this one.
    fn names(&self) -> &'static [&'static str] {
        &[]
    }

    /// The files of a scan's report, in a stable order; the one to open first is first.
    fn files(&self, scan: &Scan, choices: Choices) -> Result<Vec<ReportFile>, ReportError>;
}

/// What a format does in one way or another as it is asked. HTML is written in both languages, and `scan.json` in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choices {
    /// The language of a format that has one.
    pub lang: Lang,
    /// From which severity on a finding is a failure; `None` for never.
    pub fail_on: Option<Severity>,
}

/// A file of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// Its name, without folder: ASCII letters, digits, `-`, `_` and `.` only.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why a scan could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The scan does not serialise.
    #[error("cannot write the scan as JSON")]
    Json(#[from] serde_json::Error),
    /// A page's template failed.
    #[error("cannot render the page {0}")]
    Page(String, #[source] askama::Error),
    /// The `JUnit` report does not serialise.
    #[error("cannot write the report as JUnit XML")]
    Junit(#[from] quick_junit::SerializeError),
    /// The workbook cannot be made.
    #[error("cannot write the workbook")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// A picture is no base64.
    #[error("cannot write the picture {0}")]
    Picture(String, #[source] data_encoding::DecodeError),
}

/// At most `max` characters of `text`, with nothing in it that steers a terminal.
pub fn inert(text: &str, max: usize) -> String {
    inert::Inert::short(text, max)
}

/// Every format, in the order that help lists them.
pub const FORMATS: &[&dyn Format] = &[&Json, &Html, &Pictures, &Sarif, &Junit, &CodeQuality, &Csv, &Xlsx, &Markdown];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn every_format_has_an_id_of_its_own_and_files() {
        let scan = sample::scan();
        let mut ids: Vec<&str> = FORMATS.iter().map(|format| format.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), FORMATS.len());
        for format in FORMATS {
            assert!(!format.files(&scan, sample::IN_ENGLISH).unwrap().is_empty(), "{}", format.id());
        }
    }

    #[test]
    fn the_same_scan_gives_the_same_bytes() {
        for format in FORMATS {
            let files = || format.files(&sample::scan(), sample::IN_DANISH).unwrap();
            assert_eq!(files(), files(), "{}", format.id());
        }
    }
}
