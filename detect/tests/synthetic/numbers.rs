//! Numbers that can belong to nobody, and the day on which they could.

use jiff::civil::{Date, date};
use model::CprNumber;

/// Where the generator begins: the same numbers on every run.
const SEED: u64 = 0x6370_7276_6167_7431;

/// Numbers tried in each place under each encoding, half of them with a check digit that fits.
const COUNT: usize = 8;

/// A made-up number.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) number: CprNumber,
}

/// Numbers from a seed (splitmix64, public domain).
pub(super) struct Random(u64);

/// A day on which all of them are born: only so are undeclared ones judged as real ones are today.
pub(super) fn grown_up() -> Date {
    date(2058, 6, 1)
}

/// Born 2037-2057, with and without a check digit that fits, in turn.
pub(super) fn samples() -> Vec<Sample> {
    let mut random = Random::new();
    let mut samples: Vec<Sample> = Vec::new();
    while samples.len() < COUNT {
        let (day, month, year) = (random.between(1, 28), random.between(1, 12), random.between(37, 57));
        let serial = random.between(5001, 8999);
        let number: CprNumber = format!("{day:02}{month:02}{year:02}{serial:04}").parse().unwrap();
        assert!(number.is_unassignable());
        // Dashed and compact take turns as well, so each is tried with and without.
        if number.passes_mod11() == (samples.len() % 4 < 2) {
            samples.push(Sample { number });
        }
    }
    samples
}

impl Sample {
    /// Ten digits. In clear: it is nobody's number.
    pub(super) fn compact(&self) -> String {
        self.number.reveal()
    }

    pub(super) fn dashed(&self) -> String {
        self.with("-")
    }

    /// Date and serial with `separator` between.
    pub(super) fn with(&self, separator: &str) -> String {
        let (date, serial) = self.halves();
        format!("{date}{separator}{serial}")
    }

    /// Day, month and year apart, the year as `century` makes it.
    pub(super) fn apart(&self, sign: &str, century: &str, separator: &str) -> String {
        let (date, serial) = self.halves();
        let (day, rest) = date.split_at(2);
        let (month, year) = rest.split_at(2);
        format!("{day}{sign}{month}{sign}{century}{year}{separator}{serial}")
    }

    pub(super) fn halves(&self) -> (String, String) {
        let digits = self.compact();
        let (date, serial) = digits.split_at(6);
        (date.to_owned(), serial.to_owned())
    }
}

impl Random {
    pub(super) fn new() -> Self {
        Self(SEED)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `first` to `last`, both of them among it.
    pub(super) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.next() % (last - first + 1)
    }
}
