//! gzip (RFC 1952), known by its magic bytes: senders often name it in no header.

use flate2::bufread::MultiGzDecoder;

use super::inflate::inflate;
use super::{Decoded, Decoder};
use crate::glance::Glance;

/// ID1, ID2 and the only method there is (RFC 1952 §2.3.1).
pub(super) const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

pub(crate) struct Gzip;

impl Decoder for Gzip {
    fn id(&self) -> &'static str {
        "gzip"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        let bytes = view.bytes;
        bytes.starts_with(&MAGIC).then(|| inflate(self.id(), MultiGzDecoder::new(bytes)))?
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn compressed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_was_compressed_comes_back() {
        let decoded = Gzip.decode(&Glance::new(&compressed(b"cpr=0101901234"))).unwrap();
        assert_eq!(decoded.pieces[0].bytes, b"cpr=0101901234");
        assert!(decoded.is_all);
    }

    #[test]
    fn a_cut_tail_gives_what_came_before_and_says_so() {
        let text: Vec<u8> = (0..20_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        let whole = compressed(&text);
        let decoded = Gzip.decode(&Glance::new(&whole[..whole.len() - 100])).unwrap();
        assert!(!decoded.pieces[0].bytes.is_empty());
        assert!(decoded.problem.is_some());
        assert!(!decoded.is_all);
    }

    #[test]
    fn a_bomb_is_cut_and_said_to_be_one() {
        let decoded = Gzip.decode(&Glance::new(&compressed(&vec![b'0'; 20 << 20]))).unwrap();
        assert!(decoded.pieces[0].bytes.len() < 17 << 20);
        assert!(decoded.problem.unwrap().contains("grows to more than"));
    }
}
