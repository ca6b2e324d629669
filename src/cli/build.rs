//! `--browser` of an audit: which build of the browser visits.

use clap::{Args, ValueEnum};

/// How browsers are built, as typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Build {
    /// Chromium or Chrome, as citizens have it
    #[default]
    Full,
    /// headless-shell: half the memory, and scripts can tell it from a citizen's browser
    Light,
}

/// `--browser` of an audit.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Browser")]
pub(crate) struct BuildArgs {
    /// Which build of the browser visits
    #[arg(long = "browser", value_name = "BUILD", default_value = "full", hide_short_help = true)]
    pub(crate) build: Build,
}
