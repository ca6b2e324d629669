//! Numbers from a seed, the same on every run (splitmix64, public domain).

use crate::encoders::Kind;

/// Where every test begins.
const SEED: u64 = 0x6370_7276_6167_7431;

/// What seems random.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new() -> Self {
        Self(SEED)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `first` to `last`, both of them among it.
    pub(crate) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.next() % (last - first + 1)
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let last = u64::try_from(from.len()).unwrap() - 1;
        &from[usize::try_from(self.between(0, last)).unwrap()]
    }

    /// Bytes of `kind` in any order; as a number, nine digits: too few for one.
    pub(crate) fn payload(&mut self, kind: Kind, length: usize) -> Vec<u8> {
        match kind {
            Kind::Number => b"123456789".to_vec(),
            Kind::Token | Kind::Ascii => (0..length).map(|_| self.byte(0x20, 0x7e)).collect(),
            Kind::Printable | Kind::Foreign | Kind::Text => {
                let character = |_| char::from_u32(u32::try_from(self.between(0xa0, 0x24f)).unwrap()).unwrap();
                (0..length / 2).map(character).collect::<String>().into_bytes()
            }
            Kind::Signed | Kind::Unsigned | Kind::Body => (0..length).map(|_| self.byte(0, 255)).collect(),
        }
    }

    fn byte(&mut self, first: u64, last: u64) -> u8 {
        u8::try_from(self.between(first, last)).unwrap()
    }
}
