//! The journal of an audit: what was done is on disk before the crawl goes on, so that a run that is killed goes on where it
//! was. JSON lines, only added to; nothing in it that a report could not hold.
//!
//! A page that was begun and not done is asked for again; what was taken in on it is not in the journal. A last line
//! without its end was being written when the run was killed, and is dropped.

mod header;
mod lines;
mod run_key;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use model::Redacted;
use serde_json::Value;

pub(crate) use self::header::{Header, digest, private};
pub(crate) use self::lines::Unit;
use self::lines::{Line, VERSION};
pub(crate) use self::run_key::{RunKey, folder_of_keys};
use crate::fault::Fault;
use crate::lock::lock;
use crate::record::Taken;

/// Its name in the folder.
const FILE_NAME: &str = "journal.jsonl";

/// Bytes of a journal that is read back: 10,000 pages with a hundred requests each have a tenth of that.
const MOST_BYTES: u64 = 8 << 30;

/// A journal that is open for more.
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    id: String,
}

/// What the journal of an earlier run tells.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// When the earlier run began; `None` if there was none.
    pub(crate) started: Option<Timestamp>,
    /// All that was taken in, in order.
    pub(crate) taken: Vec<Taken>,
    /// Pages done, with what the crawl learned on each, in order.
    pub(crate) done: Vec<(Unit, Value)>,
    /// Plans in which a question for consent was met.
    pub(crate) met: BTreeSet<usize>,
    /// Plans that are done, by number.
    pub(crate) plans: BTreeSet<usize>,
    /// Whether a key that lines were written with is gone.
    pub(crate) is_key_lost: bool,
    /// How often each page was begun that is not done.
    pub(crate) begun: BTreeMap<Unit, u32>,
}

impl Journal {
    /// That in `folder`, or a new one. `arguments` are those of the run, redacted: with others it is another run.
    pub(crate) fn open(folder: &Path, arguments: &[Redacted], now: Timestamp) -> anyhow::Result<(Self, Told)> {
        let path = folder.join(FILE_NAME);
        std::fs::create_dir_all(folder).map_err(|error| unwritable(&path, error))?;
        let mut file = private().open(&path).map_err(|error| unwritable(&path, error))?;
        match lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let help = "let it end, or choose another folder with --resume";
                return Err(Fault::new(format!("another run is writing {}", path.display()), help).into());
            }
            Err(TryLockError::Error(error)) => return Err(unwritable(&path, error)),
        }
        let arguments = digest(arguments);
        let text = whole_lines(&mut file).map_err(|error| unwritable(&path, error))?;
        let mut lines = text.lines();
        let Some(first) = lines.next() else {
            let header = Header::new(VERSION, arguments, now)?;
            let mut journal = Self { file, path, id: header.id.clone() };
            journal.write(&[Line::Header(header)])?;
            return Ok((journal, Told::default()));
        };
        let header = header(first, &path)?;
        if header.arguments != arguments {
            let help = "start it with the same arguments and registry, or choose another folder with --resume";
            return Err(Fault::new(format!("{} is of a run with other arguments", path.display()), help).into());
        }
        let mut told = Told { started: Some(header.started), ..Told::default() };
        for (at, line) in lines.enumerate() {
            let line = serde_json::from_str(line).map_err(|error| {
                // What it says of the text may be the text.
                let kind = error.classify();
                damaged(&path, &format!("line {} is none of a journal's ({kind:?})", at + 2))
            })?;
            told.add(line);
        }
        Ok((Self { file, path, id: header.id }, told))
    }

    /// Names the run that it is of; nothing else does.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Its file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A page is about to be asked for.
    pub(crate) fn begin(&mut self, unit: &Unit) -> anyhow::Result<()> {
        self.write(&[Line::Begun { unit: unit.clone() }])
    }

    /// A page is done: `taken` came of it, and the crawl knows `state` from it. On disk when it returns. What may not be
    /// written is `None`: then the page is asked for again, and what came of it is not kept.
    pub(crate) fn done(&mut self, unit: &Unit, state: Option<Value>, taken: Vec<Taken>) -> anyhow::Result<()> {
        let unit = unit.clone();
        self.write(&[match state {
            Some(state) => Line::Done { unit, state, taken },
            None => Line::Again { unit },
        }])?;
        self.sync()
    }

    /// The key that was written with is gone, and what follows is under another.
    pub(crate) fn key_lost(&mut self) -> anyhow::Result<()> {
        self.write(&[Line::KeyLost])?;
        self.sync()
    }

    /// A plan is done; `taken` came after the last of its pages.
    pub(crate) fn plan_done(&mut self, plan: usize, taken: Vec<Taken>) -> anyhow::Result<()> {
        self.write(&[Line::PlanDone { plan, taken }])?;
        self.sync()
    }

    /// The run is over and its reports are written: there is nothing to go on with.
    pub(crate) fn end(self) -> anyhow::Result<()> {
        std::fs::remove_file(&self.path).map_err(|error| unwritable(&self.path, error))
    }

    fn write(&mut self, lines: &[Line]) -> anyhow::Result<()> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line).context("a line of the journal cannot be written")?;
            text.push(b'\n');
        }
        // In one piece: what is killed leaves at most one line without its end.
        self.file.write_all(&text).map_err(|error| unwritable(&self.path, error))
    }

    fn sync(&self) -> anyhow::Result<()> {
        self.file.sync_data().map_err(|error| unwritable(&self.path, error))
    }
}

