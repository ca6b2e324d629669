//! Mistakes that the user can mend: what, where, and what to do.

use std::fmt;

/// A fault of the command line, a file or the machine, with a line that says what to do about it.
#[derive(Debug)]
pub(crate) struct Fault {
    message: String,
    help: String,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    /// What to do about it.
    pub(crate) fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}
