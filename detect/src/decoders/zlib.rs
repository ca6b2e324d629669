//! zlib (RFC 1950), known by its header, whose two bytes are a multiple of 31.

use flate2::bufread::ZlibDecoder;

use super::inflate::inflate;
use super::{Decoded, Decoder};
use crate::glance::Glance;

pub(crate) struct Zlib;

impl Decoder for Zlib {
    fn id(&self) -> &'static str {
        "zlib"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        let bytes = view.bytes;
        is_zlib(bytes).then(|| inflate(self.id(), ZlibDecoder::new(bytes)))?
    }
}

/// 32 KiB window, deflate, and one of the four levels that compressors write.
pub(super) fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..])
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    #[test]
    fn every_level_is_known() {
        for level in [0, 1, 6, 9] {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
            encoder.write_all(b"cpr=0101901234").unwrap();
            let decoded = Zlib.decode(&Glance::new(&encoder.finish().unwrap())).unwrap();
            assert_eq!(decoded.pieces[0].bytes, b"cpr=0101901234", "level {level}");
        }
    }

    #[test]
    fn text_that_begins_like_it_is_not_it() {
        assert!(Zlib.decode(&Glance::new(b"x\x9cnothing compressed")).is_none());
        assert!(Zlib.decode(&Glance::new(b"x=1")).is_none());
    }
}
