//! Judges blocks of lines, each on one of several threads: those lines that may hold a number one by one, the others not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use detect::Others;
use inputs::{Assumed, Line, LogLine, Parsed, Parser};
use jiff::{SignedDuration, Timestamp};
use memchr::{memchr, memmem, memrchr};

use super::days::day_of;
use super::outlet::Job;
use super::reading::FIELDS;
use super::robots::is_robot;
use super::state::{LinesTold, LogPlace};
use super::taking::Done;
use crate::record::{Batch, LineJudge, LineSort, Wants};

/// The first second of 1995 (UTC): before it there was hardly a web, and what servers write of it is a clock that was never set.
const EARLIEST: i64 = 788_918_400;

/// How far a log's clock may be ahead of this machine's: a day, as for a zone that was taken for another.
const GRACE: SignedDuration = SignedDuration::from_hours(24);

/// Lines at either end of a block that are asked for their time: some have none.
const ASKED: usize = 16;

/// What a block came to.
pub(super) struct Judged {
    /// The block's room, for the next; `None` where it was given back.
    pub(super) room: Option<Vec<u8>>,
    /// How many of its lines end: the last of a file need not.
    pub(super) line_ends: u64,
    pub(super) told: LinesTold,
    pub(super) batch: Batch,
    /// Whether it is a piece of a line, and of which the next is one too.
    pub(super) is_piece: bool,
    pub(super) goes_on: bool,
    /// Where the reading is behind it.
    pub(super) place: Option<LogPlace>,
}

/// Where blocks are judged: each thread that does has one.
pub(super) struct Seat<'a> {
    pub(super) judge: BlockJudge,
    /// What is still of use to the recorder.
    pub(super) wants: &'a Mutex<Wants>,
}

impl Seat<'_> {
    /// What a block comes to. After a panic, which is told, nothing more must be judged here.
    pub(super) fn judge(&mut self, job: Job) -> Done {
        let wanted = *self.wants.lock().unwrap_or_else(PoisonError::into_inner);
        let judged = catch_unwind(AssertUnwindSafe(|| self.judge.block(job, wanted)));
        judged.map_or(Done::Died, |judged| Done::Judged(Box::new(judged)))
    }
}

/// Judges blocks, one after the other.
pub(super) struct BlockJudge {
    judge: LineJudge,
    suspects: detect::Suspects,
    assumed: Assumed,
    places: Vec<usize>,
    /// The texts of the line at hand, kept for their room.
    texts: Vec<u8>,
    /// The times that lines can be of.
    possible: Possible,
}

/// The times that a line can be of.
#[derive(Clone, Copy)]
struct Possible {
    latest: Timestamp,
}

impl BlockJudge {
    pub(super) fn new(judge: LineJudge, suspects: detect::Suspects, assumed: Assumed) -> Self {
        let possible = Possible { latest: assumed.time.checked_add(GRACE).unwrap_or(Timestamp::MAX) };
        Self { judge, suspects, assumed, places: Vec::new(), texts: Vec::new(), possible }
    }

