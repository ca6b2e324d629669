//! What logs answer beyond their findings: since when, how many citizens, and which days nobody can answer for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Finding, Redacted};

/// What the logs of a run say together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogAnswer {
    /// The logs that were read, in order.
    pub files: Vec<LogFile>,
    /// Different persons whose numbers were seen for sure in any finding. Declared test persons are not among them.
    pub persons: u64,
    /// What the findings say beyond themselves, by their fingerprints.
    pub findings: BTreeMap<String, LogFinding>,
    /// Days between the first line and the last of all logs of which none has a line, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<LogGap>,
    /// Requests that several findings have in common: each finding counts them, and a sum of findings counts them once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<LogShared>,
}

/// Requests that the same findings have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogShared {
    /// The findings' fingerprints, two or more, in order.
    pub findings: Vec<String>,
    /// Requests by day, in UTC.
    pub days: BTreeMap<Date, u64>,
    /// Of all of them, those that reached nobody.
    #[serde(default, skip_serializing_if = "is_none")]
    pub undelivered: u64,
    /// Those by programs that are no citizen's browser.
    #[serde(default, skip_serializing_if = "is_none")]
    pub by_robots: u64,
    /// Requests of unknown time, which are in no day.
    #[serde(default, skip_serializing_if = "is_none")]
    pub untimed: u64,
}

impl LogAnswer {
    /// How many of a finding's transmissions are of unknown time.
    pub fn untimed(&self, finding: &Finding) -> u64 {
        self.findings.get(&finding.fingerprint).map_or(0, |told| told.untimed)
    }

    /// Whether all of them are: then the times of the finding are the run's.
    pub fn is_undated(&self, finding: &Finding) -> bool {
        (1..=self.untimed(finding)).contains(&finding.transmissions)
    }

    /// How often requests that reached somebody are counted more than once by the findings of which `counts` says yes: what a
    /// sum of them is too high by.
    pub fn counted_again(&self, counts: impl Fn(&str) -> bool) -> u64 {
        self.shared.iter().fold(0, |sum: u64, shared| {
            let findings = shared.findings.iter().filter(|fingerprint| counts(fingerprint)).count();
            let again = u64::try_from(findings.saturating_sub(1)).unwrap_or(u64::MAX);
            let requests = shared.days.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
            let requests = requests.saturating_add(shared.untimed);
            sum.saturating_add(requests.saturating_sub(shared.undelivered).saturating_mul(again))
        })
    }
}

/// Days on end of which no log has a line, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LogGap {
    /// The first of them.
    pub first: Date,
    /// The last, which may be the same.
    pub last: Date,
}

/// A log that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFile {
    /// Its name, as sightings name their source.
    pub name: Redacted,
    /// The format of its lines.
    pub format: String,
    /// Lines in it.
    pub lines: u64,
    /// Of these, judged one by one: the others hold nothing that a number could stand in.
    pub judged: u64,
    /// Its bytes, unpacked.
    pub bytes: u64,
    /// The time of its first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// The time of its last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// Days between them of which it has no line.
    #[serde(default, skip_serializing_if = "is_none")]
    pub days_missing: u64,
    /// What its lines do not say and was assumed: the host, the time zone, the year.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<Redacted>,
}

/// What logs say of a finding beyond it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFinding {
    /// Transmissions by day, in UTC.
    pub days: BTreeMap<Date, u64>,
    /// Transmissions by the status of the answer; 0 counts those of rare ones.
    pub statuses: BTreeMap<u16, u64>,
    /// Transmissions by programs that are no citizen's browser, by what they call themselves.
    pub by_robots: u64,
    /// Transmissions of unknown time, which are in no day: their lines tell none, or one that cannot be.
    #[serde(default, skip_serializing_if = "is_none")]
    pub untimed: u64,
    /// Lines with it by the log they stand in, named as in [`LogAnswer::files`]; of the first thousand logs.
    #[serde(default)]
    pub files: BTreeMap<Redacted, u64>,
}

/// Nothing to write.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_none(count: &u64) -> bool {
    *count == 0
}
