//! One request: recorded, sent on to the site, its answer passed back.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, EXPECT, HOST, HeaderName, HeaderValue, LINK};
use http::request::Parts;
use http::uri::{Authority as UriAuthority, PathAndQuery, Scheme as UriScheme};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use model::{Body, RequestRecord, Scheme, Target};
use tokio::time::timeout;

use crate::ambiguity::{ambiguity, make_host_plain, misleading};
use crate::dial::Route;
use crate::fault::{Fault, Stage};
use crate::flight::{SCRIPT_PATIENCE, UNKNOWN_PATIENCE};
use crate::guard::{FirstLook, Stopped};
use crate::headers::{Direction, Passage, offers_http3, passed_on, record};
use crate::line::Protocol;
use crate::own_site;
use crate::page;
use crate::reader::Reader;
use crate::recording::Recording;
use crate::relay;
use crate::session::{Session, Site};
use crate::stopped;
use crate::tap::{AnswerBody, AnswerTap, GateKeeper, RequestTap};
use crate::upgrade::Upgrade;

/// How long the body of a request that cannot be sent is still read: what it would have told is worth knowing.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
const FETCH_DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");

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
        return own_site::answer(&session.client.authority, &request, session.tls.is_some());
    };
    let (upgrade, route) = match (Upgrade::wanted(&session, &mut request), route) {
        (_, Ok(_)) if request.method() == Method::CONNECT => {
            (None, Err(Fault::Unsupported("a CONNECT inside a tunnel")))
        }
        (upgrade, Ok(route)) => match ambiguity(&request) {
            Some(what) => (None, Err(Fault::BadRequest(what.to_owned()))),
            None => (upgrade, Ok(route)),
        },
        (upgrade, route) => (upgrade, route),
    };
    if upgrade.as_ref().is_some_and(Upgrade::is_websocket) {
        target.scheme = if target.scheme.is_cleartext() { Scheme::Ws } else { Scheme::Wss };
    }

    let reader = Reader::of(request.headers());
    let flight = session.client.port.flights.begin(patience(request.headers()));
    let recorded = request_record(&request, &target);
    let visit = session.client.port.visit();
    let mut connection = session.connection(request.extensions());
    let legacy = session.client.legacy.as_ref();
    connection.simulated_referer = legacy.is_some_and(|legacy| legacy.is_behind(&target, request.headers()));
    let gatehouse = session.client.gatehouse.as_ref().filter(|_| route.is_ok());
    let first_look = gatehouse.map_or(FirstLook::Pass, |gatehouse| gatehouse.first_look(&recorded));
    let to_judge = gatehouse
        .filter(|_| first_look == FirstLook::Judge)
        .map(|gatehouse| (Arc::clone(gatehouse), recorded.clone(), connection.clone()));
    let recording = Recording::begin(&session.client.recorder, recorded, connection, visit, flight);
    let mut leaving = Leaving(Some(Arc::clone(&recording)));

    let passage =
        Passage { direction: Direction::Up, is_h2: session.protocol == Protocol::H2, upgrades: upgrade.is_some() };
    let (mut parts, body) = request.into_parts();
    let expects = parts.headers.get(EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    if to_judge.is_some() {
        recording.held_for_judging();
    }
    let mut tap = RequestTap::new(body, Arc::clone(&recording));
    let kept_here = match first_look {
        FirstLook::Pass | FirstLook::Judge => None,
        FirstLook::HoldBack => Some(Stopped::HeldBack),
        FirstLook::Sink => Some(Stopped::Sunk),
    };
    if let Some(kept_here) = kept_here {
        read_rest(&mut tap).await;
        let response = stop(&session, &recording, &target, &kept_here, &parts.headers, &tap);
        leaving.0 = None;
        return response;
    }
    if let Some((gatehouse, recorded, connection)) = to_judge
        && let Some(stopped) = Box::pin(gatehouse.stops(recorded, connection, visit, &mut tap)).await
    {
        let response = stop(&session, &recording, &target, &stopped, &parts.headers, &tap);
        leaving.0 = None;
        return response;
    }
    let response = match route {
        Err(fault) => not_sent(&session, &recording, (&target, reader), fault, (!expects).then_some(tap)).await,
        Ok(mut route) => {
            // What becomes something else needs a tunnel.
            if passage.upgrades {
                Arc::make_mut(&mut route).relays = false;
            }
            let relay = session.client.dialer.relay(&route);
            parts.headers = passed_on(parts.headers, passage);
            parts.version = session.protocol.version();
            if session.protocol == Protocol::H1 {
                make_host_plain(&mut parts, &target);
            }
            parts.uri = outgoing_uri(&parts, &target, session.protocol);
            if let Some(proxy) = relay {
                relay::address(&mut parts, &Site::host_header(&target), proxy);
            }
            match ask(&session, &route, &recording, parts, tap, expects).await {
                Ok(response) => {
                    let fault = relay.and_then(|proxy| relay::fault(&response, proxy));
                    match fault.or_else(|| misleading(&response, upgrade.is_some())) {
                        Some(fault) => not_sent(&session, &recording, (&target, reader), fault, None).await,
                        None => answer(&session, &recording, &target, response, upgrade),
                    }
                }
                Err((fault, tap)) => {
                    not_sent(&session, &recording, (&target, reader), fault, tap.filter(|_| !expects)).await
                }
            }
        }
    };
    leaving.0 = None;
    response
}

