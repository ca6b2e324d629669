//! Reads files on a thread of its own, unpacks them, and hands on what they hold: blocks of lines for those who judge, and
//! recordings whole. Waits for room, so that memory is constant.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Receiver;

use detect::Redactor;
use inputs::{
    Block, Blocks, Format, Kind, LogLine, Member, Parsed, Parser, Setting, detect_format, is_packed, kind_of, unpack,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use memchr::{memchr, memmem};
use model::{BlindSpot, BlindSpotKind, Redact as _, Redacted};

use super::copies::{Seen, begin_of};
use super::files::{Input, changed};
use super::outlet::{Job, Log, Outlet, Piece};
use super::state::{Beginning, LogPlace, Place};
use super::survey::{Kept, fitting};

/// Bytes looked at to tell a kind.
const HEAD: usize = 256 * 1024;

/// Names remembered, to tell apart what is shown by the same one: some 10 MB of them.
const MAX_NAMES: usize = 100_000;

/// Lines looked at to tell a format.
const SAMPLE: usize = 64;

/// What names the fields of the lines behind it (W3C extended log file format).
pub(super) const FIELDS: &[u8] = b"#Fields:";

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
    /// Room for a recording, given back by who has taken it in.
    pub(super) recording: Receiver<()>,
    /// What was read so far, by the name it is shown with, and how many there were of each.
    pub(super) names: RefCell<BTreeMap<String, u64>>,
    /// Where an earlier run came to, and in which files before it there are recordings.
    pub(super) from: &'a Place,
    pub(super) recorded: &'a BTreeSet<usize>,
    /// Whether it was said that this is stopping.
    pub(super) has_stopped: Cell<bool>,
}

