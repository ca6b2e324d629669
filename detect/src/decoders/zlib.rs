//! zlib (RFC 1950), known by its header, whose two bytes are a multiple of 31.
//!
//! The header is weak. Where the checksum at the end does not bear it out, what came out must look like something.

use super::inflate::{End, Grown};
use super::worth::is_worth;
use super::{Decoded, Decoder};
use crate::glance::Glance;

/// Length of the checksum behind the stream.
const CHECKSUM: usize = 4;

/// A stream this long that ends as it should did not come about by chance.
const LONG_STREAM: usize = 64;

/// Shorter text holds no number.
const SHORTEST_TEXT: usize = 9;

/// Largest prime below 2^16, and how many bytes can be added up before it is divided by (RFC 1950 §9).
const ADLER_PRIME: u32 = 65_521;
const ADLER_RUN: usize = 5_552;

pub(crate) struct Zlib;

impl Decoder for Zlib {
    fn id(&self) -> &'static str {
        "zlib"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        let [method, flags, stream @ ..] = view.bytes else { return None };
        if view.is_plain() || !is_header(*method, *flags) {
            return None;
        }
        let mut grown = Grown::of(view.bytes.len());
        let rest = grown.inflate(stream);
        let is_borne_out = rest.first_chunk() == Some(&adler(&grown.bytes).to_be_bytes());
        let is_usual = is_zlib(view.bytes);
        let is_zlib = match grown.end {
            End::Whole => {
                is_borne_out || is_usual && (stream.len() - rest.len() >= LONG_STREAM || is_worth(&grown.bytes))
            }
            // Nothing came out, or next to nothing: these bytes only look compressed.
            End::Cut | End::Broken => {
                let is_much = grown.bytes.len() >= LONG_STREAM;
                is_usual && (is_much || grown.bytes.len() >= SHORTEST_TEXT && is_worth(&grown.bytes))
            }
            End::TooMuch => is_usual,
        };
        is_zlib.then(|| grown.decoded(self.id(), rest.get(CHECKSUM..).unwrap_or_default()))
    }
}

/// 32 KiB window, deflate, and one of the four levels that compressors write.
pub(super) fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..])
}

/// Deflate with any window, and no dictionary.
fn is_header(method: u8, flags: u8) -> bool {
    let is_deflate = method & 0xf == 8 && method >> 4 <= 7;
    is_deflate && flags & 0x20 == 0 && u16::from_be_bytes([method, flags]).is_multiple_of(31)
}

fn adler(bytes: &[u8]) -> u32 {
    let (mut sum, mut sums) = (1, 0);
    for run in bytes.chunks(ADLER_RUN) {
        for byte in run {
            sum += u32::from(*byte);
            sums += sum;
        }
        sum %= ADLER_PRIME;
        sums %= ADLER_PRIME;
    }
    sums << 16 | sum
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::write::ZlibEncoder;
    use flate2::{Compress, Compression};

    use super::*;

    fn compressed(bytes: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn decoded(bytes: &[u8]) -> Option<Decoded> {
        Zlib.decode(&Glance::new(bytes))
    }

    #[test]
    fn every_level_is_known() {
        for level in [0, 1, 6, 9] {
            let decoded = decoded(&compressed(b"cpr=0101901234", level)).unwrap();
            assert_eq!(decoded.pieces[0].bytes, b"cpr=0101901234", "level {level}");
        }
    }

    #[test]
    fn a_small_window_is_known() {
        let mut encoder =
            ZlibEncoder::new_with_compress(Vec::new(), Compress::new_with_window_bits(Compression::fast(), true, 10));
        encoder.write_all(b"cpr=0101901234").unwrap();
        let bytes = encoder.finish().unwrap();
        assert_ne!(bytes[0], 0x78);
        assert_eq!(decoded(&bytes).unwrap().pieces[0].bytes, b"cpr=0101901234");
    }

    #[test]
    fn a_wrong_checksum_loses_nothing() {
        let mut bytes = compressed(b"cpr=0101901234", 6);
        *bytes.last_mut().unwrap() ^= 1;
        let wrong = decoded(&bytes).unwrap();
        assert_eq!(wrong.pieces[0].bytes, b"cpr=0101901234");
        assert!(wrong.is_all && wrong.problem.is_none());
        bytes.truncate(bytes.len() - 4);
        assert!(decoded(&bytes).unwrap().is_all);
    }

    #[test]
    fn a_cut_tail_is_said_and_what_follows_is_a_piece() {
        let text: String = (0..2_000).map(|n| n.to_string()).collect();
        let bytes = compressed(text.as_bytes(), 6);
        let cut = decoded(&bytes[..bytes.len() / 2]).unwrap();
        assert!(text.as_bytes().starts_with(&cut.pieces[0].bytes) && !cut.is_all);
        assert!(cut.problem.unwrap().contains("breaks off"));
        let more = decoded(&[bytes.as_slice(), b"0101901234"].concat()).unwrap();
        assert_eq!(more.pieces[1].bytes, b"0101901234");
    }

    #[test]
    fn text_that_begins_like_it_is_not_it() {
        assert!(decoded(b"x\x9cnothing compressed").is_none());
        assert!(decoded(b"x=1").is_none());
        assert!(decoded(b"x^3 and nothing compressed").is_none());
    }

    #[test]
    fn the_checksum_is_adlers() {
        assert_eq!(adler(b"Wikipedia"), 0x11e6_0398);
    }
}
