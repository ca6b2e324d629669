//! What is spoken on both sides, and that it passes unchanged.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Frame;
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::{BlindSpotKind, VisitId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::kit::{Fixture, Frames, TestCa, head, kinds, rest, site, text, web_site};

const BOTH: &[&str] = &["h2", "http/1.1"];

/// A site that shows what it was asked, byte by byte.
async fn echo_site(ca: &TestCa, names: &[&str]) -> std::net::SocketAddr {
    site(Some(ca.server(names, &["http/1.1"])), |mut stream| async move {
        let asked = head(&mut stream).await;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{asked}", asked.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    })
    .await
}

#[tokio::test]
async fn plain_http_is_forwarded_and_recorded() {
    let ca = TestCa::new();
    let site = web_site(None, |request| async move { text(request.uri().to_string()) }).await;
    let mut fixture = Fixture::new(&ca, site).await;
    fixture.listener.set_visit(Some(VisitId(7)));
    let mut stream = fixture.plain().await;
    let request =
        "GET http://www.skat.test/a?b=c HTTP/1.1\r\nHost: www.skat.test\r\nX-A: b\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n/a?b=c"), "{answer}");

    let exchange = fixture.exchange().await;
    assert_eq!(exchange.request.target.to_string(), "http://www.skat.test/a?b=c");
    assert_eq!((exchange.index, exchange.visit), (0, Some(VisitId(7))));
    assert_eq!((exchange.request.method.as_str(), exchange.request.version.as_str()), ("GET", "HTTP/1.1"));
    assert_eq!(exchange.request.headers.get("x-a"), Some(b"b".as_slice()));
    let response = exchange.response.unwrap();
    assert_eq!((response.status, response.body_bytes), (200, 6));
    assert_eq!(exchange.connection.client_tls, None);
    assert_eq!(exchange.connection.server.unwrap(), site.to_string());
    assert!(exchange.duration_ms.is_some() && exchange.blind_spots.is_empty());
}

#[tokio::test]
async fn one_connection_of_a_client_may_ask_several_sites() {
    let ca = TestCa::new();
    let one = web_site(None, |_| async { text("one") }).await;
    let two = web_site(None, |_| async { text("two") }).await;
    let fixture = Fixture::with(&ca, |settings| {
        settings.resolve = vec![format!("one.test:80:{one}").parse().unwrap(), format!("*:80:{two}").parse().unwrap()];
    })
    .await;
    let mut stream = fixture.plain().await;
    for (host, answer) in [("one", "one"), ("two", "two"), ("one", "one")] {
        let request = format!("GET http://{host}.test/ HTTP/1.1\r\nHost: {host}.test\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        head(&mut stream).await;
        let mut body = [0; 3];
        stream.read_exact(&mut body).await.unwrap();
        assert_eq!(body, answer.as_bytes());
    }
}

#[tokio::test]
async fn pitfall_20_order_and_case_of_header_lines_are_kept() {
    let ca = TestCa::new();
    let site = echo_site(&ca, &["www.skat.test"]).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let request = "GET /x?q HTTP/1.1\r\nx-First: 1\r\nHost: www.skat.test\r\nUSER-agent: me\r\nAccept: */*\r\n\
                   Cookie: b=2; a=1\r\nConnection: keep-alive\r\nreferer: https://r.test/\r\n\r\n";
    let answer = fixture.ask("www.skat.test", request).await;
    assert!(answer.ends_with(request), "{answer}");
    let names: Vec<String> = fixture.exchange().await.request.headers.0.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["x-first", "host", "user-agent", "accept", "cookie", "connection", "referer"]);
}

#[tokio::test]
async fn a_host_other_than_that_of_the_tunnel_is_kept() {
    let ca = TestCa::new();
    let site = echo_site(&ca, &["front.test"]).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let answer = fixture.ask("front.test", "GET / HTTP/1.1\r\nHost: hidden.test\r\n\r\n").await;
    assert!(answer.contains("Host: hidden.test\r\n"), "{answer}");
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.request.target.to_string(), "https://front.test/");
    assert_eq!(exchange.request.headers.text("host").as_deref(), Some("hidden.test"));
}

