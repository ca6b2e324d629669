//! `cprvagt baseline` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;

#[derive(Debug, Args)]
pub(crate) struct BaselineArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) action: BaselineAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineAction {
    /// Accept findings of a scan for a while
    Add(AddArgs),
    /// Show what is accepted, and until when
    List(ListArgs),
    /// Take out what has expired, and with --scan what a complete scan did not find any more
    Prune(PruneArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BaselineFileArgs {
    /// The file of accepted findings
    #[arg(long = "baseline", value_name = "FILE", default_value = crate::baseline_file::FILE_NAME)]
    pub(crate) file: PathBuf,
    /// Take this as the time
    #[arg(long, value_name = "TIMESTAMP", hide = true)]
    pub(crate) now: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// The findings, by their fingerprints as reports show them; the first digits are enough if no other begins so
    #[arg(value_name = "FINGERPRINT", required = true)]
    pub(crate) fingerprints: Vec<String>,
    /// Who answers for it
    #[arg(long, value_name = "NAME")]
    pub(crate) accepted_by: String,
    /// The case that the decision stands in
    #[arg(long, value_name = "NUMBER")]
    pub(crate) case: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// The last day that it holds: 180 days from now at most, which is the default
    #[arg(long, value_name = "DATE")]
    pub(crate) expires: Option<Date>,
    /// Put it in the place of what was accepted before
    #[arg(long)]
    pub(crate) renew: bool,
    /// The scan with these findings
    #[arg(long, value_name = "FILE", default_value = "cprvagt-out/scan.json")]
    pub(crate) scan: PathBuf,
    #[command(flatten)]
    pub(crate) file: BaselineFileArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) file: BaselineFileArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PruneArgs {
    /// A scan.json: what it did not find, though it saw all of the system, is taken out too
    #[arg(long, value_name = "FILE")]
    pub(crate) scan: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) file: BaselineFileArgs,
}
