//! The flag of a run that may be killed and go on.

use std::path::PathBuf;

use clap::Args;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Crawl")]
pub(crate) struct ResumeArgs {
    /// Keep a journal in this folder, or go on with the one there: a run that was killed, started again with the same
    /// arguments, leaves out the systems and roles that were done. The journal is removed when the reports are written
    #[arg(long, value_name = "FOLDER", hide_short_help = true)]
    pub(crate) resume: Option<PathBuf>,
}
