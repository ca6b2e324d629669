//! The proxy's own ports, so that no request goes round in circles.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::Host;
use tokio::net::TcpStream;

/// Every port that the proxy listens on. Clones are the same list.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnPorts(Arc<Mutex<Vec<SocketAddr>>>);

impl OwnPorts {
    /// One more.
    pub(crate) fn add(&self, address: SocketAddr) {
        self.ports().push(address);
    }

    /// Whether `host` and `port` name one of them outright, so that a client means the proxy itself.
    pub(crate) fn are_named(&self, host: &Host, port: u16) -> bool {
        let is_named = |own: &SocketAddr| match host.ip() {
            Some(ip) => ip == own.ip() || (ip.is_loopback() && own.ip().is_unspecified()),
            None => host.is_loopback() && (own.ip().is_loopback() || own.ip().is_unspecified()),
        };
        self.ports().iter().any(|own| own.port() == port && is_named(own))
    }

    /// Whether `connection` leads to one of them, however it was found.
    pub(crate) fn are_at(&self, connection: &TcpStream) -> bool {
        match (connection.peer_addr(), connection.local_addr()) {
            (Ok(peer), Ok(local)) => self.is_one(peer, local.ip()),
            _ => false,
        }
    }

    /// A port of every address of this machine has no address of its own; then who reaches it from the machine itself
    /// has the same address at both ends, or a loopback address at the other.
    fn is_one(&self, peer: SocketAddr, local: IpAddr) -> bool {
        let (there, here) = (peer.ip().to_canonical(), local.to_canonical());
        let is_own = |own: &SocketAddr| {
            let address = own.ip().to_canonical();
            own.port() == peer.port()
                && (address == there || (address.is_unspecified() && (there == here || there.is_loopback())))
        };
        self.ports().iter().any(is_own)
    }

    fn ports(&self) -> MutexGuard<'_, Vec<SocketAddr>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(addresses: &[&str]) -> OwnPorts {
        let ports = OwnPorts::default();
        for address in addresses {
            ports.add(address.parse().unwrap());
        }
        ports
    }

    #[track_caller]
    fn case(own_ports: &[&str], peer: &str, local: &str, is_own: bool) {
        assert_eq!(own(own_ports).is_one(peer.parse().unwrap(), local.parse().unwrap()), is_own);
    }

    #[test]
    fn a_connection_to_oneself_is_known_by_its_ends() {
        case(&["127.0.0.1:80", "[::1]:81"], "127.0.0.1:80", "127.0.0.1", true);
        case(&["127.0.0.1:80", "[::1]:81"], "[::1]:81", "::1", true);
        case(&["127.0.0.1:80"], "127.0.0.1:81", "127.0.0.1", false);
        case(&["127.0.0.1:80"], "127.0.0.2:80", "127.0.0.1", false);
        case(&["0.0.0.0:80"], "127.0.0.2:80", "127.0.0.1", true);
        case(&["0.0.0.0:80"], "192.0.2.7:80", "192.0.2.7", true);
        case(&["0.0.0.0:80"], "192.0.2.8:80", "192.0.2.7", false);
        case(&["[::]:80"], "[::ffff:192.0.2.7]:80", "192.0.2.7", true);
    }

    #[test]
    fn a_client_may_name_the_proxy_itself() {
        let ports = own(&["127.0.0.1:80", "192.0.2.7:81", "[::]:82"]);
        let named = |host: &str, port| ports.are_named(&Host::parse(host).unwrap(), port);
        assert!(named("127.0.0.1", 80) && named("localhost", 80) && named("192.0.2.7", 81) && named("[::1]", 82));
        assert!(!named("a.test", 80) && !named("localhost", 81) && !named("127.0.0.1", 8080));
    }
}
