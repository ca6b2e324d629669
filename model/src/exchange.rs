//! A request and what came back, or why nothing did: what the proxy records and a HAR file holds.

use jiff::Timestamp;

use crate::{BlindSpot, Host, Initiator, LaneId, Target, VisitId};

/// One request and its answer, as on the wire. Raw: it holds personal data and lives in memory only.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Order within its source: the entry of a HAR from 0, or the order in which requests began.
    pub index: u64,
    /// When the request began.
    pub started: Timestamp,
    /// From the first byte of the request to the last of the answer, in milliseconds.
    pub duration_ms: Option<u64>,
    /// The visit it belongs to, when it came in by a visit's own port.
    pub visit: Option<VisitId>,
    /// What was sent.
    pub request: RequestRecord,
    /// What came back; `None` with a [`Failure`].
    pub response: Option<ResponseRecord>,
    /// Why nothing came back.
    pub failure: Option<Failure>,
    /// The messages of a WebSocket that this request opened, in order.
    pub messages: Vec<Message>,
    /// How both sides were reached.
    pub connection: Connection,
    /// The page it was sent from, when the source says so (a HAR's `pageref`).
    pub page: Option<String>,
    /// What made the browser send it, where the browser was asked.
    pub initiator: Option<Initiator>,
    /// Whether we stopped it before it left.
    pub blocked: bool,
    /// When this is more of an exchange that was handed over while it still went on: what came before it.
    pub continues: Option<Continuation>,
    /// What a log tells of it beside the request; `None` where no log does.
    pub logged: Option<Logged>,
    /// What of it could not be read.
    pub blind_spots: Vec<BlindSpot>,
}

/// What a line of a log holds beside the request it tells of. It went nowhere by that: whoever keeps the log has it.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Who keeps the log, where the request was not to the system itself.
    pub holder: Host,
    /// Fields that are the log's own, and the whole line where it is no request.
    pub fields: Vec<LoggedField>,
}

/// A field of a log's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedField {
    /// Its name in the log; empty for a line of text.
    pub name: String,
    /// What stands there, the log's own escapes undone.
    pub text: Vec<u8>,
    /// Whether its format says that it is an id that a machine has made. Its digits and letters are random: of such a
    /// field numbers are read that stand there as they are, and no encoding is undone.
    pub is_id: bool,
}

/// What of an exchange was handed over before: more of it is an [`Exchange`] of the same index and head, with only what
/// is new in `messages` and `request.body`. The head is there to tell whose it is, and was judged the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Continuation {
    /// Messages handed over before.
    pub messages: u64,
    /// Bytes of the request's body handed over or left out before. What is new may begin with some of them again, so that
    /// a number that lies across is whole in one of the two: see [`Body::repeated`]. With more of a body, an answer is new.
    pub body_bytes: u64,
}

/// A request: head and body.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    /// `GET`, `POST` ...
    pub method: String,
    /// Where to.
    pub target: Target,
    /// `HTTP/1.1`, `h2` ...
    pub version: String,
    /// As sent, in order.
    pub headers: Headers,
    /// What was sent after the head, `Content-Encoding` not undone.
    pub body: Body,
}

/// The head of an answer. Its body is what the site tells the citizen, and is not recorded.
#[derive(Clone, Debug)]
pub struct ResponseRecord {
    /// 200, 302 ...
    pub status: u16,
    /// As received, in order.
    pub headers: Headers,
    /// Bytes of body that passed.
    pub body_bytes: u64,
}

/// A message of a WebSocket (RFC 6455 §5.4): frames put together, compression of the connection undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who sent it.
    pub sender: Sender,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// A side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The browser.
    Client,
    /// The site.
    Server,
}

/// Header lines in the order of the wire; names compare without case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<(String, Vec<u8>)>);

/// A recorded body, at most as long as the recorder's cap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// What was recorded.
    pub bytes: Vec<u8>,
    /// How long it was on the wire; to the end of `bytes` when it is more of a body that goes on.
    pub wire_length: u64,
    /// Whether `bytes` is all of it.
    pub state: BodyState,
}

/// How much of a body was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyState {
    /// All of it, or there was none.
    #[default]
    Whole,
    /// Its end is missing: over the cap, or the sender stopped.
    Cut,
    /// There was one, and none of it was recorded.
    Missing,
}

/// Why a request got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No connection to the host.
    Unreachable(String),
    /// The host's certificate or protocol was refused.
    Tls(String),
    /// The connection broke off.
    Broken(String),
    /// We refused to send it (a guard, not the site).
    Refused(String),
}

/// Who was at either end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// The client's address and port.
    pub client: Option<String>,
    /// The server's address and port.
    pub server: Option<String>,
    /// TLS version with the client, `TLSv1.3` ...
    pub client_tls: Option<String>,
    /// TLS version with the server.
    pub server_tls: Option<String>,
    /// The name by which the client logged in to the proxy, when it asks for one.
    pub user: Option<String>,
    /// Whose test it is, where several work through one proxy: the name of the port it came in by, or else the user.
    pub tester: Option<String>,
    /// The host that the client asked for, when the site's name was put in its place (a reverse proxy).
    pub asked_host: Option<String>,
    /// Whose port of the proxy it came in by, where several tabs have one each.
    pub lane: Option<LaneId>,
    /// Whether the request's `Referer` says more than a browser of today would by itself: the proxy simulates the policy
    /// of before 2020, and the page sets none of its own.
    pub simulated_referer: bool,
}

impl Exchange {
    /// A request that begins, of which nothing more is known yet.
    pub fn begun(index: u64, started: Timestamp, request: RequestRecord) -> Self {
        Self {
            index,
            started,
            duration_ms: None,
            visit: None,
            request,
            response: None,
            failure: None,
            messages: Vec::new(),
            connection: Connection::default(),
            page: None,
            initiator: None,
            blocked: false,
            continues: None,
            logged: None,
            blind_spots: Vec::new(),
        }
    }
}

impl Headers {
    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }

    /// Every value of `name`, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }

    /// The first value of `name` as text, bytes that are no UTF-8 replaced.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| String::from_utf8_lossy(value).into_owned())
    }
}

impl Body {
    /// A body recorded whole.
    pub fn whole(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self { wire_length: bytes.len() as u64, bytes, state: BodyState::Whole }
    }

    /// With what was handed over before it: how many of its first bytes were part of that.
    pub fn repeated(&self, before: Continuation) -> usize {
        let from = self.wire_length.saturating_sub(self.bytes.len() as u64);
        let repeated = before.body_bytes.saturating_sub(from);
        usize::try_from(repeated).ok().filter(|repeated| *repeated < self.bytes.len()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_knows_what_it_repeats() {
        let repeated = |from, length, before| {
            let body = Body { bytes: vec![b'x'; length], wire_length: from + length as u64, state: BodyState::Cut };
            body.repeated(Continuation { messages: 0, body_bytes: before })
        };
        assert_eq!(repeated(90, 50, 100), 10);
        assert_eq!(repeated(100, 50, 100), 0);
        // Something in between was left out; nothing is new.
        assert_eq!((repeated(200, 50, 100), repeated(90, 10, 100)), (0, 0));
    }
}
