//! Tunnels in which something other than HTTP over TLS is spoken.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::BlindSpotKind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::kit::{Fixture, TestCa, kinds, rest, site, text, web_site};

#[tokio::test]
async fn pitfall_19_clear_text_in_a_tunnel_is_read_whatever_the_method() {
    let ca = TestCa::new();
    let site = web_site(None, |request| async move { text(request.method().to_string()) }).await;
    let mut fixture = Fixture::new(&ca, site).await;
    for method in ["GET", "PROPFIND", "x-own"] {
        let mut stream = fixture.tunnel("a.test:80").await;
        let request = format!("{method} /x HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        assert!(rest(&mut stream).await.ends_with(method));
        let exchange = fixture.exchange().await;
        assert_eq!((exchange.request.target.to_string().as_str(), kinds(&exchange)), ("http://a.test/x", vec![]));
    }
}

#[tokio::test]
async fn http2_in_clear_text_is_read() {
    let ca = TestCa::new();
    let site = web_site(None, |request| async move { text(format!("{:?}", request.version())) }).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let stream = fixture.tunnel("a.test:80").await;
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("http://other.test/y").body(Empty::<Bytes>::new()).unwrap();
    let answer = sender.send_request(request).await.unwrap().collect().await.unwrap().to_bytes();
    assert_eq!(answer, "HTTP/2.0");
    let request = fixture.exchange().await.request;
    assert_eq!(request.target.to_string(), "http://a.test/y");
    assert_eq!(request.headers.text(":authority").as_deref(), Some("other.test"));
}

#[tokio::test]
async fn pitfall_19_a_site_that_speaks_first_is_heard() {
    let ca = TestCa::new();
    let site = site(None, |mut stream| async move {
        stream.write_all(b"220 mail.test ready\r\n").await.unwrap();
        let mut word = [0; 4];
        stream.read_exact(&mut word).await.unwrap();
        stream.write_all(&word).await.unwrap();
        stream.shutdown().await.unwrap();
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tunnel("mail.test:80").await;
    let mut greeting = [0; 21];
    stream.read_exact(&mut greeting).await.unwrap();
    stream.write_all(b"EHLO").await.unwrap();
    assert_eq!(rest(&mut stream).await, "EHLO");
    let blind_spot = fixture.blind_spot().await;
    assert_eq!((blind_spot.kind, blind_spot.place.as_str()), (BlindSpotKind::NotHttp, "mail.test:80"));
}

#[tokio::test]
async fn a_client_that_thinks_before_it_speaks_is_read_all_the_same() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], &[])), |_| async { text("late") }).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let stream = fixture.tunnel("a.test:443").await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let mut stream = fixture.handshake(stream, "a.test", &[]).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.ends_with("late"));
    assert_eq!(kinds(&fixture.exchange().await), []);
}

#[tokio::test]
async fn another_protocol_within_tls_passes_with_a_blind_spot() {
    let ca = TestCa::new();
    let site = site(Some(ca.server(&["a.test"], &["imap"])), |mut stream| async move {
        stream.write_all(b"* OK").await.unwrap();
        stream.shutdown().await.unwrap();
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &["imap"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"imap".as_slice()));
    assert_eq!(rest(&mut stream).await, "* OK");
    assert_eq!(fixture.blind_spot().await.kind, BlindSpotKind::NotHttp);
}

#[tokio::test]
async fn a_tunnel_that_nobody_can_follow_is_a_blind_spot() {
    let ca = TestCa::new();
    let mut fixture = Fixture::with(&ca, |_| {}).await;
    let mut stream = fixture.tunnel("chat.test:5222").await;
    stream.write_all(b"<stream:stream>").await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
    let blind_spot = fixture.blind_spot().await;
    assert_eq!((blind_spot.kind, blind_spot.place.as_str()), (BlindSpotKind::HostUnreachable, "chat.test:5222"));
}
