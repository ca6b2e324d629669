//! Several tabs at the same time: each exchange is its own visit's, and nothing that ends one of them loses a page.

#![expect(clippy::unwrap_used, reason = "a test's own machinery fails loudly")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crawler::{Browser, BrowserSettings, Plan};
use model::{BlindSpotKind, VisitOutcome};
use rustix::process::{Pid, Signal, kill_process};

use crate::kit::{Proxy, Reply, Seen, browser_with, crawled, crawled_until, plan};

/// A plan for some tabs that do not wait for each other.
fn lanes(tabs: u16) -> Plan {
    let mut plan = plan("http://a.test/");
    plan.limits.tabs = tabs;
    plan.limits.pause = Duration::ZERO;
    plan.limits.per_template = 100;
    plan
}

/// Letters for a number, so that each page is of a kind of its own.
fn name(number: u32) -> String {
    let letter = |at: u32| char::from(b'a' + u8::try_from(at % 26).unwrap());
    [letter(number / 26), letter(number)].iter().collect()
}

fn menu(count: u32) -> Reply {
    let links: Vec<String> = (0..count).map(|number| format!("<a href=/{0}>{0}</a>", name(number))).collect();
    Reply::Html(links.join(" "))
}

fn path(url: &str) -> &str {
    url.strip_prefix("http://a.test/").unwrap_or(url)
}

fn marked(mark: &str) -> Option<Browser> {
    browser_with(&BrowserSettings { trusted_spki: vec![mark.to_owned()], ..BrowserSettings::default() })
}

/// Browsers' own processes with `mark` in their command lines, without the helpers of each.
fn processes(mark: &str) -> Vec<(i32, bool)> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        if let (true, Ok(number)) = (line.contains(mark), entry.file_name().to_string_lossy().parse()) {
            found.push((number, !line.contains("--type=")));
        }
    }
    found
}

fn kill_browser(mark: &str) {
    let main = processes(mark).into_iter().find(|(_, is_main)| *is_main).unwrap().0;
    kill_process(Pid::from_raw(main).unwrap(), Signal::KILL).unwrap();
}

/// Lets nobody on before `count` are there, or time is over; whether they ever were.
struct Gate {
    count: u32,
    here: Mutex<u32>,
    changed: Condvar,
}

impl Gate {
    fn of(count: u32) -> Arc<Self> {
        Arc::new(Self { count, here: Mutex::new(0), changed: Condvar::new() })
    }

    fn pass(&self) {
        let mut here = self.here.lock().unwrap();
        *here += 1;
        self.changed.notify_all();
        let until = self.changed.wait_timeout_while(here, Duration::from_secs(10), |here| *here < self.count).unwrap();
        drop(until);
    }

    fn was_full(&self) -> bool {
        *self.here.lock().unwrap() >= self.count
    }
}

