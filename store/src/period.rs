//! What several scans of the same systems come to: transmissions, and how many persons where all were counted under one key.

use std::collections::BTreeSet;

use jiff::Timestamp;
use model::{DistinctPersons, Period, SystemResult};

use crate::keep::key_of;
use crate::list::count;
use crate::{Store, StoreError};

/// Rows of the systems in the period: `?1` to `?4` are ids, names, and the times of the first and the last scan. What no
/// registry declares is the same where its name is.
const ROWS: &str = "FROM systems JOIN scans ON scans.number = systems.scan \
     WHERE systems.id IN (SELECT value FROM json_each(?1)) \
     AND (systems.id <> '' OR systems.name IN (SELECT value FROM json_each(?2))) \
     AND scans.started BETWEEN ?3 AND ?4";

impl Store {
    /// What the scans of `systems` come to that began from `from` to `until`, both among them.
    pub fn period(&self, systems: &[SystemResult], from: Timestamp, until: Timestamp) -> Result<Period, StoreError> {
        let ids: BTreeSet<&str> = systems.iter().map(|system| key_of(system.id.as_ref())).collect();
        let names: BTreeSet<&str> = systems.iter().map(|system| system.name.as_str()).collect();
        let list = |texts: &BTreeSet<&str>| serde_json::to_string(texts).map_err(StoreError::Json);
        let rows = (list(&ids)?, list(&names)?, from.as_microsecond(), until.as_microsecond());
        let one = |columns: &str| -> Result<i64, StoreError> {
            Ok(self.connection.query_row(&format!("SELECT {columns} {ROWS}"), rows.clone(), |row| row.get(0))?)
        };
        let persons = if one("count(*) FILTER (WHERE scans.key IS NULL)")? > 0 {
            DistinctPersons::NoKey
        } else if one("count(DISTINCT scans.key)")? > 1 {
            DistinctPersons::OtherKey
        } else {
            let query = format!(
                "SELECT count(DISTINCT token) FROM persons \
                 WHERE (scan, system) IN (SELECT systems.scan, systems.id {ROWS})"
            );
            let persons = self.connection.query_row(&query, rows.clone(), |row| row.get(0))?;
            DistinctPersons::Counted { persons: count(persons) }
        };
        Ok(Period {
            scans: count(one("count(DISTINCT systems.scan)")?),
            transmissions: count(one("ifnull(sum(systems.transmissions), 0)")?),
            persons,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{self, at, counted};

    fn persons(keys: [Option<&str>; 2]) -> Period {
        let (_folder, mut store) = sample::store();
        let ranges = [0..5, 3..7];
        for ((key, range), minute) in keys.into_iter().zip(ranges).zip(1..) {
            let counted = key.map(|key| counted(key, "borger", range));
            sample::keep(&mut store, &sample::scan("borger", minute), counted.as_ref());
        }
        // Of no concern: another system, and one before the time.
        sample::keep(&mut store, &sample::scan("virksomhed", 1), Some(&counted("other", "virksomhed", 0..99)));
        sample::keep(&mut store, &sample::scan("borger", 0), None);
        store.period(&sample::scan("borger", 1).systems, at(1), at(2)).unwrap()
    }

    #[test]
    fn a_person_in_two_scans_is_one() {
        let expected = Period { scans: 2, transmissions: 10, persons: DistinctPersons::Counted { persons: 7 } };
        assert_eq!(persons([Some("k"), Some("k")]), expected);
    }

    #[test]
    fn without_one_key_it_cannot_be_told() {
        assert_eq!(persons([Some("k"), None]).persons, DistinctPersons::NoKey);
        assert_eq!(persons([Some("k"), Some("l")]).persons, DistinctPersons::OtherKey);
    }

    #[test]
    fn a_hundred_scans_are_asked_in_no_time() {
        // The aim is a second for the overview; this holds that it stays a query over rows, whatever is in the records.
        let (_folder, mut store) = sample::store();
        for minute in 0..100 {
            sample::keep(&mut store, &sample::scan(&format!("system-{}", minute % 24), minute), None);
        }
        assert_eq!((store.overview().unwrap().len(), store.scans(1_000).unwrap().len()), (24, 100));
    }
}
