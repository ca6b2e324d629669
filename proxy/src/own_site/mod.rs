//! The proxy's own small site: where its certificate can be had, and how to trust it.
//!
//! It is found through the proxy under a name that cannot be real (RFC 6761 reserves `.test`), and on the proxy's own
//! port. Nothing asked of it is an exchange of any site, so nothing is recorded.

mod page;

use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HOST as HOST_HEADER, HeaderName, HeaderValue,
};
use http::uri::Authority as UriAuthority;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use model::Host;
use rustls_pki_types::ServerName;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::dial::HANDSHAKE_TIMEOUT;
use crate::entrance::Entered;
use crate::first_bytes::Spoken;
use crate::line::Protocol;
use crate::serve::serve;
use crate::session::Client;
use crate::tap::AnswerBody;

/// Its name, seen through the proxy.
pub(crate) const HOST: &str = "cprvagt.test";

const CERTIFICATE: &str = "application/x-x509-ca-cert";
const TRUST_STORE: &str = "application/x-pkcs12";
const PEM: &str = "application/x-pem-file";
/// No script, nothing from elsewhere, in nobody's frame.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Whether a tunnel or a proxy request to `host` is meant for us.
pub(crate) fn is_named(host: &Host) -> bool {
    host.as_str() == HOST
}

/// Answers a request that is for the proxy itself. `over_tls`: its client trusts the authority already.
pub(crate) fn answer<B>(authority: &Authority, request: &Request<B>, over_tls: bool) -> Response<AnswerBody> {
    let Some(named) = named_by(request) else { return crate::page::of_proxy_itself(request.headers()) };
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut refusal = with_type("text/plain", "only GET and HEAD\n".into());
        *refusal.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refusal;
    }
    let ca = authority.ca();
    match request.uri().path() {
        "/" => {
            let address = (named != HOST).then_some(named.as_str());
            let visit = page::Visit { address, over_tls, is_kept: authority.is_kept() };
            with_type("text/html; charset=utf-8", page::render(ca, &visit, request).into())
        }
        // Browsers and phones offer to trust what comes with this type, and a saved file has the name that they want.
        "/cprvagt-ca.crt" | "/ca.crt" | "/ca.cer" | "/ca.der" => with_type(CERTIFICATE, ca.certificate().to_vec()),
        "/cprvagt-ca.pem" | "/ca.pem" => as_file(PEM, "cprvagt-ca.pem", ca.pem().into()),
        "/cprvagt-ca.p12" | "/ca.p12" => as_file(TRUST_STORE, "cprvagt-ca.p12", ca.trust_store()),
        _ => {
            let mut missing = with_type("text/plain", "there is nothing here; the beginning is at /\n".into());
            *missing.status_mut() = StatusCode::NOT_FOUND;
            missing
        }
    }
}

/// Serves a tunnel to our own name, in TLS or in clear text. A client that does not trust the authority yet is why the
/// site is there, and no blind spot.
pub(crate) async fn tunnel(client: Client, mut stream: Entered) {
    let spoken = loop {
        match Spoken::told_by(stream.first()) {
            Some(spoken) => break spoken,
            None => match timeout(HANDSHAKE_TIMEOUT, stream.read_more()).await {
                Ok(Ok(1..)) => {}
                Ok(Ok(0) | Err(_)) | Err(_) => return,
            },
        }
    };
    let authority = client.authority.clone();
    let tasks = client.tasks.clone();
    let served = match spoken {
        Spoken::Tls => {
            let Ok(name) = ServerName::try_from(HOST) else { return };
            let Ok(config) = authority.server_config(&name, Some(b"http/1.1")) else { return };
            let accepting = TlsAcceptor::from(config).accept(stream);
            let Ok(Ok(stream)) = timeout(HANDSHAKE_TIMEOUT, accepting).await else { return };
            let own = move |request| std::future::ready(answer(&authority, &request, true));
            serve(stream, Protocol::H1, &tasks, own).await
        }
        Spoken::Http1 => {
            let own = move |request| std::future::ready(answer(&authority, &request, false));
            serve(stream, Protocol::H1, &tasks, own).await
        }
        Spoken::Http2 | Spoken::Other => return,
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a client of the proxy's own pages has left");
    }
}

/// The name that `request` has for the proxy, if that is one of its own: our name, or an address.
///
/// A page elsewhere can make its own name lead to this machine, and would then read what is here as its own; a name it
/// cannot make.
fn named_by<B>(request: &Request<B>) -> Option<String> {
    if !matches!(request.uri().scheme_str(), None | Some("http" | "https")) {
        return None;
    }
    let in_header = || UriAuthority::try_from(request.headers().get(HOST_HEADER)?.as_bytes()).ok();
    let named = request.uri().authority().cloned().or_else(in_header)?;
    let host = Host::parse(named.host())?;
    if is_named(&host) {
        return Some(HOST.to_owned());
    }
    let is_ours = host.as_str() == "localhost" || host.ip().is_some();
    is_ours.then(|| named.port().map_or_else(|| host.to_string(), |port| format!("{host}:{port}")))
}

fn as_file(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response<AnswerBody> {
    let mut response = with_type(kind, bytes);
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

fn with_type(kind: &'static str, bytes: Vec<u8>) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::own(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    guard(headers);
    response
}

/// What every page of ours says of itself.
pub(crate) fn guard(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in
        [("content-security-policy", POLICY), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")]
    {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}
