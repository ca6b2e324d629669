//! Both sides of a connection as HTTP/1: requests and the heads of their answers, as they come (RFC 9112).

use std::collections::VecDeque;

use jiff::Timestamp;
use model::{BlindSpot, BlindSpotKind, BodyState, Exchange, Failure};

use super::head::{Head, is_simple, request, response, text};
use super::segments::End;
use super::side::{Left, MAX_HEAD, Side, State};

/// Requests sent ahead of their answers; browsers send none.
const MAX_WAITING: usize = 1_000;

/// What the first bytes of a client say that speaks HTTP/2 without asking (RFC 9113 §3.4).
const HTTP_2: &[u8] = b"PRI * HTTP/2.0";

/// Bytes that tell what a side speaks.
pub(super) const TELLING: usize = 24;

/// What of connections was not read, counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unread {
    pub(super) tls: u64,
    pub(super) http_2: u64,
    pub(super) other: u64,
    /// Gaps, and bytes missing in them.
    pub(super) gaps: u64,
    pub(super) missing: u64,
    /// Bytes passed over behind them.
    pub(super) passed_over: u64,
    /// Messages that are none, or have no end.
    pub(super) broken: u64,
    /// Heads that are not as HTTP says, and were taken as they stand.
    pub(super) odd: u64,
    pub(super) unanswered: u64,
    /// Answers whose requests are not there.
    pub(super) unasked: u64,
    pub(super) cut: u64,
    /// Requests in packets of which no time is told.
    pub(super) untimed: u64,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Http {
    client: End,
    server: End,
    /// Stands in for times that are not told.
    now: Timestamp,
    requests: Side,
    answers: Side,
    waiting: VecDeque<Waiting>,
    /// Whether it is no HTTP, or not any more.
    is_over: bool,
    is_told: bool,
}

/// A request, until it is whole and answered: then there is an answer's head.
#[derive(Debug)]
struct Waiting {
    exchange: Exchange,
    is_whole: bool,
    /// What is to be fetched before it is answered (RFC 8297).
    hints: Vec<(String, Vec<u8>)>,
}

impl Waiting {
    /// Nothing more comes of its body, of which so much is `left`.
    fn cut(&mut self, left: Left) {
        let body = &mut self.exchange.request.body;
        body.state = BodyState::Cut;
        match left {
            Left::Bytes(count) => body.wire_length = body.wire_length.saturating_add(count),
            Left::Unknown => {
                let recorded = body.bytes.len();
                let detail = format!("{recorded} bytes were recorded; how many more were sent is not in the capture");
                let place = self.exchange.request.target.origin();
                self.exchange.blind_spots.push(BlindSpot::new(BlindSpotKind::BodyCut, place, detail));
            }
        }
    }
}

/// Takes exchanges.
pub(super) type Tell<'a> = dyn FnMut(Exchange) + 'a;

impl Http {
    pub(super) fn new(client: End, server: End, now: Timestamp) -> Self {
        let [requests, answers] = [Side::default(), Side::default()];
        Self { client, server, now, requests, answers, waiting: VecDeque::new(), is_over: false, is_told: false }
    }

    pub(super) fn client(&self) -> End {
        self.client
    }

    /// Bytes that are held.
    pub(super) fn held(&self) -> usize {
        let bodies: usize = self.waiting.iter().map(|waiting| waiting.exchange.request.body.bytes.len()).sum();
        self.requests.buffer.len() + self.answers.buffer.len() + bodies
    }

    /// Takes bytes of the client, or of the server.
    pub(super) fn take(
        &mut self,
        is_client: bool,
        bytes: &[u8],
        time: Option<Timestamp>,
        unread: &mut Unread,
        tell: &mut Tell<'_>,
    ) {
        if self.is_over {
            return;
        }
        let side = if is_client { &mut self.requests } else { &mut self.answers };
        if side.buffer.is_empty() {
            side.begun = time;
        }
        side.buffer.extend_from_slice(bytes);
        self.go_on(unread, tell);
    }

    /// So many bytes are missing of the client or of the server.
    pub(super) fn gap(&mut self, is_client: bool, count: u64, unread: &mut Unread, tell: &mut Tell<'_>) {
        if self.is_over {
            return;
        }
        unread.gaps += 1;
        unread.missing += count;
        self.cut_head(is_client, unread);
        let side = if is_client { &mut self.requests } else { &mut self.answers };
        unread.passed_over += side.buffer.len() as u64;
        side.buffer.clear();
        side.looked_at = 0;
        let is_within = matches!(&mut side.state, State::Length(left) | State::Chunk(left) if *left > count);
        if let State::Length(left) | State::Chunk(left) = &mut side.state
            && is_within
        {
            *left -= count;
            if let Some(waiting) = self.waiting.back_mut().filter(|waiting| is_client && !waiting.is_whole) {
                waiting.exchange.request.body.state = BodyState::Cut;
                waiting.exchange.request.body.wire_length += count;
            }
            return;
        }
        let left = side.state.left();
        if side.state != State::Rest {
            side.state = State::Lost;
        }
        if is_client && let Some(waiting) = self.waiting.back_mut().filter(|waiting| !waiting.is_whole) {
            waiting.is_whole = true;
            waiting.cut(left);
        }
        // Which answer is to which request is not known any more.
        self.leave(unread, tell);
    }

