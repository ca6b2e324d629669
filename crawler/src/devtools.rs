//! Our own `DevTools` connection: flat sessions, untyped messages, every call with a deadline.
//!
//! It stands beside the library that drives the tabs and does what that cannot: contexts with their own proxy,
//! answers to dialogs while a call is blocked by one, keys typed one by one. A thread reads; whoever calls writes.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Message, WebSocket};

use crate::BrowserError;
use crate::attach::{Attaching, GO_ON, NewTarget, PATIENCE, answers_before_it_runs, auto_attach, questions};
use crate::frames::Skimmed;
use crate::recorder::Recorder;
use crate::watch::{Reaction, Watch};

/// How long a command that needs no page may take.
pub(crate) const CALL_DEADLINE: Duration = Duration::from_secs(10);

/// Longest message taken: what we ask of pages is far smaller. Longer ones, a dialog's text or a request's address,
/// are passed over, and a page that waits for an answer to one is closed by its deadline.
const MAX_MESSAGE_BYTES: usize = 64 << 20;

/// How often those who wait look up by themselves, for their stop flag.
const WAKE_UP: Duration = Duration::from_millis(100);

/// A connection to the browser. Dropping it lets the browser forget the contexts made through it.
pub(crate) struct DevTools {
    writer: Arc<Writer>,
    shared: Arc<Shared>,
}

/// What the reader and the callers have in common.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    watch: Watch,
    attaching: Attaching,
    recorder: Recorder,
    /// Answers waited for, by the number of the call.
    answers: BTreeMap<u64, Option<Value>>,
    /// Why there will be no more messages.
    ended: Option<String>,
}

struct Writer(Mutex<Sender>);

struct Sender {
    socket: WebSocket<TcpStream>,
    next_id: u64,
}

impl DevTools {
    /// Connects to the browser's endpoint and asks to be told of all its tabs.
    pub(crate) fn connect(endpoint: &str) -> Result<Self, BrowserError> {
        let gone = |error: &dyn std::fmt::Display| BrowserError::Gone(error.to_string());
        let address = endpoint.trim_start_matches("ws://").split('/').next().unwrap_or_default();
        let stream = TcpStream::connect(address).map_err(|error| gone(&error))?;
        stream.set_nodelay(true).map_err(|error| gone(&error))?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_MESSAGE_BYTES));
        let write_half = stream.try_clone().map_err(|error| gone(&error))?;
        let read_half = stream.try_clone().map_err(|error| gone(&error))?;
        tungstenite::client::client_with_config(endpoint, stream, Some(config)).map_err(|error| gone(&error))?;
        // The browser says nothing before it is asked, so both halves start at a frame's edge.
        let read_half = Skimmed::new(read_half, MAX_MESSAGE_BYTES);
        let reader = WebSocket::from_raw_socket(read_half, Role::Client, Some(config));
        let socket = WebSocket::from_raw_socket(write_half, Role::Client, Some(config));
        let connection = Self {
            writer: Arc::new(Writer(Mutex::new(Sender { socket, next_id: 1 }))),
            shared: Arc::new(Shared::default()),
        };
        let (writer, shared) = (Arc::clone(&connection.writer), Arc::clone(&connection.shared));
        thread::spawn(move || read_all(reader, &writer, &shared));
        let (writer, shared) = (Arc::clone(&connection.writer), Arc::clone(&connection.shared));
        thread::spawn(move || let_go_in_time(&writer, &shared));
        connection.call(None, "Target.setDiscoverTargets", &json!({"discover": true}))?;
        connection.call(None, "Target.setAutoAttach", &auto_attach())?;
        Ok(connection)
    }

    /// Sends a command to the browser, or to the tab of `session`, and returns its result.
    pub(crate) fn call(&self, session: Option<&str>, method: &str, params: &Value) -> Result<Value, BrowserError> {
        self.call_within(session, method, params, CALL_DEADLINE)
    }

    /// The same, waiting at most `deadline`: a page that is busy does not answer.
    pub(crate) fn call_within(
        &self,
        session: Option<&str>,
        method: &str,
        params: &Value,
        deadline: Duration,
    ) -> Result<Value, BrowserError> {
        let begun = Instant::now();
        let id = self.writer.send(session, method, params, |id| {
            self.shared.lock().answers.insert(id, None);
        })?;
        let mut state = self.shared.lock();
        loop {
            if let Some(answer) = state.answers.get_mut(&id).and_then(Option::take) {
                state.answers.remove(&id);
                return result_of(method, &answer);
            }
            if let Some(reason) = &state.ended {
                return Err(BrowserError::Gone(reason.clone()));
            }
            let Some(left) = deadline.checked_sub(begun.elapsed()) else {
                state.answers.remove(&id);
                return Err(BrowserError::Silent { method: method.to_owned() });
            };
            state = self.shared.wait(state, left);
        }
    }

    /// Waits until `look` finds something, at most `deadline`; `give_up` is asked now and then.
    pub(crate) fn wait_for<T>(
        &self,
        deadline: Duration,
        give_up: &dyn Fn() -> bool,
        look: impl Fn(&Watch) -> Option<T>,
    ) -> Result<Option<T>, BrowserError> {
        let begun = Instant::now();
        let mut state = self.shared.lock();
        loop {
            if let Some(found) = look(&state.watch) {
                return Ok(Some(found));
            }
            if let Some(reason) = &state.ended {
                return Err(BrowserError::Gone(reason.clone()));
            }
            let Some(left) = deadline.checked_sub(begun.elapsed()) else { return Ok(None) };
            if give_up() {
                return Ok(None);
            }
            state = self.shared.wait(state, left.min(WAKE_UP));
        }
    }

    /// Looks at, or changes, what the browser told.
    pub(crate) fn with_watch<T>(&self, look: impl FnOnce(&mut Watch) -> T) -> T {
        look(&mut self.shared.lock().watch)
    }

    /// Looks at, or takes, what the browser told of requests.
    pub(crate) fn with_recorder<T>(&self, look: impl FnOnce(&mut Recorder) -> T) -> T {
        look(&mut self.shared.lock().recorder)
    }

    /// How many targets went on before they could be watched since this was asked last, and the first one's address.
    pub(crate) fn take_let_go(&self) -> Option<(u32, String)> {
        self.shared.lock().attaching.take_let_go()
    }

    /// Why the connection ended, if it did.
    pub(crate) fn ended(&self) -> Option<String> {
        self.shared.lock().ended.clone()
    }
}

