//! Scans come out again: by number, by id, or the last of a system before a time.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use jiff::Timestamp;
use model::{Scan, SystemResult};
use rusqlite::{OptionalExtension as _, Params};
use sha2::{Digest as _, Sha256};

use crate::keep::key_of;
use crate::{Store, StoreError};

/// Characters of an id that name a scan; shorter ones are numbers.
const MIN_ID: usize = 8;

/// Bytes of a scan that are unpacked: those of the largest scans are some tens of millions.
const MOST_BYTES: u64 = 1 << 30;

/// A scan and its number in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its number.
    pub number: i64,
    /// The scan.
    pub scan: Scan,
}

impl Store {
    /// The scan that `name` means: its number, or the beginning of its id, 8 characters at least.
    pub fn find(&self, name: &str) -> Result<Found, StoreError> {
        if name.len() < MIN_ID
            && let Ok(number) = name.trim_start_matches('#').parse::<i64>()
        {
            return self.one("number = ?1", (number,))?.ok_or_else(|| StoreError::NoSuchScan(name.to_owned()));
        }
        if name.len() < MIN_ID {
            return Err(StoreError::NoSuchScan(name.to_owned()));
        }
        let (wanted, length) = (name.to_ascii_lowercase(), i64::try_from(name.len()).unwrap_or(i64::MAX));
        let mut statement =
            self.connection.prepare("SELECT number FROM scans WHERE substr(id, 1, ?2) = ?1 ORDER BY number LIMIT 2")?;
        let numbers: Vec<i64> = statement.query_map((wanted, length), |row| row.get(0))?.collect::<Result<_, _>>()?;
        match numbers.as_slice() {
            [] => Err(StoreError::NoSuchScan(name.to_owned())),
            [number] => self.one("number = ?1", (number,))?.ok_or_else(|| StoreError::NoSuchScan(name.to_owned())),
            [_, ..] => Err(StoreError::Ambiguous(name.to_owned())),
        }
    }

    /// The scan that was kept last.
    pub fn latest(&self) -> Result<Found, StoreError> {
        self.one("1 ORDER BY number DESC LIMIT 1", ())?.ok_or(StoreError::Empty)
    }

    /// The last scan of `system` that began before `until`, other than that of the number `than`.
    pub fn last_of(
        &self,
        system: &SystemResult,
        until: Timestamp,
        than: Option<i64>,
    ) -> Result<Option<Found>, StoreError> {
        let parameters =
            (key_of(system.id.as_ref()), system.name.as_str(), until.as_microsecond(), than.unwrap_or_default());
        self.one(
            "number <> ?4 AND started < ?3 AND number IN \
             (SELECT scan FROM systems WHERE id = ?1 AND (id <> '' OR name = ?2)) \
             ORDER BY started DESC, number DESC LIMIT 1",
            parameters,
        )
    }

    fn one(&self, condition: &str, parameters: impl Params) -> Result<Option<Found>, StoreError> {
        let query = format!("SELECT number, digest, record FROM scans WHERE {condition}");
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let found: Option<(i64, Vec<u8>, Vec<u8>)> = self.connection.query_row(&query, parameters, row).optional()?;
        found.map(|(number, digest, record)| unpacked(number, &digest, &record)).transpose()
    }
}

fn unpacked(number: i64, digest: &[u8], record: &[u8]) -> Result<Found, StoreError> {
    let mut json = Vec::new();
    let read = ZlibDecoder::new(record).take(MOST_BYTES).read_to_end(&mut json);
    if read.is_err() || Sha256::digest(&json).as_slice() != digest {
        return Err(StoreError::Damaged(format!("scan {number} is not as it was kept")));
    }
    match serde_json::from_slice(&json) {
        Ok(scan) => Ok(Found { number, scan }),
        Err(error) => Err(StoreError::OtherFormat { number, error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_scan_is_found_by_number_id_and_beginning_of_it() {
        let (_folder, mut store) = sample::store();
        for minute in [1, 2] {
            sample::keep(&mut store, &sample::scan("borger", minute), None);
        }
        let number = |name: &str| store.find(name).map(|found| found.number);
        assert_eq!((number("1").unwrap(), number("#2").unwrap(), number("feed000000000002").unwrap()), (1, 2, 2));
        assert_eq!(store.latest().unwrap().number, 2);
        assert!(matches!(number("feed0000"), Err(StoreError::Ambiguous(_))));
        for none in ["3", "", "feed", "feed000000000003", "'; DROP TABLE scans; --"] {
            assert!(matches!(number(none), Err(StoreError::NoSuchScan(_))), "{none}");
        }
    }

    #[test]
    fn the_last_scan_of_a_system_is_the_last_before_the_time() {
        let (_folder, mut store) = sample::store();
        for (system, minute) in [("borger", 1), ("borger", 5), ("virksomhed", 3)] {
            sample::keep(&mut store, &sample::scan(system, minute), None);
        }
        let system = &sample::scan("borger", 0).systems[0];
        let last = |minute, than| store.last_of(system, sample::at(minute), than).unwrap().map(|found| found.number);
        assert_eq!([last(1, None), last(4, None), last(9, None), last(9, Some(2))], [None, Some(1), Some(2), Some(1)]);
    }

    #[test]
    fn a_record_that_is_not_as_it_was_kept_is_damaged() {
        let (_folder, mut store) = sample::store();
        sample::keep(&mut store, &sample::scan("borger", 1), None);
        store.connection.execute("UPDATE scans SET record = substr(record, 1, 40)", ()).unwrap();
        assert!(matches!(store.find("1"), Err(StoreError::Damaged(_))));
    }

    #[test]
    fn an_empty_store_has_no_last_scan() {
        assert!(matches!(sample::store().1.latest(), Err(StoreError::Empty)));
    }
}
