//! Requests that an upstream proxy gets whole (RFC 9112 §3.2.2), since they are in clear text.

use http::header::PROXY_AUTHORIZATION;
use http::request::Parts;
use http::uri::{Authority, Scheme};
use http::{Response, StatusCode, Uri};

use crate::UpstreamProxy;
use crate::fault::Fault;
use crate::http_tunnel::login_wanted;
use crate::proxy_fault::ProxyFault;

/// Names the site, and us to `proxy`. The login is for the proxy alone, and is not recorded.
pub(crate) fn address(parts: &mut Parts, authority: &str, proxy: &UpstreamProxy) {
    let mut uri = std::mem::take(&mut parts.uri).into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Authority::try_from(authority).ok();
    // It has a path already, and the authority is that of a host: nothing is left that could be wrong.
    parts.uri = Uri::from_parts(uri).unwrap_or_default();
    if let Some(login) = proxy.authorization() {
        parts.headers.insert(PROXY_AUTHORIZATION, login);
    }
}

/// The fault of `proxy` in what looks like a site's answer. Its other refusals cannot be told from the site's.
pub(crate) fn fault<B>(response: &Response<B>, proxy: &UpstreamProxy) -> Option<Fault> {
    let is_wanted = response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED;
    is_wanted.then(|| ProxyFault::of(proxy, login_wanted(response.headers(), proxy.login().is_some())))
}
