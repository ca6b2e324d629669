//! Requests that two readers could take for different ones (RFC 9112 §11.2): refused, or sent on so that only one
//! reading is left. What counts is what arrives at the site, byte by byte.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use model::BlindSpotKind;
use proxy::Captured;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::kit::{Fixture, TestCa, kinds, rest, site};

/// Follows each probe on its connection: what a probe leaves behind would become its beginning.
const LAST: &str = "GET /last HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const LAST_ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nconnection: close\r\n\r\nok";

/// A proxy before a site that notes every byte it gets.
struct Probes {
    fixture: Fixture,
    log: Arc<Mutex<Vec<u8>>>,
}

impl Probes {
    async fn new() -> Self {
        let ca = TestCa::new();
        let log = Arc::new(Mutex::new(Vec::new()));
        let site = noting_site(&ca, Arc::clone(&log)).await;
        Self { fixture: Fixture::new(&ca, site).await, log }
    }

    /// Sends `probe` and another request right behind it; what the client is answered.
    async fn send(&self, probe: &str) -> String {
        self.noted().clear();
        let mut stream = self.fixture.tls("a.test", &["http/1.1"]).await;
        stream.write_all(format!("{probe}{LAST}").as_bytes()).await.unwrap();
        rest(&mut stream).await
    }

    /// It arrives as `expected`, and what follows arrives as itself.
    async fn forwarded(&mut self, probe: &str, expected: &str) {
        let answer = self.send(probe).await;
        assert_eq!(*self.noted(), format!("{expected}{LAST}").as_bytes(), "{probe:?}");
        assert!(answer.ends_with(LAST_ANSWER) && answer.matches("200 OK").count() == 2, "{probe:?}: {answer}");
        for path in ["/", "/last"] {
            let exchange = self.fixture.exchange().await;
            assert_eq!((kinds(&exchange), exchange.failure.as_ref()), (vec![], None), "{probe:?}");
            assert!(path == "/" || exchange.request.target.path == path, "{probe:?}");
        }
    }

    /// It arrives as `expected`; its connection ends with its answer.
    async fn forwarded_alone(&mut self, probe: &str, expected: &str) {
        assert_eq!(self.send(probe).await, LAST_ANSWER, "{probe:?}");
        assert_eq!(*self.noted(), expected.as_bytes(), "{probe:?}");
        assert_eq!(kinds(&self.fixture.exchange().await), [], "{probe:?}");
    }

    /// Nothing of it arrives, nor of what follows.
    async fn refused(&mut self, probe: &str) {
        self.cut(probe).await;
        assert_eq!(String::from_utf8_lossy(&self.noted()), "", "{probe:?}");
    }

    /// It does not arrive to its end, nor anything of what follows.
    async fn cut(&mut self, probe: &str) {
        let answer = self.send(probe).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("connection: close\r\n"), "{probe:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{probe:?}: {answer}");
        let noted = String::from_utf8_lossy(&self.noted()).into_owned();
        assert!(!noted.contains("0\r\n\r\n") && !noted.contains("/last"), "{probe:?}: {noted}");
        let seen = match self.fixture.next().await {
            Captured::BlindSpot(blind_spot) => vec![blind_spot.kind],
            Captured::Exchange(exchange) => kinds(&exchange),
        };
        assert_eq!(seen.first(), Some(&BlindSpotKind::NotHttp), "{probe:?}");
    }

    /// Nothing else was handed over.
    async fn end(self) {
        let left = self.fixture.stop().await;
        assert!(left.is_empty(), "{left:?}");
    }

    fn noted(&self) -> MutexGuard<'_, Vec<u8>> {
        self.log.lock().unwrap()
    }
}

/// A site that notes every byte, and answers each request once it is whole as a strict reader sees it.
async fn noting_site(ca: &TestCa, log: Arc<Mutex<Vec<u8>>>) -> SocketAddr {
    site(Some(ca.server(&["a.test"], &["http/1.1"])), move |mut stream| {
        let log = Arc::clone(&log);
        async move {
            let (mut unread, mut piece) = (Vec::new(), [0; 4096]);
            while let Ok(length @ 1..) = stream.read(&mut piece).await {
                log.lock().unwrap().extend_from_slice(&piece[..length]);
                unread.extend_from_slice(&piece[..length]);
                while let Some(length) = request_length(&unread) {
                    unread.drain(..length);
                    stream.write_all(ANSWER.as_bytes()).await.unwrap();
                }
            }
        }
    })
    .await
}

