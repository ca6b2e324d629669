//! What bytes are, told by small tables: one for each half of a byte, and one of escapes. All kernels read these.

/// Bytes looked at together: as many as a mask has bits.
pub(in super::super) const BLOCK: usize = 64;

/// Bits of the two tables. A byte below 0x80 is in a class if both its halves have the bit; one from there on is in none.
pub(in super::super) const DIGIT: u8 = 1;
pub(in super::super) const MONTH: u8 = 1 << 1;
pub(in super::super) const JOINT: u8 = 1 << 2;
pub(in super::super) const PERCENT: u8 = 1 << 3;
pub(in super::super) const LETTER: u8 = 1 << 4;
pub(in super::super) const MARK: u8 = 1 << 5;

/// Which classes have bytes with these lower four bits.
pub(in super::super) const LOWER: [u8; 16] = [
    DIGIT | MONTH | JOINT,
    DIGIT | MONTH | LETTER,
    DIGIT | LETTER,
    DIGIT | LETTER,
    DIGIT | LETTER,
    DIGIT | LETTER | PERCENT | MARK,
    DIGIT | LETTER,
    DIGIT,
    DIGIT | MARK,
    DIGIT,
    0,
    JOINT,
    0,
    JOINT,
    JOINT,
    JOINT,
];

/// Which classes have bytes with these upper four bits.
pub(in super::super) const UPPER: [u8; 16] =
    [0, 0, JOINT | PERCENT, DIGIT | MONTH, LETTER, JOINT, LETTER, MARK, 0, 0, 0, 0, 0, 0, 0, 0];

/// By its lower four bits, the one byte with these that begins an escape, or one that has others.
pub(in super::super) const ESCAPES: [u8; 16] = [1, 0, 0, 0, 0, b'%', b'&', 0, 0, 0, 0, 0, b'\\', b'=', 0, 0];

/// Which bytes of a block are what, the first in the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Classes {
    /// `0` to `9`.
    pub(in super::super) digit: u64,
    /// `0` and `1`: the tens of a month.
    pub(in super::super) month: u64,
    /// What stands alone between day, month and year: space, `+`, `-`, `.`, `/` and `_`. Also `P`, `[`, `]` and `^`, which
    /// the tables cannot tell from these.
    pub(in super::super) joint: u64,
    /// What a separator of more than one byte begins with: `%`, `&`, `=`, `\` and all from 0x80 on.
    pub(in super::super) escape: u64,
    /// `%`.
    pub(in super::super) percent: u64,
    /// `a` to `f` of either case, which an escape may have before its last digits.
    pub(in super::super) letter: u64,
    /// `u` and `x`, which stand before the digits of an escape.
    pub(in super::super) mark: u64,
}

/// A way to sort bytes into classes.
pub(in super::super) trait Classify: Copy {
    /// The classes of a block.
    fn classes(self, block: &[u8; BLOCK]) -> Classes;
}
