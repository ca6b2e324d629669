//! The files that are read: opened, named so that they are told apart, and known again by a later run.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;

use detect::Redactor;
use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use model::{BlindSpot, BlindSpotKind, Redacted};
use sha2::Sha256;

use super::state::KnownFile;
use crate::fault::Fault;
use crate::journal::folder_of_keys;

/// The file name that stands for standard input.
pub(super) const STANDARD_INPUT: &str = "-";

/// First bytes of a file that it is known by: some lines.
const MARKED: u64 = 4096;

/// Digits of the token of them.
const MARK_LENGTH: usize = 32;

/// A file to be read.
#[derive(Debug)]
pub(super) struct Input {
    /// As sightings name their source.
    pub(super) name: String,
    path: PathBuf,
    /// A pipe or device that was named, which is read as it was opened: opened anew it would begin elsewhere.
    stream: Option<Arc<File>>,
    /// What was read of it, or of standard input, already.
    pub(super) head: Option<Vec<u8>>,
    /// How many bytes it has, if it is a file.
    pub(super) bytes: Option<u64>,
    /// When it was written last, if that is known.
    pub(super) written: Option<Timestamp>,
}

impl Input {
    fn is_standard_input(&self) -> bool {
        self.path.as_os_str() == STANDARD_INPUT
    }

    /// Whether nobody can read it a second time: standard input, a pipe, a device.
    pub(super) fn is_read_once(&self) -> bool {
        self.is_standard_input() || self.stream.is_some()
    }

    /// The file itself, from its start.
    pub(super) fn open_file(&self) -> std::io::Result<File> {
        File::open(&self.path)
    }

    /// What it is known by later.
    pub(super) fn known(&self, key: &[u8; 32], redactor: &Redactor) -> KnownFile {
        // One that cannot be read is told when it is its turn.
        let begin = self.begin(MARKED).unwrap_or_default();
        KnownFile {
            name: Redacted::new(&self.name, redactor),
            bytes: self.bytes.unwrap_or_default(),
            written: self.written,
            marked: begin.len() as u64,
            begin: mark(&begin, key),
        }
    }

    /// Whether it is still `known`, of which `read` bytes were read: it may have grown. `key` is that of the mark.
    fn is_still(&self, known: &KnownFile, read: u64, key: Option<&[u8; 32]>) -> Result<(), &'static str> {
        let begin = self.begin(known.marked).map_err(|_| "cannot be read any more")?;
        match key {
            Some(key) if mark(&begin, key) != known.begin => return Err("begins otherwise than when it was begun"),
            _ => {}
        }
        if self.bytes.is_none_or(|bytes| bytes < read) {
            return Err("is shorter than what was read of it");
        }
        Ok(())
    }

    fn begin(&self, count: u64) -> std::io::Result<Vec<u8>> {
        let mut begin = Vec::new();
        self.open_file()?.take(count).read_to_end(&mut begin)?;
        Ok(begin)
    }

    /// From its start.
    pub(super) fn open(&self) -> std::io::Result<Box<dyn Read>> {
        let head = || Cursor::new(self.head.clone().unwrap_or_default());
        if let Some(stream) = &self.stream {
            return Ok(Box::new(head().chain(Arc::clone(stream))));
        }
        if self.is_standard_input() {
            return Ok(Box::new(head().chain(std::io::stdin())));
        }
        Ok(Box::new(File::open(&self.path)?))
    }
}

/// Refuses to go on where a file is not what it was: `known` were begun, of which `done` are read to their ends and the last
/// as far as `read`. What has grown behind its end then is told.
pub(super) fn check(
    inputs: &[Input],
    known: &[KnownFile],
    (done, read): (usize, u64),
    key: Option<&[u8; 32]>,
    redactor: &Redactor,
) -> Result<Vec<BlindSpot>, Fault> {
    let mut blind_spots = Vec::new();
    for (at, known) in known.iter().enumerate() {
        let input = inputs.get(at).filter(|input| Redacted::new(&input.name, redactor) == known.name);
        let input = input.ok_or_else(|| changed(known.name.as_str(), "is not where it was among the files"))?;
        // Without the key nobody knows its beginning again, and it must not have been written since.
        if key.is_none() && (input.bytes, input.written) != (Some(known.bytes), known.written) {
            return Err(key_is_gone(&input.name));
        }
        let is_done = at < done;
        input
            .is_still(known, if is_done { known.bytes } else { read }, key)
            .map_err(|why| changed(&input.name, why))?;
        // What grows is longer: at one length something in it may be another, or it was put back.
        let mut told = Vec::new();
        if input.bytes == Some(known.bytes) && input.written != known.written {
            told.push(
                "it was written to since, and is as long as before: what may be another in it is not read".to_owned(),
            );
        }
        let more = input.bytes.unwrap_or_default().saturating_sub(known.bytes);
        if is_done && more > 0 {
            told.push("it has grown since it was read, before this scan was stopped".to_owned());
            told.push(format!("bytes at its end that are not read: {more}"));
        }
        if !told.is_empty() {
            told.push("a new scan, without --resume, reads it whole".to_owned());
            let blind_spot = BlindSpot::new(BlindSpotKind::InputBroken, &input.name, told.join("; "));
            blind_spots.push(blind_spot.in_own_words());
        }
    }
    Ok(blind_spots)
}

