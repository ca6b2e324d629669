//! Signed and encrypted tokens (JWS, RFC 7515 §7.1; JWE, RFC 7516 §7.1): base64url parts between dots, of which the first
//! is a header in JSON. A signature says nothing, and what is encrypted nobody reads without the key.

use std::ops::Range;

use data_encoding::BASE64URL_NOPAD;

use super::hex::context;
use super::runs::Alphabet;
use super::worth::is_utf_8_text;
use super::{Decoded, Decoder, Piece, RawStep};
use crate::glance::{DOT, Glance, LETTER};

/// Shorter runs are none: the smallest header, `{"alg":"none"}`, alone makes nineteen characters.
const SHORTEST: usize = 21;

/// Tokens of one view. A page or a session's state has some.
const MAX_TOKENS: usize = 1_000;

/// How a header begins, `{"`. Blanks within it are possible and not made.
const BEGINNING: &[u8] = b"eyJ";

const CHARACTERS: Alphabet = Alphabet::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

pub(crate) struct Jwt;

impl Decoder for Jwt {
    fn id(&self) -> &'static str {
        "jwt"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if view.bytes.len() < SHORTEST || !view.has(DOT) || !view.has(LETTER) {
            return None;
        }
        let mut pieces = Vec::new();
        let mut tokens = 0;
        let mut problem = None;
        for run in CHARACTERS.runs(view.bytes, SHORTEST) {
            let said = said(view.bytes, &run);
            if said.is_empty() {
                continue;
            }
            if tokens >= MAX_TOKENS {
                problem = Some(format!("more than {MAX_TOKENS} signed tokens in one view"));
                break;
            }
            tokens += 1;
            pieces.extend(said.into_iter().map(|bytes| {
                let mut piece = Piece::new(vec![RawStep::Undo(self.id())], bytes);
                piece.context = context(view.bytes, run.start);
                piece
            }));
        }
        (!pieces.is_empty()).then_some(Decoded { pieces, is_all: false, problem })
    }
}

/// Header and payload of a token, as far as there are.
fn said(bytes: &[u8], run: &Range<usize>) -> Vec<Vec<u8>> {
    let token = bytes.get(run.clone()).unwrap_or_default();
    // A name may be glued to its front.
    let Some(from) = token.windows(BEGINNING.len()).position(|window| window == BEGINNING) else { return Vec::new() };
    // At the end of a sentence a dot is none of it.
    let parts: Vec<&[u8]> = token.get(from..).unwrap_or_default().splitn(6, |byte| *byte == b'.').collect();
    let Some(header) = parts.first().and_then(|header| part(header)).filter(|header| is_header(header)) else {
        return Vec::new();
    };
    match &parts[..] {
        [_, _, _, _, _] => vec![header],
        [_, payload, _, ..] => [header].into_iter().chain(part(payload)).collect(),
        _ => Vec::new(),
    }
}

/// Whether JSON that tells how a token is made: `alg` in every one of them (RFC 7515 §4.1.1).
fn is_header(bytes: &[u8]) -> bool {
    is_utf_8_text(bytes) && bytes.trim_ascii().ends_with(b"}") && bytes.windows(5).any(|window| window == b"\"alg\"")
}

/// A part's bytes. Its last bits, which should be zero, are forgiven.
fn part(text: &[u8]) -> Option<Vec<u8>> {
    if text.is_empty() {
        return None;
    }
    let mut text = text.to_vec();
    let length = text.len() * 3 / 4;
    // One character alone at the end holds no byte.
    text.truncate(text.len() - usize::from(text.len() % 4 == 1));
    text.resize(text.len().next_multiple_of(4), b'A');
    let mut bytes = BASE64URL_NOPAD.decode(&text).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "eyJhbGciOiJSUzI1NiJ9";
    const PAYLOAD: &str = "eyJjcHIiOiIwMTAxOTAxMjM0In0";

    #[track_caller]
    fn case(text: &str, expected: &[&[u8]]) {
        let decoded = Jwt.decode(&Glance::new(text.as_bytes()));
        let pieces = decoded.map(|decoded| decoded.pieces).unwrap_or_default();
        assert_eq!(pieces.iter().map(|piece| piece.bytes.as_slice()).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn header_and_payload_are_read_wherever_the_token_stands() {
        let token = format!("{HEADER}.{PAYLOAD}.3q2-7wAAAAAAAAAAAAAAAAAAAAA");
        let said: [&[u8]; 2] = [b"{\"alg\":\"RS256\"}", b"{\"cpr\":\"0101901234\"}"];
        case(&token, &said);
        case(&format!("Bearer {token}"), &said);
        case(&format!("{{\"id_token\":\"{token}\"}}"), &said);
        case(&format!("session-{token}"), &said);
        case(&format!("{token} {token}"), &[said[0], said[1], said[0], said[1]]);
    }

    #[test]
    fn an_unsigned_token_is_one() {
        case(&format!("eyJhbGciOiJub25lIn0.{PAYLOAD}."), &[b"{\"alg\":\"none\"}", b"{\"cpr\":\"0101901234\"}"]);
    }

    #[test]
    fn a_payload_is_taken_whatever_it_is() {
        case(&format!("{HEADER}.q1YqLQ.AAAA"), &[b"{\"alg\":\"RS256\"}", b"\xab\x56\x2a\x2d"]);
    }

    #[test]
    fn of_an_encrypted_token_the_header_is_read() {
        case("eyJhbGciOiJkaXIifQ..AAAAAAAA.q83v.AAAA", &[b"{\"alg\":\"dir\"}"]);
    }

    #[test]
    fn other_dotted_text_is_none() {
        case("www.selvbetjening.test/eyJjcHIiOiIwMTAxOTAxMjM0In0", &[]);
        case(&format!("{HEADER}.{PAYLOAD}"), &[]);
        case("eyJ.hbGciOiJSUzI1NiJ9.AAAA.BBBBBBBB", &[]);
        case("window.webpackChunk.push.apply", &[]);
    }
}
