//! A scan for people at a terminal: finding cards worst first, a verdict per system, what was not seen, and a last
//! line that says what to do next. Makes sense without colour.

use std::fmt::Write as _;

use model::{BlindSpotKind, BlindSpotRecord, Finding, Scan, Severity};

use crate::accepted::baseline;
use crate::closing::{covered, more_findings, next_step, possible, self_test};
use crate::conditions::conditions;
use crate::headline::{headline, lede};
use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::logs;
use crate::message::{Message, short};
use crate::naming::count;
use crate::session::told;
use crate::story::finding_title;
use crate::summary::{Extract, Instrument, instrument, is_possible};
use crate::texts::blind_spots::blind_spot;
use crate::texts::details::detail;
use crate::texts::phrases::FINDINGS;
use crate::texts::{logs as in_logs, page, session, terms};
use crate::verdict::{Tone, verdict};
use crate::wrap::{width_of, wrap};

/// Narrower than this nothing is readable; wider than the other the eye loses the line.
const MIN_WIDTH: usize = 40;
const MAX_WIDTH: usize = 120;

/// More cards than this nobody scrolls back through; the rest are counted, and are all in the HTML report.
const MAX_CARDS: usize = 20;

/// Places of one kind of blind spot that are named; the rest are counted, and are all in the HTML report.
const MAX_PLACES: usize = 5;

/// Steps and notes of a session by hand that are shown; the rest are counted, and are all in the HTML report.
const MAX_NOTES: usize = 40;

/// Columns between what stands side by side.
const GAP: usize = 2;

/// Renders a scan as text for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// The language.
    pub lang: Lang,
    /// Whether to colour it.
    pub color: bool,
    /// The terminal's width; lines are at most this, and at least 40 and at most 120 columns.
    pub width: usize,
}

/// A line style; each stands for one thing.
#[derive(Clone, Copy)]
pub(crate) enum Style {
    Severity(Severity),
    Verdict(Tone),
    Strong,
    Faint,
    Plain,
}

/// A text under construction.
pub(crate) struct Page {
    pub(crate) out: String,
    color: bool,
    width: usize,
}

impl Terminal {
    /// The text, ending with a newline. No byte from an audited site steers the terminal.
    pub fn render(&self, scan: &Scan) -> String {
        let mut page = Page::new(*self);
        let whole = Extract::whole(scan);
        self.heading(&mut page, scan, &whole);
        self.changes(&mut page, scan);
        let (folded, shown): (Vec<&Finding>, Vec<&Finding>) =
            scan.findings.iter().partition(|finding| is_possible(finding));
        for finding in shown.iter().take(MAX_CARDS) {
            self.card(&mut page, finding, scan);
        }
        let left = shown.len().saturating_sub(MAX_CARDS);
        if left > 0 {
            page.text(0, Style::Plain, &more_findings(count(left), self.lang));
            page.blank();
        }
        if !folded.is_empty() {
            page.text(0, Style::Plain, &possible(&folded, self.lang));
            page.blank();
        }
        self.logs(&mut page, scan);
        self.systems(&mut page, &whole);
        self.session(&mut page, &whole);
        self.baseline(&mut page, &whole);
        self.blind_spots(&mut page, &whole);
        page.text(0, Style::Strong, &next_step(&whole, self.lang));
        page.out
    }

    fn heading(&self, page: &mut Page, scan: &Scan, whole: &Extract<'_>) {
        let mut first = vec![format!("{} {}", Inert::new(&scan.tool.name), Inert::new(&scan.tool.version))];
        first.extend(scan.controller.as_deref().map(|name| Inert::new(name).to_string()));
        first.push(self.lang.span(scan.started, scan.ended));
        page.text(0, Style::Faint, &first.join(" · "));
        page.blank();
        page.text(0, Style::Strong, &headline(whole, self.lang));
        for sentence in lede(whole, self.lang) {
            page.text(0, Style::Plain, &sentence);
        }
        page.blank();
    }

    fn card(&self, page: &mut Page, finding: &Finding, scan: &Scan) {
        let message = Message::new(finding, scan, self.lang);
        self.card_head(page, finding);
        let rows: Vec<(&str, String)> = message.lines.into_iter().map(|line| (line.label, line.value)).collect();
        page.rows(&rows);
        page.blank();
    }

    /// Severity, rule, fingerprint and title.
    pub(crate) fn card_head(&self, page: &mut Page, finding: &Finding) {
        let fingerprint = short(finding);
        let severity = terms::severity(finding.severity).to(self.lang).to_uppercase();
        let rule = finding.rule.as_str();
        let used = width_of(&severity) + width_of(rule) + width_of(&fingerprint) + 2 * GAP;
        if used <= page.width {
            let gap = " ".repeat(page.width - used + GAP);
            page.line(&[
                (Style::Severity(finding.severity), &severity),
                (Style::Plain, &format!("{}{rule}{gap}", " ".repeat(GAP))),
                (Style::Faint, &fingerprint),
            ]);
        } else {
            page.text(0, Style::Severity(finding.severity), &severity);
            page.text(GAP, Style::Plain, rule);
            page.text(GAP, Style::Faint, &fingerprint);
        }
        page.text(2, Style::Strong, &finding_title(finding, self.lang));
    }

