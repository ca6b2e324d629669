//! The one connection towards a site that a connection of a client has.
//!
//! Kept as long as the client's, opened again when the site closed it meanwhile; never shared between clients, so what
//! a site ties to a connection stays true.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::TokioIo;
use tokio::sync::{Mutex, watch};
use tokio::time::timeout;

use crate::client_cert::Asked;
use crate::dial::{Dialer, Link, Peer, Route};
use crate::fault::Fault;
use crate::last_word::LastWord;
use crate::phase::Tasks;
use crate::tap::RequestTap;
use crate::unless::unless;

/// A connection that is not ready for the next request by then is stuck in the last one: a new one is opened.
const READY_TIMEOUT: Duration = Duration::from_secs(1);
/// What was sent to the site gets there even when the client has gone; then the connection is cut.
const AFTER_CLIENT: Duration = Duration::from_secs(5);
/// Browsers send up to some 180 lines with many cookies; the library's limit is 100.
pub(crate) const MOST_HEADERS: usize = 512;
/// As large as servers take at most; the library's own limit for HTTP/2 is 16 KiB, less than some cookies.
pub(crate) const LONGEST_HEAD: u32 = 256 << 10;

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/1.1.
    H1,
    /// HTTP/2.
    H2,
}

/// The way to a site.
pub(crate) struct Line {
    dialer: Arc<Dialer>,
    tasks: Tasks,
    opened: Mutex<Option<Opened>>,
    /// Dropped with the line; its connections end then.
    alive: watch::Sender<()>,
}

/// A connection ready for a request.
pub(crate) struct Opened {
    /// Who is there.
    pub(crate) peer: Peer,
    /// Whether it has served before, so that the site may have closed it just now.
    pub(crate) reused: bool,
    route: Arc<Route>,
    /// Whether the site asked for a client certificate: then what goes wrong first may be due to that.
    asked: Asked,
    sender: Sender,
}

/// A request that got no answer; it comes back when none of it was sent.
pub(crate) struct NotAnswered {
    /// Why.
    pub(crate) fault: Fault,
    /// The request, unsent.
    pub(crate) request: Option<Request<RequestTap>>,
}

enum Sender {
    H1(http1::SendRequest<RequestTap>),
    H2(http2::SendRequest<RequestTap>),
}

impl Line {
    /// A line with no connection yet.
    pub(crate) fn new(dialer: Arc<Dialer>, tasks: Tasks) -> Self {
        Self { dialer, tasks, opened: Mutex::new(None), alive: watch::Sender::new(()) }
    }

    /// Takes over a connection opened elsewhere.
    pub(crate) async fn adopt(&self, route: Arc<Route>, protocol: Protocol, link: Link) -> Result<(), Fault> {
        let opened = self.speak(route, protocol, link).await?;
        *self.opened.lock().await = Some(opened);
        Ok(())
    }

    /// A connection to `route`: the one there is, or a new one.
    pub(crate) async fn open(&self, route: &Arc<Route>, protocol: Protocol) -> Result<Opened, Fault> {
        // Held while dialling, so that the streams of one HTTP/2 connection open one and not each their own.
        let mut slot = self.opened.lock().await;
        let mut opened = if let Some(opened) = Opened::still_good(slot.take(), route).await {
            opened
        } else {
            // Boxed: every request would carry the room that few of them need.
            let link = Box::pin(self.dialer.dial(route)).await?;
            let now = link.alpn.as_deref().map_or(protocol, Protocol::of_alpn);
            if now != protocol {
                return Err(Fault::Protocol("it speaks another version of HTTP than before".to_owned()));
            }
            self.speak(Arc::clone(route), protocol, link).await?
        };
        let reused = std::mem::replace(&mut opened.reused, true);
        *slot = opened.share();
        Ok(Opened { reused, ..opened })
    }

    /// Keeps a connection for the next request.
    pub(crate) async fn give_back(&self, opened: Opened) {
        if let Sender::H1(_) = opened.sender {
            *self.opened.lock().await = Some(Opened { reused: true, ..opened });
        }
    }

