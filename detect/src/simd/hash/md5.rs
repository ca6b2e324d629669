//! MD5 (RFC 1321) of messages of one block.

#![expect(clippy::inline_always, reason = "a round left out of line would not use the registers of its caller")]

use super::lanes::{Lanes, Rounds};

const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The sine of each step's number (RFC 1321 §3.4).
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

pub(super) struct Md5;

impl Rounds for Md5 {
    /// The first word, which the last three steps leave alone.
    #[inline(always)]
    fn mark<V: Lanes>([first, second, third]: [V; 3], bits: u32) -> V {
        let zero = first.splat(0);
        let mut words = [zero; 16];
        words[0] = first.swap_bytes();
        words[1] = second.swap_bytes();
        words[2] = third.swap_bytes();
        words[14] = first.splat(bits);
        let mut a = first.splat(START[0]);
        let mut b = first.splat(START[1]);
        let mut c = first.splat(START[2]);
        let mut d = first.splat(START[3]);

        macro_rules! step {
            ($a:ident, $b:ident, $mix:expr, $step:expr, $word:expr, $left:literal, $right:literal) => {
                $a = $a.add(words[$word % 16]).add(first.splat(SINES[$step])).add($mix);
                $a = $a.rotate::<$left, $right>().add($b).abreast();
            };
        }
        macro_rules! first_round {
            ($($t:literal)*) => {$(
                step!(a, b, b.choose(c, d), $t, $t, 7, 25);
                step!(d, a, a.choose(b, c), $t + 1, $t + 1, 12, 20);
                step!(c, d, d.choose(a, b), $t + 2, $t + 2, 17, 15);
                step!(b, c, c.choose(d, a), $t + 3, $t + 3, 22, 10);
            )*};
        }
        macro_rules! second_round {
            ($($t:literal)*) => {$(
                step!(a, b, d.choose(b, c), $t, 5 * $t + 1, 5, 27);
                step!(d, a, c.choose(a, b), $t + 1, 5 * $t + 6, 9, 23);
                step!(c, d, b.choose(d, a), $t + 2, 5 * $t + 11, 14, 18);
                step!(b, c, a.choose(c, d), $t + 3, 5 * $t + 16, 20, 12);
            )*};
        }
        macro_rules! third_round {
            ($($t:literal)*) => {$(
                step!(a, b, b.parity(c, d), $t, 3 * $t + 5, 4, 28);
                step!(d, a, a.parity(b, c), $t + 1, 3 * $t + 8, 11, 21);
                step!(c, d, d.parity(a, b), $t + 2, 3 * $t + 11, 16, 16);
                step!(b, c, c.parity(d, a), $t + 3, 3 * $t + 14, 23, 9);
            )*};
        }
        macro_rules! fourth_round {
            ($($t:literal)*) => {$(
                step!(a, b, b.lean(c, d), $t, 7 * $t, 6, 26);
                step!(d, a, a.lean(b, c), $t + 1, 7 * $t + 7, 10, 22);
                step!(c, d, d.lean(a, b), $t + 2, 7 * $t + 14, 15, 17);
                step!(b, c, c.lean(d, a), $t + 3, 7 * $t + 21, 21, 11);
            )*};
        }
        first_round!(0 4 8 12);
        second_round!(16 20 24 28);
        third_round!(32 36 40 44);
        fourth_round!(48 52 56);
        step!(a, b, b.lean(c, d), 60, 7 * 60, 6, 26);
        // Digests are bytes, and marks their words as these stand there: first byte highest.
        a.add(first.splat(START[0])).swap_bytes()
    }
}
