//! What every page has around its content: language, title, the links between pages, and facts about the run.

use std::borrow::Borrow;

use model::{RecipientRecord, Redacted, Scan};

use super::file_name;
use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::naming::{count, who};
use crate::summary::{Extract, Instrument, instrument};
use crate::texts::{page, phrases as p, terms};

/// The style of all pages, inlined into each.
const STYLE: &str = concat!(include_str!("style.css"), include_str!("dossier.css"), include_str!("logs.css"));

/// Targets that are named in the facts about the run; the systems are all listed anyway.
const MAX_TARGETS: usize = 8;

/// The frame of a page.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) lang: Lang,
    pub(super) title: String,
    pub(super) style: &'static str,
    /// This page in the other language.
    pub(super) translation: String,
    pub(super) overview: String,
    pub(super) links: Links,
    pub(super) tool: String,
    pub(super) scan_id: String,
    pub(super) when: String,
}

/// The pages that stand beside a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    /// The overview, and the same page in the other language.
    All,
    /// The overview alone.
    Overview,
    /// None: the page is by itself.
    None,
}

/// A sentence that stands out below the headline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Notice {
    /// A tone's class in the style sheet.
    pub(super) class: &'static str,
    pub(super) text: &'static str,
}

/// A label and what it says.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) label: &'static str,
    pub(super) value: String,
}

impl Frame {
    pub(super) fn new(scan: &Scan, stem: &str, title: String, lang: Lang) -> Self {
        Self {
            lang,
            title,
            style: STYLE,
            translation: file_name(stem, lang.other()),
            overview: file_name("index", lang),
            links: Links::All,
            tool: format!("{} {}", Inert::new(&scan.tool.name), Inert::new(&scan.tool.version)),
            scan_id: Inert::new(&scan.id).to_string(),
            when: lang.span(scan.started, scan.ended),
        }
    }

    /// Whether the overview stands beside the page.
    pub(super) fn has_overview(&self) -> bool {
        self.links != Links::None
    }

    /// Whether the page stands there in the other language too.
    pub(super) fn has_translation(&self) -> bool {
        self.links == Links::All
    }

    /// `text` in this page's language.
    pub(super) fn say(&self, text: impl Borrow<Text>) -> &'static str {
        text.borrow().to(self.lang)
    }

    /// A number as this page's language writes it.
    pub(super) fn number(&self, number: impl Borrow<u64>) -> String {
        self.lang.number(*number.borrow())
    }
}

/// Who, when, what and how: the facts about the run at the head of a page.
pub(super) fn run_facts(part: &Extract<'_>, vendor: Option<&str>, lang: Lang) -> Vec<Entry> {
    let scan = part.scan;
    let entry = |label: Text, value: String| Entry { label: label.to(lang), value };
    let controller = scan.controller.as_deref().map(|name| Inert::new(name).to_string());
    let mut facts = vec![entry(page::CONTROLLER, controller.unwrap_or_else(|| page::NOT_DECLARED.to(lang).to_owned()))];
    facts.extend(vendor.map(|name| entry(page::VENDOR, name.to_owned())));
    facts.push(entry(page::WHEN, lang.span(scan.started, scan.ended)));
    // A vendor's page names its systems; the run may have been asked for more.
    let asked: Vec<&Redacted> = if vendor.is_some() {
        part.systems.iter().map(|system| &system.name).collect()
    } else {
        scan.targets.iter().collect()
    };
    let mut targets: Vec<String> =
        asked.iter().take(MAX_TARGETS).map(|target| Inert::short(target.as_str(), 80)).collect();
    if asked.len() > MAX_TARGETS {
        targets.push(format!("… ({})", lang.number(count(asked.len()))));
    }
    facts.push(entry(page::WHAT, targets.join(", ")));
    facts.push(entry(page::HOW, terms::scan_kind(scan.kind).to(lang).to_owned()));
    facts
}

/// How far the result can be relied on.
pub(super) fn notice(part: &Extract<'_>, lang: Lang) -> Notice {
    let (class, text) = match (instrument(part.scan), part.blind_spots.is_empty()) {
        (Instrument::Failed, _) => ("leak", page::NOTICE_VOID),
        (Instrument::Unfinished, _) => ("warn", page::NOTICE_UNTESTED),
        (Instrument::Passed | Instrument::None, false) => ("warn", page::NOTICE_INCOMPLETE),
        (Instrument::Passed, true) => ("clean", page::NOTICE_COMPLETE),
        (Instrument::None, true) => ("clean", page::NOTICE_COMPLETE_RECORDING),
    };
    Notice { class, text: text.to(lang) }
}

/// Recipients as a list in a table's cell.
pub(super) fn recipient_names(recipients: &[&RecipientRecord]) -> Vec<String> {
    recipients.iter().map(|recipient| who(recipient)).collect()
}

/// `mindst 3` when there may be more persons than one finding's, and what they are.
pub(super) fn persons(part: &Extract<'_>, lang: Lang) -> Entry {
    let persons = part.persons();
    let number = lang.number(persons.count);
    let value = if persons.at_least { format!("{} {number}", page::AT_LEAST.to(lang)) } else { number };
    let one = persons.count == 1 && !persons.at_least;
    let label = match (one, persons.all_test) {
        (true, true) => p::TEST_PERSON_ONLY,
        (true, false) => page::FIGURE_PERSON,
        (false, true) => p::TEST_PERSONS_ONLY,
        (false, false) => page::FIGURE_PERSONS,
    };
    Entry { label: label.to(lang), value }
}
