//! The lines of a journal.

use anyhow::Context as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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

/// What run it is of.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) version: u32,
    /// Version of the program, whose words are in the lines.
    pub(super) tool: String,
    pub(super) id: String,
    /// Digest of the redacted arguments.
    pub(super) arguments: String,
    pub(super) started: Timestamp,
}

impl Header {
    /// One of a new run.
    pub(super) fn new(arguments: String, started: Timestamp) -> anyhow::Result<Self> {
        let mut id = [0; 8];
        getrandom::fill(&mut id).context("the system gives no random bytes")?;
        let (id, tool) = (data_encoding::HEXLOWER.encode(&id), env!("CARGO_PKG_VERSION").to_owned());
        Ok(Self { version: VERSION, tool, id, arguments, started })
    }
}
