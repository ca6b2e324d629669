//! Captures made for the purpose: every container, every link, segments in every order, and whatever may be missing.

use std::net::{Ipv4Addr, Ipv6Addr};

use model::BodyState;

use super::*;

/// A number born in 2045: nobody's.
const NUMBER: &str = "0101455001";

/// When captures are read that tell no time.
const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

const CLIENT: u16 = 40_000;
const SERVER: u16 = 80;

/// What goes over the wire: from the client or from the server, in the order of the conversation.
type Said<'a> = (bool, &'a [u8]);

/// A segment: from the client, sequence, flags, bytes.
type Sent = (bool, u32, u8, Vec<u8>);

/// A conversation as segments: (from the client, sequence, flags, bytes), handshake and end included.
fn segments(said: &[Said<'_>], size: usize) -> Vec<Sent> {
    const SYN: u8 = 2;
    const ACK: u8 = 16;
    const FIN: u8 = 1;
    let mut next = [u32::MAX - 20, 7_000];
    let mut all = vec![(true, next[0], SYN, vec![]), (false, next[1], SYN | ACK, vec![])];
    next = next.map(|next| next.wrapping_add(1));
    for (is_client, bytes) in said {
        let side = usize::from(!is_client);
        for piece in bytes.chunks(size) {
            all.push((*is_client, next[side], ACK, piece.to_vec()));
            next[side] = next[side].wrapping_add(u32::try_from(piece.len()).unwrap());
        }
    }
    all.push((true, next[0], FIN | ACK, vec![]));
    all.push((false, next[1], FIN | ACK, vec![]));
    all
}

fn tcp((is_client, sequence, flags, bytes): &Sent) -> Vec<u8> {
    let ports = if *is_client { [CLIENT, SERVER] } else { [SERVER, CLIENT] };
    let mut tcp = ports.map(u16::to_be_bytes).concat();
    tcp.extend(sequence.to_be_bytes());
    tcp.extend([0, 0, 0, 0, 5 << 4, *flags, 255, 255, 0, 0, 0, 0]);
    tcp.extend(bytes);
    tcp
}

fn ipv4(segment: &Sent) -> Vec<u8> {
    let payload = tcp(segment);
    let ends = [Ipv4Addr::new(192, 0, 2, 7), Ipv4Addr::new(192, 0, 2, 80)];
    let [from, to] = if segment.0 { ends } else { [ends[1], ends[0]] };
    let mut ip = vec![0x45, 0];
    ip.extend(u16::try_from(20 + payload.len()).unwrap().to_be_bytes());
    ip.extend([0, 0, 0, 0, 64, 6, 0, 0]);
    ip.extend(from.octets());
    ip.extend(to.octets());
    ip.extend(payload);
    ip
}

fn ipv6(segment: &Sent) -> Vec<u8> {
    let payload = tcp(segment);
    let ends = [Ipv6Addr::LOCALHOST, "2001:db8::80".parse().unwrap()];
    let [from, to] = if segment.0 { ends } else { [ends[1], ends[0]] };
    let mut ip = vec![0x60, 0, 0, 0];
    ip.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    ip.extend([6, 64]);
    ip.extend(from.octets());
    ip.extend(to.octets());
    ip.extend(payload);
    ip
}

fn ethernet(ip: &[u8]) -> Vec<u8> {
    let kind: [u8; 2] = if ip[0] >> 4 == 4 { [8, 0] } else { [0x86, 0xdd] };
    [&[0_u8; 12][..], &kind, ip].concat()
}

fn pcap(link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0]);
    file.extend(link.to_le_bytes());
    for (at, packet) in packets.iter().enumerate() {
        let length = u32::try_from(packet.len()).unwrap();
        for number in [1_760_000_000, u32::try_from(at).unwrap() * 1_000, length, length] {
            file.extend(number.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

/// Big-endian, times in nanoseconds.
fn pcapng(link: u16, packets: &[Vec<u8>]) -> Vec<u8> {
    pcapng_of(6, link, packets)
}

/// The same, its packets in blocks of this kind: with a time (6), or simple ones without (3).
fn pcapng_of(kind: u32, link: u16, packets: &[Vec<u8>]) -> Vec<u8> {
    let block = |kind: u32, body: &[u8]| {
        let padded = body.len().next_multiple_of(4);
        let length = u32::try_from(12 + padded).unwrap().to_be_bytes();
        let fill = vec![0; padded - body.len()];
        [&kind.to_be_bytes()[..], &length, body, &fill, &length].concat()
    };
    let mut file = block(0x0a0d_0d0a, &[&ORDER.to_be_bytes()[..], &[0, 1, 0, 0], &[255; 8]].concat());
    file.extend(block(5, b"statistics"));
    file.extend(block(
        1,
        &[&link.to_be_bytes()[..], &[0, 0, 0, 4, 0, 0], &[0, 9, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0]].concat(),
    ));
    for (at, packet) in packets.iter().enumerate() {
        let ticks = 1_760_000_000_000_000_000_u64 + at as u64 * 1_000_000;
        let length = u32::try_from(packet.len()).unwrap().to_be_bytes();
        file.extend(match kind {
            3 => block(3, &[&length[..], packet].concat()),
            _ => block(kind, &[&[0; 4][..], &ticks.to_be_bytes(), &length, &length, packet].concat()),
        });
    }
    file
}

const ORDER: u32 = 0x1a2b_3c4d;

/// Exchanges, and what was not read.
fn read_all(file: &[u8]) -> (Vec<Exchange>, String) {
    let mut all = Vec::new();
    let blind_spots = read("a.pcap", file, NOW, &mut |exchange| {
        all.push(exchange);
        ControlFlow::Continue(())
    });
    assert!(blind_spots.len() < 2 && blind_spots.iter().all(|spot| spot.kind == BlindSpotKind::InputBroken));
    (all, blind_spots.into_iter().map(|spot| spot.detail).collect())
}

/// What is asked in each, its body, and how it was answered.
fn told(exchanges: &[Exchange]) -> Vec<String> {
    let told = exchanges.iter().map(|exchange| {
        let status = exchange.response.as_ref().map_or(0, |response| response.status);
        let body = String::from_utf8_lossy(&exchange.request.body.bytes);
        format!("{} {} {body} {status}", exchange.request.method, exchange.request.target)
    });
    told.collect()
}

/// Three requests on one connection: the second with a body in chunks, the third sent with it.
fn conversation() -> (Vec<(bool, Vec<u8>)>, Vec<String>) {
    let get = format!("GET /sag?cpr={NUMBER} HTTP/1.1\r\nHost: www.own.test\r\nReferer: http://www.own.test/\r\n\r\n");
    let post = format!(
        "POST /c HTTP/1.1\r\nHost: maaling.test\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ncpr=\r\nA;x=1\r\n{NUMBER}\r\n0\r\n\r\n\
         PUT /d HTTP/1.0\r\nHost: maaling.test\r\nContent-Length: 10\r\n\r\n{NUMBER}"
    );
    let first = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 5\r\n\r\nhallo".to_vec();
    let others = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n\
                   HTTP/1.0 404 No\r\n\r\nuntil the end"
        .to_vec();
    let said = vec![(true, get.into_bytes()), (false, first), (true, post.into_bytes()), (false, others)];
    let expected = [
        format!("GET http://www.own.test/sag?cpr={NUMBER}  302"),
        format!("POST http://maaling.test/c cpr={NUMBER} 200"),
        format!("PUT http://maaling.test/d {NUMBER} 404"),
    ];
    (said, expected.to_vec())
}

fn made(size: usize) -> (Vec<Sent>, Vec<String>) {
    let (said, expected) = conversation();
    let said: Vec<Said<'_>> = said.iter().map(|(is_client, bytes)| (*is_client, bytes.as_slice())).collect();
    (segments(&said, size), expected)
}

#[test]
fn a_conversation_is_told_from_every_container_and_link() {
    for size in [1, 7, 100, 1_460] {
        let (segments, expected) = made(size);
        let v4: Vec<Vec<u8>> = segments.iter().map(ipv4).collect();
        let v6: Vec<Vec<u8>> = segments.iter().map(ipv6).collect();
        let before = |head: &[u8]| v4.iter().map(|ip| [head, ip].concat()).collect::<Vec<_>>();
        let framed: Vec<Vec<u8>> = v4.iter().map(|ip| ethernet(ip)).collect();
        let framed6: Vec<Vec<u8>> = v6.iter().map(|ip| ethernet(ip)).collect();
        let tagged: Vec<Vec<u8>> = v4.iter().map(|ip| [&[0_u8; 12][..], &[0x81, 0, 0, 5, 8, 0], ip].concat()).collect();
        let cooked = [&[0_u8; 14][..], &[8, 0]].concat();
        let cooked_2 = [&[8_u8, 0][..], &[0; 18]].concat();
        for (name, file) in [
            ("ethernet", pcap(1, &framed)),
            ("IPv6", pcap(1, &framed6)),
            ("VLAN", pcap(1, &tagged)),
            ("raw", pcap(101, &v4)),
            ("raw IPv6", pcap(101, &v6)),
            ("loopback", pcap(0, &before(&[2, 0, 0, 0]))),
            ("OpenBSD loopback", pcap(108, &before(&[0, 0, 0, 2]))),
            ("cooked", pcap(113, &before(&cooked))),
            ("cooked 2", pcap(276, &before(&cooked_2))),
            ("pcapng", pcapng(1, &framed)),
        ] {
            assert!(is_capture(&file), "{name}");
            let (exchanges, unread) = read_all(&file);
            assert_eq!((told(&exchanges), unread.as_str()), (expected.clone(), ""), "{name} in pieces of {size}");
            assert!(exchanges.iter().all(|exchange| exchange.started.as_second() == 1_760_000_000), "{name}");
            let ends = &exchanges[0].connection;
            assert!(ends.server.as_ref().is_some_and(|server| server.ends_with(":80")), "{ends:?}");
        }
    }
}

/// Captured on a loopback interface, where every packet comes twice: once as it is sent, once as it is received. The server
/// reads no chunks, and says so in 356 bytes that are no message.
#[test]
fn a_capture_of_a_real_conversation_is_read() {
    let (exchanges, unread) = read_all(include_bytes!("loopback.pcap"));
    let expected = [
        format!("GET http://www.own.test/sag?cpr={NUMBER}  200"),
        format!("POST http://maaling.test/c cpr={NUMBER} 200"),
    ];
    assert_eq!(told(&exchanges), expected);
    assert!(unread.starts_with("bytes of connections passed over for that: 356; messages under way when the capture or their connection ended: 1"), "{unread}");
    assert_eq!(exchanges[1].request.headers.get("referer"), Some(&b"http://www.own.test/sag"[..]));
}

#[test]
fn packets_without_a_time_are_told() {
    let (segments, expected) = made(100);
    let framed: Vec<Vec<u8>> = segments.iter().map(|segment| ethernet(&ipv4(segment))).collect();
    let (exchanges, unread) = read_all(&pcapng_of(3, 1, &framed));
    assert_eq!(told(&exchanges), expected);
    assert!(exchanges.iter().all(|exchange| exchange.started == NOW && exchange.duration_ms.is_none()));
    assert_eq!(unread, "requests without a time in it, which count as of this run: 3");
    // What comes to light at the end, behind a segment that was lost, is of the last packet's time.
    let mut all = segments;
    all.retain(|(is_client, _, flags, _)| *is_client && flags & 1 == 0);
    all.remove(1);
    let (exchanges, unread) = read_all(&pcap(101, &all.iter().map(ipv4).collect::<Vec<_>>()));
    assert!(!exchanges.is_empty() && unread.contains("segments were lost"), "{unread}");
    assert!(exchanges.iter().all(|exchange| exchange.started.as_second() == 1_760_000_000), "{exchanges:?}");
}

#[test]
fn segments_come_in_any_order_and_again() {
    let mut state = 4_711_u64;
    let mut dice = |sides: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % sides).unwrap()
    };
    for _ in 0..200 {
        let (mut segments, expected) = made(9);
        // Handshake and end stay where they are.
        let last = segments.len() - 2;
        for at in 2..last {
            let other = (at + dice(4)).min(last - 1);
            segments.swap(at, other);
            if dice(5) == 0 {
                let again = segments[at].clone();
                segments.insert(other, again);
            }
        }
        let (exchanges, unread) = read_all(&pcap(101, &segments.iter().map(ipv4).collect::<Vec<_>>()));
        assert_eq!((told(&exchanges), unread.as_str()), (expected, ""));
    }
}

#[test]
fn what_is_missing_is_told_and_what_is_behind_it_is_read() {
    let body = "x".repeat(3_000);
    let long = format!("POST /c HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3000\r\n\r\n{body}");
    let next = format!("GET /?cpr={NUMBER} HTTP/1.1\r\nHost: a.test\r\n\r\n");
    let said: Vec<Said<'_>> =
        vec![(true, long.as_bytes()), (false, b"HTTP/1.1 204 No\r\n\r\n"), (true, next.as_bytes())];
    let mut all = segments(&said, 500);
    // Of the body.
    all.remove(4);
    let (exchanges, unread) = read_all(&pcap(101, &all.iter().map(ipv4).collect::<Vec<_>>()));
    assert_eq!(exchanges.len(), 2, "{unread}");
    assert_eq!(exchanges[0].request.body.state, BodyState::Cut);
    assert!(exchanges[1].request.target.to_string().contains(NUMBER));
    assert!(unread.contains("gaps where segments were lost: 1; bytes missing in them: 500"), "{unread}");
    // Of the head.
    let mut all = segments(&said, 500);
    all.remove(2);
    let (exchanges, unread) = read_all(&pcap(101, &all.iter().map(ipv4).collect::<Vec<_>>()));
    assert_eq!(exchanges.len(), 1, "{unread}");
    assert!(unread.contains("bytes of connections passed over"), "{unread}");
    // The capture begins in the midst of a body, and ends before the answer.
    let all = segments(&said, 500)[4..9].to_vec();
    let (_, unread) = read_all(&pcap(101, &all.iter().map(ipv4).collect::<Vec<_>>()));
    assert!(!unread.is_empty());
}

#[test]
fn heads_that_are_not_as_http_says_are_taken_as_they_stand() {
    let asked = |said: &[Said<'_>]| {
        let all: Vec<Vec<u8>> = segments(said, 1_000).iter().map(ipv4).collect();
        let (exchanges, unread) = read_all(&pcap(101, &all));
        (told(&exchanges), unread)
    };
    let next = format!("GET /b?cpr={NUMBER} HTTP/1.1\r\nHost: a.test\r\n\r\n");
    let no_content: Said<'_> = (false, b"HTTP/1.1 204 No\r\n\r\n");
    for (head, expected) in [
        (
            &b"GET /s\xf8g?cpr=0101455001 HTTP/1.1\r\nHost: a.test\r\n\r\n"[..],
            "GET http://a.test/s%F8g?cpr=0101455001  204",
        ),
        (b"GET /a b?cpr=0101455001 HTTP/1.1\r\nHost: a.test\r\n\r\n", "GET http://a.test/a b?cpr=0101455001  204"),
        (
            b"POST /a b HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n0101455001",
            "POST http://a.test/a b 0101455001 204",
        ),
        (b"GET /a HTTP/1.1\r\nno name\r\nHost: a.test\r\n\r\n", "GET http://a.test/a  204"),
    ] {
        let (exchanges, unread) = asked(&[(true, head), no_content, (true, next.as_bytes()), no_content]);
        // What comes behind it is read as ever.
        assert_eq!(exchanges, [expected.to_owned(), format!("GET http://a.test/b?cpr={NUMBER}  204")]);
        assert!(unread.ends_with("messages that are not as HTTP says, taken as they stand: 1"), "{unread}");
    }
    // Of before there were versions; and those of which the end is not in the capture.
    let (exchanges, unread) = asked(&[(true, b"GET /old?cpr=0101455001\r\n"), (false, b"<p>answer</p>")]);
    assert_eq!(exchanges, ["GET http://192.0.2.80/old?cpr=0101455001  0"]);
    assert!(
        unread.contains("bytes of connections passed over for that: 13") && unread.contains("without an answer"),
        "{unread}"
    );
    let (exchanges, unread) = asked(&[(true, b"GET /x?cpr=0101455001 HTTP/1.1\r\nHost: a.te")]);
    assert_eq!(exchanges, ["GET http://192.0.2.80/x?cpr=0101455001  0"]);
    assert!(unread.contains("messages under way when the capture or their connection ended: 1"), "{unread}");
    let long = format!("GET /x?cpr={NUMBER} HTTP/1.1\r\nHost: a.test\r\nX: {}", "x".repeat(300_000));
    let (exchanges, unread) = asked(&[(true, long.as_bytes())]);
    assert_eq!(exchanges, [format!("GET http://a.test/x?cpr={NUMBER}  0")]);
    assert!(unread.contains("messages that are no HTTP in what should be: 1"), "{unread}");
}

#[test]
fn all_lines_of_an_odd_head_are_kept() {
    let lines = "X: y\r\n".repeat(5_000);
    let head = format!("GET /a b HTTP/cpr/{NUMBER} HTTP/1.1-{NUMBER}\r\n: v\r\nno name\r\n{lines}\r\n");
    let all: Vec<Vec<u8>> = segments(&[(true, head.as_bytes())], 1_000).iter().map(ipv4).collect();
    let (exchanges, _) = read_all(&pcap(101, &all));
    let headers = &exchanges[0].request.headers.0;
    assert_eq!(headers[0], ("version".to_owned(), format!("HTTP/1.1-{NUMBER}").into_bytes()));
    assert_eq!(headers[1], (String::new(), b"v".to_vec()));
    assert_eq!(headers[2], ("unnamed".to_owned(), b"no name".to_vec()));
    let kept: usize = headers[3..].iter().map(|(_, value)| memchr::memchr_iter(b'y', value).count()).sum();
    assert_eq!(kept, 5_000);
    assert!(exchanges[0].request.target.path.contains(NUMBER));
}

#[test]
fn answers_are_told_with_what_they_make_the_browser_fetch() {
    let get: Said<'_> = (true, b"GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n");
    let answered = |answer: &[u8]| {
        let all: Vec<Vec<u8>> = segments(&[get, (false, answer)], 1_000).iter().map(ipv4).collect();
        let (exchanges, _) = read_all(&pcap(101, &all));
        let answer = exchanges[0].response.as_ref().unwrap();
        let headers =
            answer.headers.0.iter().map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)));
        (answer.status, headers.collect::<Vec<_>>().join("; "))
    };
    let hinted =
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\nServer: z\r\n\r\nHTTP/1.1 204 No\r\nA: b\r\n\r\n";
    assert_eq!(answered(hinted), (204, "A: b; Link: </x>; rel=preload".to_owned()));
    let odd = b"HTTP/1.1 302 Found\r\nno name\r\nBad name : x\r\nLocation: /s\xf8g\r\n\r\n";
    assert_eq!(answered(odd), (302, "unnamed: no name; Bad name: x; Location: /s\u{fffd}g".to_owned()));
    assert_eq!(answered(b"HTTP/1.1 302 Found\r\nLocation: /x"), (302, "Location: /x".to_owned()));
}

