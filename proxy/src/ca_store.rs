//! Where an installation's certificate authority is kept: a folder that nobody else can read.
//!
//! Certificate and key are one file, written whole or not at all, so that they always belong together. Beside it lies
//! the certificate alone, for programs that are pointed at a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use model::Clock;

use crate::{Ca, CaError};

/// Far longer than a chain of eight certificates and a key.
const LONGEST_FILE: u64 = 256 << 10;
/// Certificate and key. Its name says that it is not for handing out.
const SECRET: &str = "ca-secret.pem";
/// The certificate alone.
const CERTIFICATE: &str = "ca.pem";
/// Held while the files are changed, so that two programs starting at once get the same authority.
const LOCK: &str = "lock";

/// The folder of an installation's certificate authority. Nothing is there before it is asked for.
#[derive(Clone, Debug)]
pub struct CaStore {
    folder: PathBuf,
}

impl CaStore {
    /// A store in `folder`, which is made when it is needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where certificate and key are.
    pub fn secret_file(&self) -> PathBuf {
        self.folder.join(SECRET)
    }

    /// Where the certificate alone is, for others to read.
    pub fn certificate_file(&self) -> PathBuf {
        self.folder.join(CERTIFICATE)
    }

    /// Whether there is one, usable or not.
    pub fn exists(&self) -> bool {
        self.secret_file().exists()
    }

    /// The authority that is kept here; when there is none, a new one, kept from now on, and `true`.
    pub fn obtain(&self, clock: &Clock, host: &str) -> Result<(Ca, bool), CaError> {
        let _lock = self.lock()?;
        let kept = if self.exists() { Some(read_ca(&self.secret_file(), clock.now())?) } else { None };
        let is_new = kept.is_none();
        let ca = match kept {
            Some(ca) => ca,
            None => self.make(clock, host)?,
        };
        // It may have been removed, or be that of an older one.
        if fs::read(self.certificate_file()).ok().as_deref() != Some(ca.pem().as_bytes()) {
            self.write(CERTIFICATE, ca.pem())?;
        }
        Ok((ca, is_new))
    }

    /// A new authority in place of the one that is kept here, if any. The old key is gone then.
    pub fn replace(&self, clock: &Clock, host: &str) -> Result<Ca, CaError> {
        let _lock = self.lock()?;
        let ca = self.make(clock, host)?;
        self.write(CERTIFICATE, ca.pem())?;
        Ok(ca)
    }

    /// Removes what is kept here; `false` when there was nothing.
    pub fn remove(&self) -> Result<bool, CaError> {
        if !self.exists() {
            return Ok(false);
        }
        let _lock = self.lock()?;
        for path in [self.secret_file(), self.certificate_file()] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(CaError::File { attempt: "remove", path, source: error });
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(true)
    }

    fn make(&self, clock: &Clock, host: &str) -> Result<Ca, CaError> {
        let ca = Ca::for_installation(clock, host)?;
        self.write(SECRET, &ca.pem_with_key())?;
        Ok(ca)
    }

    /// Makes the folder if need be, and waits until no other program changes what is in it.
    fn lock(&self) -> Result<File, CaError> {
        let failed = |attempt, path: &Path| {
            let path = path.to_owned();
            move |source| CaError::File { attempt, path, source }
        };
        make_folder(&self.folder).map_err(failed("make the folder", &self.folder))?;
        refuse_if_writable_by_others(&self.folder)?;
        let path = self.folder.join(LOCK);
        let lock = secret().create(true).truncate(false).open(&path).map_err(failed("open", &path))?;
        lock.lock().map_err(failed("lock", &path))?;
        Ok(lock)
    }

    /// All of it or nothing, and on the disk when this returns. Only under the lock.
    fn write(&self, name: &str, text: &str) -> Result<(), CaError> {
        let path = self.folder.join(name);
        let part = self.folder.join(format!(".{name}.part"));
        let write = || {
            // One that a program left behind when it died.
            match fs::remove_file(&part) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
            let mut file = secret().create_new(true).open(&part)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&part, &path)?;
            sync_folder(&self.folder)
        };
        write().map_err(|source| CaError::File { attempt: "write", path: path.clone(), source })
    }
}

