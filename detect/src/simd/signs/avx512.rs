//! Bytes sorted 64 at a time, on x86-64 processors with AVX-512, tables of 128 bytes and bit matrices: the newer ones.
//!
//! One table tells of each byte which of eight classes it is in, a bit each. To have a mask of each class, the bits of all
//! bytes are turned around: within each eight bytes by a bit matrix, then the bytes of these, then eight blocks together.

use std::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_gf2p8affine_epi64_epi8, _mm512_mask_mov_epi8, _mm512_movepi8_mask,
    _mm512_permutex2var_epi8, _mm512_permutex2var_epi64, _mm512_permutexvar_epi8, _mm512_set1_epi8, _mm512_set1_epi64,
    _mm512_setr_epi64, _mm512_setzero_si512, _mm512_storeu_si512, _mm512_test_epi8_mask, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi64,
};
use std::ops::Range;

use super::super::starts::{ESCAPES, LOWER, UPPER};
use super::initials::{Initials, LOOKED_AT};
use super::planes::{HIGH, LETTER, NAME, Planes, WINDOW};
use super::{BATCH, BLOCK, Sign, Sort, scan};
use crate::simd::avx512::loaded;
use crate::suspects::Others;

/// Blocks whose masks fill a register.
const LANES: usize = 8;

/// The first eight classes of each byte below 0x80, in the order of their places.
const FIRST: [u8; 128] = {
    let mut classes = [0; 128];
    let mut byte = 0_u8;
    #[expect(clippy::indexing_slicing, reason = "made when compiled: an index beyond a table does not compile")]
    while byte < 0x80 {
        let (lower, upper) = ((byte & 0x0f) as usize, (byte >> 4) as usize);
        let escape = if ESCAPES[lower] == byte { 1 << super::planes::ESCAPE } else { 0 };
        classes[byte as usize] = (LOWER[lower] & UPPER[upper]) | escape;
        byte += 1;
    }
    classes
};

/// The other classes, but for that of names.
const SECOND: [u8; 128] = {
    let mut classes = [0; 128];
    let mut byte = 0_u8;
    #[expect(clippy::indexing_slicing, reason = "made when compiled: an index beyond a table does not compile")]
    while byte < 0x80 {
        let letter = byte.is_ascii_alphabetic() as u8;
        let small = byte.is_ascii_lowercase() as u8;
        let token = matches!(byte, b'+' | b'-' | b'/' | b'_' | b'$') as u8;
        let escape = matches!(byte, b'%' | b'\\' | b'#') as u8;
        let (equals, end, nul) = ((byte == b'=') as u8, (byte == b'\n') as u8, (byte == 0) as u8);
        classes[byte as usize] = letter | small << 1 | token << 2 | escape << 3 | equals << 4 | end << 5 | nul << 6;
        byte += 1;
    }
    classes
};

/// The eight bytes of each eight, the last first: a bit matrix has its rows so.
const REVERSED: [u8; BLOCK] = {
    let mut places = [0; BLOCK];
    let mut at = 0_u8;
    #[expect(clippy::indexing_slicing, reason = "made when compiled: an index beyond a table does not compile")]
    while (at as usize) < BLOCK {
        places[at as usize] = at ^ 7;
        at += 1;
    }
    places
};

/// The first bytes of each eight, then the second, and so on.
const GATHERED: [u8; BLOCK] = {
    let mut places = [0; BLOCK];
    let mut at = 0_u8;
    #[expect(clippy::indexing_slicing, reason = "made when compiled: an index beyond a table does not compile")]
    while (at as usize) < BLOCK {
        places[at as usize] = (at % 8) * 8 + at / 8;
        at += 1;
    }
    places
};

/// Ones along the diagonal: what a bit matrix is turned around by.
const DIAGONAL: i64 = i64::from_le_bytes([1, 2, 4, 8, 16, 32, 64, 128]);

/// Proof that the processor has AVX-512 with its instructions for bytes, tables and bit matrices: only [`Tables::detected`]
/// makes one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tables(());

impl Tables {
    /// One, if this processor can.
    #[inline]
    pub(super) fn detected() -> Option<Self> {
        let has_all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("avx512vpopcntdq")
            && is_x86_feature_detected!("gfni")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        has_all.then_some(Self(()))
    }

    /// [`scan`] with it.
    #[inline]
    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
    pub(super) fn scan(self, bytes: &[u8], initials: &Initials, visit: &mut impl FnMut(Sign, Range<usize>)) -> Others {
        // SAFETY: `self` proves that the processor has all of them.
        unsafe { scan_with(self, bytes, initials, visit) }
    }
}