#[test]
fn of_a_cut_body_is_said_how_much_is_missing() {
    let cut = |head: &str, body: &str, is_lost: bool| {
        let head = format!("POST /c HTTP/1.1\r\nHost: a.test\r\n{head}\r\n\r\n");
        let said: Vec<Said<'_>> = vec![(true, head.as_bytes()), (true, body.as_bytes()), (true, b"lost"), (true, b"x")];
        let mut all = segments(&said[..if is_lost { 4 } else { 2 }], 1_000);
        if is_lost {
            all.remove(4);
        }
        let (exchanges, _) = read_all(&pcap(101, &all.iter().map(ipv4).collect::<Vec<_>>()));
        let [exchange] = exchanges.as_slice() else { panic!("{exchanges:?}") };
        let body = &exchange.request.body;
        assert_eq!(body.state, BodyState::Cut, "{head}");
        let told: Vec<String> = exchange.blind_spots.iter().map(|spot| spot.detail.clone()).collect();
        (body.bytes.len(), body.wire_length, told.concat())
    };
    assert_eq!(cut("Content-Length: 300", "cpr=0101455001", false), (14, 300, String::new()));
    // A gap that is longer than the body: the rest of the body is missing.
    assert_eq!(cut("Content-Length: 16", "cpr=0101455001", true), (14, 16, String::new()));
    let unknown = "14 bytes were recorded; how many more were sent is not in the capture";
    assert_eq!(cut("Transfer-Encoding: chunked", "E\r\ncpr=0101455001\r\n", false), (14, 14, unknown.to_owned()));
    assert_eq!(
        cut("Transfer-Encoding: chunked", "E\r\ncpr=0101455001\r\nno length\r\n", false),
        (14, 14, unknown.to_owned())
    );
}

