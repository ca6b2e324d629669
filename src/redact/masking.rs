//! Masks blocks of lines in place, each on one of several threads, and asks the detector of what came of it.

use std::ops::Range;

use detect::{Inspector, Masked, Redactor, Span};
use inputs::{Assumed, Format, LogLine, Parsed, Parser, Setting};
use jiff::Timestamp;
use memchr::{memchr, memchr_iter, memrchr};
use model::{Host, Identity};

use super::blocks::{Block, Encoding};
use super::fields::{fields, hole};
use super::known::Known;
use super::wide;

/// Who is asked of lines that do not say it: nobody (RFC 2606 §2), so that whatever is found is told.
const NOBODY: &str = "log.invalid";

/// What is left in one block that is told: enough to mend this program by.
const MAX_LEFT: usize = 10;

/// Whose versions stand behind a slash, with so many points that they look like a number cut up.
const PRODUCTS: [&[u8]; 22] = [
    b"Android",
    b"AppleWebKit",
    b"Brave",
    b"Chrome",
    b"Chromium",
    b"CriOS",
    b"Edg",
    b"EdgA",
    b"Edge",
    b"EdgiOS",
    b"Firefox",
    b"FxiOS",
    b"GSA",
    b"HeadlessChrome",
    b"Mozilla",
    b"OPR",
    b"Opera",
    b"Safari",
    b"SamsungBrowser",
    b"Version",
    b"Vivaldi",
    b"YaBrowser",
];

/// A block as it is to be written, and what was masked.
#[derive(Debug, Default)]
pub(super) struct Redacted {
    /// Its room; what is to be written of it.
    pub(super) bytes: Vec<u8>,
    pub(super) body: Range<usize>,
    pub(super) told: Told,
}

/// What is told of a block, or of many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) lines: u64,
    pub(super) bytes: u64,
    pub(super) masked: Masked,
    /// Lines of which every letter and digit was masked, since the detector still found something.
    pub(super) whole_lines: u64,
    /// What the detector finds all the same.
    pub(super) left: Vec<Left>,
}

/// Something that is still found, without the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) line: u64,
    pub(super) kind: String,
}

impl Told {
    pub(super) fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.bytes += other.bytes;
        self.masked.add(other.masked);
        self.whole_lines += other.whole_lines;
        let room = MAX_LEFT.saturating_sub(self.left.len());
        self.left.extend(other.left.into_iter().take(room));
    }
}

/// Masks blocks, one after the other.
pub(super) struct BlockMasker {
    redactor: Redactor,
    inspector: Inspector,
    known: Known,
    assumed: Assumed,
    now: Timestamp,
    parser: Option<Parser>,
    /// Lines of the block at hand that were changed, kept for its room.
    changed: Vec<Range<usize>>,
    /// The texts of the line at hand, likewise.
    texts: Vec<Range<usize>>,
}

impl BlockMasker {
    pub(super) fn new(inspector: Inspector, now: Timestamp) -> Self {
        let assumed = Assumed { host: Host::parse(NOBODY), ..Assumed::nothing(now) };
        let (redactor, known) = (inspector.redactor(), Known::new());
        Self { redactor, inspector, known, assumed, now, parser: None, changed: Vec::new(), texts: Vec::new() }
    }

    /// Another file begins, whose lines have this format.
    pub(super) fn begin(&mut self, format: &Format) {
        self.parser = Some(format.parser(Setting { latest: self.now, ..Setting::default() }));
    }

    pub(super) fn block(&mut self, block: Block) -> Redacted {
        let Block { mut bytes, body, first_line, is_piece, encoding, lines } = block;
        let told = match encoding {
            Encoding::Bytes => self.bytes(&mut bytes, &body, first_line, is_piece),
            wide => {
                let (mut text, units) = wide::text(&bytes, wide);
                let before = text.clone();
                let of_text = wide::range(&units, &body);
                let told = self.bytes(&mut text, &of_text, first_line, is_piece);
                wide::put_back(&mut bytes, wide, &before, &text, &units);
                told
            }
        };
        let told = Told { lines, bytes: body.len() as u64, ..told };
        Redacted { bytes, body, told }
    }

    fn bytes(&mut self, bytes: &mut [u8], body: &Range<usize>, first_line: u64, is_piece: bool) -> Told {
        if is_piece { self.piece(bytes, body, first_line) } else { self.lines(bytes, first_line) }
    }

    /// A piece of a line: all of it is one text.
    fn piece(&mut self, bytes: &mut [u8], body: &Range<usize>, number: u64) -> Told {
        let mut told = Told::default();
        let spans = self.redactor.spans(bytes);
        told.masked = Masked::of(spans.iter().filter(|span| body.contains(&span.range.start)));
        let has_spans = !spans.is_empty();
        self.redactor.mask_spans(bytes, spans);
        let mut others = Vec::new();
        self.across(bytes, &mut told, &mut others);
        if has_spans || !others.is_empty() {
            self.prove(bytes, number, &mut told);
        }
        told
    }

