//! A reverse port: a client opens it as if it were the site, and its requests go to that one site.
//!
//! TLS or clear text, HTTP/1.1 or 2, told by the first bytes; the site is spoken to in the same version. What a client
//! finds there that names the site by its full address leads away from the port: links in pages, and cookies set for
//! the site's domain, which a client does not take from another. Both pass unchanged.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, PROXY_AUTHORIZATION, WWW_AUTHENTICATE};
use http::uri::{Authority as UriAuthority, PathAndQuery};
use http::{Method, Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use model::{BlindSpot, BlindSpotKind, Host, Scheme};
use rustls::server::Acceptor;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;

use crate::Origin;
use crate::credentials::Shown;
use crate::dial::{HANDSHAKE_TIMEOUT, Route, version_name};
use crate::entrance::{Entered, misread};
use crate::fault::{Fault, tls_error};
use crate::first_bytes::Spoken;
use crate::forward::forward;
use crate::line::Protocol;
use crate::page;
use crate::plain::{CHALLENGE, refuse_slowly};
use crate::rewrite::{Names, without};
use crate::serve::serve;
use crate::session::{AskedHost, Client, Session, Site, User, Way, server_name};
use crate::splice::Duplex;
use crate::tap::AnswerBody;
use crate::tunnel;

/// A client that has begun to speak and stops before it is clear what.
const STALLED: Duration = Duration::from_secs(10);
const H1: &[u8] = b"http/1.1";
const H2: &[u8] = b"h2";

/// What all requests of a connection have in common.
struct Door {
    origin: Origin,
    /// What the client speaks.
    scheme: Scheme,
    /// The port's address, for a client that does not say where it takes itself to be.
    here: String,
}

/// Serves a connection to a reverse port, of which `stream` has the first bytes.
pub(crate) async fn run(client: Client, origin: Origin, here: IpAddr, mut stream: Entered) {
    let spoken = loop {
        if let Some(spoken) = Spoken::told_by(stream.first()) {
            break spoken;
        }
        // What stops here is left to the HTTP library, which knows what to answer and how long to wait.
        let Ok(Ok(1..)) = timeout(STALLED, stream.read_more()).await else { break Spoken::Other };
    };
    let site = Site { scheme: origin.scheme, host: origin.host.clone(), port: origin.port };
    let here = format!(
        "{}:{}",
        Host::parse(&here.to_string()).map_or_else(String::new, |host| host.to_string()),
        client.port.address().port()
    );
    let door = |scheme| Door { origin: origin.clone(), scheme, here };
    match spoken {
        Spoken::Tls => tls(client, door(Scheme::Https), site, stream).await,
        Spoken::Http2 => clear(client, door(Scheme::Http), site, Protocol::H2, stream).await,
        Spoken::Http1 | Spoken::Other => clear(client, door(Scheme::Http), site, Protocol::H1, stream).await,
    }
}

async fn clear(client: Client, door: Door, site: Site, protocol: Protocol, stream: Entered) {
    let Some(route) = route(&site, vec![protocol.alpn().to_vec()]) else { return nameless(&client, &site) };
    let session = Session::new(client, protocol, None, Way::Site(site.clone(), Arc::new(route)));
    serve_site(session, door, &site, stream).await;
}

/// The site is asked first, so that both sides speak the same.
async fn tls(client: Client, door: Door, site: Site, stream: Entered) {
    let setting_up = client.port.flights.begin(None);
    let hello = timeout(HANDSHAKE_TIMEOUT, LazyConfigAcceptor::new(Acceptor::default(), stream)).await;
    let hello = match hello {
        Ok(Ok(hello)) => hello,
        Ok(Err(error)) if tls_error(&error).is_none() => return,
        Ok(Err(_)) | Err(_) => return misread(&client, "it begins like TLS, and cannot be read as such"),
    };
    let own_name = || Host::parse(door.here.rsplit_once(':').map_or("", |(host, _)| host));
    let named = hello.client_hello().server_name().and_then(Host::parse).or_else(own_name);
    let Some(name) = named.as_ref().and_then(server_name) else {
        return misread(&client, "no certificate can be made for the name it asks for");
    };
    let offered: Vec<Vec<u8>> = hello.client_hello().alpn().into_iter().flatten().map(<[u8]>::to_vec).collect();
    let offer: Vec<Vec<u8>> = offered.iter().filter(|name| [H1, H2].contains(&name.as_slice())).cloned().collect();
    let Some(mut route) = route(&site, offer.clone()) else { return nameless(&client, &site) };
    let linked = Box::pin(client.dialer.dial(&route)).await;
    let alpn = match &linked {
        // A site in clear text chooses nothing.
        Ok(link) if link.peer.tls.is_some() => link.alpn.clone(),
        Ok(_) | Err(_) => tunnel::spoken_by_us(&offer),
    };
    let protocol = alpn.as_deref().map_or(Protocol::H1, Protocol::of_alpn);
    let port = Site {
        scheme: Scheme::Https,
        host: named.unwrap_or_else(|| site.host.clone()),
        port: client.port.address().port(),
    };
    let accepted = Box::pin(tunnel::accept(&client, &port, hello, &name, alpn.as_deref())).await;
    let Some(accepted) = accepted else { return };
    let version = accepted.get_ref().1.protocol_version().map(version_name);
    drop(setting_up);
    // From now on what was chosen is all that is offered: the client cannot change over any more.
    route.offer = if route.tls.is_some() { alpn.into_iter().collect() } else { Vec::new() };
    let route = Arc::new(route);
    let mut session = Session::new(client, protocol, version, Way::Site(site.clone(), Arc::clone(&route)));
    let adopted = match linked {
        Ok(link) => session.line.adopt(route, protocol, link).await,
        Err(fault) => Err(fault),
    };
    if let Err(fault) = adopted {
        session.way = Way::Nowhere(site.clone(), fault);
    }
    serve_site(session, door, &site, Box::new(accepted)).await;
}

/// The way to the site; nothing is offered to one in clear text.
fn route(site: &Site, offer: Vec<Vec<u8>>) -> Option<Route> {
    let (tls, offer) =
        if site.scheme.is_cleartext() { (None, Vec::new()) } else { (Some(server_name(&site.host)?), offer) };
    Some(Route { host: site.host.clone(), port: site.port, relays: tls.is_none(), tls, offer })
}

fn nameless(client: &Client, site: &Site) {
    let fault = Fault::NameUnknown("no certificate can be for it".to_owned());
    client.blind_spot(fault.blind_spot(), site, fault.words());
}

async fn serve_site(session: Session, door: Door, site: &Site, stream: impl Duplex + 'static) {
    let (tasks, protocol) = (session.client.tasks.clone(), session.protocol);
    let (session, door) = (Arc::new(session), Arc::new(door));
    let own = Arc::clone(&session);
    let answer = move |request| Box::pin(answer(Arc::clone(&own), Arc::clone(&door), request));
    if let Err(error) = serve(stream, protocol, &tasks, answer).await {
        tunnel::note_end(&session, site, &error);
    }
}

async fn answer(session: Arc<Session>, door: Arc<Door>, mut request: Request<Incoming>) -> Response<AnswerBody> {
    let takes_us_for_a_proxy = session.protocol == Protocol::H1 && request.uri().authority().is_some();
    if takes_us_for_a_proxy || request.method() == Method::CONNECT {
        return no_proxy(&session, &door, request.uri());
    }
    if let Err(refusal) = log_in(&session, &mut request).await {
        return refusal;
    }
    let authority = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let asked =
        authority.or_else(|| Some(String::from_utf8_lossy(request.headers().get(HOST)?.as_bytes()).into_owned()));
    if let Some(asked) = &asked {
        request.extensions_mut().insert(AskedHost(asked.clone()));
    }
    // What is no host and port leads nowhere: then it is the port's own address.
    let asked = asked.filter(|asked| is_authority(asked)).unwrap_or_else(|| door.here.clone());
    let names = Names { origin: &door.origin, scheme: door.scheme, asked: &asked };
    names.up(request.headers_mut());
    if let Some(uri) = at_origin(request.uri(), &door.origin) {
        *request.uri_mut() = uri;
    }
    let client = session.client.clone();
    let mut response = forward(session, request).await;
    if is_page(&response) && client.port.shows_first_page() {
        let detail =
            format!("its pages were opened at {}, and what they send to other sites does not pass there", door.here);
        let blind_spot = BlindSpot::new(BlindSpotKind::OthersUnseen, door.origin.to_string(), detail);
        client.recorder.blind_spot(blind_spot.in_visit(client.port.visit()));
    }
    names.down(response.headers_mut());
    response
}

/// Whether a browser would run scripts in it; it then sends to whom it likes.
fn is_page(response: &Response<AnswerBody>) -> bool {
    let is_html = |kind: &HeaderValue| kind.as_bytes().to_ascii_lowercase().starts_with(b"text/html");
    matches!(response.body(), AnswerBody::Streamed(_)) && response.headers().get(CONTENT_TYPE).is_some_and(is_html)
}

fn is_authority(asked: &str) -> bool {
    !asked.contains('@') && UriAuthority::try_from(asked).is_ok()
}

/// The same with the site's own name, where HTTP/2 has it in the address.
fn at_origin(uri: &Uri, origin: &Origin) -> Option<Uri> {
    uri.authority()?;
    let mut parts = uri.clone().into_parts();
    parts.authority = Some(UriAuthority::try_from(origin.authority()).ok()?);
    parts.path_and_query.get_or_insert_with(|| PathAndQuery::from_static("/"));
    Uri::from_parts(parts).ok()
}

/// Asks for a login where the port can be reached from beyond this machine, and takes it out: it is no business of the
/// site's. `Proxy-Authorization` will do too, for programs whose `Authorization` is for the site.
async fn log_in(session: &Session, request: &mut Request<Incoming>) -> Result<(), Response<AnswerBody>> {
    let Some(credentials) = session.client.port.credentials() else { return Ok(()) };
    let beside = credentials.shown_in(request.headers(), PROXY_AUTHORIZATION);
    let shown = match beside {
        Shown::Of(user) => Shown::Of(user),
        Shown::Nothing | Shown::Wrong => match credentials.shown_in(request.headers(), AUTHORIZATION) {
            Shown::Of(user) => {
                *request.headers_mut() = without(request.headers(), &AUTHORIZATION);
                Shown::Of(user)
            }
            Shown::Nothing => beside,
            Shown::Wrong => Shown::Wrong,
        },
    };
    let what = match shown {
        Shown::Of(user) => {
            request.extensions_mut().insert(User(user));
            return Ok(());
        }
        Shown::Nothing => "This port of a recording proxy asks for a user name and a password.",
        Shown::Wrong => {
            refuse_slowly(&session.client).await;
            "This port of a recording proxy does not know that user name and password."
        }
    };
    let help = "They are the proxy's, not the site's. A program whose `Authorization` is for the site sends \
                them as `Proxy-Authorization`. Nothing was sent on.";
    let mut refusal = page::notice(StatusCode::UNAUTHORIZED, "User name and password needed", what, help);
    refusal.headers_mut().insert(WWW_AUTHENTICATE, CHALLENGE);
    Err(refusal)
}

/// Refuses a client that is set to use the port as a proxy: every site would look like this one.
fn no_proxy(session: &Session, door: &Door, uri: &Uri) -> Response<AnswerBody> {
    let place = uri.authority().map_or_else(|| door.here.clone(), |authority| authority.as_str().to_owned());
    let place = place.rsplit_once('@').map_or(place.as_str(), |(_, place)| place).to_owned();
    let detail = format!("asked for at a port that shows {} alone; the client takes it for a proxy", door.origin);
    let blind_spot = BlindSpot::new(BlindSpotKind::HostUnreachable, place, detail);
    session.client.recorder.blind_spot(blind_spot.in_visit(session.client.port.visit()));
    let what = format!("This port shows {} and nothing else.", door.origin);
    let help = format!("Open `{}://{}/` without a proxy set.", door.scheme.as_str(), door.here);
    let mut refusal = page::notice(StatusCode::MISDIRECTED_REQUEST, "This is no proxy", &what, &help);
    if session.protocol == Protocol::H1 {
        page::close_after(refusal.headers_mut());
    }
    refusal
}
