//! What testers put into a session by hand: the steps of a test, notes, pauses.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Redacted;

/// Words that a step's name may begin with already, followed by its number.
const STEP_WORDS: [&str; 2] = ["step", "trin"];

/// Something that a tester did beside browsing, at its moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionNote {
    /// When.
    pub time: Timestamp,
    /// Whose session it concerns, where several work through one proxy; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tester: Option<Redacted>,
    /// What was done.
    pub kind: NoteKind,
    /// Its place among those of its kind and tester, from 1.
    pub number: u64,
    /// The step's name, the note, or the site chosen; empty for the others.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub text: Redacted,
    /// Fingerprints of the findings seen in it, sorted, the first of them; of a step alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// How many findings more.
    #[serde(default, skip_serializing_if = "is_none")]
    pub more_findings: u64,
}

/// What a note stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// A step of the test begins; it ends where the next begins.
    Step,
    /// A note.
    Note,
    /// From here on nothing was recorded.
    Pause,
    /// Recording went on.
    Resume,
    /// Another site was the first party from here on, and what was seen was judged again.
    FirstParty,
}

impl SessionNote {
    /// A step as findings name it: `step 3: change address`, with several testers `anna · step 3: change address`.
    /// A name that has its number already keeps it.
    pub fn title(&self) -> Redacted {
        let text = self.text.as_str();
        let step = match (has_number(text), text.is_empty()) {
            (true, _) => text.to_owned(),
            (false, true) => format!("step {}", self.number),
            (false, false) => format!("step {}: {text}", self.number),
        };
        // Put together of texts that are redacted each.
        Redacted::own_words(match &self.tester {
            Some(tester) => format!("{tester} · {step}"),
            None => step,
        })
    }
}

impl NoteKind {
    /// The stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Note => "note",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::FirstParty => "first-party",
        }
    }
}

/// Whether `text` begins as `step 3` or `trin 3`.
fn has_number(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let is_word = words.next().is_some_and(|word| STEP_WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)));
    is_word && words.next().is_some_and(|next| next.starts_with(|first: char| first.is_ascii_digit()))
}

fn is_empty(text: &Redacted) -> bool {
    text.as_str().is_empty()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(tester: Option<&str>, text: &str, expected: &str) {
        let note = SessionNote {
            time: Timestamp::UNIX_EPOCH,
            tester: tester.map(Redacted::own_words),
            kind: NoteKind::Step,
            number: 3,
            text: Redacted::own_words(text),
            findings: Vec::new(),
            more_findings: 0,
        };
        assert_eq!(note.title().as_str(), expected);
    }

    #[test]
    fn a_step_is_named_by_its_number() {
        case(None, "change address", "step 3: change address");
        case(Some("anna"), "change address", "anna · step 3: change address");
        case(None, "", "step 3");
    }

    #[test]
    fn a_step_that_was_numbered_by_hand_keeps_its_number() {
        case(None, "step 4: pay", "step 4: pay");
        case(Some("bo"), "Trin 2b betal", "bo · Trin 2b betal");
        case(None, "step by step", "step 3: step by step");
    }
}
