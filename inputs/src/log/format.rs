//! What a format is, and which one a log has: by its name, by a pattern as servers are configured with, or by its lines.

use std::sync::Arc;

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::custom::Pattern;
use super::parser::{Parsed, Parser, Setting};
use super::wrapping::{WRAPPINGS, Wrapping};
use super::{FORMATS, LogLine};

/// How many lines are looked at to tell a format.
const SAMPLE: usize = 64;

/// A log has a format when at least one in this many of its first lines fits: fewer are chance, or another log's lines.
const ONE_IN: usize = 2;

/// A row of the table of formats.
pub(super) struct Row {
    /// Stable, kebab-case: what `--log-format` names.
    pub(super) id: &'static str,
    /// Which zone its times are in.
    pub(super) zone: Zone,
    pub(super) reading: Reading,
}

/// Which zone the times of a format are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    /// The line says so, or the format is UTC by definition.
    Told,
    /// That of the server, which is assumed.
    Assumed,
}

/// What of the times of a log's lines is guessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guessed {
    /// Their zone: [`Setting::zone`] is taken for it.
    pub zone: bool,
    /// Their year: it is the last that is not later than [`Setting::latest`].
    pub year: bool,
}

/// How lines of a format are read.
#[derive(Clone, Copy)]
pub(super) enum Reading {
    /// Each by itself.
    Alone(for<'a> fn(&'a [u8], &Setting) -> Option<LogLine<'a>>),
    /// By the names in the last `#Fields` line before it, among which one must begin with this.
    Named(&'static str),
    /// By a pattern.
    Patterned,
}

/// The format of a log.
#[derive(Clone)]
pub struct Format {
    row: &'static Row,
    pattern: Option<Arc<Pattern>>,
    wrapping: Option<&'static Wrapping>,
}

/// What was asked for is no format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat {
    /// What was asked for.
    pub asked: String,
    /// Why a pattern is none, when it is one.
    pub why: Option<String>,
}

/// Another zone than UTC, and some years that are no multiple of a calendar's.
const ELSEWHERE: Offset = jiff::tz::offset(5);
const YEARS_BEFORE: SignedDuration = SignedDuration::from_hours(3 * 366 * 24);

/// Formats of which every line has ids: those of AWS.
const FULL_OF_IDS: [&str; 2] = [super::alb::ROW.id, super::cloudfront::ROW.id];