    /// The connection is over.
    pub(super) fn end(&mut self, unread: &mut Unread, tell: &mut Tell<'_>) {
        if self.is_over {
            return;
        }
        self.is_over = true;
        self.cut_head(true, unread);
        self.cut_head(false, unread);
        let is_unasked = self.answers.state == State::Head && is_begin(&self.answers.buffer);
        if is_unasked && self.waiting.iter().all(|waiting| waiting.exchange.response.is_some()) {
            unread.unasked += 1;
        }
        let left = self.requests.state.left();
        for side in [&mut self.requests, &mut self.answers] {
            let is_rest = matches!(side.state, State::Rest);
            unread.passed_over += if is_rest { 0 } else { side.buffer.len() as u64 };
            let is_between = side.state == State::Head && side.buffer.is_empty() || side.state == State::Lost;
            unread.cut += u64::from(!is_rest && !is_between);
            side.buffer = Vec::new();
        }
        if let Some(waiting) = self.waiting.back_mut().filter(|waiting| !waiting.is_whole) {
            waiting.cut(left);
        }
        self.leave(unread, tell);
    }

    /// Requests are told without answers that come no more; not one that is still coming itself.
    fn leave(&mut self, unread: &mut Unread, tell: &mut Tell<'_>) {
        let is_coming = self.waiting.back().is_some_and(|waiting| !waiting.is_whole) && !self.is_over;
        let count = self.waiting.len() - usize::from(is_coming);
        for mut waiting in self.waiting.drain(..count) {
            if waiting.exchange.response.is_none() {
                unread.unanswered += 1;
                waiting.exchange.failure = Some(Failure::Broken("no answer is in the capture".to_owned()));
            }
            tell(waiting.exchange);
        }
    }

    fn go_on(&mut self, unread: &mut Unread, tell: &mut Tell<'_>) {
        if !self.is_told && !self.is_http(unread) {
            return;
        }
        // Each turn takes something, or there is no other.
        while !self.is_over {
            let is_more = self.request(unread) | self.answer(unread);
            while self.waiting.front().is_some_and(|waiting| waiting.is_whole && waiting.exchange.response.is_some()) {
                if let Some(waiting) = self.waiting.pop_front() {
                    tell(waiting.exchange);
                }
            }
            if self.waiting.len() > MAX_WAITING {
                self.leave(unread, tell);
            }
            if !is_more {
                return;
            }
        }
        (self.requests.buffer, self.answers.buffer) = (Vec::new(), Vec::new());
        self.leave(unread, tell);
    }

    /// Whether its first bytes are HTTP/1, as far as they tell.
    fn is_http(&mut self, unread: &mut Unread) -> bool {
        for side in [&self.requests, &self.answers] {
            let begin = side.buffer.get(..side.buffer.len().min(TELLING)).unwrap_or_default();
            if begin.is_empty() {
                continue;
            }
            let is_tls = matches!(begin, [0x14..=0x17, 3, 0..=4, ..]);
            let counted = if is_tls {
                &mut unread.tls
            } else if begin.starts_with(HTTP_2) {
                &mut unread.http_2
            } else if is_begin(begin) {
                self.is_told = true;
                continue;
            } else if begin.len() < TELLING && may_begin(begin) {
                continue;
            } else {
                &mut unread.other
            };
            *counted += 1;
            self.is_over = true;
            break;
        }
        if self.is_over {
            (self.requests.buffer, self.answers.buffer) = (Vec::new(), Vec::new());
        }
        self.is_told && !self.is_over
    }

    /// Reads on in what the client says; whether something was read.
    fn request(&mut self, unread: &mut Unread) -> bool {
        let side = &mut self.requests;
        match side.state {
            State::Head | State::Lost => {
                let Some(head) = side.head(unread) else { return false };
                self.asked(&head, unread);
                true
            }
            State::Rest => false,
            _ => {
                let body = self.waiting.back_mut().map(|waiting| &mut waiting.exchange.request.body);
                let is_over = side.body(body, unread);
                // One whose chunks are none comes to no end.
                if side.state == State::Lost
                    && let Some(waiting) = self.waiting.back_mut().filter(|waiting| !waiting.is_whole)
                {
                    waiting.is_whole = true;
                    waiting.cut(Left::Unknown);
                }
                let Some(is_over) = is_over else { return false };
                if is_over {
                    side.state = State::Head;
                    if let Some(waiting) = self.waiting.back_mut() {
                        waiting.is_whole = true;
                    }
                }
                true
            }
        }
    }

