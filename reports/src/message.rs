//! The message of a finding: what a developer needs to act on it at once. One wording and one order for all
//! formats that have it (`terminal`, `junit`, `sarif`, `markdown`), which only set it differently.

use model::{Finding, Scan};

use crate::card::Card;
use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::texts::{phrases as p, terms};

/// Characters of a fingerprint that tell findings of one scan apart.
const SHORT_FINGERPRINT: usize = 8;

/// Longest command that is shown; who wrote it kept to less.
const MAX_COMMAND: usize = 1_000;

/// A finding's message.
pub(crate) struct Message {
    /// What is broken and who is concerned.
    pub(crate) title: String,
    /// What happened and why it matters; the terminal has no room for it.
    pub(crate) story: String,
    /// `CRITICAL`.
    pub(crate) severity: String,
    /// The rule's id.
    pub(crate) rule: &'static str,
    /// The beginning of the fingerprint.
    pub(crate) fingerprint: String,
    /// The rest, in reading order.
    pub(crate) lines: Vec<Line>,
}

/// A labelled line; lines that follow each other may have one label.
pub(crate) struct Line {
    pub(crate) label: &'static str,
    pub(crate) value: String,
    /// Whether the value is as on the wire, or to be typed.
    pub(crate) is_code: bool,
}

impl Message {
    /// That of `finding`, a finding of `scan`.
    pub(crate) fn new(finding: &Finding, scan: &Scan, lang: Lang) -> Self {
        let card = Card::new(finding, scan, lang);
        let mut lines = Vec::new();
        let mut line = |label: Text, value: String, is_code| {
            if !value.trim().is_empty() {
                lines.push(Line { label: label.to(lang), value, is_code });
            }
        };
        line(p::ACCEPTED, card.accepted.map(|accepted| accepted.text).unwrap_or_default(), false);
        for fact in card.facts {
            line(Text { da: fact.label, en: fact.label }, fact.value, fact.is_code);
        }
        line(p::SENT, card.counts, false);
        if let Some(evidence) = finding.evidence {
            line(p::EVIDENCE, format!("{evidence}, {}", terms::evidence(evidence).to(lang)), false);
        }
        for reason in card.reasons {
            line(p::WHY_SHORT, reason, false);
        }
        line(p::TRAIL, Inert::from(&finding.trail).to_string(), true);
        for (at, way) in card.mending.iter().enumerate() {
            line(p::MEND_SHORT, format!("{}. {}", at + 1, way.title), false);
            // The first way helps most; its line to copy is worth the room.
            let example = way.own_example.as_deref().or(way.example).filter(|_| at == 0).unwrap_or_default();
            for copied in example.lines() {
                line(p::MEND_SHORT, format!("   {copied}"), false);
            }
        }
        line(p::PROVE, proof(scan, finding).unwrap_or_default(), true);
        Self {
            title: card.title,
            story: card.story,
            severity: card.severity.to_uppercase(),
            rule: finding.rule.as_str(),
            fingerprint: short(finding),
            lines,
        }
    }

    /// All of it as plain text of any width, ending with a newline. The title comes first, for a reader that shows one
    /// sentence.
    pub(crate) fn text(&self) -> String {
        let mut lines = vec![format!("{}.", self.title), self.story.clone(), String::new()];
        lines.push(format!("{}  {}  {}", self.severity, self.rule, self.fingerprint));
        let mut last = "";
        for line in &self.lines {
            let begin = if line.label == last { "  ".to_owned() } else { format!("{}: ", line.label) };
            lines.push(format!("{begin}{}", line.value));
            last = line.label;
        }
        lines.join("\n") + "\n"
    }
}

/// The command that proves `finding` mended, where a command was run.
pub fn proof(scan: &Scan, finding: &Finding) -> Option<String> {
    let command = Inert::short(scan.command.as_ref()?.as_str(), MAX_COMMAND);
    Some(format!("cprvagt run --only {} {command}", short(finding)))
}

/// The finding's fingerprint, as people quote it.
pub(crate) fn short(finding: &Finding) -> String {
    let fingerprint = Inert::short(&finding.fingerprint, SHORT_FINGERPRINT + 1);
    fingerprint.chars().take(SHORT_FINGERPRINT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn of_run(lang: Lang) -> String {
        let mut scan = sample::scan();
        scan.kind = model::ScanKind::Run;
        scan.command = Some(sample::own("--sut www.borger.test -- npx playwright test"));
        scan.findings[0].tests = vec![sample::own("login.spec.ts › logs in"), sample::own("pay.spec.ts › pays")];
        scan.findings[0].more_tests = 3;
        Message::new(&scan.findings[0], &scan, lang).text()
    }

    #[test]
    fn a_developer_learns_all_that_is_known() {
        insta::assert_snapshot!(of_run(Lang::En));
    }

    #[test]
    fn in_danish_too() {
        let text = of_run(Lang::Da);
        assert!(text.contains("login.spec.ts › logs in, pay.spec.ts › pays og 3 andre"), "{text}");
        assert!(text.contains("\nEftervis rettelsen: cprvagt run --only "), "{text}");
    }

    #[test]
    fn nothing_from_a_site_breaks_out_of_its_line() {
        let mut scan = sample::hostile();
        scan.command = Some(sample::own(sample::HOSTILE));
        for finding in &mut scan.findings {
            finding.tests = vec![sample::own(sample::HOSTILE)];
        }
        for finding in &scan.findings {
            let message = Message::new(finding, &scan, Lang::En);
            assert!(message.lines.iter().all(|line| line.value.chars().all(|c| !c.is_control())));
        }
    }
}
