//! Runs and their scans go into the store; what goes wrong there costs no report.
//!
//! A store that was named and cannot be used ends the run before it begins. The one that is usual may not be there to be
//! made, which is said and no fault; if it is there and cannot be used, that is said, the run goes on, and its exit code is
//! 4 instead of 0 or 3. Findings go before: their 1 is what a pipeline waits for, and no run that was not kept passes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use model::{BlindSpotKind, Evidence, Identity, Redacted, ScanKind};
use store::{Counted, Kept, Run, RunStart, Store, StoreError};

use crate::cli::CommonArgs;
use crate::data_folder;
use crate::exit::ExitStatus;
use crate::fault::Fault;
use crate::own_words::without_numbers;
use crate::progress::Reporter;
use crate::record::Record;
use crate::setup;

/// The store's name in our folder.
const FILE_NAME: &str = "store.db";

/// Keeps what comes of a run.
pub(crate) struct Keeper {
    open: Option<(Store, Run)>,
    /// Whether there is a store that cannot be used.
    is_broken: bool,
    /// Which key the persons are counted under, if it is kept.
    key: Option<String>,
}

impl Keeper {
    /// A run of `targets` begins.
    pub(crate) fn begin(
        args: &CommonArgs,
        key: &[u8; 32],
        kind: ScanKind,
        targets: &[String],
        started: Timestamp,
        reporter: &Reporter,
    ) -> anyhow::Result<Self> {
        let key = args.key_file.as_ref().map(|_| setup::key_id(key));
        let none = |is_broken| Self { open: None, is_broken, key: None };
        if args.keeping.no_store {
            return Ok(none(false));
        }
        let path = match path(args.keeping.store.as_deref()) {
            Ok(path) => path,
            Err(fault) => {
                reporter.step(&format!("not kept for later: {fault} ({}, or say --no-store)", fault.help()));
                return Ok(none(false));
            }
        };
        // Typed by hand, and no test person is known to this: other numbers are masked.
        let targets: Vec<Redacted> =
            targets.iter().map(|target| Redacted::own_words(without_numbers(target))).collect();
        let begun = || -> Result<(Store, Run), StoreError> {
            if let Some(folder) = path.parent().filter(|folder| args.keeping.store.is_none() && !folder.is_dir()) {
                make_folder(folder)?;
            }
            let mut store = Store::open(&path)?;
            let start = RunStart { kind, targets: &targets, tool: env!("CARGO_PKG_VERSION"), started };
            let run = store.begin(&start)?;
            Ok((store, run))
        };
        match begun() {
            Ok(open) => Ok(Self { open: Some(open), is_broken: false, key }),
            Err(error) if args.keeping.store.is_some() => Err(unusable(error, &path)),
            Err(StoreError::File(error)) if !path.exists() => {
                let path = path.display();
                reporter.step(&format!("not kept for later: no store can be made in {path} ({error}); --store FILE names another, --no-store says it is meant"));
                Ok(none(false))
            }
            Err(error) => {
                tell(&unusable(error, &path), reporter);
                reporter.step("the run goes on, its reports are written, and it is not kept");
                Ok(none(true))
            }
        }
    }

    /// Keeps the scan of the run, before any report of it is written: what was reported is never lost. What the program
    /// then tells its caller.
    pub(crate) fn keep(self, record: &Record, status: ExitStatus, reporter: &Reporter) -> ExitStatus {
        let Some((mut store, run)) = self.open else {
            return if self.is_broken { unless_findings(status) } else { status };
        };
        let counted = self.key.map(|key| counted(key, record));
        let is_listed_in_part = record.scan.blind_spots.iter().any(|spot| spot.kind == BlindSpotKind::SightingsCounted);
        if counted.is_some() && is_listed_in_part {
            reporter.step("persons are counted across scans by the sightings that are listed, here the first of many");
        }
        let kept = Kept { scan: &record.scan, exit_code: status.code(), persons: counted.as_ref() };
        match store.keep(run, &kept) {
            Ok(number) => {
                reporter.step(&format!("kept as scan {number} in {}", store.path().display()));
                status
            }
            Err(error) => {
                tell(&unusable(error, store.path()), reporter);
                reporter.step("this scan is not kept: its reports are all there is of it (`scan.json` is the whole)");
                unless_findings(status)
            }
        }
    }
}

