//! `sightings.jsonl`: every sighting as a line, on disk before it is shown, so that a session that is killed has lost
//! nothing that anybody saw.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use model::Sighting;
use sha2::{Digest as _, Sha256};

use crate::output::unwritable;

/// Its name in the folder of the reports.
pub(crate) const FILE_NAME: &str = "sightings.jsonl";

/// Sessions with the same folder in the same second that are told apart; more than anybody starts.
const MAX_NAMESAKES: usize = 100;

/// The file of the session.
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    /// What was written, by digest of the line, which holds no number: the end of a session adds only what is new.
    written: BTreeSet<[u8; 32]>,
}

impl Journal {
    /// A new one in `folder`. That of an earlier session, which may be all that is left of it, is kept under the time
    /// of its last line.
    pub(crate) fn create(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE_NAME);
        let file = fresh(&path).map_err(|error| unwritable(&path, error))?;
        Ok(Self { file, path, written: BTreeSet::new() })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Begins once more, for what is judged anew; what was written is kept as that of an earlier session is.
    pub(crate) fn begin_anew(&mut self) -> io::Result<()> {
        self.file = fresh(&self.path)?;
        self.written.clear();
        Ok(())
    }

    /// Writes those of `sightings` that are not there yet; when it returns, they are on disk. The lines written.
    pub(crate) fn append(&mut self, sightings: &[Sighting]) -> io::Result<Vec<u8>> {
        let mut lines = Vec::new();
        let mut digests = Vec::new();
        for sighting in sightings {
            let before = lines.len();
            reports::jsonl(std::slice::from_ref(sighting), &mut lines)?;
            let digest: [u8; 32] = Sha256::digest(lines.get(before..).unwrap_or_default()).into();
            if self.written.contains(&digest) || digests.contains(&digest) {
                lines.truncate(before);
            } else {
                digests.push(digest);
            }
        }
        if lines.is_empty() {
            return Ok(lines);
        }
        // In one piece: a reader sees whole lines.
        self.file.write_all(&lines)?;
        self.file.sync_data()?;
        self.written.extend(digests);
        Ok(lines)
    }
}

/// A file with nothing in it; one that holds something is renamed.
fn fresh(path: &Path) -> io::Result<File> {
    keep_earlier(path, "sightings")?;
    OpenOptions::new().create(true).append(true).open(path)
}

/// Renames a file that holds something to `stem` and the time of its last line. Its new place.
pub(crate) fn keep_earlier(path: &Path, stem: &str) -> io::Result<Option<PathBuf>> {
    let Ok(known) = path.metadata() else { return Ok(None) };
    if known.len() == 0 {
        return Ok(None);
    }
    let time = Timestamp::try_from(known.modified()?).unwrap_or(Timestamp::UNIX_EPOCH);
    let stem = format!("{stem}-{}", time.strftime("%Y%m%dT%H%M%SZ"));
    let names = (1..MAX_NAMESAKES).map(|count| match count {
        1 => format!("{stem}.jsonl"),
        _ => format!("{stem}-{count}.jsonl"),
    });
    let free = names.map(|name| path.with_file_name(name)).find(|name| !name.exists());
    let free = free.ok_or_else(|| io::Error::from(io::ErrorKind::AlreadyExists))?;
    std::fs::rename(path, &free)?;
    Ok(Some(free))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<std::fs::DirEntry>| entry.unwrap().file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = std::fs::read_dir(folder).unwrap().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn the_journal_of_an_earlier_session_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        for line in ["first\n", "second\n", "third\n"] {
            let journal = Journal::create(folder.path()).unwrap();
            std::fs::write(journal.path(), line).unwrap();
        }
        let names = files(folder.path());
        assert_eq!(names.len(), 3, "{names:?}");
        assert_eq!(std::fs::read_to_string(folder.path().join(FILE_NAME)).unwrap(), "third\n");
    }

    #[test]
    fn an_empty_journal_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        drop(Journal::create(folder.path()).unwrap());
        drop(Journal::create(folder.path()).unwrap());
        assert_eq!(files(folder.path()), [FILE_NAME]);
    }
}
