//! The log of a session: all that was judged and all that testers noted is on disk while it goes on, so that a session that
//! is killed is taken up again. JSON lines, only added to; nothing in it that a report could not hold.
//!
//! ```text
//! judge -- append: one write a batch --> session.jsonl --> recall: a session taken up; replay: an export on the way
//! tester -- mark: on disk at once ----------^
//! ```
//! A kill loses nothing that was written: the system has it. Only marks are waited for until the disk has them.

mod lines;
mod reading;

use std::borrow::Cow;
use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use console::Mark;
use jiff::Timestamp;
use model::Redacted;

use self::lines::{Line, MAX_LINE, VERSION};
use self::reading::Contents;
use crate::fault::Fault;
use crate::journal::{Header, RunKey, digest, folder_of_keys, private};
use crate::live::keep_earlier;
use crate::lock::lock;
use crate::output::unwritable;
use crate::progress::Reporter;
use crate::record::{Recorder, Taken};
use crate::resume;

/// Its name in the folder of the reports, without ending.
const STEM: &str = "session";

/// Its name there.
pub(crate) const FILE_NAME: &str = "session.jsonl";

/// The log of a session that goes on. Clones are the same log; whoever judges and whoever notes may write at once.
#[derive(Clone)]
pub(crate) struct SessionLog(Arc<Inner>);

struct Inner {
    path: PathBuf,
    writer: Mutex<Writer>,
    /// The same file, to wait for the disk while others write.
    waiting: File,
    /// What found no room on disk.
    unwritten: AtomicU64,
    key: Mutex<Option<RunKey>>,
}

struct Writer {
    file: File,
    /// Where the whole lines end.
    end: u64,
    /// What found no room since a line told of it last.
    untold: u64,
    /// Whether it was said that the disk takes no more.
    is_told: bool,
}

/// What was there of the session when it was opened.
pub(crate) struct Before {
    contents: Option<Contents>,
    /// The key of the session, unless a key file has it.
    pub(crate) key: Option<[u8; 32]>,
}

impl SessionLog {
    /// That in `folder`, or a new one. `arguments` are those of the session, redacted: one with others, or of another
    /// version, is kept under its time, which is said. With `has_key_file` the key is the user's business.
    pub(crate) fn open(
        folder: &Path,
        arguments: &[Redacted],
        now: Timestamp,
        has_key_file: bool,
        reporter: &Reporter,
    ) -> anyhow::Result<(Self, Before)> {
        let path = folder.join(FILE_NAME);
        let arguments = digest(arguments);
        let (mut file, mut contents) = found(&path)?;
        let is_this = |header: &Header| {
            (header.version, header.tool.as_str()) == (VERSION, env!("CARGO_PKG_VERSION"))
                && header.arguments == arguments
        };
        let is_new = file.metadata().is_ok_and(|known| known.len() == 0);
        if !is_new && contents.as_ref().is_none_or(|contents| !is_this(&contents.header)) {
            set_aside(&path, contents.as_ref(), reporter).map_err(|error| unwritable(&path, error))?;
            (file, contents) = (open(&path)?, None);
        }
        let mut writer =
            Writer { end: contents.as_ref().map_or(0, |contents| contents.end), file, untold: 0, is_told: false };
        // What was being written when the program was killed.
        writer.file.set_len(writer.end).map_err(|error| unwritable(&path, error))?;
        let id = if let Some(contents) = &contents {
            contents.header.id.clone()
        } else {
            let header = Header::new(VERSION, arguments, now)?;
            writer.write(&[Line::Header(Cow::Borrowed(&header))]).map_err(|error| unwritable(&path, error))?;
            header.id
        };
        let open_key = || RunKey::open(folder_of_keys().as_deref(), &id, &path);
        let key = if has_key_file { None } else { Some(open_key()?) };
        if let (Some(contents), Some(RunKey { is_kept: false, .. })) = (&mut contents, &key) {
            writer.write(&[Line::KeyLost]).map_err(|error| unwritable(&path, error))?;
            contents.is_key_lost = true;
        }
        let waiting = writer.file.try_clone().map_err(|error| unwritable(&path, error))?;
        let before = Before { contents, key: key.as_ref().map(|key| key.bytes) };
        let (writer, key) = (Mutex::new(writer), Mutex::new(key));
        Ok((Self(Arc::new(Inner { path, writer, waiting, unwritten: AtomicU64::new(0), key })), before))
    }

