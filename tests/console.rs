//! The live console: the real program, one real browser that goes through its proxy, and another that has the console open.
#![cfg(unix)]

mod kit;

use std::process::Command;

use kit::live::Live;
use kit::served::Served;
use kit::{assert_absent, no_browser, one_browser};
use serde_json::Value;
use sites::{HostedSite, Reply};

const SITE: &str = "www.borger.test";
const TRACKER: &str = "maaling.eksempel.test";
const LOG_IN: &str = "nem-id.test";
const CA: &str = "cprvagt-out/ca.pem";
const CANARY: &str = "0101455009";
/// Declared nowhere: found by its shape alone, and shown nowhere.
const UNDECLARED: &str = "0707614285";

/// A self-service whose every page tells its whole address to a measuring company.
fn sites() -> Served {
    let page = format!(
        "<!doctype html><meta name=referrer content=unsafe-url><title>Borger</title><h1>Borger</h1>\
         <img alt='' src='https://{TRACKER}/c.gif'>"
    );
    Served::start(vec![
        HostedSite::new(SITE, move |_| Reply::html(page.clone())),
        HostedSite::new(TRACKER, |_| Reply::gif()),
    ])
}

/// The program, and the address of its console.
fn session(served: &Served, more: &[&str]) -> (Live, String) {
    let command = ["proxy", "--listen", "0", "--console", "0", "--test-person", CANARY];
    let mut live = Live::start(&served.bench, &served.arguments(&[&command, more].concat()));
    let line = live.wait_for("console: http://");
    (live, line.split("console: ").nth(1).expect("an address").to_owned())
}

