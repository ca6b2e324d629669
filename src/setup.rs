//! What every command that judges traffic needs: clock, key, test persons, detector.

use std::path::Path;

use anyhow::Context as _;
use detect::{Inspector, Parties, Setup};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{Clock, TestPerson};
use sha2::{Digest as _, Sha256};

use crate::fault::Fault;
use crate::record::Recorder;

/// A key shorter than this can be guessed.
const MIN_KEY_BYTES: usize = 32;

/// The machine's clock, or one that always says `fixed`.
pub(crate) fn clock(fixed: Option<Timestamp>) -> Clock {
    #[expect(clippy::disallowed_methods, reason = "the one place where time comes in")]
    fixed.map_or_else(|| Clock::new(Timestamp::now), Clock::fixed)
}

/// A recorder that knows `persons` and who is who.
pub(crate) fn recorder(persons: &[TestPerson], parties: Parties, key: [u8; 32], clock: &Clock) -> Recorder {
    Recorder::new(Inspector::new(detector(persons, parties.clone(), key, clock)), parties)
}

/// What a detector is told.
pub(crate) fn detector(persons: &[TestPerson], parties: Parties, key: [u8; 32], clock: &Clock) -> Setup {
    let today = clock.now().to_zoned(TimeZone::UTC).date();
    Setup { test_persons: persons.to_vec(), key, today, parties }
}

/// The key of the persons' tokens: from the file that makes them countable across scans, else a fresh one that is
/// never stored.
pub(crate) fn key(file: Option<&Path>) -> anyhow::Result<[u8; 32]> {
    let Some(path) = file else {
        let mut key = [0; 32];
        getrandom::fill(&mut key).context("the system gives no random bytes")?;
        return Ok(key);
    };
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| {
        Fault::new(
            format!("cannot read the key file {name}"),
            "make one with: head -c 32 /dev/urandom > FILE; chmod 600 FILE",
        )
    })?;
    if bytes.len() < MIN_KEY_BYTES {
        let help = "make one with: head -c 32 /dev/urandom > FILE; chmod 600 FILE";
        return Err(Fault::new(format!("the key file {name} is shorter than {MIN_KEY_BYTES} bytes"), help).into());
    }
    refuse_if_readable_by_others(path, "the key file")?;
    Ok(Sha256::digest(&bytes).into())
}

/// Refuses a file with a secret in it that other users of this machine can read; `what` it is to the user.
#[cfg(unix)]
pub(crate) fn refuse_if_readable_by_others(path: &Path, what: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        let name = path.display();
        let message = format!("{what} {name} can be read by others (mode {:o})", mode & 0o777);
        return Err(Fault::new(message, format!("chmod 600 {name}")).into());
    }
    Ok(())
}

/// Refuses nothing: files here have no mode.
#[cfg(not(unix))]
pub(crate) fn refuse_if_readable_by_others(_: &Path, _: &str) -> anyhow::Result<()> {
    Ok(())
}
