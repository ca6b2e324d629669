//! What breaks the build: findings at or above the threshold, new recipients where that is asked for, the command's own
//! failure, and what was not seen; in that order.

use model::{Finding, Scan};

use super::child;
use crate::exit::{ExitStatus, Threshold};

/// The code of a command that failed with one of ours.
const FAILED: u8 = 5;

/// Codes that say something of ours.
const OURS: std::ops::RangeInclusive<u8> = 0..=4;

/// What the build is held against.
pub(crate) struct Gate<'a> {
    pub(crate) threshold: Threshold,
    /// The beginnings of the fingerprints that alone count; all do when there are none.
    pub(crate) only: &'a [String],
    /// Recipients that an earlier scan did not have.
    pub(crate) new_recipients: &'a [String],
}

/// What a run comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    /// Findings that break the build.
    pub(crate) breaking: usize,
    /// Those that would if they were asked for.
    pub(crate) others: usize,
}

impl Gate<'_> {
    /// What `scan` comes to, with the command's end.
    pub(crate) fn judge(&self, scan: &Scan, ended: child::Ended) -> Outcome {
        let (asked, others): (Vec<&Finding>, Vec<&Finding>) =
            scan.findings.iter().filter(|finding| self.breaks(finding)).partition(|finding| self.asks_for(finding));
        let breaking = asked.len();
        let is_broken = breaking > 0 || !self.new_recipients.is_empty();
        let status = match (is_broken, ended.code) {
            (true, _) => ExitStatus::Findings,
            (false, 0) if scan.is_complete() => ExitStatus::Clean,
            (false, 0) => ExitStatus::Incomplete,
            (false, code) if OURS.contains(&code) => ExitStatus::Command(FAILED),
            (false, code) => ExitStatus::Command(code),
        };
        Outcome { status, breaking, others: others.len() }
    }

    /// The topmost finding that breaks the build.
    pub(crate) fn first<'s>(&self, scan: &'s Scan) -> Option<&'s Finding> {
        scan.findings.iter().find(|finding| self.breaks(finding) && self.asks_for(finding))
    }

    fn breaks(&self, finding: &Finding) -> bool {
        match self.threshold {
            Threshold::At(severity) => finding.breaks_at(severity),
            Threshold::Never => false,
        }
    }

    /// Whether the finding counts.
    fn asks_for(&self, finding: &Finding) -> bool {
        self.only.is_empty() || self.only.iter().any(|begin| finding.fingerprint.starts_with(begin.as_str()))
    }

    /// Those of `--only` that no finding of `scan` has, whatever its severity.
    pub(crate) fn not_seen(&self, scan: &Scan) -> Vec<&str> {
        let is_seen =
            |begin: &String| scan.findings.iter().any(|finding| finding.fingerprint.starts_with(begin.as_str()));
        self.only.iter().filter(|begin| !is_seen(begin)).map(String::as_str).collect()
    }
}
