//! Bytes sorted 64 at a time, on x86-64 processors with AVX-512: what is a mask elsewhere is one here from the start.

use std::arch::x86_64::{
    _mm512_and_si512, _mm512_cmpeq_epi8_mask, _mm512_movepi8_mask, _mm512_set1_epi8, _mm512_shuffle_epi8,
    _mm512_srli_epi16, _mm512_test_epi8_mask,
};

use super::classes::{BLOCK, Classes, Classify, DIGIT, ESCAPES, JOINT, LETTER, LOWER, MARK, MONTH, PERCENT, UPPER};
use super::scan;
use crate::simd::avx512::{Avx512, loaded, table};

/// [`scan`] with it.
#[inline]
#[expect(unsafe_code, reason = "calls what needs the processor's feature")]
pub(super) fn scan_wide(kernel: Avx512, bytes: &[u8], visit: &mut impl FnMut(usize)) {
    // SAFETY: `kernel` proves that the processor has all of them.
    unsafe { scan_with(kernel, bytes, visit) }
}

impl Classify for Avx512 {
    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
    fn classes(self, block: &[u8; BLOCK]) -> Classes {
        // SAFETY: `self` proves that the processor has all of them.
        unsafe { classes(block) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi1")]
fn scan_with(classifier: Avx512, bytes: &[u8], visit: &mut impl FnMut(usize)) {
    scan(classifier, bytes, visit);
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi1")]
fn classes(block: &[u8; BLOCK]) -> Classes {
    let bytes = loaded(block);
    let upper = _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), _mm512_set1_epi8(0x0f));
    // The bits that the two tables agree on. A byte from 0x80 on has none in the first.
    let kinds = _mm512_and_si512(_mm512_shuffle_epi8(table(&LOWER), bytes), _mm512_shuffle_epi8(table(&UPPER), upper));
    let with = |kind: u8| _mm512_test_epi8_mask(kinds, _mm512_set1_epi8(kind.cast_signed()));
    // A byte from 0x80 on is compared with 0.
    let escape = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(table(&ESCAPES), bytes), bytes);
    Classes {
        digit: with(DIGIT),
        month: with(MONTH),
        joint: with(JOINT),
        escape: escape | _mm512_movepi8_mask(bytes),
        percent: with(PERCENT),
        letter: with(LETTER),
        mark: with(MARK),
    }
}