    /// Writes what was judged. A disk that takes no more ends nothing: it is said once, and told in the report.
    pub(crate) fn append(&self, taken: &[Taken]) {
        if taken.is_empty() {
            return;
        }
        let lines: Vec<Line<'_>> = taken.iter().map(|taken| Line::Taken(Cow::Borrowed(taken))).collect();
        if let Err(error) = self.write(&lines) {
            self.tell(&error);
        }
    }

    /// Writes what a tester did; the disk has it when this returns.
    pub(crate) fn mark(&self, mark: &Mark) -> io::Result<()> {
        self.write(&[Line::Mark(Cow::Borrowed(mark))])?;
        self.0.waiting.sync_data()
    }

    /// It is known whose site the session is about; said again when it is another.
    pub(crate) fn under(&self, sites: Vec<Redacted>) {
        if let Err(error) = self.write(&[Line::Under { sites }]) {
            self.tell(&error);
        }
    }

    /// What was judged before counts no more: it is judged again. Marks stay.
    pub(crate) fn judged_anew(&self) {
        if let Err(error) = self.write(&[Line::JudgedAnew]) {
            self.tell(&error);
        }
    }

    /// What the session's report says of the log: that part of it was never on disk.
    pub(crate) fn conditions(&self) -> Vec<Redacted> {
        let told = match self.0.unwritten.load(Ordering::Relaxed) {
            0 => None,
            count => Some(format!(
                "{count} requests or notes found no room on disk while the session went on; this report has them"
            )),
        };
        told.map(Redacted::own_words).into_iter().collect()
    }

    /// Reads the log, which may be written meanwhile, into what `recorder` makes: the session so far, and its marks.
    pub(crate) fn replay(&self, recorder: impl FnOnce() -> Recorder) -> anyhow::Result<(Recorder, Vec<Mark>)> {
        let path = &self.0.path;
        let name = path.display();
        let read = File::open(path).and_then(|file| Contents::of(path, &file));
        let contents = read.with_context(|| format!("cannot read the session {name}"))?;
        let contents = contents.with_context(|| format!("{name} is no session any more"))?;
        let mut recorder = recorder();
        let untold = self.writer().untold;
        contents.recall(&mut recorder, untold, |_| {})?;
        Ok((recorder, contents.marks))
    }

