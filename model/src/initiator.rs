//! What made the browser send a request: a script, the page's own markup, a style sheet, a worker.
//!
//! The wire does not tell; the browser's `DevTools` do, for what they see.

use serde::{Deserialize, Serialize};

use crate::Redacted;

/// What kind of thing it was. Ids are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InitiatorKind {
    /// A script of its own file.
    Script,
    /// A script that stands in the page itself.
    InlineScript,
    /// The page's own markup: an image, a frame, a link to a style sheet.
    Markup,
    /// A style sheet: its fonts, its images, its imports.
    StyleSheet,
    /// The page announced that it would be needed: a prefetch, a preload.
    Preload,
    /// A worker of the page.
    Worker,
    /// A worker that several pages share.
    SharedWorker,
    /// A service worker, for the page or on its own.
    ServiceWorker,
    /// The page was gone to: by the crawler, a link, a form, a window.
    Navigation,
    /// It is not known; see [`WhyUnknown`].
    Unknown,
}

/// Why it is not known what sent a request. Ids are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyUnknown {
    /// The browser told nothing of the request: it was sent while a page was being left, or by no page.
    NotTold,
    /// The browser told of the request, and not what made it.
    NotSaid,
    /// There were more requests than are remembered.
    TooMany,
}

/// What made the browser send a request, as the browser tells it. Raw: addresses may hold numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initiator {
    /// What kind of thing.
    pub kind: InitiatorKind,
    /// The file of the script, style sheet or page.
    pub url: Option<String>,
    /// The line in it, from 1.
    pub line: Option<u32>,
    /// The column in that line, from 1.
    pub column: Option<u32>,
    /// The function of the script.
    pub function: Option<String>,
    /// What was asked for: `image`, `script`, `ping`.
    pub wanted: Option<Wanted>,
    /// The document or worker that it was sent for.
    pub document: Option<String>,
    /// Who called that function, the nearest first, at most some.
    pub callers: Vec<Caller>,
    /// Why nothing more is known.
    pub why: Option<WhyUnknown>,
}

/// A function that was running, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its file.
    pub url: String,
    /// Its name; empty for none.
    pub function: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// What a request asks for. Ids are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// A page, or one in a frame.
    Document,
    /// A style sheet.
    StyleSheet,
    /// An image.
    Image,
    /// Sound or video.
    Media,
    /// A font.
    Font,
    /// A script.
    Script,
    /// Data: `fetch`, `XMLHttpRequest`, an event source.
    Data,
    /// Something to be had early.
    Prefetch,
    /// Nothing: a beacon.
    Beacon,
    /// A WebSocket.
    Websocket,
    /// Anything else.
    Other,
}

/// What made the browser send a request. Safe to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitiatorRecord {
    /// What kind of thing.
    pub kind: InitiatorKind,
    /// The file of the script, style sheet or page, its variable segments named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Redacted>,
    /// The line in it, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column in that line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The function of the script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<Redacted>,
    /// What was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Wanted>,
    /// Why nothing more is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<WhyUnknown>,
}

impl Initiator {
    /// One of `kind`, of which nothing more is known.
    pub fn of(kind: InitiatorKind) -> Self {
        Self {
            kind,
            url: None,
            line: None,
            column: None,
            function: None,
            wanted: None,
            document: None,
            callers: Vec::new(),
            why: None,
        }
    }

    /// An unknown one.
    pub fn unknown(why: WhyUnknown) -> Self {
        Self { why: Some(why), ..Self::of(InitiatorKind::Unknown) }
    }
}

impl InitiatorRecord {
    /// Whether anything is known.
    pub fn is_known(&self) -> bool {
        self.kind != InitiatorKind::Unknown
    }
}
