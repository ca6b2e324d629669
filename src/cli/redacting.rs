//! Logs that are written anew without numbers, as typed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

#[derive(Debug, Args)]
pub(crate) struct RedactArgs {
    /// Logs of any format, also packed; .gz stays .gz, other packings are written unpacked. - is standard input, and
    /// standard output
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Where to write: a file, or a folder for several; by default beside each, as access.redacted.log
    #[arg(long, value_name = "FILE or DIR", help_heading = "Output", conflicts_with = "in_place")]
    pub(crate) out: Option<PathBuf>,
    /// Write each over itself, once all of it was read
    #[arg(long, help_heading = "Output")]
    pub(crate) in_place: bool,
    /// Write over a file that is there already
    #[arg(long, help_heading = "Output")]
    pub(crate) force: bool,
    /// How to tell what was masked: lines on standard error, or json on standard output as well
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    pub(crate) format: Told,
    /// A known made-up number: it stays as it is. Repeatable
    // Not parsed here: the parser's error would repeat a mistyped number.
    #[arg(long = "test-person", value_name = "CPR", help_heading = "Input")]
    pub(crate) test_persons: Vec<String>,
    /// A registry whose made-up numbers stay; default: cprvagt.toml, here or in a folder above
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) registry: Option<PathBuf>,
    /// Take this as the time of the run
    #[arg(long, value_name = "TIMESTAMP", hide = true)]
    pub(crate) now: Option<Timestamp>,
}

/// How what was masked is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Told {
    /// To people.
    Text,
    /// To scripts.
    Json,
}

impl Told {
    pub(crate) fn is_json(self) -> bool {
        match self {
            Self::Text => false,
            Self::Json => true,
        }
    }
}
