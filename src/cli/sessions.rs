//! Flags of a session that the crawl does not sign in to by itself.

use std::path::PathBuf;

use clap::Args;

use super::Shown;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Session")]
pub(crate) struct SessionArgs {
    /// Cookies of a session, exported from a browser as JSON or cookies.txt (mode 0600). Only those of the systems
    /// audited are used, and none is ever written to a report
    #[arg(long, value_name = "FILE")]
    pub(crate) cookies: Option<PathBuf>,
    /// Take the cookies from this Chromium or Chrome profile, whose browser has ended; it is only read
    ///
    /// The folder is a browser's user-data folder or a profile in it. A copy is read; nothing else of the profile is used,
    /// not what pages had stored beside cookies either.
    #[arg(long, value_name = "DIR", conflicts_with = "cookies")]
    pub(crate) browser_profile: Option<PathBuf>,
    /// Open the browser for you to log in by hand, with `MitID` or the like; the crawl goes on in that session
    ///
    /// Log in, then press Enter in the terminal. Journeys are not made then. Until you are done, everything to hosts
    /// outside the system is sent, and what such a host has the browser hand back to the system; the report says so.
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "window",
        hide_possible_values = true, conflicts_with_all = ["cookies", "browser_profile"])]
    pub(crate) attended: Option<Shown>,
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    fn session(typed: &[&str]) -> Option<SessionArgs> {
        let typed = ["cprvagt", "audit", "https://a.test/"].iter().chain(typed);
        match Cli::try_parse_from(typed).ok()?.command {
            Command::Audit(args) => Some(args.session),
            _ => None,
        }
    }

    #[test]
    fn a_session_comes_from_one_place() {
        assert_eq!(session(&["--attended"]).unwrap().attended, Some(Shown::Window));
        assert!(session(&["--cookies", "a.txt"]).unwrap().attended.is_none());
        assert!(session(&["--cookies", "a.txt", "--browser-profile", "b"]).is_none());
        assert!(session(&["--cookies", "a.txt", "--attended"]).is_none());
    }
}
