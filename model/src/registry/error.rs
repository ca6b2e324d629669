//! What is wrong with a registry: the line, the fault, and what was probably meant.

/// A registry that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", .line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct RegistryError {
    /// Line in the file, from 1, when known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// Less alike than this is a different word, not a slip (Jaro-Winkler, 0-1).
const NEAR_ENOUGH: f64 = 0.75;

impl RegistryError {
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>, help: &str) -> Self {
        Self::new(Some(line_of(text, offset)), &message.into(), Some(help))
    }

    /// Takes the TOML reader's error, its line and, for an unknown word, the nearest known one.
    pub(super) fn from_toml(text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map(|span| line_of(text, span.start));
        let message = error.message();
        let (message, known) = message.split_once(", expected ").unwrap_or((message, ""));
        let help = message.starts_with("unknown ").then(|| {
            let word = quoted(message).next().unwrap_or_default();
            match nearest(word, quoted(known)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known here: {}", quoted(known).collect::<Vec<_>>().join(", ")),
            }
        });
        let message = if help.is_some() || known.is_empty() { message.to_owned() } else { error.message().to_owned() };
        Self::new(line, &message.lines().collect::<Vec<_>>().join("; "), help.as_deref())
    }

    /// Numbers are pasted into the wrong field: none is repeated.
    fn new(line: Option<usize>, message: &str, help: Option<&str>) -> Self {
        Self { line, message: without_numbers(message), help: help.map(without_numbers) }
    }
}

/// The candidate nearest to `word`, if near enough to be meant.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(word, candidate).max(shared_stem(word, candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= NEAR_ENOUGH)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The text with each digit of a run of four or more as `x`: a serial has four, a date six.
fn without_numbers(text: &str) -> String {
    let is_digit = char::is_numeric;
    let chars: Vec<char> = text.chars().collect();
    let runs = chars.chunk_by(|a, b| is_digit(*a) == is_digit(*b));
    let mask = |run: &[char]| match run {
        [first, ..] if is_digit(*first) && run.len() >= 4 => "x".repeat(run.len()),
        run => run.iter().collect(),
    };
    runs.map(mask).collect()
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
}
