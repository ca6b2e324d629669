//! The message of a finding: what a developer needs to act on it at once, in one wording for the terminal, JUnit, SARIF and
//! Markdown.

use model::{Finding, Scan};

use crate::inert::Inert;

/// Characters of a fingerprint that tell findings of one scan apart.
pub(crate) const SHORT_FINGERPRINT: usize = 8;

/// The command that proves `finding` mended, where a command was run.
pub(crate) fn proof(scan: &Scan, finding: &Finding) -> Option<String> {
    let command = Inert::from(scan.command.as_ref()?);
    Some(format!("cprvagt run --only {} {command}", short(finding)))
}

/// The finding's fingerprint, as people quote it.
pub(crate) fn short(finding: &Finding) -> String {
    Inert::short(&finding.fingerprint, 64).chars().take(SHORT_FINGERPRINT).collect()
}
