//! Exchanges between the proxy, which tells them as they end, and the recorder, which judges them as they began.
//!
//! A page ends after much of what it loads. Judged in the order of their beginnings, and not before the visit they belong
//! to was told, requests that say nothing of their page are put down to the right one. It is judged on the main thread, where an audit does nothing else: the
//! proxy runs on the runtime's own threads.

use std::collections::BTreeSet;

use model::{Exchange, VisitId};
use proxy::Captured;

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
    /// Visits that were told: what belongs to others may be followed by something that began before it.
    told: BTreeSet<VisitId>,
    /// The latest visit that anything was seen of.
    last_visit: Option<VisitId>,
    /// Visits up to this one were the self-test's, and are nobody else's business.
    self_test_visits: Option<VisitId>,
}

impl Backlog {
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
        let told = &self.told;
        let is_due = |exchange: &mut Exchange| exchange.visit.is_none_or(|visit| told.contains(&visit));
        let due: Vec<Exchange> = self.waiting.extract_if(.., is_due).collect();
        self.waiting_bytes = self.waiting.iter().map(weight).sum();
        hand_over(due, recorder, reporter);
    }

    /// Hands everything that waits to `recorder`, in the order in which it began.
    pub(crate) fn judge_all(&mut self, recorder: &mut Recorder, reporter: &Reporter) {
        self.waiting_bytes = 0;
        hand_over(std::mem::take(&mut self.waiting), recorder, reporter);
    }

    /// `visit` took place, whether or not anything was captured of it.
    pub(crate) fn saw(&mut self, visit: VisitId) {
        self.told.insert(visit);
        self.last_visit = self.last_visit.max(Some(visit));
    }

    /// The visits so far were the self-test's.
    pub(crate) fn end_self_test(&mut self) {
        self.self_test_visits = self.last_visit;
    }
}

fn hand_over(mut exchanges: Vec<Exchange>, recorder: &mut Recorder, reporter: &Reporter) {
    // In the order in which they came where one is more of another: the sort keeps it.
    exchanges.sort_by_key(|exchange| exchange.index);
    for exchange in exchanges {
        reporter.judged(recorder.exchange(LIVE, &exchange));
    }
}

/// Bytes of an exchange's body and messages.
pub(crate) fn weight(exchange: &Exchange) -> usize {
    exchange.request.body.bytes.len() + exchange.messages.iter().map(|message| message.bytes.len()).sum::<usize>()
}
