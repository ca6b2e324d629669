//! What the browser tells of the requests it sends: kept until somebody asks, within bounds.
//!
//! The wire is the record of what was sent. This only adds who sent it, for the requests that the browser tells.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::{Initiator, VisitId, Wanted, WhyUnknown};
use serde_json::Value;

use crate::cut::cut;
use crate::initiator::{Sender, initiator};

/// Requests kept until they are asked for: some pages' worth.
const MAX_KEPT: usize = 10_000;

/// Bytes of their addresses and initiators kept, about.
const MAX_BYTES: usize = 32 << 20;

/// Longest address of a request kept: longer than any that servers take.
const MAX_URL: usize = 128 << 10;

/// Sessions and contexts remembered.
const MAX_KNOWN: usize = 5_000;

/// Longest name of a method kept.
const MAX_METHOD: usize = 100;

/// WebSockets that were made and have not said yet when they begin.
const MAX_SOCKETS: usize = 1_000;

/// A request as the browser tells of it. Raw: addresses may hold numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserRequest {
    /// The browser's name for the set of tabs that it was sent from.
    pub context: String,
    /// The visit under way in them.
    pub visit: Option<VisitId>,
    /// `GET`, `OPTIONS` ...
    pub method: String,
    /// Where to, without what follows `#`.
    pub url: String,
    /// When, by the browser's clock.
    pub time: Timestamp,
    /// What made the browser send it.
    pub initiator: Initiator,
    /// Whether the browser asks leave for another request by it (Fetch standard, "CORS-preflight fetch").
    pub is_preflight: bool,
}

/// Requests told so far and not asked for.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    /// The context and kind of each session's target.
    sessions: BTreeMap<String, Target>,
    /// Who records a target that two sessions tell of.
    recorded_by: BTreeMap<String, String>,
    /// The visit that each context is at.
    visits: BTreeMap<String, VisitId>,
    kept: BTreeMap<u64, Kept>,
    /// The latest of each request, which may be followed by others where it is sent on.
    by_id: BTreeMap<(String, String), u64>,
    sockets: BTreeMap<(String, String), (String, Initiator)>,
    bytes: usize,
    next: u64,
    /// Requests of each context that were told and not kept.
    left_out: BTreeMap<String, u32>,
}

#[derive(Clone, Debug, Default)]
struct Target {
    id: String,
    context: String,
    sender: Sender,
}

#[derive(Debug)]
struct Kept {
    key: (String, String),
    request: BrowserRequest,
}

impl Recorder {
    /// From now on requests of `context` are those of `visit`.
    pub(crate) fn begin(&mut self, context: &str, visit: VisitId) {
        if self.visits.len() < MAX_KNOWN || self.visits.contains_key(context) {
            self.visits.insert(context.to_owned(), visit);
        }
    }

    /// The context is gone.
    pub(crate) fn end(&mut self, context: &str) {
        self.visits.remove(context);
        // Its last requests, and how many were left out, go with it.
        let _ = self.take(context);
        self.sessions.retain(|_, target| target.context != context);
        let sessions = &self.sessions;
        self.recorded_by.retain(|_, session| sessions.contains_key(session));
        self.sockets.retain(|(session, _), _| sessions.contains_key(session));
    }

    /// What was told of `context` since this was asked last, in order, and how many requests beyond what is kept.
    pub(crate) fn take(&mut self, context: &str) -> (Vec<BrowserRequest>, u32) {
        let ids: Vec<u64> =
            self.kept.iter().filter(|(_, kept)| kept.request.context == context).map(|(id, _)| *id).collect();
        let requests = ids.into_iter().filter_map(|id| self.remove(id)).collect();
        (requests, self.left_out.remove(context).unwrap_or_default())
    }

    /// Takes in one event.
    pub(crate) fn take_in(&mut self, event: &Value) {
        let _ = self.try_take_in(event);
    }

