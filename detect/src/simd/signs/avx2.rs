//! Bytes sorted 32 at a time, on x86-64 processors since 2013 or so.

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_setzero_si256,
    _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16,
};
use std::ops::Range;

use super::super::starts::Classify as _;
use super::initials::{Initials, LOOKED_AT};
use super::planes::{BREAK, END, EQUALS, HIGH, LETTER, NAME, NUL, Planes, SMALL, TOKEN, WINDOW};
use super::scalar::put;
use super::{BATCH, BLOCK, Sign, Sort, scan};
use crate::simd::avx2::{Avx2, bits, joined, loaded, table};
use crate::suspects::Others;

/// Bits of the two tables. A byte below 0x80 is in a class if both its halves have the bit; one from there on is in none.
/// Letters from `A` to `O`, and from `P` on.
const EARLY: u8 = 1 << 1;
const LATE: u8 = 1 << 2;
/// `$`, `+`, `-`, `/`; and `_`.
const SIGN: u8 = 1 << 3;
const LINE: u8 = 1 << 4;

/// Which classes have bytes with these lower four bits.
const LOWER: [u8; 16] = [
    LATE,
    EARLY | LATE,
    EARLY | LATE,
    EARLY | LATE,
    EARLY | LATE | SIGN,
    EARLY | LATE,
    EARLY | LATE,
    EARLY | LATE,
    EARLY | LATE,
    EARLY | LATE,
    EARLY | LATE,
    EARLY | SIGN,
    EARLY,
    EARLY | SIGN,
    EARLY,
    EARLY | SIGN | LINE,
];

/// Which classes have bytes with these upper four bits.
const UPPER: [u8; 16] = [0, 0, SIGN, 0, EARLY, LATE | LINE, EARLY, LATE, 0, 0, 0, 0, 0, 0, 0, 0];

/// By its lower four bits, the one byte with these that is an escape, or one that has others.
const ESCAPES: [u8; 16] = [1, 0, 0, b'#', 0, b'%', 0, 0, 0, 0, 0, 0, b'\\', 0, 0, 0];

/// [`scan`] with it.
#[inline]
#[expect(unsafe_code, reason = "calls what needs the processor's feature")]
pub(super) fn scan_wide(
    kernel: Avx2,
    bytes: &[u8],
    initials: &Initials,
    visit: &mut impl FnMut(Sign, Range<usize>),
) -> Others {
    // SAFETY: `kernel` proves that the processor has AVX2, BMI1 and POPCNT.
    unsafe { scan_with(kernel, bytes, initials, visit) }
}

impl Sort for Avx2 {
    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
    fn sort(self, window: &[u8; WINDOW], initials: &Initials, planes: &mut Planes) {
        let (blocks, _) = window.as_chunks::<BLOCK>();
        for (number, block) in blocks.iter().take(BATCH).enumerate() {
            put(planes, number, self.classes(block));
            // SAFETY: `self` proves that the processor has all of them.
            unsafe { sort(block, number, planes) };
            let ahead = window.get(number * BLOCK..).and_then(|rest| rest.first_chunk());
            // SAFETY: likewise.
            let names = ahead.map(|ahead| unsafe { names(ahead, initials) });
            planes.put(number, NAME, names.unwrap_or_default());
        }
    }
}

#[target_feature(enable = "avx2,bmi1,popcnt")]
fn scan_with(kernel: Avx2, bytes: &[u8], initials: &Initials, visit: &mut impl FnMut(Sign, Range<usize>)) -> Others {
    scan(kernel, bytes, initials, visit)
}

#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn sort(block: &[u8; BLOCK], number: usize, planes: &mut Planes) {
    let (halves, _) = block.as_chunks::<32>();
    let [low, high] = halves else { return };
    let (low, high) = (loaded(low), loaded(high));
    let (first, second) = (kinds(low), kinds(high));
    let letter = joined(
        _mm256_or_si256(_mm256_slli_epi16::<6>(first), _mm256_slli_epi16::<5>(first)),
        _mm256_or_si256(_mm256_slli_epi16::<6>(second), _mm256_slli_epi16::<5>(second)),
    );
    let token = joined(
        _mm256_or_si256(_mm256_slli_epi16::<4>(first), _mm256_slli_epi16::<3>(first)),
        _mm256_or_si256(_mm256_slli_epi16::<4>(second), _mm256_slli_epi16::<3>(second)),
    );
    // Small letters have the bit 0x20.
    let small = letter & joined(_mm256_slli_epi16::<2>(low), _mm256_slli_epi16::<2>(high));
    let equal = |byte| joined(equal(low, byte), equal(high, byte));
    for (class, mask) in [
        (HIGH, joined(low, high)),
        (LETTER, letter),
        (SMALL, small),
        (TOKEN, token),
        (BREAK, joined(escapes(low), escapes(high))),
        (EQUALS, equal(b'=')),
        (END, equal(b'\n')),
        (NUL, equal(0)),
    ] {
        planes.put(number, class, mask);
    }
}

/// Where the first of three bytes may stand that begin a name. Some are told that do not.
#[inline]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn names(ahead: &[u8; BLOCK + LOOKED_AT - 1], initials: &Initials) -> u64 {
    let half = |from: usize| {
        let mut groups = _mm256_set1_epi8(-1);
        let tables = initials.lower.iter().zip(&initials.upper);
        for (place, (lower, upper)) in tables.enumerate() {
            let Some(bytes) = ahead.get(from + place..).and_then(|rest| rest.first_chunk()) else { return 0 };
            let bytes = _mm256_and_si256(loaded(bytes), _mm256_set1_epi8(0x7f));
            let high = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(0x0f));
            let of =
                _mm256_and_si256(_mm256_shuffle_epi8(table(lower), bytes), _mm256_shuffle_epi8(table(upper), high));
            groups = _mm256_and_si256(groups, of);
        }
        !bits(_mm256_cmpeq_epi8(groups, _mm256_setzero_si256())) & u64::from(u32::MAX)
    };
    half(0) | half(32) << 32
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
