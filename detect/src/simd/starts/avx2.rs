//! Bytes sorted 32 at a time, on x86-64 processors since 2013 or so.

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_min_epu8,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_setr_epi8, _mm256_shuffle_epi8, _mm256_sub_epi8,
};

use super::{BLOCK, Classes, Classify, scan};

/// Proof that the processor has AVX2, BMI1 and POPCNT: only [`Avx2::detected`] makes one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx2(());

impl Avx2 {
    /// One, if this processor can.
    #[inline]
    pub(super) fn detected() -> Option<Self> {
        let has_all =
            is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt");
        has_all.then_some(Self(()))
    }

    /// [`scan`] with it.
    #[inline]
    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
    pub(super) fn scan(self, bytes: &[u8], visit: &mut impl FnMut(usize)) {
        // SAFETY: `self` proves that the processor has AVX2, BMI1 and POPCNT.
        unsafe { scan_with(self, bytes, visit) }
    }
}

impl Classify for Avx2 {
    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
    fn classes(self, block: &[u8; BLOCK]) -> Classes {
        // SAFETY: `self` proves that the processor has all of them.
        unsafe { classes(block) }
    }
}

#[target_feature(enable = "avx2,bmi1,popcnt")]
fn scan_with(classifier: Avx2, bytes: &[u8], visit: &mut impl FnMut(usize)) {
    scan(classifier, bytes, visit);
}

#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
#[expect(unsafe_code, reason = "loads bytes into a vector")]
fn classes(block: &[u8; BLOCK]) -> Classes {
    let (halves, _) = block.as_chunks::<32>();
    let [low, high] = halves else { return Classes::default() };
    // SAFETY: both halves have 32 bytes, and the load needs no alignment.
    let (low, high) = unsafe { (_mm256_loadu_si256(low.as_ptr().cast()), _mm256_loadu_si256(high.as_ptr().cast())) };
    let (low, high) = (Half::of(low), Half::of(high));
    Classes {
        digit: joined(low.digit, high.digit),
        month: joined(low.month, high.month),
        joint: joined(low.joint, high.joint),
        escape: joined(low.escape, high.escape),
        word: joined(low.word, high.word),
    }
}

/// Half a block's classes: all bits of a byte that is in one are set, or its highest.
struct Half {
    digit: __m256i,
    month: __m256i,
    joint: __m256i,
    escape: __m256i,
    word: __m256i,
}

impl Half {
    #[inline]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn of(bytes: __m256i) -> Self {
        let value = _mm256_sub_epi8(bytes, _mm256_set1_epi8(0x30));
        let at_most = |limit| _mm256_cmpeq_epi8(_mm256_min_epu8(value, _mm256_set1_epi8(limit)), value);
        // By its lower four bits, the one byte with these that begins an escape, or one that has others. A byte from
        // 0x80 on is compared with 0.
        #[rustfmt::skip]
        let escapes = _mm256_setr_epi8(
            1, 0, 0, 0, 0, 0x25, 0x26, 0, 0, 0, 0, 0, 0x5c, 0x3d, 0, 0,
            1, 0, 0, 0, 0, 0x25, 0x26, 0, 0, 0, 0, 0, 0x5c, 0x3d, 0, 0,
        );
        let escape = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(escapes, bytes), bytes);
        let blank_to_slash =
            _mm256_cmpeq_epi8(_mm256_and_si256(bytes, _mm256_set1_epi8(0xf0_u8.cast_signed())), _mm256_set1_epi8(0x20));
        let percent = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x25));
        Self {
            digit: at_most(9),
            month: at_most(1),
            joint: _mm256_or_si256(blank_to_slash, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x5f))),
            escape: _mm256_or_si256(escape, bytes),
            word: _mm256_or_si256(percent, _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(0x3f))),
        }
    }
}

/// The highest bits of 64 bytes.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn joined(low: __m256i, high: __m256i) -> u64 {
    let bits = |half| u64::from(_mm256_movemask_epi8(half).cast_unsigned());
    bits(low) | bits(high) << 32
}
