//! Deflate without a wrapper (RFC 1951), which has no magic: `Content-Encoding: deflate` of some servers, SAML's redirect
//! binding, compressed WebSocket messages. A guess, for bytes that are no text: what comes out must be text.

use flate2::Decompress;

use super::bits::Bits;
use super::inflate::{End, Grown, with_inflater};
use super::worth::{is_text, is_utf_8_text, is_worth};
use super::{Decoded, Decoder};
use crate::glance::{CONTROL, Glance, HIGH, NUL};

/// Shorter text holds no number.
const SHORTEST_TEXT: usize = 9;

/// Text of this length does not come out of noise, even when the stream does not end as it should.
pub(super) const LONG_TEXT: usize = 256;

/// Bytes that noise is long from here on: below, some of it inflates to text that goes on and on.
const SHORT: usize = 33;

/// Times that so few bytes of text grow at most.
const MOST_GROWTH: usize = 8;

/// Different bytes that text has at least. Noise that inflates by chance repeats two or three over and over.
const LEAST_VARIETY: usize = 5;
const LEAST_VARIETY_OF_LONG: usize = 10;

/// An empty stored block, as it ends a message that is followed by others; WebSocket leaves it out (RFC 7692 §7.2.1).
const FLUSHED: [u8; 4] = [0, 0, 0xff, 0xff];

/// Codes of a block, and the room that the code of their lengths shares out: 2 to the power of the longest (RFC 1951
/// §3.2.7).
const MOST_LITERALS: u32 = 286;
const MOST_DISTANCES: u32 = 30;
const LENGTH_ROOM: u32 = 1 << 7;

pub(crate) struct Deflate;

impl Decoder for Deflate {
    fn id(&self) -> &'static str {
        "deflate"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !may_begin(view.bytes) || is_plain_text(view) {
            return None;
        }
        let mut grown = Grown::of(view.bytes.len());
        let rest = with_inflater(|inflater| {
            let rest = grown.inflate_with(inflater, view.bytes);
            if grown.end == End::Cut {
                mend_flushed(&mut grown, inflater);
            }
            rest
        });
        let is_deflated = match grown.end {
            End::Whole if rest.iter().all(|byte| *byte == 0) => is_surely_text(&grown.bytes, view),
            End::Whole | End::Cut | End::Broken => is_long_text(&grown.bytes),
            End::TooMuch => is_bomb(&grown.bytes, view),
        };
        is_deflated.then(|| grown.decoded(self.id(), rest))
    }
}

/// A stream whose bytes ran out where a message ends is whole.
fn mend_flushed(grown: &mut Grown, inflater: &mut Decompress) {
    let before = grown.bytes.len();
    let rest = grown.inflate_with(inflater, &FLUSHED);
    let is_flushed = grown.end == End::Cut && rest.is_empty() && grown.bytes.len() == before;
    grown.bytes.truncate(before);
    grown.end = if is_flushed { End::Whole } else { End::Cut };
}

/// Whether the view is text as it is. Compressed bytes that were not worth compressing are, but for control characters.
pub(super) fn is_plain_text(view: &Glance<'_>) -> bool {
    !view.has(NUL | CONTROL) && (!view.has(HIGH) || is_text(view.bytes))
}

/// Whether the first block is of a kind there is; a stored one tells its length twice (RFC 1951 §3.2.4), and one with
/// codes of its own begins with these. Never no where anything comes out: nothing does before they are read.
fn may_begin(bytes: &[u8]) -> bool {
    let kind = bytes.first().map(|first| first >> 1 & 0b11);
    match (kind, bytes) {
        (Some(0), [_, a, b, c, d, ..]) => [*a, *b] == [!c, !d],
        (Some(0b10), _) => has_codes(&mut Bits::new(bytes)).unwrap_or(false),
        (Some(kind), _) => kind != 0b11,
        (None, _) => false,
    }
}

/// Whether a block may have the codes that it begins with: not too many, and the code of their lengths shares out all of
/// its room (RFC 1951 §3.2.7). Noise hardly ever does.
fn has_codes(bits: &mut Bits) -> Option<bool> {
    bits.read(3)?;
    let (literals, distances) = (bits.read(5)? + 257, bits.read(5)? + 1);
    let lengths = bits.read(4)? + 4;
    let mut taken = 0;
    for _ in 0..lengths {
        match bits.read(3)? {
            0 => {}
            length => taken += LENGTH_ROOM >> length,
        }
    }
    Some(literals <= MOST_LITERALS && distances <= MOST_DISTANCES && taken == LENGTH_ROOM)
}

/// Text, or a known beginning, that is varied enough not to be chance, and no short bytes grown long.
pub(super) fn is_surely_text(bytes: &[u8], view: &Glance<'_>) -> bool {
    let is_short = view.bytes.len() < SHORT;
    let is_like_text = if is_short { is_utf_8_text(bytes) } else { is_worth(bytes) };
    let is_grown = is_short && bytes.len() > view.bytes.len() * MOST_GROWTH;
    bytes.len() >= SHORTEST_TEXT && is_like_text && variety(bytes) >= LEAST_VARIETY && !is_grown
}

