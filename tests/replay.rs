//! Recordings as Chrome's Recorder exports them, made by us and by Chrome's own replay (`@puppeteer/replay`): the site is
//! asked for the same things.
#![expect(clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

mod kit;

use std::path::{Path, PathBuf};
use std::process::Command;

use data_encoding::BASE64;
use kit::served::Served;
use kit::{no_browser, one_browser};
use sha2::{Digest as _, Sha256};
use sites::{HostedSite, Received, Reply};

const SITE: &str = "www.borger.test";
const FRAME: &str = "ramme.eksempel.test";
/// Where the crawl begins that follows our journey: no recording goes there.
const START: &str = "/forside";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay")
}

fn page(title: &str, body: &str) -> Reply {
    Reply::html(format!(
        "<!doctype html><html lang=da><meta charset=utf-8><link rel=icon href='data:,'><title>{title}</title>{body}</html>"
    ))
}

/// A login and a form in two steps, each answered by a redirect; who has not logged in gets no further.
fn application(received: &Received) -> Reply {
    let is_in = received.cookie("in").is_some();
    match (received.method.as_str(), received.path()) {
        (_, START) => page("Forside", "<h1>Forside</h1>"),
        ("GET", "/login") => page(
            "Log ind",
            "<form action=/ind method=post><label>Brugernavn <input id=bruger name=bruger></label>\
             <button>Log ind</button></form>",
        ),
        ("POST", "/ind") => Reply::redirect("/trin-1").with_header("Set-Cookie", "in=1; Secure; HttpOnly"),
        (_, path) if path.starts_with("/trin") && !is_in => Reply::redirect("/login"),
        ("GET", "/trin-1") => page(
            "Trin 1",
            "<form action=/trin-1 method=post><label>Navn <input id=navn name=navn></label>\
             <label>Kommune <select id=kommune name=kommune><option value=1>Aarhus<option value=2>Odense</select></label>\
             <label><input type=checkbox id=alene name=alene value=ja>Jeg bor alene</label><button>Videre</button></form>",
        ),
        ("POST", "/trin-1") => Reply::redirect("/trin-2"),
        ("GET", "/trin-2") => page(
            "Trin 2",
            "<form action=/trin-2 method=post><label>Fra hvornår <input type=date id=dato name=dato></label>\
             <label>Bemærkninger <textarea id=note name=note></textarea></label><button>Indsend</button></form>",
        ),
        ("POST", "/trin-2") => Reply::redirect("/kvittering"),
        ("GET", "/kvittering") => page("Kvittering", "<h1>Tak</h1>"),
        ("GET", "/alt") => page("Alt", EVERYTHING),
        ("GET", "/vindue") => page(
            "Vindue",
            "<button id=her onclick=\"fetch('/tegn?i-vinduet').then(() => window.sendt = true)\">Her</button>",
        ),
        ("GET", "/slut") => page("Slut", "<h1>Slut</h1>"),
        ("GET", "/tegn") => Reply::no_content(),
        _ => Reply::not_found(),
    }
}

/// Whatever is done to it, it tells by a request.
const EVERYTHING: &str = r#"<button id=mere>Vis mere</button><p id=dobbelt>To gange</p><p id=over>Over</p>
<vaert-et></vaert-et><p data-id=sti>Sti</p><p onclick="tell('tekst')">Find teksten</p><input id=tekst value=gammel>
<select id=valg><option value=1>En<option value=2>To</select><input type=color id=farve>
<iframe src="https://ramme.eksempel.test/" width=400 height=100></iframe><input id=fokus>
<ul id=liste style="height: 20px; overflow: auto"><li>1<li>2<li>3<li>4</ul>
<button id=vindue onclick="window.open('/vindue')">Vindue</button><a id=videre href=/slut>Videre</a><div style="height: 3000px"></div>
<script>
const tell = (what) => fetch('/tegn?' + what);
const on = (id, event, what) => document.getElementById(id).addEventListener(event, (e) => tell(what(e)));
on('mere', 'click', (e) => 'klik-' + e.isTrusted);
on('mere', 'contextmenu', (e) => 'hoejreklik-' + e.button);
on('dobbelt', 'dblclick', () => 'dobbelt');
document.getElementById('over').addEventListener('mouseenter', () => tell('over'), { once: true });
document.querySelector('[data-id=sti]').addEventListener('click', () => tell('sti'));
on('tekst', 'change', (e) => 'tekst=' + e.target.value);
on('valg', 'change', (e) => 'valg=' + e.target.value);
on('farve', 'change', (e) => 'farve=' + e.target.value);
document.getElementById('liste').addEventListener('scroll', (e) => tell('liste=' + e.target.scrollTop), { once: true });
addEventListener('scroll', () => scrollY > 100 && !window.rullet && tell('rullet=' + (window.rullet = true)));
addEventListener('keydown', (e) => e.key === 'F2' && tell('ned-' + e.key + '-' + e.shiftKey));
addEventListener('keyup', (e) => e.key === 'F2' && tell('op-' + e.key + '-' + e.shiftKey));
const host = document.querySelector('vaert-et').attachShadow({ mode: 'open' });
host.innerHTML = '<vaert-to></vaert-to>';
const inner = host.firstChild.attachShadow({ mode: 'open' });
inner.innerHTML = '<button id=dyb>Dyb</button>';
inner.firstChild.addEventListener('click', () => tell('dyb'));
setTimeout(() => {
  document.body.prepend(Object.assign(document.createElement('p'), { id: 'sen', lang: 'da', textContent: 'Sen' }));
  window.klar = true;
}, 300);
</script>"#;