/// Pitfall 11: accepting a protocol before the site is known gives translation errors.
#[tokio::test]
async fn pitfall_11_the_site_chooses_the_protocol() {
    let ca = TestCa::new();
    for (offered, spoken, chosen) in [
        (BOTH, BOTH, Some("h2")),
        (BOTH, &["http/1.1"][..], Some("http/1.1")),
        (&["http/1.1"][..], BOTH, Some("http/1.1")),
        (BOTH, &[][..], None),
        (&[][..], BOTH, None),
    ] {
        let tls = ca.server(&["a.test"], spoken);
        let site = web_site(Some(tls), |request| async move { text(format!("{:?}", request.version())) }).await;
        let mut fixture = Fixture::new(&ca, site).await;
        let stream = fixture.tls("a.test", offered).await;
        let alpn = stream.get_ref().1.alpn_protocol().map(|name| String::from_utf8(name.to_vec()).unwrap());
        assert_eq!(alpn.as_deref(), chosen, "{offered:?} {spoken:?}");
        let version = if chosen == Some("h2") { Version::HTTP_2 } else { Version::HTTP_11 };
        let body = Empty::<Bytes>::new();
        let (status, answer) = if chosen == Some("h2") {
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            let answer = sender.send_request(Request::get("https://a.test/x").body(body).unwrap()).await.unwrap();
            (answer.status(), answer.collect().await.unwrap().to_bytes())
        } else {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            let request = Request::get("/x").header("host", "a.test").body(body).unwrap();
            let answer = sender.send_request(request).await.unwrap();
            (answer.status(), answer.collect().await.unwrap().to_bytes())
        };
        assert_eq!((status.as_u16(), answer), (200, Bytes::from(format!("{version:?}"))));
        let exchange = fixture.exchange().await;
        assert_eq!(exchange.request.version, if chosen == Some("h2") { "HTTP/2" } else { "HTTP/1.1" });
        assert_eq!(exchange.request.target.to_string(), "https://a.test/x");
        assert_eq!(exchange.connection.client_tls.as_deref(), Some("TLSv1.3"));
        assert_eq!(exchange.connection.server_tls.as_deref(), Some("TLSv1.3"));
        assert_eq!(kinds(&exchange), []);
    }
}

#[tokio::test]
async fn many_requests_pass_at_once() {
    let ca = TestCa::new();
    let most = Arc::new(AtomicUsize::new(0));
    let now = Arc::new(AtomicUsize::new(0));
    let (now_too, most_too) = (Arc::clone(&now), Arc::clone(&most));
    let site = web_site(Some(ca.server(&["a.test"], BOTH)), move |request| {
        let (now, most) = (Arc::clone(&now_too), Arc::clone(&most_too));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            text(request.uri().path().to_owned())
        }
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let stream = fixture.tls("a.test", BOTH).await;
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..300 {
        let mut sender = sender.clone();
        tasks.spawn(async move {
            let request = Request::get(format!("https://a.test/{number}")).body(Empty::<Bytes>::new()).unwrap();
            let answer = sender.send_request(request).await.unwrap().collect().await.unwrap().to_bytes();
            assert_eq!(answer, format!("/{number}"));
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    assert!(most.load(Ordering::SeqCst) > 10);
    let mut indices = std::collections::BTreeSet::new();
    for _ in 0..300 {
        indices.insert(fixture.exchange().await.index);
    }
    assert_eq!((indices.len(), indices.last()), (300, Some(&299)));
}

/// Pitfall 24: the option is needed on both sockets; without it 40 ms are lost per message.
#[tokio::test]
async fn pitfall_24_small_messages_do_not_wait_for_acknowledgements() {
    let ca = TestCa::new();
    // Both sides send head and body apart; without TCP_NODELAY the second waits until the first is acknowledged.
    let pause = || tokio::time::sleep(std::time::Duration::from_millis(3));
    let site = site(Some(ca.server(&["a.test"], &[])), move |mut stream| async move {
        while !head(&mut stream).await.is_empty() {
            assert_eq!(stream.read_u8().await.unwrap(), b'x');
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n").await.unwrap();
            pause().await;
            stream.write_all(b"1").await.unwrap();
        }
    })
    .await;
    let fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    let mut times = Vec::new();
    for _ in 0..41 {
        let begun = std::time::Instant::now();
        stream.write_all(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\n").await.unwrap();
        pause().await;
        stream.write_all(b"x").await.unwrap();
        head(&mut stream).await;
        assert_eq!(stream.read_u8().await.unwrap(), b'1');
        times.push(begun.elapsed());
    }
    times.sort();
    // The plateau of delayed acknowledgements is at 40 ms; on a busy machine the median stays far below.
    assert!(times[20] < std::time::Duration::from_millis(30), "{times:?}");
}

#[tokio::test]
async fn pitfall_14_trailers_pass_in_http2_both_ways() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], BOTH)), |request| async move {
        let te = request.headers().get("te").cloned();
        let sent = request.into_body().collect().await.unwrap().trailers().cloned().unwrap_or_default();
        let mut trailers = HeaderMap::new();
        trailers.insert("x-sum", sent.get("x-up").cloned().unwrap());
        trailers.insert("x-te", te.unwrap());
        let frames = [Frame::data(Bytes::from_static(b"body")), Frame::trailers(trailers)];
        Response::new(Frames::of(frames).boxed())
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let stream = fixture.tls("a.test", BOTH).await;
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut up = HeaderMap::new();
    up.insert("x-up", "42".parse().unwrap());
    let frames = [Frame::data(Bytes::from_static(b"request")), Frame::trailers(up)];
    let request = Request::post("https://a.test/").header("te", "trailers").body(Frames::of(frames)).unwrap();
    let answer = sender.send_request(request).await.unwrap().collect().await.unwrap();
    let trailers = answer.trailers().unwrap().clone();
    assert_eq!((&trailers["x-sum"], &trailers["x-te"]), (&"42".parse().unwrap(), &"trailers".parse().unwrap()));
    assert_eq!(answer.to_bytes(), "body");
    let request = fixture.exchange().await.request;
    assert_eq!(request.headers.text("x-up").as_deref(), Some("42"));
    assert_eq!(request.body.bytes, b"request");
}

#[tokio::test]
async fn pitfall_14_trailers_pass_in_http1() {
    let ca = TestCa::new();
    let site = site(Some(ca.server(&["a.test"], &[])), |mut stream| async move {
        head(&mut stream).await;
        let answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 42\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        head(&mut stream).await;
    })
    .await;
    let fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\nTE: trailers\r\n\r\n").await.unwrap();
    let answer = head(&mut stream).await;
    assert!(answer.contains("Trailer: X-Sum\r\n"), "{answer}");
    assert_eq!(head(&mut stream).await.to_lowercase(), "4\r\nbody\r\n0\r\nx-sum: 42\r\n\r\n");
}

#[tokio::test]
async fn pitfall_13_a_refused_upgrade_is_a_plain_answer() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], &[])), |_| async {
        let mut refusal = text("no");
        *refusal.status_mut() = http::StatusCode::FORBIDDEN;
        refusal
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let request = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n";
    let answer = fixture.ask("a.test", request).await;
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.ends_with("no"), "{answer}");
    assert_eq!(kinds(&fixture.exchange().await), []);
}

