//! What a site asks of automatic visitors in its `robots.txt` (RFC 9309).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::Target;
use texting_robots::Robot;

/// Our name in such a file; where it is not found, the rules for everybody hold.
const AGENT: &str = "cprvagt";

/// Most of a file that is read: what a parser must take at the least (RFC 9309 §2.5).
pub(crate) const MAX_BYTES: usize = 500 << 10;

/// Most sites whose file is kept: those of one crawl.
const MAX_SITES: usize = 200;

/// Most sitemaps taken from one file.
const MAX_SITEMAPS: usize = 20;

/// What the sites of a crawl ask for, by origin; for all its lanes.
#[derive(Default)]
pub(crate) struct Robots {
    known: Mutex<Known>,
    changed: Condvar,
}

#[derive(Default)]
struct Known {
    sites: BTreeMap<String, Rules>,
    /// Sites that a lane is asking.
    asked: BTreeSet<String>,
}

/// The task of asking a site, which one lane has. Dropping it without an answer leaves it to the next.
pub(crate) struct Asking<'a> {
    robots: &'a Robots,
    origin: String,
}

/// What one site asks for.
pub(crate) enum Rules {
    /// It has no such file: everything is open.
    Open,
    /// The file could not be read, so that everything counts as closed (RFC 9309 §2.3.1.4).
    Closed,
    /// As the file says.
    Written(Box<Robot>),
}

impl Robots {
    /// Whether a site was asked, or need not be.
    pub(crate) fn knows(&self, target: &Target) -> bool {
        self.lock().sites.contains_key(&target.origin())
    }

    /// The task of asking a site; `None` when it was asked, if need be after waiting for the lane that does.
    pub(crate) fn ask(&self, target: &Target) -> Option<Asking<'_>> {
        let origin = target.origin();
        let mut known = self.lock();
        // Whoever asks has a deadline.
        while known.asked.contains(&origin) {
            known = self.changed.wait(known).unwrap_or_else(PoisonError::into_inner);
        }
        if known.sites.contains_key(&origin) {
            return None;
        }
        known.asked.insert(origin.clone());
        Some(Asking { robots: self, origin })
    }

    /// Whether a page may be visited; of a site that was not asked, none.
    pub(crate) fn allows(&self, target: &Target) -> bool {
        self.lock().sites.get(&target.origin()).is_some_and(|rules| rules.allow(target))
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asking<'_> {
    /// Keeps what the site asks for; `false` when there are too many sites.
    pub(crate) fn learn(self, rules: Rules) -> bool {
        let mut known = self.robots.lock();
        if known.sites.len() >= MAX_SITES {
            return false;
        }
        known.sites.insert(self.origin.clone(), rules);
        true
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.robots.lock().asked.remove(&self.origin);
        self.robots.changed.notify_all();
    }
}

impl Rules {
    /// Reads the answer to a request for the file; `None` when nothing answered.
    pub(crate) fn read(answer: Option<(u16, &[u8])>) -> Self {
        match answer {
            Some((200..=299, text)) => {
                let whole = text.get(..MAX_BYTES).unwrap_or(text);
                // The half rule at the end of a file that is too long would close more than it says.
                let lines = if whole.len() < text.len() { whole_lines(whole) } else { whole };
                Robot::new(AGENT, lines).map_or(Self::Closed, |robot| Self::Written(Box::new(robot)))
            }
            Some((400..=499, _)) => Self::Open,
            Some(_) | None => Self::Closed,
        }
    }

    /// Whether `target` may be visited.
    pub(crate) fn allow(&self, target: &Target) -> bool {
        match self {
            Self::Open => true,
            Self::Closed => false,
            Self::Written(robot) => {
                let asked = Target { fragment: None, userinfo: None, ..target.clone() };
                robot.allowed(&asked.to_string())
            }
        }
    }

