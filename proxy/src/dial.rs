//! Connections to sites: where a host is, the proxy that leads there, TCP, and TLS that is always verified.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use model::Host;
use rustls::{ClientConfig, ProtocolVersion};
use rustls_pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use crate::bulk::Bulk;
use crate::client_cert::{self, Asked, Wallet, watched};
use crate::fault::{Fault, Stage};
use crate::first_bytes::Prefixed;
use crate::own_ports::OwnPorts;
use crate::proxy_fault::{ProxyFault, ProxyRefusal};
use crate::roots::{crypto, root_store};
use crate::session::server_name;
use crate::socks_tunnel::{self, Goal};
use crate::splice::Duplex;
use crate::upstream_proxy::ProxyKind;
use crate::{Chain, HostPattern, ProxyError, Resolve, Settings, UpstreamProxy, http_tunnel};

/// For name and connection together, all addresses. Browsers wait longer, but a host that needs more is down.
const DIAL_TIMEOUT: Duration = Duration::from_secs(10);
/// For a handshake, with a site or a client: some round trips.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// For an upstream proxy to lead to a site. Longer than our own: it has to dial, and then says itself why not.
const TUNNEL_TIMEOUT: Duration = Duration::from_secs(30);
/// A name with more addresses than this is not tried to its end.
const MOST_ADDRESSES: usize = 8;

/// Opens connections to sites.
pub(crate) struct Dialer {
    resolve: Vec<Resolve>,
    loopback_only: bool,
    tls: ClientConfig,
    /// For hosts that get a client certificate.
    tls_with: Vec<(HostPattern, ClientConfig)>,
    chain: Chain,
    passthrough: Vec<HostPattern>,
    own_ports: OwnPorts,
    /// Ports of this machine that clients have no business at.
    off_limits: OwnPorts,
}

/// A connection to a site before anything is said on it, be it by a proxy.
pub(crate) struct Connection {
    /// The bytes.
    pub(crate) stream: Prefixed<Box<dyn Duplex>>,
    /// Where it leads, if that is known.
    pub(crate) address: Option<SocketAddr>,
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
    /// Whether an HTTP proxy on the way may get the requests whole instead of making a tunnel: what came in clear text
    /// and outside of a tunnel goes on so, as browsers do it.
    pub(crate) relays: bool,
}

/// A connection to a site.
pub(crate) struct Link {
    /// The bytes.
    pub(crate) stream: Box<dyn Duplex>,
    /// Who is there.
    pub(crate) peer: Peer,
    /// The protocol that the site chose (ALPN).
    pub(crate) alpn: Option<Vec<u8>>,
    /// Whether the site asked for a client certificate.
    pub(crate) asked: Asked,
}

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// Its address, as each exchange names it.
    pub(crate) address: Option<Arc<str>>,
    /// The TLS version spoken with it.
    pub(crate) tls: Option<&'static str>,
}

impl Dialer {
    /// As `settings` say.
    pub(crate) fn new(settings: &Settings) -> Result<Self, ProxyError> {
        let tls = ClientConfig::builder_with_provider(crypto())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(root_store(&settings.upstream_roots)?)
            .with_client_cert_resolver(Wallet::empty());
        let with = |certificate| {
            let mut tls = tls.clone();
            tls.client_auth_cert_resolver = Wallet::with(certificate);
            tls
        };
        let tls_with = settings.client_certs.iter().map(|own| (own.hosts().clone(), with(own))).collect();
        Ok(Self {
            resolve: settings.resolve.clone(),
            loopback_only: settings.loopback_only,
            tls,
            tls_with,
            chain: settings.chain.clone(),
            passthrough: settings.passthrough.clone(),
            own_ports: OwnPorts::default(),
            off_limits: OwnPorts::default(),
        })
    }

    /// The proxy's own ports, to which it does not connect.
    pub(crate) fn own_ports(&self) -> &OwnPorts {
        &self.own_ports
    }

