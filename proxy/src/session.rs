//! One connection of a client: who it is, and where its requests go.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::uri::{Authority as UriAuthority, PathAndQuery};
use http::{Extensions, Uri};
use model::{BlindSpot, BlindSpotKind, Connection, Host, Scheme, Target};
use rustls_pki_types::ServerName;
use tokio::sync::OwnedSemaphorePermit;

use crate::authority::Authority;
use crate::dial::{Dialer, Route};
use crate::fault::Fault;
use crate::guard::Gatehouse;
use crate::legacy::LegacyReferer;
use crate::line::{Line, Protocol};
use crate::listener::Port;
use crate::own_site;
use crate::phase::Tasks;
use crate::recorder::Recorder;

/// What every connection needs; cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    /// Where exchanges are recorded.
    pub(crate) recorder: Arc<Recorder>,
    /// The way out.
    pub(crate) dialer: Arc<Dialer>,
    /// Makes certificates for it.
    pub(crate) authority: Arc<Authority>,
    /// Judges its requests before they leave.
    pub(crate) gatehouse: Option<Arc<Gatehouse>>,
    /// Simulates the `Referer` of old browsers.
    pub(crate) legacy: Option<Arc<LegacyReferer>>,
    /// Where it came in.
    pub(crate) port: Arc<Port>,
    /// Its tasks end with the proxy.
    pub(crate) tasks: Tasks,
    /// Its own address.
    pub(crate) address: SocketAddr,
    /// Who logged in on it, where one login is for the whole connection (SOCKS5, a tunnel).
    pub(crate) user: Option<Arc<str>>,
    /// Its place among all connections, given up with the last clone.
    pub(crate) permit: Arc<OwnedSemaphorePermit>,
}

/// Whose request it is, where each has a login of its own.
#[derive(Clone)]
pub(crate) struct User(pub(crate) Arc<str>);

/// The host that a request named before the site's was put in its place.
#[derive(Clone)]
pub(crate) struct AskedHost(pub(crate) String);

/// A connection on which requests come.
pub(crate) struct Session {
    /// Whose it is.
    pub(crate) client: Client,
    /// What is spoken on it.
    pub(crate) protocol: Protocol,
    /// TLS version with the client.
    pub(crate) tls: Option<&'static str>,
    /// Where its requests go.
    pub(crate) way: Way,
    /// The connection to there.
    pub(crate) line: Line,
    /// The client's address, as each exchange names it.
    address: String,
    /// Whether a request came, so that the client does trust us.
    pub(crate) trusted: AtomicBool,
}

/// Where requests go.
pub(crate) enum Way {
    /// To the one site of the tunnel.
    Site(Site, Arc<Route>),
    /// To the one site of the tunnel, which cannot be reached.
    Nowhere(Site, Fault),
    /// Wherever each request says: a proxy request in clear text.
    Anywhere,
}

/// A site as the client knows it.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// http or https.
    pub(crate) scheme: Scheme,
    /// Its host.
    pub(crate) host: Host,
    /// Its port.
    pub(crate) port: u16,
}

impl Client {
    /// Says that something from `site` on was not seen.
    pub(crate) fn blind_spot(&self, kind: BlindSpotKind, site: &Site, detail: impl Into<String>) {
        let place = format!("{}:{}", site.host, site.port);
        self.recorder.blind_spot(BlindSpot::new(kind, place, detail).in_visit(self.port.visit()));
    }
}

impl Session {
    /// A connection with no request yet.
    pub(crate) fn new(client: Client, protocol: Protocol, tls: Option<&'static str>, way: Way) -> Self {
        let line = Line::new(Arc::clone(&client.dialer), client.tasks.clone());
        let address = client.address.to_string();
        Self { client, protocol, tls, way, line, address, trusted: AtomicBool::new(false) }
    }

    /// Where a request for `uri` goes: what the record says, and how to get there. `None` when it says nowhere,
    /// or here.
    pub(crate) fn destination(&self, uri: &Uri) -> Option<(Target, Result<Arc<Route>, Fault>)> {
        match &self.way {
            Way::Site(site, route) => Some((site.target(None, uri), Ok(Arc::clone(route)))),
            Way::Nowhere(site, fault) => Some((site.target(None, uri), Err(fault.clone()))),
            Way::Anywhere => {
                let (site, userinfo) = Site::of_uri(uri).filter(|(site, _)| !own_site::is_named(&site.host))?;
                let route = site.route().map(Arc::new);
                Some((site.target(userinfo, uri), route))
            }
        }
    }

