//! Bytes sorted one by one, on processors without wide registers, and what the other kernels are tested against.

use super::{BLOCK, Classes, Classify};

#[derive(Clone, Copy)]
pub(super) struct Scalar;

impl Classify for Scalar {
    fn classes(self, block: &[u8; BLOCK]) -> Classes {
        let mut classes = Classes::default();
        for (at, byte) in block.iter().enumerate() {
            let bit = |is_one: bool| u64::from(is_one) << at;
            classes.digit |= bit(byte.is_ascii_digit());
            classes.letter |= bit(byte.is_ascii_alphabetic());
            classes.small |= bit(byte.is_ascii_lowercase());
            classes.joint |= bit(matches!(byte, b'+' | b'-' | b'/' | b'_' | b'$'));
            classes.escape |= bit(matches!(byte, b'%' | b'\\' | b'#'));
            classes.percent |= bit(*byte == b'%');
            classes.equals |= bit(*byte == b'=');
            classes.high |= bit(!byte.is_ascii());
        }
        classes
    }
}
