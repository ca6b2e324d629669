//! A piece of a body begins with the end of the piece before: what lies in that end alone was told with it.

use crate::found::{Found, Hit};

impl Found {
    /// Whether there is anything that the beginning may have told.
    pub(crate) fn may_repeat(&self) -> bool {
        let Self { hits, doubtful, look_alikes, tens, altered, digests, .. } = self;
        let has_numbers = !hits.is_empty() || !doubtful.is_empty() || !tens.is_empty() || *look_alikes > 0;
        has_numbers || !altered.is_empty() || !digests.is_empty()
    }

    /// Leaves out what was `told` of the beginning alone, as often as it was. What reaches beyond it is not found there,
    /// and stays.
    pub(crate) fn leave_out(&mut self, told: &Self) {
        for known in told.hits.iter().chain(&told.doubtful) {
            let is_same = |hit: &Hit| (hit.number, hit.form) == (known.number, known.form);
            // With more to its right it may be judged otherwise.
            if !leave_out_one(&mut self.hits, is_same) {
                leave_out_one(&mut self.doubtful, is_same);
            }
        }
        for known in &told.tens {
            leave_out_one(&mut self.tens, |ten| ten.digits == known.digits);
        }
        for (_, known) in &told.altered {
            leave_out_one(&mut self.altered, |(_, alteration)| alteration == known);
        }
        for (_, known) in &told.digests {
            leave_out_one(&mut self.digests, |(_, digest)| digest == known);
        }
        self.look_alikes = self.look_alikes.saturating_sub(told.look_alikes);
    }
}

/// Leaves out the first that `is_it`, since the beginning comes first; `false` when there is none.
fn leave_out_one<T>(all: &mut Vec<T>, is_it: impl Fn(&T) -> bool) -> bool {
    match all.iter().position(is_it) {
        Some(at) => {
            all.remove(at);
            true
        }
        None => false,
    }
}
