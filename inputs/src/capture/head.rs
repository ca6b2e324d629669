//! The head of a message (RFC 9112 §2.1): what it asks or answers, and how its body comes. One that is not as HTTP says, as
//! clients write it that escape nothing, is taken as it stands.

use jiff::Timestamp;
use model::{Body, Headers, RequestRecord, ResponseRecord, Scheme, Target};

use super::segments::End;
use super::side::State;
use crate::log::{Assumed, LogLine};

/// Lines of a head that are told apart.
const MAX_LINES: usize = 256;

/// Lines that are told apart of a head that is not as HTTP says; the others are one.
const MAX_ODD_LINES: usize = 4_096;

/// Longest name of a version, `HTTP/1.1` and its like; what is longer is somebody's text.
const LONGEST_VERSION: usize = 9;

/// Stands in for the name of a line of a head that has none, and for a method that is none.
const UNNAMED: &str = "unnamed";
const NO_METHOD: &str = "-";

/// What a head says.
pub(super) struct Head<T> {
    pub(super) record: T,
    /// How the body comes, if it says so.
    pub(super) framing: Option<State>,
    /// Whether it is not as HTTP says.
    pub(super) is_odd: bool,
}

/// A request by its head, to `server`.
pub(super) fn request(head: &[u8], server: End) -> Option<Head<RequestRecord>> {
    strict_request(head, server).or_else(|| odd_request(head, server))
}

/// An answer by its head.
pub(super) fn response(head: &[u8]) -> Option<Head<ResponseRecord>> {
    strict_response(head).or_else(|| odd_response(head))
}

/// Whether it is all of a request as it was before HTTP had versions: one line (RFC 1945 §4.1).
pub(super) fn is_simple(head: &[u8]) -> bool {
    let line = head.strip_suffix(b"\n").unwrap_or_default();
    line.starts_with(b"GET ")
        && memchr::memchr(b'\n', line).is_none()
        && memchr::memmem::find(line, b" HTTP/").is_none()
}

fn strict_request(head: &[u8], server: End) -> Option<Head<RequestRecord>> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_LINES];
    let mut parsed = httparse::Request::new(&mut lines);
    parsed.parse(head).ok().filter(httparse::Status::is_complete)?;
    let headers = headers(parsed.headers);
    let asked = parsed.path?;
    let host = headers.text("host").filter(|host| !host.trim().is_empty());
    let host = host.map_or_else(|| text(server), |host| host.trim().to_owned());
    let url = match asked {
        _ if asked.contains("://") && !asked.starts_with('/') => asked.to_owned(),
        _ if asked.starts_with('/') => format!("http://{host}{asked}"),
        "*" => format!("http://{host}/"),
        // CONNECT names a host.
        _ => format!("http://{asked}/"),
    };
    let target = Target::parse(&url).ok().or_else(|| Target::parse(&format!("http://{}{asked}", text(server))).ok())?;
    let framing = framing(&headers);
    let version = format!("HTTP/1.{}", parsed.version?);
    let method = parsed.method?.to_owned();
    let record = RequestRecord { method, target, version, headers, body: Body::default() };
    Some(Head { record, framing, is_odd: false })
}

