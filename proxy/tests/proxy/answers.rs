//! Answers that two readers could take for different ones: refused with a page, or passed on so that one reading is
//! left; never does a client get a part of one answer as its next.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::BlindSpotKind;
use proxy::Captured;
use tokio::io::AsyncWriteExt as _;

use crate::kit::{Fixture, TestCa, head, kinds, rest, site};

const REQUESTS: &str = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n\
                        GET /last HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";

/// What a client gets that asks twice, where the site answers the first time with `answer` and then closes or not.
async fn answered(answer: &str, closes: bool) -> (String, Fixture) {
    let ca = TestCa::new();
    let (answer, is_first) = (answer.to_owned(), Arc::new(AtomicBool::new(true)));
    let site = site(Some(ca.server(&["a.test"], &["http/1.1"])), move |mut stream| {
        let (answer, is_first) = (answer.clone(), Arc::clone(&is_first));
        async move {
            while !head(&mut stream).await.is_empty() {
                if is_first.swap(false, Ordering::SeqCst) {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    if closes {
                        break;
                    }
                } else {
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond").await.unwrap();
                }
            }
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    stream.write_all(REQUESTS.as_bytes()).await.unwrap();
    (rest(&mut stream).await, fixture)
}

const SECOND: &str = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nconnection: close\r\n\r\nsecond";

/// It reaches the client as `expected`, and the next answer as itself.
async fn passed(answer: &str, closes: bool, expected: &str) {
    let (got, fixture) = answered(answer, closes).await;
    assert_eq!(got, format!("{expected}{SECOND}"), "{answer:?}");
    let all = fixture.stop().await;
    let [Captured::Exchange(first), Captured::Exchange(second)] = all.as_slice() else { panic!("{answer:?}: {all:?}") };
    assert_eq!((kinds(first), kinds(second)), (vec![], vec![]), "{answer:?}");
}

/// The client gets a page instead.
async fn refused(answer: &str, kind: BlindSpotKind) {
    let (got, mut fixture) = answered(answer, true).await;
    assert!(got.starts_with("HTTP/1.1 502 ") && got.contains("connection: close\r\n"), "{answer:?}: {got}");
    assert_eq!(got.matches("HTTP/1.1 ").count(), 1, "{answer:?}: {got}");
    let exchange = fixture.exchange().await;
    assert!(exchange.response.is_none(), "{answer:?}");
    assert_eq!(kinds(&exchange), [kind], "{answer:?}");
    assert!(fixture.stop().await.is_empty(), "{answer:?}");
}

/// The client gets the beginning `expected`, and no end.
async fn cut(answer: &str, expected: &str) {
    let (got, mut fixture) = answered(answer, true).await;
    assert_eq!(got, expected, "{answer:?}");
    assert_eq!(kinds(&fixture.exchange().await), [BlindSpotKind::ConnectionBroken], "{answer:?}");
    assert!(fixture.stop().await.is_empty(), "{answer:?}");
}

fn ok(lines: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n{body}")
}

const CHUNKED: &str = "Transfer-Encoding: chunked";
const CHUNKS: &str = "2\r\nok\r\n0\r\n\r\n";

#[tokio::test]
async fn an_answer_has_one_end() {
    let chunked = ok(CHUNKED, CHUNKS);
    passed(&ok(&format!("Content-Length: 5\r\n{CHUNKED}"), CHUNKS), false, &chunked).await;
    passed(&ok(&format!("{CHUNKED}\r\nContent-Length: 5"), CHUNKS), false, &chunked).await;
    passed(&ok(&format!("{CHUNKED}\r\n{CHUNKED}"), CHUNKS), false, &chunked).await;
    passed(&ok("Content-Length: 2\r\nContent-Length: 2", "ok"), false, &ok("Content-Length: 2", "ok")).await;
    passed(&ok("Content-Length: 002", "ok"), false, &ok("Content-Length: 002", "ok")).await;
    passed(&ok("X: 1", "ok"), true, &ok("X: 1\r\ntransfer-encoding: chunked", CHUNKS)).await;
    passed(&ok("Transfer-Encoding: identity", "ok"), true, &chunked).await;
    passed("HTTP/1.0 200 OK\r\n\r\nok", true, &ok("transfer-encoding: chunked", CHUNKS)).await;
    passed(&ok(CHUNKED, "2;a=b\r\nok\r\n0\r\nSet-Cookie: a\r\n\r\n"), false, &chunked).await;
    passed("HTTP/1.1 200 OK\nContent-Length: 2\n\nok", false, &ok("Content-Length: 2", "ok")).await;
    for length in ["Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2, 3", "Content-Length: +2"] {
        refused(&ok(length, "ok!"), BlindSpotKind::UpstreamRefused).await;
    }
    for length in ["-2", "2x", "0x2", "", "18446744073709551618"] {
        refused(&ok(&format!("Content-Length: {length}"), "ok"), BlindSpotKind::UpstreamRefused).await;
    }
    for coding in ["xchunked", "gzip, chunked", "chunked, gzip", "gzip", "\x0bchunked"] {
        refused(&ok(&format!("Transfer-Encoding: {coding}"), CHUNKS), BlindSpotKind::UpstreamRefused).await;
    }
    refused(&format!("HTTP/1.0 200 OK\r\n{CHUNKED}\r\n\r\n{CHUNKS}"), BlindSpotKind::UpstreamRefused).await;
}

#[tokio::test]
async fn what_follows_an_answer_is_not_the_next() {
    let evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    passed(&ok("Content-Length: 2", &format!("ok{evil}")), false, &ok("Content-Length: 2", "ok")).await;
    passed(&format!("HTTP/1.1 204 No Content\r\n\r\n{evil}"), false, "HTTP/1.1 204 No Content\r\n\r\n").await;
    let with_length = "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok";
    passed(with_length, false, "HTTP/1.1 204 No Content\r\n\r\n").await;
    let not_modified = "HTTP/1.1 304 Not Modified\r\n\r\n";
    passed(&format!("{not_modified}{evil}"), false, not_modified).await;
    passed(&ok(CHUNKED, &format!("{CHUNKS}{evil}")), false, &ok(CHUNKED, CHUNKS)).await;
    let switches = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";
    refused(&format!("{switches}{evil}"), BlindSpotKind::UpstreamRefused).await;
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_not_passed_on() {
    for head in [
        "HTTP/1.1 200 OK\r\nX: 1\r\n folded",
        "HTTP/1.1 200 OK\r\nX: 1\rY: 2",
        "HTTP/1.1 200 OK\r\nX: a\0b",
        "HTTP/1.1 200 OK\r\nX : 1",
        "HTTP/1.1 200 O\0K",
        "HTTP/1.1 20 OK",
        "HTTP/1.1 099 OK",
        "HTTP/2.0 200 OK",
        "<html>",
    ] {
        refused(&format!("{head}\r\nContent-Length: 2\r\n\r\nok"), BlindSpotKind::UpstreamRefused).await;
    }
    refused("", BlindSpotKind::ConnectionBroken).await;
    refused("HTTP/1.1 200 OK\r\nContent-Le", BlindSpotKind::ConnectionBroken).await;
}

#[tokio::test]
async fn chunks_that_make_no_sense_do_not_end_an_answer() {
    let begun = ok(CHUNKED, "2\r\nok\r\n");
    cut(&ok(CHUNKED, "2\r\nok\r\n"), &begun).await;
    cut(&ok(CHUNKED, "2\r\nokXX0\r\n\r\n"), &begun).await;
    for chunks in ["-2\r\nok\r\n0\r\n\r\n", "10000000000000002\r\nok\r\n0\r\n\r\n", "x\r\n", "2\nok\n0\n\n"] {
        cut(&ok(CHUNKED, chunks), "").await;
    }
}
