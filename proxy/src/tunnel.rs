//! What happens after `CONNECT`: find out what the client speaks, dial the site, answer the client with what the site
//! chose, serve.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use model::{BlindSpotKind, Host, Scheme};
use rustls::AlertDescription;
use rustls::server::Acceptor;
use rustls_pki_types::ServerName;
use tokio::time::{sleep, timeout};
use tokio_rustls::{LazyConfigAcceptor, StartHandshake};

use crate::dial::{Connection, HANDSHAKE_TIMEOUT, Link, Route, version_name};
use crate::entrance::Entered;
use crate::fault::{Fault, alert_in, alert_words, chain, is_of_protocol, tls_error};
use crate::first_bytes::Spoken;
use crate::forward::forward;
use crate::line::Protocol;
use crate::own_site;
use crate::passthrough;
use crate::serve::serve;
use crate::session::{Client, Session, Site, Way, server_name};
use crate::splice::{Counts, Duplex, splice};

/// A client that has said nothing by then may be waiting for the site to speak first, so the site is dialled.
const CLIENT_SPEAKS_FIRST: Duration = Duration::from_millis(300);
/// A client that has begun to speak and stops before it is clear what: it is not HTTP.
const STALLED: Duration = Duration::from_secs(10);

const H2: &[u8] = b"h2";
const H1: &[u8] = b"http/1.1";

/// A client's side of a tunnel.
type Stream = Entered;

/// How the dialling went, if it was done already.
type Dialled = Option<Result<Connection, Fault>>;

/// Serves a tunnel to `host` and `port`.
pub(crate) async fn run(client: Client, host: Host, port: u16, mut stream: Stream) {
    if own_site::is_named(&host) {
        return Box::pin(own_site::tunnel(client, stream)).await;
    }
    let Some((spoken, dialled)) = listen(&client, &host, port, &mut stream).await else { return };
    if spoken == Spoken::Tls
        && let Some(site) = passthrough::listed(&client, &host, port, &mut stream).await
    {
        let connected = connected(&client, &host, port, dialled).await;
        return Box::pin(passthrough::pass(&client, &site, stream, connected)).await;
    }
    let site = |scheme| Site { scheme, host: host.clone(), port };
    match spoken {
        // Boxed, so that what a handshake takes is given back before the requests are served.
        Spoken::Tls => {
            if let Some((ready, stream)) = Box::pin(tls(&client, site(Scheme::Https), stream, dialled)).await {
                serve_site(client, ready, stream).await;
            }
        }
        Spoken::Http1 => Box::pin(clear(client, site(Scheme::Http), stream, dialled, Protocol::H1)).await,
        Spoken::Http2 => Box::pin(clear(client, site(Scheme::Http), stream, dialled, Protocol::H2)).await,
        Spoken::Other => Box::pin(opaque(client, &site(Scheme::Http), stream, dialled)).await,
    }
}

/// Waits until it is clear what is spoken; `None` when the client left without a word.
async fn listen(client: &Client, host: &Host, port: u16, stream: &mut Stream) -> Option<(Spoken, Dialled)> {
    let mut site: Dialled = None;
    let mut site_left = false;
    loop {
        if let Some(spoken) = Spoken::told_by(stream.first()) {
            return Some((spoken, site));
        }
        let is_silent = stream.first().is_empty();
        let patience = if is_silent { CLIENT_SPEAKS_FIRST } else { STALLED };
        tokio::select! {
            read = stream.read_more() => match read {
                Ok(0) | Err(_) if is_silent => return None,
                Ok(0) | Err(_) => return Some((Spoken::Other, site)),
                Ok(_) => {}
            },
            () = sleep(patience), if !is_silent => return Some((Spoken::Other, site)),
            () = sleep(patience), if site.is_none() && !site_left => site = Some(Box::pin(client.dialer.connect(host, port)).await),
            speaks = first_word(&mut site), if matches!(site, Some(Ok(_))) => {
                if speaks {
                    return Some((Spoken::Other, site));
                }
                (site, site_left) = (None, true);
            }
        }
    }
}

/// Whether the site says something; `false` when it leaves instead.
async fn first_word(site: &mut Dialled) -> bool {
    let Some(Ok(connection)) = site else { return false };
    !connection.stream.first().is_empty() || matches!(connection.stream.read_more().await, Ok(1..))
}

/// The connection to the site, if it was not dialled already.
async fn connected(client: &Client, host: &Host, port: u16, dialled: Dialled) -> Result<Connection, Fault> {
    match dialled {
        Some(dialled) => dialled,
        None => Box::pin(client.dialer.connect(host, port)).await,
    }
}

