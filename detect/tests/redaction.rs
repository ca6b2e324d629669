//! What a redactor lets through: never the digits of an undeclared number, however they are written.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use model::{Redact as _, Redacted};
use proptest::prelude::*;

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
    ] {
        assert_eq!(redactor.redact(text), text);
    }
}
