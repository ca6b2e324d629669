//! Transmissions beside persons, for each system and in all: the first add up, the second do not.

use model::{Finding, Verdict};

use crate::summary::{Extract, Persons, is_number, reached};

/// What one system, or all of a part, comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    /// How often a number surer than E4 reached somebody else.
    pub(crate) transmissions: u64,
    /// Different persons, test persons among them.
    pub(crate) persons: Persons,
    /// Of these, declared test persons.
    pub(crate) test: u64,
    /// Whether there may be more of those.
    pub(crate) test_at_least: bool,
    /// Whether anything was seen at all.
    pub(crate) is_covered: bool,
}

impl Share {
    /// That of `part`.
    pub(crate) fn of(part: &Extract<'_>) -> Self {
        let any_reached = part.has(reached);
        let counts = |finding: &Finding| if any_reached { reached(finding) } else { is_number(finding) };
        let counted = part.findings.iter().filter(|finding| counts(finding) && finding.test_persons > 0);
        let test = counted.clone().map(|finding| finding.test_persons).max().unwrap_or_default();
        // Who are all that there are can be no more.
        let are_all = u64::try_from(part.scan.test_persons.len()).is_ok_and(|all| all == test);
        let is_covered = !part.findings.is_empty()
            || part.systems.is_empty()
            || part.systems.iter().any(|system| system.verdict != Verdict::NotCovered);
        Self {
            transmissions: part.transmissions(),
            persons: part.persons(),
            test,
            test_at_least: counted.count() > 1 && !are_all,
            is_covered,
        }
    }

    /// That of the findings of `part` that belong to none of its systems; `None` where there are none.
    pub(crate) fn of_stray(part: &Extract<'_>) -> Option<Self> {
        let findings = part.stray_findings();
        (!findings.is_empty())
            .then(|| Self::of(&Extract { scan: part.scan, systems: Vec::new(), findings, blind_spots: Vec::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn transmissions_of_the_systems_add_up_to_those_in_all() {
        for scan in [sample::scan(), sample::bare(), sample::hostile()] {
            let whole = Extract::whole(&scan);
            let parts = whole.systems.iter().map(|system| Share::of(&Extract::of_system(&scan, system)));
            let all = parts.chain(Share::of_stray(&whole)).map(|share| share.transmissions);
            let sum = all.fold(0_u64, u64::saturating_add);
            assert_eq!(sum, Share::of(&whole).transmissions);
        }
    }

    #[test]
    fn test_persons_are_told_apart() {
        let mut scan = sample::scan();
        let share = Share::of(&Extract::whole(&scan));
        assert_eq!((share.persons.count, share.test, share.test_at_least), (1, 1, false));
        let first = scan.findings.iter_mut().find(|finding| reached(finding)).unwrap();
        (first.persons, first.transmissions) = (3_315, 4_735);
        let share = Share::of(&Extract::whole(&scan));
        assert_eq!((share.persons.count, share.persons.at_least, share.test), (3_315, true, 1));
    }

    #[test]
    fn what_was_not_covered_has_no_noughts() {
        let scan = sample::scan();
        assert!(!Share::of(&Extract::of_system(&scan, &scan.systems[2])).is_covered);
        assert!(Share::of(&Extract::of_system(&scan, &scan.systems[1])).is_covered);
    }
}
