//! What is wrong with a file that people write, registry or baseline: the place, the fault, and what was probably meant.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use toml::value::Datetime;

/// A fault in a registry or a baseline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", .place.map(|place| format!("{place}: ")).unwrap_or_default())]
pub struct FileError {
    /// Where in the file, when known.
    pub place: Option<TextPlace>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place in a text, as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextPlace {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// A date in quotes, or as TOML has it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a date, as in \"2026-12-31\"")]
pub(crate) enum RawDate {
    Text(String),
    Toml(Datetime),
}

impl RawDate {
    /// As written, without quotes.
    pub(crate) fn written(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Toml(date) => date.to_string(),
        }
    }
}

/// Words that name what belongs in no file. An unknown field of such a name is no slip of another.
const SECRETS: [&str; 7] = ["password", "adgangskode", "kodeord", "secret", "token", "api_key", "key"];

/// What to do with a secret.
const KEEP_OUT: &str = "no secret belongs in this file: set it in an environment variable, and name that where one is \
                        asked for, as in secret_ref = \"env:NAME\"";

/// Less alike than this is a different word, not a slip (Jaro-Winkler, 0-1).
const NEAR_ENOUGH: f64 = 0.75;

impl FileError {
    /// A fault at byte `offset` of `text`.
    pub(crate) fn at(text: &str, offset: usize, message: impl Into<String>, help: &str) -> Self {
        Self::new(Some(place_of(text, offset)), &message.into(), Some(help))
    }

    /// Takes the TOML reader's error, its place and, for an unknown word, the nearest known one.
    pub(crate) fn from_toml(text: &str, error: &toml::de::Error) -> Self {
        let place = error.span().map(|Range { start, .. }| place_of(text, start));
        let message = error.message();
        let (message, known) = message.split_once(", expected ").unwrap_or((message, ""));
        let help = message.starts_with("unknown ").then(|| {
            let word = quoted(message).next().unwrap_or_default();
            match nearest(word, quoted(known)) {
                _ if message.starts_with("unknown field") && SECRETS.contains(&word) => KEEP_OUT.to_owned(),
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known here: {}", quoted(known).collect::<Vec<_>>().join(", ")),
            }
        });
        let message = if help.is_some() || known.is_empty() { message.to_owned() } else { error.message().to_owned() };
        let help = help.unwrap_or_else(|| what_to_do(&message).to_owned());
        Self::new(place, &message.lines().collect::<Vec<_>>().join("; "), Some(&help))
    }

    /// Numbers are pasted into the wrong field: none is repeated.
    fn new(place: Option<TextPlace>, message: &str, help: Option<&str>) -> Self {
        Self { place, message: without_numbers(message), help: help.map(without_numbers) }
    }
}

/// The candidate nearest to `word`, if near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(word, candidate).max(shared_stem(word, candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= NEAR_ENOUGH)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// The place of byte `offset` of `text`.
pub(crate) fn place_of(text: &str, offset: usize) -> TextPlace {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    TextPlace { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
}

/// What to do about a file that is no TOML, or has a value of the wrong kind.
fn what_to_do(message: &str) -> &'static str {
    match message.split_once(' ').map_or(message, |(first, _)| first) {
        "missing" => "add it to the table that begins there",
        "invalid" if message.starts_with("invalid type") => "write a value of that kind there",
        "duplicate" => "keep one of them",
        _ => "mend the text there: TOML has one name = value on a line, texts in double quotes, lists in brackets",
    }
}

/// The text with each digit of a run of four or more as `x`: a serial has four, a date six. A day stays readable, as
/// `2026-12-31` where no serial follows it.
fn without_numbers(text: &str) -> String {
    let is_digit = char::is_numeric;
    let chars: Vec<char> = text.chars().collect();
    let runs: Vec<&[char]> = chars.chunk_by(|a, b| is_digit(*a) == is_digit(*b)).collect();
    let mask = |(at, run): (usize, &&[char])| match run {
        [first, ..] if is_digit(*first) && run.len() >= 4 && !is_year(runs.get(at..).unwrap_or_default()) => {
            "x".repeat(run.len())
        }
        run => run.iter().collect(),
    };
    runs.iter().enumerate().map(mask).collect()
}

/// Whether `runs` begin with a year, a month and a day, and what follows goes on with no number.
fn is_year(runs: &[&[char]]) -> bool {
    match runs {
        [[_, _, _, _], ['-'], [_, _], ['-'], [_, _], rest @ ..] => {
            !matches!(rest, [['-', ..], ..] | [[_], [_, _, _, _], ..])
        }
        _ => false,
    }
}

impl fmt::Display for TextPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// One is the beginning of the other: `retention` for `retention_days`.
fn shared_stem(word: &str, candidate: &str) -> f64 {
    let is_stem = word.len() >= 4 && (candidate.starts_with(word) || word.starts_with(candidate));
    if is_stem { 0.9 } else { 0.0 }
}

/// The words between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["retention_days", "approved_for", "domains"];
        assert_eq!(nearest("retension", known.into_iter()), Some("retention_days"));
        assert_eq!(nearest("domain", known.into_iter()), Some("domains"));
        assert_eq!(nearest("colour", known.into_iter()), None);
    }

    #[test]
    fn a_place_is_counted_as_editors_do() {
        let place = |offset| place_of("a\nø = 1\n", offset).to_string();
        assert_eq!(
            (place(0), place(2), place(4)),
            ("line 1, column 1".into(), "line 2, column 1".into(), "line 2, column 2".into())
        );
        assert_eq!(place(999), "line 3, column 1");
    }

    #[test]
    fn a_day_can_be_read_and_a_number_cannot() {
        assert_eq!(without_numbers("write \"2026-12-31\", not 2026"), "write \"2026-12-31\", not xxxx");
        for number in [
            "0707614285",
            "070761-4285",
            "1961-07-07-4285",
            "1961-07-07 4285",
            "07-07-1961-4285",
            "19610707-4285",
            "07 07 61 4285",
        ] {
            let masked = without_numbers(number);
            assert!(!masked.contains("4285") && !masked.contains("1961"), "{masked}");
        }
    }
}
