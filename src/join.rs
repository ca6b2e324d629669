//! The wire and the browser joined: which request that the browser told is which exchange, and so what sent it.
//!
//! The wire is the record. What the browser tells only adds to it: an exchange that it told nothing of stays, and says so.

use std::collections::{BTreeMap, VecDeque};

use crawler::BrowserRequest;
use jiff::SignedDuration;
use model::{Exchange, Initiator, InitiatorKind, Scheme, Target, VisitId, WhyUnknown};

/// Requests that wait for their exchange: those of a slow page with the most that the browser keeps for one.
const MAX_WAITING: usize = 20_000;

/// Visits whose context is remembered; what comes late comes from one of the last.
const MAX_VISITS: usize = 1_000;

/// Exchanges of which more may come that are remembered.
const MAX_CONTINUED: usize = 1_000;

/// How long a request may take from the page to the wire: a browser has few connections, and others may be in line.
const LATEST: SignedDuration = SignedDuration::from_secs(30);

/// How much sooner it may be on the wire, by the clocks' rounding.
const SOONEST: SignedDuration = SignedDuration::from_secs(-1);

/// Requests that the browser told of and that were not seen on the wire yet.
#[derive(Default)]
pub(crate) struct Join {
    /// By method and address, in the order in which they were told.
    waiting: BTreeMap<(String, String), VecDeque<(u64, BrowserRequest)>>,
    /// The same, by order.
    order: BTreeMap<u64, (String, String)>,
    next: u64,
    /// Which set of tabs a visit is in.
    contexts: BTreeMap<VisitId, String>,
    continued: BTreeMap<u64, Initiator>,
    /// Whether some were thrown away for others.
    is_full: bool,
}

impl Join {
    /// Takes what the browser told.
    pub(crate) fn tell(&mut self, requests: Vec<BrowserRequest>) {
        for request in requests {
            let Ok(target) = Target::parse(&request.url) else { continue };
            if let Some(visit) = request.visit {
                self.contexts.insert(visit, request.context.clone());
                if self.contexts.len() > MAX_VISITS {
                    self.contexts.pop_first();
                }
            }
            let key = (request.method.clone(), address(&target));
            self.waiting.entry(key.clone()).or_default().push_back((self.next, request));
            self.order.insert(self.next, key);
            self.next += 1;
            if self.order.len() > MAX_WAITING {
                self.throw_away_first();
            }
        }
    }

    /// What the browser told of `exchange`.
    pub(crate) fn initiator(&mut self, exchange: &Exchange) -> Initiator {
        if exchange.continues.is_some() {
            let known = self.continued.get(&exchange.index).cloned();
            return known.unwrap_or_else(|| Initiator::unknown(WhyUnknown::TooMany));
        }
        let found = self.find(exchange).unwrap_or_else(|| {
            Initiator::unknown(if self.is_full { WhyUnknown::TooMany } else { WhyUnknown::NotTold })
        });
        self.continued.insert(exchange.index, found.clone());
        if self.continued.len() > MAX_CONTINUED {
            self.continued.pop_first();
        }
        found
    }

    /// Forgets what has not been met: it will not be.
    pub(crate) fn clear(&mut self) {
        *self = Self { next: self.next, ..Self::default() };
    }

    fn find(&mut self, exchange: &Exchange) -> Option<Initiator> {
        let request = &exchange.request;
        let address = address(&request.target);
        let key = (request.method.clone(), address);
        let place = self.place_of(&key, exchange)?;
        let (order, told) = self.waiting.get_mut(&key)?.remove(place)?;
        self.order.remove(&order);
        if self.waiting.get(&key).is_some_and(VecDeque::is_empty) {
            self.waiting.remove(&key);
        }
        let mut initiator = if told.is_preflight { self.asked_leave_for(&key.1, exchange)? } else { told.initiator };
        let purpose = request.headers.get("sec-purpose").unwrap_or_default();
        if purpose.starts_with(b"prefetch") && initiator.kind == InitiatorKind::Markup {
            initiator.kind = InitiatorKind::Preload;
        }
        Some(initiator)
    }

