//! `cprvagt.md`: a summary in Markdown, for the page of a CI run (`$GITHUB_STEP_SUMMARY`, a comment on a merge request).
//!
//! What came from a site stands in code spans or is escaped: it makes no link, no image, no HTML and calls nobody.

use std::fmt::Write as _;

use model::{BlindSpotKind, BlindSpotRecord, Finding, Scan};

use crate::closing::{more_findings, next_step};
use crate::headline::{headline, lede};
use crate::inert::Inert;
use crate::lang::Lang;
use crate::logs::{Logs, sentence};
use crate::message::Message;
use crate::naming::count;
use crate::session::told;
use crate::summary::{Extract, is_possible};
use crate::texts::blind_spots::blind_spot;
use crate::texts::details::detail;
use crate::texts::{logs as l, page as t, phrases as p, session as s};
use crate::verdict::verdict;
use crate::{Choices, Format, ReportError, ReportFile};

/// The format `markdown`.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

const NAME: &str = "cprvagt.md";

/// GitHub refuses a step's summary of more than 1 MiB; other steps write to the same page.
const MAX_BYTES: usize = 900 * 1024;

/// More systems are counted.
const MAX_SYSTEMS: usize = 200;

/// More findings are counted: who reads a hundred on such a page opens the report.
const MAX_FINDINGS: usize = 100;

/// Steps and notes of a session by hand; more are counted.
const MAX_NOTES: usize = 200;

/// Places named of each kind that was not seen.
const MAX_PLACES: usize = 5;

/// Longest code span and longest name.
const MAX_SPAN: usize = 200;

impl Format for Markdown {
    fn id(&self) -> &'static str {
        "markdown"
    }

    fn about(&self) -> &'static str {
        "a summary for the page of a CI run"
    }

    fn names(&self) -> &'static [&'static str] {
        &[NAME]
    }

    fn files(&self, scan: &Scan, choices: Choices) -> Result<Vec<ReportFile>, ReportError> {
        Ok(vec![ReportFile { name: NAME.to_owned(), bytes: text(scan, choices.lang).into_bytes() }])
    }
}

fn text(scan: &Scan, lang: Lang) -> String {
    let whole = Extract::whole(scan);
    let mut out = format!("## cprvagt: {}\n\n", words(&headline(&whole, lang)));
    for sentence in lede(&whole, lang) {
        let _ = writeln!(out, "{}", words(&sentence));
    }
    systems(&mut out, &whole, lang);
    logs(&mut out, &whole, lang);
    session(&mut out, &whole, lang);
    let mut tail = String::new();
    not_seen(&mut tail, &whole, lang);
    let _ = writeln!(tail, "\n**{}**", words(&next_step(&whole, lang)));
    findings(&mut out, scan, MAX_BYTES.saturating_sub(tail.len()), lang);
    out + &tail
}

fn systems(out: &mut String, whole: &Extract<'_>, lang: Lang) {
    let heads = [t::SYSTEM, t::VERDICT, t::FINDINGS, t::UNSEEN].map(|head| head.to(lang));
    let _ = writeln!(out, "\n| {} |\n|---|---|---:|---:|", heads.join(" | "));
    for system in whole.systems.iter().take(MAX_SYSTEMS) {
        let part = Extract::of_system(whole.scan, system);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            words(&Inert::short(system.name.as_str(), MAX_SPAN)),
            verdict(system, &part).label.to(lang),
            lang.number(count(part.findings.len())),
            lang.number(part.unseen())
        );
    }
    let left = whole.systems.len().saturating_sub(MAX_SYSTEMS);
    if left > 0 {
        let _ = writeln!(out, "\n… +{}", p::SYSTEMS.of(count(left), lang));
    }
}

/// What logs answer; their files are in the other reports.
fn logs(out: &mut String, whole: &Extract<'_>, lang: Lang) {
    let Some(logs) = Logs::of(whole) else { return };
    let _ = writeln!(out, "\n### {}\n", words(l::HEADING.to(lang)));
    for told in logs.told(lang) {
        let _ = writeln!(out, "- {}", words(&sentence(&told)));
    }
    for told in logs.coverage(lang) {
        let _ = writeln!(out, "- {}", words(&told));
    }
}

/// What the testers did, with the findings of each step.
fn session(out: &mut String, whole: &Extract<'_>, lang: Lang) {
    let told = told(whole, lang);
    if told.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n### {}\n", words(s::HEADING.to(lang)));
    for told in told.iter().take(MAX_NOTES) {
        let found = count(told.findings.len()).saturating_add(told.more);
        let found = match (found, told.is_quiet) {
            (0, true) => format!(" – {}", s::NOTHING.to(lang)),
            (0, false) => String::new(),
            (found, _) => format!(" – {}", p::FINDINGS.of(found, lang)),
        };
        let _ = writeln!(out, "- {}{found}", words(&told.line()));
    }
    let left = told.len().saturating_sub(MAX_NOTES);
    if left > 0 {
        let _ = writeln!(out, "- … +{}", lang.number(count(left)));
    }
}

/// As many as there is room for, the worst first; mere dates are counted last.
fn findings(out: &mut String, scan: &Scan, room: usize, lang: Lang) {
    let (possible, shown): (Vec<&Finding>, Vec<&Finding>) =
        scan.findings.iter().partition(|finding| is_possible(finding));
    if shown.is_empty() && possible.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n### {}", t::FINDINGS.to(lang));
    let mut told = 0;
    for finding in shown.iter().take(MAX_FINDINGS) {
        let item = item(finding, scan, lang);
        if out.len().saturating_add(item.len()) > room {
            break;
        }
        out.push_str(&item);
        told += 1;
    }
    let left = shown.len().saturating_sub(told);
    if left > 0 {
        let _ = writeln!(out, "\n{}", words(&more_findings(count(left), lang)));
    }
    if !possible.is_empty() {
        let _ = writeln!(out, "\n{}", words(&crate::closing::possible(&possible, lang)));
    }
}

