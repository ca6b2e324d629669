//! What the program tells its caller when it ends.

use std::process::ExitCode;

use model::{Scan, Severity};

/// The exit codes, documented in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Everything was covered and nothing found at or above the threshold.
    Clean = 0,
    /// Findings at or above the threshold, whatever else.
    Findings = 1,
    /// The command line, the registry or an input cannot be used.
    Usage = 2,
    /// Nothing found, and not everything was seen.
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
        match (breaks, scan.is_complete()) {
            (true, _) => Self::Findings,
            (false, true) => Self::Clean,
            (false, false) => Self::Incomplete,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}
