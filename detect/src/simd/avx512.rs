//! What kernels have in common that look at 64 bytes at a time, on x86-64 processors with AVX-512.

use std::arch::x86_64::{__m512i, _mm_loadu_si128, _mm512_broadcast_i32x4, _mm512_loadu_si512};

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
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("popcnt");
        has_all.then_some(Self(()))
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi1")]
#[expect(unsafe_code, reason = "loads bytes into a vector")]
pub(super) fn loaded(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: there are 64 bytes, and the load needs no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

/// A table that each quarter of a register looks up in.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi1")]
#[expect(unsafe_code, reason = "loads bytes into a vector")]
pub(super) fn table(bytes: &[u8; 16]) -> __m512i {
    // SAFETY: there are 16 bytes, and the load needs no alignment.
    _mm512_broadcast_i32x4(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
}
