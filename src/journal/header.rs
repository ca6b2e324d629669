//! What the first line of a journal says of the run, the same for all that a run is taken up from.

use std::fs::OpenOptions;

use anyhow::Context as _;
use jiff::Timestamp;
use model::Redacted;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What run it is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// That of the lines.
    pub(crate) version: u32,
    /// Version of the program, whose words are in the lines.
    pub(crate) tool: String,
    pub(crate) id: String,
    /// Digest of the redacted arguments.
    pub(crate) arguments: String,
    pub(crate) started: Timestamp,
}

impl Header {
    /// One of a new run, with lines of this `version`.
    pub(crate) fn new(version: u32, arguments: String, started: Timestamp) -> anyhow::Result<Self> {
        let mut id = [0; 8];
        getrandom::fill(&mut id).context("the system gives no random bytes")?;
        let (id, tool) = (data_encoding::HEXLOWER.encode(&id), env!("CARGO_PKG_VERSION").to_owned());
        Ok(Self { version, tool, id, arguments, started })
    }
}

/// Over redacted arguments: a hash of a number would be the number.
pub(crate) fn digest(arguments: &[Redacted]) -> String {
    let mut hash = Sha256::new();
    for argument in arguments {
        hash.update(argument.as_str());
        hash.update([0]);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

/// Read and added to, by nobody else.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