    pub(super) fn block(&mut self, job: Job, wants: Wants) -> Judged {
        let Job { log, mut parser, block, beginning, place } = job;
        let source = log.source.as_str();
        let mut told = LinesTold::default();
        let bytes = &block.bytes;
        let mut places = std::mem::take(&mut self.places);
        places.clear();
        // Of lines full of ids all are looked at: seeking first would take longer than that.
        let is_read_whole = !block.is_piece && parser.format().is_full_of_ids();
        let others = if is_read_whole {
            Others { line_ends: detect::line_ends(bytes), has_nul: memchr(0, bytes).is_some() }
        } else {
            self.suspects.find(bytes, &mut places)
        };
        told.lines = if block.is_piece {
            u64::from(!block.is_continued)
        } else {
            others.line_ends + u64::from(!bytes.ends_with(b"\n"))
        };
        told.nul_bytes = if others.has_nul && !block.is_piece { nul_bytes(bytes) } else { 0 };
        if block.is_piece {
            let line = Line { number: block.first_line, offset: block.offset, bytes, is_whole: false };
            let mut read = LogLine::piece(beginning.as_deref().unwrap_or(&LogLine::default()), bytes);
            if block.is_continued {
                // It was told of the first.
                read.time = read.time.filter(|time| self.possible.has(*time));
            } else {
                told.faults.note_long(&line);
                self.possible.note(&line, &mut read, &mut told);
            }
            // The first is judged in any case: the line is a request, and counts as one.
            if !block.is_continued || !places.is_empty() {
                self.judge(source, &line, &read, block.is_continued, &mut told);
            }
        } else if is_read_whole {
            note_days(&parser, bytes, self.possible, &mut told);
            let mut offset = block.offset;
            for (number, line) in (block.first_line..).zip(bytes.split(|byte| *byte == b'\n')) {
                let width = (line.len() as u64 + 1) * block.width;
                let line = Line { number, offset, bytes: without_end(line), is_whole: true };
                self.parsed(source, &line, &mut parser, &mut told);
                offset += width;
            }
        } else {
            if parser.has_directives() {
                places.extend(memmem::find_iter(bytes, FIELDS));
            }
            places.sort_unstable();
            note_days(&parser, bytes, self.possible, &mut told);
            let mut done = 0;
            let mut number = block.first_line;
            for place in &places {
                if *place < done {
                    continue;
                }
                let before = bytes.get(done..*place).unwrap_or_default();
                let begin = memrchr(b'\n', before).map_or(done, |end| done + end + 1);
                number += detect::line_ends(bytes.get(done..begin).unwrap_or_default());
                let length = memchr(b'\n', bytes.get(*place..).unwrap_or_default());
                let end = length.map_or(bytes.len(), |length| place + length);
                let text = without_end(bytes.get(begin..end).unwrap_or_default());
                let offset = block.offset + begin as u64 * block.width;
                let line = Line { number, offset, bytes: text, is_whole: true };
                self.parsed(source, &line, &mut parser, &mut told);
                number += 1;
                done = end + 1;
            }
        }
        told.silent = if block.is_piece { 0 } else { silent_lines(bytes, parser.has_directives(), others.has_nul) };
        told.bytes = bytes.len() as u64;
        self.places = places;
        let batch = self.judge.take(wants);
        let (is_piece, goes_on) = (block.is_piece, block.goes_on);
        let room = Some(block.bytes);
        let line_ends = others.line_ends;
        let behind = |place: LogPlace| LogPlace { blocks: place.blocks.behind(line_ends), ..place };
        let place = place.map(behind);
        Judged { room, line_ends, told, batch, is_piece, goes_on, place }
    }

    /// Judges a line by what it tells.
    fn parsed(&mut self, source: &str, line: &Line<'_>, parser: &mut Parser, told: &mut LinesTold) {
        let (mut read, fits) = match parser.parse(line.bytes) {
            Parsed::Line(read) | Parsed::Other(read) => (read, true),
            Parsed::Unfit(read) => (read, false),
            Parsed::Directive => return,
        };
        if !self.is_suspect(&read, parser) {
            return;
        }
        if !fits {
            told.faults.note_unfit(line);
        }
        self.possible.note(line, &mut read, told);
        self.judge(source, line, &read, false, told);
    }

    /// Whether anything suspect stands in a line, its ids aside: their letters and digits are random, and looked at as a
    /// whole nearly every line with some is suspect. Of other lines this was told before.
    fn is_suspect(&mut self, read: &LogLine<'_>, parser: &Parser) -> bool {
        let is_told = read.ids.is_empty() && !parser.format().is_full_of_ids();
        if is_told || read.ids.iter().any(|(_, id)| detect::id_holds_number(id)) {
            return true;
        }
        let Self { texts, places, suspects, .. } = self;
        texts.clear();
        if !read.each_text(|name, text| {
            for part in [name, b"=", text, b"\n"] {
                texts.extend_from_slice(part);
            }
            // What stands on two lines would be looked at as two.
            memchr(b'\n', text).is_none()
        }) {
            return true;
        }
        places.clear();
        suspects.find(texts, places);
        !places.is_empty()
    }

