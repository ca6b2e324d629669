//! Why the store could not be used.

use std::io;

use rusqlite::ErrorCode;

/// Why the store could not be opened, read or written. Nothing in it was changed, but by what was kept before.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer program has been here.
    #[error("it was written by a newer cprvagt: it is of version {found}, and this program knows up to {known}")]
    Newer {
        /// The store's version.
        found: i64,
        /// This program's.
        known: i64,
    },
    /// A file, and none of ours.
    #[error("it is no store of cprvagt")]
    NotAStore,
    /// Bytes of it are not as they were written.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Somebody else writes, and does not come to an end.
    #[error("another program has it locked, and did not let go of it within {0} seconds")]
    Locked(u64),
    /// The disk, or the file's own bound, takes no more.
    #[error("there is no room for more in it")]
    Full,
    /// The file system refuses.
    #[error("the file cannot be opened or written")]
    File(#[from] io::Error),
    /// Anything else of the database's.
    #[error("the database cannot do it")]
    Database(#[source] rusqlite::Error),
    /// A scan does not serialise.
    #[error("a scan cannot be written as JSON")]
    Json(#[source] serde_json::Error),
    /// A scan in it is of another format.
    #[error("scan {number} in it is of another version of the format")]
    OtherFormat {
        /// Which.
        number: i64,
        /// What does not fit.
        #[source]
        error: serde_json::Error,
    },
    /// No scan goes by that name.
    #[error("there is no scan `{0}` in it")]
    NoSuchScan(String),
    /// Several scans go by that name.
    #[error("several scans in it are called `{0}`")]
    Ambiguous(String),
    /// There is none at all.
    #[error("there is no scan in it")]
    Empty,
}

/// Seconds that a writer waits for another. Keeping the largest scan takes one or two.
pub(crate) const PATIENCE: u64 = 10;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked(PATIENCE),
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged("SQLite calls it malformed".to_owned()),
            Some(ErrorCode::NotADatabase) => Self::NotAStore,
            // Theirs, not ours: the others are all told as SQLite has them.
            _ => Self::Database(error),
        }
    }
}
