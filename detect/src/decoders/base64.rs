//! Base64 and base64url (RFC 4648 §4, §5), with or without padding. A guess: the text is searched as it is, too.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

use super::{Decoded, Decoder, Piece, RawStep};
use crate::glance::Glance;
use crate::opaque::is_opaque;

/// Shorter text holds no number: ten digits make fourteen characters.
const SHORTEST: usize = 14;

/// Parts of a token looked at one by one: a signed one has three, an encrypted one five (RFC 7516 §3.1).
const MAX_PARTS: usize = 8;

/// Longest name of a scheme that credentials follow.
const LONGEST_SCHEME: usize = 16;

/// Beginnings of what is worth decoding though it is not printable: gzip and zlib.
const MAGICS: [&[u8]; 5] = [&[0x1f, 0x8b], &[0x78, 0x01], &[0x78, 0x5e], &[0x78, 0x9c], &[0x78, 0xda]];

pub(crate) struct Base64;

impl Decoder for Base64 {
    fn id(&self) -> &'static str {
        "base64"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        let text = credentials(view.bytes.trim_ascii());
        if let Some(whole) = piece(text) {
            return Some(Decoded { pieces: vec![whole], is_all: false, problem: None });
        }
        // Signed tokens are parts between dots (RFC 7515 §3.1).
        let is_token = text.contains(&b'.') && text.iter().all(|byte| is_of_token(*byte));
        let parts = text.splitn(MAX_PARTS, |byte| *byte == b'.').filter(|_| is_token);
        let pieces: Vec<Piece> = parts.filter_map(piece).collect();
        (!pieces.is_empty()).then_some(Decoded { pieces, is_all: false, problem: None })
    }
}

/// What stands behind the scheme in `Basic MDEw..` (RFC 7617 §2).
fn credentials(text: &[u8]) -> &[u8] {
    let at = text.iter().position(|byte| *byte == b' ').filter(|at| *at <= LONGEST_SCHEME);
    match at.and_then(|at| text.split_at_checked(at)) {
        Some((scheme, behind)) if scheme.iter().all(u8::is_ascii_alphabetic) => behind.trim_ascii(),
        _ => text,
    }
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_=.".contains(&byte)
}

/// What `text` says, if it says something.
fn piece(text: &[u8]) -> Option<Piece> {
    let unpadded = text.iter().rposition(|byte| *byte != b'=').and_then(|last| text.get(..=last))?;
    if unpadded.len() < SHORTEST {
        return None;
    }
    let (id, decoded) = match BASE64_NOPAD.decode(&lenient(unpadded, *b"+/")) {
        Ok(decoded) => ("base64", decoded),
        Err(_) => ("base64url", BASE64URL_NOPAD.decode(&lenient(unpadded, *b"-_")).ok()?),
    };
    let worth = !is_opaque(&decoded) || MAGICS.iter().any(|magic| decoded.starts_with(magic));
    worth.then(|| Piece::new(vec![RawStep::Undo(id)], decoded))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glance::Glance;

    #[track_caller]
    fn case(text: &str, expected: Option<(&'static str, &[u8])>) {
        let decoded = Base64.decode(&Glance::new(text.as_bytes()));
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
    fn tokens_and_credentials_are_read_part_by_part() {
        let token = b"eyJhbGciOiJSUzI1NiJ9.eyJjcHIiOiIwMTAxOTAxMjM0In0.3q2-7wAAAAAAAAAAAAAAAAAAAAA";
        let parts = Base64.decode(&Glance::new(token)).unwrap().pieces;
        assert_eq!(
            parts.iter().map(|piece| piece.bytes.as_slice()).collect::<Vec<_>>(),
            [&b"{\"alg\":\"RS256\"}"[..], b"{\"cpr\":\"0101901234\"}"]
        );
        case("Basic MDEwMTkwMTIzNDpwdw==", Some(("base64", b"0101901234:pw")));
        case("www.selvbetjening.test", None);
    }

    #[test]
    fn binary_with_plain_text_in_it_is_worth_reading() {
        let message = b"\x0a\x0b010190-1234\x12\x07borger1\x18\xff\x01";
        case(&data_encoding::BASE64.encode(message), Some(("base64", message)));
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
