//! A connection to the proxy's own port: requests in clear text, and `CONNECT`, which begins a tunnel.

use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION};
use http::{Method, Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use model::{BlindSpot, BlindSpotKind};

use crate::credentials::Shown;
use crate::entrance::{Entered, misread};
use crate::forward::forward;
use crate::line::Protocol;
use crate::page;
use crate::serve::{Served, serve};
use crate::session::{Client, Session, Site, User, Way};
use crate::tap::AnswerBody;
use crate::tunnel;

/// How long the answer to a wrong password takes: trying many then takes long.
pub(crate) const WRONG_PASSWORD: Duration = Duration::from_secs(1);
/// What clients are asked for (RFC 7617).
pub(crate) const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"cprvagt\", charset=\"UTF-8\"");

/// Serves HTTP from `stream`; `tls` is the version spoken around it.
pub(crate) async fn run(client: Client, stream: Entered, tls: Option<&'static str>) {
    let tasks = client.tasks.clone();
    let session = Arc::new(Session::new(client.clone(), Protocol::H1, tls, Way::Anywhere));
    let served = serve(stream, Protocol::H1, &tasks, move |request| answer(Arc::clone(&session), request)).await;
    if let Err(error) = served
        && error.is_parse()
    {
        misread(&client, format!("a client sent the proxy what is no HTTP: {error}"));
    }
}

async fn answer(session: Arc<Session>, mut request: Request<Incoming>) -> Response<AnswerBody> {
    let is_connect = request.method() == Method::CONNECT;
    if !is_connect && request.uri().authority().is_none() {
        // Whoever opens the proxy as a site has no password to show yet, and is told nothing but what this is.
        return Box::pin(forward(session, request)).await;
    }
    match user(&session.client, &request).await {
        Ok(Some(user)) => {
            request.extensions_mut().insert(User(user));
        }
        Ok(None) => {}
        Err(refusal) => return refusal,
    }
    if is_connect {
        return connect(&session, request);
    }
    if let Some(scheme) = request.uri().scheme_str().filter(|scheme| !["http", "https", "ws", "wss"].contains(scheme)) {
        let place = request.uri().host().unwrap_or_default();
        let blind_spot = BlindSpot::new(BlindSpotKind::NotHttp, place, format!("a request by {scheme} was refused"));
        session.client.recorder.blind_spot(blind_spot.in_visit(session.client.port.visit()));
    }
    if is_to_ourselves(&session, request.uri())
        && let Some(path) = request.uri().path_and_query().and_then(|path| path.as_str().parse().ok())
    {
        *request.uri_mut() = path;
    }
    Box::pin(forward(session, request)).await
}

/// Who sent `request`, when that must be known; else the answer that asks for it.
async fn user(client: &Client, request: &Request<Incoming>) -> Result<Option<Arc<str>>, Response<AnswerBody>> {
    let Some(credentials) = client.port.credentials() else { return Ok(None) };
    let shown = credentials.shown_in(request.headers(), PROXY_AUTHORIZATION);
    let what = match shown {
        Shown::Of(user) => return Ok(Some(user)),
        Shown::Nothing => "This proxy asks for a user name and a password, and the request has none.",
        Shown::Wrong => {
            refuse_slowly(client).await;
            "This proxy does not know that user name and password."
        }
    };
    let help = "Give them with the proxy's address: a browser asks for them by itself, a program takes them from \
                `http://USER:PASSWORD@HOST:PORT` or, like curl, from `--proxy-user`. Whoever \
                started the proxy knows them. Nothing was sent on.";
    let status = StatusCode::PROXY_AUTHENTICATION_REQUIRED;
    let mut refusal = page::notice(status, "User name and password needed", what, help);
    refusal.headers_mut().insert(PROXY_AUTHENTICATE, CHALLENGE);
    Err(refusal)
}

/// Lets a client that showed a wrong password wait, and says so.
pub(crate) async fn refuse_slowly(client: &Client) {
    tracing::warn!(client = %client.address, "a client showed a wrong user name or password and was refused");
    tokio::time::sleep(WRONG_PASSWORD).await;
}

/// Whether the proxy itself is meant: a browser that uses it also opens its address through it.
fn is_to_ourselves(session: &Session, uri: &Uri) -> bool {
    let own = session.client.dialer.own_ports();
    uri.scheme_str() == Some("http") && Site::of_uri(uri).is_some_and(|(site, _)| own.are_named(&site.host, site.port))
}

/// Agrees to a tunnel at once: whether the site can be reached shows when the client has said what it wants there.
fn connect(session: &Session, mut request: Request<Incoming>) -> Response<AnswerBody> {
    let Some((host, port)) = request.uri().authority().and_then(Site::of_connect) else {
        let mut refusal = Response::new(AnswerBody::own("CONNECT needs a host and a port\n"));
        *refusal.status_mut() = StatusCode::BAD_REQUEST;
        return refusal;
    };
    let upgraded = hyper::upgrade::on(&mut request);
    let user = request.extensions_mut().remove::<User>().map(|user| user.0);
    let client = Client { user, ..session.client.clone() };
    client.tasks.clone().start(async move {
        // Neither fails but when the client left between asking and being answered.
        let Ok(upgraded) = upgraded.await else { return };
        let Ok(parts) = upgraded.downcast::<Served<Entered>>() else { return };
        let mut stream = parts.io.into_inner().into_inner();
        stream.give_back(&parts.read_buf);
        Box::pin(tunnel::run(client, host, port, stream)).await;
    });
    Response::new(AnswerBody::none())
}
