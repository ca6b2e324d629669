//! Bytes sorted 32 at a time, on x86-64 processors since 2013 or so.

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16,
};

use super::{BLOCK, Classes, Classify, Sign, scan};

/// Bits of the two tables. A byte below 0x80 is in a class if both its halves have the bit; one from there on is in none.
const DIGIT: u8 = 1;
/// Letters from `A` to `O`, and from `P` on.
const EARLY: u8 = 1 << 1;
const LATE: u8 = 1 << 2;
/// `$`, `+`, `-`, `/`; and `_`.
const SIGN: u8 = 1 << 3;
const LINE: u8 = 1 << 4;

/// Which classes have bytes with these lower four bits.
const LOWER: [u8; 16] = [
    DIGIT | LATE,
    DIGIT | EARLY | LATE,
    DIGIT | EARLY | LATE,
    DIGIT | EARLY | LATE,
    DIGIT | EARLY | LATE | SIGN,
    DIGIT | EARLY | LATE,
    DIGIT | EARLY | LATE,
    DIGIT | EARLY | LATE,
    DIGIT | EARLY | LATE,
    DIGIT | EARLY | LATE,
    EARLY | LATE,
    EARLY | SIGN,
    EARLY,
    EARLY | SIGN,
    EARLY,
    EARLY | SIGN | LINE,
];

/// Which classes have bytes with these upper four bits.
const UPPER: [u8; 16] = [0, 0, SIGN, DIGIT, EARLY, LATE | LINE, EARLY, LATE, 0, 0, 0, 0, 0, 0, 0, 0];

/// By its lower four bits, the one byte with these that is an escape, or one that has others.
const ESCAPES: [u8; 16] = [1, 0, 0, b'#', 0, b'%', 0, 0, 0, 0, 0, 0, b'\\', 0, 0, 0];

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

    /// [`scan`] with it.
    #[inline]
    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
    pub(super) fn scan(self, bytes: &[u8], visit: &mut impl FnMut(Sign, usize)) {
        // SAFETY: `self` proves that the processor has AVX2, BMI1 and POPCNT.
        unsafe { scan_with(self, bytes, visit) }
    }
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
fn scan_with(classifier: Avx2, bytes: &[u8], visit: &mut impl FnMut(Sign, usize)) {
    scan(classifier, bytes, visit);
}

#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
#[expect(unsafe_code, reason = "loads bytes into a vector")]
fn classes(block: &[u8; BLOCK]) -> Classes {
    let (halves, _) = block.as_chunks::<32>();
    let [low, high] = halves else { return Classes::default() };
    // SAFETY: both halves have 32 bytes, and the load needs no alignment.
    let (low, high) = unsafe { (_mm256_loadu_si256(low.as_ptr().cast()), _mm256_loadu_si256(high.as_ptr().cast())) };
    let (first, second) = (kinds(low), kinds(high));
    let letter = joined(
        _mm256_or_si256(_mm256_slli_epi16::<6>(first), _mm256_slli_epi16::<5>(first)),
        _mm256_or_si256(_mm256_slli_epi16::<6>(second), _mm256_slli_epi16::<5>(second)),
    );
    Classes {
        digit: joined(_mm256_slli_epi16::<7>(first), _mm256_slli_epi16::<7>(second)),
        letter,
        // Small letters have the bit 0x20.
        small: letter & joined(_mm256_slli_epi16::<2>(low), _mm256_slli_epi16::<2>(high)),
        joint: joined(
            _mm256_or_si256(_mm256_slli_epi16::<4>(first), _mm256_slli_epi16::<3>(first)),
            _mm256_or_si256(_mm256_slli_epi16::<4>(second), _mm256_slli_epi16::<3>(second)),
        ),
        escape: joined(escapes(low), escapes(high)),
        percent: joined(equal(low, b'%'), equal(high, b'%')),
        equals: joined(equal(low, b'='), equal(high, b'=')),
        high: joined(low, high),
    }
}

/// The bits that the two tables agree on, for each byte. None for bytes from 0x80 on.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn kinds(bytes: __m256i) -> __m256i {
    let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(0x0f));
    _mm256_and_si256(_mm256_shuffle_epi8(table(&LOWER), bytes), _mm256_shuffle_epi8(table(&UPPER), upper))
}

/// The highest bit of what is an escape. A byte from 0x80 on is compared with 0.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn escapes(bytes: __m256i) -> __m256i {
    _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table(&ESCAPES), bytes), bytes)
}

#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn equal(bytes: __m256i, byte: u8) -> __m256i {
    _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()))
}

#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
#[expect(unsafe_code, reason = "loads bytes into a vector")]
fn table(bytes: &[u8; 16]) -> __m256i {
    // SAFETY: there are 16 bytes, and the load needs no alignment.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
}

/// The highest bits of 64 bytes.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn joined(low: __m256i, high: __m256i) -> u64 {
    let bits = |half| u64::from(_mm256_movemask_epi8(half).cast_unsigned());
    bits(low) | bits(high) << 32
}