/// A finding of `scan` as the text of an issue, numbers masked as everywhere.
pub fn issue_text(finding: &Finding, scan: &Scan, lang: Lang) -> String {
    let message = Message::new(finding, scan, lang);
    let (severity, rule, fingerprint) = (&message.severity, message.rule, &message.fingerprint);
    let title = words(&message.title);
    let mut text = format!("## {title}\n\n**{severity}** · {rule} · {}\n\n", words(fingerprint));
    let _ = writeln!(text, "{}\n", words(&message.story));
    lines(&mut text, &message);
    text
}

fn item(finding: &Finding, scan: &Scan, lang: Lang) -> String {
    let message = Message::new(finding, scan, lang);
    let (severity, rule, fingerprint) = (&message.severity, message.rule, &message.fingerprint);
    let mut item = format!("\n**{severity}: {}** ({rule}, {})\n\n", words(&message.title), words(fingerprint));
    let _ = writeln!(item, "{}\n", words(&message.story));
    lines(&mut item, &message);
    item
}

fn lines(out: &mut String, message: &Message) {
    for line in &message.lines {
        let value = Inert::short(line.value.trim_start(), MAX_SPAN);
        let value = if line.is_code { code(&value) } else { words(&value) };
        let _ = writeln!(out, "- {}: {value}", line.label);
    }
}

fn not_seen(out: &mut String, whole: &Extract<'_>, lang: Lang) {
    if whole.blind_spots.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n### {}\n", t::NOT_SEEN.to(lang));
    for kind in BlindSpotKind::ALL {
        let spots: Vec<&BlindSpotRecord> = whole.blind_spots.iter().copied().filter(|spot| spot.kind == kind).collect();
        if spots.is_empty() {
            continue;
        }
        let text = blind_spot(kind);
        let _ = writeln!(out, "- **{}** ({}): {}", text.title.to(lang), kind.as_str(), words(text.meaning.to(lang)));
        for spot in spots.iter().take(MAX_PLACES) {
            let more = Inert::short(&detail(spot.detail.as_str(), lang).text, MAX_SPAN);
            let (times, place) = (lang.number(spot.count), code(&Inert::short(spot.place.as_str(), MAX_SPAN)));
            let _ = writeln!(out, "  - {times} × {place}: {}", words(&more));
        }
        let left = spots.len().saturating_sub(MAX_PLACES);
        if left > 0 {
            let _ = writeln!(out, "  - … +{}", lang.number(count(left)));
        }
    }
}

/// Text that shows as it is (`CommonMark` §2.4). Addresses are not made links, and nobody is called by an `@`.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut before = String::new();
    while let Some(c) = rest.next() {
        let escapes = match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '<' | '>' | '#' | '!' | '|' | '~' | '&'
            | '$' => true,
            ':' => rest.peek() == Some(&'/'),
            '.' => before.eq_ignore_ascii_case("www"),
            _ => false,
        };
        if escapes {
            out.push('\\');
        }
        out.push(if c == '@' { '＠' } else { c });
        if c.is_alphanumeric() { before.push(c) } else { before.clear() }
    }
    out
}

/// A code span (`CommonMark` §6.1): longer quotes than any within.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let quotes = "`".repeat(longest + 1);
    if text.is_empty() { String::new() } else { format!("{quotes} {text} {quotes}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_sample_as_markdown() {
        insta::assert_snapshot!(text(&sample::scan(), Lang::En));
    }

    #[test]
    fn a_finding_is_an_issue_that_stands_alone() {
        let scan = sample::scan();
        insta::assert_snapshot!(issue_text(&scan.findings[0], &scan, Lang::En));
    }

    #[test]
    fn what_logs_answer_is_told() {
        let text = text(&sample::logs(), Lang::En);
        let told = text.split("### Logs\n\n").nth(1).unwrap().split("\n\n").next().unwrap();
        assert!(told.starts_with("- 4,735 different persons' numbers in 9,162 transmissions"), "{told}");
        assert!(told.contains("- Of 62 days in between no log has a line"), "{told}");
        assert_eq!(told.lines().count(), 6, "{told}");
    }

    #[test]
    fn text_from_a_site_is_only_text() {
        assert_eq!(words("[a](https://b.test)"), "\\[a\\]\\(https\\://b.test\\)");
        assert_eq!(words("<b> www.b.test @alle $x$"), "\\<b\\> www\\.b.test ＠alle \\$x\\$");
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(code(""), "");
    }

    #[test]
    fn it_fits_a_step_summary_and_says_what_is_left() {
        let mut scan = sample::hostile();
        // Of the texts of a megabyte one in each finding will do: three thousand fill the memory of a machine.
        for finding in &mut scan.findings {
            finding.tests.truncate(1);
            finding.request = finding.page.clone();
        }
        let all: Vec<Finding> = scan.findings.iter().cycle().take(3_000).cloned().collect();
        scan.findings = all;
        for lang in Lang::ALL {
            let text = text(&scan, lang);
            assert!(text.len() <= MAX_BYTES, "{}", text.len());
            assert!(text.contains("2.400") || text.contains("2,400"), "2,500 cards but for the first hundred");
        }
    }
}