/// Passes on what cannot be read, and says so.
async fn opaque(client: Client, site: &Site, stream: Stream, dialled: Dialled) {
    match connected(&client, &site.host, site.port, dialled).await {
        Ok(connection) => unread(&client, site, stream, connection.stream).await,
        Err(fault) => client.blind_spot(fault.blind_spot(), site, fault.words()),
    }
}

async fn unread(client: &Client, site: &Site, stream: impl Duplex, connection: impl Duplex) {
    client.blind_spot(BlindSpotKind::NotHttp, site, "something other than HTTP was passed on unread");
    let counts = Arc::new(Counts::default());
    tokio::select! {
        () = splice(stream, connection, Arc::clone(&counts)) => {}
        () = client.tasks.draining() => {}
    }
    let (up, down) = counts.so_far();
    tracing::debug!(up, down, "a tunnel that was not HTTP has ended");
}

/// A tunnel in which requests can be served.
struct Ready {
    site: Site,
    route: Arc<Route>,
    linked: Result<Link, Fault>,
    protocol: Protocol,
    /// The TLS version spoken with the client.
    tls: Option<&'static str>,
}

/// HTTP in clear text.
async fn clear(client: Client, site: Site, stream: Stream, dialled: Dialled, protocol: Protocol) {
    let route = Route { host: site.host.clone(), port: site.port, tls: None, offer: Vec::new(), relays: false };
    let linked = match dialled {
        Some(Ok(connection)) => Box::pin(client.dialer.secure(connection, &route)).await,
        Some(Err(fault)) => Err(fault),
        None => Box::pin(client.dialer.dial(&route)).await,
    };
    serve_site(client, Ready { site, route: Arc::new(route), linked, protocol, tls: None }, stream).await;
}

/// TLS: the site is asked first, so that both sides speak the same. `None` when there is no HTTP to serve.
async fn tls(
    client: &Client,
    mut site: Site,
    stream: Stream,
    dialled: Dialled,
) -> Option<(Ready, Box<tokio_rustls::server::TlsStream<Stream>>)> {
    let setting_up = client.port.flights.begin(None);
    let hello = timeout(HANDSHAKE_TIMEOUT, LazyConfigAcceptor::new(Acceptor::default(), stream)).await;
    let hello = match hello {
        Ok(Ok(hello)) => hello,
        Ok(Err(error)) => {
            if tls_error(&error).is_some() {
                no_tls(client, &site);
            }
            return None;
        }
        Err(_) => {
            no_tls(client, &site);
            return None;
        }
    };
    let host = site.host.clone();
    let Some((name, offer)) = asked_for(&hello, &mut site) else {
        client.blind_spot(BlindSpotKind::ClientRefused, &site, "no certificate can be made for that name");
        return None;
    };
    let mut route = Route { host, port: site.port, tls: Some(name.clone()), offer: offer.clone(), relays: false };
    let linked = match dialled {
        Some(Ok(connection)) => client.dialer.secure(connection, &route).await,
        Some(Err(fault)) => Err(fault),
        None => client.dialer.dial(&route).await,
    };
    let alpn = match &linked {
        Ok(link) => link.alpn.clone(),
        Err(_) => spoken_by_us(&offer),
    };
    let accepted = Box::new(accept(client, &site, hello, &name, alpn.as_deref()).await?);
    let tls = accepted.get_ref().1.protocol_version().map(version_name);
    drop(setting_up);
    match (alpn.as_deref(), linked) {
        (Some(H1 | H2) | None, linked) => {
            // From now on what was chosen is all that is offered: the client cannot change over any more.
            route.offer = alpn.iter().cloned().collect();
            let protocol = alpn.as_deref().map_or(Protocol::H1, Protocol::of_alpn);
            return Some((Ready { site, route: Arc::new(route), linked, protocol, tls }, accepted));
        }
        (Some(_), Ok(link)) => unread(client, &site, accepted, link.stream).await,
        (Some(_), Err(fault)) => client.blind_spot(fault.blind_spot(), &site, fault.words()),
    }
    None
}

