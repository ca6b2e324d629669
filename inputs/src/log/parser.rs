//! Reads the lines of a log one by one, each by what the lines before it said of the format.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::format::Reading;
use super::w3c::Names;
use super::{Format, LogLine, syslog};

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
    /// It does not fit the format; all of it is its text.
    Unfit(LogLine<'a>),
}

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

    /// Whether a line says how others are to be read, so that it may not be passed over.
    pub fn is_directive(&self, line: &[u8]) -> bool {
        matches!(self.format.reading(), Reading::Named(_)) && line.starts_with(b"#")
    }

    /// Reads a line, without its end.
    pub fn parse<'a>(&mut self, line: &'a [u8]) -> Parsed<'a> {
        if line.is_empty() {
            return Parsed::Directive;
        }
        let unwrapped = if self.format.is_wrapped() { syslog::unwrapped(line, &self.setting) } else { None };
        let inner = unwrapped.as_ref().map_or(line, |(_, inner)| *inner);
        let read = match self.format.reading() {
            Reading::Alone(parse) => parse(inner, &self.setting),
            Reading::Patterned => self.format.pattern().and_then(|pattern| pattern.read(inner, &self.setting)),
            Reading::Named(mark) => {
                if inner.starts_with(b"#") {
                    if let Some(names) = inner.strip_prefix(b"#Fields:") {
                        self.names = Names::parse(names).filter(|names| names.has(mark));
                    }
                    return Parsed::Directive;
                }
                self.names.as_ref().and_then(|names| names.read(inner, &self.setting))
            }
        };
        let header_time = unwrapped.and_then(|(time, _)| time);
        match read {
            Some(read) => Parsed::Line(LogLine { time: read.time.or(header_time), ..read }),
            None => Parsed::Unfit(LogLine { time: header_time, ..LogLine::plain(line) }),
        }
    }
}
