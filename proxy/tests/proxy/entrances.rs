//! The first bytes at the proxy's port: TLS with the proxy itself, silence, slowness, and requests for the proxy.

use std::time::Duration;

use model::BlindSpotKind;
use proxy::Resolve;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};

use crate::kit::{Fixture, TestCa, head, kinds, rest, text, web_site};
use crate::programs::Desk;

async fn before_a_site(tls: bool) -> Fixture {
    let ca = TestCa::new();
    let config = tls.then(|| ca.server(&["a.test"], &["h2", "http/1.1"]));
    let site = web_site(config, |request| async move { text(format!("{:?}", request.version())) }).await;
    Fixture::new(&ca, site).await
}

/// How long it takes until the proxy hangs up on `stream`; by the tests' clock, which runs when all wait.
async fn hung_up(mut stream: impl AsyncRead + Unpin) -> Duration {
    let begun = Instant::now();
    // However it ends, it ends.
    let _ = stream.read_to_end(&mut Vec::new()).await;
    begun.elapsed()
}

#[tokio::test]
async fn the_way_to_the_proxy_may_be_secure_too() {
    let mut fixture = before_a_site(true).await;
    let (desk, port) = (Desk::new(&fixture), fixture.listener.address().port());
    let ca = desk.ca();
    for (name, version) in [("127.0.0.1", "HTTP/2.0"), ("localhost", "HTTP/2.0")] {
        let proxy = format!("--proxy https://{name}:{port} --proxy-cacert {}", ca.display());
        let (out, error) = desk.curl(&format!("{proxy} https://a.test/")).await;
        assert_eq!(out, version, "{error}");
        let exchange = fixture.exchange().await;
        assert_eq!((exchange.request.target.to_string().as_str(), kinds(&exchange)), ("https://a.test/", vec![]));
    }
    let (out, error) =
        desk.curl(&format!("--proxy https://127.0.0.1:{port} --proxy-insecure --http1.1 https://a.test/")).await;
    assert_eq!(out, "HTTP/1.1", "{error}");
    fixture.exchange().await;

    let (_, error) = desk.curl(&format!("--proxy https://127.0.0.1:{port} https://a.test/")).await;
    assert!(error.contains("certificate"), "{error}");
    let blind_spot = fixture.blind_spot().await;
    assert_eq!((blind_spot.kind, blind_spot.place), (BlindSpotKind::ClientRefused, format!("127.0.0.1:{port}")));
}

#[tokio::test]
async fn clear_text_by_a_secure_way_is_recorded_as_such() {
    let mut fixture = before_a_site(false).await;
    let (desk, port) = (Desk::new(&fixture), fixture.listener.address().port());
    let (out, error) = desk.curl(&format!("--proxy https://localhost:{port} --proxy-insecure http://a.test/")).await;
    assert_eq!(out, "HTTP/1.1", "{error}");
    let connection = fixture.exchange().await.connection;
    assert_eq!((connection.client_tls.as_deref(), connection.server_tls), (Some("TLSv1.3"), None));
    // Opened as a site, it says what it is.
    let (out, error) = desk.curl(&format!("https://localhost:{port}/")).await;
    assert!(out.contains("Trust this proxy"), "{out} {error}");
}

