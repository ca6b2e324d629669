//! Requests that HTTP/2 calls malformed (RFC 9113 §8.1.1): the site gets none of them as a whole request, and what
//! else is on the connection goes on.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http_body_util::BodyExt as _;
use model::{BlindSpotKind, Failure};

use crate::alone::alone;
use crate::frames::{DATA, END_STREAM, End, Frame, Peer, request};
use crate::kit::{Fixture, TestCa, kinds, text, web_site};

/// A site that notes the requests that came whole.
pub(crate) async fn noting_site(ca: &TestCa) -> (Arc<Mutex<Vec<String>>>, SocketAddr) {
    let noted = Arc::new(Mutex::new(Vec::new()));
    let own = Arc::clone(&noted);
    let address = web_site(Some(ca.server(&["a.test"], &["h2"])), move |request| {
        let noted = Arc::clone(&own);
        async move {
            let mut line = format!("{} {}", request.method(), request.uri());
            for (name, value) in request.headers() {
                line = format!("{line} {name}={value:?}");
            }
            if let Ok(body) = request.into_body().collect().await {
                noted.lock().unwrap().push(format!("{line} {:?}", body.to_bytes()));
            }
            text("ok")
        }
    })
    .await;
    (noted, address)
}

/// A proxy before a site that notes what comes.
struct Probes {
    fixture: Fixture,
    noted: Arc<Mutex<Vec<String>>>,
}

impl Probes {
    async fn new() -> Self {
        let ca = TestCa::new();
        let (noted, site) = noting_site(&ca).await;
        Self { fixture: Fixture::new(&ca, site).await, noted }
    }

    /// Sends `frames` of stream 1, then a request on stream 3: how each of them ends.
    async fn send(&self, frames: &[Frame]) -> (End, End) {
        self.noted.lock().unwrap().clear();
        let mut peer = Peer::new(&self.fixture).await;
        peer.send(frames).await;
        let end = peer.end(1).await;
        peer.send(&[Frame::head(3, END_STREAM, &request(&[("next", "1")]))]).await;
        (end, peer.end(3).await)
    }

    fn noted(&self) -> Vec<String> {
        self.noted.lock().unwrap().clone()
    }

    /// The stream is reset, the site does not get it whole, the next request is answered.
    async fn reset(&mut self, frames: &[Frame]) {
        assert_eq!(self.send(frames).await, (End::Reset(PROTOCOL_ERROR), End::Answered), "{frames:?}");
        assert_eq!(self.noted(), [NEXT], "{frames:?}");
        // The library tells of it only when the head was good.
        let mut exchange = self.fixture.exchange().await;
        if exchange.response.is_none() {
            assert_eq!(kinds(&exchange), [BlindSpotKind::ConnectionBroken], "{frames:?}");
            exchange = self.fixture.exchange().await;
        }
        assert_eq!(exchange.request.headers.text("next").as_deref(), Some("1"), "{frames:?}");
    }

    /// The whole connection ends, which is told.
    async fn fatal(&mut self, fields: &[(&str, &str)]) {
        let frame = Frame::head(1, END_STREAM, fields);
        assert_eq!(self.send(&[frame]).await, (End::GoAway(PROTOCOL_ERROR), End::Closed), "{fields:?}");
        assert_eq!(self.noted(), [""; 0], "{fields:?}");
        assert_eq!(self.fixture.blind_spot().await.kind, BlindSpotKind::NotHttp, "{fields:?}");
    }

    /// The proxy answers itself, and the site gets nothing.
    async fn refused(&mut self, fields: &[(&str, &str)]) {
        let frame = Frame::head(1, END_STREAM, fields);
        assert_eq!(self.send(&[frame]).await, (End::Answered, End::Answered), "{fields:?}");
        assert_eq!(self.noted(), [NEXT], "{fields:?}");
        let exchange = self.fixture.exchange().await;
        assert!(matches!(exchange.failure, Some(Failure::Refused(_))), "{fields:?}");
        assert_eq!(kinds(&exchange), [BlindSpotKind::NotHttp], "{fields:?}");
        self.fixture.exchange().await;
    }

    /// The site gets it as `noted`.
    async fn passed(&mut self, frames: &[Frame], noted: &str) {
        assert_eq!(self.send(frames).await, (End::Answered, End::Answered), "{frames:?}");
        assert_eq!(self.noted(), [noted, NEXT]);
        for _ in 0..2 {
            assert_eq!(kinds(&self.fixture.exchange().await), [], "{frames:?}");
        }
    }

    async fn end(self) {
        let left = self.fixture.stop().await;
        assert!(left.is_empty(), "{left:?}");
    }
}

const PROTOCOL_ERROR: u32 = 1;
/// The request after each probe, as the site notes it.
const NEXT: &str = "POST https://a.test/ next=\"1\" b\"\"";

