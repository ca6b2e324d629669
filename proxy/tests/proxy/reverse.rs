//! Reverse ports: a client opens the port as if it were the site.

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::BlindSpotKind;
use proxy::{Captured, Listener, Origin, Resolve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::kit::{Body, Fixture, TestCa, head, kinds, lines, rest, site, text, web_site};
use crate::programs::Desk;

/// Says what it was sent, and leads to where it is asked to.
async fn tell(request: Request<Incoming>) -> Response<Body> {
    let named = request.uri().authority().map_or_else(String::new, ToString::to_string);
    let mut told = format!("{:?} {} {named}\n{}", request.version(), request.method(), lines(request.headers()));
    let to = request.uri().query().map(str::to_owned);
    told.push_str(&String::from_utf8_lossy(&request.into_body().collect().await.unwrap().to_bytes()));
    let mut answer = text(told);
    if let Some(to) = to {
        *answer.status_mut() = http::StatusCode::FOUND;
        let headers = answer.headers_mut();
        headers.insert("location", to.parse().unwrap());
        headers.append("set-cookie", "s=1; Domain=a.test; Path=/".parse().unwrap());
        headers.append("strict-transport-security", "max-age=63072000".parse().unwrap());
    }
    answer
}

/// A proxy and a reverse port to `origin`, which is found at a site with or without TLS.
async fn standing_in_for(origin: &str, alpn: &[&str]) -> (Fixture, Listener) {
    let ca = TestCa::new();
    let tls = origin.starts_with("https").then(|| ca.server(&["a.test"], alpn));
    let site = web_site(tls, tell).await;
    let fixture = Fixture::with(&ca, |settings| {
        settings.resolve.extend([80, 443, 8443].map(|port| Resolve::new("a.test", port, site).unwrap()));
    })
    .await;
    let port = fixture.proxy.listen_reverse("127.0.0.1:0".parse().unwrap(), origin.parse().unwrap()).await.unwrap();
    (fixture, port)
}

async fn ask(port: &Listener, request: &str) -> String {
    let mut stream = TcpStream::connect(port.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    rest(&mut stream).await
}

#[tokio::test]
async fn the_site_hears_its_own_name_and_the_record_keeps_what_was_asked() {
    let (mut fixture, port) = standing_in_for("https://a.test", &["h2", "http/1.1"]).await;
    let here = port.address();
    let request = format!(
        "POST /x?/y HTTP/1.1\r\nHost: {here}\r\nX-One: 1\r\nOrigin: http://{here}\r\nReferer: http://{here}/form?z\r\n\
         X-Two: 2\r\nConnection: close\r\nContent-Length: 14\r\n\r\ncpr=0101904321"
    );
    let answer = ask(&port, &request).await;
    let told =
        "HTTP/1.1 POST \nhost: a.test\nx-one: 1\norigin: https://a.test\nreferer: https://a.test/form?z\nx-two: 2\n";
    assert!(answer.contains(told), "{answer}");
    let exchange = fixture.exchange().await;
    assert_eq!((exchange.request.target.to_string().as_str(), kinds(&exchange)), ("https://a.test/x?/y", vec![]));
    assert_eq!(exchange.request.headers.text("host").as_deref(), Some("a.test"));
    assert_eq!(exchange.connection.asked_host, Some(here.to_string()));
    assert_eq!(exchange.connection.server_tls.as_deref(), Some("TLSv1.3"));
    assert_eq!((exchange.connection.client_tls.as_deref(), exchange.request.body.bytes.len()), (None, 14));
}

#[tokio::test]
async fn a_client_without_a_host_gets_there_too() {
    let (mut fixture, port) = standing_in_for("http://a.test", &[]).await;
    let answer = ask(&port, "GET /?http://a.test/next HTTP/1.0\r\n\r\n").await;
    assert!(answer.contains("host: a.test\n"), "{answer}");
    assert!(answer.contains(&format!("http://{}/next\r\n", port.address())), "{answer}");
    assert_eq!(fixture.exchange().await.connection.asked_host, None);
}

#[tokio::test]
async fn redirects_to_the_site_stay_and_others_lead_away() {
    let (mut fixture, port) = standing_in_for("https://a.test:8443", &["http/1.1"]).await;
    for (to, expected) in [
        ("https://a.test:8443/next?x", "http://dev.test:81/next?x"),
        ("//a.test:8443/next", "//dev.test:81/next"),
        ("/next", "/next"),
        ("https://a.test/next", "https://a.test/next"),
        ("https://login.test/?back=https://a.test:8443/", "https://login.test/?back=https://a.test:8443/"),
    ] {
        let answer =
            ask(&port, &format!("GET /?{to} HTTP/1.1\r\nHost: dev.test:81\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.to_lowercase().contains(&format!("location: {expected}\r\n")), "{expected} in {answer}");
        assert!(answer.contains("s=1; Domain=a.test; Path=/"), "{answer}");
        assert!(!answer.to_lowercase().contains("strict-transport"), "{answer}");
        // The record is of what the site said.
        let response = fixture.exchange().await.response.unwrap();
        assert_eq!(response.headers.text("location").as_deref(), Some(to));
        assert!(response.headers.get("strict-transport-security").is_some());
    }
}

#[tokio::test]
async fn http2_without_asking_reaches_a_site_that_speaks_it() {
    for origin in ["https://a.test", "http://a.test"] {
        let (mut fixture, port) = standing_in_for(origin, &["h2"]).await;
        let stream = TcpStream::connect(port.address()).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request =
            Request::get(format!("http://{}/?{origin}/z", port.address())).body(Empty::<Bytes>::new()).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(
            (answer.version(), answer.headers()["location"].to_str().unwrap()),
            (Version::HTTP_2, format!("http://{}/z", port.address()).as_str())
        );
        let told = answer.collect().await.unwrap().to_bytes();
        assert!(told.starts_with(b"HTTP/2.0 GET a.test\n"), "{told:?}");
        let exchange = fixture.exchange().await;
        assert_eq!((exchange.request.headers.get(":authority"), kinds(&exchange)), (None, vec![]));
        assert_eq!(exchange.connection.asked_host, Some(port.address().to_string()));
    }
}

#[tokio::test]
async fn what_the_site_cannot_speak_is_said() {
    let (mut fixture, port) = standing_in_for("https://a.test", &["http/1.1"]).await;
    let stream = TcpStream::connect(port.address()).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get(format!("http://{}/", port.address())).body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 502);
    assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::UpstreamRefused]);
}

#[tokio::test]
async fn with_tls_both_sides_speak_what_the_site_chose() {
    for (alpn, version) in [(["h2", "http/1.1"].as_slice(), "HTTP/2.0"), (&["http/1.1"], "HTTP/1.1"), (&[], "HTTP/1.1")]
    {
        let (mut fixture, port) = standing_in_for("https://a.test", alpn).await;
        let (desk, number) = (Desk::new(&fixture), port.address().port());
        for name in ["127.0.0.1", "localhost"] {
            let (out, error) = desk.curl(&format!("https://{name}:{number}/")).await;
            assert!(out.starts_with(version), "{out} {error}");
            let exchange = fixture.exchange().await;
            assert_eq!(exchange.request.target.to_string(), "https://a.test/");
            assert_eq!(exchange.connection.client_tls.as_deref(), Some("TLSv1.3"));
        }
        let (out, _) = desk.curl(&format!("-i https://localhost:{number}/?https://a.test/q")).await;
        assert!(out.contains(&format!("https://localhost:{number}/q\r\n")), "{out}");
        assert_eq!(fixture.exchange().await.connection.asked_host, Some(format!("localhost:{number}")));
        let (out, error) = desk.python("", &format!("https://localhost:{number}/")).await;
        assert!(out.starts_with("HTTP/1.1 GET"), "{out} {error}");
        fixture.exchange().await;
    }
}

#[tokio::test]
async fn tls_at_the_port_of_a_site_without_any() {
    let (mut fixture, port) = standing_in_for("http://a.test", &[]).await;
    let (desk, number) = (Desk::new(&fixture), port.address().port());
    let (out, error) = desk.curl(&format!("https://localhost:{number}/")).await;
    assert!(out.starts_with("HTTP/1.1 GET"), "{out} {error}");
    assert_eq!(fixture.exchange().await.request.target.to_string(), "http://a.test/");
}

#[tokio::test]
async fn a_site_that_cannot_be_reached_is_said_on_every_way_in() {
    let ca = TestCa::new();
    let mut fixture = Fixture::with(&ca, |_| {}).await;
    let origin: Origin = "https://a.test".parse().unwrap();
    let port = fixture.proxy.listen_reverse("127.0.0.1:0".parse().unwrap(), origin).await.unwrap();
    let (desk, number) = (Desk::new(&fixture), port.address().port());
    for url in [format!("http://localhost:{number}/"), format!("https://localhost:{number}/")] {
        let (out, error) = desk.curl(&format!("-i {url}")).await;
        assert!(out.contains(" 502") && out.contains("No answer from https://a.test"), "{out} {error}");
        assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::HostUnreachable]);
    }
}

