//! Names of personal numbers and of dates of birth in raw text: under them a number counts however it is written, and in two
//! halves.

use aho_corasick::packed::{Config, MatchKind, Searcher};

use crate::names::{is_birth_date, is_strong};
use crate::seek::position_of;

/// What such names have in them, in small letters, and whether that alone tells one: where it does not, the whole name is
/// asked. Each name of [`crate::names`] that counts has one, its words apart or not.
const STEMS: [(&str, bool); 16] = [
    ("cpr", true),
    ("ssn", false),
    ("pers", false),
    ("nin", false),
    ("nation", false),
    ("dsel", false),
    ("civil", false),
    ("securit", false),
    ("borger", false),
    ("fdato", true),
    ("foedt", true),
    ("birth", true),
    ("dob", false),
    ("bday", true),
    ("f\u{f8}dsels", true),
    ("208.176.1.", true),
];

/// Longest name looked at.
const MAX_NAME: usize = 100;

/// Finds names.
pub(super) struct Named {
    /// `None` where the processor has nothing for it: then the stems are sought one by one.
    packed: Option<Searcher>,
    patterns: Vec<(Vec<u8>, bool)>,
}

impl Named {
    pub(super) fn new() -> Self {
        let mut patterns = Vec::new();
        for (stem, is_enough) in STEMS {
            let capitalised = stem.char_indices().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c });
            for written in [stem.to_owned(), capitalised.collect::<String>(), stem.to_ascii_uppercase()] {
                let pattern = (written.into_bytes(), is_enough);
                if !patterns.contains(&pattern) {
                    patterns.push(pattern);
                }
            }
        }
        let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        builder.extend(patterns.iter().map(|(pattern, _)| pattern));
        Self { packed: builder.build(), patterns }
    }

    /// Adds the places of names in `bytes`.
    pub(super) fn find(&self, bytes: &[u8], places: &mut Vec<usize>) {
        if let Some(packed) = &self.packed {
            for found in packed.find_iter(bytes) {
                let is_enough = self.patterns.get(found.pattern().as_usize()).is_none_or(|(_, is_enough)| *is_enough);
                if is_enough || is_name(bytes, found.start()) {
                    places.push(found.start());
                }
            }
            return;
        }
        for (pattern, is_enough) in &self.patterns {
            let mut from = 0;
            while let Some(at) = bytes.get(from..).and_then(|rest| position_of(rest, pattern)) {
                if *is_enough || is_name(bytes, from + at) {
                    places.push(from + at);
                }
                from += at + pattern.len();
            }
        }
    }
}

/// Whether the word around `at` is such a name.
fn is_name(bytes: &[u8], at: usize) -> bool {
    let is_of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | 0x80..);
    let before = bytes.get(at.saturating_sub(MAX_NAME)..at).unwrap_or_default();
    let length = before.iter().rev().take_while(is_of_name).count();
    let begin = at - length;
    // Two characters behind a percent sign are its own.
    let is_escaped = begin.checked_sub(1).and_then(|place| bytes.get(place)) == Some(&b'%');
    let begin = if is_escaped { (begin + 2).min(at) } else { begin };
    let rest = bytes.get(begin..).unwrap_or_default();
    let name: Vec<u8> = rest.iter().take(2 * MAX_NAME).take_while(is_of_name).copied().collect();
    let name = String::from_utf8_lossy(&name);
    is_strong(&name) || is_birth_date(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: bool) {
        let mut named = Named::new();
        for _ in 0..2 {
            let mut places = Vec::new();
            let padded = format!("{} {text} {}", ".".repeat(40), ".".repeat(40));
            named.find(padded.as_bytes(), &mut places);
            assert_eq!(!places.is_empty(), expected, "{text}");
            named.packed = None;
        }
    }

    #[test]
    fn names_are_found_in_urls_and_json() {
        for text in [
            "/x?personNr=1",
            "/x?person%5Bssn%5D=1",
            "{\"nin\":1",
            "{\"nationalId\":1",
            "/?civil_registration_number=",
            "socialSecurityNumber=",
            "borgernummer=1",
            "f\u{f8}dselsnr=1",
            "foedselsdato=010145",
            "dateOfBirth=",
            "DOB=1",
            "urn:oid:1.2.208.176.1.6.1.1|",
        ] {
            case(text, true);
        }
    }

    #[test]
    fn other_words_are_none() {
        for text in ["/selvbetjening/borger/personlig", "/national/dobbelt", "classname", "international security"] {
            case(text, false);
        }
    }
}
