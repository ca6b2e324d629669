//! Bytes sorted 32 at a time, on x86-64 processors since 2013 or so.

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_shuffle_epi8,
    _mm256_slli_epi16, _mm256_srli_epi16,
};

use super::classes::{BLOCK, Classes, Classify, ESCAPES, LOWER, UPPER};
use super::scan;
use crate::simd::avx2::{Avx2, joined, loaded, table};

/// [`scan`] with it.
#[inline]
#[expect(unsafe_code, reason = "calls what needs the processor's feature")]
pub(super) fn scan_wide(kernel: Avx2, bytes: &[u8], visit: &mut impl FnMut(usize)) {
    // SAFETY: `kernel` proves that the processor has AVX2, BMI1 and POPCNT.
    unsafe { scan_with(kernel, bytes, visit) }
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
fn classes(block: &[u8; BLOCK]) -> Classes {
    let (halves, _) = block.as_chunks::<32>();
    let [low, high] = halves else { return Classes::default() };
    let (low, high) = (loaded(low), loaded(high));
    let (first, second) = (kinds(low), kinds(high));
    Classes {
        digit: joined(_mm256_slli_epi16::<7>(first), _mm256_slli_epi16::<7>(second)),
        month: joined(_mm256_slli_epi16::<6>(first), _mm256_slli_epi16::<6>(second)),
        joint: joined(_mm256_slli_epi16::<5>(first), _mm256_slli_epi16::<5>(second)),
        percent: joined(_mm256_slli_epi16::<4>(first), _mm256_slli_epi16::<4>(second)),
        letter: joined(_mm256_slli_epi16::<3>(first), _mm256_slli_epi16::<3>(second)),
        mark: joined(_mm256_slli_epi16::<2>(first), _mm256_slli_epi16::<2>(second)),
        escape: joined(escapes(low), escapes(high)),
    }
}

/// The bits that the two tables agree on, for each byte. None for bytes from 0x80 on.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn kinds(bytes: __m256i) -> __m256i {
    let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(0x0f));
    _mm256_and_si256(_mm256_shuffle_epi8(table(&LOWER), bytes), _mm256_shuffle_epi8(table(&UPPER), upper))
}

/// The highest bit of what begins an escape. A byte from 0x80 on is compared with 0, and has the bit itself.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn escapes(bytes: __m256i) -> __m256i {
    _mm256_or_si256(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(table(&ESCAPES), bytes), bytes), bytes)
}