impl Format {
    /// The format of an id, or of a pattern: one with a `%` is Apache's `LogFormat`, one with a `$` nginx's `log_format`.
    /// Before it may stand what its lines are wrapped in, with a colon: `syslog:`, `cri:` (Kubernetes) or `docker:`.
    ///
    /// ```
    /// assert_eq!(inputs::Format::named("combined").unwrap().id(), "combined");
    /// assert!(inputs::Format::named("%h %l %u %t \"%r\" %>s %b").is_ok());
    /// assert!(inputs::Format::named("commbined").is_err());
    /// ```
    pub fn named(asked: &str) -> Result<Self, UnknownFormat> {
        let unknown = |why| UnknownFormat { asked: asked.to_owned(), why };
        let unwrapped = |wrapping: &'static Wrapping| {
            let name = asked.strip_prefix(wrapping.id)?.strip_prefix(':')?;
            Some((name, Some(wrapping)))
        };
        let (name, wrapping) = WRAPPINGS.iter().find_map(unwrapped).unwrap_or((asked, None));
        if name.contains(['%', '$']) {
            let pattern = Pattern::parse(name).map_err(|why| unknown(Some(why.to_owned())))?;
            return Ok(Self { row: &super::custom::ROW, pattern: Some(Arc::new(pattern)), wrapping });
        }
        let row = FORMATS.iter().find(|row| row.id == name && !matches!(row.reading, Reading::Patterned));
        Ok(Self { row: row.ok_or_else(|| unknown(None))?, pattern: None, wrapping })
    }

    /// The last resort: each line is its text.
    pub fn plain() -> Self {
        Self { row: &super::plain::ROW, pattern: None, wrapping: None }
    }

    /// Its stable id; `custom` for a pattern.
    pub fn id(&self) -> &'static str {
        self.row.id
    }

    /// The ids that can be named.
    pub fn ids() -> impl Iterator<Item = &'static str> {
        FORMATS.iter().filter(|row| !matches!(row.reading, Reading::Patterned)).map(|row| row.id)
    }

    /// The id of what its lines are wrapped in: `syslog`, `cri` or `docker`.
    pub fn wrapping_id(&self) -> Option<&'static str> {
        self.wrapping.map(|wrapping| wrapping.id)
    }

    /// Whether every line has ids that a machine has made, so that a look at the raw line tells nothing.
    pub fn is_full_of_ids(&self) -> bool {
        FULL_OF_IDS.contains(&self.row.id)
    }

    /// Whether its times are in the server's own zone, which no line tells: [`Setting::zone`] is taken for it.
    pub fn assumes_zone(&self) -> bool {
        self.row.zone == Zone::Assumed || self.pattern.as_ref().is_some_and(|pattern| pattern.assumes_zone())
    }

    /// What of their times is guessed in `lines`, the first of a log: what would be another with another setting.
    pub fn guessed(&self, lines: &[&[u8]], setting: &Setting) -> Guessed {
        let elsewhere = Setting { zone: TimeZone::fixed(ELSEWHERE), ..setting.clone() };
        let before = setting.latest.checked_sub(YEARS_BEFORE).unwrap_or(Timestamp::MIN);
        let before = Setting { latest: before, ..setting.clone() };
        let here = Setting { zone: TimeZone::UTC, ..setting.clone() };
        let times = |setting: Setting| {
            let mut parser = self.parser(setting);
            let time = move |line: &&[u8]| match parser.parse(line) {
                Parsed::Line(read) | Parsed::Other(read) | Parsed::Unfit(read) => read.time,
                Parsed::Directive => None,
            };
            lines.iter().map(time).collect::<Vec<_>>()
        };
        let here_now = times(here);
        Guessed {
            zone: self.assumes_zone() || times(elsewhere) != here_now,
            year: times(before) != times(setting.clone()),
        }
    }

    /// What reads its lines, from the first on.
    pub fn parser(&self, setting: Setting) -> Parser {
        Parser::new(self.clone(), setting)
    }

    pub(super) fn reading(&self) -> Reading {
        self.row.reading
    }

    pub(super) fn wrapping(&self) -> Option<&'static Wrapping> {
        self.wrapping
    }

    pub(super) fn pattern(&self) -> Option<&Pattern> {
        self.pattern.as_deref()
    }
}

/// The format that most of a log's first lines fit, the more particular where they fit two; `None` when there are no
/// lines, or too few fit any. Then [`Format::plain`] is what is left.
///
/// ```
/// let line = br#"192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /x HTTP/1.0" 200 2326"#;
/// assert_eq!(inputs::detect_format(&[line]).unwrap().id(), "common");
/// ```
pub fn detect_format(first_lines: &[&[u8]]) -> Option<Format> {
    let is_said = |line: &&[u8]| line.iter().any(|byte| *byte != 0);
    let sample: Vec<&[u8]> = first_lines.iter().copied().filter(is_said).take(SAMPLE).collect();
    let told =
        FORMATS.iter().filter(|row| !matches!(row.reading, Reading::Patterned) && row.id != super::plain::ROW.id);
    let setting = Setting::default();
    let is_around = |wrapping: &&Wrapping| sample.iter().any(|line| (wrapping.unwrap)(line, &setting).is_some());
    // Of lines that fit with their wrapping and without, the wrapping is none of the format's own fields.
    let wrappings: Vec<Option<&'static Wrapping>> =
        WRAPPINGS.iter().filter(is_around).map(Some).chain([None]).collect();
    let candidates =
        told.flat_map(|row| wrappings.iter().map(move |wrapping| Format { row, pattern: None, wrapping: *wrapping }));
    // Remarks before the first line tell no format.
    let remarks = sample.iter().filter(|line| line.starts_with(b"#")).count();
    let fitting = |format: &Format| {
        let mut parser = format.parser(Setting::default());
        let (mut requests, mut directives) = (0, 0);
        for line in &sample {
            match parser.parse(line) {
                Parsed::Line(_) => requests += 1,
                Parsed::Directive => directives += 1,
                Parsed::Other(_) | Parsed::Unfit(_) => {}
            }
        }
        // Those that only say how others are to be read say nothing without them.
        if requests == 0 { 0 } else { requests + directives }
    };
    let mut best: Option<(usize, Format)> = None;
    for candidate in candidates {
        let fit = fitting(&candidate);
        let is_enough = fit > 0 && fit * ONE_IN >= sample.len() - remarks;
        if is_enough && best.as_ref().is_none_or(|(most, _)| fit > *most) {
            best = Some((fit, candidate));
        }
    }
    best.map(|(_, format)| format).or_else(|| of_names_alone(&sample))
}