    /// Who is at the client's end of a request with these `extensions`.
    pub(crate) fn connection(&self, extensions: &Extensions) -> Connection {
        let user = extensions.get::<User>().map(|user| &user.0).or(self.client.user.as_ref());
        let user = user.map(ToString::to_string);
        let tester = self.client.port.tester().map(str::to_owned).or_else(|| user.clone());
        Connection {
            client: Some(self.address.clone()),
            client_tls: self.tls.map(str::to_owned),
            user,
            tester,
            asked_host: extensions.get::<AskedHost>().map(|host| host.0.clone()),
            lane: self.client.port.lane(),
            ..Connection::default()
        }
    }

    /// Whether the first request is still to come; from now on it has.
    pub(crate) fn saw_request(&self) {
        self.trusted.store(true, Ordering::Relaxed);
    }
}

impl Site {
    /// The site that an absolute URI names, and its `user:password`.
    pub(crate) fn of_uri(uri: &Uri) -> Option<(Self, Option<String>)> {
        // A WebSocket begins as a request by HTTP (RFC 6455 §3); some clients name it so to a proxy.
        let scheme = match uri.scheme_str()? {
            "http" | "ws" => Scheme::Http,
            "https" | "wss" => Scheme::Https,
            _ => return None,
        };
        let authority = uri.authority()?;
        let host = Host::parse(authority.host())?;
        let userinfo = authority.as_str().rsplit_once('@').map(|(userinfo, _)| userinfo.to_owned());
        let port = authority.port_u16().unwrap_or(scheme.default_port());
        Some((Self { scheme, host, port }, userinfo))
    }

    /// The way to it for a client that did not say what it speaks.
    fn route(&self) -> Result<Route, Fault> {
        let (tls, offer) = if self.scheme.is_cleartext() {
            (None, Vec::new())
        } else {
            let name = server_name(&self.host).ok_or_else(|| Fault::NameUnknown("no name".to_owned()))?;
            (Some(name), vec![b"http/1.1".to_vec()])
        };
        Ok(Route { host: self.host.clone(), port: self.port, relays: tls.is_none(), tls, offer })
    }

    fn target(&self, userinfo: Option<String>, uri: &Uri) -> Target {
        let whole = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let (path, query) = match whole.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (whole, None),
        };
        Target {
            scheme: self.scheme,
            userinfo,
            host: self.host.clone(),
            port: self.port,
            path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
            query,
            fragment: None,
        }
    }

    /// As in a `Host` header: the port only when it is not the scheme's own.
    pub(crate) fn host_header(target: &Target) -> String {
        if target.port == target.scheme.default_port() {
            target.host.to_string()
        } else {
            format!("{}:{}", target.host, target.port)
        }
    }

    /// The site that a `CONNECT` names.
    pub(crate) fn of_connect(authority: &UriAuthority) -> Option<(Host, u16)> {
        let port = authority.port_u16().filter(|port| *port != 0)?;
        Some((Host::parse(authority.host())?, port))
    }
}

/// The name that a certificate for `host` must have.
pub(crate) fn server_name(host: &Host) -> Option<ServerName<'static>> {
    match host.ip() {
        Some(address) => Some(ServerName::from(address)),
        None => ServerName::try_from(host.as_str().to_owned()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn target_of(uri: &str) -> Option<Target> {
        let uri = uri.parse().unwrap();
        Site::of_uri(&uri).map(|(site, userinfo)| site.target(userinfo, &uri))
    }

    #[test]
    fn an_absolute_uri_keeps_its_bytes() {
        let target = target_of("http://u:p@A.test:81/x/../%2e?q=1?2").unwrap();
        assert_eq!((target.path.as_str(), target.query.as_deref()), ("/x/../%2e", Some("q=1?2")));
        assert_eq!((target.host.as_str(), target.port, target.userinfo.as_deref()), ("a.test", 81, Some("u:p")));
        assert_eq!(target_of("https://[::1]/").unwrap().to_string(), "https://[::1]/");
        assert_eq!(target_of("http://a.test?q").unwrap().to_string(), "http://a.test/?q");
    }

    #[test]
    fn other_schemes_are_not_ours() {
        assert_eq!(target_of("ftp://a.test/"), None);
        assert_eq!(target_of("/path"), None);
    }

    #[test]
    fn a_connect_names_host_and_port() {
        let of = |text: &str| Site::of_connect(&text.parse().unwrap()).map(|(host, port)| format!("{host}:{port}"));
        assert_eq!(of("A.test:443").as_deref(), Some("a.test:443"));
        assert_eq!(of("[::1]:443").as_deref(), Some("[::1]:443"));
        assert_eq!((of("a.test"), of("a.test:0")), (None, None));
    }
}
