//! What logs answer, for a vendor's page: how many citizens, since when, to whom, and what was read to know it.

use std::collections::BTreeMap;

use model::{Finding, LogFile, LogFinding};

use super::finding::FindingView;
use super::log_figure::LogFigure;
use crate::inert::Inert;
use crate::lang::Lang;
use crate::logs::{Logs, assumed, sentence};
use crate::naming::{count, who};
use crate::story::finding_title;
use crate::summary::Extract;
use crate::texts::logs as t;
use crate::texts::terms;

/// Findings in the table, the worst; `scan.json` has the others.
const MAX_FINDINGS: usize = 200;

/// Logs in the table: a log a day of half a year. `scan.json` has the others.
const MAX_FILES: usize = 200;

/// The section of a page.
#[derive(Clone, Debug)]
pub(super) struct LogsView {
    /// The answer; empty where no number was seen in the logs.
    pub(super) sentences: Vec<String>,
    pub(super) figure: Option<LogFigure>,
    /// What the logs can say nothing of.
    pub(super) coverage: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// How many more there are; empty when all are shown.
    pub(super) left: String,
    pub(super) files: Vec<FileRow>,
    pub(super) files_left: String,
    pub(super) has_assumed: bool,
}

/// A finding in the table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// That of its card, where that is on the page.
    pub(super) number: Option<u64>,
    pub(super) title: String,
    pub(super) recipient: String,
    pub(super) standing: &'static str,
    pub(super) transmissions: u64,
    pub(super) persons: u64,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) days: u64,
    pub(super) by_robots: u64,
    pub(super) answers: Vec<String>,
}

/// A log in the table.
#[derive(Clone, Debug)]
pub(super) struct FileRow {
    pub(super) name: String,
    pub(super) format: String,
    pub(super) lines: u64,
    pub(super) judged: u64,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) days_missing: u64,
    pub(super) assumed: String,
}

impl LogsView {
    /// `None` where no logs were read. `cards` are those of the page.
    pub(super) fn new<'a>(
        part: &Extract<'_>,
        cards: &(impl Iterator<Item = &'a FindingView> + Clone),
        lang: Lang,
    ) -> Option<Self> {
        let logs = Logs::of(part)?;
        let number = |finding: &Finding| {
            let fingerprint = Inert::new(&finding.fingerprint).to_string();
            cards.clone().find(|card| card.fingerprint == fingerprint).map(|card| card.number)
        };
        let (shown, all) = (logs.findings.iter().take(MAX_FINDINGS), logs.findings.len());
        let files = &logs.answer.files;
        let hidden = files.get(MAX_FILES..).unwrap_or_default();
        Some(Self {
            sentences: logs.told(lang).iter().map(|told| sentence(told)).collect(),
            figure: LogFigure::new(&logs, lang),
            coverage: logs.coverage(lang),
            rows: shown.map(|(finding, told)| row(finding, told, number(finding), lang)).collect(),
            left: match (all.saturating_sub(MAX_FINDINGS), lang) {
                (0, Lang::Da | Lang::En) => String::new(),
                (left, Lang::Da) => format!("… og {} fund til, i scan.json", lang.number(count(left))),
                (left, Lang::En) => format!("… and {} more findings, in scan.json", lang.number(count(left))),
            },
            files: files.iter().take(MAX_FILES).map(|file| file_row(file, lang)).collect(),
            files_left: files_left(hidden, lang),
            has_assumed: files.iter().take(MAX_FILES).any(|file| !file.assumed.is_empty()),
        })
    }
}

fn row(finding: &Finding, told: &LogFinding, number: Option<u64>, lang: Lang) -> Row {
    let day = |day: Option<&jiff::civil::Date>| day.map_or_else(|| "–".to_owned(), |day| t::day(*day, lang));
    Row {
        number,
        title: finding_title(finding, lang),
        recipient: who(&finding.recipient),
        standing: terms::standing(finding.recipient.standing).to(lang),
        transmissions: finding.transmissions,
        persons: finding.persons,
        first: day(told.days.keys().next()),
        last: day(told.days.keys().next_back()),
        days: count(told.days.len()),
        by_robots: told.by_robots,
        answers: answers(&told.statuses, lang),
    }
}

