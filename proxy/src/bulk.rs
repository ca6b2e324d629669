//! Long bodies are read in large pieces, whatever room is asked for.
//!
//! The TLS library reads its records 4 KiB at a time, each with a call of the system, and gives them out one by one, so that
//! each is sent on by itself: of a long body that was half of what it cost. Short messages are read as ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is read at once below TLS: four records, as much as a client's library writes at once.
const PIECE: usize = 64 << 10;

/// Who asks for so much reads in large pieces anyway.
const LARGE: usize = 16 << 10;

/// A read above TLS that brings so much is part of something long: there may be more already.
const LONG: usize = 4 << 10;

/// A stream below TLS. Once a read has filled all the room it was given, more is read than was asked for, and kept until it
/// is; no longer than there is something, so that a stream that is idle takes no memory.
pub(crate) struct Bulk<T> {
    stream: T,
    is_long: bool,
    kept: Vec<u8>,
    /// What of `kept` was read and not yet passed on.
    from: usize,
    to: usize,
}

/// Reads records above TLS together, as far as they are there.
#[derive(Default)]
pub(crate) struct Joined {
    /// What broke behind the bytes that were passed on last.
    broken: Option<io::Error>,
}

impl<T> Bulk<T> {
    /// A stream of which nothing was read.
    pub(crate) fn new(stream: T) -> Self {
        Self { stream, is_long: false, kept: Vec::new(), from: 0, to: 0 }
    }
}

impl<T: AsyncRead + Unpin> Bulk<T> {
    /// Reads a large piece.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.kept.resize(PIECE, 0);
        let mut piece = ReadBuf::new(&mut self.kept);
        let polled = Pin::new(&mut self.stream).poll_read(context, &mut piece);
        (self.from, self.to) = (0, piece.filled().len());
        if self.to == 0 {
            // Nothing there, the end or a fault.
            self.kept = Vec::new();
            self.is_long = false;
        }
        polled
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Bulk<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.remaining();
        if self.from == self.to {
            if !self.is_long || room >= LARGE {
                let before = buffer.filled().len();
                ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
                self.is_long = room > 0 && buffer.filled().len() - before == room;
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_piece(context))?;
        }
        let Self { kept, from, to, .. } = &mut *self;
        let length = room.min(*to - *from);
        buffer.put_slice(kept.get(*from..*from + length).unwrap_or_default());
        *from += length;
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Bulk<T> {
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

impl Joined {
    /// Reads of `stream` what is there, up to [`PIECE`]; as a stream does.
    pub(crate) fn poll_read<T: AsyncRead + Unpin>(
        &mut self,
        stream: &mut T,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(error) = self.broken.take() {
            return Poll::Ready(Err(error));
        }
        let begun = buffer.filled().len();
        let mut before = begun;
        ready!(Pin::new(&mut *stream).poll_read(context, buffer))?;
        loop {
            let now = buffer.filled().len();
            if now - before < LONG || now - begun >= PIECE || buffer.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            before = now;
            match Pin::new(&mut *stream).poll_read(context, buffer) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => {
                    self.broken = Some(error);
                    return Poll::Ready(Ok(()));
                }
                // Who has read something asks again, and is woken then.
                Poll::Pending => return Poll::Ready(Ok(())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// A stream that brings so many bytes a read, and then what `end` says; counts what is asked of it.
    struct Source {
        left: usize,
        most: usize,
        reads: usize,
        end: Option<io::ErrorKind>,
    }

    impl AsyncRead for Source {
        fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            self.reads += 1;
            let length = self.left.min(self.most).min(buffer.remaining());
            if length == 0
                && let Some(end) = self.end
            {
                return Poll::Ready(Err(end.into()));
            }
            let bytes: Vec<u8> = (0..length).map(|at| u8::try_from((self.left - at) % 251).unwrap()).collect();
            self.left -= length;
            buffer.put_slice(&bytes);
            Poll::Ready(Ok(()))
        }
    }

    fn source(left: usize, most: usize) -> Source {
        Source { left, most, reads: 0, end: None }
    }

    fn whole(length: usize) -> Vec<u8> {
        (0..length).map(|at| u8::try_from((length - at) % 251).unwrap()).collect()
    }

    #[tokio::test]
    async fn a_long_body_takes_few_reads_and_is_the_same() {
        let length = (3 << 20) + 17;
        let mut stream = Bulk::new(source(length, usize::MAX));
        let (mut read, mut room) = (Vec::new(), [0; LONG]);
        loop {
            match stream.read(&mut room).await.unwrap() {
                0 => break,
                count => read.extend_from_slice(&room[..count]),
            }
        }
        assert!(read == whole(length));
        assert!(stream.stream.reads < length / PIECE + 5, "{}", stream.stream.reads);
        assert!(stream.kept.is_empty());
    }

    #[tokio::test]
    async fn short_messages_and_large_rooms_keep_nothing() {
        let mut stream = Bulk::new(source(2_000, 100));
        let mut room = vec![0; LONG];
        for _ in 0..20 {
            assert_eq!(stream.read(&mut room).await.unwrap(), 100);
            assert!(stream.kept.is_empty());
        }
        let mut stream = Bulk::new(source(1 << 20, usize::MAX));
        let mut room = vec![0; LARGE];
        while stream.read(&mut room).await.unwrap() > 0 {
            assert!(stream.kept.is_empty());
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_given_back_when_nothing_more_is_there() {
        let (mut far, near) = tokio::io::duplex(1 << 20);
        let mut stream = Bulk::new(near);
        far.write_all(&vec![7; LONG + 10]).await.unwrap();
        let mut room = vec![0; LONG];
        assert_eq!(stream.read(&mut room).await.unwrap(), LONG);
        assert_eq!(stream.read(&mut room).await.unwrap(), 10);
        let mut room = ReadBuf::new(&mut room);
        let polled = poll_fn(|context| Poll::Ready(Pin::new(&mut stream).poll_read(context, &mut room))).await;
        assert!(polled.is_pending() && stream.kept.capacity() == 0);
        far.write_all(b"more").await.unwrap();
        let mut four = [0; 4];
        stream.read_exact(&mut four).await.unwrap();
        assert_eq!(&four, b"more");
    }

    #[tokio::test]
    async fn records_come_together_and_a_fault_behind_them_is_told_next() {
        let mut stream = Source { end: Some(io::ErrorKind::ConnectionReset), ..source(3 * LARGE, LARGE) };
        let (mut joined, mut room) = (Joined::default(), vec![0; 2 * PIECE]);
        let mut room = ReadBuf::new(&mut room);
        poll_fn(|context| joined.poll_read(&mut stream, context, &mut room)).await.unwrap();
        assert!(room.filled() == whole(3 * LARGE));
        let told = poll_fn(|context| joined.poll_read(&mut stream, context, &mut room)).await.unwrap_err();
        assert_eq!(told.kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn no_more_than_a_piece_comes_together_and_short_messages_are_read_once() {
        let (mut joined, mut room) = (Joined::default(), vec![0; 4 * PIECE]);
        let mut long = source(1 << 20, LARGE);
        let mut buffer = ReadBuf::new(&mut room);
        poll_fn(|context| joined.poll_read(&mut long, context, &mut buffer)).await.unwrap();
        assert_eq!(buffer.filled().len(), PIECE);
        let mut short = source(1 << 20, LONG - 1);
        let mut buffer = ReadBuf::new(&mut room);
        poll_fn(|context| joined.poll_read(&mut short, context, &mut buffer)).await.unwrap();
        assert_eq!((buffer.filled().len(), short.reads), (LONG - 1, 1));
    }
}
