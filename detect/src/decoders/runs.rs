//! Runs of an encoding's characters within longer text, found without reading all of it.

use std::ops::Range;

/// The characters of an encoding.
#[derive(Debug)]
pub(crate) struct Alphabet([bool; 256]);

/// Decimal digits.
pub(crate) const DIGITS: Alphabet = Alphabet::new(b"0123456789");

/// Hexadecimal digits of either case.
pub(crate) const HEX_DIGITS: Alphabet = Alphabet::new(b"0123456789abcdefABCDEF");

impl Alphabet {
    /// One of these.
    pub(super) const fn new(characters: &[u8]) -> Self {
        let mut members = [false; 256];
        let mut at = 0;
        while at < characters.len() {
            #[expect(clippy::indexing_slicing, reason = "`at` is below the length, a byte is a valid index of 256")]
            {
                members[characters[at] as usize] = true;
            }
            at += 1;
        }
        Self(members)
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or_default()
    }

    /// Every longest run in `bytes` of at least `least` characters, in order.
    pub(crate) fn runs<'a>(&'a self, bytes: &'a [u8], least: usize) -> impl Iterator<Item = Range<usize>> + 'a {
        let mut at = 0;
        std::iter::from_fn(move || {
            loop {
                // The byte before `at` is none of them. Where there is another one within reach, no run begins before it.
                let reach = bytes.get(at..at + least)?;
                if let Some(other) = reach.iter().rposition(|byte| !self.has(*byte)) {
                    at += other + 1;
                    continue;
                }
                let start = at;
                let more = bytes.get(start + least..).unwrap_or_default();
                let end = start + least + more.iter().take_while(|byte| self.has(**byte)).count();
                at = end + 1;
                return Some(start..end);
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, least: usize, expected: &[&str]) {
        let found: Vec<Option<&str>> = DIGITS.runs(text.as_bytes(), least).map(|run| text.get(run)).collect();
        assert_eq!(found, expected.iter().copied().map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn every_longest_run_is_found() {
        case("12345 123 1234x98765", 4, &["12345", "1234", "98765"]);
        case("1234", 4, &["1234"]);
        case("123", 4, &[]);
        case("", 4, &[]);
        case("a1234b", 4, &["1234"]);
        case("123a1234", 4, &["1234"]);
    }
}
