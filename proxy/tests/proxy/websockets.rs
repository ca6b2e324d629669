//! WebSockets through the proxy, frame by frame.

use flate2::{Compress, Compression, FlushCompress};
use model::{BlindSpotKind, Exchange, Message, Scheme, Sender, VisitId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::kit::{Fixture, PATIENCE, Stream, TestCa, head, kinds, rest, site};

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const CLOSE: &[u8] = b"\x88\x00";

/// A frame of a client's, whole or as one of several.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first, 0x80 | u8::try_from(payload.len()).unwrap()];
    assert!(payload.len() < 126, "the short form is enough here");
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// A frame of a site's.
fn plain(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [&[first, 126], length.as_slice(), payload].concat()
}

/// A message as browsers compress it (RFC 7692 §7.2.1).
fn deflated(compress: &mut Compress, text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    compress.compress_vec(text.as_bytes(), &mut bytes, FlushCompress::Sync).unwrap();
    bytes.truncate(bytes.len() - 4);
    bytes
}

fn asking(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: a.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    )
}

/// A site that agrees to a WebSocket with `lines` in its answer, and then is `then`.
async fn open_site<F: Future<Output = ()> + Send + 'static>(
    ca: Option<&TestCa>,
    lines: &'static str,
    then: impl Fn(Stream) -> F + Clone + Send + Sync + 'static,
) -> std::net::SocketAddr {
    site(ca.map(|ca| ca.server(&["a.test"], &["http/1.1"])), move |mut stream| {
        let then = then.clone();
        async move {
            let asked = head(&mut stream).await;
            assert!(asked.contains("Upgrade: websocket\r\n") && asked.contains("Connection: keep-alive, Upgrade\r\n"));
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: x\r\n{lines}\r\n"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
            then(stream).await;
        }
    })
    .await
}

/// A site that sends `bytes` and then everything back that it gets.
async fn echoing(ca: &TestCa, lines: &'static str, bytes: Vec<u8>) -> std::net::SocketAddr {
    open_site(Some(ca), lines, move |stream| {
        let bytes = bytes.clone();
        async move {
            let (mut from, mut to) = tokio::io::split(stream);
            to.write_all(&bytes).await.unwrap();
            tokio::io::copy(&mut from, &mut to).await.unwrap();
            to.shutdown().await.unwrap();
        }
    })
    .await
}

/// Opens the socket and says `bytes`; returns what came back.
async fn say(fixture: &Fixture, bytes: &[u8]) -> Vec<u8> {
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    stream.write_all(asking("/socket?x=1").as_bytes()).await.unwrap();
    let answer = head(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    stream.write_all(bytes).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut back = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut back)).await.unwrap().unwrap();
    back
}

/// The exchange that opened the socket, then what continues it, to its end.
async fn told(fixture: &mut Fixture) -> (Exchange, Vec<Exchange>) {
    let first = fixture.exchange().await;
    assert_eq!((first.continues, first.duration_ms, first.messages.len()), (None, None, 0));
    let mut more: Vec<Exchange> = Vec::new();
    while more.last().is_none_or(|last| last.duration_ms.is_none()) {
        let next = fixture.exchange().await;
        let before: usize = more.iter().map(|exchange| exchange.messages.len()).sum();
        assert_eq!(next.continues.map(|continues| continues.messages), Some(before as u64));
        assert_eq!((next.index, next.visit, &next.request.body), (first.index, first.visit, &model::Body::default()));
        more.push(next);
    }
    (first, more)
}

/// Who said what.
fn said(more: &[Exchange]) -> Vec<(Sender, String)> {
    let text = |message: &Message| (message.sender, String::from_utf8_lossy(&message.bytes).into_owned());
    more.iter().flat_map(|exchange| &exchange.messages).map(text).collect()
}

fn by_client(more: &[Exchange]) -> Vec<String> {
    said(more).into_iter().filter(|(sender, _)| *sender == Sender::Client).map(|(_, text)| text).collect()
}

/// What was not read, in words.
fn unread(more: &[Exchange]) -> Vec<(BlindSpotKind, String)> {
    more.iter().flat_map(|exchange| &exchange.blind_spots).map(|spot| (spot.kind, spot.detail.clone())).collect()
}