    /// A request with this head, or with what there is of it.
    fn asked(&mut self, head: &[u8], unread: &mut Unread) {
        let side = &mut self.requests;
        // One that is too long has no end that could tell how its body comes.
        let has_end = side.state != State::Lost;
        let Some(Head { record, framing, is_odd }) = request(head, self.server) else {
            unread.broken += 1;
            side.state = State::Lost;
            return;
        };
        unread.odd += u64::from(is_odd);
        unread.untimed += u64::from(side.begun.is_none());
        let mut exchange = Exchange::begun(0, side.begun.unwrap_or(self.now), record);
        exchange.connection.client = Some(text(self.client));
        exchange.connection.server = Some(text(self.server));
        side.state = if has_end { framing.unwrap_or(State::Length(0)) } else { State::Lost };
        self.waiting.push_back(Waiting { exchange, is_whole: !has_end, hints: Vec::new() });
    }

    /// What there is of a head that comes to no end is taken as it stands.
    fn cut_head(&mut self, is_client: bool, unread: &mut Unread) {
        let side = if is_client { &mut self.requests } else { &mut self.answers };
        if side.state != State::Head || !is_begin(&side.buffer) {
            return;
        }
        let asked = self.waiting.iter_mut().find(|waiting| waiting.exchange.response.is_none());
        if !is_client && asked.is_none() {
            return;
        }
        let head = std::mem::take(&mut side.buffer);
        side.looked_at = 0;
        unread.cut += u64::from(!is_simple(&head));
        side.state = State::Lost;
        if is_client {
            self.asked(&head, unread);
        } else if let (Some(asked), Some(Head { record, is_odd, .. })) = (asked, response(&head)) {
            unread.odd += u64::from(is_odd);
            asked.exchange.response = Some(record);
        } else {
            unread.passed_over += head.len() as u64;
        }
    }

    /// Reads on in what the server says; whether something was read.
    fn answer(&mut self, unread: &mut Unread) -> bool {
        let side = &mut self.answers;
        match side.state {
            State::Head | State::Lost => {
                let asked = self.waiting.iter().position(|waiting| waiting.exchange.response.is_none());
                let Some(asked) = asked.and_then(|at| self.waiting.get_mut(at)) else {
                    // Its request may be captured behind it.
                    if side.buffer.len() > MAX_HEAD {
                        unread.unasked += 1;
                        unread.passed_over += side.buffer.len() as u64;
                        side.buffer.clear();
                        (side.looked_at, side.state) = (0, State::Lost);
                    }
                    return false;
                };
                let Some(head) = side.head(unread) else { return false };
                let Some(Head { mut record, framing, is_odd }) = response(&head) else {
                    unread.broken += 1;
                    side.state = State::Lost;
                    return true;
                };
                unread.odd += u64::from(is_odd);
                let has_end = side.state != State::Lost;
                side.state = State::Head;
                let status = record.status;
                let method = asked.exchange.request.method.as_str();
                let (is_head, is_connect) = (method == "HEAD", method == "CONNECT");
                if status == 101 || is_connect && (200..300).contains(&status) {
                    let (kind, what) = if status == 101 {
                        (
                            BlindSpotKind::WebsocketNotRead,
                            "what was said on it after its opening is not read in captures",
                        )
                    } else {
                        (BlindSpotKind::NotHttp, "what went through its tunnel is not read")
                    };
                    let place = asked.exchange.request.target.origin();
                    asked.exchange.blind_spots.push(BlindSpot::new(kind, place, what));
                    asked.is_whole = true;
                    asked.exchange.response = Some(record);
                    self.is_over = true;
                    return true;
                }
                let hints =
                    record.headers.0.iter().filter(|(name, _)| status < 200 && name.eq_ignore_ascii_case("link"));
                asked.hints.extend(hints.cloned());
                if status < 200 {
                    return true;
                }
                record.headers.0.append(&mut asked.hints);
                asked.exchange.duration_ms = side.begun.and_then(|begun| {
                    u64::try_from(begun.as_millisecond().saturating_sub(asked.exchange.started.as_millisecond())).ok()
                });
                let has_body = !is_head && status != 204 && status != 304;
                side.state = match framing {
                    _ if !has_end => State::Lost,
                    _ if !has_body => State::Length(0),
                    Some(framing) => framing,
                    None => State::Rest,
                };
                // Its body is not kept.
                asked.exchange.response = Some(record);
                true
            }
            State::Rest => {
                side.buffer.clear();
                false
            }
            _ => {
                let Some(is_over) = side.body(None, unread) else { return false };
                if is_over {
                    side.state = State::Head;
                }
                true
            }
        }
    }
}

/// Whether a message begins so.
pub(super) fn is_begin(begin: &[u8]) -> bool {
    if begin.starts_with(b"HTTP/1.") {
        return true;
    }
    let method = begin.iter().take_while(|byte| byte.is_ascii_uppercase() || **byte == b'-').count();
    (3..=17).contains(&method)
        && begin.get(method) == Some(&b' ')
        && begin.get(method + 1).is_some_and(|first| matches!(first, b'/' | b'*') || first.is_ascii_alphanumeric())
}

/// Whether more bytes may make it so.
fn may_begin(begin: &[u8]) -> bool {
    let method = begin.strip_suffix(b" ").unwrap_or(begin);
    let is_method = method.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'-') && method.len() <= 17;
    is_method || b"HTTP/1.".starts_with(begin) || HTTP_2.starts_with(begin)
}