    fn try_take_in(&mut self, event: &Value) -> Option<()> {
        let params = event.get("params")?;
        let method = event.get("method")?.as_str()?;
        if method == "Target.attachedToTarget" {
            self.attached(event.get("sessionId").and_then(Value::as_str), params);
            return None;
        }
        if method == "Target.detachedFromTarget" {
            self.detached(text(params, "sessionId")?);
            return None;
        }
        let session = event.get("sessionId")?.as_str()?;
        let target = self.sessions.get(session)?.clone();
        if self.recorded_by.get(&target.id).is_some_and(|other| other != session) {
            return None;
        }
        let key = || Some((session.to_owned(), text(params, "requestId")?.to_owned()));
        match method {
            "Network.requestWillBeSent" => {
                let request = params.get("request")?;
                let (url, verb) = (text(request, "url")?, text(request, "method")?);
                let time = time(params.get("wallTime")?)?;
                let is_preflight = verb == "OPTIONS" && how(params) == Some("preflight");
                let key = key()?;
                let initiator = match params.get("redirectResponse") {
                    Some(_) => self.initiator_before(&key, target.sender, params),
                    None => initiator(target.sender, params),
                };
                let url = url.to_owned();
                let (context, method) = (target.context.clone(), cut(verb, MAX_METHOD));
                let request = BrowserRequest { context, visit: None, method, url, time, initiator, is_preflight };
                self.keep(key, request);
            }
            "Network.webSocketCreated" if self.sockets.len() < MAX_SOCKETS => {
                let mut made_by = initiator(target.sender, params);
                made_by.wanted = Some(Wanted::Websocket);
                self.sockets.insert(key()?, (cut(text(params, "url")?, MAX_URL), made_by));
            }
            "Network.webSocketWillSendHandshakeRequest" => {
                let key = key()?;
                let (url, initiator) = self.sockets.remove(&key)?;
                let (method, time) = ("GET".to_owned(), time(params.get("wallTime")?)?);
                let context = target.context.clone();
                let request =
                    BrowserRequest { context, visit: None, method, url, time, initiator, is_preflight: false };
                self.keep(key, request);
            }
            // Another told the wire, or nobody did.
            "Network.requestServedFromCache" => {
                self.never_sent(&key()?);
            }
            "Network.responseReceived" => {
                let response = params.get("response")?;
                let is = |name| response.get(name).and_then(Value::as_bool) == Some(true);
                if is("fromServiceWorker") || is("fromDiskCache") || is("fromPrefetchCache") {
                    self.never_sent(&key()?);
                }
            }
            _ => {}
        }
        None
    }

    fn attached(&mut self, parent: Option<&str>, params: &Value) -> Option<()> {
        let (session, info) = (text(params, "sessionId")?, params.get("targetInfo")?);
        let id = text(info, "targetId")?.to_owned();
        // Workers of a page do not always say their context: it is the page's.
        let of_parent = || parent.and_then(|parent| self.sessions.get(parent)).map(|target| target.context.clone());
        let context = text(info, "browserContextId").map(str::to_owned).or_else(of_parent)?;
        if self.sessions.len() < MAX_KNOWN {
            let sender = Sender::of(text(info, "type").unwrap_or_default());
            self.sessions.insert(session.to_owned(), Target { id: id.clone(), context, sender });
            self.recorded_by.entry(id).or_insert_with(|| session.to_owned());
        }
        None
    }

    fn detached(&mut self, session: &str) {
        let Some(target) = self.sessions.remove(session) else { return };
        if self.recorded_by.get(&target.id).is_none_or(|by| by != session) {
            return;
        }
        // Whoever else is attached goes on.
        let heir = self.sessions.iter().find(|(_, other)| other.id == target.id).map(|(session, _)| session.clone());
        match heir {
            Some(heir) => self.recorded_by.insert(target.id, heir),
            None => self.recorded_by.remove(&target.id),
        };
        self.sockets.retain(|(of, _), _| of != session);
    }

