//! Who a request belongs to: host, registrable domain, and what the receiver is to the system.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Longest host name there can be (RFC 1035 §2.3.4).
const MAX_HOST_LENGTH: usize = 253;

/// A host name in lower case, or an IP address without brackets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

/// A registrable domain by the public suffix list, or an IP address: what one party owns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Site(String);

/// What a recipient is to the system under audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The authority's own.
    Own,
    /// Another public authority.
    Public,
    /// A processor approved for this system.
    Approved,
    /// Known, but not on this system's list.
    Unlisted,
    /// Nobody has said who this is, or there is no registry.
    Unknown,
}

impl Host {
    /// Parses a host as in a URL or `Host` header without its port; brackets around IPv6 are taken off.
    ///
    /// Lenient about characters, since sites are: only what could not be a host at all is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        let text = text.strip_suffix('.').unwrap_or(text);
        let is_odd =
            |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '?' | '#' | '@' | '[' | ']' | '\\');
        if text.is_empty() || text.len() > MAX_HOST_LENGTH || text.contains(is_odd) {
            return None;
        }
        if text.contains(':') && text.parse::<IpAddr>().is_err() {
            return None;
        }
        Some(Self(text.to_lowercase()))
    }

    /// The name or address, without brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address, if it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.0.parse().ok()
    }

    /// Whether it names this machine: a loopback address, `localhost` or a name below it (RFC 6761 §6.3).
    pub fn is_loopback(&self) -> bool {
        self.ip().is_some_and(|ip| ip.is_loopback()) || self.0 == "localhost" || self.0.ends_with(".localhost")
    }

    /// The registrable domain it belongs to; the host itself when there is none.
    pub fn site(&self) -> Site {
        Site(self.domain().to_owned())
    }

    /// Whether [`Self::site`] is `site`.
    pub fn is_of(&self, site: &Site) -> bool {
        // The list is asked only where that can be.
        self.0.ends_with(&site.0) && self.domain() == site.0
    }

    fn domain(&self) -> &str {
        let domain = if self.ip().is_some() { None } else { psl::domain_str(&self.0) };
        domain.unwrap_or(&self.0)
    }

    /// Whether it is `domain` or lies below it.
    pub fn is_within(&self, domain: &Self) -> bool {
        self.0.strip_suffix(&domain.0).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

impl Site {
    /// The registrable domain.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Standing {
    /// Stable id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Public => "public",
            Self::Approved => "approved",
            Self::Unlisted => "unlisted",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Host {
    /// As in a URL: IPv6 in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(':') { write!(f, "[{}]", self.0) } else { f.write_str(&self.0) }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn site_of(host: &str, site: &str) {
        let host = Host::parse(host).unwrap();
        assert_eq!(host.site().as_str(), site);
        assert!(host.is_of(&Site(site.to_owned())));
        assert_eq!(host.is_of(&Site(host.0.clone())), host.0 == site);
        // Ends that are no domains, and what is none's at all.
        for other in ["", "t", "com", ".test", "other.test"] {
            assert!(!host.is_of(&Site(other.to_owned())), "{other}");
        }
    }

    #[test]
    fn a_site_is_the_registrable_domain() {
        site_of("www.google-analytics.com", "google-analytics.com");
        site_of("a.b.co.uk", "b.co.uk");
        site_of("www.tastselv.test", "tastselv.test");
        site_of("127.0.0.1", "127.0.0.1");
        site_of("[::1]", "::1");
        site_of("localhost", "localhost");
    }

    #[test]
    fn a_host_within_a_domain_is_cut_at_a_dot() {
        let domain = Host::parse("skat.test").unwrap();
        assert!(Host::parse("www.skat.test").unwrap().is_within(&domain));
        assert!(Host::parse("SKAT.test.").unwrap().is_within(&domain));
        assert!(!Host::parse("notskat.test").unwrap().is_within(&domain));
    }

    #[test]
    fn what_cannot_be_a_host_is_refused() {
        for text in ["", "a b", "a/b", "a:b", "x@y", &"a".repeat(300)] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }
}
