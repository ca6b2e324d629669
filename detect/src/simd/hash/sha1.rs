//! SHA-1 (FIPS 180-4 §6.1) of messages of one block.

#![expect(clippy::inline_always, reason = "a round left out of line would not use the registers of its caller")]
#![expect(clippy::many_single_char_names, reason = "named as in the standard")]

use super::lanes::{Lanes, Rounds, block};

const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

const ADDENDS: [u32; 4] = [0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6];

pub(super) struct Sha1;

impl Rounds for Sha1 {
    /// The fifth word, which is known four rounds before the others.
    #[inline(always)]
    fn mark<V: Lanes>(words: [V; 3], bits: u32) -> V {
        let [first, ..] = words;
        let mut words = block(words, bits);
        let mut a = first.splat(START[0]);
        let mut b = first.splat(START[1]);
        let mut c = first.splat(START[2]);
        let mut d = first.splat(START[3]);
        let mut e = first.splat(START[4]);

        macro_rules! rounds {
            ($mix:expr, $addend:expr; $($t:literal)*) => {$(
                if $t >= 16 {
                    let mixed = words[($t + 13) % 16].parity(words[($t + 8) % 16], words[($t + 2) % 16]);
                    words[$t % 16] = mixed.xor(words[$t % 16]).rotate::<1, 31>();
                }
                let sum = e.add(words[$t % 16]).add(first.splat($addend)).add($mix(b, c, d));
                e = d;
                d = c;
                c = b.rotate::<30, 2>();
                b = a;
                a = a.rotate::<5, 27>().add(sum).abreast();
            )*};
        }
        rounds!(V::choose, ADDENDS[0]; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19);
        rounds!(V::parity, ADDENDS[1]; 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39);
        rounds!(V::majority, ADDENDS[2]; 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59);
        rounds!(V::parity, ADDENDS[3]; 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75);
        let _ = (b, c, d, e);
        a.rotate::<30, 2>().add(first.splat(START[4]))
    }
}
