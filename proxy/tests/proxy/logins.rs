//! Names and passwords at the proxy: asked for, compared, never passed on and never kept.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use model::{BlindSpotKind, Exchange};
use proxy::{Captured, ProxyError, Resolve};
use tokio::io::AsyncWriteExt as _;

use crate::kit::{Fixture, TestCa, head, lines, rest, text, web_site};
use crate::programs::Desk;

/// `anna:secret` and `bo:other`.
const ANNA: &str = "Basic YW5uYTpzZWNyZXQ=";
const BO: &str = "Basic Ym86b3RoZXI=";

/// A proxy with two users, before a site that says what it was sent.
async fn guarded() -> Fixture {
    let ca = TestCa::new();
    let tell = |request: http::Request<hyper::body::Incoming>| async move {
        let mut told = lines(request.headers());
        let body = request.into_body().collect().await.unwrap().to_bytes();
        told.push_str(&String::from_utf8_lossy(&body));
        text(told)
    };
    let (clear, secure) = (web_site(None, tell).await, web_site(Some(ca.server(&["a.test"], &[])), tell).await);
    Fixture::with(&ca, |settings| {
        settings.resolve = vec![Resolve::new("*", 80, clear).unwrap(), Resolve::new("*", 443, secure).unwrap()];
        settings.auth = Some("anna:secret\nbo:other".parse().unwrap());
    })
    .await
}

async fn ask(fixture: &Fixture, lines: &str) -> String {
    let mut stream = fixture.plain().await;
    stream.write_all(format!("{lines}Connection: close\r\n\r\n").as_bytes()).await.unwrap();
    rest(&mut stream).await
}

