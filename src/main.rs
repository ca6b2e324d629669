//! `cprvagt`: finds Danish personal numbers leaking from self-service sites. See README.md.
//!
//! The command line and the wiring. It detects nothing itself.

mod audit;
mod backlog;
mod baseline_command;
mod baseline_file;
mod build;
mod ca;
mod cli;
mod completions;
mod consents;
mod data_folder;
mod demo;
mod doctor;
mod duration;
mod entrances;
mod exit;
mod fault;
mod file_name;
mod guard;
mod instrument;
mod interrupt;
mod join;
mod journal;
mod journeys;
mod judge;
mod keeping;
mod live;
mod lock;
mod log;
mod log_scan;
mod man;
mod manifest;
mod naming_tests;
mod network;
mod origins;
mod outbound;
mod output;
mod own_words;
mod pdf;
mod persons;
mod progress;
mod proxy_command;
mod record;
mod redact;
mod registry_command;
mod registry_file;
mod registry_place;
mod report;
mod resume;
mod roles;
mod run_command;
mod safe_mode;
mod scan;
mod scan_file;
mod self_test;
mod sessions;
mod setup;
mod size;
mod store_list;
mod sweep;
mod verdict;
mod verify;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use exit::ExitStatus;
use fault::Fault;
use own_words::without_numbers;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version were asked for; nothing is left to tell if even they cannot be printed.
        Err(error) if !error.use_stderr() => {
            let _ = error.print();
            return ExitStatus::Clean.into();
        }
        Err(error) => {
            let _ = write!(std::io::stderr().lock(), "{}", without_numbers(&error.render().to_string()));
            return ExitStatus::Usage.into();
        }
    };
    log::start();
    match run(&cli.command) {
        Ok(status) => status.into(),
        Err(error) => {
            let help = help_of(&error);
            let mut told = format!("error: {error:#}\n");
            if let Some(help) = help {
                told.push_str("help: ");
                told.push_str(help);
                told.push('\n');
            }
            let _ = write!(std::io::stderr().lock(), "{}", without_numbers(&told));
            if help.is_some() { ExitStatus::Usage.into() } else { ExitStatus::Internal.into() }
        }
    }
}

/// What to do about `error`, if it is the user's to mend.
pub(crate) fn help_of(error: &anyhow::Error) -> Option<&str> {
    error.downcast_ref::<Fault>().map(Fault::help)
}

fn run(command: &Command) -> anyhow::Result<ExitStatus> {
    let runtime = tokio::runtime::Runtime::new()?;
    let status = match command {
        Command::Audit(args) => runtime.block_on(audit::run(args)).map(|(status, _)| status),
        Command::Scan(args) => {
            // For the watch on Ctrl-C.
            let _runtime = runtime.enter();
            scan::run(args)
        }
        Command::Redact(args) => {
            // Likewise.
            let _runtime = runtime.enter();
            redact::run(args)
        }
        Command::Demo(args) => runtime.block_on(demo::run(args)),
        Command::Run(args) => runtime.block_on(run_command::run(args)),
        Command::Proxy(args) => runtime.block_on(proxy_command::run(args)),
        Command::Doctor(args) => runtime.block_on(doctor::run(args)),
        Command::Ca(args) => ca::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Baseline(args) => baseline_command::run(args),
        Command::Registry(args) => registry_command::run(args),
        Command::Report(args) => report::run(args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    };
    // Tasks that still wait for a peer are not waited for: every report is written by now.
    runtime.shutdown_background();
    status
}
