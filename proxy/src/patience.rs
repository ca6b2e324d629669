//! How long a connection on which HTTP/1 is spoken may be idle, and how long a head may take to come.
//!
//! The HTTP library has one limit for both, which begins when the last answer has ended. Browsers keep connections idle
//! for minutes, and nobody needs minutes for a head. So its timer is ours: it begins again, shorter, with the first byte.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Sleep, Timer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::bulk::Joined;

/// From the first byte of a head to its last. As the HTTP library's own; a head is one packet, rarely two.
const HEAD: Duration = Duration::from_secs(30);
/// Between two requests. Chromium keeps a connection for five minutes, so it is the one to close it, and never sends a
/// request that meets our closing.
const IDLE: Duration = Duration::from_mins(6);

/// From the handshake to the first byte of HTTP/2, which a client sends without being asked.
const SILENCE: Duration = Duration::from_mins(1);

/// The time limits of one connection. Clones are of the same connection.
#[derive(Clone, Default)]
pub(crate) struct Patience(Arc<Limits>);

#[derive(Default)]
struct Limits {
    heard: AtomicBool,
    /// The timer of the last head: to put off one that runs is cheaper than to stop it and to start another.
    spare: Mutex<Option<Pin<Box<tokio::time::Sleep>>>>,
}

/// A stream that tells its [`Patience`] when bytes come.
pub(crate) struct Heard<T> {
    stream: T,
    joined: Joined,
    patience: Patience,
}

struct HeadSleep {
    limits: Arc<Limits>,
    has_begun: bool,
    /// There until it is dropped.
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Patience {
    /// `stream`, listened to.
    pub(crate) fn listen_to<T>(&self, stream: T) -> Heard<T> {
        Heard { stream, joined: Joined::default(), patience: self.clone() }
    }

    /// Returns when nothing at all has come for too long; never when something has.
    pub(crate) async fn silence(&self) {
        tokio::time::sleep(SILENCE).await;
        if self.0.heard.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }
}

impl Timer for Patience {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Sleep>> {
        self.0.heard.store(false, Ordering::Relaxed);
        let sleep = match self.0.spare().take() {
            Some(mut sleep) => {
                sleep.as_mut().reset(Instant::now() + IDLE);
                sleep
            }
            None => Box::pin(tokio::time::sleep(IDLE)),
        };
        Box::pin(HeadSleep { limits: Arc::clone(&self.0), has_begun: false, sleep: Some(sleep) })
    }

    /// Called when the next head is waited for. The deadline is ours to choose.
    fn sleep_until(&self, _: std::time::Instant) -> Pin<Box<dyn Sleep>> {
        self.sleep(IDLE)
    }
}

impl Limits {
    fn spare(&self) -> MutexGuard<'_, Option<Pin<Box<tokio::time::Sleep>>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sleep for HeadSleep {}

impl Drop for HeadSleep {
    fn drop(&mut self) {
        *self.limits.spare() = self.sleep.take();
    }
}

impl Future for HeadSleep {
    type Output = ();

    /// Polled after each read that left the head incomplete.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let begins = !self.has_begun && self.limits.heard.load(Ordering::Relaxed);
        self.has_begun |= begins;
        let Some(sleep) = &mut self.sleep else { return Poll::Ready(()) };
        if begins {
            sleep.as_mut().reset(Instant::now() + HEAD);
        }
        sleep.as_mut().poll(context)
    }
}

impl<T> Heard<T> {
    /// The stream itself.
    pub(crate) fn into_inner(self) -> T {
        self.stream
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Heard<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, joined, .. } = &mut *self;
        let read = ready!(joined.poll_read(stream, context, buffer));
        self.patience.0.heard.store(true, Ordering::Relaxed);
        Poll::Ready(read)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Heard<T> {
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
    use tokio::io::AsyncReadExt as _;

    use super::*;

    fn seconds(since: Instant) -> u64 {
        since.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_may_be_idle_for_longer_than_a_head_may_take() {
        let (patience, begun) = (Patience::default(), Instant::now());
        patience.sleep(Duration::ZERO).await;
        assert_eq!(seconds(begun), IDLE.as_secs());

        let begun = Instant::now();
        let head = patience.sleep(Duration::ZERO);
        patience.listen_to(b"GET".as_slice()).read_u8().await.unwrap();
        head.await;
        assert_eq!(seconds(begun), HEAD.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn more_bytes_do_not_give_a_head_more_time() {
        let (patience, begun) = (Patience::default(), Instant::now());
        let mut stream = patience.listen_to(b"GET / HTTP/1.1\r\n".as_slice());
        let mut head = patience.sleep(Duration::ZERO);
        let trickling = async {
            loop {
                tokio::time::sleep(Duration::from_secs(4)).await;
                stream.read_u8().await.unwrap();
                tokio::select! {
                    biased;
                    () = &mut head => return,
                    () = std::future::ready(()) => {}
                }
            }
        };
        trickling.await;
        assert!((HEAD.as_secs()..HEAD.as_secs() + 9).contains(&seconds(begun)), "{}", seconds(begun));
    }
}
