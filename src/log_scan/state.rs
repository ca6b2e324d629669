//! How far a scan of recordings came, in a form that may be written.

use detect::Redactor;
use inputs::{BlocksPlace, LogFaults, LogLine, Text};
use jiff::Timestamp;
use model::{LogFile, Redact as _, Redacted};
use serde::{Deserialize, Serialize};

use super::days::Days;
use crate::record::{Counted, CountedNow, Grown};

/// A file of a scan, to be known again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownFile {
    /// Its name, as sightings have it.
    pub(super) name: Redacted,
    /// Its bytes, as they are kept, when it was begun.
    pub(super) bytes: u64,
    /// When it was written last, if the system says so.
    pub(super) written: Option<Timestamp>,
    /// How many of its first bytes `begin` is of.
    pub(super) marked: u64,
    /// A keyed token of them: without a key a short file's would be its numbers.
    pub(super) begin: String,
}

/// Where a scan is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Files done.
    pub(super) files: usize,
    /// Of the next, members done; a file that is no archive has one.
    pub(super) members: u64,
    /// In the next member, if that is a log that was begun.
    pub(super) log: Option<LogPlace>,
}

/// Where in a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LogPlace {
    pub(super) blocks: BlocksPlace,
    /// What the lines before say of those behind.
    pub(super) names: Option<String>,
    /// What the beginning of the line says within which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) beginning: Option<Beginning>,
    /// Bytes of the file that were read for it, packed as they are, and ahead.
    pub(super) read: u64,
    /// Whether its text may be read from there on, without what is before.
    pub(super) is_plain: bool,
}

/// What the beginning of a line says whose pieces follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Beginning {
    time: Option<Timestamp>,
    method: Option<String>,
    target: Option<String>,
}

impl Beginning {
    /// `None` where there is a number in it, or it is no text: then it must not be written.
    pub(super) fn of(line: &LogLine<'static>, redactor: &Redactor) -> Option<Self> {
        let safe = |text: &Option<Text<'_>>| match text {
            Some(text) => {
                let text = String::from_utf8(text.to_vec()).ok()?;
                (redactor.redact(&text) == text).then_some(Some(text))
            }
            None => Some(None),
        };
        Some(Self { time: line.time, method: safe(&line.method)?, target: safe(&line.target)? })
    }

    /// The same, for the pieces.
    pub(super) fn line(&self) -> LogLine<'static> {
        let text = |text: &Option<String>| text.as_ref().map(|text| text.clone().into_bytes().into());
        LogLine { time: self.time, method: text(&self.method), target: text(&self.target), ..LogLine::default() }
    }
}

/// What is told of some lines of a log: of a block, or of all that is taken in of one that is not read to its end.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct LinesTold {
    pub(super) lines: u64,
    /// Of the lines, those judged one by one.
    pub(super) judged: u64,
    /// Of the lines, those that tell of no request: directives, and holes of NUL bytes.
    pub(super) silent: u64,
    pub(super) bytes: u64,
    pub(super) nul_bytes: u64,
    pub(super) faults: LogFaults,
    pub(super) days: Days,
}

impl LinesTold {
    /// Takes in what is told of the lines behind these.
    pub(super) fn absorb(&mut self, later: &Self) {
        let Self { lines, judged, silent, bytes, nul_bytes, faults, days } = later;
        self.lines += lines;
        self.judged += judged;
        self.silent += silent;
        self.bytes += bytes;
        self.nul_bytes += nul_bytes;
        self.faults.add(faults);
        self.days.absorb(days);
    }
}

/// What was taken in since the last time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct GrownScan {
    pub(super) recorder: Grown,
    /// Logs that are done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) logs: Vec<LogFile>,
    /// All that was begun.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) targets: Vec<Redacted>,
    /// Files, by number, in which there are recordings that are no logs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) recorded: Vec<usize>,
    /// What each of the logs is known by if another holds the same, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) marks: Vec<String>,
}

/// All else, as it stands.
#[derive(Serialize)]
pub(super) struct StateNow<'a> {
    /// Bytes of the lines that go with it.
    pub(super) lines_end: u64,
    pub(super) is_key_lost: bool,
    pub(super) place: &'a Place,
    pub(super) open: Option<&'a LinesTold>,
    pub(super) all_days: &'a Days,
    pub(super) sure: usize,
    pub(super) counted: CountedNow<'a>,
}

/// The same, read back.
#[derive(Deserialize)]
pub(super) struct State {
    pub(super) lines_end: u64,
    pub(super) is_key_lost: bool,
    pub(super) place: Place,
    pub(super) open: Option<LinesTold>,
    pub(super) all_days: Days,
    pub(super) sure: usize,
    pub(super) counted: Counted,
}
