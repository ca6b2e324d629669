//! Lines with numbers in every encoding and in two, one within the other: of each in which the detector finds something, a
//! place is told.

use data_encoding::{BASE32, BASE32_NOPAD, BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use model::{Headers, Host, RequestRecord, Target};
use sha2::Digest as _;

use crate::{Inspection, Inspector, Parties, Setup};

type Encode = fn(&str) -> String;

fn percent_all(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

fn percent(text: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escaped).collect()
}

fn fullwidth(text: &str) -> String {
    let wide = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(0xff10 + digit)).unwrap_or(c);
    text.chars().map(wide).collect()
}

fn each(text: &str, written: impl Fn(u32) -> String) -> String {
    text.chars().map(|c| written(u32::from(c))).collect()
}

fn packed(text: &str, mut encoder: impl std::io::Write, finish: impl FnOnce()) {
    encoder.write_all(text.as_bytes()).unwrap();
    finish();
}

fn gzip(text: &str) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    packed(text, &mut encoder, || ());
    BASE64URL_NOPAD.encode(&encoder.finish().unwrap())
}

fn zlib(text: &str) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    packed(text, &mut encoder, || ());
    BASE64.encode(&encoder.finish().unwrap())
}

fn deflate(text: &str) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    packed(text, &mut encoder, || ());
    BASE64.encode(&encoder.finish().unwrap())
}

fn utf16(text: &str) -> String {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    BASE64.encode(&bytes)
}