    /// Judges a line or a piece of one; `is_continued` where that is not the first.
    fn judge(&mut self, source: &str, line: &Line<'_>, read: &LogLine<'_>, is_continued: bool, told: &mut LinesTold) {
        // Somebody is assumed to have been asked wherever a line does not say.
        let Some(exchange) = read.exchange(line.number, &self.assumed) else { return };
        told.judged += u64::from(!is_continued);
        let sort = LineSort { is_continued, is_untimed: read.time.is_none() };
        self.judge.line(source, &exchange, sort, is_robot);
    }
}

impl Possible {
    fn has(self, time: Timestamp) -> bool {
        (EARLIEST..=self.latest.as_second()).contains(&time.as_second())
    }

    /// Notes when a suspect line is of, or that it does not say so, or says what cannot be: that it is of no time then.
    fn note(self, line: &Line<'_>, read: &mut LogLine<'_>, told: &mut LinesTold) {
        match read.time {
            Some(time) if self.has(time) => told.days.note(time),
            Some(_) => {
                told.faults.note_misdated(line);
                read.time = None;
            }
            None => told.faults.note_untimed(line),
        }
    }
}

/// Notes the days of a block. Lines come in the order of time, more or less: where its first and its last are of one
/// day or two that follow each other, these are all there are.
fn note_days(parser: &Parser, bytes: &[u8], possible: Possible, told: &mut LinesTold) {
    let mut parser = parser.clone();
    let mut time = |line: &[u8]| match parser.parse(without_end(line)) {
        Parsed::Line(read) | Parsed::Other(read) | Parsed::Unfit(read) => read.time.filter(|time| possible.has(*time)),
        Parsed::Directive => None,
    };
    let first: Option<Timestamp> = bytes.split(|byte| *byte == b'\n').take(ASKED).find_map(&mut time);
    // Before the first, directives may have been read: the last is asked with them.
    let last: Option<Timestamp> = bytes.rsplit(|byte| *byte == b'\n').take(ASKED).find_map(&mut time);
    let (Some(first), Some(last)) = (first, last) else { return };
    told.days.note(first);
    told.days.note(last);
    if !(0..=1).contains(&(day_of(last) - day_of(first))) {
        let all = bytes.split(|byte| *byte == b'\n').filter_map(&mut time);
        all.for_each(|time| told.days.note(time));
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // A log that is cut while its server writes on begins with a hole.
    match line {
        [0, ..] => line.get(line.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default(),
        _ => line,
    }
}

/// How many lines tell of no request: those that say how others are to be read, and holes of NUL bytes.
fn silent_lines(bytes: &[u8], has_directives: bool, has_nul: bool) -> u64 {
    let directives = || u64::from(bytes.starts_with(b"#")) + memmem::find_iter(bytes, b"\n#").count() as u64;
    let holes = || {
        let is_hole = |line: &&[u8]| !line.is_empty() && without_end(line).is_empty() && line.starts_with(b"\0");
        bytes.split(|byte| *byte == b'\n').filter(is_hole).count() as u64
    };
    let directives = if has_directives { directives() } else { 0 };
    directives + if has_nul { holes() } else { 0 }
}

/// How many NUL bytes there are at the start of lines.
fn nul_bytes(bytes: &[u8]) -> u64 {
    let of_line = |line: &[u8]| line.iter().take_while(|byte| **byte == 0).count() as u64;
    bytes.split(|byte| *byte == b'\n').map(of_line).sum()
}
