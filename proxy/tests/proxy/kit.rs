//! Sites, clients and a proxy between them, all on the loopback address.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::{BlindSpot, BlindSpotKind, Clock, Exchange};
use proxy::{Captured, Listener, Proxy, Resolve, Settings};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector, client};

/// Longer than anything here takes; a test that waits for it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}
pub(crate) type Stream = Box<dyn Duplex>;
pub(crate) type Body = BoxBody<Bytes, Infallible>;

/// An authority for sites.
pub(crate) struct TestCa {
    pub(crate) root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// A proxy, one port of it, and what it hands over.
pub(crate) struct Fixture {
    pub(crate) proxy: Proxy,
    pub(crate) listener: Listener,
    pub(crate) captured: Receiver<Captured>,
    /// What came while something else was waited for.
    pub(crate) set_aside: Vec<Captured>,
}

/// A body of frames that come when they are sent.
pub(crate) struct Frames(UnboundedReceiver<Frame<Bytes>>);

impl Frames {
    pub(crate) fn of(frames: impl IntoIterator<Item = Frame<Bytes>>) -> Self {
        let (sender, body) = Self::channel();
        frames.into_iter().for_each(|frame| sender.send(frame).unwrap());
        body
    }

    pub(crate) fn channel() -> (UnboundedSender<Frame<Bytes>>, Self) {
        let (sender, receiver) = unbounded_channel();
        (sender, Self(receiver))
    }
}

impl hyper::body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|frame| frame.map(Ok))
    }
}

impl TestCa {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        // Authorities of one name would be taken for each other.
        params.distinguished_name.push(DnType::CommonName, data_encoding::HEXLOWER.encode(key.public_key_raw()));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().der().clone();
        Self { root, issuer: Issuer::new(params, key) }
    }

    /// A certificate for `names`.
    pub(crate) fn certificate(&self, names: &[&str], key: &KeyPair) -> rcgen::Certificate {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        CertificateParams::new(names).unwrap().signed_by(key, &self.issuer).unwrap()
    }

    pub(crate) fn server(&self, names: &[&str], alpn: &[&str]) -> Arc<ServerConfig> {
        self.server_with(names, alpn, |_| {})
    }

    pub(crate) fn server_with(
        &self,
        names: &[&str],
        alpn: &[&str],
        change: impl Fn(&mut CertificateParams),
    ) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        let secret = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], secret)
            .unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Arc::new(config)
    }
}

pub(crate) fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// A site: `serve` gets each connection.
pub(crate) async fn site<F>(
    tls: Option<Arc<ServerConfig>>,
    serve: impl Fn(Stream) -> F + Send + Sync + 'static,
) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            let (tls, serve) = (tls.clone(), Arc::clone(&serve));
            tokio::spawn(async move {
                match tls {
                    None => serve(Box::new(stream)).await,
                    Some(config) => {
                        // A refused handshake is what some tests are about.
                        let Ok(stream) = TlsAcceptor::from(config).accept(stream).await else { return };
                        serve(Box::new(stream)).await;
                    }
                }
            });
        }
    });
    address
}

/// A site that speaks HTTP, 1 or 2 as the client begins.
pub(crate) async fn web_site<F>(
    tls: Option<Arc<ServerConfig>>,
    answer: impl Fn(Request<Incoming>) -> F + Send + Sync + 'static,
) -> SocketAddr
where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let answer = Arc::new(answer);
    site(tls, move |stream| {
        let answer = Arc::clone(&answer);
        async move {
            let service = hyper::service::service_fn(move |request| {
                let answered = answer(request);
                async move { Ok::<_, Infallible>(answered.await) }
            });
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
        }
    })
    .await
}

/// A site at `a.test` whose one answer has the body that is sent frame by frame.
pub(crate) async fn framed_site(
    ca: &TestCa,
    content_type: Option<&'static str>,
) -> (UnboundedSender<Frame<Bytes>>, SocketAddr) {
    let (sender, body) = Frames::channel();
    let body = std::sync::Mutex::new(Some(body));
    let site = web_site(Some(ca.server(&["a.test"], &[])), move |_| {
        let body = body.lock().unwrap().take().unwrap();
        async move {
            let mut answer = Response::new(body.boxed());
            if let Some(content_type) = content_type {
                answer.headers_mut().insert("content-type", content_type.parse().unwrap());
            }
            answer
        }
    })
    .await;
    (sender, site)
}

/// A site at `a.test` that refuses an upload before it has come.
pub(crate) async fn refusing_site(ca: &TestCa) -> SocketAddr {
    site(Some(ca.server(&["a.test"], &[])), |mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig").await.unwrap();
        rest(&mut stream).await;
    })
    .await
}

