//! Sites that want a certificate of their clients.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::{BlindSpotKind, Failure};
use proxy::{ClientCert, Settings};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion, version};
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::kit::{Fixture, TestCa, kinds, provider, text, web_site};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";

/// Answers only clients with a certificate of `clients`, or others too if that is not `required`.
fn server(
    ca: &TestCa,
    clients: &TestCa,
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[&str],
    required: bool,
) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let chain = vec![ca.certificate(&["a.test", "b.test", "x.b.test"], &key).der().clone()];
    let mut roots = RootCertStore::empty();
    roots.add(clients.root.clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    let verifier = if required { verifier } else { verifier.allow_unauthenticated() };
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(chain, PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(config)
}

fn certificate(clients: &TestCa, hosts: &str) -> ClientCert {
    let key = KeyPair::generate().unwrap();
    let pem = clients.certificate(&["ann.client.test"], &key).pem() + &key.serialize_pem();
    ClientCert::parse(hosts.parse().unwrap(), pem.as_bytes()).unwrap()
}

async fn fixture(ca: &TestCa, site: SocketAddr, certificates: Vec<ClientCert>) -> Fixture {
    Fixture::with(ca, |settings: &mut Settings| {
        settings.resolve = vec![format!("*:443:{site}").parse().unwrap()];
        settings.client_certs = certificates;
    })
    .await
}

#[tokio::test]
async fn a_certificate_is_given_to_the_hosts_it_is_for_and_no_others() {
    let (ca, clients) = (TestCa::new(), TestCa::new());
    for version in [&version::TLS12, &version::TLS13] {
        let site = web_site(Some(server(&ca, &clients, &[version], &[], true)), |_| async { text("known") }).await;
        let certificates = vec![certificate(&clients, "a.test"), certificate(&clients, "*.b.test")];
        let mut fixture = fixture(&ca, site, certificates).await;
        // The second connection resumes the first.
        for host in ["a.test", "a.test", "x.b.test"] {
            assert!(fixture.ask(host, REQUEST).await.ends_with("known"));
            assert_eq!(kinds(&fixture.exchange().await), []);
        }
        let answer = fixture.ask("b.test", REQUEST).await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        for part in ["wants a client certificate", "--client-cert b.test=FILE", "error=tls_alert_received"] {
            assert!(answer.contains(part), "{part} in {answer}");
        }
        let exchange = fixture.exchange().await;
        assert!(matches!(exchange.failure, Some(Failure::Tls(_))));
        assert_eq!(kinds(&exchange), [BlindSpotKind::UpstreamRefused]);
    }
}

#[tokio::test]
async fn http2_tells_a_missing_certificate_as_well() {
    let (ca, clients) = (TestCa::new(), TestCa::new());
    let config = server(&ca, &clients, &[&version::TLS13], &["h2"], true);
    let site = web_site(Some(config), |_| async { text("known") }).await;
    let mut fixture = fixture(&ca, site, Vec::new()).await;
    let stream = fixture.tls("a.test", &["h2", "http/1.1"]).await;
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("https://a.test/").body(Empty::<Bytes>::new()).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 502);
    let page = answer.into_body().collect().await.unwrap().to_bytes();
    let page = String::from_utf8_lossy(&page);
    assert!(page.contains("--client-cert a.test=FILE"), "{page}");
    let exchange = fixture.exchange().await;
    assert_eq!(kinds(&exchange), [BlindSpotKind::UpstreamRefused], "{:?}", exchange.failure);
}

#[tokio::test]
async fn a_certificate_that_the_site_does_not_accept_is_said() {
    let (ca, clients, others) = (TestCa::new(), TestCa::new(), TestCa::new());
    for version in [&version::TLS12, &version::TLS13] {
        let site = web_site(Some(server(&ca, &clients, &[version], &[], true)), |_| async { text("known") }).await;
        let mut fixture = fixture(&ca, site, vec![certificate(&others, "a.test")]).await;
        let answer = fixture.ask("a.test", REQUEST).await;
        assert!(answer.contains("does not accept the client certificate"), "{answer}");
        assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::UpstreamRefused]);
    }
}

#[tokio::test]
async fn a_site_that_asks_and_does_not_insist_gets_none() {
    let (ca, clients) = (TestCa::new(), TestCa::new());
    let config = server(&ca, &clients, &[&version::TLS13], &["h2", "http/1.1"], false);
    let site = web_site(Some(config), |_| async { text("anybody") }).await;
    let mut fixture = fixture(&ca, site, Vec::new()).await;
    assert!(fixture.ask("a.test", REQUEST).await.ends_with("anybody"));
    assert_eq!(kinds(&fixture.exchange().await), []);
}

/// `openssl s_server`, and where it listens.
async fn openssl(folder: &Path, ca: &TestCa, flags: &[&str]) -> (Child, SocketAddr) {
    // RSA, for the ciphers that need it.
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let file = folder.join("site.pem");
    std::fs::write(&file, ca.certificate(&["a.test"], &key).pem() + &key.serialize_pem()).unwrap();
    let mut command = Command::new("openssl");
    command.args(["s_server", "-accept", "127.0.0.1:0", "-www", "-cert"]).arg(file).args(flags);
    let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(address) = line.strip_prefix("ACCEPT ") {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (server, address.parse().unwrap());
        }
    }
    panic!("openssl did not begin");
}

#[tokio::test]
async fn openssl_gets_its_certificate() {
    let (ca, clients) = (TestCa::new(), TestCa::new());
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("clients.pem");
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}", data_encoding::BASE64_MIME.encode(&clients.root));
    std::fs::write(&roots, pem + "-----END CERTIFICATE-----\n").unwrap();
    for version in ["-tls1_2", "-tls1_3"] {
        let flags = ["-Verify", "3", "-verify_return_error", "-CAfile", roots.to_str().unwrap(), version];
        let (_server, site) = openssl(folder.path(), &ca, &flags).await;
        let given = fixture(&ca, site, vec![certificate(&clients, ".a.test")]).await;
        let answer = given.ask("a.test", REQUEST).await;
        assert!(answer.contains(" 200 ok\r\n") && answer.contains("DNS:ann.client.test"), "{answer}");
        let answer = fixture(&ca, site, Vec::new()).await.ask("a.test", REQUEST).await;
        assert!(answer.contains("wants a client certificate"), "{version}: {answer}");
    }
}

#[tokio::test]
async fn pitfall_8_old_tls_is_not_covered_and_says_so() {
    let ca = TestCa::new();
    let folder = tempfile::tempdir().unwrap();
    let old: &[&str] = &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
    let rsa: &[&str] = &["-tls1_2", "-cipher", "AES128-SHA"];
    for (flags, words) in [(old, "it speaks only TLS before 1.2"), (rsa, "no cipher in common")] {
        let (_server, site) = openssl(folder.path(), &ca, flags).await;
        let mut fixture = fixture(&ca, site, Vec::new()).await;
        let answer = fixture.ask("a.test", REQUEST).await;
        assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains(words), "{answer}");
        assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::UpstreamRefused]);
    }
}