    fn logs(&self, page: &mut Page, scan: &Scan) {
        let told = logs::answer(&Extract::whole(scan), self.lang);
        if told.is_empty() {
            return;
        }
        page.title(in_logs::HEADING.to(self.lang));
        for sentence in told {
            page.hanging(2, 4, Style::Plain, &sentence);
        }
        page.blank();
    }

    fn systems(&self, page: &mut Page, whole: &Extract<'_>) {
        page.title(SYSTEMS.to(self.lang));
        for system in &whole.systems {
            let part = Extract::of_system(whole.scan, system);
            let said = verdict(system, &part);
            let mark = match said.tone {
                Tone::Leak => "✗",
                Tone::Warn => "!",
                Tone::Unknown => "?",
                Tone::Clean => "✓",
            };
            let name = Inert::short(system.name.as_str(), 60);
            let label = said.label.to(self.lang);
            page.hanging(2, 4, Style::Verdict(said.tone), &format!("{mark} {label}: {name}"));
            page.text(4, Style::Plain, said.meaning.to(self.lang));
            page.text(4, Style::Faint, &covered(system, &part, self.lang));
        }
        if instrument(whole.scan) == Instrument::Unfinished {
            page.text(2, Style::Verdict(Tone::Warn), page::SELF_TEST_UNFINISHED.to(self.lang));
        }
        if let Some(test) = &whole.scan.self_test {
            let found = count(test.probes.iter().filter(|probe| probe.found).count());
            let all = count(test.probes.len());
            let style = if test.passed() { Style::Plain } else { Style::Verdict(Tone::Leak) };
            page.text(2, style, &self_test(found, all, self.lang));
        }
        for condition in conditions(whole.scan, self.lang) {
            page.text(2, Style::Plain, &format!("{}: {condition}", CONDITION.to(self.lang)));
        }
        page.blank();
    }

    /// What the testers did, briefly: steps with how much was found in each, and the rest as it was typed.
    fn session(&self, page: &mut Page, whole: &Extract<'_>) {
        let told = told(whole, self.lang);
        if told.is_empty() {
            return;
        }
        page.title(session::HEADING.to(self.lang));
        for told in told.iter().take(MAX_NOTES) {
            let found = count(told.findings.len()).saturating_add(told.more);
            let found = match (found, told.is_quiet) {
                (0, true) => format!(" – {}", session::NOTHING.to(self.lang)),
                (0, false) => String::new(),
                (found, _) => format!(" – {}", FINDINGS.of(found, self.lang)),
            };
            page.hanging(2, 4, Style::Plain, &format!("{}{found}", told.line()));
        }
        let left = told.len().saturating_sub(MAX_NOTES);
        if left > 0 {
            page.text(2, Style::Faint, &format!("… +{}", self.lang.number(count(left))));
        }
        page.blank();
    }

    fn baseline(&self, page: &mut Page, whole: &Extract<'_>) {
        let Some(words) = baseline(whole, true, self.lang) else { return };
        page.title(page::BASELINE.to(self.lang));
        page.text(2, Style::Plain, &words.summary);
        for remark in &words.remarks {
            page.hanging(2, 4, Style::Plain, remark);
        }
        page.blank();
    }

    fn blind_spots(&self, page: &mut Page, whole: &Extract<'_>) {
        if whole.blind_spots.is_empty() {
            return;
        }
        page.title(NOT_SEEN.to(self.lang));
        for kind in BlindSpotKind::ALL {
            let spots: Vec<&BlindSpotRecord> =
                whole.blind_spots.iter().copied().filter(|spot| spot.kind == kind).collect();
            if spots.is_empty() {
                continue;
            }
            let text = blind_spot(kind);
            page.text(2, Style::Strong, &format!("{} ({})", text.title.to(self.lang), kind.as_str()));
            page.text(4, Style::Plain, text.meaning.to(self.lang));
            for spot in spots.iter().take(MAX_PLACES) {
                page.hanging(4, 6, Style::Plain, &place(spot, self.lang));
            }
            let left = spots.len().saturating_sub(MAX_PLACES);
            if left > 0 {
                page.text(4, Style::Plain, &more_places(count(left), self.lang));
            }
            page.hanging(4, 6, Style::Plain, &format!("→ {}", text.action.to(self.lang)));
        }
        page.blank();
    }
}