fn with_body(fields: &[(&str, &str)], body: &[u8]) -> [Frame; 2] {
    [Frame::head(1, 0, &request(fields)), Frame::new(DATA, END_STREAM, 1, body)]
}

fn bare<'a>(more: &[(&'a str, &'a str)], without: &str) -> Vec<(&'a str, &'a str)> {
    let all = request(&[]).into_iter().filter(|(name, _)| *name != without);
    all.chain(more.iter().copied()).collect()
}

#[test]
fn a_body_is_as_long_as_it_says() {
    alone(async {
        let mut probes = Probes::new().await;
        let length = |length| [("content-length", length)];
        probes.passed(&with_body(&length("3"), b"abc"), "POST https://a.test/ content-length=\"3\" b\"abc\"").await;
        for wrong in ["5", "1", "+3", "0x3", "", "18446744073709551619"] {
            probes.reset(&with_body(&length(wrong), b"abc")).await;
        }
        let [three, four] = [length("3")[0], length("4")[0]];
        probes.reset(&with_body(&[three, four], b"abc")).await;
        probes.reset(&[Frame::head(1, END_STREAM, &request(&length("1")))]).await;
        // Without a word of a length there is none for the site either.
        probes.passed(&with_body(&[], b"abc"), "POST https://a.test/ b\"abc\"").await;
        probes.end().await;
    });
}

#[test]
fn http2_has_no_connection_header_lines() {
    alone(async {
        let mut probes = Probes::new().await;
        for field in [
            ("te", "gzip"),
            ("te", "trailers, gzip"),
            ("connection", "close"),
            ("transfer-encoding", "chunked"),
            ("keep-alive", "1"),
            ("upgrade", "x"),
            ("proxy-connection", "close"),
        ] {
            probes.reset(&[Frame::head(1, END_STREAM, &request(&[field]))]).await;
        }
        let te = [Frame::head(1, END_STREAM, &request(&[("te", "trailers")]))];
        probes.passed(&te, "POST https://a.test/ te=\"trailers\" b\"\"").await;
        probes.end().await;
    });
}

#[test]
fn pseudo_headers_are_there_once_and_first() {
    alone(async {
        let mut probes = Probes::new().await;
        for fields in [
            request(&[("a", "1"), (":path", "/x")]),
            request(&[(":path", "/x")]),
            request(&[(":method", "GET")]),
            request(&[(":status", "200")]),
            request(&[(":protocol", "websocket")]),
            bare(&[], ":path"),
            bare(&[], ":method"),
            bare(&[], ":scheme"),
            bare(&[(":path", "")], ":path"),
            bare(&[(":path", "/ HTTP/1.1\r\nx: y")], ":path"),
            bare(&[(":path", "/a b")], ":path"),
            bare(&[(":path", "a")], ":path"),
            bare(&[(":path", "https://b.test/")], ":path"),
            bare(&[(":authority", "a.test\r\nx: y")], ":authority"),
            bare(&[(":scheme", "https://b/")], ":scheme"),
        ] {
            probes.reset(&[Frame::head(1, END_STREAM, &fields)]).await;
        }
        probes.fatal(&request(&[(":x", "/x")])).await;
        probes.fatal(&bare(&[(":method", "GET / HTTP/1.1\r\n")], ":method")).await;
        let nobody = [Frame::head(1, END_STREAM, &bare(&[], ":authority"))];
        probes.passed(&nobody, "POST https://a.test/ b\"\"").await;
        probes.end().await;
    });
}

#[test]
fn names_and_values_are_of_one_line() {
    alone(async {
        let mut probes = Probes::new().await;
        for field in [
            ("X-A", "1"),
            ("x y", "a"),
            ("x:y", "a"),
            ("", "a"),
            ("x\r\ny", "a"),
            ("x", "a\r\nb: c"),
            ("x", "a\nb"),
            ("x", "a\0b"),
        ] {
            probes.fatal(&request(&[field])).await;
        }
        probes.end().await;
    });
}

#[test]
fn a_stream_is_for_one_host() {
    alone(async {
        let mut probes = Probes::new().await;
        let same = [Frame::head(1, END_STREAM, &request(&[("host", "a.test")]))];
        probes.passed(&same, "POST https://a.test/ host=\"a.test\" b\"\"").await;
        probes.refused(&request(&[("host", "b.test")])).await;
        probes.refused(&request(&[("host", "a.test"), ("host", "a.test")])).await;
        probes.refused(&[(":method", "CONNECT"), (":authority", "b.test:80")]).await;
        probes.end().await;
    });
}

#[test]
fn trailers_are_the_end() {
    alone(async {
        let mut probes = Probes::new().await;
        let head = Frame::head(1, 0, &request(&[]));
        probes.passed(&[head.clone(), Frame::head(1, END_STREAM, &[("x", "y")])], "POST https://a.test/ b\"\"").await;
        probes.reset(&[head, Frame::head(1, 0, &[("x", "y")])]).await;
        probes.end().await;
    });
}
