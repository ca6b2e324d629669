//! Reads the lines of a log one by one, each by what the lines before it said of the format.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::format::Reading;
use super::w3c::Names;
use super::wrapping::Unwrapped;
use super::{Format, LogLine, Row, combined, common, json_lines, stamp, vhost_combined};

/// What lines do not tell of their times.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The server's zone, for formats that write none.
    pub zone: TimeZone,
    /// When the log was last written, for times without a year. To be set: without it they are far off.
    pub latest: Timestamp,
}

/// Reads lines of one format. Cheap to clone: a clone reads on as this one would, as other cores do.
#[derive(Clone)]
pub struct Parser {
    format: Format,
    setting: Setting,
    /// The names of the last `#Fields` line.
    names: Option<Names>,
}

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed<'a> {
    /// A request, or with the plain format a text.
    Line(LogLine<'a>),
    /// Nothing to judge: empty, or it says how others are to be read.
    Directive,
    /// A request in another of the most usual formats, as where two servers write to one log.
    Other(LogLine<'a>),
    /// It does not fit the format; all of it is its text.
    Unfit(LogLine<'a>),
}

/// The formats that lines of other logs are read by where they do not fit: those that servers write unless told otherwise, the
/// more particular first, and JSON of whatever members.
const SERVERS: [Row; 3] = [vhost_combined::ROW, combined::ROW, common::ROW];
const JSON: [Row; 1] = [json_lines::ROW];

/// Bytes of a long line in which its request is looked for, up to its query: longer paths are nobody's.
const BEGINNING: usize = 4 * 1024;

impl Default for Setting {
    /// UTC, and no later than the year 9999.
    fn default() -> Self {
        Self { zone: TimeZone::UTC, latest: Timestamp::MAX }
    }
}

impl Parser {
    pub(super) fn new(format: Format, setting: Setting) -> Self {
        Self { format, setting, names: None }
    }

    /// The format whose lines it reads.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// Whether some lines say how others are to be read.
    pub fn has_directives(&self) -> bool {
        matches!(self.format.reading(), Reading::Named(_))
    }

    /// What the lines before said of those behind, for another reading that goes on here: raw, as strangers wrote it.
    pub fn names(&self) -> Option<Vec<u8>> {
        self.names.as_ref().map(Names::text)
    }

    /// Takes what another reading has as [`Parser::names`].
    pub fn recall(&mut self, names: Option<&[u8]>) {
        self.names = names.and_then(Names::parse);
    }

    /// Whether a line says how others are to be read, so that it may not be passed over.
    pub fn is_directive(&self, line: &[u8]) -> bool {
        let unwrapped = self.format.wrapping().and_then(|wrapping| (wrapping.unwrap)(line, &self.setting));
        self.has_directives() && unwrapped.as_ref().map_or(line, |unwrapped| &unwrapped.line).starts_with(b"#")
    }

    /// What the first piece of a line that is too long to be read whole says of all of it: when, and what was asked for without
    /// its query. It holds on to no more than some hundred bytes.
    pub fn beginning(&self, piece: &[u8]) -> LogLine<'static> {
        let timed = LogLine { time: stamp::near(piece, &self.setting), ..LogLine::default() };
        let begin = piece.get(..BEGINNING).unwrap_or(piece);
        let quoted = memchr::memchr(b'"', begin).and_then(|quote| begin.get(quote + 1..)).unwrap_or_default();
        let end = quoted.iter().position(|byte| matches!(byte, b'?' | b'"' | b'#'));
        let Some(request) = end.and_then(|end| quoted.get(..end)) else { return timed };
        let mut asked = LogLine::default();
        asked.take_request(request.into());
        if asked.method.is_some() && asked.target.as_ref().is_some_and(|target| target.starts_with(b"/")) {
            return LogLine { time: timed.time, method: asked.method, target: asked.target, ..LogLine::default() }
                .into_owned();
        }
        timed
    }

    /// Reads a line, without its end.
    pub fn parse<'a>(&mut self, line: &'a [u8]) -> Parsed<'a> {
        if line.is_empty() {
            return Parsed::Directive;
        }
        let Some(wrapping) = self.format.wrapping() else { return self.parse_inner(line, line, None) };
        match (wrapping.unwrap)(line, &self.setting) {
            Some(Unwrapped { time, line: Cow::Borrowed(inner) }) => self.parse_inner(inner, line, time),
            Some(Unwrapped { time, line: Cow::Owned(inner) }) => match self.parse_inner(&inner, &inner, time) {
                Parsed::Line(read) => Parsed::Line(read.into_owned()),
                Parsed::Directive => Parsed::Directive,
                Parsed::Other(read) => Parsed::Other(read.into_owned()),
                Parsed::Unfit(read) => Parsed::Unfit(LogLine { time: read.time, ..LogLine::plain(line) }),
            },
            None => self.parse_inner(line, line, None),
        }
    }

    /// Reads a line out of its wrapping, which was put there at `wrapped`. `whole` is what is kept if it does not fit.
    fn parse_inner<'a>(&mut self, line: &'a [u8], whole: &'a [u8], wrapped: Option<Timestamp>) -> Parsed<'a> {
        let read = match self.format.reading() {
            Reading::Alone(parse) => parse(line, &self.setting),
            Reading::Patterned => self.format.pattern().and_then(|pattern| pattern.read(line, &self.setting)),
            Reading::Named(mark) => {
                if line.starts_with(b"#") {
                    if let Some(names) = line.strip_prefix(b"#Fields:") {
                        self.names = Names::parse(names).filter(|names| names.has(mark));
                    }
                    return Parsed::Directive;
                }
                self.names.as_ref().and_then(|names| names.read(line, &self.setting))
            }
        };
        if let Some(read) = read {
            return Parsed::Line(LogLine { time: read.time.or(wrapped), ..read });
        }
        if let Some(read) = self.read_otherwise(line) {
            return Parsed::Other(LogLine { time: read.time.or(wrapped), ..read });
        }
        let time = wrapped.or_else(|| stamp::near(line, &self.setting));
        Parsed::Unfit(LogLine { time, ..LogLine::plain(whole) })
    }

    /// Reads a line that does not fit by the formats that are most usual, if it fits one of these.
    fn read_otherwise<'a>(&self, line: &'a [u8]) -> Option<LogLine<'a>> {
        let others: &[Row] = if line.starts_with(b"{") { &JSON } else { &SERVERS };
        others.iter().find_map(|row| match row.reading {
            Reading::Alone(parse) => parse(line, &self.setting),
            Reading::Named(_) | Reading::Patterned => None,
        })
    }
}
