//! An audit that is killed with -9 and started again: what it finds and covers is what an undisturbed one does.
//!
//! `tests/kills.rs` does so at random moments, and kills browsers as well.

mod kit;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use kit::served::Served;
use kit::{Bench, NOW, assert_absent, no_browser, one_browser};
use serde_json::Value;
use sites::{HostedSite, Reply};

/// Declared nowhere.
const UNDECLARED: &str = "0707614285";

/// Pages of each site beside its first.
const PAGES: [&str; 4] = ["/bolig", "/skat/aar", "/helbred/laege/tid", "/om"];

/// Where the journal is.
const JOURNAL: &str = "journal/journal.jsonl";

/// Longer than a whole audit of two pages takes on a loaded machine.
const PATIENCE: Duration = Duration::from_mins(4);

fn served() -> Served {
    let page = |name: &'static str| {
        HostedSite::new(name, |_| {
            let links = PAGES.map(|page| format!("<a href={page}>{page}</a>")).join(" ");
            Reply::html(format!(
                "<!doctype html><title>Borger</title><link rel=icon href='data:,'>{links}\
                 <script>fetch('https://maaling.eksempel.test/c?cpr={UNDECLARED}', {{mode: 'no-cors'}})</script>"
            ))
        })
    };
    let tracker = HostedSite::new("maaling.eksempel.test", |_| Reply::no_content());
    Served::start(vec![page("www.borger.test"), page("www.virksomhed.test"), tracker])
}

fn arguments(served: &Served) -> Vec<&str> {
    let audit = [
        "audit",
        "https://www.borger.test/",
        "https://www.virksomhed.test/",
        "--now",
        NOW,
        "--pause",
        "0s",
        "--tabs",
        "2",
    ];
    served.arguments(&[&audit[..], &["--resume", "journal"]].concat())
}

/// Findings and coverage, without what a key decides.
fn told(bench: &Bench) -> Value {
    let scan = bench.scan();
    let of = |path: &str| scan.pointer(path).cloned().unwrap_or_default();
    let (coverage, conditions) = ("/systems/0/coverage", of("/conditions"));
    let (mut pages, recipients) = (of(&format!("{coverage}/pages")), of(&format!("{coverage}/recipients")));
    // Which of two tabs begins a page first is chance.
    if let Some(pages) = pages.as_array_mut() {
        pages.sort_by_key(|page| page["page"].to_string());
    }
    serde_json::json!({"findings": of("/findings"), "pages": pages, "recipients": recipients,
        "blind_spots": of("/blind_spots"), "conditions": conditions, "started": of("/started")})
}

/// Starts it and kills it after `time`, or as soon as the journal says that a plan is done; whether it ended by itself.
fn killed(served: &Served, time: Option<Duration>) -> bool {
    killed_when(served, |journal, run| match time {
        Some(time) => run >= time,
        None => journal().contains("\"plan-done\""),
    })
}

/// The same, as soon as `is_due`, which is told how to read the journal and how long it has run.
fn killed_when(served: &Served, is_due: impl Fn(&dyn Fn() -> String, Duration) -> bool) -> bool {
    let mut command = served.bench.command(&arguments(served));
    command.env("XDG_RUNTIME_DIR", served.bench.folder.path());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    let begun = Instant::now();
    let journal = || std::fs::read_to_string(served.bench.path(JOURNAL)).unwrap_or_default();
    while !is_due(&journal, begun.elapsed()) {
        if child.try_wait().expect("a child").is_some() {
            return true;
        }
        assert!(begun.elapsed() < PATIENCE, "it does not come to its end");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it is dead");
    false
}

fn keys(served: &Served) -> Vec<PathBuf> {
    let files = served.bench.files().into_iter().map(|(path, _)| path);
    files.filter(|path| path.extension().is_some_and(|extension| extension == "key")).collect()
}

#[test]
fn a_run_that_was_killed_goes_on_with_what_is_left() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let undisturbed = served();
    assert!(killed(&undisturbed, Some(PATIENCE)), "it ends by itself");
    let expected = told(&undisturbed.bench);
    assert_eq!(expected["pages"].as_array().map(Vec::len), Some(2 * (1 + PAGES.len())));
    assert!(!undisturbed.bench.path(JOURNAL).exists() && keys(&undisturbed).is_empty(), "nothing is left of it");

    let served = served();
    assert!(!killed(&served, None), "killed after the first site");
    let journal = std::fs::read(served.bench.path(JOURNAL)).expect("a journal");
    assert_absent(UNDECLARED, &journal, "the journal");
    assert_eq!(keys(&served).len(), 1);
    let asked = |host: &str| served.received_by(host).iter().filter(|received| received.path() == "/").count();
    assert_eq!(asked("www.borger.test"), 1);
    assert!(killed(&served, Some(PATIENCE)), "it ends by itself");
    assert_eq!(told(&served.bench), expected);
    assert_eq!(asked("www.borger.test"), 1, "what was done is not asked for again");
    assert!(!served.bench.path(JOURNAL).exists() && keys(&served).is_empty(), "nothing is left of it");
}