#[test]
fn a_tester_sees_three_leaks_notes_two_steps_and_takes_the_report_away() {
    let Some(browser) = crawler::find_browser().filter(|_| !no_browser()) else { return };
    let _one = one_browser();
    let served = sites();
    let (live, console) = session(&served, &["--sut", SITE]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/console/tester.mjs");
    let output = Command::new("node")
        .arg(script)
        .arg(browser)
        .args([&console, &format!("http://{}", live.address), SITE, "eksempel.test", UNDECLARED])
        .current_dir(served.bench.folder.path())
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_str(said.trim()).expect("an object");
    println!("a leak was on the console after {} ms", told["milliseconds"]);

    assert_eq!(told["faults"], serde_json::json!([]), "nothing is said to be wrong on the page");
    let token = console.rsplit('/').next().unwrap();
    assert!(!told["address"].as_str().unwrap().contains(token), "the token is not in the address bar");
    assert!(told["under"].as_str().unwrap().contains("borger.test"));
    let card = told["card"].as_str().unwrap();
    assert!(card.contains("step 1: log på"), "{card}");
    assert_eq!(told["paused"], told["two"], "what passes in a pause is not judged");
    assert_eq!(told["intruder"][0], 403);
    for shown in told["shown"].as_array().unwrap() {
        assert_absent(UNDECLARED, shown[1].as_str().unwrap().as_bytes(), shown[0].as_str().unwrap());
    }
    let copied = told["copied"].as_str().unwrap();
    assert!(copied.contains("cpr-in-") || copied == "(clipboard)", "{copied}");
    for file in told["files"].as_array().unwrap() {
        let (name, text) = (file[0].as_str().unwrap(), file[1].as_str().unwrap());
        assert_absent(UNDECLARED, text.as_bytes(), name);
        std::fs::write(served.bench.path(name), text).unwrap();
    }
    let so_far: Value = serde_json::from_slice(&std::fs::read(served.bench.path("scan.json")).unwrap()).unwrap();
    let notes: Vec<&str> =
        so_far["notes"].as_array().unwrap().iter().map(|note| note["kind"].as_str().unwrap()).collect();
    assert_eq!(notes, ["step", "note", "step", "pause", "resume"]);
    let har: Value = serde_json::from_slice(&std::fs::read(served.bench.path("session.har")).unwrap()).unwrap();
    assert!(har["log"]["entries"].as_array().unwrap().len() >= 6);

    live.signal("TERM");
    let ran = live.ended();
    ran.ends_with(1);
    let scan = served.bench.scan();
    assert_eq!(scan["notes"].as_array().unwrap().len(), 5);
    assert!(scan["blind_spots"].as_array().unwrap().iter().any(|spot| spot["kind"] == "recording-paused"));
    for (path, bytes) in served.bench.files() {
        assert_absent(UNDECLARED, &bytes, &path.display().to_string());
    }
    assert_absent(UNDECLARED, ran.stderr.as_bytes(), "standard error");
}

/// Asks the console as its page does; what curl prints.
fn ask(served: &Served, console: &str, arguments: &[&str]) -> String {
    let origin = console.split("/open/").next().expect("an origin");
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--location", "--max-time", "50", "--noproxy", "*"])
        .args(["--cookie-jar", "jar", "--cookie", "jar", "--header", &format!("Origin: {origin}")])
        .args(arguments)
        .current_dir(served.bench.folder.path())
        .output()
        .expect("curl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Logs in, and says where the page is.
fn folder(served: &Served, console: &str) -> String {
    ask(served, console, &["--output", "/dev/null", "--write-out", "%{url_effective}", console])
}

#[test]
fn a_session_that_was_killed_is_on_the_page_again_with_its_steps() {
    let served = sites();
    let (mut live, console) = session(&served, &["--sut", SITE]);
    let page = folder(&served, &console);
    let mark = format!("{page}mark");
    ask(&served, &console, &["--data", "kind=step&text=log+ind", &mark]);
    live.curl(&served.bench, CA, &[&format!("https://{SITE}/sag?cpr={UNDECLARED}")]);
    live.wait_for("cpr-in-url");
    ask(&served, &console, &["--data", "kind=pause", &mark]);
    live.signal("KILL");
    live.ended();

    let (mut live, console) = session(&served, &["--sut", SITE]);
    let page = folder(&served, &console);
    let changes: Value = serde_json::from_str(&ask(&served, &console, &[&format!("{page}changes?since=0")])).unwrap();
    assert_eq!(changes["findings"][0]["rule"], "cpr-in-url", "{changes}");
    assert_eq!(changes["findings"][0]["step"], "step 1: log ind");
    let timeline = ask(&served, &console, &[&format!("{page}timeline")]);
    assert!(timeline.contains("log ind") && timeline.contains("Paused"), "{timeline}");
    // It was paused, and is: what passes now is counted.
    live.curl(&served.bench, CA, &[&format!("https://{SITE}/sag?cpr={UNDECLARED}")]);
    live.wait_for("recording-paused");
    live.signal("TERM");
    live.ended().ends_with(1);
    let scan = served.bench.scan();
    let notes: Vec<&str> =
        scan["notes"].as_array().unwrap().iter().map(|note| note["kind"].as_str().unwrap()).collect();
    assert_eq!(notes, ["step", "pause"]);
    assert_eq!(scan["findings"][0]["transmissions"], 1);
}

#[test]
fn who_was_visited_first_by_chance_is_changed_with_one_click_and_all_is_judged_again() {
    let served = Served::start(vec![
        HostedSite::new(SITE, |_| Reply::html("<!doctype html><title>Borger</title>")),
        HostedSite::new(LOG_IN, |_| Reply::html("<!doctype html><title>Log på</title>")),
    ]);
    let (mut live, console) = session(&served, &[]);
    live.curl(&served.bench, CA, &[&format!("https://{LOG_IN}/")]);
    live.curl(&served.bench, CA, &[&format!("https://{SITE}/sag?cpr={UNDECLARED}")]);
    live.wait_for("cpr-in-third-party-request");
    let folder = folder(&served, &console);
    let before = ask(&served, &console, &[&format!("{folder}changes?since=0")]);
    assert!(before.contains("nem-id.test") && before.contains("cpr-in-third-party-request"), "{before}");
    let choice = format!("text=https://{SITE}/sag");
    let mark = format!("{folder}mark");
    let said = ask(&served, &console, &["--data", "kind=first-party", "--data-urlencode", &choice, &mark]);
    assert_eq!(said, "");
    live.wait_for("cpr-in-url");
    live.signal("TERM");
    live.ended().ends_with(1);
    let scan = served.bench.scan();
    assert_eq!(scan["targets"], serde_json::json!(["borger.test"]));
    let rules: Vec<&str> = scan["findings"].as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["cpr-in-url"], "the site's own address now, and no third party's");
    assert_eq!(scan["notes"][0]["kind"], "first-party");
    assert_eq!(scan["notes"][0]["text"], SITE);
}
