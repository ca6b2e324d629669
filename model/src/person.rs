//! Whom the crawler plays: a made-up person whose number may be shown.

use crate::{CprNumber, SystemId};

/// A declared made-up person. Its number is a canary: seen anywhere, it is certain and shown in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestPerson {
    /// Name in the registry, or `test-person-1` for one given on the command line.
    pub id: String,
    /// The number, declared to belong to nobody.
    pub cpr: CprNumber,
    /// The systems it may be used on; empty for all.
    pub scope: Vec<SystemId>,
}

impl TestPerson {
    /// Whether this person may be used on `system`; `None` is a site without a registry.
    pub fn may_visit(&self, system: Option<&SystemId>) -> bool {
        self.scope.is_empty() || system.is_some_and(|id| self.scope.contains(id))
    }
}