/// How long the first request in `bytes` is, if it is whole.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let after = |from: usize, what: &[u8]| {
        let at = bytes.get(from..)?.windows(what.len()).position(|window| window == what)?;
        Some(from + at + what.len())
    };
    let body = after(0, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..body]).to_lowercase();
    let value = |name: &str| head.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()));
    if value("transfer-encoding:").is_some() {
        // The last chunk, and trailers up to an empty line.
        return after(after(body - 2, b"\r\n0\r\n")? - 2, b"\r\n\r\n");
    }
    let length = value("content-length:").map_or(0, |length| length.parse().unwrap());
    (bytes.len() >= body + length).then_some(body + length)
}

/// A request with `lines` in its head, and then `body`.
fn post(lines: &str, body: &str) -> String {
    let lines = if lines.is_empty() { String::new() } else { format!("{lines}\r\n") };
    format!("POST / HTTP/1.1\r\nHost: a.test\r\n{lines}\r\n{body}")
}

fn get(start: &str, lines: &str) -> String {
    let lines = if lines.is_empty() { String::new() } else { format!("{lines}\r\n") };
    format!("{start}\r\n{lines}\r\n")
}

const CHUNKED: &str = "Transfer-Encoding: chunked";
const CHUNKS: &str = "1\r\na\r\n0\r\n\r\n";

#[tokio::test]
async fn pitfall_17_two_lengths_never_go_on() {
    let mut probes = Probes::new().await;
    let chunked = post(CHUNKED, CHUNKS);
    for both in [format!("Content-Length: 3\r\n{CHUNKED}"), format!("{CHUNKED}\r\nContent-Length: 3")] {
        probes.forwarded_alone(&post(&both, CHUNKS), &chunked).await;
    }
    // As the one reader it ends after the chunk, as the other `G` belongs to it.
    let both = format!("Content-Length: 6\r\n{CHUNKED}");
    probes.forwarded_alone(&post(&both, "0\r\n\r\nG"), &post(CHUNKED, "0\r\n\r\n")).await;
    probes.forwarded(&post("Content-Length: 1\r\nContent-Length: 1", "a"), &post("Content-Length: 1", "a")).await;
    probes.forwarded(&post("Content-Length: 0001", "a"), &post("Content-Length: 0001", "a")).await;
    probes.refused(&post("Content-Length: 1\r\nContent-Length: 2", "ab")).await;
    for length in ["1, 1", "1,2", "+1", "-1", "0x1", "1 1", "1a", "\u{661}", "", "18446744073709551617"] {
        probes.refused(&post(&format!("Content-Length: {length}"), "a")).await;
    }
    probes.end().await;
}

#[tokio::test]
async fn only_chunked_alone_is_a_transfer_coding() {
    let mut probes = Probes::new().await;
    let chunked = post(CHUNKED, CHUNKS);
    for same in ["Transfer-Encoding: \tchunked", "Transfer-Encoding: chunked \t"] {
        probes.forwarded(&post(same, CHUNKS), &chunked).await;
    }
    let capital = post("Transfer-Encoding: Chunked", CHUNKS);
    probes.forwarded(&capital, &capital).await;
    for coding in [
        "xchunked",
        "chunkedx",
        "identity",
        "gzip",
        "",
        "chunked, identity",
        "chunked;q=1",
        "\"chunked\"",
        "\x0bchunked",
        "identity, chunked",
        "gzip, chunked",
        "chunked, chunked",
        ", chunked",
        "chunked\r\nTransfer-Encoding: chunked",
        "identity\r\nTransfer-Encoding: chunked",
        "chunked\r\nTransfer-Encoding: identity",
        "\r\n chunked",
    ] {
        probes.refused(&post(&format!("Transfer-Encoding: {coding}"), CHUNKS)).await;
        probes.refused(&post(&format!("Content-Length: 11\r\nTransfer-Encoding: {coding}"), CHUNKS)).await;
    }
    probes.refused(&post("Transfer-Encoding : chunked", CHUNKS)).await;
    probes.refused(&format!("POST / HTTP/1.0\r\nHost: a.test\r\n{CHUNKED}\r\n\r\n{CHUNKS}")).await;
    // Another name is another line.
    let other = post("Transfer_Encoding: chunked\r\nContent-Length: 1", "a");
    probes.forwarded(&other, &other).await;
    probes.end().await;
}