    /// How long visits are to be apart, as it asks.
    pub(crate) fn delay(&self) -> Option<Duration> {
        match self {
            Self::Open | Self::Closed => None,
            Self::Written(robot) => robot.delay.and_then(|seconds| Duration::try_from_secs_f32(seconds).ok()),
        }
    }

    /// The sitemaps that it names.
    pub(crate) fn sitemaps(&self) -> impl Iterator<Item = &str> {
        let named = match self {
            Self::Open | Self::Closed => &[][..],
            Self::Written(robot) => &robot.sitemaps,
        };
        named.iter().map(String::as_str).take(MAX_SITEMAPS)
    }
}

fn whole_lines(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte == b'\n').unwrap_or_default();
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &str) -> Target {
        Target::parse(&format!("https://a.test{path}")).unwrap()
    }

    #[track_caller]
    fn case(text: &str, path: &str, expected: bool) {
        assert_eq!(Rules::read(Some((200, text.as_bytes()))).allow(&target(path)), expected, "{path}");
    }

    #[test]
    fn the_longest_rule_wins() {
        let text = "User-agent: *\nDisallow: /min-side\nAllow: /min-side/hjaelp\nDisallow: /*.cgi$\n";
        case(text, "/", true);
        case(text, "/min-side/sag?x=1", false);
        case(text, "/min-side/hjaelp#top", true);
        case(text, "/x.cgi", false);
        case(text, "/x.cgi?y", true);
    }

    #[test]
    fn rules_for_us_go_before_those_for_everybody() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: CPRvagt\nDisallow: /slet\n";
        case(text, "/x", true);
        case(text, "/slet/1", false);
    }

    #[test]
    fn a_site_without_such_a_file_is_open_and_one_that_fails_is_closed() {
        for (answer, expected) in [
            (Some((404, &b"Disallow: /"[..])), true),
            (Some((200, &b""[..])), true),
            (Some((200, &b"<html><body>Hej</body></html>"[..])), true),
            (Some((503, &b""[..])), false),
            (None, false),
        ] {
            assert_eq!(Rules::read(answer).allow(&target("/x")), expected, "{answer:?}");
        }
    }

    #[test]
    fn a_file_too_long_ends_with_its_last_whole_line() {
        let mut text = b"User-agent: *\n".to_vec();
        while text.len() < MAX_BYTES - 4 {
            text.extend_from_slice(b"Disallow: /x\n");
        }
        text.extend_from_slice(b"Disallow: /min-side\n");
        let rules = Rules::read(Some((200, &text)));
        assert!(rules.allow(&target("/min-side")) && rules.allow(&target("/")) && !rules.allow(&target("/x")));
    }

    #[test]
    fn delay_and_sitemaps_are_read() {
        let text = b"Sitemap: https://a.test/kort.xml\nUser-agent: *\nCrawl-delay: 2.5\n";
        let rules = Rules::read(Some((200, text)));
        assert_eq!(rules.delay(), Some(Duration::from_millis(2_500)));
        assert_eq!(rules.sitemaps().collect::<Vec<_>>(), ["https://a.test/kort.xml"]);
        assert_eq!(Rules::read(Some((200, b"User-agent: *\nCrawl-delay: -1\n"))).delay(), None);
    }

    #[test]
    fn odd_bytes_are_read_without_fuss() {
        for text in [
            &b"\xff\xfe\x00\x01:::\n\r\r"[..],
            b"User-agent",
            b"Disallow: \xc3\x28*$*$**",
            b"User-agent: *\nDisallow: [(\\",
        ] {
            Rules::read(Some((200, text))).allow(&target("/"));
        }
    }

    #[test]
    fn a_site_that_was_not_asked_allows_nothing() {
        let robots = Robots::default();
        assert!(!robots.allows(&target("/")));
        drop(robots.ask(&target("/x")));
        assert!(robots.ask(&target("/x")).is_some_and(|asking| asking.learn(Rules::Open)));
        assert!(robots.ask(&target("/z")).is_none() && robots.knows(&target("/")) && robots.allows(&target("/y")));
    }
}
