//! The one site that a reverse port shows.

use std::fmt;
use std::str::FromStr;

use model::{Host, Scheme, Target, TargetError};

/// The one site that a reverse port shows: scheme, host and port.
///
/// ```
/// let origin: proxy::Origin = "https://www.skat.test".parse().unwrap();
/// assert_eq!(origin.to_string(), "https://www.skat.test");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// http or https.
    pub(crate) scheme: Scheme,
    /// Its host.
    pub(crate) host: Host,
    /// Its port.
    pub(crate) port: u16,
}

/// Why a text is no [`Origin`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// It is no URL.
    #[error("`{0}` is no address of a site, as in https://www.example.test")]
    Target(String, #[source] TargetError),
    /// It has another scheme than http and https.
    #[error("`{0}` is neither http nor https")]
    Scheme(String),
    /// It says more than which site.
    #[error("`{0}` says more than which site: leave out what is after the host and port, and any password")]
    More(String),
}

impl Origin {
    /// As in a `Host` header: the port only when it is not the scheme's own.
    pub(crate) fn authority(&self) -> String {
        if self.port == self.scheme.default_port() {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let target = Target::parse(text).map_err(|error| OriginError::Target(text.to_owned(), error))?;
        if !matches!(target.scheme, Scheme::Http | Scheme::Https) {
            return Err(OriginError::Scheme(text.to_owned()));
        }
        if target.path != "/" || target.query.is_some() || target.fragment.is_some() || target.userinfo.is_some() {
            return Err(OriginError::More(target.origin()));
        }
        Ok(Self { scheme: target.scheme, host: target.host, port: target.port })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_scheme_host_and_port() {
        let of = |text: &str| text.parse::<Origin>().map(|origin| origin.to_string());
        assert_eq!(of("https://WWW.skat.test/").unwrap(), "https://www.skat.test");
        assert_eq!(of("http://127.0.0.1:80").unwrap(), "http://127.0.0.1");
        assert_eq!(of("http://[::1]:8080").unwrap(), "http://[::1]:8080");
        assert!(matches!(of("wss://a.test"), Err(OriginError::Scheme(_))));
        assert!(matches!(of("a.test"), Err(OriginError::Target(..))));
        for more in ["https://a.test/x", "https://a.test/?q", "https://u:p@a.test/"] {
            let Err(OriginError::More(shown)) = of(more) else { panic!("{more}") };
            assert_eq!(shown, "https://a.test");
        }
    }
}
