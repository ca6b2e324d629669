//! Hosts whose tunnels are passed through unread because their owner said so: apps that trust no authority but their
//! own. Each tunnel is a blind spot. What is in clear text is read nevertheless: nothing hinders it.

use std::sync::Arc;

use model::{BlindSpotKind, Host, Scheme};
use rustls::server::Acceptor;
use tokio::io::AsyncRead;
use tokio::time::timeout;

use crate::dial::{Connection, HANDSHAKE_TIMEOUT};
use crate::fault::Fault;
use crate::first_bytes::Prefixed;
use crate::session::{Client, Site};
use crate::splice::{Counts, Duplex, splice};

/// A `ClientHello` is some kilobytes, with post-quantum keys and long tickets too.
const LONGEST_HELLO: usize = 64 << 10;

/// The site of a tunnel with TLS in it, if its name, or the name in the handshake, is on the list.
pub(crate) async fn listed(
    client: &Client,
    host: &Host,
    port: u16,
    stream: &mut Prefixed<impl AsyncRead + Unpin>,
) -> Option<Site> {
    let site = |host: Host| Site { scheme: Scheme::Https, host, port };
    if client.dialer.passes_unread(host) {
        return Some(site(host.clone()));
    }
    if !client.dialer.passes_some_unread() {
        return None;
    }
    // What hinders this hinders the handshake, which says so.
    let name = timeout(HANDSHAKE_TIMEOUT, server_name(stream)).await.ok()??;
    client.dialer.passes_unread(&name).then(|| site(name))
}

/// Passes a tunnel through.
pub(crate) async fn pass(client: &Client, site: &Site, stream: impl Duplex, connected: Result<Connection, Fault>) {
    let connection = match connected {
        Ok(connection) => connection,
        Err(fault) => return client.blind_spot(fault.blind_spot(), site, fault.words()),
    };
    client.blind_spot(BlindSpotKind::Passthrough, site, "passed through unread, as asked (--passthrough)");
    let counts = Arc::new(Counts::default());
    tokio::select! {
        () = splice(stream, connection.stream, Arc::clone(&counts)) => {}
        () = client.tasks.draining() => {}
    }
    let (up, down) = counts.so_far();
    tracing::debug!(up, down, "a tunnel that was passed through has ended");
}

/// The name in the handshake that `stream` begins with; its bytes stay where they are.
async fn server_name(stream: &mut Prefixed<impl AsyncRead + Unpin>) -> Option<Host> {
    loop {
        match hello(stream.first()) {
            Hello::Names(host) => return host,
            Hello::GoesOn if stream.first().len() <= LONGEST_HELLO => {}
            Hello::GoesOn | Hello::IsNone => return None,
        }
        if stream.read_more().await.ok()? == 0 {
            return None;
        }
    }
}

/// What the beginning of a stream is of a `ClientHello`.
#[derive(Debug, PartialEq, Eq)]
enum Hello {
    /// All of it; the name in it.
    Names(Option<Host>),
    /// A part.
    GoesOn,
    /// It is none.
    IsNone,
}

fn hello(first: &[u8]) -> Hello {
    let (mut acceptor, mut rest) = (Acceptor::default(), first);
    // Each round takes some of the rest.
    while !rest.is_empty() {
        match acceptor.read_tls(&mut rest) {
            Ok(1..) => {}
            Ok(0) | Err(_) => return Hello::IsNone,
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => return Hello::Names(accepted.client_hello().server_name().and_then(Host::parse)),
            Ok(None) => {}
            Err(_) => return Hello::IsNone,
        }
    }
    Hello::GoesOn
}

#[cfg(test)]
mod tests {
    use rustls::{ClientConfig, ClientConnection, RootCertStore};

    use super::*;
    use crate::roots::crypto;

    fn client_hello(name: &str) -> Vec<u8> {
        let config = ClientConfig::builder_with_provider(crypto()).with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
        let mut client = ClientConnection::new(Arc::new(config), name.to_owned().try_into().unwrap()).unwrap();
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn the_name_is_found_at_the_end_of_the_hello_and_not_before() {
        let bytes = client_hello("app.bank.test");
        assert_eq!(hello(&bytes), Hello::Names(Host::parse("app.bank.test")));
        for end in 0..bytes.len() {
            assert_eq!(hello(&bytes[..end]), Hello::GoesOn, "{end}");
        }
        assert_eq!(hello(&client_hello("127.0.0.1")), Hello::Names(None));
    }

    #[test]
    fn what_is_no_hello_is_none() {
        assert_eq!(hello(b"\x16\x03\x01\x00\x04abcd"), Hello::IsNone);
        assert_eq!(hello(b"GET / HTTP/1.1\r\n\r\n"), Hello::IsNone);
    }
}
