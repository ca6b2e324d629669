//! `cprvagt run` as typed.

use std::ffi::OsString;

use clap::Args;
use model::Host;

use super::{BrowserArgs, CommonArgs, NetworkArgs};

/// Fewer digits of a fingerprint than these do not tell findings apart.
const MIN_FINGERPRINT: usize = 6;

/// Digits of a fingerprint.
const MAX_FINGERPRINT: usize = 32;

#[derive(Debug, Args)]
#[command(after_help = AFTER, after_long_help = after())]
pub(crate) struct RunArgs {
    /// The site under test, when there is no registry; by default the first that is visited. Repeatable
    #[arg(long, value_name = "HOST", value_parser = super::host, conflicts_with_all = ["registry", "system"])]
    pub(crate) sut: Vec<Host>,
    /// The system of the registry that all of this run belongs to; by default each page tells by its host
    #[arg(long, value_name = "ID")]
    pub(crate) system: Option<String>,
    /// Let only this finding break the build: is it mended? The first 6 digits of its fingerprint or more. Repeatable
    #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint, help_heading = "Output")]
    pub(crate) only: Vec<String>,
    /// Break the build also when somebody gets something who got nothing in the scan before
    #[arg(long, help_heading = "Output")]
    pub(crate) fail_on_new_recipient: bool,
    /// The scan before, for --fail-on-new-recipient: a scan.json, or its number or id in the store; by default the last
    /// of the same system
    #[arg(
        long,
        value_name = "SCAN",
        help_heading = "Output",
        requires = "fail_on_new_recipient",
        hide_short_help = true
    )]
    pub(crate) since: Option<String>,
    #[command(flatten)]
    pub(crate) browser: BrowserArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// What to run, after `--`
    #[arg(value_name = "COMMAND", last = true, required = true)]
    pub(crate) command: Vec<OsString>,
}

/// What is said of the command in short.
const AFTER: &str = "COMMAND runs behind the proxy, and so does the browser that it starts: nothing of it need be changed. Its\n\
                     standard output stays its own; what leaked is told on standard error. Exit codes are as ever; when\n\
                     COMMAND fails and nothing leaked, its own, or 5 where that is 1 to 4.";

/// The same, and what is set for it.
fn after() -> String {
    let mut text = format!("{AFTER}\n\nWhat it finds in its environment:\n");
    for (names, why) in crate::run_command::environment() {
        text.extend(["  ", &names, "\n      ", why, "\n"]);
    }
    text
}

fn fingerprint(text: &str) -> Result<String, String> {
    let text = text.to_ascii_lowercase();
    let fits = (MIN_FINGERPRINT..=MAX_FINGERPRINT).contains(&text.len());
    if fits && text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        Ok(text)
    } else {
        Err(format!("give {MIN_FINGERPRINT} digits of it or more, as the report shows them"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_given_by_six_digits_or_more() {
        assert_eq!(fingerprint("0A1b2c").as_deref(), Ok("0a1b2c"));
        for wrong in ["0a1b2", "0a1b2g", "", &"0".repeat(33)] {
            assert!(fingerprint(wrong).is_err(), "{wrong}");
        }
    }
}
