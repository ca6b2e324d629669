//! Character references of HTML and XML: by number, and by the names that matter around numbers and in URLs.

use super::json_value::push;
use super::{Decoded, Decoder};
use crate::glance::{AMPERSAND, Glance};
use crate::seek::position;

/// Names without `&` and `;`, and what they stand for (WHATWG HTML §13.5).
const NAMES: [(&[u8], char); 28] = [
    (b"amp", '&'),
    (b"AMP", '&'),
    (b"lt", '<'),
    (b"gt", '>'),
    (b"quot", '"'),
    (b"apos", '\''),
    (b"nbsp", '\u{a0}'),
    (b"ensp", '\u{2002}'),
    (b"thinsp", '\u{2009}'),
    (b"ndash", '–'),
    (b"mdash", '—'),
    (b"horbar", '―'),
    (b"minus", '−'),
    (b"hyphen", '‐'),
    (b"dash", '‐'),
    (b"shy", '\u{ad}'),
    (b"sol", '/'),
    (b"bsol", '\\'),
    (b"period", '.'),
    (b"plus", '+'),
    (b"colon", ':'),
    (b"equals", '='),
    (b"quest", '?'),
    (b"num", '#'),
    (b"percnt", '%'),
    (b"lowbar", '_'),
    (b"Tab", '\t'),
    (b"NewLine", '\n'),
];

/// Longest reference between `&` and `;`: `#x` with six digits and some zeros.
const LONGEST: usize = 12;

/// Digits of a reference that has no semicolon. More of them are a fragment or a number behind an ampersand.
const DIGITS_OF_LOOSE: usize = 4;

pub(crate) struct Entities;

/// A reference undone.
struct Reference<'a> {
    character: char,
    rest: &'a [u8],
    is_loose: bool,
}

impl Decoder for Entities {
    fn id(&self) -> &'static str {
        "entities"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        // Most ampersands end a parameter: nothing is copied before there is a reference.
        if !view.has(AMPERSAND) || !has_reference(view.bytes) {
            return None;
        }
        let mut decoded = Vec::with_capacity(view.bytes.len());
        let (mut count, mut loose) = (0_usize, 0_usize);
        let mut rest = view.bytes;
        while let Some(at) = position(rest, b'&') {
            let (before, behind) = rest.split_at_checked(at)?;
            decoded.extend_from_slice(before);
            if let Some(reference) = reference(behind) {
                push(reference.character, &mut decoded);
                (count, loose) = (count + 1, loose + usize::from(reference.is_loose));
                rest = reference.rest;
            } else {
                decoded.push(b'&');
                rest = behind.get(1..).unwrap_or_default();
            }
        }
        decoded.extend_from_slice(rest);
        let decoded = Decoded::whole_text(self.id(), decoded, view);
        // A loose one may be an empty parameter and a fragment.
        (count > 0).then_some(Decoded { is_all: decoded.is_all && loose == 0, ..decoded })
    }
}

/// Whether there is a reference in `text`.
fn has_reference(mut text: &[u8]) -> bool {
    while let Some(behind) = position(text, b'&').and_then(|at| text.get(at..)) {
        if reference(behind).is_some() {
            return true;
        }
        text = behind.get(1..).unwrap_or_default();
    }
    false
}

/// The reference that `text` begins with.
fn reference(text: &[u8]) -> Option<Reference<'_>> {
    let text = text.strip_prefix(b"&")?;
    if let Some(behind) = text.strip_prefix(b"#") {
        return by_number(behind);
    }
    let length = text.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let (name, rest) = text.split_at_checked(length)?;
    let (_, character) = NAMES.iter().find(|(known, _)| *known == name)?;
    Some(Reference { character: *character, rest: rest.get(1..)?, is_loose: false })
}

fn by_number(text: &[u8]) -> Option<Reference<'_>> {
    let (radix, text) = match text {
        [b'x' | b'X', behind @ ..] => (16, behind),
        _ => (10, text),
    };
    let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix);
    let length = text.iter().take(LONGEST).take_while(is_digit).count();
    let (digits, rest) = text.split_at_checked(length)?;
    let value = u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()?;
    let (rest, is_loose) = match rest {
        [b';', behind @ ..] => (behind, false),
        _ => (rest, true),
    };
    if is_loose && length > DIGITS_OF_LOOSE {
        return None;
    }
    Some(Reference { character: char::from_u32(value).filter(|c| *c != '\0')?, rest, is_loose })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<&str>) {
        let decoded = Entities.decode(&Glance::new(text.as_bytes()));
        let text = decoded.map(|decoded| String::from_utf8(decoded.pieces[0].bytes.clone()).unwrap());
        assert_eq!(text.as_deref(), expected);
    }

    #[test]
    fn references_are_the_characters_they_stand_for() {
        case("&#48;101901234 010190&#x2d;1234 010190&#X2013;1234", Some("0101901234 010190-1234 010190–1234"));
        case("a=1&amp;cpr=010190&nbsp;1234&shy;&ndash;", Some("a=1&cpr=010190\u{a0}1234\u{ad}–"));
        case("&amp;amp;#48;&unknown;&", Some("&amp;#48;&unknown;&"));
        case("&#48&#x31;&#50x", Some("012x"));
    }

    #[test]
    fn parameters_and_fragments_stay() {
        for text in ["a=1&b=2&lt=3&amp", "?a=1&#0101901234", "?a=1&#010145-5001", "&#x110000;&#xd800;&#0;&#;&;&#x;"] {
            case(text, None);
        }
    }

    #[test]
    fn a_loose_one_leaves_the_text_to_be_searched() {
        assert!(!Entities.decode(&Glance::new(b"&#48 &#49;")).unwrap().is_all);
        assert!(Entities.decode(&Glance::new(b"&#49;")).unwrap().is_all);
    }

    #[test]
    fn every_name_is_known() {
        for (name, character) in NAMES {
            case(&format!("&{};", String::from_utf8_lossy(name)), Some(&character.to_string()));
        }
    }
}