/// Pitfall 18.
#[tokio::test]
async fn pitfall_18_offers_of_http3_do_not_reach_the_client() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], &[])), |_| async {
        let mut answer = text("x");
        answer.headers_mut().insert("alt-svc", "h3=\":443\"".parse().unwrap());
        answer
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let answer = fixture.ask("a.test", "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").await;
    assert!(!answer.to_lowercase().contains("alt-svc"), "{answer}");
    let exchange = fixture.exchange().await;
    assert_eq!(kinds(&exchange), [BlindSpotKind::Http3Withheld]);
    assert_eq!(exchange.response.unwrap().headers.text("alt-svc").as_deref(), Some("h3=\":443\""));
}

/// An early answer is not passed on, which the library cannot; the links in it are kept, and each once.
#[tokio::test]
async fn pitfall_15_links_announced_ahead_of_the_answer_are_recorded() {
    let ca = TestCa::new();
    let site = site(Some(ca.server(&["a.test"], &["http/1.1"])), |mut stream| async move {
        head(&mut stream).await;
        let answer = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n\
                       HTTP/1.1 103 Early Hints\r\nLink: <https://b.test/?cpr=0101901234>; rel=preload\r\n\r\n\
                       HTTP/1.1 200 OK\r\nLink: </a.css>; rel=preload\r\nContent-Length: 1\r\n\r\nx";
        stream.write_all(answer).await.unwrap();
        stream.shutdown().await.unwrap();
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let answer = fixture.ask("a.test", "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && !answer.contains("b.test"), "{answer}");
    let response = fixture.exchange().await.response.unwrap();
    let links: Vec<_> = response.headers.all("link").map(String::from_utf8_lossy).collect();
    assert_eq!(links, ["</a.css>; rel=preload", "<https://b.test/?cpr=0101901234>; rel=preload"]);
}

#[tokio::test]
async fn a_kept_connection_that_the_site_closed_is_opened_again() {
    let ca = TestCa::new();
    let site = site(Some(ca.server(&["a.test"], &[])), |mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx").await.unwrap();
        stream.shutdown().await.unwrap();
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    for _ in 0..5 {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
        let answer = head(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert_eq!(stream.read_u8().await.unwrap(), b'x');
        assert_eq!(kinds(&fixture.exchange().await), []);
    }
}

#[tokio::test]
async fn http_1_0_clients_are_served() {
    let ca = TestCa::new();
    let site = echo_site(&ca, &["a.test"]).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let answer = fixture.ask("a.test", "GET / HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 200 ") && answer.to_lowercase().contains("\r\nhost: a.test\r\n"), "{answer}");
    assert_eq!(fixture.exchange().await.request.version, "HTTP/1.0");
}

#[tokio::test]
async fn requests_in_a_kept_connection_carry_the_visit_of_their_time() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], &[])), |request| async move {
        let length = request.into_body().collect().await.unwrap().to_bytes().len();
        Response::new(Full::new(Bytes::from(length.to_string())).boxed())
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    for visit in [Some(VisitId(1)), Some(VisitId(2)), None] {
        fixture.listener.set_visit(visit);
        stream.write_all(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc").await.unwrap();
        head(&mut stream).await;
        assert_eq!(stream.read_u8().await.unwrap(), b'3');
        assert_eq!(fixture.exchange().await.visit, visit);
    }
}
