//! Bodies on their way through: each frame is passed on as it comes, and noted in the recording.

use std::collections::VecDeque;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use model::Headers;
use tokio::sync::oneshot;
use tokio::time::Sleep;

use crate::headers;
use crate::recording::{AnswerEnd, Recording, RequestEnd};

/// How long a client that asked for permission to send its body waits for the site's word before it is told to go on,
/// as a client would by itself (RFC 9110 §10.1.1); few sites answer at all.
const EXPECT_PATIENCE: Duration = Duration::from_secs(1);

/// A request's body: passed on as it comes, each frame noted by its reference count.
pub(crate) struct RequestTap {
    body: Option<Incoming>,
    recording: Arc<Recording>,
    gate: Option<Gate>,
    /// Read ahead, to be passed on first.
    held: VecDeque<Frame<Bytes>>,
    ended: bool,
}

/// How reading ahead went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// All of it is there.
    Whole,
    /// There is more than was asked for.
    TooLong,
    /// The client stopped half-way.
    Broken,
}

/// Holds a body back until the site wants it, or has kept silent for long enough.
struct Gate {
    word: oneshot::Receiver<()>,
    patience: Pin<Box<Sleep>>,
    refused: bool,
}

/// Opens a [`Gate`]; dropped unused, it stays shut for good.
#[derive(Clone)]
pub(crate) struct GateKeeper(Arc<Mutex<Option<oneshot::Sender<()>>>>);

/// What the client gets after the head.
pub(crate) enum AnswerBody {
    /// The site's answer as it comes; its bytes are counted.
    Streamed(AnswerTap),
    /// A page of ours, or nothing.
    Own(Full<Bytes>),
}

/// An answer's body on its way to the client.
pub(crate) struct AnswerTap {
    body: Incoming,
    recording: Arc<Recording>,
    ended: bool,
}

impl RequestTap {
    /// The body of a request that has begun to be recorded.
    pub(crate) fn new(body: Incoming, recording: Arc<Recording>) -> Self {
        let mut tap = Self { body: Some(body), recording, gate: None, held: VecDeque::new(), ended: false };
        tap.end_if_over();
        tap
    }

    /// No body, for a request that is sent again.
    pub(crate) fn empty(recording: Arc<Recording>) -> Self {
        Self { body: None, recording, gate: None, held: VecDeque::new(), ended: true }
    }

    /// Holds the body back until the keeper says that the site wants it.
    pub(crate) fn gate(&mut self) -> GateKeeper {
        let (sender, word) = oneshot::channel();
        self.gate = Some(Gate { word, patience: Box::pin(tokio::time::sleep(EXPECT_PATIENCE)), refused: false });
        GateKeeper(Arc::new(Mutex::new(Some(sender))))
    }

    /// Reads ahead, up to its end or until there are more than `cap` bytes. May be given up half-way.
    pub(crate) async fn hold(&mut self, cap: usize) -> Held {
        let size = |frame: &Frame<Bytes>| frame.data_ref().map_or(0, Bytes::len);
        let mut bytes: usize = self.held.iter().map(size).sum();
        loop {
            match poll_fn(|context| self.poll_client(context)).await {
                None => return Held::Whole,
                Some(Err(_)) => return Held::Broken,
                Some(Ok(frame)) => {
                    bytes += size(&frame);
                    self.held.push_back(frame);
                }
            }
            if bytes > cap {
                return Held::TooLong;
            }
        }
    }

    /// Whether nothing more comes from the client.
    pub(crate) fn is_read(&self) -> bool {
        self.ended
    }

    /// What was read ahead: data and trailer fields.
    pub(crate) fn so_far(&self) -> (Vec<u8>, Headers) {
        let mut bytes = Vec::new();
        let mut trailers = Headers::default();
        for frame in &self.held {
            if let Some(data) = frame.data_ref() {
                bytes.extend_from_slice(data);
            } else if let Some(fields) = frame.trailers_ref() {
                trailers.0.extend(headers::record(fields).0);
            }
        }
        (bytes, trailers)
    }

