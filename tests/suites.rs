//! Suites as vendors have them, unchanged, behind `cprvagt run`: what leaks is found and named with the test that was
//! running, a mended site is clean, and a suite that goes round the proxy is not taken for clean.
//!
//! `ci/setup-clients` installs their runners. All is on loopback. What each suite does is in `tests/suites`.
#![cfg(target_os = "linux")]
#![expect(clippy::indexing_slicing, reason = "these are tests")]

mod kit;
#[path = "sdks/site.rs"]
mod sdk_site;
#[path = "suites/sdks.rs"]
mod sdks;
#[path = "suites/site.rs"]
mod site;
#[path = "suites/suite.rs"]
mod suite;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use kit::served::Served;
use kit::{no_browser, one_browser};
use site::{NUMBER, State};
use sites::{HostedSite, demo};
use suite::{Leak, Suite, assert_found};

/// The first system of the demo.
const DEMO: &str = "https://selvbetjening.toldhuset.test";

/// The page after its log-in, on which most suites end.
const STATEMENT: &str = "/aarsopgoerelse";

/// The demo's sites, with the registry that its authority has.
fn demo_site(state: State) -> Served {
    let served = Served::start(demo::hosts(demo::Options { leaking: state == State::Leaking }));
    served.bench.write("cprvagt.toml", &demo::registry());
    served
}

/// Runs `suite` on the leaking demo and on the mended one. `pages` are those that it opens behind the log-in.
#[track_caller]
fn in_a_browser(suite: &Suite, pages: &[&str], test: Option<&str>) {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = demo_site(State::Leaking);
    let ran = suite.under_run(&served, &["--system", demo::LEAKING_SYSTEM]);
    ran.ends_with(1);
    let scan = served.bench.scan();
    let planted = demo::planted();
    let planted: Vec<_> = planted.iter().filter(|leak| pages.contains(&leak.page)).collect();
    assert_eq!(planted.len(), 3 * pages.len(), "three third parties on each page");
    for leak in planted {
        let page = format!("{DEMO}{}", leak.page);
        let parameter = match leak.channel {
            "referer" => "referer > cpr",
            "url-query" => "dl > cpr",
            _ => "path[8] > cpr",
        };
        let leak = Leak { page: &page, channel: leak.channel, parameter, recipient: leak.recipient };
        let test = test.filter(|_| leak.page.ends_with(STATEMENT));
        assert_found(&scan, &[leak], test);
    }
    let served = demo_site(State::Mended);
    suite.under_run(&served, &["--system", demo::LEAKING_SYSTEM]).ends_with(0);
    assert!(served.received().iter().any(|received| received.path() == STATEMENT), "the suite was there");
}

/// Runs `suite` on the service for programs, leaking and mended.
#[track_caller]
fn without_a_browser(suite: &Suite, test: Option<&str>) {
    let flags = ["--sut", site::SERVICE, "--test-person", NUMBER];
    let served = Served::start(site::service(State::Leaking));
    suite.under_run(&served, &flags).ends_with(1);
    let (own, document) =
        (format!("GET https://{}{STATEMENT}", site::SERVICE), format!("GET https://dokumenter.{}/hent", site::ARCHIVE));
    let leaks = [
        Leak { page: &own, channel: "url-query", parameter: "cpr", recipient: "tastselv.test" },
        Leak { page: &document, channel: "url-query", parameter: "borger", recipient: site::ARCHIVE },
    ];
    assert_found(&served.bench.scan(), &leaks, test);
    let served = Served::start(site::service(State::Mended));
    suite.under_run(&served, &flags).ends_with(0);
    assert!(served.received().iter().any(|received| received.path() == "/dokument/4711"), "the suite got its document");
}

#[test]
fn playwright() {
    let suite = Suite::playwright("playwright.config.js", "selvbetjening");
    in_a_browser(&suite, &[STATEMENT, "/kontaktoplysninger"], Some("viser årsopgørelsen efter log på"));
}

#[test]
fn puppeteer() {
    in_a_browser(&Suite::node("puppeteer/selvbetjening.test.js"), &[STATEMENT], None);
}

#[test]
fn selenium() {
    let suite = Suite::pytest("selenium/test_selvbetjening.py");
    in_a_browser(&suite, &[STATEMENT], Some("test_statement_after_log_in"));
}