    /// Ports of this machine that clients have no business at.
    pub(crate) fn off_limits(&self) -> &OwnPorts {
        &self.off_limits
    }

    /// Whether tunnels to `host` are passed through unread.
    pub(crate) fn passes_unread(&self, host: &Host) -> bool {
        self.passthrough.iter().any(|hosts| hosts.fits(host))
    }

    /// Whether any tunnels are passed through unread.
    pub(crate) fn passes_some_unread(&self) -> bool {
        !self.passthrough.is_empty()
    }

    /// Connects, secured or not as `route` says.
    pub(crate) async fn dial(&self, route: &Route) -> Result<Link, Fault> {
        let connection = match self.relay(route) {
            Some(proxy) => {
                Connection { stream: Prefixed::new(&Bytes::new(), self.to_proxy(proxy).await?), address: None }
            }
            None => self.reach(&route.host, route.port, route.relays).await?,
        };
        self.secure(connection, route).await
    }

    /// The proxy that gets the requests of `route` whole, if one does.
    ///
    /// Not where `--resolve` says where the host is: a proxy that gets the name would ask its own name server.
    pub(crate) fn relay(&self, route: &Route) -> Option<&UpstreamProxy> {
        let is_elsewhere = Resolve::find(&self.resolve, &route.host, route.port).is_some();
        let may = route.relays && route.tls.is_none() && !is_elsewhere;
        let proxy = self.way(&route.host, route.port, true).filter(|_| may)?;
        proxy.kind().is_http().then_some(proxy)
    }

    /// A connection to `host` that becomes a tunnel of our client's.
    pub(crate) async fn connect(&self, host: &Host, port: u16) -> Result<Connection, Fault> {
        self.reach(host, port, false).await
    }

    /// Speaks TLS on `connection` if `route` says so.
    pub(crate) async fn secure(&self, connection: Connection, route: &Route) -> Result<Link, Fault> {
        let Connection { stream, address } = connection;
        let address = address.map(|address| Arc::from(address.to_string()));
        let Some(name) = &route.tls else {
            return Ok(Link {
                stream: Box::new(stream),
                peer: Peer { address, tls: None },
                alpn: None,
                asked: Asked::No,
            });
        };
        let named = match name {
            ServerName::IpAddress(_) => None,
            other => Host::parse(&other.to_str()),
        };
        let (stream, asked) = self.handshake(stream, name, named.as_ref().unwrap_or(&route.host), &route.offer).await?;
        let session = stream.get_ref().1;
        let tls = session.protocol_version().map(version_name);
        let alpn = session.alpn_protocol().map(<[u8]>::to_vec);
        Ok(Link { stream: Box::new(stream), peer: Peer { address, tls }, alpn, asked })
    }

    async fn handshake<T: Duplex>(
        &self,
        stream: T,
        name: &ServerName<'static>,
        host: &Host,
        offer: &[Vec<u8>],
    ) -> Result<(tokio_rustls::client::TlsStream<T>, Asked), Fault> {
        // A copy shares the sessions with the original, so that they resume.
        let mut config = client_cert::choose(&self.tls_with, host).unwrap_or(&self.tls).clone();
        config.alpn_protocols = offer.to_vec();
        let handshake = TlsConnector::from(Arc::new(config)).connect(name.clone(), stream);
        let (shaken, asked) = watched(timeout(HANDSHAKE_TIMEOUT, handshake)).await;
        match shaken {
            Ok(Ok(stream)) => Ok((stream, asked)),
            Ok(Err(error)) => Err(Fault::of_handshake(&error).with_certificate(asked, host)),
            Err(_) => Err(Fault::TimedOut(Stage::Tls)),
        }
    }

