//! Renders a [`Scan`]: JSON, HTML in Danish and English, the terminal, and JSON lines of sightings.
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
mod comparison;
mod conditions;
mod consent;
mod dossier;
mod explain;
mod facts;
mod headline;
mod html;
mod inert;
mod json;
mod jsonl;
mod lang;
mod live;
mod mending;
mod naming;
mod operator;
mod page_story;
#[cfg(test)]
mod registry_schema;
mod roles;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod schema;
mod story;
mod summary;
mod terminal;
mod texts;
mod verdict;
mod wrap;

use model::Scan;

pub use accepted::Accepted;
pub use card::{Card, Fact};
pub use explain::{Explanation, knows_score, knows_step};
pub use html::Html;
pub use inert::inert_line;
pub use json::Json;
pub use jsonl::jsonl;
pub use lang::{Lang, LangError};
pub use mending::Mending;
pub use story::finding_title;
pub use terminal::Terminal;

/// A report format: one file, one row in [`FORMATS`].
pub trait Format: Sync {
    /// What `--format` takes. Stable.
    fn id(&self) -> &'static str;

    /// The files of a scan's report, in a stable order; the one to open first is first.
    fn files(&self, scan: &Scan) -> Result<Vec<ReportFile>, ReportError>;
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
}

/// At most `max` characters of `text`, with nothing in it that steers a terminal.
pub fn inert(text: &str, max: usize) -> String {
    inert::Inert::short(text, max)
}

/// Every format, in the order that help lists them.
pub const FORMATS: &[&dyn Format] = &[&Json, &Html];

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
            assert!(!format.files(&scan).unwrap().is_empty(), "{}", format.id());
        }
    }

    #[test]
    fn the_same_scan_gives_the_same_bytes() {
        for format in FORMATS {
            assert_eq!(format.files(&sample::scan()).unwrap(), format.files(&sample::scan()).unwrap());
        }
    }
}
