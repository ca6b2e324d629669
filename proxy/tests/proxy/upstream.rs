//! Sites behind an upstream proxy: HTTP, HTTPS and SOCKS5 proxies of our own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use model::{BlindSpotKind, Failure, Scheme};
use proxy::{Chain, NoProxy, Settings};
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::kit::{Fixture, Stream, TestCa, head, kinds, rest, site, text, web_site};

const REQUEST: &str =
    "POST /x HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Length: 14\r\n\r\ncpr=0101904321";
/// `ann:pa@ss` as a URL has it, and as Basic has it.
const LOGIN: &str = "ann:pa%40ss@";
const BASIC: &str = "Basic YW5uOnBhQHNz";

/// A proxy, and what it was asked.
struct Upstream {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Upstream {
    /// An HTTP proxy before `leads_to`, whatever the name; `login` is the `Proxy-Authorization` that it wants.
    async fn http(tls: Option<Arc<ServerConfig>>, login: Option<&'static str>, leads_to: SocketAddr) -> Self {
        Self::serving(tls, move |asked, mut stream| async move {
            let request = head(&mut stream).await;
            asked.lock().unwrap().push(request.clone());
            if login.is_some_and(|login| {
                !request.contains(&format!("\r\nproxy-authorization: {login}\r\n"))
                    && !request.contains(&format!("\r\nProxy-Authorization: {login}\r\n"))
            }) {
                let refusal =
                    "HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
                return stream.write_all(refusal.as_bytes()).await.unwrap();
            }
            let mut site = TcpStream::connect(leads_to).await.unwrap();
            if request.starts_with("CONNECT ") {
                stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            } else {
                site.write_all(request.as_bytes()).await.unwrap();
            }
            let _ = copy_bidirectional(&mut stream, &mut site).await;
        })
        .await
    }

    /// One that says `answer` to everything.
    async fn saying(answer: &'static str) -> Self {
        Self::serving(None, move |asked, mut stream| async move {
            let request = head(&mut stream).await;
            asked.lock().unwrap().push(request);
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        })
        .await
    }

    /// A SOCKS5 proxy before `leads_to`; what it is asked for is noted as bytes.
    async fn socks(login: Option<&'static [u8]>, leads_to: SocketAddr) -> Self {
        Self::serving(None, move |asked, mut stream| async move {
            let mut greeting = [0; 2];
            stream.read_exact(&mut greeting).await.unwrap();
            let mut methods = vec![0; usize::from(greeting[1])];
            stream.read_exact(&mut methods).await.unwrap();
            if let Some(login) = login {
                stream.write_all(&[5, 2]).await.unwrap();
                let mut given = vec![0; login.len()];
                stream.read_exact(&mut given).await.unwrap();
                stream.write_all(&[1, u8::from(given != login)]).await.unwrap();
            } else {
                stream.write_all(&[5, 0]).await.unwrap();
            }
            let mut request = [0; 5];
            stream.read_exact(&mut request).await.unwrap();
            let left = match request[3] {
                1 => 5,
                3 => usize::from(request[4]) + 2,
                _ => 17,
            };
            let mut place = vec![0; left];
            stream.read_exact(&mut place).await.unwrap();
            let place = if request[3] == 3 {
                String::from_utf8_lossy(&place[..left - 2]).into_owned()
            } else {
                format!("{}.{}.{}.{}", request[4], place[0], place[1], place[2])
            };
            asked.lock().unwrap().push(place);
            stream.write_all(b"\x05\0\0\x01\0\0\0\0\0\0").await.unwrap();
            let mut site = TcpStream::connect(leads_to).await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut site).await;
        })
        .await
    }

    async fn serving<F: Future<Output = ()> + Send + 'static>(
        tls: Option<Arc<ServerConfig>>,
        serve: impl Fn(Arc<Mutex<Vec<String>>>, Stream) -> F + Send + Sync + 'static,
    ) -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let own = Arc::clone(&asked);
        let address = site(tls, move |stream| serve(Arc::clone(&own), stream)).await;
        Self { address, asked }
    }

    fn url(&self, scheme: &str, login: &str) -> String {
        format!("{scheme}://{login}{}", self.address)
    }

    fn first_lines(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|request| request.lines().next().unwrap_or_default().to_owned()).collect()
    }
}

