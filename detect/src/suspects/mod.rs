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
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::candidate::find;
use crate::seek::position_of;
use crate::simd::{Sign, signs};
use crate::views::Searcher;

use self::escapes::Escapes;
use self::named::Named;
use self::runs::Runs;

/// Finds such places. One for each thread: it remembers what it has looked at.
pub struct Suspects {
    runs: Runs,
    named: Named,
    /// Declared numbers without the zero they begin with, which count unnamed.
    shortened: Vec<Vec<u8>>,
}

impl Suspects {
    pub(crate) fn new(searcher: Arc<Searcher>, seed: u64) -> Self {
        // Declared, and not shown: they are only sought.
        let digits = searcher.canaries().map(|number| number.reveal());
        let shortened = digits.filter_map(|digits| Some(digits.strip_prefix('0')?.as_bytes().to_vec())).collect();
        Self { runs: Runs::new(searcher, seed), named: Named::new(), shortened }
    }

    /// The places in `bytes`, in any order: of each line that may hold something, at least one.
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
    pub fn find(&mut self, bytes: &[u8], places: &mut Vec<usize>) {
        let Self { runs, named, shortened } = self;
        find(bytes, &mut |candidate| places.push(candidate.range.start));
        runs.begin();
        let mut escapes = Escapes::new(bytes);
        signs(bytes, &mut |sign, at| match sign {
            Sign::Run => {
                if runs.is_suspect(bytes, at) {
                    places.push(at);
                }
            }
            Sign::Escape => {
                if escapes.is_suspect(at) {
                    places.push(at);
                }
            }
            Sign::Quoted => places.push(at),
            Sign::High => {
                if escapes.has_many_high(at) {
                    places.push(at);
                }
            }
        });
        named.find(bytes, places);
        for digits in shortened {
            let mut from = 0;
            while let Some(at) = bytes.get(from..).and_then(|rest| position_of(rest, digits)) {
                places.push(from + at);
                from += at + digits.len();
            }
        }
    }
}
