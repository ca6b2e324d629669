//! What holds for any bytes, and for any chain of encodings.

use std::io::Write as _;

use data_encoding::BASE64;
use detect::Parties;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use model::{Evidence, Exchange, Headers, Identity, Sighting, Target};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::kit::{self, CANARY, EXAMPLE, EXAMPLE_WITHOUT_CHECK_DIGIT, OWN, With as _, plain_inspector};

/// Deepest chain of encodings tried; all of them.
const DEPTH: usize = 4;

/// An encoding that a sender may apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Percent,
    Form,
    Json,
    Gzip,
    Zlib,
    Base64,
    UrlInValue,
}

const LAYERS: [Layer; 7] =
    [Layer::Percent, Layer::Form, Layer::Json, Layer::Gzip, Layer::Zlib, Layer::Base64, Layer::UrlInValue];

impl Layer {
    /// `bytes` in this encoding; `None` where no sender could: text encodings hold text, and reserved characters in a
    /// parameter are escaped first.
    fn encode(self, bytes: &[u8]) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(bytes);
        match self {
            Self::Percent => Some(escaped(bytes)),
            Self::Form => Some([b"a=1&cpr=", escaped(bytes).as_slice(), b"&b=2"].concat()),
            Self::Json => serde_json::to_vec(&serde_json::json!({ "a": 1, "b": [{ "cpr": text.ok()? }] })).ok(),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(bytes).and_then(|()| encoder.finish()).ok()
            }
            Self::Zlib => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(bytes).and_then(|()| encoder.finish()).ok()
            }
            Self::Base64 => Some(BASE64.encode(bytes).into_bytes()),
            Self::UrlInValue => {
                Some([b"https://www.selvbetjening.test/side?a=1&cpr=", escaped(bytes).as_slice(), b"#top"].concat())
            }
        }
    }
}

fn escaped(bytes: &[u8]) -> Vec<u8> {
    let escape = |byte: &u8| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            vec![*byte]
        } else {
            format!("%{byte:02X}").into_bytes()
        }
    };
    bytes.iter().flat_map(escape).collect()
}

/// Every chain of up to [`DEPTH`] layers, innermost first.
fn chains() -> Vec<Vec<Layer>> {
    let mut chains = vec![Vec::new()];
    let mut longest: Vec<Vec<Layer>> = chains.clone();
    for _ in 0..DEPTH {
        longest = longest.iter().flat_map(|chain| LAYERS.map(|layer| [chain.as_slice(), &[layer]].concat())).collect();
        chains.extend(longest.iter().cloned());
    }
    chains
}

fn encode(number: &str, chain: &[Layer]) -> Option<Vec<u8>> {
    chain.iter().try_fold(number.as_bytes().to_vec(), |bytes, layer| layer.encode(&bytes))
}

/// The same bytes as a body, as a query's parameter and as a segment of the path, each where it can be.
fn exchanges(bytes: &[u8]) -> [Exchange; 2] {
    let parameter = String::from_utf8(escaped(bytes)).unwrap();
    [kit::get("https://maaling.test/c").body(bytes), kit::get(&format!("https://maaling.test/c?cpr={parameter}"))]
}

fn sightings(exchange: &Exchange, numbers: &[&str]) -> Vec<Sighting> {
    let parties = Parties::first_party(kit::sites(&[OWN]));
    kit::inspector(numbers, parties).inspect("property", exchange, None).sightings
}

#[test]
fn a_declared_number_is_found_under_every_chain_of_encodings() {
    let chains = chains();
    assert_eq!(chains.len(), 1 + 7 + 49 + 343 + 2_401);
    for chain in chains {
        let Some(bytes) = encode(CANARY, &chain) else { continue };
        for exchange in exchanges(&bytes) {
            let found = sightings(&exchange, &[CANARY]);
            let is_it = |sighting: &Sighting| {
                sighting.identity == Identity::Canary(kit::number(CANARY)) && sighting.evidence == Evidence::E1
            };
            assert!(found.len() == 1 && found.iter().all(is_it), "{chain:?}: {} found", found.len());
        }
    }
}

#[test]
fn an_undeclared_one_is_probable_by_its_name_and_definite_with_its_check_digit() {
    for (number, evidence) in [(EXAMPLE_WITHOUT_CHECK_DIGIT, Evidence::E3), (EXAMPLE, Evidence::E2)] {
        for chain in chains().iter().filter(|chain| chain.len() < DEPTH) {
            let compact = number.replace('-', "");
            let Some(bytes) = encode(&compact, chain) else { continue };
            let [_, in_query] = exchanges(&bytes);
            let found = sightings(&in_query, &[]);
            let levels: Vec<Evidence> = found.iter().map(|sighting| sighting.evidence).collect();
            assert_eq!(levels, [evidence], "{chain:?}");
        }
    }
}

