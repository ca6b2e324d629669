//! `cprvagt proxy`: the real program, asked by curl, with made-up sites on loopback.
#![cfg(unix)]

mod kit;

use kit::live::Live;
use kit::served::Served;
use kit::{Ran, assert_absent, no_browser, one_browser};
use sha2::Digest as _;
use sites::{HostedSite, Reply};

const CA: &str = "cprvagt-out/ca.pem";
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

fn session(served: &Served, more: &[&str]) -> Live {
    let command = ["proxy", "--listen", "0", "--test-person", CANARY];
    Live::start(&served.bench, &served.arguments(&[&command, more].concat()))
}

fn leak(served: &Served, live: &Live, parameter: &str, number: &str) {
    let url = format!("https://{TRACKER}/c?{parameter}={number}");
    let referer = format!("Referer: https://{SITE}/side");
    live.curl(&served.bench, CA, &["-H", &referer, &url]);
}

fn journal(served: &Served) -> String {
    std::fs::read_to_string(served.bench.path("cprvagt-out/sightings.jsonl")).expect("the journal")
}

#[test]
fn a_leak_is_told_as_it_happens_once_and_reported_at_the_end() {
    let served = sites();
    let mut live = session(&served, &["--sut", SITE]);
    live.curl(&served.bench, CA, &[&format!("https://{SITE}/")]);
    for _ in 0..3 {
        leak(&served, &live, "cpr", UNDECLARED);
    }
    live.wait_for("cpr-in-third-party-request");
    leak(&served, &live, "other", CANARY);
    live.wait_for("query[other]");
    live.signal("TERM");
    let ran = live.ended();
    ran.ends_with(1).says("5 requests, 2 findings (numbers seen 4 times)").says("stopping;");
    assert_eq!(ran.stdout.matches("query[cpr]").count(), 2, "once live and once in the report: {}", ran.stdout);
    let scan = served.bench.scan();
    assert_eq!(scan["kind"], "proxy");
    let sent: Vec<u64> =
        scan["findings"].as_array().unwrap().iter().map(|f| f["transmissions"].as_u64().unwrap()).collect();
    assert_eq!(sent.iter().sum::<u64>(), 4, "{sent:?}");
    assert_eq!(journal(&served).lines().count(), 4);
    for (path, bytes) in served.bench.files() {
        assert_absent(UNDECLARED, &bytes, &path.display().to_string());
    }
    assert_absent(UNDECLARED, ran.stdout.as_bytes(), "standard output");
    assert_absent(UNDECLARED, ran.stderr.as_bytes(), "standard error");
}

#[test]
fn a_session_that_is_killed_has_lost_nothing_that_was_shown() {
    let served = sites();
    let mut live = session(&served, &["--sut", SITE, "--format", "jsonl"]);
    for parameter in ["a", "b", "c"] {
        leak(&served, &live, parameter, CANARY);
        live.wait_for(&format!("query[{parameter}]"));
    }
    live.signal("KILL");
    let ran = live.ended();
    let journal = journal(&served);
    assert_eq!(ran.sightings().len(), 3);
    for line in ran.stdout.lines() {
        assert!(journal.lines().any(|written| written == line), "{line} is not in:\n{journal}");
    }
    // The next session in the same folder keeps it.
    let live = session(&served, &["--sut", SITE]);
    live.signal("INT");
    live.ended().ends_with(3);
    let kept = served.bench.files().into_iter().filter(|(_, bytes)| bytes == journal.as_bytes());
    assert_eq!(kept.count(), 1);
}

#[test]
fn a_session_that_is_killed_is_taken_up_with_the_same_arguments() {
    let served = sites();
    let (log, arguments) = (served.bench.path("cprvagt-out/session.jsonl"), ["--sut", SITE, "--tester", "anna"]);
    let mut live = session(&served, &arguments);
    live.curl(&served.bench, CA, &[&format!("https://{SITE}/")]);
    leak(&served, &live, "a", CANARY);
    live.wait_for("query[a]");
    leak(&served, &live, "b", UNDECLARED);
    live.wait_for("query[b]");
    live.signal("KILL");
    live.ended();
    assert!(log.exists(), "the session is on disk");

    // Twice, and the second time nothing comes: what was seen is there all the same.
    let mut live = session(&served, &arguments);
    leak(&served, &live, "b", UNDECLARED);
    leak(&served, &live, "c", CANARY);
    live.wait_for("query[c]");
    live.signal("KILL");
    live.ended().says("was cut off and goes on");
    let live = session(&served, &arguments);
    live.signal("INT");
    let ran = live.ended();
    ran.ends_with(1).says("query[a]").says("query[b]").says("query[c]");
    assert!(!ran.stdout.contains("nothing-seen"), "{}", ran.stdout);
    assert!(!log.exists(), "it is over");

    let scan = served.bench.scan();
    let coverage = &scan["systems"][0]["coverage"];
    assert_eq!((&coverage["requests"], &coverage["third_party_requests"]), (&5.into(), &4.into()), "{coverage}");
    let of = |parameter: &str| {
        let is_it = |finding: &&serde_json::Value| finding["parameter"].as_str().is_some_and(|name| name == parameter);
        let findings = scan["findings"].as_array().unwrap().iter();
        findings.clone().find(is_it).map(|finding| (finding["transmissions"].clone(), finding["persons"].clone()))
    };
    // The same person before and after.
    assert_eq!(of("b"), Some((2.into(), 1.into())), "{}", scan["findings"]);
    assert!(of("a").is_some() && of("c").is_some(), "{}", scan["findings"]);
    assert_eq!(scan["blind_spots"].as_array().unwrap().len(), 0, "{}", scan["blind_spots"]);
    assert_eq!(journal(&served).lines().count(), 4);
    for (path, bytes) in served.bench.files() {
        assert_absent(UNDECLARED, &bytes, &path.display().to_string());
    }
}

