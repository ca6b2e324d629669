//! The site behind the proxies: HTTPS, HTTP/1.1 and HTTP/2. `GET /` answers 1 KiB, `GET /bytes/N` as many bytes, and
//! a body sent to it is read and thrown away.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use anyhow::Result;
use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What bodies are cut from: bytes as even as those of films, pictures and archives, which is what is long.
static CHUNK: [u8; 64 << 10] = noise();

/// Bytes by Marsaglia's xorshift (2003), the same in every run.
const fn noise() -> [u8; 64 << 10] {
    let (mut bytes, mut state, mut index) = ([0; 64 << 10], 0x9E37_79B9_7F4A_7C15_u64, 0);
    while index < bytes.len() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes[index] = (state >> 56) as u8;
        index += 1;
    }
    bytes
}

/// Length of the small answer, in bytes.
pub(crate) const SMALL: usize = 1024;

/// A body of as many bytes, which costs its sender no copying.
pub(crate) struct Filler(pub(crate) u64);

impl Body for Filler {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = usize::try_from(self.0).unwrap_or(usize::MAX).min(CHUNK.len());
        self.0 -= length as u64;
        Poll::Ready((length > 0).then(|| Ok(Frame::data(Bytes::from_static(&CHUNK).slice(..length)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}

/// Serves until the process ends.
pub(crate) async fn serve(port: u16, folder: &str) -> Result<()> {
    let chain = vec![CertificateDer::from_pem_file(format!("{folder}/origin.pem"))?];
    let key = PrivateKeyDer::from_pem_file(format!("{folder}/origin-key.pem"))?;
    let mut config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let mut builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            builder.http2().max_concurrent_streams(1000).max_send_buf_size(1 << 20).adaptive_window(true);
            // A client that leaves is none of our business.
            let _ = builder.serve_connection(TokioIo::new(stream), service_fn(answer)).await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    if let Some(length) = request.uri().path().strip_prefix("/bytes/").and_then(|length| length.parse().ok()) {
        return Ok(Response::new(Filler(length).boxed()));
    }
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
    Ok(Response::new(Full::new(Bytes::from_static(&CHUNK).slice(..SMALL)).boxed()))
}