fn any_header() -> impl Strategy<Value = (String, Vec<u8>)> {
    let names = ["referer", "cookie", "host", "content-encoding", "content-type", "x-0101901234", "sec-fetch-dest", ""];
    (prop::sample::select(names.to_vec()), vec(any::<u8>(), 0..80)).prop_map(|(name, value)| (name.to_owned(), value))
}

/// Bytes in which decoders see something: pieces of what they look for, in any order.
fn teasing() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"%",
        b"%2",
        b"%25",
        b"=",
        b"&",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"",
        b"\\u",
        b"://",
        b"?",
        b"#",
        b"/",
        b"\x1f\x8b\x08",
        b"\x78\x9c",
        b"MDEwMTkwMTIzNA==",
        b"010190",
        b"-",
        b"1234",
        b"0101901234",
        b"9",
        b"\n",
        b"\xff",
        b"cpr",
        b":",
        b",",
        b"https",
        b"@",
        b"\xe2\x80\x93",
        b"\xa0",
        b".",
        b"\xc3",
    ];
    vec(prop_oneof![4 => prop::sample::select(pieces).prop_map(<[u8]>::to_vec), 1 => vec(any::<u8>(), 0..6)], 0..40)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_are_too_odd(
        url in teasing(),
        headers in vec(any_header(), 0..6),
        teased in teasing(),
        body in prop_oneof![teasing(), vec(any::<u8>(), 0..400)],
        location in teasing(),
    ) {
        let url = format!("https://maaling.test/{}", String::from_utf8_lossy(&url));
        let Ok(target) = Target::parse(&url) else { return Ok(()) };
        let mut exchange = kit::get("https://maaling.test/").body(body);
        exchange.request.target = target;
        exchange.request.headers = Headers(headers);
        exchange.request.headers.0.push(("referer".to_owned(), teased.clone()));
        exchange.request.headers.0.push(("cookie".to_owned(), teased.clone()));
        exchange = exchange.answer(302, &[("location", &String::from_utf8_lossy(&location))]);
        let mut inspector = plain_inspector();
        let inspection = inspector.inspect("property", &exchange, None);
        for sighting in &inspection.sightings {
            // Whatever is written of it must be able to be written.
            prop_assert!(serde_json::to_string(sighting).is_ok());
        }
        let again = plain_inspector().inspect("property", &exchange, None);
        prop_assert_eq!(format!("{:?}", again.sightings), format!("{:?}", inspection.sightings));
    }

    #[test]
    fn a_number_in_plain_sight_is_found_whatever_stands_around_it(before in "[^0-9]{0,30}", behind in "[^0-9]{0,30}") {
        let text = format!("{before} {CANARY} {behind}");
        let found = sightings(&kit::get("https://maaling.test/c").body(text.as_str()), &[CANARY]);
        prop_assert_eq!(found.len(), 1, "{:?}", text);
    }

    #[test]
    fn what_is_written_of_a_sighting_never_holds_the_number(noise in teasing(), name in "[a-z]{0,5}") {
        let compact = EXAMPLE.replace('-', "");
        let text = format!("{{\"{compact}\":\"x{compact}\",\"{EXAMPLE}\":\"{EXAMPLE}\",\"{name}\":\"{compact}\"}}");
        let bytes = [text.as_bytes(), noise.as_slice()].concat();
        let exchange = kit::get(&format!("https://{compact}.maaling.test/{compact}?{compact}={EXAMPLE}&{name}={compact}"))
            .header("cookie", &format!("{compact}={EXAMPLE}"))
            .header("referer", &format!("https://www.selvbetjening.test/{EXAMPLE}/?{EXAMPLE}={compact}"))
            .body(bytes);
        let inspection = kit::inspector(&[CANARY], Parties::first_party(kit::sites(&[OWN]))).inspect("property", &exchange, None);
        prop_assert!(inspection.sightings.len() >= 8);
        let mut written = format!("{} {:?} {:?} {:?}", inspection.host, inspection.page, inspection.request, inspection.recipient);
        for sighting in &inspection.sightings {
            written.push_str(&serde_json::to_string(sighting).unwrap());
            written = format!("{written}{sighting:?}");
        }
        prop_assert!(!written.contains(&compact) && !written.contains(EXAMPLE), "{}", written);
    }
}