async fn through(ca: &TestCa, url: &str, change: impl FnOnce(&mut Settings)) -> Fixture {
    Fixture::with(ca, |settings| {
        settings.loopback_only = false;
        settings.chain = Chain::to_all_by(url.parse().unwrap());
        change(settings);
    })
    .await
}

async fn secure_site(ca: &TestCa) -> SocketAddr {
    web_site(Some(ca.server(&["a.test"], &["h2", "http/1.1"])), |_| async { text("through") }).await
}

#[tokio::test]
async fn a_secure_site_is_reached_by_a_tunnel_and_its_name_looked_up_there() {
    let ca = TestCa::new();
    let upstream = Upstream::http(None, Some(BASIC), secure_site(&ca).await).await;
    let mut fixture = through(&ca, &upstream.url("http", LOGIN), |_| {}).await;
    assert!(fixture.ask("a.test", REQUEST).await.ends_with("through"));
    assert_eq!(upstream.first_lines(), ["CONNECT a.test:443 HTTP/1.1"]);
    let exchange = fixture.exchange().await;
    assert_eq!((exchange.request.target.to_string().as_str(), kinds(&exchange)), ("https://a.test/x", vec![]));
    assert_eq!(exchange.connection.server, None);
    assert_eq!(exchange.connection.server_tls.as_deref(), Some("TLSv1.3"));
}

#[tokio::test]
async fn a_proxy_spoken_to_by_tls_is_verified_as_sites_are() {
    let (ca, other) = (TestCa::new(), TestCa::new());
    let site = secure_site(&ca).await;
    let upstream = Upstream::http(Some(ca.server(&["127.0.0.1"], &[])), Some(BASIC), site).await;
    let fixture = through(&ca, &upstream.url("https", LOGIN), |_| {}).await;
    assert!(fixture.ask("a.test", REQUEST).await.ends_with("through"));
    assert_eq!(upstream.first_lines(), ["CONNECT a.test:443 HTTP/1.1"]);

    let stranger = Upstream::http(Some(other.server(&["127.0.0.1"], &[])), None, site).await;
    let mut fixture = through(&ca, &stranger.url("https", LOGIN), |_| {}).await;
    let answer = fixture.ask("a.test", REQUEST).await;
    assert!(answer.contains("upstream proxy https://127.0.0.1:") && answer.contains("not trusted"), "{answer}");
    assert!(stranger.first_lines().is_empty());
    assert!(matches!(fixture.exchange().await.failure, Some(Failure::Unreachable(_))));
}

#[tokio::test]
async fn clear_text_is_handed_over_whole_and_the_login_is_not_recorded() {
    let ca = TestCa::new();
    let site = web_site(None, |request| async move { text(request.uri().to_string()) }).await;
    let upstream = Upstream::http(None, Some(BASIC), site).await;
    let mut fixture = through(&ca, &upstream.url("http", LOGIN), |_| {}).await;
    let mut stream = fixture.plain().await;
    let request = "GET http://a.test:81/p?q=1 HTTP/1.1\r\nHost: a.test:81\r\nX-A: b\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.ends_with("\r\n\r\nhttp://a.test:81/p?q=1"));
    let asked = upstream.asked.lock().unwrap().concat();
    assert!(asked.starts_with("GET http://a.test:81/p?q=1 HTTP/1.1\r\nHost: a.test:81\r\nX-A: b\r\n"), "{asked}");
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.request.target.to_string(), "http://a.test:81/p?q=1");
    assert_eq!(exchange.request.headers.get("proxy-authorization"), None);
    assert_eq!((kinds(&exchange), exchange.connection.server), (vec![], None));
}

#[tokio::test]
async fn an_upgrade_in_clear_text_goes_by_a_tunnel() {
    let ca = TestCa::new();
    let site = site(None, |mut stream| async move {
        assert!(head(&mut stream).await.starts_with("GET /chat HTTP/1.1\r\n"));
        let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    })
    .await;
    let upstream = Upstream::http(None, None, site).await;
    let mut fixture = through(&ca, &upstream.url("http", ""), |_| {}).await;
    let request =
        "GET http://a.test/chat HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let mut stream = fixture.plain().await;
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 101 "));
    drop(stream);
    assert_eq!(fixture.exchange().await.request.target.scheme, Scheme::Ws);
    assert_eq!(upstream.first_lines(), ["CONNECT a.test:80 HTTP/1.1"]);
}