fn says_nothing_of_passwords(exchange: &Exchange) {
    let all = format!("{exchange:?}");
    for secret in ["secret", "YW5uYTpzZWNyZXQ", "proxy-authorization"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[tokio::test]
async fn who_shows_none_is_asked_and_told_what_to_do() {
    let fixture = guarded().await;
    for request in
        ["GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n", "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n"]
    {
        let answer = ask(&fixture, request).await;
        assert!(answer.starts_with("HTTP/1.1 407 "), "{answer}");
        assert!(answer.to_lowercase().contains("proxy-authenticate: basic realm=\"cprvagt\", charset=\"utf-8\""));
        assert!(answer.contains("--proxy-user") && answer.contains("Nothing was sent on"), "{answer}");
    }
    // Nothing left, so there is nothing to tell.
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_refused_late() {
    let fixture = guarded().await;
    let begun = tokio::time::Instant::now();
    for wrong in ["Basic YW5uYTpvdGhlcg==", "Basic YW5uYQ==", "Bearer x", "Basic"] {
        let lines = format!("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nProxy-Authorization: {wrong}\r\n");
        let answer = ask(&fixture, &lines).await;
        assert!(answer.starts_with("HTTP/1.1 407 ") && answer.contains("does not know"), "{answer}");
    }
    assert!(begun.elapsed().as_secs() >= 4);
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test]
async fn a_user_is_known_on_each_request_and_the_password_nowhere() {
    let mut fixture = guarded().await;
    for (login, user) in [(ANNA, "anna"), (BO, "bo")] {
        let lines =
            format!("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nProxy-Authorization: {login}\r\nX-Own: 1\r\n");
        let answer = ask(&fixture, &lines).await;
        assert!(answer.contains("x-own: 1") && !answer.to_lowercase().contains("authorization"), "{answer}");
        let exchange = fixture.exchange().await;
        assert_eq!(exchange.connection.user.as_deref(), Some(user));
        assert_eq!(exchange.connection.tester.as_deref(), Some(user));
        says_nothing_of_passwords(&exchange);
    }
}

#[tokio::test]
async fn a_tunnel_is_its_users() {
    let mut fixture = guarded().await;
    let mut stream = fixture.plain().await;
    // The client is asked first and answers on the same connection, as browsers do.
    stream.write_all(b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n").await.unwrap();
    let asked = head(&mut stream).await;
    let length = asked.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    let mut page = vec![0; length.unwrap().parse().unwrap()];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut page).await.unwrap();
    let again = format!("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nProxy-Authorization: {BO}\r\n\r\n");
    stream.write_all(again.as_bytes()).await.unwrap();
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 200 "));
    let mut stream = fixture.handshake(stream, "a.test", &[]).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: a.test\r\nProxy-Authorization: {ANNA}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(!rest(&mut stream).await.to_lowercase().contains("authorization"));
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.connection.user.as_deref(), Some("bo"));
    says_nothing_of_passwords(&exchange);
}

#[tokio::test]
async fn curl_and_python_log_in() {
    let mut fixture = guarded().await;
    let (desk, address) = (Desk::new(&fixture), fixture.listener.address());
    for url in ["http://a.test/", "https://a.test/"] {
        let (out, error) = desk.curl(&format!("--proxy http://{address} --proxy-user anna:secret {url}")).await;
        assert!(out.contains("host: a.test") && !out.contains("authorization"), "{out} {error}");
        assert_eq!(fixture.exchange().await.connection.user.as_deref(), Some("anna"));
        let (out, error) = desk.python(&format!("http://bo:other@{address}"), url).await;
        assert!(out.contains("host: a.test") && !out.contains("authorization"), "{out} {error}");
        assert_eq!(fixture.exchange().await.connection.user.as_deref(), Some("bo"));
    }
    let (_, error) = desk.curl(&format!("--proxy http://{address} --proxy-user anna:wrong https://a.test/")).await;
    assert!(error.contains("407"), "{error}");
    let (_, error) = desk.python(&format!("http://{address}"), "https://a.test/").await;
    assert!(error.contains("407"), "{error}");
}

#[tokio::test]
async fn a_refused_upload_does_not_hang() {
    let fixture = guarded().await;
    let mut stream = fixture.plain().await;
    let body = Bytes::from(vec![b'x'; 8 << 20]);
    let request = format!("POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    // The rest of the body has nowhere to go.
    let (answer, _) = tokio::join!(head(&mut reading), writing.write_all(&body));
    assert!(answer.starts_with("HTTP/1.1 407 "), "{answer}");
}

#[tokio::test]
async fn the_proxys_own_page_needs_no_login() {
    let fixture = guarded().await;
    let answer = ask(&fixture, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("Trust this proxy"), "{answer}");
}

#[tokio::test]
async fn pitfall_26_without_users_nobody_beyond_this_machine_is_let_in() {
    let ca = TestCa::new();
    let fixture = Fixture::with(&ca, |_| {}).await;
    let origin: proxy::Origin = "https://a.test".parse().unwrap();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.7:0"] {
        let address = address.parse().unwrap();
        let refused = [
            fixture.proxy.listen_at(address).await.err().unwrap(),
            fixture.proxy.listen_reverse(address, origin.clone()).await.err().unwrap(),
        ];
        for error in refused {
            assert!(matches!(error, ProxyError::Unguarded(at) if at == address), "{error}");
        }
    }
    for address in ["127.0.0.1:0", "[::1]:0", "127.0.0.9:0"] {
        let listener = fixture.proxy.listen_at(address.parse().unwrap()).await.unwrap();
        assert!(listener.address().ip().is_loopback());
    }
}

#[tokio::test]
async fn with_users_the_proxy_may_be_reached_from_elsewhere() {
    let mut fixture = guarded().await;
    let open = fixture.proxy.listen_at("0.0.0.0:0".parse().unwrap()).await.unwrap();
    let desk = Desk::new(&fixture);
    let address = format!("127.0.0.1:{}", open.address().port());
    let (_, error) = desk.curl(&format!("--proxy http://{address} https://a.test/")).await;
    assert!(error.contains("407"), "{error}");
    let (out, error) = desk.curl(&format!("--proxy http://anna:secret@{address} https://a.test/")).await;
    assert!(out.contains("host: a.test"), "{out} {error}");
    assert_eq!(fixture.exchange().await.connection.user.as_deref(), Some("anna"));

    // Nor does it lead to itself by another of this machine's addresses.
    let (out, _) =
        desk.curl(&format!("--proxy http://anna:secret@{address} http://127.0.0.3:{}/", open.address().port())).await;
    assert!(out.contains("Trust this proxy"), "{out}");
    let captured = fixture.stop().await;
    assert!(captured.is_empty(), "{captured:?}");
}

#[tokio::test]
async fn a_reverse_port_beyond_this_machine_asks_too_and_keeps_the_login_to_itself() {
    let mut fixture = guarded().await;
    let origin: proxy::Origin = "http://a.test".parse().unwrap();
    let open = fixture.proxy.listen_reverse("0.0.0.0:0".parse().unwrap(), origin.clone()).await.unwrap();
    let near = fixture.proxy.listen_reverse("127.0.0.1:0".parse().unwrap(), origin).await.unwrap();
    let desk = Desk::new(&fixture);
    let (near, open) = (format!("http://{}/", near.address()), format!("http://127.0.0.1:{}/", open.address().port()));

    let (out, error) = desk.curl(&near).await;
    assert!(out.contains("host: a.test"), "{out} {error}");
    assert_eq!(fixture.exchange().await.connection.user, None);

    let (out, _) = desk.curl(&format!("-i {open}")).await;
    assert!(out.starts_with("HTTP/1.1 401 ") && out.to_lowercase().contains("www-authenticate: basic"), "{out}");
    let (out, _) = desk.curl(&format!("-i --user anna:wrong {open}")).await;
    assert!(out.starts_with("HTTP/1.1 401 "), "{out}");
    let (out, error) = desk.curl(&format!("--user anna:secret {open}")).await;
    assert!(out.contains("host: a.test") && !out.contains("authorization"), "{out} {error}");
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.connection.user.as_deref(), Some("anna"));
    says_nothing_of_passwords(&exchange);

    // A program whose Authorization is for the site.
    let mut curl = tokio::process::Command::new("curl");
    curl.args(["-sS", "--max-time", "20", "-H", "Authorization: Bearer token", "-H"]);
    let output = curl.arg(format!("Proxy-Authorization: {BO}")).arg(&open).output().await.unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(out.contains("authorization: Bearer token"), "{out}");
    assert!(!out.contains("proxy-authorization"), "{out}");
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.connection.user.as_deref(), Some("bo"));
    assert_eq!(exchange.request.headers.text("authorization").as_deref(), Some("Bearer token"));
    let left: Vec<Captured> = fixture.stop().await;
    assert!(!left.iter().any(|one| matches!(one, Captured::BlindSpot(spot) if spot.kind != BlindSpotKind::NotHttp)));
}

#[tokio::test]
async fn what_comes_in_by_a_testers_port_is_the_testers() {
    let ca = TestCa::new();
    let (clear, secure) = (
        web_site(None, |_| async { text("x") }).await,
        web_site(Some(ca.server(&["a.test"], &[])), |_| async { text("x") }).await,
    );
    let mut fixture = Fixture::with(&ca, |settings| {
        settings.resolve = vec![Resolve::new("*", 80, clear).unwrap(), Resolve::new("*", 443, secure).unwrap()];
    })
    .await;
    let anna = fixture.proxy.listen(0).await.unwrap().for_tester("anna");
    let desk = Desk::new(&fixture);
    for url in ["http://a.test/", "https://a.test/"] {
        for (address, expected) in [(anna.address(), Some("anna")), (fixture.listener.address(), None)] {
            let (out, error) = desk.curl(&format!("--proxy http://{address} {url}")).await;
            assert_eq!(out, "x", "{error}");
            assert_eq!(fixture.exchange().await.connection.tester.as_deref(), expected, "{url}");
        }
    }
}
