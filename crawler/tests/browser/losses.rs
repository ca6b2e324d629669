//! Parts of the browser that are lost in the middle of something: it is done again, all of it, and a lost browser is told.

#![expect(clippy::unwrap_used, reason = "a test's own machinery fails loudly")]

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use crawler::{Browser, BrowserSettings, Journey, Lookup};
use model::{BlindSpotKind, SignIn};
use rustix::process::{Pid, Signal, kill_process};

use crate::kit::{CPR, Proxy, Reply, Seen, Told, browser_with, crawled, plan};

/// What of a browser is lost.
#[derive(Clone, Copy)]
enum Part {
    Main,
    Renderers,
    Network,
}

/// A browser that is told from others by `mark` in its command lines.
fn marked(mark: &str) -> Option<Browser> {
    browser_with(&BrowserSettings { trusted_spki: vec![mark.to_owned()], ..BrowserSettings::default() })
}

/// Kills a part of the browser with `mark`.
fn kill(mark: &str, part: Part) {
    let lines = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let line = String::from_utf8_lossy(&fs::read(entry.path().join("cmdline")).ok()?).into_owned();
        Some((Pid::from_raw(entry.file_name().to_string_lossy().parse().ok()?)?, line))
    });
    let lines: Vec<(Pid, String)> = lines.collect();
    let folder = lines.iter().find(|(_, line)| line.contains(mark) && !line.contains("--type=")).unwrap().1.clone();
    let folder = folder.split('\0').find_map(|argument| argument.strip_prefix("--user-data-dir=")).unwrap();
    for (process, line) in &lines {
        let is_meant = match part {
            Part::Main => line.contains(mark) && !line.contains("--type="),
            Part::Renderers => line.contains("--type=renderer") && parents(*process).contains(&main_of(&lines, folder)),
            Part::Network => line.contains("network.mojom.NetworkService") && line.contains(folder),
        };
        if is_meant {
            let _ = kill_process(*process, Signal::KILL);
        }
    }
}

fn main_of(lines: &[(Pid, String)], folder: &str) -> Pid {
    lines.iter().find(|(_, line)| line.contains(folder) && !line.contains("--type=")).unwrap().0
}

/// The processes above one.
fn parents(process: Pid) -> Vec<Pid> {
    let parent = |process: &Pid| {
        let stat = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).ok()?;
        Pid::from_raw(stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(1)?.parse().ok()?)
    };
    std::iter::successors(Some(process), parent).skip(1).take(9).collect()
}

/// Crawls a site whose `path`, by `method`, loses a part of the browser the first time that it is asked for.
fn crawled_losing(
    (mark, part): (&'static str, Part),
    (method, path): (&'static str, &'static str),
    site: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    change: impl FnOnce(&mut crawler::Plan),
) -> Option<(Told, Proxy)> {
    let browser = marked(mark)?;
    let was_lost = AtomicBool::new(false);
    let proxy = Proxy::start(move |seen| {
        if seen.method == method && seen.url.starts_with(path) && !was_lost.swap(true, Ordering::SeqCst) {
            kill(mark, part);
        }
        site(seen)
    });
    let mut plan = plan("http://a.test/");
    plan.limits.pause = std::time::Duration::ZERO;
    change(&mut plan);
    let told = crawled(&browser, &plan, &proxy);
    Some((told, proxy))
}

fn has_title(told: &Told, title: &str) -> bool {
    told.visits.iter().any(|visit| visit.title == title)
}

fn sent(proxy: &Proxy, url: &str) -> usize {
    proxy.seen().iter().filter(|seen| seen.method == "POST" && seen.url == url).count()
}

/// Two forms on one page: the second is sent when the page is visited again.
fn forms(seen: &Seen) -> Reply {
    let form =
        |name: &str| format!("<form method=post action=/{name}><input name=cpr_{name}><button>Send</button></form>");
    match (seen.method.as_str(), seen.url.as_str()) {
        ("POST", url) => Reply::Html(format!("<title>Tak for {}</title>", url.trim_start_matches("http://a.test/"))),
        _ => Reply::Html(form("a") + &form("b")),
    }
}

#[test]
fn a_form_that_was_being_sent_is_sent_again_and_those_before_are_not() {
    for (mark, part) in [
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA=", Part::Main),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACE=", Part::Renderers),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACI=", Part::Network),
    ] {
        let Some((told, proxy)) = crawled_losing((mark, part), ("POST", "http://a.test/b"), forms, |_| ()) else {
            return;
        };
        assert!(has_title(&told, "Tak for a") && has_title(&told, "Tak for b"), "{told:#?}");
        assert!(sent(&proxy, "http://a.test/b") >= 2, "{told:#?}");
        let expected: &[BlindSpotKind] = match part {
            Part::Main | Part::Network => &[BlindSpotKind::PageFailed],
            Part::Renderers => &[],
        };
        assert_eq!(told.kinds(), expected, "{told:#?}");
    }
}

