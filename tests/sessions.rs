//! Sessions in the real program: roles in the report, cookies that are handed over, a person who logs in.

mod kit;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Stdio;

use kit::served::Served;
use kit::{Ran, assert_absent, no_browser, one_browser};
use serde_json::json;
use sites::{HostedSite, Received, Reply};

const SITE: &str = "selv.borger.test";
const TRACKER: &str = "maaling.eksempel.test";
const LOGIN_SERVICE: &str = "id.login.test";
/// Nobody's: born in 2045.
const CANARY: &str = "0101455009";
const SECRET: &str = "hemmelig-session-4711";

fn journey(role: &str) -> String {
    format!(
        r##"{{"title": "Log ind", "steps": [{{"type": "navigate", "url": "https://{SITE}/login"}},
        {{"type": "click", "target": "main", "selectors": ["#{role}"], "offsetX": 4, "offsetY": 4,
            "assertedEvents": [{{"type": "navigation", "url": "https://{SITE}/{role}", "title": ""}}]}}]}}"##
    )
}

fn page(title: &str, body: &str) -> Reply {
    Reply::html(format!("<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><title>{title}</title>{body}"))
}

fn leak(name: &str) -> String {
    format!(
        "<script>fetch('https://{TRACKER}/{name}?cpr={CANARY}', {{mode: 'no-cors'}})</script><a href=/logud>Log ud</a>"
    )
}

/// A site for two roles, each with a page of its own that leaks, and one that leaks to both.
fn served(registry: &str) -> Served {
    let served = Served::start(vec![
        HostedSite::new(SITE, |received: &Received| {
            let role = ["borger", "partner"].into_iter().find(|role| {
                received.header("cookie").is_some_and(|cookie| cookie.contains(&format!("s={role}-{SECRET}")))
            });
            let let_in = |role: &str| {
                Reply::redirect(format!("/{role}"))
                    .with_header("Set-Cookie", format!("s={role}-{SECRET}; Path=/; Secure; HttpOnly"))
            };
            match (received.method.as_str(), received.path(), role) {
                ("POST", "/ind/partner", _) => let_in("partner"),
                ("POST", _, _) => let_in("borger"),
                (_, "/login", _) => page(
                    "Log ind",
                    "<form action=/ind/borger method=post><button id=borger>Borger</button></form>
                    <form action=/ind/partner method=post><button id=partner>Partner</button></form>",
                ),
                (_, "/", None) => Reply::redirect(format!("https://{LOGIN_SERVICE}/login")),
                (_, "/" | "/borger" | "/partner", Some(role)) => page(
                    "Oversigt",
                    &format!("<a href=/{role}/sag>Sag</a><a href=/faelles>Fælles</a><a href=/logud>Log ud</a>"),
                ),
                (_, "/borger/sag", Some("borger")) => page("Sag", &leak("sag-borger")),
                (_, "/partner/sag", Some("partner")) => page("Sag", &leak("sag-partner")),
                (_, "/faelles", Some(_)) => page("Fælles", &leak("faelles")),
                _ => Reply::redirect("/login"),
            }
        }),
        HostedSite::new(LOGIN_SERVICE, |received: &Received| match received.method.as_str() {
            // Who logs in by hand presses its button; what it does then is a request that could change something.
            "POST" => page(
                "Svar",
                &format!(
                    "<form action=https://{SITE}/svar method=post></form><script>document.forms[0].submit()</script>"
                ),
            ),
            _ => page(
                "MitID",
                "<form method=post action=/login></form><script>setTimeout(() => document.forms[0].submit(), 500)</script>",
            ),
        }),
        HostedSite::new(TRACKER, |_| Reply::no_content()),
    ]);
    let text = format!(
        "[[vendor]]\nid = \"v\"\nname = \"Leverandøren\"\n\n[[system]]\nid = \"selv\"\nname = \"Selvbetjening\"\n\
         vendor = \"v\"\nbase_urls = [\"https://{SITE}/\"]\n{registry}\n\n\
         [[test_person]]\nid = \"da-01\"\ncpr = \"{CANARY}\"\n"
    );
    served.bench.write("cprvagt.toml", &text);
    for role in ["borger", "partner"] {
        served.bench.write(&format!("{role}.json"), &journey(role));
    }
    served
}

#[track_caller]
fn nothing_is_written(served: &Served, secret: &str) {
    for (path, bytes) in served.bench.files() {
        if !path.ends_with("cookies.txt") {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "the session stands in {}", path.display());
        }
    }
}

#[test]
fn a_finding_tells_the_roles_in_which_it_was_seen() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = served(
        "environment = \"test\"\njourneys = [{ file = \"borger.json\", role = \"borger\" }, { file = \"partner.json\", role = \"partner\" }]",
    );
    served.bench.run(&served.arguments(&["audit", "selv", "--lang", "en", "--pause", "0"])).ends_with(1);
    let scan = served.bench.scan();
    let roles = |name: &str| {
        let page = format!("https://{SITE}/{name}");
        let findings = scan["findings"].as_array().unwrap();
        let found =
            findings.iter().find(|finding| finding["page"] == page.as_str() && finding["channel"] == "url-query");
        found.unwrap_or_else(|| panic!("no finding on {page} in {scan:#}"))["roles"].clone()
    };
    assert_eq!(roles("borger/sag"), json!(["borger"]));
    assert_eq!(roles("partner/sag"), json!(["partner"]));
    assert_eq!(roles("faelles"), json!(["borger", "partner"]));
    let told = scan["systems"][0]["coverage"]["roles"].as_array().unwrap();
    let told: Vec<_> = told.iter().map(|role| (role["name"].as_str(), role["signed_in"].as_bool())).collect();
    assert_eq!(told, [(Some("borger"), Some(true)), (Some("partner"), Some(true))]);
    nothing_is_written(&served, SECRET);
}

