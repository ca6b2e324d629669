//! Zstandard (RFC 8878), known by its magic bytes: frames in a row, their blocks, and what stands between them.
//!
//! Our own, because the bound must hold within a block: a block of 128 KiB may claim gigabytes, and the crates read all of
//! one before they say so. No window is kept: matches reach back into what came out, which is bounded anyway.

mod bits;
mod fse;
mod huffman;
mod literals;
mod sequences;

use self::literals::Literals;
use self::sequences::Sequences;
use super::inflate::{End, Grown};
use super::{Decoded, Decoder, Piece, RawStep};
use crate::glance::{Glance, HIGH};

/// A frame's first bytes (RFC 8878 §3.1.1).
pub(super) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Most that one block holds and makes (RFC 8878 §3.1.1.2.4).
const MAX_BLOCK: usize = 128 << 10;

/// Frames read in a row. Those beyond come round again as a view of their own.
const MAX_FRAMES: usize = 1_000;

pub(crate) struct Zstd;

impl Decoder for Zstd {
    fn id(&self) -> &'static str {
        "zstd"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(HIGH) || !(view.bytes.starts_with(&MAGIC) || skipped(view.bytes).is_some()) {
            return None;
        }
        let mut grown = Grown::of(view.bytes.len());
        let mut pieces = Vec::new();
        let mut rest = view.bytes;
        let mut needs_dictionary = false;
        for _ in 0..MAX_FRAMES {
            if let Some((content, behind)) = skipped(rest) {
                pieces.push(Piece::new(vec![RawStep::Undo(self.id())], content.to_vec()));
                rest = behind;
                continue;
            }
            let Some(header) = rest.strip_prefix(&MAGIC) else { break };
            let Some(frame) = Frame::read(header) else {
                grown.end = End::Cut;
                break;
            };
            needs_dictionary |= frame.has_dictionary;
            rest = frame.expand(&mut grown);
            if grown.end != End::Whole {
                break;
            }
        }
        let mut decoded = grown.decoded(self.id(), rest);
        if needs_dictionary && let Some(problem) = &mut decoded.problem {
            problem.push_str(", made with a dictionary of its own");
        }
        decoded.pieces.append(&mut pieces);
        Some(decoded)
    }
}

/// What a frame holds that decoders skip (RFC 8878 §3.1.2), and what stands behind it.
fn skipped(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, rest @ ..] = bytes else { return None };
    rest.split_at_checked(usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).ok()?)
}

/// A frame whose header has been read.
struct Frame<'a> {
    blocks: &'a [u8],
    has_checksum: bool,
    has_dictionary: bool,
}

