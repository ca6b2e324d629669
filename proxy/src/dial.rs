//! Connections to sites: where a host is, TCP, and TLS that is always verified.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use model::Host;
use rustls::{ClientConfig, ProtocolVersion};
use rustls_pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use crate::fault::{Fault, Stage};
use crate::own_ports::OwnPorts;
use crate::roots::{crypto, root_store};
use crate::splice::Duplex;
use crate::{ProxyError, Resolve, Settings};

/// For name and connection together, all addresses. Browsers wait longer, but a host that needs more is down.
const DIAL_TIMEOUT: Duration = Duration::from_secs(10);
/// For a handshake, with a site or a client: some round trips.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A name with more addresses than this is not tried to its end.
const MOST_ADDRESSES: usize = 8;

/// Opens connections to sites.
pub(crate) struct Dialer {
    resolve: Vec<Resolve>,
    loopback_only: bool,
    tls: ClientConfig,
    own_ports: OwnPorts,
}

/// Where a connection goes and what is spoken there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The host to connect to.
    pub(crate) host: Host,
    /// Its port.
    pub(crate) port: u16,
    /// The name that its certificate must be for; `None` for clear text.
    pub(crate) tls: Option<ServerName<'static>>,
    /// The protocols to offer (ALPN).
    pub(crate) offer: Vec<Vec<u8>>,
}

/// A connection to a site.
pub(crate) struct Link {
    /// The bytes.
    pub(crate) stream: Box<dyn Duplex>,
    /// Who is there.
    pub(crate) peer: Peer,
    /// The protocol that the site chose (ALPN).
    pub(crate) alpn: Option<Vec<u8>>,
}

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// Its address.
    pub(crate) address: Option<SocketAddr>,
    /// The TLS version spoken with it.
    pub(crate) tls: Option<&'static str>,
}

impl Dialer {
    /// As `settings` say.
    pub(crate) fn new(settings: &Settings) -> Result<Self, ProxyError> {
        let tls = ClientConfig::builder_with_provider(crypto())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(root_store(&settings.upstream_roots)?)
            .with_no_client_auth();
        let resolve = settings.resolve.clone();
        Ok(Self { resolve, loopback_only: settings.loopback_only, tls, own_ports: OwnPorts::default() })
    }

    /// The proxy's own ports, to which it does not connect.
    pub(crate) fn own_ports(&self) -> &OwnPorts {
        &self.own_ports
    }

    /// Connects, secured or not as `route` says.
    pub(crate) async fn dial(&self, route: &Route) -> Result<Link, Fault> {
        self.secure(self.connect(&route.host, route.port).await?, route).await
    }

    /// A TCP connection to `host`.
    pub(crate) async fn connect(&self, host: &Host, port: u16) -> Result<TcpStream, Fault> {
        let deadline = Instant::now() + DIAL_TIMEOUT;
        let looked_up = timeout_at(deadline, self.addresses(host, port)).await;
        let addresses = looked_up.map_err(|_| Fault::TimedOut(Stage::Connection))??;
        let mut fault = Fault::NameUnknown("no address".to_owned());
        for (at, address) in addresses.iter().enumerate() {
            // Each gets its share of what is left, so that one that swallows packets does not use up all of it.
            let left = deadline.saturating_duration_since(Instant::now());
            let share = left / u32::try_from(addresses.len() - at).unwrap_or(1);
            fault = match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) if self.own_ports.are_at(&stream) => return Err(Fault::Circle),
                Ok(Ok(stream)) => {
                    // Small answers would wait for acknowledgements. A socket that refuses is merely slower.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => Fault::of_connect(&error),
                Err(_) => Fault::TimedOut(Stage::Connection),
            };
        }
        Err(fault)
    }

    /// Speaks TLS on `stream` if `route` says so.
    pub(crate) async fn secure(&self, stream: TcpStream, route: &Route) -> Result<Link, Fault> {
        let address = stream.peer_addr().ok();
        let Some(name) = &route.tls else {
            return Ok(Link { stream: Box::new(stream), peer: Peer { address, tls: None }, alpn: None });
        };
        // A copy shares the sessions with the original, so that they resume.
        let mut config = self.tls.clone();
        config.alpn_protocols.clone_from(&route.offer);
        let handshake = TlsConnector::from(Arc::new(config)).connect(name.clone(), stream);
        let stream = match timeout(HANDSHAKE_TIMEOUT, handshake).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(Fault::of_handshake(&error)),
            Err(_) => return Err(Fault::TimedOut(Stage::Tls)),
        };
        let session = stream.get_ref().1;
        let tls = session.protocol_version().map(version_name);
        let alpn = session.alpn_protocol().map(<[u8]>::to_vec);
        Ok(Link { stream: Box::new(stream), peer: Peer { address, tls }, alpn })
    }

    async fn addresses(&self, host: &Host, port: u16) -> Result<Vec<SocketAddr>, Fault> {
        let addresses = if let Some(address) = Resolve::find(&self.resolve, host, port) {
            vec![address]
        } else if let Some(ip) = host.ip() {
            vec![SocketAddr::new(ip, port)]
        } else if host.is_loopback() {
            // No name server is asked about this machine (RFC 6761 §6.3).
            let both = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            both.map(|ip| SocketAddr::new(ip, port)).into()
        } else if self.loopback_only {
            return Err(Fault::NotLoopback);
        } else {
            let found = lookup_host((host.as_str(), port)).await;
            found.map_err(|error| Fault::NameUnknown(error.to_string()))?.take(MOST_ADDRESSES).collect()
        };
        if self.loopback_only && !addresses.iter().all(|address| address.ip().is_loopback()) {
            return Err(Fault::NotLoopback);
        }
        Ok(addresses)
    }
}

/// `TLSv1.3`, as everybody else writes it.
pub(crate) fn version_name(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSv1_3 => "TLSv1.3",
        ProtocolVersion::TLSv1_2 => "TLSv1.2",
        // The library speaks no other.
        other => other.as_str().unwrap_or("unknown"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use model::Clock;

    use super::*;

    fn dialer(resolve: &[&str], loopback_only: bool) -> Dialer {
        let mut settings = Settings::new(Clock::fixed(Timestamp::UNIX_EPOCH));
        settings.resolve = resolve.iter().map(|rule| rule.parse().unwrap()).collect();
        settings.loopback_only = loopback_only;
        Dialer::new(&settings).unwrap()
    }

    async fn addresses(dialer: &Dialer, host: &str) -> Result<Vec<String>, Fault> {
        let found = dialer.addresses(&Host::parse(host).unwrap(), 443).await;
        found.map(|addresses| addresses.iter().map(SocketAddr::to_string).collect())
    }

    #[tokio::test]
    async fn this_machine_is_found_without_a_name_server() {
        let local = vec!["127.0.0.1:443".to_owned(), "[::1]:443".to_owned()];
        assert_eq!(addresses(&dialer(&[], true), "www.skat.localhost").await, Ok(local));
        assert_eq!(addresses(&dialer(&[], false), "::1").await, Ok(vec!["[::1]:443".to_owned()]));
    }

    #[tokio::test]
    async fn the_guard_lets_nothing_out() {
        let guarded = dialer(&["a.test:443:127.0.0.1:8443", "b.test:443:192.0.2.1"], true);
        assert_eq!(addresses(&guarded, "a.test").await, Ok(vec!["127.0.0.1:8443".to_owned()]));
        for host in ["b.test", "c.test", "192.0.2.1", "0.0.0.0", "::ffff:192.0.2.1"] {
            assert_eq!(addresses(&guarded, host).await, Err(Fault::NotLoopback), "{host}");
        }
    }
}
