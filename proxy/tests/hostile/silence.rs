//! Sites and clients that fall silent half-way, or speak one byte at a time. The clock is stopped and put forward when
//! everybody waits, so nobody here does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use model::{BlindSpotKind, Failure};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::alone::{Census, alone};
use crate::kit::{Fixture, TestCa, head, kinds, rest, site};

/// Longer than a handshake or a first word may take.
const HANDSHAKE_IS_OVER: Duration = Duration::from_secs(11);
/// Longer than the most patient browser waits for an answer.
const ANSWER_IS_OVERDUE: Duration = Duration::from_secs(301);

const GET: &[u8] = b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n";

/// Puts the clock forward once what was sent has been read: each yield lets everybody who can go on do so.
async fn later(time: Duration) {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Reads for as long as the other side stays, however the clock is put.
async fn stay(stream: &mut (impl AsyncRead + Unpin)) {
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

/// A site that reads the beginning of a handshake, says `word`, and then nothing for as long as the other side stays.
async fn mute_site(word: &'static [u8]) -> (SocketAddr, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, reached) = (listener.local_addr().unwrap(), Arc::new(Notify::new()));
    let notify = Arc::clone(&reached);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.read_u8().await.unwrap();
            stream.write_all(word).await.unwrap();
            notify.notify_one();
            stay(&mut stream).await;
        }
    });
    (address, reached)
}

#[test]
fn a_site_silent_in_the_handshake_is_given_up() {
    alone(async {
        let ca = TestCa::new();
        for word in [&b""[..], b"\x16\x03\x03"] {
            let (site, reached) = mute_site(word).await;
            let mut fixture = Fixture::new(&ca, site).await;
            let census = Census::now();
            let stream = fixture.tunnel("a.test:443").await;
            let asking = async {
                let mut stream = fixture.handshake(stream, "a.test", &[]).await.unwrap();
                stream.write_all(GET).await.unwrap();
                rest(&mut stream).await
            };
            let clock = async {
                reached.notified().await;
                later(HANDSHAKE_IS_OVER).await;
            };
            let (answer, ()) = tokio::join!(asking, clock);
            assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("did not end in time"), "{answer}");
            let exchange = fixture.exchange().await;
            assert!(matches!(exchange.failure, Some(Failure::Tls(_))));
            assert_eq!(kinds(&exchange), [BlindSpotKind::UpstreamRefused]);
            census.is_back(word).await;
            assert!(fixture.stop().await.is_empty());
        }
    });
}

#[test]
fn a_site_that_never_answers_is_given_up() {
    alone(async {
        let ca = TestCa::new();
        let asked = Arc::new(Notify::new());
        let was_asked = Arc::clone(&asked);
        let site = site(Some(ca.server(&["a.test"], &[])), move |mut stream| {
            let was_asked = Arc::clone(&was_asked);
            async move {
                head(&mut stream).await;
                was_asked.notify_one();
                stay(&mut stream).await;
            }
        })
        .await;
        let mut fixture = Fixture::new(&ca, site).await;
        let census = Census::now();
        let mut stream = fixture.tls("a.test", &[]).await;
        stream.write_all(GET).await.unwrap();
        asked.notified().await;
        later(ANSWER_IS_OVERDUE).await;
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 504 ") && answer.contains("did not answer in time"), "{answer}");
        drop(stream);
        let exchange = fixture.exchange().await;
        assert!(matches!(exchange.failure, Some(Failure::Broken(_))));
        assert_eq!(kinds(&exchange), [BlindSpotKind::ConnectionBroken]);
        // The site's side is kept for a while longer, for what may still be on its way.
        later(HANDSHAKE_IS_OVER).await;
        census.is_back("").await;
        assert!(fixture.stop().await.is_empty());
    });
}

#[test]
fn a_site_silent_in_its_answer_may_take_its_time() {
    alone(async {
        let ca = TestCa::new();
        let go = Arc::new(Notify::new());
        let on = Arc::clone(&go);
        let site = site(Some(ca.server(&["a.test"], &[])), move |mut stream| {
            let on = Arc::clone(&on);
            async move {
                head(&mut stream).await;
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na").await.unwrap();
                on.notified().await;
                stream.write_all(b"b").await.unwrap();
                stay(&mut stream).await;
            }
        })
        .await;
        let mut fixture = Fixture::new(&ca, site).await;
        let census = Census::now();
        let mut stream = fixture.tls("a.test", &[]).await;
        stream.write_all(GET).await.unwrap();
        head(&mut stream).await;
        assert_eq!(stream.read_u8().await.unwrap(), b'a');
        later(ANSWER_IS_OVERDUE).await;
        // Its end is not waited for, and is not missed.
        let exchange = fixture.exchange().await;
        assert_eq!((exchange.duration_ms, kinds(&exchange)), (None, vec![]));
        go.notify_one();
        assert_eq!(stream.read_u8().await.unwrap(), b'b');
        drop(stream);
        later(HANDSHAKE_IS_OVER).await;
        census.is_back("").await;
        assert!(fixture.stop().await.is_empty());
    });
}