impl Told {
    fn add(&mut self, line: Line) {
        match line {
            // There is one, and it was read.
            Line::Header(_) => {}
            Line::KeyLost => self.is_key_lost = true,
            Line::Begun { unit } => *self.begun.entry(unit).or_default() += 1,
            Line::Again { unit } => {
                self.begun.remove(&unit);
            }
            Line::Done { unit, state, taken } => {
                self.begun.remove(&unit);
                self.take(unit.plan, taken);
                self.done.push((unit, state));
            }
            Line::PlanDone { plan, taken } => {
                self.begun.retain(|unit, _| unit.plan != plan);
                self.take(plan, taken);
                self.plans.insert(plan);
            }
        }
    }

    fn take(&mut self, plan: usize, taken: Vec<Taken>) {
        if taken.iter().any(Taken::is_banner) {
            self.met.insert(plan);
        }
        self.taken.extend(taken);
    }
}

/// Its lines but the last, if that has no end; the file goes on after them.
fn whole_lines(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    if file.metadata()?.len() > MOST_BYTES {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    file.read_to_end(&mut bytes)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if end < bytes.len() {
        bytes.truncate(end);
        file.set_len(end as u64)?;
    }
    file.seek(io::SeekFrom::End(0))?;
    String::from_utf8(bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))
}

fn header(line: &str, path: &Path) -> anyhow::Result<Header> {
    let Ok(Line::Header(header)) = serde_json::from_str(line) else {
        return Err(damaged(path, "it does not begin as one"));
    };
    let tool = env!("CARGO_PKG_VERSION");
    if header.version != VERSION || header.tool != tool {
        let help = "go on with that version, or begin anew: choose another folder with --resume";
        let message = format!("{} is of version {}, this is {tool}", path.display(), header.tool);
        return Err(Fault::new(message, help).into());
    }
    Ok(header)
}

fn damaged(path: &Path, how: &str) -> anyhow::Error {
    let help = "begin anew: choose another folder with --resume";
    Fault::new(format!("{} is no journal to go on with: {how}", path.display()), help).into()
}

fn unwritable(path: &Path, error: io::Error) -> anyhow::Error {
    let help = match error.kind() {
        io::ErrorKind::StorageFull => "make room on the disk, or choose another folder with --resume",
        _ => "choose another folder with --resume",
    };
    anyhow::Error::from(error).context(Fault::new(format!("cannot keep the journal {}", path.display()), help))
}

#[cfg(test)]
mod tests {
    use model::{BlindSpot, BlindSpotKind};
    use serde_json::json;

