//! Text from strangers made harmless to look at: what is invisible or steers a terminal becomes visible, what is
//! endless is cut. Escaping for HTML comes on top and is the template engine's.

use std::fmt;

use model::Redacted;

/// Longest text shown, in characters: page addresses and error texts fit, a megabyte does not.
const MAX_SHOWN: usize = 400;

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
        Self(model::inert(text, MAX_SHOWN, |_| false))
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

#[cfg(test)]
mod tests {
    use super::*;

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
