//! Where a host really is, when its owner says so instead of the name server: curl's `--resolve`.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use model::Host;

/// One `HOST:PORT:ADDR`: requests for that host and port go to that address.
///
/// `HOST` may be `*`; IPv6 stands in brackets. Beyond curl's, `ADDR` may name a port of its own, for a test host that
/// cannot have the real one: `www.skat.test:443:127.0.0.1:8443`.
///
/// ```
/// let resolve: proxy::Resolve = "www.skat.test:443:[::1]".parse().unwrap();
/// assert_eq!(resolve.to().to_string(), "[::1]:443");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolve {
    host: Pattern,
    port: u16,
    to: SocketAddr,
}

/// What is wrong with a `HOST:PORT:ADDR`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// A part is missing.
    #[error("`{0}` is not HOST:PORT:ADDR, as in www.example.test:443:127.0.0.1")]
    Shape(String),
    /// The host is empty or no host name.
    #[error("`{0}` is no host name (nor `*`); IPv6 stands in brackets")]
    Host(String),
    /// The port is no number from 1 to 65535.
    #[error("`{0}` is no port number")]
    Port(String),
    /// The address is neither an IP address nor one with a port.
    #[error("`{0}` is no IP address, as in 127.0.0.1, 127.0.0.1:8443 or [::1]")]
    Address(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Any,
    Exactly(Host),
}

impl Resolve {
    /// Sends requests for `host` (or `*`) and `port` to `to`.
    pub fn new(host: &str, port: u16, to: SocketAddr) -> Result<Self, ResolveError> {
        let pattern = match host {
            "*" => Pattern::Any,
            name => Pattern::Exactly(Host::parse(name).ok_or_else(|| ResolveError::Host(name.to_owned()))?),
        };
        if port == 0 || to.port() == 0 {
            return Err(ResolveError::Port("0".to_owned()));
        }
        Ok(Self { host: pattern, port, to })
    }

    /// Where the requests go.
    pub fn to(&self) -> SocketAddr {
        self.to
    }

    /// The address that `rules` give for `host` and `port`.
    pub(crate) fn find(rules: &[Self], host: &Host, port: u16) -> Option<SocketAddr> {
        let exact = rules.iter().find(|rule| rule.port == port && rule.host == Pattern::Exactly(host.clone()));
        let any = || rules.iter().find(|rule| rule.port == port && rule.host == Pattern::Any);
        exact.or_else(any).map(Self::to)
    }
}

impl FromStr for Resolve {
    type Err = ResolveError;

    fn from_str(text: &str) -> Result<Self, ResolveError> {
        let shape = || ResolveError::Shape(text.to_owned());
        let (host, rest) = match text.strip_prefix('[') {
            Some(bracketed) => bracketed.split_once("]:").ok_or_else(shape)?,
            None => text.split_once(':').ok_or_else(shape)?,
        };
        let (port, address) = rest.split_once(':').ok_or_else(shape)?;
        let port_number = port.parse().ok().filter(|number| *number != 0);
        let port = port_number.ok_or_else(|| ResolveError::Port(port.to_owned()))?;
        let to = address_of(address, port).ok_or_else(|| ResolveError::Address(address.to_owned()))?;
        Self::new(host, port, to)
    }
}

fn address_of(text: &str, port: u16) -> Option<SocketAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    match bare.parse::<IpAddr>() {
        Ok(ip) => Some(SocketAddr::new(ip, port)),
        Err(_) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn goes(rule: &str, host: &str, port: u16, to: Option<&str>) {
        let rules = [rule.parse::<Resolve>().unwrap()];
        let found = Resolve::find(&rules, &Host::parse(host).unwrap(), port);
        assert_eq!(found, to.map(|to| to.parse().unwrap()), "{rule}");
    }

    #[track_caller]
    fn refused(rule: &str, error: &ResolveError) {
        assert_eq!(rule.parse::<Resolve>().as_ref(), Err(error));
    }

    #[test]
    fn an_address_takes_the_port_of_the_rule_or_its_own() {
        goes("www.skat.test:443:127.0.0.1", "WWW.skat.test", 443, Some("127.0.0.1:443"));
        goes("www.skat.test:443:127.0.0.1:8443", "www.skat.test", 443, Some("127.0.0.1:8443"));
        goes("a.test:80:[::1]", "a.test", 80, Some("[::1]:80"));
        goes("a.test:80:::1", "a.test", 80, Some("[::1]:80"));
        goes("a.test:80:[::1]:81", "a.test", 80, Some("[::1]:81"));
        goes("[::2]:80:[::1]:81", "::2", 80, Some("[::1]:81"));
    }

    #[test]
    fn another_host_or_port_is_left_alone() {
        goes("a.test:80:127.0.0.1", "b.test", 80, None);
        goes("a.test:80:127.0.0.1", "a.test", 81, None);
        goes("*:80:127.0.0.1", "b.test", 81, None);
    }

    #[test]
    fn an_exact_host_goes_before_any() {
        let rules: Vec<Resolve> =
            ["*:80:127.0.0.1", "a.test:80:127.0.0.2", "a.test:80:127.0.0.3"].map(|rule| rule.parse().unwrap()).into();
        let find = |host| Resolve::find(&rules, &Host::parse(host).unwrap(), 80).unwrap().to_string();
        assert_eq!(find("a.test"), "127.0.0.2:80");
        assert_eq!(find("b.test"), "127.0.0.1:80");
    }

    #[test]
    fn what_is_wrong_is_named() {
        refused("a.test", &ResolveError::Shape("a.test".into()));
        refused("a.test:443", &ResolveError::Shape("a.test:443".into()));
        refused("[::1:443:127.0.0.1", &ResolveError::Shape("[::1:443:127.0.0.1".into()));
        refused(":443:127.0.0.1", &ResolveError::Host(String::new()));
        refused("a b:443:127.0.0.1", &ResolveError::Host("a b".into()));
        refused("a.test:https:127.0.0.1", &ResolveError::Port("https".into()));
        refused("a.test:0:127.0.0.1", &ResolveError::Port("0".into()));
        refused("a.test:443:127.0.0.1:0", &ResolveError::Port("0".into()));
        refused("a.test:443:b.test", &ResolveError::Address("b.test".into()));
        refused("a.test:443:127.0.0.1:x", &ResolveError::Address("127.0.0.1:x".into()));
        refused("a.test:443:", &ResolveError::Address(String::new()));
    }
}