#[tokio::test]
async fn a_websocket_opens_through_it() {
    let ca = TestCa::new();
    let echo = site(Some(ca.server(&["a.test"], &["http/1.1"])), |mut stream| async move {
        let asked = head(&mut stream).await;
        assert!(asked.contains("Host: a.test\r\n") && asked.contains("Origin: https://a.test\r\n"), "{asked}");
        stream
            .write_all(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
            .await
            .unwrap();
        let mut word = [0; 4];
        stream.read_exact(&mut word).await.unwrap();
        stream.write_all(&word).await.unwrap();
    })
    .await;
    let mut fixture = Fixture::new(&ca, echo).await;
    let origin: Origin = "https://a.test".parse().unwrap();
    let port = fixture.proxy.listen_reverse("127.0.0.1:0".parse().unwrap(), origin).await.unwrap();
    let mut stream = TcpStream::connect(port.address()).await.unwrap();
    let here = port.address();
    let request = format!(
        "GET /s HTTP/1.1\r\nHost: {here}\r\nOrigin: http://{here}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 101 "));
    stream.write_all(b"echo").await.unwrap();
    assert_eq!(rest(&mut stream).await, "echo");
    assert_eq!(fixture.exchange().await.request.target.to_string(), "wss://a.test/s");
}

#[tokio::test]
async fn what_its_pages_send_elsewhere_is_not_seen_and_that_is_said_once() {
    let ca = TestCa::new();
    let site = web_site(None, |request| async move {
        let kind = if request.uri().path() == "/page" { "Text/HTML; charset=utf-8" } else { "application/json" };
        let mut answer = text("{}");
        answer.headers_mut().insert("content-type", kind.parse().unwrap());
        answer
    })
    .await;
    let fixture = Fixture::new(&ca, site).await;
    let port =
        fixture.proxy.listen_reverse("127.0.0.1:0".parse().unwrap(), "http://a.test".parse().unwrap()).await.unwrap();
    let mut said = Vec::new();
    for path in ["/api", "/page", "/page"] {
        ask(&port, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
    }
    for one in fixture.stop().await {
        match one {
            Captured::Exchange(exchange) => assert_eq!(kinds(&exchange), []),
            Captured::BlindSpot(spot) => said.push((spot.kind, spot.place)),
        }
    }
    assert_eq!(said, [(BlindSpotKind::OthersUnseen, "http://a.test".to_owned())]);
}

#[tokio::test]
async fn a_client_that_takes_it_for_a_proxy_is_told() {
    let (mut fixture, port) = standing_in_for("https://a.test", &["http/1.1"]).await;
    for (request, place) in [
        ("GET http://u:p@b.test/ HTTP/1.1\r\nHost: b.test\r\n\r\n", "b.test"),
        ("CONNECT b.test:443 HTTP/1.1\r\nHost: b.test:443\r\n\r\n", "b.test:443"),
    ] {
        let answer = ask(&port, request).await;
        assert!(answer.starts_with("HTTP/1.1 421 ") && answer.contains("https://a.test"), "{answer}");
        let blind_spot = fixture.blind_spot().await;
        assert_eq!((blind_spot.kind, blind_spot.place.as_str()), (BlindSpotKind::HostUnreachable, place));
    }
    let mut stream = TcpStream::connect(port.address()).await.unwrap();
    stream.write_all(&[5, 1, 0]).await.unwrap();
    let mut reply = [0; 2];
    stream.read_exact(&mut reply).await.unwrap();
    assert_eq!(reply, [5, 0xff]);
    assert!(fixture.blind_spot().await.detail.contains("is no proxy"));
    assert!(ask(&port, "\x01\x02nonsense\r\n\r\n").await.starts_with("HTTP/1.1 400 "));
    assert_eq!(fixture.blind_spot().await.kind, BlindSpotKind::NotHttp);
}

#[tokio::test]
async fn a_port_that_stands_in_for_itself_goes_round_once() {
    let ca = TestCa::new();
    let mut fixture = Fixture::with(&ca, |_| {}).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let origin: Origin = format!("http://{free}").parse().unwrap();
    let port = fixture.proxy.listen_reverse(free, origin).await.unwrap();
    let answer = ask(&port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("round in circles"), "{answer}");
    assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::HostUnreachable]);
    let rest = fixture.stop().await;
    assert!(rest.is_empty(), "{rest:?}");
}