/// Sends a request to the site; a request that cannot be sent comes back, its body unread.
async fn ask(
    session: &Session,
    route: &Arc<Route>,
    recording: &Arc<Recording>,
    parts: Parts,
    mut tap: RequestTap,
    expects: bool,
) -> Result<Response<Incoming>, (Fault, Option<RequestTap>)> {
    let keeper = (expects && session.protocol == Protocol::H1 && !tap.is_end_stream()).then(|| tap.gate());
    // Without a body, and safe (RFC 9110 §9.2.2), it may be sent again when a kept connection turns out to be closed.
    let again = (tap.is_end_stream() && parts.method.is_safe()).then(|| parts.clone());
    let mut request = Request::from_parts(parts, tap);
    listen_ahead(&mut request, recording, keeper.clone());
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
            () = recording.overdue() => return Err((Fault::TimedOut(Stage::Answer), None)),
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
                let mut request = Request::from_parts(parts.clone(), RequestTap::empty(Arc::clone(recording)));
                listen_ahead(&mut request, recording, None);
                request
            }
            (unsent, _) => return Err((failed.fault, unsent.map(Request::into_body))),
        };
    }
}

/// Hears what the site says ahead of its answer (RFC 9110 §15.2). The library tells it of HTTP/1 alone, and cannot pass
/// it on.
fn listen_ahead(request: &mut Request<RequestTap>, recording: &Arc<Recording>, keeper: Option<GateKeeper>) {
    let recording = Arc::clone(recording);
    hyper::ext::on_informational(request, move |response| match response.status() {
        StatusCode::CONTINUE => {
            keeper.as_ref().map(GateKeeper::open);
        }
        StatusCode::EARLY_HINTS => {
            recording.announced(response.headers().get_all(LINK).iter().map(|link| link.as_bytes().to_vec()));
        }
        _ => {}
    });
}

/// Passes the site's answer back.
fn answer(
    session: &Session,
    recording: &Arc<Recording>,
    target: &Target,
    mut response: Response<Incoming>,
    upgrade: Option<Upgrade>,
) -> Response<AnswerBody> {
    let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let is_stream = response.headers().get(CONTENT_TYPE).is_some_and(is_event_stream);
    // A WebSocket is no work either, from when its exchange is handed over.
    let is_websocket = switches && upgrade.as_ref().is_some_and(Upgrade::is_websocket);
    let counts_as_work = is_websocket || (!switches && !is_stream);
    recording.answered(response.status().as_u16(), record(response.headers()), counts_as_work);
    if offers_http3(response.headers()) {
        recording.withheld_http3();
    }
    let site = hyper::upgrade::on(&mut response);
    let (mut parts, body) = response.into_parts();
    let is_h2 = session.protocol == Protocol::H2;
    parts.headers = passed_on(parts.headers, Passage { direction: Direction::Down, is_h2, upgrades: switches });
    if let Some(legacy) = &session.client.legacy {
        legacy.give(target, parts.status.as_u16(), &mut parts.headers);
    }
    parts.version = session.protocol.version();
    match upgrade {
        Some(upgrade) if switches => {
            upgrade.carry_out(session, recording, site);
            Response::from_parts(parts, AnswerBody::none())
        }
        Some(_) | None => {
            Response::from_parts(parts, AnswerBody::Streamed(AnswerTap::new(body, Arc::clone(recording))))
        }
    }
}

/// Answers in place of the site, and keeps what it would have been sent.
async fn not_sent(
    session: &Session,
    recording: &Recording,
    (target, reader): (&Target, Reader),
    fault: Fault,
    tap: Option<RequestTap>,
) -> Response<AnswerBody> {
    if session.client.recorder.switch.is_cut() {
        // It failed because the proxy stops, which ends this too: the site is not to blame.
        std::future::pending::<()>().await;
    }
    // Before the body is read: what is handed over of it on the way did not get there either.
    recording.failed(fault.failure(), fault.blind_spot(), fault.words());
    if let Some(mut tap) = tap {
        read_rest(&mut tap).await;
    }
    let mut response = page::of_fault(&fault, &target.origin(), reader);
    if session.protocol == Protocol::H1 {
        page::close_after(response.headers_mut());
    }
    response
}

/// Reads what the client still sends. Cut off by the time, it counts as not known to its end.
async fn read_rest(tap: &mut RequestTap) {
    let _ = timeout(DRAIN_TIMEOUT, async { while let Some(Ok(_)) = tap.frame().await {} }).await;
}

/// Answers in place of the site a request that must not leave.
fn stop(
    session: &Session,
    recording: &Recording,
    target: &Target,
    stopped: &Stopped,
    head: &HeaderMap,
    tap: &RequestTap,
) -> Response<AnswerBody> {
    recording.stopped(stopped);
    let mut response = stopped::answer(stopped, target.host.as_str(), head);
    if session.protocol == Protocol::H1 && !tap.is_read() {
        page::close_after(response.headers_mut());
    }
    response
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
