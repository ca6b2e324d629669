//! Encodings of text and structure, one inside the other: what any of them holds is found, whatever stands around it.

use std::io::Write as _;

use detect::Parties;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::{Evidence, Identity};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::kit::{self, CANARY, OWN, With as _, plain_inspector};

/// Deepest chain of encodings tried; all of them.
const DEPTH: usize = 3;

/// An encoding that a sender may apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Multipart,
    Envelope,
    Call,
    Events,
    Json,
    Xml,
    Attribute,
    Entities,
    Escapes,
    PercentU,
    Utf16,
    Latin1,
    Binary,
    Gzip,
}

const LAYERS: [Layer; 14] = [
    Layer::Multipart,
    Layer::Envelope,
    Layer::Call,
    Layer::Events,
    Layer::Json,
    Layer::Xml,
    Layer::Attribute,
    Layer::Entities,
    Layer::Escapes,
    Layer::PercentU,
    Layer::Utf16,
    Layer::Latin1,
    Layer::Binary,
    Layer::Gzip,
];

impl Layer {
    /// `bytes` in this encoding; `None` where no sender could.
    fn encode(self, bytes: &[u8]) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(bytes);
        let printable = || text.ok().filter(|text| !text.contains(|c: char| c.is_control() && !c.is_whitespace()));
        let markup = || Some(printable()?.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"));
        let json = || serde_json::to_string(&serde_json::json!({ "a": 1, "b": [{ "cpr": text.ok()? }] })).ok();
        match self {
            Self::Multipart => {
                let mut boundary = "g".to_owned();
                while bytes.windows(boundary.len() + 2).any(|window| window == format!("{boundary}\r\n").as_bytes()) {
                    boundary.push('g');
                }
                let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"cpr\"\r\n\r\n");
                Some([head.as_bytes(), bytes, format!("\r\n--{boundary}--\r\n").as_bytes()].concat())
            }
            Self::Envelope => text.is_err().then(|| [b"{\"type\":\"x\"}\n{\"id\":7}\n", bytes].concat()),
            Self::Call => Some(format!("callback({});", json()?).into_bytes()),
            Self::Events => Some(format!("event: x\ndata: {}\n\n", json()?).into_bytes()),
            Self::Json => json().map(String::into_bytes),
            Self::Xml => Some(format!("<?xml version=\"1.0\"?><a><cpr>{}</cpr></a>", markup()?).into_bytes()),
            Self::Attribute => Some(format!("<p><input name=\"cpr\" value=\"{}\"></p>", markup()?).into_bytes()),
            Self::Entities => by_character(printable()?, |c| format!("&#x{:x};", u32::from(c))),
            Self::Escapes => by_unit(text.ok()?, |unit| format!("\\u{unit:04x}")),
            Self::PercentU => {
                let escape = |unit| if unit < 0x100 { format!("%{unit:02X}") } else { format!("%u{unit:04X}") };
                by_unit(&format!("{} –", printable()?), escape)
            }
            Self::Utf16 => Some(printable()?.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Self::Latin1 => {
                bytes.starts_with(b"\x1f\x8b").then(|| bytes.iter().copied().map(char::from).collect::<String>().into())
            }
            Self::Binary => Some([b"\x00\x01\x9c", printable()?.as_bytes(), b"\x00\x02"].concat()),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(bytes).and_then(|()| encoder.finish()).ok()
            }
        }
    }
}

/// Letters and digits as they are, all else as `escape` writes it; `None` if there is nothing else.
fn by_character(text: &str, escape: impl Fn(char) -> String) -> Option<Vec<u8>> {
    let write = |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { escape(c) };
    let escaped: String = text.chars().map(write).collect();
    (escaped != text).then(|| escaped.into_bytes())
}

fn by_unit(text: &str, escape: impl Fn(u16) -> String) -> Option<Vec<u8>> {
    by_character(text, |c| c.encode_utf16(&mut [0; 2]).iter().map(|unit| escape(*unit)).collect())
}

/// Every chain of up to [`DEPTH`] layers, innermost first.
fn chains() -> Vec<Vec<Layer>> {
    let mut chains = Vec::new();
    let mut longest: Vec<Vec<Layer>> = vec![Vec::new()];
    for _ in 0..DEPTH {
        longest = longest.iter().flat_map(|chain| LAYERS.map(|layer| [chain.as_slice(), &[layer]].concat())).collect();
        chains.extend(longest.iter().cloned());
    }
    chains
}

#[test]
fn a_declared_number_is_found_under_every_chain() {
    let parties = Parties::first_party(kit::sites(&[OWN]));
    let mut inspector = kit::inspector(&[CANARY], parties);
    let mut tried = 0;
    let mut faults = Vec::new();
    for chain in chains() {
        let Some(bytes) = chain.iter().try_fold(CANARY.as_bytes().to_vec(), |bytes, layer| layer.encode(&bytes)) else {
            continue;
        };
        tried += 1;
        let exchange = kit::get("https://maaling.test/c").body(bytes);
        let found = inspector.inspect("property", &exchange, None).sightings;
        let is_it = found.iter().all(|sighting| {
            sighting.identity == Identity::Canary(kit::number(CANARY)) && sighting.evidence == Evidence::E1
        });
        if found.len() != 1 || !is_it {
            let trails: Vec<String> = found.iter().map(|sighting| sighting.trail.to_string()).collect();
            faults.push(format!("{chain:?}: {trails:?}"));
        }
    }
    assert!(tried > 1_000, "{tried} chains");
    assert!(faults.is_empty(), "{} of {tried}\n{}", faults.len(), faults.join("\n"));
}

/// Bytes in which decoders see something: pieces of what they look for, in any order.
fn teasing() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"--g",
        b"\r\n",
        b"\n",
        b"Content-Disposition: form-data; name=\"",
        b"\"",
        b"; filename=",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\x78\x9c",
        b"\"length\":3",
        b"cb(",
        b")",
        b"data:",
        b")]}'",
        b"<",
        b">",
        b"</",
        b"/>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"<?xml",
        b"a",
        b" b=",
        b"'",
        b"<script>",
        b"&",
        b"#",
        b"x2d",
        b"48",
        b";",
        b"&amp;",
        b"\\",
        b"\\u",
        b"002d",
        b"d83d",
        b"{2d}",
        b"\\x",
        b"%u",
        b"%",
        b"2013",
        b"\xff\xfe",
        b"\0",
        b"0\x001\x00",
        b"\xc2\x8b\x08",
        b"\xc3\xa2",
        b"\xc2\x80",
        b"\xe2\x80\x93",
        b"\xd9\xa1",
        b"010190",
        b"-",
        b"1234",
        b"0101901234",
        b"\x0a",
        b"\xaa",
        b",",
        b":",
        b"=",
    ];
    let piece = prop_oneof![5 => prop::sample::select(pieces).prop_map(<[u8]>::to_vec), 1 => vec(any::<u8>(), 0..6)];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_odd(body in teasing()) {
        let exchange = kit::get("https://maaling.test/c").body(body);
        let first = plain_inspector().inspect("property", &exchange, None);
        let again = plain_inspector().inspect("property", &exchange, None);
        prop_assert_eq!(format!("{:?}", first.sightings), format!("{:?}", again.sightings));
    }
}
