//! An exchange cut into the pieces that can carry a number, each with its channel.

use model::{Channel, Exchange, Place, ResponseRecord, Sender, Target};

use crate::decoders::{Piece, RawStep, split_url};
use crate::headers::is_usual;
use crate::logged::logged_parts;

/// Header names at least this long can hold a number themselves.
pub(crate) const SHORTEST_NUMBER: usize = 10;

/// Cookies of one line; browsers send 180 at most.
const MAX_COOKIES: usize = 1_000;

/// Attributes of a cookie; RFC 6265 §4.1 knows six.
const MAX_ATTRIBUTES: usize = 50;

/// Relations of links that a browser fetches of its own accord.
const FETCHED_RELATIONS: [&str; 6] = ["preload", "prefetch", "preconnect", "prerender", "stylesheet", "icon"];

/// A piece of an exchange that can carry data.
pub(crate) struct Part {
    pub(crate) channel: Channel,
    pub(crate) piece: Piece,
    /// Where the browser is sent with it, when an answer says so.
    pub(crate) leads_to: Option<Box<Target>>,
}

impl Part {
    /// Whether it is one of several that may make a number together: parameters and segments of the URL, or cookies.
    pub(crate) fn may_be_split(&self) -> bool {
        matches!(self.piece.steps.as_slice(), [RawStep::Into(Place::Query | Place::Path | Place::Cookie, _)])
    }
}

/// Everything of `exchange` that can carry a number to somebody, without the headers that are known to hold nothing.
pub(crate) fn parts(exchange: &Exchange, holds_nothing: impl Fn(&str, &[u8]) -> bool) -> Vec<Part> {
    let request = &exchange.request;
    let mut parts = if exchange.continues.is_none() { head_parts(exchange, &holds_nothing) } else { Vec::new() };
    parts.extend(exchange.logged.iter().flat_map(|logged| logged_parts(logged, &holds_nothing)));
    if !request.body.bytes.is_empty() {
        parts.push(Part { channel: Channel::Body, piece: body_piece(&request.body.bytes), leads_to: None });
    }
    // What the site tells the browser is no leak; its messages count, so that the numbers are the recording's.
    let before = exchange.continues.map_or(0, |continuation| continuation.messages);
    for (number, message) in (before..).zip(&exchange.messages) {
        match message.sender {
            Sender::Client => {
                parts.push(part(Channel::Websocket, vec![message_step(number)], &message.bytes));
            }
            Sender::Server => {}
        }
    }
    // More of a body brings the answer when it is new; more messages of a WebSocket have nothing to do with it.
    let is_new = exchange.continues.is_none_or(|continuation| continuation.body_bytes > 0);
    if let Some(response) = exchange.response.as_ref().filter(|_| is_new) {
        parts.extend(answer_parts(&request.target, response));
    }
    parts
}

/// `bytes` of a body, as they are searched.
pub(crate) fn body_piece(bytes: &[u8]) -> Piece {
    Piece::new(vec![RawStep::Into(Place::Body, String::new())], bytes.to_vec())
}

/// The URL and the header lines of the request.
fn head_parts(exchange: &Exchange, holds_nothing: impl Fn(&str, &[u8]) -> bool) -> Vec<Part> {
    let request = &exchange.request;
    let mut parts: Vec<Part> = split_url(&request.target, true).into_iter().map(url_part).collect();
    for (name, value) in &request.headers.0 {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            // The same as the URL's host, but for clients that write another one.
            "host" if is_host_of(exchange, value) => {}
            "cookie" => parts.extend(cookies(value)),
            "referer" => parts.push(part(Channel::Referer, header_step(&lower), value)),
            _ if holds_nothing(&lower, value) => {}
            _ => parts.push(part(Channel::Header, header_step(&lower), value)),
        }
        if name.len() >= SHORTEST_NUMBER && !is_usual(&lower) {
            parts.push(part(Channel::Header, header_step(&lower), name.as_bytes()));
        }
    }
    parts
}

/// What an answer makes the browser send on: where it is redirected, what it is to fetch, and the cookies it is to keep.
fn answer_parts(asked: &Target, response: &ResponseRecord) -> Vec<Part> {
    let headers = &response.headers;
    let mut parts = Vec::new();
    let mut lead = |name: &str, reference: &[u8]| {
        let leads_to = asked.join(&String::from_utf8_lossy(reference)).ok();
        let leads_to = Some(Box::new(leads_to.unwrap_or_else(|| asked.clone())));
        parts.push(Part { leads_to, ..part(Channel::Redirect, header_step(name), reference) });
    };
    // Of other answers it names what was made, and nobody follows it (RFC 9110 §10.2.2).
    let is_followed = (300..400).contains(&response.status);
    for value in headers.all("location").filter(|_| is_followed) {
        lead("location", value);
    }
    for value in headers.all("refresh") {
        lead("refresh", refreshed(value));
    }
    for value in headers.all("link") {
        for reference in fetched(value) {
            lead("link", reference);
        }
    }
    for line in headers.all("set-cookie") {
        parts.extend(cookie_to_keep(line));
    }
    parts
}

