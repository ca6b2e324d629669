//! `cprvagt`: finds Danish personal numbers leaking from self-service sites. See README.md.
//!
//! The command line and the wiring. It detects nothing itself.

mod audit;
mod backlog;
mod cli;
mod demo;
mod doctor;
mod exit;
mod fault;
mod inputs;
mod instrument;
mod interrupt;
mod log;
mod output;
mod persons;
mod progress;
mod record;
mod registry_file;
mod scan;
mod self_test;
mod setup;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use exit::ExitStatus;
use fault::Fault;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let status = if error.use_stderr() { ExitStatus::Usage } else { ExitStatus::Clean };
            // Nothing is left to tell if even this cannot be printed.
            let _ = error.print();
            return status.into();
        }
    };
    log::start();
    match run(&cli.command) {
        Ok(status) => status.into(),
        Err(error) => {
            let mut stderr = std::io::stderr().lock();
            let _ = writeln!(stderr, "error: {error:#}");
            let help = help_of(&error);
            if let Some(help) = help {
                let _ = writeln!(stderr, "help: {help}");
            }
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
        Command::Scan(args) => scan::run(args),
        Command::Demo(args) => runtime.block_on(demo::run(args)),
        Command::Doctor(args) => runtime.block_on(doctor::run(args)),
    };
    // Tasks that still wait for a peer are not waited for: every report is written by now.
    runtime.shutdown_background();
    status
}
