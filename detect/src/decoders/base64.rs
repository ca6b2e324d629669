//! Base64 and base64url (RFC 4648 §4, §5), with or without padding. A guess: the text is searched as it is, too.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

use super::{Decoded, Decoder, Piece, RawStep};

/// Shorter text holds no number: ten digits make fourteen characters.
const SHORTEST: usize = 14;

/// What must be printable of what comes out, in percent: anything can be read as base64.
const PRINTABLE: usize = 90;

/// Beginnings of what is worth decoding though it is not printable: gzip and zlib.
const MAGICS: [&[u8]; 5] = [&[0x1f, 0x8b], &[0x78, 0x01], &[0x78, 0x5e], &[0x78, 0x9c], &[0x78, 0xda]];

pub(crate) struct Base64;

impl Decoder for Base64 {
    fn id(&self) -> &'static str {
        "base64"
    }

    fn decode(&self, bytes: &[u8]) -> Option<Decoded> {
        let text = bytes.trim_ascii();
        let unpadded = text.iter().rposition(|byte| *byte != b'=').and_then(|last| text.get(..=last))?;
        if unpadded.len() < SHORTEST {
            return None;
        }
        let (id, decoded) = match BASE64_NOPAD.decode(&lenient(unpadded, *b"+/")) {
            Ok(decoded) => (self.id(), decoded),
            Err(_) => ("base64url", BASE64URL_NOPAD.decode(&lenient(unpadded, *b"-_")).ok()?),
        };
        let worth = is_printable(&decoded) || MAGICS.iter().any(|magic| decoded.starts_with(magic));
        let pieces = vec![Piece::new(vec![RawStep::Undo(id)], decoded)];
        worth.then_some(Decoded { pieces, is_all: false, problem: None })
    }
}

/// The last character holds bits that encoders leave zero, and some do not: they are made zero.
fn lenient(text: &[u8], extra: [u8; 2]) -> Vec<u8> {
    let alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(extra).collect();
    let keep = match text.len() % 4 {
        2 => 0b11_0000,
        3 => 0b11_1100,
        _ => 0b11_1111,
    };
    let mut text = text.to_vec();
    if let Some(last) = text.last_mut()
        && let Some(value) = alphabet.iter().position(|character| character == last)
        && let Some(character) = alphabet.get(value & keep)
    {
        *last = *character;
    }
    text
}

fn is_printable(bytes: &[u8]) -> bool {
    // Above ASCII only where it is UTF-8: random bytes hardly ever are.
    let text = std::str::from_utf8(bytes).is_ok();
    let printable =
        bytes.iter().filter(|b| matches!(b, b' '..=b'~' | b'\n' | b'\r' | b'\t') || (text && **b >= 0x80)).count();
    printable * 100 >= bytes.len() * PRINTABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<(&'static str, &[u8])>) {
        let decoded = Base64.decode(text.as_bytes());
        let piece = decoded.as_ref().map(|decoded| (&decoded.pieces[0].steps, decoded.pieces[0].bytes.as_slice()));
        assert_eq!(
            piece,
            expected.map(|(id, _)| vec![RawStep::Undo(id)]).as_ref().zip(expected.map(|e| e.1)),
            "{text}"
        );
    }

    #[test]
    fn both_alphabets_are_read_with_and_without_padding() {
        case("eyJjcHIiOiIwMTAxOTAxMjM0In0=", Some(("base64", b"{\"cpr\":\"0101901234\"}")));
        case("eyJjcHIiOiIwMTAxOTAxMjM0In0", Some(("base64", b"{\"cpr\":\"0101901234\"}")));
        case("w6bDuMOlPz8_MDEwMTkwMTIzNA", Some(("base64url", "æøå???0101901234".as_bytes())));
    }

    #[test]
    fn loose_last_bits_are_forgiven() {
        case("MDEwMTkwMTIzNB", Some(("base64", b"0101901234")));
    }

    #[test]
    fn what_comes_out_as_noise_was_no_base64() {
        case("4f2a9c81d03e77b6aa10", None);
        case("01019012340101901234", None);
        case("too short", None);
    }
}
