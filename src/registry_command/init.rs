//! `cprvagt registry init`: a commented registry to begin with, never over one that is there.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use crate::cli::InitArgs;
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::output::write_whole;
use crate::progress::Reporter;

/// What a supervisor begins with.
const NEW: &str = include_str!("new.toml");

/// A made-up authority in the shape of the real review of 2020 (seeds-facts 1).
const DEMO: &str = include_str!("../../examples/registry.toml");

pub(super) fn run(args: &InitArgs) -> anyhow::Result<ExitStatus> {
    let text = if args.demo { DEMO } else { NEW };
    let name = args.file.display();
    let written = if args.force { write_whole(&args.file, text.as_bytes()) } else { write_new(&args.file, text) };
    written.map_err(|error| {
        let fault = match error.kind() {
            ErrorKind::AlreadyExists => {
                Fault::new(format!("{name} is there already"), "name another file, or write over it with --force")
            }
            _ => Fault::new(format!("cannot write {name}"), "name a file in a folder that is there and can be written"),
        };
        anyhow::Error::from(error).context(fault)
    })?;
    let reporter = Reporter::new();
    reporter.step(&format!("written: {name}"));
    reporter.step(&format!("next: make it yours, then `cprvagt registry check {name}`"));
    Ok(ExitStatus::Clean)
}

/// Fails where there is a file, also one that comes at this very moment.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // It was made by us a moment ago, and half of it is no use to anyone.
        let _ = std::fs::remove_file(path);
    }
    written
}

#[cfg(test)]
mod tests {
    use model::Registry;

    use super::*;

    #[test]
    fn what_is_written_is_a_registry() {
        for text in [NEW, DEMO] {
            let (registry, faults) = Registry::examine(text);
            assert_eq!(faults, []);
            assert!(!registry.systems.is_empty() && !registry.recipients.is_empty());
        }
    }

    #[test]
    fn every_table_stands_in_what_a_supervisor_begins_with() {
        let registry = Registry::parse(NEW).unwrap();
        assert!(registry.controller.is_some() && registry.retention.is_some());
        assert!(!registry.vendors.is_empty() && !registry.test_persons.is_empty() && !registry.answers.is_empty());
    }
}
