//! The key of a run that may have to go on: in a file that is memory, so that it ends with the machine's session and no disk
//! ever has it. With it persons keep their tokens; without it they may be counted twice.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use crate::own_words::without_numbers;
use crate::setup::refuse_if_readable_by_others;

/// Where memory is files, for want of a folder of the user's own.
const SHARED_MEMORY: &str = "/dev/shm";

/// How a key's file is named: the journal's id stands between.
const BEGIN: &str = "cprvagt-";
const END: &str = ".key";

const KEY_BYTES: usize = 32;

/// Bytes of a key's file, or of a journal, that say whose it is.
const HEAD: u64 = 8 * 1024;

/// Files of a folder that are looked at for keys of runs long gone.
const MAX_ENTRIES: usize = 10_000;

/// When a run is long gone whose journal is not there.
const LONG_GONE: Duration = Duration::from_hours(7 * 24);

/// The key of a run.
pub(crate) struct RunKey {
    /// The key.
    pub(crate) bytes: [u8; 32],
    /// Whether it is the one that the run began with.
    pub(crate) is_kept: bool,
    path: Option<PathBuf>,
    /// The journal that it is of.
    journal: PathBuf,
    is_written: bool,
}

/// The folder for keys: one whose files are memory. `None` if this machine has none.
fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let own = variable("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_absolute());
    own.into_iter().chain([PathBuf::from(SHARED_MEMORY)]).find(|folder| folder.is_dir())
}

/// The same of this machine, by its environment.
pub(crate) fn folder_of_keys() -> Option<PathBuf> {
    folder(|name| std::env::var_os(name))
}

impl RunKey {
    /// The key of the run that `journal` with this `id` is of, or a fresh one that is kept in `folder` from now on.
    pub(crate) fn open(folder: Option<&Path>, id: &str, journal: &Path) -> anyhow::Result<Self> {
        let mut key = Self::find(folder, id, journal)?;
        key.write();
        Ok(key)
    }

