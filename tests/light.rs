//! `--browser light`: the audit with headless-shell, or word of what to install. Where there is none, Chromium stands in for
//! it by its path, which shows the way there and not the build.

mod kit;

use kit::served::Served;
use kit::{no_browser, one_browser};
use sites::{HostedSite, Received, Reply};

const SITE: &str = "www.borger.test";
const TRACKER: &str = "maaling.eksempel.test";
/// Born in 2045: nobody's.
const CANARY: &str = "0101455009";

fn served() -> Served {
    let page = |_: &Received| {
        Reply::html(format!(
            "<!doctype html><link rel=icon href='data:,'><title>Sag</title>\
             <script>navigator.sendBeacon('https://{TRACKER}/c', 'cpr={CANARY}&robot=' + navigator.webdriver)</script>"
        ))
    };
    Served::start(vec![HostedSite::new(SITE, page), HostedSite::new(TRACKER, |_| Reply::no_content())])
}

#[test]
fn the_light_build_finds_what_leaks_and_the_report_says_that_it_looked() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = served();
    let start = format!("https://{SITE}/");
    let mut command = vec!["audit", &start, "--test-person", CANARY, "--browser", "light"];
    let stand_in = crawler::find_browser().map(|path| path.display().to_string());
    if crawler::find_light_browser().is_none() {
        command.extend(stand_in.iter().flat_map(|path| ["--browser-path", path]));
    }
    let ran = served.bench.run(&served.arguments(&command));
    ran.ends_with(1).says("cpr-in-third-party-request").says("the light build visited (");
    let scan = served.bench.scan();
    assert!(scan["conditions"][0].as_str().expect("a condition").contains("Chrom"), "{}", scan["conditions"]);
    let probes = scan["self_test"]["probes"].as_array().expect("probes");
    assert!(probes.iter().all(|probe| probe["found"] == true), "{probes:#?}");
    let sent = served.received_by(TRACKER).into_iter().find(|received| received.method == "POST").expect("a beacon");
    assert!(String::from_utf8_lossy(&sent.body).ends_with("robot=false"));
}

#[test]
fn where_there_is_no_light_build_it_is_said_what_to_install() {
    let served = served();
    let start = format!("https://{SITE}/");
    let arguments = served.arguments(&["audit", &start, "--browser", "light"]);
    let ran = |arguments: &[&str]| {
        // An empty path, so that none is found there.
        let output = served.bench.command(arguments).env("PATH", "").output();
        kit::Ran::from(output.expect("the program runs"))
    };
    if crawler::find_light_browser().is_none() {
        ran(&arguments).ends_with(2).says("chromium-headless-shell").says("leave out --browser light");
    }
    for more in [&["--engine", "static"][..], &["--attended=window"]] {
        ran(&[&arguments[..], more].concat()).ends_with(2);
    }
    assert!(served.received().is_empty());
}
