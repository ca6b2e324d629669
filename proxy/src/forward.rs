//! One request: recorded, sent on to the site, its answer passed back.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, EXPECT, HOST, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::{Authority as UriAuthority, PathAndQuery, Scheme as UriScheme};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use model::{BlindSpotKind, Body, RequestRecord, Scheme, Target};
use tokio::time::{Instant, sleep_until, timeout};

use crate::ambiguity::{ambiguity, make_host_plain, misleading};
use crate::dial::Route;
use crate::fault::{Fault, Stage};
use crate::flight::{SCRIPT_PATIENCE, UNKNOWN_PATIENCE};
use crate::headers::{Direction, Passage, passed_on, record, upgrade};
use crate::line::Protocol;
use crate::page;
use crate::recording::{AnswerEnd, Recording};
use crate::session::{Session, Site};
use crate::splice::{Counts, splice};
use crate::tap::{AnswerBody, AnswerTap, GateKeeper, RequestTap};

/// From the end of the request to the head of the answer. As long as the most patient browser; long polls are shorter.
const HEAD_TIMEOUT: Duration = Duration::from_mins(5);
/// How long the body of a request that cannot be sent is still read: what it would have told is worth knowing.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
const FETCH_DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// A request that is going to be an upgrade, if the site agrees.
struct Upgrade {
    kind: BlindSpotKind,
    client: OnUpgrade,
}

/// Tells the recording when the client leaves before there is an answer: then this future is dropped.
struct Leaving(Option<Arc<Recording>>);

impl Drop for Leaving {
    fn drop(&mut self) {
        if let Some(recording) = self.0.take() {
            recording.client_left();
        }
    }
}

