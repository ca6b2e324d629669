//! Bytes sorted 64 at a time, on x86-64 processors with AVX-512: what is a mask elsewhere is one here from the start.

use std::arch::x86_64::{
    __m512i, _mm_loadu_si128, _mm512_and_si512, _mm512_broadcast_i32x4, _mm512_cmpeq_epi8_mask, _mm512_loadu_si512,
    _mm512_movepi8_mask, _mm512_set1_epi8, _mm512_shuffle_epi8, _mm512_srli_epi16, _mm512_test_epi8_mask,
};

use super::classes::{BLOCK, Classes, Classify, DIGIT, ESCAPES, JOINT, LETTER, LOWER, MARK, MONTH, PERCENT, UPPER};
use super::scan;

/// Proof that the processor has AVX-512 with its instructions for bytes: only [`Avx512::detected`] makes one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx512(());

impl Avx512 {
    /// One, if this processor can.
    #[inline]
    pub(super) fn detected() -> Option<Self> {
        let has_all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("bmi1");
        has_all.then_some(Self(()))
    }

    /// [`scan`] with it.
    #[inline]
    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
    pub(super) fn scan(self, bytes: &[u8], visit: &mut impl FnMut(usize)) {
        // SAFETY: `self` proves that the processor has all of them.
        unsafe { scan_with(self, bytes, visit) }
    }
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
#[expect(unsafe_code, reason = "loads bytes into a vector")]
fn classes(block: &[u8; BLOCK]) -> Classes {
    // SAFETY: a block has 64 bytes, and the load needs no alignment.
    let bytes = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
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

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi1")]
#[expect(unsafe_code, reason = "loads bytes into a vector")]
fn table(bytes: &[u8; 16]) -> __m512i {
    // SAFETY: there are 16 bytes, and the load needs no alignment.
    _mm512_broadcast_i32x4(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
}
