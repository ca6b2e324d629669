//! What every command that judges traffic needs: clock, key, test persons, detector.

use std::io::Write as _;
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
        Fault::new(format!("cannot read the key file {name}"), "make one with: cprvagt report new-key FILE")
    })?;
    if bytes.len() < MIN_KEY_BYTES {
        let help = "make one with: cprvagt report new-key FILE";
        return Err(Fault::new(format!("the key file {name} is shorter than {MIN_KEY_BYTES} bytes"), help).into());
    }
    refuse_if_readable_by_others(path, "the key file")?;
    Ok(Sha256::digest(&bytes).into())
}

/// Tells whether two keys are the same, and tells nothing else of them: a key is not guessed.
pub(crate) fn key_id(key: &[u8; 32]) -> String {
    let mut hash = Sha256::new_with_prefix("cprvagt, which key: ");
    hash.update(key);
    data_encoding::HEXLOWER.encode(&hash.finalize()).chars().take(16).collect()
}

/// Makes a key file where there is none.
pub(crate) fn new_key(path: &Path) -> anyhow::Result<()> {
    let mut key = [0; MIN_KEY_BYTES];
    getrandom::fill(&mut key).context("the system gives no random bytes")?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let name = path.display();
    let mut file = options.open(path).map_err(|error| {
        let (what, help) = match error.kind() {
            std::io::ErrorKind::AlreadyExists => (
                format!("there is a file {name} already"),
                "name another: persons that were counted under a key that is lost can never be compared again",
            ),
            _ => (format!("cannot write the key file {name}"), "name a file in a folder that you may write to"),
        };
        anyhow::Error::from(error).context(Fault::new(what, help))
    })?;
    file.write_all(&key).and_then(|()| file.sync_all()).with_context(|| format!("cannot write the key file {name}"))
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
