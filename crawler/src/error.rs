//! Why there is no browser to visit with. What goes wrong on a page is no error but a [`model::BlindSpot`].

use std::io;
use std::path::PathBuf;

/// Why the browser could not be started, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// No Chromium or Chrome was found.
    #[error("cannot find Chromium or Chrome on this machine")]
    NotFound,
    /// No light build of it was found.
    #[error("cannot find the light build of Chromium (headless-shell) on this machine")]
    NoLightBrowser,
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
    /// It may not build its sandbox, and without it a page could reach this machine.
    #[error("{} did not start: the system lets it build no sandbox{}", program.display(), indented(stderr))]
    NoSandbox {
        /// What was run.
        program: PathBuf,
        /// The end of what it printed.
        stderr: String,
    },
    /// The profile folder could not be made.
    #[error("cannot make a profile folder for the browser in {}", folder.display())]
    Profile {
        /// Where it was to be: the folder for temporary files.
        folder: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A folder is no profile to take cookies from.
    #[error("cannot take cookies from {}: {reason}", folder.display())]
    NoProfile {
        /// Which.
        folder: PathBuf,
        /// Why not.
        reason: &'static str,
    },
    /// There is no room for the browser's profile.
    #[error("no room for the browser's profile in {}", .0.display())]
    NoRoom(PathBuf),
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

impl BrowserError {
    /// What the user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotFound => {
                "install Chromium (on Debian: apt-get install chromium), or name it with --browser-path FILE; an audit with \
                 --engine static needs none, and does not see what scripts send"
            }
            Self::NoLightBrowser => {
                "install it (on Debian: apt-get install chromium-headless-shell; elsewhere: npx @puppeteer/browsers install \
                 chrome-headless-shell), name it with --browser-path FILE, or leave out --browser light"
            }
            Self::NotRun { .. } => "is it a program, and may you run it? `cprvagt doctor` tells which browser is found",
            Self::Launch { .. } => "start it by hand with --headless to see what it lacks; `cprvagt doctor` tells more",
            Self::NoSandbox { .. } => {
                "let the browser make user namespaces (sysctl kernel.unprivileged_userns_clone=1, or \
                 kernel.apparmor_restrict_unprivileged_userns=0), install chromium-sandbox, or allow it in the container"
            }
            Self::Profile { .. } => "set TMPDIR to a folder that exists and that you may write to",
            Self::NoProfile { .. } => {
                "name the browser's user-data folder, or a profile in it, and end that browser first; chrome://version \
                 shows it as the profile path"
            }
            Self::NoRoom(_) => "make room there, or set TMPDIR to a folder with some 100 MB free",
            Self::Gone(_) | Self::Silent { .. } => {
                "try again; if it happens again, is there memory enough for a browser?"
            }
            Self::Protocol { .. } => "is the browser older than this program knows? `cprvagt doctor` tells its version",
        }
    }

    /// Whether a browser that was being started ended, so that another try may help.
    pub(crate) fn ended_at_start(&self) -> bool {
        self.is_loss() || matches!(self, Self::Launch { .. })
    }

    /// Whether the browser was lost, so that starting it anew may help.
    pub(crate) fn is_loss(&self) -> bool {
        match self {
            Self::Gone(_) | Self::Silent { .. } => true,
            Self::NotFound
            | Self::NoLightBrowser
            | Self::NotRun { .. }
            | Self::Launch { .. }
            | Self::NoSandbox { .. }
            | Self::Profile { .. }
            | Self::NoRoom(_)
            | Self::NoProfile { .. }
            | Self::Protocol { .. } => false,
        }
    }
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
