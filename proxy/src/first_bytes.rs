//! What a client speaks inside a tunnel, told by its first bytes, which are then given back to whoever reads on.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// Longest method anybody has registered is `UPDATEREDIRECTREF`; twice that is no method.
const LONGEST_METHOD: usize = 32;
/// Enough for the first line of any protocol, and for a `ClientHello` to begin.
const FIRST_READ: usize = 4096;
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n";
/// A handshake record of TLS begins with its type and a major version of 3.
const TLS_HANDSHAKE: &[u8] = &[0x16, 0x03];

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    /// TLS.
    Tls,
    /// HTTP/1 in clear text, whatever the method.
    Http1,
    /// HTTP/2 in clear text, begun without asking.
    Http2,
    /// Neither.
    Other,
}

/// A stream whose first bytes were looked at.
pub(crate) struct Prefixed<T> {
    first: BytesMut,
    stream: T,
}

impl Spoken {
    /// What `first` begins; `None` when that takes more bytes.
    pub(crate) fn told_by(first: &[u8]) -> Option<Self> {
        let could_be = |whole: &[u8]| whole.starts_with(first) || first.starts_with(whole);
        if first.is_empty() {
            return None;
        }
        if could_be(TLS_HANDSHAKE) {
            return (first.len() >= TLS_HANDSHAKE.len()).then_some(Self::Tls);
        }
        if first.starts_with(HTTP2_PREFACE) {
            return Some(Self::Http2);
        }
        let is_method = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        let method = first.iter().take_while(|byte| is_method(byte)).count();
        match (first.get(method), first.get(method + 1)) {
            _ if method == 0 || method > LONGEST_METHOD => Some(Self::Other),
            (None, _) | (Some(b' '), None) => None,
            // `PRI *` may yet become either.
            (Some(b' '), Some(b'*')) if HTTP2_PREFACE.starts_with(first) => None,
            // A CONNECT within a tunnel leads on to another proxy. Targets begin so (RFC 9112 §3.2).
            (Some(b' '), Some(b'/' | b'*')) => Some(Self::Http1),
            (Some(b' '), Some(b'h' | b'H')) => Self::told_by_absolute(first.get(method + 1..).unwrap_or_default()),
            _ => Some(Self::Other),
        }
    }

    /// `http://` or `https://`, which a client may also ask for in a tunnel.
    fn told_by_absolute(target: &[u8]) -> Option<Self> {
        let start: Vec<u8> = target.iter().take(b"https://".len()).map(u8::to_ascii_lowercase).collect();
        if start.starts_with(b"http://") || start.starts_with(b"https://") {
            return Some(Self::Http1);
        }
        let may_become = b"http://".starts_with(&start) || b"https://".starts_with(&start);
        (!may_become).then_some(Self::Other)
    }
}

impl<T> Prefixed<T> {
    /// A stream of which `first` was read already.
    pub(crate) fn new(first: &Bytes, stream: T) -> Self {
        Self { first: BytesMut::from(first.as_ref()), stream }
    }

    /// Puts `read` back in front of what is still to be read.
    pub(crate) fn give_back(&mut self, read: &[u8]) {
        let mut first = BytesMut::with_capacity(read.len() + self.first.len());
        first.extend_from_slice(read);
        first.extend_from_slice(&self.first);
        self.first = first;
    }

    /// What was read and not yet passed on.
    pub(crate) fn first(&self) -> &[u8] {
        &self.first
    }
}

impl<T: AsyncRead + Unpin> Prefixed<T> {
    /// Reads more of the beginning; 0 at the end of the stream. Loses nothing when dropped half-way.
    pub(crate) async fn read_more(&mut self) -> io::Result<usize> {
        self.first.reserve(FIRST_READ);
        self.stream.read_buf(&mut self.first).await
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Prefixed<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.first.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let length = self.first.len().min(buffer.remaining());
        buffer.put_slice(self.first.get(..length).unwrap_or_default());
        self.first.advance(length);
        if self.first.is_empty() {
            self.first = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Prefixed<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, data)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, data)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(first: &[u8], spoken: Spoken) {
        assert_eq!(Spoken::told_by(first), Some(spoken));
        for end in 0..first.len() {
            let early = Spoken::told_by(&first[..end]);
            assert!(early.is_none() || early == Some(spoken), "{early:?} after {end} bytes");
        }
    }

    #[test]
    fn tls_is_told_by_its_record() {
        case(&[0x16, 0x03, 0x01, 0x02, 0x00], Spoken::Tls);
        case(&[0x16, 0x02], Spoken::Other);
    }

    #[test]
    fn any_method_is_http() {
        case(b"GET / HTTP/1.1\r\n", Spoken::Http1);
        case(b"PROPFIND /x HTTP/1.1\r\n", Spoken::Http1);
        case(b"x-own /", Spoken::Http1);
        case(b"OPTIONS * HTTP/1.1", Spoken::Http1);
        case(b"PRI * HTTP/1.1\r\n", Spoken::Http1);
        case(b"GET http://a.test/ HTTP/1.1", Spoken::Http1);
        case(b"GET HTTPS://a.test/ HTTP/1.1", Spoken::Http1);
        case(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Spoken::Http2);
    }

    #[test]
    fn what_only_looks_like_it_is_not() {
        case(b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n", Spoken::Other);
        case(b"EHLO mail.test\r\n", Spoken::Other);
        case(b"HELO host.test\r\n", Spoken::Other);
        case(b"CONNECT a.test:443 HTTP/1.1", Spoken::Other);
        case(b"\x00\x00", Spoken::Other);
        case(b"NICKNAMES_LONGER_THAN_ANY_METHOD_THERE_IS", Spoken::Other);
    }

    #[tokio::test]
    async fn what_was_looked_at_is_read_again() {
        let mut stream = Prefixed::new(&Bytes::from_static(b"ab"), b"cdef".as_slice());
        assert_eq!(stream.read_more().await.unwrap(), 4);
        assert_eq!(stream.first(), b"abcdef");
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "abcdef");
    }
}
