//! What holds for any bytes.

use detect::Parties;
use model::{Exchange, Headers, Sighting, Target};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::kit::{self, CANARY, EXAMPLE, OWN, With as _, plain_inspector};

fn sightings(exchange: &Exchange, numbers: &[&str]) -> Vec<Sighting> {
    let parties = Parties::first_party(kit::sites(&[OWN]));
    kit::inspector(numbers, parties).inspect("property", exchange, None).sightings
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
        b"--g",
        b"\r\n",
        b"Content-Disposition: form-data; name=\"",
        b"; filename=",
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
        b"x2d",
        b"48",
        b";",
        b"&amp;",
        b"\\",
        b"002d",
        b"d83d",
        b"{2d}",
        b"\\x",
        b"%u",
        b"2013",
        b"\xff\xfe",
        b"\0",
        b"0\x001\x00",
        b"\xc2\x8b\x08",
        b"\xc3\xa2",
        b"\xc2\x80",
        b"\xd9\xa1",
        b"\x0a",
        b"\xaa",
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
