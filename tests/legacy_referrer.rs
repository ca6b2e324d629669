//! `--simulate-legacy-referrer`: what only an old browser sends is found, marked, and one step milder.

mod kit;

use kit::served::Served;
use kit::{no_browser, one_browser};
use sites::{HostedSite, Received, Reply};

const SITE: &str = "www.borger.test";
const LIBRARY: &str = "bibliotek.eksempel.test";
/// Nobody's: born in 2045.
const CANARY: &str = "0101455009";

/// A page with a number in its address and a third party's image; with a policy of its own or without.
fn sites(policy: Option<&'static str>) -> Served {
    Served::start(vec![
        HostedSite::new(SITE, move |received: &Received| {
            let next = format!("<a href='/side?cpr={CANARY}'>videre</a>");
            let image = format!("<img src='https://{LIBRARY}/pixel.gif?of={}'>", received.path());
            let body = if received.path() == "/" { next } else { image };
            let page = Reply::html(format!("<!doctype html><link rel=icon href='data:,'><title>Side</title>{body}"));
            match policy {
                Some(policy) => page.with_header("Referrer-Policy", policy),
                None => page,
            }
        }),
        HostedSite::new(LIBRARY, |_| Reply::gif()),
    ])
}

/// Audits the page; the finding of a number in the `Referer`, if there is one.
fn referer(served: &Served, more: &[&str]) -> Option<serde_json::Value> {
    let start = format!("https://{SITE}/");
    let command = [&["audit", &start, "--test-person", CANARY, "--lang", "en"], more].concat();
    let ran = served.bench.run(&served.arguments(&command));
    let scan = served.bench.scan();
    assert_eq!(ran.stdout.contains("simulated"), more.contains(&"--simulate-legacy-referrer"), "{}", ran.stdout);
    let is_simulated = scan.get("conditions").is_some_and(|told| told.to_string().contains("Referrer-Policy"));
    assert_eq!(is_simulated, more.contains(&"--simulate-legacy-referrer"));
    let is = |finding: &serde_json::Value, place: &str, text: &str| finding.pointer(place).is_some_and(|v| v == text);
    let findings = scan.get("findings").and_then(serde_json::Value::as_array).expect("findings");
    let mut third = findings.iter().filter(|finding| is(finding, "/recipient/domain", "eksempel.test"));
    third.find(|finding| is(finding, "/channel", "referer")).cloned()
}

#[test]
fn a_page_that_says_nothing_leaks_in_an_old_browser_alone() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = sites(None);
    assert_eq!(referer(&served, &[]), None);
    let found = referer(&served, &["--simulate-legacy-referrer"]).expect("a finding");
    assert_eq!((&found["simulated"], &found["severity"]), (&true.into(), &"high".into()));
    let reasons = found["reasons"].as_array().unwrap();
    assert_eq!(reasons.last().unwrap()["reason"], "simulated-referer");
}

#[test]
fn a_page_that_asks_for_it_leaks_in_every_browser() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = sites(Some("unsafe-url"));
    let found = referer(&served, &["--simulate-legacy-referrer"]).expect("a finding");
    assert_eq!((&found["simulated"], &found["severity"]), (&serde_json::Value::Null, &"critical".into()));
}