/// A file that was written to, of which nobody can say any more whether it only grew.
fn key_is_gone(name: &str) -> Fault {
    let place = folder_of_keys().map(|folder| format!(" in {}", folder.display())).unwrap_or_default();
    let help = "put the file back as it was, its time too, or leave out --resume to begin anew; the key is memory, and gone \
                once the machine or the user's session was started anew";
    let message = format!(
        "cannot go on with the scan that was stopped: {name} was written since, and the run's key, which could tell whether \
         it only grew, is not there any more{place}"
    );
    Fault::new(message, help)
}

/// A file that is not what an earlier run has read.
pub(super) fn changed(name: &str, how: &str) -> Fault {
    let help = "put it back as it was, or leave out --resume to begin anew";
    Fault::new(format!("cannot go on with the scan that was stopped: {name} {how}"), help)
}

/// A keyed token of a file's first bytes.
fn mark(begin: &[u8], key: &[u8; 32]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length (RFC 2104 §2)");
    mac.update(b"the first bytes of a file\0");
    mac.update(begin);
    data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()).chars().take(MARK_LENGTH).collect()
}

/// A file that was met, and its name where that is no other's.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) name: String,
}

/// The files that were met, named so that they are told apart; `streams` are those of them that are no files.
pub(super) fn opened(found: Vec<Found>, mut streams: BTreeMap<PathBuf, Arc<File>>) -> Vec<Input> {
    let names = names(&found);
    let files = found.into_iter().zip(names).map(|(Found { path, name: _ }, name)| {
        let stream = streams.remove(&path);
        input(path, name, stream)
    });
    files.collect()
}

fn input(path: PathBuf, name: String, stream: Option<Arc<File>>) -> Input {
    let metadata = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file);
    let written = metadata.as_ref().and_then(|metadata| Timestamp::try_from(metadata.modified().ok()?).ok());
    Input { name, path, stream, head: None, bytes: metadata.map(|metadata| metadata.len()), written }
}

/// The files' names, as sightings name their source: their own where that tells them apart, else the whole path, and
/// numbered where even that does not.
fn names(files: &[Found]) -> Vec<String> {
    let mut shared: BTreeMap<&str, usize> = BTreeMap::new();
    for found in files {
        *shared.entry(&found.name).or_default() += 1;
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut named = Vec::with_capacity(files.len());
    for Found { path, name } in files {
        let is_shared = shared.get(name.as_str()).is_some_and(|count| *count > 1);
        let name = if is_shared { path.display().to_string() } else { name.clone() };
        let before = seen.entry(name.clone()).or_default();
        *before += 1;
        named.push(if *before == 1 { name } else { format!("{name} ({before})") });
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file_name::file_name;

    #[test]
    fn a_file_is_known_again_if_it_only_grew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let redactor = crate::setup::recorder(
            &[],
            detect::Parties::first_party(Vec::new()),
            [7; 32],
            &model::Clock::fixed(Timestamp::UNIX_EPOCH),
        )
        .redactor();
        let written = std::time::SystemTime::UNIX_EPOCH;
        let look_at = |text: &str, written: std::time::SystemTime| {
            std::fs::write(&path, text).unwrap();
            File::options().append(true).open(&path).unwrap().set_modified(written).unwrap();
            opened(vec![Found { path: path.clone(), name: file_name(&path) }], BTreeMap::new())
        };
        let look = |text: &str| look_at(text, written);
        let known = [look("one\ntwo\n")[0].known(&[7; 32], &redactor)];
        let check = |text: &str, done, key: Option<&[u8; 32]>| {
            check(&look(text), &known, (done, 6), key, &redactor).map_err(|fault| fault.to_string())
        };
        let key = Some(&[7; 32]);
        assert_eq!(check("one\ntwo\n", 0, key), Ok(vec![]));
        assert_eq!(check("one\ntwo\nthree\n", 0, key), Ok(vec![]));
        let later = look_at("one\ntwx\n", written + std::time::Duration::from_secs(1));
        let changed = super::check(&later, &known, (1, 6), key, &redactor);
        assert!(changed.is_err(), "a short file is known by all of it");
        let later = look_at("one\ntwo\n", written + std::time::Duration::from_secs(1));
        let touched = super::check(&later, &known, (1, 6), key, &redactor).map_err(|fault| fault.to_string()).unwrap();
        assert!(touched[0].detail.contains("it was written to since"), "{touched:?}");
        let grown = check("one\ntwo\nthree\n", 1, key).unwrap();
        assert!(grown[0].detail.contains("not read: 6; a new scan, without --resume, reads it whole"), "{grown:?}");
        for (text, key, why) in [
            ("One\ntwo\n", key, "a.log begins otherwise"),
            ("one\n", key, "a.log begins otherwise"),
            ("one\ntwo\n", Some(&[8; 32]), "a.log begins otherwise"),
            ("one\ntwo\n+", None, "a.log was written since"),
        ] {
            let told = check(text, 0, key).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
        assert!(super::check(&[], &known, (0, 0), key, &redactor).is_err());
    }

    #[test]
    fn sources_are_told_apart() {
        let files = ["a/x.har", "b/x.har", "d/z.har", "y.har", "y.har"].map(PathBuf::from);
        let files = files.map(|path| Found { name: file_name(&path), path });
        assert_eq!(names(&files), ["a/x.har", "b/x.har", "z.har", "y.har", "y.har (2)"]);
    }
}
