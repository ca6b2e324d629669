//! Prints the HTML reports to PDF with the browser: a page of each, the same words.

use anyhow::Context as _;
use crawler::{Browser, BrowserSettings, print_pdf};
use reports::ReportFile;

use crate::fault::Fault;

/// What names of PDF files end with.
pub(crate) const ENDING: &str = ".pdf";

/// A PDF of each HTML file among `files`.
pub(crate) fn print(files: &[ReportFile], settings: &BrowserSettings) -> anyhow::Result<Vec<ReportFile>> {
    let browser = Browser::launch(settings).map_err(no_pdf)?;
    let mut printed = Vec::new();
    for file in files {
        let Some(stem) = file.name.strip_suffix(".html") else { continue };
        let page = std::str::from_utf8(&file.bytes).with_context(|| format!("{} is no text", file.name))?;
        let bytes = print_pdf(&browser, page).map_err(no_pdf)?;
        printed.push(ReportFile { name: format!("{stem}{ENDING}"), bytes });
    }
    Ok(printed)
}

fn no_pdf(error: crawler::BrowserError) -> anyhow::Error {
    let help = error.help();
    anyhow::Error::from(error)
        .context(Fault::new("cannot print the reports as PDF; all others are written".to_owned(), help))
}
