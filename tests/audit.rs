//! The real program, the real Chromium, made-up sites on loopback.

mod kit;

use std::process::Stdio;
use std::time::{Duration, Instant};

use kit::{Bench, Ran, assert_absent, no_browser, one_browser};
use sites::{HostedSite, Received, Reply, Stage, demo};
use tokio::runtime::Runtime;

/// Declared nowhere: found by its shape alone.
const UNDECLARED: &str = "0707614285";

/// Made-up sites, and what a program needs to reach them.
struct Served {
    runtime: Runtime,
    stage: Stage,
    bench: Bench,
    https: String,
    http: String,
}

impl Served {
    fn start(sites: Vec<HostedSite>) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let stage = runtime.block_on(Stage::start(sites)).expect("a stage");
        let bench = Bench::new();
        bench.write("ca.pem", stage.root_pem());
        let (https, http) = (format!("*:443:{}", stage.https()), format!("*:80:{}", stage.http()));
        Self { runtime, stage, bench, https, http }
    }

    fn demo(leaking: bool) -> Self {
        let served = Self::start(demo::hosts(demo::Options { leaking }));
        served.bench.write("cprvagt.toml", &demo::registry());
        served
    }

    fn arguments<'a>(&'a self, targets: &[&'a str]) -> Vec<&'a str> {
        let network = ["--upstream-ca", "ca.pem", "--resolve", &self.https, "--resolve", &self.http, "--loopback-only"];
        [&["audit"], targets, &network].concat()
    }

    fn audit(&self, targets: &[&str]) -> Ran {
        self.bench.run(&self.arguments(targets))
    }

    fn received(&self) -> Vec<Received> {
        let _guard = self.runtime.enter();
        self.stage.received()
    }
}

fn findings(scan: &serde_json::Value, system: &str) -> usize {
    scan["findings"].as_array().expect("findings").iter().filter(|finding| finding["system"] == system).count()
}

fn verdict<'a>(scan: &'a serde_json::Value, system: &str) -> &'a str {
    let systems = scan["systems"].as_array().expect("systems");
    systems.iter().find(|result| result["id"] == system).and_then(|r| r["verdict"].as_str()).expect("a verdict")
}

#[test]
fn the_demo_finds_exactly_what_its_sites_plant() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let bench = Bench::new();
    bench.run(&["demo"]).ends_with(0).says("As planted: 3 recipients on 2 pages").says("report: ");
    for page in ["index.da.html", "index.en.html", "vendor-havneborg.da.html", "vendor-fyrlygten.en.html"] {
        let html = std::fs::read_to_string(bench.path("cprvagt-out/demo").join(page)).expect(page);
        assert!(!html.contains("<script") && html.contains("default-src 'none'"), "{page}");
    }
}

#[test]
fn the_demo_finds_nothing_when_its_leak_is_switched_off() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let bench = Bench::new();
    bench.run(&["demo", "--mended"]).ends_with(0);
    assert_eq!(bench.scan_in("cprvagt-out/demo")["findings"].as_array().unwrap().len(), 0);
}

#[test]
fn the_exit_code_tells_leaking_mended_and_closed_apart() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = Served::demo(true);
    served.audit(&["selvbetjening"]).ends_with(1);
    assert_eq!(verdict(&served.bench.scan(), "selvbetjening"), "leaking");
    served.audit(&["selvbetjening-ny"]).ends_with(0).says("No findings");
    let scan = served.bench.scan();
    assert_eq!((findings(&scan, "selvbetjening-ny"), verdict(&scan, "selvbetjening-ny")), (0, "clean"));
    assert!(scan["self_test"]["probes"].as_array().unwrap().iter().all(|probe| probe["found"] == true));
    served.audit(&["arkiv"]).ends_with(3).says("Not covered");
    assert_eq!(verdict(&served.bench.scan(), "arkiv"), "not-covered");
}

#[test]
fn an_undeclared_number_on_a_real_site_is_found_and_written_nowhere() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let page = format!(
        "<!doctype html><meta charset=utf-8><title>Borger {UNDECLARED}</title><link rel=icon href='data:,'>\
         <a href='/sag/070761-4285/side?cpr={UNDECLARED}'>070761-4285</a>\
         <form id='f{UNDECLARED}' action='/send/{UNDECLARED}'><label>CPR-nummer<input name='cpr{UNDECLARED}'></label></form>\
         <script>fetch('https://maaling.eksempel.test/c/{UNDECLARED}?cpr=070761%2D4285&dl=' + btoa('cpr={UNDECLARED}'),\
         {{method: 'POST', mode: 'no-cors', body: JSON.stringify({{'{UNDECLARED}': '070761-4285'}})}})</script>"
    );
    let served = Served::start(vec![
        HostedSite::new("www.borger.test", move |received| match received.path() {
            "/" => Reply::html(page.clone()),
            _ => Reply::html("<!doctype html><link rel=icon href='data:,'><title>Sag</title>"),
        }),
        HostedSite::new("maaling.eksempel.test", |_| Reply::no_content()),
    ]);
    let ran = served.audit(&["https://www.borger.test/"]);
    ran.ends_with(1).says("cpr-in-third-party-request").says("eksempel.test");
    assert!(served.received().iter().any(|received| received.host == "maaling.eksempel.test"));
    assert_absent(UNDECLARED, ran.stdout.as_bytes(), "standard output");
    assert_absent(UNDECLARED, ran.stderr.as_bytes(), "standard error");
    for (path, bytes) in served.bench.files() {
        assert_absent(UNDECLARED, &bytes, &path.display().to_string());
    }
}

