//! The browser's process: it ends with us, and when it ends by itself that is told.

#![expect(clippy::unwrap_used, reason = "a test's own machinery fails loudly")]

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use crawler::{Browser, BrowserError, BrowserSettings, Progress, VisitCounter, crawl};
use model::Clock;
use rustix::process::{Pid, Signal, kill_process};

use crate::kit::{Proxy, Reply, browser_with, plan};

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
fn a_browser_that_dies_ends_the_crawl_and_what_was_told_is_kept() {
    let mark = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI=";
    let Some(browser) = marked_browser(mark) else { return };
    let proxy = Proxy::start(|_| Reply::Html("<a href=/x>x</a><a href=/y>y</a>".into()));
    let clock = Clock::fixed("2026-11-22T04:00:00Z".parse().unwrap());
    let mut visited = Vec::new();
    let mut tell = |progress: Progress<'_>| {
        let Progress::Visit(visit) = progress else { return };
        visited.push(visit.url);
        if visited.len() == 2 {
            let (number, _) = processes_with(mark).remove(0);
            kill_process(Pid::from_raw(number).unwrap(), Signal::KILL).unwrap();
        }
    };
    let begun = Instant::now();
    let stop = AtomicBool::new(false);
    let plan = plan("http://a.test/");
    let ended = crawl(&browser, &plan, &proxy, &clock, &stop, &mut VisitCounter::default(), &mut tell);
    assert!(matches!(ended, Err(BrowserError::Gone(_))), "{ended:?}");
    assert_eq!(visited, ["http://a.test/", "http://a.test/x"]);
    assert!(begun.elapsed() < Duration::from_secs(30));
}
