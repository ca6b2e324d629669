//! Literals of a block (RFC 8878 §3.1.1.3.1): bytes that no match brings.

use super::MAX_BLOCK;
use super::huffman::Codes;

/// The literals of the block read last, and the codes that the next may use again.
#[derive(Debug, Default)]
pub(super) struct Literals {
    pub(super) bytes: Vec<u8>,
    codes: Option<Codes>,
}

impl Literals {
    /// Reads the literals at the front of `block`, and returns what stands behind.
    pub(super) fn read<'a>(&mut self, block: &'a [u8]) -> Option<&'a [u8]> {
        self.bytes.clear();
        let first = usize::from(*block.first()?);
        let (kind, format) = (first & 0b11, first >> 2 & 0b11);
        if kind < 2 {
            let (header, shift) = match format {
                1 => (2, 4),
                3 => (3, 4),
                _ => (1, 3),
            };
            let (header, rest) = block.split_at_checked(header)?;
            let size = number(header) >> shift;
            if size > MAX_BLOCK {
                return None;
            }
            if kind == 0 {
                let (bytes, behind) = rest.split_at_checked(size)?;
                self.bytes.extend_from_slice(bytes);
                return Some(behind);
            }
            let (byte, behind) = rest.split_first()?;
            self.bytes.resize(size, *byte);
            return Some(behind);
        }
        let (header, bits) = match format {
            2 => (4, 14),
            3 => (5, 18),
            _ => (3, 10),
        };
        let (header, rest) = block.split_at_checked(header)?;
        let sizes = number(header) >> 4;
        let (size, length) = (sizes & ((1 << bits) - 1), sizes >> bits);
        let (mut streams, behind) = rest.split_at_checked(length)?;
        if size > MAX_BLOCK {
            return None;
        }
        if kind == 2 {
            let (codes, rest) = Codes::read(streams)?;
            self.codes = Some(codes);
            streams = rest;
        }
        let codes = self.codes.as_ref()?;
        if format == 0 {
            codes.expand(streams, size, &mut self.bytes)?;
            return Some(behind);
        }
        let (lengths, mut streams) = streams.split_first_chunk::<6>()?;
        let (lengths, _) = lengths.as_chunks::<2>();
        let quarter = size.div_ceil(4);
        for length in lengths {
            let (stream, rest) = streams.split_at_checked(number(length))?;
            codes.expand(stream, quarter, &mut self.bytes)?;
            streams = rest;
        }
        codes.expand(streams, size.checked_sub(3 * quarter)?, &mut self.bytes)?;
        Some(behind)
    }
}

/// A number of up to eight bytes, lowest first.
fn number(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_repeated_literals_are_read() {
        let mut literals = Literals::default();
        assert_eq!(literals.read(&[3 << 3, b'a', b'b', b'c', 9]), Some(&[9][..]));
        assert_eq!(literals.bytes, b"abc");
        assert_eq!(literals.read(&[0b1_0101, 1, b'x', 9]), Some(&[9][..]));
        assert_eq!(literals.bytes, [b'x'; 17]);
    }

    #[test]
    fn what_is_cut_or_too_large_is_none() {
        let mut literals = Literals::default();
        assert_eq!(literals.read(&[]), None);
        assert_eq!(literals.read(&[3 << 3, b'a']), None);
        assert_eq!(literals.read(&[0b1101, 0xff, 0xff, b'x']), None, "a megabyte");
        assert_eq!(literals.read(&[0b11, 0, 0, 0, 0]), None, "codes of no block before");
    }
}
