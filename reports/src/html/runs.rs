//! The numbers of findings as a reader wants them: those that follow each other as one run, `1–37, 40`.

/// Numbers that follow each other without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: u64,
    /// The same as the first in a run of one.
    pub(super) last: u64,
}

impl Run {
    /// How many numbers it is.
    pub(super) fn len(&self) -> u64 {
        self.last - self.first + 1
    }
}

/// Fewer than these are named one by one: `1, 2` is no longer than `1–2`.
const SHORTEST: u64 = 3;

/// The runs of `numbers`, which rise.
pub(super) fn runs(numbers: &[u64]) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    for number in numbers {
        match found.last_mut() {
            Some(run) if run.last + 1 == *number => run.last = *number,
            _ => found.push(Run { first: *number, last: *number }),
        }
    }
    let split = |run: Run| {
        let is_short = run.len() < SHORTEST;
        let singles = (run.first..=run.last).filter(move |_| is_short).map(|one| Run { first: one, last: one });
        singles.chain((!is_short).then_some(run))
    };
    found.into_iter().flat_map(split).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(numbers: &[u64], expected: &[(u64, u64)]) {
        let found: Vec<(u64, u64)> = runs(numbers).iter().map(|run| (run.first, run.last)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn numbers_that_follow_each_other_are_one_run() {
        case(&[1, 2, 3, 4, 7], &[(1, 4), (7, 7)]);
        case(&[1, 5, 6, 8, 9, 10], &[(1, 1), (5, 5), (6, 6), (8, 10)]);
        case(&[3], &[(3, 3)]);
        case(&[], &[]);
    }
}
