//! The journal of a scan: how far it came is on disk every few seconds, so that one that was stopped goes on where it was.
//!
//! ```text
//! scan.jsonl   the run, its files, and what grows: sightings, logs that are done; only added to
//! state.json   where it is, and what is counted: written anew each time, whole or not at all
//! persons-N    tokens of persons
//! ```
//! A scan that is over before the first time is due leaves no trace of it. Nothing in it that a report could not hold; the
//! key of its tokens is kept as that of an audit is ([`RunKey`]).

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{GrownScan, KnownFile, State, StateNow};
use crate::fault::Fault;
use crate::journal::{Header, RunKey, folder_of_keys, private};
use crate::lock::lock;
use crate::progress::Reporter;
use crate::record::PERSONS;

/// Its folder, in that of the reports.
pub(super) const FOLDER: &str = "scan-journal";

const LINES: &str = "scan.jsonl";
const STATE: &str = "state.json";

/// Version of the lines and of the state.
const VERSION: u32 = 1;

/// How often is written how far it is: what is lost when the machine is switched off is done again in as much.
const EVERY: Duration = Duration::from_secs(5);

/// Of the time that passes, one part in this many goes into the journal at the most.
const SHARE: u32 = 200;

/// Bytes of lines or of a state that are read back: what a recorder keeps is a tenth of that.
const MOST_BYTES: u64 = 8 << 30;

/// Bytes of the first line.
const MOST_FIRST: u64 = 64 * 1024;

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    /// The first line.
    Header(Header),
    /// The second: all files of the scan, in order.
    Files(Vec<KnownFile>),
    Grown(Box<GrownScan>),
}

/// The journal of a scan that goes on.
pub(crate) struct Journal {
    folder: PathBuf,
    /// What a new one says first.
    arguments: String,
    started: Timestamp,
    files: Vec<KnownFile>,
    key: [u8; 32],
    has_key_file: bool,
    pub(super) is_key_lost: bool,
    open: Option<Open>,
    every: Option<Duration>,
    due: Instant,
    /// Whether nothing more is written.
    is_off: bool,
}

/// What is on disk.
struct Open {
    file: File,
    /// Where the lines end.
    end: u64,
    run_key: Option<RunKey>,
    /// Whether a state was written.
    has_state: bool,
}

/// A scan that was stopped, as its journal has it.
pub(crate) struct Stopped {
    folder: PathBuf,
    header: Header,
    files: Vec<KnownFile>,
    grown: Vec<GrownScan>,
    state: State,
    open: Open,
}

/// What of it the judging goes on with.
pub(super) struct Before {
    pub(super) folder: PathBuf,
    pub(super) grown: Vec<GrownScan>,
    pub(super) state: State,
}

impl Stopped {
    /// That in the folder `out` of reports; `None` where there is none. With `has_key_file` the key is the user's business.
    pub(crate) fn find(out: &Path, has_key_file: bool) -> anyhow::Result<Option<Self>> {
        let folder = out.join(FOLDER);
        if !folder.join(STATE).exists() {
            return Ok(None);
        }
        let path = folder.join(LINES);
        let unreadable = |error: io::Error| {
            anyhow::Error::from(error).context(Fault::new(format!("cannot read {}", path.display()), ANEW))
        };
        let file = private().open(&path).map_err(unreadable)?;
        match lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let help = "let it end, or choose another folder with --out";
                return Err(Fault::new(format!("another scan is writing {}", path.display()), help).into());
            }
            Err(TryLockError::Error(error)) => return Err(unreadable(error)),
        }
        let state = read(&folder.join(STATE)).map_err(unreadable)?;
        let text = read(&path).map_err(unreadable)?;
        // What was written behind the last state is done again.
        let header = header(&text, &folder)?;
        let damaged = |what: &str| damaged(&folder, what);
        let state: State = serde_json::from_slice(&state)
            // What it says of the text may be the text.
            .map_err(|error| damaged(&format!("{STATE} cannot be read ({:?})", error.classify())))?;
        let lines = usize::try_from(state.lines_end).ok().and_then(|end| text.get(..end));
        let lines = lines.ok_or_else(|| damaged(&format!("{LINES} is cut")))?;
        let (mut files, mut grown) = (None, Vec::new());
        for line in lines.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line) {
                Ok(Line::Header(_)) => return Err(damaged("it begins twice")),
                Ok(Line::Files(all)) => files = Some(all),
                Ok(Line::Grown(more)) => grown.push(*more),
                Err(error) => return Err(damaged(&format!("a line cannot be read ({:?})", error.classify()))),
            }
        }
        let files = files.ok_or_else(|| damaged("it names no files"))?;
        file.set_len(state.lines_end).map_err(unreadable)?;
        // A fresh one is kept with what is first written under it: until then nobody may take it for the one that is gone.
        let find_key = || RunKey::find(folder_of_keys().as_deref(), &header.id, &path);
        let run_key = if has_key_file { None } else { Some(find_key()?) };
        let open = Open { file, end: state.lines_end, run_key, has_state: true };
        Ok(Some(Self { folder, header, files, grown, state, open }))
    }

    /// When it began.
    pub(crate) fn started(&self) -> Timestamp {
        self.header.started
    }

    /// Its key, unless it is in a key file.
    pub(crate) fn key(&self) -> Option<[u8; 32]> {
        self.open.run_key.as_ref().map(|key| key.bytes)
    }

    /// Whether a key of it is gone.
    pub(crate) fn is_key_lost(&self) -> bool {
        self.state.is_key_lost || self.is_key_new()
    }

    /// Whether its last key is gone, and this one is new.
    fn is_key_new(&self) -> bool {
        self.open.run_key.as_ref().is_some_and(|key| !key.is_kept)
    }

    /// The digests in it, which nobody can try without its key.
    pub(crate) fn digests(&self) -> usize {
        self.grown.iter().map(|grown| grown.recorder.digests()).sum()
    }

    /// The files that were begun, in order.
    pub(super) fn begun(&self) -> &[KnownFile] {
        let count =
            self.state.place.files + usize::from(self.state.place.members > 0 || self.state.place.log.is_some());
        self.files.get(..count).unwrap_or(&self.files)
    }

    /// How many files are done.
    pub(super) fn done(&self) -> usize {
        self.state.place.files
    }

    /// How much of the file behind them was read.
    pub(super) fn read(&self) -> u64 {
        self.state.place.log.as_ref().map_or(0, |log| if log.is_plain { log.blocks.offset() } else { log.read })
    }
}