fn hosts() -> Vec<HostedSite> {
    let frame = |received: &Received| match received.path() {
        "/" => page(
            "Ramme",
            "<label>Inde <input id=inde onchange=\"fetch('/tegn?inde=' + value)\"></label>\
             <button id=knap onclick=\"fetch('/tegn?knap')\">Knap</button>",
        ),
        _ => Reply::no_content(),
    };
    vec![HostedSite::new(SITE, application), HostedSite::new(FRAME, frame)]
}

/// What the sites were asked for, without what the crawler and the browser ask for on their own, sorted: requests of one
/// moment may come in any order.
fn asked(received: &[Received]) -> Vec<String> {
    let line = |received: &Received| {
        let Received { method, host, path_and_query, .. } = received;
        format!("{method} {host}{path_and_query} {}", String::from_utf8_lossy(&received.body))
    };
    let is_asked = |received: &&Received| {
        let is_here = [SITE, FRAME].contains(&received.host.as_str());
        is_here && !matches!(received.path(), "/robots.txt" | "/sitemap.xml")
    };
    let mut lines: Vec<String> = received.iter().filter(is_asked).map(line).collect();
    lines.sort();
    lines
}

/// What the site is asked for by Chrome's own replay.
fn by_replay(name: &str) -> Vec<String> {
    let served = Served::start(hosts());
    let (port, authority) = served.directly();
    let mut command = Command::new("node");
    command.arg(folder().join("replay.mjs")).arg(folder().join("journeys").join(name));
    command.arg(crawler::find_browser().expect("a browser")).arg(port.to_string());
    command.arg(BASE64.encode(&Sha256::digest(authority))).arg(served.bench.path("profile"));
    let output = command.output().expect("node runs: ci/setup-clients installs it");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.trim(), "made", "{}", String::from_utf8_lossy(&output.stderr));
    asked(&served.received())
}

/// What it is asked for by us, before the crawl begins.
fn by_us(name: &str) -> Vec<String> {
    let served = Served::start(hosts());
    let registry = format!(
        "[[vendor]]\nid = \"v\"\nname = \"Leverandøren\"\n\n[[system]]\nid = \"borger\"\nname = \"Borger\"\n\
         vendor = \"v\"\nbase_urls = [\"https://{SITE}{START}\"]\nenvironment = \"test\"\njourneys = [\"{name}\"]\n"
    );
    served.bench.write("cprvagt.toml", &registry);
    std::fs::copy(folder().join("journeys").join(name), served.bench.path(name)).expect("the recording is there");
    let ran = served.bench.run(&served.arguments(&["audit", "borger", "--pages", "1", "--lang", "en"]));
    let scan = served.bench.scan();
    let failed = scan["blind_spots"].as_array().into_iter().flatten().find(|spot| spot["kind"] == "step-failed");
    if let Some(failed) = failed {
        panic!("{failed:#}");
    }
    let received = served.received();
    let crawl = received.iter().position(|received| received.path() == START);
    let journey = received.get(..crawl.expect("the crawl began")).expect("a place in it");
    assert!(!journey.is_empty(), "{}", ran.stderr);
    asked(journey)
}

#[track_caller]
fn made_alike(name: &str, requests: usize) {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let (replay, ours) = (by_replay(name), by_us(name));
    assert_eq!(ours, replay);
    assert_eq!(replay.len(), requests, "{replay:#?}");
}

#[test]
fn a_recorded_application_is_made_as_chrome_makes_it() {
    made_alike("ansoegning.json", 7);
}

#[test]
fn every_type_of_step_is_made_as_chrome_makes_it() {
    made_alike("alle-trin.json", 21);
}
