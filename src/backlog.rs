//! Exchanges between the proxy, which tells them as they end, and the recorder, which judges them as they began.
//!
//! A page ends after much of what it loads. Judged in the order of their beginnings, and not before the visit they belong
//! to was told, requests that say nothing of their page are put down to the right one. It is judged on the main thread,
//! where an audit does nothing else: the proxy runs on the runtime's own threads.

use std::collections::{BTreeMap, BTreeSet};

use crawler::BrowserRequest;
use model::{Exchange, LaneId, VisitId};
use proxy::Captured;

use crate::join::Join;
use crate::progress::Reporter;
use crate::record::Recorder;

/// How an exchange of a live run names its source.
pub(crate) const LIVE: &str = "live";

/// Exchanges held back at most: some visits' worth.
const MAX_WAITING: usize = 2_000;

/// Bytes of their bodies and messages held back at most: some bodies at the proxy's cap. Its bounds on memory are not to
/// be undone here.
const MAX_WAITING_BYTES: usize = 16 << 20;

/// What was captured and not yet judged.
#[derive(Default)]
pub(crate) struct Backlog {
    waiting: Vec<Exchange>,
    waiting_bytes: usize,
    /// What the browser told of requests; `None` where there is none to tell.
    join: Option<Join>,
    /// Visits that were told: what belongs to others may be followed by something that began before it.
    told: BTreeSet<VisitId>,
    /// The one told last.
    just_told: Option<VisitId>,
    /// The visit that each lane has left last: what comes of it later waits for that, and for what the browser tells of it.
    left: BTreeMap<LaneId, VisitId>,
    /// The latest visit that anything was seen of.
    last_visit: Option<VisitId>,
    /// Visits up to this one were the self-test's, and are nobody else's business.
    self_test_visits: Option<VisitId>,
}

impl Backlog {
    /// Where a browser tells what made it send what it sends.
    pub(crate) fn of_a_browser() -> Self {
        Self { join: Some(Join::default()), ..Self::default() }
    }

    /// Takes what the proxy tells.
    pub(crate) fn take(&mut self, captured: Captured, recorder: &mut Recorder, reporter: &Reporter) {
        match captured {
            Captured::Exchange(exchange) => {
                self.last_visit = self.last_visit.max(exchange.visit);
                if exchange.visit.is_none() || exchange.visit > self.self_test_visits {
                    self.waiting_bytes += weight(&exchange);
                    self.waiting.push(*exchange);
                }
            }
            Captured::BlindSpot(blind_spot) => recorder.blind_spot(blind_spot),
        }
        if self.waiting.len() >= MAX_WAITING || self.waiting_bytes >= MAX_WAITING_BYTES {
            self.judge_all(recorder, reporter);
        }
    }

    /// Hands to `recorder` what belongs to visits that were told, in the order in which it began.
    pub(crate) fn judge(&mut self, recorder: &mut Recorder, reporter: &Reporter) {
        let Self { told, just_told, left, .. } = self;
        let is_due = |exchange: &mut Exchange| {
            let lane = exchange.connection.lane;
            let is_left = |visit| lane.is_none_or(|lane| left.get(&lane).is_some_and(|last| *last >= visit));
            exchange.visit.is_none_or(|visit| told.contains(&visit) && (*just_told == Some(visit) || is_left(visit)))
        };
        let due: Vec<Exchange> = self.waiting.extract_if(.., is_due).collect();
        self.waiting_bytes = self.waiting.iter().map(weight).sum();
        self.hand_over(due, recorder, reporter);
    }

    /// Hands everything that waits to `recorder`, in the order in which it began.
    pub(crate) fn judge_all(&mut self, recorder: &mut Recorder, reporter: &Reporter) {
        self.waiting_bytes = 0;
        let all = std::mem::take(&mut self.waiting);
        self.hand_over(all, recorder, reporter);
    }

    fn hand_over(&mut self, mut exchanges: Vec<Exchange>, recorder: &mut Recorder, reporter: &Reporter) {
        // In the order in which they came where one is more of another: the sort keeps it.
        exchanges.sort_by_key(|exchange| exchange.index);
        for mut exchange in exchanges {
            exchange.initiator = self.join.as_mut().map(|join| join.initiator(&exchange));
            reporter.judged(recorder.exchange(LIVE, &exchange));
        }
    }

    /// Takes what the browser told of requests; of a visit before what is captured of it is judged.
    pub(crate) fn hear(&mut self, requests: Vec<BrowserRequest>) {
        if let Some(join) = &mut self.join {
            join.tell(requests);
        }
    }

    /// `visit` took place, whether or not anything was captured of it.
    pub(crate) fn saw(&mut self, visit: VisitId) {
        self.told.insert(visit);
        self.just_told = Some(visit);
        self.last_visit = self.last_visit.max(Some(visit));
    }

    /// `lane` has left `visit` and those before it.
    pub(crate) fn left(&mut self, lane: LaneId, visit: VisitId) {
        self.just_told = None;
        self.left.insert(lane, visit);
    }

    /// The visits so far were the self-test's.
    pub(crate) fn end_self_test(&mut self) {
        self.self_test_visits = self.last_visit;
        if let Some(join) = &mut self.join {
            join.clear();
        }
    }
}

/// Bytes of an exchange's body and messages.
pub(crate) fn weight(exchange: &Exchange) -> usize {
    exchange.request.body.bytes.len() + exchange.messages.iter().map(|message| message.bytes.len()).sum::<usize>()
}
