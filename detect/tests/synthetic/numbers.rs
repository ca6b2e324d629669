//! Numbers that can belong to nobody, and the day on which they could.

use jiff::civil::{Date, date};
use model::CprNumber;

use crate::random::Random;

/// Numbers tried in each place under each encoding, half of them with a check digit that fits.
const COUNT: usize = 8;

/// A made-up number.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) number: CprNumber,
}

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
