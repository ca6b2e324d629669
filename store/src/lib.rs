//! Scans over time, in one SQLite file: every scan whole, and beside it what is asked of many at once.
//!
//! ```text
//! Store::open -> begin: a run is open -> keep: its scan, in one transaction -> find, list, overview, persons
//! ```
//! What [`Store::keep`] returned is on disk. A file that is locked, full, damaged, newer or somebody else's is an error, and
//! left as it is. Where the file lies, and what people are told, is for others.
//!
//! ```
//! let folder = std::env::temp_dir();
//! assert!(store::Store::open_existing(&folder.join("there-is-none.db")).unwrap().is_none());
//! ```

mod error;
mod find;
mod keep;
mod list;
mod period;
mod remove;
mod runs;
#[cfg(test)]
mod sample;
mod schema;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub use error::StoreError;
pub use find::Found;
pub use keep::{Counted, Kept};
pub use list::{History, ScanRow, SystemRow};
pub use runs::{OpenRun, Run, RunStart};

/// The scans of one authority, one vendor or one person: a file.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// That at `path`; made, for its user alone, where there is no file. Its folder must be there.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        schema::make(path)?;
        Self::opened(path)
    }

    /// That at `path`, if there is a file.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, StoreError> {
        if path.try_exists()? { Self::opened(path).map(Some) } else { Ok(None) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn opened(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connection: schema::open(path)?, path: path.to_owned() })
    }
}

/// A count as SQLite has it.
pub(crate) fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A number of things as SQLite has it.
pub(crate) fn number_of<T>(things: &[T]) -> i64 {
    i64::try_from(things.len()).unwrap_or(i64::MAX)
}