impl Journal {
    /// One of a new scan in the folder `out`, begun when it is first due. `arguments` are the digest of what it was asked.
    pub(crate) fn new(out: &Path, arguments: String, started: Timestamp, key: [u8; 32], has_key_file: bool) -> Self {
        Self {
            folder: out.join(FOLDER),
            arguments,
            started,
            files: Vec::new(),
            key,
            has_key_file,
            is_key_lost: false,
            open: None,
            every: None,
            due: Instant::now() + EVERY,
            is_off: false,
        }
    }

    /// The same, written this often whatever it costs.
    pub(crate) fn every(mut self, every: Option<Duration>) -> Self {
        self.every = every;
        self.due = Instant::now() + every.unwrap_or(EVERY);
        self
    }

    /// Goes on with that of a scan that was stopped, if it was asked the same.
    pub(super) fn take_up(&mut self, stopped: Stopped) -> anyhow::Result<Before> {
        let Stopped { folder, header, files, grown, state, open } = stopped;
        if header.arguments != self.arguments {
            let help = "start it with the same arguments, files and registry, or leave out --resume to begin anew";
            let message = format!("{} is of a scan that was asked something else", folder.display());
            return Err(Fault::new(message, help).into());
        }
        (self.files, self.open) = (files, Some(open));
        Ok(Before { folder, grown, state })
    }

    /// The files that it tells of, once they are known.
    pub(super) fn of_files(&mut self, files: impl FnOnce() -> Vec<KnownFile>) {
        if self.files.is_empty() {
            self.files = files();
        }
    }

    /// Whether it is time to write.
    pub(super) fn is_due(&self) -> bool {
        !self.is_off && Instant::now() >= self.due
    }

    /// Whether another scan that was stopped lies where this one's goes.
    pub(crate) fn is_in_the_way(&self) -> bool {
        self.open.is_none() && self.folder.join(STATE).exists()
    }

