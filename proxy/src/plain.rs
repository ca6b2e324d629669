//! A connection to the proxy's own port: requests in clear text, and `CONNECT`, which begins a tunnel.

use std::sync::Arc;

use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use model::{BlindSpot, BlindSpotKind};
use tokio::net::TcpStream;

use crate::first_bytes::Prefixed;
use crate::forward::forward;
use crate::line::Protocol;
use crate::serve::serve;
use crate::session::{Client, Session, Site, Way};
use crate::tap::AnswerBody;
use crate::tunnel;

/// Serves a connection that was just accepted.
pub(crate) async fn run(client: Client, stream: TcpStream) {
    let tasks = client.tasks.clone();
    let session = Arc::new(Session::new(client.clone(), Protocol::H1, None, Way::Anywhere));
    let served = serve(stream, Protocol::H1, &tasks, move |request| answer(Arc::clone(&session), request)).await;
    if let Err(error) = served
        && error.is_parse()
    {
        let place = client.port.address().to_string();
        let detail = format!("a client sent the proxy what is no HTTP: {error}");
        client.recorder.blind_spot(BlindSpot::new(BlindSpotKind::NotHttp, place, detail).in_visit(client.port.visit()));
    }
}

async fn answer(session: Arc<Session>, request: Request<Incoming>) -> Response<AnswerBody> {
    if request.method() == Method::CONNECT {
        return connect(&session, request);
    }
    if let Some(scheme) = request.uri().scheme_str().filter(|scheme| !["http", "https", "ws", "wss"].contains(scheme)) {
        let place = request.uri().host().unwrap_or_default();
        let blind_spot = BlindSpot::new(BlindSpotKind::NotHttp, place, format!("a request by {scheme} was refused"));
        session.client.recorder.blind_spot(blind_spot.in_visit(session.client.port.visit()));
    }
    Box::pin(forward(session, request)).await
}

/// Agrees to a tunnel at once: whether the site can be reached shows when the client has said what it wants there.
fn connect(session: &Session, mut request: Request<Incoming>) -> Response<AnswerBody> {
    let Some((host, port)) = request.uri().authority().and_then(Site::of_connect) else {
        let mut refusal = Response::new(AnswerBody::own("CONNECT needs a host and a port\n"));
        *refusal.status_mut() = StatusCode::BAD_REQUEST;
        return refusal;
    };
    let upgraded = hyper::upgrade::on(&mut request);
    let client = session.client.clone();
    client.tasks.clone().start(async move {
        // Neither fails but when the client left between asking and being answered.
        let Ok(upgraded) = upgraded.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else { return };
        let stream = Prefixed::new(&parts.read_buf, parts.io.into_inner());
        Box::pin(tunnel::run(client, host, port, stream)).await;
    });
    Response::new(AnswerBody::none())
}
