//! A reverse port's site goes by two names: its own, and the one that the client knows it by. Heads are told in the one
//! on their way up and in the other on their way down.

use http::HeaderMap;
use http::header::{HOST, HeaderName, HeaderValue, LOCATION, ORIGIN, REFERER, STRICT_TRANSPORT_SECURITY};
use model::{Scheme, Target};

use crate::Origin;

/// Both names of a site.
pub(crate) struct Names<'a> {
    /// Its own.
    pub(crate) origin: &'a Origin,
    /// What the client speaks.
    pub(crate) scheme: Scheme,
    /// The host and port that the client asked for, as in its `Host`.
    pub(crate) asked: &'a str,
}

impl Names<'_> {
    /// Puts the site's name in the place of the client's.
    ///
    /// `Host`, as reverse proxies do: sites choose by it what to answer. `Origin` and `Referer` as well where they name
    /// the port: a site that guards its forms compares them with its own name, and what is recorded is the page that
    /// the site knows.
    pub(crate) fn up(&self, head: &mut HeaderMap) {
        if let (Some(host), Ok(own)) = (head.get_mut(HOST), HeaderValue::from_str(&self.origin.authority())) {
            *host = own;
        }
        let own = self.origin.to_string();
        for name in [ORIGIN, REFERER] {
            for scheme in [Scheme::Http, Scheme::Https] {
                replace(head, &name, scheme, self.asked, &own);
            }
        }
    }

    /// Puts the client's name in the place of the site's.
    ///
    /// In `Location`: a client that followed it to the site itself would leave this port, and not be seen from then on.
    /// A promise of TLS is about the site's name; kept for ours, it would reach every other port of that host.
    pub(crate) fn down(&self, head: &mut HeaderMap) {
        let asked = format!("{}://{}", self.scheme.as_str(), self.asked);
        replace(head, &LOCATION, self.origin.scheme, &self.origin.authority(), &asked);
        if head.contains_key(STRICT_TRANSPORT_SECURITY) {
            *head = without(head, &STRICT_TRANSPORT_SECURITY);
        }
    }
}

/// `head` without `name`, the order kept: removing a line from a `HeaderMap` moves another into its place.
pub(crate) fn without(head: &HeaderMap, name: &HeaderName) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(head.len());
    for (other, value) in head.iter().filter(|(other, _)| *other != name) {
        kept.append(other, value.clone());
    }
    kept
}

fn replace(head: &mut HeaderMap, name: &HeaderName, scheme: Scheme, from: &str, to: &str) {
    if let Some(value) = head.get_mut(name)
        && let Some(moved) = moved(value.as_bytes(), scheme, from, to)
        && let Ok(moved) = HeaderValue::from_bytes(&moved)
    {
        *value = moved;
    }
}

/// `url` with `to` in the place of `scheme://from`, if it begins with that however it is written. The rest keeps its
/// bytes.
fn moved(url: &[u8], scheme: Scheme, from: &str, to: &str) -> Option<Vec<u8>> {
    let own = scheme.as_str().as_bytes();
    let (to, rest) = if let Some(rest) = url.strip_prefix(b"//") {
        // Relative to the scheme that the client uses.
        (to.split_once(':').map_or(to, |(_, relative)| relative), rest)
    } else {
        let (start, rest) = url.split_at_checked(own.len())?;
        (to, rest.strip_prefix(b"://").filter(|_| start.eq_ignore_ascii_case(own))?)
    };
    let end = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end)?;
    let place = |authority: &str| {
        let target = Target::parse(&format!("{}://{authority}", scheme.as_str())).ok()?;
        target.userinfo.is_none().then(|| target.origin())
    };
    let named = place(std::str::from_utf8(authority).ok()?)?;
    (place(from)? == named).then(|| [to.as_bytes(), rest].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[track_caller]
    fn goes_up(asked: &str, name: &'static str, before: &str, after: &str) {
        let origin = "https://a.test".parse().unwrap();
        let mut head = head(&[(name, before)]);
        Names { origin: &origin, scheme: Scheme::Http, asked }.up(&mut head);
        assert_eq!(head[name], after);
    }

    #[track_caller]
    fn comes_down(origin: &str, before: &str, after: &str) {
        let origin = origin.parse().unwrap();
        let mut head = head(&[("location", before)]);
        Names { origin: &origin, scheme: Scheme::Http, asked: "127.0.0.1:8081" }.down(&mut head);
        assert_eq!(head["location"], after);
    }

    #[test]
    fn the_site_hears_its_own_name() {
        goes_up("127.0.0.1:8081", "host", "127.0.0.1:8081", "a.test");
        goes_up("127.0.0.1:8081", "origin", "http://127.0.0.1:8081", "https://a.test");
        goes_up(
            "127.0.0.1:8081",
            "referer",
            "http://127.0.0.1:8081/x?y=http://127.0.0.1:8081/",
            "https://a.test/x?y=http://127.0.0.1:8081/",
        );
        goes_up("Dev.test", "origin", "https://dev.test", "https://a.test");
        goes_up("127.0.0.1:8081", "origin", "null", "null");
        goes_up("127.0.0.1:8081", "origin", "http://127.0.0.1:8082", "http://127.0.0.1:8082");
        goes_up(
            "127.0.0.1:8081",
            "referer",
            "http://other.test/?http://127.0.0.1:8081/",
            "http://other.test/?http://127.0.0.1:8081/",
        );
    }

    #[test]
    fn a_redirect_to_the_site_stays_at_the_port() {
        comes_down("https://a.test", "https://a.test/x?y#z", "http://127.0.0.1:8081/x?y#z");
        comes_down("https://a.test", "HTTPS://A.test:443", "http://127.0.0.1:8081");
        comes_down("https://a.test:8443", "https://a.test:8443?y", "http://127.0.0.1:8081?y");
        comes_down("https://a.test", "//a.test/x", "//127.0.0.1:8081/x");
        comes_down("http://[::1]:80", "http://[0:0::1]/", "http://[0:0::1]/");
        comes_down("http://[::1]:80", "http://[::1]/", "http://127.0.0.1:8081/");
    }

    #[test]
    fn a_redirect_elsewhere_passes() {
        for other in [
            "/x",
            "x?https://a.test/",
            "http://a.test/",
            "https://a.test:8443/",
            "https://b.a.test/",
            "https://a.test.evil.test/",
            "https://u@a.test/",
            "https://a.test\\x/",
            "//b.test/",
            "//",
            "https:/a.test",
            "https://",
            "",
        ] {
            comes_down("https://a.test", other, other);
        }
    }

    #[test]
    fn a_promise_of_tls_is_not_kept_for_another_name() {
        let origin = "https://a.test".parse().unwrap();
        let mut head = head(&[("a", "1"), ("strict-transport-security", "max-age=1"), ("b", "2"), ("c", "3")]);
        Names { origin: &origin, scheme: Scheme::Https, asked: "localhost:8081" }.down(&mut head);
        assert_eq!(head.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["a", "b", "c"]);
    }
}
