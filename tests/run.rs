//! `cprvagt run`: the real program with real commands behind it, and made-up sites on loopback.
#![cfg(unix)]

mod kit;

use kit::served::Served;
use kit::{Ran, assert_absent};
use sites::{HostedSite, Reply};

const SITE: &str = "www.borger.test";
const TRACKER: &str = "maaling.eksempel.test";
/// Declared, so shown.
const CANARY: &str = "0101455009";
/// Declared nowhere: found by its shape alone.
const UNDECLARED: &str = "0707614285";

fn sites() -> Served {
    Served::start(vec![
        HostedSite::new(SITE, |_| Reply::html("<!doctype html><title>Borger</title>")),
        HostedSite::new(TRACKER, |_| Reply::no_content()),
    ])
}

/// Runs `command` with `options` before it.
fn run(served: &Served, options: &[&str], command: &[&str]) -> Ran {
    let arguments = served.arguments(&[&["run", "--no-store"], options].concat());
    served.bench.run(&[&arguments, &["--"][..], command].concat())
}

fn shell(served: &Served, options: &[&str], script: &str) -> Ran {
    run(served, options, &["sh", "-c", script])
}

const KNOWN: [&str; 4] = ["--sut", SITE, "--test-person", CANARY];

fn clean() -> String {
    format!("curl -sS --fail https://{SITE}/ -o page.html")
}

fn leak(number: &str) -> String {
    let referer = format!("Referer: https://{SITE}/side");
    format!("{} && curl -sS --fail -H '{referer}' 'https://{TRACKER}/c?cpr={number}'", clean())
}

#[test]
fn a_clean_command_is_clean_and_its_output_is_its_own() {
    let served = sites();
    let ran = shell(&served, &KNOWN, &format!("{} && echo out && echo err >&2", clean()));
    ran.ends_with(0).says("1 requests; exit code 0");
    assert_eq!(ran.stdout, "out\n");
    assert!(ran.stderr.contains("err\n"));
    let scan = served.bench.scan();
    assert_eq!((&scan["kind"], scan["findings"].as_array().unwrap().len()), (&"run".into(), 0));
}

#[test]
fn a_leak_breaks_the_build_and_no_undeclared_number_is_written() {
    let served = sites();
    let ran = shell(&served, &["--sut", SITE], &leak(UNDECLARED));
    ran.ends_with(1).says("cpr-in-third-party-request").says("1 findings break the build");
    assert_eq!(ran.stdout, "");
    for (path, bytes) in served.bench.files() {
        assert_absent(UNDECLARED, &bytes, &path.display().to_string());
    }
    assert_absent(UNDECLARED, ran.stderr.as_bytes(), "standard error");
}