    /// The reports are written: there is nothing to go on with.
    pub(crate) fn end(self) -> anyhow::Result<()> {
        match std::fs::remove_file(&self.0.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(&self.0.path, error)),
            _ => {}
        }
        let key = self.0.key.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(key) = key {
            key.end();
        }
        Ok(())
    }

    fn write(&self, lines: &[Line<'_>]) -> io::Result<()> {
        let written = self.writer().write(lines);
        if written.is_err() {
            self.0.unwritten.fetch_add(lines.len() as u64, Ordering::Relaxed);
        }
        written
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        // A writer that died left at most a line without its end, which the next write takes away.
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says once that the disk takes no more.
    fn tell(&self, error: &io::Error) {
        let mut writer = self.writer();
        if std::mem::replace(&mut writer.is_told, true) {
            return;
        }
        let path = self.0.path.display();
        let what = "what is judged from now on is in memory alone, until the report";
        Reporter::new().step(&format!("cannot write {path}: {error}; {what}"));
    }
}

impl Writer {
    /// All of `lines` or none, in one piece.
    fn write(&mut self, lines: &[Line<'_>]) -> io::Result<()> {
        let written = self.try_writing(lines);
        if written.is_err() {
            self.untold = self.untold.saturating_add(lines.len() as u64);
            // What of it is there is no line; a file that cannot be cut either is cut when it is opened again.
            let _ = self.file.set_len(self.end);
        }
        written
    }

    fn try_writing(&mut self, lines: &[Line<'_>]) -> io::Result<()> {
        let mut bytes = Vec::new();
        if self.untold > 0 {
            put(&mut bytes, &Line::LeftOut { count: self.untold })?;
        }
        for line in lines {
            let before = bytes.len();
            put(&mut bytes, line)?;
            if (bytes.len() - before) as u64 > MAX_LINE {
                bytes.truncate(before);
                put(&mut bytes, &Line::LeftOut { count: 1 })?;
            }
        }
        self.file.write_all(&bytes)?;
        self.end += bytes.len() as u64;
        self.untold = 0;
        Ok(())
    }
}

impl Before {
    /// When the session began; `None` when it begins now.
    pub(crate) fn started(&self) -> Option<Timestamp> {
        self.contents.as_ref().map(Contents::started)
    }

    /// What testers did before.
    pub(crate) fn marks(&self) -> &[Mark] {
        self.contents.as_ref().map_or(&[], |contents| &contents.marks)
    }

    /// Whose site it was about; empty where that was never said.
    pub(crate) fn under(&self) -> &[Redacted] {
        self.contents.as_ref().map_or(&[], |contents| &contents.under)
    }

    /// How many things were judged before.
    pub(crate) fn taken(&self) -> u64 {
        self.contents.as_ref().map_or(0, |contents| contents.taken)
    }

    /// Hands `recorder` what was judged before; `hear` is told of it, some at a time.
    pub(crate) fn recall(&self, recorder: &mut Recorder, hear: impl FnMut(&[Taken])) -> anyhow::Result<()> {
        self.contents.as_ref().map_or(Ok(()), |contents| contents.recall(recorder, 0, hear))
    }

    /// What stands in the report of a session that lost its key on the way.
    pub(crate) fn conditions(&self) -> Vec<Redacted> {
        let is_key_lost = self.contents.as_ref().is_some_and(|contents| contents.is_key_lost);
        is_key_lost.then(|| Redacted::own_words(resume::LOST_KEY)).into_iter().collect()
    }
}

fn put(bytes: &mut Vec<u8>, line: &Line<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *bytes, line)?;
    bytes.push(b'\n');
    Ok(())
}

/// Makes room for a new session where another one's log is: that is kept, unless nothing happened in it.
fn set_aside(path: &Path, contents: Option<&Contents>, reporter: &Reporter) -> io::Result<()> {
    if contents.is_some_and(Contents::is_empty) {
        return std::fs::remove_file(path);
    }
    if let Some(kept) = keep_earlier(path, STEM)? {
        let (kept, path) = (kept.display(), path.display());
        reporter.step(&format!(
            "an earlier session in this folder was killed, and had other arguments; it is kept as {kept}\n  \
             to take it up: rename it to {path}, and start with those arguments"
        ));
    }
    Ok(())
}

/// The log at `path`, locked, and what it has; `None` when it is none, or empty.
fn found(path: &Path) -> anyhow::Result<(File, Option<Contents>)> {
    let file = open(path)?;
    let contents = Contents::of(path, &file).map_err(|error| unwritable(path, error))?;
    Ok((file, contents))
}

/// The file at `path`, made if need be, read and added to by nobody else.
fn open(path: &Path) -> anyhow::Result<File> {
    let file = private().open(path).map_err(|error| unwritable(path, error))?;
    if !file.metadata().is_ok_and(|known| known.is_file()) {
        return Err(unwritable(path, io::Error::from(io::ErrorKind::InvalidInput)));
    }
    match lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let help = "let it end, or choose another folder with --out";
            Err(Fault::new(format!("another session is writing {}", path.display()), help).into())
        }
        Err(TryLockError::Error(error)) => Err(unwritable(path, error)),
    }
}

#[cfg(test)]
mod tests;
