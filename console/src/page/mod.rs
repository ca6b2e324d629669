//! The page and its parts: what a template fills in, made ready and inert. Escaping is the template engine's.

mod cards;
mod lists;

use askama::Template;
use model::Severity;

use crate::desk::Lang;
use crate::filter::LEVELS;
use crate::words as w;

pub(crate) use cards::{CardPart, ExchangePart, Issue, IssueParts, blocked};
pub(crate) use lists::{EarlierPart, FilesPart, NotSeenPart, RecipientsPart, TimelinePart};

/// The page itself: its regions, empty, and the words its script needs.
#[derive(Template)]
#[template(path = "page.html")]
pub(crate) struct MainPage {
    pub(crate) lang: Lang,
    /// After so many seconds without a tester's own doing it is logged off.
    pub(crate) idle: u64,
}

/// What is shown to who is not logged on.
#[derive(Template)]
#[template(path = "gone.html")]
pub(crate) struct GonePage {
    pub(crate) lang: Lang,
}

/// A choice of a filter.
struct Choice {
    id: &'static str,
    name: &'static str,
}

impl MainPage {
    fn severities(&self) -> Vec<Choice> {
        let worst_first = Severity::ALL.into_iter().rev();
        worst_first
            .map(|severity| Choice { id: severity.as_str(), name: self.lang.say(w::severity(severity)) })
            .collect()
    }

    fn levels(&self) -> Vec<Choice> {
        LEVELS.into_iter().map(|level| Choice { id: level.as_str(), name: self.lang.say(w::evidence(level)) }).collect()
    }
}

/// Bars of the meter that are filled, of five.
pub(crate) fn bars(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}