#[test]
fn four_lanes_visit_at_once_and_each_exchange_is_its_own_visits() {
    let Some(browser) = browser_with(&BrowserSettings::default()) else { return };
    let gate = Gate::of(4);
    let at_gate = Arc::clone(&gate);
    let proxy = Proxy::start(move |seen| match path(&seen.url) {
        "" => menu(12),
        url if url.starts_with("http://maaling.test/") => Reply::Script(String::new()),
        page => {
            if page < "ae" {
                at_gate.pass();
            }
            Reply::Html(format!(
                "<script src=http://maaling.test/load/{page}></script><script>fetch('http://maaling.test/fetch/{page}', \
                 {{mode: 'no-cors'}}); addEventListener('pagehide', () => navigator.sendBeacon('http://maaling.test/left/{page}'))</script>"
            ))
        }
    });
    let told = crawled(&browser, &lanes(4), &proxy);
    assert!(gate.was_full(), "four pages were never asked for at once");
    assert_eq!((told.kinds(), told.visits.len()), (vec![], 13), "{told:#?}");
    let seen = proxy.seen();
    for number in 0..12 {
        let page = name(number);
        let visit = told.visit(&format!("http://a.test/{page}")).id.0;
        for kind in ["load", "fetch", "left"] {
            let sent: Vec<&Seen> =
                seen.iter().filter(|seen| seen.url == format!("http://maaling.test/{kind}/{page}")).collect();
            assert_eq!(sent.iter().map(|sent| sent.visit).collect::<Vec<_>>(), [visit], "{kind} {page}");
        }
    }
    let used: BTreeSet<u16> = seen.iter().map(|seen| seen.lane).collect();
    assert_eq!(used.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
    let ids: BTreeSet<u32> = told.visits.iter().map(|visit| visit.id.0).collect();
    assert_eq!(ids.len(), 13, "no two visits have one number");
}

#[test]
fn a_form_on_every_page_is_sent_once_and_whoever_sent_it_goes_on_alone() {
    let Some(browser) = browser_with(&BrowserSettings::default()) else { return };
    let form = "<form method=post action=/ind><label>CPR-nummer<input name=cpr></label><button>Send</button></form>";
    let proxy = Proxy::start(move |seen| match path(&seen.url) {
        "" => menu(10),
        "ind" => Reply::WithCookie("s=1", "http://a.test/velkommen"),
        "velkommen" => Reply::Html("<title>Velkommen</title><a href=/bag>bag</a><a href=/nok>nok</a>".into()),
        "bag" | "nok" if !seen.headers.contains("s=1") => Reply::To("http://a.test/login"),
        "bag" | "nok" => Reply::Html("<title>Sag</title>".into()),
        _ => Reply::Html(format!("<title>Side</title>{form}")),
    });
    let told = crawled(&browser, &lanes(4), &proxy);
    let posts = proxy.seen().into_iter().filter(|seen| seen.method == "POST").count();
    assert_eq!(posts, 1, "{told:#?}");
    assert_eq!(told.kinds(), [], "{told:#?}");
    for page in (0..10).map(name).chain(["bag".to_owned(), "nok".to_owned(), "velkommen".to_owned()]) {
        let url = format!("http://a.test/{page}");
        let visits: Vec<_> = told.visits.iter().filter(|visit| visit.url == url).collect();
        assert!(visits.iter().any(|visit| visit.outcome == VisitOutcome::Loaded), "{page}: {visits:#?}");
        let forms = visits.iter().flat_map(|visit| &visit.forms);
        assert!(forms.into_iter().all(|form| form.submitted), "{page}: {visits:#?}");
    }
}

#[test]
fn a_page_that_is_closed_to_one_lane_is_seen_by_the_one_that_is_signed_in() {
    let Some(browser) = browser_with(&BrowserSettings::default()) else { return };
    let login = "<title>Log ind</title><form method=post action=/ind><label>CPR-nummer<input name=cpr></label>\
        <button>Log ind</button></form>";
    let proxy = Proxy::start(move |seen| match path(&seen.url) {
        "" => menu(8),
        "ind" => Reply::WithCookie("s=1", "http://a.test/velkommen"),
        "velkommen" => Reply::Html("<title>Velkommen</title>".into()),
        "login" => Reply::Html(login.into()),
        _ if !seen.headers.contains("s=1") => Reply::To("http://a.test/login"),
        page => Reply::Html(format!("<title>Sag {page}</title>")),
    });
    let told = crawled(&browser, &lanes(4), &proxy);
    assert_eq!(proxy.seen().iter().filter(|seen| seen.method == "POST").count(), 1);
    assert_eq!(told.kinds(), [], "{told:#?}");
    for page in (0..8).map(name) {
        let title = format!("Sag {page}");
        assert!(told.visits.iter().any(|visit| visit.title == title), "{page} was not seen: {told:#?}");
    }
}

#[test]
fn a_browser_killed_under_four_lanes_is_started_once_and_everything_is_found() {
    let mark = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABE=";
    let Some(browser) = marked(mark) else { return };
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let proxy = Proxy::start(move |seen| match path(&seen.url) {
        "" => menu(16),
        page if page.len() == 2 => {
            if count.fetch_add(1, Ordering::SeqCst) == 5 {
                kill_browser(mark);
            }
            Reply::Html(format!("<title>{page}</title><script src=/script/{page}></script>"))
        }
        _ => Reply::Script(String::new()),
    });
    let told = crawled(&browser, &lanes(4), &proxy);
    for page in (0..16).map(name) {
        assert!(told.visits.iter().any(|visit| visit.title == page), "{page} was not seen: {told:#?}");
        assert!(proxy.count(&format!("http://a.test/script/{page}")) >= 1, "{page}");
    }
    assert_eq!(told.kinds(), [BlindSpotKind::PageFailed], "{told:#?}");
    let starts = fs::read_dir(browser.profile()).unwrap().count();
    assert_eq!(starts, 1, "profiles of browsers before are left");
    assert!(browser.profile().join("2").exists(), "one start after the first");
    assert_eq!(processes(mark).iter().filter(|(_, is_main)| *is_main).count(), 1);
}

#[test]
fn a_page_that_kills_the_browser_costs_only_itself() {
    let mark = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABI=";
    let Some(browser) = marked(mark) else { return };
    let proxy = Proxy::start(move |seen| match path(&seen.url) {
        "" => menu(8),
        "ac" => {
            kill_browser(mark);
            Reply::Html(String::new())
        }
        page => Reply::Html(format!("<title>{page}</title>")),
    });
    let told = crawled(&browser, &lanes(4), &proxy);
    for page in (0..8).map(name).filter(|page| page != "ac") {
        assert!(told.visits.iter().any(|visit| visit.title == page), "{page} was not seen: {told:#?}");
    }
    assert_eq!(proxy.count("http://a.test/ac"), 2);
    assert!(told.kinds().iter().all(|kind| *kind == BlindSpotKind::PageFailed), "{told:#?}");
    assert!(told.blind_spots.last().unwrap().place.ends_with("/ac"), "{told:#?}");
}

#[test]
fn a_tab_that_crashes_is_tried_once_more_and_told_when_it_crashes_again() {
    let mark = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABM=";
    let Some(browser) = marked(mark) else { return };
    let was_killed = AtomicBool::new(false);
    let proxy = Proxy::start(move |seen| match path(&seen.url) {
        "" => Reply::WithCookie("s=1", "http://a.test/menu"),
        "menu" => menu(6),
        // This one only the first time.
        "crash/ab" if was_killed.swap(true, Ordering::SeqCst) => Reply::Script(String::new()),
        page if page.starts_with("crash/") => {
            for renderer in renderers(mark) {
                let _ = kill_process(Pid::from_raw(renderer).unwrap(), Signal::KILL);
            }
            Reply::Script(String::new())
        }
        page if page == "ab" || page == "ad" => {
            Reply::Html(format!("<title>{page}</title><script src=/crash/{page}></script>"))
        }
        page => Reply::Html(format!("<title>{page}</title>")),
    });
    let mut plan = lanes(1);
    plan.starts = vec![crate::kit::target("http://a.test/")];
    let told = crawled(&browser, &plan, &proxy);
    assert_eq!(told.kinds(), [BlindSpotKind::PageFailed], "{told:#?}");
    let spot = told.blind_spot(BlindSpotKind::PageFailed);
    assert!(spot.place.ends_with("/ad") && spot.detail.contains("crashed"), "{spot:?}");
    assert_eq!((proxy.count("http://a.test/ab"), proxy.count("http://a.test/ad")), (2, 2));
    for page in (0..6).map(name).filter(|page| page != "ad") {
        assert!(told.visits.iter().any(|visit| visit.title == page), "{page} was not seen: {told:#?}");
    }
    let last = proxy.seen().into_iter().rfind(|seen| seen.url.ends_with("/ab")).unwrap();
    assert!(last.headers.contains("s=1"), "its cookies came along: {}", last.headers);
}

/// Renderers of the browser with `mark`: its children's children.
fn renderers(mark: &str) -> Vec<i32> {
    let Some(main) = processes(mark).into_iter().find(|(_, is_main)| *is_main).map(|(number, _)| number) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let group =
            stat.rsplit_once(')').and_then(|(_, rest)| rest.split_ascii_whitespace().nth(2)?.parse::<i32>().ok());
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if group == Some(main) && String::from_utf8_lossy(&line).contains("--type=renderer") {
            found.extend(entry.file_name().to_string_lossy().parse::<i32>().ok());
        }
    }
    found
}

