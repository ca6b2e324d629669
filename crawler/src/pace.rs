//! How fast a crawl goes: pauses between visits to one host, waits that hosts ask for, and the time it has.
//!
//! All times are counted from the beginning of the crawl, and told by whoever asks.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use model::Host;

/// Answers of a host that has too much to do, and is asked again later (RFC 9110 §15.6.4, RFC 6585 §4).
pub(crate) const BUSY: [u16; 2] = [429, 503];

/// Longest `Crawl-delay` kept: with more, a crawl of its budget takes days, and a person would not wait either.
const MAX_DELAY: Duration = Duration::from_secs(30);

/// Longest `Retry-After` kept: a host that is away for longer is away for this audit.
const MAX_RETRY: Duration = Duration::from_mins(2);

/// How long a host is left alone that is busy and does not say for how long.
pub(crate) const BUSY_WAIT: Duration = Duration::from_secs(10);

/// Most hosts remembered: those of one crawl.
const MAX_HOSTS: usize = 1_000;

/// When each host may be visited again.
#[derive(Debug)]
pub(crate) struct Pace {
    pause: Duration,
    time: Duration,
    hosts: BTreeMap<Host, Rhythm>,
}

/// One host's.
#[derive(Clone, Copy, Debug, Default)]
struct Rhythm {
    delay: Duration,
    next: Duration,
}

impl Pace {
    /// Visits to a host are `pause` apart, and end after `time`.
    pub(crate) fn new(pause: Duration, time: Duration) -> Self {
        Self { pause, time, hosts: BTreeMap::new() }
    }

    /// A host asks for visits that are `delay` apart.
    pub(crate) fn slow_down(&mut self, host: &Host, delay: Duration) {
        self.change(host, |rhythm| rhythm.delay = rhythm.delay.max(delay.min(MAX_DELAY)));
    }

    /// A visit to a host begins.
    pub(crate) fn begins(&mut self, host: &Host, now: Duration) {
        let pause = self.pause;
        self.change(host, |rhythm| rhythm.next = rhythm.next.max(now.saturating_add(pause.max(rhythm.delay))));
    }

    /// A host is busy, and is to be left alone for `wait`.
    pub(crate) fn is_busy(&mut self, host: &Host, wait: Duration, now: Duration) {
        let next = now.saturating_add(wait.min(MAX_RETRY));
        self.change(host, |rhythm| rhythm.next = rhythm.next.max(next));
    }

    /// How long to wait before a visit to a host.
    pub(crate) fn wait(&self, host: &Host, now: Duration) -> Duration {
        self.hosts.get(host).map_or(Duration::ZERO, |rhythm| rhythm.next.saturating_sub(now))
    }

    /// Whether the time is used up, or would be after waiting for a host.
    pub(crate) fn is_over(&self, now: Duration, wait: Duration) -> bool {
        now.saturating_add(wait) >= self.time
    }

    fn change(&mut self, host: &Host, change: impl FnOnce(&mut Rhythm)) {
        if self.hosts.len() < MAX_HOSTS || self.hosts.contains_key(host) {
            change(self.hosts.entry(host.clone()).or_default());
        }
    }
}

/// What a `Retry-After` says (RFC 9110 §10.2.3): seconds, or a date.
pub(crate) fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn host(name: &str) -> Host {
        Host::parse(name).unwrap()
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn visits_to_one_host_are_apart_and_others_need_not_wait() {
        let mut pace = Pace::new(seconds(1), MINUTE);
        assert_eq!(pace.wait(&host("a.test"), seconds(5)), Duration::ZERO);
        pace.begins(&host("a.test"), seconds(5));
        assert_eq!(pace.wait(&host("a.test"), Duration::from_millis(5_400)), Duration::from_millis(600));
        assert_eq!(pace.wait(&host("a.test"), seconds(6)), Duration::ZERO);
        assert_eq!(pace.wait(&host("b.test"), seconds(5)), Duration::ZERO);
    }

    #[test]
    fn a_crawl_delay_is_kept_up_to_a_cap() {
        let mut pace = Pace::new(seconds(1), MINUTE);
        pace.slow_down(&host("a.test"), seconds(4));
        pace.slow_down(&host("b.test"), seconds(86_400));
        for name in ["a.test", "b.test"] {
            pace.begins(&host(name), Duration::ZERO);
        }
        assert_eq!(pace.wait(&host("a.test"), seconds(1)), seconds(3));
        assert_eq!(pace.wait(&host("b.test"), Duration::ZERO), MAX_DELAY);
    }

    #[test]
    fn a_busy_host_is_left_alone_as_long_as_it_asks() {
        let mut pace = Pace::new(seconds(1), MINUTE);
        pace.is_busy(&host("a.test"), seconds(20), seconds(10));
        pace.is_busy(&host("b.test"), BUSY_WAIT, seconds(10));
        pace.is_busy(&host("c.test"), seconds(9_999), seconds(10));
        pace.begins(&host("a.test"), seconds(11));
        let now = seconds(12);
        assert_eq!(pace.wait(&host("a.test"), now), seconds(18));
        assert_eq!(pace.wait(&host("b.test"), now), seconds(8));
        assert_eq!(pace.wait(&host("c.test"), now), MAX_RETRY.saturating_sub(seconds(2)));
    }

    #[test]
    fn the_time_is_over_when_it_is_or_a_wait_would_make_it_so() {
        let pace = Pace::new(seconds(1), MINUTE);
        assert!(!pace.is_over(seconds(59), Duration::ZERO));
        assert!(pace.is_over(seconds(60), Duration::ZERO));
        assert!(pace.is_over(seconds(50), seconds(20)));
        assert!(!Pace::new(seconds(1), Duration::MAX).is_over(seconds(1), Duration::MAX.saturating_sub(seconds(2))));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-11-22T04:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("120", Some(120)),
            (" 5 ", Some(5)),
            ("Sun, 22 Nov 2026 04:00:30 GMT", Some(30)),
            ("Sun, 22 Nov 2026 03:00:00 GMT", Some(0)),
            ("-1", None),
            ("snart", None),
            ("", None),
        ] {
            assert_eq!(retry_after(text, now), expected.map(seconds), "{text}");
        }
    }
}
