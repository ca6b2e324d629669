//! Text from strangers made harmless to look at: what is invisible or steers a terminal becomes visible, what is
//! endless is cut. Escaping for HTML comes on top and is the template engine's.

use std::fmt;

use model::Redacted;

/// Longest text shown, in characters: page addresses and error texts fit, a megabyte does not.
const MAX_SHOWN: usize = 400;

/// Of a text that is cut, this much of its end is kept: the end of an address often tells most.
const KEPT_END: usize = 60;

/// More combining marks than this on one letter write over the lines around it; no language needs more.
const MAX_MARKS: u32 = 3;

/// A text that may come from an audited site, safe for the eye and the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Inert(String);

/// `text`, which may come from anywhere, made harmless on a terminal and cut to a length that can be read.
pub fn inert_line(text: &str) -> String {
    Inert::new(text).to_string()
}

impl Inert {
    /// Makes `text` harmless.
    pub(crate) fn new(text: &str) -> Self {
        Self::cut(text, MAX_SHOWN, KEPT_END)
    }

    /// The same, at most some `max` characters long, for a place with little room.
    pub(crate) fn short(text: &str, max: usize) -> String {
        let text = Self::new(text).0;
        if text.chars().count() <= max {
            return text;
        }
        text.chars().take(max.saturating_sub(1)).chain(['…']).collect()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn cut(text: &str, max: usize, end: usize) -> Self {
        // Counting stops nowhere, but allocates nothing; everything after works on `max` characters.
        let length = text.chars().count();
        if length <= max {
            return Self(visible(text.chars()));
        }
        let head = visible(text.chars().take(max.saturating_sub(end)));
        let tail: Vec<char> = text.chars().rev().take(end).collect();
        let tail = visible(tail.into_iter().rev());
        Self(format!("{head}[… +{} …]{tail}", length - max))
    }
}

impl From<&Redacted> for Inert {
    fn from(text: &Redacted) -> Self {
        Self::new(text.as_str())
    }
}

impl fmt::Display for Inert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Columns that a character takes on a terminal: East Asian wide ones two, combining marks none (UAX #11).
pub(crate) fn columns(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

fn visible(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut marks = 0;
    for c in chars {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if c.is_control() || is_steering(c) || marks > MAX_MARKS {
            // Spelled as Rust and JavaScript do, `\u{202e}`: few fonts have the pictures of block 2400.
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Characters that move, hide or reorder others and are no controls: bidirectional marks, zero-width and other format
/// characters, line and paragraph separators, tags, and what is reserved for private use or is no character.
fn is_steering(c: char) -> bool {
    matches!(c,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}'..='\u{ffff}'
        | '\u{e0000}'..='\u{10ffff}')
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &str) {
        assert_eq!(Inert::new(text).as_str(), expected);
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        case("https://www.tastselv.test/årsopgørelse?a=b", "https://www.tastselv.test/årsopgørelse?a=b");
        case("日本 <b>", "日本 <b>");
        case("", "");
    }

    #[test]
    fn control_characters_are_spelled_out() {
        case("\u{1b}[2J\r\n\t\0\u{7f}", "\\u{1b}[2J\\u{d}\\u{a}\\u{9}\\u{0}\\u{7f}");
        case("\u{9b}31m", "\\u{9b}31m");
    }

    #[test]
    fn marks_that_turn_or_hide_text_are_spelled_out() {
        case("a\u{202e}gpj.exe", "a\\u{202e}gpj.exe");
        case("\u{2066}x\u{2069}\u{200b}\u{feff}\u{ad}", "\\u{2066}x\\u{2069}\\u{200b}\\u{feff}\\u{ad}");
        case("a\u{2028}b\u{e0041}", "a\\u{2028}b\\u{e0041}");
    }

    #[test]
    fn piled_up_marks_are_spelled_out_and_ordinary_ones_kept() {
        case("e\u{301}", "e\u{301}");
        case("e\u{301}\u{301}\u{301}\u{301}", "e\u{301}\u{301}\u{301}\\u{301}");
    }

    #[test]
    fn a_long_text_keeps_its_ends_and_says_how_much_is_gone() {
        let long = format!("START{}END", "x".repeat(1_000_000));
        let shown = Inert::new(&long);
        assert!(shown.as_str().starts_with("STARTxxx"));
        assert!(shown.as_str().ends_with("xxxEND"));
        assert!(shown.as_str().contains("[… +999608 …]"), "{shown}");
        assert!(shown.as_str().chars().count() < MAX_SHOWN + 20);
    }

    #[test]
    fn a_short_text_fits_its_place() {
        assert_eq!(Inert::short("abcdef", 4), "abc…");
        assert_eq!(Inert::short("abcd", 4), "abcd");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!("a日e\u{301}".chars().map(columns).sum::<usize>(), 4);
    }
}