#[test]
fn four_lanes_go_over_to_a_new_browser_with_their_cookies_and_nothing_grows() {
    let mark = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABQ=";
    let Some(browser) = marked(mark) else { return };
    let proxy = Proxy::start(move |seen| match path(&seen.url) {
        "" => menu(60),
        "aa" => Reply::WithCookie("session=1", "http://a.test/inde"),
        page => Reply::Html(format!("<title>{page}</title>")),
    });
    let mut plan = lanes(4);
    plan.limits.browser_visits = 20;
    plan.limits.quiet = Duration::from_millis(20);
    let (threads, mains) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let told = crawled_until(&browser, &plan, &proxy, &AtomicBool::new(false), |visit| {
        if visit.id.0.is_multiple_of(20) {
            threads.lock().unwrap().push(own_threads());
            mains.lock().unwrap().push(processes(mark).iter().filter(|(_, is_main)| *is_main).count());
        }
    });
    assert_eq!((told.kinds(), told.visits.len()), (vec![], 61), "{:#?}", told.blind_spots);
    assert_eq!(mains.into_inner().unwrap(), [1; 3], "one browser at a time");
    let profiles: Vec<String> = fs::read_dir(browser.profile())
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into())
        .collect();
    // Those that are under way when the count is full are ended first.
    assert!(matches!(&profiles[..], [only] if (2..=4).contains(&only.parse::<u32>().unwrap())), "{profiles:?}");
    // Tests beside this one have threads too: growth would be one for each visit.
    let threads = threads.into_inner().unwrap();
    assert!(threads.iter().all(|count| *count < threads[0] + 45), "{threads:?}");
    let seen = proxy.seen();
    let lane = seen.iter().find(|seen| seen.url.ends_with("/inde")).unwrap().lane;
    let after = seen.iter().rfind(|seen| seen.lane == lane && !seen.url.ends_with("favicon.ico")).unwrap();
    assert!(after.headers.contains("session=1"), "{}", after.headers);
    let profile = browser.profile().to_owned();
    drop(browser);
    let begun = Instant::now();
    while !processes(mark).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(3), "processes are left");
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!profile.exists(), "the profile is left");
}

/// Threads of this process.
fn own_threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}
