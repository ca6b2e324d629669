//! What is asked for, read and sent without a browser, and what is told of the rest.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crawler::{Limits, Plan, Progress, RobotsTxt, VisitCounter, Wires as _, crawl_static};
use model::registry::Submit;
use model::{BlindSpotKind, Clock, LaneId, VisitOutcome};

use super::kit::{CPR, Proxy, Reply, Told, plan, target};

fn walked(plan: &Plan, proxy: &Proxy) -> Told {
    let clock = Clock::fixed("2026-11-22T04:00:00Z".parse().expect("a time"));
    let told = Mutex::new(Told::default());
    let tell = |progress: Progress| {
        let mut told = told.lock().expect("no panic");
        match progress {
            Progress::VisitBegins(target) => told.begun.push(target.to_string()),
            Progress::Visit(visit) => told.visits.push(visit),
            Progress::BlindSpot(blind_spot) => told.blind_spots.push(blind_spot),
            Progress::Banner(name) => told.banners.push(name),
            Progress::Requests(_)
            | Progress::Left(_, _)
            | Progress::Ahead(_)
            | Progress::PageBegins(_)
            | Progress::PageDone { .. } => {}
        }
    };
    let wire = proxy.lane(LaneId::default());
    crawl_static(&[], plan, wire, &clock, &AtomicBool::new(false), &VisitCounter::default(), &tell).expect("an engine");
    told.into_inner().expect("no panic")
}

/// Without pauses between visits.
fn quick(start: &str) -> Plan {
    let plan = plan(start);
    Plan {
        limits: Limits { pause: Duration::ZERO, page_deadline: Duration::from_secs(3), ..plan.limits.clone() },
        ..plan
    }
}

fn page(body: &str) -> Reply {
    Reply::Html(format!("<!doctype html><title>Side</title>{body}"))
}

#[test]
fn links_are_followed_and_what_a_page_names_is_asked_for_with_its_referrer() {
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => page(
            "<meta name=referrer content=unsafe-url><a href=/sag?cpr=1>Sag</a><a href=/logud>Log ud</a>
             <img src=http://t.test/p.gif><link rel=stylesheet href=/s.css><script src=http://t.test/s.js></script>
             <img referrerpolicy=origin src=http://t.test/o.gif><noscript><img src=http://t.test/n.gif></noscript>",
        ),
        "http://a.test/s.css" => Reply::Script("@import 'more.css'; p { background: url(http://t.test/b.png) }".into()),
        url if url.starts_with("http://a.test/sag") => page("<img src=http://t.test/q.gif>"),
        _ => Reply::Status(404, String::new()),
    });
    let told = walked(&quick("http://a.test/"), &proxy);
    assert_eq!(told.urls(), ["http://a.test/", "http://a.test/sag?cpr=1"]);
    let referer = |url: &str| {
        let headers = proxy.one("GET", url).headers.to_lowercase();
        headers.lines().find_map(|line| line.strip_prefix("referer: ").map(|value| value.trim().to_owned()))
    };
    assert_eq!(referer("http://t.test/p.gif").as_deref(), Some("http://a.test/"));
    assert_eq!(referer("http://t.test/o.gif").as_deref(), Some("http://a.test/"));
    assert_eq!(referer("http://t.test/b.png").as_deref(), Some("http://a.test/"), "the sheet's own policy");
    assert_eq!(referer("http://t.test/q.gif").as_deref(), Some("http://a.test/"), "no more than the origin by default");
    for url in ["http://t.test/s.js", "http://t.test/n.gif", "http://a.test/more.css"] {
        assert_eq!(proxy.count(url), 1, "{url}");
    }
    assert_eq!(proxy.count("http://a.test/logud"), 0);
    let spot = told.blind_spot(BlindSpotKind::StaticEngine);
    assert!(spot.detail.contains("1 of 2 pages have some"), "{}", spot.detail);
}

#[test]
fn a_form_is_filled_and_sent_as_the_registry_allows() {
    let site = |seen: &super::kit::Seen| match (seen.method.as_str(), seen.url.as_str()) {
        ("POST", "http://a.test/send") => Reply::WithCookie("in=yes; Path=/", "/kvittering"),
        (_, "http://a.test/kvittering") => page("<p>Tak<a href=/videre>Videre</a>"),
        (_, "http://a.test/") => page(
            "<form action=/send method=post><label>CPR-nummer<input name=cpr required></label>
             <input type=hidden name=csrf value=abc><button>Send</button></form>",
        ),
        _ => page("Videre"),
    };
    let proxy = Proxy::start(site);
    let told = walked(&quick("http://a.test/"), &proxy);
    let sent = proxy.one("POST", "http://a.test/send");
    assert_eq!(sent.body, format!("cpr={CPR}&csrf=abc"));
    assert!(sent.headers.to_lowercase().contains("referer: http://a.test/"), "{}", sent.headers);
    assert!(proxy.one("GET", "http://a.test/kvittering").headers.to_lowercase().contains("cookie: in=yes"));
    assert!(told.visits[0].forms[0].submitted && told.visits[0].forms[0].filled);
    assert_eq!(proxy.count("http://a.test/send"), 1);
    assert_eq!(proxy.count("http://a.test/videre"), 1);

    let proxy = Proxy::start(site);
    let told = walked(&Plan { submit: Submit::Never, ..quick("http://a.test/") }, &proxy);
    assert_eq!(proxy.count("http://a.test/send"), 0);
    told.blind_spot(BlindSpotKind::FormNotSubmitted);
}