impl Drop for DevTools {
    fn drop(&mut self) {
        // Ends the reader as well: both halves are one stream.
        let sender = self.writer.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = sender.socket.get_ref().shutdown(std::net::Shutdown::Both);
    }
}

impl State {
    /// Takes in an event; what must be done about it at once.
    fn take_in(&mut self, event: &Value) -> Option<Reaction> {
        self.recorder.take_in(event);
        if event.get("method").and_then(Value::as_str) == Some("Target.detachedFromTarget")
            && let Some(session) =
                event.get("params").and_then(|params| params.get("sessionId")).and_then(Value::as_str)
        {
            self.attaching.forget(session);
        }
        self.watch.take_in(event)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, at_most: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, at_most).unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Writer {
    /// Sends a command under a fresh number; `expect` hears the number before anything is sent.
    fn send(
        &self,
        session: Option<&str>,
        method: &str,
        params: &Value,
        expect: impl FnOnce(u64),
    ) -> Result<u64, BrowserError> {
        let mut sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = sender.next_id;
        sender.next_id += 1;
        expect(id);
        let mut command = json!({"id": id, "method": method, "params": params});
        if let (Some(session), Some(fields)) = (session, command.as_object_mut()) {
            fields.insert("sessionId".to_owned(), session.into());
        }
        sender
            .socket
            .send(Message::text(command.to_string()))
            .map_err(|error| BrowserError::Gone(error.to_string()))?;
        Ok(id)
    }

    /// Sends what cannot wait for an answer: the reader itself is the one that would read it.
    fn react(&self, reaction: &Reaction, shared: &Shared) {
        let sent = match reaction {
            Reaction::AcceptDialog(session) => {
                self.send(Some(session), "Page.handleJavaScriptDialog", &json!({"accept": true}), |_| ()).map(drop)
            }
            Reaction::Enable(target) => self.enable(target, shared),
            Reaction::Close(target) => {
                self.send(None, "Target.closeTarget", &json!({"targetId": target}), |_| ()).map(drop)
            }
        };
        if let Err(error) = sent {
            tracing::debug!(%error, "the browser heard no reaction");
        }
    }

    /// Asks a new target for all that we want to be told. It is held back until it has answered.
    fn enable(&self, target: &NewTarget, shared: &Shared) -> Result<(), BrowserError> {
        let NewTarget { session, kind, url } = target;
        let (begun, has_room) = (Instant::now(), shared.lock().attaching.has_room());
        let is_held = has_room && answers_before_it_runs(kind);
        for (method, params) in questions(kind) {
            self.send(Some(session), method, &params, |id| {
                if is_held {
                    shared.lock().attaching.hold(session, url, [id], begun);
                }
            })?;
        }
        if is_held {
            shared.changed.notify_all();
            return Ok(());
        }
        if !has_room {
            // One too many is watched as well as may be.
            shared.lock().attaching.let_go(url);
        }
        self.go_on(session)
    }

    /// Lets a target go on.
    fn go_on(&self, session: &str) -> Result<(), BrowserError> {
        self.send(Some(session), GO_ON, &json!({}), |_| ()).map(drop)
    }
}

/// Reads until the connection ends; then tells everybody who waits.
fn read_all(mut reader: WebSocket<Skimmed<TcpStream>>, writer: &Writer, shared: &Shared) {
    let reason = loop {
        let message = match reader.read() {
            Ok(Message::Text(text)) => serde_json::from_str::<Value>(&text),
            Ok(Message::Close(_)) => break "it closed the connection".to_owned(),
            Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
            Err(error) => break error.to_string(),
        };
        let Ok(message) = message else { continue };
        let (reaction, enabled) = {
            let mut state = shared.lock();
            match message.get("id").and_then(Value::as_u64) {
                Some(id) => {
                    let enabled = state.attaching.answered(id);
                    if let Some(waiting) = state.answers.get_mut(&id) {
                        *waiting = Some(message);
                    }
                    (None, enabled)
                }
                None => (state.take_in(&message), None),
            }
        };
        if let Some(reaction) = reaction {
            writer.react(&reaction, shared);
        }
        if let Some(session) = enabled {
            // An error ends the connection, which the next read tells.
            let _ = writer.go_on(&session);
        }
        shared.changed.notify_all();
    };
    shared.lock().ended = Some(reason);
    shared.changed.notify_all();
}

/// Lets targets go on that do not answer, until the connection ends.
fn let_go_in_time(writer: &Writer, shared: &Shared) {
    let mut state = shared.lock();
    while state.ended.is_none() {
        let now = Instant::now();
        let late = state.attaching.overdue(now);
        if !late.is_empty() {
            drop(state);
            for session in late {
                tracing::debug!(session, "a target does not answer, and goes on unwatched");
                let _ = writer.go_on(&session);
            }
            state = shared.lock();
            continue;
        }
        let due = state.attaching.due().map(|due| due.saturating_duration_since(now));
        state = shared.wait(state, due.unwrap_or(PATIENCE));
    }
}

fn result_of(method: &str, answer: &Value) -> Result<Value, BrowserError> {
    match answer.get("error") {
        None => Ok(answer.get("result").cloned().unwrap_or_default()),
        Some(error) => Err(BrowserError::Protocol {
            method: method.to_owned(),
            reason: error.get("message").and_then(Value::as_str).unwrap_or("no reason").to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A browser that answers each call by `answer`, then closes after `count` calls.
    fn browser(count: usize, answer: fn(&Value) -> Vec<Value>) -> (String, thread::JoinHandle<Vec<Value>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("ws://{}/devtools/browser/x", listener.local_addr().unwrap());
        let heard = thread::spawn(move || {
            let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
            let mut heard = Vec::new();
            while heard.len() < count {
                let Ok(Message::Text(text)) = socket.read() else { break };
                let call: Value = serde_json::from_str(&text).unwrap();
                for message in answer(&call) {
                    socket.send(Message::text(message.to_string())).unwrap();
                }
                heard.push(call);
            }
            heard
        });
        (endpoint, heard)
    }

    #[test]
    fn an_error_names_its_method() {
        let (endpoint, _) = browser(3, |call| {
            let id = call["id"].clone();
            match call["method"].as_str() {
                Some("No.such") => vec![json!({"id": id, "error": {"message": "not found"}})],
                _ => vec![json!({"id": id, "result": {}})],
            }
        });
        let connection = DevTools::connect(&endpoint).unwrap();
        let error = connection.call(None, "No.such", &json!({})).unwrap_err();
        assert_eq!(error.to_string(), "the browser refused No.such: not found");
    }

    #[test]
    fn a_silent_page_costs_no_more_than_the_deadline() {
        let (endpoint, _) = browser(9, |call| match call["method"].as_str() {
            Some("Runtime.evaluate") => vec![],
            _ => vec![json!({"id": call["id"], "result": {}})],
        });
        let connection = DevTools::connect(&endpoint).unwrap();
        let error =
            connection.call_within(Some("s"), "Runtime.evaluate", &json!({}), Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, BrowserError::Silent { .. }), "{error}");
        assert!(connection.call(None, "Browser.getVersion", &json!({})).is_ok());
    }

    #[test]
    fn a_dialog_is_answered_while_a_call_is_blocked_by_it() {
        let (endpoint, heard) = browser(4, |call| {
            let id = call["id"].clone();
            match call["method"].as_str() {
                Some("Page.navigate") => vec![json!({"method": "Page.javascriptDialogOpening", "sessionId": "s",
                    "params": {"type": "alert", "message": "hi"}})],
                Some("Page.handleJavaScriptDialog") => {
                    vec![json!({"id": id, "result": {}}), json!({"id": 3, "result": {"frameId": "f"}})]
                }
                _ => vec![json!({"id": id, "result": {}})],
            }
        });
        let connection = DevTools::connect(&endpoint).unwrap();
        let answer = connection.call(Some("s"), "Page.navigate", &json!({})).unwrap();
        assert_eq!(answer["frameId"], "f");
        assert_eq!(heard.join().unwrap()[3]["params"], json!({"accept": true}));
    }

    #[test]
    fn an_ended_connection_ends_every_wait() {
        let (endpoint, _) = browser(2, |call| vec![json!({"id": call["id"], "result": {}})]);
        let connection = DevTools::connect(&endpoint).unwrap();
        let waited = connection.wait_for(CALL_DEADLINE, &|| false, |_| None::<()>);
        assert!(matches!(waited, Err(BrowserError::Gone(_))));
        assert!(connection.ended().is_some());
    }
}