/// `2xx 9,153`, `5xx 2`: how often each class was answered.
fn answers(statuses: &BTreeMap<u16, u64>, lang: Lang) -> Vec<String> {
    // Those without a class come last.
    let mut classes: BTreeMap<u16, u64> = BTreeMap::new();
    for (status, answered) in statuses {
        let class = Some(status / 100).filter(|class| (1..=5).contains(class)).unwrap_or(u16::MAX);
        let sum = classes.entry(class).or_default();
        *sum = sum.saturating_add(*answered);
    }
    let told = classes.into_iter().map(|(class, answered)| match class {
        u16::MAX => format!("{} {}", t::OTHER_ANSWERS.to(lang), lang.number(answered)),
        _ => format!("{class}xx {}", lang.number(answered)),
    });
    told.collect()
}

fn file_row(file: &LogFile, lang: Lang) -> FileRow {
    let moment = |time: Option<jiff::Timestamp>| time.map_or_else(|| "–".to_owned(), |time| lang.moment(time));
    FileRow {
        name: Inert::short(file.name.as_str(), 120),
        format: Inert::short(&file.format, 60),
        lines: file.lines,
        judged: file.judged,
        first: moment(file.first),
        last: moment(file.last),
        days_missing: file.days_missing,
        assumed: assumed(file, lang),
    }
}

/// What is said of logs that the table has no room for.
fn files_left(hidden: &[LogFile], lang: Lang) -> String {
    if hidden.is_empty() {
        return String::new();
    }
    let lines = hidden.iter().fold(0, |sum: u64, file| sum.saturating_add(file.lines));
    let (files, lines) = (t::FILES.of(count(hidden.len()), lang), t::LINES.of(lines, lang));
    match lang {
        Lang::Da => format!("… og {files} til med {lines}, i scan.json"),
        Lang::En => format!("… and {files} more with {lines}, in scan.json"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn findings_are_told_with_days_and_answers() {
        let scan = sample::logs();
        let view = LogsView::new(&Extract::whole(&scan), &std::iter::empty(), Lang::En).unwrap();
        let own = view.rows.iter().find(|row| row.recipient == "tastselv.test").unwrap();
        assert_eq!((own.transmissions, own.persons, own.days, own.by_robots), (8_400, 3_315, 280, 40));
        assert_eq!((own.first.as_str(), own.last.as_str()), ("2 Feb 2025", "20 Feb 2026"));
        assert_eq!(own.answers, ["2xx 8,391", "3xx 6", "5xx 2", "others 1"]);
        assert_eq!((view.rows.len(), view.files.len()), (4, 2));
        assert_eq!((view.left.as_str(), view.files_left.as_str()), ("", ""));
        assert_eq!(view.files[0].days_missing, 31);
    }

    #[test]
    fn more_than_fits_is_counted() {
        let mut scan = sample::logs();
        let answer = scan.logs.as_mut().unwrap();
        answer.files = vec![answer.files[0].clone(); MAX_FILES + 2];
        scan.findings = vec![scan.findings[1].clone(); MAX_FINDINGS + 7];
        let view = LogsView::new(&Extract::whole(&scan), &std::iter::empty(), Lang::Da).unwrap();
        assert_eq!((view.rows.len(), view.files.len()), (MAX_FINDINGS, MAX_FILES));
        assert_eq!(view.left, "… og 7 fund til, i scan.json");
        assert_eq!(view.files_left, "… og 2 logfiler til med 2.400.000 linjer, i scan.json");
    }

    #[test]
    fn without_logs_there_is_no_section_and_without_findings_one_that_says_so() {
        let view = |scan: &_| LogsView::new(&Extract::whole(scan), &std::iter::empty(), Lang::En);
        assert!(view(&sample::scan()).is_none());
        let mut scan = sample::logs();
        scan.findings.clear();
        let view = view(&scan).unwrap();
        assert!(view.sentences.is_empty() && view.rows.is_empty() && view.figure.is_none());
        assert_eq!((view.files.len(), view.coverage.len()), (2, 2));
    }
}
