//! Why there is no browser to visit with. What goes wrong on a page is no error but a [`model::BlindSpot`].

use std::io;
use std::path::PathBuf;

/// Why the browser could not be started, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// No Chromium or Chrome was found.
    #[error("cannot find Chromium or Chrome on this machine")]
    NotFound,
    /// The program named is not there or cannot be run.
    #[error("cannot run {}", program.display())]
    NotRun {
        /// What was to be run.
        program: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It was started and did not get ready.
    #[error("{} did not start: {reason}{}", program.display(), indented(stderr))]
    Launch {
        /// What was run.
        program: PathBuf,
        /// What was waited for.
        reason: String,
        /// The end of what it printed.
        stderr: String,
    },
    /// The profile folder could not be made.
    #[error("cannot make a profile folder for the browser")]
    Profile(#[source] io::Error),
    /// It ended, or its connection did.
    #[error("the browser is gone: {0}")]
    Gone(String),
    /// It refused a command, or answered with something else than it should.
    #[error("the browser refused {method}: {reason}")]
    Protocol {
        /// The `DevTools` method.
        method: String,
        /// What it said.
        reason: String,
    },
    /// It did not answer in time.
    #[error("the browser did not answer {method}")]
    Silent {
        /// The `DevTools` method.
        method: String,
    },
}

/// What the browser printed, below the message.
fn indented(stderr: &str) -> String {
    stderr.lines().flat_map(|line| ["\n  ", line]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_start_shows_what_the_browser_printed() {
        let error =
            BrowserError::Launch { program: "chromium".into(), reason: "it ended".into(), stderr: "a\nb".into() };
        assert_eq!(error.to_string(), "chromium did not start: it ended\n  a\n  b");
    }
}
