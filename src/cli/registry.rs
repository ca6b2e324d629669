//! `cprvagt registry` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

#[derive(Debug, Args)]
pub(crate) struct RegistryArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) action: RegistryAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegistryAction {
    /// Write a commented registry to begin with; never over one that is there
    Init(InitArgs),
    /// Say what is wrong with the registry, and what somebody should see to. Exit code 2 when something is wrong, 0 when
    /// there are warnings alone
    Check(CheckArgs),
    /// Print its JSON Schema, for editors
    Schema,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The file to write
    #[arg(value_name = "FILE", default_value = crate::registry_file::FILE_NAME)]
    pub(crate) file: PathBuf,
    /// Write a made-up authority with 6 vendors and 24 systems instead, to look at and to try things on
    #[arg(long)]
    pub(crate) demo: bool,
    /// Even over a file that is there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The registry; default: cprvagt.toml, here or in a folder above
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// What to print: lines for people, or one JSON object
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: CheckFormat,
    /// Exit with 2 for warnings too
    #[arg(long)]
    pub(crate) strict: bool,
    /// Take this as the time of the check
    #[arg(long, value_name = "TIMESTAMP", hide = true)]
    pub(crate) now: Option<Timestamp>,
}

/// `--format` of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Lines for people.
    Text,
    /// One JSON object.
    Json,
}