/// So much text that it needs no proper end.
pub(super) fn is_long_text(bytes: &[u8]) -> bool {
    bytes.len() >= LONG_TEXT && is_utf_8_text(bytes) && variety(bytes) >= LEAST_VARIETY_OF_LONG
}

/// Whether growth beyond the bound is meant. Short noise grows so now and then, but not out of a single byte.
pub(super) fn is_bomb(bytes: &[u8], view: &Glance<'_>) -> bool {
    view.bytes.len() >= SHORT || bytes.iter().all(|byte| bytes.first() == Some(byte))
}

/// How many different bytes there are.
fn variety(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    for byte in bytes {
        if let Some(seen) = seen.get_mut(usize::from(*byte)) {
            *seen = true;
        }
    }
    seen.iter().filter(|seen| **seen).count()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::write::DeflateEncoder;
    use flate2::{Compress, Compression, FlushCompress};

    use super::super::bits::{noise, noisy_bytes};
    use super::*;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn decoded(bytes: &[u8]) -> Option<Decoded> {
        Deflate.decode(&Glance::new(bytes))
    }

    #[test]
    fn text_comes_back() {
        for text in ["cpr=0101901234", "0101901234", "{\"url\":\"https://a.test/?cpr=010190-1234\"}"] {
            let decoded = decoded(&deflated(text.as_bytes())).unwrap();
            assert_eq!(decoded.pieces[0].bytes, text.as_bytes());
            assert!(decoded.is_all);
        }
    }

    #[test]
    fn a_message_of_a_websocket_ends_without_its_last_block() {
        let text = b"{\"cpr\":\"0101901234\"}";
        let mut bytes = Vec::with_capacity(200);
        Compress::new(Compression::default(), false).compress_vec(text, &mut bytes, FlushCompress::Sync).unwrap();
        for message in [bytes.as_slice(), bytes.strip_suffix(&FLUSHED).unwrap()] {
            let decoded = decoded(message).unwrap();
            assert_eq!(decoded.pieces[0].bytes, text);
            assert!(decoded.is_all);
        }
    }

    #[test]
    fn a_cut_stream_of_much_text_is_read_and_said() {
        let text: String = (0..2_000).map(|n| n.to_string()).collect();
        let bytes = deflated(text.as_bytes());
        let cut = decoded(&bytes[..bytes.len() / 2]).unwrap();
        assert!(text.as_bytes().starts_with(&cut.pieces[0].bytes));
        assert!(cut.problem.is_some() && !cut.is_all);
        assert!(decoded(&deflated(b"cpr=0101901234")[..9]).is_none());
    }

    #[test]
    fn a_bomb_is_said_to_be_one() {
        let decoded = decoded(&deflated(&vec![0; 3 << 20])).unwrap();
        assert!(decoded.problem.unwrap().contains("grows to more than"));
    }

    /// What is refused must be nothing to the decompressor: not a byte comes out of it.
    #[track_caller]
    fn check_beginning(bytes: &[u8]) -> bool {
        let may = may_begin(bytes);
        if !may {
            let mut grown = Grown::of(bytes.len());
            grown.inflate(bytes);
            // A stored block may be cut off in the middle of its length.
            assert!(grown.bytes.is_empty(), "{bytes:x?}");
        }
        may
    }

    #[test]
    fn beginnings_are_refused_where_nothing_comes_out() {
        let mut next = noise();
        let mut passed = 0;
        for _ in 0..20_000 {
            passed += usize::from(check_beginning(&noisy_bytes(&mut next)));
        }
        assert!(passed < 7_000, "{passed} of 20000");
        let long = "0101901234 070761-4285 https://a.test/?cpr=010145-5001".repeat(7);
        for text in ["0101901234", "cpr=010145-5001&x=y", &long] {
            for level in 0..=9 {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
                encoder.write_all(text.as_bytes()).unwrap();
                let mut bytes = encoder.finish().unwrap();
                assert!(check_beginning(&bytes), "{level} {text}");
                for at in 0..bytes.len().min(24) {
                    check_beginning(&bytes[..at]);
                    for bit in 0..8 {
                        bytes[at] ^= 1 << bit;
                        check_beginning(&bytes);
                        bytes[at] ^= 1 << bit;
                    }
                }
            }
        }
    }

    #[test]
    fn text_and_noise_are_none() {
        assert!(decoded("Årsopgørelse 2025, æøå og ÆØÅ".as_bytes()).is_none());
        assert!(decoded(b"plain").is_none());
        let noise: Vec<u8> = (0..=255).map(|byte: u8| byte.wrapping_mul(77)).collect();
        for length in 9..noise.len() {
            assert!(decoded(&noise[..length]).is_none(), "{length}");
        }
    }
}