/// Answers one request. There is always an answer.
pub(crate) async fn forward(session: Arc<Session>, mut request: Request<Incoming>) -> Response<AnswerBody> {
    session.saw_request();
    let Some((mut target, route)) = session.destination(request.uri()) else {
        return page::of_proxy_itself();
    };
    let (upgrade, route) = match (wanted_upgrade(&session, &mut request), route) {
        (_, Ok(_)) if request.method() == Method::CONNECT => {
            (None, Err(Fault::Unsupported("a CONNECT inside a tunnel")))
        }
        (upgrade, Ok(route)) => match ambiguity(&request) {
            Some(what) => (None, Err(Fault::BadRequest(what.to_owned()))),
            None => (upgrade, Ok(route)),
        },
        (upgrade, route) => (upgrade, route),
    };
    if upgrade.as_ref().is_some_and(|upgrade| upgrade.kind == BlindSpotKind::WebsocketNotRead) {
        target.scheme = if target.scheme.is_cleartext() { Scheme::Ws } else { Scheme::Wss };
    }

    let flight = session.client.port.flights.begin(patience(request.headers()));
    let recorded = request_record(&request, &target);
    let visit = session.client.port.visit();
    let recording = Recording::begin(&session.client.recorder, recorded, session.connection(), visit, flight);
    let mut leaving = Leaving(Some(Arc::clone(&recording)));

    let passage =
        Passage { direction: Direction::Up, is_h2: session.protocol == Protocol::H2, upgrades: upgrade.is_some() };
    let (mut parts, body) = request.into_parts();
    let expects = parts.headers.get(EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    let tap = RequestTap::new(body, Arc::clone(&recording));
    let response = match route {
        Err(fault) => not_sent(&session, &recording, &target, fault, (!expects).then_some(tap)).await,
        Ok(route) => {
            parts.headers = passed_on(&parts.headers, passage);
            parts.version = session.protocol.version();
            if session.protocol == Protocol::H1 {
                make_host_plain(&mut parts, &target);
            }
            parts.uri = outgoing_uri(&parts, &target, session.protocol);
            match ask(&session, &route, &recording, parts, tap, expects).await {
                Ok(response) => match misleading(&response, upgrade.is_some()) {
                    Some(fault) => not_sent(&session, &recording, &target, fault, None).await,
                    None => answer(&session, &recording, response, upgrade),
                },
                Err((fault, tap)) => not_sent(&session, &recording, &target, fault, tap.filter(|_| !expects)).await,
            }
        }
    };
    leaving.0 = None;
    response
}

/// Sends a request to the site; a request that cannot be sent comes back, its body unread.
async fn ask(
    session: &Session,
    route: &Route,
    recording: &Arc<Recording>,
    parts: Parts,
    mut tap: RequestTap,
    expects: bool,
) -> Result<Response<Incoming>, (Fault, Option<RequestTap>)> {
    let keeper = (expects && session.protocol == Protocol::H1 && !tap.is_end_stream()).then(|| tap.gate());
    // Without a body, and safe (RFC 9110 §9.2.2), it may be sent again when a kept connection turns out to be closed.
    let again = (tap.is_end_stream() && parts.method.is_safe()).then(|| parts.clone());
    let mut request = Request::from_parts(parts, tap);
    if let Some(keeper) = keeper.clone() {
        hyper::ext::on_informational(&mut request, move |response| {
            if response.status() == StatusCode::CONTINUE {
                keeper.open();
            }
        });
    }
    let mut tries = 0;
    loop {
        tries += 1;
        let mut opened = match session.line.open(route, session.protocol).await {
            Ok(opened) => opened,
            Err(fault) => return Err((fault, Some(request.into_body()))),
        };
        recording.connected(&opened.peer);
        let may_be_stale = opened.reused && tries == 1;
        let sent = tokio::select! {
            sent = opened.send(request) => sent,
            () = overdue(recording) => return Err((Fault::TimedOut(Stage::Answer), None)),
        };
        let failed = match sent {
            Ok(response) => {
                keeper.as_ref().map(GateKeeper::shut);
                session.line.give_back(opened).await;
                return Ok(response);
            }
            Err(failed) => failed,
        };
        request = match (failed.request, &again) {
            (Some(unsent), _) if may_be_stale => unsent,
            (None, Some(parts)) if may_be_stale => {
                Request::from_parts(parts.clone(), RequestTap::empty(Arc::clone(recording)))
            }
            (unsent, _) => return Err((failed.fault, unsent.map(Request::into_body))),
        };
    }
}

/// Returns when the site has had the whole request for too long.
async fn overdue(recording: &Recording) {
    loop {
        let now = Instant::now();
        let until = recording.request_sent_since().unwrap_or(now) + HEAD_TIMEOUT;
        if until <= now {
            return;
        }
        sleep_until(until).await;
    }
}

/// Passes the site's answer back.
fn answer(
    session: &Session,
    recording: &Arc<Recording>,
    mut response: Response<Incoming>,
    upgrade: Option<Upgrade>,
) -> Response<AnswerBody> {
    let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let is_stream = response.headers().get(CONTENT_TYPE).is_some_and(is_event_stream);
    recording.answered(response.status().as_u16(), record(response.headers()), !switches && !is_stream);
    let site = hyper::upgrade::on(&mut response);
    let (mut parts, body) = response.into_parts();
    let is_h2 = session.protocol == Protocol::H2;
    parts.headers = passed_on(&parts.headers, Passage { direction: Direction::Down, is_h2, upgrades: switches });
    parts.version = session.protocol.version();
    match upgrade {
        Some(upgrade) if switches => {
            splice_upgraded(session, Arc::clone(recording), upgrade, site);
            Response::from_parts(parts, AnswerBody::none())
        }
        Some(_) | None => {
            Response::from_parts(parts, AnswerBody::Streamed(AnswerTap::new(body, Arc::clone(recording))))
        }
    }
}

/// Lets what both ends agreed on pass, until one of them ends it.
fn splice_upgraded(session: &Session, recording: Arc<Recording>, upgrade: Upgrade, site: OnUpgrade) {
    let counts = Arc::new(Counts::default());
    recording.spliced(upgrade.kind, &counts);
    let permit = Arc::clone(&session.client.permit);
    let tasks = session.client.tasks.clone();
    session.client.tasks.start(async move {
        let _permit = permit;
        let ends = async {
            if let (Ok(client), Ok(site)) = tokio::join!(upgrade.client, site) {
                splice(TokioIo::new(client), TokioIo::new(site), counts).await;
            }
        };
        // It has no end of its own: there is nothing to wait for when the proxy stops.
        tokio::select! {
            () = ends => {}
            () = tasks.draining() => {}
        }
        recording.answer_ended(AnswerEnd::Whole);
    });
}

/// Answers in place of the site, and keeps what it would have been sent.
async fn not_sent(
    session: &Session,
    recording: &Recording,
    target: &Target,
    fault: Fault,
    tap: Option<RequestTap>,
) -> Response<AnswerBody> {
    if session.client.recorder.switch.is_cut() {
        // It failed because the proxy stops, which ends this too: the site is not to blame.
        std::future::pending::<()>().await;
    }
    if let Some(mut tap) = tap {
        // Cut off by the time, it counts as not known to its end.
        let _ = timeout(DRAIN_TIMEOUT, async { while let Some(Ok(_)) = tap.frame().await {} }).await;
    }
    recording.failed(fault.failure(), fault.blind_spot(), fault.words());
    let mut response = page::of_fault(&fault, &target.origin());
    if session.protocol == Protocol::H1 {
        page::close_after(response.headers_mut());
    }
    response
}

fn wanted_upgrade(session: &Session, request: &mut Request<Incoming>) -> Option<Upgrade> {
    let protocol = upgrade(request.headers());
    // Taken out in any case: it would keep the client's connection alive from inside the request.
    let client = hyper::upgrade::on(&mut *request);
    if session.protocol == Protocol::H2 || request.version() != Version::HTTP_11 {
        return None;
    }
    let kind = match protocol?.as_str() {
        "websocket" => BlindSpotKind::WebsocketNotRead,
        _ => BlindSpotKind::NotHttp,
    };
    Some(Upgrade { kind, client })
}

fn request_record(request: &Request<Incoming>, target: &Target) -> RequestRecord {
    let mut headers = record(request.headers());
    // HTTP/2 has no Host line; what it has instead is worth keeping where it tells something else.
    let authority =
        request.uri().authority().map(UriAuthority::as_str).filter(|_| request.version() == Version::HTTP_2);
    if let Some(authority) = authority.filter(|text| !text.eq_ignore_ascii_case(&Site::host_header(target))) {
        headers.0.insert(0, (":authority".to_owned(), authority.as_bytes().to_vec()));
    }
    RequestRecord {
        method: request.method().as_str().to_owned(),
        target: target.clone(),
        version: version_name(request.version()).to_owned(),
        headers,
        body: Body::default(),
    }
}

fn version_name(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_11 => "HTTP/1.1",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP",
    }
}