impl Page {
    /// Nothing yet, as wide as `terminal`.
    pub(crate) fn new(terminal: Terminal) -> Self {
        Self { out: String::new(), color: terminal.color, width: terminal.width.clamp(MIN_WIDTH, MAX_WIDTH) }
    }

    pub(crate) fn blank(&mut self) {
        self.out.push('\n');
    }

    pub(crate) fn title(&mut self, text: &str) {
        self.text(0, Style::Strong, &text.to_uppercase());
    }

    /// A paragraph, wrapped.
    pub(crate) fn text(&mut self, indent: usize, style: Style, text: &str) {
        self.hanging(indent, indent, style, text);
    }

    /// A paragraph whose lines after the first stand further in.
    pub(crate) fn hanging(&mut self, first: usize, rest: usize, style: Style, text: &str) {
        for (at, line) in wrap(text, self.width.saturating_sub(rest)).iter().enumerate() {
            let indent = " ".repeat(if at == 0 { first } else { rest });
            self.line(&[(Style::Plain, &indent), (style, line)]);
        }
    }

    /// Labels on the left, each once, and values wrapped beside them.
    pub(crate) fn rows(&mut self, rows: &[(&str, String)]) {
        let label_width = rows.iter().map(|(label, _)| width_of(label)).max().unwrap_or_default() + GAP;
        let mut last = "";
        for (label, value) in rows {
            let mut shown = if *label == last { String::new() } else { label.to_lowercase() };
            last = label;
            // What follows "1. " stands below its text, not below its number.
            let hang = if value.starts_with(|c: char| c.is_ascii_digit()) && value.get(1..3) == Some(". ")
                || value.starts_with("   ")
            {
                3
            } else {
                0
            };
            for (at, line) in wrap(value, self.width.saturating_sub(label_width + GAP + hang)).iter().enumerate() {
                let gap = label_width.saturating_sub(width_of(&shown)) + if at == 0 { 0 } else { hang };
                self.line(&[
                    (Style::Faint, &format!("  {shown}")),
                    (Style::Plain, &format!("{}{line}", " ".repeat(gap))),
                ]);
                shown.clear();
            }
        }
    }

    fn line(&mut self, pieces: &[(Style, &str)]) {
        let mut line = String::new();
        for (style, text) in pieces {
            match style.code().filter(|_| self.color && !text.trim().is_empty()) {
                Some(code) => line.extend(["\u{1b}[", code, "m", text, "\u{1b}[0m"]),
                None => line.push_str(text),
            }
        }
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }
}

impl Style {
    /// Its parameter of `CSI .. m` (ECMA-48 §8.3.117).
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Severity(Severity::Critical) => Some("1;31"),
            Self::Severity(Severity::High) | Self::Verdict(Tone::Leak) => Some("31"),
            Self::Severity(Severity::Medium) | Self::Verdict(Tone::Warn) => Some("33"),
            Self::Severity(Severity::Low) | Self::Verdict(Tone::Unknown) => Some("36"),
            Self::Verdict(Tone::Clean) => Some("32"),
            Self::Strong => Some("1"),
            Self::Severity(Severity::Info) | Self::Faint => Some("2"),
            Self::Plain => None,
        }
    }
}

const SYSTEMS: Text = Text { da: "Systemer", en: "Systems" };
const NOT_SEEN: Text = Text { da: "Ikke undersøgt", en: "Not seen" };
const CONDITION: Text = Text { da: "Forudsætning for kørslen", en: "Condition of this run" };

pub(crate) fn place(spot: &BlindSpotRecord, lang: Lang) -> String {
    let (place, detail) = (Inert::from(&spot.place), detail(spot.detail.as_str(), lang).text);
    let detail = Inert::short(&detail, 160);
    let times = lang.number(spot.count);
    let mut told = format!("{times} × {place}");
    if !detail.is_empty() {
        let _ = write!(told, ": {detail}");
    }
    if let Some(picture) = &spot.picture {
        let _ = write!(told, " [{}]", Inert::short(picture, 160));
    }
    told
}

