//! What made the browser send each request, as it tells it: from the first request of every page, frame, window and
//! worker on.

use std::sync::OnceLock;

use crate::kit::{Proxy, Reply, Seen, Told, browser, crawled, plan};
use crawler::{BrowserRequest, Limits, Plan, Scope};
use model::{BlindSpotKind, Host, InitiatorKind, Wanted};

const PAGE: &str = "<!doctype html><title>Forside</title>
<link rel=stylesheet href=/stil.css>
<link rel=prefetch href=/senere.html>
<img src=http://maal.test/billede.gif>
<script src=http://maal.test/maal.js></script>
<script>
  fetch('/inde');
  new Image().src = 'http://maal.test/pixel.gif?a=1';
  navigator.sendBeacon('http://maal.test/nu', 'x');
  addEventListener('pagehide', () => navigator.sendBeacon('http://maal.test/farvel', 'x'));
  new Worker('/arbejder.js'); new SharedWorker('/delt.js');
  navigator.serviceWorker.register('/sw.js');
</script>
<iframe src=http://fremmed.test/ramme></iframe>
<div class=baggrund>x</div>
<form action=/svar onsubmit=\"window.open('http://andre.test/vindue')\"><label>CPR <input name=cpr></label><button>Send</button></form>";

const TAG: &str = "'use strict';

  fetch('http://maal.test/saml?x=1', {method: 'POST', headers: {'x-a': 'b'}, body: '1'});
function send() {
  setTimeout(function senere() { fetch('http://maal.test/ens');
    fetch('http://maal.test/ens') }, 50);
}
send(); fetch('http://maal.test/flyttet', {mode: 'no-cors'})";

fn site(seen: &Seen) -> Reply {
    match seen.url.as_str() {
        "http://localhost/" => Reply::Html(PAGE.into()),
        "http://localhost/stil.css" => Reply::Style(
            "@import 'http://localhost/mere.css';\n.baggrund { background: url('http://maal.test/bag.gif') }".into(),
        ),
        "http://maal.test/maal.js" => Reply::Script(TAG.into()),
        "http://maal.test/flyttet" => Reply::To("http://maal.test/hertil"),
        "http://localhost/arbejder.js" => Reply::Script("fetch('/fra-arbejder')".into()),
        "http://localhost/delt.js" => Reply::Script("\n fetch('/fra-delt')".into()),
        "http://localhost/sw.js" => Reply::Script("let x;\nlet y; fetch('/fra-sw')".into()),
        "http://fremmed.test/ramme" => Reply::Html("<script>fetch('/fra-ramme')</script>".into()),
        "http://andre.test/vindue" => Reply::Html("\n\n<script>fetch('/fra-vindue')</script>".into()),
        // A page of another site after that of the form: another process.
        url if url.starts_with("http://localhost/svar") => Reply::To("http://sub.localhost/svar"),
        url if url.starts_with("http://sub.localhost/svar") => Reply::Html("<script>fetch('/straks')</script>".into()),
        _ => Reply::Html(String::new()),
    }
}

/// One crawl for all tests. A service worker wants a place that is safe, as localhost is.
fn crawl_it() -> Option<&'static (Told, Proxy)> {
    static CRAWL: OnceLock<Option<(Told, Proxy)>> = OnceLock::new();
    CRAWL.get_or_init(crawl_anew).as_ref()
}

fn crawl_anew() -> Option<(Told, Proxy)> {
    let browser = browser()?;
    let proxy = Proxy::start(site);
    let scope = Scope::Hosts(["localhost", "sub.localhost"].map(|name| Host::parse(name).expect("a host")).to_vec());
    let told = crawled(&browser, &Plan { scope, ..plan("http://localhost/") }, &proxy);
    Some((told, proxy))
}

#[track_caller]
fn one<'a>(told: &'a Told, method: &str, url: &str) -> &'a BrowserRequest {
    let found: Vec<_> = told.requests.iter().filter(|told| told.method == method && told.url == url).collect();
    let all: Vec<_> = told.requests.iter().map(|told| (told.visit, &told.method, &told.url)).collect();
    assert_eq!(found.len(), 1, "{method} {url} in {all:#?}");
    found.first().expect("one")
}

#[track_caller]
fn case(told: &Told, url: &str, kind: InitiatorKind, file: &str, place: (u32, u32), wanted: Wanted) {
    let method = if ["saml?x=1", "nu"].iter().any(|end| url.ends_with(end)) { "POST" } else { "GET" };
    let initiator = &one(told, method, url).initiator;
    let seen = (initiator.kind, initiator.url.as_deref(), initiator.line, initiator.column, initiator.wanted);
    assert_eq!(seen, (kind, Some(file), Some(place.0), Some(place.1), Some(wanted)), "{url}");
}

