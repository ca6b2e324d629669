//! What the program tells its caller when it ends.

use std::process::ExitCode;

use model::{Scan, Severity};

/// The exit codes, documented in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Everything was covered and nothing found at or above the threshold.
    Clean,
    /// Findings at or above the threshold, whatever else, in a run that is not void.
    Findings,
    /// The command line, the registry or an input cannot be used.
    Usage,
    /// Nothing found, and not everything was seen; or the run is void, since the self-test failed.
    Incomplete,
    /// A fault of this program.
    Internal,
    /// The command that was run failed, and nothing leaked: its own code, or 5 where that is one of ours.
    Command(u8),
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

    /// The code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Internal => 4,
            Self::Command(code) => code,
        }
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
        Self::from(status.code())
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
