//! A finding as plain text of any width, for formats that take a text: what a card says, line by line.

use model::{Finding, Scan};

use crate::card::Card;
use crate::lang::Lang;
use crate::texts::phrases as p;

/// The whole card, ending with a newline.
pub(crate) fn plain_card(finding: &Finding, scan: &Scan, lang: Lang) -> String {
    let card = Card::new(finding, scan, lang);
    let mut lines = vec![card.title, card.story, String::new()];
    lines.extend(card.accepted.map(|accepted| format!("{}: {}", p::ACCEPTED.to(lang), accepted.text)));
    lines.push(format!("{}: {}", p::SEVERITY.to(lang), card.severity));
    lines.extend(card.reasons.into_iter().map(|reason| format!("  {reason}")));
    lines.extend(card.evidence.map(|evidence| format!("{}: {evidence}", p::EVIDENCE.to(lang))));
    lines.push(format!("{}: {}", p::SENT.to(lang), card.counts));
    lines.extend(card.facts.into_iter().map(|fact| format!("{}: {}", fact.label, fact.value)));
    if !card.trail.is_empty() {
        lines.push(format!("{}:", p::TRAIL.to(lang)));
        lines.extend(card.trail.into_iter().enumerate().map(|(at, step)| format!("  {}. {step}", at + 1)));
    }
    if !card.mending.is_empty() {
        lines.push(format!("{}:", p::MEND.to(lang)));
    }
    for (at, way) in card.mending.into_iter().enumerate() {
        lines.push(format!("  {}. {}. {}", at + 1, way.title, way.how));
        let example = way.own_example.or(way.example.map(str::to_owned)).unwrap_or_default();
        lines.extend(example.lines().map(|line| format!("     {line}")));
    }
    lines.join("\n") + "\n"
}