#[test]
fn a_session_without_a_named_site_is_taken_up_with_the_one_that_was_visited() {
    let served = sites();
    let mut live = session(&served, &[]);
    live.curl(&served.bench, CA, &[&format!("https://{SITE}/")]);
    live.wait_for("site under test: borger.test");
    leak(&served, &live, "a", CANARY);
    live.wait_for("query[a]");
    live.signal("KILL");
    live.ended();
    let live = session(&served, &[]);
    leak(&served, &live, "a", CANARY);
    live.signal("INT");
    live.ended().ends_with(1).says("was cut off and goes on");
    let scan = served.bench.scan();
    assert_eq!((&scan["targets"][0], &scan["findings"][0]["transmissions"]), (&"borger.test".into(), &2.into()));
}

#[test]
fn a_killed_session_with_other_arguments_is_kept_and_not_taken_up() {
    let served = sites();
    let mut live = session(&served, &["--sut", SITE]);
    leak(&served, &live, "a", CANARY);
    live.wait_for("query[a]");
    live.signal("KILL");
    live.ended();
    let kept = std::fs::read(served.bench.path("cprvagt-out/session.jsonl")).unwrap();
    let live = session(&served, &["--sut", TRACKER]);
    live.signal("INT");
    live.ended().ends_with(3).says("had other arguments; it is kept as");
    assert!(served.bench.files().iter().any(|(_, bytes)| *bytes == kept));
}

#[test]
fn testers_are_told_apart_by_their_ports() {
    let served = sites();
    let mut live = session(&served, &["--sut", SITE, "--tester", "anna", "--tester", "bo"]);
    for tester in ["anna", "bo"] {
        let line = live.wait_for(&format!("proxy of {tester} on http://"));
        let address = line.split("http://").nth(1).unwrap().to_owned();
        let own = std::mem::replace(&mut live.address, address);
        leak(&served, &live, tester, CANARY);
        live.address = own;
    }
    live.wait_for("query[bo]");
    let log = std::fs::read_to_string(served.bench.path("cprvagt-out/session.jsonl")).unwrap();
    for tester in ["anna", "bo"] {
        let line = log.lines().find(|line| line.contains(&format!("c?{tester}="))).expect("the exchange");
        assert!(line.contains(&format!("\"tester\":\"{tester}\"")), "{line}");
    }
    live.signal("INT");
    live.ended().ends_with(1);
    let twice = served.bench.run(&served.arguments(&["proxy", "--listen", "0", "--tester", "a", "--tester", "a"]));
    twice.ends_with(2).says("two testers are called a");
}

#[test]
fn the_lines_are_the_same_live_and_in_the_journal() {
    let served = sites();
    let mut live = session(&served, &["--sut", SITE, "--format", "jsonl"]);
    leak(&served, &live, "a", CANARY);
    live.wait_for("query[a]");
    live.signal("INT");
    let ran = live.ended();
    ran.ends_with(1);
    assert_eq!(ran.stdout, journal(&served));
}

#[test]
fn without_a_registry_the_first_site_visited_is_the_one_under_test_and_it_says_so() {
    let served = sites();
    let mut live = session(&served, &[]);
    live.wait_for("site under test: the first that is visited");
    let browser = ["-A", "Mozilla/5.0 (X11)", "-H", "Sec-Fetch-Dest: empty"];
    live.curl(&served.bench, CA, &[&browser[..], &[&format!("https://{TRACKER}/update?cpr={CANARY}")]].concat());
    let page = ["-A", "Mozilla/5.0 (X11)", "-H", "Sec-Fetch-Dest: document"];
    live.curl(&served.bench, CA, &[&page[..], &[&format!("https://{SITE}/?cpr={CANARY}")]].concat());
    live.wait_for("site under test: borger.test (the first that was visited; name another with --sut)");
    // What came before is judged too.
    live.wait_for("cpr-in-third-party-request");
    live.wait_for("cpr-in-url");
    live.signal("INT");
    live.ended().ends_with(1);
    assert_eq!(served.bench.scan()["targets"][0], "borger.test");
}

