//! HTTP/2 used to wear a server out: memory stays bounded, the connection ends or goes on, and the next is served.

use model::BlindSpotKind;
use tokio::io::AsyncWriteExt as _;

use crate::alone::{Census, alone, memory};
use crate::frames::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, End, Frame, GOAWAY, HEADERS, PING, PRIORITY, Peer, RST_STREAM,
    SETTINGS, WINDOW_UPDATE, block, request,
};
use crate::h2_requests::noting_site;
use crate::kit::{Fixture, TestCa};

/// Far less than what is sent, far more than an allocator's waste, in KiB.
const ROOM: usize = 24 << 10;

/// How a flood ended, and how many exchanges and blind spots were told of.
struct Outcome {
    /// The code of the connection's end, if it ended.
    code: Option<u32>,
    exchanges: usize,
    blind_spots: Vec<BlindSpotKind>,
}

/// Sends `first` and then `frame` of each number up to `count`, and reads meanwhile whatever comes back.
async fn flood(first: &[Frame], count: u32, frame: impl Fn(u32) -> Vec<Frame> + Send + 'static) -> Outcome {
    let ca = TestCa::new();
    let (_noted, site) = noting_site(&ca).await;
    let fixture = Fixture::new(&ca, site).await;
    let (census, before) = (Census::now(), memory());
    let mut peer = Peer::new(&fixture).await;
    peer.send(first).await;
    let (reader, mut writer) = tokio::io::split(peer.stream);
    let writing = tokio::spawn(async move {
        for number in 0..count {
            let bytes: Vec<u8> = frame(number).iter().flat_map(Frame::bytes).collect();
            if writer.write_all(&bytes).await.is_err() {
                return;
            }
        }
        let goodbye = Frame::new(GOAWAY, 0, 0, [0; 8]).bytes();
        let _ = writer.write_all(&goodbye).await;
        let _ = writer.shutdown().await;
    });
    let code = crate::frames::last_word(reader).await;
    writing.await.unwrap();
    let grown = memory().saturating_sub(before);
    assert!(grown < ROOM, "{grown} KiB");
    census.is_back(code).await;
    // Whoever comes next is served.
    let mut peer = Peer::new(&fixture).await;
    peer.send(&[Frame::head(1, END_STREAM, &request(&[]))]).await;
    assert_eq!(peer.end(1).await, End::Answered);
    drop(peer);
    let mut outcome = Outcome { code, exchanges: 0, blind_spots: Vec::new() };
    for captured in fixture.stop().await {
        match captured {
            proxy::Captured::Exchange(_) => outcome.exchanges += 1,
            proxy::Captured::BlindSpot(blind_spot) => outcome.blind_spots.push(blind_spot.kind),
        }
    }
    println!("ended with {:?}, {} exchanges, {:?}, {grown} KiB", outcome.code, outcome.exchanges, outcome.blind_spots);
    outcome
}

/// CVE-2024-27316 and its like.
#[test]
fn a_head_without_end_ends_the_connection() {
    alone(async {
        let begin = [Frame::new(HEADERS, 0, 1, block(&request(&[])))];
        let line = block(&[("x", &"y".repeat(8_000))]);
        let outcome = flood(&begin, 10_000, move |_| vec![Frame::new(CONTINUATION, 0, 1, line.clone())]).await;
        assert!(outcome.code.is_some_and(|code| code != 0));
        assert_eq!((outcome.exchanges, outcome.blind_spots), (1, vec![BlindSpotKind::NotHttp]));
        // The same with nothing in it.
        let outcome = flood(&begin, 100_000, |_| vec![Frame::new(CONTINUATION, 0, 1, [])]).await;
        assert!(outcome.code.is_some_and(|code| code != 0));
        assert_eq!((outcome.exchanges, outcome.blind_spots), (1, vec![BlindSpotKind::NotHttp]));
    });
}

/// CVE-2023-44487.
#[test]
fn requests_taken_back_at_once_are_bounded() {
    const COUNT: u32 = 10_000;
    alone(async {
        let fields = block(&request(&[]));
        let outcome = flood(&[], COUNT, move |number| {
            let stream = 2 * number + 1;
            let head = Frame::new(HEADERS, END_HEADERS | END_STREAM, stream, fields.clone());
            vec![head, Frame::new(RST_STREAM, 0, stream, [0, 0, 0, 8])]
        })
        .await;
        // Either it was too much at some point, or each was dealt with.
        assert!(outcome.code.is_some() || outcome.exchanges == COUNT as usize + 1);
    });
}

/// CVE-2025-8671: the server is made to take its answers back itself.
#[test]
fn streams_that_the_proxy_must_reset_are_bounded() {
    alone(async {
        let fields = block(&request(&[]));
        let outcome = flood(&[], 10_000, move |number| {
            let stream = 2 * number + 1;
            let head = Frame::new(HEADERS, END_HEADERS, stream, fields.clone());
            vec![head, Frame::new(WINDOW_UPDATE, 0, stream, 0x7fff_ffff_u32.to_be_bytes())]
        })
        .await;
        assert!(outcome.code.is_some_and(|code| code != 0));
    });
}

#[test]
fn frames_that_want_an_answer_or_do_nothing_are_bounded() {
    const COUNT: u32 = 50_000;
    alone(async {
        flood(&[], COUNT, |_| vec![Frame::new(PING, 0, 0, [1; 8])]).await;
        flood(&[], COUNT, |_| vec![Frame::new(PING, ACK, 0, [1; 8])]).await;
        flood(&[], COUNT, |_| vec![Frame::new(SETTINGS, 0, 0, [0, 3, 0, 0, 0, 99])]).await;
        flood(&[], COUNT, |_| vec![Frame::new(SETTINGS, ACK, 0, [])]).await;
        flood(&[], COUNT, |number| vec![Frame::new(PRIORITY, 0, 2 * number + 1, [0, 0, 0, 0, 1])]).await;
        flood(&[Frame::head(1, 0, &request(&[]))], COUNT, |_| vec![Frame::new(DATA, 0, 1, [])]).await;
        flood(&[], COUNT, |_| vec![Frame::new(WINDOW_UPDATE, 0, 0, [0, 0, 0, 1])]).await;
    });
}

/// A client that asks for much and reads nothing.
#[test]
fn a_client_that_does_not_read_is_not_read_from() {
    alone(async {
        let ca = TestCa::new();
        let (_noted, site) = noting_site(&ca).await;
        let fixture = Fixture::new(&ca, site).await;
        let (census, before) = (Census::now(), memory());
        let mut peer = Peer::new(&fixture).await;
        let pings = Frame::new(PING, 0, 0, [1; 8]).bytes().repeat(1_000);
        let mut sent = 0;
        // Once nothing more goes out, the proxy has stopped reading, which is what bounds its memory.
        let stalls = std::time::Duration::from_secs(1);
        while let Ok(Ok(())) = tokio::time::timeout(stalls, peer.stream.write_all(&pings)).await {
            sent += pings.len();
            assert!(sent < 64 << 20, "it never stops");
        }
        let grown = memory().saturating_sub(before);
        assert!(grown < ROOM, "{grown} KiB");
        drop(peer);
        census.is_back(sent).await;
        fixture.stop().await;
    });
}