/// The store that is named, or the usual one.
pub(crate) fn path(named: Option<&Path>) -> Result<PathBuf, Fault> {
    named.map_or_else(|| Ok(data_folder::ours()?.join(FILE_NAME)), |path| Ok(path.to_owned()))
}

/// The store for a reader, who makes none.
pub(crate) fn existing(named: Option<&Path>) -> anyhow::Result<Store> {
    let path = path(named)?;
    let store = Store::open_existing(&path).map_err(|error| unusable(error, &path))?;
    let none = || {
        let help = "audits and scans are kept in it unless they say --no-store; name another with --store FILE, or a scan.json";
        Fault::new(format!("there is no store {}", path.display()), help)
    };
    store.with_context(none)
}

/// Why the store at `path` is of no use, and what to do.
pub(crate) fn unusable(error: StoreError, path: &Path) -> anyhow::Error {
    let name = path.display();
    let help = match &error {
        StoreError::Newer { .. } => "use the newer cprvagt, or another store: --store FILE".to_owned(),
        StoreError::NotAStore => "name another file with --store; this one is left as it is".to_owned(),
        StoreError::Damaged(_) => format!(
            "nothing was changed in it: put back a copy, or set it aside (mv {name} {name}.damaged), and a new one is begun"
        ),
        StoreError::Locked(_) => {
            "wait for the other program (another audit, a backup, sqlite3), or use another store: --store FILE"
                .to_owned()
        }
        StoreError::Full => "make room on that disk, or use another store: --store FILE".to_owned(),
        StoreError::File(_) | StoreError::Database(_) | StoreError::Json(_) => {
            "see that its folder is there and yours to write to, or use another store: --store FILE".to_owned()
        }
        StoreError::OtherFormat { .. } => "render it with the cprvagt that made it (`cprvagt report list`)".to_owned(),
        StoreError::NoSuchScan(_) => {
            "`cprvagt report list` shows what is in it; a file is named by its path".to_owned()
        }
        StoreError::Ambiguous(_) => "name it by its number: `cprvagt report list` shows it".to_owned(),
        StoreError::Empty => "audit or scan something first, or name a scan.json".to_owned(),
    };
    anyhow::Error::new(error).context(Fault::new(format!("cannot use the store {name}"), help))
}

/// A run that was not kept passes for nothing but findings, and for a command that failed.
fn unless_findings(status: ExitStatus) -> ExitStatus {
    match status {
        ExitStatus::Findings | ExitStatus::Command(_) => status,
        ExitStatus::Clean | ExitStatus::Usage | ExitStatus::Incomplete | ExitStatus::Internal => ExitStatus::Internal,
    }
}

fn tell(error: &anyhow::Error, reporter: &Reporter) {
    let help = crate::help_of(error).unwrap_or_default();
    reporter.step(&without_numbers(&format!("STORE: {error:#}\nhelp: {help}")));
}

/// Nobody else need see what lies there.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Whose numbers were seen for sure, by system. Declared test persons are nobody.
fn counted(key: String, record: &Record) -> Counted {
    let sure = record.sightings.iter().filter(|sighting| sighting.evidence < Evidence::E4);
    let persons = sure.filter_map(|sighting| match &sighting.identity {
        Identity::Person(token) => Some((sighting.system.clone(), token.clone())),
        Identity::Canary(_) => None,
    });
    Counted { key, persons: persons.collect::<BTreeSet<_>>() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_was_not_kept_passes_for_nothing_but_findings() {
        assert_eq!(unless_findings(ExitStatus::Findings), ExitStatus::Findings);
        assert_eq!(unless_findings(ExitStatus::Clean), ExitStatus::Internal);
        assert_eq!(unless_findings(ExitStatus::Incomplete), ExitStatus::Internal);
    }

    #[test]
    fn every_fault_of_the_store_says_what_where_and_what_to_do() {
        let errors = [
            StoreError::Newer { found: 9, known: 2 },
            StoreError::NotAStore,
            StoreError::Damaged("page 3".to_owned()),
            StoreError::Locked(10),
            StoreError::Full,
            StoreError::NoSuchScan("12".to_owned()),
            StoreError::Empty,
        ];
        for error in errors {
            let what = error.to_string();
            let told = unusable(error, Path::new("/data/store.db"));
            assert!(format!("{told:#}").contains(&what) && format!("{told:#}").contains("/data/store.db"), "{told:#}");
            assert!(crate::help_of(&told).is_some_and(|help| help.len() > 20), "{told:#}");
        }
    }
}
