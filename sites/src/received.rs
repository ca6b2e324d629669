//! A request as it arrived at the stage, with the look-ups that handlers and tests need.

use std::borrow::Cow;
use std::fmt;

use url::form_urlencoded;

/// A request as it arrived. Raw: it holds whatever was sent, so it prints without its contents.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// The host it was meant for, in lower case and without port; empty when the request named none.
    pub host: String,
    /// `GET`, `POST` ...
    pub method: String,
    /// Path and query as on the wire.
    pub path_and_query: String,
    /// Header lines in order, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, at most as long as the stage reads.
    pub body: Vec<u8>,
    /// Whether `body` is all that was sent.
    pub body_is_whole: bool,
    /// Whether it came over TLS.
    pub secure: bool,
    /// `HTTP/1.1`, `HTTP/2.0` ...
    pub version: String,
}

impl Received {
    /// The path, without query.
    pub fn path(&self) -> &str {
        self.path_and_query.split_once('?').map_or(self.path_and_query.as_str(), |(path, _)| path)
    }

    /// The query, without `?`; empty when there is none.
    pub fn query(&self) -> &str {
        self.path_and_query.split_once('?').map_or("", |(_, query)| query)
    }

    /// The first value of a header as text, bytes that are no UTF-8 replaced.
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(value))
    }

    /// The first value of a query parameter, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        first(self.query().as_bytes(), name)
    }

    /// The first value of a field in a form-encoded body, decoded.
    pub fn field(&self, name: &str) -> Option<String> {
        first(&self.body, name)
    }

    /// The value of a cookie. Browsers join all cookies to one line over HTTP/1.1 and may send several over HTTP/2.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case("cookie"));
        lines.into_iter().find_map(|(_, line)| {
            let line = String::from_utf8_lossy(line);
            let mut pairs = line.split(';').filter_map(|pair| pair.trim().split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        })
    }
}

/// The first value of `name` in form-encoded bytes.
fn first(encoded: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(encoded).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

impl fmt::Debug for Received {
    /// Method, host and path length only: a path, too, may hold a number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, host, path_and_query, body, .. } = self;
        write!(f, "{method} {host} ({} bytes of path, {} of body)", path_and_query.len(), body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received() -> Received {
        Received {
            host: "a.test".to_owned(),
            method: "POST".to_owned(),
            path_and_query: "/side/x?cpr=010145-5001&u=a%26b+c".to_owned(),
            headers: vec![
                ("cookie".to_owned(), b"a=1; session=abc".to_vec()),
                ("cookie".to_owned(), b"b=2".to_vec()),
                ("x-odd".to_owned(), b"\xff".to_vec()),
            ],
            body: b"navn=Ditte+%C3%98&navn=x".to_vec(),
            body_is_whole: true,
            secure: true,
            version: "HTTP/2.0".to_owned(),
        }
    }

    #[test]
    fn parts_are_found_by_name() {
        let received = received();
        assert_eq!((received.path(), received.query()), ("/side/x", "cpr=010145-5001&u=a%26b+c"));
        assert_eq!(received.parameter("u").as_deref(), Some("a&b c"));
        assert_eq!(received.parameter("v"), None);
        assert_eq!(received.field("navn").as_deref(), Some("Ditte Ø"));
        assert_eq!(received.cookie("session").as_deref(), Some("abc"));
        assert_eq!(received.cookie("b").as_deref(), Some("2"));
        assert_eq!(received.header("X-Odd").as_deref(), Some("\u{fffd}"));
    }

    #[test]
    fn it_prints_without_what_was_sent() {
        let printed = format!("{:?}", received());
        assert_eq!(printed, "POST a.test (33 bytes of path, 24 of body)");
    }
}
