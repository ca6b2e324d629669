//! `cprvagt run`: the real program with real commands behind it, and made-up sites on loopback.
#![cfg(unix)]

mod kit;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kit::served::Served;
use kit::{NOW, Ran, assert_absent, no_browser, one_browser};
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
    ran.ends_with(1).says("cpr-in-third-party-request").says("1 finding breaks the build");
    assert_eq!(ran.stdout, "");
    for (path, bytes) in served.bench.files() {
        assert_absent(UNDECLARED, &bytes, &path.display().to_string());
    }
    assert_absent(UNDECLARED, ran.stderr.as_bytes(), "standard error");
}

#[test]
fn the_exit_code_of_a_command_that_failed_is_told_apart() {
    let served = sites();
    shell(&served, &KNOWN, &format!("{}; exit 77", clean())).ends_with(77).says("its own exit code was 77");
    let scan = served.bench.scan();
    assert_eq!(scan["blind_spots"][0]["kind"], "command-failed");
    // One of ours would be taken for what it says.
    shell(&served, &KNOWN, &format!("{}; exit 1", clean())).ends_with(5).says("its own exit code was 1");
    shell(&served, &KNOWN, &format!("{}; exit 77", leak(CANARY))).ends_with(1).says("its own exit code was 77");
}

#[test]
fn what_went_past_the_proxy_is_not_green() {
    let served = sites();
    shell(&served, &KNOWN, "true").ends_with(3).says("nothing-through-proxy");
    let past =
        "env -u HTTPS_PROXY -u https_proxy -u ALL_PROXY -u all_proxy curl -s --max-time 5 https://localhost:1/; true";
    shell(&served, &KNOWN, past).ends_with(3).says("nothing-through-proxy");
    let elsewhere = format!("curl -sS https://{TRACKER}/");
    shell(&served, &KNOWN, &elsewhere).ends_with(3).says("nothing-seen");
}

#[test]
fn a_command_that_cannot_be_run_is_wrong_use() {
    let served = sites();
    run(&served, &KNOWN, &["no-such-program"]).ends_with(2).says("there is no such program").says("help: ");
    run(&served, &KNOWN, &["./sites.pem"]).ends_with(2).says("it is no program");
    served.bench.run(&["run"]).ends_with(2);
    assert!(!served.bench.path("cprvagt-out").exists(), "nothing was begun");
}

#[test]
fn the_first_site_visited_is_the_one_under_test_and_it_says_so() {
    let served = sites();
    let ran = shell(&served, &[], &leak(CANARY));
    ran.ends_with(1).says("site under test: borger.test (the first that was visited");
    assert_eq!(served.bench.scan()["targets"][0], "borger.test");
}

#[test]
fn a_finding_alone_is_asked_for_by_its_fingerprint() {
    let served = sites();
    shell(&served, &KNOWN, &leak(CANARY)).ends_with(1);
    let scan = served.bench.scan();
    let fingerprint = scan["findings"][0]["fingerprint"].as_str().unwrap().get(..8).unwrap().to_owned();
    let only = [&KNOWN[..], &["--only", &fingerprint]].concat();
    let again = format!("cprvagt run --only {fingerprint} --sut {SITE} --test-person {CANARY} -- sh -c ");
    shell(&served, &only, &leak(CANARY)).ends_with(1).says(&fingerprint).says(&again);
    let mended = shell(&served, &only, &clean());
    mended.ends_with(0).says(&format!("not seen again: {fingerprint}"));
    let another = format!("{} -H 'Referer: https://{SITE}/side' 'https://{TRACKER}/c?other={CANARY}'", clean());
    let another = another.replace("-o page.html", "-o page.html && curl -sS");
    let ran = shell(&served, &only, &another);
    ran.ends_with(0).says("1 other findings are there still").says(&format!("not seen again: {fingerprint}"));
}

#[test]
fn a_new_recipient_breaks_the_build_when_that_is_asked_for() {
    let served = sites();
    let script = format!("{} && curl -sS https://{TRACKER}/", clean());
    let asked = |arguments: &[&str], script: &str| {
        let options = [&["run", "--store", "runs.db"][..], &KNOWN, arguments].concat();
        let arguments = served.arguments(&options);
        served.bench.run(&[&arguments[..], &["--", "sh", "-c", script]].concat())
    };
    asked(&["--fail-on-new-recipient"], &script).ends_with(0).says("nobody is new");
    asked(&["--fail-on-new-recipient"], &script).ends_with(0);
    asked(&["--out", "first"], &clean()).ends_with(0);
    asked(&["--fail-on-new-recipient"], &script).ends_with(1).says("breaks the build: eksempel.test");
    asked(&["--fail-on-new-recipient", "--since", "first/scan.json"], &script).ends_with(1);
    asked(&["--fail-on-new-recipient", "--since", "no/such.json"], &script).ends_with(2);
}