/// Reads an authority from `path`: certificate and key as PEM. The file must be its owner's alone.
pub fn read_ca(path: &Path, now: Timestamp) -> Result<Ca, CaError> {
    let failed = |source| CaError::File { attempt: "read", path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    // Of what was opened, not of what may lie there by now.
    refuse_if_readable_by_others(&file, path)?;
    let mut pem = Vec::new();
    file.take(LONGEST_FILE + 1).read_to_end(&mut pem).map_err(failed)?;
    if u64::try_from(pem.len()).is_ok_and(|length| length > LONGEST_FILE) {
        return Err(CaError::TooLong(path.to_owned()));
    }
    Ca::parse(&pem, now)
}

/// How files are opened that are their owner's alone.
fn secret() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn refuse_if_writable_by_others(folder: &Path) -> Result<(), CaError> {
    use std::os::unix::fs::PermissionsExt as _;
    let failed = |source| CaError::File { attempt: "look at", path: folder.to_owned(), source };
    let mode = fs::metadata(folder).map_err(failed)?.permissions().mode() & 0o777;
    let to_others = mode & 0o022;
    if to_others == 0 { Ok(()) } else { Err(CaError::WritableByOthers { path: folder.to_owned(), mode }) }
}

#[cfg(unix)]
fn refuse_if_readable_by_others(file: &File, path: &Path) -> Result<(), CaError> {
    use std::os::unix::fs::PermissionsExt as _;
    let failed = |source| CaError::File { attempt: "look at", path: path.to_owned(), source };
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
    let to_others = mode & 0o077;
    if to_others == 0 { Ok(()) } else { Err(CaError::ReadableByOthers { path: path.to_owned(), mode }) }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a user's own folder is closed to others already.
#[cfg(not(unix))]
fn refuse_if_writable_by_others(_: &Path) -> Result<(), CaError> {
    Ok(())
}

#[cfg(not(unix))]
fn refuse_if_readable_by_others(_: &File, _: &Path) -> Result<(), CaError> {
    Ok(())
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Barrier;

    use super::*;

    fn clock() -> Clock {
        Clock::fixed("2026-11-22T04:00:00Z".parse().unwrap())
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn pitfall_26_what_is_kept_is_found_again_and_is_its_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("share/cprvagt");
        let store = CaStore::new(&folder);
        assert!(!store.exists());
        let (first, is_new) = store.obtain(&clock(), "laptop").unwrap();
        assert!(is_new && first.name().starts_with("cprvagt CA (laptop, 2026-11-22, "), "{}", first.name());
        let (second, is_new) = store.obtain(&clock(), "laptop").unwrap();
        assert!(!is_new);
        assert_eq!(first.certificate(), second.certificate());
        assert_eq!([mode(&folder), mode(&store.secret_file())], [0o700, 0o600]);
        let shown = fs::read_to_string(store.certificate_file()).unwrap();
        assert!(shown == first.pem() && !shown.contains("KEY"), "{shown}");
    }

    #[test]
    fn those_that_start_at_once_get_the_same() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("cprvagt");
        let start = Barrier::new(8);
        let found: Vec<(Ca, bool)> = std::thread::scope(|scope| {
            let one = || {
                start.wait();
                CaStore::new(&folder).obtain(&clock(), "laptop").unwrap()
            };
            let all: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(found.iter().filter(|(_, is_new)| *is_new).count(), 1);
        assert!(found.windows(2).all(|two| two[0].0.certificate() == two[1].0.certificate()));
    }

    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("cprvagt");
        let store = CaStore::new(&folder);
        store.obtain(&clock(), "laptop").unwrap();
        chmod(&store.secret_file(), 0o640);
        let error = store.obtain(&clock(), "laptop").unwrap_err();
        assert!(matches!(error, CaError::ReadableByOthers { mode: 0o640, .. }), "{error}");
        chmod(&store.secret_file(), 0o600);
        chmod(&folder, 0o770);
        let error = store.obtain(&clock(), "laptop").unwrap_err();
        assert!(matches!(error, CaError::WritableByOthers { mode: 0o770, .. }), "{error}");
    }

    #[test]
    fn a_broken_or_expired_one_is_told_and_not_replaced() {
        let home = tempfile::tempdir().unwrap();
        let store = CaStore::new(home.path().join("cprvagt"));
        store.obtain(&clock(), "laptop").unwrap();
        let whole = fs::read(store.secret_file()).unwrap();
        let late = Clock::fixed("2029-02-25T04:00:01Z".parse().unwrap());
        assert!(matches!(store.obtain(&late, "laptop"), Err(CaError::Expired(_))));
        for cut in [0, 100, whole.len() / 2, whole.len() - 40] {
            fs::write(store.secret_file(), &whole[..cut]).unwrap();
            assert!(store.obtain(&clock(), "laptop").is_err(), "{cut}");
            assert_eq!(fs::read(store.secret_file()).unwrap(), &whole[..cut]);
        }
        let fresh = store.replace(&late, "laptop").unwrap();
        assert_eq!(store.obtain(&late, "laptop").unwrap().0.certificate(), fresh.certificate());
    }

    #[test]
    fn a_new_one_takes_the_old_ones_place_and_can_be_removed() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("cprvagt");
        let store = CaStore::new(&folder);
        let (old, _) = store.obtain(&clock(), "laptop").unwrap();
        // As a program leaves it that is killed half-way.
        fs::write(folder.join(".ca-secret.pem.part"), "half").unwrap();
        let new = store.replace(&clock(), "laptop").unwrap();
        assert_ne!((old.name(), old.fingerprint()), (new.name(), new.fingerprint()));
        assert_eq!(fs::read_to_string(store.certificate_file()).unwrap(), new.pem());
        assert!(store.remove().unwrap() && !store.remove().unwrap());
        assert!(!store.secret_file().exists() && !store.certificate_file().exists());
    }
}
