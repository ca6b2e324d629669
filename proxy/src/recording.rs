//! One exchange while it happens: request and answer add to it as they pass, and it is handed over once.
//!
//! It is handed over when the request is known to its end and the answer has ended; when the answer goes on for longer
//! than [`ANSWER_LINGERS`], without its end (no duration, the bytes so far). When the proxy stops, as it is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{
    BlindSpot, BlindSpotKind, BodyState, Connection, Exchange, Failure, Headers, RequestRecord, ResponseRecord, VisitId,
};
use tokio::time::Instant;

use crate::dial::Peer;
use crate::emitter::Captured;
use crate::flight::Flight;
use crate::guard::Stopped;
use crate::recorder::{ANSWER_LINGERS, Recorder};
use crate::splice::Counts;

/// An exchange being recorded. Its parts are told apart by what ends them.
pub(crate) struct Recording {
    recorder: Arc<Recorder>,
    index: u64,
    answer_bytes: AtomicU64,
    state: Mutex<State>,
}

/// How the request's body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestEnd {
    /// All of it passed.
    Whole,
    /// The client stopped half-way.
    Broken,
    /// Nobody wanted the rest: the site answered before its end, or the connection is gone.
    LeftUnread,
}

/// How the answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AnswerEnd {
    /// All of it passed, or there is none.
    Whole,
    /// The site stopped half-way; why.
    Broken(String),
    /// The client wanted no more, as browsers do when a page closes.
    NotWanted,
}

struct State {
    /// `None` once handed over.
    exchange: Option<Box<Exchange>>,
    begun: Instant,
    request: Option<(RequestEnd, Instant)>,
    answer: Answer,
    over_memory: bool,
    flight: Option<Flight>,
    splice: Option<(BlindSpotKind, Arc<Counts>)>,
    origin: String,
    visit: Option<VisitId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Awaited,
    Streaming(Instant),
    Over,
}

impl Recording {
    /// Begins with a request's head.
    pub(crate) fn begin(
        recorder: &Arc<Recorder>,
        request: RequestRecord,
        connection: Connection,
        visit: Option<VisitId>,
        flight: Flight,
    ) -> Arc<Self> {
        let index = recorder.next_index();
        let origin = request.target.origin();
        let exchange = Exchange {
            index,
            started: recorder.clock.now(),
            duration_ms: None,
            visit,
            request,
            response: None,
            failure: None,
            messages: Vec::new(),
            connection,
            page: None,
            blocked: false,
            continues: None,
            blind_spots: Vec::new(),
        };
        let state = State {
            exchange: Some(Box::new(exchange)),
            begun: Instant::now(),
            request: None,
            answer: Answer::Awaited,
            over_memory: false,
            flight: Some(flight),
            splice: None,
            origin,
            visit,
        };
        let recording = Arc::new(Self {
            recorder: Arc::clone(recorder),
            index,
            answer_bytes: AtomicU64::new(0),
            state: Mutex::new(state),
        });
        recorder.open(index, &recording);
        recording
    }

    /// The site's side of the connection is known.
    pub(crate) fn connected(&self, peer: &Peer) {
        if let Some(exchange) = &mut self.state().exchange {
            exchange.connection.server = peer.address.map(|address| address.to_string());
            exchange.connection.server_tls = peer.tls.map(str::to_owned);
        }
    }

    /// A piece of the request's body passed.
    pub(crate) fn request_data(&self, data: &[u8]) {
        let mut state = self.state();
        let Some(exchange) = &mut state.exchange else { return };
        let body = &mut exchange.request.body;
        body.wire_length += data.len() as u64;
        let wanted = self.recorder.body_cap.saturating_sub(body.bytes.len()).min(data.len());
        let granted = if body.state == BodyState::Whole { self.recorder.take(wanted) } else { 0 };
        body.bytes.extend_from_slice(data.get(..granted).unwrap_or_default());
        if granted < data.len() {
            body.state = BodyState::Cut;
        }
        state.over_memory |= granted < wanted;
    }