    /// Whether a scan can go on with it.
    pub(crate) fn is_kept(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.has_state)
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes what has grown, and the state. A disk that takes no more ends no scan: it is said once, and what was written
    /// before stays good.
    pub(super) fn keep<'a>(
        &mut self,
        grown: GrownScan,
        state: impl FnOnce(&Path, u64, bool) -> io::Result<StateNow<'a>>,
    ) {
        if self.is_off {
            return;
        }
        let begun = Instant::now();
        if let Err(error) = self.write(grown, state) {
            self.is_off = true;
            let path = self.folder.display();
            let what = "the scan goes on, and does not come back to here if it is stopped";
            Reporter::new().step(&format!("cannot keep how far the scan is in {path}: {error:#}; {what}"));
        }
        let cost = begun.elapsed();
        self.due = Instant::now() + self.every.unwrap_or_else(|| EVERY.max(cost.saturating_mul(SHARE)));
    }

    /// The reports are written: there is nothing to go on with, neither with this nor with what it took the place of.
    pub(crate) fn end(self) -> anyhow::Result<()> {
        match self.open {
            Some(open) => {
                if let Some(key) = open.run_key {
                    key.end();
                }
            }
            // What was stopped before has been done anew.
            None => match private().create(false).open(self.folder.join(LINES)) {
                Ok(file) if lock(&file).is_ok() => forget_key(file),
                _ => return Ok(()),
            },
        }
        let path = self.folder.display();
        remove(&self.folder).with_context(|| format!("cannot remove {path}, which nobody needs any more"))
    }

    fn write<'a>(
        &mut self,
        grown: GrownScan,
        state: impl FnOnce(&Path, u64, bool) -> io::Result<StateNow<'a>>,
    ) -> anyhow::Result<()> {
        if self.open.is_none() {
            self.open = Some(self.begin()?);
        }
        let Self { folder, open: Some(open), is_key_lost, .. } = self else { return Ok(()) };
        open.add(&[Line::Grown(Box::new(grown))])?;
        let state = state(folder, open.end, *is_key_lost)?;
        let path = folder.join(STATE);
        let part = folder.join(format!("{STATE}.part"));
        let mut file = io::BufWriter::new(private().append(false).write(true).truncate(true).open(&part)?);
        serde_json::to_writer(&mut file, &state)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_data()?;
        std::fs::rename(&part, &path)?;
        open.has_state = true;
        if let Some(key) = &mut open.run_key {
            key.write();
        }
        // Of no state any more.
        let names: Vec<&str> = state.counted.persons().names().collect();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let is_old = |name: &str| name.starts_with(PERSONS) && !names.contains(&name);
            if entry.file_name().to_str().is_some_and(is_old) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Makes the folder, and in it the first lines.
    fn begin(&self) -> anyhow::Result<Open> {
        let path = self.folder.join(LINES);
        make_folder(&self.folder)?;
        let file = private().open(&path)?;
        match lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => anyhow::bail!("another scan is writing there"),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        // What another scan left there is of no use without the same arguments, and said at the start of this one.
        match std::fs::remove_file(self.folder.join(STATE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        forget_key(file.try_clone()?);
        file.set_len(0)?;
        let header = Header::new(VERSION, self.arguments.clone(), self.started)?;
        let keep = || RunKey::keep(folder_of_keys().as_deref(), &header.id, &path, self.key);
        let run_key = (!self.has_key_file).then(keep);
        let mut open = Open { file, end: 0, run_key, has_state: false };
        open.add(&[Line::Header(header), Line::Files(self.files.clone())])?;
        Ok(open)
    }
}

impl Open {
    /// Adds lines; on disk when it returns.
    fn add(&mut self, lines: &[Line]) -> anyhow::Result<()> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        self.file.write_all(&text)?;
        self.file.sync_data()?;
        self.end += text.len() as u64;
        Ok(())
    }
}

/// What to do about a journal that is of no use.
pub(super) const ANEW: &str = "leave out --resume to begin anew";

/// Whether a scan keeps how far it is in the folder `out`.
pub(super) fn is_in(out: &Path) -> bool {
    out.join(FOLDER).join(LINES).is_file()
}

/// Takes away the key of the scan whose lines are in `file`: nobody goes on with it.
fn forget_key(file: File) {
    let mut first = Vec::new();
    if io::BufReader::new(file.take(MOST_FIRST)).read_until(b'\n', &mut first).is_ok()
        && let Ok(Line::Header(header)) = serde_json::from_slice(&first)
    {
        RunKey::forget(folder_of_keys().as_deref(), &header.id);
    }
}

fn damaged(folder: &Path, how: &str) -> anyhow::Error {
    Fault::new(format!("{} is nothing to go on with: {how}", folder.display()), ANEW).into()
}

fn header(text: &[u8], folder: &Path) -> anyhow::Result<Header> {
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Ok(Line::Header(header)) = serde_json::from_slice(first) else {
        return Err(damaged(folder, &format!("{LINES} does not begin as one")));
    };
    let tool = env!("CARGO_PKG_VERSION");
    if header.version != VERSION || header.tool != tool {
        let help = "go on with that version, or leave out --resume to begin anew";
        let message = format!("{} is of version {}, this is {tool}", folder.display(), header.tool);
        return Err(Fault::new(message, help).into());
    }
    Ok(header)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.len() > MOST_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    std::fs::read(path)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Removes what a scan has written there, and the folder if nobody else has put anything into it.
fn remove(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_ours = |name: &str| name.starts_with(PERSONS) || name.starts_with(STATE) || name == LINES;
        if entry.file_name().to_str().is_some_and(is_ours) {
            std::fs::remove_file(entry.path())?;
        }
    }
    match std::fs::remove_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::DirectoryNotEmpty => Err(error),
        _ => Ok(()),
    }
}