/// A head as one would write it.
pub(crate) fn lines(head: &http::HeaderMap) -> String {
    let line =
        |(name, value): (&http::HeaderName, &http::HeaderValue)| format!("{name}: {}\n", value.to_str().unwrap());
    head.iter().map(line).collect::<Vec<_>>().concat()
}

pub(crate) fn text(text: impl Into<String>) -> Response<Body> {
    Response::new(Full::new(Bytes::from(text.into())).boxed())
}

/// Reads a head, up to and with its empty line.
pub(crate) async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// Reads to the end, or as far as it goes.
pub(crate) async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut all = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut all)).await.expect("an end");
    String::from_utf8_lossy(&all).into_owned()
}

impl Fixture {
    /// A proxy that finds `site` under every name, at ports 80 and 443, and trusts `ca`.
    pub(crate) async fn new(ca: &TestCa, site: SocketAddr) -> Self {
        Self::with(ca, |settings| {
            settings.resolve.extend([80, 443].map(|port| Resolve::new("*", port, site).unwrap()));
        })
        .await
    }

    pub(crate) async fn with(ca: &TestCa, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new(now());
        settings.upstream_roots = vec![ca.root.clone()];
        settings.loopback_only = true;
        change(&mut settings);
        let (proxy, captured) = Proxy::start(settings).unwrap();
        let listener = proxy.listen(0).await.unwrap();
        Self { proxy, listener, captured, set_aside: Vec::new() }
    }

    /// A connection to the proxy itself.
    pub(crate) async fn plain(&self) -> TcpStream {
        let stream = TcpStream::connect(self.listener.address()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// A tunnel.
    pub(crate) async fn tunnel(&self, authority: &str) -> TcpStream {
        let mut stream = self.plain().await;
        let request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = head(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        stream
    }

    /// A tunnel to port 443 of `host` with TLS in it.
    pub(crate) async fn tls(&self, host: &str, alpn: &[&str]) -> client::TlsStream<TcpStream> {
        let stream = self.tunnel(&format!("{host}:443")).await;
        self.handshake(stream, host, alpn).await.unwrap()
    }

    pub(crate) async fn handshake(
        &self,
        stream: TcpStream,
        name: &str,
        alpn: &[&str],
    ) -> std::io::Result<client::TlsStream<TcpStream>> {
        handshake(stream, name.trim_matches(['[', ']']), alpn, self.proxy.ca_der()).await
    }

    /// Sends raw bytes in a TLS tunnel with HTTP/1.1 and reads the answer to its end.
    pub(crate) async fn ask(&self, host: &str, request: &str) -> String {
        let mut stream = self.tls(host, &["http/1.1"]).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        rest(&mut stream).await
    }

    pub(crate) async fn next(&mut self) -> Captured {
        timeout(PATIENCE, self.captured.recv()).await.expect("something in time").expect("an open queue")
    }

    /// The next exchange.
    pub(crate) async fn exchange(&mut self) -> Exchange {
        loop {
            match self.next().await {
                Captured::Exchange(exchange) => return *exchange,
                other @ Captured::BlindSpot(_) => self.set_aside.push(other),
            }
        }
    }

    /// The next blind spot that belongs to no exchange.
    pub(crate) async fn blind_spot(&mut self) -> BlindSpot {
        loop {
            match self.next().await {
                Captured::BlindSpot(blind_spot) => return blind_spot,
                other @ Captured::Exchange(_) => self.set_aside.push(other),
            }
        }
    }

    /// Stops the proxy; everything it still handed over.
    pub(crate) async fn stop(self) -> Vec<Captured> {
        let (mut captured, mut all) = (self.captured, self.set_aside);
        let stopping = tokio::spawn(self.proxy.shutdown());
        while let Some(one) = timeout(PATIENCE, captured.recv()).await.expect("an end of the queue") {
            all.push(one);
        }
        stopping.await.unwrap();
        all
    }
}

pub(crate) async fn handshake(
    stream: TcpStream,
    name: &str,
    alpn: &[&str],
    root: &CertificateDer<'static>,
) -> std::io::Result<client::TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

pub(crate) fn kinds(exchange: &Exchange) -> Vec<BlindSpotKind> {
    exchange.blind_spots.iter().map(|spot| spot.kind).collect()
}

#[expect(clippy::disallowed_methods, reason = "clients check certificates by the real time")]
pub(crate) fn now() -> Clock {
    Clock::new(jiff::Timestamp::now)
}
