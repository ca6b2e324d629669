//! What clients see of the proxy's own certificates, and clients that do not like them.

use std::process::Stdio;

use model::BlindSpotKind;
use proxy::Resolve;
use tokio::io::AsyncWriteExt as _;

use crate::kit::{Fixture, TestCa, handshake, rest, text, web_site};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn an_address_has_a_certificate_for_the_address() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["127.0.0.1"], &[])), |_| async { text("by address") }).await;
    let mut fixture = Fixture::with(&ca, |_| {}).await;
    let stream = fixture.tunnel(&site.to_string()).await;
    let mut stream = fixture.handshake(stream, "127.0.0.1", &[]).await.unwrap();
    stream.write_all(REQUEST.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.ends_with("by address"));
    assert_eq!(fixture.exchange().await.request.target.to_string(), format!("https://{site}/"));
}

#[tokio::test]
async fn the_name_in_the_handshake_goes_before_the_address_of_the_tunnel() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], &[])), |_| async { text("by name") }).await;
    let mut fixture = Fixture::with(&ca, |_| {}).await;
    let stream = fixture.tunnel(&site.to_string()).await;
    let mut stream = fixture.handshake(stream, "a.test", &[]).await.unwrap();
    stream.write_all(REQUEST.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.ends_with("by name"));
    assert_eq!(fixture.exchange().await.request.target.to_string(), format!("https://a.test:{}/", site.port()));
}

#[tokio::test]
async fn a_bracketed_address_is_understood() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["::1"], &[])), |_| async { text("six") }).await;
    let mut fixture =
        Fixture::with(&ca, |settings| settings.resolve = vec![Resolve::new("::1", 443, site).unwrap()]).await;
    let mut stream = fixture.tls("[::1]", &[]).await;
    stream.write_all(REQUEST.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.ends_with("six"));
    assert_eq!(fixture.exchange().await.request.target.to_string(), "https://[::1]/");
}

#[tokio::test]
async fn a_client_that_refuses_our_certificate_is_a_blind_spot() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], &[])), |_| async { text("x") }).await;
    let mut fixture = Fixture::new(&ca, site).await;
    fixture.listener.set_visit(Some(model::VisitId(3)));
    let stream = fixture.tunnel("a.test:443").await;
    // It trusts the site's authority, not the proxy's, as an app with a pinned certificate does.
    handshake(stream, "a.test", &[], &ca.root).await.unwrap_err();
    let blind_spot = fixture.blind_spot().await;
    assert_eq!((blind_spot.kind, blind_spot.place.as_str()), (BlindSpotKind::ClientRefused, "a.test:443"));
    assert_eq!(blind_spot.visit, Some(model::VisitId(3)));
}

#[tokio::test]
async fn a_client_that_leaves_in_the_handshake_is_none() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], &[])), |_| async { text("x") }).await;
    let fixture = Fixture::new(&ca, site).await;
    drop(fixture.tunnel("a.test:443").await);
    let mut stream = fixture.tunnel("a.test:443").await;
    stream.write_all(&[0x16, 0x03, 0x01, 0x00]).await.unwrap();
    drop(stream);
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test]
async fn the_key_digest_is_that_of_the_certificate_that_is_sent_along() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], &[])), |_| async { text("x") }).await;
    let fixture = Fixture::new(&ca, site).await;
    let stream = fixture.tls("a.test", &[]).await;
    let chain = stream.get_ref().1.peer_certificates().unwrap().to_vec();
    assert_eq!(chain.last(), Some(fixture.proxy.ca_der()));
    let mut openssl = tokio::process::Command::new("sh")
        .args([
            "-c",
            "openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(fixture.proxy.ca_pem().as_bytes()).await.unwrap();
    let digest = openssl.wait_with_output().await.unwrap().stdout;
    assert_eq!(String::from_utf8(digest).unwrap().trim(), fixture.proxy.spki_sha256());
}

#[tokio::test]
async fn curl_is_content_with_either_protocol() {
    let ca = TestCa::new();
    let tls = ca.server(&["www.skat.test"], &["h2", "http/1.1"]);
    let site = web_site(Some(tls), |request| async move { text(format!("{:?}", request.version())) }).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, fixture.proxy.ca_pem()).unwrap();
    for (flag, version) in [("--http1.1", "HTTP/1.1"), ("--http2", "HTTP/2.0")] {
        let curl = tokio::process::Command::new("curl")
            .args(["-sS", "--max-time", "20", flag, "--proxy"])
            .arg(format!("http://{}", fixture.listener.address()))
            .arg("--cacert")
            .arg(&ca_file)
            .arg("https://www.skat.test/")
            .output()
            .await
            .unwrap();
        let (out, error) = (String::from_utf8_lossy(&curl.stdout), String::from_utf8_lossy(&curl.stderr));
        assert_eq!(out, version, "{error}");
        assert_eq!(fixture.exchange().await.request.target.to_string(), "https://www.skat.test/");
    }
}
