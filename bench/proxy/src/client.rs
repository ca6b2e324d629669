//! The client: connections to the origin, directly or through a proxy, and single requests on them.

use std::convert::Infallible;
use std::fs;
use std::sync::Arc;

use anyhow::{Result, bail};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use http_body_util::combinators::BoxBody;
use hyper::client::conn::{http1, http2};
use hyper::{Method, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::relay::head;

/// Where to, and how.
#[derive(Clone)]
pub(crate) struct Client {
    origin: u16,
    proxy: Option<u16>,
    is_h2: bool,
    tls: TlsConnector,
}

/// A connection that requests can be sent on.
pub(crate) enum Line {
    /// HTTP/1.1.
    H1(http1::SendRequest<BoxBody<Bytes, Infallible>>),
    /// HTTP/2.
    H2(http2::SendRequest<BoxBody<Bytes, Infallible>>),
}

impl Client {
    /// A client of the origin on port `origin`, by way of `proxy`, that trusts the certificates in `folder`.
    pub(crate) fn new(folder: &str, origin: u16, proxy: Option<u16>, is_h2: bool, resumes: bool) -> Result<Self> {
        let mut roots = rustls::RootCertStore::empty();
        for file in fs::read_dir(folder)? {
            let path = file?.path();
            if path.to_string_lossy().ends_with("ca.pem") {
                for certificate in CertificateDer::pem_file_iter(path)? {
                    roots.add(certificate?)?;
                }
            }
        }
        let mut config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![if is_h2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
        if !resumes {
            config.resumption = Resumption::disabled();
        }
        Ok(Self { origin, proxy, is_h2, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Opens a connection, with a tunnel and TLS.
    pub(crate) async fn open(&self) -> Result<Line> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.proxy.unwrap_or(self.origin))).await?;
        stream.set_nodelay(true)?;
        if self.proxy.is_some() {
            let to = format!("localhost:{}", self.origin);
            stream.write_all(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n").as_bytes()).await?;
            let answer = head(&mut stream).await?;
            if answer.split(' ').nth(1) != Some("200") {
                bail!("the proxy says: {answer}");
            }
        }
        let stream = self.tls.connect(ServerName::try_from("localhost")?, stream).await?;
        if self.is_h2 && stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            bail!("HTTP/2 was not offered");
        }
        let io = TokioIo::new(stream);
        if self.is_h2 {
            let builder = &mut http2::Builder::new(TokioExecutor::new());
            let (sender, connection) = builder.adaptive_window(true).handshake(io).await?;
            tokio::spawn(connection);
            return Ok(Line::H2(sender));
        }
        let (sender, connection) = http1::handshake(io).await?;
        tokio::spawn(connection);
        Ok(Line::H1(sender))
    }

    /// Sends one request and reads its answer; returns how many bytes came.
    pub(crate) async fn fetch(
        &self,
        line: &mut Line,
        method: Method,
        path: &str,
        body: BoxBody<Bytes, Infallible>,
    ) -> Result<u64> {
        let host = format!("localhost:{}", self.origin);
        let request = Request::builder().method(method);
        let answer = match line {
            Line::H1(sender) => {
                sender.ready().await?;
                sender.send_request(request.uri(path).header("host", host).body(body)?).await?
            }
            Line::H2(sender) => {
                sender.ready().await?;
                sender.send_request(request.uri(format!("https://{host}{path}")).body(body)?).await?
            }
        };
        if answer.status() != 200 {
            bail!("the answer is {}", answer.status());
        }
        let (mut length, mut body) = (0, answer.into_body());
        while let Some(frame) = body.frame().await {
            length += frame?.data_ref().map_or(0, |data| data.len() as u64);
        }
        Ok(length)
    }
}

impl Line {
    /// Another of the same connection, where one carries several requests at once.
    pub(crate) fn share(&self) -> Option<Self> {
        match self {
            Self::H1(_) => None,
            Self::H2(sender) => Some(Self::H2(sender.clone())),
        }
    }

    /// Whether the connection is still there.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::H1(sender) => !sender.is_closed(),
            Self::H2(sender) => !sender.is_closed(),
        }
    }
}