    /// Who made a request that the site sent on elsewhere: whoever made it in the first place. The browser tells where its
    /// own reading of the page has come to by now.
    fn initiator_before(&self, key: &(String, String), sender: Sender, params: &Value) -> Initiator {
        let before = self.by_id.get(key).and_then(|id| self.kept.get(id)).map(|kept| kept.request.initiator.clone());
        before.unwrap_or_else(|| {
            let told = initiator(sender, params);
            if how(params) == Some("parser") { Initiator::unknown(WhyUnknown::NotSaid) } else { told }
        })
    }

    fn keep(&mut self, key: (String, String), mut request: BrowserRequest) {
        // What is no request on the wire: `data:`, `blob:`, `chrome:`.
        if !["http://", "https://", "ws://", "wss://"].iter().any(|scheme| request.url.starts_with(scheme)) {
            return;
        }
        if let Some(at) = request.url.find('#') {
            request.url.truncate(at);
        }
        let bytes = weight(&request);
        if request.url.len() > MAX_URL || self.kept.len() >= MAX_KEPT || self.bytes + bytes > MAX_BYTES {
            let count = self.left_out.entry(request.context.clone()).or_default();
            *count = count.saturating_add(1);
            return;
        }
        request.visit = self.visits.get(&request.context).copied();
        self.bytes += bytes;
        self.by_id.insert(key.clone(), self.next);
        self.kept.insert(self.next, Kept { key, request });
        self.next += 1;
    }

    /// What was told as a request is none on the wire.
    fn never_sent(&mut self, key: &(String, String)) {
        if let Some(id) = self.by_id.get(key).copied() {
            self.remove(id);
        }
    }

    fn remove(&mut self, id: u64) -> Option<BrowserRequest> {
        let Kept { key, request } = self.kept.remove(&id)?;
        self.bytes = self.bytes.saturating_sub(weight(&request));
        if self.by_id.get(&key) == Some(&id) {
            self.by_id.remove(&key);
        }
        Some(request)
    }
}

/// About how many bytes are kept for a request.
fn weight(request: &BrowserRequest) -> usize {
    let BrowserRequest { url, initiator, .. } = request;
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let callers: usize = initiator.callers.iter().map(|caller| caller.url.len() + caller.function.len()).sum();
    url.len() + length(&initiator.url) + length(&initiator.document) + length(&initiator.function) + callers
}

/// How a request came to be, in the browser's word.
fn how(params: &Value) -> Option<&str> {
    text(params.get("initiator")?, "type")
}