impl<'a> Frame<'a> {
    /// What stands behind the magic bytes. The sizes announced are not asked.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (descriptor, rest) = bytes.split_first()?;
        let is_single = descriptor & 0b10_0000 != 0;
        let window = usize::from(!is_single);
        let dictionary = match descriptor & 0b11 {
            3 => 4,
            size => usize::from(size),
        };
        let size = match descriptor >> 6 {
            0 => usize::from(is_single),
            power => 1 << power,
        };
        let id = rest.get(window..window + dictionary)?;
        Some(Self {
            blocks: rest.get(window + dictionary + size..)?,
            has_checksum: descriptor & 0b100 != 0,
            has_dictionary: id.iter().any(|byte| *byte != 0),
        })
    }

    /// Adds what the blocks hold, and returns what stands behind the frame.
    fn expand(&self, grown: &mut Grown) -> &'a [u8] {
        let mut literals = Literals::default();
        let mut sequences = Sequences::new(grown.bytes.len());
        let mut rest = self.blocks;
        loop {
            let Some((header, behind)) = rest.split_first_chunk::<3>() else {
                grown.end = End::Cut;
                return rest;
            };
            let [low, middle, high] = header.map(usize::from);
            let size = (low | middle << 8 | high << 16) >> 3;
            let kind = low >> 1 & 0b11;
            let length = if kind == 1 { 1 } else { size };
            let (Some((block, behind)), true) = (behind.split_at_checked(length), size <= MAX_BLOCK) else {
                grown.end = if size <= MAX_BLOCK { End::Cut } else { End::Broken };
                return rest;
            };
            let is_whole = match (kind, block) {
                (0, _) => grown.push(block),
                (1, [byte]) => grown.push(&vec![*byte; size]),
                (2, _) => {
                    let expanded =
                        literals.read(block).and_then(|behind| sequences.expand(behind, &literals.bytes, grown));
                    if expanded.is_none() {
                        grown.end = End::Broken;
                        return rest;
                    }
                    expanded == Some(true)
                }
                _ => {
                    grown.end = End::Broken;
                    return rest;
                }
            };
            if !is_whole {
                grown.end = End::TooMuch;
                return behind;
            }
            rest = behind;
            if low & 1 == 1 {
                return if self.has_checksum { rest.get(4..).unwrap_or_default() } else { rest };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;

    /// [`text`] as the reference program makes it at level 3 and, with a checksum, at level 19.
    const LEVEL_3: &str = "KLUv/QBYfQoAdpMuGZAnaQOXQ9i/cxBmd7l75aZNOxMBVP/YAAQwACMAJAB++c68j11q3ZxCdCPlkxEgYXhKOQplFMOgQGAUhhgO\
         AggShlGMgQMiMQpSjANiIAT+FJFKUjdPzX6dpeRnqu68Prsiaqdq9rvea7RphjWz0KddBVZTL7nxjdxI3LLnpjU3Xe9WsiOK9M6s\
         VuZH5DO58VXmVZ3sA3Qu6dTIx6hDIvP/0K51drLu8tYXoiqxtYRDI7alFYdzYysFd6ghKJnv/xlgMxK5AREoBN+jkAgjwlgfDwWz\
         nu68tIsriQUfReieAp2PeeGjnX659dmrYDYWj/KIWfwsDguijA0AZcNhpfAthUdZycU2384kO4dQ5A4o3MGIECISZ9/OwUVCiJT7\
         z0qzF9dzENISNJ0DAq5EogGYdMy7nrybpNdoRAEBc4/E+nTRoJKjWkIhMKo=";
    const LEVEL_19: &str = "KLUv/QRoHQkAhhY0FqApHYO2vT6sA8A4JG0pZZIpAh6oJY41ACoAKgCeIW0s/tnOv3kju9U7GafqNGerQkDjMJVzDudIjgRicCDH\
         BBaCgyJwJEeBYFAcyCQHwXAwAvx7pezIVs1Gdsd6a85cqIW2+4ynpNHVJatffmVVumqrFPt7a6FdRGwpAXQXt8qRnd3PxXwau+LW\
         uGfTqUfm+n8rbZUXZ9jfvHaIVuWZlzG60M7FAa65b0pHY1SqxCrTzExnad97sRg5vFtvrLVN1dWNS29ILKXYastyJJHoAXeoETBI\
         fv/PsJvGESgEXxhWhLMPWqJq14kWsnRKrCpsRGwDBNssOEWhlbvUeYka8CzK4p6UstxilSCEXKIBpQhTdoA+9AmkQleGngMKAVkF\
         +5fOmw==";

    /// `0101901234`, which is too short to gain anything.
    const SHORT: &str = "KLUv/QRYUQAAMDEwMTkwMTIzNIAbMcQ=";

    fn text() -> String {
        let line = |n: u32| {
            let (id, side) = (n * n % 997, n * 7_919 % 1_009);
            format!("{{\"id\":{id},\"side\":\"/skat/{side}\",\"cpr\":\"0101901234\"}}\n")
        };
        (0..60).map(line).collect()
    }

    fn frame(base64: &str) -> Vec<u8> {
        BASE64.decode(base64.as_bytes()).unwrap()
    }

    fn decoded(bytes: &[u8]) -> Decoded {
        Zstd.decode(&Glance::new(bytes)).unwrap()
    }

    #[track_caller]
    fn case(bytes: &[u8], expected: &str) {
        let decoded = decoded(bytes);
        assert_eq!(String::from_utf8_lossy(&decoded.pieces[0].bytes), expected);
        assert!(decoded.is_all && decoded.problem.is_none());
    }

    #[test]
    fn what_the_reference_program_made_comes_back() {
        case(&frame(LEVEL_3), &text());
        case(&frame(LEVEL_19), &text());
        case(&frame(SHORT), "0101901234");
    }

    #[test]
    fn what_another_encoder_made_comes_back() {
        for length in [0, 1, 9, 200, 5_000, 300_000] {
            let text: String = (0..60_000_u32).map(|n| n.wrapping_mul(n).to_string()).collect();
            let text = text.get(..length).unwrap();
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            case(&ruzstd::encoding::compress_to_vec(text.as_bytes(), level), text);
        }
    }

    #[test]
    fn frames_in_a_row_are_one_and_what_is_skipped_is_a_piece() {
        let skipped = b"\x53\x2a\x4d\x18\x0a\0\0\x000101901234";
        let bytes = [&skipped[..], &frame(SHORT), &frame(LEVEL_3), b"the rest"].concat();
        let pieces = decoded(&bytes).pieces;
        assert_eq!(pieces[0].bytes, ["0101901234", &text()].concat().into_bytes());
        assert_eq!(pieces[1], Piece::new(vec![], b"the rest".to_vec()));
        assert_eq!(pieces[2].bytes, b"0101901234");
    }

    #[test]
    fn a_cut_frame_is_said() {
        let bytes = [frame(SHORT), frame(LEVEL_3)].concat();
        for length in SHORT.len()..bytes.len() {
            let decoded = decoded(&bytes[..length]);
            assert!(decoded.pieces[0].bytes.starts_with(b"0101901234"), "{length}");
            assert!(decoded.problem.is_some() && !decoded.is_all, "{length}");
        }
    }

    #[test]
    fn one_that_needs_a_dictionary_is_said() {
        let mut bytes = frame(LEVEL_3);
        bytes[4] |= 1;
        bytes.insert(6, 7);
        bytes[20] ^= 0x55;
        assert!(decoded(&bytes).problem.unwrap().contains("dictionary"));
    }

    #[test]
    fn a_bomb_is_cut_and_said_to_be_one() {
        // Blocks of one byte, 128 KiB times.
        let bytes = [&MAGIC[..], &[0, 0x70], &[2, 0, 0x10, b'0'].repeat(100)].concat();
        let decoded = decoded(&bytes);
        assert!(decoded.problem.unwrap().contains("grows to more than"));
        assert_eq!(decoded.pieces[0].bytes.len(), 1 << 20);
    }

    #[test]
    fn a_block_that_makes_more_than_a_block_is_broken() {
        // One literal, then seven matches of 65,539 bytes, all from tables of one symbol.
        let sequences = [7, 0b0101_0100, 0, 0, 52].into_iter().chain([0; 14]).chain([1]);
        let block: Vec<u8> = [1 << 3, b'0'].into_iter().chain(sequences).collect();
        let header = u32::try_from(block.len()).unwrap() << 3 | 0b101;
        let bytes = [&MAGIC[..], &[0, 0x70], &header.to_le_bytes()[..3], &block].concat();
        assert!(decoded(&bytes).problem.unwrap().contains("breaks off"));
    }

    #[test]
    fn changed_bytes_do_no_harm() {
        for base64 in [LEVEL_3, LEVEL_19] {
            let whole = frame(base64);
            for at in 4..whole.len() {
                for flipped in [1, 0x10, 0x80, 0xff] {
                    let mut bytes = whole.clone();
                    bytes[at] ^= flipped;
                    assert!(decoded(&bytes).pieces[0].bytes.len() <= 1 << 20);
                }
            }
        }
    }
}
