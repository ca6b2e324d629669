//! What the testers did, for a vendor's page: steps and notes in order of time, each with the findings seen in it.

use super::finding::FindingView;
use crate::inert::Inert;
use crate::lang::Lang;
use crate::naming::count;
use crate::session::{Told, told};
use crate::summary::Extract;
use crate::texts::session as t;

/// Rows on a page; a tester makes one a minute. `scan.json` has the others.
const MAX_ROWS: usize = 1_000;

/// Findings that a step leads to; the summary has them all.
const MAX_LINKS: usize = 20;

/// Characters of a fingerprint that tell findings apart.
const SHORT_FINGERPRINT: usize = 8;

/// The section of a page.
#[derive(Clone, Debug)]
pub(super) struct SessionView {
    pub(super) rows: Vec<Row>,
    /// How many more there are; empty when all are shown.
    pub(super) left: String,
    pub(super) has_testers: bool,
}

/// A step, note or pause.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) time: String,
    pub(super) tester: String,
    pub(super) kind: &'static str,
    pub(super) text: String,
    pub(super) findings: Vec<Link>,
    /// How many more, or that there is nothing; empty where neither is to be said.
    pub(super) rest: String,
}

/// A finding: its number where its card is on the page.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) number: Option<u64>,
    pub(super) fingerprint: String,
}

impl SessionView {
    /// `None` where testers did nothing but browse. `cards` are those of the page.
    pub(super) fn new<'a>(
        part: &Extract<'_>,
        cards: &(impl Iterator<Item = &'a FindingView> + Clone),
        lang: Lang,
    ) -> Option<Self> {
        let told = told(part, lang);
        if told.is_empty() {
            return None;
        }
        let left = told.len().saturating_sub(MAX_ROWS);
        let number =
            |fingerprint: &str| cards.clone().find(|card| card.fingerprint == fingerprint).map(|card| card.number);
        Some(Self {
            has_testers: told.iter().any(|told| !told.tester.is_empty()),
            rows: told.iter().take(MAX_ROWS).map(|told| row(told, &number, lang)).collect(),
            left: match (left, lang) {
                (0, Lang::Da | Lang::En) => String::new(),
                (_, Lang::Da) => format!("… og {} til, i scan.json", lang.number(count(left))),
                (_, Lang::En) => format!("… and {} more, in scan.json", lang.number(count(left))),
            },
        })
    }
}

fn row(told: &Told<'_>, number: &impl Fn(&str) -> Option<u64>, lang: Lang) -> Row {
    let more = told.more.saturating_add(count(told.findings.len().saturating_sub(MAX_LINKS)));
    let rest = match (more, told.is_quiet) {
        (0, true) => t::NOTHING.to(lang).to_owned(),
        (0, false) => String::new(),
        (more, true | false) => format!("… +{}", lang.number(more)),
    };
    let links = told.findings.iter().take(MAX_LINKS).map(|finding| {
        let fingerprint = Inert::new(&finding.fingerprint).to_string();
        Link { number: number(&fingerprint), fingerprint: fingerprint.chars().take(SHORT_FINGERPRINT).collect() }
    });
    Row {
        time: told.time.clone(),
        tester: told.tester.clone(),
        kind: told.kind,
        text: told.text.clone(),
        findings: links.collect(),
        rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn more_than_fits_is_counted() {
        let mut scan = sample::session();
        scan.notes = scan.notes.iter().cycle().take(MAX_ROWS + 7).cloned().collect();
        let view = SessionView::new(&Extract::whole(&scan), &std::iter::empty(), Lang::En).unwrap();
        assert_eq!((view.rows.len(), view.left.as_str()), (MAX_ROWS, "… and 7 more, in scan.json"));
    }

    #[test]
    fn a_step_without_findings_says_so_and_one_with_too_many_counts_them() {
        let mut scan = sample::session();
        scan.notes[1].more_findings = 3;
        let view = SessionView::new(&Extract::whole(&scan), &std::iter::empty(), Lang::Da).unwrap();
        let rest: Vec<&str> = view.rows.iter().map(|row| row.rest.as_str()).collect();
        assert_eq!(rest, ["intet fundet", "… +3", "", "", ""]);
    }
}
