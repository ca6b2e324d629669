//! Which exchanges a tester wants to see.

use std::collections::BTreeSet;

use jiff::Timestamp;
use model::Evidence;
use serde::Deserialize;

use crate::exchange::ExchangeRow;
use crate::session::State;

/// Surest first.
pub(crate) const LEVELS: [Evidence; 4] = [Evidence::E1, Evidence::E2, Evidence::E3, Evidence::E4];

/// A window of the list, as the page asks for it. What is empty filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// The first exchange wanted, among those that match, oldest first.
    pub(crate) from: u64,
    /// How many.
    pub(crate) count: usize,
    /// Part of the host.
    pub(crate) host: String,
    /// The system's id.
    pub(crate) system: String,
    /// The id of a rule of one of its findings.
    pub(crate) rule: String,
    /// The id of the severity of its worst finding, or a worse one.
    pub(crate) severity: String,
    /// `E1`, or less sure.
    pub(crate) level: String,
    /// Part of the URL or of the page.
    pub(crate) text: String,
    /// Who sent it.
    pub(crate) tester: String,
    /// `1`: with a number, more surely than a mere date.
    pub(crate) numbers: String,
    /// `1`: stopped before it left.
    pub(crate) blocked: String,
    /// A finding's fingerprint.
    pub(crate) finding: String,
    /// Only those sent after this, in milliseconds since 1970.
    pub(crate) after: String,
}

/// What is wanted, ready to be held against rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    host: String,
    text: String,
    system: Option<String>,
    tester: Option<String>,
    level: Option<Evidence>,
    with_number: bool,
    blocked: bool,
    after: Option<Timestamp>,
    /// Findings of which it must have one.
    findings: Option<BTreeSet<String>>,
}

impl Filter {
    /// What `asked` wants of the session as it is now.
    pub(crate) fn new(asked: &Asked, state: &State) -> Self {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let after = asked.after.parse().ok().and_then(|after| Timestamp::from_millisecond(after).ok());
        Self {
            host: asked.host.trim().to_lowercase(),
            text: asked.text.trim().to_lowercase(),
            system: given(&asked.system),
            tester: given(&asked.tester),
            level: LEVELS.into_iter().find(|level| level.as_str() == asked.level),
            with_number: !asked.numbers.is_empty(),
            blocked: !asked.blocked.is_empty(),
            after,
            findings: findings(asked, state),
        }
    }

    /// Whether every row matches.
    pub(crate) fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Whether `row` is wanted.
    pub(crate) fn matches(&self, row: &ExchangeRow) -> bool {
        if self.blocked && !row.blocked || self.after.is_some_and(|after| row.time <= after) {
            return false;
        }
        if self.with_number && row.evidence.is_none_or(|evidence| evidence >= Evidence::E4) {
            return false;
        }
        if self.level.is_some_and(|level| row.evidence.is_none_or(|evidence| evidence > level)) {
            return false;
        }
        if self.system.is_some() && self.system != row.system.as_ref().map(|system| system.0.clone()) {
            return false;
        }
        if self.tester.is_some() && self.tester.as_deref() != row.tester.as_ref().map(model::Redacted::as_str) {
            return false;
        }
        if self.findings.as_ref().is_some_and(|wanted| !row.findings.iter().any(|finding| wanted.contains(finding))) {
            return false;
        }
        holds(row.host.as_str(), &self.host)
            && (holds(row.url.as_str(), &self.text) || holds(row.page.as_str(), &self.text))
    }
}

fn holds(text: &str, part: &str) -> bool {
    part.is_empty() || text.to_lowercase().contains(part)
}

fn findings(asked: &Asked, state: &State) -> Option<BTreeSet<String>> {
    let least = model::Severity::ALL.into_iter().find(|severity| severity.as_str() == asked.severity);
    if asked.rule.is_empty() && asked.finding.is_empty() && least.is_none() {
        return None;
    }
    let wanted = state.findings.values().map(|(_, finding)| finding).filter(|finding| {
        (asked.rule.is_empty() || finding.rule.as_str() == asked.rule)
            && (asked.finding.is_empty() || finding.fingerprint == asked.finding)
            && least.is_none_or(|least| finding.severity >= least)
    });
    Some(wanted.map(|finding| finding.fingerprint.clone()).collect())
}
