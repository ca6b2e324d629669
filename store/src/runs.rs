//! Runs under way: a row from the start, closed with the scan. One whose process is gone died half-way.
//!
//! Whether a process lives is told by a lock that it holds on a file beside the store: the system lets go of it whatever way
//! the process ends, and no other process is taken for it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use model::{Redacted, ScanKind};
use rusqlite::{Connection, TransactionBehavior};

use crate::{Store, StoreError};

/// What is known of a run when it begins.
#[derive(Clone, Copy, Debug)]
pub struct RunStart<'a> {
    /// What kind.
    pub kind: ScanKind,
    /// What was asked for.
    pub targets: &'a [Redacted],
    /// The program's version.
    pub tool: &'a str,
    /// When.
    pub started: Timestamp,
}

/// A run under way. Let go of without its scan, it is one that died.
#[derive(Debug)]
pub struct Run {
    pub(crate) number: i64,
    /// Locked as long as this process lives.
    _lock: File,
    lock_path: PathBuf,
}

/// A run that has no scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRun {
    /// Its number.
    pub number: i64,
    /// What kind.
    pub kind: String,
    /// What was asked for.
    pub targets: Vec<String>,
    /// When it began.
    pub started: Timestamp,
    /// Whether its process is gone: killed, or the store could not take its scan.
    pub died: bool,
}

impl Store {
    /// A run begins; on disk when this returns. Runs that died are marked so.
    pub fn begin(&mut self, start: &RunStart<'_>) -> Result<Run, StoreError> {
        let targets = serde_json::to_string(start.targets).map_err(StoreError::Json)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for number in open_numbers(&transaction)? {
            let lock_path = lock_path(&self.path, number);
            if !is_held(&lock_path)? {
                transaction.execute("UPDATE runs SET outcome = 'died' WHERE number = ?1", (number,))?;
                // Nobody's any more.
                let _ = std::fs::remove_file(lock_path);
            }
        }
        transaction.execute(
            "INSERT INTO runs (kind, targets, tool, started) VALUES (?1, ?2, ?3, ?4)",
            (kind(start.kind), targets, start.tool, start.started.as_microsecond()),
        )?;
        let number = transaction.last_insert_rowid();
        // Before the row can be seen, so that nobody takes the run for dead.
        let lock_path = lock_path(&self.path, number);
        let lock = make_lock(&lock_path)?;
        transaction.commit()?;
        Ok(Run { number, _lock: lock, lock_path })
    }

    /// Runs without a scan, the newest first: those under way, and those that died.
    pub fn open_runs(&self) -> Result<Vec<OpenRun>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT number, kind, targets, started, outcome FROM runs WHERE outcome <> 'kept' ORDER BY number DESC",
        )?;
        let row = |row: &rusqlite::Row<'_>| {
            let (targets, outcome): (String, String) = (row.get(2)?, row.get(4)?);
            let run = OpenRun {
                number: row.get(0)?,
                kind: row.get(1)?,
                targets: serde_json::from_str(&targets).unwrap_or_default(),
                started: time(row.get(3)?),
                died: outcome == "died",
            };
            Ok(run)
        };
        let mut runs = statement.query_map((), row)?.collect::<Result<Vec<_>, _>>()?;
        for run in runs.iter_mut().filter(|run| !run.died) {
            run.died = !is_held(&lock_path(&self.path, run.number))?;
        }
        // Closed meanwhile, its lock is gone as well.
        let closed: Vec<i64> = runs
            .iter()
            .filter(|run| run.died)
            .map(|run| Ok((run.number, self.outcome(run.number)?)))
            .collect::<Result<Vec<_>, StoreError>>()?
            .into_iter()
            .filter_map(|(number, outcome)| (outcome == "kept").then_some(number))
            .collect();
        runs.retain(|run| !closed.contains(&run.number));
        Ok(runs)
    }

    fn outcome(&self, run: i64) -> Result<String, StoreError> {
        Ok(self.connection.query_row("SELECT outcome FROM runs WHERE number = ?1", (run,), |row| row.get(0))?)
    }
}

impl Run {
    /// The run's scan is kept: nobody need tell whether it lives.
    pub(crate) fn end(self) {
        // A file that stays is an empty one, and is nobody's.
        let _ = std::fs::remove_file(self.lock_path);
    }
}

/// Stable id of a kind of run.
pub(crate) fn kind(kind: ScanKind) -> &'static str {
    match kind {
        ScanKind::Audit => "audit",
        ScanKind::Recording => "recording",
        ScanKind::Proxy => "proxy",
        ScanKind::Run => "run",
    }
}

/// A time as the store has it.
pub(crate) fn time(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or_default()
}

fn open_numbers(connection: &Connection) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare("SELECT number FROM runs WHERE outcome = 'open'")?;
    let numbers = statement.query_map((), |row| row.get(0))?;
    Ok(numbers.collect::<Result<_, _>>()?)
}

fn lock_path(store: &Path, number: i64) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_owned();
    name.push(format!("-run-{number}"));
    store.with_file_name(name)
}

fn make_lock(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        // Numbers are never used twice.
        Err(TryLockError::WouldBlock) => Err(io::Error::other("its lock is held by another run").into()),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Whether a process holds the lock at `path`.
fn is_held(path: &Path) -> Result<bool, StoreError> {
    let file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    match file.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_run_under_way_is_told_from_one_that_died() {
        let (folder, mut store) = sample::store();
        let dead = store.begin(&sample::start(1)).unwrap();
        drop(dead);
        let alive = store.begin(&sample::start(2)).unwrap();
        let other = Store::open(&folder.path().join("store.db")).unwrap();
        let told: Vec<(i64, bool)> = other.open_runs().unwrap().iter().map(|run| (run.number, run.died)).collect();
        assert_eq!(told, [(2, false), (1, true)]);
        drop(alive);
        assert!(other.open_runs().unwrap().iter().all(|run| run.died));
    }

    #[test]
    fn locks_of_the_dead_are_swept_up() {
        let (folder, mut store) = sample::store();
        for minute in 0..3 {
            drop(store.begin(&sample::start(minute)).unwrap());
        }
        let locks = std::fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("-run-"));
        assert_eq!(locks.count(), 1, "that of the last");
    }
}
