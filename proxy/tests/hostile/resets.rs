//! Connections that are reset (RST) at each stage, by the site or by the client: told once, and nothing is left.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::{BlindSpotKind, BodyState, Failure};
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use crate::alone::{Census, alone};
use crate::kit::{Fixture, Stream, TestCa, head, kinds, rest, text, web_site};

/// When a site resets the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Accepted,
    Handshake,
    RequestHead,
    MidUpload,
    AnswerHead,
    MidAnswer,
    /// After an answer, on the kept connection.
    Between,
}

const UPLOAD: &[u8] = b"POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000\r\n\r\ncpr=0101904321";
const GET: &[u8] = b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n";
const BEGUN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";

/// Whatever is dropped from now on ends with a reset.
fn will_reset(stream: &TcpStream) {
    stream.set_zero_linger().unwrap();
}

/// A site that resets at `stage`; `go` is the client's word that what was sent has arrived.
async fn resetting_site(tls: Option<Arc<ServerConfig>>, stage: Stage, go: Arc<Notify>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            will_reset(&stream);
            if stage == Stage::Accepted {
                continue;
            }
            if stage == Stage::Handshake {
                stream.read_u8().await.unwrap();
                continue;
            }
            let mut stream: Stream = match &tls {
                Some(config) => Box::new(TlsAcceptor::from(Arc::clone(config)).accept(stream).await.unwrap()),
                None => Box::new(stream),
            };
            head(&mut stream).await;
            match stage {
                Stage::Accepted | Stage::Handshake | Stage::RequestHead => {}
                Stage::MidUpload => {
                    stream.read_exact(&mut [0; 14]).await.unwrap();
                }
                Stage::AnswerHead | Stage::MidAnswer => {
                    stream.write_all(BEGUN).await.unwrap();
                    if stage == Stage::MidAnswer {
                        stream.write_all(b"hello").await.unwrap();
                    }
                    stream.flush().await.unwrap();
                    go.notified().await;
                }
                Stage::Between => {
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx").await.unwrap();
                    stream.flush().await.unwrap();
                    go.notified().await;
                }
            }
        }
    });
    address
}

/// A client's stream to the site: with TLS in a tunnel, or in clear text.
async fn client(fixture: &Fixture, tls: bool) -> Stream {
    if tls { Box::new(fixture.tls("a.test", &[]).await) } else { Box::new(fixture.tunnel("a.test:80").await) }
}

#[test]
fn a_site_may_reset_before_it_answers() {
    alone(async {
        let ca = TestCa::new();
        for tls in [true, false] {
            for stage in [Stage::Accepted, Stage::Handshake, Stage::RequestHead, Stage::MidUpload] {
                if stage == Stage::Handshake && !tls {
                    continue;
                }
                let config = tls.then(|| ca.server(&["a.test"], &[]));
                let site = resetting_site(config, stage, Arc::default()).await;
                let mut fixture = Fixture::new(&ca, site).await;
                let census = Census::now();
                let mut stream = client(&fixture, tls).await;
                stream.write_all(if stage == Stage::MidUpload { UPLOAD } else { GET }).await.unwrap();
                let answer = head(&mut stream).await;
                assert!(answer.starts_with("HTTP/1.1 502 "), "{stage:?} {tls}: {answer}");
                drop(stream);
                let exchange = fixture.exchange().await;
                let expected = match &exchange.failure {
                    // The reset may come before the system says that there is a connection.
                    Some(Failure::Unreachable(_)) if stage == Stage::Accepted => BlindSpotKind::HostUnreachable,
                    Some(Failure::Broken(_)) => BlindSpotKind::ConnectionBroken,
                    other => panic!("{stage:?} {tls}: {other:?}"),
                };
                assert_eq!(kinds(&exchange), [expected], "{stage:?} {tls}");
                if stage == Stage::MidUpload {
                    assert_eq!(exchange.request.body.bytes, b"cpr=0101904321");
                    assert_eq!(exchange.request.body.state, BodyState::Cut);
                }
                census.is_back((stage, tls)).await;
                assert!(fixture.stop().await.is_empty(), "{stage:?} {tls}");
            }
        }
    });
}

