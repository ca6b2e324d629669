//! SHA-256 (FIPS 180-4 §6.2) of messages of one block.

#![expect(clippy::inline_always, reason = "a round left out of line would not use the registers of its caller")]
#![expect(clippy::many_single_char_names, reason = "named as in the standard")]

use super::lanes::{Lanes, Rounds, block};

const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Cube roots of the first primes (FIPS 180-4 §4.2.2).
const ROOTS: [u32; 64] = [
    0x428a_2f98,
    0x7137_4491,
    0xb5c0_fbcf,
    0xe9b5_dba5,
    0x3956_c25b,
    0x59f1_11f1,
    0x923f_82a4,
    0xab1c_5ed5,
    0xd807_aa98,
    0x1283_5b01,
    0x2431_85be,
    0x550c_7dc3,
    0x72be_5d74,
    0x80de_b1fe,
    0x9bdc_06a7,
    0xc19b_f174,
    0xe49b_69c1,
    0xefbe_4786,
    0x0fc1_9dc6,
    0x240c_a1cc,
    0x2de9_2c6f,
    0x4a74_84aa,
    0x5cb0_a9dc,
    0x76f9_88da,
    0x983e_5152,
    0xa831_c66d,
    0xb003_27c8,
    0xbf59_7fc7,
    0xc6e0_0bf3,
    0xd5a7_9147,
    0x06ca_6351,
    0x1429_2967,
    0x27b7_0a85,
    0x2e1b_2138,
    0x4d2c_6dfc,
    0x5338_0d13,
    0x650a_7354,
    0x766a_0abb,
    0x81c2_c92e,
    0x9272_2c85,
    0xa2bf_e8a1,
    0xa81a_664b,
    0xc24b_8b70,
    0xc76c_51a3,
    0xd192_e819,
    0xd699_0624,
    0xf40e_3585,
    0x106a_a070,
    0x19a4_c116,
    0x1e37_6c08,
    0x2748_774c,
    0x34b0_bcb5,
    0x391c_0cb3,
    0x4ed8_aa4a,
    0x5b9c_ca4f,
    0x682e_6ff3,
    0x748f_82ee,
    0x78a5_636f,
    0x84c8_7814,
    0x8cc7_0208,
    0x90be_fffa,
    0xa450_6ceb,
    0xbef9_a3f7,
    0xc671_78f2,
];

pub(super) struct Sha256;

impl Rounds for Sha256 {
    /// The eighth word, which is known three rounds before the others.
    #[inline(always)]
    fn mark<V: Lanes>(words: [V; 3], bits: u32) -> V {
        let [first, ..] = words;
        let mut words = block(words, bits);
        let mut a = first.splat(START[0]);
        let mut b = first.splat(START[1]);
        let mut c = first.splat(START[2]);
        let mut d = first.splat(START[3]);
        let mut e = first.splat(START[4]);
        let mut f = first.splat(START[5]);
        let mut g = first.splat(START[6]);
        let mut h = first.splat(START[7]);

        macro_rules! rounds {
            ($($t:literal)*) => {$(
                if $t >= 16 {
                    let near = words[($t + 14) % 16];
                    let near = near.rotate::<15, 17>().parity(near.rotate::<13, 19>(), near.shift_right::<10>());
                    let far = words[($t + 1) % 16];
                    let far = far.rotate::<25, 7>().parity(far.rotate::<14, 18>(), far.shift_right::<3>());
                    words[$t % 16] = words[$t % 16].add(words[($t + 9) % 16]).add(near.add(far));
                }
                let turned = e.rotate::<26, 6>().parity(e.rotate::<21, 11>(), e.rotate::<7, 25>());
                let sum = h.add(words[$t % 16]).add(first.splat(ROOTS[$t])).add(e.choose(f, g)).add(turned);
                let turned = a.rotate::<30, 2>().parity(a.rotate::<19, 13>(), a.rotate::<10, 22>());
                let top = turned.add(a.majority(b, c)).add(sum);
                h = g;
                g = f;
                f = e;
                e = d.add(sum).abreast();
                d = c;
                c = b;
                b = a;
                a = top.abreast();
            )*};
        }
        rounds!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
        rounds!(32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60);
        let _ = (a, b, c, d, f, g, h);
        e.add(first.splat(START[7]))
    }
}