    /// Where the request waits: the first of the exchange's own visit, else of another visit in the same tabs, for what
    /// lies between two visits may be counted to either.
    fn place_of(&self, key: &(String, String), exchange: &Exchange) -> Option<usize> {
        let waiting = self.waiting.get(key)?;
        let is_near = |told: &BrowserRequest| is_near(told, exchange);
        let context = exchange.visit.and_then(|visit| self.contexts.get(&visit));
        let own = waiting.iter().position(|(_, told)| is_near(told) && told.visit == exchange.visit);
        own.or_else(|| waiting.iter().position(|(_, told)| is_near(told) && Some(&told.context) == context))
    }

    /// The request that a preflight asks leave for, of whatever method; that one still waits for its exchange.
    fn asked_leave_for(&self, address: &str, exchange: &Exchange) -> Option<Initiator> {
        let method = exchange.request.headers.text("access-control-request-method")?;
        let key = (method, address.to_owned());
        let waiting = self.waiting.get(&key)?;
        // It is told before its preflight, and sent after it.
        let is_near = |told: &BrowserRequest| exchange.started.duration_since(told.time).abs() <= LATEST;
        waiting.iter().find(|(_, told)| is_near(told)).map(|(_, told)| told.initiator.clone())
    }

    fn throw_away_first(&mut self) {
        let Some((order, key)) = self.order.pop_first() else { return };
        self.is_full = true;
        if let Some(waiting) = self.waiting.get_mut(&key) {
            waiting.retain(|(other, _)| *other != order);
            if waiting.is_empty() {
                self.waiting.remove(&key);
            }
        }
    }
}

/// Whether a request that was told can be the exchange, by the time.
fn is_near(told: &BrowserRequest, exchange: &Exchange) -> bool {
    let took = exchange.started.duration_since(told.time);
    (SOONEST..=LATEST).contains(&took)
}

