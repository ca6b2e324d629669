//! How an answer reaches the client: whole and at once, or as the sites do that a crawler must survive.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// How an answer is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// At once and whole.
    #[default]
    Whole,
    /// Whole, after this long.
    Late(Duration),
    /// Head and body at once, and then nothing: it never ends.
    Endless,
    /// Head and body at once, and then the connection breaks off.
    Cut,
    /// The body so many times over, made while it is sent.
    Repeated(u64),
}

/// A body on its way.
#[derive(Debug)]
pub(crate) struct Delivered {
    chunk: Bytes,
    left: u64,
    end: End,
}

/// What comes after the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Proper,
    Never,
    Broken,
}

impl Delivery {
    /// How long to wait before the head.
    pub(crate) fn delay(self) -> Duration {
        match self {
            Self::Late(delay) => delay,
            Self::Whole | Self::Endless | Self::Cut | Self::Repeated(_) => Duration::ZERO,
        }
    }

    /// How many bytes the head promises of a body of `length`; `None` where it ends with the connection.
    pub(crate) fn promised(self, length: usize) -> Option<u64> {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        match self {
            Self::Whole | Self::Late(_) => Some(length),
            Self::Repeated(times) => Some(length.saturating_mul(times)),
            Self::Endless | Self::Cut => None,
        }
    }
}

impl Delivered {
    /// `body`, to be sent as `delivery` says.
    pub(crate) fn new(body: Bytes, delivery: Delivery) -> Self {
        let (left, end) = match delivery {
            Delivery::Whole | Delivery::Late(_) => (1, End::Proper),
            Delivery::Endless => (1, End::Never),
            Delivery::Cut => (1, End::Broken),
            Delivery::Repeated(times) => (times, End::Proper),
        };
        let left = if body.is_empty() { 0 } else { left };
        Self { chunk: body, left, end }
    }
}

impl Body for Delivered {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.left > 0 {
            this.left -= 1;
            return Poll::Ready(Some(Ok(Frame::data(this.chunk.clone()))));
        }
        match this.end {
            End::Proper => Poll::Ready(None),
            // Nobody wakes it: the client leaves, or the stage does.
            End::Never => Poll::Pending,
            End::Broken => Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionReset)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0 && self.end == End::Proper
    }

    fn size_hint(&self) -> SizeHint {
        if self.end != End::Proper {
            return SizeHint::new();
        }
        let chunk = u64::try_from(self.chunk.len()).unwrap_or(u64::MAX);
        SizeHint::with_exact(chunk.saturating_mul(self.left))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn sent(delivery: Delivery) -> Result<usize, io::ErrorKind> {
        let body = Delivered::new(Bytes::from_static(b"abc"), delivery);
        body.collect().await.map(|body| body.to_bytes().len()).map_err(|error| error.kind())
    }

    #[tokio::test]
    async fn a_body_comes_once_many_times_or_breaks_off() {
        assert_eq!(sent(Delivery::Whole).await, Ok(3));
        assert_eq!(sent(Delivery::Repeated(4)).await, Ok(12));
        assert_eq!(sent(Delivery::Cut).await, Err(io::ErrorKind::ConnectionReset));
    }

    #[tokio::test]
    async fn an_endless_body_never_ends() {
        let waited = tokio::time::timeout(Duration::from_millis(20), sent(Delivery::Endless)).await;
        assert!(waited.is_err());
    }

    #[test]
    fn only_an_end_can_be_promised() {
        assert_eq!(Delivery::Repeated(5).promised(2), Some(10));
        assert_eq!((Delivery::Cut.promised(2), Delivery::Endless.promised(2)), (None, None));
    }
}
