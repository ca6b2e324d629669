//! Where in raw text something stands that may be a number, in any form and encoding known here: for logs, of which few
//! lines are worth the whole of the detector.
//!
//! What is told is a superset, cheap to find; what is not told holds nothing that the detector would find in that line.
//! Sought are: numbers as they are written ([`crate::find`]); runs that are no words, unless they are known to decode to
//! nothing; digits behind escapes; letters of other scripts, which have digits; and names of personal numbers, under which
//! a number counts however it is written.

mod escapes;
mod named;
mod runs;
mod sieve;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::candidate::Along;
use crate::seek::position_of;
use crate::simd::{Sign, signs};
use crate::views::Searcher;

use self::escapes::Escapes;
use self::named::{FIRST_LETTERS, is_name_at};
use self::runs::Runs;
pub(crate) use self::sieve::Sieve;

/// What else is seen on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// How many lines end.
    pub line_ends: u64,
    /// Whether there is a NUL byte.
    pub has_nul: bool,
}

/// Finds such places. One for each thread: it remembers what it has looked at.
pub struct Suspects {
    runs: Runs,
    /// Declared numbers without the zero they begin with, which count unnamed.
    shortened: Vec<Vec<u8>>,
}

impl Suspects {
    pub(crate) fn new(searcher: Arc<Searcher>, seed: u64) -> Self {
        // Declared, and not shown: they are only sought.
        let digits = searcher.canaries().map(|number| number.reveal());
        let shortened = digits.filter_map(|digits| Some(digits.strip_prefix('0')?.as_bytes().to_vec())).collect();
        Self { runs: Runs::new(searcher, seed), shortened }
    }

    /// The places in `bytes`, in any order: of each line that may hold something, at least one. Tells how many lines there are,
    /// which is seen on the way.
    ///
    /// ```
    /// # use detect::{Inspector, Parties, Setup};
    /// # let today = jiff::civil::date(2026, 11, 22);
    /// # let setup = Setup { test_persons: vec![], key: [7; 32], today, parties: Parties::first_party(vec![]) };
    /// let mut suspects = Inspector::new(setup).suspects();
    /// let mut places = Vec::new();
    /// suspects.find(b"GET /hjem HTTP/1.1\nGET /?x=MDEwMTQ1NTAwMQ HTTP/1.1\n", &mut places);
    /// assert!(!places.is_empty() && places.iter().all(|place| *place > 19));
    /// ```
    pub fn find(&mut self, bytes: &[u8], places: &mut Vec<usize>) -> Others {
        let Self { runs, shortened } = self;
        let mut numbers = Along::default();
        let mut escapes = Escapes::new(bytes);
        runs.begin();
        let others = signs(bytes, &FIRST_LETTERS, &mut |sign, place| {
            let at = place.start;
            let is_suspect = match sign {
                Sign::Start => numbers.candidate(bytes, at).is_some(),
                Sign::Run => runs.is_suspect(bytes, place),
                Sign::Escape => escapes.is_suspect(at),
                Sign::Quoted => true,
                Sign::High => escapes.has_many_high(at),
                Sign::Name => is_name_at(bytes, at),
            };
            if is_suspect {
                places.push(at);
            }
        });
        for digits in shortened {
            let mut from = 0;
            while let Some(at) = bytes.get(from..).and_then(|rest| position_of(rest, digits)) {
                places.push(from + at);
                from += at + digits.len();
            }
        }
        others
    }
}
