//! What sent each number, told in the findings of a real audit: the script, its line, its column.

mod kit;

use kit::served::Served;
use kit::{no_browser, one_browser};
use serde_json::{Value, json};
use sites::{HostedSite, Received, Reply};

const SITE: &str = "www.borger.test";

/// Born in 2045: nobody's, and the one that an audit knows without being told.
const NUMBER: &str = "0101455017";

/// Who is sent the number, each by another part of the page.
const RECIPIENTS: [&str; 7] =
    ["skript.test", "inde.test", "billede.test", "stil.test", "arbejder.test", "ramme.test", "farvel.test"];

fn page(lines: &[String]) -> Reply {
    Reply::html(format!("<!doctype html><meta charset=utf-8><link rel=icon href='data:,'>\n{}", lines.join("\n")))
        .with_header("Referrer-Policy", "no-referrer")
}

fn site(received: &Received) -> Reply {
    match received.path() {
        "/" => page(&["<title>Forside</title><a href=/sag>Sag</a>".to_owned()]),
        "/sag" => page(&[
            "<title>Sag</title><link rel=stylesheet href=/stil.css><div class=baggrund>x</div>".to_owned(),
            format!("<img src='https://billede.test/b.gif?cpr={NUMBER}'>"),
            "<script src=https://skript.test/maal.js></script>".to_owned(),
            "<script>new Worker('/arbejder.js')".to_owned(),
            format!("  new Image().src = 'https://inde.test/p.gif?cpr={NUMBER}';"),
            format!(
                "  addEventListener('pagehide', () => navigator.sendBeacon('https://farvel.test/f?cpr={NUMBER}', ''));"
            ),
            "</script><iframe src=https://ramme.test/></iframe>".to_owned(),
        ]),
        "/stil.css" => Reply::css(format!(".baggrund {{ background: url('https://stil.test/bag.gif?cpr={NUMBER}') }}")),
        "/arbejder.js" => Reply::js(format!(
            "let navn = 'x';\nfunction send() {{ fetch('https://arbejder.test/a?cpr={NUMBER}', {{mode: 'no-cors'}}) }}\nsend();"
        )),
        _ => Reply::not_found(),
    }
}

fn recipient(received: &Received) -> Reply {
    match (received.host.as_str(), received.path()) {
        ("skript.test", "/maal.js") => {
            Reply::js(format!("'use strict';\n\n  fetch('https://skript.test/c?cpr={NUMBER}', {{mode: 'no-cors'}});"))
        }
        ("ramme.test", "/") => Reply::html(format!("\n<script> fetch('/r?cpr={NUMBER}')</script>"))
            .with_header("Referrer-Policy", "no-referrer"),
        _ => Reply::no_content(),
    }
}

#[test]
fn each_finding_tells_what_sent_it() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let mut sites = vec![HostedSite::new(SITE, site)];
    sites.extend(RECIPIENTS.map(|host| HostedSite::new(host, recipient)));
    let served = Served::start(sites);
    served.bench.run(&served.arguments(&["audit", "https://www.borger.test/"]));
    let scan = served.bench.scan();
    let told = |domain: &str| -> Value {
        let findings = scan["findings"].as_array().expect("findings");
        let is_it = |finding: &&Value| {
            finding["recipient"]["domain"] == domain && finding["rule"] == "cpr-in-third-party-request"
        };
        findings.iter().find(is_it).unwrap_or_else(|| panic!("no finding of {domain} in {findings:#?}"))["initiator"]
            .clone()
    };
    let case = |domain: &str, expected: Value| assert_eq!(told(domain), expected, "{domain}");
    let own = "https://www.borger.test/sag";
    case(
        "skript.test",
        json!({"kind": "script", "url": "https://skript.test/maal.js", "line": 3, "column": 3, "wanted": "data"}),
    );
    case("inde.test", json!({"kind": "inline-script", "url": own, "line": 6, "column": 19, "wanted": "image"}));
    case(
        "arbejder.test",
        json!({"kind": "worker", "url": "https://www.borger.test/arbejder.js", "line": 2, "column": 19,
            "function": "send", "wanted": "data"}),
    );
    case(
        "ramme.test",
        json!({"kind": "inline-script", "url": "https://ramme.test/", "line": 2, "column": 10, "wanted": "data"}),
    );
    case("stil.test", json!({"kind": "style-sheet", "url": "https://www.borger.test/stil.css", "wanted": "image"}));
    let image = told("billede.test");
    assert_eq!((&image["kind"], &image["wanted"], &image["line"]), (&"markup".into(), &"image".into(), &3.into()));
    case("farvel.test", json!({"kind": "unknown", "why": "not-told"}));
    let html: String = served
        .bench
        .files()
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|e| e == "html"))
        .map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    for text in ["et script i selve siden, linje 6, kolonne 19", "a script in the page itself, line 6, column 19"] {
        assert!(html.contains(text), "{text}");
    }
}
