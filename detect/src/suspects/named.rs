//! Names of personal numbers and of dates of birth in raw text: under them a number counts however it is written, and in two
//! halves.

use crate::names::{is_birth_date, is_strong};
use crate::simd::Initials;

/// What such names have in them, in small letters, and whether that alone tells one: where it does not, the whole name is
/// asked. Each name of [`crate::names`] that counts has one, its words apart or not.
const STEMS: [Stem; 16] = [
    Stem::new(1, b"cpr", true),
    Stem::new(1, b"civil", false),
    Stem::new(1 << 1, b"ssn", false),
    Stem::new(1 << 1, b"208.176.1.", true),
    Stem::new(1 << 2, b"nin", false),
    Stem::new(1 << 2, b"nation", false),
    Stem::new(1 << 3, b"dob", false),
    Stem::new(1 << 3, b"dsel", false),
    Stem::new(1 << 4, b"pers", false),
    Stem::new(1 << 5, b"securit", false),
    Stem::new(1 << 6, b"borger", false),
    Stem::new(1 << 6, b"birth", true),
    Stem::new(1 << 6, b"bday", true),
    Stem::new(1 << 7, b"fdato", true),
    Stem::new(1 << 7, b"foedt", true),
    Stem::new(1 << 7, "f\u{f8}dsels".as_bytes(), true),
];

/// What a name may have in it.
struct Stem {
    /// Those whose first letters are told together ([`Initials`]): such that what has letters of two of them is no word.
    group: u8,
    text: &'static [u8],
    is_enough: bool,
}

impl Stem {
    const fn new(group: u8, text: &'static [u8], is_enough: bool) -> Self {
        Self { group, text, is_enough }
    }
}

/// How they begin.
pub(super) const FIRST_LETTERS: Initials = {
    let mut texts = [(0, b"".as_slice()); STEMS.len()];
    let mut number = 0;
    #[expect(clippy::indexing_slicing, reason = "made when compiled: an index beyond a table does not compile")]
    while number < STEMS.len() {
        texts[number] = (STEMS[number].group, STEMS[number].text);
        number += 1;
    }
    Initials::of(&texts)
};

/// Longest name looked at.
const MAX_NAME: usize = 100;

/// Whether a name stands around `at`, where one of the stems may begin.
pub(super) fn is_name_at(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default();
    let first = rest.first().copied().unwrap_or_default();
    STEMS.iter().filter(|stem| stem.text.first().is_some_and(|letter| letter.eq_ignore_ascii_case(&first))).any(
        |stem| {
            let written = rest.get(..stem.text.len()).unwrap_or_default();
            let is_stem = written.eq_ignore_ascii_case(stem.text);
            is_stem && (stem.is_enough || (may_be_name(bytes, at, written) && is_name(bytes, at)))
        },
    )
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
    use crate::simd::{Sign, signs};

    use super::*;

    #[track_caller]
    fn case(text: &str, expected: bool) {
        let padded = format!("{} {text} {}", ".".repeat(40), ".".repeat(40));
        let mut found = false;
        signs(padded.as_bytes(), &FIRST_LETTERS, &mut |sign, place| {
            found |= sign == Sign::Name && is_name_at(padded.as_bytes(), place.start);
        });
        assert_eq!(found, expected, "{text}");
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
