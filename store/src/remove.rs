//! Scans whose time is up, and all that is only known of them.

use jiff::Timestamp;
use rusqlite::TransactionBehavior;

use crate::{Store, StoreError};

/// What refers to the scans that began before a moment. When a recipient that is left was first seen stays known.
const OF_THEM: [&str; 4] = [
    "DELETE FROM persons WHERE scan IN (SELECT number FROM scans WHERE started < ?1)",
    "DELETE FROM seen WHERE scan IN (SELECT number FROM scans WHERE started < ?1)",
    "DELETE FROM systems WHERE scan IN (SELECT number FROM scans WHERE started < ?1)",
    "DELETE FROM recipients WHERE last_seen < ?1",
];

/// The scans themselves.
const SCANS: &str = "DELETE FROM scans WHERE started < ?1";

/// Runs to which no scan refers, any more or ever.
const RUNS: &str = "DELETE FROM runs WHERE started < ?1 AND outcome <> 'open' \
    AND number NOT IN (SELECT run FROM scans WHERE run IS NOT NULL)";

/// What no scan has any more, and how many have the rest. When a finding was first seen stays known.
const FINDINGS: &str = "DELETE FROM findings WHERE fingerprint NOT IN (SELECT fingerprint FROM seen); \
    UPDATE findings SET scans = (SELECT count(*) FROM seen WHERE seen.fingerprint = findings.fingerprint);";

impl Store {
    /// Removes the scans that began before `before`; how many. They are gone from the file as well: what is freed is
    /// overwritten, and the file is written anew without it.
    pub fn remove_before(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let before = before.as_microsecond();
        self.connection.pragma_update(None, "secure_delete", true)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for statement in OF_THEM {
            transaction.execute(statement, (before,))?;
        }
        let removed = transaction.execute(SCANS, (before,))?;
        transaction.execute(RUNS, (before,))?;
        transaction.execute_batch(FINDINGS)?;
        transaction.commit()?;
        if removed > 0 {
            self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")?;
        }
        Ok(u64::try_from(removed).unwrap_or(u64::MAX))
    }

    /// How many scans began before `before`.
    pub fn count_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        let query = "SELECT count(*) FROM scans WHERE started < ?1";
        let count: i64 = self.connection.query_row(query, (before.as_microsecond(),), |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_is_removed_is_gone_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let mut store = Store::open(&path).unwrap();
        let (old, new) = (sample::scan("borger", 0), sample::scan("borger", 30));
        sample::keep(&mut store, &old, None);
        sample::keep(&mut store, &new, None);
        assert_eq!(store.remove_before(old.started).unwrap(), 0, "that one is not older than itself");
        assert_eq!((store.count_before(new.started).unwrap(), store.count().unwrap()), (1, 2));
        assert_eq!(store.remove_before(new.started).unwrap(), 1);
        let left = store.scans(9).unwrap();
        assert_eq!(left.iter().map(|scan| scan.id.as_str()).collect::<Vec<_>>(), [new.id.as_str()]);
        let history = store.history(&new.findings[0].fingerprint).unwrap().unwrap();
        assert_eq!(history.scans, [left[0].number]);
        assert_eq!(history.first_seen, old.findings[0].first_seen.min(new.findings[0].first_seen));
        assert!(matches!(store.find(&old.id), Err(StoreError::NoSuchScan(_))));
        drop(store);
        let mut files = std::fs::read_dir(folder.path()).unwrap().flatten();
        let is_in = |bytes: &[u8]| bytes.windows(old.id.len()).any(|window| window == old.id.as_bytes());
        assert!(files.all(|file| !is_in(&std::fs::read(file.path()).unwrap())), "nothing of it is left on disk");
    }
}
