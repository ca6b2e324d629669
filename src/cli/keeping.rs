//! Flags of the store, and of the command that reads it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;

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
    /// Write an overview of all systems, each as its last scan in the store has it, and nothing else
    #[arg(long, conflicts_with_all = ["scan", "since", "system", "vendor"], help_heading = "Input")]
    pub(crate) overview: bool,
    /// Only this system of the scan, by its id: nothing of others is written
    #[arg(long, value_name = "ID", conflicts_with = "vendor", help_heading = "Input")]
    pub(crate) system: Option<String>,
    /// Only this vendor's systems, by its id: the folder can be handed to it
    #[arg(long, value_name = "ID", help_heading = "Input")]
    pub(crate) vendor: Option<String>,
    /// The store; by default the one in your data folder
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) store: Option<PathBuf>,
    /// Where to write the reports
    #[arg(long, value_name = "DIR", default_value = "cprvagt-out", help_heading = "Output")]
    pub(crate) out: PathBuf,
    /// What to print (text, json) and to write beside scan.json and HTML (sarif, junit, all ..)
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = format::parser(false), help_heading = "Output",
        hide_possible_values = true, long_help = format::long_help("text, or json: the whole scan"))]
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
    /// Remove scans from the store that are older than retention in the registry says, or than --days
    Prune {
        /// Days that scans are kept; by default `scan_days` of the registry
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
        days: Option<u32>,
        /// The registry; by default cprvagt.toml here or above
        #[arg(long, value_name = "FILE", conflicts_with = "days")]
        registry: Option<PathBuf>,
        /// Say what would be removed, and remove nothing
        #[arg(long)]
        dry_run: bool,
        /// The store; by default the one in your data folder
        #[arg(long, value_name = "FILE")]
        store: Option<PathBuf>,
        /// The time to go by instead of now
        #[arg(long, value_name = "TIMESTAMP", hide = true)]
        now: Option<Timestamp>,
    },
    /// Make a key file, by which persons are counted across scans: give it to each with --key-file
    NewKey {
        /// Where; never one that is there. Keep it apart from the store
        file: PathBuf,
    },
}