    fn lines(&mut self, bytes: &mut [u8], first_line: u64) -> Told {
        let mut told = Told::default();
        let mut changed = std::mem::take(&mut self.changed);
        changed.clear();
        let mut from = 0;
        while from < bytes.len() {
            let rest = bytes.get(from..).unwrap_or_default();
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = from..from + length;
            let masked = bytes.get_mut(line.clone()).map(|line| self.line(line)).unwrap_or_default();
            if !masked.is_nothing() {
                told.masked.add(masked);
                changed.push(line);
            }
            from += length + 1;
        }
        self.across(bytes, &mut told, &mut changed);
        // Each is proven as it will be written.
        let (mut at, mut number) = (0, first_line);
        for line in &changed {
            number += memchr_iter(b'\n', bytes.get(at..line.start).unwrap_or_default()).count() as u64;
            at = line.start;
            if let Some(line) = bytes.get_mut(line.clone()) {
                self.prove(line, number, &mut told);
            }
        }
        self.changed = changed;
        told
    }

    /// One line, text by text.
    fn line(&mut self, line: &mut [u8]) -> Masked {
        let mut masked = Masked::default();
        let Self { redactor, known, texts, .. } = self;
        // The line is cut before anything of it is masked.
        texts.clear();
        fields(line, &mut |range| texts.push(range));
        for range in texts {
            if let Some(text) = line.get_mut(range.clone()) {
                masked.add(known.or_else(text, |text| redactor.mask_but(text, is_version)));
            }
        }
        masked
    }

    /// What is still written as a number is, such as one whose digits stand in two fields. This looks at every byte that is
    /// written.
    fn across(&mut self, bytes: &mut [u8], told: &mut Told, changed: &mut Vec<Range<usize>>) {
        let mut found = Vec::new();
        self.redactor.written_numbers(bytes, &mut |range| found.push(range));
        found.retain(|range| !is_time(bytes, range));
        if found.is_empty() {
            return;
        }
        for range in found {
            let begin = memrchr(b'\n', bytes.get(..range.start).unwrap_or_default()).map_or(0, |end| end + 1);
            let length = memchr(b'\n', bytes.get(range.end..).unwrap_or_default());
            let end = length.map_or(bytes.len(), |length| range.end + length);
            if let Some(text) = bytes.get_mut(range) {
                self.redactor.mask_all(text);
            }
            told.masked.sure += 1;
            changed.push(begin..end);
        }
        changed.sort_by_key(|line| line.start);
        changed.dedup();
    }

    /// Asks the detector of a line that was changed. Where it finds something, more of the line is masked.
    fn prove(&mut self, line: &mut [u8], number: u64, told: &mut Told) {
        if self.left(line).is_none() {
            return;
        }
        told.masked.add(self.redactor.mask(line));
        if self.left(line).is_none() {
            return;
        }
        self.redactor.mask_all(line);
        told.whole_lines += 1;
        if let Some(kind) = self.left(line).filter(|_| told.left.len() < MAX_LEFT) {
            told.left.push(Left { line: number, kind });
        }
    }

    /// What the detector finds in a line, and declared numbers are none.
    fn left(&mut self, line: &[u8]) -> Option<String> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // As a scan reads it.
        let line = line.get(hole(line)..).unwrap_or_default();
        let read = match self.parser.as_mut().map(|parser| parser.parse(line)) {
            Some(Parsed::Line(read) | Parsed::Other(read) | Parsed::Unfit(read)) => read,
            Some(Parsed::Directive) | None => LogLine::plain(line),
        };
        // Without anybody who was asked there is nothing that a scan would tell either.
        let exchange = read.exchange(0, &self.assumed)?;
        let sightings = self.inspector.inspect("log", &exchange, None).sightings;
        let is_left = |identity: &Identity| !matches!(identity, Identity::Canary(_));
        let sighting = sightings.iter().find(|sighting| is_left(&sighting.identity))?;
        Some(format!("{} {:?} {}", sighting.evidence, sighting.form, sighting.channel))
    }
}

/// Whether a span is the version of a known program.
fn is_version(text: &[u8], span: &Span) -> bool {
    let is_digits = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let version = text.get(span.range.clone()).unwrap_or_default();
    let Some(before) = text.get(..span.range.start).and_then(|before| before.strip_suffix(b"/")) else { return false };
    let name = before
        .iter()
        .rposition(|byte| !byte.is_ascii_alphabetic())
        .map_or(before, |at| before.get(at + 1..).unwrap_or_default());
    version.iter().all(is_digits) && version.contains(&b'.') && !span.is_sure && PRODUCTS.contains(&name)
}

/// Whether ten digits are a time since 1970 with its thousandths: in some years these are dates of birth.
fn is_time(bytes: &[u8], range: &Range<usize>) -> bool {
    let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
    let behind = bytes.get(range.end..).unwrap_or_default();
    let fraction = behind.strip_prefix(b".").unwrap_or_default();
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    range.len() == 10
        && matches!(digits, 3 | 6 | 9)
        && before.is_none_or(|byte| matches!(byte, b'\n' | b' ' | b'[' | b':' | b'\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_browsers_are_no_numbers() {
        let span = |text: &str, is_sure| {
            let start = text.find(|c: char| c.is_ascii_digit()).unwrap();
            is_version(text.as_bytes(), &Span { range: start..text.len(), is_sure })
        };
        assert!(span("Chrome/120.0.6099.224", false));
        assert!(!span("Chrome/0707614285", false));
        assert!(!span("Chrome/07.07.61.4285", true));
        assert!(!span("sag/07.07.61.4285", false));
    }

    #[test]
    fn a_time_is_told_by_its_thousandths() {
        for (text, expected) in [("1801234567.123 4 ", true), ("0101901234.12 ", false), ("0101901234", false)] {
            assert_eq!(is_time(text.as_bytes(), &(0..10)), expected, "{text}");
        }
        assert!(!is_time(b"=1801234567.123", &(1..11)));
    }
}
