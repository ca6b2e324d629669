//! Frames that make no sense (RFC 9113 §§3.4-6): the connection or the stream ends with the code that the standard
//! names.

use model::BlindSpotKind;
use tokio::io::AsyncWriteExt as _;

use crate::alone::alone;
use crate::frames::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, End, Frame, GOAWAY, HEADERS, PADDED, PING, PRIORITY,
    PUSH_PROMISE, Peer, RST_STREAM, SETTINGS, WINDOW_UPDATE, block, request,
};
use crate::h2_requests::noting_site;
use crate::kit::{Fixture, TestCa};

const PROTOCOL_ERROR: u32 = 1;
const FLOW_CONTROL_ERROR: u32 = 3;
const STREAM_CLOSED: u32 = 5;
const FRAME_SIZE_ERROR: u32 = 6;
const COMPRESSION_ERROR: u32 = 9;

/// `frames` end the connection with the code that the standard names, or with the general one; which is told.
async fn fatal(fixture: &mut Fixture, code: u32, frames: &[Frame]) {
    let mut peer = Peer::new(fixture).await;
    peer.send(frames).await;
    let end = peer.end(1).await;
    assert!([End::GoAway(code), End::GoAway(PROTOCOL_ERROR)].contains(&end), "{frames:?}: {end:?}");
    assert_eq!(fixture.blind_spot().await.kind, BlindSpotKind::NotHttp, "{frames:?}");
}

/// `frames` end in `end`, and the connection goes on.
async fn survived(fixture: &Fixture, end: End, frames: &[Frame]) {
    let mut peer = Peer::new(fixture).await;
    peer.send(frames).await;
    assert_eq!(peer.end(1).await, end, "{frames:?}");
    peer.send(&[Frame::head(9, END_STREAM, &request(&[]))]).await;
    assert_eq!(peer.end(9).await, End::Answered, "{frames:?}");
}

#[test]
fn a_broken_frame_ends_the_connection() {
    alone(async {
        let ca = TestCa::new();
        let (noted, site) = noting_site(&ca).await;
        let mut fixture = Fixture::new(&ca, site).await;
        let fields = request(&[]);
        let open = || Frame::head(1, 0, &fields);
        let largest = 0x7fff_ffff_u32.to_be_bytes();
        for (code, frames) in [
            (PROTOCOL_ERROR, vec![Frame::new(DATA, 0, 0, *b"x")]),
            (PROTOCOL_ERROR, vec![Frame::head(0, END_STREAM, &fields)]),
            (PROTOCOL_ERROR, vec![Frame::new(SETTINGS, 0, 1, [])]),
            (FRAME_SIZE_ERROR, vec![Frame::new(SETTINGS, ACK, 0, [0; 6])]),
            (FRAME_SIZE_ERROR, vec![Frame::new(SETTINGS, 0, 0, [0; 5])]),
            (FLOW_CONTROL_ERROR, vec![Frame::new(SETTINGS, 0, 0, [0, 4, 0x80, 0, 0, 0])]),
            (PROTOCOL_ERROR, vec![Frame::new(SETTINGS, 0, 0, [0, 5, 0, 0, 0, 1])]),
            (PROTOCOL_ERROR, vec![Frame::new(SETTINGS, 0, 0, [0, 2, 0, 0, 0, 2])]),
            (FRAME_SIZE_ERROR, vec![Frame::new(PING, 0, 0, [0; 7])]),
            (PROTOCOL_ERROR, vec![Frame::new(PING, 0, 1, [0; 8])]),
            (PROTOCOL_ERROR, vec![Frame::new(WINDOW_UPDATE, 0, 0, [0; 4])]),
            (FRAME_SIZE_ERROR, vec![Frame::new(WINDOW_UPDATE, 0, 0, [0; 3])]),
            (FLOW_CONTROL_ERROR, vec![Frame::new(WINDOW_UPDATE, 0, 0, largest)]),
            (PROTOCOL_ERROR, vec![Frame::new(WINDOW_UPDATE, 0, 7, [0, 0, 0, 1])]),
            (PROTOCOL_ERROR, vec![Frame::new(CONTINUATION, END_HEADERS, 1, block(&fields))]),
            (PROTOCOL_ERROR, vec![Frame::new(HEADERS, 0, 1, block(&fields)), Frame::new(DATA, 0, 1, *b"x")]),
            (PROTOCOL_ERROR, vec![Frame::new(HEADERS, 0, 1, []), Frame::new(CONTINUATION, END_HEADERS, 3, [])]),
            (PROTOCOL_ERROR, vec![Frame::new(PUSH_PROMISE, END_HEADERS, 1, [0, 0, 0, 2])]),
            (PROTOCOL_ERROR, vec![Frame::head(2, END_STREAM, &fields)]),
            (PROTOCOL_ERROR, vec![Frame::new(DATA, 0, 1, *b"x")]),
            (PROTOCOL_ERROR, vec![Frame::new(RST_STREAM, 0, 1, [0; 4])]),
            (PROTOCOL_ERROR, vec![Frame::new(RST_STREAM, 0, 0, [0; 4])]),
            (FRAME_SIZE_ERROR, vec![open(), Frame::new(RST_STREAM, 0, 1, [0; 3])]),
            (FRAME_SIZE_ERROR, vec![Frame::new(PRIORITY, 0, 1, [0; 4])]),
            (COMPRESSION_ERROR, vec![Frame::new(HEADERS, END_HEADERS | END_STREAM, 1, [0xff; 20])]),
            (COMPRESSION_ERROR, vec![Frame::new(HEADERS, END_HEADERS | END_STREAM, 1, [0xc6])]),
            (COMPRESSION_ERROR, vec![Frame::new(HEADERS, END_HEADERS | END_STREAM, 1, [0x3f, 0xff, 0xff, 0xff, 0x7f])]),
            (PROTOCOL_ERROR, vec![open(), Frame::new(DATA, PADDED | END_STREAM, 1, [9, b'x'])]),
            (PROTOCOL_ERROR, vec![Frame::new(HEADERS, PADDED | END_HEADERS, 1, [99, 0])]),
            (FRAME_SIZE_ERROR, vec![open(), Frame::new(DATA, 0, 1, vec![0; LARGEST_FRAME + 1])]),
            (FRAME_SIZE_ERROR, vec![Frame::new(HEADERS, END_HEADERS, 1, vec![0; LARGEST_FRAME + 1])]),
            (PROTOCOL_ERROR, vec![Frame::new(GOAWAY, 0, 1, [0; 8])]),
            (STREAM_CLOSED, vec![Frame::head(1, END_STREAM, &fields), Frame::new(DATA, 0, 1, *b"x")]),
        ] {
            fatal(&mut fixture, code, &frames).await;
        }
        // More than the window of the connection lets through, whether the site reads or not.
        let mut flood = vec![open()];
        flood.extend((0..PAST_WINDOW).map(|_| Frame::new(DATA, 0, 1, vec![0; LARGEST_FRAME])));
        fatal(&mut fixture, FLOW_CONTROL_ERROR, &flood).await;
        assert_eq!(*noted.lock().unwrap(), [""; 0]);
    });
}

