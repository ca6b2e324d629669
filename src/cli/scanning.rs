//! Flags of `cprvagt scan`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use model::Host;

use super::{CommonArgs, host};
use crate::duration;

#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// HAR files, captures (pcap) of clear-text HTTP, and logs of servers, CDNs and proxies; also packed (.gz .zst .br .bz2 .xz .zip .tar), folders of them,
    /// or - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The site under test, when there is no registry, and who was asked where a log does not say; by default that of the
    /// first page in each file
    #[arg(long, value_name = "HOST", value_parser = host)]
    pub(crate) sut: Vec<Host>,
    /// The format of all logs, where it is not to be told by their lines: a name, or the pattern the server is configured
    /// with (of Apache or nginx)
    #[arg(long, value_name = "FORMAT", help_heading = "Logs", value_parser = log_format, long_help = log_formats())]
    pub(crate) log_format: Option<String>,
    /// The time zone of logs that do not tell it: UTC, +02:00, Europe/Copenhagen
    #[arg(long, value_name = "ZONE", help_heading = "Logs", default_value = "UTC", value_parser = log_zone)]
    pub(crate) log_zone: String,
    /// Print why each number was told as surely as it was, or passed over, instead of the findings; with =ENTRY, only
    /// those of that entry (`index` in the JSON lines)
    #[arg(long, value_name = "ENTRY", help_heading = "Output", num_args = 0..=1, require_equals = true,
        default_missing_value = "all", value_parser = explained, conflicts_with = "format")]
    pub(crate) explain: Option<Explained>,
    /// Go on with a scan that was stopped or killed, started again with the same arguments: how far one came is kept
    /// beside its reports (in --out) every few seconds, until these are written
    #[arg(long, help_heading = "Logs", hide_short_help = true)]
    pub(crate) resume: bool,
    /// How often that is kept, for tests of it
    #[arg(long, value_name = "TIME", hide = true, value_parser = duration::pause)]
    pub(crate) kept_every: Option<Duration>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// A format, known to be one.
fn log_format(text: &str) -> Result<String, String> {
    let known = |_| format!("give a pattern, or one of: {}", inputs::Format::ids().collect::<Vec<_>>().join(", "));
    let told = |unknown: inputs::UnknownFormat| unknown.why.clone().unwrap_or_else(|| known(unknown));
    inputs::Format::named(text).map(|_| text.to_owned()).map_err(told)
}

fn log_formats() -> String {
    let names = inputs::Format::ids().collect::<Vec<_>>().join(", ");
    format!(
        "The format of all logs, where it is not to be told by their lines: {names}; or the pattern the server is \
         configured with (Apache's LogFormat, nginx's log_format). Where lines are wrapped, it begins with syslog:, cri: \
         or docker:"
    )
}

/// A zone, known to be one.
fn log_zone(text: &str) -> Result<String, String> {
    crate::log_scan::zone(text).map(|_| text.to_owned())
}

/// What is to be explained.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Explained {
    All,
    Entry(u64),
}

fn explained(text: &str) -> Result<Explained, String> {
    match text {
        "all" => Ok(Explained::All),
        _ => text.parse().map(Explained::Entry).map_err(|_| "give an entry's number, as in --explain=12".to_owned()),
    }
}
