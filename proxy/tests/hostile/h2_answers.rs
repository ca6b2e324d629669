//! Sites that break HTTP/2 in their answers: the client gets a page or a broken answer, never a wrong one, and its own
//! connection goes on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::BlindSpotKind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::alone::{Census, alone};
use crate::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, End, Frame, GOAWAY, HEADERS, PING, PREFACE, PUSH_PROMISE, Peer,
    RST_STREAM, SETTINGS, block, next, request,
};
use crate::kit::{Fixture, TestCa, kinds, site};

/// A site that answers the first request with `frames` (of stream 1), and every later one well.
async fn broken_site(ca: &TestCa, frames: Vec<Frame>) -> SocketAddr {
    let is_first = Arc::new(AtomicBool::new(true));
    site(Some(ca.server(&["a.test"], &["h2"])), move |mut stream| {
        let (frames, is_first) = (frames.clone(), Arc::clone(&is_first));
        async move {
            let mut preface = [0; PREFACE.len()];
            if stream.read_exact(&mut preface).await.is_err() {
                return;
            }
            stream.write_all(&Frame::new(SETTINGS, 0, 0, []).bytes()).await.unwrap();
            while let Some(asked) = next(&mut stream).await {
                if asked.kind != HEADERS {
                    continue;
                }
                let answer = if is_first.swap(false, Ordering::SeqCst) {
                    frames.clone()
                } else {
                    vec![Frame::head(asked.stream, END_STREAM, &[(":status", "204")])]
                };
                let bytes: Vec<u8> = answer.iter().flat_map(Frame::bytes).collect();
                if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
        }
    })
    .await
}

/// The client's first request ends with an error, is told once as `kind`, and its second is answered.
async fn case(frames: Vec<Frame>, kind: BlindSpotKind) {
    let ca = TestCa::new();
    let mut fixture = Fixture::new(&ca, broken_site(&ca, frames.clone()).await).await;
    let census = Census::now();
    let mut peer = Peer::new(&fixture).await;
    // Not safe, so not asked again.
    peer.send(&[Frame::head(1, END_STREAM, &request(&[]))]).await;
    assert!([End::Answered, End::Reset(2), End::Reset(1)].contains(&peer.end(1).await), "{frames:?}");
    let exchange = fixture.exchange().await;
    let told = kinds(&exchange);
    assert_eq!(told, [kind], "{frames:?}: {:?} {:?}", exchange.failure, exchange.response);
    peer.send(&[Frame::head(3, END_STREAM, &request(&[]))]).await;
    assert_eq!(peer.end(3).await, End::Answered, "{frames:?}");
    let exchange = fixture.exchange().await;
    assert_eq!((exchange.response.unwrap().status, exchange.failure), (204, None), "{frames:?}");
    drop(peer);
    census.is_back(&frames).await;
    assert!(fixture.stop().await.is_empty(), "{frames:?}");
}

fn ok<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[(":status", "200")], more].concat()
}

#[test]
fn a_broken_answer_is_no_answer() {
    alone(async {
        let broken = BlindSpotKind::ConnectionBroken;
        for fields in [
            ok(&[("X-A", "1")]),
            ok(&[("x", "a\r\nb: c")]),
            ok(&[("x", "a\0b")]),
            ok(&[("connection", "close")]),
            ok(&[("transfer-encoding", "chunked")]),
            ok(&[(":status", "404")]),
            ok(&[("a", "1"), (":status", "404")]),
            ok(&[("content-length", "5")]),
            vec![("a", "1")],
            vec![(":status", "20")],
            vec![(":status", "abc")],
        ] {
            case(vec![Frame::head(1, END_STREAM, &fields)], broken).await;
        }
        for frames in [
            vec![Frame::head(1, 0, &ok(&[("content-length", "5")])), Frame::new(DATA, END_STREAM, 1, *b"abc")],
            vec![Frame::head(1, 0, &ok(&[("content-length", "1")])), Frame::new(DATA, END_STREAM, 1, *b"abc")],
            vec![Frame::new(DATA, END_STREAM, 1, *b"abc")],
            vec![Frame::new(RST_STREAM, 0, 1, [0, 0, 0, 2])],
            vec![Frame::head(1, 0, &ok(&[])), Frame::new(RST_STREAM, 0, 1, [0, 0, 0, 2])],
            vec![Frame::new(GOAWAY, 0, 0, [0, 0, 0, 0, 0, 0, 0, 2])],
            vec![Frame::new(PING, 0, 0, [0; 7])],
            vec![Frame::new(PUSH_PROMISE, END_HEADERS, 1, [&[0, 0, 0, 2], &*block(&request(&[]))].concat())],
            vec![Frame::new(HEADERS, 0, 1, block(&ok(&[]))), Frame::new(DATA, 0, 1, *b"x")],
            vec![Frame::new(CONTINUATION, END_HEADERS, 1, block(&ok(&[])))],
        ] {
            case(frames, broken).await;
        }
    });
}
