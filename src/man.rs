//! `cprvagt man`: the manual pages, made of the command line itself. The first page is printed; `--out` writes one for
//! each command, as an archive or a package has them.

use std::path::Path;

use anyhow::Context as _;
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::cli::{Cli, ManArgs};
use crate::exit::ExitStatus;
use crate::output::{self, unwritable, write_whole};
use crate::progress::Reporter;

/// A manual page.
struct Page {
    /// `cprvagt-audit.1`.
    name: String,
    /// In the language of `man`.
    text: Vec<u8>,
}

/// Prints the first page, or writes all.
pub(crate) fn run(args: &ManArgs) -> anyhow::Result<ExitStatus> {
    let pages = pages()?;
    match &args.out {
        None => output::print(pages.first().map(|page| page.text.as_slice()).unwrap_or_default())?,
        Some(folder) => {
            write(folder, &pages).map_err(|error| unwritable(folder, error))?;
            Reporter::new().step(&format!("written: {} manual pages in {}", pages.len(), folder.display()));
        }
    }
    Ok(ExitStatus::Clean)
}

fn write(folder: &Path, pages: &[Page]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    pages.iter().try_for_each(|page| write_whole(&folder.join(&page.name), &page.text))
}

/// The program's own first, then those of its commands.
fn pages() -> anyhow::Result<Vec<Page>> {
    let mut program = Cli::command();
    // `cprvagt-audit` names a page, and `cprvagt audit` what is typed: both are clap's own to make.
    program.build();
    let mut pages = Vec::new();
    collect(&program, &mut pages)?;
    Ok(pages)
}

/// As deep as the command line has commands.
fn collect(command: &Command, pages: &mut Vec<Page>) -> anyhow::Result<()> {
    let man = Man::new(command.clone());
    let mut text = Vec::new();
    man.render(&mut text).context("cannot render a manual page")?;
    pages.push(Page { name: man.get_filename(), text });
    let told = |command: &&Command| command.get_name() != "help" && !command.is_hide_set();
    command.get_subcommands().filter(told).try_for_each(|command| collect(command, pages))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command as Process, Stdio};

    use super::*;

    #[test]
    fn every_command_has_a_page_of_its_own() {
        let pages = pages().unwrap();
        let names: Vec<&str> = pages.iter().map(|page| page.name.as_str()).collect();
        assert_eq!(names.first(), Some(&"cprvagt.1"));
        for name in ["cprvagt-audit.1", "cprvagt-scan.1", "cprvagt-registry-check.1"] {
            assert!(names.contains(&name), "{names:?}");
        }
        let audit = pages.iter().find(|page| page.name == "cprvagt-audit.1").unwrap();
        assert!(String::from_utf8_lossy(&audit.text).contains("cprvagt audit"));
    }

    #[test]
    fn groff_has_nothing_to_say_about_them() {
        for page in pages().unwrap() {
            let groff = Process::new("groff")
                .args(["-man", "-Tutf8", "-ww", "-z"])
                .stdin(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn();
            let Ok(mut groff) = groff else {
                println!("skipped: no groff");
                return;
            };
            groff.stdin.take().unwrap().write_all(&page.text).unwrap();
            let output = groff.wait_with_output().unwrap();
            assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
