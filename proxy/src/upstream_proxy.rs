//! A proxy between us and the sites, as on corporate networks: where it is and how it is spoken to.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;
use model::Host;

use crate::login::Login;

/// A proxy that sites are reached by. Prints without its login.
///
/// ```
/// let proxy: proxy::UpstreamProxy = "http://ann:secret@proxy.test:3128".parse().unwrap();
/// assert_eq!(proxy.to_string(), "http://proxy.test:3128");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct UpstreamProxy {
    kind: ProxyKind,
    host: Host,
    port: u16,
    login: Option<Login>,
}

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyKind {
    /// HTTP in clear text; `CONNECT` for tunnels.
    Http,
    /// The same in TLS.
    Https,
    /// SOCKS5, names looked up here.
    Socks5,
    /// SOCKS5, names looked up there.
    Socks5h,
}

/// What is wrong with the address of a proxy. Says nothing of a login in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamProxyError {
    /// None of the four kinds.
    #[error("a proxy is http://, https://, socks5:// or socks5h://HOST:PORT, not `{0}://`")]
    Scheme(String),
    /// No host, or what cannot be one.
    #[error("`{0}` is no host of a proxy, as in http://proxy.example.dk:3128")]
    Host(String),
    /// The port is no number from 1 to 65535.
    #[error("the proxy's port is no number from 1 to 65535")]
    Port,
    /// The login cannot be one.
    #[error("the proxy's login is not USER:PASSWORD (in a URL, odd characters are percent-encoded: %40 for @)")]
    Login,
}

impl UpstreamProxy {
    /// How it is spoken to.
    pub(crate) fn kind(&self) -> ProxyKind {
        self.kind
    }

    /// Where it is.
    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Who we are there.
    pub(crate) fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// The `Proxy-Authorization` that it gets.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        self.login.as_ref().and_then(Login::basic)
    }

    /// Gives it `login` if it has none of its own.
    pub(crate) fn log_in(&mut self, login: &Login) {
        self.login.get_or_insert_with(|| login.clone());
    }
}

impl ProxyKind {
    /// Whether it takes HTTP requests.
    pub(crate) fn is_http(self) -> bool {
        match self {
            Self::Http | Self::Https => true,
            Self::Socks5 | Self::Socks5h => false,
        }
    }

    fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks5 | Self::Socks5h => 1080,
        }
    }
}

impl FromStr for UpstreamProxy {
    type Err = UpstreamProxyError;

    fn from_str(text: &str) -> Result<Self, UpstreamProxyError> {
        let kinds = [ProxyKind::Http, ProxyKind::Https, ProxyKind::Socks5, ProxyKind::Socks5h];
        // Without a scheme it is http, as in the variables of many systems.
        let (scheme, rest) = text.trim().split_once("://").unwrap_or(("http", text.trim()));
        // The last `@` ends the login: a password that was not encoded must not end up in an error.
        let (userinfo, place) = rest.rsplit_once('@').map_or((None, rest), |(login, place)| (Some(login), place));
        let kind = kinds.into_iter().find(|kind| kind.scheme().eq_ignore_ascii_case(scheme));
        // What is no scheme may be the beginning of a login.
        let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let unknown = || UpstreamProxyError::Scheme(if is_scheme { scheme } else { ".." }.to_owned());
        let kind = kind.ok_or_else(unknown)?;
        let place = place.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            Some(_) | None => (place, None),
        };
        let port = match port {
            Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or(UpstreamProxyError::Port)?,
            None => kind.default_port(),
        };
        let host = Host::parse(host).ok_or_else(|| UpstreamProxyError::Host(host.to_owned()))?;
        let login = userinfo.map(|text| Login::of_userinfo(text).ok_or(UpstreamProxyError::Login)).transpose()?;
        Ok(Self { kind, host, port, login })
    }
}

impl fmt::Display for UpstreamProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.kind.scheme(), self.host, self.port)
    }
}

impl fmt::Debug for UpstreamProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UpstreamProxy({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, shown: &str, has_login: bool) {
        let proxy: UpstreamProxy = text.parse().unwrap();
        assert_eq!((proxy.to_string().as_str(), proxy.login.is_some()), (shown, has_login), "{text}");
    }

    #[test]
    fn each_kind_has_its_port() {
        case("http://proxy.test", "http://proxy.test:80", false);
        case("HTTPS://Proxy.test/", "https://proxy.test:443", false);
        case("socks5://127.0.0.1", "socks5://127.0.0.1:1080", false);
        case("socks5h://[::1]:9050", "socks5h://[::1]:9050", false);
        case("socks5h://[::1]", "socks5h://[::1]:1080", false);
        case("proxy.test:3128", "http://proxy.test:3128", false);
        case(" ann@proxy.test:3128 ", "http://proxy.test:3128", true);
    }

    #[test]
    fn a_login_is_not_shown() {
        case("http://ann:p%40ss@proxy.test:3128", "http://proxy.test:3128", true);
        let proxy: UpstreamProxy = "http://ann:secret@proxy.test:3128".parse().unwrap();
        assert_eq!(format!("{proxy:?}"), "UpstreamProxy(http://proxy.test:3128)");
        let wrong = ["http://ann:se/cr@et@b b:1", "http://ann:secret:x@b:y", "ann:secret@b:0", "ann:se://cret@b:0"];
        for text in wrong.into_iter().chain(["http://a%3A:secret@b", "ftp://ann:secret@b:1"]) {
            let error = text.parse::<UpstreamProxy>().unwrap_err();
            assert!(!format!("{error:?}").contains("se"), "{error}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |text: &str| text.parse::<UpstreamProxy>().unwrap_err();
        assert_eq!(error("socks4://a:1"), UpstreamProxyError::Scheme("socks4".into()));
        assert_eq!(error("http://:3128"), UpstreamProxyError::Host(String::new()));
        assert_eq!(error("http://a:port"), UpstreamProxyError::Port);
        assert_eq!(error("http://@a:1"), UpstreamProxyError::Login);
    }
}