/// Seconds since 1970, of which the browser gives fractions.
fn time(wall: &Value) -> Option<Timestamp> {
    let seconds = std::time::Duration::try_from_secs_f64(wall.as_f64()?).ok()?;
    Timestamp::from_nanosecond(i128::try_from(seconds.as_nanos()).ok()?).ok()
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attached(recorder: &mut Recorder, parent: Option<&str>, session: &str, target: &str, context: Option<&str>) {
        recorder.take_in(
            &json!({"method": "Target.attachedToTarget", "sessionId": parent, "params": {"sessionId": session,
            "targetInfo": {"targetId": target, "type": "page", "browserContextId": context}}}),
        );
    }

    fn sends(recorder: &mut Recorder, session: &str, id: &str, url: &str) {
        recorder.take_in(&json!({"method": "Network.requestWillBeSent", "sessionId": session, "params": {"requestId": id,
            "wallTime": 1_700_000_000.25, "type": "Fetch", "documentURL": "https://a.test/", "initiator": {"type": "other"},
            "request": {"url": url, "method": "GET"}}}));
    }

    fn taken(recorder: &mut Recorder, context: &str) -> Vec<(Option<u32>, String)> {
        let (requests, left_out) = recorder.take(context);
        assert_eq!(left_out, 0);
        requests.into_iter().map(|request| (request.visit.map(|visit| visit.0), request.url)).collect()
    }

    #[test]
    fn each_context_has_its_own_requests_and_visit() {
        let mut recorder = Recorder::default();
        attached(&mut recorder, None, "s", "T", Some("c"));
        attached(&mut recorder, None, "t", "U", Some("d"));
        recorder.begin("c", VisitId(1));
        recorder.begin("d", VisitId(2));
        sends(&mut recorder, "s", "1", "https://a.test/x#y");
        sends(&mut recorder, "t", "1", "https://b.test/");
        recorder.begin("c", VisitId(3));
        sends(&mut recorder, "s", "2", "https://a.test/z");
        sends(&mut recorder, "s", "3", "data:text/plain,x");
        let [x, z] = [(Some(1), "https://a.test/x".to_owned()), (Some(3), "https://a.test/z".to_owned())];
        assert_eq!(taken(&mut recorder, "c"), [x, z]);
        assert_eq!(taken(&mut recorder, "c"), []);
        assert_eq!(taken(&mut recorder, "d"), [(Some(2), "https://b.test/".to_owned())]);
        assert_eq!((recorder.bytes, recorder.by_id.len()), (0, 0));
    }

    #[test]
    fn a_worker_is_in_its_pages_context_and_two_sessions_tell_once() {
        let mut recorder = Recorder::default();
        attached(&mut recorder, None, "s", "T", Some("c"));
        attached(&mut recorder, Some("s"), "w", "W", None);
        attached(&mut recorder, None, "w2", "W", Some("c"));
        for session in ["w", "w2"] {
            sends(&mut recorder, session, "1", "https://a.test/x");
        }
        assert_eq!(taken(&mut recorder, "c").len(), 1);
        recorder.take_in(&json!({"method": "Target.detachedFromTarget", "params": {"sessionId": "w"}}));
        sends(&mut recorder, "w2", "2", "https://a.test/x");
        assert_eq!(taken(&mut recorder, "c").len(), 1, "the other session goes on");
        recorder.end("c");
        assert_eq!((recorder.sessions.len(), recorder.recorded_by.len()), (0, 0));
    }

    #[test]
    fn what_a_cache_or_a_service_worker_answered_was_not_sent() {
        let mut recorder = Recorder::default();
        attached(&mut recorder, None, "s", "T", Some("c"));
        for id in ["1", "2", "3"] {
            sends(&mut recorder, "s", id, &format!("https://a.test/{id}"));
        }
        recorder.take_in(
            &json!({"method": "Network.requestServedFromCache", "sessionId": "s", "params": {"requestId": "1"}}),
        );
        recorder.take_in(&json!({"method": "Network.responseReceived", "sessionId": "s", "params": {"requestId": "2",
            "response": {"fromServiceWorker": true}}}));
        assert_eq!(taken(&mut recorder, "c"), [(None, "https://a.test/3".to_owned())]);
    }

    #[test]
    fn a_web_socket_is_told_when_it_begins() {
        let mut recorder = Recorder::default();
        attached(&mut recorder, None, "s", "T", Some("c"));
        recorder.take_in(&json!({"method": "Network.webSocketCreated", "sessionId": "s", "params": {"requestId": "1",
            "url": "wss://a.test/ws", "initiator": {"type": "script"}}}));
        recorder.take_in(&json!({"method": "Network.webSocketWillSendHandshakeRequest", "sessionId": "s", "params":
            {"requestId": "1", "wallTime": 1.5, "request": {}}}));
        assert_eq!(taken(&mut recorder, "c"), [(None, "wss://a.test/ws".to_owned())]);
    }

    #[test]
    fn what_is_over_the_bound_is_counted() {
        let mut recorder = Recorder::default();
        attached(&mut recorder, None, "s", "T", Some("c"));
        for id in 0..MAX_KEPT + 3 {
            sends(&mut recorder, "s", &id.to_string(), "https://a.test/");
        }
        let (requests, left_out) = recorder.take("c");
        assert_eq!((requests.len(), left_out), (MAX_KEPT, 3));
    }
}
