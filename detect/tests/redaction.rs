//! What a redactor lets through: never the digits of an undeclared number, however they are written.

use data_encoding::{BASE32, BASE64, BASE64URL_NOPAD, HEXLOWER};
use model::{Redact as _, Redacted};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::kit::{CANARY, EXAMPLE, plain_inspector};

/// What may stand between date and serial, as bytes of text.
const SEPARATORS: [&str; 21] = [
    "", "-", " - ", " ", "+", ".", "/", "_", "\u{a0}", "\u{ad}", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}",
    "\u{2014}", "\u{2015}", "\u{2212}", "\u{fe58}", "\u{fe63}", "\u{ff0d}", "--",
];

/// A number whose date exists, in the two halves that a separator stands between.
fn number() -> impl Strategy<Value = (String, String)> {
    (1..=28_u8, prop::bool::ANY, 1..=12_u8, 0..=99_u8, 1..=9_999_u16).prop_map(
        |(day, is_replacement, month, year, serial)| {
            let day = if is_replacement { day + 60 } else { day };
            (format!("{day:02}{month:02}{year:02}"), format!("{serial:04}"))
        },
    )
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn percent_all(text: &str) -> String {
    let escapes: Vec<String> = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    escapes.concat()
}

/// Every way of writing it that a reader could undo by hand.
fn spellings(date: &str, serial: &str) -> Vec<String> {
    let mut spellings = Vec::new();
    for separator in SEPARATORS {
        let plain = format!("{date}{separator}{serial}");
        let once = format!("{date}{}{serial}", percent(separator));
        spellings.extend([format!("{date}{}{serial}", percent(&percent(separator))), percent_all(&plain)]);
        spellings.extend([plain, once]);
    }
    spellings.push(percent(&percent_all(&format!("{date}{serial}"))));
    spellings.push(format!("{date}\\u2013{serial}"));
    spellings.push(format!("{date}&ndash;{serial}"));
    spellings.sort();
    spellings.dedup();
    spellings
}

/// The characters that base64 of the number has in every text, for the three ways it can fall.
fn base64_cores(date: &str, serial: &str) -> Vec<String> {
    let texts = ["", "-"].map(|separator| format!("{date}{separator}{serial}"));
    let core = |text: &str, lead: usize| {
        let encoded = BASE64.encode(format!("{}{text}", "x".repeat(lead)).as_bytes());
        // Whole groups of the number alone: what stands before and behind does not reach into them.
        let groups = (lead + text.len()) / 3;
        encoded.get(lead.div_ceil(3) * 4..groups * 4).unwrap().to_owned()
    };
    texts.iter().flat_map(|text| (0..3).map(move |lead| core(text, lead))).collect()
}

/// Text of strangers, without digits so that what is found is what was planted.
fn words() -> impl Strategy<Value = String> {
    "[a-zA-ZæøåÆ %=&?/.:;,_{}\"'<>#-]{0,24}"
}

#[track_caller]
fn assert_hidden(shown: &str, planted: &str, date: &str, serial: &str) {
    for spelling in spellings(date, serial).iter().chain(&base64_cores(date, serial)) {
        assert!(!shown.contains(spelling.as_str()), "{spelling} is left of {planted:?}: {shown:?}");
    }
}

/// Ways of writing it that no program needs and people and page builders use, with what of it must not be left.
fn odd_spellings(date: &str, serial: &str) -> Vec<String> {
    let all = format!("{date}{serial}");
    let (day, rest) = date.split_at(2);
    let (month, year) = rest.split_at(2);
    let each = |write: &dyn Fn(u32) -> String| all.chars().map(|c| write(u32::from(c))).collect::<Vec<_>>();
    let moved = |zero: u32| each(&|c| char::from_u32(zero + c - 48).unwrap().to_string()).concat();
    let surrogates = |c: u32| format!("\\ud835\\udf{:02x}", 0xce - 48 + c);
    let dashed = format!("{date}-{serial}");
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    vec![
        format!("{day}-{month}-{year}-{serial}"),
        format!("{day}.{month}.19{year}-{serial}"),
        format!("{day}{month}20{year}{serial}"),
        format!("19{year}-{month}-{day}-{serial}"),
        format!("{day} {month} {year} {serial}"),
        format!("{day}{month}-{year}{serial}"),
        format!("{date}----{serial}"),
        format!("{date}x{serial}"),
        format!("{date}</b><b>{serial}"),
        format!("{date}<span class=\"serial-number\">{serial}"),
        format!("{date}&nbsp;&nbsp;&nbsp;-&nbsp;{serial}"),
        format!("{date}%C2%AD{serial}"),
        format!("{date}\\n{serial}"),
        format!("{date}\u{200b}\u{2060}{serial}"),
        each(&|c| char::from_u32(c).unwrap().to_string()).join(" "),
        each(&|c| char::from_u32(c).unwrap().to_string()).join("\u{301}"),
        moved(0xff10),
        moved(0x660),
        moved(0x1d7ce),
        percent(&moved(0xff10)),
        each(&|c| format!("&#{c};")).concat(),
        each(&|c| format!("&#x{c:x};")).concat(),
        each(&|c| format!("&amp;#{c};")).concat(),
        each(&|c| format!("\\u{c:04x}")).concat(),
        each(&|c| format!("\\\\u{c:04x}")).concat(),
        each(&|c| format!("\\x{c:02x}")).concat(),
        each(&|c| format!("\\{c:03o}")).concat(),
        each(&|c| format!("\\u{{{c:x}}}")).concat(),
        each(&|c| format!("%u{c:04X}")).concat(),
        each(&surrogates).concat(),
        each(&|c| format!("{c}")).join(","),
        each(&|c| format!("0x{c:x}")).join(", "),
        hex(&dashed).concat(),
        hex(&dashed).join(":"),
        hex(&all).concat(),
        format!("%{}%{}%2D{serial}", hex(date.split_at(1).0).concat(), date.split_at(1).1),
        BASE64.encode(BASE64.encode(dashed.as_bytes()).as_bytes()),
        format!("M{}", BASE64.encode(BASE64.encode(all.as_bytes()).as_bytes())),
        BASE64.encode(hex(&dashed).concat().as_bytes()),
        BASE32.encode(all.as_bytes()),
    ]
}

/// Digits of any kind, as ASCII: what a reader makes of them.
fn digits_left(shown: &str) -> String {
    shown.chars().filter(|c| c.is_ascii_digit() || (c.is_numeric() && !c.is_ascii())).collect()
}

fn hidden_everywhere(planted: &str, date: &str, serial: &str) {
    let redactor = plain_inspector().redactor();
    assert_hidden(&redactor.redact(planted), planted, date, serial);
    assert_hidden(redactor.page(planted).as_str(), planted, date, serial);
    let word: String = planted.chars().filter(|c| !c.is_whitespace()).collect();
    for url in [
        format!("https://maaling.test/a/{word}/b"),
        format!("https://maaling.test/a?b={word}&c=d"),
        format!("https://maaling.test/{word}?{word}#{word}"),
        format!("https://{word}.maaling.test:8443/a"),
    ] {
        assert_hidden(redactor.page(&url).as_str(), &url, date, serial);
        assert_hidden(&redactor.redact(&url), &url, date, serial);
        assert_hidden(redactor.host(&format!("{word}.maaling.test")).as_str(), &url, date, serial);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_spelling_of_an_undeclared_number_is_let_through((date, serial) in number(), before in words(), behind in words()) {
        for spelling in spellings(&date, &serial) {
            hidden_everywhere(&format!("{before}{spelling}{behind}"), &date, &serial);
        }
    }

    #[test]
    fn nor_is_one_that_is_written_oddly((date, serial) in number(), before in words(), behind in words()) {
        let redactor = plain_inspector().redactor();
        for spelling in odd_spellings(&date, &serial) {
            // Words around it have no digits: none may be left, nor any of an encoded word.
            for text in [spelling.clone(), format!("{before} {spelling} {behind}"), format!("a[\"{spelling}\"].b")] {
                let shown = redactor.redact(&text);
                prop_assert_eq!(digits_left(&shown), "", "{} became {}", text, shown);
                prop_assert!(shown.contains("xxxxxx-xxxx") || shown.contains("{token}"), "{} became {}", text, shown);
            }
            let word: String = spelling.chars().filter(|c| !c.is_whitespace() && !"/?#@".contains(*c)).collect();
            for shown in [
                redactor.page(&format!("https://maaling.test/{word}")).to_string(),
                redactor.host(&format!("{word}.maaling.test")).to_string(),
                redactor.redact(&format!("{word} https://maaling.test/")),
            ] {
                prop_assert_eq!(digits_left(&shown), "", "{} became {}", word, shown);
            }
        }
    }

    #[test]
    fn nor_is_one_that_lost_a_digit((date, serial) in number()) {
        let redactor = plain_inspector().redactor();
        for text in [
            format!("{date}{}", serial.split_at(3).0),
            format!("{date}-{}", serial.split_at(3).0),
            format!("cut {date}-{}", serial.split_at(1).0),
            format!("{}-{serial}", date.split_at(1).1),
            format!("{}{serial}", date.split_at(1).1),
        ] {
            prop_assert!(redactor.redact(&text).ends_with("xxxxxx-xxxx"), "{}", text);
        }
    }

    #[test]
    fn nor_is_an_unkeyed_digest_of_anything(text in ".{0,20}") {
        let redactor = plain_inspector().redactor();
        let digest = Sha256::digest(text.as_bytes());
        for shown in [HEXLOWER.encode(&digest), HEXLOWER.encode(&digest[..16]), BASE64.encode(&digest)] {
            let name = redactor.redact(&format!("uid_{shown}"));
            prop_assert!(!name.contains(shown.split_at(8).1.split_at(16).0), "{}", name);
            let host = redactor.host(&format!("{shown}.maaling.test"));
            prop_assert!(!host.as_str().contains(shown.split_at(8).1.split_at(16).0), "{}", host);
        }
    }

    #[test]
    fn nor_is_one_glued_to_other_digits((date, serial) in number(), before in "[0-9]{1,6}", behind in "[0-9]{1,6}") {
        for spelling in spellings(&date, &serial) {
            hidden_everywhere(&format!("{before}{spelling}"), &date, &serial);
            hidden_everywhere(&format!("{spelling}{behind}"), &date, &serial);
            hidden_everywhere(&format!("id {before}{spelling}{behind} x"), &date, &serial);
        }
    }

    #[test]
    fn nor_is_one_in_base64_at_any_place_of_a_word(
        (date, serial) in number(),
        lead in "[a-zæ{\":?>]{0,7}",
        tail in "[a-zæ}\",]{0,7}",
        prefix in "[a-zA-Z0-9_./=-]{0,5}",
        words in words(),
    ) {
        for separator in ["", "-", " ", "\u{2013}"] {
            let text = format!("{lead}{date}{separator}{serial}{tail}");
            for encoded in [BASE64.encode(text.as_bytes()), BASE64URL_NOPAD.encode(text.as_bytes())] {
                hidden_everywhere(&format!("{words} {prefix}{encoded} {words}"), &date, &serial);
                hidden_everywhere(&percent(&format!("{prefix}{encoded}")), &date, &serial);
            }
        }
    }

    #[test]
    fn the_cut_of_a_long_text_shows_no_part_of_a_number((date, serial) in number(), lead in 985..1_015_usize) {
        let redactor = plain_inspector().redactor();
        let text = format!("{} {date}{serial} {}", "æ".repeat(lead), "x".repeat(40));
        let shown = redactor.redact(&text);
        prop_assert!(!shown.bytes().any(|byte| byte.is_ascii_digit()), "{shown}");
        let encoded = BASE64.encode(format!("cpr={date}{serial}").as_bytes());
        let shown = redactor.redact(&format!("{} {encoded}", "x".repeat(lead)));
        prop_assert!(!shown.contains(encoded.get(..8).unwrap()), "{shown}");
    }

    #[test]
    fn what_was_redacted_stays_as_it_is(text in "\\PC{0,200}", (date, serial) in number()) {
        let redactor = plain_inspector().redactor();
        let once = redactor.redact(&format!("{text}{date}{serial}{text}"));
        prop_assert_eq!(redactor.redact(&once), once.clone());
        prop_assert_eq!(Redacted::new(&once, &redactor).to_string(), once);
    }

    #[test]
    fn spans_are_what_is_taken_out((date, serial) in number(), text in "\\PC{0,200}", before in words(), behind in words()) {
        spans_are_taken_out(&text);
        for spelling in spellings(&date, &serial).iter().chain(&odd_spellings(&date, &serial)) {
            spans_are_taken_out(&format!("{before}{spelling}{behind}"));
        }
    }

    #[test]
    fn what_was_masked_in_place_holds_nothing((date, serial) in number(), before in words(), behind in words()) {
        for spelling in spellings(&date, &serial) {
            let masked = masked_in_place(&format!("{before}{spelling}{behind}"));
            assert_hidden(&masked, &spelling, &date, &serial);
        }
        for spelling in odd_spellings(&date, &serial) {
            masked_in_place(&format!("{before} {spelling} {behind}"));
        }
        for bytes in [vec![0xff_u8, 0], date.encode_utf16().flat_map(u16::to_le_bytes).collect()] {
            let mut bytes = [bytes.as_slice(), date.as_bytes(), serial.as_bytes(), b"\xe5\0"].concat();
            prop_assert!(!plain_inspector().redactor().mask(&mut bytes).is_nothing());
            prop_assert!(!bytes.iter().any(u8::is_ascii_digit) && bytes.ends_with(b"\xe5\0"));
        }
    }
}

/// Asserts that the redactor shows all of `text` but its spans.
#[track_caller]
fn spans_are_taken_out(text: &str) {
    let redactor = plain_inspector().redactor();
    let shown = redactor.redact(text);
    let (mut rest, mut from) = (shown.as_str(), 0);
    for span in redactor.spans(text.as_bytes()) {
        rest = rest.strip_prefix(text.get(from..span.range.start).unwrap()).expect(text);
        rest = rest.strip_prefix("xxxxxx-xxxx").or_else(|| rest.strip_prefix("{token}")).expect(text);
        from = span.range.end;
    }
    assert_eq!(rest, text.get(from..).unwrap(), "{text}");
}

/// `text` masked in place, of which nothing is found any more.
#[track_caller]
fn masked_in_place(text: &str) -> String {
    let mut inspector = plain_inspector();
    let redactor = inspector.redactor();
    let mut bytes = text.as_bytes().to_vec();
    assert!(!redactor.mask(&mut bytes).is_nothing(), "{text}");
    assert_eq!((bytes.len(), redactor.spans(&bytes)), (text.len(), vec![]), "{text}");
    let masked = String::from_utf8(bytes).unwrap();
    assert_eq!(redactor.redact(&masked), masked, "{text}");
    let sent = crate::kit::get(&format!("https://maaling.test/?cpr={}", percent(&masked)));
    assert!(inspector.inspect("made-up", &sent, None).sightings.is_empty(), "{masked}");
    masked
}

#[test]
fn a_declared_number_is_shown_and_one_beside_it_is_not() {
    let redactor = plain_inspector().redactor();
    assert_eq!(redactor.redact(&format!("{CANARY} {EXAMPLE}")), "010145-5001 xxxxxx-xxxx");
    assert_eq!(redactor.redact("id=%200101455001"), "id=%200101455001");
    assert_eq!(redactor.redact("d=MDEwMTQ1LTUwMDE="), "d=MDEwMTQ1LTUwMDE=");
}

#[test]
fn text_without_a_number_is_not_touched() {
    let redactor = plain_inspector().redactor();
    for text in [
        "Årsopgørelse 2025 for 3 personer",
        "properties.$current_url",
        "net::ERR_CONNECTION_REFUSED at 127.0.0.1:8443",
        "body > json > json[events[12].a1[0]]",
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9",
        "JS-2.20.0 2026-11-22 04:00:00",
        "100 % af 12 % og %E2%82%AC",
        "404 Not Found on port 8443",
        "22 November 2026, 16:40 UTC",
        "TLSv1.3",
        "12.5 s of 60 s",
        "33554432 of 67108864 bytes were recorded",
        "2026-11-22T16:40:00.123Z GET https://127.0.0.1:8443/sag/{n}/{date}/{uuid}",
        "12 pages, 34 requests, 5 findings; exit 1",
        "personalIdentificationNumberOfTheCitizen",
    ] {
        assert_eq!(redactor.redact(text), text);
    }
}

#[test]
fn these_were_once_let_through() {
    let redactor = plain_inspector().redactor();
    for text in [
        "07-07-61-4285",
        "07.07.1961-4285",
        "\u{ff10}\u{ff17}\u{ff10}\u{ff17}\u{ff16}\u{ff11}\u{ff14}\u{ff12}\u{ff18}\u{ff15}",
        "\u{660}\u{667}\u{660}\u{667}\u{666}\u{661}\u{664}\u{662}\u{668}\u{665}",
        "070761----4285",
        "0707-614285",
        "070761x4285",
        "070761</b><b>4285",
        "070761&nbsp;&nbsp;&nbsp;-&nbsp;4285",
        "%3037%30761%2D4285",
        "3037303736312d34323835",
    ] {
        for text in [text.to_owned(), format!("data[{text}].x"), format!("x_{text}_y")] {
            let shown = redactor.redact(&text);
            assert_eq!(digits_left(&shown), "", "{text} became {shown}");
        }
        let host = redactor.host(&format!("{text}.maaling.test"));
        assert_eq!(digits_left(host.as_str()), "", "{text} became {host}");
    }
}

#[track_caller]
fn left_of(text: &str, expected: &str) {
    assert_eq!(plain_inspector().redactor().redact(text), expected, "{text}");
}

#[test]
fn numbers_with_letters_are_masked_without_a_name() {
    let redactor = plain_inspector().redactor();
    for number in ["0203291WQ3", "020329-1wq3", "010109KOT1", "010109kot1", "020329wq31"] {
        left_of(&format!("query:{number}"), "query:xxxxxx-xxxx");
        left_of(&format!("json > {number}.x"), "json > xxxxxx-xxxx.x");
        left_of(&percent_all(number), "xxxxxx-xxxx");
        left_of(&BASE64URL_NOPAD.encode(format!("a {number} b").as_bytes()), "xxxxxx-xxxx");
        let page = redactor.page(&format!("https://a.test/borger/{number}/sag"));
        assert_eq!(page.as_str(), "https://a.test/borger/{cpr}/sag");
        assert_eq!(redactor.host(&format!("{number}.a.test")).as_str(), "{cpr}.a.test");
    }
    left_of("020329%2D1wq3", "xxxxxx-xxxx");
    left_of("020329\u{2013}1WQ3", "xxxxxx-xxxx");
    left_of("cookie:_ga_1HQ3WXYZ", "cookie:_ga_1HQ3WXYZ");
}

#[test]
fn nine_digits_are_masked_however_they_are_grouped() {
    for text in ["70 7614285", "7.07614285e8", "7.07614285E+8", "707,614,285", "707.614.285"] {
        left_of(&format!("a={text} b"), "a=xxxxxx-xxxx b");
    }
}

#[test]
fn base64_that_lost_its_capitals_is_masked() {
    let redactor = plain_inspector().redactor();
    left_of("header:x-mdcwnzyxndi4nq==", "header:xxxxxx-xxxx==");
    assert_eq!(redactor.host("mdcwnzyxndi4nq.a.test").as_str(), "xxxxxx-xxxx.a.test");
    for lead in ["", "a", "ab", "cpr="] {
        for text in ["0707614285", "070761-4285"] {
            left_of(&BASE64URL_NOPAD.encode(format!("{lead}{text}").as_bytes()).to_lowercase(), "xxxxxx-xxxx");
        }
    }
    left_of("header:x-forwarded-proto", "header:x-forwarded-proto");
}

#[test]
fn a_date_and_a_serial_apart_are_masked() {
    for (text, expected) in [
        ("4285-070761", "xxxxxx-xxxx"),
        ("l:4285 d:070761", "l:xxxxxx-xxxx"),
        ("07jul1961-4285", "xxxxxx-xxxx"),
        ("7. juli 1961, nr. 4285", "xxxxxx-xxxx"),
        ("born07071961lbnr4285", "bornxxxxxx-xxxx"),
        ("7/7/61-4285", "xxxxxx-xxxx"),
        ("4285 1961-07-07", "xxxxxx-xxxx"),
        ("dob%3D070761%26lbnr%3D4285", "dob%3Dxxxxxx-xxxx"),
    ] {
        left_of(text, expected);
    }
    for text in ["1 January 2025 - 31 December 2025", "port 8443 at 2026-11-22 04:00:00", "22 November 2026, 16:40"] {
        left_of(text, text);
    }
}

#[test]
fn a_name_that_is_half_a_number_is_masked() {
    for (text, expected) in [
        ("070761", "xxxxxx-xxxx"),
        ("query:070761", "query:xxxxxx-xxxx"),
        ("query:070761-****", "query:xxxxxx-xxxx"),
        ("query:%30%37%30%37%36%31", "query:xxxxxx-xxxx"),
        ("******4285", "xxxxxx-xxxx"),
        ("**%2A***4285", "xxxxxx-xxxx"),
        // A year, a port, a size.
        ("2025", "2025"),
        ("query:1080x", "query:1080x"),
    ] {
        left_of(text, expected);
    }
    let redactor = plain_inspector().redactor();
    assert_eq!(redactor.page("https://a.test/070761-****/b").as_str(), "https://a.test/xxxxxx-xxxx/b");
}

#[test]
fn digests_broken_up_are_tokens() {
    left_of("query:705d5a63a3345bc2a89.891af952fa287", "query:{token}");
    left_of("query:70:5d:5a:63:a3:34:5b:c2:a8:98:91:af:95:2f:a2:87", "query:{token}");
    left_of("query:705d5a63%20a3345bc2%20a89891af%20952fa287", "query:{token}");
}
