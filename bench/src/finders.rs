//! The ways to find numbers that are measured, each giving the ranges it found: ours, the `regex` crate, ripgrep.

use std::error::Error;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

use grep_regex::RegexMatcher;
use grep_searcher::{Searcher, SearcherBuilder, Sink, SinkMatch};
use regex::bytes::Regex;

use crate::clock::of_children;

/// The pattern that people write for this. Classes of ASCII, as the numbers are.
const PATTERN: &str = r"(?-u)\b[0-3]\d[01]\d{3}-?\d{4}\b";

/// A way to find numbers.
pub struct Finder {
    pub name: &'static str,
    /// Passes over the text in one round: the quick are timed over several.
    pub passes: usize,
    find: Box<dyn Fn(&[u8]) -> Vec<Range<usize>>>,
}

impl Finder {
    /// Where numbers were found; a line as a whole, if lines are what it tells.
    pub fn find(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        (self.find)(bytes)
    }
}

/// All that are measured, ours first.
pub fn finders() -> Result<Vec<Finder>, Box<dyn Error>> {
    let pattern = Regex::new(PATTERN)?;
    let matcher = RegexMatcher::new_line_matcher(PATTERN)?;
    Ok(vec![
        Finder { name: "detect::find", passes: 5, find: Box::new(ours) },
        Finder {
            name: "regex crate",
            passes: 1,
            find: Box::new(move |bytes| pattern.find_iter(bytes).map(|found| found.range()).collect()),
        },
        Finder { name: "ripgrep's libraries, by line", passes: 1, find: Box::new(move |bytes| lines(&matcher, bytes)) },
    ])
}

/// Lines that `rg` finds in a file and the seconds of processor time it took, if there is an `rg`.
pub fn rg(file: &Path) -> Option<(f64, u64)> {
    let before = of_children()?;
    let output = Command::new("rg").args(["--count", "--threads=1", "--text", PATTERN]).arg(file).output().ok()?;
    let lines = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or(0);
    Some((of_children()? - before, lines))
}

fn ours(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    detect::find(bytes, &mut |candidate| found.push(candidate.range));
    found
}

fn lines(matcher: &RegexMatcher, bytes: &[u8]) -> Vec<Range<usize>> {
    struct Lines(Vec<Range<usize>>);
    impl Sink for Lines {
        type Error = std::io::Error;
        fn matched(&mut self, _: &Searcher, line: &SinkMatch<'_>) -> Result<bool, Self::Error> {
            let start = line.absolute_byte_offset() as usize;
            self.0.push(start..start + line.bytes().len());
            Ok(true)
        }
    }
    let mut found = Lines(Vec::new());
    let mut searcher = SearcherBuilder::new().line_number(false).build();
    searcher.search_slice(matcher, bytes, &mut found).expect("memory is read without fault");
    found.0
}
