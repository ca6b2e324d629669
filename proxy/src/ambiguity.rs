//! Requests and answers that two readers could take for different ones (RFC 9112 §11.2), beyond what the HTTP library
//! refuses itself: what is left here is either refused or made plain.

use http::header::{HOST, HeaderValue, TRANSFER_ENCODING};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, Version};
use model::Target;

use crate::fault::Fault;
use crate::session::Site;

/// What of `request` has two meanings, if anything has.
pub(crate) fn ambiguity<B>(request: &Request<B>) -> Option<&'static str> {
    let (uri, head) = (request.uri(), request.headers());
    if request.method() != Method::CONNECT && uri.authority().is_some() && uri.scheme().is_none() {
        return Some("a target that is neither a path nor a whole address");
    }
    if head.get_all(HOST).iter().nth(1).is_some() {
        return Some("more than one Host line");
    }
    if request.version() == Version::HTTP_2 && contradicts(uri, head) {
        return Some("a Host line that contradicts :authority");
    }
    // Not every server knows another coding or takes two lines for a list, and then sees another end of the body.
    let mut codings = head.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => None,
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => None,
        (Some(_), _) => Some("a Transfer-Encoding other than chunked alone"),
    }
}

/// Why an answer must not reach the client, which asked for an upgrade or not.
pub(crate) fn misleading<B>(answer: &Response<B>, upgrades: bool) -> Option<Fault> {
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS && !upgrades {
        return Some(Fault::Protocol("it changes to another protocol, and nobody asked it to".to_owned()));
    }
    // Nobody asked for another coding, and the library only undoes this one: the client would get its bytes as they are.
    let lines = answer.headers().get_all(TRANSFER_ENCODING).iter();
    let mut codings = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let is_known =
        |coding: &[u8]| [&b"chunked"[..], b"identity"].iter().any(|known| coding.eq_ignore_ascii_case(known));
    let odd = !codings.all(is_known);
    odd.then(|| Fault::Protocol("it has a Transfer-Encoding that nobody asked for".to_owned()))
}

/// Gives an HTTP/1.1 request the `Host` that its target says (RFC 9112 §3.2.2), where it has none or another.
pub(crate) fn make_host_plain(parts: &mut Parts, target: &Target) {
    let named = parts.uri.authority().map(host_of);
    let host = match named {
        Some(named) if contradicts(&parts.uri, &parts.headers) => named,
        Some(_) | None if parts.headers.contains_key(HOST) => return,
        Some(named) => named,
        None => Site::host_header(target),
    };
    let Ok(host) = HeaderValue::from_str(&host) else { return };
    match parts.headers.get_mut(HOST) {
        // In its place: the order of lines is part of what a site sees.
        Some(own) => *own = host,
        None => drop(parts.headers.insert(HOST, host)),
    }
}

/// Whether `Host` names somebody else than the target does.
fn contradicts(uri: &Uri, head: &HeaderMap) -> bool {
    let (Some(authority), Some(host)) = (uri.authority(), head.get(HOST)) else { return false };
    let default = match uri.scheme_str() {
        Some("http") => ":80",
        _ => ":443",
    };
    let bare = |name: &str| name.strip_suffix(default).unwrap_or(name).to_ascii_lowercase();
    host.to_str().map_or(true, |host| bare(host) != bare(&host_of(authority)))
}

/// An authority without its `user:password`.
fn host_of(authority: &Authority) -> String {
    let text = authority.as_str();
    text.rsplit_once('@').map_or(text, |(_, host)| host).to_owned()
}

#[cfg(test)]
mod tests {
    use model::{Host, Scheme};

    use super::*;

    fn request(uri: &str, lines: &[(&str, &str)], version: Version) -> Request<()> {
        let mut request = Request::builder().uri(uri).version(version);
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    }

    #[test]
    fn one_host_and_one_coding_are_plain() {
        let plain = |uri: &str, lines: &[_]| assert_eq!(ambiguity(&request(uri, lines, Version::HTTP_11)), None);
        plain("/x", &[]);
        plain("/x", &[("host", "a"), ("transfer-encoding", "Chunked")]);
        plain("http://a/x", &[("host", "b")]);
        plain("*", &[("host", "b")]);
    }

    #[test]
    fn what_has_two_meanings_is_said() {
        let odd = |uri: &str, lines: &[_]| assert!(ambiguity(&request(uri, lines, Version::HTTP_11)).is_some());
        odd("/", &[("host", "a"), ("host", "a")]);
        odd("/", &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")]);
        odd("/", &[("transfer-encoding", "gzip, chunked")]);
        odd("a", &[]);
        let contradicts = |host| ambiguity(&request("https://a.test/", &[("host", host)], Version::HTTP_2)).is_some();
        assert!(contradicts("b.test") && contradicts("a.test:80"));
        assert!(!contradicts("a.test:443") && !contradicts("A.test"));
    }

    #[test]
    fn the_target_goes_before_the_host_line() {
        let target = Target {
            scheme: Scheme::Http,
            userinfo: None,
            host: Host::parse("t.test").unwrap(),
            port: 81,
            path: "/".to_owned(),
            query: None,
            fragment: None,
        };
        let host = |uri: &str, lines: &[_]| {
            let mut parts = request(uri, lines, Version::HTTP_11).into_parts().0;
            make_host_plain(&mut parts, &target);
            parts.headers[HOST].to_str().unwrap().to_owned()
        };
        assert_eq!(host("/", &[]), "t.test:81");
        assert_eq!(host("/", &[("host", "other")]), "other");
        assert_eq!(host("http://u:p@b.test:82/", &[("host", "other")]), "b.test:82");
        assert_eq!(host("http://b.test/", &[("host", "B.TEST:80")]), "B.TEST:80");
        assert_eq!(host("http://b.test/", &[]), "b.test");
    }
}
