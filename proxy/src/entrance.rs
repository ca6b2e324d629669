//! The first bytes on a connection that was just accepted: what the client takes this port for.
//!
//! A proxy's port serves HTTP, SOCKS5 and both within TLS; a reverse port serves its one site.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use model::{BlindSpot, BlindSpotKind, Host, Scheme};
use rustls::server::Acceptor;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;

use crate::bulk::Bulk;
use crate::carrier::Carrier;
use crate::dial::{HANDSHAKE_TIMEOUT, version_name};
use crate::fault::tls_error;
use crate::first_bytes::Prefixed;
use crate::listener::Purpose;
use crate::session::{Client, Site, server_name};
use crate::{plain, reverse, socks, tunnel};

/// How long a client may say nothing at all. Browsers open connections they may need and drop them after a minute.
const SILENCE: Duration = Duration::from_mins(2);
/// A record of TLS begins so when it is a handshake; no HTTP and no SOCKS does.
const TLS_HANDSHAKE: u8 = 0x16;
const HTTP1: &[u8] = b"http/1.1";

/// A client's stream, what was read of it to tell what it speaks still in front.
pub(crate) type Entered = Prefixed<Carrier>;

/// Serves a connection that was just accepted.
pub(crate) async fn run(client: Client, stream: TcpStream) {
    let here = stream.local_addr().map_or(client.port.address().ip(), |address| address.ip());
    let mut stream = entered(Carrier::Tcp(Bulk::new(stream)));
    let first = tokio::select! {
        read = timeout(SILENCE, stream.read_more()) => read,
        () = client.tasks.draining() => return,
    };
    let Ok(Ok(1..)) = first else {
        // Nothing was said, so nothing was missed.
        tracing::debug!(client = %client.address, "a connection ended without a word");
        return;
    };
    match (client.port.purpose().clone(), stream.first().first()) {
        (_, Some(&socks::VERSION_4)) => Box::pin(socks::refuse_version_4(client, stream)).await,
        (Purpose::Reverse(_), Some(&socks::VERSION)) => Box::pin(socks::refuse_here(client, stream)).await,
        (Purpose::Proxy, Some(&socks::VERSION)) => Box::pin(socks::run(client, stream)).await,
        (Purpose::Proxy, Some(&TLS_HANDSHAKE)) => Box::pin(secure(client, here, stream)).await,
        (Purpose::Proxy, _) => Box::pin(plain::run(client, stream, None)).await,
        (Purpose::Reverse(origin), _) => Box::pin(reverse::run(client, origin, here, stream)).await,
    }
}

/// `stream`, nothing of it read.
fn entered(stream: Carrier) -> Entered {
    Prefixed::new(&Bytes::new(), stream)
}

/// A proxy within TLS (an `HTTPS` proxy in a browser's words): a leaf for the proxy's own name, and then as usual.
///
/// HTTP/1.1 alone: one connection of the client is one tunnel, as everywhere here.
async fn secure(client: Client, here: IpAddr, stream: Entered) {
    let hello = timeout(HANDSHAKE_TIMEOUT, LazyConfigAcceptor::new(Acceptor::default(), stream)).await;
    let hello = match hello {
        Ok(Ok(hello)) => hello,
        Ok(Err(error)) if tls_error(&error).is_none() => return,
        Ok(Err(_)) | Err(_) => return misread(&client, "it begins like TLS, and cannot be read as such"),
    };
    let named = hello.client_hello().server_name().and_then(Host::parse);
    let host = named.or_else(|| Host::parse(&here.to_string()));
    let Some((host, name)) = host.and_then(|host| Some((host.clone(), server_name(&host)?))) else {
        return misread(&client, "no certificate can be made for the name it asks the proxy for");
    };
    let site = Site { scheme: Scheme::Https, host, port: client.port.address().port() };
    let offers_any = hello.client_hello().alpn().is_some();
    let Some(stream) = tunnel::accept(&client, &site, hello, &name, offers_any.then_some(HTTP1)).await else { return };
    let version = stream.get_ref().1.protocol_version().map(version_name);
    Box::pin(plain::run(client, entered(Carrier::Tls(Box::new(stream))), version)).await;
}

/// Says that a client sent the proxy itself what it cannot read.
pub(crate) fn misread(client: &Client, detail: impl Into<String>) {
    let place = client.port.address().to_string();
    let blind_spot = BlindSpot::new(BlindSpotKind::NotHttp, place, detail);
    client.recorder.blind_spot(blind_spot.in_visit(client.port.visit()));
}