    use super::*;
    use crate::record::noted_for_tests;

    fn unit(page: &str) -> Unit {
        Unit { plan: 0, page: page.to_owned() }
    }

    fn taken(place: &str) -> Taken {
        noted_for_tests(BlindSpot::new(BlindSpotKind::PageFailed, place, "it did not load"))
    }

    fn arguments() -> Vec<Redacted> {
        vec![Redacted::own_words("https://a.test/")]
    }

    fn open(folder: &Path) -> (Journal, Told) {
        Journal::open(folder, &arguments(), Timestamp::UNIX_EPOCH).unwrap()
    }

    /// Two pages done, one to be asked for again, one begun.
    fn write(folder: &Path) -> Vec<u8> {
        let (mut journal, told) = open(folder);
        assert!(told.started.is_none());
        for page in ["/1", "/2"] {
            journal.begin(&unit(page)).unwrap();
            journal.done(&unit(page), Some(json!({"links": [page]})), vec![taken(page)]).unwrap();
        }
        journal.begin(&unit("/3")).unwrap();
        journal.done(&unit("/3"), None, vec![taken("/3")]).unwrap();
        journal.plan_done(1, vec![taken("end")]).unwrap();
        journal.begin(&unit("/4")).unwrap();
        std::fs::read(folder.join(FILE_NAME)).unwrap()
    }

    /// Pages done, records taken, plans done, beginnings.
    fn counts(told: &Told) -> (usize, usize, usize, u32) {
        (told.done.len(), told.taken.len(), told.plans.len(), told.begun.values().sum())
    }

    #[test]
    fn a_journal_that_was_cut_anywhere_tells_its_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = write(folder.path());
        let expected = [
            (0, 0, 0, 0),
            (0, 0, 0, 0),
            (0, 0, 0, 1),
            (1, 1, 0, 0),
            (1, 1, 0, 1),
            (2, 2, 0, 0),
            (2, 2, 0, 1),
            (2, 2, 0, 0),
            (2, 3, 1, 0),
            (2, 3, 1, 1),
        ];
        for cut in 0..=bytes.len() {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(FILE_NAME), &bytes[..cut]).unwrap();
            let lines = bytes[..cut].split(|byte| *byte == b'\n').count() - 1;
            let (mut journal, told) = open(folder.path());
            assert_eq!(counts(&told), expected[lines], "cut after {cut} bytes, {lines} lines");
            // And it goes on from there.
            journal.done(&unit("/9"), Some(Value::Null), Vec::new()).unwrap();
            drop(journal);
            let (_, again) = open(folder.path());
            assert_eq!(again.done.len(), told.done.len() + 1, "cut after {cut} bytes");
        }
    }

    #[test]
    fn a_page_that_is_never_done_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            open(folder.path()).0.begin(&unit("/1")).unwrap();
        }
        let (_, told) = open(folder.path());
        assert_eq!(told.begun.get(&unit("/1")), Some(&2));
    }

    #[test]
    fn other_arguments_are_another_run() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path());
        let others = [Redacted::own_words("https://b.test/")];
        let Err(fault) = Journal::open(folder.path(), &others, Timestamp::UNIX_EPOCH) else { panic!("it is another") };
        assert!(fault.to_string().contains("other arguments"), "{fault}");
    }

    #[test]
    fn what_is_no_journal_is_left_as_it_is() {
        for text in ["{}\n", "no\n", "{\"done\":{}}\n"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(FILE_NAME);
            std::fs::write(&path, text).unwrap();
            assert!(Journal::open(folder.path(), &arguments(), Timestamp::UNIX_EPOCH).is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn two_runs_have_no_journal_in_common() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, _) = open(folder.path());
        assert!(Journal::open(folder.path(), &arguments(), Timestamp::UNIX_EPOCH).is_err());
        journal.end().unwrap();
        assert!(!folder.path().join(FILE_NAME).exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let _journal = open(folder.path());
        let mode = std::fs::metadata(folder.path().join(FILE_NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