#[test]
fn a_signal_is_passed_on_and_the_report_is_written() {
    let served = sites();
    let script = format!("{}; trap 'echo asked; exit 9' TERM; touch ready; while :; do sleep 0.1; done", clean());
    let arguments = served.arguments(&[&["run", "--no-store"], &KNOWN[..]].concat());
    let mut command = served.bench.command(&[&arguments[..], &["--", "sh", "-c", &script]].concat());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    let ready = served.bench.path("ready");
    let begun = Instant::now();
    while !ready.exists() && begun.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
    let ran = Ran::from(child.wait_with_output().expect("it ends"));
    ran.ends_with(9).says("interrupted").says("command-failed");
    assert_eq!(ran.stdout, "asked\n");
    assert_eq!(served.bench.scan()["kind"], "run");
}

#[test]
fn findings_name_the_tests_that_ran() {
    let served = sites();
    let tell = |event: &str, title: &str| {
        let line = format!(r#"{{"at":"%s","event":"{event}","title":"{title}"}}\n"#);
        format!("printf '{line}' \"$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)\" >> \"$CPRVAGT_TESTS_FILE\"")
    };
    let steps = [tell("begin", "pay.sh › pays"), leak(CANARY), tell("end", "pay.sh › pays"), tell("begin", "later")];
    let ran = shell(&served, &[&KNOWN[..], &["--format", "junit,sarif,markdown"]].concat(), &steps.join(" && "));
    ran.ends_with(1).says("in 2 tests");
    let scan = served.bench.scan();
    assert_eq!(scan["findings"][0]["tests"], serde_json::json!(["pay.sh › pays"]));
    for file in ["cprvagt.sarif", "cprvagt.junit.xml", "cprvagt.md"] {
        let text = std::fs::read_to_string(served.bench.path("cprvagt-out").join(file)).expect(file);
        for what in ["pay.sh › pays", "cprvagt run --only ", "cpr-in-third-party-request"] {
            assert!(text.contains(what), "{what} is not in {file}:\n{text}");
        }
    }
}

#[test]
fn the_same_time_gives_the_same_bytes() {
    let served = sites();
    let scans = [(); 2].map(|()| {
        shell(&served, &[&KNOWN[..], &["--now", NOW]].concat(), &leak(CANARY)).ends_with(1);
        served.bench.path("cprvagt-out/scan.json")
    });
    let [first, second] = scans.map(|path| std::fs::read(path).expect("scan.json"));
    assert!(first == second);
}

#[test]
fn nothing_of_a_run_is_left_behind() {
    let served = sites();
    let folder = served.bench.path("temporary");
    std::fs::create_dir(&folder).unwrap();
    let arguments = served.arguments(&[&["run", "--no-store"], &KNOWN[..]].concat());
    let script =
        format!("{} && dirname \"$CPRVAGT_TESTS_FILE\" && stat -c %a \"$(dirname \"$CPRVAGT_TESTS_FILE\")\"", clean());
    let mut command = served.bench.command(&[&arguments[..], &["--", "sh", "-c", &script]].concat());
    let ran = Ran::from(command.env("TMPDIR", &folder).output().unwrap());
    ran.ends_with(0);
    assert!(ran.stdout.contains("/temporary/cprvagt-run-") && ran.stdout.ends_with("700\n"), "{}", ran.stdout);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

/// What is pasted from the report finds the leak again: the number that was declared is declared again.
#[test]
fn the_printed_proof_finds_the_leak_again() {
    let served = sites();
    let script = leak(CANARY).replace("cpr=", "x=");
    shell(&served, &KNOWN, &script).ends_with(1);
    let scan = served.bench.scan();
    let fingerprint = scan["findings"][0]["fingerprint"].as_str().unwrap().get(..8).unwrap().to_owned();
    let command = scan["command"].as_str().unwrap();
    let options: Vec<&str> = command.split(" -- ").next().unwrap().split(' ').collect();
    shell(&served, &[&options[..], &["--only", &fingerprint]].concat(), &script).ends_with(1).says(&fingerprint);
}

#[test]
fn a_folder_that_browsers_cannot_be_started_from_is_refused() {
    let served = sites();
    let folder = served.bench.path("a:b");
    std::fs::create_dir(&folder).unwrap();
    let arguments = served.arguments(&[&["run", "--no-store"], &KNOWN[..]].concat());
    let mut command = served.bench.command(&[&arguments[..], &["--", "true"]].concat());
    Ran::from(command.env("TMPDIR", &folder).output().unwrap()).ends_with(2).says("set TMPDIR to another folder");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

/// Runs a client that has a number to tell; it is found although nothing of the client names a proxy.
#[track_caller]
fn client_leaks(command: &[&str]) {
    let served = sites();
    let ran = run(&served, &KNOWN, command);
    ran.ends_with(1).says("cpr-in-third-party-request");
    assert_eq!(served.bench.scan().pointer("/findings/0/transmissions"), Some(&1.into()));
}

#[test]
fn python_is_seen() {
    let script = format!(
        "import urllib.request as u; u.urlopen('https://{SITE}/'); \
         u.urlopen(u.Request('https://{TRACKER}/c?cpr={CANARY}', headers={{'Referer': 'https://{SITE}/side'}}))"
    );
    client_leaks(&["python3", "-c", &script]);
}

#[test]
fn node_is_seen_by_https_and_by_fetch() {
    let https = format!(
        "const https = require('https'); https.get('https://{SITE}/', (first) => {{ first.resume(); first.on('end', () => \
         https.get('https://{TRACKER}/c?cpr={CANARY}', {{ headers: {{ referer: 'https://{SITE}/side' }} }}, \
         (second) => second.resume())); }});"
    );
    client_leaks(&["node", "-e", &https]);
    let fetch = format!("fetch('https://{SITE}/').then(() => fetch('https://{TRACKER}/c?cpr={CANARY}'))");
    client_leaks(&["node", "-e", &fetch]);
}

#[test]
fn an_agent_of_its_own_goes_past_the_proxy_and_that_is_no_green() {
    let served = sites();
    let own = "const http = require('http'); const s = http.createServer((q, r) => r.end()).listen(0, '127.0.0.1', () => \
               http.get({ port: s.address().port, agent: new http.Agent() }, (r) => { r.resume(); s.close(); }));";
    run(&served, &KNOWN, &["node", "-e", own]).ends_with(3).says("nothing-through-proxy");
}

#[test]
fn a_browser_is_started_behind_the_proxy() {
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
    // By its name, and by Node, as Playwright and Puppeteer start it.
    let flags = ["--headless", "--no-sandbox", "--virtual-time-budget=3000", "--dump-dom", &url];
    let by_name = run(&served, &KNOWN, &[&["chromium"][..], &flags].concat());
    by_name.ends_with(1).says("cpr-in-third-party-request");
    assert!(by_name.stdout.contains("<title>Borger</title>"), "{by_name:?}");
    let browser = crawler::find_browser().expect("it is there").display().to_string();
    let spawn = format!(
        "require('child_process').spawn('{browser}', ['--user-data-dir=' + process.cwd() + '/profile', ...{flags:?}], \
         {{ stdio: 'inherit' }}).on('exit', (code) => process.exit(code))"
    );
    run(&served, &KNOWN, &["node", "-e", &spawn]).ends_with(1).says("cpr-in-third-party-request");
}

/// A page whose script tells the number, in Firefox by its name: headless, with a profile that knows of no proxy.
#[test]
fn firefox_is_seen_too() {
    if no_browser() {
        return;
    }
    let leak = format!(
        "<!doctype html><title>Borger</title><script>fetch('https://{TRACKER}/c?cpr={CANARY}', {{mode: 'no-cors'}})</script>"
    );
    let leaks = Served::start(vec![
        HostedSite::new(SITE, move |_| Reply::html(leak.clone())),
        HostedSite::new(TRACKER, |_| Reply::no_content()),
    ]);
    let shown = |served: &Served| {
        let url = format!("https://{SITE}/");
        let profile = served.bench.path("profile");
        std::fs::create_dir(&profile).unwrap();
        let profile = profile.display().to_string();
        run(served, &KNOWN, &["firefox", "--headless", "--no-remote", "--profile", &profile, "--screenshot", &url])
    };
    shown(&leaks).ends_with(1).says("cpr-in-third-party-request");
    shown(&sites()).ends_with(0);
}

/// Selenium Manager is asked for either browser, and takes one variable for both.
#[test]
fn selenium_is_given_the_browser_that_it_asks_for() {
    let served = sites();
    let asks = |browser: &str| {
        // As it asks: by a shell, for the version.
        let script = format!(
            "cp \"$(command -v sh)\" selenium-manager && ./selenium-manager -c '\"$SE_BROWSER_PATH\" --version; :' --browser {browser}"
        );
        shell(&served, &KNOWN, &script).stdout
    };
    assert!(asks("firefox").contains("Firefox"), "{}", asks("firefox"));
    assert!(asks("chrome").contains("Chromium"), "{}", asks("chrome"));
}
