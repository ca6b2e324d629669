//! Sixteen words in a register of AVX-512. Its three-way logic makes one instruction of each choice and majority.

#![expect(unsafe_code, reason = "instructions that not every processor has")]
#![expect(clippy::inline_always, reason = "a round left out of line would not use the registers of its caller")]

use std::arch::asm;
use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_loadu_si512, _mm512_rol_epi32, _mm512_set1_epi32, _mm512_set1_epi64,
    _mm512_setzero_si512, _mm512_shuffle_epi8, _mm512_srli_epi32, _mm512_storeu_si512, _mm512_ternarylogic_epi32,
    _mm512_xor_si512,
};

use super::lanes::{Lanes, Two, fill};
use super::md5::Md5;
use super::sha1::Sha1;
use super::sha256::Sha256;
use super::{Algorithm, MESSAGES, Messages};

/// Truth tables of three bits, as the instruction takes them: bit `4a + 2b + c` is the result.
const CHOOSE: i32 = 0b1100_1010;
const MAJORITY: i32 = 0b1110_1000;
const PARITY: i32 = 0b1001_0110;
const LEAN: i32 = 0b0011_1001;

/// Writes the mark of each of `messages`.
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn marks(algorithm: Algorithm, messages: &Messages, marks: &mut [u32; MESSAGES]) {
    // SAFETY: this function is entered only where the processor has AVX-512 F and BW.
    unsafe {
        match algorithm {
            Algorithm::Md5 => fill::<Two<Wide>, Md5>(messages, marks),
            Algorithm::Sha1 => fill::<Two<Wide>, Sha1>(messages, marks),
            Algorithm::Sha256 => fill::<Two<Wide>, Sha256>(messages, marks),
        }
    }
}

#[derive(Clone, Copy)]
struct Wide(__m512i);

// In all of these:
// SAFETY: a value exists only where `load` was called, whose caller answered for AVX-512 F and BW.
impl Lanes for Wide {
    const COUNT: usize = 16;

    #[inline(always)]
    unsafe fn load(words: &[u32]) -> Self {
        match words.first_chunk::<16>() {
            // SAFETY: as above; the array is as long as the register.
            Some(words) => Self(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }),
            // SAFETY: as above.
            None => Self(unsafe { _mm512_setzero_si512() }),
        }
    }

    #[inline(always)]
    fn store(self, words: &mut [u32]) {
        if let Some(words) = words.first_chunk_mut::<16>() {
            // SAFETY: as above; the array is as long as the register.
            unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), self.0) }
        }
    }

    #[inline(always)]
    fn splat(self, word: u32) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_set1_epi32(word.cast_signed()) })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_xor_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_rol_epi32::<LEFT>(self.0) })
    }

    #[inline(always)]
    fn shift_right<const BITS: u32>(self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_srli_epi32::<BITS>(self.0) })
    }

    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_ternarylogic_epi32::<CHOOSE>(self.0, yes.0, no.0) })
    }

    #[inline(always)]
    fn majority(self, second: Self, third: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_ternarylogic_epi32::<MAJORITY>(self.0, second.0, third.0) })
    }

    #[inline(always)]
    fn parity(self, second: Self, third: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_ternarylogic_epi32::<PARITY>(self.0, second.0, third.0) })
    }

    #[inline(always)]
    fn lean(self, middle: Self, last: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_ternarylogic_epi32::<LEAN>(self.0, middle.0, last.0) })
    }

    #[inline(always)]
    fn swap_bytes(self) -> Self {
        // The order is wanted twice in each 16 bytes: bytes 3 2 1 0, then 7 6 5 4, and so on.
        let low = 0x0405_0607_0001_0203;
        let high = low + 0x0808_0808_0808_0808;
        // SAFETY: as above.
        unsafe {
            let order = std::arch::x86_64::_mm512_mask_blend_epi64(
                0b1010_1010,
                _mm512_set1_epi64(low),
                _mm512_set1_epi64(high),
            );
            Self(_mm512_shuffle_epi8(self.0, order))
        }
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
#[target_feature(enable = "avx512f")]
fn tie(mut first: __m512i, mut second: __m512i) -> (__m512i, __m512i) {
    // SAFETY: there is nothing in it.
    unsafe {
        asm!("/* {0} {1} */", inout(zmm_reg) first, inout(zmm_reg) second, options(pure, nomem, nostack, preserves_flags));
    }
    (first, second)
}