/// An address without what stays in the browser; a WebSocket begins as a request like others (RFC 6455 §4.1).
fn address(target: &Target) -> String {
    let scheme = match target.scheme {
        Scheme::Http | Scheme::Ws => Scheme::Http,
        Scheme::Https | Scheme::Wss => Scheme::Https,
    };
    Target { scheme, userinfo: None, fragment: None, ..target.clone() }.to_string()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use model::{Body, Headers, RequestRecord};

    use super::*;

    const BEGUN: Timestamp = Timestamp::UNIX_EPOCH;

    fn told(visit: u32, method: &str, url: &str, seconds: i64, line: u32) -> BrowserRequest {
        BrowserRequest {
            context: if visit < 10 { "one" } else { "other" }.to_owned(),
            visit: Some(VisitId(visit)),
            method: method.to_owned(),
            url: url.to_owned(),
            time: BEGUN + SignedDuration::from_secs(seconds),
            initiator: Initiator { line: Some(line), ..Initiator::of(InitiatorKind::Markup) },
            is_preflight: method == "OPTIONS",
        }
    }

    fn exchange(visit: u32, method: &str, url: &str, seconds: i64) -> Exchange {
        let headers =
            if method == "OPTIONS" { vec![("access-control-request-method".into(), b"PUT".to_vec())] } else { vec![] };
        let request = RequestRecord {
            method: method.to_owned(),
            target: Target::parse(url).unwrap(),
            version: "h2".into(),
            headers: Headers(headers),
            body: Body::default(),
        };
        let begun = Exchange::begun(7, BEGUN + SignedDuration::from_secs(seconds), request);
        Exchange { visit: Some(VisitId(visit)), ..begun }
    }

    fn line(join: &mut Join, exchange: &Exchange) -> Result<u32, Option<WhyUnknown>> {
        let told = join.initiator(exchange);
        told.line.ok_or(told.why)
    }

    const NOT_TOLD: Result<u32, Option<WhyUnknown>> = Err(Some(WhyUnknown::NotTold));

    #[test]
    fn equal_requests_pair_in_order_and_each_once() {
        let mut join = Join::default();
        join.tell(vec![told(1, "GET", "https://a.test/x?y=1", 1, 1), told(1, "GET", "https://a.test/x?y=1#z", 1, 2)]);
        let same = exchange(1, "GET", "https://a.test/x?y=1", 1);
        assert_eq!([(); 3].map(|()| line(&mut join, &same)), [Ok(1), Ok(2), NOT_TOLD]);
        assert_eq!((join.waiting.len(), join.order.len()), (0, 0));
    }

    #[test]
    fn another_method_query_time_or_tab_is_another_request() {
        let mut join = Join::default();
        join.tell(vec![told(1, "GET", "https://a.test/x?y=1", 0, 1), told(20, "GET", "https://b.test/", 0, 2)]);
        for other in [
            exchange(1, "POST", "https://a.test/x?y=1", 0),
            exchange(1, "GET", "https://a.test/x?y=2", 0),
            exchange(1, "GET", "https://a.test/x?y=1", 31),
            exchange(1, "GET", "https://a.test/x?y=1", -2),
            exchange(20, "GET", "https://a.test/x?y=1", 0),
        ] {
            assert_eq!(line(&mut join, &other), NOT_TOLD, "{other:?}");
        }
        assert_eq!(line(&mut join, &exchange(1, "GET", "https://a.test/x?y=1", 2)), Ok(1));
    }

    #[test]
    fn what_lies_between_two_visits_of_one_tab_may_be_counted_to_either() {
        let mut join = Join::default();
        let url = "https://a.test/";
        join.tell(vec![told(1, "GET", url, 0, 1), told(2, "GET", url, 0, 2), told(20, "GET", url, 0, 3)]);
        assert_eq!(line(&mut join, &exchange(2, "GET", url, 0)), Ok(2), "its own first");
        assert_eq!(line(&mut join, &exchange(2, "GET", url, 0)), Ok(1));
        assert_eq!(line(&mut join, &exchange(2, "GET", url, 0)), NOT_TOLD);
    }

    #[test]
    fn a_preflight_is_put_down_to_what_it_asks_leave_for() {
        let mut join = Join::default();
        join.tell(vec![told(1, "OPTIONS", "https://a.test/", 0, 0), told(1, "PUT", "https://a.test/", 0, 5)]);
        assert_eq!(line(&mut join, &exchange(1, "OPTIONS", "https://a.test/", 0)), Ok(5));
        assert_eq!(line(&mut join, &exchange(1, "PUT", "https://a.test/", 0)), Ok(5));
    }

    #[test]
    fn a_socket_is_a_request_and_what_it_says_later_is_of_the_same() {
        let mut join = Join::default();
        join.tell(vec![told(1, "GET", "wss://a.test/ws", 0, 3)]);
        let opened = exchange(1, "GET", "https://a.test/ws", 0);
        assert_eq!(line(&mut join, &opened), Ok(3));
        let later = Exchange { continues: Some(model::Continuation::default()), ..opened };
        assert_eq!([(); 2].map(|()| line(&mut join, &later)), [Ok(3); 2]);
    }

    #[test]
    fn what_is_over_the_bound_says_so() {
        let mut join = Join::default();
        let many = (0..=MAX_WAITING).map(|n| told(1, "GET", &format!("https://a.test/{n}"), 0, 1)).collect();
        join.tell(many);
        assert_eq!(join.order.len(), MAX_WAITING);
        assert_eq!(line(&mut join, &exchange(1, "GET", "https://a.test/0", 0)), Err(Some(WhyUnknown::TooMany)));
        assert_eq!(line(&mut join, &exchange(1, "GET", "https://a.test/1", 0)), Ok(1));
    }

    #[test]
    fn a_prefetch_is_told_as_one_by_the_wire() {
        let mut join = Join::default();
        join.tell(vec![told(1, "GET", "https://a.test/", 0, 3)]);
        let mut early = exchange(1, "GET", "https://a.test/", 0);
        early.request.headers = Headers(vec![("sec-purpose".into(), b"prefetch;prerender".to_vec())]);
        assert_eq!(join.initiator(&early).kind, InitiatorKind::Preload);
    }
}