impl Sort for Tables {
    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    #[expect(unsafe_code, reason = "calls what needs the processor's feature")]
    fn sort(self, window: &[u8; WINDOW], initials: &Initials, planes: &mut Planes) {
        // SAFETY: `self` proves that the processor has all of them.
        unsafe { sort(window, initials, planes) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vpopcntdq,gfni,bmi1,lzcnt,popcnt")]
fn scan_with(kernel: Tables, bytes: &[u8], initials: &Initials, visit: &mut impl FnMut(Sign, Range<usize>)) -> Others {
    scan(kernel, bytes, initials, visit)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vpopcntdq,gfni,bmi1,lzcnt,popcnt")]
fn sort(window: &[u8; WINDOW], initials: &Initials, planes: &mut Planes) {
    let [first_table, second_table] = [&FIRST, &SECOND].map(|bytes| table(bytes));
    let [one, two, three] = initials.bytes.each_ref().map(|bytes| table(bytes));
    let (reversed, gathered) = (loaded(&REVERSED), loaded(&GATHERED));
    let diagonal = _mm512_set1_epi64(DIAGONAL);
    let is_high = _mm512_set1_epi8((1_u8 << HIGH).cast_signed());
    let masks =
        |classes: __m512i| _mm512_permutexvar_epi8(gathered, _mm512_gf2p8affine_epi64_epi8::<0>(diagonal, classes));
    let mut number = 0;
    while number < BATCH {
        let mut firsts = [_mm512_setzero_si512(); LANES];
        let mut seconds = firsts;
        let mut names = [0; LANES];
        let rows = firsts.iter_mut().zip(&mut seconds).zip(&mut names);
        for (((first, second), names), number) in rows.zip(number..) {
            let ahead = window.get(number * BLOCK..).and_then(|rest| rest.first_chunk::<{ BLOCK + LOOKED_AT - 1 }>());
            let Some(ahead) = ahead else { return };
            let at = |from: usize| ahead.get(from..).and_then(|rest| rest.first_chunk()).map(|bytes| loaded(bytes));
            let (Some(bytes), Some(next), Some(after)) = (at(0), at(1), at(2)) else { return };
            let groups = _mm512_and_si512(looked_up(one, bytes), looked_up(two, next));
            *names = _mm512_test_epi8_mask(groups, looked_up(three, after));
            let bytes = _mm512_permutexvar_epi8(reversed, bytes);
            // The tables are of the lower seven bits.
            let high = _mm512_movepi8_mask(bytes);
            *first = masks(_mm512_mask_mov_epi8(looked_up(first_table, bytes), high, is_high));
            *second = masks(_mm512_mask_mov_epi8(looked_up(second_table, bytes), high, _mm512_setzero_si512()));
        }
        for (classes, rows) in [(0, firsts), (LETTER, seconds)] {
            for (class, masks) in (classes..NAME.min(classes + LANES)).zip(turned(&rows)) {
                if let Some(room) = planes.eight(number, class) {
                    store(room, masks);
                }
            }
        }
        if let Some(room) = planes.eight(number, NAME) {
            *room = names;
        }
        number += LANES;
    }
}

/// Rows made columns: the first place of each row, then the second, and so on.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vpopcntdq,gfni,bmi1,lzcnt,popcnt")]
fn turned(rows: &[__m512i; LANES]) -> [__m512i; LANES] {
    let [first, second, third, fourth, fifth, sixth, seventh, eighth] = *rows;
    // Of the rows `a` and `b`: `a0 b0 a2 b2 ..` and `a1 b1 a3 b3 ..`.
    let even = |one, other| _mm512_unpacklo_epi64(one, other);
    let odd = |one, other| _mm512_unpackhi_epi64(one, other);
    // `a0 b0 c0 d0 a4 ..` and `a2 b2 c2 d2 a6 ..`.
    let pairs = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    let later_pairs = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    // `a0 .. h0` and `a4 .. h4`.
    let halves = _mm512_setr_epi64(0, 1, 2, 3, 8, 9, 10, 11);
    let later_halves = _mm512_setr_epi64(4, 5, 6, 7, 12, 13, 14, 15);
    let of = |one, places, other| _mm512_permutex2var_epi64(one, places, other);
    let columns = |ab, cd, ef, gh| {
        let (above, below) = (of(ab, pairs, cd), of(ef, pairs, gh));
        let (later_above, later_below) = (of(ab, later_pairs, cd), of(ef, later_pairs, gh));
        [
            of(above, halves, below),
            of(later_above, halves, later_below),
            of(above, later_halves, below),
            of(later_above, later_halves, later_below),
        ]
    };
    let [column_0, column_2, column_4, column_6] =
        columns(even(first, second), even(third, fourth), even(fifth, sixth), even(seventh, eighth));
    let [column_1, column_3, column_5, column_7] =
        columns(odd(first, second), odd(third, fourth), odd(fifth, sixth), odd(seventh, eighth));
    [column_0, column_1, column_2, column_3, column_4, column_5, column_6, column_7]
}

/// A table of what each byte below 0x80 is.
type Table = (__m512i, __m512i);

/// What `table` tells of each byte; of one from 0x80 on, what it tells of its lower seven bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vpopcntdq,gfni,bmi1,lzcnt,popcnt")]
fn looked_up((lower, upper): Table, bytes: __m512i) -> __m512i {
    _mm512_permutex2var_epi8(lower, bytes, upper)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vpopcntdq,gfni,bmi1,lzcnt,popcnt")]
fn table(bytes: &[u8; 128]) -> Table {
    let (halves, _) = bytes.as_chunks::<BLOCK>();
    match halves {
        [lower, upper] => (loaded(lower), loaded(upper)),
        _ => (_mm512_setzero_si512(), _mm512_setzero_si512()),
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vpopcntdq,gfni,bmi1,lzcnt,popcnt")]
#[expect(unsafe_code, reason = "stores a vector")]
fn store(room: &mut [u64; LANES], masks: __m512i) {
    // SAFETY: there is room for 64 bytes, and the store needs no alignment.
    unsafe { _mm512_storeu_si512(room.as_mut_ptr().cast(), masks) }
}
