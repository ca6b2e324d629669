//! A loopback server for made-up sites: one TLS port, one clear-text port, any number of host names.
//!
//! Here are its life and its addresses; `serving` answers, `identity` makes the certificates.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::identity::Identity;
use crate::serving::{House, serve};
use crate::{Received, Reply};

/// Answers a request to one host. Runs on the server's own threads: it must be quick and must not block.
pub type Handler = Arc<dyn Fn(&Received) -> Reply + Send + Sync>;

/// One host name and what answers there.
#[derive(Clone)]
pub struct HostedSite {
    /// The host name, without port. Compared without case.
    pub host: String,
    /// What answers.
    pub handler: Handler,
}

/// A running server on 127.0.0.1 that answers by `Host`, over TLS (HTTP/2 and HTTP/1.1) and in clear text.
///
/// Its certificates come from an authority that lives as long as it does and is trusted by nobody else; hand
/// [`Stage::root_der`] or [`Stage::root_pem`] to the client. It ends when dropped.
#[derive(Debug)]
pub struct Stage {
    https: SocketAddr,
    http: SocketAddr,
    identity: Identity,
    house: Arc<House>,
    closing: watch::Sender<()>,
    listening: Vec<JoinHandle<()>>,
}

impl HostedSite {
    /// A site at `host` that `handler` answers for.
    pub fn new(host: impl Into<String>, handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        Self { host: host.into(), handler: Arc::new(handler) }
    }
}

impl Stage {
    /// Starts serving `hosts` on two free ports of 127.0.0.1. Needs a running tokio runtime.
    ///
    /// Fails when a host is named twice or is no name a certificate can hold, or when no port can be bound.
    pub async fn start(hosts: Vec<HostedSite>) -> io::Result<Self> {
        let mut sites = BTreeMap::new();
        for HostedSite { host, handler } in hosts {
            let host = host.to_ascii_lowercase();
            if sites.insert(host.clone(), handler).is_some() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("the host {host} is named twice")));
            }
        }
        let identity = Identity::for_hosts(sites.keys().cloned().collect())?;
        let house = Arc::new(House::new(sites));
        let (closing, closed) = watch::channel(());

        let tls_port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let clear_port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (https, http) = (tls_port.local_addr()?, clear_port.local_addr()?);
        let acceptor = TlsAcceptor::from(identity.server_config());
        let listening = vec![
            tokio::spawn(serve(tls_port, Some(acceptor), Arc::clone(&house), closed.clone())),
            tokio::spawn(serve(clear_port, None, Arc::clone(&house), closed)),
        ];
        Ok(Self { https, http, identity, house, closing, listening })
    }

    /// Where TLS is spoken, for every host.
    pub fn https(&self) -> SocketAddr {
        self.https
    }

    /// Where clear text is spoken, for every host.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// The certificate that vouches for every host here.
    pub fn root_der(&self) -> CertificateDer<'static> {
        self.identity.root_der()
    }

    /// The same as PEM.
    pub fn root_pem(&self) -> &str {
        self.identity.root_pem()
    }

    /// That certificate's `SubjectPublicKeyInfo` in DER: what a browser's pin list holds the hash of.
    pub fn root_public_key(&self) -> &[u8] {
        self.identity.root_public_key()
    }

    /// The host names served, sorted.
    pub fn host_names(&self) -> Vec<String> {
        self.house.host_names()
    }

    /// Every request that arrived so far, in the order in which they were complete. A request is here before its
    /// answer is sent. Raw: it holds whatever was sent.
    pub fn received(&self) -> Vec<Received> {
        self.house.received()
    }

    /// Stops accepting, breaks off what is open, and waits until both ports are closed.
    pub async fn shutdown(self) {
        drop(self.closing);
        for listener in self.listening {
            // A listener that panicked has ended too, and that is all that is asked for here.
            let _ended = listener.await;
        }
    }
}

impl fmt::Debug for HostedSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostedSite").field("host", &self.host).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(host: &str) -> HostedSite {
        HostedSite::new(host, |_| Reply::no_content())
    }

    #[tokio::test]
    async fn both_ports_are_on_loopback() {
        let stage = Stage::start(vec![site("b.test"), site("A.test")]).await.unwrap();
        assert!(stage.https().ip().is_loopback() && stage.http().ip().is_loopback());
        assert_ne!(stage.https().port(), stage.http().port());
        assert_eq!(stage.host_names(), ["a.test", "b.test"]);
    }

    #[tokio::test]
    async fn a_host_named_twice_is_refused() {
        let error = Stage::start(vec![site("a.test"), site("A.TEST")]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }

    #[tokio::test]
    async fn shutdown_closes_both_ports() {
        let stage = Stage::start(vec![site("a.test")]).await.unwrap();
        let ports = [stage.https(), stage.http()];
        stage.shutdown().await;
        for port in ports {
            assert!(tokio::net::TcpStream::connect(port).await.is_err(), "{port} is still open");
        }
    }

    #[tokio::test]
    async fn dropping_it_closes_both_ports() {
        let mut stage = Stage::start(vec![site("a.test")]).await.unwrap();
        let ports = [stage.https(), stage.http()];
        let listening = std::mem::take(&mut stage.listening);
        drop(stage);
        for listener in listening {
            listener.await.unwrap();
        }
        for port in ports {
            assert!(tokio::net::TcpStream::connect(port).await.is_err(), "{port} is still open");
        }
    }
}