/// The URL of `5; url=https://..` (HTML, "declarative refresh"); all of it where there is none.
fn refreshed(value: &[u8]) -> &[u8] {
    let at = value.windows(4).position(|four| four.eq_ignore_ascii_case(b"url="));
    let url = at.and_then(|at| value.get(at + 4..)).unwrap_or(value).trim_ascii();
    match url {
        [quote @ (b'"' | b'\''), inside @ ..] => inside.split(|byte| byte == quote).next().unwrap_or_default(),
        _ => url,
    }
}

/// What a `Link` (RFC 8288 §3) makes the browser fetch: `<url>; rel=preload, ..`.
fn fetched(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b'<').skip(1).filter_map(|link| {
        let end = link.iter().position(|byte| *byte == b'>')?;
        let (reference, relation) = link.split_at_checked(end)?;
        let relation = String::from_utf8_lossy(relation).to_ascii_lowercase();
        FETCHED_RELATIONS.iter().any(|fetched| relation.contains(fetched)).then_some(reference)
    })
}

/// The whole of a `Set-Cookie`: name, value, and attributes such as a path.
fn cookie_to_keep(line: &[u8]) -> Vec<Part> {
    let mut fields = line.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    let (name, value) = split_pair(fields.next().unwrap_or_default());
    let into = |name: &str| [header_step("set-cookie"), vec![RawStep::Into(Place::Cookie, name.to_owned())]].concat();
    let mut parts = vec![part(Channel::Cookie, into(&name), value)];
    if name.len() >= SHORTEST_NUMBER {
        parts.push(part(Channel::Cookie, into(&name), name.as_bytes()));
    }
    for field in fields.take(MAX_ATTRIBUTES) {
        let (attribute, value) = split_pair(field);
        let step = into(&format!("{name}; {}", attribute.to_lowercase()));
        parts.push(part(Channel::Cookie, step.clone(), value));
        if attribute.len() >= SHORTEST_NUMBER {
            parts.push(part(Channel::Cookie, step, attribute.as_bytes()));
        }
    }
    parts
}

fn url_part(piece: Piece) -> Part {
    let channel = match piece.steps.first() {
        Some(RawStep::Into(Place::Query, _)) => Channel::UrlQuery,
        Some(RawStep::Into(Place::Fragment, _)) => Channel::UrlFragment,
        _ => Channel::UrlPath,
    };
    Part { channel, piece, leads_to: None }
}

/// The cookies of a line; what is beyond the bound stays one piece, searched as it is.
fn cookies(value: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut pairs = value.splitn(MAX_COOKIES, |byte| *byte == b';').map(<[u8]>::trim_ascii);
    for pair in pairs.by_ref().filter(|pair| !pair.is_empty()) {
        let (name, value) = split_pair(pair);
        let steps = vec![RawStep::Into(Place::Cookie, name.clone())];
        if name.len() >= SHORTEST_NUMBER {
            parts.push(part(Channel::Cookie, steps.clone(), name.as_bytes()));
        }
        parts.push(part(Channel::Cookie, steps, value));
    }
    parts
}

fn split_pair(pair: &[u8]) -> (String, &[u8]) {
    let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
    let name = String::from_utf8_lossy(pair.get(..at).unwrap_or_default()).trim().to_owned();
    (name, pair.get(at + 1..).unwrap_or_default())
}

fn header_step(name: &str) -> Vec<RawStep> {
    vec![RawStep::Into(Place::Header, name.to_owned())]
}

fn message_step(number: u64) -> RawStep {
    RawStep::Into(Place::Message, number.to_string())
}

fn part(channel: Channel, steps: Vec<RawStep>, bytes: &[u8]) -> Part {
    Part { channel, piece: Piece::new(steps, bytes.to_vec()), leads_to: None }
}

fn is_host_of(exchange: &Exchange, value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let host = text.rsplit_once(':').map_or(&*text, |(host, _)| host);
    host.eq_ignore_ascii_case(exchange.request.target.host.as_str())
        || text.eq_ignore_ascii_case(exchange.request.target.host.as_str())
}
