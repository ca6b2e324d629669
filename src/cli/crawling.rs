//! Flags of how far an audit goes.

use std::time::Duration;

use clap::{Args, ValueEnum};
use model::ConsentState;

use crate::duration;

/// Pages per system: a self-service has some dozens; at one or two seconds each this ends within minutes.
const PAGES: u32 = 100;

/// Time per system: several times what those pages take.
const TIME: &str = "30m";

#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Crawl")]
pub(crate) struct CrawlArgs {
    /// Pages to visit per system at most
    #[arg(long, value_name = "N", default_value_t = PAGES, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) pages: u32,
    /// Time per system at most: 90s, 30m, 2h. A page that has begun is ended, and pages that must be visited are
    ///
    /// Pages and time are those of one pass; with a question for consent there are three (--consent).
    #[arg(long, value_name = "TIME", default_value = TIME, value_parser = duration::crawl_time)]
    pub(crate) time: Duration,
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

impl Default for CrawlArgs {
    fn default() -> Self {
        Self { pages: PAGES, time: duration::crawl_time(TIME).unwrap_or(Duration::MAX), consent: Consent::All }
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
    fn every_answer_is_given_unless_one_is_named() {
        assert_eq!(crawl(&[]).unwrap().consent.passes(), ConsentState::ALL);
        assert_eq!(crawl(&["--consent", "refused"]).unwrap().consent.passes(), [ConsentState::Refused]);
        assert_eq!((crawl(&[]).unwrap().consent, CrawlArgs::default().consent), (Consent::All, Consent::All));
        assert!(crawl(&["--consent", "maybe"]).is_none());
    }

    #[test]
    fn a_time_that_makes_no_sense_is_refused() {
        for time in ["0", "snart", "3d"] {
            assert!(crawl(&["--time", time]).is_none(), "{time}");
        }
    }
}
