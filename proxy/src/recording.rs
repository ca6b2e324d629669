//! One exchange while it happens: request and answer add to it as they pass, and it is handed over once; but for one whose
//! body is over the cap, which is handed over when the cap is reached, and what follows as more of it.
//!
//! It is handed over when the request is known to its end and the answer has ended; when the answer goes on for longer
//! than [`ANSWER_LINGERS`], without its end (no duration, the bytes so far). When the proxy stops, as it is. When it
//! opens a WebSocket, at once: its messages follow as more of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use model::{
    BlindSpot, BlindSpotKind, Body, BodyState, Connection, Continuation, Exchange, Failure, Headers, RequestRecord,
    ResponseRecord, VisitId,
};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::dial::Peer;
use crate::emitter::Captured;
use crate::flight::Flight;
use crate::guard::Stopped;
use crate::recorder::{ANSWER_LINGERS, Recorder};
use crate::splice::Counts;
use crate::upload::{Part, Upload};
use crate::websocket::Conversation;

/// From the end of the request to the head of the answer. As long as the most patient browser; long polls are shorter.
const HEAD_TIMEOUT: Duration = Duration::from_mins(5);

/// An exchange being recorded. Its parts are told apart by what ends them.
pub(crate) struct Recording {
    recorder: Arc<Recorder>,
    index: u64,
    answer_bytes: AtomicU64,
    overdue: Notify,
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
    upload: Upload,
    /// `Link` lines of answers that came before the answer.
    early_links: Vec<Vec<u8>>,
    flight: Option<Flight>,
    splice: Option<(BlindSpotKind, Arc<Counts>)>,
    /// Whether it was stopped for what it holds or may hold: then nobody wants the rest.
    was_refused: bool,
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
        let exchange = Exchange { visit, connection, ..Exchange::begun(index, recorder.clock.now(), request) };
        let state = State {
            exchange: Some(Box::new(exchange)),
            begun: Instant::now(),
            request: None,
            answer: Answer::Awaited,
            upload: Upload::new(recorder.body_cap),
            early_links: Vec::new(),
            flight: Some(flight),
            splice: None,
            was_refused: false,
            origin,
            visit,
        };
        let recording = Arc::new(Self {
            recorder: Arc::clone(recorder),
            index,
            answer_bytes: AtomicU64::new(0),
            overdue: Notify::new(),
            state: Mutex::new(state),
        });
        recorder.open(index, &recording);
        recording
    }

    /// The site's side of the connection is known.
    pub(crate) fn connected(&self, peer: &Peer) {
        if let Some(exchange) = &mut self.state().exchange {
            exchange.connection.server = peer.address.as_deref().map(str::to_owned);
            exchange.connection.server_tls = peer.tls.map(str::to_owned);
        }
    }

    /// The request is judged whole before it leaves.
    pub(crate) fn held_for_judging(&self) {
        self.state().upload.hold();
    }

    /// A piece of the request's body passed.
    pub(crate) fn request_data(&self, data: &Bytes) {
        let mut state = self.state();
        let State { exchange: Some(exchange), upload, .. } = &mut *state else { return };
        exchange.request.body.wire_length += data.len() as u64;
        let granted = self.recorder.take(upload.wants(data.len()));
        upload.push(data, granted);
        loop {
            let State { exchange: Some(exchange), upload, .. } = &mut *state else { return };
            let before = upload.kept();
            let part = upload.full(&exchange.request.headers);
            self.recorder.release(before - upload.kept());
            let Some(part) = part else { return };
            self.hand_over_part(&mut state, part);
        }
    }

    /// Hands over what is known of an exchange whose body goes on: its beginning at the cap, then piece by piece. What
    /// finds no room is left out and told at the end.
    fn hand_over_part(&self, state: &mut State, part: Part) {
        let Part { bytes, after, new, end } = part;
        let State { exchange: Some(exchange), upload, .. } = state else { return };
        let (response, blind_spots) = (exchange.response.take(), std::mem::take(&mut exchange.blind_spots));
        let mut told = exchange.clone();
        told.request.body = Body { bytes, wire_length: end, state: BodyState::Cut };
        exchange.continues = Some(Continuation { messages: 0, body_bytes: end });
        if after.is_some() {
            // The answer and what was not seen go along with the end, which is never left out.
            (exchange.response, exchange.blind_spots) = (response, blind_spots);
            if !self.recorder.offer(*told) {
                upload.came_too_fast(new);
            }
            return;
        }
        (told.response, told.blind_spots) = (response, blind_spots);
        let place = exchange.request.target.origin();
        let what = Upload::not_whole(&told.request.headers, &told.request.body.bytes);
        told.blind_spots.push(BlindSpot::new(BlindSpotKind::BodyCut, place, what).in_visit(exchange.visit));
        if let Some(response) = &mut told.response {
            response.body_bytes = self.answer_bytes.load(Ordering::Relaxed);
        }
        self.recorder.emit_beginning(told);
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

    /// Returns when the site has had the whole request for too long.
    pub(crate) async fn overdue(&self) {
        self.overdue.notified().await;
    }

    /// Tells whoever waits for the answer when it has taken too long. One look at all of them now and then costs each
    /// request less than a timer of its own.
    pub(crate) fn tell_if_overdue(&self) {
        let state = self.state();
        let sent = state.request.filter(|_| state.answer == Answer::Awaited);
        if sent.is_some_and(|(_, at)| at.elapsed() >= HEAD_TIMEOUT) {
            self.overdue.notify_one();
        }
    }

    /// The links that the site announced ahead of its answer (RFC 8297): a browser fetches them, and an address can hold
    /// a number. They are kept with the answer's own.
    pub(crate) fn announced(&self, links: impl Iterator<Item = Vec<u8>>) {
        let mut state = self.state();
        let room = MOST_EARLY_LINKS.saturating_sub(state.early_links.len());
        state.early_links.extend(links.take(room));
    }

    /// The answer's head arrived.
    pub(crate) fn answered(&self, status: u16, mut headers: Headers, counts_as_work: bool) {
        let mut state = self.state();
        for link in std::mem::take(&mut state.early_links) {
            // Sites repeat them in the answer, and one sending is told once.
            if !headers.all(LINK).any(|known| known == link) {
                headers.0.push((LINK.to_owned(), link));
            }
        }
        if let Some(exchange) = &mut state.exchange {
            exchange.response = Some(ResponseRecord { status, headers, body_bytes: 0 });
        }
        state.answer = Answer::Streaming(Instant::now());
        if !counts_as_work {
            state.flight = None;
        }
    }

    /// The exchange became a stream of bytes both ways, which is passed on unread: `kind` says so.
    pub(crate) fn spliced(&self, kind: BlindSpotKind, counts: &Arc<Counts>) {
        self.state().splice = Some((kind, Arc::clone(counts)));
    }

    /// The site offered HTTP/3, which leads around the proxy; the client is not told.
    pub(crate) fn withheld_http3(&self) {
        let what = "it offered HTTP/3, and the client was not told";
        self.note(&mut self.state(), BlindSpotKind::Http3Withheld, what.to_owned());
    }

    /// The exchange opened a WebSocket and is handed over now. Returns what its messages continue; `None` when it is
    /// handed over already.
    pub(crate) fn became_websocket(&self) -> Option<Conversation> {
        let mut state = self.state();
        state.request.get_or_insert((RequestEnd::LeftUnread, Instant::now()));
        let exchange = state.exchange.as_mut()?;
        let body = std::mem::take(&mut exchange.request.body);
        let head = Exchange { blind_spots: Vec::new(), ..(**exchange).clone() };
        let conversation = Conversation::new(&self.recorder, head, body.wire_length, state.begun);
        if let Some(exchange) = &mut state.exchange {
            exchange.request.body = body;
        }
        self.hand_over(&mut state);
        state.answer = Answer::Over;
        state.flight = None;
        Some(conversation)
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
        if let Some(kind) = stopped.blind_spot() {
            self.note(&mut state, kind, stopped.words());
        }
        state.was_refused = !matches!(stopped, Stopped::HeldBack | Stopped::Sunk);
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
        // They count in the queue from now on.
        let kept = state.upload.kept();
        let Part { bytes, after, end, .. } = state.upload.rest();
        self.recorder.release(kept);
        exchange.request.body.bytes = bytes;
        if after.is_some() {
            exchange.request.body.wire_length = end;
        }
        // Before the flight ends: who waits for the page to settle finds everything in the queue.
        self.recorder.emit(self.index, Captured::Exchange(exchange));
    }

    /// Says what of the request's body is missing.
    fn note_body(&self, state: &mut State) {
        let Some(exchange) = &mut state.exchange else { return };
        let body = &mut exchange.request.body;
        let failed = exchange.failure.is_some();
        let was_refused = state.was_refused;
        let end = state.request.map(|(end, _)| end);
        if end != Some(RequestEnd::Whole) {
            body.state = if body.wire_length == 0 { BodyState::Missing } else { BodyState::Cut };
        }
        if let Some(what) = state.upload.over_memory() {
            body.state = BodyState::Cut;
            self.note(state, BlindSpotKind::BodyCut, what);
        }
        if let Some(what) = state.upload.too_fast() {
            self.note(state, BlindSpotKind::QueueOverflow, what);
        }
        match end {
            Some(RequestEnd::Whole) => {}
            // The rest was not wanted, which says so itself.
            Some(RequestEnd::LeftUnread) if was_refused => {}
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

/// Early links kept of one exchange; pages announce a handful.
const MOST_EARLY_LINKS: usize = 200;
const LINK: &str = "link";
const STOPPED: &str = "the proxy was stopped";
