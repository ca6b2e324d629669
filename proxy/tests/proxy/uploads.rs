//! Bodies over the cap: their beginning is handed over while they go on, the rest in pieces, and nothing is left out
//! without a word.

use model::{BlindSpotKind, BodyState, Continuation, Exchange, Failure};
use proxy::{Captured, Resolve};
use tokio::io::AsyncWriteExt as _;

use crate::bodies::counting_site;
use crate::kit::{Fixture, TestCa, kinds, rest};

/// What a piece begins with again.
const OVERLAP: usize = 512;

/// A proxy with a small cap before a site that counts.
async fn fixture(ca: &TestCa) -> Fixture {
    let site = Resolve::new("*", 443, counting_site(ca).await).expect("a rule");
    Fixture::with(ca, |settings| {
        settings.resolve = vec![site];
        settings.body_cap = 1000;
    })
    .await
}

fn head(length: usize, more: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n{more}Content-Length: {length}\r\n\r\n")
}

fn continues(exchange: &Exchange) -> Option<u64> {
    exchange.continues.map(|Continuation { body_bytes, .. }| body_bytes)
}

#[tokio::test]
async fn the_beginning_is_handed_over_before_the_end_has_come() {
    let ca = TestCa::new();
    let mut fixture = fixture(&ca).await;
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    stream.write_all(head(200_000, "").as_bytes()).await.unwrap();
    stream.write_all("x".repeat(1500).as_bytes()).await.unwrap();
    let first = fixture.exchange().await;
    let body = &first.request.body;
    assert_eq!((body.bytes.len(), body.wire_length, body.state), (1000, 1000, BodyState::Cut));
    assert_eq!(
        (continues(&first), first.response.is_some(), kinds(&first)),
        (None, false, vec![BlindSpotKind::BodyCut])
    );
    let said = &first.blind_spots[0].detail;
    assert!(said.starts_with("its first 1000 bytes were read whole; the rest was read in pieces"), "{said}");

    stream.write_all("y".repeat(198_500).as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.ends_with("200000"));
    let end = fixture.exchange().await;
    assert_eq!((end.index, continues(&end), kinds(&end)), (first.index, Some(1000), vec![]));
    assert_eq!(end.response.as_ref().unwrap().status, 200);
    assert!(end.duration_ms.is_some());
    let body = &end.request.body;
    assert_eq!((body.bytes.len(), body.wire_length), (199_000 + OVERLAP, 200_000));
    assert_eq!(body.bytes[..OVERLAP + 500], [b'x'; OVERLAP + 500]);
    assert_eq!(body.bytes[OVERLAP + 500], b'y');
}

#[tokio::test]
async fn nobody_waits_for_an_owner_that_is_slow() {
    let ca = TestCa::new();
    let fixture = fixture(&ca).await;
    let length = 20 << 20;
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    stream.write_all(head(length, "").as_bytes()).await.unwrap();
    stream.write_all("x".repeat(length).as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.ends_with(&length.to_string()));
    let all = fixture.stop().await;
    let exchanges: Vec<&Exchange> = all
        .iter()
        .map(|captured| match captured {
            Captured::Exchange(exchange) => &**exchange,
            Captured::BlindSpot(blind_spot) => panic!("{blind_spot:?}"),
        })
        .collect();
    let (end, begun) = exchanges.split_last().unwrap();
    let waited: usize = begun.iter().map(|exchange| exchange.request.body.bytes.len()).sum();
    assert!(begun.len() > 2 && waited <= (4 << 20) + 1000, "{waited} bytes in {} parts", begun.len());
    assert_eq!((kinds(end), end.request.body.wire_length), (vec![BlindSpotKind::QueueOverflow], length as u64));
    // Every byte was handed over or is told.
    let pieces = begun.iter().skip(1).chain([end]);
    let new = 1000 + pieces.map(|piece| piece.request.body.wire_length - continues(piece).unwrap()).sum::<u64>();
    let lost = length as u64 - new;
    let said = format!("{lost} of {length} bytes of a body came faster than they could be judged");
    assert_eq!(end.blind_spots[0].detail, said);
}

#[tokio::test]
async fn of_a_compressed_body_no_pieces_come() {
    let ca = TestCa::new();
    let mut fixture = fixture(&ca).await;
    let body = "x".repeat(5000);
    let asked = fixture.ask("a.test", &(head(5000, "Content-Encoding: gzip\r\n") + &body)).await;
    assert!(asked.ends_with("5000"));
    let (first, end) = (fixture.exchange().await, fixture.exchange().await);
    assert_eq!(first.blind_spots[0].detail, "its first 1000 bytes were read; gzip cannot be undone from the middle");
    assert_eq!((continues(&end), end.request.body.bytes.len(), kinds(&end)), (Some(1000), 0, vec![]));
}

#[tokio::test]
async fn what_cannot_be_sent_says_so_from_its_beginning() {
    let ca = TestCa::new();
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut fixture = Fixture::with(&ca, |settings| {
        settings.resolve = vec![Resolve::new("*", 443, nowhere).unwrap()];
        settings.body_cap = 1000;
    })
    .await;
    fixture.ask("a.test", &(head(5000, "") + &"x".repeat(5000))).await;
    let first = fixture.exchange().await;
    assert!(matches!(first.failure, Some(Failure::Unreachable(_))), "{first:?}");
    assert_eq!(kinds(&first), [BlindSpotKind::HostUnreachable, BlindSpotKind::BodyCut]);
    let end = fixture.exchange().await;
    assert!(end.failure.is_some() && kinds(&end).is_empty());
}

#[tokio::test]
async fn a_body_that_breaks_off_beyond_the_cap_is_told() {
    let ca = TestCa::new();
    let mut fixture = fixture(&ca).await;
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    stream.write_all((head(5000, "") + &"x".repeat(1500)).as_bytes()).await.unwrap();
    assert_eq!(continues(&fixture.exchange().await), None);
    drop(stream);
    let end = fixture.exchange().await;
    assert_eq!((end.request.body.bytes.len(), kinds(&end)), (500 + OVERLAP, vec![BlindSpotKind::ConnectionBroken]));
}