/// The format of a log in which nothing stands yet but what its fields are, as of a day without a request.
fn of_names_alone(sample: &[&[u8]]) -> Option<Format> {
    let named = FORMATS.iter().filter(|row| matches!(row.reading, Reading::Named(_)));
    let mut formats = named.map(|row| Format { row, pattern: None, wrapping: None });
    formats.find(|format| {
        let mut parser = format.parser(Setting::default());
        sample.iter().all(|line| parser.parse(line) == Parsed::Directive) && parser.names().is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unlike_and_each_names_its_format() {
        for (at, row) in FORMATS.iter().enumerate() {
            assert!(FORMATS.iter().skip(at + 1).all(|other| other.id != row.id), "{}", row.id);
            assert!(row.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        }
        for id in Format::ids() {
            assert_eq!(Format::named(id).unwrap().id(), id);
        }
        assert_eq!(Format::named("syslog:haproxy").unwrap().wrapping_id(), Some("syslog"));
    }

    #[test]
    fn what_is_no_format_is_told() {
        assert_eq!(Format::named("x").err().unwrap().why, None);
        assert!(Format::named("100%").err().unwrap().why.is_some());
        assert!(Format::named("custom").is_err());
    }

    #[test]
    fn what_is_guessed_of_times_is_told() {
        let setting = Setting { latest: "2026-03-01T00:00:00Z".parse().unwrap(), ..Setting::default() };
        let guessed = |format: &str, line: &str| {
            let Guessed { zone, year } = Format::named(format).unwrap().guessed(&[line.as_bytes()], &setting);
            (zone, year)
        };
        assert_eq!(guessed("plain", "no time"), (false, false));
        assert_eq!(guessed("plain", "2024-03-07T10:11:12Z x"), (false, false));
        assert_eq!(guessed("plain", "2024-03-07 10:11:12 x"), (true, false));
        assert_eq!(guessed("plain", "Mar  7 10:11:12 x"), (true, true));
        assert_eq!(guessed("haproxy", "x"), (true, false));
        let common = r#"192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /x HTTP/1.0" 200 2326"#;
        assert_eq!(guessed("common", common), (false, false));
        assert_eq!(guessed("syslog:common", &format!("<134>Feb  6 12:14:14 localhost web: {common}")), (false, false));
        assert_eq!(guessed("common", "2024-03-07 10:11:12 x"), (true, false));
    }

    #[test]
    fn a_few_lines_that_fit_by_chance_tell_no_format() {
        let fitting = &br#"192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /x HTTP/1.0" 200 2326"#[..];
        assert_eq!(detect_format(&[b"x", fitting]).map(|format| format.id()), Some("common"));
        assert!(detect_format(&[b"x", b"y", fitting]).is_none());
        assert!(detect_format(&[]).is_none());
        assert!(detect_format(&[b"", b"# x"]).is_none());
        let names = [&b"#Version: 1.0"[..], b"#Fields: date time cs-method cs-uri-stem", b"\0\0"];
        assert_eq!(detect_format(&names).map(|format| format.id()), Some("w3c"));
        let of_aws = b"#Fields: date time x-edge-location";
        assert_eq!(detect_format(&[of_aws]).map(|format| format.id()), Some("aws-cloudfront"));
    }
}