#[test]
fn a_client_silent_half_way_is_given_up() {
    alone(async {
        let ca = TestCa::new();
        let site = site(None, |mut stream| async move {
            stay(&mut stream).await;
        })
        .await;
        let mut fixture = Fixture::new(&ca, site).await;
        let census = Census::now();
        // Half a ClientHello; half a method, which is passed on as it is.
        for (said, place) in [(&b"\x16\x03\x01\x02\x00\x01\x00"[..], "a.test:443"), (b"GE", "a.test:443")] {
            let mut stream = fixture.tunnel("a.test:443").await;
            stream.write_all(said).await.unwrap();
            later(HANDSHAKE_IS_OVER).await;
            let blind_spot = fixture.blind_spot().await;
            assert_eq!((blind_spot.kind, blind_spot.place.as_str()), (BlindSpotKind::NotHttp, place));
            drop(stream);
            census.is_back(said).await;
        }
        assert!(fixture.stop().await.is_empty());
    });
}

/// Sends each byte by itself.
async fn drip(stream: &mut (impl tokio::io::AsyncWrite + Unpin), bytes: &[u8]) {
    for byte in bytes {
        stream.write_all(&[*byte]).await.unwrap();
        stream.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
}

#[test]
fn one_byte_at_a_time_is_as_good_as_all_at_once() {
    const REQUEST: &str = "POST /x HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n\
                           4\r\ncpr=\r\na\r\n0101904321\r\n0\r\n\r\n";
    const ANSWER: &str = "HTTP/1.1 200 OK\r\nX-a: 1\r\nContent-Length: 11\r\n\r\nhello there";
    alone(async {
        let ca = TestCa::new();
        for tls in [true, false] {
            let config = tls.then(|| ca.server(&["a.test"], &[]));
            let site = site(config, |mut stream| async move {
                let mut asked = Vec::new();
                while !asked.ends_with(b"\r\n0\r\n\r\n") {
                    asked.push(stream.read_u8().await.unwrap());
                }
                drip(&mut stream, ANSWER.as_bytes()).await;
                stay(&mut stream).await;
            })
            .await;
            let mut fixture = Fixture::new(&ca, site).await;
            let census = Census::now();
            let mut stream: crate::kit::Stream = if tls {
                Box::new(fixture.tls("a.test", &[]).await)
            } else {
                Box::new(fixture.tunnel("a.test:80").await)
            };
            drip(&mut stream, REQUEST.as_bytes()).await;
            let mut answer = vec![0; ANSWER.len()];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(answer, ANSWER.as_bytes());
            drop(stream);
            let exchange = fixture.exchange().await;
            assert_eq!((exchange.request.body.bytes.as_slice(), kinds(&exchange)), (&b"cpr=0101904321"[..], vec![]));
            later(HANDSHAKE_IS_OVER).await;
            census.is_back(tls).await;
            assert!(fixture.stop().await.is_empty());
        }
    });
}

#[test]
fn compressed_bytes_that_end_too_early_pass_unchanged() {
    // The beginning of a gzip stream, whose rest is missing; the framing is whole, so nothing is broken.
    const TRUNCATED: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd];
    alone(async {
        let ca = TestCa::new();
        let site = site(Some(ca.server(&["a.test"], &[])), |mut stream| async move {
            let asked = head(&mut stream).await;
            assert!(asked.contains("Content-Encoding: gzip\r\n"), "{asked}");
            let mut body = [0; TRUNCATED.len()];
            stream.read_exact(&mut body).await.unwrap();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.write_all(&body).await.unwrap();
            rest(&mut stream).await;
        })
        .await;
        let mut fixture = Fixture::new(&ca, site).await;
        let mut stream = fixture.tls("a.test", &[]).await;
        let request = format!(
            "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            TRUNCATED.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.write_all(TRUNCATED).await.unwrap();
        assert!(head(&mut stream).await.contains("Content-Encoding: gzip\r\n"));
        let mut body = [0; TRUNCATED.len()];
        stream.read_exact(&mut body).await.unwrap();
        assert_eq!(body, TRUNCATED);
        let exchange = fixture.exchange().await;
        assert_eq!((exchange.request.body.bytes.as_slice(), kinds(&exchange)), (TRUNCATED, vec![]));
    });
}