/// Serves requests to the site, or says on each why there is no answer.
async fn serve_site(client: Client, ready: Ready, stream: impl Duplex + 'static) {
    let Ready { site, route, linked, protocol, tls } = ready;
    let tasks = client.tasks.clone();
    let mut session = Session::new(client, protocol, tls, Way::Site(site.clone(), Arc::clone(&route)));
    let adopted = match linked {
        Ok(link) => session.line.adopt(route, protocol, link).await,
        Err(fault) => Err(fault),
    };
    if let Err(fault) = adopted {
        session.way = Way::Nowhere(site.clone(), fault);
    }
    let session = Arc::new(session);
    let own = Arc::clone(&session);
    let answer = move |request| Box::pin(forward(Arc::clone(&own), request));
    if let Err(error) = serve(stream, protocol, &tasks, answer).await {
        note_end(&session, &site, &error);
    }
}

/// Says what was not read on a connection that ended with `error`.
pub(crate) fn note_end(session: &Session, site: &Site, error: &hyper::Error) {
    let client = &session.client;
    match alert_in(error) {
        // Some clients look at our certificate only after the handshake.
        Some(alert) if !session.trusted.load(Ordering::Relaxed) => {
            client.blind_spot(BlindSpotKind::ClientRefused, site, client_words(alert, site));
        }
        None if error.is_parse() || (session.protocol == Protocol::H2 && is_of_protocol(error)) => {
            let detail = format!("a request that is no HTTP was refused: {}", chain(error));
            client.blind_spot(BlindSpotKind::NotHttp, site, detail);
        }
        // The client left, as clients do; a request cut short has said so itself.
        Some(_) | None => {}
    }
}

/// Answers the handshake as a server named `name`. `None` when the client does not want that.
pub(crate) async fn accept(
    client: &Client,
    site: &Site,
    hello: StartHandshake<Stream>,
    name: &ServerName<'static>,
    alpn: Option<&[u8]>,
) -> Option<tokio_rustls::server::TlsStream<Stream>> {
    let config = match client.authority.server_config(name, alpn) {
        Ok(config) => config,
        Err(error) => {
            client.blind_spot(BlindSpotKind::ClientRefused, site, format!("no certificate can be made: {error}"));
            return None;
        }
    };
    let error = match timeout(HANDSHAKE_TIMEOUT, hello.into_stream(config)).await {
        Ok(Ok(stream)) => return Some(stream),
        Ok(Err(error)) => error,
        Err(_) => io::Error::from(io::ErrorKind::TimedOut),
    };
    match tls_error(&error) {
        Some(rustls::Error::AlertReceived(alert)) => {
            client.blind_spot(BlindSpotKind::ClientRefused, site, client_words(*alert, site));
        }
        Some(other) => client.blind_spot(BlindSpotKind::ClientRefused, site, other.to_string()),
        // Browsers open connections they then do not use; nothing was said on it.
        None => tracing::debug!(kind = %error.kind(), "a client left in the handshake"),
    }
    None
}

/// The name and protocols that the client wants; `site` gets the name it believes to speak to.
fn asked_for(hello: &StartHandshake<Stream>, site: &mut Site) -> Option<(ServerName<'static>, Vec<Vec<u8>>)> {
    let hello = hello.client_hello();
    let offered: Vec<Vec<u8>> = hello.alpn().into_iter().flatten().map(<[u8]>::to_vec).collect();
    let http: Vec<Vec<u8>> = offered.iter().filter(|name| [H1, H2].contains(&name.as_slice())).cloned().collect();
    let offer = if http.is_empty() { offered } else { http };
    let name = match hello.server_name().and_then(Host::parse) {
        // The site proves to be this one, so this is who gets what is sent.
        Some(host) => {
            let name = server_name(&host)?;
            site.host = host;
            name
        }
        None => server_name(&site.host)?,
    };
    Some((name, offer))
}

/// What to speak when there is no site that chooses: the simpler one.
pub(crate) fn spoken_by_us(offer: &[Vec<u8>]) -> Option<Vec<u8>> {
    let offers = |name: &[u8]| offer.iter().any(|offered| offered == name);
    [H1, H2].into_iter().find(|name| offers(name)).map(<[u8]>::to_vec).or_else(|| offer.first().cloned())
}

pub(crate) fn no_tls(client: &Client, site: &Site) {
    client.blind_spot(BlindSpotKind::NotHttp, site, "it begins like TLS, and cannot be read as such");
}

fn client_words(alert: AlertDescription, site: &Site) -> String {
    let (what, host) = (alert_words(alert), &site.host);
    // A client that looks for one certificate alone may say either.
    if alert == AlertDescription::UnknownCA {
        return format!(
            "the client does not know the proxy's authority ({what}); have it trust that, or if it is pinned: --passthrough {host}"
        );
    }
    format!(
        "the client does not accept the proxy's certificate ({what}); pinned? add --passthrough {host} to let it through unread"
    )
}
