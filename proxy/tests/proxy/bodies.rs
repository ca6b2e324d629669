//! Bodies: recorded on the way up, streamed on the way down, cut where the protocol says.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Frame;
use model::{BlindSpotKind, BodyState};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::kit::{Fixture, TestCa, framed_site, head, kinds, refusing_site, rest, site, text, web_site};

/// A site that says how many bytes it got.
pub(crate) async fn counting_site(ca: &TestCa) -> std::net::SocketAddr {
    web_site(Some(ca.server(&["a.test"], &[])), |request| async move {
        text(request.into_body().collect().await.unwrap().to_bytes().len().to_string())
    })
    .await
}

#[tokio::test]
async fn a_body_is_recorded() {
    let ca = TestCa::new();
    let mut fixture = Fixture::new(&ca, counting_site(&ca).await).await;
    let head = "POST /form HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Length: 14\r\n\r\n";
    let answer = fixture.ask("a.test", &format!("{head}cpr=0101904321")).await;
    assert!(answer.ends_with("14"), "{answer}");
    let exchange = fixture.exchange().await;
    let body = &exchange.request.body;
    assert_eq!((body.bytes.as_slice(), body.wire_length, body.state), (&b"cpr=0101904321"[..], 14, BodyState::Whole));
    assert_eq!(kinds(&exchange), []);
}

#[tokio::test]
async fn a_chunked_body_is_recorded_without_its_framing() {
    let ca = TestCa::new();
    let mut fixture = Fixture::new(&ca, counting_site(&ca).await).await;
    let request = "POST / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
                   4\r\ncpr=\r\na\r\n0101904321\r\n0\r\n\r\n";
    assert!(fixture.ask("a.test", request).await.ends_with("14"));
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.request.body.bytes, b"cpr=0101904321");
    assert_eq!(kinds(&exchange), []);
}

#[tokio::test]
async fn events_arrive_one_by_one_and_the_exchange_before_the_last() {
    let ca = TestCa::new();
    let (sender, site) = framed_site(&ca, Some("text/event-stream")).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    stream.write_all(b"GET /events?cpr=1 HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
    head(&mut stream).await;
    assert_eq!(fixture.listener.in_flight(), 0);
    for _ in 0..3 {
        // The next is sent only when this one has come out at the other end.
        sender.send(Frame::data(Bytes::from_static(b"data: x\n\n"))).unwrap();
        let mut event = [0; 14];
        stream.read_exact(&mut event).await.unwrap();
        assert_eq!(&event, b"9\r\ndata: x\n\n\r\n");
    }
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.response.as_ref().unwrap().body_bytes, 27);
    assert_eq!((exchange.duration_ms, kinds(&exchange)), (None, vec![]));
    sender.send(Frame::data(Bytes::from_static(b"end"))).unwrap();
    let mut end = [0; 8];
    stream.read_exact(&mut end).await.unwrap();
    drop(stream);
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test]
async fn an_early_refusal_reaches_a_client_that_waits_for_permission() {
    let ca = TestCa::new();
    let site = refusing_site(&ca).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    let request = "POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 9999\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = head(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    drop(stream);
    let exchange = fixture.exchange().await;
    assert_eq!((exchange.request.body.wire_length, exchange.request.body.state), (0, BodyState::Missing));
    assert_eq!(kinds(&exchange), [BlindSpotKind::BodyCut]);
}

#[tokio::test]
async fn permission_to_send_passes_from_the_site() {
    let ca = TestCa::new();
    for site_answers in [true, false] {
        let site = site(Some(ca.server(&["a.test"], &[])), move |mut stream| async move {
            let asked = head(&mut stream).await;
            assert!(asked.contains("Expect: 100-continue\r\n"));
            if site_answers {
                stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.unwrap();
            }
            let mut body = [0; 3];
            stream.read_exact(&mut body).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n").await.unwrap();
            stream.write_all(&body).await.unwrap();
        })
        .await;
        let mut fixture = Fixture::new(&ca, site).await;
        let mut stream = fixture.tls("a.test", &[]).await;
        let begun = Instant::now();
        let request = "POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(head(&mut stream).await, "HTTP/1.1 100 Continue\r\n\r\n");
        assert_eq!(begun.elapsed() < Duration::from_millis(800), site_answers);
        stream.write_all(b"abc").await.unwrap();
        assert!(rest(&mut stream).await.ends_with("\r\n\r\nabc"));
        assert_eq!(fixture.exchange().await.request.body.bytes, b"abc");
    }
}

