//! Flags of the store, and of the command that reads it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{BrowserArgs, Chosen, Lang, WritingArgs, format};

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct StoreArgs {
    /// Keep the scan in this file, a store of scans over time; by default one in your data folder
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) store: Option<PathBuf>,
    /// Keep it nowhere but in the reports
    #[arg(long, conflicts_with = "store", hide_short_help = true)]
    pub(crate) no_store: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ReportArgs {
    /// What else to do.
    #[command(subcommand)]
    pub(crate) action: Option<ReportAction>,
    /// The scan: its number or id in the store, or a scan.json; the last one that was kept when none is named
    #[arg(value_name = "SCAN or FILE")]
    pub(crate) scan: Option<String>,
    /// Tell what has changed since then: a date (2026-11-01: the last scan of each system up to the end of that day, UTC), a
    /// scan, or a scan.json
    #[arg(long, value_name = "DATE, SCAN or FILE")]
    pub(crate) since: Option<String>,
    /// The store; by default the one in your data folder
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) store: Option<PathBuf>,
    /// Where to write the reports
    #[arg(long, value_name = "DIR", default_value = "cprvagt-out", help_heading = "Output")]
    pub(crate) out: PathBuf,
    /// What to print (text, or json: the whole scan) and to write beside scan.json and HTML; several with commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = format::parser(false), help_heading = "Output")]
    pub(crate) format: Vec<Chosen>,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    /// Language on the terminal and of what --format writes; HTML is written in both
    #[arg(long, value_name = "LANG", default_value = "en", help_heading = "Output")]
    pub(crate) lang: Lang,
    #[command(flatten)]
    pub(crate) browser: BrowserArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportAction {
    /// Show what is in the store: the scans, the systems as their last scan has them, and runs that died
    List {
        /// The store; by default the one in your data folder
        #[arg(long, value_name = "FILE")]
        store: Option<PathBuf>,
        /// How many scans to show, the last ones
        #[arg(long, value_name = "N", default_value_t = 20)]
        last: usize,
    },
    /// Make a key file, by which persons are counted across scans: give it to each with --key-file
    NewKey {
        /// Where; never one that is there. Keep it apart from the store
        file: PathBuf,
    },
}