fn jwt(text: &str) -> String {
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    format!("{}.{}.{}", part(r#"{"alg":"none"}"#), part(&format!(r#"{{"sub":"{text}"}}"#)), "c2lnbmF0dXJl")
}

/// Every encoding that a number may stand in on the way to a log.
const ENCODINGS: [(&str, Encode); 27] = [
    ("plain", |text| text.to_owned()),
    ("percent", percent),
    ("percent-all", percent_all),
    ("base64", |text| BASE64.encode(text.as_bytes())),
    ("base64url", |text| BASE64URL_NOPAD.encode(text.as_bytes())),
    ("base32", |text| BASE32.encode(text.as_bytes())),
    ("base32-nopad", |text| BASE32_NOPAD.encode(text.as_bytes())),
    ("hex", |text| HEXLOWER.encode(text.as_bytes())),
    ("hex-upper", |text| HEXUPPER.encode(text.as_bytes())),
    ("json", |text| format!(r#"{{"cpr":"{text}"}}"#)),
    ("json-percent", |text| percent(&format!(r#"{{"a":[1,{{"nr":"{text}"}}]}}"#))),
    ("url", |text| format!("https://x.test/?cpr={text}")),
    ("escapes-x", |text| each(text, |c| format!("\\x{c:02x}"))),
    ("escapes-u", |text| each(text, |c| format!("\\u{c:04x}"))),
    ("percent-u", |text| each(text, |c| format!("%u{c:04X}"))),
    ("entities", |text| each(text, |c| format!("&#{c};"))),
    ("entities-hex", |text| each(text, |c| format!("&#x{c:x};"))),
    ("quoted-printable", |text| each(text, |c| format!("={c:02X}"))),
    ("fullwidth", fullwidth),
    ("gzip", gzip),
    ("zlib", zlib),
    ("deflate", deflate),
    ("utf16", utf16),
    ("jwt", jwt),
    ("lz-string-uri", |text| lz_str::compress_to_encoded_uri_component(text)),
    ("lz-string-base64", |text| lz_str::compress_to_base64(text)),
    ("sha256", |text| HEXLOWER.encode(&sha2::Sha256::digest(text))),
];

pub(super) fn inspector() -> Inspector {
    let own = Host::parse("own.test").unwrap().site();
    let parties = Parties::first_party(vec![own]);
    Inspector::new(Setup { test_persons: vec![], key: [7; 32], today: jiff::civil::date(2026, 11, 22), parties })
}

/// Whether anything came of a request. Digests do where there is one: other text has the length of one by chance, once it
/// is cut up.
fn is_something(inspection: &Inspection, has_digest: bool) -> bool {
    let is_told = !inspection.sightings.is_empty() || !inspection.passed_over.is_empty();
    is_told || (has_digest && !inspection.notes.is_empty())
}

/// Numbers of people who will be born from 2037 to 2057: nobody's.
fn numbers() -> impl Iterator<Item = String> {
    (0..).map(|at| {
        let (day, month, year) = (1 + at % 28, 1 + at / 28 % 12, 37 + at % 21);
        format!("{day:02}{month:02}{year:02}{}{:04}", ["", "-"][at % 2], 5000 + at * 37 % 4000)
    })
}

/// Asks the detector and the finder of a request for `value` in each place.
fn ask(inspector: &mut Inspector, value: &str, told: &mut [u64; 2], why: &str) {
    let mut suspects = inspector.suspects();
    let referer = format!("https://own.test/side?x={value}");
    for (target, referer) in [
        (format!("/a?cpr={value}&y=1"), String::new()),
        (format!("/a?y=1&x={value}"), String::new()),
        (format!("/sag/{value}/vis"), String::new()),
        ("/".to_owned(), referer),
    ] {
        // What no server would log in one line, or as one target.
        if target.contains(['\n', '\r']) || (target.contains(['#', ' ']) && !why.contains("entities")) {
            continue;
        }
        let Ok(parsed) = Target::parse(&format!("https://own.test{target}")) else { continue };
        let request = RequestRecord {
            method: "GET".to_owned(),
            target: parsed,
            version: "HTTP/1.1".to_owned(),
            headers: Headers(vec![("referer".to_owned(), referer.clone().into_bytes())]),
            body: model::Body::default(),
        };
        let exchange = model::Exchange::begun(1, jiff::Timestamp::UNIX_EPOCH, request);
        let found = is_something(&inspector.inspect("a.log", &exchange, None), why.contains("sha256"));
        told[0] += u64::from(found);
        let line = format!(
            "192.0.2.7 - - [10/Oct/2024:13:55:36 +0200] \"GET {target} HTTP/1.1\" 200 512 \"{referer}\" \"Mozilla/5.0 (X11)\"\n"
        );
        let mut places = Vec::new();
        suspects.find(line.as_bytes(), &mut places);
        told[1] += u64::from(!places.is_empty());
        assert!(!found || !places.is_empty(), "{why}: {line}");
        // And among other lines.
        let other = line.replace(value, "7").replace("cpr=", "z=");
        let text = format!("{other}{line}{other}");
        places.clear();
        suspects.find(text.as_bytes(), &mut places);
        let is_within = |place: &usize| (other.len()..other.len() + line.len()).contains(place);
        assert!(!found || places.iter().any(is_within), "{why}, among others: {text}");
    }
}

#[test]
fn what_the_detector_finds_in_a_line_is_told_whatever_it_is_encoded_in() {
    let mut inspector = inspector().helping();
    let mut numbers = numbers();
    for (name, encode) in ENCODINGS {
        let mut told = [0; 2];
        for number in numbers.by_ref().take(40) {
            ask(&mut inspector, &encode(&number), &mut told, name);
        }
        // In a URL its signs are those of a form.
        assert!(told[0] > 20 || name == "quoted-printable", "{name}: the detector finds {} of them", told[0]);
    }
}

#[test]
fn so_it_is_in_two_encodings() {
    let mut inspector = inspector().helping();
    let mut numbers = numbers();
    let mut told = [0; 2];
    // Digits of another script within base64 or hex are in no alphabet: nobody writes so.
    for (outer_name, outer) in ENCODINGS.into_iter().filter(|(name, _)| *name != "fullwidth") {
        for (inner_name, inner) in ENCODINGS {
            for number in numbers.by_ref().take(4) {
                ask(&mut inspector, &outer(&inner(&number)), &mut told, &format!("{outer_name} of {inner_name}"));
            }
        }
    }
    assert!(told[0] > 5_000, "{told:?}");
}

#[test]
fn numbers_that_only_count_by_their_names_are_told() {
    let mut inspector = inspector().helping();
    for query in [
        "cpr=07+07+61+42+85",
        "personNr=707614285",
        "cpr=070761%3A4285",
        "ssn=0203291WQ3",
        "foedselsdato=1961-07-07&loebenr=4285",
        "dob=070761&cprLast4=4285",
        "person%5Bssn%5D=707614285",
    ] {
        let mut told = [0; 2];
        ask(&mut inspector, &format!("1&{query}"), &mut told, query);
        assert!(told[0] > 0, "{query}");
    }
}

#[test]
fn usual_lines_are_not_told() {
    let mut suspects = inspector().suspects();
    let agents = [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
    ];
    let paths =
        ["/", "/selvbetjening/borger/sag/17/vis?x=12&nr=7", "/static/app.3f2a9c8b.js", "/s%C3%B8g?q=%C3%A5r+2025"];
    for agent in agents {
        for path in paths {
            let line = format!(
                "192.0.2.7 - - [10/Oct/2024:13:55:36 +0200] \"GET {path} HTTP/1.1\" 200 51234 \"https://www.own.test/hjem\" \"{agent}\"\n"
            );
            let mut places = Vec::new();
            suspects.find(line.as_bytes(), &mut places);
            assert_eq!(places, [0; 0], "{line}");
        }
    }
}
