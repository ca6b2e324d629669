//! Flags of how far an audit goes.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::duration;

/// Pages per system: a self-service has some dozens; at one or two seconds each this ends within minutes.
const PAGES: u32 = 100;

/// Time per system: several times what those pages take.
const TIME: &str = "30m";

#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Crawl")]
pub(crate) struct CrawlArgs {
    /// What visits the pages
    #[arg(long, value_name = "ENGINE", default_value = "browser")]
    pub(crate) engine: Engine,
    /// Pages to visit per system at most
    #[arg(long, value_name = "N", default_value_t = PAGES, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) pages: u32,
    /// Time per system at most: 90s, 30m, 2h. A page that has begun is ended, and pages that must be visited are
    #[arg(long, value_name = "TIME", default_value = TIME, value_parser = duration::crawl_time)]
    pub(crate) time: Duration,
}

/// `--engine`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// A real browser
    #[default]
    Browser,
    /// None: pages are read as they are written and no script runs, for sites without and machines without a browser
    Static,
}

impl Default for CrawlArgs {
    fn default() -> Self {
        Self { engine: Engine::default(), pages: PAGES, time: duration::crawl_time(TIME).unwrap_or(Duration::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    fn crawl(typed: &[&str]) -> Option<CrawlArgs> {
        let typed = ["cprvagt", "audit", "https://a.test/"].iter().chain(typed);
        match Cli::try_parse_from(typed).ok()?.command {
            Command::Audit(args) => Some(args.crawl),
            _ => None,
        }
    }

    #[test]
    fn an_audit_has_a_budget_of_pages_and_of_time() {
        let usual = crawl(&[]).unwrap();
        assert_eq!((usual.pages, usual.time), (100, Duration::from_mins(30)));
        let default = CrawlArgs::default();
        assert_eq!((usual.pages, usual.time), (default.pages, default.time));
        let given = crawl(&["--time", "90s", "--pages", "7"]).unwrap();
        assert_eq!((given.pages, given.time), (7, Duration::from_secs(90)));
    }

    #[test]
    fn a_time_that_makes_no_sense_is_refused() {
        for time in ["0", "snart", "3d"] {
            assert!(crawl(&["--time", time]).is_none(), "{time}");
        }
    }
}