#[test]
fn a_step_outside_is_taken_again() {
    let site = |seen: &Seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html(format!("<a href=/kvittering?cpr={CPR}>Kvittering</a>")),
        url if url.starts_with("http://b.test/") => Reply::Html("<title>Nabo</title>".into()),
        _ => Reply::Html("<title>Kvittering</title><a href=http://b.test/>Nabo</a>".into()),
    };
    let mark = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACM=";
    let Some((told, proxy)) = crawled_losing((mark, Part::Main), ("GET", "http://b.test/"), site, |_| ()) else {
        return;
    };
    let asked = proxy.seen().iter().filter(|seen| seen.url == "http://b.test/").count();
    assert_eq!(asked, 2, "{told:#?}");
    assert_eq!(told.kinds(), [BlindSpotKind::PageFailed], "{told:#?}");
}

#[test]
fn a_journey_is_made_again() {
    let text = r##"{"title": "Log ind", "timeout": 10000, "steps": [
        {"type": "navigate", "url": "http://a.test/velkommen"},
        {"type": "click", "selectors": ["#ind"], "offsetX": 3, "offsetY": 3,
            "assertedEvents": [{"type": "navigation", "url": "http://a.test/", "title": ""}]}]}"##;
    let journey = Journey::parse(text, &Lookup { fill: &|_| None, is_number: &|_| false }).unwrap();
    let site = |seen: &Seen| match (seen.method.as_str(), seen.url.as_str()) {
        ("POST", _) => Reply::WithCookie("in=yes", "/"),
        (_, "http://a.test/velkommen") => {
            Reply::Html("<form action=/ind method=post><button id=ind>Ind</button></form>".into())
        }
        _ if !seen.headers.contains("in=yes") => Reply::To("/velkommen"),
        (_, "http://a.test/") => Reply::Html("<title>Oversigt</title><a href=/sag>Sag</a>".into()),
        _ => Reply::Html("<title>Sag</title>".into()),
    };
    for (mark, part) in [
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACQ=", Part::Main),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACU=", Part::Renderers),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACY=", Part::Network),
    ] {
        let told = crawled_losing((mark, part), ("POST", "http://a.test/ind"), site, |plan| {
            plan.journeys.push(journey.clone());
        });
        let Some((told, _)) = told else { return };
        let sag = told.visits.iter().find(|visit| visit.title == "Sag").unwrap_or_else(|| panic!("{told:#?}"));
        assert_eq!(sag.sign_in, SignIn::Done);
        let expected: &[BlindSpotKind] = match part {
            Part::Main | Part::Network => &[BlindSpotKind::PageFailed],
            Part::Renderers => &[],
        };
        assert_eq!(told.kinds(), expected, "{told:#?}");
    }
}

#[test]
fn a_browser_whose_network_process_ended_is_a_lost_one() {
    let site = |seen: &Seen| match seen.url.as_str() {
        "http://a.test/" => Reply::WithCookie("s=1", "/menu"),
        "http://a.test/menu" => Reply::Html("<a href=/ab>1</a><a href=/cd>2</a>".into()),
        url => Reply::Html(format!("<title>{url}</title><script src={url}/skript></script>")),
    };
    let mark = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACc=";
    let Some((told, proxy)) = crawled_losing((mark, Part::Network), ("GET", "http://a.test/ab/skript"), site, |_| ())
    else {
        return;
    };
    assert_eq!(proxy.count("http://a.test/ab"), 4, "the page and its script, twice: {told:#?}");
    assert!(has_title(&told, "http://a.test/ab") && has_title(&told, "http://a.test/cd"), "{told:#?}");
    assert_eq!(told.kinds(), [BlindSpotKind::PageFailed], "{told:#?}");
    let detail = &told.blind_spots[0].detail;
    assert!(detail.starts_with("the browser was lost on it and started anew"), "{detail}");
}
