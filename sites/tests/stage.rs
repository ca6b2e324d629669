//! The stage as clients meet it: over TLS by HTTP/2 and HTTP/1.1, in clear text, and with what no browser sends.

#![expect(clippy::unwrap_used, reason = "the helpers here run in tests only, and clippy knows a test by its function")]

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use sites::{HostedSite, Reply, Stage};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// One byte more than a stage reads of a body.
const TOO_LONG: usize = (4 << 20) + 1;

async fn stage() -> Stage {
    let echo = HostedSite::new("a.test", |received| {
        Reply::text(200, received.body.clone()).with_header("X-Path", received.path())
    });
    let other = HostedSite::new("b.test", |_| Reply::no_content());
    let broken = HostedSite::new("broken.test", |_| Reply::html("x").with_header("X", "a\nb"));
    Stage::start(vec![echo, other, broken]).await.unwrap()
}

fn trusting(stage: &Stage, protocol: &[u8]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(stage.root_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    config
}

async fn connect(stage: &Stage, host: &str, protocol: &[u8]) -> io::Result<TlsStream<TcpStream>> {
    let connector = TlsConnector::from(Arc::new(trusting(stage, protocol)));
    let stream = TcpStream::connect(stage.https()).await?;
    connector.connect(ServerName::try_from(host.to_owned()).unwrap(), stream).await
}

async fn by_http2(stage: &Stage, request: Request<Full<Bytes>>) -> Response<Incoming> {
    let stream = connect(stage, request.uri().host().unwrap(), b"h2").await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    client.send_request(request).await.unwrap()
}

async fn by_http1(stage: &Stage, host: &str, request: Request<Full<Bytes>>) -> Response<Incoming> {
    let stream = connect(stage, host, b"http/1.1").await.unwrap();
    let (mut client, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    client.send_request(request).await.unwrap()
}

fn request(method: Method, url: &str, body: &'static [u8]) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(url).header("cookie", "session=x");
    request.body(Full::new(Bytes::from_static(body))).unwrap()
}

async fn text(response: Response<Incoming>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

/// Sends `bytes` in clear text and returns all that comes back until the stage closes.
async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn http2_is_answered_and_written_down() {
    let stage = stage().await;
    let response = by_http2(&stage, request(Method::POST, "https://A.test/x?y=%20z", b"body")).await;
    assert_eq!((response.status(), response.version()), (StatusCode::OK, Version::HTTP_2));
    assert_eq!(response.headers()["x-path"], "/x");
    assert_eq!(text(response).await, "body");

    let [received] = stage.received().try_into().unwrap();
    assert_eq!((received.host.as_str(), received.method.as_str()), ("a.test", "POST"));
    assert_eq!((received.path_and_query.as_str(), received.version.as_str()), ("/x?y=%20z", "HTTP/2.0"));
    assert_eq!((received.body.as_slice(), received.body_is_whole, received.secure), (&b"body"[..], true, true));
    assert_eq!(received.cookie("session").as_deref(), Some("x"));
}

#[tokio::test]
async fn http1_is_answered_by_host() {
    let stage = stage().await;
    let mut one = request(Method::GET, "/x", b"");
    one.headers_mut().insert("host", "a.test".parse().unwrap());
    let response = by_http1(&stage, "a.test", one).await;
    assert_eq!((response.status(), response.version()), (StatusCode::OK, Version::HTTP_11));

    let mut other = request(Method::GET, "/y", b"");
    other.headers_mut().insert("host", "b.test:443".parse().unwrap());
    assert_eq!(by_http1(&stage, "b.test", other).await.status(), StatusCode::NO_CONTENT);
    let hosts: Vec<String> = stage.received().into_iter().map(|received| received.host).collect();
    assert_eq!(hosts, ["a.test", "b.test"]);
}

#[tokio::test]
async fn a_name_that_is_not_served_is_not_vouched_for() {
    let stage = stage().await;
    let error = connect(&stage, "c.test", b"h2").await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn another_stage_is_not_trusted() {
    let (one, other) = (stage().await, stage().await);
    let connector = TlsConnector::from(Arc::new(trusting(&one, b"h2")));
    let stream = TcpStream::connect(other.https()).await.unwrap();
    connector.connect(ServerName::try_from("a.test").unwrap(), stream).await.unwrap_err();
}

#[tokio::test]
async fn clear_text_has_its_own_port() {
    let stage = stage().await;
    let answer = raw(stage.http(), b"GET /x HTTP/1.1\r\nHost: a.test:80\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let [received] = stage.received().try_into().unwrap();
    assert!(!received.secure && received.host == "a.test");
}

#[tokio::test]
async fn an_unknown_host_is_told_so_and_written_down() {
    let stage = stage().await;
    let answer = raw(stage.http(), b"GET /x HTTP/1.1\r\nHost: c.test\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    assert_eq!(stage.received().len(), 1);
}

#[tokio::test]
async fn a_head_request_gets_a_length_and_no_body() {
    let stage = stage().await;
    let ask = b"HEAD /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody";
    let answer = raw(stage.http(), ask).await;
    assert!(answer.to_lowercase().contains("content-length: 4\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn a_body_too_long_is_refused_and_marked() {
    let stage = stage().await;
    let mut long = request(Method::POST, "https://a.test/x", b"");
    *long.body_mut() = Full::new(Bytes::from(vec![b'x'; TOO_LONG]));
    assert_eq!(by_http2(&stage, long).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let [received] = stage.received().try_into().unwrap();
    assert_eq!((received.body.len(), received.body_is_whole), (TOO_LONG - 1, false));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_marked() {
    let stage = stage().await;
    let mut stream = TcpStream::connect(stage.http()).await.unwrap();
    stream.write_all(b"POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhalf").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    // The stage may answer or just close: what counts is what it wrote down.
    let _closed = stream.read_to_end(&mut answer).await;
    let [received] = stage.received().try_into().unwrap();
    assert_eq!((received.body.as_slice(), received.body_is_whole), (&b"half"[..], false));
}

#[tokio::test]
async fn a_handler_that_breaks_http_does_not_get_through() {
    let stage = stage().await;
    let response = by_http2(&stage, request(Method::GET, "https://broken.test/", b"")).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn bytes_that_are_no_http_leave_the_stage_standing() {
    let stage = stage().await;
    for bytes in [&b"\x16\x03\x01\x02\x00\x01"[..], b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b""] {
        for address in [stage.http(), stage.https()] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(bytes).await.unwrap();
            drop(stream);
        }
    }
    let response = by_http2(&stage, request(Method::GET, "https://b.test/", b"")).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_demo_is_served_whole() {
    let stage = Stage::start(sites::demo::hosts(sites::demo::Options { leaking: true })).await.unwrap();
    assert_eq!(stage.host_names().len(), 7);
    let url = "https://selvbetjening.toldhuset.test/aarsopgoerelse?cpr=010145-5001";
    let response = by_http2(&stage, request(Method::GET, url, b"")).await;
    assert_eq!(response.headers()["referrer-policy"], "no-referrer-when-downgrade");
    let page = text(response).await;
    assert!(String::from_utf8_lossy(&page).contains("Årsopgørelse 2025"));
}
