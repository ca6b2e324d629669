//! Bytes sorted 64 at a time, on x86-64 processors with AVX-512.

use std::arch::x86_64::{
    _mm512_and_si512, _mm512_cmplt_epi8_mask, _mm512_movepi8_mask, _mm512_set1_epi8, _mm512_shuffle_epi8,
    _mm512_srli_epi16, _mm512_test_epi8_mask,
};
use std::ops::{ControlFlow, Range};

use super::classes::{ALONE, Classes, EARLY, LATIN, LOWER, UPPER};
use super::{BLOCK, Breakers, WINDOW, scan};
use crate::simd::avx512::{Avx512, loaded, table};

/// [`scan`] with it.
#[inline]
#[expect(unsafe_code, reason = "calls what needs the processor's feature")]
pub(super) fn scan_wide(
    kernel: Avx512,
    bytes: &[u8],
    least: usize,
    visit: &mut impl FnMut(Range<usize>) -> ControlFlow<()>,
) {
    // SAFETY: `kernel` proves that the processor has all of them.
    unsafe { scan_with(kernel, bytes, least, visit) }
}

impl Breakers for Avx512 {
    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
    fn breakers(self, window: &[u8; WINDOW]) -> u64 {
        let [before, block @ .., behind] = window;
        // SAFETY: `self` proves that the processor has all of them.
        unsafe { classes(block) }.breakers(*before, *behind)
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi1")]
fn scan_with(kernel: Avx512, bytes: &[u8], least: usize, visit: &mut impl FnMut(Range<usize>) -> ControlFlow<()>) {
    scan(kernel, bytes, least, visit);
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi1")]
fn classes(block: &[u8; BLOCK]) -> Classes {
    let bytes = loaded(block);
    let half = _mm512_set1_epi8(0x0f);
    let (lower, upper) = (_mm512_and_si512(bytes, half), _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), half));
    // The bits that the two tables agree on.
    let kinds = _mm512_and_si512(_mm512_shuffle_epi8(table(&LOWER), lower), _mm512_shuffle_epi8(table(&UPPER), upper));
    let with = |kind: u8| _mm512_test_epi8_mask(kinds, _mm512_set1_epi8(kind.cast_signed()));
    Classes {
        alone: with(ALONE),
        early: with(EARLY),
        latin: with(LATIN),
        // As numbers with a sign these are below all others.
        goes_on: _mm512_cmplt_epi8_mask(bytes, _mm512_set1_epi8(0xc0_u8.cast_signed())),
        high: _mm512_movepi8_mask(bytes),
    }
}
