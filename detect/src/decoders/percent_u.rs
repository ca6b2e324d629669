//! `%uXXXX` of JavaScript's `escape()`, with its `%XX`, which are Latin-1 (ECMA-262 §B.2.1).

use super::json_value::{push, utf16_escape};
use super::percent::nibble;
use super::{Decoded, Decoder};
use crate::glance::{Glance, PERCENT};
use crate::seek::{position, position_of};

pub(crate) struct PercentU;

impl Decoder for PercentU {
    fn id(&self) -> &'static str {
        "percent-u"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        // Percent-encoding that URLs have is none of this.
        if !view.has(PERCENT) || position_of(view.bytes, b"%u").is_none() {
            return None;
        }
        let mut decoded = Vec::with_capacity(view.bytes.len());
        let mut is_it = false;
        let mut rest = view.bytes;
        while let Some(at) = position(rest, b'%') {
            let (before, behind) = rest.split_at_checked(at)?;
            decoded.extend_from_slice(before);
            rest = match behind {
                [_, b'u', digits @ ..] if let Some((character, rest)) = utf16_escape(digits, *b"%u") => {
                    push(character, &mut decoded);
                    is_it = true;
                    rest
                }
                [_, high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    push(char::from(nibble(*high) << 4 | nibble(*low)), &mut decoded);
                    rest
                }
                _ => {
                    decoded.push(b'%');
                    behind.get(1..).unwrap_or_default()
                }
            };
        }
        decoded.extend_from_slice(rest);
        is_it.then(|| Decoded::whole_text(self.id(), decoded, view))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<&str>) {
        let decoded = PercentU.decode(&Glance::new(text.as_bytes()));
        let text = decoded.map(|decoded| String::from_utf8(decoded.pieces[0].bytes.clone()).unwrap());
        assert_eq!(text.as_deref(), expected);
    }

    #[test]
    fn what_escape_writes_is_undone() {
        case("%C5r%200101901234%20%u2013", Some("År 0101901234 –"));
        case("010190%u20131234", Some("010190–1234"));
        case("%u0030%uD83D%uDE00%", Some("0😀%"));
    }

    #[test]
    fn plain_percent_is_left_to_its_own_decoder() {
        case("%C3%85r%200101901234", None);
        case("100 %utilised %u12", None);
    }
}
