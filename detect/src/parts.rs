//! An exchange cut into the pieces that can carry a number, each with its channel.

use model::{Channel, Exchange, Headers, Place};

use crate::decoders::{Piece, RawStep, split_url};

/// Header names at least this long can hold a number themselves.
const SHORTEST_NUMBER: usize = 10;

/// A piece of an exchange that can carry data.
pub(crate) struct Part {
    pub(crate) channel: Channel,
    pub(crate) piece: Piece,
}

/// Everything of `exchange` that can carry a number to somebody.
pub(crate) fn parts(exchange: &Exchange) -> Vec<Part> {
    let request = &exchange.request;
    let mut parts: Vec<Part> = split_url(&request.target, true).into_iter().map(url_part).collect();
    for (name, value) in &request.headers.0 {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            // The same as the URL's host, but for clients that write another one.
            "host" if is_host_of(exchange, value) => {}
            "cookie" => parts.extend(cookies(value)),
            "referer" => parts.push(part(Channel::Referer, header_step(&lower), value)),
            _ => parts.push(part(Channel::Header, header_step(&lower), value)),
        }
        if name.len() >= SHORTEST_NUMBER {
            parts.push(part(Channel::Header, header_step(&lower), name.as_bytes()));
        }
    }
    if !request.body.bytes.is_empty() {
        parts.push(part(Channel::Body, vec![RawStep::Into(Place::Body, String::new())], &request.body.bytes));
    }
    if let Some(response) = &exchange.response {
        parts.extend(answer_parts(&response.headers));
    }
    parts
}

/// What an answer makes the browser send on: where it is redirected, and the cookies it is to keep.
fn answer_parts(headers: &Headers) -> Vec<Part> {
    let locations = headers.all("location").map(|value| part(Channel::Redirect, header_step("location"), value));
    let cookies = headers.all("set-cookie").filter_map(|line| {
        let pair = line.split(|byte| *byte == b';').next()?;
        let (name, value) = split_pair(pair);
        let steps = [header_step("set-cookie"), vec![RawStep::Into(Place::Cookie, name)]].concat();
        Some(part(Channel::Cookie, steps, value))
    });
    locations.chain(cookies).collect()
}

fn url_part(piece: Piece) -> Part {
    let channel = match piece.steps.first() {
        Some(RawStep::Into(Place::Query, _)) => Channel::UrlQuery,
        Some(RawStep::Into(Place::Fragment, _)) => Channel::UrlFragment,
        _ => Channel::UrlPath,
    };
    Part { channel, piece }
}

fn cookies(value: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    for pair in value.split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty()) {
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

fn part(channel: Channel, steps: Vec<RawStep>, bytes: &[u8]) -> Part {
    Part { channel, piece: Piece::new(steps, bytes.to_vec()) }
}

fn is_host_of(exchange: &Exchange, value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let host = text.rsplit_once(':').map_or(&*text, |(host, _)| host);
    host.eq_ignore_ascii_case(exchange.request.target.host.as_str())
        || text.eq_ignore_ascii_case(exchange.request.target.host.as_str())
}
