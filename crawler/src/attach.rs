//! New targets, from the moment they are there until they may go on: tabs, windows, frames of other sites, workers.
//!
//! The browser holds each back until we have said what we want to be told of it. Only when all of that is answered may
//! it go on, so that its first request is told like any other. One that does not answer is let go all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cut::cut;

/// How long a target may take to answer. It stands still until then, and so does who opened it; some milliseconds are
/// usual.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// Targets held back at once; further ones are let go at once. A page can make workers without end.
const MAX_HELD: usize = 1_000;

/// How many waits back a stack reaches, as other crawlers have it.
const ASYNC_DEPTH: u32 = 32;

/// Longest address kept of a target.
const MAX_TEXT: usize = 2_000;

/// What lets a target go on.
pub(crate) const GO_ON: &str = "Runtime.runIfWaitingForDebugger";

/// Who is being held back.
#[derive(Debug, Default)]
pub(crate) struct Attaching {
    held: BTreeMap<String, Held>,
    /// Whose answer a call's is.
    calls: BTreeMap<u64, String>,
    /// Targets that were let go without having answered, and the first one's address.
    let_go: (u32, String),
}

/// A target that has just been attached to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NewTarget {
    /// The session with it.
    pub(crate) session: String,
    /// What it is: `page`, `iframe`, `worker`.
    pub(crate) kind: String,
    /// Its address.
    pub(crate) url: String,
}

#[derive(Debug)]
struct Held {
    open: BTreeSet<u64>,
    since: Instant,
    url: String,
    /// It goes on already, and may still answer: a machine at its limit takes seconds for what is lost to nobody.
    goes_on: bool,
}

/// Asks to be told of targets below `session`, or below the browser itself, each held back at its beginning.
pub(crate) fn auto_attach() -> Value {
    json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true, "filter": [
        {"type": "browser", "exclude": true}, {"type": "tab", "exclude": true}, {"type": "browser_ui", "exclude": true}, {},
    ]})
}

/// What is asked of a new target of `kind`, in this order.
pub(crate) fn questions(kind: &str) -> Vec<(&'static str, Value)> {
    // The network is watched for what makes a request, for the proxy's own answers, and since caching cannot be switched
    // off otherwise: no body need be kept of it.
    let network = json!({"maxTotalBufferSize": 0, "maxResourceBufferSize": 0, "maxPostDataSize": 0});
    let mut questions = Vec::new();
    if matches!(kind, "page" | "iframe") {
        questions.push(("Page.enable", json!({})));
    }
    questions.push(("Network.enable", network));
    questions.push(("Network.setCacheDisabled", json!({"cacheDisabled": true})));
    // Without the stacks of what was waited for, an image that a script asks for is put down to the markup beside it.
    questions.push(("Runtime.enable", json!({})));
    questions.push(("Runtime.setAsyncCallStackDepth", json!({"maxDepth": ASYNC_DEPTH})));
    questions.push(("Target.setAutoAttach", auto_attach()));
    questions
}

/// Whether a target of `kind` answers while it is held back. A service worker does not: there is nobody to answer before
/// its script is fetched. What it was asked holds from its first line on all the same.
pub(crate) fn answers_before_it_runs(kind: &str) -> bool {
    kind != "service_worker"
}

impl Attaching {
    /// `session` with the target at `url` waits for the answers to `calls`.
    pub(crate) fn hold(&mut self, session: &str, url: &str, calls: impl IntoIterator<Item = u64>, now: Instant) {
        let held = self.held.entry(session.to_owned()).or_insert_with(|| Held {
            open: BTreeSet::new(),
            since: now,
            url: cut(url, MAX_TEXT),
            goes_on: false,
        });
        for call in calls {
            held.open.insert(call);
            self.calls.insert(call, session.to_owned());
        }
    }

    /// Whether there is room for one more.
    pub(crate) fn has_room(&self) -> bool {
        self.held.len() < MAX_HELD
    }

    /// Call `id` was answered, well or not; the session that may go on now.
    pub(crate) fn answered(&mut self, id: u64) -> Option<String> {
        let session = self.calls.remove(&id)?;
        let held = self.held.get_mut(&session)?;
        held.open.remove(&id);
        if !held.open.is_empty() {
            return None;
        }
        let waited = !held.goes_on;
        self.held.remove(&session);
        waited.then_some(session)
    }

    /// The session has ended.
    pub(crate) fn forget(&mut self, session: &str) {
        let Some(held) = self.held.remove(session) else { return };
        for call in &held.open {
            self.calls.remove(call);
        }
        if held.goes_on {
            self.let_go(&held.url);
        }
    }

    /// When the one that waits longest has waited long enough.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.held.values().filter(|held| !held.goes_on).map(|held| held.since + PATIENCE).min()
    }

    /// The sessions that have waited long enough, and go on now.
    pub(crate) fn overdue(&mut self, now: Instant) -> Vec<String> {
        let mut late = Vec::new();
        for (session, held) in &mut self.held {
            if !held.goes_on && now.saturating_duration_since(held.since) >= PATIENCE {
                held.goes_on = true;
                late.push(session.clone());
            }
        }
        late
    }

    /// The target at `url` goes on unheard.
    pub(crate) fn let_go(&mut self, url: &str) {
        if self.let_go.0 == 0 {
            self.let_go.1 = cut(url, MAX_TEXT);
        }
        self.let_go.0 = self.let_go.0.saturating_add(1);
    }

    /// How many went on unheard since this was asked last, and the first one's address.
    pub(crate) fn take_let_go(&mut self) -> Option<(u32, String)> {
        (self.let_go.0 > 0).then(|| std::mem::take(&mut self.let_go))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_goes_on_with_its_last_answer_and_not_before() {
        let mut attaching = Attaching::default();
        attaching.hold("s", "https://a.test/", [1, 2, 3], Instant::now());
        assert_eq!([2, 9, 1].map(|id| attaching.answered(id)), [None, None, None]);
        assert_eq!(attaching.answered(3), Some("s".to_owned()));
        assert_eq!((attaching.answered(3), attaching.due(), attaching.take_let_go()), (None, None, None));
    }

    #[test]
    fn one_that_does_not_answer_goes_on_when_patience_ends_and_is_told_once() {
        let (mut attaching, begun) = (Attaching::default(), Instant::now());
        attaching.hold("s", "https://a.test/", [1], begun);
        attaching.hold("t", "https://b.test/", [2], begun);
        attaching.hold("u", "https://c.test/", [3], begun + PATIENCE);
        assert_eq!((attaching.due(), attaching.overdue(begun)), (Some(begun + PATIENCE), vec![]));
        assert_eq!(attaching.overdue(begun + PATIENCE), ["s", "t"]);
        assert_eq!((attaching.overdue(begun + PATIENCE), attaching.take_let_go()), (vec![], None));
        // A late answer is an answer, and lets nobody go on twice.
        assert_eq!((attaching.answered(2), attaching.answered(3)), (None, Some("u".to_owned())));
        for session in ["s", "t", "u"] {
            attaching.forget(session);
        }
        assert_eq!(attaching.take_let_go(), Some((1, "https://a.test/".to_owned())));
        assert_eq!(attaching.take_let_go(), None);
    }

    #[test]
    fn a_session_that_ends_is_waited_for_no_more() {
        let mut attaching = Attaching::default();
        attaching.hold("s", "", [1], Instant::now());
        attaching.forget("s");
        assert_eq!((attaching.answered(1), attaching.due(), attaching.calls.len()), (None, None, 0));
    }
}