#[tokio::test]
async fn an_early_answer_does_not_wait_for_the_upload() {
    let ca = TestCa::new();
    let site = refusing_site(&ca).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    let request = "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9999\r\n\r\ncpr=0101904321";
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = head(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    drop(stream);
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.response.as_ref().unwrap().status, 413);
    assert_eq!(exchange.request.body.bytes, b"cpr=0101904321");
    assert_eq!(exchange.request.body.state, BodyState::Cut);
    assert!(!exchange.blind_spots.is_empty());
}

#[tokio::test]
async fn answers_without_a_body_have_none() {
    let ca = TestCa::new();
    for (method, answer, expected) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"),
        (
            "GET",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: x\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
        ),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"),
    ] {
        let site = site(Some(ca.server(&["a.test"], &[])), move |mut stream| async move {
            for _ in 0..2 {
                head(&mut stream).await;
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            rest(&mut stream).await;
        })
        .await;
        let mut fixture = Fixture::new(&ca, site).await;
        let mut stream = fixture.tls("a.test", &[]).await;
        for _ in 0..2 {
            let request = format!("{method} / HTTP/1.1\r\nHost: a.test\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            assert_eq!(head(&mut stream).await.to_lowercase(), expected.to_lowercase());
            let exchange = fixture.exchange().await;
            assert_eq!((exchange.response.as_ref().unwrap().body_bytes, kinds(&exchange)), (0, vec![]));
            assert!(exchange.duration_ms.is_some());
        }
    }
}

#[tokio::test]
async fn an_answer_with_two_lengths_is_passed_on_with_one() {
    let ca = TestCa::new();
    let site = site(Some(ca.server(&["a.test"], &[])), |mut stream| async move {
        head(&mut stream).await;
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
        rest(&mut stream).await;
    })
    .await;
    let fixture = Fixture::new(&ca, site).await;
    let answer = fixture.ask("a.test", "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").await;
    assert!(!answer.to_lowercase().contains("content-length"), "{answer}");
    assert!(answer.ends_with("2\r\nab\r\n0\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_does_so_for_the_client_too() {
    let ca = TestCa::new();
    let site = site(None, |mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello").await.unwrap();
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.plain().await;
    stream.write_all(b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.contains("100\r\n\r\nhello") && answer.ends_with("hello"), "{answer}");
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.response.as_ref().unwrap().body_bytes, 5);
    assert_eq!(kinds(&exchange), [BlindSpotKind::ConnectionBroken]);
}

/// Pitfall 6: most clients and some sites leave without a `close_notify`. It cuts off only what has no other end.
#[tokio::test]
async fn pitfall_6_an_end_without_goodbye_cuts_off_only_what_has_no_other_end() {
    let ca = TestCa::new();
    for (head_lines, says_goodbye, is_whole) in
        [("", true, true), ("", false, false), ("Content-Length: 4\r\n", false, true)]
    {
        let site = site(Some(ca.server(&["a.test"], &[])), move |mut stream| async move {
            head(&mut stream).await;
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{head_lines}\r\nbody").as_bytes()).await.unwrap();
            if says_goodbye {
                stream.shutdown().await.unwrap();
            }
        })
        .await;
        let mut fixture = Fixture::new(&ca, site).await;
        let mut stream = fixture.tls("a.test", &[]).await;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
        let answer = head(&mut stream).await.to_lowercase();
        let is_chunked = answer.contains("transfer-encoding: chunked");
        let expected = if is_chunked { "4\r\nbody\r\n" } else { "body" };
        let mut body = vec![0; expected.len()];
        stream.read_exact(&mut body).await.unwrap();
        assert_eq!(body, expected.as_bytes());
        if is_whole {
            // The client leaves without a word as well, which is nobody's fault.
            drop(stream);
        } else {
            assert_eq!(rest(&mut stream).await, "", "no end of the chunks");
        }
        let spots = if is_whole { vec![] } else { vec![BlindSpotKind::ConnectionBroken] };
        assert_eq!(kinds(&fixture.exchange().await), spots, "{head_lines:?} {says_goodbye}");
        assert!(fixture.stop().await.is_empty());
    }
}

#[tokio::test]
async fn a_request_that_breaks_off_is_recorded_as_far_as_it_went() {
    let ca = TestCa::new();
    let mut fixture = Fixture::new(&ca, counting_site(&ca).await).await;
    let mut stream = fixture.tls("a.test", &[]).await;
    stream.write_all(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\ncpr=0101904321").await.unwrap();
    stream.shutdown().await.unwrap();
    drop(stream);
    let exchange = fixture.exchange().await;
    assert_eq!(exchange.request.body.bytes, b"cpr=0101904321");
    assert_eq!(
        (exchange.request.body.state, kinds(&exchange)),
        (BodyState::Cut, vec![BlindSpotKind::ConnectionBroken])
    );
}