    async fn speak(&self, route: Arc<Route>, protocol: Protocol, link: Link) -> Result<Opened, Fault> {
        let io = TokioIo::new(LastWord::new(link.stream));
        let asked = link.asked;
        let broken = |error: hyper::Error| Fault::of_exchange(&error).with_certificate(asked, &route.host);
        let sender = match protocol {
            Protocol::H1 => {
                let mut builder = http1::Builder::new();
                builder.preserve_header_case(true).max_headers(MOST_HEADERS);
                let (sender, connection) = builder.handshake(io).await.map_err(broken)?;
                self.keep_going(connection.with_upgrades());
                Sender::H1(sender)
            }
            Protocol::H2 => {
                let mut builder = http2::Builder::new(self.tasks.clone());
                builder.max_header_list_size(LONGEST_HEAD);
                let (sender, connection) = builder.handshake(io).await.map_err(broken)?;
                self.keep_going(connection);
                Sender::H2(sender)
            }
        };
        Ok(Opened { peer: link.peer, reused: false, asked, route, sender })
    }

    /// Runs a connection until it ends, or the line has been gone for a while.
    fn keep_going(&self, connection: impl Future<Output = Result<(), hyper::Error>> + Send + 'static) {
        let mut alive = self.alive.subscribe();
        let abandoned = async move {
            while alive.changed().await.is_ok() {}
            tokio::time::sleep(AFTER_CLIENT).await;
        };
        // How it ended is told to the request that was on it.
        self.tasks.start(unless(connection, abandoned));
    }
}

impl Opened {
    /// Sends `request`; returns when the head of the answer is there.
    pub(crate) async fn send(&mut self, request: Request<RequestTap>) -> Result<Response<Incoming>, Box<NotAnswered>> {
        let sent = match &mut self.sender {
            Sender::H1(sender) => sender.try_send_request(request).await,
            Sender::H2(sender) => sender.try_send_request(request).await,
        };
        sent.map_err(|mut error| {
            let request = error.take_message();
            // Once it has answered, the certificate was right.
            let asked = if self.reused { Asked::No } else { self.asked };
            let fault = Fault::of_exchange(error.error()).with_certificate(asked, &self.route.host);
            Box::new(NotAnswered { fault, request })
        })
    }

    /// What was kept, if it leads where it should and can be used again.
    async fn still_good(kept: Option<Self>, route: &Arc<Route>) -> Option<Self> {
        let mut opened = kept.filter(|opened| opened.route == *route)?;
        opened.sender.is_ready().await.then_some(opened)
    }

    /// The same connection for another request, where one carries several.
    fn share(&self) -> Option<Self> {
        match &self.sender {
            Sender::H1(_) => None,
            Sender::H2(sender) => Some(Self {
                peer: self.peer.clone(),
                reused: true,
                route: Arc::clone(&self.route),
                asked: self.asked,
                sender: Sender::H2(sender.clone()),
            }),
        }
    }
}

impl Sender {
    async fn is_ready(&mut self) -> bool {
        match self {
            Self::H1(sender) => matches!(timeout(READY_TIMEOUT, sender.ready()).await, Ok(Ok(()))),
            Self::H2(sender) => matches!(timeout(READY_TIMEOUT, sender.ready()).await, Ok(Ok(()))),
        }
    }
}

impl Protocol {
    /// By the name chosen in the TLS handshake; no name means HTTP/1.1.
    pub(crate) fn of_alpn(alpn: &[u8]) -> Self {
        if alpn == b"h2" { Self::H2 } else { Self::H1 }
    }

    /// As the TLS handshake names it.
    pub(crate) fn alpn(self) -> &'static [u8] {
        match self {
            Self::H1 => b"http/1.1",
            Self::H2 => b"h2",
        }
    }

    /// As an exchange names it.
    pub(crate) fn version(self) -> http::Version {
        match self {
            Self::H1 => http::Version::HTTP_11,
            Self::H2 => http::Version::HTTP_2,
        }
    }
}