impl Reading<'_> {
    /// Reads all of `inputs`, with what is kept of each.
    pub(super) fn all(&self, inputs: &[Input], kept: Vec<Kept>, outlet: &mut Outlet<'_>) {
        for (at, (input, kept)) in inputs.iter().zip(kept).enumerate() {
            if self.is_stopped() {
                let left = inputs.len() - at;
                let detail = format!("stopped before {left} files were read; the first of them is this");
                let _ = self.stopping(&input.name, detail, outlet);
                return;
            }
            if at >= self.from.files {
                if self.one(at, input, kept, outlet).is_break() {
                    return;
                }
                continue;
            }
            self.read.fetch_add(input.bytes.unwrap_or_default(), Ordering::Relaxed);
            if self.recorded.contains(&at) && self.again(input, kept, outlet).is_break() {
                return;
            }
        }
    }

    /// Nothing of this is done at all: somebody wants to stop.
    fn stopping(&self, name: &str, detail: String, outlet: &mut Outlet<'_>) -> ControlFlow<()> {
        self.tell_stopping(outlet)?;
        outlet.send(Piece::Unread(BlindSpot::new(BlindSpotKind::Interrupted, name, detail)))
    }

    pub(super) fn tell_stopping(&self, outlet: &mut Outlet<'_>) -> ControlFlow<()> {
        if self.has_stopped.replace(true) { ControlFlow::Continue(()) } else { outlet.send(Piece::Stopping) }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The recordings in a file that an earlier run has read.
    fn again(&self, input: &Input, kept: Kept, outlet: &mut Outlet<'_>) -> ControlFlow<()> {
        if let Some(recordings) = kept.recordings {
            return recordings
                .into_iter()
                .try_for_each(|(name, recording)| outlet.send(Piece::Again(name.into(), Box::new(recording))));
        }
        let Ok(mut opened) = input.open() else {
            return outlet.send(Piece::Changed(changed(&input.name, "cannot be opened")));
        };
        let mut flow = ControlFlow::Continue(());
        // What cannot be read of it was told then.
        unpack(&input.name, &mut opened, &mut |member, plain| {
            flow = self.member_again(member, plain, outlet);
            flow
        });
        flow
    }

    /// A member of an archive that an earlier run has read: a recording is told again.
    fn member_again(&self, member: &Member, mut plain: &mut dyn Read, outlet: &mut Outlet<'_>) -> ControlFlow<()> {
        let mut head = Vec::new();
        let _ = Read::by_ref(&mut plain).take(HEAD as u64).read_to_end(&mut head);
        let kind = self.kind(member, &head);
        if kind == Kind::Log {
            // To its end: a fault in it is found there.
            let _ = std::io::copy(plain, &mut std::io::sink());
            return ControlFlow::Continue(());
        }
        self.recorded(kind, &member.name, Cursor::new(head).chain(plain), true, outlet)
    }

    /// The file of this number, from where an earlier run came to in it.
    fn one(&self, at: usize, input: &Input, kept: Kept, outlet: &mut Outlet<'_>) -> ControlFlow<()> {
        let is_first = at == self.from.files;
        let members = if is_first { self.from.members } else { 0 };
        let from = self.from.log.as_ref().filter(|_| is_first);
        if let Some(recordings) = kept.recordings {
            self.read.fetch_add(input.bytes.unwrap_or_default(), Ordering::Relaxed);
            for (number, (name, recording)) in (0..).zip(recordings) {
                let recording = Box::new(recording);
                outlet.send(if number < members {
                    Piece::Again(name.into(), recording)
                } else {
                    Piece::Recording(self.told_apart(&name), recording, true)
                })?;
            }
            return outlet.send(Piece::Done(kept.blind_spots));
        }
        let opened = match input.open() {
            Ok(opened) => opened,
            Err(error) => {
                let detail = format!("cannot be opened: {error}");
                let blind_spot = BlindSpot::new(BlindSpotKind::InputBroken, &input.name, detail);
                return outlet.send(Piece::Done(vec![blind_spot]));
            }
        };
        let place = Rc::new(Cell::new(0));
        if let Some(from) = from.filter(|from| from.is_plain) {
            self.plain_from(input, from, &place, outlet)?;
            return outlet.send(Piece::Done(Vec::new()));
        }
        let mut counted = Counted { input: opened, all: self.read, place: Rc::clone(&place) };
        let mut flow = ControlFlow::Continue(());
        let (mut number, mut is_cut) = (0, false);
        let faults = unpack(&input.name, &mut counted, &mut |member, plain| {
            // Whoever stops reads no further member.
            if self.is_stopped() {
                is_cut = true;
                flow =
                    self.stopping(&member.name, "stopped before it was read, and what is behind it".to_owned(), outlet);
                return ControlFlow::Break(());
            }
            let here = (number == members).then_some(from).flatten();
            flow = if number < members {
                self.member_again(member, plain, outlet)
            } else {
                self.plain(input, member, plain, here, &place, outlet)
            };
            number += 1;
            flow
        });
        flow?;
        let is_reached = number > members || (number == members && from.is_none());
        if !is_reached && !is_cut {
            return outlet.send(Piece::Changed(changed(&input.name, "holds less than was read of it")));
        }
        outlet.send(Piece::Done(faults))
    }

    /// What a file is that begins with `head`.
    fn kind(&self, member: &Member, head: &[u8]) -> Kind {
        fitting(kind_of(&member.plain, head), self.format)
    }

    /// A log that is no packed file, from where an earlier run came to.
    fn plain_from(
        &self,
        input: &Input,
        from: &LogPlace,
        place: &Rc<Cell<u64>>,
        outlet: &mut Outlet<'_>,
    ) -> ControlFlow<()> {
        let offset = from.blocks.offset();
        let opened = input.open_file().and_then(|mut file| {
            let mut room = Vec::new();
            // What it is, its first lines say.
            let first = Blocks::new(&mut file).next_in(&mut room).unwrap_or_default();
            file.seek(SeekFrom::Start(offset))?;
            Ok((file, first))
        });
        let Ok((file, first)) = opened else {
            return outlet.send(Piece::Changed(changed(&input.name, "cannot be read any more")));
        };
        self.read.fetch_add(offset, Ordering::Relaxed);
        place.set(offset);
        let counted = Counted { input: Box::new(file), all: self.read, place: Rc::clone(place) };
        let (log, mut parser) = self.begin(input, &input.name, &first);
        parser.recall(from.names.as_deref().map(str::as_bytes));
        let blocks = Blocks::going_on(counted, from.blocks);
        let begun = Some((log, parser, from.beginning.as_ref()));
        self.blocks(input, &input.name, blocks, begun, true, place, outlet)
    }

    /// One plain file, or member of an archive.
    fn plain(
        &self,
        input: &Input,
        member: &Member,
        mut plain: &mut dyn Read,
        from: Option<&LogPlace>,
        place: &Rc<Cell<u64>>,
        outlet: &mut Outlet<'_>,
    ) -> ControlFlow<()> {
        let mut head = Vec::new();
        // What breaks here breaks again below, where it is told.
        let _ = Read::by_ref(&mut plain).take(HEAD as u64).read_to_end(&mut head);
        let kind = self.kind(member, &head);
        let Member { name, plain: _, is_unpacked } = member;
        let is_plain = !is_unpacked && !is_packed(name, &head) && is_utf8(&head);
        let whole = Cursor::new(head).chain(plain);
        match kind {
            Kind::Har | Kind::Capture | Kind::Flows => self.recorded(kind, name, whole, false, outlet),
            Kind::Log => {
                let mut blocks = Blocks::new(whole);
                let Some(from) = from else { return self.blocks(input, name, blocks, None, is_plain, place, outlet) };
                let first = outlet.room().and_then(|mut room| blocks.next_in(&mut room)).unwrap_or_default();
                let (log, mut parser) = self.begin(input, name, &first);
                outlet.spare = Some(first.bytes);
                parser.recall(from.names.as_deref().map(str::as_bytes));
                if !blocks.go_to(from.blocks) {
                    return outlet.send(Piece::Changed(changed(name, "is shorter than what was read of it")));
                }
                let begun = Some((log, parser, from.beginning.as_ref()));
                self.blocks(input, name, blocks, begun, is_plain, place, outlet)
            }
        }
    }

    /// A log, block by block; one that was begun before is in `begun`.
    #[expect(clippy::too_many_arguments, reason = "what one log is, and where it is read")]
    fn blocks(
        &self,
        input: &Input,
        name: &str,
        mut blocks: Blocks<impl Read>,
        begun: Option<(Arc<Log>, Parser, Option<&Beginning>)>,
        is_plain: bool,
        place: &Rc<Cell<u64>>,
        outlet: &mut Outlet<'_>,
    ) -> ControlFlow<()> {
        let mut blind_spots = Vec::new();
        let (mut begun, beginning) = match begun {
            Some((log, parser, beginning)) => (Some((log, parser)), beginning),
            None => (None, None),
        };
        let mut beginning = beginning.map(|beginning| Arc::new(beginning.line()));
        // One of which not all was read is compared with none.
        let mut seen = begun.as_ref().map(|(log, _)| Seen::of(&log.begin));
        loop {
            let Some(mut room) = outlet.room() else { return ControlFlow::Break(()) };
            if self.is_stopped() {
                let total = input.bytes.map(|bytes| format!(" of {bytes}")).unwrap_or_default();
                let detail = format!(
                    "stopped at byte {} of its text, {}{total} bytes of the file",
                    blocks.offset(),
                    place.get()
                );
                self.tell_stopping(outlet)?;
                blind_spots.push(BlindSpot::new(BlindSpotKind::Interrupted, name, detail).in_own_words());
                seen = None;
                outlet.spare = Some(room);
                break;
            }
            let Some(block) = blocks.next_in(&mut room) else {
                outlet.spare = Some(room);
                break;
            };
            let (log, parser) = if let Some(begun) = &mut begun {
                begun
            } else {
                let (log, parser) = self.begin(input, name, &block);
                outlet.send(Piece::Begin(Arc::clone(&log)))?;
                begun.insert((log, parser))
            };
            seen.get_or_insert_with(|| Seen::of(&log.begin)).block(&block.bytes);
            let before = parser.clone();
            read_directives(parser, &block.bytes);
            if !block.is_continued {
                beginning = block.is_piece.then(|| Arc::new(parser.beginning(&block.bytes)));
            }
            let within = beginning.as_deref().filter(|_| block.goes_on);
            let after = self.place(parser, within, &blocks, is_plain, place.get());
            let job = Job { log: Arc::clone(log), parser: before, block, beginning: beginning.clone(), place: after };
            let Some(line_ends) = outlet.lines(Box::new(job)) else { return ControlFlow::Break(()) };
            blocks.pass(line_ends);
        }
        let (log, _) = begun.unwrap_or_else(|| self.begin(input, name, &Block::default()));
        let blind_spot = |detail| BlindSpot::new(BlindSpotKind::InputBroken, &log.name, detail).in_own_words();
        let offset = blocks.offset();
        blind_spots.extend(blocks.fault().map(|error| blind_spot(format!("not read beyond byte {offset}: {error}"))));
        let broken = Some(blocks.broken_characters()).filter(|count| *count > 0);
        let broken = broken.map(|count| format!("broken characters of UTF-16, read as U+FFFD: {count}"));
        blind_spots.extend(broken.map(blind_spot));
        outlet.send(Piece::End(log, blind_spots, seen.and_then(|seen| seen.digest(blocks.passed()))))
    }

    /// `name` as it is shown, redacted, and numbered where something else is shown so already: an archive may have two members
    /// of one name, and two names may differ in what is masked.
    pub(super) fn told_apart(&self, name: &str) -> String {
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

    /// Where the reading of a log is. What its lines say of others is a stranger's text, which may have a number in it:
    /// then it is not told.
    fn place(
        &self,
        parser: &Parser,
        within: Option<&LogLine<'static>>,
        blocks: &Blocks<impl Read>,
        is_plain: bool,
        read: u64,
    ) -> Option<LogPlace> {
        let names = match parser.names() {
            Some(names) => {
                let names = String::from_utf8(names).ok()?;
                (self.redactor.redact(&names) == names).then_some(Some(names))?
            }
            None => None,
        };
        let beginning = match within {
            Some(line) => Some(Beginning::of(line, &self.redactor)?),
            None => None,
        };
        Some(LogPlace { blocks: blocks.place(), names, beginning, read, is_plain })
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
            guessed: format.guessed(&lines, &setting),
            names_hosts,
            begin: begin_of(&block.bytes),
        };
        (Arc::new(log), format.parser(setting))
    }
}

/// Whether a file that begins so is in an encoding in which a place in the text is one in the file.
fn is_utf8(head: &[u8]) -> bool {
    !head.starts_with(b"\xff\xfe") && !head.starts_with(b"\xfe\xff")
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