#[test]
fn a_session_that_is_handed_over_is_used_and_never_written() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = served("environment = \"production\"");
    let json = format!(
        r#"[{{"name": "s", "value": "borger-{SECRET}", "domain": "{SITE}", "hostOnly": true, "path": "/", "secure": true,
            "httpOnly": true, "session": true}},
        {{"name": "s", "value": "fremmed", "domain": ".eksempel.test", "path": "/"}}]"#
    );
    let lines = format!(
        "#HttpOnly_{SITE}\tFALSE\t/\tTRUE\t0\ts\tborger-{SECRET}\n.eksempel.test\tTRUE\t/\tFALSE\t0\ts\tfremmed\n"
    );
    for text in [json, lines] {
        let file = served.bench.write("cookies.txt", &text);
        only_mine(&file, 0o600);
        let ran = audit(&served);
        ran.ends_with(1).says("by 1 of the 2 cookies").says("signed in, 3 page views");
        assert_absent(SECRET, format!("{}{}", ran.stdout, ran.stderr).as_bytes(), "what is printed");
        nothing_is_written(&served, SECRET);
        let sent = served.received_by(TRACKER);
        assert!(sent.iter().any(|received| received.path() == "/faelles"), "{sent:#?}");
        assert!(sent.iter().all(|received| received.header("cookie").is_none()), "a cookie of another site was sent");
    }
}

fn audit(served: &Served) -> Ran {
    let arguments = ["audit", "selv", "--lang", "en", "--pause", "0", "--cookies", "cookies.txt"];
    served.bench.run(&served.arguments(&arguments))
}

#[cfg(unix)]
fn only_mine(file: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).expect("a file of ours");
}

#[test]
#[cfg(unix)]
fn a_file_of_cookies_that_cannot_be_used_ends_the_run_before_it_begins() {
    let served = served("environment = \"test\"");
    let good = format!("{SITE}\tFALSE\t/\tTRUE\t0\ts\t{SECRET}\n");
    for (text, mode, why) in [
        (good.as_str(), 0o644, "can be read by others (mode 644)\nhelp: chmod 600 cookies.txt"),
        (SECRET, 0o600, "neither a JSON array of cookies nor a cookies.txt"),
        ("[{\"name\": \"s\"}]", 0o600, "cookie 1 has no domain"),
        ("andet.test\tFALSE\t/\tTRUE\t0\ts\t1\n", 0o600, "none of the cookies in cookies.txt is of what is audited"),
    ] {
        let file = served.bench.write("cookies.txt", text);
        only_mine(&file, mode);
        let ran = audit(&served);
        ran.ends_with(2).says(why);
        assert!(!ran.stderr.contains(SECRET));
    }
    assert!(served.received().is_empty());
}

#[test]
#[cfg(target_os = "linux")]
fn a_window_needs_a_screen() {
    let served = served("");
    let arguments = served.arguments(&["audit", "selv", "--attended"]);
    let mut command = served.bench.command(&arguments);
    let ran = Ran::from(command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").output().unwrap());
    ran.ends_with(2).says("--attended opens a window, and there is no screen here").says("--cookies FILE");
}

#[test]
fn the_session_of_a_person_is_gone_on_with() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    // In production nothing may be sent: what the login service does, and what it hands back, is let be all the same.
    let served = served("environment = \"production\"\njourneys = [{ file = \"borger.json\", role = \"borger\" }]");
    let arguments = ["audit", "selv", "--lang", "en", "--pause", "0", "--third-party", "sink", "--attended=headless"];
    let arguments = served.arguments(&arguments);
    let mut command = served.bench.command(&arguments);
    let mut running =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut stderr = BufReader::new(running.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("log in to selv as borger in the window, then press Enter here") {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "it ended: {said}");
    }
    let is_in = || served.received_by(SITE).iter().any(|received| received.path() == "/borger");
    while !is_in() {
        std::thread::yield_now();
        assert!(running.try_wait().unwrap().is_none(), "it ended: {said}");
    }
    running.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    stderr.read_to_string(&mut said).unwrap();
    running.wait().unwrap();
    let scan = served.bench.scan();
    let roles = &scan["systems"][0]["coverage"]["roles"];
    assert_eq!((&roles[0]["name"], &roles[0]["signed_in"]), (&json!("borger"), &json!(true)), "{scan:#}\n{said}");
    let findings = scan["findings"].as_array().unwrap();
    assert!(
        findings.iter().any(|finding| finding["page"] == format!("https://{SITE}/borger/sag").as_str()),
        "{scan:#}"
    );
    let condition = scan["conditions"][0].as_str().unwrap();
    assert_eq!(condition, "a person logged in by hand (--attended)");
    assert!(served.received_by(TRACKER).is_empty(), "sunk again when the person was done");
}
