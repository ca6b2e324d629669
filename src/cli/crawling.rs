//! Flags of how far an audit goes.

use std::time::Duration;

use clap::Args;
use crawler::MAX_TABS;

use crate::duration;

/// Pages per system: a self-service has some dozens; at one or two seconds each this ends within minutes.
const PAGES: u32 = 100;

/// Time per system: several times what those pages take.
const TIME: &str = "30m";

/// Time per page: the slowest self-services answer within half of it.
const PAGE_TIME: &str = "1m";

#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Crawl")]
pub(crate) struct CrawlArgs {
    /// Pages to visit per system at most
    #[arg(long, value_name = "N", default_value_t = PAGES, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) pages: u32,
    /// Time per system at most: 90s, 30m, 2h. A page that has begun is ended, and pages that must be visited are
    #[arg(long, value_name = "TIME", default_value = TIME, value_parser = duration::crawl_time)]
    pub(crate) time: Duration,
    /// Time that one page may take to load; what is there by then is read
    #[arg(long, value_name = "TIME", default_value = PAGE_TIME, hide_short_help = true, value_parser = duration::crawl_time)]
    pub(crate) page_time: Duration,
    /// From one visit to a host to the next, at the least: 0, 500ms, 2s. A site that is not yours deserves a second
    #[arg(long, value_name = "TIME", default_value = PAUSE, value_parser = duration::pause, hide_short_help = true)]
    pub(crate) pause: Duration,
    /// Tabs that visit at the same time; always one where a journey signs in, since a citizen has one session. They keep
    /// the pause together
    #[arg(long, value_name = "N", default_value_t = TABS, value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_TABS)))]
    pub(crate) tabs: u16,
}

/// What a person in a hurry does.
const PAUSE: &str = "1s";

/// Where a page waits most of the time for the site and for its own timers, four do not disturb each other.
const TABS: u16 = 4;

impl Default for CrawlArgs {
    fn default() -> Self {
        let time = |text| duration::crawl_time(text).unwrap_or(Duration::MAX);
        let pause = duration::pause(PAUSE).unwrap_or(Duration::MAX);
        Self { pages: PAGES, time: time(TIME), page_time: time(PAGE_TIME), tabs: TABS, pause }
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
        assert_eq!((usual.pages, usual.time, usual.tabs), (100, Duration::from_mins(30), 4));
        let default = CrawlArgs::default();
        assert_eq!((usual.pages, usual.time, usual.tabs), (default.pages, default.time, default.tabs));
        assert_eq!(usual.page_time, default.page_time);
        let given = crawl(&["--time", "90s", "--pages", "7", "--page-time", "20s"]).unwrap();
        assert_eq!((given.pages, given.time, given.page_time.as_secs()), (7, Duration::from_secs(90), 20));
    }

    #[test]
    fn a_crawl_has_one_to_eight_tabs() {
        assert_eq!(crawl(&["--tabs", "1"]).map(|args| args.tabs), Some(1));
        assert_eq!(crawl(&["--tabs", "8"]).map(|args| args.tabs), Some(8));
        assert_eq!(crawl(&["--pause", "0"]).map(|args| args.pause), Some(Duration::ZERO));
        assert_eq!(crawl(&[]).map(|args| args.pause), Some(CrawlArgs::default().pause));
        assert!(crawl(&["--tabs", "0"]).is_none() && crawl(&["--tabs", "9"]).is_none());
    }

    #[test]
    fn a_time_that_makes_no_sense_is_refused() {
        for time in ["0", "snart", "3d"] {
            assert!(crawl(&["--time", time]).is_none(), "{time}");
        }
    }
}