#[tokio::test]
async fn chunks_go_on_without_what_was_odd_about_them() {
    let mut probes = Probes::new().await;
    let plain = post(CHUNKED, CHUNKS);
    for odd in [
        "1;a=b\r\na\r\n0;c=\"d\"\r\n\r\n",
        "1 \r\na\r\n0\r\n\r\n",
        "1\t;x\r\na\r\n0\r\n\r\n",
        "0000000000000000000001\r\na\r\n000\r\n\r\n",
        // Trailers that nobody announced do not pass; none of them is a length for anybody.
        "1\r\na\r\n0\r\nContent-Length: 5\r\nX: y\r\n\r\n",
    ] {
        probes.forwarded(&post(CHUNKED, odd), &plain).await;
    }
    let announced = format!("{CHUNKED}\r\nTrailer: X");
    let (sent, passed) = ("1\r\na\r\n0\r\nX: y\r\nHost: b\r\n\r\n", "1\r\na\r\n0\r\nx: y\r\n\r\n");
    probes.forwarded(&post(&announced, sent), &post(&announced, passed)).await;
    probes.end().await;
}

#[tokio::test]
async fn chunks_that_make_no_sense_never_end_for_the_site() {
    let mut probes = Probes::new().await;
    for chunks in [
        "1;a\nb\r\na\r\n0\r\n\r\n",
        "1;a\rb\r\na\r\n0\r\n\r\n",
        "1\na\n0\n\n",
        "1\r\naXX0\r\n\r\n",
        "1\r\nab\r\n0\r\n\r\n",
        "10000000000000001\r\na\r\n0\r\n\r\n",
        "0x1\r\na\r\n0\r\n\r\n",
        "-1\r\na\r\n0\r\n\r\n",
        "+1\r\na\r\n0\r\n\r\n",
        "\r\na\r\n0\r\n\r\n",
        "g\r\na\r\n0\r\n\r\n",
    ] {
        probes.cut(&post(CHUNKED, chunks)).await;
    }
    probes.cut(&post(CHUNKED, &format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(20_000)))).await;
    let many = format!("1;{}\r\na\r\n", "x".repeat(400)).repeat(100);
    probes.cut(&post(CHUNKED, &format!("{many}0\r\n\r\n"))).await;
    probes.end().await;
}

#[tokio::test]
async fn header_lines_are_lines() {
    let mut probes = Probes::new().await;
    let line_feeds = get("GET / HTTP/1.1", "Host: a.test\r\nX: 1").replace("\r\n", "\n");
    probes.forwarded(&line_feeds, &get("GET / HTTP/1.1", "Host: a.test\r\nX: 1")).await;
    let latin = get("GET / HTTP/1.1", "Host: a.test\r\nX: \u{e6}");
    probes.forwarded(&latin, &latin).await;
    for lines in [
        "X: 1\r\n Transfer-Encoding: chunked",
        "X: 1\r\n\tY: 1",
        "X: 1\rContent-Length: 5",
        "X: 1\r\rY: 1",
        "X: a\0b",
        "X\0: b",
        "X\x0b: b",
        ": b",
        "nocolon",
        "X : b",
        " X: b",
        "X: y\x7f",
        "X-\u{e6}: b",
        "X(: b",
    ] {
        probes.refused(&get("GET / HTTP/1.1", &format!("Host: a.test\r\n{lines}"))).await;
    }
    probes.refused(&get("GET / HTTP/1.1", " X: b\r\nHost: a.test")).await;
    probes.end().await;
}