/// A request as it stands: bytes that belong escaped, spaces in its target, no version. What is none at all is a text that
/// the server was sent.
fn odd_request(head: &[u8], server: End) -> Option<Head<RequestRecord>> {
    let (first, mut headers) = odd_lines(head);
    // A host whose end is missing is another's name.
    if let Some((name, _)) =
        headers.0.last_mut().filter(|(name, _)| !head.ends_with(b"\n") && name.eq_ignore_ascii_case("host"))
    {
        UNNAMED.clone_into(name);
    }
    let server = text(server);
    let mut line = LogLine { scheme: Some(Scheme::Http), ..LogLine::default() };
    line.take_request(first.into());
    let has_method = line.method.is_some();
    if !has_method {
        line.target = None;
    }
    let host = headers.get("host").map(<[u8]>::trim_ascii).filter(|host| !host.is_empty());
    line.host = Some(host.map_or_else(|| server.clone().into_bytes(), <[u8]>::to_vec).into());
    // Where the host is none, it is the server's address.
    let address = Target::parse(&format!("http://{server}")).ok()?.host;
    let assumed = Assumed { host: Some(address), scheme: Scheme::Http, time: Timestamp::UNIX_EPOCH };
    let asked = line.exchange(0, &assumed)?.request;
    let framing = framing(&headers);
    let mut lines = headers.0;
    if !has_method {
        lines.insert(0, (UNNAMED.to_owned(), first.to_vec()));
    } else if asked.version.len() > LONGEST_VERSION {
        lines.insert(0, ("version".to_owned(), asked.version.clone().into_bytes()));
    }
    let method = if has_method { asked.method } else { NO_METHOD.to_owned() };
    let record = RequestRecord { method, headers: Headers(lines), ..asked };
    Some(Head { record, framing, is_odd: true })
}

/// An answer as it stands, if it says how it answers.
fn odd_response(head: &[u8]) -> Option<Head<ResponseRecord>> {
    let (first, headers) = odd_lines(head);
    let status = first.strip_prefix(b"HTTP/")?.split(|byte| *byte == b' ').nth(1)?;
    let status = str::from_utf8(status).ok()?.parse().ok().filter(|status| (100..1_000).contains(status))?;
    let framing = framing(&headers);
    Some(Head {
        record: ResponseRecord { status, body_bytes: length(framing.as_ref()), headers },
        framing,
        is_odd: true,
    })
}

/// The first line and the others, each a name and a value as far as it has them.
fn odd_lines(head: &[u8]) -> (&[u8], Headers) {
    let mut lines = head.splitn(MAX_ODD_LINES, |byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.next().unwrap_or_default();
    let pair = |line: &[u8]| {
        let (name, value) = match memchr::memchr(b':', line).and_then(|at| line.split_at_checked(at)) {
            Some((name, value)) => {
                (String::from_utf8_lossy(name).trim().to_owned(), value.get(1..).unwrap_or_default())
            }
            None => (UNNAMED.to_owned(), line),
        };
        (name, value.trim_ascii().to_vec())
    };
    (first, Headers(lines.filter(|line| !line.is_empty()).map(pair).collect()))
}

fn length(framing: Option<&State>) -> u64 {
    match framing {
        Some(State::Length(length)) => *length,
        _ => 0,
    }
}

fn strict_response(head: &[u8]) -> Option<Head<ResponseRecord>> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_LINES];
    let mut parsed = httparse::Response::new(&mut lines);
    parsed.parse(head).ok().filter(httparse::Status::is_complete)?;
    let headers = headers(parsed.headers);
    let framing = framing(&headers);
    let record = ResponseRecord { status: parsed.code?, body_bytes: length(framing.as_ref()), headers };
    Some(Head { record, framing, is_odd: false })
}

fn headers(lines: &[httparse::Header<'_>]) -> Headers {
    Headers(lines.iter().map(|line| (line.name.to_owned(), line.value.to_vec())).collect())
}

/// How a body comes, if the head says so (RFC 9112 §6.3).
fn framing(headers: &Headers) -> Option<State> {
    let is_chunked = headers.all("transfer-encoding").any(|value| {
        value.rsplit(|byte| *byte == b',').next().is_some_and(|last| last.trim_ascii().eq_ignore_ascii_case(b"chunked"))
    });
    if is_chunked {
        return Some(State::ChunkLine);
    }
    let length = headers.text("content-length")?;
    length.split(',').next()?.trim().parse().ok().map(State::Length)
}

pub(super) fn text((address, port): End) -> String {
    std::net::SocketAddr::new(address, port).to_string()
}
