//! The live console: the real program, one real browser that goes through its proxy, and another that has the console open.
#![cfg(unix)]

mod kit;

use std::process::Command;

use kit::live::Live;
use kit::served::Served;
use kit::{assert_absent, no_browser, one_browser};
use serde_json::Value;
use sites::{HostedSite, Reply};

const CA: &str = "cprvagt-out/ca.pem";
const SITE: &str = "www.borger.test";
const TRACKER: &str = "maaling.eksempel.test";
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

fn session(served: &Served, more: &[&str]) -> Live {
    let command = ["proxy", "--listen", "0", "--console", "0", "--test-person", CANARY];
    let mut live = Live::start(&served.bench, &served.arguments(&[&command, more].concat()));
    live.console = live.wait_for("console: http://").split("console: ").nth(1).expect("an address").to_owned();
    live
}

fn leak(served: &Served, live: &Live, parameter: &str, number: &str) {
    let referer = format!("Referer: https://{SITE}/side");
    live.curl(&served.bench, CA, &["-H", &referer, &format!("https://{TRACKER}/c?{parameter}={number}")]);
}

#[test]
fn a_tester_sees_three_leaks_notes_two_steps_and_takes_the_report_away() {
    let Some(browser) = kit::browser() else { return no_browser() };
    let _one = one_browser();
    let served = sites();
    let live = session(&served, &["--sut", SITE]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/console/tester.mjs");
    let output = Command::new("node")
        .arg(script)
        .args([&browser, &live.console, &format!("http://{}", live.address), SITE, TRACKER, UNDECLARED])
        .current_dir(served.bench.folder.path())
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_str(said.trim()).expect("an object");
    println!("a leak was on the console after {} ms", told["milliseconds"]);

    assert_eq!(told["faults"], serde_json::json!([]), "nothing is said to be wrong on the page");
    assert_eq!(told["address"], "http://.../s/", "the token is not in the address bar: {}", told["address"]);
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
    let notes: Vec<&str> = so_far["notes"].as_array().unwrap().iter().map(|note| note["kind"].as_str().unwrap()).collect();
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

#[test]
fn a_session_that_was_killed_is_there_again() {
    let served = sites();
    let mut live = session(&served, &["--sut", SITE, "--format", "jsonl"]);
    for parameter in ["a", "b"] {
        leak(&served, &live, parameter, UNDECLARED);
        live.wait_for(&format!("query[{parameter}]"));
    }
    live.signal("KILL");
    live.ended();
    let mut live = session(&served, &["--sut", SITE, "--format", "jsonl"]);
    leak(&served, &live, "c", UNDECLARED);
    live.wait_for("query[c]");
    live.signal("TERM");
    let ran = live.ended();
    ran.ends_with(1).says("was cut off and goes on");
    let scan = served.bench.scan();
    let findings = scan["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 3, "{findings:#?}");
    let persons: Vec<u64> = findings.iter().map(|finding| finding["persons"].as_u64().unwrap()).collect();
    assert_eq!(persons, [1, 1, 1]);
    // One person, seen before and after the kill, has one token.
    let lines = std::fs::read_to_string(served.bench.path("cprvagt-out/sightings.jsonl")).unwrap();
    let identities: std::collections::BTreeSet<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["identity"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((lines.lines().count(), identities.len()), (3, 1), "{lines}");
    assert!(!served.bench.path("cprvagt-out/session.jsonl").exists(), "the session is over");
}
