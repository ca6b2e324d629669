//! A page with server-sent events, a compressed WebSocket and a service worker, in real browsers.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use model::{Channel, Exchange};

use crate::through::{CANARY, MISSING, Seen, Through, channels, printed};

/// Longer than a browser takes to start on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A browser, stopped at the end.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect(MISSING))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn page() -> String {
    format!("https://site.test/page?name={CANARY}")
}

#[track_caller]
fn reported(through: Through, mut browser: Running) -> Seen {
    let begun = Instant::now();
    while !through.has_seen("/report") {
        assert!(begun.elapsed() < PATIENCE, "the page did not report: {:?}", browser.0.try_wait());
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(browser);
    through.seen()
}

#[track_caller]
fn assert_page(seen: &Seen) {
    let report = String::from_utf8_lossy(&seen.one("/report", "HTTP/2").request.body.bytes).into_owned();
    let report: serde_json::Value = serde_json::from_str(&report).expect("the page reports JSON");
    let expected = serde_json::json!({
        "echo": {
            "method": "POST",
            "version": "2.0",
            "query": format!("?cpr={CANARY}"),
            "header": CANARY,
            "body": format!("body={CANARY}"),
        },
        "events": "first,second",
        "socket": format!("deflated:socket says {CANARY}"),
        "worker": format!("worker:?cpr={CANARY}"),
    });
    assert_eq!(report, expected);

    let of = |method: &str| {
        let fits = |exchange: &&Exchange| exchange.request.target.path == "/echo" && exchange.request.method == method;
        seen.exchanges.iter().find(fits).map(channels).unwrap_or_default()
    };
    for channel in [Channel::UrlQuery, Channel::Header, Channel::Body] {
        assert!(of("POST").contains(&channel), "{channel:?}: {:?}", of("POST"));
    }
    // What the service worker asked for.
    assert!(of("GET").contains(&Channel::UrlQuery), "{:?}", of("GET"));
    seen.assert_socket(&format!("socket says {CANARY}"));
    // What the browser asked for on its own went nowhere.
    for exchange in seen.exchanges.iter().filter(|exchange| exchange.request.target.host.to_string() != "site.test") {
        let target = &exchange.request.target;
        assert!(exchange.connection.server.is_none(), "{} was reached", target.origin());
    }
}

#[test]
fn chromium_shows_a_page_with_everything() {
    let through = Through::start(false);
    let mut command = Command::new(crawler::find_browser().expect(MISSING));
    command.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]);
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    command.arg(format!("--proxy-server={}", through.url()));
    command.arg(format!("--ignore-certificate-errors-spki-list={}", through.spki_sha256()));
    command.arg(format!("--user-data-dir={}", through.path("profile").display()));
    command.arg(page());
    let browser = Running::start(&mut command);
    assert_page(&reported(through, browser));
}

/// Preferences of a Firefox that asks for nothing but what it is told to, and that by the proxy alone.
const QUIET: &[(&str, &str)] = &[
    ("app.normandy.enabled", "false"),
    ("app.update.auto", "false"),
    ("app.update.enabled", "false"),
    ("browser.aboutwelcome.enabled", "false"),
    ("browser.newtabpage.activity-stream.feeds.telemetry", "false"),
    ("browser.newtabpage.enabled", "false"),
    ("browser.region.network.url", "\"\""),
    ("browser.safebrowsing.blockedURIs.enabled", "false"),
    ("browser.safebrowsing.downloads.enabled", "false"),
    ("browser.safebrowsing.malware.enabled", "false"),
    ("browser.safebrowsing.phishing.enabled", "false"),
    ("browser.search.update", "false"),
    ("browser.shell.checkDefaultBrowser", "false"),
    ("browser.startup.homepage_override.mstone", "\"ignore\""),
    ("browser.startup.page", "0"),
    ("browser.topsites.contile.enabled", "false"),
    ("datareporting.healthreport.uploadEnabled", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("datareporting.usage.uploadEnabled", "false"),
    ("dom.push.connection.enabled", "false"),
    ("extensions.getAddons.cache.enabled", "false"),
    ("extensions.systemAddon.update.enabled", "false"),
    ("extensions.update.enabled", "false"),
    ("geo.enabled", "false"),
    ("media.gmp-manager.updateEnabled", "false"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    ("network.dns.disablePrefetch", "true"),
    ("network.prefetch-next", "false"),
    // Else it goes around a proxy that refuses.
    ("network.proxy.allow_bypass", "false"),
    ("network.proxy.failover_direct", "false"),
    ("network.proxy.no_proxies_on", "\"\""),
    ("network.proxy.type", "1"),
    ("network.trr.mode", "5"),
    // Heeded with the environment variable set below alone.
    ("services.settings.server", "\"data:,#remote-settings-dummy/v1\""),
    ("security.OCSP.enabled", "0"),
    ("security.remote_settings.crlite_filters.enabled", "false"),
    ("termsofuse.bypassNotification", "true"),
    ("toolkit.telemetry.enabled", "false"),
    ("toolkit.telemetry.server", "\"\""),
    ("toolkit.telemetry.unified", "false"),
];

/// A profile that has the proxy, and trusts it by its own store of certificates.
fn firefox_profile(through: &Through) -> PathBuf {
    let profile = through.path("profile");
    std::fs::create_dir(&profile).expect("the folder is writable");
    let mut lines: Vec<String> =
        QUIET.iter().map(|(name, value)| format!("user_pref(\"{name}\", {value});\n")).collect();
    let address = through.address();
    for kind in ["http", "ssl"] {
        lines.push(format!("user_pref(\"network.proxy.{kind}\", \"{}\");\n", address.ip()));
        lines.push(format!("user_pref(\"network.proxy.{kind}_port\", {});\n", address.port()));
    }
    std::fs::write(profile.join("user.js"), lines.concat()).expect("the folder is writable");
    let store = format!("sql:{}", profile.display());
    printed(Command::new("certutil").args(["-N", "--empty-password", "-d", &store]));
    let mut trust = Command::new("certutil");
    trust.args(["-A", "-d", &store, "-n", "cprvagt", "-t", "C,,", "-i"]).arg(through.ca());
    printed(&trust);
    profile
}

#[test]
fn firefox_shows_a_page_with_everything() {
    let through = Through::start(false);
    let profile = firefox_profile(&through);
    let mut command = Command::new("firefox-esr");
    command.args(["--headless", "--no-remote", "--profile"]).arg(profile).arg(page());
    // A home of its own: it keeps things there too.
    command.env("HOME", through.path(".")).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.env("MOZ_REMOTE_SETTINGS_DEVTOOLS", "1");
    let browser = Running::start(&mut command);
    assert_page(&reported(through, browser));
}