/// What a frame may hold unless told otherwise (RFC 9113 §4.2).
const LARGEST_FRAME: usize = 16_384;
/// Frames of that size that are more than the library's window of 1 MiB.
const PAST_WINDOW: usize = 70;

#[test]
fn a_stream_that_is_wrong_ends_alone() {
    alone(async {
        let ca = TestCa::new();
        let (_noted, site) = noting_site(&ca).await;
        let fixture = Fixture::new(&ca, site).await;
        let fields = request(&[]);
        let largest = 0x7fff_ffff_u32.to_be_bytes();
        let reset = End::Reset(FLOW_CONTROL_ERROR);
        survived(&fixture, reset, &[Frame::head(1, 0, &fields), Frame::new(WINDOW_UPDATE, 0, 1, largest)]).await;
        survived(&fixture, End::Reset(PROTOCOL_ERROR), &[Frame::new(PRIORITY, 0, 1, [0, 0, 0, 1, 0])]).await;
        // What nobody knows is nobody's business (RFC 9113 §5.5).
        let unknown = [Frame::new(0x77, 0xff, 0, [1; 9]), Frame::new(SETTINGS, 0, 0, [0, 99, 0, 0, 0, 2])];
        let [first, second] = unknown;
        survived(&fixture, End::Answered, &[first, second, Frame::head(1, END_STREAM, &fields)]).await;
    });
}

#[test]
fn another_beginning_ends_the_connection() {
    alone(async {
        let ca = TestCa::new();
        let (_noted, site) = noting_site(&ca).await;
        let mut fixture = Fixture::new(&ca, site).await;
        for first in ["PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", &"\0".repeat(24)] {
            let mut peer = Peer::silent(&fixture).await;
            peer.stream.write_all(first.as_bytes()).await.unwrap();
            peer.stream.flush().await.unwrap();
            // A GOAWAY may be left out (RFC 9113 §3.4).
            assert_eq!(peer.end(1).await, End::Closed, "{first:?}");
            assert_eq!(fixture.blind_spot().await.kind, BlindSpotKind::NotHttp, "{first:?}");
        }
    });
}
