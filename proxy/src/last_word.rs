//! A site that refuses an upload often answers and leaves without reading the rest. Then writing to it fails while the
//! answer is still there to be read, and the HTTP library takes the first fault it meets for the end of everything.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::bulk::Joined;

/// A stream on which writing does not fail before the other side's last word has been read.
///
/// Only the reading end tells of a break. It always does: what breaks the one direction ends the other.
pub(crate) struct LastWord<T> {
    stream: T,
    joined: Joined,
    /// Why nothing can be written any more.
    broken: Option<io::ErrorKind>,
    /// Whether all there is was read.
    is_read: bool,
}

impl<T> LastWord<T> {
    /// Nothing has gone wrong yet.
    pub(crate) fn new(stream: T) -> Self {
        Self { stream, joined: Joined::default(), broken: None, is_read: false }
    }

    /// What writing comes to: a break counts as written, for as long as there may be something to read.
    fn written(&mut self, result: io::Result<usize>, length: usize) -> io::Result<usize> {
        match result {
            Err(error) if is_break(&error) && !self.is_read => {
                self.broken = Some(error.kind());
                Ok(length)
            }
            result => result,
        }
    }

    /// Whether writing is past trying.
    fn end(&self) -> Option<io::Result<()>> {
        let broken = self.broken?;
        Some(if self.is_read { Err(broken.into()) } else { Ok(()) })
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for LastWord<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let Self { stream, joined, .. } = &mut *self;
        let result = ready!(joined.poll_read(stream, context, buffer));
        self.is_read |= result.is_err() || (buffer.filled().len() == before && buffer.remaining() > 0);
        Poll::Ready(result)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for LastWord<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(end) = self.end() {
            return Poll::Ready(end.map(|()| data.len()));
        }
        let result = ready!(Pin::new(&mut self.stream).poll_write(context, data));
        Poll::Ready(self.written(result, data.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = data.iter().map(|piece| piece.len()).sum();
        if let Some(end) = self.end() {
            return Poll::Ready(end.map(|()| length));
        }
        let result = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, data));
        Poll::Ready(self.written(result, length))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(end) = self.end() {
            return Poll::Ready(end);
        }
        let result = ready!(Pin::new(&mut self.stream).poll_flush(context));
        Poll::Ready(self.written(result.map(|()| 0), 0).map(|_| ()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(end) = self.end() {
            return Poll::Ready(end);
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

fn is_break(error: &io::Error) -> bool {
    let kinds = [io::ErrorKind::BrokenPipe, io::ErrorKind::ConnectionReset, io::ErrorKind::ConnectionAborted];
    kinds.contains(&error.kind())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn the_last_word_is_heard_and_then_writing_fails() {
        let (mut site, near) = tokio::io::duplex(64);
        let mut stream = LastWord::new(near);
        site.write_all(b"no").await.unwrap();
        drop(site);
        for _ in 0..3 {
            stream.write_all(b"upload").await.unwrap();
            stream.flush().await.unwrap();
        }
        let mut word = String::new();
        stream.read_to_string(&mut word).await.unwrap();
        assert_eq!(word, "no");
        assert_eq!(stream.write_all(b"x").await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[tokio::test]
    async fn what_was_read_to_its_end_before_fails_at_once() {
        let (site, near) = tokio::io::duplex(64);
        let mut stream = LastWord::new(near);
        drop(site);
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(stream.write_all(b"x").await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
