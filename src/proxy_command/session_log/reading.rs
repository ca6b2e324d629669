//! A log read back: what it is of, its marks, and all that was judged, line by line into a recorder.

use std::fs::File;
use std::io::{self, BufReader, Seek as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use console::Mark;
use jiff::Timestamp;
use model::{BlindSpot, BlindSpotKind, Redacted};

use super::lines::{Line, Lines, Read, TAKEN};
use crate::journal::Header;
use crate::record::{Recorder, Taken};
use crate::resume;

/// Marks read back: a tester makes one a minute. Those beyond are told as not kept.
const MAX_MARKS: usize = 10_000;

/// Bytes read at once.
const PIECE: usize = 256 << 10;

/// How much is recalled at once: who shows it is told as often.
const BATCH: usize = 500;

/// What a log has, read through once. What was judged is read when it is recalled.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) header: Header,
    pub(super) marks: Vec<Mark>,
    /// Whose site it is about, as far as that was said.
    pub(super) under: Vec<Redacted>,
    /// Whether a key that lines were written with is gone.
    pub(super) is_key_lost: bool,
    /// How many lines have something that counts.
    pub(super) taken: u64,
    /// Where the whole lines end.
    pub(super) end: u64,
    path: PathBuf,
    /// Where the lines begin that count.
    from: u64,
    /// What is not in it: found no room on disk, or cannot be read.
    missing: u64,
}

impl Contents {
    /// Those of the log at `path`; `None` when it does not begin as one, or not at all.
    pub(super) fn of(path: &Path, file: &File) -> io::Result<Option<Self>> {
        let mut file = file;
        file.seek(io::SeekFrom::Start(0))?;
        let mut lines = Lines::new(BufReader::with_capacity(PIECE, file), 0);
        let Some(Read::Whole(first)) = lines.next()? else { return Ok(None) };
        let Ok(Line::Header(header)) = serde_json::from_slice(first) else { return Ok(None) };
        let mut contents = Self {
            header: header.into_owned(),
            marks: Vec::new(),
            under: Vec::new(),
            is_key_lost: false,
            taken: 0,
            end: lines.end,
            path: path.to_owned(),
            from: lines.end,
            missing: 0,
        };
        loop {
            let line = match lines.next()? {
                None => break,
                Some(Read::TooLong) => {
                    contents.missing += 1;
                    None
                }
                Some(Read::Whole(line)) => contents.look_at(line),
            };
            contents.end = lines.end;
            if let Some(Line::JudgedAnew) = line {
                (contents.from, contents.taken, contents.missing) = (lines.end, 0, 0);
            }
        }
        Ok(Some(contents))
    }

    /// Takes from a line what is not judged traffic. The line, if it says more.
    fn look_at<'a>(&mut self, line: &[u8]) -> Option<Line<'a>> {
        if line.starts_with(TAKEN) {
            self.taken += 1;
            return None;
        }
        match serde_json::from_slice::<Line<'_>>(line) {
            Ok(Line::Mark(mark)) if self.marks.len() < MAX_MARKS => self.marks.push(mark.into_owned()),
            Ok(Line::Under { sites }) => self.under = sites,
            Ok(Line::KeyLost) => self.is_key_lost = true,
            Ok(Line::LeftOut { count }) => self.missing = self.missing.saturating_add(count),
            Ok(Line::JudgedAnew) => return Some(Line::JudgedAnew),
            Ok(Line::Mark(_) | Line::Header(_) | Line::Taken(_)) | Err(_) => self.missing += 1,
        }
        None
    }

    /// Whether nothing came of the session.
    pub(super) fn is_empty(&self) -> bool {
        self.taken == 0 && self.marks.is_empty() && self.missing == 0
    }

    /// When the session began.
    pub(super) fn started(&self) -> Timestamp {
        self.header.started
    }

    /// Hands `recorder` all that was judged, in order; `hear` is told of it before, some at a time. What is not there,
    /// `more` besides, is a blind spot.
    pub(super) fn recall(
        &self,
        recorder: &mut Recorder,
        more: u64,
        mut hear: impl FnMut(&[Taken]),
    ) -> anyhow::Result<()> {
        let name = self.path.display();
        let open = || -> io::Result<File> {
            let mut file = File::open(&self.path)?;
            file.seek(io::SeekFrom::Start(self.from))?;
            Ok(file)
        };
        let file = open().with_context(|| format!("cannot read the session {name}"))?;
        let mut lines = Lines::new(BufReader::with_capacity(PIECE, file), self.from);
        let (mut missing, mut digests, mut batch) = (self.missing.saturating_add(more), 0, Vec::new());
        // What is written meanwhile is for the next time.
        while lines.end < self.end
            && let Some(line) = lines.next().with_context(|| format!("cannot read the session {name}"))?
        {
            let Read::Whole(line) = line else { continue };
            if !line.starts_with(TAKEN) {
                continue;
            }
            let Ok(Line::Taken(taken)) = serde_json::from_slice::<Line<'_>>(line) else {
                missing += 1;
                continue;
            };
            digests += taken.digests();
            batch.push(taken.into_owned());
            if batch.len() >= BATCH {
                hear(&batch);
                missing += recalled(recorder, &mut batch);
            }
        }
        hear(&batch);
        missing += recalled(recorder, &mut batch);
        if self.is_key_lost && digests > 0 {
            recorder.recalled_blind_spot(resume::lost_digests(digests));
        }
        if missing > 0 {
            let detail = format!("{missing} requests or notes could not be written or read back");
            recorder.recalled_blind_spot(BlindSpot::new(BlindSpotKind::SessionNotKept, "this run", detail));
        }
        Ok(())
    }
}

/// Hands `recorder` the `batch`. How many of it are words of another version.
fn recalled(recorder: &mut Recorder, batch: &mut Vec<Taken>) -> u64 {
    let unknown = batch.drain(..).map(|taken| u64::from(recorder.recall(&taken).is_err()));
    unknown.sum()
}