#[test]
fn what_is_no_clear_text_http_is_counted() {
    let of = |said: &[Said<'_>]| {
        let all: Vec<Vec<u8>> = segments(said, 1_000).iter().map(ipv4).collect();
        read_all(&pcap(101, &all))
    };
    let (none, unread) = of(&[(true, &[0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3])]);
    assert!(none.is_empty() && unread.contains("connections by TLS"), "{unread}");
    let (none, unread) = of(&[(true, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]);
    assert!(none.is_empty() && unread.contains("connections by HTTP/2, which is not read in captures: 1"), "{unread}");
    let (none, unread) = of(&[(false, b"220 mail.own.test ESMTP\r\n")]);
    assert!(none.is_empty() && unread.contains("connections that were no HTTP: 1"), "{unread}");
    let (one, unread) = of(&[(true, b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")]);
    assert!(one.len() == 1 && unread.contains("requests without an answer in it: 1"), "{unread}");
    let (none, unread) = of(&[(false, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]);
    assert!(none.is_empty() && unread.contains("answers without a request in it: 1"), "{unread}");
    let upgrade: &[u8] = b"GET /ws HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\n\r\n";
    let (one, _) = of(&[(true, upgrade), (false, b"HTTP/1.1 101 Switching\r\n\r\n"), (true, b"\x81\x05hello")]);
    assert_eq!(one[0].blind_spots[0].kind, BlindSpotKind::WebsocketNotRead);
    let (_, unread) = read_all(&pcap(147, &[vec![1, 2, 3]]));
    assert!(unread.contains("packets of link type 147, which are not read: 1"), "{unread}");
    let whole = pcap(101, &[ipv4(&(true, 1, 2, vec![]))]);
    let (_, unread) = read_all(&whole[..whole.len() - 3]);
    assert!(unread.contains("it ends in the midst of a packet"), "{unread}");
}

#[test]
fn no_bytes_are_too_odd() {
    let (segments, _) = made(60);
    let framed: Vec<Vec<u8>> = segments.iter().map(|segment| ethernet(&ipv4(segment))).collect();
    let mut state = 88_172_645_463_325_252_u64;
    for file in [pcap(1, &framed), pcapng(1, &framed)] {
        for _ in 0..1_500 {
            let mut bytes = file.clone();
            for _ in 0..=state % 12 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let at = usize::try_from(state >> 20).unwrap() % bytes.len();
                match state % 3 {
                    0 => bytes[at] = u8::try_from(state >> 8 & 0xff).unwrap(),
                    1 => bytes.truncate(at.max(30)),
                    _ => bytes.insert(at, u8::try_from(state >> 12 & 0xff).unwrap()),
                }
            }
            let (exchanges, unread) = read_all(&bytes);
            assert!(exchanges.len() <= 3 || !unread.is_empty());
        }
    }
}