#[test]
fn pages_that_were_done_are_not_asked_for_again() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let undisturbed = served();
    assert!(killed(&undisturbed, Some(PATIENCE)), "it ends by itself");

    let served = served();
    let after_three = |journal: &dyn Fn() -> String, _| journal().matches("{\"done\":").count() >= 3;
    assert!(!killed_when(&served, after_three), "killed after some pages of the first site");
    let journal = std::fs::read_to_string(served.bench.path(JOURNAL)).expect("a journal");
    assert_absent(UNDECLARED, journal.as_bytes(), "the journal");
    let lines = journal.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let pages = lines.filter_map(|line| line.pointer("/done/unit/page")?.as_str().map(str::to_owned));
    let done: Vec<String> = pages.collect();
    assert!(done.len() >= 3, "{done:?}");
    assert!(killed(&served, Some(PATIENCE)), "it ends by itself");
    assert_eq!(told(&served.bench), told(&undisturbed.bench));
    for page in done.iter().filter_map(|page| page.strip_prefix("https://www.borger.test")) {
        let asked = served.received_by("www.borger.test").iter().filter(|received| received.path() == page).count();
        assert_eq!(asked, 1, "{page}");
    }
}

#[test]
fn a_run_that_lost_its_key_says_so() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = served();
    assert!(!killed(&served, None), "killed after the first site");
    for key in keys(&served) {
        std::fs::remove_file(key).expect("the key is removed");
    }
    assert!(killed(&served, Some(PATIENCE)), "it ends by itself");
    let conditions = told(&served.bench)["conditions"].to_string();
    assert!(conditions.contains("a person seen before and after counts as two"), "{conditions}");
}

#[test]
fn a_run_with_other_arguments_is_refused() {
    let served = served();
    std::fs::create_dir(served.bench.path("journal")).expect("a folder");
    let header = format!(
        "{{\"header\":{{\"version\":1,\"tool\":\"{}\",\"id\":\"0\",\"arguments\":\"0\",\"started\":\"{NOW}\"}}}}\n",
        env!("CARGO_PKG_VERSION")
    );
    served.bench.write(JOURNAL, &header);
    served.bench.run(&arguments(&served)).ends_with(2).says("is of a run with other arguments");
}

#[test]
fn a_page_that_is_begun_three_times_is_left_out_and_told() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = served();
    let line = "{\"begun\":{\"unit\":{\"plan\":0,\"page\":\"https://www.borger.test/\"}}}";
    for times in 1..=3 {
        let is_begun = |journal: &dyn Fn() -> String, _| journal().matches(line).count() >= times;
        assert!(!killed_when(&served, is_begun), "killed while it is visited");
    }
    let asked = || served.received_by("www.borger.test").len();
    let before = asked();
    assert!(killed(&served, Some(PATIENCE)), "it ends by itself");
    assert_eq!(asked(), before, "it is not asked for once more");
    let told = told(&served.bench);
    let spot = serde_json::json!({"kind": "page-failed", "place": "https://www.borger.test/",
        "detail": "it is left out: the audit was cut short on it again and again", "count": 1});
    assert_eq!(told["blind_spots"], serde_json::json!([spot]));
    let pages: Vec<&str> = told["pages"].as_array().unwrap().iter().filter_map(|page| page["page"].as_str()).collect();
    assert_eq!(pages.len(), 1 + PAGES.len(), "{pages:?}");
    assert!(pages.iter().all(|page| page.starts_with("https://www.virksomhed.test/")), "{pages:?}");
}
