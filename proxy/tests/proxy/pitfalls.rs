//! What proxies before this one fell into, each as a test by its number. `docs/pitfalls.md` lists them all; it is
//! compared with the tests there are, and written anew by `UPDATE_DOCS=1 cargo test -p proxy pitfalls`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;

use crate::kit::{Fixture, TestCa, head, kinds, provider, rest, site, text, web_site};

/// What there is to fall into, in the order of their numbers from 1.
const PITFALLS: [&str; 26] = [
    "Leaves live too long, or longer in the cache than they are good for",
    "The key identifier of the authority is computed anew instead of repeated",
    "Addresses need a certificate for the address",
    "A key for each host is slow",
    "Sessions resume only when hosts keep their configuration",
    "An end without `close_notify` is common, and cuts off only what has no other end",
    "A site whose certificate is bad needs a page that says so, and never an insecure way around",
    "Old TLS that browsers may still speak is not covered, which must be said",
    "A name hidden in the handshake (ECH, no SNI) is known from `CONNECT`",
    "A client that rejects our certificate must be told of, and never be let through silently",
    "HTTP/2 promised to the client before the site is known",
    "Connections to a site shared between clients",
    "WebSockets agreed to before the site has agreed",
    "`te: trailers` and trailers lost, which gRPC needs",
    "Interim answers (1xx) lost",
    "An answer before the end of the upload must reach the client",
    "Two readers see two requests where there is one",
    "An offer of HTTP/3 leads the client around the proxy",
    "Protocols in which the site speaks first, and clear text in a tunnel",
    "Case and order of header lines changed",
    "Bodies of unknown length kept in memory",
    "Numbers split across pieces of a body",
    "Finished streams of a long connection kept; `Accept-Encoding` changed",
    "Small messages wait for acknowledgements (Nagle)",
    "Whatever is under way is cut off at the end",
    "A proxy open to others, or a key that others can read",
];

const DOCUMENT: &str = "../docs/pitfalls.md";
/// Where tests of pitfalls are, from this crate's folder.
const FOLDERS: [&str; 3] = ["src", "tests", "../detect/tests"];

#[test]
fn every_pitfall_has_a_test_and_the_document_names_it() {
    let mut tests = BTreeMap::<usize, Vec<String>>::new();
    for folder in FOLDERS {
        collect(Path::new(folder), &mut tests);
    }
    let mut document = "# Pitfalls of intercepting proxies, and the tests that keep us out of them\n\n\
                        Written by `UPDATE_DOCS=1 cargo test -p proxy pitfalls`; do not edit.\n\n\
                        | | pitfall | tests |\n|---|---|---|\n"
        .to_owned();
    for (at, pitfall) in PITFALLS.iter().enumerate() {
        let number = at + 1;
        let tests = tests.remove(&number).unwrap_or_else(|| panic!("no test is named pitfall_{number}_.."));
        writeln!(document, "| {number} | {pitfall} | {} |", tests.join("<br>")).unwrap();
    }
    assert!(tests.is_empty(), "numbers that nobody knows: {tests:?}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(DOCUMENT, &document).unwrap();
    }
    let written = std::fs::read_to_string(DOCUMENT).unwrap_or_default();
    assert!(written == document, "run UPDATE_DOCS=1 cargo test -p proxy pitfalls, and read what changed");
}

/// Adds the tests in `folder` that are named for a pitfall, each with its file.
fn collect(folder: &Path, tests: &mut BTreeMap<usize, Vec<String>>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, tests);
            continue;
        }
        let Ok(source) = std::fs::read_to_string(&path) else { continue };
        let path = path.to_string_lossy();
        let path = path.strip_prefix("../").map_or_else(|| format!("proxy/{path}"), str::to_owned);
        for line in source.lines().map(str::trim_start) {
            let Some((_, name)) = line.split_once("fn pitfall_") else { continue };
            let Some((number, name)) = name.split_once('(').and_then(|(name, _)| name.split_once('_')) else {
                continue;
            };
            let Ok(number) = number.parse() else { continue };
            tests.entry(number).or_default().push(format!("`pitfall_{number}_{name}` in `{path}`"));
        }
    }
}

#[tokio::test]
async fn pitfall_9_a_name_that_the_handshake_hides_is_that_of_the_tunnel() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], &[])), |_| async { text("x") }).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut roots = RootCertStore::empty();
    roots.add(fixture.proxy.ca_der().clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.enable_sni = false;
    let stream = fixture.tunnel("a.test:443").await;
    // It checks that the certificate is for this name.
    let name = ServerName::try_from("a.test").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.ends_with('x'));
    assert_eq!(fixture.exchange().await.request.target.to_string(), "https://a.test/");
}

/// 60 of 60, while the client is still sending: whether the site then reads on, stops reading, or leaves.
#[tokio::test]
async fn pitfall_16_an_early_refusal_reaches_every_client_that_uploads() {
    const UPLOAD: usize = 4 << 20;
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Then {
        ReadsOn,
        StopsReading,
        Leaves,
    }
    let ca = TestCa::new();
    for then in [Then::ReadsOn, Then::StopsReading, Then::Leaves] {
        let site = site(Some(ca.server(&["a.test"], &[])), move |mut stream| async move {
            head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig").await.unwrap();
            stream.flush().await.unwrap();
            match then {
                Then::ReadsOn => drop(rest(&mut stream).await),
                Then::StopsReading => std::future::pending().await,
                Then::Leaves => stream.shutdown().await.unwrap_or_default(),
            }
        })
        .await;
        let mut fixture = Fixture::new(&ca, site).await;
        for number in 0..60 {
            let stream = fixture.tls("a.test", &[]).await;
            let (mut reader, mut writer) = tokio::io::split(stream);
            let sending = tokio::spawn(async move {
                let request = format!("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: {UPLOAD}\r\n\r\n");
                let _ = writer.write_all(request.as_bytes()).await;
                // It goes wrong at some point, since nobody wants it.
                let _ = writer.write_all(&vec![b'x'; UPLOAD]).await;
            });
            let answer = head(&mut reader).await;
            assert!(answer.starts_with("HTTP/1.1 413 "), "{then:?} {number}: {answer}");
            let mut body = [0; 3];
            reader.read_exact(&mut body).await.unwrap();
            assert_eq!(&body, b"big");
            sending.abort();
            drop(reader);
            let exchange = fixture.exchange().await;
            assert_eq!(exchange.response.as_ref().unwrap().status, 413, "{then:?} {number}");
            // All of it may be under way nevertheless; what is not, is said.
            let is_whole = exchange.request.body.wire_length == UPLOAD as u64;
            assert_eq!(kinds(&exchange).is_empty(), is_whole, "{then:?} {number}");
        }
    }
}

#[tokio::test]
async fn pitfall_23_the_codings_that_a_client_takes_are_not_changed() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], &[])), |request| async move {
        text(format!("{:?}", request.headers().get_all("accept-encoding").iter().collect::<Vec<_>>()))
    })
    .await;
    let fixture = Fixture::new(&ca, site).await;
    for offer in ["gzip, deflate, br, zstd", "identity;q=1, *;q=0", "dcb, dcz,  GZIP ;q=0.5"] {
        let request =
            format!("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nAccept-Encoding: {offer}\r\n\r\n");
        let answer = fixture.ask("a.test", &request).await;
        assert!(answer.ends_with(&format!("[{offer:?}]")), "{answer}");
    }
}
