//! Reads files on a thread of its own, unpacks them, and hands on what they hold: blocks of lines for those who judge, and
//! recordings whole. Waits for room, so that memory is constant.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};

use detect::Redactor;
use inputs::{
    Block, Blocks, Format, Kind, LogLine, Parsed, Parser, Recording, Setting, detect_format, kind_of, unpack,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use memchr::{memchr, memmem};
use model::{BlindSpot, BlindSpotKind, Redact as _, Redacted};

use super::Done;
use super::files::Input;
use super::survey::{Kept, har};

/// Bytes looked at to tell a kind.
const HEAD: usize = 256 * 1024;

/// Names remembered, to tell apart what is shown by the same one: some 10 MB of them.
const MAX_NAMES: usize = 100_000;

/// Lines looked at to tell a format.
const SAMPLE: usize = 64;

/// What names the fields of the lines behind it (W3C extended log file format).
pub(super) const FIELDS: &[u8] = b"#Fields:";

/// What is read, in order.
pub(super) enum Piece {
    /// A HAR.
    Recording(String, Box<Recording>),
    /// A log begins.
    Begin(Arc<Log>),
    /// Lines of it, to be judged.
    Lines(Box<Job>),
    /// It is read, with what could not be.
    End(Arc<Log>, Vec<BlindSpot>),
    /// Something that is in no log.
    Unread(BlindSpot),
}

/// A log that is read.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) name: String,
    /// The same as sightings have it, redacted.
    pub(super) source: Redacted,
    pub(super) format: &'static str,
    pub(super) assumes_zone: bool,
    /// Whether its first lines say who was asked.
    pub(super) names_hosts: bool,
}

/// Lines to be judged.
pub(super) struct Job {
    pub(super) log: Arc<Log>,
    /// As it is before the first of them.
    pub(super) parser: Parser,
    pub(super) block: Block,
}

/// What is read, and how.
pub(super) struct Reading<'a> {
    pub(super) format: Option<&'a Format>,
    pub(super) zone: TimeZone,
    pub(super) now: Timestamp,
    pub(super) redactor: Redactor,
    /// Raised by who wants to stop.
    pub(super) stop: &'a AtomicBool,
    /// Bytes read of all files, packed as they are.
    pub(super) read: &'a AtomicU64,
    /// Room for blocks, given back by who has judged them.
    pub(super) room: Receiver<Vec<u8>>,
    /// Room that nothing was put into.
    pub(super) spare: Cell<Option<Vec<u8>>>,
    /// Room for a recording, likewise.
    pub(super) recording: Receiver<()>,
    /// What was read so far, by the name it is shown with, and how many there were of each.
    pub(super) names: RefCell<BTreeMap<String, u64>>,
}

/// Where the pieces go: each has its number in the order of all.
pub(super) struct Outlet {
    pub(super) next: u64,
    pub(super) jobs: SyncSender<(u64, Box<Job>)>,
    pub(super) others: SyncSender<(u64, Done)>,
}

