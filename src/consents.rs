//! The passes of an audit through a system: before an answer to its question for consent, after a no, after a yes.

use std::collections::BTreeMap;

use model::{ConsentPass, ConsentState, Redacted, SystemId, Visit, VisitId};

/// Which passes were made of which system, and what came of them.
#[derive(Debug, Default)]
pub(crate) struct Passes {
    made: BTreeMap<(Option<SystemId>, ConsentState), ConsentPass>,
    current: Option<(Option<SystemId>, ConsentState)>,
    /// Whether the pass at hand met a question.
    has_met: bool,
}

impl Passes {
    /// What is seen from now on belongs to a pass through `system`, which `has_met` a question before, in an earlier run.
    pub(crate) fn begin(&mut self, system: Option<SystemId>, state: ConsentState, has_met: bool) {
        let key = (system, state);
        self.pass(key.clone());
        (self.current, self.has_met) = (Some(key), has_met);
    }

    /// What is to be answered in the pass at hand.
    pub(crate) fn current(&self) -> Option<ConsentState> {
        self.current.as_ref().map(|(_, state)| *state)
    }

    /// A question for consent was met in a pass through `system`.
    pub(crate) fn met(&mut self, system: Option<SystemId>, state: ConsentState, banner: Redacted) {
        let key = (system, state);
        self.has_met |= self.current.as_ref() == Some(&key);
        self.pass(key).banner.get_or_insert(banner);
    }

    /// A visit of a pass, in which `held` had been answered.
    pub(crate) fn saw(&mut self, system: Option<SystemId>, state: ConsentState, held: ConsentState) {
        let pass = self.pass((system, state));
        pass.pages += 1;
        pass.pages_in_state += u64::from(held == state);
    }

    fn pass(&mut self, key: (Option<SystemId>, ConsentState)) -> &mut ConsentPass {
        let state = key.1;
        self.made.entry(key).or_insert(ConsentPass { state, banner: None, pages: 0, pages_in_state: 0 })
    }

    /// Whether a question was met in the pass at hand.
    pub(crate) fn has_met(&self) -> bool {
        self.has_met
    }

    /// The passes through `system`; none where there was but the one without an answer, and nothing asked for one.
    pub(crate) fn of(&self, system: Option<&SystemId>) -> Vec<ConsentPass> {
        let of_system = self.made.iter().filter(|((other, _), _)| other.as_ref() == system);
        let passes: Vec<ConsentPass> = of_system.map(|(_, pass)| pass.clone()).collect();
        let is_plain = |pass: &ConsentPass| pass.state == ConsentState::Untouched && pass.banner.is_none();
        if passes.iter().all(is_plain) { Vec::new() } else { passes }
    }

    /// What had been answered in each visit, of systems in which an answer was to be given.
    pub(crate) fn answers(&self, visits: &[Visit]) -> BTreeMap<VisitId, ConsentState> {
        let is_asked = |visit: &&Visit| {
            self.made.keys().any(|(system, state)| *system == visit.system && *state != ConsentState::Untouched)
        };
        visits.iter().filter(is_asked).map(|visit| (visit.id, visit.consent)).collect()
    }
}
