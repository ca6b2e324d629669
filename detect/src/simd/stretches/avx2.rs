//! Bytes sorted 32 at a time, on x86-64 processors since 2013 or so.

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_set1_epi8, _mm256_setzero_si256,
    _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16,
};
use std::ops::{ControlFlow, Range};

use super::classes::{ALONE, Classes, EARLY, LATIN, LOWER, UPPER};
use super::{BLOCK, Breakers, WINDOW, scan};
use crate::simd::avx2::{Avx2, joined, loaded, table};

/// [`scan`] with it.
#[inline]
#[expect(unsafe_code, reason = "calls what needs the processor's feature")]
pub(super) fn scan_wide(
    kernel: Avx2,
    bytes: &[u8],
    least: usize,
    visit: &mut impl FnMut(Range<usize>) -> ControlFlow<()>,
) {
    // SAFETY: `kernel` proves that the processor has AVX2, BMI1 and POPCNT.
    unsafe { scan_with(kernel, bytes, least, visit) }
}

impl Breakers for Avx2 {
    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
    fn breakers(self, window: &[u8; WINDOW]) -> u64 {
        let [before, block @ .., behind] = window;
        // SAFETY: `self` proves that the processor has all of them.
        unsafe { classes(block) }.breakers(*before, *behind)
    }
}

#[target_feature(enable = "avx2,bmi1,popcnt")]
fn scan_with(kernel: Avx2, bytes: &[u8], least: usize, visit: &mut impl FnMut(Range<usize>) -> ControlFlow<()>) {
    scan(kernel, bytes, least, visit);
}

#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn classes(block: &[u8; BLOCK]) -> Classes {
    let (halves, _) = block.as_chunks::<32>();
    let [low, high] = halves else { return Classes::default() };
    let (low, high) = (loaded(low), loaded(high));
    let (first, second) = (kinds(low), kinds(high));
    Classes {
        alone: !joined(without(first, ALONE), without(second, ALONE)),
        early: joined(_mm256_slli_epi16::<{ above(EARLY) }>(first), _mm256_slli_epi16::<{ above(EARLY) }>(second)),
        latin: joined(_mm256_slli_epi16::<{ above(LATIN) }>(first), _mm256_slli_epi16::<{ above(LATIN) }>(second)),
        goes_on: joined(goes_on(low), goes_on(high)),
        high: joined(low, high),
    }
}

/// How far a class's bit is below the highest of its byte.
const fn above(kind: u8) -> i32 {
    kind.leading_zeros().cast_signed()
}

/// The bits that the two tables agree on, for each byte.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn kinds(bytes: __m256i) -> __m256i {
    let half = _mm256_set1_epi8(0x0f);
    let (lower, upper) = (_mm256_and_si256(bytes, half), _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), half));
    _mm256_and_si256(_mm256_shuffle_epi8(table(&LOWER), lower), _mm256_shuffle_epi8(table(&UPPER), upper))
}

/// All bits of the bytes that have none of `kind`.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn without(kinds: __m256i, kind: u8) -> __m256i {
    _mm256_cmpeq_epi8(_mm256_and_si256(kinds, _mm256_set1_epi8(kind.cast_signed())), _mm256_setzero_si256())
}

/// All bits of 0x80 to 0xbf: as numbers with a sign these are below all others.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn goes_on(bytes: __m256i) -> __m256i {
    _mm256_cmpgt_epi8(_mm256_set1_epi8(0xc0_u8.cast_signed()), bytes)
}