#[test]
fn a_site_may_reset_in_its_answer() {
    alone(async {
        let ca = TestCa::new();
        for tls in [true, false] {
            for (stage, begun) in [(Stage::AnswerHead, ""), (Stage::MidAnswer, "hello")] {
                let (config, go) = (tls.then(|| ca.server(&["a.test"], &[])), Arc::new(Notify::new()));
                let site = resetting_site(config, stage, Arc::clone(&go)).await;
                let mut fixture = Fixture::new(&ca, site).await;
                let census = Census::now();
                let mut stream = client(&fixture, tls).await;
                stream.write_all(GET).await.unwrap();
                assert_eq!(head(&mut stream).await.as_bytes(), BEGUN);
                let mut body = vec![0; begun.len()];
                stream.read_exact(&mut body).await.unwrap();
                assert_eq!(body, begun.as_bytes());
                go.notify_one();
                assert_eq!(rest(&mut stream).await, "");
                drop(stream);
                let exchange = fixture.exchange().await;
                let response = exchange.response.as_ref().unwrap();
                assert_eq!((response.status, response.body_bytes), (200, begun.len() as u64), "{stage:?} {tls}");
                assert_eq!(kinds(&exchange), [BlindSpotKind::ConnectionBroken], "{stage:?} {tls}");
                census.is_back((stage, tls)).await;
                assert!(fixture.stop().await.is_empty(), "{stage:?} {tls}");
            }
        }
    });
}

#[test]
fn a_site_may_reset_between_requests() {
    alone(async {
        let ca = TestCa::new();
        for tls in [true, false] {
            let (config, go) = (tls.then(|| ca.server(&["a.test"], &[])), Arc::new(Notify::new()));
            let site = resetting_site(config, Stage::Between, Arc::clone(&go)).await;
            let mut fixture = Fixture::new(&ca, site).await;
            let census = Census::now();
            let mut stream = client(&fixture, tls).await;
            for _ in 0..3 {
                stream.write_all(GET).await.unwrap();
                assert!(head(&mut stream).await.starts_with("HTTP/1.1 200 "));
                assert_eq!(stream.read_u8().await.unwrap(), b'x');
                let exchange = fixture.exchange().await;
                assert_eq!((kinds(&exchange), exchange.failure.as_ref()), (vec![], None));
                go.notify_one();
            }
            drop(stream);
            census.is_back("").await;
            assert!(fixture.stop().await.is_empty());
        }
    });
}

#[test]
fn a_reset_ends_every_stream_of_http2_once() {
    const STREAMS: usize = 20;
    alone(async {
        let ca = TestCa::new();
        let tls = ca.server(&["a.test"], &["h2"]);
        let (all_there, go) = (Arc::new(tokio::sync::Semaphore::new(0)), Arc::new(Notify::new()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = listener.local_addr().unwrap();
        let (there, told) = (Arc::clone(&all_there), Arc::clone(&go));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                will_reset(&stream);
                let stream = TlsAcceptor::from(Arc::clone(&tls)).accept(stream).await.unwrap();
                let service = hyper::service::service_fn(|_| {
                    there.add_permits(1);
                    std::future::pending::<Result<http::Response<Empty<Bytes>>, std::convert::Infallible>>()
                });
                let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service);
                tokio::select! {
                    _ = connection => {}
                    () = told.notified() => {}
                }
            }
        });
        let mut fixture = Fixture::new(&ca, site).await;
        let census = Census::now();
        let stream = fixture.tls("a.test", &["h2"]).await;
        let (sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        let driver = tokio::spawn(connection);
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..STREAMS {
            let mut sender = sender.clone();
            tasks.spawn(async move {
                // Not safe, so not sent again on another connection.
                let request = Request::post(format!("https://a.test/{number}")).body(Empty::<Bytes>::new()).unwrap();
                sender.send_request(request).await.unwrap().status().as_u16()
            });
        }
        all_there.acquire_many(u32::try_from(STREAMS).unwrap()).await.unwrap().forget();
        go.notify_one();
        while let Some(status) = tasks.join_next().await {
            assert_eq!(status.unwrap(), 502);
        }
        for _ in 0..STREAMS {
            let exchange = fixture.exchange().await;
            assert!(matches!(exchange.failure, Some(Failure::Broken(_))), "{:?}", exchange.failure);
            assert_eq!(kinds(&exchange), [BlindSpotKind::ConnectionBroken]);
        }
        drop(sender);
        driver.await.unwrap().unwrap();
        census.is_back("").await;
        assert!(fixture.stop().await.is_empty());
    });
}

