//! Passes bytes both ways, counts them, and lets a listener hear them as they pass.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use model::Sender;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional};

/// A stream of bytes both ways, whatever it is made of.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Bytes that passed, from the client's side.
#[derive(Default)]
pub(crate) struct Counts {
    up: AtomicU64,
    down: AtomicU64,
}

/// The client's stream, counting.
struct Counted<T, F> {
    stream: T,
    counts: Arc<Counts>,
    heard: F,
}

impl Counts {
    /// Bytes to the site and bytes from it, so far.
    pub(crate) fn so_far(&self) -> (u64, u64) {
        (self.up.load(Ordering::Relaxed), self.down.load(Ordering::Relaxed))
    }
}

/// Passes bytes both ways unread until both sides have ended, or one breaks.
pub(crate) async fn splice(client: impl Duplex, site: impl Duplex, counts: Arc<Counts>) {
    overhear(client, site, counts, |_, _| {}).await;
}

/// The same, with a listener to whom each piece is shown: when it has come from the client, and when it has gone to it.
pub(crate) async fn overhear(
    client: impl Duplex,
    mut site: impl Duplex,
    counts: Arc<Counts>,
    heard: impl FnMut(Sender, &[u8]) + Send + Unpin,
) {
    let mut client = Counted { stream: client, counts, heard };
    // However it ended, what passed is counted and there is nothing else to be done.
    let _ = copy_bidirectional(&mut client, &mut site).await;
}

impl<T: AsyncRead + Unpin, F: FnMut(Sender, &[u8]) + Unpin> AsyncRead for Counted<T, F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let read = buffer.filled().get(before..).unwrap_or_default();
        if !read.is_empty() {
            self.counts.up.fetch_add(read.len() as u64, Ordering::Relaxed);
            (self.heard)(Sender::Client, read);
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin, F: FnMut(Sender, &[u8]) + Unpin> AsyncWrite for Counted<T, F> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, data);
        if let Poll::Ready(Ok(written)) = &polled {
            self.counts.down.fetch_add(*written as u64, Ordering::Relaxed);
            (self.heard)(Sender::Server, data.get(..*written).unwrap_or_default());
        }
        polled
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
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn bytes_pass_and_are_counted_even_when_it_breaks() {
        let (mut client, near) = tokio::io::duplex(64);
        let (mut site, far) = tokio::io::duplex(64);
        let counts = Arc::new(Counts::default());
        let task = tokio::spawn(splice(near, far, Arc::clone(&counts)));
        client.write_all(b"hello").await.unwrap();
        let mut five = [0; 5];
        site.read_exact(&mut five).await.unwrap();
        site.write_all(b"hi").await.unwrap();
        client.read_exact(&mut five[..2]).await.unwrap();
        assert_eq!((&five, counts.so_far()), (b"hillo", (5, 2)));
        drop((client, site));
        task.await.unwrap();
    }
}