/// As the site gets it: the path alone in HTTP/1.1, the whole in HTTP/2, bytes unchanged.
fn outgoing_uri(parts: &Parts, target: &Target, protocol: Protocol) -> Uri {
    let path = parts.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    let mut outgoing = Uri::default().into_parts();
    outgoing.path_and_query = Some(path);
    if protocol == Protocol::H2 {
        let named = parts.headers.get(HOST).and_then(|host| UriAuthority::try_from(host.as_bytes()).ok());
        let own = || UriAuthority::try_from(Site::host_header(target)).ok();
        outgoing.authority = parts.uri.authority().cloned().or(named).or_else(own);
        outgoing.scheme = Some(if target.scheme.is_cleartext() { UriScheme::HTTP } else { UriScheme::HTTPS });
    }
    Uri::from_parts(outgoing).unwrap_or_else(|_| parts.uri.clone())
}

/// For how long a request counts as work of the page: what a page needs, to its end; what a script asks for may be a
/// long poll.
fn patience(headers: &HeaderMap) -> Option<Duration> {
    match headers.get(FETCH_DESTINATION).map(HeaderValue::as_bytes) {
        // Sound and film may run for as long as the page is open.
        Some(b"empty" | b"audio" | b"video") => Some(SCRIPT_PATIENCE),
        Some(_) => None,
        None => {
            let wants_page = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
            (!wants_page.is_some_and(|accept| accept.contains("text/html"))).then_some(UNKNOWN_PATIENCE)
        }
    }
}

fn is_event_stream(value: &HeaderValue) -> bool {
    let start = value.as_bytes().get(..b"text/event-stream".len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(b"text/event-stream"))
}