    /// The same, and a fresh one is kept nowhere before [`RunKey::write`].
    pub(crate) fn find(folder: Option<&Path>, id: &str, journal: &Path) -> anyhow::Result<Self> {
        let path = folder.and_then(|folder| place(folder, id));
        if let Some(bytes) = path.as_deref().and_then(|path| read(path).transpose()).transpose()? {
            return Ok(Self { bytes, is_kept: true, path, journal: journal.to_owned(), is_written: true });
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
        Ok(Self { bytes, is_kept: false, path, journal: journal.to_owned(), is_written: false })
    }

    /// The key of a run that began with `bytes`, kept from now on in `folder`, where there is one.
    pub(crate) fn keep(folder: Option<&Path>, id: &str, journal: &Path, bytes: [u8; 32]) -> Self {
        let path = folder.and_then(|folder| place(folder, id));
        let mut key = Self { bytes, is_kept: false, path, journal: journal.to_owned(), is_written: false };
        key.write();
        key
    }

    /// Keeps it from now on. Takes away keys whose runs are long gone.
    pub(crate) fn write(&mut self) {
        if self.is_written {
            return;
        }
        self.is_written = true;
        if let Some(folder) = self.path.as_deref().and_then(Path::parent) {
            sweep(folder, LONG_GONE);
        }
        // A run that cannot keep its key goes on without: it says so if it is killed.
        self.path = self.path.take().filter(|path| write(path, &self.bytes, &self.journal).is_ok());
    }

    /// The run is over.
    pub(crate) fn end(self) {
        if let Some(path) = self.path.filter(|_| self.is_written) {
            // It is memory, and worth nothing without the journal.
            let _ = std::fs::remove_file(path);
        }
    }

    /// Takes away the key of the run whose journal had this `id` and is there no more.
    pub(crate) fn forget(folder: Option<&Path>, id: &str) {
        if let Some(path) = folder.and_then(|folder| place(folder, id)) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Where the key of a run is kept. An id is hexadecimal: a journal that says another is none of ours.
fn place(folder: &Path, id: &str) -> Option<PathBuf> {
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| folder.join(format!("{BEGIN}{id}{END}")))
}

/// Takes away what is in `folder` of runs that nobody can go on with: whose journal is not there, and that were begun longer
/// than this ago. A journal may be on a disk that is not mounted just now.
fn sweep(folder: &Path, long_gone: Duration) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_ENTRIES) {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_prefix(BEGIN)?.strip_suffix(END));
        let Some(path) = id.and_then(|id| place(folder, id)) else { continue };
        let age = entry
            .metadata()
            .ok()
            .filter(std::fs::Metadata::is_file)
            .and_then(|told| told.modified().ok()?.elapsed().ok());
        if age.is_some_and(|age| age > long_gone) && id.is_some_and(|id| !may_go_on(&path, id)) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Whether the journal that the key in `path` is of may still be there: what cannot be read may be.
fn may_go_on(path: &Path, id: &str) -> bool {
    let Ok(kept) = head(path) else { return true };
    let journal =
        kept.get(KEY_BYTES..).and_then(|journal| str::from_utf8(journal).ok()).filter(|path| !path.is_empty());
    // One of which was not said where it is has had its time.
    let Some(journal) = journal else { return false };
    match head(Path::new(journal)) {
        Ok(begin) => memchr::memmem::find(&begin, id.as_bytes()).is_some(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// What a file begins with.
fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(head)
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

/// Keeps a key, and behind it where the journal is that it is of. A path with a number in it is not written.
fn write(path: &Path, bytes: &[u8; 32], journal: &Path) -> io::Result<()> {
    let journal = std::path::absolute(journal)?;
    let journal = journal.to_str().filter(|journal| without_numbers(journal) == *journal).unwrap_or_default();
    // One that was torn is no key.
    let _ = std::fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(&[bytes, journal.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path, id: &str) -> anyhow::Result<RunKey> {
        RunKey::open(Some(folder), id, &folder.join("journal.jsonl"))
    }

    #[test]
    fn a_run_that_goes_on_has_the_key_that_it_began_with() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path(), "a").unwrap();
        let second = open(folder.path(), "a").unwrap();
        assert_eq!((first.bytes, first.is_kept, second.is_kept), (second.bytes, false, true));
        let another = open(folder.path(), "b").unwrap();
        assert_ne!(another.bytes, first.bytes);
        second.end();
        let later = open(folder.path(), "a").unwrap();
        assert!(!later.is_kept && later.bytes != first.bytes, "a key that is gone is gone");
    }

    #[test]
    fn a_torn_key_is_none() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("cprvagt-a.key"), &[1; 32], Path::new("x")).unwrap();
        File::options().write(true).open(folder.path().join("cprvagt-a.key")).unwrap().set_len(7).unwrap();
        assert!(!open(folder.path(), "a").unwrap().is_kept);
        assert!(open(folder.path(), "a").unwrap().is_kept);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), "a").unwrap();
        let path = folder.path().join("cprvagt-a.key");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(open(folder.path(), "a").is_err());
    }

    #[test]
    fn the_users_own_folder_comes_first() {
        let own = tempfile::tempdir().unwrap();
        let found = folder(|name| (name == "XDG_RUNTIME_DIR").then(|| own.path().as_os_str().to_owned()));
        assert_eq!(found.as_deref(), Some(own.path()));
        assert_ne!(folder(|_| Some("relative".into())).as_deref(), Some(Path::new("relative")));
    }

    #[test]
    fn a_fresh_key_is_kept_when_it_is_said_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let find = || RunKey::find(Some(folder.path()), "a", Path::new("x")).unwrap();
        let mut first = find();
        assert!(!find().is_kept && std::fs::read_dir(folder.path()).unwrap().next().is_none());
        first.write();
        assert_eq!((find().is_kept, find().bytes), (true, first.bytes));
        // One that was only looked for and is not kept takes nothing away.
        RunKey::find(Some(folder.path()), "b", Path::new("x")).unwrap().end();
        RunKey::forget(Some(folder.path()), "../cprvagt-a");
        assert!(find().is_kept);
        RunKey::forget(Some(folder.path()), "a");
        assert!(!find().is_kept);
    }

    #[test]
    fn keys_of_runs_long_gone_are_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let journal = |id: &str| folder.path().join(format!("{id}.jsonl"));
        for id in ["a", "b", "c", "d"] {
            RunKey::open(Some(folder.path()), id, &journal(id)).unwrap();
        }
        std::fs::write(journal("a"), "{\"id\":\"a\"}\n").unwrap();
        std::fs::write(journal("b"), "{\"id\":\"another\"}\n").unwrap();
        write(&folder.path().join("cprvagt-d.key"), &[1; 32], Path::new("/x/010145-5001/journal.jsonl")).unwrap();
        std::fs::write(folder.path().join("cprvagt-x y.key"), "another's").unwrap();
        let keys = || {
            let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
            let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
            names.retain(|name| name.starts_with(BEGIN));
            names.sort();
            names
        };
        sweep(folder.path(), LONG_GONE);
        assert_eq!(keys().len(), 5, "none is old");
        std::thread::sleep(Duration::from_millis(20));
        sweep(folder.path(), Duration::ZERO);
        assert_eq!(keys(), ["cprvagt-a.key", "cprvagt-x y.key"]);
    }
}