#[test]
fn a_number_in_a_compressed_websocket_is_found() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let page = format!(
        "<!doctype html><meta charset=utf-8><title>Chat</title><link rel=icon href='data:,'>\
         <script>const chat = new WebSocket('wss://chat.eksempel.test/s');\
         chat.onopen = () => chat.send(JSON.stringify({{cpr: '{UNDECLARED}'}}))</script>"
    );
    let served = Served::start(vec![
        HostedSite::new("www.borger.test", move |_| Reply::html(page.clone())),
        HostedSite::new("chat.eksempel.test", |received| Reply::websocket(received, Some("permessage-deflate"))),
    ]);
    let ran = served.audit(&["https://www.borger.test/"]);
    ran.ends_with(1).says("cpr-in-third-party-request").says("eksempel.test");
    let scan = served.bench.scan();
    assert_eq!((&scan["findings"][0]["channel"], &scan["blind_spots"]), (&"websocket".into(), &serde_json::json!([])));
    for (path, bytes) in served.bench.files() {
        assert_absent(UNDECLARED, &bytes, &path.display().to_string());
    }
}

#[test]
fn an_offer_of_http3_is_told_and_leaves_no_gap() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = Served::start(vec![HostedSite::new("www.borger.test", |_| {
        Reply::html("<!doctype html><link rel=icon href='data:,'><title>Sag</title>")
            .with_header("Alt-Svc", "h3=\":443\"; ma=86400")
    })]);
    served.audit(&["https://www.borger.test/"]).ends_with(0).says("No findings").says("http3-withheld");
    let scan = served.bench.scan();
    assert_eq!(
        (&scan["blind_spots"][0]["kind"], &scan["systems"][0]["verdict"]),
        (&"http3-withheld".into(), &"clean".into())
    );
}

#[test]
fn a_form_is_not_sent_where_nobody_said_that_it_may_be() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = Served::demo(true);
    std::fs::remove_file(served.bench.path("cprvagt.toml")).unwrap();
    let ran = served.audit(&["https://ny.toldhuset.test/"]);
    ran.ends_with(3).says("form-not-submitted");
    let own = served.received().into_iter().filter(|received| received.host == "ny.toldhuset.test");
    let methods: Vec<String> = own.map(|received| received.method).collect();
    assert!(!methods.is_empty() && methods.iter().all(|method| method == "GET"), "{methods:?}");
}

#[test]
fn a_site_that_is_down_is_no_clean_site() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = Served::start(vec![HostedSite::new("www.borger.test", |_| Reply::html("x"))]);
    let nobody = "www.nede.test:443:127.0.0.1:1";
    let ran = served.audit(&["https://www.nede.test/", "--resolve", nobody]);
    ran.ends_with(3).says("www.nede.test").says("host-unreachable");
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused_with_the_way_out() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = Served::start(vec![HostedSite::new("www.borger.test", |_| Reply::html("x"))]);
    let ran = served.bench.run(&["audit", "https://www.borger.test/", "--resolve", &served.https, "--loopback-only"]);
    ran.ends_with(3).says("upstream-refused").says("--upstream-ca");
    assert!(served.received().is_empty(), "nothing is sent to a host that is not who it says");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let bench = Bench::new();
    let ran = bench.run(&["audit", "https://www.borger.test/", "--loopback-only", "--proxy-port", &port]);
    ran.ends_with(2).says(&format!("cannot listen on 127.0.0.1:{port}")).says("choose another port");
}

#[test]
fn a_browser_that_is_not_there_is_told_with_what_to_do() {
    let bench = Bench::new();
    let ran = bench.run(&["audit", "https://www.borger.test/", "--loopback-only", "--browser-path", "nowhere"]);
    ran.ends_with(2).says("cannot use a browser").says("help: is it a program");
}

#[test]
fn the_doctor_finds_this_machine_fit() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    Bench::new().run(&["doctor"]).ends_with(0).says("ways seen").says("all there");
}

#[cfg(unix)]
#[test]
fn ctrl_c_writes_the_report_of_what_was_seen() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let endless = |received: &Received| {
        let number: u32 = received.path().trim_start_matches("/side-").parse().unwrap_or(0);
        let links: Vec<String> = (1..4).map(|n| format!("<a href='/side-{}'>videre</a>", number * 3 + n)).collect();
        let next = links.concat();
        Reply::html(format!("<!doctype html><link rel=icon href='data:,'><title>Side</title>{next}"))
    };
    let served = Served::start(vec![HostedSite::new("www.borger.test", endless)]);
    let mut child = served
        .bench
        .command(&served.arguments(&["https://www.borger.test/"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let patience = Instant::now();
    while served.received().iter().filter(|received| received.host == "www.borger.test").count() < 2 {
        assert!(patience.elapsed() < Duration::from_secs(50), "no page was visited");
        std::thread::sleep(Duration::from_millis(50));
    }
    let interrupted = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let waited = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(waited.elapsed() < Duration::from_secs(30), "it does not stop");
        std::thread::sleep(Duration::from_millis(50));
    }
    let ran = Ran::from(child.wait_with_output().unwrap());
    ran.ends_with(3).says("interrupted");
    let scan = served.bench.scan();
    assert!(!scan["systems"][0]["coverage"]["pages"].as_array().unwrap().is_empty());
}
