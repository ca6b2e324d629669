//! HTTP/2 by hand (RFC 9113 §4), for what no library sends.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use crate::kit::{Fixture, PATIENCE};

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const PADDED: u8 = 8;

#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

/// How the other side reacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The connection is over, with this code.
    GoAway(u32),
    /// The stream is over, with this code.
    Reset(u32),
    /// The stream has an answer.
    Answered,
    /// The connection was closed without a word.
    Closed,
}

/// A client's end of a connection.
pub(crate) struct Peer {
    pub(crate) stream: TlsStream<TcpStream>,
}

impl Frame {
    pub(crate) fn new(kind: u8, flags: u8, stream: u32, payload: impl Into<Vec<u8>>) -> Self {
        Self { kind, flags, stream, payload: payload.into() }
    }

    /// The head of a request, whole.
    pub(crate) fn head(stream: u32, flags: u8, fields: &[(&str, &str)]) -> Self {
        Self::new(HEADERS, flags | END_HEADERS, stream, block(fields))
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = u32::try_from(self.payload.len()).unwrap().to_be_bytes()[1..].to_vec();
        bytes.extend([self.kind, self.flags]);
        bytes.extend(self.stream.to_be_bytes());
        bytes.extend(&self.payload);
        bytes
    }

    /// The code that a `GOAWAY` or a `RST_STREAM` gives.
    pub(crate) fn code(&self) -> u32 {
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

/// What every request needs, before `more`.
pub(crate) fn request<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![(":method", "POST"), (":scheme", "https"), (":authority", "a.test"), (":path", "/")];
    fields.extend(more);
    fields
}

/// Fields as literals that enter no table (RFC 7541 §6.2.2).
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for text in fields.iter().flat_map(|(name, value)| ["\0", name, value]) {
        if text != "\0" {
            length(&mut block, text.len());
        }
        block.extend(text.as_bytes());
    }
    block
}

/// A length in seven bits and as many more as it takes (RFC 7541 §5.1).
fn length(block: &mut Vec<u8>, length: usize) {
    let Some(mut rest) = length.checked_sub(127) else { return block.push(u8::try_from(length).unwrap()) };
    block.push(127);
    while rest >= 128 {
        block.push(u8::try_from(rest % 128 + 128).unwrap());
        rest /= 128;
    }
    block.push(u8::try_from(rest).unwrap());
}

impl Peer {
    /// A connection through `fixture`'s proxy that has not said anything yet.
    pub(crate) async fn silent(fixture: &Fixture) -> Self {
        let stream = fixture.tls("a.test", &["h2"]).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
        Self { stream }
    }

    /// A connection whose beginning is as it should be.
    pub(crate) async fn new(fixture: &Fixture) -> Self {
        let mut peer = Self::silent(fixture).await;
        peer.stream.write_all(PREFACE).await.unwrap();
        peer.send(&[Frame::new(SETTINGS, 0, 0, [])]).await;
        peer
    }

    /// Sends what still gets there.
    pub(crate) async fn send(&mut self, frames: &[Frame]) {
        let bytes: Vec<u8> = frames.iter().flat_map(Frame::bytes).collect();
        let _ = self.stream.write_all(&bytes).await;
        let _ = self.stream.flush().await;
    }

    pub(crate) async fn next(&mut self) -> Option<Frame> {
        timeout(PATIENCE, next(&mut self.stream)).await.expect("a frame in time")
    }

    /// The first frame that ends `stream` or everything.
    pub(crate) async fn end(&mut self, stream: u32) -> End {
        loop {
            match self.next().await {
                None => return End::Closed,
                Some(frame) if frame.kind == GOAWAY => return End::GoAway(frame.code()),
                Some(frame) if frame.stream != stream => {}
                Some(frame) if frame.kind == RST_STREAM => return End::Reset(frame.code()),
                Some(frame) if frame.kind == HEADERS => return End::Answered,
                Some(_) => {}
            }
        }
    }
}

/// The next frame, if there is one.
pub(crate) async fn next(stream: &mut (impl AsyncRead + Unpin)) -> Option<Frame> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload).await.ok()?;
    let stream = u32::from_be_bytes(head[5..].try_into().unwrap());
    Some(Frame { kind: head[3], flags: head[4], stream, payload })
}

/// Reads to the end; the code of the last `GOAWAY`, if there was one.
pub(crate) async fn last_word(mut stream: impl AsyncRead + Unpin) -> Option<u32> {
    let mut code = None;
    while let Some(frame) = next(&mut stream).await {
        if frame.kind == GOAWAY {
            code = Some(frame.code());
        }
    }
    code
}
