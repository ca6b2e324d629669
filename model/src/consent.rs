//! What a citizen has said to a site that asks for consent to cookies and tracking.

use serde::{Deserialize, Serialize};

use crate::Redacted;

/// What has been answered to a site's question for consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentState {
    /// Nothing: it was not asked, or its question still stands.
    #[default]
    Untouched,
    /// No to all that can be refused.
    Refused,
    /// Yes to all.
    Accepted,
}

/// One pass through a system, with one answer to be given wherever it asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConsentPass {
    /// What was to be answered.
    pub state: ConsentState,
    /// What the question is called that was met first, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub banner: Option<Redacted>,
    /// Page loads and form steps of the pass.
    pub pages: u64,
    /// Of these, those in which the answer held.
    pub pages_in_state: u64,
}

impl ConsentState {
    /// Every one, in the order of the passes.
    pub const ALL: [Self; 3] = [Self::Untouched, Self::Refused, Self::Accepted];

    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Untouched => "untouched",
            Self::Refused => "refused",
            Self::Accepted => "accepted",
        }
    }
}
