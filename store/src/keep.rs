//! A scan goes in: whole, and cut up into what is asked of many scans at once. One transaction, so all of it or nothing.

use std::collections::BTreeSet;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use model::{Finding, Redacted, Scan, Severity, Standing, SystemId, SystemResult, Token};
use rusqlite::{Transaction, TransactionBehavior};
use sha2::{Digest as _, Sha256};

use crate::runs::{Run, kind};
use crate::{Store, StoreError, integer, number_of};

/// A scan, and what is known of it beside.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// The scan.
    pub scan: &'a Scan,
    /// What the run told its caller.
    pub exit_code: u8,
    /// The persons in it, if they were counted under a key that is the same in other scans.
    pub persons: Option<&'a Counted>,
}

/// Persons of a scan under the supervisor's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Tells keys apart, and tells nothing of them.
    pub key: String,
    /// Whose number was seen surely, in which system.
    pub persons: BTreeSet<(Option<SystemId>, Token)>,
}

impl Store {
    /// Keeps the scan of `run`, which is over by that. On disk when this returns. The scan's number here.
    pub fn keep(&mut self, run: Run, kept: &Kept<'_>) -> Result<i64, StoreError> {
        let number = self.insert(Some(run.number), kept)?;
        run.end();
        Ok(number)
    }

    /// Keeps a scan that was made elsewhere.
    pub fn import(&mut self, kept: &Kept<'_>) -> Result<i64, StoreError> {
        self.insert(None, kept)
    }

    fn insert(&mut self, run: Option<i64>, kept: &Kept<'_>) -> Result<i64, StoreError> {
        let json = serde_json::to_vec(kept.scan).map_err(StoreError::Json)?;
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&json)?;
        let record = packed.finish()?;
        let digest: [u8; 32] = Sha256::digest(&json).into();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let number = insert_scan(&transaction, run, kept, &digest, &record)?;
        insert_systems(&transaction, number, kept.scan)?;
        insert_findings(&transaction, number, kept.scan)?;
        insert_recipients(&transaction, kept.scan)?;
        if let Some(counted) = kept.persons {
            let mut statement = transaction.prepare("INSERT INTO persons (scan, system, token) VALUES (?1, ?2, ?3)")?;
            for (system, token) in &counted.persons {
                statement.execute((number, key_of(system.as_ref()), token.bytes()))?;
            }
        }
        if let Some(run) = run {
            transaction.execute("UPDATE runs SET outcome = 'kept' WHERE number = ?1", (run,))?;
        }
        transaction.commit()?;
        Ok(number)
    }
}

fn insert_scan(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    kept: &Kept<'_>,
    digest: &[u8],
    record: &[u8],
) -> Result<i64, StoreError> {
    let Kept { scan, exit_code, persons } = kept;
    let inputs = serde_json::to_string(&scan.targets).map_err(StoreError::Json)?;
    let unseen: u64 = scan.blind_spots.iter().filter(|spot| spot.kind.leaves_gap()).map(|spot| spot.count).sum();
    transaction.execute(
        "INSERT INTO scans (run, id, kind, inputs, started, ended, tool, is_complete, exit_code, findings, \
         blind_spots, digest, record, key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        rusqlite::params![
            run,
            scan.id,
            kind(scan.kind),
            inputs,
            scan.started.as_microsecond(),
            scan.ended.as_microsecond(),
            scan.tool.version,
            scan.is_complete(),
            exit_code,
            number_of(&scan.findings),
            integer(unseen),
            digest,
            record,
            persons.map(|counted| &counted.key),
        ],
    )?;
    Ok(transaction.last_insert_rowid())
}

