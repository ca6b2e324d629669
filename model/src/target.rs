//! Where a request went: an absolute URL cut into its parts without changing a byte of them.
//!
//! Not `url::Url`, which normalises: evidence must show what was on the wire.

use std::fmt;

use crate::Host;

/// The scheme of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Clear text.
    Http,
    /// TLS.
    Https,
    /// A WebSocket in clear text.
    Ws,
    /// A WebSocket over TLS.
    Wss,
}

/// An absolute URL in its parts, each as on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// How it was sent.
    pub scheme: Scheme,
    /// `user:password` before the host, if any.
    pub userinfo: Option<String>,
    /// Who got it.
    pub host: Host,
    /// The port, by default that of the scheme.
    pub port: u16,
    /// From the first `/` to `?`; `/` when empty.
    pub path: String,
    /// Between `?` and `#`, without either.
    pub query: Option<String>,
    /// After `#`. Never on the wire to the server; present in recordings and page URLs.
    pub fragment: Option<String>,
}

/// Why a text is no absolute http or WebSocket URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Not `http`, `https`, `ws` or `wss`.
    #[error("its scheme is not http, https, ws or wss")]
    Scheme,
    /// The host is missing or no host name.
    #[error("its host is missing or malformed")]
    Host,
    /// The port is no number below 65536.
    #[error("its port is no port number")]
    Port,
}

impl Scheme {
    /// The port when none is given.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http | Self::Ws => 80,
            Self::Https | Self::Wss => 443,
        }
    }

    /// Whether anybody on the way can read it.
    pub fn is_cleartext(self) -> bool {
        matches!(self, Self::Http | Self::Ws)
    }

    /// As written in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }
}

impl Target {
    /// Cuts an absolute URL into its parts.
    ///
    /// ```
    /// let target = model::Target::parse("https://www.tastselv.test/a/b?cpr=1#x").unwrap();
    /// assert_eq!(target.path, "/a/b");
    /// assert_eq!(target.query.as_deref(), Some("cpr=1"));
    /// ```
    pub fn parse(url: &str) -> Result<Self, TargetError> {
        let (scheme, rest) = url.trim().split_once("://").ok_or(TargetError::Scheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            "ws" => Scheme::Ws,
            "wss" => Scheme::Wss,
            _ => return Err(TargetError::Scheme),
        };
        let (authority, rest) = match rest.find(['/', '?', '#']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (userinfo, host_port) = match authority.rsplit_once('@') {
            Some((userinfo, host_port)) => (Some(userinfo.to_owned()), host_port),
            None => (None, authority),
        };
        let (host, port) = split_port(host_port)?;
        let (rest, fragment) = match rest.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment.to_owned())),
            None => (rest, None),
        };
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (rest, None),
        };
        Ok(Self {
            scheme,
            userinfo,
            host: Host::parse(host).ok_or(TargetError::Host)?,
            port: port.unwrap_or(scheme.default_port()),
            path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
            query,
            fragment,
        })
    }

    /// `https://host[:port]`, the port only when it is not the scheme's own.
    pub fn origin(&self) -> String {
        let Self { scheme, host, port, .. } = self;
        if *port == scheme.default_port() {
            format!("{}://{host}", scheme.as_str())
        } else {
            format!("{}://{host}:{port}", scheme.as_str())
        }
    }

    /// The target of `reference` (as in a `Location` header) seen from this one.
    ///
    /// Covers what servers send: absolute, scheme-relative, absolute-path and relative references, without
    /// collapsing `..`, which changes no part that could hold a number.
    pub fn join(&self, reference: &str) -> Result<Self, TargetError> {
        let reference = reference.trim();
        let head: String = reference.chars().take_while(|c| !matches!(c, '/' | '?' | '#')).collect();
        if head.contains(':') {
            return Self::parse(reference);
        }
        if reference.starts_with("//") {
            return Self::parse(&format!("{}:{reference}", self.scheme.as_str()));
        }
        let origin = self.origin();
        if reference.starts_with('/') {
            return Self::parse(&format!("{origin}{reference}"));
        }
        if reference.starts_with(['?', '#']) || reference.is_empty() {
            return Self::parse(&format!("{origin}{}{reference}", self.path));
        }
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Self::parse(&format!("{origin}{folder}/{reference}"))
    }
}

impl fmt::Display for Target {
    /// The whole URL as on the wire: redact before showing it to anyone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)?;
        if let Some(query) = &self.query {
            write!(f, "?{query}")?;
        }
        if let Some(fragment) = &self.fragment {
            write!(f, "#{fragment}")?;
        }
        Ok(())
    }
}

/// `host:port`, `[v6]:port` or a host alone.
fn split_port(text: &str) -> Result<(&str, Option<u16>), TargetError> {
    let (host, port) = if text.starts_with('[') {
        let end = text.find(']').ok_or(TargetError::Host)?;
        let (host, rest) = text.split_at(end + 1);
        (host, rest.strip_prefix(':'))
    } else {
        match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        }
    };
    match port {
        None | Some("") => Ok((host, None)),
        Some(port) => Ok((host, Some(port.parse().map_err(|_| TargetError::Port)?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn joined(base: &str, reference: &str, expected: &str) {
        assert_eq!(Target::parse(base).unwrap().join(reference).unwrap().to_string(), expected);
    }

    #[test]
    fn parts_are_kept_as_they_are() {
        let target = Target::parse("HTTPS://u:p@WWW.Skat.test:8443/a/../%2e?x=1?y#z?").unwrap();
        assert_eq!(target.userinfo.as_deref(), Some("u:p"));
        assert_eq!(target.host.as_str(), "www.skat.test");
        assert_eq!(target.port, 8443);
        assert_eq!(target.path, "/a/../%2e");
        assert_eq!(target.query.as_deref(), Some("x=1?y"));
        assert_eq!(target.fragment.as_deref(), Some("z?"));
    }

    #[test]
    fn an_ipv6_host_keeps_its_brackets_out() {
        let target = Target::parse("http://[::1]:81?q").unwrap();
        assert_eq!((target.host.as_str(), target.port, target.path.as_str()), ("::1", 81, "/"));
        assert_eq!(target.origin(), "http://[::1]:81");
    }

    #[test]
    fn what_is_no_url_is_refused() {
        assert_eq!(Target::parse("mailto:a@b"), Err(TargetError::Scheme));
        assert_eq!(Target::parse("data://x"), Err(TargetError::Scheme));
        assert_eq!(Target::parse("https:///x"), Err(TargetError::Host));
        assert_eq!(Target::parse("https://a:99999/"), Err(TargetError::Port));
        assert_eq!(Target::parse("https://[::1/"), Err(TargetError::Host));
    }

    #[test]
    fn references_are_joined() {
        joined("https://a.test/x/y?q", "z?c=1", "https://a.test/x/z?c=1");
        joined("https://a.test/x/y?q", "/z", "https://a.test/z");
        joined("https://a.test/x/y?q", "//b.test/z", "https://b.test/z");
        joined("https://a.test/x/y?q", "?c=1", "https://a.test/x/y?c=1");
        joined("https://a.test/x/y?q", "http://b.test", "http://b.test/");
        joined("https://a.test:444/x", "/z?u=http://c", "https://a.test:444/z?u=http://c");
    }
}