#[test]
fn each_request_is_put_down_to_the_place_it_was_written_in() {
    let Some((told, proxy)) = crawl_it() else { return };
    let kinds = told.kinds();
    assert!(!kinds.contains(&BlindSpotKind::InitiatorUnknown), "{:#?}", told.blind_spots);
    let (own, tag, style) = ("http://localhost/", "http://maal.test/maal.js", "http://localhost/stil.css");
    case(told, style, InitiatorKind::Markup, own, (2, 37), Wanted::StyleSheet);
    case(told, "http://localhost/senere.html", InitiatorKind::Markup, own, (3, 38), Wanted::Other);
    case(told, "http://maal.test/billede.gif", InitiatorKind::Markup, own, (4, 39), Wanted::Image);
    case(told, tag, InitiatorKind::Markup, own, (5, 38), Wanted::Script);
    case(told, "http://localhost/inde", InitiatorKind::InlineScript, own, (7, 3), Wanted::Data);
    case(told, "http://maal.test/pixel.gif?a=1", InitiatorKind::InlineScript, own, (8, 19), Wanted::Image);
    case(told, "http://maal.test/nu", InitiatorKind::InlineScript, own, (9, 13), Wanted::Beacon);
    case(told, "http://localhost/mere.css", InitiatorKind::StyleSheet, style, (1, 1), Wanted::StyleSheet);
    case(told, "http://maal.test/saml?x=1", InitiatorKind::Script, tag, (3, 3), Wanted::Data);
    case(told, "http://fremmed.test/ramme", InitiatorKind::Markup, own, (14, 39), Wanted::Document);
    let background = &one(told, "GET", "http://maal.test/bag.gif").initiator;
    assert_eq!((background.kind, background.url.as_deref()), (InitiatorKind::StyleSheet, Some(style)));
    // It is left to the wire: the browser does not tell of what is sent when a page is left for good.
    assert_eq!(proxy.count("http://maal.test/farvel"), 1);
}

#[test]
fn the_first_request_of_workers_frames_windows_and_pages_elsewhere_is_told() {
    let Some((told, proxy)) = crawl_it() else { return };
    for (url, kind, file, place) in [
        ("http://localhost/fra-arbejder", InitiatorKind::Worker, "http://localhost/arbejder.js", (1, 1)),
        ("http://localhost/fra-delt", InitiatorKind::SharedWorker, "http://localhost/delt.js", (2, 2)),
        ("http://localhost/fra-sw", InitiatorKind::ServiceWorker, "http://localhost/sw.js", (2, 8)),
        ("http://fremmed.test/fra-ramme", InitiatorKind::InlineScript, "http://fremmed.test/ramme", (1, 9)),
        ("http://andre.test/fra-vindue", InitiatorKind::InlineScript, "http://andre.test/vindue", (3, 9)),
    ] {
        case(told, url, kind, file, place, Wanted::Data);
        assert_eq!(proxy.count(url), 1, "{url}");
    }
    let elsewhere = one(told, "GET", "http://sub.localhost/straks");
    assert_eq!((elsewhere.initiator.kind, elsewhere.initiator.line), (InitiatorKind::InlineScript, Some(1)));
    assert_eq!(elsewhere.visit.map(|visit| visit.0), Some(2), "it is the form's visit");
    let sent: Vec<_> = told.requests.iter().filter(|told| told.url.starts_with("http://sub.localhost/svar")).collect();
    assert_eq!((sent.len(), sent[0].initiator.kind), (1, InitiatorKind::Navigation));
}

#[test]
fn equal_requests_come_in_order_and_one_that_is_sent_on_twice() {
    let Some((told, _)) = crawl_it() else { return };
    let equal: Vec<_> = told.requests.iter().filter(|told| told.url == "http://maal.test/ens").collect();
    let places: Vec<_> = equal.iter().map(|told| (told.initiator.line, told.initiator.column)).collect();
    assert_eq!(places, [(Some(5), Some(34)), (Some(6), Some(5))]);
    assert_eq!(equal[0].initiator.function.as_deref(), Some("senere"));
    let callers: Vec<_> = equal[0].initiator.callers.iter().map(|caller| caller.function.as_str()).collect();
    assert_eq!(callers, ["send", ""], "who waited is told");
    for url in ["http://maal.test/flyttet", "http://maal.test/hertil"] {
        assert_eq!(one(told, "GET", url).initiator.line, Some(8), "{url}");
    }
    assert!(one(told, "OPTIONS", "http://maal.test/saml?x=1").is_preflight);
}

#[test]
fn a_crowd_of_workers_and_frames_is_not_held_up() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html(
            "<script>for (let i = 0; i < 30; i++) new Worker('/w.js?' + i);
            for (let i = 0; i < 10; i++) document.write('<iframe src=http://r' + i + '.test/ramme></iframe>')</script>"
                .into(),
        ),
        url if url.starts_with("http://a.test/w.js") => Reply::Script("fetch('/fra-w' + location.search)".into()),
        url if url.ends_with("/ramme") => Reply::Html("<script>fetch('/fra-ramme')</script>".into()),
        _ => Reply::Html(String::new()),
    });
    let limits = Limits { settle_cap: std::time::Duration::from_secs(10), ..plan("http://a.test/").limits };
    let told = crawled(&browser, &Plan { limits, ..plan("http://a.test/") }, &proxy);
    assert_eq!(told.kinds(), [], "{:#?}", told.blind_spots);
    assert_eq!(proxy.count("http://a.test/fra-w"), 30);
    let told_of = |part: &str| told.requests.iter().filter(|told| told.url.contains(part)).count();
    assert_eq!((told_of("/fra-w"), told_of("/fra-ramme")), (30, 10));
}
