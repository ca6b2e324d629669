//! The first bits of a compressed stream, as its header is read without decompressing.

/// Bytes that are looked at: the headers read here are mostly shorter.
pub(super) const LOOKED_AT: usize = 16;

/// The first bits, of each byte the lowest first (RFC 1951 §3.1.1, RFC 7932 §1.5).
pub(super) struct Bits {
    bits: u128,
    left: u32,
}

impl Bits {
    /// Those of the first bytes.
    pub(super) fn new(bytes: &[u8]) -> Self {
        let first = bytes.get(..LOOKED_AT).unwrap_or(bytes);
        let bits = first.iter().rev().fold(0, |bits, byte| bits << u8::BITS | u128::from(*byte));
        Self { bits, left: first.iter().map(|_| u8::BITS).sum() }
    }

    /// The next `width` bits, 32 at the most, the first of them the lowest. `None` when there are fewer.
    pub(super) fn read(&mut self, width: u32) -> Option<u32> {
        self.left = self.left.checked_sub(width)?;
        let value = self.bits & ((1 << width) - 1);
        self.bits >>= width;
        u32::try_from(value).ok()
    }

    /// How many are left of the byte that was begun.
    pub(super) fn to_byte(&self) -> u32 {
        self.left % u8::BITS
    }
}

/// Numbers below the one asked for, as even as noise and the same every time.
#[cfg(test)]
pub(crate) fn noise() -> impl FnMut(usize) -> usize {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from((state >> 32) % below as u64).unwrap()
    }
}

/// Noise of 1 to 48 bytes: the lengths of ids and digests.
#[cfg(test)]
pub(super) fn noisy_bytes(next: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    (0..=next(48)).map(|_| u8::try_from(next(256)).unwrap()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_bits_come_first() {
        let mut bits = Bits::new(&[0b1010_0110, 0xff]);
        assert_eq!(bits.read(3), Some(0b110));
        assert_eq!(bits.to_byte(), 5);
        assert_eq!(bits.read(5), Some(0b10100));
        assert_eq!((bits.to_byte(), bits.read(0)), (0, Some(0)));
        assert_eq!((bits.read(9), Bits::new(b"").read(1)), (None, None));
    }

    #[test]
    fn no_more_is_read_than_is_said() {
        let mut bits = Bits::new(&[1; 40]);
        assert_eq!(std::iter::from_fn(|| bits.read(8)).count(), LOOKED_AT);
    }
}
