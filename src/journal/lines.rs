//! The lines of a journal.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::header::Header;
use crate::record::Taken;

/// Version of the lines.
pub(super) const VERSION: u32 = 1;

/// A page of a plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Unit {
    /// The plan's number in the run, from 0.
    pub(crate) plan: usize,
    /// Names the page within it, with nothing that may not be written.
    pub(crate) page: String,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Line {
    /// The first line.
    Header(Header),
    /// A page is about to be asked for.
    Begun { unit: Unit },
    /// A page was done, and something of it may not be written.
    Again { unit: Unit },
    /// A page was done.
    Done { unit: Unit, state: Value, taken: Vec<Taken> },
    /// The key that the lines before were written with is gone.
    KeyLost,
    /// A plan was done.
    PlanDone { plan: usize, taken: Vec<Taken> },
}