fn insert_systems(transaction: &Transaction<'_>, number: i64, scan: &Scan) -> Result<(), StoreError> {
    let mut statement = transaction.prepare(
        "INSERT INTO systems (scan, place, id, name, vendor, verdict, findings, worst, unlisted, transmissions, \
         pages, pages_loaded, requests, third_party_requests, forms, forms_submitted, consent) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?;
    for (system, place) in scan.systems.iter().zip(0_i64..) {
        let SystemResult { id, name, vendor, environment: _, base_urls: _, declared_at: _, coverage, verdict } = system;
        let findings: Vec<&Finding> = scan.findings_of(id.as_ref()).collect();
        let worst = findings.iter().map(|finding| finding.severity).max().map_or("", Severity::as_str);
        let unlisted = coverage.recipients.iter().filter(|contact| is_unlisted(contact.recipient.standing)).count();
        let loaded = coverage.pages.iter().filter(|page| page.outcome == "loaded").count();
        let consent = serde_json::to_string(&coverage.consent_states).map_err(StoreError::Json)?;
        statement.execute(rusqlite::params![
            number,
            place,
            key_of(id.as_ref()),
            name.as_str(),
            vendor.as_ref().map_or("", |vendor| vendor.0.as_str()),
            verdict.as_str(),
            number_of(&findings),
            worst,
            i64::try_from(unlisted).unwrap_or(i64::MAX),
            integer(delivered(scan, &findings)),
            number_of(&coverage.pages),
            i64::try_from(loaded).unwrap_or(i64::MAX),
            integer(coverage.requests),
            integer(coverage.third_party_requests),
            integer(coverage.forms),
            integer(coverage.forms_submitted),
            consent,
        ])?;
    }
    Ok(())
}

fn insert_findings(transaction: &Transaction<'_>, number: i64, scan: &Scan) -> Result<(), StoreError> {
    let mut history = transaction.prepare(
        "INSERT INTO findings (fingerprint, rule, system, recipient, first_seen, last_seen, scans) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1) ON CONFLICT (fingerprint) DO UPDATE SET \
         first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen), \
         scans = scans + 1",
    )?;
    let mut seen = transaction.prepare(
        "INSERT INTO seen (fingerprint, scan, severity, transmissions, persons) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut known = BTreeSet::new();
    // Those of one scan differ; those of an edited file need not.
    for finding in scan.findings.iter().filter(|finding| known.insert(finding.fingerprint.as_str())) {
        history.execute((
            &finding.fingerprint,
            finding.rule.as_str(),
            key_of(finding.system.as_ref()),
            finding.recipient.domain.as_str(),
            finding.first_seen.as_microsecond(),
            finding.last_seen.as_microsecond(),
        ))?;
        let (transmissions, persons) = (integer(finding.transmissions), integer(finding.persons));
        seen.execute((&finding.fingerprint, number, finding.severity.as_str(), transmissions, persons))?;
    }
    Ok(())
}

fn insert_recipients(transaction: &Transaction<'_>, scan: &Scan) -> Result<(), StoreError> {
    let mut statement = transaction.prepare(
        "INSERT INTO recipients (system, domain, first_seen, last_seen, first_with_number) \
         VALUES (?1, ?2, ?3, ?3, ?4) ON CONFLICT (system, domain) DO UPDATE SET \
         first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen), \
         first_with_number = min(ifnull(first_with_number, excluded.first_with_number), \
         ifnull(excluded.first_with_number, first_with_number))",
    )?;
    let when = scan.started.as_microsecond();
    for system in &scan.systems {
        for contact in &system.coverage.recipients {
            let domain: &Redacted = &contact.recipient.domain;
            let with_number = (contact.with_number > 0).then_some(when);
            statement.execute((key_of(system.id.as_ref()), domain.as_str(), when, with_number))?;
        }
    }
    Ok(())
}

/// The system's id; nothing for what no registry declares.
pub(crate) fn key_of(system: Option<&SystemId>) -> &str {
    system.map_or("", |id| id.0.as_str())
}

fn is_unlisted(standing: Standing) -> bool {
    match standing {
        Standing::Unlisted | Standing::Unknown => true,
        Standing::Own | Standing::Public | Standing::Approved => false,
    }
}

/// How often a number reached somebody by `findings`. A line of a log of which several of them tell is one time.
fn delivered(scan: &Scan, findings: &[&Finding]) -> u64 {
    let sum = findings.iter().fold(0_u64, |sum, finding| sum.saturating_add(finding.numbers_delivered()));
    let counts = |fingerprint: &str| {
        findings.iter().any(|finding| finding.fingerprint == fingerprint && finding.numbers_delivered() > 0)
    };
    sum.saturating_sub(scan.logs.as_ref().map_or(0, |logs| logs.counted_again(counts)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_scan_comes_out_as_it_went_in() {
        let (_folder, mut store) = sample::store();
        let scan = sample::scan("borger", 1);
        let run = store.begin(&sample::start(1)).unwrap();
        let number = store.keep(run, &Kept { scan: &scan, exit_code: 1, persons: None }).unwrap();
        assert_eq!(store.find(&number.to_string()).unwrap().scan, scan);
        assert_eq!(store.open_runs().unwrap(), Vec::new());
    }

    #[test]
    fn a_store_that_is_full_says_so_and_keeps_what_it_has() {
        let (folder, mut store) = sample::store();
        sample::keep(&mut store, &sample::scan("borger", 1), None);
        let pages: i64 = store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        store.connection.pragma_update(None, "max_page_count", pages).unwrap();
        let run = store.begin(&sample::start(2)).unwrap();
        let mut scan = sample::scan("borger", 2);
        let finding = scan.findings[0].clone();
        for number in 0..200 {
            scan.findings.push(Finding { fingerprint: format!("{number:032}"), ..finding.clone() });
        }
        let error = store.keep(run, &Kept { scan: &scan, exit_code: 1, persons: None }).unwrap_err();
        assert!(matches!(error, StoreError::Full), "{error:?}");
        drop(store);
        let store = Store::open(&folder.path().join("store.db")).unwrap();
        assert_eq!(store.count().unwrap(), 1);
        assert!(store.open_runs().unwrap()[0].died, "that run is told");
    }

    #[test]
    fn a_locked_store_says_so_and_keeps_nothing_by_halves() {
        let (folder, mut store) = sample::store();
        let other = Store::open(&folder.path().join("store.db")).unwrap();
        other.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        store.connection.busy_timeout(std::time::Duration::from_millis(20)).unwrap();
        let error = store.begin(&sample::start(1)).unwrap_err();
        assert!(matches!(error, StoreError::Locked(_)), "{error:?}");
        assert_eq!(store.count().unwrap(), 0, "reading goes on");
        drop(other);
        drop(store.begin(&sample::start(1)).unwrap());
    }

    #[test]
    fn a_finding_has_its_history() {
        let (_folder, mut store) = sample::store();
        for minute in [5, 1, 9] {
            sample::keep(&mut store, &sample::scan("borger", minute), None);
        }
        let history = store.history("borger-leak").unwrap().unwrap();
        assert_eq!(
            (history.first_seen, history.last_seen, history.scans),
            (sample::at(1), sample::at(9), vec![2, 1, 3])
        );
        assert_eq!(store.history("none").unwrap(), None);
        let known = store.recipients("borger").unwrap();
        assert_eq!(known, vec![("maaling.test".to_owned(), sample::at(1))]);
    }
}
