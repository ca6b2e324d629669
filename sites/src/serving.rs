//! Connections in, answers out: accepts on one port, reads each request within bounds, writes it down, asks the
//! site's handler.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Version, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::delivery::{Delivered, Delivery};
use crate::{Handler, Received, Reply, websocket};

/// Connections open at once on one port; a browser opens at most a few hundred. Further ones wait.
const MAX_CONNECTIONS: usize = 512;

/// Bytes of a request's body that are read; no page here sends a tenth of it. A longer one is answered 413.
const MAX_BODY_BYTES: usize = 4 << 20;

/// Requests written down; an audit of the demo makes some hundred. Further ones are answered 503, so that nothing
/// goes unrecorded without notice.
const MAX_RECEIVED: usize = 50_000;

/// How long a client may take for its handshake, its request's head, or its body. Loopback needs milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Pause after a failed `accept` (out of file handles), lest the loop take a whole core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The sites and what arrived for them.
pub(crate) struct House {
    sites: BTreeMap<String, Handler>,
    received: Mutex<Vec<Received>>,
}

/// A body as far as it was read.
struct ReadBody {
    bytes: Vec<u8>,
    end: BodyEnd,
}

/// How reading a body ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BodyEnd {
    Whole,
    TooLong,
    Broken,
}

impl House {
    pub(crate) fn new(sites: BTreeMap<String, Handler>) -> Self {
        Self { sites, received: Mutex::new(Vec::new()) }
    }

    pub(crate) fn host_names(&self) -> Vec<String> {
        self.sites.keys().cloned().collect()
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.journal().clone()
    }

    fn answer(&self, received: Received, end: BodyEnd) -> Reply {
        if self.journal().len() >= MAX_RECEIVED {
            return Reply::text(503, "This stage has written down as many requests as it can.\n");
        }
        let reply = match (end, self.sites.get(&received.host)) {
            (BodyEnd::TooLong, _) => Reply::text(413, "The body is longer than this stage reads.\n"),
            (BodyEnd::Broken, _) => Reply::text(400, "The body broke off.\n"),
            (BodyEnd::Whole, Some(handler)) => handler(&received),
            (BodyEnd::Whole, None) => Reply::text(421, "There is no such host on this stage.\n"),
        };
        self.journal().push(received);
        reply
    }

    /// The journal, also after a panic elsewhere: a pushed request is never half written.
    fn journal(&self) -> MutexGuard<'_, Vec<Received>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accepts on `listener` until `closed`'s sender is gone; then breaks off what is open.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    house: Arc<House>,
    mut closed: watch::Receiver<()>,
) {
    let seats = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let arrival = async {
            let seat = Arc::clone(&seats).acquire_owned().await;
            (seat, listener.accept().await)
        };
        let (seat, accepted) = tokio::select! {
            _ = closed.changed() => return,
            arrival = arrival => arrival,
        };
        let Ok((stream, _)) = accepted else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (tls, house) = (tls.clone(), Arc::clone(&house));
        connections.spawn(async move {
            let _seat = seat;
            welcome(stream, tls, house).await;
        });
    }
}

async fn welcome(stream: TcpStream, tls: Option<TlsAcceptor>, house: Arc<House>) {
    // Without it the kernel holds small writes back for up to 40 ms. A stream that refuses it is merely slower.
    let _slower = stream.set_nodelay(true);
    let Some(tls) = tls else { return converse(stream, false, house).await };
    // A client that does not trust us ends here; it is for the client to say so.
    if let Ok(Ok(stream)) = timeout(PATIENCE, tls.accept(stream)).await {
        converse(stream, true, house).await;
    }
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, secure: bool, house: Arc<House>) {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    server.http2().timer(TokioTimer::new());
    let opened: Arc<Mutex<Option<OnUpgrade>>> = Arc::default();
    let to_open = Arc::clone(&opened);
    let service = service_fn(move |mut request| {
        let (house, to_open) = (Arc::clone(&house), Arc::clone(&to_open));
        async move {
            let upgrade = hyper::upgrade::on(&mut request);
            let response = exchange(&house, secure, request).await;
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                *to_open.lock().unwrap_or_else(PoisonError::into_inner) = Some(upgrade);
            }
            Ok::<_, Infallible>(response)
        }
    });
    // The client may leave at any moment; what it had sent whole is written down.
    let _left = server.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
    let opened = opened.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(opened) = opened
        && let Ok(opened) = opened.await
    {
        // It has a client that may leave as well.
        let _left = timeout(PATIENCE, websocket::hear(TokioIo::new(opened))).await;
    }
}

async fn exchange(house: &House, secure: bool, request: Request<Incoming>) -> Response<Delivered> {
    let (head, body) = request.into_parts();
    let ReadBody { bytes, end } = read(body).await;
    let path_and_query = head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let received = Received {
        host: host_of(head.uri.host(), &head.headers),
        method: head.method.as_str().to_owned(),
        path_and_query: path_and_query.to_owned(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect(),
        body: bytes,
        body_is_whole: end == BodyEnd::Whole,
        secure,
        version: version_of(head.version).to_owned(),
    };
    let reply = house.answer(received, end);
    sleep(reply.delivery.delay()).await;
    response(reply, &head.method)
}

async fn read(mut body: Incoming) -> ReadBody {
    let mut bytes = Vec::new();
    let reading = async {
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return BodyEnd::Broken };
            let Some(data) = frame.data_ref() else { continue };
            let room = MAX_BODY_BYTES.saturating_sub(bytes.len());
            bytes.extend(data.iter().take(room));
            if data.len() > room {
                return BodyEnd::TooLong;
            }
        }
        BodyEnd::Whole
    };
    let end = timeout(PATIENCE, reading).await.unwrap_or(BodyEnd::Broken);
    ReadBody { bytes, end }
}

/// The host from an absolute target or `:authority`, else from `Host`; in lower case, without port.
fn host_of(authority: Option<&str>, headers: &HeaderMap) -> String {
    let line = || {
        let host = headers.get(header::HOST)?.to_str().ok()?;
        Some(host.rsplit_once(':').map_or(host, |(host, _)| host))
    };
    authority.or_else(line).unwrap_or_default().to_ascii_lowercase()
}

fn version_of(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_11 => "HTTP/1.1",
        Version::HTTP_2 => "HTTP/2.0",
        _ => "HTTP",
    }
}

fn response(reply: Reply, method: &Method) -> Response<Delivered> {
    let Reply { status, headers, body, delivery } = reply;
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    if status != 204
        && status != 101
        && let Some(length) = delivery.promised(body.len())
    {
        builder = builder.header(header::CONTENT_LENGTH, length);
    }
    let body = if *method == Method::HEAD { Bytes::new() } else { body };
    // A handler that made a header no header can be has made a mistake: say so rather than send half of it.
    builder.body(Delivered::new(body, delivery)).unwrap_or_else(|_| {
        let mut broken =
            Response::new(Delivered::new(Bytes::from_static(b"The handler's answer is no HTTP.\n"), Delivery::Whole));
        *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        broken
    })
}

impl fmt::Debug for House {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("House").field("hosts", &self.host_names()).finish_non_exhaustive()
    }
}
