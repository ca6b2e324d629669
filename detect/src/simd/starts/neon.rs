//! Bytes sorted 16 at a time, on 64-bit ARM.

use std::arch::aarch64::{
    uint8x16_t, vaddv_u8, vandq_u8, vceqq_u8, vcgeq_u8, vdupq_n_u8, vget_high_u8, vget_low_u8, vld1q_u8, vorrq_u8,
    vqtbl1q_u8, vshrq_n_u8, vtstq_u8,
};

use super::classes::{BLOCK, Classes, Classify, DIGIT, ESCAPES, JOINT, LETTER, LOWER, MARK, MONTH, PERCENT, UPPER};
use super::scan;

/// The bit of each byte of a half.
const BITS: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];

/// Proof that the processor has NEON: only [`Neon::detected`] makes one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Neon(());

impl Neon {
    /// One, if this processor can.
    #[inline]
    pub(super) fn detected() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }

    /// [`scan`] with it.
    #[inline]
    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
    pub(super) fn scan(self, bytes: &[u8], visit: &mut impl FnMut(usize)) {
        // SAFETY: `self` proves that the processor has NEON.
        unsafe { scan_with(self, bytes, visit) }
    }
}

impl Classify for Neon {
    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
    fn classes(self, block: &[u8; BLOCK]) -> Classes {
        // SAFETY: `self` proves that the processor has NEON.
        unsafe { classes(block) }
    }
}

#[target_feature(enable = "neon")]
fn scan_with(classifier: Neon, bytes: &[u8], visit: &mut impl FnMut(usize)) {
    scan(classifier, bytes, visit);
}

#[inline]
#[target_feature(enable = "neon")]
fn classes(block: &[u8; BLOCK]) -> Classes {
    let (quarters, _) = block.as_chunks::<16>();
    let (lower, upper, escapes, bits) = (loaded(&LOWER), loaded(&UPPER), loaded(&ESCAPES), loaded(&BITS));
    let mut classes = Classes::default();
    for (number, quarter) in quarters.iter().enumerate() {
        let bytes = loaded(quarter);
        let half = vandq_u8(bytes, vdupq_n_u8(0x0f));
        // The second table has nothing for bytes from 0x80 on.
        let kinds = vandq_u8(vqtbl1q_u8(lower, half), vqtbl1q_u8(upper, vshrq_n_u8::<4>(bytes)));
        let escape = vceqq_u8(vqtbl1q_u8(escapes, half), bytes);
        let escape = vorrq_u8(escape, vcgeq_u8(bytes, vdupq_n_u8(0x80)));
        let place = |class| packed(class, bits) << (16 * number);
        let with = |kind| place(vtstq_u8(kinds, vdupq_n_u8(kind)));
        classes.digit |= with(DIGIT);
        classes.month |= with(MONTH);
        classes.joint |= with(JOINT);
        classes.escape |= place(escape);
        classes.percent |= with(PERCENT);
        classes.letter |= with(LETTER);
        classes.mark |= with(MARK);
    }
    classes
}

#[inline]
#[target_feature(enable = "neon")]
#[expect(unsafe_code, reason = "loads bytes into a vector")]
fn loaded(bytes: &[u8; 16]) -> uint8x16_t {
    // SAFETY: there are 16 bytes, and the load needs no alignment.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

/// One bit for each byte that is all ones.
#[inline]
#[target_feature(enable = "neon")]
fn packed(class: uint8x16_t, bits: uint8x16_t) -> u64 {
    let set = vandq_u8(class, bits);
    u64::from(vaddv_u8(vget_low_u8(set))) | u64::from(vaddv_u8(vget_high_u8(set))) << 8
}