#[tokio::test]
async fn a_websocket_is_told_when_it_opens_and_its_messages_as_they_come() {
    let ca = TestCa::new();
    let site = open_site(Some(&ca), "Sec-WebSocket-Protocol: chat\r\n", |mut stream| async move {
        let mut frames = vec![0; 10 + 10 + 13];
        stream.read_exact(&mut frames).await.unwrap();
        stream.write_all(&plain(0x81, b"hej")).await.unwrap();
        stream.write_all(CLOSE).await.unwrap();
        stream.shutdown().await.unwrap();
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    fixture.listener.set_visit(Some(VisitId(7)));
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    stream.write_all(asking("/socket?x=1").as_bytes()).await.unwrap();
    let answer = head(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 101 ") && answer.contains("Sec-WebSocket-Protocol: chat\r\n"), "{answer}");

    let first = fixture.exchange().await;
    assert_eq!((first.request.target.scheme, first.request.target.query.as_deref()), (Scheme::Wss, Some("x=1")));
    assert_eq!((first.response.as_ref().unwrap().status, first.visit), (101, Some(VisitId(7))));
    assert_eq!((first.duration_ms, kinds(&first), first.continues), (None, vec![], None));
    // It is not waited for.
    assert_eq!(fixture.listener.in_flight(), 0);
    assert!(fixture.listener.settled(std::time::Duration::ZERO, PATIENCE).await);

    // The number lies across two frames, with a ping between them.
    for frame in [masked(0x01, b"0101"), masked(0x89, b"ping"), masked(0x80, b"901-234")] {
        stream.write_all(&frame).await.unwrap();
    }
    let second = fixture.exchange().await;
    assert_eq!(said(std::slice::from_ref(&second)), [(Sender::Client, "0101901-234".to_owned())]);
    assert_eq!((second.index, second.visit, second.duration_ms), (first.index, first.visit, None));
    assert_eq!(second.continues, Some(model::Continuation { messages: 0, body_bytes: 0 }));

    let mut back = Vec::new();
    stream.read_to_end(&mut back).await.unwrap();
    assert_eq!(back, [plain(0x81, b"hej").as_slice(), CLOSE].concat());
    drop(stream);
    let mut more = vec![second];
    while more.last().unwrap().duration_ms.is_none() {
        more.push(fixture.exchange().await);
    }
    assert_eq!(said(&more)[1..], [(Sender::Server, "hej".to_owned())]);
    assert_eq!((more.last().unwrap().response.as_ref().unwrap().body_bytes, unread(&more)), (9, vec![]));
}

#[tokio::test]
async fn compressed_messages_of_both_sides_are_read() {
    let ca = TestCa::new();
    let texts = ["{\"cpr\":\"0101901234\"}", "{\"cpr\":\"0101901234\",\"x\":1}", "{\"cpr\":\"0101901234\"}"];
    for (lines, takes_over) in [
        ("Sec-WebSocket-Extensions: permessage-deflate\r\n", true),
        (
            "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; \
             server_no_context_takeover; server_max_window_bits=12\r\n",
            false,
        ),
    ] {
        let messages = |frame: &dyn Fn(u8, &[u8]) -> Vec<u8>| {
            let mut compress = Compress::new(Compression::default(), false);
            let mut bytes = Vec::new();
            for text in texts {
                if !takes_over {
                    compress.reset();
                }
                let message = deflated(&mut compress, text);
                let (head, tail) = message.split_at(5);
                bytes.extend([frame(0x42, head), frame(0x89, b""), frame(0x80, tail)].concat());
            }
            bytes
        };
        let (up, down) = (messages(&masked), messages(&plain));
        let mut fixture = Fixture::new(
            &ca,
            open_site(Some(&ca), lines, {
                let (up, down) = (up.len(), down.clone());
                move |mut stream| {
                    let down = down.clone();
                    async move {
                        stream.read_exact(&mut vec![0; up]).await.unwrap();
                        stream.write_all(&down).await.unwrap();
                        stream.shutdown().await.unwrap();
                    }
                }
            })
            .await,
        )
        .await;
        assert_eq!(say(&fixture, &up).await, down);
        let (_, more) = told(&mut fixture).await;
        let by = |sender: Sender| texts.map(|text| (sender, text.to_owned()));
        assert_eq!(said(&more), [by(Sender::Client), by(Sender::Server)].concat());
        assert_eq!(unread(&more), []);
    }
}

#[tokio::test]
async fn what_is_no_frame_passes_to_the_byte_and_is_told() {
    let ca = TestCa::new();
    let mut fixture = Fixture::new(&ca, echoing(&ca, "", b"bye".to_vec()).await).await;
    let noise: Vec<u8> =
        (0..300_000_u32).map(|number| u8::try_from(number.wrapping_mul(number) % 251).unwrap()).collect();
    let bytes = [masked(0x81, b"before"), noise].concat();
    assert!(say(&fixture, &bytes).await == [b"bye".as_slice(), &bytes].concat());
    let (_, more) = told(&mut fixture).await;
    assert_eq!(by_client(&more), ["before"]);
    let mut unread = unread(&more);
    unread.sort();
    let words = |side: &str, why: &str| {
        (BlindSpotKind::WebsocketNotRead, format!("from here on the messages {side} the site were not read: {why}"))
    };
    assert_eq!(
        unread,
        [
            words("from", "a frame has bits set that nobody agreed on"),
            words("to", "a frame is masked, or is not, where it must be otherwise"),
        ]
    );
}

#[tokio::test]
async fn an_extension_that_is_not_known_is_told_and_passes() {
    let ca = TestCa::new();
    let site = echoing(&ca, "Sec-WebSocket-Extensions: x-zip; level=9\r\n", Vec::new()).await;
    let mut fixture = Fixture::new(&ca, site).await;
    let bytes = masked(0x81, b"0101901234");
    assert_eq!(say(&fixture, &bytes).await, bytes);
    let (first, more) = told(&mut fixture).await;
    let why = "its messages were not read: both sides agreed on `x-zip; level=9`, which is not known here";
    assert_eq!((kinds(&first), said(&more)), (vec![], vec![]));
    assert_eq!(unread(&more), [(BlindSpotKind::WebsocketNotRead, why.to_owned())]);
}

#[tokio::test]
async fn a_message_over_the_cap_is_read_in_part() {
    let ca = TestCa::new();
    let site = open_site(Some(&ca), "", |mut stream| async move {
        rest(&mut stream).await;
        stream.shutdown().await.unwrap();
    })
    .await;
    let mut fixture = Fixture::with(&ca, |settings| {
        settings.resolve.push(proxy::Resolve::new("*", 443, site).unwrap());
        settings.body_cap = 6;
    })
    .await;
    let bytes = [masked(0x81, b"0101901234"), masked(0x81, b"short")].concat();
    assert_eq!(say(&fixture, &bytes).await, b"");
    let (_, more) = told(&mut fixture).await;
    assert_eq!(by_client(&more), ["010190", "short"]);
    let why = "messages to the site that were longer than is kept: 1; of the first, 6 of 10 bytes were read";
    assert_eq!(unread(&more), [(BlindSpotKind::WebsocketNotRead, why.to_owned())]);
}

#[tokio::test]
async fn a_socket_that_breaks_off_within_a_message_has_that_much_read() {
    let ca = TestCa::new();
    let mut fixture = Fixture::new(&ca, echoing(&ca, "", Vec::new()).await).await;
    let bytes = masked(0x01, b"cpr=0101901234");
    assert_eq!(say(&fixture, &bytes).await, bytes);
    let (_, more) = told(&mut fixture).await;
    assert_eq!(by_client(&more), ["cpr=0101901234"]);
    let told = unread(&more);
    assert!(
        told.contains(&(
            BlindSpotKind::ConnectionBroken,
            "the WebSocket broke off within a message to the site".to_owned()
        )),
        "{told:?}"
    );
}

#[tokio::test]
async fn many_messages_share_a_hand_over() {
    let ca = TestCa::new();
    let mut fixture = Fixture::new(&ca, echoing(&ca, "", Vec::new()).await).await;
    let texts: Vec<String> = (0..20_000).map(|number| format!("message {number}")).collect();
    let bytes: Vec<u8> = texts.iter().flat_map(|text| masked(0x81, text.as_bytes())).collect();
    let sent = bytes.clone();
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    stream.write_all(asking("/").as_bytes()).await.unwrap();
    head(&mut stream).await;
    let (mut from, mut to) = tokio::io::split(stream);
    let sending = tokio::spawn(async move {
        to.write_all(&sent).await.unwrap();
        to.shutdown().await.unwrap();
    });
    let mut back = Vec::new();
    from.read_to_end(&mut back).await.unwrap();
    sending.await.unwrap();
    assert!(back == bytes);
    let (_, more) = told(&mut fixture).await;
    assert!(by_client(&more) == texts);
    assert!(more.len() < 200, "{} hand-overs", more.len());
}

#[tokio::test]
async fn in_clear_text_it_is_read_in_a_tunnel_and_in_a_plain_request() {
    let ca = TestCa::new();
    for (tunnel, path) in [(true, "/s?x=1"), (false, "http://a.test/s?x=1"), (false, "ws://a.test/s?x=1")] {
        let site = open_site(None, "", |mut stream| async move {
            stream.read_exact(&mut [0; 11]).await.unwrap();
            stream.write_all(CLOSE).await.unwrap();
            stream.shutdown().await.unwrap();
        })
        .await;
        let mut fixture = Fixture::new(&ca, site).await;
        let mut stream = if tunnel { fixture.tunnel("a.test:80").await } else { fixture.plain().await };
        stream.write_all(asking(path).as_bytes()).await.unwrap();
        assert!(head(&mut stream).await.starts_with("HTTP/1.1 101 "), "{path}");
        stream.write_all(&masked(0x81, b"12345")).await.unwrap();
        rest(&mut stream).await;
        drop(stream);
        let (first, more) = told(&mut fixture).await;
        assert_eq!(first.request.target.to_string(), "ws://a.test/s?x=1");
        assert_eq!((said(&more), unread(&more)), (vec![(Sender::Client, "12345".to_owned())], vec![]));
    }
}

#[tokio::test]
async fn an_open_socket_does_not_hold_up_the_end_and_is_told_to_there() {
    let ca = TestCa::new();
    let site = open_site(Some(&ca), "", |mut stream| async move {
        rest(&mut stream).await;
    })
    .await;
    let fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    stream.write_all(asking("/").as_bytes()).await.unwrap();
    head(&mut stream).await;
    // The second waits for the age of its batch, which the end does not.
    stream.write_all(&[masked(0x81, b"first"), masked(0x81, b"second")].concat()).await.unwrap();
    stream.flush().await.unwrap();
    let mut fixture = fixture;
    let opened = fixture.exchange().await;
    let mut more = vec![fixture.exchange().await];
    for captured in fixture.stop().await {
        match captured {
            proxy::Captured::Exchange(exchange) => more.push(*exchange),
            proxy::Captured::BlindSpot(spot) => panic!("{spot:?}"),
        }
    }
    assert!(more.iter().all(|exchange| exchange.index == opened.index));
    assert_eq!((by_client(&more), unread(&more)), (vec!["first".to_owned(), "second".to_owned()], vec![]));
    assert!(more.last().unwrap().duration_ms.is_some());
}

#[tokio::test]
async fn another_upgrade_stays_unread() {
    let ca = TestCa::new();
    let site = site(Some(ca.server(&["a.test"], &["http/1.1"])), |mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 101 Ok\r\nUpgrade: x-own\r\nConnection: Upgrade\r\n\r\nhi").await.unwrap();
        stream.shutdown().await.unwrap();
    })
    .await;
    let mut fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &["http/1.1"]).await;
    let request = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: x-own\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    head(&mut stream).await;
    assert_eq!(rest(&mut stream).await, "hi");
    drop(stream);
    let exchange = fixture.exchange().await;
    assert_eq!((kinds(&exchange), exchange.request.target.scheme), (vec![BlindSpotKind::NotHttp], Scheme::Https));
    assert_eq!(exchange.blind_spots[0].detail, "0 bytes to the site, 2 bytes from it");
}

/// A browser that is offered WebSockets over HTTP/2 uses them, and one that is not opens them over HTTP/1.1, where they
/// are read (RFC 8441 §3).
#[tokio::test]
async fn pitfall_13_websockets_over_http2_are_not_offered() {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    const SETTINGS: u8 = 0x04;
    const ENABLE_CONNECT_PROTOCOL: [u8; 2] = [0x00, 0x08];
    let ca = TestCa::new();
    // The site itself offers them.
    let site = site(Some(ca.server(&["a.test"], &["h2"])), |mut stream| async move {
        stream.write_all(b"\0\0\x06\x04\0\0\0\0\0\0\x08\0\0\0\x01").await.unwrap();
        rest(&mut stream).await;
    })
    .await;
    let fixture = Fixture::new(&ca, site).await;
    let mut stream = fixture.tls("a.test", &["h2"]).await;
    stream.write_all(PREFACE).await.unwrap();
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    let length = usize::from(u16::from_be_bytes([head[1], head[2]]));
    assert_eq!((head[0], head[3]), (0, SETTINGS));
    let mut settings = vec![0; length];
    stream.read_exact(&mut settings).await.unwrap();
    assert!(!settings.is_empty() && settings.chunks(6).all(|setting| setting[..2] != ENABLE_CONNECT_PROTOCOL));
}
