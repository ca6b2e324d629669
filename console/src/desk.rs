//! Whoever runs the proxy, as the console knows it: it has the words, takes notes, and makes files.

use jiff::Timestamp;
use model::{BlindSpotRecord, Finding, Redacted};

use crate::mark::MarkKind;

/// The language of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// Danish.
    Da,
    /// English.
    #[default]
    En,
}

impl Lang {
    /// The language's tag.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Da => "da",
            Self::En => "en",
        }
    }

    /// The language of this tag.
    pub fn tagged(tag: &str) -> Option<Self> {
        [Self::Da, Self::En].into_iter().find(|lang| lang.as_str() == tag)
    }
}

/// A finding in words. Everything in it is plain text, inert, and still to be escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// One line that says what is broken and who is concerned.
    pub title: String,
    /// What happened and why it matters, in plain words.
    pub story: String,
    /// `Critical`.
    pub severity: String,
    /// The rule's name in words.
    pub rule: String,
    /// Why it is so severe: where the level starts, then each step up.
    pub reasons: Vec<String>,
    /// `E1, certain: ..`, when a number was seen.
    pub evidence: Option<String>,
    /// How often it was sent and how many persons' it was.
    pub counts: String,
    /// Page, form, parameter, request, who sent it, what went along, and the rest, in reading order.
    pub facts: Vec<Fact>,
    /// How the number is come to by hand, step by step.
    pub trail: Vec<String>,
    /// That somebody accepted it, by whom and until when.
    pub accepted: Option<String>,
    /// How to mend it, most helpful first.
    pub mending: Vec<Mending>,
}

/// A labelled line of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: String,
    /// Whether the value is as on the wire, to be set as code.
    pub is_code: bool,
}

/// A way of mending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mending {
    /// What to do, in a line.
    pub title: String,
    /// How and why.
    pub text: String,
    /// Lines to copy; may be several.
    pub example: Option<String>,
}

/// A blind spot in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// What was not seen.
    pub title: String,
    /// What that means and what to do.
    pub meaning: String,
    /// Where.
    pub place: String,
    /// More about the first.
    pub detail: String,
    /// Whether it makes the session incomplete.
    pub leaves_gap: bool,
}

/// A session or scan that was kept earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The scan's id.
    pub id: String,
    /// When it began.
    pub started: Timestamp,
    /// `proxy`, `audit`, `run`, `recording`.
    pub kind: String,
    /// What it was about.
    pub targets: Vec<Redacted>,
    /// How many findings it has.
    pub findings: u64,
}

/// What can be taken out of a session that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Export {
    /// The report so far, a page that stands alone; `since` names an earlier scan that it is held against.
    Report {
        /// Its language.
        lang: Lang,
        /// The id of an [`Earlier`].
        since: Option<String>,
    },
    /// The report so far as `scan.json`.
    Json,
}

/// A file to hand out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name: ASCII letters, digits, `-`, `_` and `.` only.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why something that was asked for is not done. The text is for the tester: what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DeskError(pub String);

/// Whoever runs the proxy. Called on the console's own threads, never on those that carry or judge traffic; calls may
/// take a while where it says so.
pub trait Desk: Send + Sync + 'static {
    /// The words of a finding.
    fn card(&self, finding: &Finding, lang: Lang) -> Card;

    /// A finding as the text of an issue, in Markdown, masked.
    fn issue_text(&self, finding: &Finding, lang: Lang) -> String;

    /// The words of a blind spot.
    fn unseen(&self, record: &BlindSpotRecord, lang: Lang) -> Unseen;

    /// What the recipient is to the system, in a word or two.
    fn standing(&self, standing: model::Standing, lang: Lang) -> String;

    /// A country's name.
    fn country(&self, code: &str, lang: Lang) -> String;

    /// Takes a mark of a tester: it is on disk, and in the session, when this returns. `text` may hold anything that
    /// somebody typed or pasted.
    fn mark(&self, kind: MarkKind, tester: Option<&str>, text: &str) -> Result<(), DeskError>;

    /// Earlier scans to compare with, the latest first. May take a while.
    fn earlier(&self) -> Result<Vec<Earlier>, DeskError>;

    /// Makes files of the session so far, the one to open first at the front. May take seconds.
    fn export(&self, what: &Export) -> Result<Vec<File>, DeskError>;
}