#[test]
fn digests_are_undone_at_the_end_though_ctrl_c_is_what_ends_it() {
    let served = sites();
    let live = session(&served, &["--sut", SITE, "--format", "jsonl"]);
    live.curl(&served.bench, CA, &[&format!("https://{SITE}/")]);
    let digest = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(UNDECLARED.as_bytes()));
    leak(&served, &live, "uid", &digest);
    live.signal("INT");
    let ran = live.ended();
    ran.ends_with(1).says("cpr-digest");
    assert!(journal(&served).contains("\"form\":\"sha256\""));
    assert_eq!(served.bench.scan()["blind_spots"].as_array().unwrap().len(), 0);
}

#[test]
fn a_session_that_nothing_came_through_is_no_clean_one() {
    let served = sites();
    let live = session(&served, &["--sut", SITE]);
    live.signal("INT");
    live.ended().ends_with(3).says("nothing-seen");
}

#[test]
fn what_was_not_seen_is_told_as_it_happens() {
    let served = sites();
    let nobody = "www.nede.test:443:127.0.0.1:1";
    let mut live = session(&served, &["--sut", SITE, "--resolve", nobody]);
    let answer = live.curl(&served.bench, CA, &["https://www.nede.test/"]);
    assert!(answer.contains("502"), "{answer}");
    let line = live.wait_for("host-unreachable");
    assert!(line.starts_with("? "), "{line}");
    assert!(live.stdout().contains("www.nede.test"));
    live.signal("INT");
    live.ended().ends_with(3);
}

#[test]
fn a_port_that_is_taken_is_named_with_the_flag_that_chooses_another() {
    let served = sites();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = served.bench.run(&served.arguments(&["proxy", "--listen", &port]));
    ran.ends_with(2).says(&format!("cannot listen on 127.0.0.1:{port}")).says("--listen");
}

#[test]
fn it_does_not_listen_to_the_network_for_everybody() {
    let served = sites();
    for arguments in [["proxy", "--listen", "0.0.0.0:0"], ["proxy", "--reverse", "0.0.0.0:0=https://a.test"]] {
        let ran = served.bench.run(&arguments);
        ran.ends_with(2).says("would let everybody on the network use the proxy").says("--proxy-auth-file");
    }
}

#[test]
fn a_browser_without_a_screen_is_refused_with_the_reason() {
    let served = sites();
    let arguments = served.arguments(&["proxy", "--listen", "0", "--browser"]);
    let mut command = served.bench.command(&arguments);
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    Ran::from(command.output().unwrap()).ends_with(2).says("no screen here");
}

#[test]
fn a_browser_needs_no_set_up_and_ends_with_the_session() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let page = format!(
        "<!doctype html><link rel=icon href='data:,'><title>Borger</title>\
         <img src='https://{TRACKER}/pixel.gif?cpr={CANARY}'>"
    );
    let served = Served::start(vec![
        HostedSite::new(SITE, move |_| Reply::html(page.clone())),
        HostedSite::new(TRACKER, |_| Reply::gif()),
    ]);
    let url = format!("https://{SITE}/");
    let mut live = session(&served, &["--browser=headless", "--url", &url]);
    live.wait_for("a browser with a profile of its own is open");
    live.wait_for("site under test: borger.test");
    live.wait_for("cpr-in-third-party-request");
    live.signal("INT");
    let ran = live.ended();
    ran.ends_with(1);
    let scan = served.bench.scan();
    // Nothing of the browser's own went out, and nothing else was asked for.
    assert_eq!(scan["systems"][0]["coverage"]["requests"], 2, "{ran:?}");
    assert_eq!(scan["blind_spots"].as_array().unwrap().len(), 0, "{}", scan["blind_spots"]);
}

#[test]
fn the_session_ends_when_the_browser_is_closed() {
    use std::os::unix::fs::PermissionsExt as _;
    let served = sites();
    let browser = "#!/bin/sh\n[ \"$1\" = --version ] && { echo 'Chromium 156.0.1.2'; exit; }\nsleep 1\n";
    let path = served.bench.write("browser", browser);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let live = session(&served, &["--sut", SITE, "--browser=headless", "--browser-path", "./browser"]);
    live.ended().ends_with(3).says("the browser was closed").says("nothing-seen");
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    let served = Served::start(vec![HostedSite::new(SITE, |_| Reply::html("x"))]);
    let mut live = session(&served, &["--sut", SITE]);
    // A request under way, so that the first Ctrl-C has something to wait for.
    let mut client = std::net::TcpStream::connect(&live.address).unwrap();
    let half = format!("POST http://{SITE}/ HTTP/1.1\r\nHost: {SITE}\r\nContent-Length: 9\r\n\r\nhalf");
    std::io::Write::write_all(&mut client, half.as_bytes()).unwrap();
    let patience = std::time::Instant::now();
    while served.received_by(SITE).is_empty() && patience.elapsed() < std::time::Duration::from_millis(500) {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    live.signal("INT");
    live.wait_for("again to end at once");
    live.signal("INT");
    live.ended().ends_with(130);
    assert!(!served.bench.path("cprvagt-out/scan.json").exists(), "it did not end at once");
}
