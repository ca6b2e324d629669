//! How senders encode what holds a number, and how people write one. Another is one line in a table.

use std::io::Write as _;

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use md5::Md5;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::numbers::Sample;
use super::places::escaped;

/// What an encoding makes of a number.
pub(super) enum Payload {
    /// A text for any place, escaped as the place wants it.
    Text(String),
    /// `name=value` pairs, escaped already.
    Raw(String),
    /// The bytes of a body, and its headers.
    Body(Vec<u8>, &'static [(&'static str, &'static str)]),
}

/// A name and what is made of a number as written.
type Encoding = (&'static str, fn(&str) -> Payload);

/// A name and how a number is written so.
type Form = (&'static str, fn(&Sample) -> Payload);

/// Encodings of a number, written with a dash or as ten digits.
pub(super) const ENCODINGS: &[Encoding] = &[
    ("none", |cpr| Payload::Text(cpr.to_owned())),
    ("sentence", |cpr| Payload::Text(format!("Borger {cpr} kan ikke logge på"))),
    ("URL", |cpr| Payload::Text(url(cpr))),
    ("percent", |cpr| Payload::Raw(format!("cpr={}", percent(cpr, 1)))),
    ("percent twice", |cpr| Payload::Raw(format!("u={}", percent(&url(cpr), 2)))),
    ("percent three times", |cpr| Payload::Raw(format!("u={}", percent(&url(cpr), 3)))),
    ("percent four times", |cpr| Payload::Raw(format!("u={}", percent(&url(cpr), 4)))),
    ("percent, every character", |cpr| Payload::Raw(format!("cpr={}", every(cpr, |byte| format!("%{byte:02X}"))))),
    ("form", |cpr| Payload::Raw(format!("navn=A+B&cpr={cpr}&x=1"))),
    ("form in a parameter", |cpr| Payload::Raw(format!("d={}", escaped(&format!("navn=A+B&cpr={cpr}"))))),
    ("JSON", |cpr| Payload::Text(json(cpr))),
    ("JSON number", |cpr| Payload::Text(format!("{{\"cpr\":{}}}", cpr.replace('-', "").trim_start_matches('0')))),
    ("\\u escapes", |cpr| Payload::Text(format!("{{\"cpr\":\"{}\"}}", every(cpr, |byte| format!("\\u{byte:04x}"))))),
    ("\\u escapes of signs", |cpr| Payload::Text(format!("{{\"cpr\":\"{}\"}}", signs(cpr, "\\u002d")))),
    ("\\x escapes", |cpr| Payload::Text(format!("var cpr='{}';", every(cpr, |byte| format!("\\x{byte:02x}"))))),
    ("%u escapes", |cpr| Payload::Raw(format!("t=%u00c5r%20{}%20", signs(cpr, "%u002d")))),
    ("HTML entities", |cpr| Payload::Text(format!("<b>{}</b>", every(cpr, |byte| format!("&#{byte};"))))),
    ("HTML entities, hexadecimal", |cpr| Payload::Text(every(cpr, |byte| format!("&#x{byte:x};")))),
    ("HTML entities of signs", |cpr| Payload::Text(format!("cpr:&nbsp;{}", signs(cpr, "&ndash;")))),
    ("base64", |cpr| Payload::Text(BASE64.encode(json(cpr).as_bytes()))),
    ("base64 of the number alone", |cpr| Payload::Text(BASE64.encode(cpr.as_bytes()))),
    ("base64url", |cpr| Payload::Text(BASE64URL_NOPAD.encode(url(cpr).as_bytes()))),
    ("base64 twice", |cpr| Payload::Text(BASE64.encode(BASE64.encode(json(cpr).as_bytes()).as_bytes()))),
    ("hex", |cpr| Payload::Text(HEXLOWER.encode(json(cpr).as_bytes()))),
    ("hex of the number alone", |cpr| Payload::Text(HEXLOWER.encode(cpr.as_bytes()))),
    ("JWT", |cpr| Payload::Text(jwt(cpr))),
    ("gzip", |cpr| Payload::Body(gzip(events(cpr).as_bytes()), &[])),
    ("gzip, announced", |cpr| Payload::Body(gzip(events(cpr).as_bytes()), &[("Content-Encoding", "gzip")])),
    ("zlib", |cpr| Payload::Body(zlib(events(cpr).as_bytes()), &[])),
    ("deflate", |cpr| Payload::Body(deflate(events(cpr).as_bytes()), &[("Content-Encoding", "deflate")])),
    ("deflate, unannounced", |cpr| Payload::Body(deflate(events(cpr).as_bytes()), &[])),
    ("brotli", |cpr| Payload::Body(brotli(events(cpr).as_bytes()), &[("Content-Encoding", "br")])),
    ("zstd", |cpr| Payload::Body(zstd(events(cpr).as_bytes()), &[("Content-Encoding", "zstd")])),
    ("zstd, unannounced", |cpr| Payload::Body(zstd(events(cpr).as_bytes()), &[])),
    ("gzip, base64", |cpr| Payload::Text(BASE64.encode(&gzip(events(cpr).as_bytes())))),
    ("zlib, base64url", |cpr| Payload::Text(BASE64URL_NOPAD.encode(&zlib(events(cpr).as_bytes())))),
    ("deflate, base64", |cpr| Payload::Text(BASE64.encode(&deflate(events(cpr).as_bytes())))),
    ("brotli, base64", |cpr| Payload::Text(BASE64.encode(&brotli(events(cpr).as_bytes())))),
    ("gzip as Latin-1 in JSON", |cpr| Payload::Body(latin_1_in_json(&gzip(events(cpr).as_bytes())), &[])),
    ("gzip as Latin-1 in JSON, gzip", |cpr| Payload::Body(gzip(&latin_1_in_json(&gzip(events(cpr).as_bytes()))), &[])),
    ("lz-string, base64", |cpr| Payload::Text(lz_str::compress_to_base64(events(cpr).as_str()))),
    ("lz-string, URI", |cpr| Payload::Text(lz_str::compress_to_encoded_uri_component(events(cpr).as_str()))),
    ("lz-string, UTF-16", |cpr| Payload::Text(lz_str::compress_to_utf16(events(cpr).as_str()))),
    ("UTF-16LE", |cpr| Payload::Body(json(cpr).encode_utf16().flat_map(u16::to_le_bytes).collect(), &[])),
    ("UTF-16BE with mark", |cpr| {
        let marked = format!("\u{feff}{}", json(cpr));
        Payload::Body(marked.encode_utf16().flat_map(u16::to_be_bytes).collect(), &[])
    }),
    ("quoted-printable", |cpr| {
        let text = format!("Vedr=C3=B8rende: {}=\r\n, ring til borgeren\r\n", signs(cpr, "=2D"));
        Payload::Body(text.into_bytes(), &[("Content-Type", "message/rfc822")])
    }),
    ("quoted-printable, soft break within", |cpr| {
        let (first, second) = cpr.split_at(4);
        Payload::Body(format!("cpr=3A {first}=\r\n{second}\r\n").into_bytes(), &[("Content-Type", "message/rfc822")])
    }),
    ("multipart file, zlib", |cpr| Payload::Body(multipart_file(&zlib(events(cpr).as_bytes())), MULTIPART)),
    ("XML", |cpr| Payload::Text(format!("<?xml version=\"1.0\"?><person><cpr>{cpr}</cpr></person>"))),
    ("JSONP", |cpr| Payload::Text(format!("/**/jsonp_17({});", json(cpr)))),
    ("binary, strings with their length", |cpr| {
        Payload::Body(binary(cpr), &[("Content-Type", "application/protobuf")])
    }),
    ("envelope: lines, then gzip", |cpr| {
        let blob = gzip(events(cpr).as_bytes());
        Payload::Body([b"{\"event_id\":\"9ec79c33\"}\n{\"type\":\"replay\"}\n".as_slice(), &blob].concat(), &[])
    }),
    ("MD5", |cpr| Payload::Text(HEXLOWER.encode(&Md5::digest(cpr.as_bytes())))),
    ("SHA-1", |cpr| Payload::Text(HEXLOWER.encode(&Sha1::digest(cpr.as_bytes())))),
    ("SHA-256", |cpr| Payload::Text(HEXLOWER.encode(&Sha256::digest(cpr.as_bytes())))),
    ("SHA-256, base64", |cpr| Payload::Text(BASE64.encode(&Sha256::digest(cpr.as_bytes())))),
];

/// Ways to write a number (cpr-facts 1.6).
pub(super) const FORMS: &[Form] = &[
    ("ten digits", |sample| Payload::Text(sample.compact())),
    ("dash", |sample| Payload::Text(sample.dashed())),
    ("space", |sample| Payload::Text(sample.with(" "))),
    ("plus for space", |sample| Payload::Raw(format!("cpr={}", sample.with("+")))),
    ("dot", |sample| Payload::Text(sample.with("."))),
    ("slash", |sample| Payload::Text(sample.with("/"))),
    ("underscore", |sample| Payload::Text(sample.with("_"))),
    ("no-break space", |sample| Payload::Text(sample.with("\u{a0}"))),
    ("soft hyphen", |sample| Payload::Text(sample.with("\u{ad}"))),
    ("hyphen U+2010", |sample| Payload::Text(sample.with("\u{2010}"))),
    ("non-breaking hyphen U+2011", |sample| Payload::Text(sample.with("\u{2011}"))),
    ("figure dash U+2012", |sample| Payload::Text(sample.with("\u{2012}"))),
    ("en dash U+2013", |sample| Payload::Text(sample.with("\u{2013}"))),
    ("em dash U+2014", |sample| Payload::Text(sample.with("\u{2014}"))),
    ("bar U+2015", |sample| Payload::Text(sample.with("\u{2015}"))),
    ("minus U+2212", |sample| Payload::Text(sample.with("\u{2212}"))),
    ("small dashes U+FE58, U+FE63", |sample| Payload::Text(sample.with("\u{fe63}"))),
    ("full-width dash U+FF0D", |sample| Payload::Text(sample.with("\u{ff0d}"))),
    ("dash, spaces around", |sample| Payload::Text(sample.with(" - "))),
    ("apart by dashes", |sample| Payload::Text(sample.apart("-", "", "-"))),
    ("apart by spaces", |sample| Payload::Text(sample.apart(" ", "", " "))),
    ("apart by dots", |sample| Payload::Text(sample.apart(".", "", "-"))),
    ("apart by dots, long year", |sample| Payload::Text(sample.apart(".", "20", "-"))),
    ("long year", |sample| Payload::Text(sample.apart("", "20", "-"))),
    ("full-width digits", |sample| Payload::Text(digits(&sample.dashed(), 0xff10))),
    ("Arabic-Indic digits", |sample| Payload::Text(digits(&sample.compact(), 0x660))),
    ("two parameters", |sample| {
        let (date, serial) = sample.halves();
        Payload::Raw(format!("foedselsdato={date}&loebenr={serial}"))
    }),
    ("two members of JSON", |sample| {
        let (date, serial) = sample.halves();
        Payload::Text(format!("{{\"foedselsdato\":\"{date}\",\"navn\":\"A\",\"loebenummer\":\"{serial}\"}}"))
    }),
    ("two path segments", |sample| Payload::Text(format!("https://www.selvbetjening.test/sag/{}/", sample.with("/")))),
];

const MULTIPART: &[(&str, &str)] = &[("Content-Type", "multipart/form-data; boundary=graense7")];

fn json(cpr: &str) -> String {
    format!("{{\"hændelse\":\"klik\",\"bruger\":{{\"cpr\":\"{cpr}\",\"aar\":2023}},\"sti\":\"/borger/oversigt\"}}")
}

/// Enough, and varied enough, that no compressor leaves the number as it was.
fn events(cpr: &str) -> String {
    let event = |n: u32| format!("{{\"type\":\"klik\",\"id\":\"{:08x}\"}}", n.wrapping_mul(2_654_435_761));
    let before: Vec<String> = (1..=200).map(event).collect();
    format!("{{\"haendelser\":[{}],\"bruger\":{{\"cpr\":\"{cpr}\"}},\"slut\":true}}", before.join(","))
}

fn url(cpr: &str) -> String {
    format!("https://www.selvbetjening.test/borger/side?aar=2023&cpr={cpr}&fane=2")
}

fn percent(text: &str, times: usize) -> String {
    (0..times).fold(text.to_owned(), |text, _| escaped(&text))
}

/// Every character of `text`, all of them ASCII, as `write` says.
fn every(text: &str, write: impl Fn(u8) -> String) -> String {
    text.bytes().map(write).collect::<Vec<_>>().concat()
}

fn signs(cpr: &str, dash: &str) -> String {
    cpr.replace('-', dash)
}

/// `text` in the digits of the script that begins at `zero`.
fn digits(text: &str, zero: u32) -> String {
    let digit = |sign: char| sign.to_digit(10).and_then(|digit| char::from_u32(zero + digit)).unwrap_or(sign);
    text.chars().map(digit).collect()
}

fn jwt(cpr: &str) -> String {
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let claims = format!("{{\"iss\":\"https://nemlog-in.test\",\"dk.cpr\":\"{cpr}\",\"iat\":1795324092}}");
    format!("{}.{}.{}", part("{\"alg\":\"RS256\",\"typ\":\"JWT\"}"), part(&claims), part("underskrift, ikke ægte"))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut compressed, 4096, 5, 18);
    encoder.write_all(bytes).unwrap();
    drop(encoder);
    compressed
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// Each byte as the character of its number, in a string of JSON.
fn latin_1_in_json(bytes: &[u8]) -> Vec<u8> {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    serde_json::to_vec(&serde_json::json!([{ "event": "$snapshot", "data": text }])).unwrap()
}

fn multipart_file(bytes: &[u8]) -> Vec<u8> {
    let head = "--graense7\r\nContent-Disposition: form-data; name=\"segment\"; filename=\"blob\"\r\n\
                Content-Type: application/octet-stream\r\n\r\n";
    [head.as_bytes(), bytes, b"\r\n--graense7--\r\n"].concat()
}

/// As protocol buffers write strings: a tag, the length, the text.
fn binary(cpr: &str) -> Vec<u8> {
    let field = |tag: u8, text: &str| [&[tag, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [vec![8, 0x96, 1], field(0x12, "klik"), field(0x1a, cpr), field(0x22, "/borger"), vec![0x28, 0xff, 0xff, 3]]
        .concat()
}
