//! What a format is, and which one a log has: by its name, by a pattern as servers are configured with, or by its lines.

use std::sync::Arc;

use super::custom::Pattern;
use super::parser::{Parsed, Parser, Setting};
use super::{FORMATS, LogLine, syslog};

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
    is_wrapped: bool,
}

/// What was asked for is no format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat {
    /// What was asked for.
    pub asked: String,
    /// Why a pattern is none, when it is one.
    pub why: Option<String>,
}

impl Format {
    /// The format of an id, or of a pattern: one with a `%` is Apache's `LogFormat`, one with a `$` nginx's `log_format`.
    /// `syslog:` before it says that its lines stand behind headers of syslog.
    ///
    /// ```
    /// assert_eq!(inputs::Format::named("combined").unwrap().id(), "combined");
    /// assert!(inputs::Format::named("%h %l %u %t \"%r\" %>s %b").is_ok());
    /// assert!(inputs::Format::named("commbined").is_err());
    /// ```
    pub fn named(asked: &str) -> Result<Self, UnknownFormat> {
        let unknown = |why| UnknownFormat { asked: asked.to_owned(), why };
        let (name, is_wrapped) = match asked.strip_prefix("syslog:") {
            Some(name) => (name, true),
            None => (asked, false),
        };
        if name.contains(['%', '$']) {
            let pattern = Pattern::parse(name).map_err(|why| unknown(Some(why.to_owned())))?;
            return Ok(Self { row: &super::custom::ROW, pattern: Some(Arc::new(pattern)), is_wrapped });
        }
        let row = FORMATS.iter().find(|row| row.id == name && !matches!(row.reading, Reading::Patterned));
        Ok(Self { row: row.ok_or_else(|| unknown(None))?, pattern: None, is_wrapped })
    }

    /// The last resort: each line is its text.
    pub fn plain() -> Self {
        Self { row: &super::plain::ROW, pattern: None, is_wrapped: false }
    }

    /// Its stable id; `custom` for a pattern.
    pub fn id(&self) -> &'static str {
        self.row.id
    }

    /// The ids that can be named.
    pub fn ids() -> impl Iterator<Item = &'static str> {
        FORMATS.iter().filter(|row| !matches!(row.reading, Reading::Patterned)).map(|row| row.id)
    }

    /// Whether its lines stand behind headers of syslog.
    pub fn is_wrapped(&self) -> bool {
        self.is_wrapped
    }

    /// Whether its times are in the server's own zone, which no line tells: [`Setting::zone`] is taken for it.
    pub fn assumes_zone(&self) -> bool {
        self.row.zone == Zone::Assumed || self.pattern.as_ref().is_some_and(|pattern| pattern.assumes_zone())
    }

    /// What reads its lines, from the first on.
    pub fn parser(&self, setting: Setting) -> Parser {
        Parser::new(self.clone(), setting)
    }

    pub(super) fn reading(&self) -> Reading {
        self.row.reading
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
    let sample: Vec<&[u8]> = first_lines.iter().copied().filter(|line| !line.is_empty()).take(SAMPLE).collect();
    let told =
        FORMATS.iter().filter(|row| !matches!(row.reading, Reading::Patterned) && row.id != super::plain::ROW.id);
    let candidates = told.flat_map(|row| [true, false].map(|is_wrapped| Format { row, pattern: None, is_wrapped }));
    // Lines that say how others are to be read are no lines to count.
    let directives = sample.iter().filter(|line| line.starts_with(b"#")).count();
    let fitting = |format: &Format| {
        let mut parser = format.parser(Setting::default());
        sample.iter().filter(|line| matches!(parser.parse(line), Parsed::Line(_))).count()
    };
    let is_wrapped = sample.iter().any(|line| syslog::unwrapped(line, &Setting::default()).is_some());
    // Of lines that fit with their headers and without, the headers are none of the format's own fields.
    let mut best: Option<(usize, Format)> = None;
    for candidate in candidates.filter(|candidate| is_wrapped || !candidate.is_wrapped) {
        let fit = fitting(&candidate);
        let is_enough = fit > 0 && fit * ONE_IN >= sample.len() - directives;
        if is_enough && best.as_ref().is_none_or(|(most, _)| fit > *most) {
            best = Some((fit, candidate));
        }
    }
    best.map(|(_, format)| format)
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
        assert!(Format::named("syslog:haproxy").unwrap().is_wrapped());
    }

    #[test]
    fn what_is_no_format_is_told() {
        assert_eq!(Format::named("x").err().unwrap().why, None);
        assert!(Format::named("100%").err().unwrap().why.is_some());
        assert!(Format::named("custom").is_err());
    }

    #[test]
    fn a_few_lines_that_fit_by_chance_tell_no_format() {
        let fitting = &br#"192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /x HTTP/1.0" 200 2326"#[..];
        assert_eq!(detect_format(&[b"x", fitting]).map(|format| format.id()), Some("common"));
        assert!(detect_format(&[b"x", b"y", fitting]).is_none());
        assert!(detect_format(&[]).is_none());
        assert!(detect_format(&[b"", b"# x"]).is_none());
    }
}
