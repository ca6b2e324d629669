//! The browser's process: it ends with us, and when it ends by itself that is told.

#![expect(clippy::unwrap_used, reason = "a test's own machinery fails loudly")]

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crawler::{Browser, BrowserSettings};
use model::BlindSpotKind;
use rustix::process::{Pid, Signal, kill_process};

use crate::kit::{Proxy, Reply, browser_with, crawled, crawled_until, plan};

/// A browser that is told from those of other tests by the key it trusts.
fn marked_browser(mark: &str) -> Option<Browser> {
    browser_with(&BrowserSettings { trusted_spki: vec![mark.to_owned()], ..BrowserSettings::default() })
}

/// Numbers and command lines of living processes with `text` in the latter.
fn processes_with(text: &str) -> Vec<(i32, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', "\n");
        if let (true, Ok(number)) = (line.contains(text), entry.file_name().to_string_lossy().parse()) {
            found.push((number, line));
        }
    }
    found.sort();
    found
}

#[test]
fn no_process_and_no_profile_is_left() {
    let Some(browser) = marked_browser("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=") else { return };
    let (_, line) = processes_with("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=").remove(0);
    let profile = line.lines().find_map(|word| word.strip_prefix("--user-data-dir=")).unwrap();
    assert!(Path::new(profile).is_dir() && processes_with(profile).len() > 1);
    drop(browser);
    let begun = Instant::now();
    while !processes_with(profile).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(3), "processes are left");
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!Path::new(profile).exists(), "the profile is left");
}

#[test]
fn a_browser_that_dies_is_started_anew_and_the_page_at_hand_is_visited_again() {
    let mark = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI=";
    let Some(browser) = marked_browser(mark) else { return };
    let kill = || {
        let (number, _) = processes_with(mark).remove(0);
        kill_process(Pid::from_raw(number).unwrap(), Signal::KILL).unwrap();
    };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html("<a href=/x>x</a><a href=/y>y</a>".into()),
        _ => Reply::Html("ok".into()),
    });
    let killed = AtomicBool::new(false);
    let told = crawled_until(&browser, &plan("http://a.test/"), &proxy, &AtomicBool::new(false), |visit| {
        if visit.url.ends_with("/x") && !killed.swap(true, Ordering::SeqCst) {
            kill();
        }
    });
    let urls = ["http://a.test/", "http://a.test/x", "http://a.test/x", "http://a.test/y"];
    assert_eq!(told.urls(), urls, "{told:#?}");
    assert_eq!(told.kinds(), [BlindSpotKind::PageFailed]);
    assert!(told.blind_spots[0].place.ends_with("/x") && told.blind_spots[0].detail.contains("started anew"));

    kill();
    let next = crawled(&browser, &plan("http://a.test/x"), &proxy);
    assert_eq!((next.kinds(), next.urls()), (vec![], vec!["http://a.test/x"]));
    let folder = browser.profile().to_owned();
    let (_, line) = processes_with(mark).remove(0);
    assert!(line.contains(&format!("--user-data-dir={}", folder.display())), "{line}");
    drop(browser);
    assert!(!folder.exists(), "a profile is left");
}

#[test]
fn a_message_too_large_to_take_ends_nothing() {
    let Some(browser) = browser_with(&BrowserSettings::default()) else { return };
    let proxy = Proxy::start(|seen| {
        match seen.url.as_str() {
        "http://a.test/" => Reply::Html(
            "<a href=/x>x</a><script>fetch('data:text/plain,' + 'x'.repeat(70e6)).finally(() => fetch('/efter'))</script>"
                .into(),
        ),
        _ => Reply::Html("ok".into()),
    }
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    assert_eq!((told.kinds(), told.urls()), (vec![], vec!["http://a.test/", "http://a.test/x"]), "{told:#?}");
    assert_eq!(proxy.count("http://a.test/efter"), 1);
}