#[test]
fn a_form_that_takes_a_script_is_told() {
    let proxy = Proxy::start(|_| page("<label>CPR-nummer<input id=cpr></label><button onclick=send()>Send</button>"));
    let told = walked(&quick("http://a.test/"), &proxy);
    assert!(told.blind_spot(BlindSpotKind::FormNotSubmitted).detail.contains("only a script sends it"));
    assert!(told.blind_spot(BlindSpotKind::StaticEngine).detail.contains("and 1 forms need one"));
}

#[test]
fn loops_slow_pages_and_downloads_are_bounded_and_told() {
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => page("<a href=/ring>a</a><a href=/langsom>b</a><a href=/hent>c</a><a href=/selv>d</a>"),
        "http://a.test/ring" => Reply::To("/ring2"),
        "http://a.test/ring2" => Reply::To("/ring"),
        "http://a.test/langsom" => Reply::Hang,
        "http://a.test/hent" => Reply::File,
        _ => page("<meta http-equiv=refresh content='0; url=/selv?igen'><a href=/sidst>Sidst</a>"),
    });
    let told = walked(&quick("http://a.test/"), &proxy);
    let failed = |url: &str| match &told.visit(url).outcome {
        VisitOutcome::Failed(reason) => reason.clone(),
        VisitOutcome::Loaded | VisitOutcome::LoginRequired => String::new(),
    };
    assert_eq!(failed("http://a.test/ring"), "it redirects more than 20 times");
    assert_eq!(failed("http://a.test/langsom"), "it did not load within 3 seconds");
    assert_eq!(failed("http://a.test/hent"), "it is a download, not a page");
    told.blind_spot(BlindSpotKind::PageInterfered);
    assert_eq!(proxy.count("http://a.test/ring"), 21);
    assert!(proxy.count("http://a.test/sidst") >= 1);
}

#[test]
fn a_page_of_200_mb_and_one_that_is_broken_are_read_so_far() {
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => page(
            "<a href=/stor>Stor</a><table><form action=/x><tr><td>CPR-nummer<td><input name=cpr></form><a href=/sidst<b>",
        ),
        "http://a.test/stor" => Reply::Html(format!("<a href=/i-stor>Link</a>{}", "x".repeat(200 << 20))),
        _ => page(""),
    });
    let told = walked(&Plan { submit: Submit::Never, ..quick("http://a.test/") }, &proxy);
    let spot = told.blind_spot(BlindSpotKind::PageFailed);
    assert_eq!(
        (spot.place.as_str(), spot.detail.as_str()),
        ("http://a.test/stor", "it is larger than 8 MiB and was read so far")
    );
    assert_eq!(proxy.count("http://a.test/i-stor"), 1);
    assert!(told.visits[0].forms[0].fields[0].asks_for_cpr, "{:#?}", told.visits[0]);
}

#[test]
fn robots_txt_is_obeyed_and_a_busy_host_is_asked_again() {
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/robots.txt" => Reply::Script("User-agent: *\nDisallow: /lukket".into()),
        "http://a.test/" => page("<a href=/lukket/1>a</a><a href=/optaget>b</a>"),
        "http://a.test/optaget" => Reply::Busy(0),
        "http://a.test/sitemap.xml" => {
            Reply::Script("<urlset><url><loc>http://a.test/i-kort</loc></url></urlset>".into())
        }
        _ => page(""),
    });
    let mut plan = quick("http://a.test/");
    plan.manners.robots = RobotsTxt::Obeyed;
    let told = walked(&plan, &proxy);
    assert_eq!(proxy.count("http://a.test/lukket"), 0);
    assert!(told.blind_spot(BlindSpotKind::RobotsObeyed).detail.starts_with("1 pages"));
    assert_eq!((proxy.count("http://a.test/optaget"), proxy.count("http://a.test/i-kort")), (2, 1));
}

#[test]
fn wget_finds_the_same_pages() {
    let site = |seen: &super::kit::Seen| {
        let Ok(url) = model::Target::parse(&seen.url) else { return Reply::Status(404, String::new()) };
        match url.path.as_str() {
            "/" => page("<base href=/mappe/><a href=a>A</a><a href='../b?x=1&amp;y=2'>B</a><a href=//a.test/c#d>C</a>"),
            "/mappe/a" => page("<a HREF='./dyb/d'>D</a><area href=/e><iframe src=/f></iframe>"),
            "/mappe/dyb/d" => page("<a href=../../g>G<a href='http://b.test/ude'>Ude</a>"),
            "/b" | "/c" | "/e" | "/f" | "/g" => page("<a href=/>Hjem</a>"),
            _ => Reply::Status(404, String::new()),
        }
    };
    let pages = |proxy: &Proxy| -> BTreeSet<String> {
        let seen = proxy.seen();
        let urls = seen.iter().map(|seen| seen.url.clone()).filter(|url| !url.ends_with("robots.txt"));
        urls.map(|url| target(&url).to_string()).collect()
    };
    let ours = Proxy::start(site);
    walked(&quick("http://a.test/"), &ours);
    let theirs = Proxy::start(site);
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new("wget")
        .args(["--recursive", "--level=8", "--quiet", "--execute", "robots=off", "--execute"])
        .arg(format!("http_proxy=http://{}/", theirs.lane(LaneId::default()).proxy_address()))
        .arg("http://a.test/")
        .current_dir(folder.path())
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .status()
        .expect("wget runs: ci/setup installs it");
    assert!(status.success());
    assert_eq!(pages(&ours), pages(&theirs));
    assert_eq!(pages(&ours).len(), 8);
}
