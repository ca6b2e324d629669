//! The proxy's own pages: its certificate, and how to trust it.

use proxy::{AuthorityChoice, Ca, OWN_HOST};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::kit::{Fixture, TestCa, handshake, now, rest};

async fn fixture() -> Fixture {
    let ca = Ca::for_installation(&now(), "laptop").unwrap();
    Fixture::with(&TestCa::new(), |settings| settings.authority = AuthorityChoice::Kept(ca)).await
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str, lines: &str) -> String {
    let request = format!("{request} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    rest(&mut stream).await
}

/// Asks the proxy's own port.
async fn direct(fixture: &Fixture, request: &str, lines: &str) -> String {
    let lines = format!("Host: {}\r\n{lines}", fixture.listener.address());
    ask(fixture.plain().await, request, &lines).await
}

#[tokio::test]
async fn the_proxys_port_shows_how_to_trust_it_in_two_languages() {
    let fixture = fixture().await;
    let english = direct(&fixture, "GET /", "User-Agent: Mozilla/5.0 (Linux; Android 15) Chrome/156\r\n").await;
    let danish = direct(&fixture, "GET /", "Accept-Language: da-DK,da;q=0.9,en;q=0.5\r\n").await;
    let address = fixture.listener.address().to_string();
    let digest = fixture.proxy.ca().fingerprint().replace(':', ":<wbr>");
    for (page, words) in [(&english, "Trust this proxy"), (&danish, "Stol på denne proxy")] {
        assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
        for part in [words, &address, &digest, fixture.proxy.ca().name(), "text/html; charset=utf-8", "nosniff"] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("url("), "{page}");
    }
    assert!(english.contains("<details id=\"android\" open>") && !danish.contains(" open>"), "{english}");
    assert!(direct(&fixture, "GET /?lang=da", "").await.contains("Stol på"));
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test]
async fn the_certificate_comes_in_each_form_and_never_the_key() {
    let fixture = fixture().await;
    for (path, kind) in [
        ("/ca.pem", "application/x-pem-file"),
        ("/ca.crt", "application/x-x509-ca-cert"),
        ("/ca.der", "application/x-x509-ca-cert"),
        ("/ca.p12", "application/x-pkcs12"),
    ] {
        let answer = direct(&fixture, &format!("GET {path}"), "").await;
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.contains(&format!("content-type: {kind}\r\n")),
            "{answer}"
        );
        assert!(!answer.contains("PRIVATE"), "{answer}");
    }
    assert!(direct(&fixture, "GET /ca.pem", "").await.ends_with(fixture.proxy.ca_pem()));
    let length = format!("content-length: {}\r\n", fixture.proxy.ca_der().len());
    let head = direct(&fixture, "HEAD /ca.crt", "").await;
    assert!(head.contains(&length) && head.ends_with("\r\n\r\n"), "{head}");
    assert!(direct(&fixture, "GET /else", "").await.starts_with("HTTP/1.1 404 "));
    let post = direct(&fixture, "POST /", "Content-Length: 0\r\n").await;
    assert!(post.starts_with("HTTP/1.1 405 ") && post.contains("allow: GET, HEAD"), "{post}");
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test]
async fn its_own_name_is_found_through_the_proxy_alone() {
    let fixture = fixture().await;
    let host = format!("Host: {OWN_HOST}\r\n");
    let page = ask(fixture.plain().await, &format!("GET http://{OWN_HOST}/"), &host).await;
    assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("Trust this proxy"), "{page}");
    assert!(!page.contains("class=\"good\"") && !page.contains("Use the proxy"), "{page}");
    let page = ask(fixture.tunnel(&format!("{OWN_HOST}:80")).await, "GET /", &host).await;
    assert!(page.contains("Trust this proxy") && !page.contains("class=\"good\""), "{page}");
    let page = ask(fixture.tls(OWN_HOST, &["h2", "http/1.1"]).await, "GET /", &host).await;
    assert!(page.contains("class=\"good\""), "{page}");
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test]
async fn a_client_that_does_not_trust_it_yet_is_no_blind_spot() {
    let (fixture, other) = (fixture().await, TestCa::new());
    let tunnel = fixture.tunnel(&format!("{OWN_HOST}:443")).await;
    handshake(tunnel, OWN_HOST, &[], &other.root).await.unwrap_err();
    drop(fixture.tunnel(&format!("{OWN_HOST}:443")).await);
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test]
async fn an_authority_of_the_run_says_that_it_ends_with_it() {
    let fixture = Fixture::with(&TestCa::new(), |_| {}).await;
    assert!(direct(&fixture, "GET /", "").await.contains("ends with it"));
    assert!(!direct(&self::fixture().await, "GET /", "").await.contains("ends with it"));
}