#[tokio::test]
async fn what_begins_like_tls_and_is_none_is_a_blind_spot() {
    let mut fixture = before_a_site(false).await;
    let mut stream = fixture.plain().await;
    stream.write_all(b"\x16nonsense, and more of it than a record's head").await.unwrap();
    rest(&mut stream).await;
    let blind_spot = fixture.blind_spot().await;
    assert_eq!((blind_spot.kind, blind_spot.place), (BlindSpotKind::NotHttp, fixture.listener.address().to_string()));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_is_left() {
    let fixture = before_a_site(false).await;
    let waited = hung_up(fixture.plain().await).await;
    assert!((60..=180).contains(&waited.as_secs()), "{waited:?}");
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_chose_http2_and_says_nothing_is_left() {
    let fixture = before_a_site(true).await;
    let waited = hung_up(fixture.tls("a.test", &["h2"]).await).await;
    assert!((30..=180).contains(&waited.as_secs()), "{waited:?}");
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_head_takes_no_longer_than_a_head_does() {
    let mut fixture = before_a_site(false).await;
    for begun in [b"G".as_slice(), b"GET http://a.test/ HTTP/1.1\r\nHost: a", b"CONNECT a.test:443 HTTP/1.1\r\n"] {
        let mut stream = fixture.plain().await;
        stream.write_all(begun).await.unwrap();
        let waited = hung_up(stream).await;
        assert!((20..=60).contains(&waited.as_secs()), "{waited:?}");
    }
    for begun in [[5].as_slice(), &[5, 1], &[0x16], &[0x16, 3, 1, 2, 0]] {
        let mut stream = fixture.plain().await;
        stream.write_all(begun).await.unwrap();
        let waited = hung_up(stream).await;
        assert!((5..=60).contains(&waited.as_secs()), "{waited:?}");
        assert_eq!(fixture.blind_spot().await.kind, BlindSpotKind::NotHttp);
    }
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_head_that_trickles_takes_no_longer_either() {
    let fixture = before_a_site(false).await;
    let (begun, mut stream) = (Instant::now(), fixture.plain().await);
    stream.write_all(b"GET http://a.test/ HTTP/1.1\r\n").await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let trickling = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if writing.write_all(b"X: y\r\n").await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        ended = reading.read_u8() => assert!(ended.is_err()),
        () = trickling => {}
    }
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_rest_between_two_requests() {
    let mut fixture = before_a_site(false).await;
    let mut stream = fixture.plain().await;
    for _ in 0..3 {
        stream.write_all(b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
        assert!(head(&mut stream).await.starts_with("HTTP/1.1 200 "));
        stream.read_exact(&mut [0; 8]).await.unwrap();
        fixture.exchange().await;
        // As long as Chromium keeps one.
        tokio::time::sleep(Duration::from_mins(5)).await;
    }
    let waited = hung_up(stream).await;
    assert!(waited < Duration::from_mins(3), "{waited:?}");
}

#[tokio::test]
async fn the_proxy_asked_for_itself_shows_its_page_once() {
    let ca = TestCa::new();
    let mut fixture = Fixture::with(&ca, |_| {}).await;
    let own = fixture.listener.address();
    let other = fixture.proxy.listen(0).await.unwrap().address();
    for place in [own.to_string(), format!("localhost:{}", own.port()), other.to_string()] {
        let mut stream = fixture.plain().await;
        let request = format!("GET http://{place}/ HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("Trust this proxy"), "{answer}");
    }

    // A tunnel to itself ends in a page, in clear text and in TLS.
    let mut stream = fixture.tunnel(&own.to_string()).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("round in circles"), "{answer}");
    assert!(answer.contains("error=proxy_loop_detected"), "{answer}");
    assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::HostUnreachable]);
    let desk = Desk::new(&fixture);
    let (out, error) = desk.curl(&format!("--proxy http://{own} https://{own}/")).await;
    assert!(out.contains("round in circles"), "{out} {error}");
    fixture.exchange().await;
    let rest = fixture.stop().await;
    assert!(rest.is_empty(), "{rest:?}");
}

#[tokio::test]
async fn a_port_that_is_off_limits_is_not_reached_by_any_way_or_name() {
    let ca = TestCa::new();
    let console = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = console.local_addr().unwrap();
    let mut fixture = Fixture::with(&ca, |settings| {
        settings.resolve = vec![Resolve::new("*", 80, address).unwrap()];
    })
    .await;
    fixture.proxy.keep_off(address);
    let desk = Desk::new(&fixture);
    let proxy = fixture.listener.address();
    let port = address.port();
    for url in [
        format!("--proxy http://{proxy} http://{address}/"),
        format!("--proxy http://{proxy} http://localhost:{port}/"),
        format!("--proxy http://{proxy} http://rebound.test/"),
        format!("--proxy http://{proxy} --proxytunnel http://{address}/"),
        format!("--proxy socks5h://{proxy} http://{address}/"),
    ] {
        let (out, error) = desk.curl(&url).await;
        assert!(out.contains("the console of this session"), "{url}: {out} {error}");
        assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::HostUnreachable]);
    }
    // Connections were made, and nothing was said on them.
    while let Ok(Ok((mut stream, _))) = timeout(Duration::from_millis(100), console.accept()).await {
        assert_eq!(rest(&mut stream).await, "");
    }
    fixture.stop().await;
}

#[tokio::test]
async fn a_name_that_leads_back_to_the_proxy_goes_round_once() {
    let ca = TestCa::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut fixture = Fixture::with(&ca, |settings| {
        settings.resolve = vec![Resolve::new("*", 80, free).unwrap(), Resolve::new("*", 443, free).unwrap()];
    })
    .await;
    fixture.proxy.listen_at(free).await.unwrap();
    let desk = Desk::new(&fixture);
    for url in ["http://a.test/", "https://a.test/"] {
        let (out, error) = desk.curl(&format!("--proxy http://{free} {url}")).await;
        assert!(out.contains("round in circles") && out.contains("--resolve"), "{out} {error}");
        assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::HostUnreachable]);
    }
    let rest = fixture.stop().await;
    assert!(rest.is_empty(), "{rest:?}");
}

#[tokio::test]
async fn ipv6_is_an_address_like_any() {
    let mut fixture = before_a_site(false).await;
    let listener = fixture.proxy.listen_at("[::1]:0".parse().unwrap()).await.unwrap();
    let desk = Desk::new(&fixture);
    for proxy in [format!("--proxy http://{}", listener.address()), format!("--socks5-hostname {}", listener.address())]
    {
        assert_eq!(desk.curl(&format!("{proxy} http://a.test/")).await, ("HTTP/1.1".to_owned(), String::new()));
        assert!(fixture.exchange().await.connection.client.unwrap().starts_with("[::1]:"));
    }
}
