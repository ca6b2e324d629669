//! `cprvagt completions SHELL`: what a shell needs to complete the command line, made of the command line itself.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::{Cli, CompletionsArgs};
use crate::exit::ExitStatus;
use crate::output;

/// What people type.
const NAME: &str = "cprvagt";

/// Prints it.
pub(crate) fn run(args: &CompletionsArgs) -> anyhow::Result<ExitStatus> {
    output::print(&script(args.shell))?;
    Ok(ExitStatus::Clean)
}

fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script);
    script
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_shell_is_told_every_command() {
        for shell in Shell::value_variants() {
            let script = String::from_utf8(script(*shell)).unwrap();
            for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
                assert!(script.contains(command.get_name()), "{shell}: {}", command.get_name());
            }
        }
    }

    #[test]
    fn bash_reads_its_own() {
        let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
        bash.stdin.take().unwrap().write_all(&script(Shell::Bash)).unwrap();
        assert!(bash.wait().unwrap().success());
    }
}