    /// The proxy on the way to `host`. What is at this machine is reached directly, and all under the guard, which
    /// cannot know where a proxy leads.
    fn way(&self, host: &Host, port: u16, for_requests: bool) -> Option<&UpstreamProxy> {
        let is_here = self
            .known(host, port)
            .map_or(host.is_loopback(), |address| address.ip().is_loopback() || address.ip().is_unspecified());
        self.chain.way(host, port, for_requests).filter(|_| !is_here && !self.loopback_only)
    }

    /// The address of `host` that is known without asking anybody.
    fn known(&self, host: &Host, port: u16) -> Option<SocketAddr> {
        Resolve::find(&self.resolve, host, port).or_else(|| host.ip().map(|ip| SocketAddr::new(ip, port)))
    }

    /// A connection to `host`, directly or by a tunnel of an upstream proxy.
    async fn reach(&self, host: &Host, port: u16, for_requests: bool) -> Result<Connection, Fault> {
        let Some(proxy) = self.way(host, port, for_requests) else {
            let stream = self.tcp(host, port).await?;
            let address = stream.peer_addr().ok();
            return Ok(Connection { stream: Prefixed::new(&Bytes::new(), Box::new(Bulk::new(stream))), address });
        };
        let address = match (self.known(host, port), proxy.kind()) {
            (None, ProxyKind::Socks5) => Some(self.first_address(host, port).await?),
            (known, _) => known,
        };
        let mut stream = self.to_proxy(proxy).await?;
        let asking = async {
            if proxy.kind().is_http() {
                let authority = address.map_or_else(|| format!("{host}:{port}"), |address| address.to_string());
                return http_tunnel::open(&mut stream, proxy, &authority).await;
            }
            let goal = address.map_or(Goal::Name(host, port), Goal::Address);
            socks_tunnel::open(&mut stream, proxy, goal).await.map(|()| Bytes::new())
        };
        match timeout(TUNNEL_TIMEOUT, asking).await {
            Ok(Ok(said)) => Ok(Connection { stream: Prefixed::new(&said, stream), address }),
            Ok(Err(why)) => Err(ProxyFault::of(proxy, why)),
            Err(_) => Err(ProxyFault::of(proxy, ProxyRefusal::Silent)),
        }
    }

    /// A connection to `proxy` itself, secured if it is one that wants that.
    async fn to_proxy(&self, proxy: &UpstreamProxy) -> Result<Box<dyn Duplex>, Fault> {
        let in_vain = |fault| match fault {
            Fault::Circle => ProxyFault::of(proxy, ProxyRefusal::Ourselves),
            fault => ProxyFault::of(proxy, ProxyRefusal::NoConnection(fault)),
        };
        let stream = Bulk::new(self.tcp(proxy.host(), proxy.port()).await.map_err(in_vain)?);
        if proxy.kind() != ProxyKind::Https {
            return Ok(Box::new(stream));
        }
        let name = server_name(proxy.host()).ok_or_else(|| in_vain(Fault::NameUnknown("no name".to_owned())))?;
        let offer = [b"http/1.1".to_vec()];
        let (stream, _) = self.handshake(stream, &name, proxy.host(), &offer).await.map_err(in_vain)?;
        Ok(Box::new(stream))
    }

    /// A TCP connection to `host`, with nothing in between.
    async fn tcp(&self, host: &Host, port: u16) -> Result<TcpStream, Fault> {
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
                Ok(Ok(stream)) if self.off_limits.are_at(&stream) => return Err(Fault::OffLimits),
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

    /// The address that a proxy is asked for which looks up no names.
    async fn first_address(&self, host: &Host, port: u16) -> Result<SocketAddr, Fault> {
        let looked_up = timeout(DIAL_TIMEOUT, self.addresses(host, port)).await;
        let addresses = looked_up.map_err(|_| Fault::TimedOut(Stage::Connection))??;
        // IPv4 first: of the two it is the one that such proxies can always do.
        let four = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
        four.copied().ok_or_else(|| Fault::NameUnknown("no address".to_owned()))
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
