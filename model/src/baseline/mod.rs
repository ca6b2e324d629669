//! Findings that somebody has accepted for a while: a text file that is reviewed like code, and what it does to a scan.
//!
//! Accepting changes nothing that was seen: the finding stays in every report, marked. It only counts no more, until the
//! acceptance runs out.

mod file;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::{Finding, Redacted, Rule, Scan, SystemId};

/// An acceptance lasts at most so long: then somebody looks again.
pub const MAX_ACCEPTED_DAYS: i32 = 180;

/// What was accepted, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// One for each finding.
    pub entries: Vec<BaselineEntry>,
}

/// A finding that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineEntry {
    /// The finding's, all 32 digits.
    pub fingerprint: String,
    /// The finding's. Says to a reviewer what is accepted, and must be right.
    pub rule: Rule,
    /// The finding's; likewise.
    pub system: Option<SystemId>,
    /// Who answers for it.
    pub accepted_by: String,
    /// The case that the decision stands in.
    pub case: String,
    /// Why.
    pub reason: String,
    /// The first day on which it holds.
    pub accepted: Date,
    /// The last.
    pub expires: Date,
    /// Line of its `[[accepted]]` in the file, from 1.
    pub line: usize,
}

/// That a finding was accepted, as a report shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Whether it holds.
    pub state: AcceptanceState,
    /// Who answers for it.
    pub accepted_by: Redacted,
    /// The case that the decision stands in.
    pub case: Redacted,
    /// Why.
    pub reason: Redacted,
    /// The first day on which it holds.
    pub accepted: Date,
    /// The last.
    pub expires: Date,
}

/// Whether an acceptance holds on the day of the run, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AcceptanceState {
    /// It does: the finding does not count.
    Accepted,
    /// No more: the finding counts again.
    Expired,
    /// Not yet: the finding counts.
    NotYet,
}

/// What a baseline did in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineRecord {
    /// Its entries.
    pub entries: u64,
    /// The findings of this run that do not count because of them.
    pub accepted: u64,
    /// What is to be said of single entries, in the order of the file.
    pub remarks: Vec<BaselineRemark>,
}

/// Something to be said of an entry of the baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineRemark {
    /// What.
    pub kind: BaselineRemarkKind,
    /// The entry's.
    pub fingerprint: String,
    /// The entry's.
    pub rule: Rule,
    /// The entry's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemId>,
    /// Who answers for it.
    pub accepted_by: Redacted,
    /// The case that the decision stands in.
    pub case: Redacted,
    /// The last day on which it holds.
    pub expires: Date,
    /// Its line in the file, from 1.
    pub line: u64,
}

/// What is told apart of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaselineRemarkKind {
    /// Its finding is still there, and counts again.
    Expired,
    /// Its finding is there, and counts until the acceptance begins.
    NotYet,
    /// The finding of that fingerprint is of another rule or system than the entry says: it counts.
    Mismatched,
    /// No finding of this run has that fingerprint: it was mended, or not reached.
    Unmatched,
    /// Its system was not in this run.
    NotInRun,
}

impl Baseline {
    /// What is accepted of `finding`, on `today`: that is noted in it.
    pub fn mark(&self, finding: &mut Finding, today: Date) {
        let entry = self.entries.iter().find(|entry| entry.is_of(finding));
        finding.acceptance = entry.map(|entry| entry.acceptance(today));
    }

    /// The same on the day that `finding` was last seen.
    pub fn mark_as_of_its_last_day(&self, finding: &mut Finding) {
        let today = day(finding.last_seen);
        self.mark(finding, today);
    }

    /// Marks every finding of `scan` by the day it ended on, and says in it what became of each entry.
    pub fn apply(&self, scan: &mut Scan) {
        let today = day(scan.ended);
        for finding in &mut scan.findings {
            self.mark(finding, today);
        }
        let remarks = self.entries.iter().filter_map(|entry| entry.remark(scan, today)).collect();
        let accepted = scan.findings.iter().filter(|finding| finding.is_accepted()).count() as u64;
        scan.baseline = Some(BaselineRecord { entries: self.entries.len() as u64, accepted, remarks });
    }
}

impl BaselineEntry {
    /// Whether it accepts `finding`: the same fingerprint, and the same rule and system as a reviewer was told.
    pub fn is_of(&self, finding: &Finding) -> bool {
        self.fingerprint == finding.fingerprint && self.names(finding)
    }

    fn names(&self, finding: &Finding) -> bool {
        self.rule == finding.rule && self.system == finding.system
    }

    /// Whether it holds on `today`.
    pub fn state(&self, today: Date) -> AcceptanceState {
        match () {
            () if today > self.expires => AcceptanceState::Expired,
            () if today < self.accepted => AcceptanceState::NotYet,
            () => AcceptanceState::Accepted,
        }
    }

    /// The last day that an acceptance from `accepted` on may hold.
    pub fn latest(accepted: Date) -> Date {
        accepted.saturating_add(MAX_ACCEPTED_DAYS.days())
    }

    fn acceptance(&self, today: Date) -> Acceptance {
        Acceptance {
            state: self.state(today),
            accepted_by: Redacted::own_words(&self.accepted_by),
            case: Redacted::own_words(&self.case),
            reason: Redacted::own_words(&self.reason),
            accepted: self.accepted,
            expires: self.expires,
        }
    }

    fn remark(&self, scan: &Scan, today: Date) -> Option<BaselineRemark> {
        let found = scan.findings.iter().find(|finding| finding.fingerprint == self.fingerprint);
        let kind = match found {
            Some(finding) if !self.names(finding) => BaselineRemarkKind::Mismatched,
            Some(_) => match self.state(today) {
                AcceptanceState::Accepted => return None,
                AcceptanceState::Expired => BaselineRemarkKind::Expired,
                AcceptanceState::NotYet => BaselineRemarkKind::NotYet,
            },
            None if scan.systems.iter().any(|system| system.id == self.system) => BaselineRemarkKind::Unmatched,
            None => BaselineRemarkKind::NotInRun,
        };
        Some(BaselineRemark {
            kind,
            fingerprint: self.fingerprint.clone(),
            rule: self.rule,
            system: self.system.clone(),
            accepted_by: Redacted::own_words(&self.accepted_by),
            case: Redacted::own_words(&self.case),
            expires: self.expires,
            line: self.line as u64,
        })
    }
}

impl BaselineRemarkKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Expired, Self::NotYet, Self::Mismatched, Self::Unmatched, Self::NotInRun];

    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::NotYet => "not-yet",
            Self::Mismatched => "mismatched",
            Self::Unmatched => "unmatched",
            Self::NotInRun => "not-in-run",
        }
    }
}

fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}