    /// The request's trailer fields passed; they are kept with its headers.
    pub(crate) fn request_trailers(&self, trailers: Headers) {
        if let Some(exchange) = &mut self.state().exchange {
            exchange.request.headers.0.extend(trailers.0);
        }
    }

    /// The request's body ended; the first to say so is right.
    pub(crate) fn request_ended(&self, end: RequestEnd) {
        let mut state = self.state();
        if state.request.is_none() {
            state.request = Some((end, Instant::now()));
        }
        self.hand_over_if_ended(&mut state);
    }

    /// Since when the request is with the site to its end.
    pub(crate) fn request_sent_since(&self) -> Option<Instant> {
        self.state().request.map(|(_, at)| at)
    }

    /// The answer's head arrived.
    pub(crate) fn answered(&self, status: u16, headers: Headers, counts_as_work: bool) {
        let mut state = self.state();
        if let Some(exchange) = &mut state.exchange {
            exchange.response = Some(ResponseRecord { status, headers, body_bytes: 0 });
        }
        state.answer = Answer::Streaming(Instant::now());
        if !counts_as_work {
            state.flight = None;
        }
    }

    /// The exchange became a stream of bytes both ways, which is passed on unread.
    pub(crate) fn spliced(&self, kind: BlindSpotKind, counts: &Arc<Counts>) {
        self.state().splice = Some((kind, Arc::clone(counts)));
    }

    /// A piece of the answer's body passed.
    pub(crate) fn answer_data(&self, length: usize) {
        self.answer_bytes.fetch_add(length as u64, Ordering::Relaxed);
    }

    /// The answer ended; the first to say so is right.
    pub(crate) fn answer_ended(&self, end: AnswerEnd) {
        let mut state = self.state();
        if state.answer == Answer::Over {
            return;
        }
        state.answer = Answer::Over;
        let what = match end {
            AnswerEnd::Whole => None,
            AnswerEnd::Broken(why) => Some(format!("the answer broke off: {why}")),
            AnswerEnd::NotWanted => self.recorder.switch.is_cut().then(|| STOPPED.to_owned()),
        };
        if let Some(what) = what {
            self.note(&mut state, BlindSpotKind::ConnectionBroken, what);
        }
        self.hand_over_if_ended(&mut state);
    }

    /// There is no answer, and why. `kind` says what of the site was not seen.
    pub(crate) fn failed(&self, failure: Failure, kind: BlindSpotKind, detail: String) {
        let mut state = self.state();
        if state.answer == Answer::Over {
            return;
        }
        state.answer = Answer::Over;
        if let Some(exchange) = &mut state.exchange {
            exchange.failure = Some(failure);
        }
        self.note(&mut state, kind, detail);
        self.hand_over_if_ended(&mut state);
    }

    /// It was stopped before it left, and why.
    pub(crate) fn stopped(&self, stopped: &Stopped) {
        let mut state = self.state();
        state.answer = Answer::Over;
        if let Some(exchange) = &mut state.exchange {
            exchange.blocked = true;
            exchange.failure = Some(Failure::Refused(stopped.words()));
        }
        if stopped.is_unjudged() {
            self.note(&mut state, BlindSpotKind::StoppedUnjudged, stopped.words());
        }
        self.hand_over_if_ended(&mut state);
    }

    /// The client left before there was an answer. No blind spot, as long as the request is known.
    pub(crate) fn client_left(&self) {
        let mut state = self.state();
        if state.answer != Answer::Awaited {
            return;
        }
        state.answer = Answer::Over;
        let stopped = self.recorder.switch.is_cut();
        let why = if stopped { STOPPED } else { "the client left before an answer" };
        if let Some(exchange) = &mut state.exchange {
            exchange.failure = Some(Failure::Broken(why.to_owned()));
        }
        if stopped {
            self.note(&mut state, BlindSpotKind::ConnectionBroken, why.to_owned());
        }
        self.hand_over_if_ended(&mut state);
    }

    /// Hands over an exchange whose answer goes on and on.
    pub(crate) fn hand_over_if_lingering(&self) {
        let mut state = self.state();
        let Answer::Streaming(since) = state.answer else { return };
        let known = state.request.map_or(since, |(_, at)| at.max(since));
        if state.request.is_some() && known.elapsed() >= ANSWER_LINGERS {
            self.hand_over(&mut state);
        }
    }

