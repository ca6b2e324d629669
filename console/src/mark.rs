//! What testers put into a session themselves: notes, the steps of a test, pauses.

use jiff::Timestamp;
use model::Redacted;
use serde::{Deserialize, Serialize};

/// Something that a tester did in the console, at its moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Its place among the session's marks, from 1.
    pub number: u64,
    /// When.
    pub time: Timestamp,
    /// Whose session it concerns, where several work through one proxy; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tester: Option<Redacted>,
    /// What was done.
    pub kind: MarkKind,
    /// The step's name or the note; empty for the others.
    pub text: Redacted,
}

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkKind {
    /// A step of the test begins; it ends where the next begins.
    Step,
    /// A note.
    Note,
    /// From here on nothing is recorded: what passes is counted as not seen.
    Pause,
    /// Recording goes on.
    Resume,
    /// The lists were cleared. The report has all; only the page begins anew.
    Clear,
    /// Another site is the first party from here on, and what was seen is judged again.
    FirstParty,
}

impl MarkKind {
    /// The stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Note => "note",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Clear => "clear",
            Self::FirstParty => "first-party",
        }
    }
}
