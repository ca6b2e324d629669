//! `cprvagt baseline`: accepts findings for a while. The file is for review: it is added to at its end, shortened entry by
//! entry, and nothing else in it is touched.

mod add;
mod list;
mod prune;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cli::{BaselineAction, BaselineArgs, BaselineFileArgs};
use crate::exit::ExitStatus;
use crate::setup;

/// Characters of a fingerprint that the terminal shows.
const SHORT: usize = 8;

/// Does what was typed.
pub(crate) fn run(args: &BaselineArgs) -> anyhow::Result<ExitStatus> {
    match &args.action {
        BaselineAction::Add(args) => add::run(args),
        BaselineAction::List(args) => list::run(args),
        BaselineAction::Prune(args) => prune::run(args),
    }
}

/// The day, in UTC, as runs take it.
fn today(args: &BaselineFileArgs) -> Date {
    setup::clock(args.now).now().to_zoned(TimeZone::UTC).date()
}

/// A fingerprint as the terminal shows it.
fn short(fingerprint: &str) -> String {
    fingerprint.chars().take(SHORT).collect()
}
