//! Where a number can stand in a request, each place filled as browsers and telemetry fill it.

use model::{Exchange, Message, Sender};

use super::Place;
use crate::kit::{With as _, get};

/// Who gets it.
const COLLECTOR: &str = "https://maaling.test/c";

/// Makes an exchange of a body and its headers.
type BodyPlace = (&'static str, fn(&[u8], &[(&'static str, &'static str)]) -> Exchange);

/// Places for a text: each escapes it as it must.
pub(super) const TEXT_PLACES: &[Place] = &[
    ("path segment", |text| get(&format!("https://maaling.test/bruger/{}/side", escaped(text)))),
    ("query, named `cpr`", |text| get(&format!("{COLLECTOR}?v=2&cpr={}&t=1", escaped(text)))),
    ("query, unnamed", |text| get(&format!("{COLLECTOR}?v=2&x={}&t=1", escaped(text)))),
    ("Referer, query", |text| get(COLLECTOR).header("Referer", &own(&format!("?aar=2023&cpr={}", escaped(text))))),
    ("Referer, path", |text| get(COLLECTOR).header("Referer", &own(&format!("/{}/oversigt", escaped(text))))),
    ("analytics, page address", |text| dl(&own(&format!("?cpr={text}")), 1)),
    ("analytics, page address escaped twice", |text| dl(&own(&format!("?cpr={}", escaped(text))), 2)),
    ("analytics, fragment of page address", |text| dl(&own(&format!("#/borger/{text}")), 1)),
    ("analytics, title", |text| get(&format!("{COLLECTOR}?dt={}", escaped(&format!("Sag om {text} - Selvbetjening"))))),
    ("cookie", |text| get(COLLECTOR).header("Cookie", &format!("a=1; bruger={}; b=2", escaped(text)))),
    ("header", |text| get(COLLECTOR).header("X-Bruger", text)),
    ("form body", |text| form(&format!("a=1&felt={}&b=2", form_escaped(text)))),
    ("JSON value", |text| json(&serde_json::json!({ "type": "event", "data": { "felt": text, "n": 12 } }))),
    ("JSON key", |text| json(&serde_json::json!({ "sager": { text: 1 } }))),
    ("JSON lines", |text| {
        let line = |value: &str| serde_json::json!({ "felt": value }).to_string();
        post("application/x-ndjson", &format!("{}\n{}\n{}\n", line("a"), line(text), line("b")))
    }),
    ("JSON in JSON", |text| json(&serde_json::json!({ "d": serde_json::json!({ "felt": text }).to_string() }))),
    ("page address in JSON", |text| {
        json(&serde_json::json!({ "context": { "url": own(&format!("?aar=2023&cpr={}", escaped(text))) } }))
    }),
    ("JSONP body", |text| {
        post("application/javascript", &format!("callback({});", serde_json::json!({ "felt": text })))
    }),
    ("multipart field", |text| {
        let part = |name: &str, value: &str| {
            format!("--grænse7\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = format!("{}{}--grænse7--\r\n", part("a", "1"), part("felt", text)).replace('æ', "ae");
        post("multipart/form-data; boundary=graense7", &body)
    }),
    ("XML element", |text| post("text/xml", &format!("<sag><borger>{}</borger></sag>", entities(text)))),
    ("XML attribute", |text| post("text/xml", &format!("<sag><borger id=\"{}\"/></sag>", entities(text)))),
    ("WebSocket message", |text| message(format!("opdater {text} nu").into_bytes())),
    ("WebSocket message, JSON", |text| message(serde_json::json!({ "felt": text }).to_string().into_bytes())),
];

/// Places for what is escaped already: `name=value` pairs.
pub(super) const RAW_PLACES: &[Place] = &[
    ("query", |text| get(&format!("{COLLECTOR}?v=2&{text}"))),
    ("Referer", |text| get(COLLECTOR).header("Referer", &own(&format!("?{text}")))),
    ("page address", |text| dl(&own(&format!("?{text}")), 1)),
    ("form body", |text| form(text)),
];

/// Places for bytes.
pub(super) const BODIES: &[BodyPlace] = &[
    ("body", |bytes, headers| {
        headers.iter().fold(get(COLLECTOR), |exchange, (name, value)| exchange.header(name, value)).body(bytes)
    }),
    ("WebSocket message", |bytes, _| message(bytes.to_vec())),
];

/// `encodeURIComponent` of browsers.
pub(super) fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect::<Vec<_>>().concat()
}

/// As forms escape (WHATWG URL, "application/x-www-form-urlencoded").
fn form_escaped(text: &str) -> String {
    escaped(text).replace("%20", "+")
}

fn entities(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn own(rest: &str) -> String {
    let path = if rest.starts_with('/') { "/borger" } else { "/borger/side" };
    format!("https://www.selvbetjening.test{path}{rest}")
}

/// An analytics hit with the page's address, escaped so many times.
fn dl(page: &str, times: usize) -> Exchange {
    let page = (0..times).fold(page.to_owned(), |page, _| escaped(&page));
    get(&format!("{COLLECTOR}?v=2&tid=G-1&dl={page}&ul=da"))
}

fn form(text: &str) -> Exchange {
    post("application/x-www-form-urlencoded", text)
}

fn json(value: &serde_json::Value) -> Exchange {
    post("application/json", &value.to_string())
}

fn post(kind: &str, text: &str) -> Exchange {
    get(COLLECTOR).header("Content-Type", kind).body(text)
}

fn message(bytes: Vec<u8>) -> Exchange {
    let mut exchange = get("wss://maaling.test/c");
    exchange.messages = vec![Message { sender: Sender::Client, bytes }];
    exchange
}
