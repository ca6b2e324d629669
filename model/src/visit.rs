//! One page load or form step of the crawler, and what the page told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ConsentState, CprNumber, PageFacts, SystemId};

/// Number of a visit within a scan; exchanges carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VisitId(pub u32);

/// One of the tabs that a crawl visits with at the same time, from 0; each has a port of the proxy to itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneId(pub u16);

/// A page load or form step. Raw: URLs and titles may hold numbers.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Its number; the first is 1.
    pub id: VisitId,
    /// The system visited; `None` for a bare URL or the self-test.
    pub system: Option<SystemId>,
    /// The URL asked for; for a form step, that of the page after it.
    pub url: String,
    /// The visit whose form led here.
    pub submitted_from: Option<VisitId>,
    /// The role that the registry names for the session it was made in.
    pub role: Option<String>,
    /// What had come of signing in.
    pub sign_in: SignIn,
    /// What had been answered to the site's question for consent when it was sent what it was sent.
    pub consent: ConsentState,
    /// When it began.
    pub started: Timestamp,
    /// Status of the page itself, when it answered.
    pub status: Option<u16>,
    /// The page's title.
    pub title: String,
    /// How it ended.
    pub outcome: VisitOutcome,
    /// The forms on it.
    pub forms: Vec<Form>,
    /// Links that lead out of scope and were not followed.
    pub links_out: u32,
    /// What the page told of itself, until it is judged.
    pub facts: Option<Box<PageFacts>>,
}

/// What came of signing in, before a visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignIn {
    /// Nothing was to be done for it, or nothing had been yet.
    #[default]
    NotTried,
    /// It was tried, or had held, and does not hold.
    Failed,
    /// A journey was made, a person logged in, or a session was handed over.
    Done,
}

/// How a visit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisitOutcome {
    /// Loaded and read.
    Loaded,
    /// The site wants a login that the crawler does not have.
    LoginRequired,
    /// It did not load; why.
    Failed(String),
}

/// A form and what the crawler did with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its `id` or `name`, else its place on the page, `form 2`.
    pub name: String,
    /// Absolute URL it sends to.
    pub action: String,
    /// `get` or `post`.
    pub method: String,
    /// Whether the page says that method, or a place to send to; else a script may be what sends it.
    pub says_how: bool,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Whether a test person's number was typed into it.
    pub filled: bool,
    /// Whether it was sent, here or earlier in the crawl.
    pub submitted: bool,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its `name` or `id`.
    pub name: String,
    /// Its label, as a person reads it.
    pub label: String,
    /// `text`, `password` ...
    pub kind: String,
    /// Whether it asks for a CPR number.
    pub asks_for_cpr: bool,
    /// The number that was typed into it and into no other field.
    pub canary: Option<CprNumber>,
}
