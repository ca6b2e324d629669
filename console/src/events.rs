//! The stream that tells a page that something is new. It carries no row: a page that reads slowly, or was away, asks for
//! what it has not got.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use http_body::Frame;
use serde::Serialize;
use tokio::sync::mpsc;

use crate::app::App;
use crate::logins::Guest;
use crate::session::State as Now;
use crate::settings::{EVENT_GAP, HEARTBEAT, SEND_TIME};

/// Pieces of an answer that wait for a slow reader.
const MAX_WAITING: usize = 2;

/// What is said of the session with every change.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Counts {
    pub(crate) revision: u64,
    pub(crate) findings: usize,
    pub(crate) exchanges: u64,
    pub(crate) with_number: u64,
    pub(crate) blocked: u64,
    pub(crate) not_seen: usize,
    pub(crate) recipients: usize,
    pub(crate) left_out: u64,
    pub(crate) paused: bool,
}

/// An answer that is made while it is sent.
#[derive(Debug)]
pub(crate) struct Piecewise(mpsc::Receiver<Bytes>);

/// Where its pieces go in.
#[derive(Debug)]
pub(crate) struct Pieces(mpsc::Sender<Bytes>);

impl Counts {
    pub(crate) fn of(state: &Now) -> Self {
        Self {
            revision: state.revision,
            findings: state.findings.len(),
            exchanges: state.seen,
            with_number: state.with_number,
            blocked: state.blocked,
            not_seen: state.blind_spots.len(),
            recipients: state.recipients.len(),
            left_out: state.left_out,
            paused: state.is_paused,
        }
    }
}

/// `GET events`.
pub(crate) async fn events(State(app): State<Arc<App>>, Extension(guest): Extension<Guest>) -> Response {
    let Ok(permit) = app.streams.clone().try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let (pieces, body) = piecewise();
    tokio::spawn(async move {
        tell(&app, guest, pieces).await;
        drop(permit);
    });
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}

async fn tell(app: &App, mut guest: Guest, pieces: Pieces) -> Option<()> {
    let mut revisions = app.session.revisions();
    loop {
        revisions.borrow_and_update();
        let counts = Counts::of(&app.session.state());
        let counts = serde_json::to_string(&counts).unwrap_or_default();
        tokio::select! {
            sent = pieces.send(format!("event: news\ndata: {counts}\n\n")) => sent?,
            _ = guest.ended.changed() => break,
        }
        tokio::select! {
            () = tokio::time::sleep(EVENT_GAP) => {}
            _ = guest.ended.changed() => break,
        }
        tokio::select! {
            // Also after some time without: that is the heartbeat.
            _ = tokio::time::timeout(HEARTBEAT, revisions.changed()) => {}
            _ = guest.ended.changed() => break,
            () = pieces.closed() => return None,
        }
    }
    let ended = if app.is_over.load(Ordering::Relaxed) { "over" } else { "logged-off" };
    pieces.send(format!("event: {ended}\ndata: {{}}\n\n")).await
}

/// An answer, and where its pieces go in.
pub(crate) fn piecewise() -> (Pieces, Body) {
    let (pieces, body) = mpsc::channel(MAX_WAITING);
    (Pieces(pieces), Body::new(Piecewise(body)))
}

impl Pieces {
    /// Hands a piece on, as soon as the one before is on its way. `None` when nobody reads any more, or too slowly.
    pub(crate) async fn send(&self, piece: impl Into<Bytes>) -> Option<()> {
        self.0.send_timeout(piece.into(), SEND_TIME).await.ok()
    }

    async fn closed(&self) {
        self.0.closed().await;
    }
}

impl http_body::Body for Piecewise {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}
