//! `cprvagt scan` on captures of the network: what was sent in clear text is found, and what cannot be read is told.

mod kit;

use std::io::Write as _;

use kit::{Bench, NOW};

/// A number born in 2045: nobody's.
const NUMBER: &str = "0101455001";

/// A segment between two ends as a raw IPv4 packet.
fn packet(is_client: bool, sequence: u32, flags: u8, bytes: &[u8]) -> Vec<u8> {
    let (ports, ends) = ([40_000_u16, 80], [[192, 0, 2, 7], [192, 0, 2, 80]]);
    let [from, to] = if is_client { [0, 1] } else { [1, 0] };
    let at = |side: usize| (ports.get(side).expect("two"), ends.get(side).expect("two"));
    let length = u16::try_from(40 + bytes.len()).expect("a small packet");
    let mut packet = vec![0x45, 0];
    packet.extend(length.to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, 6, 0, 0]);
    packet.extend(at(from).1);
    packet.extend(at(to).1);
    packet.extend(at(from).0.to_be_bytes());
    packet.extend(at(to).0.to_be_bytes());
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 0, 0, 5 << 4, flags, 255, 255, 0, 0, 0, 0]);
    packet.extend(bytes);
    packet
}

fn pcap(packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0]);
    for packet in packets {
        let length = u32::try_from(packet.len()).expect("a small packet");
        for number in [1_760_000_000, 0, length, length] {
            file.extend(number.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

/// Two requests on one connection, the second a body told to somebody else, and a connection by TLS.
fn capture() -> Vec<u8> {
    let get = format!("GET /sag?cpr={NUMBER} HTTP/1.1\r\nHost: www.own.test\r\nSec-Fetch-Dest: document\r\n\r\n");
    let post = format!(
        "POST /c HTTP/1.1\r\nHost: maaling.test\r\nReferer: http://www.own.test/sag\r\nContent-Length: 14\r\n\r\ncpr={NUMBER}"
    );
    let first = u32::try_from(get.len()).expect("a short request");
    pcap(&[
        packet(true, 0, 2, b""),
        packet(false, 100, 18, b""),
        packet(true, 1, 16, get.as_bytes()),
        packet(false, 101, 16, b"HTTP/1.1 204 No\r\n\r\n"),
        packet(true, 1 + first, 16, post.as_bytes()),
        packet(false, 120, 16, b"HTTP/1.1 204 No\r\n\r\n"),
    ])
}

#[test]
fn numbers_in_clear_text_are_found_packed_or_not() {
    let bench = Bench::new();
    std::fs::write(bench.path("a.pcap"), capture()).expect("a file");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&capture()).expect("into memory");
    std::fs::write(bench.path("b.pcap.gz"), gzip.finish().expect("into memory")).expect("a file");
    for file in ["a.pcap", "b.pcap.gz"] {
        let ran = bench.run(&["scan", file, "--now", NOW, "--digests", "off", "--no-store", "--format", "jsonl"]);
        ran.ends_with(1);
        let told: Vec<(String, String)> = ran
            .sightings()
            .iter()
            .map(|sighting| (sighting["rule"].to_string(), sighting["channel"].to_string()))
            .collect();
        let told: Vec<(&str, &str)> = told.iter().map(|(rule, channel)| (rule.as_str(), channel.as_str())).collect();
        assert!(told.contains(&("\"cpr-in-url\"", "\"url-query\"")), "{file}: {told:?}");
        assert!(told.contains(&("\"cpr-in-third-party-request\"", "\"body\"")), "{file}: {told:?}");
        ran.says("taken as the site under test: own.test");
    }
}

#[test]
fn what_a_capture_does_not_tell_is_told() {
    let bench = Bench::new();
    let hello = [0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3];
    std::fs::write(bench.path("tls.pcap"), pcap(&[packet(true, 0, 2, b""), packet(true, 1, 16, &hello)]))
        .expect("a file");
    let ran = bench.run(&["scan", "tls.pcap", "--now", NOW, "--no-store"]);
    ran.ends_with(3);
    let told = bench.scan()["blind_spots"].to_string();
    assert!(
        told.contains(
            "connections by TLS, which a capture does not show (record them in the browser, or with the proxy): 1"
        ),
        "{told}"
    );
}

#[test]
fn flows_of_mitmproxy_are_refused_with_what_to_do() {
    let bench = Bench::new();
    bench.write("a.mitm", "1573:9:websocket;0:~8:response;1021:11:status_code;3:200#");
    bench.run(&["scan", "a.mitm", "--no-store"]).ends_with(2).says("mitmdump -nr a.mitm --set hardump=a.mitm.har");
}

/// One conversation: what the client says, and what the server does.
fn conversation(asked: &[u8], answered: &[u8]) -> Vec<u8> {
    let syn = [packet(true, 0, 2, b""), packet(false, 100, 18, b"")];
    pcap(&[syn.to_vec(), vec![packet(true, 1, 16, asked), packet(false, 101, 16, answered)]].concat())
}

/// Rules and channels of what is found in it.
fn found(asked: &[u8], answered: &[u8]) -> Vec<(String, String)> {
    let bench = Bench::new();
    std::fs::write(bench.path("a.pcap"), conversation(asked, answered)).expect("a file");
    let arguments = ["--now", NOW, "--digests", "off", "--no-store", "--format", "jsonl", "--sut", "own.test"];
    let ran = bench.run(&[&["scan", "a.pcap"][..], &arguments].concat());
    let word = |told: &serde_json::Value| told.as_str().expect("a word").to_owned();
    ran.sightings().iter().map(|told| (word(&told["rule"]), word(&told["channel"]))).collect()
}

#[test]
fn numbers_in_heads_that_are_not_as_http_says_are_found() {
    let ok = b"HTTP/1.1 204 No\r\n\r\n";
    for head in [
        &b"GET /s\xf8g?cpr=0101455001 HTTP/1.1\r\nHost: own.test\r\n\r\n"[..],
        b"GET /a b?cpr=0101455001 HTTP/1.1\r\nHost: own.test\r\n\r\n",
        b"GET /a?cpr=0101455001\r\n",
        b"GET /a?cpr=0101455001 HTTP/1.1\r\nHost: own.test\r\nno name\r\n\r\n",
        b"GET /a?cpr=0101455001 HTTP/1.1\r\nHost: own.te",
    ] {
        let head_text = String::from_utf8_lossy(head);
        let told = found(head, ok);
        assert!(told.iter().any(|(_, channel)| channel == "url-query"), "{head_text}: {told:?}");
        let clean = head_text.replace(NUMBER, "7");
        assert_eq!(found(clean.as_bytes(), ok), [], "{clean}");
    }
    let lines = b"POST /a HTTP/1.1\r\nHost: maaling.test\r\ncpr=0101455001 of no name\r\n\r\n";
    let told = found(lines, ok);
    assert!(told.iter().any(|(_, channel)| channel == "header"), "{told:?}");
}

#[test]
fn numbers_in_answers_are_found_where_the_browser_sends_them_on() {
    let get = b"GET /a HTTP/1.1\r\nHost: own.test\r\n\r\n";
    for (answer, channel) in [
        (&b"HTTP/1.1 302 Found\r\nLocation: https://maaling.test/x?cpr=0101455001\r\n\r\n"[..], "redirect"),
        (b"HTTP/1.1 200 OK\r\nSet-Cookie: cpr=0101455001; Path=/\r\nContent-Length: 2\r\n\r\nok", "cookie"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: <https://maaling.test/x?cpr=0101455001>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "redirect"),
        (b"HTTP/1.1 302 Found\r\nno name\r\nLocation: https://maaling.test/x?cpr=0101455001\r\n\r\n", "redirect"),
    ] {
        let answer_text = String::from_utf8_lossy(answer);
        let told = found(get, answer);
        assert!(told.iter().any(|(_, told)| told == channel), "{answer_text}: {told:?}");
        let clean = answer_text.replace(NUMBER, "7");
        assert_eq!(found(get, clean.as_bytes()), [], "{clean}");
    }
}

#[test]
fn a_capture_is_one_whatever_the_format_of_logs_and_what_is_none_is_told() {
    let bench = Bench::new();
    std::fs::write(bench.path("a.pcap"), capture()).expect("a file");
    let arguments = ["--now", NOW, "--digests", "off", "--no-store", "--sut", "own.test"];
    let ran = bench.run(&[&["scan", "a.pcap", "--log-format", "combined"][..], &arguments].concat());
    ran.ends_with(1).says("a.pcap is a capture of the network, read as such: --log-format is of logs alone");
    assert!(bench.scan()["findings"].as_array().expect("a list").len() > 1);
    bench.write("b.pcap", &format!("2024-10-01T12:00:00Z cpr={NUMBER}\n"));
    bench.run(&[&["scan", "b.pcap", "--fail-on", "low"][..], &arguments].concat()).ends_with(1);
    let scan = bench.scan();
    assert_eq!(scan["findings"].as_array().expect("a list").len(), 1, "it is searched all the same");
    let told = scan["blind_spots"].to_string();
    assert!(told.contains("its name ends with .pcap, its bytes say otherwise"), "{told}");
}