/// Runs a suite that nobody here wrote on a site that answers what it expects, leaking and mended.
#[track_caller]
fn unmodified(
    sites: fn(State) -> Vec<HostedSite>,
    sut: &str,
    page: &str,
    test: Option<&str>,
    suite: impl Fn(&Served) -> Suite,
) {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    for (state, code) in [(State::Leaking, 1), (State::Mended, 0)] {
        let served = Served::start(sites(state));
        suite(&served).under_run(&served, &["--sut", sut, "--test-person", NUMBER]).ends_with(code);
        assert!(!served.received_by(&format!("maaling.{}", site::COUNTER)).is_empty(), "the suite came to its end");
        if state == State::Leaking {
            let page = format!("https://{sut}{page}");
            let leak = Leak { page: &page, channel: "url-query", parameter: "side > cpr", recipient: site::COUNTER };
            assert_found(&served.bench.scan(), &[leak], test);
        }
    }
}

/// What `create-playwright` gives to everybody who begins, byte for byte as it is in the package.
#[test]
fn the_example_of_playwright() {
    unmodified(site::example, site::EXAMPLE, "/docs/intro", Some("get started link"), |served| {
        let modules = suite::folder().join("node_modules");
        let text = std::fs::read_to_string(modules.join("create-playwright/assets/example.spec.js"));
        let test = served.bench.write("example.spec.js", &text.expect("ci/setup-clients installs it"));
        std::os::unix::fs::symlink(modules, served.bench.path("node_modules")).expect("the folder is writable");
        let folder = test.parent().expect("a folder").display().to_string();
        Suite::playwright("playwright.config.js", "example").with("SUITE_EXAMPLE", folder)
    });
}

/// What comes with Selenium's package for Node, from where it is installed. It has no runner that would name tests.
#[test]
fn the_example_of_selenium() {
    unmodified(site::search, site::SEARCH, "/search", None, |served| {
        // As in many images: Chromium does not start for root without this, and the example does not say it.
        let browser = served.bench.write("chrome", "#!/bin/sh\nexec /usr/bin/chromium --no-sandbox \"$@\"\n");
        std::fs::set_permissions(&browser, Permissions::from_mode(0o755)).expect("a file");
        Suite::program("node_modules/selenium-webdriver/example/headless.js")
            .with("SE_BROWSER_PATH", browser.display().to_string())
    });
}

#[test]
fn curl() {
    without_a_browser(&Suite::script("api/suite.sh", &[]), None);
}

#[test]
fn python_requests() {
    without_a_browser(&Suite::pytest("api/test_statement.py"), Some("test_statement_has_a_document"));
}

#[test]
fn node_fetch() {
    without_a_browser(&Suite::node("api/statement.test.mjs"), None);
}

#[test]
fn java_http_client() {
    without_a_browser(&Suite::java("api/Statement.java"), None);
}

#[test]
fn curl_that_goes_round_the_proxy_is_not_clean() {
    let served = Served::start(site::service(State::Leaking));
    let to = format!("::127.0.0.1:{}", served.directly().0);
    let root = served.bench.path("sites.pem").display().to_string();
    let suite = Suite::script("api/suite.sh", &["--noproxy", "*", "--connect-to", &to, "--cacert", &root]);
    let ran = suite.under_run(&served, &["--sut", site::SERVICE, "--test-person", NUMBER]);
    // It did its work, and leaked, where nobody looked.
    ran.ends_with(3).says("ok");
    assert_eq!(served.received().len(), 3);
    assert_nothing_came(&served);
}

#[test]
fn a_browser_that_goes_round_the_proxy_is_not_clean() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = demo_site(State::Leaking);
    let port = served.directly().0;
    let suite = Suite::playwright("direct.config.js", "selvbetjening").with("SUITE_SITES", format!("127.0.0.1:{port}"));
    suite.under_run(&served, &["--system", demo::LEAKING_SYSTEM]).ends_with(3).says("3 passed");
    assert_nothing_came(&served);
}

#[track_caller]
fn assert_nothing_came(served: &Served) {
    let scan = served.bench.scan();
    assert_eq!(scan["findings"], serde_json::json!([]));
    let spots = scan["blind_spots"].to_string();
    assert!(spots.contains("nothing-through-proxy"), "{spots}");
}
