//! `cprvagt registry`: begins one, checks it, and tells editors how it is written.
//!
//! A check exits with 2 where the file itself is wrong, as every command does that is given such a registry (DESIGN.md,
//! "Commands"): 1 is for what audited systems do. What is true and needs somebody to act, such as an agreement that has
//! expired, is a warning and leaves 0, unless `--strict` asks for 2.

mod chain;
mod check;
mod checks;
mod init;
mod secrets;
mod shown;

use crate::cli::{RegistryAction, RegistryArgs};
use crate::exit::ExitStatus;
use crate::output;

/// How a registry is written, for editors.
const SCHEMA: &str = include_str!("../../reports/schema/registry.schema.json");

/// Does what was typed.
pub(crate) fn run(args: &RegistryArgs) -> anyhow::Result<ExitStatus> {
    match &args.action {
        RegistryAction::Init(args) => init::run(args),
        RegistryAction::Check(args) => check::run(args),
        RegistryAction::Schema => {
            output::print(SCHEMA.as_bytes())?;
            Ok(ExitStatus::Clean)
        }
    }
}
