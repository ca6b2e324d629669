//! Bits in both of the orders that Zstandard has: tables from the front, everything else from the back.

/// Bits from the first byte on, lowest first.
pub(super) struct Forward<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Bits from the last byte on, highest first (RFC 8878 §4.1.2). Behind the first byte there are zeros without end, and
/// they count as overdrawn.
pub(super) struct Backward<'a> {
    bytes: &'a [u8],
    left: usize,
    overdrawn: usize,
}

/// `count` bits of `bytes` from bit `at` on; at most 56.
fn bits(bytes: &[u8], at: usize, count: usize) -> u64 {
    let mut window = [0; 8];
    for (to, from) in window.iter_mut().zip(bytes.iter().skip(at / 8)) {
        *to = *from;
    }
    u64::from_le_bytes(window) >> (at % 8) & ((1 << count) - 1)
}

impl<'a> Forward<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next `count` bits, which stay there.
    pub(super) fn peek(&self, count: usize) -> usize {
        usize::try_from(bits(self.bytes, self.at, count)).unwrap_or_default()
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.at += count;
    }

    /// What stands behind the byte that was read last; `None` if more was read than there is.
    pub(super) fn rest(&self) -> Option<&'a [u8]> {
        self.bytes.get(self.at.div_ceil(8)..)
    }
}

impl<'a> Backward<'a> {
    /// `None` without the mark at the end: the highest bit that is set in the last byte.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let mark = bytes.last()?.checked_ilog2()?;
        Some(Self { bytes, left: (bytes.len() - 1) * 8 + usize::try_from(mark).ok()?, overdrawn: 0 })
    }

    /// The next `count` bits, at most 56, which stay there.
    pub(super) fn peek(&self, count: usize) -> u64 {
        match self.left.checked_sub(count) {
            Some(at) => bits(self.bytes, at, count),
            None => bits(self.bytes, 0, self.left) << (count - self.left),
        }
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.overdrawn += count.saturating_sub(self.left);
        self.left = self.left.saturating_sub(count);
    }

    pub(super) fn read(&mut self, count: usize) -> u64 {
        let bits = self.peek(count);
        self.skip(count);
        bits
    }

    /// Whether more was read than there is.
    pub(super) fn is_overdrawn(&self) -> bool {
        self.overdrawn > 0
    }

    /// Whether just all of it has been read.
    pub(super) fn is_done(&self) -> bool {
        self.left == 0 && self.overdrawn == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_from_the_front_lowest_first() {
        let mut forward = Forward::new(&[0b1010_0110, 0b1]);
        assert_eq!(forward.peek(3), 0b110);
        forward.skip(3);
        assert_eq!(forward.peek(6), 0b11_0100);
        assert_eq!(forward.rest(), Some(&[1][..]));
        forward.skip(20);
        assert_eq!(forward.rest(), None);
    }

    #[test]
    fn bits_come_from_the_back_highest_first_and_end_in_zeros() {
        let mut backward = Backward::new(&[0b1000_0001, 0b110]).unwrap();
        assert_eq!(backward.read(2), 0b10);
        assert_eq!(backward.read(7), 0b100_0000);
        assert_eq!(backward.read(1), 1);
        assert!(backward.is_done());
        assert_eq!(backward.read(3), 0);
        assert!(backward.is_overdrawn());
        assert!(Backward::new(&[1, 0]).is_none() && Backward::new(&[]).is_none());
    }
}
