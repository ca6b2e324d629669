//! Flags of how reports are written.

use std::path::PathBuf;

use clap::Args;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct WritingArgs {
    /// Also write the reports as PDF (takes a browser)
    #[arg(long)]
    pub(crate) pdf: bool,
    /// Who has the reports written, for their manifest; else the name you are logged in with
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(crate) written_by: Option<String>,
    /// Sign the manifest with this secret key of minisign's; its password, if any, in `CPRVAGT_SIGN_PASSWORD`
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) sign_key: Option<PathBuf>,
}
