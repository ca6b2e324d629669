//! Flags of how far an audit goes.

use std::time::Duration;

use clap::{Args, ValueEnum};
use crawler::MAX_TABS;
use model::ConsentState;

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
    /// What visits the pages
    #[arg(long, value_name = "ENGINE", default_value = "browser")]
    pub(crate) engine: Engine,
    /// Pages to visit per system at most
    #[arg(long, value_name = "N", default_value_t = PAGES, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) pages: u32,
    /// Time per system at most: 90s, 30m, 2h. A page that has begun is ended, and pages that must be visited are
    ///
    /// Pages and time are those of one pass; with a question for consent there are three (--consent).
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
    /// What to answer where a page asks for consent: each system before an answer, after a no and after a yes, or one of them
    ///
    /// Each is a crawl of its own with cookies of its own, in which forms are sent anew; a no and a yes follow only where a
    /// page asked. What leaks in spite of a no is told. A question that cannot be answered so leaves a gap.
    #[arg(long, value_name = "ANSWER", default_value = "all", hide_short_help = true)]
    pub(crate) consent: Consent,
}

/// Which answers are given to questions for consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Consent {
    /// None, then no, then yes.
    All,
    /// None.
    Untouched,
    /// No.
    Refused,
    /// Yes.
    Accepted,
}

impl Consent {
    /// The passes, in order. Those after the first are made where it met a question.
    pub(crate) fn passes(self) -> &'static [ConsentState] {
        match self {
            Self::All => &ConsentState::ALL,
            Self::Untouched => &[ConsentState::Untouched],
            Self::Refused => &[ConsentState::Refused],
            Self::Accepted => &[ConsentState::Accepted],
        }
    }
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

/// What a person in a hurry does.
const PAUSE: &str = "1s";

/// Where a page waits most of the time for the site and for its own timers, four do not disturb each other.
const TABS: u16 = 4;

impl Default for CrawlArgs {
    fn default() -> Self {
        let time = |text| duration::crawl_time(text).unwrap_or(Duration::MAX);
        let pause = duration::pause(PAUSE).unwrap_or(Duration::MAX);
        Self {
            engine: Engine::default(),
            pages: PAGES,
            time: time(TIME),
            page_time: time(PAGE_TIME),
            tabs: TABS,
            pause,
            consent: Consent::All,
        }
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
    fn every_answer_is_given_unless_one_is_named() {
        assert_eq!(crawl(&[]).unwrap().consent.passes(), ConsentState::ALL);
        assert_eq!(crawl(&["--consent", "refused"]).unwrap().consent.passes(), [ConsentState::Refused]);
        assert_eq!((crawl(&[]).unwrap().consent, CrawlArgs::default().consent), (Consent::All, Consent::All));
        assert!(crawl(&["--consent", "maybe"]).is_none());
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
