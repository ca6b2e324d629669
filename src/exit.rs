//! What the program tells its caller when it ends.

use std::process::ExitCode;

use model::{Scan, Severity};

/// The exit codes, documented in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Everything was covered and nothing found at or above the threshold.
    Clean = 0,
    /// Findings at or above the threshold, whatever else, in a run that is not void.
    Findings = 1,
    /// The command line, the registry or an input cannot be used.
    Usage = 2,
    /// Nothing found, and not everything was seen; or the run is void, since the self-test failed.
    Incomplete = 3,
    /// A fault of this program.
    Internal = 4,
}

/// From which severity on a finding breaks the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threshold {
    /// At this severity or above.
    At(Severity),
    /// Never.
    Never,
}

impl ExitStatus {
    /// What `scan` comes to.
    pub(crate) fn of(scan: &Scan, threshold: Threshold) -> Self {
        let breaks = match threshold {
            Threshold::At(severity) => scan.findings.iter().any(|finding| finding.breaks_at(severity)),
            Threshold::Never => false,
        };
        let is_void = scan.self_test.as_ref().is_some_and(|test| !test.passed());
        Self::told_by(breaks, is_void, scan.is_complete())
    }

    /// An instrument that misses what it must see is no evidence of anything, whatever it found.
    fn told_by(breaks: bool, is_void: bool, is_complete: bool) -> Self {
        match (breaks, is_void, is_complete) {
            (_, true, _) | (false, false, false) => Self::Incomplete,
            (true, false, _) => Self::Findings,
            (false, false, true) => Self::Clean,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_void_run_is_no_evidence_and_findings_go_before_gaps() {
        assert_eq!(ExitStatus::told_by(true, true, false), ExitStatus::Incomplete);
        assert_eq!(ExitStatus::told_by(false, true, true), ExitStatus::Incomplete);
        assert_eq!(ExitStatus::told_by(true, false, false), ExitStatus::Findings);
        assert_eq!(ExitStatus::told_by(false, false, false), ExitStatus::Incomplete);
        assert_eq!(ExitStatus::told_by(false, false, true), ExitStatus::Clean);
    }
}
