//! The key of a run that may have to go on: in a file that is memory, so that it ends with the machine's session and no disk
//! ever has it. With it persons keep their tokens; without it they may be counted twice.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::setup::refuse_if_readable_by_others;

/// Where memory is files, for want of a folder of the user's own.
const SHARED_MEMORY: &str = "/dev/shm";

/// The key of a run.
pub(crate) struct RunKey {
    /// The key.
    pub(crate) bytes: [u8; 32],
    /// Whether it is the one that the run began with.
    pub(crate) is_kept: bool,
    path: Option<PathBuf>,
}

/// The folder for keys: one whose files are memory. `None` if this machine has none.
pub(crate) fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let own = variable("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_absolute());
    own.into_iter().chain([PathBuf::from(SHARED_MEMORY)]).find(|folder| folder.is_dir())
}

impl RunKey {
    /// The key of the run that the journal `id` is of, or a fresh one that is kept in `folder` from now on.
    pub(crate) fn open(folder: Option<&Path>, id: &str) -> anyhow::Result<Self> {
        let path = folder.map(|folder| folder.join(format!("cprvagt-{id}.key")));
        if let Some(bytes) = path.as_deref().and_then(|path| read(path).transpose()).transpose()? {
            return Ok(Self { bytes, is_kept: true, path });
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
        // A run that cannot keep its key goes on without: it says so if it is killed.
        let kept = path.filter(|path| write(path, &bytes).is_ok());
        Ok(Self { bytes, is_kept: false, path: kept })
    }

    /// The key of a run that began with `bytes`, kept from now on in `folder`, where there is one.
    pub(crate) fn keep(folder: Option<&Path>, id: &str, bytes: [u8; 32]) -> Self {
        let path = folder.map(|folder| folder.join(format!("cprvagt-{id}.key")));
        Self { bytes, is_kept: false, path: path.filter(|path| write(path, &bytes).is_ok()) }
    }

    /// The run is over.
    pub(crate) fn end(self) {
        if let Some(path) = self.path {
            // It is memory, and worth nothing without the journal.
            let _ = std::fs::remove_file(path);
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Option<[u8; 32]>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("cannot read the run's key"),
    };
    // Anybody may put a file into shared memory, and nobody but its owner reads one that others may not.
    refuse_if_readable_by_others(path, "the run's key")?;
    let mut bytes = [0; 32];
    Ok(file.read_exact(&mut bytes).is_ok().then_some(bytes))
}

fn write(path: &Path, bytes: &[u8; 32]) -> io::Result<()> {
    // One that was torn is no key.
    let _ = std::fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_goes_on_has_the_key_that_it_began_with() {
        let folder = tempfile::tempdir().unwrap();
        let first = RunKey::open(Some(folder.path()), "a").unwrap();
        let second = RunKey::open(Some(folder.path()), "a").unwrap();
        assert_eq!((first.bytes, first.is_kept, second.is_kept), (second.bytes, false, true));
        let another = RunKey::open(Some(folder.path()), "b").unwrap();
        assert_ne!(another.bytes, first.bytes);
        second.end();
        let later = RunKey::open(Some(folder.path()), "a").unwrap();
        assert!(!later.is_kept && later.bytes != first.bytes, "a key that is gone is gone");
    }

    #[test]
    fn a_torn_key_is_none() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("cprvagt-a.key"), &[1; 32]).unwrap();
        File::options().write(true).open(folder.path().join("cprvagt-a.key")).unwrap().set_len(7).unwrap();
        assert!(!RunKey::open(Some(folder.path()), "a").unwrap().is_kept);
        assert!(RunKey::open(Some(folder.path()), "a").unwrap().is_kept);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        RunKey::open(Some(folder.path()), "a").unwrap();
        let path = folder.path().join("cprvagt-a.key");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(RunKey::open(Some(folder.path()), "a").is_err());
    }

    #[test]
    fn the_users_own_folder_comes_first() {
        let own = tempfile::tempdir().unwrap();
        let found = folder(|name| (name == "XDG_RUNTIME_DIR").then(|| own.path().as_os_str().to_owned()));
        assert_eq!(found.as_deref(), Some(own.path()));
        assert_ne!(folder(|_| Some("relative".into())).as_deref(), Some(Path::new("relative")));
    }
}
