//! Bodies that are long and do not say how long: they pass through, and are not kept.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::alone::{alone, memory};
use crate::kit::{Fixture, TestCa, head, kinds, site};
use model::BlindSpotKind;

const MIB: usize = 1 << 20;
/// Each way. Four times more than may be left of it in memory.
const LENGTH: usize = 96 * MIB;
/// What is recorded of an upload, buffers of four sockets, and an allocator's waste, in KiB.
const ROOM: usize = 24 << 10;

#[test]
fn pitfall_21_long_bodies_of_unknown_length_are_not_kept() {
    alone(async {
        let ca = TestCa::new();
        let chunk = chunk();
        let answer = chunk.clone();
        let site = site(Some(ca.server(&["a.test"], &[])), move |mut stream| {
            let chunk = answer.clone();
            async move {
                head(&mut stream).await;
                pass(&mut stream, chunk.len() * (LENGTH / MIB) + LAST.len()).await;
                stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
                for _ in 0..LENGTH / MIB {
                    stream.write_all(&chunk).await.unwrap();
                }
                stream.write_all(LAST).await.unwrap();
                stream.flush().await.unwrap();
                let _ = stream.read_u8().await;
            }
        })
        .await;
        let mut fixture = Fixture::new(&ca, site).await;
        let mut stream = fixture.tls("a.test", &[]).await;
        let before = memory();
        let request = "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        for _ in 0..LENGTH / MIB {
            stream.write_all(&chunk).await.unwrap();
        }
        stream.write_all(LAST).await.unwrap();
        stream.flush().await.unwrap();
        let after_upload = memory().saturating_sub(before);
        head(&mut stream).await;
        let passed = pass(&mut stream, LENGTH).await;
        let after_answer = memory().saturating_sub(before);
        println!("{after_upload} KiB after the upload, {after_answer} KiB after the answer, {passed} bytes");
        assert!(after_upload < ROOM && after_answer < ROOM, "{after_upload} KiB, {after_answer} KiB");
        // What is over the cap is said, of what came later in pieces too.
        let exchange = fixture.exchange().await;
        assert!(exchange.request.body.bytes.len() < LENGTH);
        assert_eq!(kinds(&exchange).first(), Some(&BlindSpotKind::BodyCut));
    });
}

const LAST: &[u8] = b"0\r\n\r\n";

/// A chunk of 1 MiB.
fn chunk() -> Vec<u8> {
    let mut chunk = b"100000\r\n".to_vec();
    chunk.resize(chunk.len() + MIB, b'x');
    chunk.extend(b"\r\n");
    chunk
}

/// Reads until the last chunk, at least `least` bytes; how many they were.
async fn pass(stream: &mut (impl tokio::io::AsyncRead + Unpin), least: usize) -> usize {
    let mut piece = vec![0; 64 << 10];
    let (mut read, mut end) = (0, Vec::new());
    loop {
        let length = stream.read(&mut piece).await.unwrap();
        read += length;
        end.extend_from_slice(&piece[..length]);
        end.drain(..end.len().saturating_sub(LAST.len()));
        if end == LAST {
            // What the proxy frames anew is no shorter but for the framing itself.
            assert!(read + read / 8 >= least, "{read} of {least}");
            return read;
        }
    }
}
