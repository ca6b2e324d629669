//! gzip (RFC 1952), known by its magic bytes: senders often name it in no header.
//!
//! Checksums are not asked: what came out is searched whether or not it is what went in.

use super::inflate::{End, Grown};
use super::{Decoded, Decoder, Piece, RawStep};
use crate::glance::{CONTROL, Glance, HIGH};
use crate::opaque::is_opaque;

/// ID1, ID2 and the only method there is (RFC 1952 §2.3.1).
pub(super) const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// Length of the trailer: checksum and size.
const TRAILER: usize = 8;

/// Members read in a row; a stream flushed so has some dozens. Those beyond come round again as a view of their own.
const MAX_MEMBERS: usize = 1_000;

/// Shorter fields hold no number, and from the longer length on they are looked into whatever they are.
const SHORTEST_FIELD: usize = 9;
const LONG_FIELD: usize = 33;

pub(crate) struct Gzip;

impl Decoder for Gzip {
    fn id(&self) -> &'static str {
        "gzip"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(CONTROL) || !view.has(HIGH) || !view.bytes.starts_with(&MAGIC) {
            return None;
        }
        let mut grown = Grown::of(view.bytes.len());
        let mut fields = Vec::new();
        let mut rest = view.bytes;
        for _ in 0..MAX_MEMBERS {
            let Some((said, body)) = member(rest) else { break };
            fields.extend(said.into_iter().filter(|field| is_told(field)));
            rest = grown.inflate(body);
            if grown.end != End::Whole {
                break;
            }
            rest = rest.get(TRAILER..).unwrap_or_default();
        }
        // Nothing came out: these bytes only look compressed.
        if grown.bytes.is_empty() && grown.end != End::Whole {
            return None;
        }
        let mut decoded = grown.decoded(self.id(), rest);
        let piece = |field: &[u8]| Piece::new(vec![RawStep::Undo(self.id())], field.to_vec());
        decoded.pieces.extend(fields.into_iter().map(piece));
        Some(decoded)
    }
}

/// Extra field, file name and comment, as far as the header of a member has them, and what stands behind it.
fn member(bytes: &[u8]) -> Option<([&[u8]; 3], &[u8])> {
    let [0x1f, 0x8b, 8, flags, _, _, _, _, _, _, rest @ ..] = bytes else { return None };
    // Fields that do not end are none, whatever the flags say.
    Some(fields(*flags, rest).unwrap_or(([&[]; 3], rest)))
}

fn fields(flags: u8, bytes: &[u8]) -> Option<([&[u8]; 3], &[u8])> {
    let mut rest = bytes;
    let mut fields: [&[u8]; 3] = [&[]; 3];
    for (field, flag) in fields.iter_mut().zip([0b100, 0b1000, 0b1_0000]) {
        if flags & flag == 0 {
            continue;
        }
        (*field, rest) = if flag == 0b100 {
            let (length, tail) = rest.split_first_chunk()?;
            tail.split_at_checked(usize::from(u16::from_le_bytes(*length)))?
        } else {
            let (text, tail) = rest.split_at_checked(rest.iter().position(|byte| *byte == 0)?)?;
            (text, tail.get(1..)?)
        };
    }
    if flags & 0b10 != 0 {
        rest = rest.get(2..)?;
    }
    Some((fields, rest))
}

/// Whether a field may hold a number. Extra fields are binary now and then, and short.
fn is_told(field: &[u8]) -> bool {
    field.len() >= SHORTEST_FIELD && (field.len() >= LONG_FIELD || !is_opaque(field))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::write::GzEncoder;
    use flate2::{Compression, GzBuilder};

    use super::*;

    fn compressed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn decoded(bytes: &[u8]) -> Decoded {
        Gzip.decode(&Glance::new(bytes)).unwrap()
    }

    #[test]
    fn what_was_compressed_comes_back() {
        let decoded = decoded(&compressed(b"cpr=0101901234"));
        assert_eq!(decoded.pieces, [Piece::new(vec![RawStep::Undo("gzip")], b"cpr=0101901234".to_vec())]);
        assert!(decoded.is_all);
    }

    #[test]
    fn a_cut_tail_gives_what_came_before_and_says_so() {
        let text: Vec<u8> = (0..20_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        let whole = compressed(&text);
        let decoded = decoded(&whole[..whole.len() - 100]);
        assert!(!decoded.pieces[0].bytes.is_empty());
        assert!(decoded.problem.is_some());
        assert!(!decoded.is_all);
    }

    #[test]
    fn a_wrong_or_cut_checksum_loses_nothing() {
        let mut whole = compressed(b"cpr=0101901234");
        let cut = decoded(&whole[..whole.len() - 5]);
        assert!(cut.is_all && cut.problem.is_none());
        *whole.last_mut().unwrap() ^= 1;
        let wrong = decoded(&whole);
        assert_eq!(wrong.pieces[0].bytes, b"cpr=0101901234");
        assert!(wrong.is_all && wrong.problem.is_none());
    }

    #[test]
    fn header_fields_are_skipped_and_read() {
        let mut encoder = GzBuilder::new()
            .extra(b"xx".to_vec())
            .filename("0101901234.json")
            .comment("c")
            .write(Vec::new(), Compression::fast());
        encoder.write_all(b"{}").unwrap();
        let pieces = decoded(&encoder.finish().unwrap()).pieces;
        assert_eq!(pieces[0].bytes, b"{}");
        assert_eq!(pieces[1].bytes, b"0101901234.json");
        assert_eq!(pieces.len(), 2);
    }

    #[test]
    fn members_in_a_row_are_one_and_what_follows_is_a_piece() {
        let two = [compressed(b"cpr=01019"), compressed(b"01234")].concat();
        assert_eq!(decoded(&[two.as_slice(), &[0; 512]].concat()).pieces.len(), 1);
        let pieces = decoded(&[two.as_slice(), b"&cpr=0101901234"].concat()).pieces;
        assert_eq!(pieces[0].bytes, b"cpr=0101901234");
        assert_eq!(pieces[1], Piece::new(vec![], b"&cpr=0101901234".to_vec()));
    }

    #[test]
    fn a_bomb_is_cut_and_said_to_be_one() {
        let decoded = decoded(&compressed(&vec![b'0'; 20 << 20]));
        assert!(decoded.pieces[0].bytes.len() < 17 << 20);
        assert!(decoded.problem.unwrap().contains("grows to more than"));
    }
}
