//! Requests that are judged before they leave.

use std::sync::Arc;
use std::sync::Mutex;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;
use hyper::body::Frame;
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::{BlindSpotKind, BodyState, Exchange, Failure, Redacted, RequestRecord, Rule};
use proxy::{FirstLook, Guard, Refusal, Resolve, Verdict};
use tokio::io::AsyncWriteExt as _;

use crate::kit::{Fixture, Frames, TestCa, head, kinds, rest, text, web_site};

/// Stops what says `stop`, and dies of what says `die`.
#[derive(Debug)]
struct Strict;

impl Guard for Strict {
    fn first_look(&self, request: &RequestRecord) -> FirstLook {
        match request.target.path.as_str() {
            "/own" => FirstLook::Pass,
            "/change" => FirstLook::HoldBack,
            "/tell" => FirstLook::Sink,
            _ => FirstLook::Judge,
        }
    }

    fn judge(&self, exchange: &Exchange) -> Verdict {
        let body = String::from_utf8_lossy(&exchange.request.body.bytes).into_owned();
        let trailers = String::from_utf8_lossy(exchange.request.headers.get("x-sum").unwrap_or_default()).into_owned();
        let all = format!("{}{body}{trailers}", exchange.request.target);
        assert!(!all.contains("die"), "as asked");
        if all.contains("stop") {
            return Verdict::Stop(Refusal {
                rule: Rule::CprInThirdPartyRequest,
                recipient: Redacted::own_words("a.test"),
                parameter: Redacted::own_words("cpr"),
            });
        }
        Verdict::Pass
    }
}

/// What the site got: path, body, trailer.
type Got = Arc<Mutex<Vec<(String, String, Option<String>)>>>;

const CAP: usize = 1000;

async fn guarded() -> (Fixture, Got) {
    let ca = TestCa::new();
    let got = Got::default();
    let log = Arc::clone(&got);
    let site = web_site(Some(ca.server(&["a.test"], &["h2", "http/1.1"])), move |request| {
        let log = Arc::clone(&log);
        async move {
            let path = request.uri().path_and_query().unwrap().to_string();
            let body = request.into_body().collect().await.unwrap();
            let trailer =
                body.trailers().and_then(|fields| fields.get("x-sum")).map(|v| v.to_str().unwrap().to_owned());
            let body = String::from_utf8(body.to_bytes().to_vec()).unwrap();
            log.lock().unwrap().push((path, body, trailer));
            text("got it")
        }
    })
    .await;
    let fixture = Fixture::with(&ca, |settings| {
        settings.resolve.push(Resolve::new("*", 443, site).unwrap());
        settings.guard = Some(Arc::new(Strict));
        settings.body_cap = CAP;
    })
    .await;
    (fixture, got)
}

fn post(path: &str, body: &str) -> String {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
}

#[tokio::test]
async fn what_is_let_go_arrives_unchanged() {
    let (mut fixture, got) = guarded().await;
    let answer = fixture.ask("a.test", &post("/x?a=1", "hello")).await;
    assert!(answer.ends_with("got it"), "{answer}");
    let chunked = "POST /y HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n\
                   3\r\nabc\r\n2\r\nde\r\n0\r\nx-sum: 5\r\n\r\n";
    assert!(fixture.ask("a.test", chunked).await.ends_with("got it"));
    let expected = [("/x?a=1", "hello", None), ("/y", "abcde", Some("5"))];
    let expected = expected.map(|(path, body, sum)| (path.to_owned(), body.to_owned(), sum.map(str::to_owned)));
    assert_eq!(*got.lock().unwrap(), expected);
    for _ in 0..2 {
        let exchange = fixture.exchange().await;
        assert!(!exchange.blocked);
        assert_eq!((exchange.request.body.state, kinds(&exchange)), (BodyState::Whole, vec![]));
    }
}

#[tokio::test]
async fn what_is_stopped_is_recorded_and_never_leaves() {
    let (mut fixture, got) = guarded().await;
    let in_the_trailer = "POST /t HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
                          1\r\na\r\n0\r\nx-sum: stop\r\n\r\n";
    for request in [post("/?stop", ""), post("/", "stop"), in_the_trailer.to_owned()] {
        let answer = fixture.ask("a.test", &request).await;
        assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("x-cprvagt-blocked: cpr-in"), "{answer}");
        let exchange = fixture.exchange().await;
        assert!(exchange.blocked && exchange.response.is_none());
        assert!(matches!(exchange.failure, Some(Failure::Refused(_))), "{:?}", exchange.failure);
        assert_eq!((exchange.request.body.state, kinds(&exchange)), (BodyState::Whole, vec![]));
    }
    assert_eq!(*got.lock().unwrap(), []);
}

