//! What of a message's head is for the next hop and what passes, and how a head is recorded.
//!
//! Heads of which something stays here are built anew rather than taken from: removing a line from a `HeaderMap` moves
//! another into its place, and the order of lines is part of what a site sees.

use http::header::{
    ALT_SVC, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE,
};
use model::Headers;

/// Which way a head goes, and what is left of its connection on the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    /// To the site, or back.
    pub(crate) direction: Direction,
    /// Whether both sides are HTTP/2, which has no `Connection`.
    pub(crate) is_h2: bool,
    /// Whether the connection is about to become something else, by agreement of both ends.
    pub(crate) upgrades: bool,
}

/// Which way a head goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the client to the site.
    Up,
    /// From the site to the client.
    Down,
}

const KEEP_ALIVE: &str = "keep-alive";
const PROXY_CONNECTION: &str = "proxy-connection";
const HTTP2_SETTINGS: &str = "http2-settings";

/// The head as the other side gets it (RFC 9110 §7.6.1).
///
/// One connection to the site belongs to one of the client, so `Connection: close` and `keep-alive` pass: they mean
/// the same on both. An offer of HTTP/3 does not pass: it would lead the client around the proxy.
pub(crate) fn passed_on(head: HeaderMap, passage: Passage) -> HeaderMap {
    if head.keys().all(passes_as_it_is) {
        return head;
    }
    let named: Vec<String> = options(&head).filter(|option| !is_understood(option)).collect();
    let is_chunked = head.contains_key(TRANSFER_ENCODING);
    let mut passed = HeaderMap::with_capacity(head.len() + 1);
    for (name, value) in &head {
        let value = match name {
            &CONNECTION if passage.is_h2 => None,
            &CONNECTION => connection(value, passage.upgrades),
            &UPGRADE => (passage.upgrades && !passage.is_h2).then(|| value.clone()),
            &TE => trailers_only(value),
            &PROXY_AUTHENTICATE | &PROXY_AUTHORIZATION => None,
            // Never both (RFC 9112 §6.3): whoever reads only one would see another message.
            &CONTENT_LENGTH if is_chunked => None,
            // Back to the client the server side chooses its own, since the client may be HTTP/1.0.
            &TRANSFER_ENCODING => (passage.direction == Direction::Up && !passage.is_h2).then(|| value.clone()),
            &ALT_SVC if passage.direction == Direction::Down => None,
            name if is_for_next_hop(name) || named.iter().any(|option| option == name.as_str()) => None,
            _ => Some(value.clone()),
        };
        if let Some(value) = value {
            passed.append(name, value);
        }
    }
    passed
}

/// What a request wants its connection to become, in lower case.
///
/// `h2c` is not counted: browsers never ask for it, and the site answers just as well without.
pub(crate) fn upgrade(head: &HeaderMap) -> Option<String> {
    let wants = options(head).any(|option| option == "upgrade");
    let protocol = head.get(UPGRADE)?.to_str().ok()?.trim().to_ascii_lowercase();
    (wants && !protocol.is_empty() && !protocol.starts_with("h2c")).then_some(protocol)
}

/// Whether an answer offers HTTP/3 (RFC 7838 §3; `quic` is what it was called before).
pub(crate) fn offers_http3(head: &HeaderMap) -> bool {
    let values = head.get_all(ALT_SVC).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|offer| {
        let protocol = offer.trim_start().split('=').next().unwrap_or_default().to_ascii_lowercase();
        ["h3", "quic", "hq"].iter().any(|name| protocol.starts_with(name))
    })
}

/// A head as the detector gets it. A login to the proxy is between the client and us, and kept nowhere.
pub(crate) fn record(head: &HeaderMap) -> Headers {
    let passing = head.iter().filter(|(name, _)| *name != PROXY_AUTHORIZATION);
    Headers(passing.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect())
}

/// The names in `Connection`.
fn options(head: &HeaderMap) -> impl Iterator<Item = String> {
    let values = head.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|option| option.trim().to_ascii_lowercase())
}

/// Names in `Connection` that need no taking out of their headers: handled by themselves, or nothing a hop may drop.
fn is_understood(option: &str) -> bool {
    let handled = ["close", KEEP_ALIVE, "upgrade", TE.as_str(), TRANSFER_ENCODING.as_str()].contains(&option);
    handled || [HOST.as_str(), CONTENT_LENGTH.as_str(), CONNECTION.as_str()].contains(&option)
}

/// Whether a line of this name is the same on the other side, whatever else the head says: most heads have no others.
fn passes_as_it_is(name: &HeaderName) -> bool {
    let looked_at =
        [CONNECTION, UPGRADE, TE, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TRANSFER_ENCODING, ALT_SVC].contains(name);
    !looked_at && !is_for_next_hop(name)
}

fn is_for_next_hop(name: &HeaderName) -> bool {
    [KEEP_ALIVE, PROXY_CONNECTION, HTTP2_SETTINGS].contains(&name.as_str())
}

