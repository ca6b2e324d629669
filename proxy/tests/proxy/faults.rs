//! Sites that cannot be asked: a page that says why, a failure on the exchange, a blind spot.

use http_body_util::BodyExt as _;
use model::{BlindSpotKind, Failure};
use proxy::Resolve;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use crate::kit::{Fixture, TestCa, head, kinds, rest, site, text, web_site};

const REQUEST: &str = "POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 14\r\n\r\ncpr=0101904321";

/// A port of this machine where nobody listens.
async fn closed_port() -> std::net::SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// Pitfall 7: the handshake with the client is completed, and a page says why; never is the check skipped.
#[tokio::test]
async fn pitfall_7_a_certificate_of_an_unknown_authority_is_refused_with_a_page() {
    let (ca, other) = (TestCa::new(), TestCa::new());
    let site = web_site(Some(other.server(&["a.test"], &["h2", "http/1.1"])), |_| async { text("secret") }).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &["h2", "http/1.1"]).await;
    stream.write_all(REQUEST.as_bytes()).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    for part in ["https://a.test", "authority that is not trusted", "--upstream-ca", "error=tls_certificate_error"] {
        assert!(answer.contains(part), "{part} in {answer}");
    }
    assert!(!answer.contains("secret"));
    let exchange = fixture.exchange().await;
    assert!(matches!(&exchange.failure, Some(Failure::Tls(why)) if why.contains("not trusted")));
    assert!(exchange.response.is_none());
    assert_eq!(kinds(&exchange), [BlindSpotKind::UpstreamRefused]);
    assert_eq!(exchange.blind_spots[0].place, "https://a.test");
    // What the site would have been sent is known nevertheless.
    assert_eq!(exchange.request.body.bytes, b"cpr=0101904321");
}

#[tokio::test]
async fn a_certificate_for_another_host_or_another_time_is_refused() {
    let ca = TestCa::new();
    let old = |params: &mut rcgen::CertificateParams| params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    for (config, words) in [
        (ca.server(&["b.test"], &[]), "for another host (b.test)"),
        (ca.server_with(&["a.test"], &[], old), "has expired"),
    ] {
        let site = web_site(Some(config), |_| async { text("secret") }).await;
        let mut fixture = Fixture::new(&ca, site).await;
        let answer = fixture.ask("a.test", REQUEST).await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        assert!(answer.contains(words) || answer.contains("for another host (b.test)"), "{words} in {answer}");
        assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::UpstreamRefused]);
    }
}

#[tokio::test]
async fn a_site_that_speaks_no_tls_is_refused() {
    let ca = TestCa::new();
    let site = web_site(None, |_| async { text("clear") }).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let answer = fixture.ask("a.test", REQUEST).await;
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("no TLS"), "{answer}");
    assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::UpstreamRefused]);
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_said() {
    let ca = TestCa::new();
    let closed = closed_port().await;
    let mut fixture = Fixture::new(&ca, closed).await;
    let answer = fixture.ask("a.test", REQUEST).await;
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("connection refused"), "{answer}");
    let exchange = fixture.exchange().await;
    assert!(matches!(exchange.failure, Some(Failure::Unreachable(_))));
    assert_eq!(kinds(&exchange), [BlindSpotKind::HostUnreachable]);
    assert_eq!(exchange.request.body.bytes, b"cpr=0101904321");

    let mut stream = fixture.plain().await;
    stream.write_all(b"GET http://b.test/ HTTP/1.1\r\nHost: b.test\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 502 "));
    assert_eq!(fixture.exchange().await.request.target.to_string(), "http://b.test/");
}

#[tokio::test]
async fn nothing_but_this_machine_is_contacted_under_the_guard() {
    let ca = TestCa::new();
    let mut fixture = Fixture::with(&ca, |settings| {
        settings.resolve = vec![Resolve::new("b.test", 443, "192.0.2.1:443".parse().unwrap()).unwrap()];
    })
    .await;
    for host in ["a.test", "b.test", "192.0.2.7"] {
        let answer = fixture.ask(host, REQUEST).await;
        assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("nothing but this machine"), "{answer}");
        let exchange = fixture.exchange().await;
        assert!(matches!(exchange.failure, Some(Failure::Refused(_))));
        assert_eq!(kinds(&exchange), [BlindSpotKind::HostUnreachable]);
    }
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_said() {
    let ca = TestCa::new();
    // `.invalid` is never looked up on the network by a resolver that knows RFC 6761; an over-long label by none.
    let host = format!("{}.invalid", "a".repeat(64));
    let mut fixture = Fixture::with(&ca, |settings| settings.loopback_only = false).await;
    let mut stream = fixture.plain().await;
    stream.write_all(format!("GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("error=dns_error"), "{answer}");
    assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::HostUnreachable]);
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_is_said() {
    let ca = TestCa::new();
    let site = site(Some(ca.server(&["a.test"], &[])), |mut stream| async move {
        head(&mut stream).await;
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let answer = fixture.ask("a.test", REQUEST).await;
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("broke off"), "{answer}");
    let exchange = fixture.exchange().await;
    assert!(matches!(exchange.failure, Some(Failure::Broken(_))));
    assert!(kinds(&exchange).contains(&BlindSpotKind::ConnectionBroken));
}

#[tokio::test]
async fn a_site_that_answers_nonsense_is_said() {
    let ca = TestCa::new();
    let site = site(Some(ca.server(&["a.test"], &[])), |mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"SSH-2.0-x\r\n\r\n").await.unwrap();
        rest(&mut stream).await;
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let answer = fixture.ask("a.test", REQUEST).await;
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("cannot be understood"), "{answer}");
    assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::UpstreamRefused]);
}

#[tokio::test]
async fn a_name_that_is_none_of_the_proxys_own_is_told_what_it_leads_to() {
    let ca = TestCa::new();
    let fixture = Fixture::with(&ca, |_| {}).await;
    let mut stream = fixture.plain().await;
    stream.write_all(b"GET /ca.pem HTTP/1.1\r\nHost: rebound.test\r\nConnection: close\r\n\r\n").await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("proxy"), "{answer}");
    assert!(!answer.contains("CERTIFICATE"), "{answer}");
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test]
async fn a_request_that_is_no_http_is_a_blind_spot() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], &[])), |request| async move {
        text(request.into_body().collect().await.unwrap().to_bytes().len().to_string())
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let answer = fixture.ask("a.test", "GET / HTTP/1.1\r\nbad header\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let blind_spot = fixture.blind_spot().await;
    assert_eq!((blind_spot.kind, blind_spot.place.as_str()), (BlindSpotKind::NotHttp, "a.test:443"));
}
