//! What bytes are, told by two small tables, one for each half of a byte, and by their two highest bits; and what that says
//! of a block. Both kernels for x86-64 read these.

/// Bits of the two tables. A byte is in a class if both its halves have the bit.
const CONTROL: u8 = 1;
const LATE_CONTROL: u8 = 1 << 1;
const DELETE: u8 = 1 << 2;
const NEVER: u8 = 1 << 3;
const BEYOND: u8 = 1 << 4;

/// The bits of what no text has, whatever is beside it: control characters but for tab, line feed and carriage return, and
/// what UTF-8 never has (RFC 3629 §3).
pub(super) const ALONE: u8 = CONTROL | LATE_CONTROL | DELETE | NEVER | BEYOND;

/// 0x80 to 0x9f: behind 0xc2, a control character.
pub(super) const EARLY: u8 = 1 << 5;

/// 0xc2.
pub(super) const LATIN: u8 = 1 << 6;

/// Which classes have bytes with these lower four bits.
pub(super) const LOWER: [u8; 16] = [
    CONTROL | LATE_CONTROL | NEVER | EARLY,
    CONTROL | LATE_CONTROL | NEVER | EARLY,
    CONTROL | LATE_CONTROL | EARLY | LATIN,
    CONTROL | LATE_CONTROL | EARLY,
    CONTROL | LATE_CONTROL | EARLY,
    CONTROL | LATE_CONTROL | EARLY | BEYOND,
    CONTROL | LATE_CONTROL | EARLY | BEYOND,
    CONTROL | LATE_CONTROL | EARLY | BEYOND,
    CONTROL | LATE_CONTROL | EARLY | BEYOND,
    LATE_CONTROL | EARLY | BEYOND,
    LATE_CONTROL | EARLY | BEYOND,
    CONTROL | LATE_CONTROL | EARLY | BEYOND,
    CONTROL | LATE_CONTROL | EARLY | BEYOND,
    LATE_CONTROL | EARLY | BEYOND,
    CONTROL | LATE_CONTROL | EARLY | BEYOND,
    CONTROL | LATE_CONTROL | DELETE | EARLY | BEYOND,
];

/// Which classes have bytes with these upper four bits.
pub(super) const UPPER: [u8; 16] =
    [CONTROL, LATE_CONTROL, 0, 0, 0, 0, 0, DELETE, EARLY, EARLY, 0, 0, NEVER | LATIN, 0, 0, BEYOND];

/// Which bytes of a block are what, the first in the lowest bit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Classes {
    /// Those of [`ALONE`].
    pub(super) alone: u64,
    /// Those of [`EARLY`].
    pub(super) early: u64,
    /// Those of [`LATIN`].
    pub(super) latin: u64,
    /// 0x80 to 0xbf, with which a character goes on.
    pub(super) goes_on: u64,
    /// From 0x80 on.
    pub(super) high: u64,
}

impl Classes {
    /// A bit for each byte that no text has, where `before` is the byte before the block and `behind` the one behind it.
    #[inline]
    pub(super) fn breakers(self, before: u8, behind: u8) -> u64 {
        let Self { alone, early, latin, goes_on, high } = self;
        let stray = goes_on & !(high << 1 | u64::from(before >= 0x80));
        let cut = high & !goes_on & !(goes_on >> 1 | u64::from(behind & 0xc0 == 0x80) << 63);
        let high_control = early & (latin << 1 | u64::from(before == 0xc2));
        alone | stray | cut | high_control
    }
}
