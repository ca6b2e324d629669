//! Opening the file: whose it is, which version, and the steps from there to the newest.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::StoreError;
use crate::error::PATIENCE;

/// Each version's step, from an empty file on. Steps are only ever added.
pub(crate) const STEPS: [&str; 2] = [include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// The newest version: the number of steps.
pub(crate) const VERSION: i64 = 2;

/// Says in the file's header that it is ours: `cprv`.
const APPLICATION_ID: i64 = 0x6370_7276;

/// What every SQLite file begins with (SQLite file format §1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Between two tries to switch to WAL, which SQLite does not always wait for by itself.
const PAUSE: Duration = Duration::from_millis(20);

/// Makes an empty file for the user alone where there is none.
pub(crate) fn make(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Opens the file at `path`, and brings it to the newest version.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    refuse_by_header(path)?;
    // No `SQLITE_OPEN_CREATE`: whoever wants one made has made it, with its mode.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(PATIENCE))?;
    refuse(&connection)?;
    write_ahead(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut connection)?;
    check(&connection)?;
    Ok(connection)
}

/// Refuses by the first bytes alone what is plainly not for us, before SQLite puts files of its own beside it.
fn refuse_by_header(path: &Path) -> Result<(), StoreError> {
    let mut header = Vec::new();
    File::open(path)?.take(100).read_to_end(&mut header)?;
    if header.is_empty() {
        return Ok(());
    }
    let word = |at: usize| {
        let bytes = header.get(at..at + 4)?.try_into().ok()?;
        Some(i64::from(u32::from_be_bytes(bytes)))
    };
    // §1.3.16 and §1.3.17: the user's version and the application's id.
    let (Some(version), Some(application)) = (word(60), word(68)) else { return Err(StoreError::NotAStore) };
    if !header.starts_with(MAGIC) || (application != 0 && application != APPLICATION_ID) {
        return Err(StoreError::NotAStore);
    }
    refuse_newer(version)
}

/// The same with what a log beside the file says too.
fn refuse(connection: &Connection) -> Result<(), StoreError> {
    // In one reading: another process may be making it meanwhile.
    let reading = connection.unchecked_transaction()?;
    let (version, application) = (pragma(&reading, "user_version")?, pragma(&reading, "application_id")?);
    if application == APPLICATION_ID {
        return refuse_newer(version);
    }
    let tables: i64 = reading.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    // One that was killed while it was made is empty.
    if application == 0 && version == 0 && tables == 0 { Ok(()) } else { Err(StoreError::NotAStore) }
}

fn refuse_newer(version: i64) -> Result<(), StoreError> {
    if version > VERSION { Err(StoreError::Newer { found: version, known: VERSION }) } else { Ok(()) }
}

/// Readers then never wait for a writer.
fn write_ahead(connection: &Connection) -> Result<(), StoreError> {
    let begun = Instant::now();
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", (), |row| row.get::<_, String>(0));
        match mode.map_err(StoreError::from) {
            Ok(mode) if mode == "wal" => return Ok(()),
            // On file systems without shared memory; slower, and as safe.
            Ok(_) => return Ok(()),
            Err(StoreError::Locked(_)) if begun.elapsed() < Duration::from_secs(PATIENCE) => sleep(PAUSE),
            Err(error) => return Err(error),
        }
    }
}

/// All steps that are missing, or none.
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if pragma(connection, "user_version")? == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been quicker.
    let version = pragma(&transaction, "user_version")?;
    refuse_newer(version)?;
    for step in STEPS.iter().skip(usize::try_from(version).unwrap_or_default()) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