fn more_places(left: u64, lang: Lang) -> String {
    match lang {
        Lang::Da => format!("… og {} steder til, i HTML-rapporten", lang.number(left)),
        Lang::En => format!("… and {} more places, in the HTML report", lang.number(left)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn plain(lang: Lang) -> Terminal {
        Terminal { lang, color: false, width: 80 }
    }

    #[test]
    fn the_sample_in_danish() {
        insta::assert_snapshot!(plain(Lang::Da).render(&sample::scan()));
    }

    #[test]
    fn the_sample_in_english() {
        insta::assert_snapshot!(plain(Lang::En).render(&sample::scan()));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for scan in [sample::scan(), sample::hostile(), sample::bare(), sample::compared()] {
            for (lang, width) in [(Lang::Da, 80), (Lang::En, 200), (Lang::Da, 40), (Lang::En, 0)] {
                let text = Terminal { lang, color: false, width }.render(&scan);
                let widest = text.lines().max_by_key(|line| width_of(line)).unwrap();
                assert!(width_of(widest) <= width.clamp(40, 120), "{widest}");
            }
        }
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let plain = plain(Lang::En).render(&sample::scan());
        let mut coloured = Terminal { color: true, ..self::plain(Lang::En) }.render(&sample::scan());
        assert!(coloured.contains("\u{1b}[1;31mCRITICAL\u{1b}[0m"));
        for code in ["0", "1", "2", "1;31", "31", "32", "33", "36"] {
            coloured = coloured.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(coloured, plain);
    }

    #[test]
    fn hostile_text_never_steers_the_terminal() {
        let scan = sample::hostile();
        for lang in Lang::ALL {
            let text = plain(lang).render(&scan);
            let steers = |c: &char| {
                (c.is_control() && *c != '\n') || matches!(c, '\u{200b}'..='\u{202e}' | '\u{2066}' | '\u{feff}')
            };
            assert_eq!(text.chars().find(steers).filter(|c| *c != '–'), None);
            assert!(text.len() < 200_000, "{}", text.len());
        }
    }

    #[test]
    fn possible_numbers_are_one_line_and_never_a_card() {
        let mut scan = sample::scan();
        for finding in &mut scan.findings {
            finding.evidence = Some(model::Evidence::E4);
        }
        let text = plain(Lang::En).render(&scan);
        assert!(!text.contains("CRITICAL"));
        assert_eq!(text.lines().filter(|line| line.starts_with("+ 6 findings at E4 (77 times)")).count(), 1);
    }

    #[test]
    fn what_was_not_seen_comes_last_but_for_the_line_that_says_what_to_do() {
        for scan in [sample::scan(), sample::hostile()] {
            let text = plain(Lang::En).render(&scan);
            let last = text.trim_end().rsplit("\n\n").next().unwrap();
            assert!(last.starts_with("Next: "), "{last}");
            let before = text.trim_end().rsplit("\n\n").nth(1).unwrap();
            assert!(before.starts_with("NOT SEEN\n"), "{before}");
        }
    }

    #[test]
    fn a_clean_run_says_that_all_was_seen() {
        let mut scan = sample::scan();
        (scan.findings, scan.blind_spots) = (vec![], vec![]);
        scan.systems.remove(0);
        scan.systems.truncate(1);
        assert!(plain(Lang::Da).render(&scan).ends_with("\nIntet at rette. Alt planlagt blev undersøgt.\n"));
        scan.self_test.as_mut().unwrap().probes[1].found = false;
        let text = plain(Lang::En).render(&scan);
        assert!(text.contains("SELF-TEST FAILED: 4 of 5"));
        assert!(!text.contains("Nothing to mend"));
    }

    #[test]
    fn a_wide_terminal_is_used() {
        let text = Terminal { lang: Lang::En, color: false, width: 120 }.render(&sample::scan());
        assert!(text.lines().any(|line| width_of(line) > 100));
    }

    #[test]
    fn a_hundred_findings_are_not_a_hundred_cards() {
        let mut scan = sample::scan();
        scan.findings =
            scan.findings.iter().filter(|finding| !is_possible(finding)).cycle().take(100).cloned().collect();
        let text = plain(Lang::Da).render(&scan);
        assert_eq!(
            text.matches("\nKRITISK").count() + text.matches("\nHØJ").count() + text.matches("\nMELLEM").count(),
            20
        );
        assert!(text.contains("\n… og 80 fund til; se HTML-rapporten.\n"));
    }

    #[test]
    fn with_mere_dates_alone_there_is_something_to_look_at() {
        let mut scan = sample::scan();
        scan.findings.retain(is_possible);
        scan.blind_spots.clear();
        scan.systems.truncate(1);
        scan.systems[0].verdict = model::Verdict::Clean;
        let text = plain(Lang::En).render(&scan);
        assert!(text.contains("! Possible numbers only") && text.contains("0 findings, 1 possible;"), "{text}");
        assert!(!text.contains("othing was found") && !text.contains("Nothing to mend"), "{text}");
    }

    #[test]
    fn a_recording_speaks_of_no_pages_and_forms() {
        let mut scan = sample::scan();
        scan.kind = model::ScanKind::Recording;
        assert!(!plain(Lang::En).render(&scan).contains("forms sent"));
    }

    #[test]
    fn a_self_test_that_was_stopped_is_not_one_that_failed() {
        let mut scan = sample::scan();
        scan.self_test = None;
        let text = plain(Lang::En).render(&scan);
        assert!(text.contains(page::SELF_TEST_UNFINISHED.en) && !text.contains("FAILED"));
    }
}