#[tokio::test]
async fn a_stopped_request_leaves_its_connection_usable() {
    let (fixture, got) = guarded().await;
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    stream.write_all(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nstop").await.unwrap();
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 403 "));
    stream.write_all(post("/next", "x").as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.ends_with("got it"));
    assert_eq!(got.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_too_long_to_be_judged_is_stopped_and_said_to_be() {
    let (mut fixture, got) = guarded().await;
    let answer = fixture.ask("a.test", &post("/", &"x".repeat(CAP + 1))).await;
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("x-cprvagt-blocked: unjudged"), "{answer}");
    let exchange = fixture.exchange().await;
    assert!(exchange.blocked && kinds(&exchange).contains(&BlindSpotKind::StoppedUnjudged));
    // What is there of it is judged all the same.
    let answer = fixture.ask("a.test", &post("/", &format!("stop{}", "x".repeat(CAP)))).await;
    assert!(answer.contains("x-cprvagt-blocked: cpr-in-third-party-request"), "{answer}");
    // What does not concern the guard passes at any length.
    assert!(fixture.ask("a.test", &post("/own", &"stop".repeat(CAP))).await.ends_with("got it"));
    let paths: Vec<String> = got.lock().unwrap().iter().map(|(path, ..)| path.clone()).collect();
    assert_eq!(paths, ["/own"]);
}

#[tokio::test]
async fn what_might_change_something_is_recorded_and_answered_here() {
    let (mut fixture, got) = guarded().await;
    let answer = fixture.ask("a.test", &post("/change", "cpr=0101901234")).await;
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("x-cprvagt-blocked: held-back"), "{answer}");
    let exchange = fixture.exchange().await;
    assert!(exchange.blocked && exchange.response.is_none());
    let body = &exchange.request.body;
    assert_eq!((body.bytes.as_slice(), body.state), (b"cpr=0101901234".as_slice(), BodyState::Whole));
    assert_eq!(kinds(&exchange), [BlindSpotKind::HeldBack]);
    // A body of any length is read, and told in pieces as every other.
    let answer = fixture.ask("a.test", &post("/change", &"x".repeat(CAP * 300))).await;
    assert!(answer.contains("x-cprvagt-blocked: held-back"), "{answer}");
    let first = fixture.exchange().await;
    assert_eq!((first.request.body.bytes.len(), kinds(&first)), (CAP, vec![BlindSpotKind::BodyCut]));
    let mut last = fixture.exchange().await;
    while last.request.body.wire_length < (CAP * 300) as u64 || kinds(&last).is_empty() {
        last = fixture.exchange().await;
    }
    assert_eq!((last.blocked, kinds(&last)), (true, vec![BlindSpotKind::HeldBack]));
    assert_eq!(*got.lock().unwrap(), []);
}

#[tokio::test]
async fn what_a_third_party_is_not_to_get_is_answered_as_if_it_had() {
    let (mut fixture, got) = guarded().await;
    let head = "Host: a.test\r\nOrigin: https://sag.test\r\nSec-Fetch-Dest: empty\r\nConnection: close";
    let beacon = format!("POST /tell HTTP/1.1\r\n{head}\r\nContent-Length: 3\r\n\r\nabc");
    let answer = fixture.ask("a.test", &beacon).await;
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    assert!(answer.contains("access-control-allow-origin: https://sag.test"), "{answer}");
    let exchange = fixture.exchange().await;
    assert_eq!(
        (exchange.request.body.bytes.as_slice(), kinds(&exchange)),
        (b"abc".as_slice(), vec![BlindSpotKind::Sunk])
    );
    let image = "GET /tell HTTP/1.1\r\nHost: a.test\r\nSec-Fetch-Dest: image\r\nConnection: close\r\n\r\n";
    let answer = fixture.ask("a.test", image).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("GIF89a"), "{answer}");
    assert_eq!(*got.lock().unwrap(), []);
}

#[tokio::test]
async fn what_is_half_held_back_says_so() {
    let (mut fixture, got) = guarded().await;
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    stream.write_all(b"POST /change HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9\r\n\r\nhalf").await.unwrap();
    stream.flush().await.unwrap();
    drop(stream);
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.request.body.state, BodyState::Cut);
    assert!(kinds(&exchange).contains(&BlindSpotKind::ConnectionBroken), "{:?}", kinds(&exchange));
    assert_eq!(*got.lock().unwrap(), []);
}

#[tokio::test]
async fn a_guard_that_dies_lets_nothing_pass() {
    let (mut fixture, got) = guarded().await;
    let answer = fixture.ask("a.test", &post("/", "die")).await;
    assert!(answer.contains("x-cprvagt-blocked: unjudged"), "{answer}");
    assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::StoppedUnjudged]);
    assert_eq!(*got.lock().unwrap(), []);
}

#[tokio::test]
async fn a_client_that_waits_for_permission_to_send_gets_it_from_us() {
    let (fixture, got) = guarded().await;
    for (body, status) in [("stop", "403"), ("okay", "200")] {
        let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
        let request =
            "POST / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        assert!(head(&mut stream).await.starts_with("HTTP/1.1 100 "));
        stream.write_all(body.as_bytes()).await.unwrap();
        let answer = head(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    assert_eq!(got.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn streams_of_http2_are_judged_each() {
    let (mut fixture, got) = guarded().await;
    let stream = fixture.tls("a.test", &["h2"]).await;
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    for (body, status) in [("stop", 403), ("okay", 200)] {
        let frames = Frames::of([Frame::data(Bytes::from_static(b"a ")), Frame::data(Bytes::from(body))]);
        let request = Request::post("https://a.test/").body(frames).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(fixture.exchange().await.blocked, status == 403);
    }
    assert_eq!(*got.lock().unwrap(), [("/".to_owned(), "a okay".to_owned(), None)]);
}

#[tokio::test]
async fn a_websocket_is_judged_when_it_is_asked_for() {
    let (mut fixture, got) = guarded().await;
    let request = "GET /socket?stop HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 403 "));
    assert!(fixture.exchange().await.blocked);
    assert_eq!(*got.lock().unwrap(), []);
}

#[tokio::test]
async fn a_request_that_breaks_off_does_not_leave_in_part() {
    let (mut fixture, got) = guarded().await;
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    stream.write_all(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9\r\n\r\nhalf").await.unwrap();
    drop(stream);
    let exchange = fixture.exchange().await;
    assert!(exchange.failure.is_some());
    assert_eq!(*got.lock().unwrap(), []);
}
