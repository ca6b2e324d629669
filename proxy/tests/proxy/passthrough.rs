//! Hosts passed through unread because their owner said so, and clients that would need it.

use std::net::SocketAddr;

use model::BlindSpotKind;
use proxy::{Captured, Chain};
use tokio::io::AsyncWriteExt as _;

use crate::kit::{Fixture, TestCa, handshake, kinds, rest, text, web_site};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n";

async fn fixture(ca: &TestCa, site: SocketAddr, passthrough: &str) -> Fixture {
    Fixture::with(ca, |settings| {
        settings.resolve = [80, 443].map(|port| format!("*:{port}:{site}").parse().unwrap()).into();
        settings.passthrough = vec![passthrough.parse().unwrap()];
    })
    .await
}

#[tokio::test]
async fn a_listed_host_is_passed_through_and_each_tunnel_told() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["app.test"], &["h2"])), |_| async { text("own") }).await;
    let mut fixture = fixture(&ca, site, ".test").await;
    for _ in 0..2 {
        let stream = fixture.tunnel("app.test:443").await;
        // The site's own certificate, and the site's own choice of protocol, which a proxy in between would not give.
        let stream = handshake(stream, "app.test", &["h2", "http/1.1"], &ca.root).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
        let spot = fixture.blind_spot().await;
        assert_eq!((spot.kind, spot.place.as_str()), (BlindSpotKind::Passthrough, "app.test:443"));
        assert!(spot.detail.contains("as asked"), "{}", spot.detail);
    }
    assert_eq!(fixture.listener.in_flight(), 0);
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test]
async fn the_name_in_the_handshake_counts_too() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["app.test", "b.test"], &[])), |_| async { text("own") }).await;
    let mut fixture = fixture(&ca, site, "app.test").await;
    let stream = fixture.tunnel(&site.to_string()).await;
    let mut stream = handshake(stream, "app.test", &[], &ca.root).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    assert!(rest(&mut stream).await.ends_with("own"));
    let spot = fixture.blind_spot().await;
    assert_eq!((spot.kind, spot.place), (BlindSpotKind::Passthrough, format!("app.test:{}", site.port())));

    // Another name at the same address is read as ever.
    let stream = fixture.tunnel(&site.to_string()).await;
    let mut stream = fixture.handshake(stream, "b.test", &[]).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    assert!(rest(&mut stream).await.ends_with("own"));
    assert_eq!(fixture.exchange().await.request.target.host.as_str(), "b.test");
}

#[tokio::test]
async fn clear_text_to_a_listed_host_is_read_all_the_same() {
    let ca = TestCa::new();
    let site = web_site(None, |_| async { text("clear") }).await;
    let mut fixture = fixture(&ca, site, "app.test").await;
    let mut stream = fixture.plain().await;
    stream.write_all(b"GET http://app.test/1 HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.ends_with("clear"));
    let mut stream = fixture.tunnel("app.test:80").await;
    stream.write_all(REQUEST).await.unwrap();
    assert!(rest(&mut stream).await.ends_with("clear"));
    for path in ["/1", "/"] {
        let exchange = fixture.exchange().await;
        assert_eq!((exchange.request.target.path.as_str(), kinds(&exchange)), (path, vec![]));
    }
}

#[tokio::test]
async fn a_listed_host_that_cannot_be_reached_is_said_as_such() {
    let ca = TestCa::new();
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut fixture = fixture(&ca, closed, "app.test").await;
    let stream = fixture.tunnel("app.test:443").await;
    assert!(handshake(stream, "app.test", &[], &ca.root).await.is_err());
    assert_eq!(fixture.blind_spot().await.kind, BlindSpotKind::HostUnreachable);
}

#[tokio::test]
async fn a_listed_host_goes_by_the_upstream_proxy_as_well() {
    let ca = TestCa::new();
    let refusing = crate::kit::site(None, |mut stream| async move {
        crate::kit::head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 403 No\r\n\r\n").await.unwrap();
    })
    .await;
    let mut fixture = Fixture::with(&ca, |settings| {
        settings.loopback_only = false;
        settings.passthrough = vec!["app.test".parse().unwrap()];
        settings.chain = Chain::to_all_by(format!("http://{refusing}").parse().unwrap());
    })
    .await;
    let stream = fixture.tunnel("app.test:443").await;
    assert!(handshake(stream, "app.test", &[], &ca.root).await.is_err());
    let spot = fixture.blind_spot().await;
    assert!(spot.kind == BlindSpotKind::HostUnreachable && spot.detail.contains("403 No"), "{spot:?}");
}

#[tokio::test]
async fn pitfall_10_a_client_that_rejects_our_leaf_is_told_with_the_way_out() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["app.test"], &[])), |_| async { text("own") }).await;
    let mut fixture = Fixture::new(&ca, site).await;
    // Twice: nothing is passed through by itself afterwards.
    for _ in 0..2 {
        let stream = fixture.tunnel("app.test:443").await;
        assert!(handshake(stream, "app.test", &[], &ca.root).await.is_err());
        let spot = fixture.blind_spot().await;
        assert_eq!(spot.kind, BlindSpotKind::ClientRefused);
        assert!(spot.detail.contains("--passthrough app.test") && spot.detail.contains("pinned"), "{}", spot.detail);
    }
    assert!(!fixture.stop().await.iter().any(|one| matches!(one, Captured::Exchange(_))));
}
