//! Names of personal numbers and of dates of birth in raw text: under them a number counts however it is written, and in two
//! halves.

use aho_corasick::packed::{Config, MatchKind, Searcher};

use crate::names::{is_birth_date, is_strong};
use crate::seek::position_of;

/// What such names have in them, in small letters, and whether that alone tells one: where it does not, the whole name is
/// asked. Each name of [`crate::names`] that counts has one, its words apart or not. Short stems are sought by themselves:
/// with fewer of them, fewer places are looked at twice.
const SHORT: [(&str, bool); 4] = [("cpr", true), ("ssn", false), ("nin", false), ("dob", false)];
const LONG: [(&str, bool); 12] = [
    ("pers", false),
    ("nation", false),
    ("dsel", false),
    ("civil", false),
    ("securit", false),
    ("borger", false),
    ("fdato", true),
    ("foedt", true),
    ("birth", true),
    ("bday", true),
    ("f\u{f8}dsels", true),
    ("208.176.1.", true),
];

/// Longest name looked at.
const MAX_NAME: usize = 100;

/// Finds names.
pub(super) struct Named {
    stems: [Stems; 2],
}

/// Stems that are sought together.
struct Stems {
    /// `None` where the processor has nothing for it: then they are sought one by one.
    packed: Option<Searcher>,
    /// In small letters, with a capital first, and in capitals.
    written: Vec<(Vec<u8>, bool)>,
}

impl Named {
    pub(super) fn new() -> Self {
        Self { stems: [Stems::new(&SHORT), Stems::new(&LONG)] }
    }

    /// Adds the places of names in `bytes`.
    pub(super) fn find(&self, bytes: &[u8], places: &mut Vec<usize>) {
        for stems in &self.stems {
            stems.find(bytes, &mut |at, written, is_enough| {
                if is_enough || (may_be_name(bytes, at, written) && is_name(bytes, at)) {
                    places.push(at);
                }
            });
        }
    }
}

impl Stems {
    fn new(stems: &[(&str, bool)]) -> Self {
        let mut written: Vec<(Vec<u8>, bool)> = Vec::new();
        for (stem, is_enough) in stems {
            let capitalised = stem.char_indices().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c });
            for way in [(*stem).to_owned(), capitalised.collect::<String>(), stem.to_ascii_uppercase()] {
                let pattern = (way.into_bytes(), *is_enough);
                if !written.contains(&pattern) {
                    written.push(pattern);
                }
            }
        }
        let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        builder.extend(written.iter().map(|(pattern, _)| pattern));
        Self { packed: builder.build(), written }
    }

    fn find(&self, bytes: &[u8], each: &mut impl FnMut(usize, &[u8], bool)) {
        if let Some(packed) = &self.packed {
            for found in packed.find_iter(bytes) {
                if let Some((written, is_enough)) = self.written.get(found.pattern().as_usize()) {
                    each(found.start(), written, *is_enough);
                }
            }
            return;
        }
        for (written, is_enough) in &self.written {
            let mut from = 0;
            while let Some(at) = bytes.get(from..).and_then(|rest| position_of(rest, written)) {
                each(from + at, written, *is_enough);
                from += at + written.len();
            }
        }
    }
}

/// A first look, before the whole name is read: most stems stand in other words.
fn may_be_name(bytes: &[u8], at: usize, written: &[u8]) -> bool {
    // Two characters behind a percent sign are its own.
    let is_escaped = at.checked_sub(3).and_then(|place| bytes.get(place)) == Some(&b'%');
    let before = at.checked_sub(1).and_then(|place| bytes.get(place)).copied().filter(|_| !is_escaped);
    let before = before.unwrap_or(b' ');
    let behind = bytes.get(at + written.len()..).unwrap_or_default();
    let next = behind.first().copied().unwrap_or(b' ');
    match written {
        // `borgernummer`, its words apart or not.
        [b'b' | b'B', ..] => {
            let next = behind.iter().find(|byte| byte.is_ascii_alphanumeric()).copied().unwrap_or(b' ');
            next.eq_ignore_ascii_case(&b'n')
        }
        // Words of their own: no letter before that goes on with them, and none behind.
        [first, _, last] => {
            let goes_on = before.is_ascii_alphabetic() && (first.is_ascii_lowercase() || before.is_ascii_uppercase());
            !(goes_on || next.is_ascii_lowercase() || (last.is_ascii_uppercase() && next.is_ascii_uppercase()))
        }
        _ => true,
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
            named.stems.iter_mut().for_each(|stems| stems.packed = None);
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