    /// The next of what the client sends, noted in the recording.
    fn poll_client(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    self.recording.request_data(data);
                } else if let Some(trailers) = frame.trailers_ref() {
                    self.recording.request_trailers(headers::record(trailers));
                    // Nothing follows them, and the library does not ask for it.
                    self.end(RequestEnd::Whole);
                }
                self.end_if_over();
            }
            Poll::Ready(Some(Err(_))) => self.end(RequestEnd::Broken),
            Poll::Ready(None) => self.end(RequestEnd::Whole),
            Poll::Pending => {}
        }
        polled
    }

    fn end(&mut self, end: RequestEnd) {
        if !std::mem::replace(&mut self.ended, true) {
            self.recording.request_ended(end);
        }
    }

    fn end_if_over(&mut self) {
        if self.body.as_ref().is_none_or(Body::is_end_stream) {
            self.end(RequestEnd::Whole);
        }
    }
}

impl GateKeeper {
    /// The site wants the body.
    pub(crate) fn open(&self) {
        if let Some(sender) = self.take() {
            // The body may be gone already; then nobody waits.
            let _ = sender.send(());
        }
    }

    /// The site has answered without it.
    pub(crate) fn shut(&self) {
        self.take();
    }

    fn take(&self) -> Option<oneshot::Sender<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Gate {
    /// Whether the body may go.
    fn poll_open(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        if self.refused {
            return Poll::Ready(false);
        }
        match Pin::new(&mut self.word).poll(context) {
            Poll::Ready(Ok(())) => Poll::Ready(true),
            Poll::Ready(Err(_)) => {
                self.refused = true;
                Poll::Ready(false)
            }
            Poll::Pending => self.patience.as_mut().poll(context).map(|()| true),
        }
    }
}

impl Body for RequestTap {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let tap = &mut *self;
        if let Some(gate) = &mut tap.gate {
            match gate.poll_open(context) {
                Poll::Ready(true) => tap.gate = None,
                Poll::Ready(false) => {
                    // An error here would tear down the connection under the answer that is being read. The body ends
                    // when the connection does.
                    tap.end(RequestEnd::LeftUnread);
                    return Poll::Pending;
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        if let Some(frame) = tap.held.pop_front() {
            return Poll::Ready(Some(Ok(frame)));
        }
        tap.poll_client(context)
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_empty() && self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref().filter(|body| !body.is_end_stream());
        if body.is_none() && self.held.is_empty() {
            // Of a body that is none nothing is said: a length would be added to a request that has no word of it.
            return SizeHint::default();
        }
        let held: u64 = self.held.iter().filter_map(Frame::data_ref).map(|data| data.len() as u64).sum();
        let rest = body.map_or(SizeHint::with_exact(0), Body::size_hint);
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(held));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(held));
        }
        hint
    }
}

impl Drop for RequestTap {
    fn drop(&mut self) {
        self.end(RequestEnd::LeftUnread);
    }
}

impl AnswerTap {
    /// The body of an answer whose head is recorded.
    pub(crate) fn new(body: Incoming, recording: Arc<Recording>) -> Self {
        let mut tap = Self { body, recording, ended: false };
        tap.end_if_over();
        tap
    }

    fn end(&mut self, end: AnswerEnd) {
        if !std::mem::replace(&mut self.ended, true) {
            self.recording.answer_ended(end);
        }
    }

    fn end_if_over(&mut self) {
        if self.body.is_end_stream() {
            self.end(AnswerEnd::Whole);
        }
    }
}

impl AnswerBody {
    /// A page of ours.
    pub(crate) fn own(page: impl Into<Bytes>) -> Self {
        Self::Own(Full::new(page.into()))
    }

    /// Nothing.
    pub(crate) fn none() -> Self {
        Self::own(Bytes::new())
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let tap = match &mut *self {
            Self::Streamed(tap) => tap,
            Self::Own(page) => return Pin::new(page).poll_frame(context).map_err(|never| match never {}),
        };
        let polled = Pin::new(&mut tap.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                tap.recording.answer_data(frame.data_ref().map_or(0, Bytes::len));
                if frame.is_trailers() {
                    tap.end(AnswerEnd::Whole);
                }
                tap.end_if_over();
            }
            Poll::Ready(Some(Err(error))) => tap.end(AnswerEnd::Broken(error.to_string())),
            Poll::Ready(None) => tap.end(AnswerEnd::Whole),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Streamed(tap) => tap.body.is_end_stream(),
            Self::Own(page) => page.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Streamed(tap) => tap.body.size_hint(),
            Self::Own(page) => page.size_hint(),
        }
    }
}

impl Drop for AnswerTap {
    fn drop(&mut self) {
        self.end(AnswerEnd::NotWanted);
    }
}
