//! Eight words in a register of AVX2.

#![expect(unsafe_code, reason = "instructions that not every processor has")]
#![expect(clippy::inline_always, reason = "a round left out of line would not use the registers of its caller")]

use std::arch::asm;
use std::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_and_si256, _mm256_loadu_si256, _mm256_or_si256, _mm256_set1_epi32,
    _mm256_setr_epi64x, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi32, _mm256_srli_epi32,
    _mm256_srlv_epi32, _mm256_storeu_si256, _mm256_xor_si256,
};

use super::lanes::{Lanes, Two, fill};
use super::md5::Md5;
use super::sha1::Sha1;
use super::sha256::Sha256;
use super::{Algorithm, MESSAGES, Messages};

/// Writes the mark of each of `messages`.
#[target_feature(enable = "avx2")]
pub(super) fn marks(algorithm: Algorithm, messages: &Messages, marks: &mut [u32; MESSAGES]) {
    // SAFETY: this function is entered only where the processor has AVX2.
    unsafe {
        match algorithm {
            Algorithm::Md5 => fill::<Two<Wide>, Md5>(messages, marks),
            Algorithm::Sha1 => fill::<Two<Wide>, Sha1>(messages, marks),
            Algorithm::Sha256 => fill::<Wide, Sha256>(messages, marks),
        }
    }
}

#[derive(Clone, Copy)]
struct Wide(__m256i);

impl Wide {
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: as below.
        Self(unsafe { _mm256_and_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        // SAFETY: as below.
        Self(unsafe { _mm256_or_si256(self.0, other.0) })
    }
}

// In all of these:
// SAFETY: a value exists only where `load` was called, whose caller answered for AVX2.
impl Lanes for Wide {
    const COUNT: usize = 8;

    #[inline(always)]
    unsafe fn load(words: &[u32]) -> Self {
        match words.first_chunk::<8>() {
            // SAFETY: as above; the array is as long as the register.
            Some(words) => Self(unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }),
            // SAFETY: as above.
            None => Self(unsafe { _mm256_setzero_si256() }),
        }
    }

    #[inline(always)]
    fn store(self, words: &mut [u32]) {
        if let Some(words) = words.first_chunk_mut::<8>() {
            // SAFETY: as above; the array is as long as the register.
            unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), self.0) }
        }
    }

    #[inline(always)]
    fn splat(self, word: u32) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_set1_epi32(word.cast_signed()) })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_xor_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_slli_epi32::<LEFT>(self.0) }).or(Self(unsafe { _mm256_srli_epi32::<RIGHT>(self.0) }))
    }

    #[inline(always)]
    fn shift_right<const BITS: u32>(self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_srlv_epi32(self.0, _mm256_set1_epi32(BITS.cast_signed())) })
    }

    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        no.xor(self.and(yes.xor(no)))
    }

    #[inline(always)]
    fn majority(self, second: Self, third: Self) -> Self {
        // What two rounds in a row have in common, the first difference, is computed once.
        second.xor(self.xor(second).and(second.xor(third)))
    }

    #[inline(always)]
    fn parity(self, second: Self, third: Self) -> Self {
        self.xor(second).xor(third)
    }

    #[inline(always)]
    fn lean(self, middle: Self, last: Self) -> Self {
        middle.xor(self.or(last.xor(self.splat(u32::MAX))))
    }

    #[inline(always)]
    fn swap_bytes(self) -> Self {
        let low = 0x0405_0607_0001_0203;
        let high = low + 0x0808_0808_0808_0808;
        // SAFETY: as above.
        Self(unsafe { _mm256_shuffle_epi8(self.0, _mm256_setr_epi64x(low, high, low, high)) })
    }

    #[inline(always)]
    fn tie(first: Self, second: Self) -> (Self, Self) {
        // SAFETY: as above.
        let (first, second) = unsafe { tie(first.0, second.0) };
        (Self(first), Self(second))
    }
}

/// No instruction, but one that the compiler takes to need and to change both.
#[inline]
#[target_feature(enable = "avx2")]
fn tie(mut first: __m256i, mut second: __m256i) -> (__m256i, __m256i) {
    // SAFETY: there is nothing in it.
    unsafe {
        asm!("/* {0} {1} */", inout(ymm_reg) first, inout(ymm_reg) second, options(pure, nomem, nostack, preserves_flags));
    }
    (first, second)
}
