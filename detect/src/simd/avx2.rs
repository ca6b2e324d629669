//! What kernels have in common that look at 32 bytes at a time, on x86-64 processors since 2013 or so.

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_broadcastsi128_si256, _mm256_loadu_si256, _mm256_movemask_epi8,
};

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
}

#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
#[expect(unsafe_code, reason = "loads bytes into a vector")]
pub(super) fn loaded(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: there are 32 bytes, and the load needs no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

/// A table that each half of a register looks up in.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
#[expect(unsafe_code, reason = "loads bytes into a vector")]
pub(super) fn table(bytes: &[u8; 16]) -> __m256i {
    // SAFETY: there are 16 bytes, and the load needs no alignment.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
}

/// The highest bits of 64 bytes.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
pub(super) fn joined(low: __m256i, high: __m256i) -> u64 {
    bits(low) | bits(high) << 32
}

/// The highest bits of 32 bytes.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
pub(super) fn bits(half: __m256i) -> u64 {
    u64::from(_mm256_movemask_epi8(half).cast_unsigned())
}
