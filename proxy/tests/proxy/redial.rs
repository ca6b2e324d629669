//! A kept connection that the site closed while it was idle, or just as it was used.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::BlindSpotKind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;

use crate::kit::{Fixture, TestCa, head, kinds, site, text};

/// What a site was asked, with the number of the connection.
type Asked = Arc<Mutex<Vec<(usize, String)>>>;

/// Answers the first request on each connection, and ends it when the second has come.
async fn leaving_site(ca: &TestCa) -> (Asked, SocketAddr) {
    let (asked, connections) = (Asked::default(), AtomicUsize::new(0));
    let noted = Arc::clone(&asked);
    let address = site(Some(ca.server(&["a.test"], &[])), move |mut stream| {
        let (asked, number) = (Arc::clone(&noted), connections.fetch_add(1, Ordering::SeqCst));
        async move {
            for turn in 0..2 {
                let request = head(&mut stream).await;
                asked.lock().unwrap().push((number, request.lines().next().unwrap_or_default().to_owned()));
                if turn == 0 {
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx").await.unwrap();
                }
            }
        }
    })
    .await;
    (asked, address)
}

#[tokio::test]
async fn a_request_without_a_body_is_asked_again_and_a_post_never() {
    let ca = TestCa::new();
    for (second, status, last) in
        [("GET /2", "200", (1, "GET /2")), ("POST /2", "502", (0, "POST /2")), ("DELETE /2", "502", (0, "DELETE /2"))]
    {
        let (asked, address) = leaving_site(&ca).await;
        let mut fixture = Fixture::new(&ca, address).await;
        let mut stream = fixture.tls("a.test", &[]).await;
        stream.write_all(b"GET /1 HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
        assert!(head(&mut stream).await.starts_with("HTTP/1.1 200 "));
        assert_eq!(stream.read_u8().await.unwrap(), b'x');
        let length = if second.starts_with("POST") { "Content-Length: 3\r\n\r\nabc" } else { "\r\n" };
        stream.write_all(format!("{second} HTTP/1.1\r\nHost: a.test\r\n{length}").as_bytes()).await.unwrap();
        let answer = head(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{second}: {answer}");
        let asked = asked.lock().unwrap().clone();
        let times = asked.iter().filter(|(_, line)| line.starts_with(second)).count();
        assert_eq!(times, if status == "200" { 2 } else { 1 }, "{asked:?}");
        assert_eq!(asked.last().map(|(number, line)| (*number, line.trim_end_matches(" HTTP/1.1"))), Some(last));
        assert_eq!(kinds(&fixture.exchange().await), []);
        let expected = if status == "200" { vec![] } else { vec![BlindSpotKind::ConnectionBroken] };
        assert_eq!(kinds(&fixture.exchange().await), expected);
    }
}

#[tokio::test]
async fn a_post_goes_once_by_a_new_connection_when_the_kept_one_was_closed_idle() {
    let ca = TestCa::new();
    let (connections, closed) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let (counted, closes) = (Arc::clone(&connections), Arc::clone(&closed));
    let site = site(Some(ca.server(&["a.test"], &[])), move |mut stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        let closes = Arc::clone(&closes);
        async move {
            head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx").await.unwrap();
            stream.shutdown().await.unwrap();
            // The proxy has seen the end when it ends its side.
            let _ = stream.read(&mut [0]).await;
            closes.notify_one();
        }
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    for _ in 0..4 {
        stream.write_all(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        assert!(head(&mut stream).await.starts_with("HTTP/1.1 200 "));
        assert_eq!(stream.read_u8().await.unwrap(), b'x');
        closed.notified().await;
        assert_eq!(kinds(&fixture.exchange().await), []);
    }
    assert_eq!(connections.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn http2_goes_on_by_a_new_connection_after_a_goaway() {
    let ca = TestCa::new();
    let (asked, connections) = (Asked::default(), AtomicUsize::new(0));
    let noted = Arc::clone(&asked);
    // Each connection says GOAWAY with its first answer.
    let site = site(Some(ca.server(&["a.test"], &["h2"])), move |stream| {
        let (asked, number) = (Arc::clone(&noted), connections.fetch_add(1, Ordering::SeqCst));
        async move {
            let served = Arc::new(Notify::new());
            let serves = Arc::clone(&served);
            let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                asked.lock().unwrap().push((number, format!("{} {}", request.method(), request.uri().path())));
                let serves = Arc::clone(&serves);
                async move {
                    let sent = request.into_body().collect().await.unwrap().to_bytes();
                    serves.notify_one();
                    Ok::<_, hyper::Error>(Response::new(Full::new(sent)))
                }
            });
            let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            let connection = builder.serve_connection(TokioIo::new(stream), service);
            tokio::pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => return,
                () = served.notified() => {}
            }
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let stream = fixture.tls("a.test", &["h2"]).await;
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    for number in 0..6 {
        let method = if number % 2 == 0 { Method::POST } else { Method::GET };
        let body = Full::new(Bytes::from(if number % 2 == 0 { "sent" } else { "" }));
        let request = Request::builder().method(method).uri(format!("https://a.test/{number}")).body(body).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 200, "{number}");
        answer.into_body().collect().await.unwrap();
        assert_eq!(kinds(&fixture.exchange().await), []);
    }
    // A GOAWAY that is still on its way may let one more pass on the same connection; none is asked twice.
    let asked = asked.lock().unwrap().clone();
    let expected: Vec<String> =
        (0..6).map(|number| format!("{} /{number}", if number % 2 == 0 { "POST" } else { "GET" })).collect();
    assert_eq!(asked.iter().map(|(_, line)| line.clone()).collect::<Vec<_>>(), expected);
    assert!(asked.last().unwrap().0 >= 2, "{asked:?}");
}

#[tokio::test]
async fn pitfall_12_connections_to_a_site_are_not_shared_between_clients() {
    let ca = TestCa::new();
    let (opened, connections) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&opened);
    for alpn in ["h2", "http/1.1"] {
        counted.store(0, Ordering::SeqCst);
        let (counted, served) = (Arc::clone(&counted), Arc::clone(&connections));
        let site = site(Some(ca.server(&["a.test"], &[alpn])), move |stream| {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            let served = Arc::clone(&served);
            async move {
                let service = service_fn(move |_| {
                    served.fetch_add(1, Ordering::SeqCst);
                    async move { Ok::<_, hyper::Error>(text(number.to_string())) }
                });
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            }
        })
        .await;
        let fixture = Fixture::new(&ca, site).await;
        let mut clients = Vec::new();
        for _ in 0..2 {
            let stream = fixture.tls("a.test", &[alpn]).await;
            clients.push(Client::over(stream, alpn).await);
        }
        for _ in 0..3 {
            for (number, client) in clients.iter_mut().enumerate() {
                assert_eq!(client.get().await, number.to_string(), "{alpn}");
            }
        }
        assert_eq!(opened.load(Ordering::SeqCst), 2, "{alpn}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 12);
}

/// A client on one connection.
enum Client {
    H1(hyper::client::conn::http1::SendRequest<Full<Bytes>>),
    H2(hyper::client::conn::http2::SendRequest<Full<Bytes>>),
}

impl Client {
    async fn over(stream: tokio_rustls::client::TlsStream<tokio::net::TcpStream>, alpn: &str) -> Self {
        let io = TokioIo::new(stream);
        if alpn == "h2" {
            let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
            tokio::spawn(connection);
            Self::H2(sender)
        } else {
            let (sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
            tokio::spawn(connection);
            Self::H1(sender)
        }
    }

    async fn get(&mut self) -> String {
        let request = |uri: &str| Request::get(uri).header("host", "a.test").body(Full::default()).unwrap();
        let answer = match self {
            Self::H1(sender) => sender.send_request(request("/")).await.unwrap(),
            Self::H2(sender) => sender.send_request(request("https://a.test/")).await.unwrap(),
        };
        String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }
}