#[tokio::test]
async fn what_the_client_tunnels_goes_by_a_tunnel_and_a_site_may_speak_first() {
    let ca = TestCa::new();
    let clear = web_site(None, |_| async { text("clear") }).await;
    let upstream = Upstream::http(None, None, clear).await;
    let fixture = through(&ca, &upstream.url("http", ""), |_| {}).await;
    let mut stream = fixture.tunnel("a.test:8080").await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.ends_with("clear"));
    assert_eq!(upstream.first_lines(), ["CONNECT a.test:8080 HTTP/1.1"]);

    // The greeting comes in one piece with the proxy's answer.
    let upstream = Upstream::saying("HTTP/1.1 200 OK\r\n\r\n220 mail.test ready\r\n").await;
    let mut fixture = through(&ca, &upstream.url("http", ""), |_| {}).await;
    let mut stream = fixture.tunnel("mail.test:25").await;
    let mut greeting = [0; 21];
    stream.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"220 mail.test ready\r\n");
    assert_eq!(fixture.blind_spot().await.kind, BlindSpotKind::NotHttp);
}

#[tokio::test]
async fn a_socks_proxy_looks_names_up_itself() {
    let ca = TestCa::new();
    let upstream = Upstream::socks(Some(b"\x01\x03ann\x05pa@ss"), secure_site(&ca).await).await;
    let fixture = through(&ca, &upstream.url("socks5h", LOGIN), |_| {}).await;
    assert!(fixture.ask("a.test", REQUEST).await.ends_with("through"));
    assert_eq!(upstream.first_lines(), ["a.test"]);

    let mut fixture = through(&ca, &upstream.url("socks5h", "ann:wrong@"), |_| {}).await;
    let answer = fixture.ask("a.test", REQUEST).await;
    assert!(answer.contains("does not accept the login") && !answer.contains("wrong"), "{answer}");
    assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::HostUnreachable]);

    let clear = web_site(None, |request| async move { text(request.uri().to_string()) }).await;
    let upstream = Upstream::socks(None, clear).await;
    let fixture = through(&ca, &upstream.url("socks5h", ""), |_| {}).await;
    let mut stream = fixture.plain().await;
    stream.write_all(b"GET http://b.test/p HTTP/1.1\r\nHost: b.test\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.ends_with("\r\n\r\n/p"));
    assert_eq!(upstream.first_lines(), ["b.test"]);
}