/// `Connection` with only what still holds on the other side; unchanged to the byte when all of it does.
fn connection(value: &HeaderValue, upgrades: bool) -> Option<HeaderValue> {
    let holds = |option: &str| {
        let option = option.trim();
        let is = |name: &str| option.eq_ignore_ascii_case(name);
        is("close") || is(KEEP_ALIVE) || is(TE.as_str()) || (upgrades && is("upgrade"))
    };
    let text = value.to_str().ok()?;
    if text.split(',').all(holds) {
        return Some(value.clone());
    }
    let left: Vec<&str> = text.split(',').filter(|option| holds(option)).map(str::trim).collect();
    HeaderValue::from_str(&left.join(", ")).ok().filter(|value| !value.is_empty())
}

/// gRPC needs its `TE: trailers`; other transfer codings are between neighbours.
fn trailers_only(value: &HeaderValue) -> Option<HeaderValue> {
    let has_trailers = value.to_str().ok()?.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("trailers"));
    has_trailers.then(|| HeaderValue::from_static("trailers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: Passage = Passage { direction: Direction::Up, is_h2: false, upgrades: false };
    const DOWN: Passage = Passage { direction: Direction::Down, ..UP };
    const UP_H2: Passage = Passage { is_h2: true, ..UP };
    const UPGRADE_UP: Passage = Passage { upgrades: true, ..UP };

    fn head(lines: &str) -> HeaderMap {
        let line = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
        };
        let mut head = HeaderMap::new();
        for (name, value) in lines.split(" | ").filter(|text| !text.is_empty()).map(line) {
            head.append(name, value);
        }
        head
    }

    #[track_caller]
    fn case(passage: Passage, before: &str, after: &str) {
        let lines = |head: &HeaderMap| {
            let line = |(name, value): (&HeaderName, &HeaderValue)| format!("{name}: {}", value.to_str().unwrap());
            head.iter().map(line).collect::<Vec<_>>().join(" | ")
        };
        assert_eq!(lines(&passed_on(head(before), passage)), after);
    }

    #[test]
    fn what_is_for_the_site_keeps_its_order() {
        let all = "host: a | accept: */* | x-b: 1 | x-a: 2 | cookie: c=d | referer: r";
        case(UP, all, all);
        case(UP, "host: a | connection: keep-alive | x: 1", "host: a | connection: keep-alive | x: 1");
    }

    #[test]
    fn what_is_for_the_proxy_stays_here() {
        case(UP, "proxy-connection: x | a: 1 | proxy-authorization: y | keep-alive: z | b: 2", "a: 1 | b: 2");
        case(UP, "connection: X-Hop, keep-alive | x-hop: 1 | b: 2", "connection: keep-alive | b: 2");
        case(UP, "connection: x-hop | x-hop: 1 | b: 2", "b: 2");
        case(UP, "te: gzip, trailers | b: 2", "te: trailers | b: 2");
        case(UP, "te: gzip | b: 2", "b: 2");
    }

    #[test]
    fn a_connection_header_cannot_take_out_what_matters() {
        case(UP, "connection: host, content-length | host: a | content-length: 3", "host: a | content-length: 3");
    }

    #[test]
    fn a_message_has_one_length() {
        let both = "content-length: 3 | transfer-encoding: chunked";
        case(UP, both, "transfer-encoding: chunked");
        case(DOWN, both, "");
    }

    #[test]
    fn an_upgrade_passes_when_agreed() {
        let asked = "connection: keep-alive, Upgrade | upgrade: websocket";
        case(UPGRADE_UP, asked, asked);
        case(UP, asked, "connection: keep-alive");
        assert_eq!(upgrade(&head(asked)).as_deref(), Some("websocket"));
        assert_eq!(upgrade(&head("upgrade: websocket")), None);
        assert_eq!(upgrade(&head("connection: upgrade, http2-settings | upgrade: h2c")), None);
        case(UP, "connection: upgrade, http2-settings | upgrade: h2c | http2-settings: x | a: 1", "a: 1");
    }

    #[test]
    fn an_offer_of_http3_does_not_pass() {
        case(DOWN, "a: 1 | alt-svc: h3=\":443\" | b: 2", "a: 1 | b: 2");
    }

    #[test]
    fn an_offer_of_http3_is_told_from_others() {
        let offers = |value: &str| offers_http3(&head(&format!("a: 1 | alt-svc: {value}")));
        assert!(offers("h3=\":443\"; ma=86400") && offers("h2=\":8443\", h3-29=\":443\"") && offers("quic=\":443\""));
        assert!(!offers("clear") && !offers("h2=\"h3.test:443\"") && !offers_http3(&head("a: 1")));
    }

    #[test]
    fn http2_has_no_connection() {
        case(UP_H2, "connection: keep-alive | te: trailers | a: 1", "te: trailers | a: 1");
    }
}
