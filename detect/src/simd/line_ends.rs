//! How many lines end in a text: asked of every byte of a log, before anything else is.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{_mm256_cmpeq_epi8, _mm256_set1_epi8, _mm512_cmpeq_epi8_mask, _mm512_set1_epi8};

#[cfg(target_arch = "x86_64")]
use crate::simd::avx2::{self, Avx2};
#[cfg(target_arch = "x86_64")]
use crate::simd::avx512::{self, Avx512};

/// How many lines end in `bytes`.
///
/// ```
/// assert_eq!(detect::line_ends(b"one\r\ntwo\nthe last"), 2);
/// ```
pub fn line_ends(bytes: &[u8]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if Avx512::detected().is_some() {
        #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
        // SAFETY: the processor was just found to have all of them.
        return unsafe { count_512(bytes) };
    }
    #[cfg(target_arch = "x86_64")]
    if Avx2::detected().is_some() {
        #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
        // SAFETY: the processor was just found to have all of them.
        return unsafe { count_256(bytes) };
    }
    count(bytes)
}

fn count(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi1,popcnt")]
fn count_512(bytes: &[u8]) -> u64 {
    let line_end = _mm512_set1_epi8(b'\n'.cast_signed());
    let (blocks, rest) = bytes.as_chunks();
    let of = |block| u64::from(_mm512_cmpeq_epi8_mask(avx512::loaded(block), line_end).count_ones());
    blocks.iter().map(of).sum::<u64>() + count(rest)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn count_256(bytes: &[u8]) -> u64 {
    let line_end = _mm256_set1_epi8(b'\n'.cast_signed());
    let (blocks, rest) = bytes.as_chunks();
    let of = |block| u64::from(avx2::bits(_mm256_cmpeq_epi8(avx2::loaded(block), line_end)).count_ones());
    blocks.iter().map(of).sum::<u64>() + count(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_wherever_they_stand() {
        for length in [0, 1, 63, 64, 65, 127, 128, 200, 1_000] {
            for every in [1, 2, 3, 7, 64, 65] {
                let text: Vec<u8> = (0..length).map(|at| if at % every == 0 { b'\n' } else { b'\x8a' }).collect();
                let expected = text.split(|byte| *byte == b'\n').count() as u64 - 1;
                assert_eq!((line_ends(&text), count(&text)), (expected, expected), "{length} bytes, every {every}");
                #[cfg(target_arch = "x86_64")]
                if Avx2::detected().is_some() {
                    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
                    // SAFETY: the processor was just found to have all of them.
                    let found = unsafe { count_256(&text) };
                    assert_eq!(found, expected, "AVX2, {length} bytes, every {every}");
                }
            }
        }
    }
}
