//! Who is let in: the right name, the right token, the right cookie, and no page of somebody else's.
//!
//! | against | what |
//! |---|---|
//! | DNS rebinding | `Host` is exactly our loopback name and port, else 421 |
//! | guessing | 256 bits of token and cookie, compared in constant time; 429 after some wrong tokens |
//! | other servers on 127.0.0.1 | the cookie holds for one random folder: cookies do not know ports |
//! | forged requests | `SameSite=Strict`; a POST's `Origin` is ours; `Sec-Fetch-Site` is `same-origin`, for a GET also `none` |
//! | reading by other pages | no CORS header, `Cross-Origin-Resource-Policy`, no framing |

use std::sync::Arc;

use askama::Template as _;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};

use crate::app::{App, Guess};
use crate::logins::Guest;
use crate::page::GonePage;

/// The cookie's name.
const COOKIE: &str = "cprvagt";

/// What a page of the console may do: load its own script and style, and talk to its own server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types console";

/// Said with every answer.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), microphone=(), geolocation=()"),
    ),
];

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Around everything: the right host, and the headers.
pub(crate) async fn outer(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = match refused_host(&app, request.headers()) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    // An exported page has a stricter one.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    response
}

fn refused_host(app: &App, headers: &HeaderMap) -> Option<Response> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_ours = app.hosts.iter().any(|ours| ours == host) && hosts.next().is_none();
    (!is_ours).then(|| (StatusCode::MISDIRECTED_REQUEST, "no such host here\n").into_response())
}

/// `GET /open/TOKEN`: lets a browser in.
pub(crate) async fn open(State(app): State<Arc<App>>, Path(token): Path<String>) -> Response {
    match app.guess(&token) {
        Guess::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too many wrong addresses: wait a minute\n").into_response(),
        Guess::Wrong => gone(&app),
        Guess::Right => {
            let Some((folder, cookie)) = app.logins.open(app.lang, app.clock.now()) else {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            };
            // The browser shows it from here on.
            let cookie = format!("{COOKIE}={}; HttpOnly; SameSite=Strict; Path=/s/{folder}/", cookie.reveal());
            let place = format!("/s/{folder}/");
            (StatusCode::SEE_OTHER, [(header::SET_COOKIE, cookie), (header::LOCATION, place)]).into_response()
        }
    }
}

/// Around all that a session shows: the cookie, and that the request is the page's own.
pub(crate) async fn inner(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_own(headers, is_read) {
        return (StatusCode::FORBIDDEN, "only from the console's own page\n").into_response();
    }
    let Some(guest) = guest(&app, request.uri().path(), headers) else { return gone(&app) };
    if !is_read {
        app.logins.alive(&guest.folder, app.clock.now());
    }
    request.extensions_mut().insert(guest);
    next.run(request).await
}

fn guest(app: &App, path: &str, headers: &HeaderMap) -> Option<Guest> {
    let folder = path.strip_prefix("/s/")?.split('/').next()?;
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let cookies = pairs.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value);
    app.logins.guest(folder, cookies, app.clock.now(), app.idle)
}

/// Whether a request comes from a page of ours, or, when it only reads, from the address bar.
fn is_own(headers: &HeaderMap, is_read: bool) -> bool {
    let site = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
    let is_fitting = match site {
        None | Some(b"same-origin") => true,
        Some(b"none") => is_read,
        Some(_) => false,
    };
    if is_read {
        return is_fitting;
    }
    // The host was looked at before.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let is_ours = origins.next().is_some_and(|origin| origin.as_bytes() == format!("http://{host}").as_bytes());
    is_fitting && is_ours && origins.next().is_none()
}

/// Nobody is logged on: says how to come back, and nothing of the session.
pub(crate) fn gone(app: &App) -> Response {
    let page = GonePage { lang: app.lang }.render();
    let Ok(page) = page else { return StatusCode::UNAUTHORIZED.into_response() };
    (StatusCode::UNAUTHORIZED, Html(page)).into_response()
}

/// An answer without a page.
pub(crate) async fn nothing_here() -> (StatusCode, Body) {
    (StatusCode::NOT_FOUND, Body::from("nothing here\n"))
}
