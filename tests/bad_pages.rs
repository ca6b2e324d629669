//! Pages that break, never end or want the browser for themselves: each costs the audit one page, and is told.

mod kit;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use kit::served::Served;
use kit::{Ran, no_browser, one_browser, paths_on};
use serde_json::Value;
use sites::town::bad;

/// What is told of each, in the report's order, and how it begins.
const TOLD: [(&str, &str, &str); 11] = [
    ("page-failed", "/afbrudt", "the proxy could not reach it"),
    ("page-failed", "/fejl", "status 500"),
    ("page-failed", "/gzip", "it had not loaded after 10 seconds and was read as it was"),
    ("page-failed", "/haenger", "it did not load within 10 seconds"),
    ("page-failed", "/ring", "net::ERR_TOO_MANY_REDIRECTS"),
    ("page-failed", "/stor", "it had not loaded after 10 seconds and was read as it was"),
    ("page-failed", "/tavs", "it did not load within 10 seconds"),
    ("page-failed", "/uden-ende", "it had not loaded after 10 seconds and was read as it was"),
    ("page-interfered", "/bokse", "dialogs answered with OK: 50, the first alert: Boks 0"),
    // The browser itself opens one window for each press: how many depends on what the crawler asks of the page.
    ("page-interfered", "/vinduer", "windows opened and closed: "),
    ("connection-broken", "/", "the connection broke off before an answer"),
];

/// What the browser that opened too many windows costs now and then: it opens no more tab, is started anew, and the page at
/// hand, whichever that is, is told and visited again.
const LOST: &str = "the browser was lost on it and started anew";

/// Far more than the pages' deadlines together on a loaded machine: who waits for it has failed.
const PATIENCE: Duration = Duration::from_mins(5);

/// What the program may hold at its peak, in kB. A page of 200 MB goes through it and stays nowhere.
const MOST_MEMORY: u64 = 400_000;

#[test]
fn each_bad_page_is_told_and_the_crawl_goes_on() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = Served::start(vec![bad::site()]);
    let url = format!("https://{}/", bad::HOST);
    let arguments = served.arguments(&["audit", &url, "--page-time", "10s", "--tabs", "1", "--lang", "en"]);
    let mut child = served
        .bench
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let begun = Instant::now();
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        peak = peak.max(peak_of(child.id()));
        assert!(begun.elapsed() < PATIENCE, "it does not come to an end");
        std::thread::sleep(Duration::from_millis(50));
    }
    let ran = Ran::from(child.wait_with_output().expect("a child"));
    ran.ends_with(3).says("page-failed");
    assert!(0 < peak && peak < MOST_MEMORY, "{peak} kB");
    let scan = served.bench.scan();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let own = |value: &Value| paths_on(bad::HOST, value);

    let outcome = |page: &Value| (own(&page["page"]), page["outcome"].as_str().unwrap_or_default().to_owned());
    let spots = list(&scan["blind_spots"]);
    let pages = list(&scan["systems"][0]["coverage"]["pages"]);
    let pages: BTreeMap<String, String> = pages.iter().map(outcome).collect();
    for path in ["/fejl", "/afbrudt", "/ring", "/tavs", "/haenger"] {
        assert_eq!(pages[path], "failed", "{path}");
    }
    assert_eq!(pages["/god"], "loaded");

    let is_lost =
        |path: &str| spots.iter().any(|spot| own(&spot["place"]) == path && own(&spot["detail"]).starts_with(LOST));
    for (kind, path, detail) in TOLD {
        let is_told = |spot: &&Value| {
            spot["kind"] == kind && own(&spot["place"]) == path && own(&spot["detail"]).starts_with(detail)
        };
        assert!(is_lost(path) || spots.iter().filter(is_told).count() == 1, "{kind} {path}: {spots:#?}");
    }
    // How many windows there were to leave out is the browser's affair, as above.
    let spots: Vec<&Value> = spots.iter().filter(|spot| spot["kind"] != "pages-left-out").collect();
    let lost = spots.iter().filter(|spot| own(&spot["detail"]).starts_with(LOST)).count();
    assert!(lost <= 2 && (TOLD.len()..=TOLD.len() + lost).contains(&spots.len()), "{spots:#?}");
    assert!(lost > 0 || spots.iter().all(|spot| spot["count"] == 1), "{spots:#?}");
    for (path, _) in bad::PAGES {
        assert!(pages.contains_key(path), "{path}: {pages:?}");
    }
}

/// The most that a process held so far, in kB; 0 when it has ended.
fn peak_of(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
}
