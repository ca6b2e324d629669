//! Flags of the live console.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

use crate::entrances;

/// Longest that a console nobody touches stays open, in minutes; the shortest is one.
const LONGEST_IDLE: u64 = 20;

#[derive(Debug, Args)]
#[command(next_help_heading = "Console")]
pub(crate) struct ConsoleArgs {
    /// Where the live console listens, on this machine alone; 8020 by default, or any free port when that is taken
    #[arg(long = "console", value_name = "[ADDRESS:]PORT", value_parser = entrances::address)]
    pub(crate) address: Option<SocketAddr>,
    /// No console: findings are told at the terminal alone
    #[arg(long, conflicts_with_all = ["address", "idle", "no_open"])]
    pub(crate) no_console: bool,
    /// Do not open the console in the desktop's browser
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Log a console off that nobody has touched for so many minutes, 20 at most
    #[arg(long, value_name = "MINUTES", default_value = "15", value_parser = idle, hide_short_help = true)]
    pub(crate) idle: Duration,
}

fn idle(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(minutes @ 1..=LONGEST_IDLE) => Ok(Duration::from_mins(minutes)),
        _ => Err(format!("give minutes, from 1 to {LONGEST_IDLE}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_stays_logged_on_for_long() {
        assert_eq!(idle("1"), Ok(Duration::from_mins(1)));
        assert_eq!(idle("20"), Ok(Duration::from_mins(20)));
        for wrong in ["0", "21", "", "-1", "1.5", "x"] {
            assert!(idle(wrong).is_err(), "{wrong}");
        }
    }
}