impl Outlet {
    /// Hands a piece on; `Break` when nobody wants it any more.
    fn send(&mut self, piece: Piece) -> ControlFlow<()> {
        let number = self.next;
        self.next += 1;
        let is_sent = match piece {
            Piece::Lines(job) => self.jobs.send((number, job)).is_ok(),
            other => self.others.send((number, Done::Piece(other))).is_ok(),
        };
        if is_sent { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl Reading<'_> {
    /// Reads all of `inputs`, with what is kept of each.
    pub(super) fn all(&self, inputs: &[Input], kept: Vec<Kept>, outlet: &mut Outlet) {
        for (at, (input, kept)) in inputs.iter().zip(kept).enumerate() {
            if self.stop.load(Ordering::Relaxed) {
                let left = inputs.len() - at;
                let detail = format!("stopped before {left} files were read; the first of them is this");
                let _ = outlet.send(Piece::Unread(BlindSpot::new(BlindSpotKind::Interrupted, &input.name, detail)));
                return;
            }
            if self.one(input, kept, outlet).is_break() {
                return;
            }
        }
    }

    fn one(&self, input: &Input, kept: Kept, outlet: &mut Outlet) -> ControlFlow<()> {
        if let Some(recordings) = kept.recordings {
            self.read.fetch_add(input.bytes.unwrap_or_default(), Ordering::Relaxed);
            for (name, recording) in recordings {
                outlet.send(Piece::Recording(self.told_apart(&name), Box::new(recording)))?;
            }
            for blind_spot in kept.blind_spots {
                outlet.send(Piece::Unread(blind_spot))?;
            }
            return ControlFlow::Continue(());
        }
        let opened = match input.open() {
            Ok(opened) => opened,
            Err(error) => {
                let detail = format!("cannot be opened: {error}");
                return outlet.send(Piece::Unread(BlindSpot::new(BlindSpotKind::InputBroken, &input.name, detail)));
            }
        };
        let place = Rc::new(Cell::new(0));
        let mut counted = Counted { input: opened, all: self.read, place: Rc::clone(&place) };
        let mut flow = ControlFlow::Continue(());
        let faults = unpack(&input.name, &mut counted, &mut |name, plain| {
            flow = self.plain(input, name, plain, &place, outlet);
            // Whoever stops reads no further member.
            if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { flow }
        });
        flow?;
        for fault in faults {
            outlet.send(Piece::Unread(fault))?;
        }
        ControlFlow::Continue(())
    }

    /// One plain file, or member of an archive.
    fn plain(
        &self,
        input: &Input,
        name: &str,
        mut plain: &mut dyn Read,
        place: &Rc<Cell<u64>>,
        outlet: &mut Outlet,
    ) -> ControlFlow<()> {
        let mut head = Vec::new();
        // What breaks here breaks again below, where it is told.
        let _ = Read::by_ref(&mut plain).take(HEAD as u64).read_to_end(&mut head);
        let kind = if self.format.is_some() { Kind::Log } else { kind_of(name, &head) };
        let whole = Cursor::new(head).chain(plain);
        match kind {
            Kind::Har => {
                if self.recording.recv().is_err() {
                    return ControlFlow::Break(());
                }
                let recording = Box::new(har(name, whole, self.now));
                outlet.send(Piece::Recording(self.told_apart(name), recording))
            }
            Kind::Log => self.log(input, name, whole, place, outlet),
        }
    }

    /// Room for a block, as soon as there is any; `None` when nobody wants one.
    fn room(&self) -> Option<Vec<u8>> {
        self.spare.take().or_else(|| self.room.recv().ok())
    }

    fn log(
        &self,
        input: &Input,
        name: &str,
        plain: impl Read,
        place: &Rc<Cell<u64>>,
        outlet: &mut Outlet,
    ) -> ControlFlow<()> {
        let mut blocks = Blocks::new(plain);
        let mut begun: Option<(Arc<Log>, Parser)> = None;
        let mut blind_spots = Vec::new();
        loop {
            let Some(mut room) = self.room() else { return ControlFlow::Break(()) };
            if self.stop.load(Ordering::Relaxed) {
                let total = input.bytes.map(|bytes| format!(" of {bytes}")).unwrap_or_default();
                let detail = format!(
                    "stopped at byte {} of its text, {}{total} bytes of the file",
                    blocks.offset(),
                    place.get()
                );
                blind_spots.push(BlindSpot::new(BlindSpotKind::Interrupted, name, detail));
                self.spare.set(Some(room));
                break;
            }
            let Some(block) = blocks.next_in(&mut room) else {
                self.spare.set(Some(room));
                break;
            };
            let (log, parser) = if let Some(begun) = &mut begun {
                begun
            } else {
                let (log, parser) = self.begin(input, name, &block);
                outlet.send(Piece::Begin(Arc::clone(&log)))?;
                begun.insert((log, parser))
            };
            let before = parser.clone();
            read_directives(parser, &block.bytes);
            outlet.send(Piece::Lines(Box::new(Job { log: Arc::clone(log), parser: before, block })))?;
        }
        let (log, _) = begun.unwrap_or_else(|| self.begin(input, name, &Block::default()));
        let blind_spot = |detail| BlindSpot::new(BlindSpotKind::InputBroken, name, detail);
        let offset = blocks.offset();
        blind_spots.extend(blocks.fault().map(|error| blind_spot(format!("not read beyond byte {offset}: {error}"))));
        let broken = Some(blocks.broken_characters()).filter(|count| *count > 0);
        let broken = broken.map(|count| format!("{count} broken characters of UTF-16 were read as U+FFFD"));
        blind_spots.extend(broken.map(blind_spot));
        outlet.send(Piece::End(log, blind_spots))
    }

    /// `name` as it is shown, redacted, and numbered where something else is shown so already: `a.log` and what `a.log.gz`
    /// holds have one name.
    fn told_apart(&self, name: &str) -> String {
        let shown = self.redactor.redact(name);
        let mut names = self.names.borrow_mut();
        let mut count = names.get(&shown).copied().unwrap_or(1);
        let mut told = shown.clone();
        while names.contains_key(&told) {
            count += 1;
            told = format!("{shown} ({count})");
        }
        if names.len() < MAX_NAMES {
            names.insert(shown, count);
            names.entry(told.clone()).or_insert(1);
        }
        told
    }

    /// A log whose first block is this.
    fn begin(&self, input: &Input, name: &str, block: &Block) -> (Arc<Log>, Parser) {
        let lines = block.bytes.split(|byte| *byte == b'\n').take(SAMPLE);
        let lines: Vec<&[u8]> = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
        let format = self.format.cloned().or_else(|| detect_format(&lines)).unwrap_or_else(Format::plain);
        let latest = input.written.unwrap_or(self.now);
        let setting = Setting { zone: self.zone.clone(), latest };
        let mut parser = format.parser(setting.clone());
        let names_hosts =
            lines.iter().any(|line| matches!(parser.parse(line), Parsed::Line(read) if names_host(&read)));
        let source = self.told_apart(name);
        let log = Log {
            name: source.clone(),
            // It is redacted there.
            source: Redacted::own_words(source),
            format: format.id(),
            assumes_zone: format.assumes_zone(),
            names_hosts,
        };
        (Arc::new(log), format.parser(setting))
    }
}

/// Whether a line says who was asked.
fn names_host(line: &LogLine<'_>) -> bool {
    line.host.is_some() || line.target.as_ref().is_some_and(|target| target.starts_with(b"http"))
}

/// Reads what the lines of a block say of those behind it.
fn read_directives(parser: &mut Parser, bytes: &[u8]) {
    if !parser.has_directives() {
        return;
    }
    let mut from = 0;
    while let Some(at) = memmem::find(bytes.get(from..).unwrap_or_default(), FIELDS) {
        let at = from + at;
        let begin = memchr::memrchr(b'\n', bytes.get(..at).unwrap_or_default()).map_or(0, |end| end + 1);
        let length = memchr(b'\n', bytes.get(at..).unwrap_or_default());
        let end = length.map_or(bytes.len(), |length| at + length);
        let line = bytes.get(begin..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if parser.is_directive(line) {
            parser.parse(line);
        }
        from = end;
    }
}

/// Counts what is read, of one file and of all.
struct Counted<'a> {
    input: Box<dyn Read>,
    all: &'a AtomicU64,
    place: Rc<Cell<u64>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.all.fetch_add(read as u64, Ordering::Relaxed);
        self.place.set(self.place.get() + read as u64);
        Ok(read)
    }
}