#[tokio::test]
async fn a_request_line_has_three_parts() {
    let mut probes = Probes::new().await;
    let host = "Host: a.test";
    let plain = get("GET / HTTP/1.1", host);
    probes.forwarded(&format!("\r\n{plain}"), &plain).await;
    probes.forwarded(&get("GET /#f HTTP/1.1", host), &plain).await;
    for unchanged in ["GET /\u{e6} HTTP/1.1", "OPTIONS * HTTP/1.1", "GET //b.test/../x?y=http://c/ HTTP/1.1"] {
        let unchanged = get(unchanged, host);
        probes.forwarded(&unchanged, &unchanged).await;
    }
    for line in [
        "GET /a b HTTP/1.1",
        "GET  /a HTTP/1.1",
        "GET /a  HTTP/1.1",
        "GET /a\tHTTP/1.1",
        "GET\t/a HTTP/1.1",
        "GET /a HTTP/1.1 ",
        " GET /a HTTP/1.1",
        "GET /\x01 HTTP/1.1",
        "GET /\r HTTP/1.1",
        "GET /a\0b HTTP/1.1",
        "GET a HTTP/1.1",
        "GET a.test:443 HTTP/1.1",
        "GET http:// HTTP/1.1",
        "GET / HTTP/1.2",
        "GET / HTTP/2.0",
        "GET / HTTP/1.10",
        "GET / HTTP/01.1",
        "GET / http/1.1",
        "GET /",
        "GET",
    ] {
        probes.refused(&get(line, host)).await;
    }
    // HTTP/0.9: the path alone.
    probes.refused("GET /\r\n").await;
    probes.end().await;
}

#[tokio::test]
async fn a_request_is_for_one_host() {
    let mut probes = Probes::new().await;
    probes.forwarded(&get("GET / HTTP/1.1", ""), &get("GET / HTTP/1.1", "host: a.test")).await;
    let old = "Connection: keep-alive";
    probes.forwarded(&get("GET / HTTP/1.0", old), &get("GET / HTTP/1.1", &format!("{old}\r\nhost: a.test"))).await;
    // What one line says, the site reads as it was sent.
    for host in ["b.test", "a.test, b.test", "a.test/x", ""] {
        let same = get("GET / HTTP/1.1", &format!("HOST: {host}"));
        probes.forwarded(&same, &same.replace("HOST: \r", "HOST:\r")).await;
    }
    // A whole address goes before the line (RFC 9112 §3.2.2), which keeps its place.
    for (target, path) in [("https://b.test/x", "/x"), ("https://b.test", "/"), ("https://u:p@b.test/?q", "/?q")] {
        let sent = get(&format!("GET {target} HTTP/1.1"), "X: 1\r\nhOst: a.test\r\nY: 2");
        probes.forwarded(&sent, &get(&format!("GET {path} HTTP/1.1"), "X: 1\r\nhOst: b.test\r\nY: 2")).await;
    }
    for lines in
        ["Host: a.test\r\nHost: b.test", "Host: a.test\r\nHost: a.test", "Host: a.test\r\nX: 1\r\nhost: b.test"]
    {
        probes.refused(&get("GET / HTTP/1.1", lines)).await;
    }
    // No line may be talked away.
    let lines = "Host: a.test\r\nConnection: Host, Content-Length\r\nContent-Length: 1";
    let (sent, passed) = (get("GET / HTTP/1.1", lines), lines.replace("Connection: Host, Content-Length\r\n", ""));
    probes.forwarded(&format!("{sent}a"), &format!("{}a", get("GET / HTTP/1.1", &passed))).await;
    probes.end().await;
}

#[tokio::test]
async fn a_plain_request_goes_where_its_address_says() {
    let ca = TestCa::new();
    let log = Arc::new(Mutex::new(Vec::new()));
    let own = Arc::clone(&log);
    let site = site(None, move |mut stream| {
        let log = Arc::clone(&own);
        async move {
            let asked = crate::kit::head(&mut stream).await;
            log.lock().unwrap().push(asked);
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        }
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.plain().await;
    let request = "GET http://a.test/x HTTP/1.1\r\nHost: b.test\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    rest(&mut stream).await;
    assert_eq!(*log.lock().unwrap(), ["GET /x HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"]);
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.request.target.to_string(), "http://a.test/x");
    // What the client said is kept.
    assert_eq!(exchange.request.headers.text("host").as_deref(), Some("b.test"));
}
