//! Starting, settling and stopping.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Frame;
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::{BlindSpotKind, Failure, VisitId};
use proxy::{Captured, ProxyError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;

use crate::kit::{Fixture, PATIENCE, TestCa, framed_site, head, kinds, rest, text, web_site};

const REQUEST: &[u8] = b"GET /?cpr=1 HTTP/1.1\r\nHost: a.test\r\nAccept: text/html\r\n\r\n";

/// A site that says when it was asked, and answers when it is let.
struct PatientSite {
    address: SocketAddr,
    asked: watch::Receiver<bool>,
    answer: watch::Sender<bool>,
}

impl PatientSite {
    async fn new(ca: &TestCa) -> Self {
        let (answer, wait) = watch::channel(false);
        let (was_asked, asked) = watch::channel(false);
        let address = web_site(Some(ca.server(&["a.test"], &[])), move |_| {
            let mut wait = wait.clone();
            was_asked.send_replace(true);
            async move {
                wait.wait_for(|let_go| *let_go).await.ok();
                text("at last")
            }
        })
        .await;
        Self { address, asked, answer }
    }

    async fn was_asked(&mut self) {
        self.asked.wait_for(|asked| *asked).await.unwrap();
    }
}

#[test]
fn handles_go_to_other_threads() {
    fn goes<T: Send + Sync>() {}
    goes::<proxy::Proxy>();
    goes::<proxy::Listener>();
}

#[tokio::test]
async fn a_port_that_is_taken_is_said() {
    let ca = TestCa::new();
    let fixture = Fixture::with(&ca, |_| {}).await;
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let _holder = TcpListener::bind(("127.0.0.1", taken)).await.unwrap();
    let error = fixture.proxy.listen(taken).await.err().unwrap();
    assert!(matches!(error, ProxyError::Listen { address, .. } if address.port() == taken));
    assert_eq!(error.to_string(), format!("cannot listen on 127.0.0.1:{taken}"));
}

#[tokio::test]
async fn ports_have_their_own_visits_and_flights() {
    let ca = TestCa::new();
    let mut site = PatientSite::new(&ca).await;
    let mut fixture = Fixture::new(&ca, site.address).await;
    let other = fixture.proxy.listen(0).await.unwrap();
    other.set_visit(Some(VisitId(2)));
    fixture.listener.set_visit(Some(VisitId(1)));
    let mut stream = fixture.tls("a.test", &[]).await;
    stream.write_all(REQUEST).await.unwrap();
    site.was_asked().await;
    assert_eq!((fixture.listener.in_flight(), other.in_flight()), (1, 0));
    let quiet = Duration::from_millis(50);
    assert!(other.settled(quiet, PATIENCE).await);
    assert!(!fixture.listener.settled(quiet, Duration::from_millis(200)).await);
    site.answer.send(true).unwrap();
    assert!(fixture.listener.settled(quiet, PATIENCE).await);
    // Whoever waited finds the exchange in the queue.
    let Ok(Captured::Exchange(exchange)) = fixture.captured.try_recv() else { panic!("nothing in the queue") };
    assert_eq!(exchange.visit, Some(VisitId(1)));
}

#[tokio::test]
async fn what_is_under_way_may_finish_when_the_proxy_stops() {
    let ca = TestCa::new();
    let mut site = PatientSite::new(&ca).await;
    let fixture = Fixture::new(&ca, site.address).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    stream.write_all(REQUEST).await.unwrap();
    site.was_asked().await;
    let address = fixture.listener.address();
    let stopping = tokio::spawn(fixture.stop());
    let begun = Instant::now();
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    site.answer.send(true).unwrap();
    assert!(rest(&mut stream).await.ends_with("at last"));
    let all = stopping.await.unwrap();
    let [Captured::Exchange(exchange)] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((exchange.response.as_ref().unwrap().status, kinds(exchange)), (200, vec![]));
}

#[tokio::test]
async fn pitfall_25_http2_is_told_to_go_away_and_what_runs_on_it_finishes() {
    let ca = TestCa::new();
    let (was_asked, mut asked) = watch::channel(false);
    let (answer, wait) = watch::channel(false);
    let site = web_site(Some(ca.server(&["a.test"], &["h2"])), move |_| {
        was_asked.send_replace(true);
        let mut wait = wait.clone();
        async move {
            wait.wait_for(|let_go| *let_go).await.ok();
            text("at last")
        }
    })
    .await;
    let fixture = Fixture::new(&ca, site).await;
    let stream = fixture.tls("a.test", &["h2"]).await;
    let (read, mut write) = tokio::io::split(stream);
    // The preface, empty settings, and a request: `:method GET`, `:scheme https`, `:path /`, `:authority a.test` (RFC 7541 B).
    let mut request = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    let block = b"\x82\x87\x84\x41\x06a.test";
    request.extend([0, 0, u8::try_from(block.len()).unwrap(), 1, 5, 0, 0, 0, 1]);
    request.extend(block);
    write.write_all(&request).await.unwrap();
    asked.wait_for(|asked| *asked).await.unwrap();
    let stopping = tokio::spawn(fixture.stop());
    let mut frames = frames_of(read);
    // Its last stream is 2^31-1 at first, so that requests on their way are not lost (RFC 9113 §6.8).
    while frames.recv().await.expect("a frame").0 != GOAWAY {}
    answer.send(true).unwrap();
    let mut body = Vec::new();
    while let Some((kind, payload)) = frames.recv().await {
        if kind == DATA {
            body.extend(payload);
        }
    }
    assert_eq!(body, b"at last");
    let all = stopping.await.unwrap();
    let [Captured::Exchange(exchange)] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((exchange.response.as_ref().unwrap().status, kinds(exchange)), (200, vec![]));
}

/// Frame types (RFC 9113 §6).
const DATA: u8 = 0;
const GOAWAY: u8 = 7;

/// The frames that come on `stream`, until it ends.
fn frames_of(mut stream: impl tokio::io::AsyncRead + Send + Unpin + 'static) -> UnboundedReceiver<(u8, Vec<u8>)> {
    let (sender, frames) = unbounded_channel();
    tokio::spawn(async move {
        let mut head = [0; 9];
        while stream.read_exact(&mut head).await.is_ok() {
            let [a, b, c, kind, ..] = head;
            let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
            if stream.read_exact(&mut payload).await.is_err() || sender.send((kind, payload)).is_err() {
                return;
            }
        }
    });
    frames
}

#[tokio::test]
async fn what_does_not_finish_is_handed_over_as_it_is() {
    let ca = TestCa::new();
    let mut site = PatientSite::new(&ca).await;
    let fixture = Fixture::new(&ca, site.address).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    stream.write_all(REQUEST).await.unwrap();
    site.was_asked().await;
    let listener = fixture.listener.clone();
    let all = fixture.stop().await;
    let [Captured::Exchange(exchange)] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(exchange.request.target.to_string(), "https://a.test/?cpr=1");
    assert!(matches!(exchange.failure, Some(Failure::Broken(_))));
    assert_eq!(kinds(exchange), [BlindSpotKind::ConnectionBroken]);
    assert_eq!(rest(&mut stream).await, "");
    assert_eq!(listener.in_flight(), 0);
}

#[tokio::test]
async fn an_event_stream_does_not_hold_up_the_end() {
    let ca = TestCa::new();
    let (sender, site) = framed_site(&ca, Some("text/event-stream; charset=utf-8")).await;
    let fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    stream.write_all(REQUEST).await.unwrap();
    head(&mut stream).await;
    sender.send(Frame::data("x".into())).unwrap();
    let mut event = [0; 6];
    stream.read_exact(&mut event).await.unwrap();
    let begun = Instant::now();
    let all = fixture.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let [Captured::Exchange(exchange)] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(exchange.response.as_ref().unwrap().body_bytes, 1);
    assert_eq!(kinds(exchange), [BlindSpotKind::ConnectionBroken]);
}

#[tokio::test]
async fn a_client_that_leaves_is_no_blind_spot() {
    let ca = TestCa::new();
    let mut site = PatientSite::new(&ca).await;
    let mut fixture = Fixture::new(&ca, site.address).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    stream.write_all(REQUEST).await.unwrap();
    site.was_asked().await;
    drop(stream);
    let exchange = fixture.exchange().await;
    assert!(matches!(exchange.failure, Some(Failure::Broken(_))));
    assert_eq!(kinds(&exchange), []);
    assert_eq!(fixture.listener.in_flight(), 0);
}

#[tokio::test]
async fn a_client_that_leaves_during_the_answer_is_no_blind_spot() {
    let ca = TestCa::new();
    let (sender, site) = framed_site(&ca, None).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    stream.write_all(REQUEST).await.unwrap();
    head(&mut stream).await;
    drop(stream);
    let exchange = fixture.exchange().await;
    assert_eq!((exchange.response.as_ref().unwrap().status, kinds(&exchange)), (200, vec![]));
    drop(sender);
}

#[tokio::test]
async fn a_cancelled_stream_of_http2_is_no_blind_spot() {
    let ca = TestCa::new();
    let (was_asked, mut asked) = watch::channel(false);
    let site = web_site(Some(ca.server(&["a.test"], &["h2"])), move |request| {
        was_asked.send_replace(true);
        async move {
            if request.uri().path() == "/never" {
                std::future::pending::<()>().await;
            }
            text("other")
        }
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let stream = fixture.tls("a.test", &["h2"]).await;
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = |path: &str| Request::get(format!("https://a.test{path}")).body(Empty::<Bytes>::new()).unwrap();
    let never = tokio::spawn(sender.send_request(request("/never")));
    asked.wait_for(|asked| *asked).await.unwrap();
    never.abort();
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.request.target.path, "/never");
    assert!(matches!(exchange.failure, Some(Failure::Broken(_))));
    assert_eq!((kinds(&exchange), fixture.listener.in_flight()), (vec![], 0));
    let answer = sender.send_request(request("/other")).await.unwrap().collect().await.unwrap().to_bytes();
    assert_eq!(answer, "other");
}

#[tokio::test]
async fn a_slow_page_is_under_way_until_its_end() {
    let ca = TestCa::new();
    let (sender, site) = framed_site(&ca, None).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    stream.write_all(REQUEST).await.unwrap();
    head(&mut stream).await;
    // Handed over before its end, since its request is known.
    assert_eq!(fixture.exchange().await.duration_ms, None);
    assert_eq!(fixture.listener.in_flight(), 1);
    drop(sender);
    assert!(fixture.listener.settled(Duration::from_millis(50), PATIENCE).await);
}

#[tokio::test]
async fn a_proxy_that_is_dropped_ends_everything() {
    let ca = TestCa::new();
    let mut site = PatientSite::new(&ca).await;
    let fixture = Fixture::new(&ca, site.address).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    stream.write_all(REQUEST).await.unwrap();
    site.was_asked().await;
    let Fixture { proxy, listener: _listener, mut captured, .. } = fixture;
    drop(proxy);
    assert_eq!(rest(&mut stream).await, "");
    assert!(captured.recv().await.is_none());
}