#[tokio::test]
async fn an_address_that_is_said_goes_before_the_proxys_names() {
    let ca = TestCa::new();
    let resolve = |settings: &mut Settings| {
        settings.resolve =
            ["a.test:443:192.0.2.1:8443", "a.test:80:192.0.2.2"].map(|rule| rule.parse().unwrap()).into();
    };
    let site = secure_site(&ca).await;
    let upstream = Upstream::http(None, None, site).await;
    let mut fixture = through(&ca, &upstream.url("http", ""), resolve).await;
    assert!(fixture.ask("a.test", REQUEST).await.ends_with("through"));
    assert_eq!(upstream.first_lines(), ["CONNECT 192.0.2.1:8443 HTTP/1.1"]);
    assert_eq!(fixture.exchange().await.connection.server.as_deref(), Some("192.0.2.1:8443"));
    for kind in ["socks5", "socks5h"] {
        let upstream = Upstream::socks(None, site).await;
        let fixture = through(&ca, &upstream.url(kind, ""), resolve).await;
        assert!(fixture.ask("a.test", REQUEST).await.ends_with("through"));
        assert_eq!(upstream.first_lines(), ["192.0.2.1"], "{kind}");
    }
    // A proxy that got the request whole would ask its own name server.
    let clear = web_site(None, |request| async move { text(request.uri().to_string()) }).await;
    let upstream = Upstream::http(None, None, clear).await;
    let fixture = through(&ca, &upstream.url("http", ""), resolve).await;
    let mut stream = fixture.plain().await;
    stream.write_all(b"GET http://a.test/p HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.ends_with("\r\n\r\n/p"));
    assert_eq!(upstream.first_lines(), ["CONNECT 192.0.2.2:80 HTTP/1.1"]);
}

#[tokio::test]
async fn this_machine_and_what_is_excepted_are_reached_directly() {
    let ca = TestCa::new();
    let site = secure_site(&ca).await;
    let upstream = Upstream::http(None, None, site).await;
    let here = format!("a.test:443:{site}").parse().unwrap();
    let fixture = through(&ca, &upstream.url("http", ""), |settings| settings.resolve = vec![here]).await;
    assert!(fixture.ask("a.test", REQUEST).await.ends_with("through"));

    let mut fixture = through(&ca, &upstream.url("http", ""), |settings| {
        settings.chain = settings.chain.clone().except(NoProxy::parse("invalid").0);
    })
    .await;
    // Directly, this is no name that could be looked up.
    let host = format!("{}.invalid", "a".repeat(64));
    let mut stream = fixture.plain().await;
    stream.write_all(format!("GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.contains("error=dns_error"), "{answer}");
    assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::HostUnreachable]);

    // Where a proxy leads cannot be known, so the guard lets nothing through it.
    let fixture = through(&ca, &upstream.url("http", ""), |settings| settings.loopback_only = true).await;
    assert!(fixture.ask("a.test", REQUEST).await.contains("nothing but this machine"));
    assert!(upstream.first_lines().is_empty());
}

#[tokio::test]
async fn what_the_proxy_refuses_is_said_with_its_name_and_what_to_do() {
    let ca = TestCa::new();
    let (refused, unreachable) = (true, false);
    let cases: [(&str, &[&str], bool); 7] = [
        (
            "HTTP/1.1 403 Blocked by policy\r\n\r\n",
            &["403 Blocked by policy", "--no-proxy", "http_request_denied"],
            refused,
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\n\r\n",
            &["cannot reach it (502 Bad Gateway)", "destination_unavailable"],
            unreachable,
        ),
        ("HTTP/1.1 407 x\r\nProxy-Authenticate: Basic\r\n\r\n", &["does not accept the login"], refused),
        ("HTTP/1.1 407 x\r\nProxy-Authenticate: NTLM\r\n\r\n", &["NTLM", "cntlm"], refused),
        ("SSH-2.0-x\r\n\r\n", &["not understood (SSH-2.0-x)"], unreachable),
        ("HTTP/1.1 2", &["not understood"], unreachable),
        ("", &["ended the connection"], unreachable),
    ];
    for (said, parts, is_refusal) in cases {
        let upstream = Upstream::saying(said).await;
        let mut fixture = through(&ca, &upstream.url("http", LOGIN), |_| {}).await;
        let answer = fixture.ask("a.test", REQUEST).await;
        let place = format!("http://{}", upstream.address);
        assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains(&place), "{answer}");
        assert!(parts.iter().all(|part| answer.contains(part)), "{parts:?} in {answer}");
        let exchange = fixture.exchange().await;
        let failure = exchange.failure.as_ref().unwrap();
        assert!(matches!(failure, Failure::Refused(_) | Failure::Unreachable(_)), "{failure:?}");
        assert_eq!(matches!(failure, Failure::Refused(_)), is_refusal, "{failure:?}");
        assert_eq!(kinds(&exchange), [BlindSpotKind::HostUnreachable]);
        // What the site would have been sent is known all the same, and the login is nowhere.
        assert_eq!(exchange.request.body.bytes, b"cpr=0101904321");
        assert!(!format!("{answer}{exchange:?}").contains("pa@ss"));
    }
}

#[tokio::test]
async fn a_login_wanted_for_a_request_in_clear_text_is_no_answer_of_the_site() {
    let ca = TestCa::new();
    let upstream = Upstream::http(None, Some(BASIC), "127.0.0.1:1".parse().unwrap()).await;
    let mut fixture = through(&ca, &upstream.url("http", ""), |_| {}).await;
    let mut stream = fixture.plain().await;
    stream.write_all(b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("--upstream-proxy-auth-file"), "{answer}");
    let exchange = fixture.exchange().await;
    assert!(exchange.response.is_none() && matches!(exchange.failure, Some(Failure::Refused(_))));
}

#[tokio::test]
async fn a_proxy_that_is_not_there_or_is_ourselves_is_said() {
    let ca = TestCa::new();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let fixture = through(&ca, &format!("http://ann:secret@{free}"), |_| {}).await;
    let answer = fixture.ask("a.test", REQUEST).await;
    assert!(answer.contains(&format!("upstream proxy http://{free} cannot be used: nothing listens")), "{answer}");

    let own = fixture.proxy.listen(free.port()).await.unwrap();
    assert_eq!(own.address(), free);
    let answer = fixture.ask("a.test", REQUEST).await;
    assert!(answer.contains("is this very proxy") && answer.contains("proxy_loop_detected"), "{answer}");
}
