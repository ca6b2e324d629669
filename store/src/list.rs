//! What is in the store, in lines: no scan is unpacked for it.

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;

use crate::runs::time;
use crate::{Store, StoreError};

/// A scan in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanRow {
    /// Its number here.
    pub number: i64,
    /// Its id.
    pub id: String,
    /// `audit`, `recording` or `proxy`.
    pub kind: String,
    /// What was asked for.
    pub inputs: Vec<String>,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The program's version.
    pub tool: String,
    /// Whether everything that was to be seen was seen.
    pub is_complete: bool,
    /// What the run told its caller.
    pub exit_code: u8,
    /// How many findings.
    pub findings: u64,
    /// How many things were not seen.
    pub blind_spots: u64,
}

/// A system in its last scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemRow {
    /// Its id; empty for what no registry declares.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its vendor's id; empty where there is none.
    pub vendor: String,
    /// Number of its last scan.
    pub scan: i64,
    /// When that began.
    pub started: Timestamp,
    /// Whether that was complete.
    pub is_complete: bool,
    /// What was said of it there.
    pub verdict: String,
    /// Findings there.
    pub findings: u64,
    /// The worst of them; empty where there are none.
    pub worst: String,
    /// Recipients there that are on no list.
    pub unlisted: u64,
}

/// What became of a finding over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// The scans that have it, in the order in which they began.
    pub scans: Vec<i64>,
}

impl Store {
    /// The scans, the last kept first, at most `most`.
    pub fn scans(&self, most: usize) -> Result<Vec<ScanRow>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT number, id, kind, inputs, started, ended, tool, is_complete, exit_code, findings, blind_spots \
             FROM scans ORDER BY number DESC LIMIT ?1",
        )?;
        let row = |row: &rusqlite::Row<'_>| {
            let inputs: String = row.get(3)?;
            Ok(ScanRow {
                number: row.get(0)?,
                id: row.get(1)?,
                kind: row.get(2)?,
                inputs: serde_json::from_str(&inputs).unwrap_or_default(),
                started: time(row.get(4)?),
                ended: time(row.get(5)?),
                tool: row.get(6)?,
                is_complete: row.get(7)?,
                exit_code: row.get(8)?,
                findings: count(row.get(9)?),
                blind_spots: count(row.get(10)?),
            })
        };
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        Ok(statement.query_map((most,), row)?.collect::<Result<_, _>>()?)
    }

    /// What became of the finding of this fingerprint, if any scan has it.
    pub fn history(&self, fingerprint: &str) -> Result<Option<History>, StoreError> {
        let query = "SELECT first_seen, last_seen FROM findings WHERE fingerprint = ?1";
        let times = self.connection.query_row(query, (fingerprint,), |row| Ok((time(row.get(0)?), time(row.get(1)?))));
        let Some((first_seen, last_seen)) = times.optional()? else { return Ok(None) };
        let mut statement = self.connection.prepare(
            "SELECT scan FROM seen JOIN scans ON scans.number = seen.scan WHERE fingerprint = ?1 \
             ORDER BY started, number",
        )?;
        let scans = statement.query_map((fingerprint,), |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Some(History { first_seen, last_seen, scans }))
    }

    /// The recipients that any scan of the system of this id has, with when each was first seen, by domain.
    pub fn recipients(&self, system: &str) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let mut statement =
            self.connection.prepare("SELECT domain, first_seen FROM recipients WHERE system = ?1 ORDER BY domain")?;
        let rows = statement.query_map((system,), |row| Ok((row.get(0)?, time(row.get(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many scans there are.
    pub fn count(&self) -> Result<u64, StoreError> {
        Ok(count(self.connection.query_row("SELECT count(*) FROM scans", (), |row| row.get(0))?))
    }

    /// Every system with what its last scan says, by vendor and name.
    pub fn overview(&self) -> Result<Vec<SystemRow>, StoreError> {
        // What no registry declares is told apart by its name.
        let mut statement = self.connection.prepare(
            "SELECT id, name, vendor, scan, started, is_complete, verdict, findings, worst, unlisted FROM \
             (SELECT systems.*, scans.started, scans.is_complete, row_number() OVER \
              (PARTITION BY systems.id, CASE systems.id WHEN '' THEN systems.name END \
               ORDER BY scans.started DESC, scans.number DESC) AS turn \
              FROM systems JOIN scans ON scans.number = systems.scan) \
             WHERE turn = 1 ORDER BY vendor, name, id",
        )?;
        let row = |row: &rusqlite::Row<'_>| {
            Ok(SystemRow {
                id: row.get(0)?,
                name: row.get(1)?,
                vendor: row.get(2)?,
                scan: row.get(3)?,
                started: time(row.get(4)?),
                is_complete: row.get(5)?,
                verdict: row.get(6)?,
                findings: count(row.get(7)?),
                worst: row.get(8)?,
                unlisted: count(row.get(9)?),
            })
        };
        Ok(statement.query_map((), row)?.collect::<Result<_, _>>()?)
    }
}

pub(crate) fn count(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::sample;

    #[test]
    fn the_newest_comes_first_and_a_system_is_told_by_its_last_scan() {
        let (_folder, mut store) = sample::store();
        for (system, minute) in [("borger", 1), ("virksomhed", 7), ("borger", 3), ("borger", 2)] {
            sample::keep(&mut store, &sample::scan(system, minute), None);
        }
        let rows = store.scans(3).unwrap();
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [4, 3, 2]);
        assert_eq!(
            (rows[0].inputs.as_slice(), rows[0].exit_code, rows[0].is_complete),
            (&["a.har".to_owned()][..], 1, true)
        );
        let overview = store.overview().unwrap();
        let told: Vec<(&str, i64, &str, u64)> =
            overview.iter().map(|row| (row.id.as_str(), row.scan, row.worst.as_str(), row.unlisted)).collect();
        assert_eq!(told, [("borger", 3, "critical", 1), ("virksomhed", 2, "critical", 1)]);
    }
}
