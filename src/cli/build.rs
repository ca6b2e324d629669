//! `--browser` of an audit: which build of the browser visits.

use clap::{Args, ValueEnum};

/// How browsers are built, as typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Build {
    /// Chromium or Chrome, as citizens have it.
    #[default]
    Full,
    /// headless-shell.
    Light,
}

/// `--browser` of an audit.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Browser")]
pub(crate) struct BuildArgs {
    /// Which build of it visits: full, or light (headless-shell: half the memory, and scripts can tell it)
    #[arg(
        long = "browser",
        value_name = "BUILD",
        default_value = "full",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(crate) build: Build,
}
