//! What a test suite says to its own browser's driver: `WebDriver` commands to a port of this machine. They came through
//! the proxy because nothing is left out of it, and are no traffic of the site: what is typed stands in them in clear. What
//! browsers ask for by themselves goes the same way.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use model::{Exchange, Host};
use proxy::Captured;
use tokio::sync::mpsc::{Receiver, channel};

use super::browser_own::BrowserOwn;

/// Room on the way; the proxy's own queue before it is what bounds, and tells what it loses.
const PASSED_ON: usize = 16;

/// Drivers that are remembered. A suite starts one for each worker, and they end before others come.
const MAX_DRIVERS: usize = 1_000;

/// Where a session is asked for (`WebDriver` §8.1), alone and behind Selenium's server.
const SESSIONS: [&str; 2] = ["/session", "/wd/hub/session"];

/// Ports known to be drivers'.
#[derive(Default)]
struct Drivers(BTreeSet<(String, u16)>);

/// What is none of the site's traffic, counted.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// Commands to drivers.
    pub(crate) steering: AtomicU64,
    /// What browsers asked for by themselves.
    pub(crate) browsers: AtomicU64,
}

impl Beside {
    /// For the last line of a run; nothing when there was nothing.
    pub(crate) fn words(&self) -> String {
        let counts = [(&self.steering, "commands to the browser's driver"), (&self.browsers, "of the browser's own")];
        let mut words = String::new();
        for (count, what) in counts.map(|(count, what)| (count.load(Ordering::Relaxed), what)) {
            if count > 0 {
                words.extend([", ", &count.to_string(), " ", what]);
            }
        }
        words
    }
}

/// What is captured, but for what is said to drivers and what browsers ask for by themselves, which is counted.
pub(crate) fn left_out(mut captured: Receiver<Captured>) -> (Receiver<Captured>, Arc<Beside>) {
    let (sender, rest) = channel(PASSED_ON);
    let beside = Arc::new(Beside::default());
    let counted = Arc::clone(&beside);
    tokio::spawn(async move {
        let (mut drivers, mut own) = (Drivers::default(), BrowserOwn::default());
        while let Some(one) = captured.recv().await {
            let kept = match one {
                Captured::Exchange(exchange) if drivers.hear(&exchange) => {
                    counted.steering.fetch_add(1, Ordering::Relaxed);
                    None
                }
                Captured::Exchange(exchange) if own.hear(&exchange) => {
                    counted.browsers.fetch_add(1, Ordering::Relaxed);
                    None
                }
                Captured::Exchange(exchange) => Some(Captured::Exchange(exchange)),
                Captured::BlindSpot(blind_spot) => own.hold(blind_spot).map(Captured::BlindSpot),
            };
            let Some(kept) = kept else { continue };
            if sender.send(kept).await.is_err() {
                // Judging has died, which ends the session.
                return;
            }
        }
        for blind_spot in own.left() {
            if sender.send(Captured::BlindSpot(blind_spot)).await.is_err() {
                return;
            }
        }
    });
    (rest, beside)
}

impl Drivers {
    /// Whether `exchange` is said to a driver.
    fn hear(&mut self, exchange: &Exchange) -> bool {
        let target = &exchange.request.target;
        if !is_this_machine(&target.host) {
            return false;
        }
        let place = (target.host.as_str().to_owned(), target.port);
        if asks_for_session(exchange) && self.0.len() < MAX_DRIVERS {
            self.0.insert(place);
            return true;
        }
        self.0.contains(&place) && is_command(&target.path)
            // Asked before there is a session: is the driver up?
            || target.path == "/status" && is_client(exchange)
    }
}

fn is_this_machine(host: &Host) -> bool {
    let name = host.as_str().trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn asks_for_session(exchange: &Exchange) -> bool {
    let request = &exchange.request;
    let names = |word: &str| request.body.bytes.windows(word.len()).any(|bytes| bytes == word.as_bytes());
    request.method == "POST"
        && SESSIONS.contains(&request.target.path.as_str())
        && (names("\"capabilities\"") || names("\"desiredCapabilities\""))
}

fn is_command(path: &str) -> bool {
    let is_below =
        |session: &str| path.strip_prefix(session).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    SESSIONS.iter().any(|session| is_below(session)) || ["/status", "/shutdown", "/wd/hub/status"].contains(&path)
}

fn is_client(exchange: &Exchange) -> bool {
    exchange.request.headers.text("user-agent").is_some_and(|agent| agent.to_ascii_lowercase().contains("selenium"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use model::{Body, Headers, RequestRecord, Target};

    use super::*;

    fn exchange(method: &str, url: &str, agent: &str, body: &str) -> Exchange {
        let request = RequestRecord {
            method: method.to_owned(),
            target: Target::parse(url).unwrap(),
            version: "HTTP/1.1".to_owned(),
            headers: Headers(vec![("user-agent".to_owned(), agent.as_bytes().to_vec())]),
            body: Body::whole(body.as_bytes().to_vec()),
        };
        Exchange::begun(0, Timestamp::UNIX_EPOCH, request)
    }

    #[test]
    fn what_is_said_to_a_driver_is_told_from_what_is_said_to_a_site() {
        let mut drivers = Drivers::default();
        let ask = r#"{"capabilities":{}}"#;
        let mut hears = |method, url, agent, body| drivers.hear(&exchange(method, url, agent, body));
        assert!(!hears("POST", "http://localhost:9515/session/1/url", "x", "{}"), "no driver yet");
        assert!(hears("GET", "http://localhost:9515/status", "selenium/4.51.0 (python linux)", ""));
        assert!(hears("POST", "http://localhost:9515/session", "x", ask));
        assert!(hears("POST", "http://localhost:9515/session/1/element/2/value", "x", "{}"));
        assert!(hears("DELETE", "http://localhost:9515/session/1", "x", ""));
        assert!(!hears("GET", "http://localhost:9515/side", "x", ""));
        assert!(!hears("POST", "http://localhost:3000/session", "x", r#"{"user":"a"}"#), "a site's own");
        assert!(!hears("GET", "http://localhost:3000/status", "curl/8", ""));
        assert!(!hears("POST", "http://www.borger.test/session", "x", ask), "not of this machine");
    }
}
