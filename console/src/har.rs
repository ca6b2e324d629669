//! The session's exchanges as HAR 1.2, redacted: what was asked of whom, when, and what came of it. Headers and bodies are not
//! kept by the console, so there are none; each entry's comment says so. Fields of our own begin with `_`, as HAR asks.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::app::App;
use crate::events::{Pieces, piecewise};
use crate::exchange::ExchangeRow;
use crate::logins::Guest;
use crate::session::{MAX_EXCHANGES, Session};

/// Entries written at a time: a few milliseconds of the console's own thread.
const CHUNK: usize = 200;

const COMMENT: &str =
    "Made by cprvagt's console. URLs are redacted. Headers, cookies and bodies are not kept, so they are not here.";

/// `GET session.har`
pub(crate) async fn har(State(app): State<Arc<App>>, Extension(guest): Extension<Guest>) -> Response {
    let (pieces, body) = piecewise();
    let session = app.session.clone();
    tokio::spawn(async move {
        let mut ended = guest.ended.clone();
        tokio::select! {
            _ = write(&session, &pieces) => {}
            // Cut off: half a file is no HAR, and no session.
            _ = ended.changed() => {}
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"cprvagt-session.har\""),
    ];
    (headers, body).into_response()
}

async fn write(session: &Session, pieces: &Pieces) -> Option<()> {
    let head = json!({ "version": "1.2", "creator": { "name": "cprvagt", "version": env!("CARGO_PKG_VERSION") } });
    let head = head.to_string();
    let head = head.strip_suffix('}').unwrap_or(&head);
    let mut piece = format!("{{\"log\":{head},\"comment\":{},\"entries\":[", Value::from(COMMENT));
    let mut next = 0;
    let mut is_first = true;
    // What comes while it is written is in it as far as there is room; it ends.
    for _ in 0..=MAX_EXCHANGES / CHUNK {
        let rows = rows(session, &mut next);
        if rows.is_empty() {
            break;
        }
        for row in rows {
            piece.push_str(if std::mem::take(&mut is_first) { "\n" } else { ",\n" });
            piece.push_str(&entry(&row).to_string());
        }
        pieces.send(Bytes::from(std::mem::take(&mut piece))).await?;
    }
    piece.push_str("\n]}}\n");
    pieces.send(piece).await
}

fn rows(session: &Session, next: &mut u64) -> Vec<Arc<ExchangeRow>> {
    let state = session.state();
    *next = (*next).max(state.first());
    let start = usize::try_from(*next - state.first()).unwrap_or(usize::MAX).min(state.exchanges.len());
    let end = (start + CHUNK).min(state.exchanges.len());
    *next += (end - start) as u64;
    state.exchanges.range(start..end).cloned().collect()
}

/// An exchange as HAR has it (HAR 1.2, `entries`).
fn entry(row: &ExchangeRow) -> Value {
    let none: [Value; 0] = [];
    let time = row.duration_ms.unwrap_or(0);
    json!({
        "startedDateTime": row.time.to_string(),
        "time": time,
        "request": {
            "method": row.method, "url": row.url, "httpVersion": row.version, "cookies": none, "headers": none,
            "queryString": none, "headersSize": -1, "bodySize": row.sent_bytes,
        },
        "response": {
            // 0 is what browsers write where there is no response.
            "status": row.status.unwrap_or(0), "statusText": "", "httpVersion": row.version, "cookies": none, "headers": none,
            "content": { "size": row.received_bytes, "mimeType": row.media_type },
            "redirectURL": "", "headersSize": -1, "bodySize": row.received_bytes,
        },
        "cache": {},
        "timings": { "send": 0, "wait": time, "receive": 0 },
        "_recipient": row.recipient,
        "_standing": row.standing,
        "_system": row.system,
        "_page": row.page,
        "_tester": row.tester,
        "_blocked": row.blocked,
        "_failure": row.failure,
        "_evidence": row.evidence,
        "_findings": row.findings,
        "_blind_spots": row.blind_spots,
    })
}
