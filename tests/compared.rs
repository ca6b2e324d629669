//! Two audits of one site by the browser, with an accepted leak, one mended, one new and one on a page that is down the second time.
#![expect(clippy::indexing_slicing, reason = "these are tests")]

mod kit;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kit::served::Served;
use kit::{no_browser, one_browser};
use serde_json::Value;
use sites::{HostedSite, Received, Reply};

const SITE: &str = "www.selv.test";
const MEASURES: &str = "maaling.eksempel.test";

/// Born 2045: nobody's.
const KAREN: &str = "010145-5001";

const REGISTRY: &str = r#"
[controller]
name = "Eksempelstyrelsen"

[[vendor]]
id = "v"
name = "Leverandøren"

[[system]]
id = "selv"
name = "Selvbetjening"
vendor = "v"
base_urls = ["https://www.selv.test/"]
environment = "test"
owner = "Byen"

[[test_person]]
id = "karen"
cpr = "010145-5001"
"#;

/// The site before and after a release.
fn site(received: &Received, is_released: bool) -> Reply {
    let leak = format!("<img src=\"https://{MEASURES}/c?cpr={KAREN}&p={}\">", received.path().trim_start_matches('/'));
    let leaks = match (received.path(), is_released) {
        ("/", _) => return page("<a href=/mendet>A</a> <a href=/ny>B</a> <a href=/nede>C</a> <a href=/kendt>D</a>"),
        ("/nede", true) => return Reply::text(500, "nede"),
        ("/mendet" | "/nede", false) | ("/ny", true) | ("/kendt", _) => leak,
        ("/mendet", true) | ("/ny", false) => String::new(),
        _ => return Reply::not_found(),
    };
    page(&leaks)
}

fn page(body: &str) -> Reply {
    Reply::html(format!("<!doctype html><html lang=da><title>Side</title><main>{body}</main>"))
}

/// The pages of the findings of `list` in the comparison of `scan`.
fn pages(scan: &Value, list: &str) -> Vec<String> {
    let page = |finding: &Value| finding["page"].as_str().map(str::to_owned);
    let by_fingerprint = |fingerprint: &Value| {
        scan["findings"].as_array()?.iter().find(|one| one["fingerprint"] == *fingerprint).and_then(page)
    };
    let one = |entry: &Value| match entry.get("finding") {
        Some(finding) => page(finding),
        None => page(entry).or_else(|| by_fingerprint(&entry["fingerprint"])),
    };
    scan["comparison"][list].as_array().into_iter().flatten().filter_map(one).collect()
}

#[test]
fn two_audits_are_held_against_each_other() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let is_released = Arc::new(AtomicBool::new(false));
    let state = Arc::clone(&is_released);
    let served = Served::start(vec![
        HostedSite::new(SITE, move |received| site(received, state.load(Ordering::SeqCst))),
        HostedSite::new(MEASURES, |_| Reply::no_content()),
    ]);
    served.bench.write("cprvagt.toml", REGISTRY);
    let audit = |now: &str, more: &[&str]| {
        let fixed = ["audit", "selv", "--now", now, "--pause", "0s", "--tabs", "2", "--consent", "untouched"];
        served.bench.run(&served.arguments(&[&fixed, more].concat()))
    };

    audit("2026-11-01T10:00:00Z", &[]).ends_with(1);
    let scan = served.bench.scan();
    let known = scan["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["page"].as_str().is_some_and(|page| page.ends_with("/kendt")));
    let fingerprint = known.and_then(|one| one["fingerprint"].as_str()).expect("it leaks").to_owned();
    served
        .bench
        .run(&[
            "baseline",
            "add",
            &fingerprint,
            "--accepted-by",
            "Jens",
            "--case",
            "2026-1",
            "--reason",
            "afventer",
            "--now",
            "2026-11-02T10:00:00Z",
        ])
        .ends_with(0);

    is_released.store(true, Ordering::SeqCst);
    audit("2026-11-20T10:00:00Z", &["--baseline", "cprvagt-baseline.toml"]).ends_with(1);
    served
        .bench
        .run(&["report", "--since", "2026-11-01", "--out", "since"])
        .ends_with(0)
        .says("Mended (1)")
        .says("New findings (1)");
    let scan = served.bench.scan_in("since");
    assert_eq!(pages(&scan, "mended"), ["https://www.selv.test/mendet"]);
    assert_eq!(pages(&scan, "new"), ["https://www.selv.test/ny"]);
    assert_eq!(pages(&scan, "not_covered"), ["https://www.selv.test/nede"], "it was down, and is not mended");
    assert_eq!(pages(&scan, "accepted"), ["https://www.selv.test/kendt"]);
    assert_eq!(pages(&scan, "still_there"), [""; 0]);
}
