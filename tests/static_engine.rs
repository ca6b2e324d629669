//! `--engine static` by the real program: what pages leak without a script is found, what scripts leak is not, and it
//! says so. No browser is there to be found.

mod kit;

use kit::served::Served;
use sites::{HostedSite, Received, Reply};

const SITE: &str = "selv.borger.test";
const TRACKER: &str = "maaling.eksempel.test";
const SCRIPTED: &str = "script.eksempel-to.test";
/// Nobody's: born in 2045.
const CANARY: &str = "0101455009";

fn served() -> Served {
    Served::start(vec![
        HostedSite::new(SITE, |received: &Received| match received.path() {
            "/" => Reply::html("<!doctype html><meta charset=utf-8><title>Start</title><a href=/sag>Sag</a>"),
            "/sag" => Reply::html(format!(
                "<!doctype html><meta charset=utf-8><title>Sag</title><img src='https://{TRACKER}/p.gif?cpr={CANARY}'>
                 <script>fetch('https://{SCRIPTED}/s?cpr={CANARY}')</script>"
            )),
            _ => Reply::not_found(),
        }),
        HostedSite::new(TRACKER, |_| Reply::gif()),
        HostedSite::new(SCRIPTED, |_| Reply::no_content()),
    ])
}

fn audit(served: &Served, more: &[&str]) -> kit::Ran {
    let start = format!("https://{SITE}/");
    let typed: Vec<&str> =
        ["audit", &start, "--lang", "en", "--test-person", CANARY].into_iter().chain(more.iter().copied()).collect();
    let arguments = served.arguments(&typed);
    kit::Ran::from(served.bench.command(&arguments).env("PATH", "/nowhere").output().expect("the program runs"))
}

#[test]
fn what_needs_no_script_is_found_and_the_rest_is_told() {
    let served = served();
    audit(&served, &["--engine", "static"]).ends_with(1).says("cpr-in-third-party-request").says("9 of 26 ways");
    let scan = served.bench.scan();
    let text = scan["findings"].to_string();
    assert!(text.contains("eksempel.test") && !text.contains("eksempel-to.test"), "{text}");
    let probes = scan["self_test"]["probes"].as_array().unwrap();
    assert!(probes.len() == 9 && probes.iter().all(|probe| probe["found"] == true), "{probes:?}");
    let spots = scan["blind_spots"].as_array().unwrap();
    let details: Vec<&str> = spots
        .iter()
        .filter(|spot| spot["kind"] == "static-engine")
        .filter_map(|spot| spot["detail"].as_str())
        .collect();
    assert!(details.iter().any(|detail| detail.contains("1 of 2 pages have some")), "{details:?}");
    assert!(details.iter().any(|detail| detail.contains("9 of 26 ways")), "{details:?}");
}

#[test]
fn an_audit_without_a_browser_is_never_complete() {
    let served = Served::start(vec![HostedSite::new(SITE, |_| Reply::html("<!doctype html><title>Start</title>"))]);
    audit(&served, &["--engine", "static"]).ends_with(3);
}