/// What a client has done when it resets the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Connected,
    HalfConnect,
    Connect,
    HalfHello,
    Handshake,
    HalfHead,
    HalfUpload,
    Request,
    HalfAnswer,
}

#[test]
fn a_client_may_reset_at_any_time() {
    alone(async {
        let ca = TestCa::new();
        let asked = Arc::new(Notify::new());
        let was_asked = Arc::clone(&asked);
        let site = web_site(Some(ca.server(&["a.test"], &[])), move |request| {
            was_asked.notify_one();
            async move {
                let answers = request.uri().path() == "/answers";
                if request.into_body().collect().await.is_ok() && !answers {
                    std::future::pending::<()>().await;
                }
                text("x".repeat(1 << 20))
            }
        })
        .await;
        let mut fixture = Fixture::new(&ca, site).await;
        // What the first connection of all leaves behind is no leak.
        drop(fixture.tls("a.test", &[]).await);
        let quiet = Duration::from_millis(50);
        assert!(fixture.listener.settled(quiet, crate::kit::PATIENCE).await);
        let census = Census::now();
        for done in [
            Done::Connected,
            Done::HalfConnect,
            Done::Connect,
            Done::HalfHello,
            Done::Handshake,
            Done::HalfHead,
            Done::HalfUpload,
            Done::Request,
            Done::HalfAnswer,
        ] {
            for _ in 0..5 {
                leave(&fixture, done, &asked).await;
                let expected = match done {
                    Done::HalfUpload => Some((None, vec![BlindSpotKind::ConnectionBroken])),
                    Done::Request => Some((None, vec![])),
                    Done::HalfAnswer => Some((Some(200), vec![])),
                    _ => None,
                };
                if let Some(expected) = expected {
                    let exchange = fixture.exchange().await;
                    let status = exchange.response.as_ref().map(|response| response.status);
                    assert_eq!((status, kinds(&exchange)), expected, "{done:?}");
                }
            }
            census.is_back(done).await;
            assert_eq!(fixture.listener.in_flight(), 0);
        }
        let left = fixture.stop().await;
        assert!(left.is_empty(), "{left:?}");
    });
}

/// A client that has done so much and resets the connection.
async fn leave(fixture: &Fixture, done: Done, asked: &Notify) {
    if [Done::Connected, Done::HalfConnect].contains(&done) {
        let mut stream = fixture.plain().await;
        will_reset(&stream);
        if done == Done::HalfConnect {
            stream.write_all(b"CONNECT a.test:443 HT").await.unwrap();
        }
        return;
    }
    if [Done::Connect, Done::HalfHello].contains(&done) {
        let mut stream = fixture.tunnel("a.test:443").await;
        will_reset(&stream);
        if done == Done::HalfHello {
            stream.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]).await.unwrap();
        }
        return;
    }
    let mut stream = fixture.tls("a.test", &[]).await;
    will_reset(stream.get_ref().0);
    let said: &[u8] = match done {
        Done::HalfHead => b"GET /x HTTP/1.1\r\nHost: a.te",
        Done::HalfUpload => UPLOAD,
        Done::Request => GET,
        Done::HalfAnswer => b"GET /answers HTTP/1.1\r\nHost: a.test\r\n\r\n",
        Done::Connected | Done::HalfConnect | Done::Connect | Done::HalfHello | Done::Handshake => b"",
    };
    stream.write_all(said).await.unwrap();
    stream.flush().await.unwrap();
    if [Done::HalfUpload, Done::Request, Done::HalfAnswer].contains(&done) {
        asked.notified().await;
    }
    if done == Done::HalfAnswer {
        head(&mut stream).await;
    }
}
