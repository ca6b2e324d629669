//! A request as text, so that seeds can be read and mutations still be requests.
//!
//! ```text
//! POST https://maaling.test/c?x=1
//! Referer: https://www.selvbetjening.test/
//!
//! body
//! ```
//! Of a `ws:` or `wss:` address, what stands for the body is a message of the browser.

use jiff::Timestamp;
use model::{Body, Connection, Exchange, Headers, Message, RequestRecord, ResponseRecord, Scheme, Sender, Target};

/// The exchange that `bytes` tell of; `None` when they begin with no address.
pub fn exchange(bytes: &[u8]) -> Option<Exchange> {
    let (first, mut rest) = line(bytes);
    let first = String::from_utf8_lossy(first).into_owned();
    let (method, url) = first.split_once(' ')?;
    let target = Target::parse(url).ok()?;
    let mut headers = Headers::default();
    let mut answer = Headers::default();
    loop {
        let (next, after) = line(rest);
        rest = after;
        if next.is_empty() {
            break;
        }
        let at = next.iter().position(|byte| *byte == b':').unwrap_or(next.len());
        let (name, value) = next.split_at(at);
        let name = String::from_utf8_lossy(name).into_owned();
        let value = value.get(1..).unwrap_or_default().trim_ascii().to_vec();
        // `<Location: ..` is the answer's.
        match name.strip_prefix('<') {
            Some(name) => answer.0.push((name.to_owned(), value)),
            None => headers.0.push((name, value)),
        }
    }
    let is_socket = matches!(target.scheme, Scheme::Ws | Scheme::Wss);
    let (body, messages) = match is_socket {
        true => (Body::default(), vec![Message { sender: Sender::Client, bytes: rest.to_vec() }]),
        false => (Body::whole(rest), Vec::new()),
    };
    Some(Exchange {
        index: 0,
        started: Timestamp::UNIX_EPOCH,
        duration_ms: None,
        visit: None,
        request: RequestRecord { method: method.to_owned(), target, version: String::new(), headers, body },
        response: Some(ResponseRecord { status: 200, headers: answer, body_bytes: 0 }),
        failure: None,
        messages,
        connection: Connection::default(),
        page: None,
        initiator: None,
        blocked: false,
        continues: None,
        logged: None,
        blind_spots: Vec::new(),
    })
}

/// `exchange` as [`exchange`] reads it; with messages, the first that the browser sent.
pub fn written(exchange: &Exchange) -> Vec<u8> {
    let request = &exchange.request;
    let mut text = format!("{} {}\n", request.method, request.target).into_bytes();
    for (name, value) in &request.headers.0 {
        text.extend([name.as_bytes(), b": ", value, b"\n"].concat());
    }
    for (name, value) in exchange.response.iter().flat_map(|response| &response.headers.0) {
        if ["location", "link", "refresh", "set-cookie"].contains(&name.to_ascii_lowercase().as_str()) {
            text.extend([b"<", name.as_bytes(), b": ", value, b"\n"].concat());
        }
    }
    text.push(b'\n');
    let sent = exchange.messages.iter().find(|message| message.sender == Sender::Client);
    text.extend(sent.map_or(request.body.bytes.as_slice(), |message| message.bytes.as_slice()));
    text
}

/// The first line, and what stands behind it.
fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    (bytes.get(..end).unwrap_or_default(), bytes.get(end + 1..).unwrap_or_default())
}