/// That the file hangs together. It reads all of it: some ten milliseconds for a hundred scans.
fn check(connection: &Connection) -> Result<(), StoreError> {
    let said: String = connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0))?;
    if said == "ok" { Ok(()) } else { Err(StoreError::Damaged(said)) }
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Store, sample};

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[track_caller]
    fn is_refused_and_untouched(path: &Path, is_expected: impl Fn(&StoreError) -> bool) {
        let before = std::fs::read(path).unwrap();
        let error = Store::open(path).unwrap_err();
        assert!(is_expected(&error), "{error:?}");
        assert_eq!(std::fs::read(path).unwrap(), before);
        let beside = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(beside, 1, "nothing is put beside it");
    }

    #[test]
    fn each_step_is_a_version() {
        assert_eq!(usize::try_from(VERSION), Ok(STEPS.len()));
    }

    #[test]
    fn the_first_version_stays_as_it_was() {
        // Files of that version are out there; what is new is a step of its own.
        use sha2::{Digest as _, Sha256};
        let digest: [u8; 32] = Sha256::digest(STEPS[0]).into();
        assert_eq!(u64::from_be_bytes(digest[..8].try_into().unwrap()), 0x90e8_e04b_bc6c_fe18);
    }

    #[test]
    fn a_file_of_the_first_version_comes_to_the_newest_with_its_scans() {
        let folder = folder();
        let path = folder.path().join("store.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(STEPS[0]).unwrap();
        old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        let json = serde_json::to_vec(&sample::scan("borger", 1)).unwrap();
        let digest: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(&json).into();
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        io::Write::write_all(&mut packed, &json).unwrap();
        old.execute(
            "INSERT INTO scans (id, kind, inputs, started, ended, tool, is_complete, exit_code, findings, \
             blind_spots, digest, record) VALUES ('feed000000000001', 'recording', '[]', 1, 2, '0.1.0', 1, 0, 1, 0, ?1, ?2)",
            (digest, packed.finish().unwrap()),
        )
        .unwrap();
        drop(old);
        let mut store = Store::open(&path).unwrap();
        assert_eq!(pragma(&store.connection, "user_version").unwrap(), VERSION);
        assert_eq!(store.find("feed0000").unwrap().scan, sample::scan("borger", 1));
        sample::keep(&mut store, &sample::scan("borger", 2), Some(&sample::counted("k", "borger", 0..3)));
        assert_eq!(store.count().unwrap(), 2);
    }

    #[test]
    fn a_newer_store_is_refused_and_not_touched() {
        let folder = folder();
        let path = folder.path().join("store.db");
        drop(Store::open(&path).unwrap());
        let newer = Connection::open(&path).unwrap();
        newer.pragma_update(None, "user_version", VERSION + 1).unwrap();
        newer.close().unwrap();
        is_refused_and_untouched(&path, |error| matches!(error, StoreError::Newer { found: 3, known: 2 }));
    }

    #[test]
    fn a_newer_store_whose_log_alone_says_so_is_refused() {
        let (folder, store) = sample::store();
        // Held open, so that the log is not worked into the file.
        store.connection.pragma_update(None, "user_version", VERSION + 1).unwrap();
        let error = Store::open(&folder.path().join("store.db")).unwrap_err();
        assert!(matches!(error, StoreError::Newer { .. }), "{error:?}");
    }

    #[test]
    fn what_is_no_store_is_refused_and_not_touched() {
        for bytes in
            [&b"no database at all, but long enough to have a header of a hundred bytes .............."[..], b"x"]
        {
            let folder = folder();
            let path = folder.path().join("store.db");
            std::fs::write(&path, bytes).unwrap();
            is_refused_and_untouched(&path, |error| matches!(error, StoreError::NotAStore));
        }
        let folder = folder();
        let path = folder.path().join("store.db");
        let other = Connection::open(&path).unwrap();
        other.execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);").unwrap();
        other.close().unwrap();
        is_refused_and_untouched(&path, |error| matches!(error, StoreError::NotAStore));
    }

    #[test]
    fn a_damaged_store_is_told_and_not_touched() {
        let folder = folder();
        let path = folder.path().join("store.db");
        let mut store = Store::open(&path).unwrap();
        for minute in 0..20 {
            sample::keep(&mut store, &sample::scan("borger", minute), None);
        }
        drop(store);
        let mut bytes = std::fs::read(&path).unwrap();
        let (from, to) = (4_096, bytes.len() - 4_096);
        bytes[from..to].fill(0x5a);
        std::fs::write(&path, bytes).unwrap();
        is_refused_and_untouched(&path, |error| matches!(error, StoreError::Damaged(_)));
    }

    #[test]
    fn a_store_that_was_killed_while_it_was_made_is_made() {
        let folder = folder();
        let path = folder.path().join("store.db");
        std::fs::write(&path, b"").unwrap();
        assert_eq!(Store::open(&path).unwrap().count().unwrap(), 0);
        let half = folder.path().join("half.db");
        let connection = Connection::open(&half).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        drop(connection);
        assert_eq!(Store::open(&half).unwrap().count().unwrap(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, mut store) = sample::store();
        let run = store.begin(&sample::start(0)).unwrap();
        let mode =
            |entry: io::Result<std::fs::DirEntry>| entry.unwrap().metadata().unwrap().permissions().mode() & 0o777;
        let modes: Vec<u32> = std::fs::read_dir(folder.path()).unwrap().map(mode).collect();
        assert!(modes.len() >= 3 && modes.iter().all(|mode| *mode == 0o600), "{modes:?}");
        drop(run);
    }

    #[test]
    fn several_that_make_it_at_once_make_one() {
        let folder = folder();
        let path = folder.path().join("store.db");
        std::thread::scope(|scope| {
            for minute in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    let mut store = Store::open(path).unwrap();
                    let run = store.begin(&sample::start(minute)).unwrap();
                    let scan = sample::scan("borger", minute);
                    store.keep(run, &crate::Kept { scan: &scan, exit_code: 1, persons: None }).unwrap();
                });
            }
        });
        let store = Store::open(&path).unwrap();
        assert_eq!((store.count().unwrap(), store.open_runs().unwrap()), (8, Vec::new()));
    }
}
