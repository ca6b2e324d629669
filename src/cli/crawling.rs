//! Flags of how far an audit goes.

use std::time::Duration;

use clap::Args;

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
}

impl Default for CrawlArgs {
    fn default() -> Self {
        let time = |text| duration::crawl_time(text).unwrap_or(Duration::MAX);
        Self { pages: PAGES, time: time(TIME), page_time: time(PAGE_TIME) }
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
        assert_eq!((usual.pages, usual.time, usual.page_time), (default.pages, default.time, default.page_time));
        let given = crawl(&["--time", "90s", "--pages", "7", "--page-time", "20s"]).unwrap();
        assert_eq!((given.pages, given.time, given.page_time.as_secs()), (7, Duration::from_secs(90), 20));
    }

    #[test]
    fn a_time_that_makes_no_sense_is_refused() {
        for time in ["0", "snart", "3d"] {
            assert!(crawl(&["--time", time]).is_none(), "{time}");
        }
    }
}
