//! Bytes sorted one by one: for processors without anything better, and to test the others against.

use super::classes::{BLOCK, Classes, Classify, DIGIT, ESCAPES, JOINT, LETTER, LOWER, MARK, MONTH, PERCENT, UPPER};

/// Sorts by one table for all bytes.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Scalar;

/// Of an escape: a bit that the two tables leave.
const ESCAPE: u8 = 1 << 7;

/// The classes of each byte.
const CLASSES: [u8; 256] = {
    let mut classes = [ESCAPE; 256];
    let mut byte = 0_u8;
    #[expect(clippy::indexing_slicing, reason = "indices are a byte or half a byte, and the tables have all of these")]
    while byte < 0x80 {
        let (lower, upper) = ((byte & 0x0f) as usize, (byte >> 4) as usize);
        let escape = if ESCAPES[lower] == byte { ESCAPE } else { 0 };
        classes[byte as usize] = (LOWER[lower] & UPPER[upper]) | escape;
        byte += 1;
    }
    classes
};

impl Classify for Scalar {
    fn classes(self, block: &[u8; BLOCK]) -> Classes {
        let mut classes = Classes::default();
        for (at, byte) in block.iter().enumerate() {
            let kinds = CLASSES.get(usize::from(*byte)).copied().unwrap_or_default();
            let bit = |kind| u64::from(kinds & kind != 0) << at;
            classes.digit |= bit(DIGIT);
            classes.month |= bit(MONTH);
            classes.joint |= bit(JOINT);
            classes.escape |= bit(ESCAPE);
            classes.percent |= bit(PERCENT);
            classes.letter |= bit(LETTER);
            classes.mark |= bit(MARK);
        }
        classes
    }
}