    /// Hands over as it is: the proxy stops.
    pub(crate) fn cut(&self) {
        let mut state = self.state();
        let awaited = state.answer == Answer::Awaited;
        match &mut state.exchange {
            Some(exchange) if awaited => exchange.failure = Some(Failure::Broken(STOPPED.to_owned())),
            Some(_) => {}
            None => return,
        }
        state.request.get_or_insert((RequestEnd::Broken, Instant::now()));
        self.note(&mut state, BlindSpotKind::ConnectionBroken, STOPPED.to_owned());
        self.hand_over(&mut state);
        state.flight = None;
    }

    fn hand_over_if_ended(&self, state: &mut State) {
        if state.request.is_some() && state.answer == Answer::Over {
            self.hand_over(state);
            state.flight = None;
        }
    }

    fn hand_over(&self, state: &mut State) {
        self.note_body(state);
        self.note_splice(state);
        let Some(mut exchange) = state.exchange.take() else { return };
        if state.answer == Answer::Over {
            exchange.duration_ms = Some(u64::try_from(state.begun.elapsed().as_millis()).unwrap_or(u64::MAX));
        }
        if let Some(response) = &mut exchange.response {
            response.body_bytes = self.answer_bytes.load(Ordering::Relaxed);
        }
        self.recorder.release(exchange.request.body.bytes.len());
        // Before the flight ends: who waits for the page to settle finds everything in the queue.
        self.recorder.emit(self.index, Captured::Exchange(exchange));
    }

    /// Says what of the request's body is missing.
    fn note_body(&self, state: &mut State) {
        let Some(exchange) = &mut state.exchange else { return };
        let body = &mut exchange.request.body;
        let lengths = format!("{} of {} bytes recorded", body.bytes.len(), body.wire_length);
        let (was_cut, failed) = (body.state == BodyState::Cut, exchange.failure.is_some());
        let was_stopped = exchange.blocked;
        let end = state.request.map(|(end, _)| end);
        if end != Some(RequestEnd::Whole) {
            body.state = if body.wire_length == 0 { BodyState::Missing } else { BodyState::Cut };
        }
        if was_cut && state.over_memory {
            self.note(state, BlindSpotKind::BodyCut, format!("{lengths}: too many long bodies at once"));
        } else if was_cut {
            self.note(state, BlindSpotKind::BodyCut, lengths);
        }
        match end {
            Some(RequestEnd::Whole) => {}
            // The rest was not wanted, which says so itself.
            Some(RequestEnd::LeftUnread) if was_stopped => {}
            Some(RequestEnd::LeftUnread) if !failed => {
                let what = "the site answered before the request's end; the rest was not sent";
                self.note(state, BlindSpotKind::BodyCut, what.to_owned());
            }
            Some(RequestEnd::LeftUnread | RequestEnd::Broken) | None => {
                self.note(state, BlindSpotKind::ConnectionBroken, "the request broke off".to_owned());
            }
        }
    }

    fn note_splice(&self, state: &mut State) {
        let Some((kind, counts)) = state.splice.take() else { return };
        let (up, down) = counts.so_far();
        let open = if state.answer == Answer::Over { "" } else { ", still open" };
        self.note(state, kind, format!("{up} bytes to the site, {down} bytes from it{open}"));
    }

    /// Adds a blind spot to the exchange, or hands it over alone when the exchange is gone. One of a kind is enough.
    fn note(&self, state: &mut State, kind: BlindSpotKind, detail: String) {
        let blind_spot = BlindSpot::new(kind, state.origin.clone(), detail).in_visit(state.visit);
        match &mut state.exchange {
            Some(exchange) if exchange.blind_spots.iter().any(|known| known.kind == kind) => {}
            Some(exchange) => exchange.blind_spots.push(blind_spot),
            None => self.recorder.blind_spot(blind_spot),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const STOPPED: &str = "the proxy was stopped";
