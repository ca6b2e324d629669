//! Bytes sorted one by one: for short text, for processors without anything better, and to test the others against.

use super::{BLOCK, Classes, Classify, FEWEST_DIGITS, each, starts_of};

/// Sorts by comparing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scalar;

impl Classify for Scalar {
    fn classes(self, block: &[u8; BLOCK]) -> Classes {
        classes(block)
    }
}

/// The places in at most one block. Most text is short and has too few digits: that is seen first.
#[inline]
pub(super) fn starts(bytes: &[u8], visit: &mut impl FnMut(usize)) {
    if bytes.iter().filter(|byte| byte.is_ascii_digit()).count() < FEWEST_DIGITS {
        return;
    }
    each(starts_of(classes(bytes)), 0, visit);
}

/// The classes of the first bytes, as many as a mask has bits.
fn classes(bytes: &[u8]) -> Classes {
    let mut classes = Classes::default();
    for (at, byte) in bytes.iter().take(BLOCK).enumerate() {
        classes.digit |= u64::from(byte.is_ascii_digit()) << at;
        classes.month |= u64::from(matches!(byte, b'0' | b'1')) << at;
        classes.joint |= u64::from(matches!(byte, 0x20..=0x2f | b'_')) << at;
        classes.escape |= u64::from(matches!(byte, b'%' | b'&' | b'=' | b'\\' | 0x80..)) << at;
        classes.word |= u64::from(matches!(byte, b'%' | 0x40..=0x7f)) << at;
    }
    classes
}
