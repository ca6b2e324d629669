//! Pages in a real browser: followed, bounded, left properly, and what they do to stop a crawl.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::kit::{CPR, Proxy, Reply, browser, crawled, crawled_until, plan, target};
use model::{BlindSpotKind, VisitOutcome};

#[test]
fn links_in_scope_are_followed_and_the_browser_looks_like_a_persons() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| {
        match seen.url.as_str() {
        "http://a.test/" => Reply::Html(
            r#"<title>Forside</title><a href=/side?b=1>Side</a><a href="/side?b=1#x">Samme</a><a href=http://b.test/>Ud</a>
            <a href=mailto:x@a.test>Mail</a><a href=/logud>Log ud</a><a href=/slet/1>Slet</a>
            <script src=http://cdn.test/s.js></script><script>fetch("/is?" + [navigator.webdriver, innerWidth, navigator.language,
            document.hasFocus(), typeof crawled, navigator.userAgentData?.brands.some(b => /Headless/.test(b.brand)) ?? false,
            new Date(2026, 0, 1).getTimezoneOffset()])</script>"#.into(),
        ),
        "http://cdn.test/s.js" => Reply::Script("1".into()),
        _ => Reply::Html("<title>Side</title><script src=http://cdn.test/s.js></script>".into()),
    }
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    assert_eq!(told.urls(), ["http://a.test/", "http://a.test/side?b=1"], "{told:#?}");
    assert_eq!((told.kinds(), told.visits[0].links_out), (vec![], 1));
    assert_eq!((told.visits[0].status, told.visits[0].title.as_str()), (Some(200), "Forside"));
    assert_eq!(proxy.one("GET", "http://a.test/is").url, "http://a.test/is?false,1366,da-DK,true,undefined,false,-60");
    assert_eq!(proxy.count("http://cdn.test/s.js"), 2, "a cached script would hide who was told of the second page");
    let asked = proxy.one("GET", "http://a.test/").headers.to_lowercase();
    assert!(asked.contains("accept-language: da-dk") && !asked.contains("headless"), "{asked}");
    let visits: Vec<u32> = proxy.seen().iter().map(|seen| seen.visit).collect();
    assert!(visits.is_sorted() && visits.last() == Some(&2), "{visits:?}");
    assert!(proxy.seen().iter().all(|seen| seen.url.contains(".test/")), "a foreign request: {:#?}", proxy.seen());
}

#[test]
fn workers_are_not_held_up() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html("<script>new Worker('/en.js'); new SharedWorker('/to.js')</script>".into()),
        "http://a.test/en.js" => Reply::Script("fetch('/fra-en')".into()),
        "http://a.test/to.js" => Reply::Script("fetch('/fra-to')".into()),
        _ => Reply::Html(String::new()),
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    assert_eq!(
        (told.kinds(), proxy.count("http://a.test/fra-en"), proxy.count("http://a.test/fra-to")),
        (vec![], 1, 1)
    );
}

#[test]
fn a_page_is_left_so_that_its_last_words_are_heard() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|_| {
        Reply::Html(
            r#"<form method=post action=/x><input name=cpr></form><script>
            addEventListener("pagehide", () => navigator.sendBeacon("http://tracker.test/bye", document.forms[0].cpr.value));
            addEventListener("beforeunload", event => event.preventDefault());</script>"#.into(),
        )
    });
    let mut plan = plan("http://a.test/");
    plan.submit = model::registry::Submit::Never;
    let begun = Instant::now();
    let told = crawled(&browser, &plan, &proxy);
    assert!(begun.elapsed() < Duration::from_secs(10), "the question on leaving held it up");
    let beacon = proxy.one("POST", "http://tracker.test/bye");
    assert_eq!((beacon.visit, beacon.body.as_str()), (1, CPR));
    let asked = told.blind_spot(BlindSpotKind::PageInterfered);
    assert!(asked.detail.contains("beforeunload"), "{asked:?}");
}

#[test]
fn dialogs_and_downloads_hold_nothing_up() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html(
            r"<a href=/hent>h</a><a href=/til>t</a>
            <script>alert('hej'); if (confirm('ja?')) prompt('hvad?'); fetch('/efter')</script>"
                .into(),
        ),
        "http://a.test/til" => Reply::Html("<title>Til</title><script>location = '/hent?2'</script>Henter".into()),
        "http://a.test/efter" => Reply::Html(String::new()),
        _ => Reply::File,
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    assert_eq!(told.kinds(), [BlindSpotKind::PageInterfered; 3], "{told:#?}");
    let details: Vec<&str> = told.blind_spots.iter().map(|blind_spot| blind_spot.detail.as_str()).collect();
    assert_eq!(
        details,
        [
            "dialogs answered with OK: 3, the first alert: hej",
            "downloads refused: 1, the first http://a.test/hent",
            "downloads refused: 1, the first http://a.test/hent?2",
        ]
    );
    assert_eq!(proxy.count("http://a.test/efter"), 1);
    assert_eq!((&told.visits[2].outcome, told.visits[2].title.as_str()), (&VisitOutcome::Loaded, "Til"));
    assert!(matches!(told.visit("http://a.test/hent").outcome, VisitOutcome::Failed(_)));
}

#[test]
fn windows_are_closed_told_and_visited_where_they_are_in_scope() {
    let Some(browser) = browser() else { return };
    let form = |press: &str, name: &str| {
        Reply::Html(format!(
            r#"<form onsubmit="{press}; return false"><input name=cpr><input type=hidden name={name}><button>Vis</button></form>"#
        ))
    };
    let proxy = Proxy::start(move |seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html(
            "<a href=/aabner>1</a><a href=/lukker>2</a><a href=/reklame>3</a><a href=/til-sidst>4</a>".into(),
        ),
        "http://a.test/aabner" => form("window.open('/nyt')", "x"),
        "http://a.test/lukker" => form("window.open('about:blank').close()", "y"),
        "http://a.test/reklame" => form("window.open('http://b.test/reklame')", "z"),
        "http://a.test/nyt" => Reply::Html("<title>Nyt</title><script>alert('nyt')</script>".into()),
        _ => Reply::Html("<title>Andet</title>".into()),
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    assert_eq!(told.kinds(), [BlindSpotKind::PageInterfered; 4], "{told:#?}");
    let details: Vec<&str> = told.blind_spots.iter().map(|blind_spot| blind_spot.detail.as_str()).collect();
    assert!(details.contains(&"windows opened and closed: 1, the first http://a.test/nyt"), "{details:?}");
    assert!(details.contains(&"windows opened and closed: 1, the first http://b.test/reklame"), "{details:?}");
    assert!(details.contains(&"windows opened and closed: 1, the first about:blank"), "{details:?}");
    assert!(details.contains(&"dialogs answered with OK: 1, the first alert: nyt"), "{details:?}");
    assert_eq!(told.visit("http://a.test/nyt").title, "Nyt");
    assert_eq!(told.visit("http://a.test/til-sidst").title, "Andet");
    assert_eq!((proxy.count("http://a.test/nyt"), proxy.count("http://b.test/reklame")), (2, 1));
}

#[test]
fn a_page_that_fails_is_told_and_the_next_is_visited() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| {
        match seen.url.as_str() {
        "http://a.test/" => Reply::Html(
            "<a href=/500>a</a><a href=/nej>b</a><a href=/doed>c</a><a href=/venter>d</a><a href=/laast>e</a><a href=/billede>f</a><a href=/proxy>h</a><a href=/god>g</a>".into(),
        ),
        "http://a.test/500" => Reply::Status(500, "<h1>Fejl</h1>".into()),
        "http://a.test/nej" => Reply::Status(403, "<h1>Nej</h1>".into()),
        "http://a.test/doed" => Reply::Refuse,
        "http://a.test/proxy" => Reply::ByProxy,
        "http://a.test/venter" | "http://a.test/evig" => Reply::Hang,
        "http://a.test/laast" => Reply::Html("<script>for (;;);</script>".into()),
        "http://a.test/billede" => Reply::Html("<title>Halv</title><img src=/evig>".into()),
        _ => Reply::Html("<title>God</title>".into()),
    }
    });
    let mut plan = plan("http://a.test/");
    plan.limits.page_deadline = Duration::from_secs(3);
    plan.limits.settle_cap = Duration::from_secs(1);
    let begun = Instant::now();
    let told = crawled(&browser, &plan, &proxy);
    let outcome = |path: &str| told.visit(&format!("http://a.test/{path}")).outcome.clone();
    assert_eq!(outcome("500"), VisitOutcome::Failed("status 500".into()));
    assert_eq!(outcome("proxy"), VisitOutcome::Failed("the proxy could not reach it".into()));
    assert_eq!(outcome("nej"), VisitOutcome::LoginRequired);
    assert!(matches!(outcome("doed"), VisitOutcome::Failed(reason) if reason.contains("ERR_")), "{told:#?}");
    assert!(matches!(outcome("venter"), VisitOutcome::Failed(_)));
    assert!(matches!(outcome("laast"), VisitOutcome::Failed(_)));
    assert_eq!(
        (outcome("billede"), told.visit("http://a.test/billede").title.as_str()),
        (VisitOutcome::Loaded, "Halv")
    );
    assert_eq!((outcome("god"), told.visit("http://a.test/god").title.as_str()), (VisitOutcome::Loaded, "God"));
    assert_eq!(told.kinds().iter().filter(|kind| **kind == BlindSpotKind::PageFailed).count(), 6, "{told:#?}");
    assert!(begun.elapsed() < Duration::from_secs(90), "{:?}", begun.elapsed());
}

#[test]
fn a_calendar_and_a_budget_leave_pages_out_and_say_how_many() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| {
        let day: u32 = seen.url.rsplit('/').next().and_then(|day| day.parse().ok()).unwrap_or(0);
        let next = day + 1;
        Reply::Html(format!("<a href=/dag/{next}>n</a><a href=/a{next}>a</a>"))
    });
    let mut calendar = plan("http://a.test/");
    calendar.limits.per_template = 2;
    calendar.limits.pages = 6;
    let told = crawled(&browser, &calendar, &proxy);
    let order = ["", "dag/1", "a1", "a2", "dag/2", "a3"].map(|path| format!("http://a.test/{path}"));
    assert_eq!(told.urls(), order);
    let left_out = told.blind_spot(BlindSpotKind::PagesLeftOut);
    assert_eq!(left_out.detail, "1 pages: 1 of a kind of page seen 2 times");
}

#[test]
fn a_page_that_must_be_visited_is_visited_or_missed_by_name() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html("<a href=/fundet?aar=2025>f</a>".into()),
        "http://a.test/skjult" => Reply::Html("<a href=/bag>b</a>".into()),
        "http://a.test/borte" => Reply::Status(404, "Nej".into()),
        "http://a.test/uden-login" => Reply::To("/"),
        "http://a.test/mappe" => Reply::To("/Mappe/?sprog=da"),
        _ => Reply::Html("ok".into()),
    });
    let mut plan = plan("http://a.test/");
    plan.must_visit = ["fundet", "skjult", "borte", "uden-login", "mappe"]
        .map(|path| target(&format!("http://a.test/{path}")))
        .to_vec();
    let told = crawled(&browser, &plan, &proxy);
    let missed = BlindSpotKind::MustVisitMissed;
    assert_eq!(told.kinds(), [BlindSpotKind::PageFailed, missed, missed], "{told:#?}");
    assert_eq!(told.blind_spots[1].place, "http://a.test/borte");
    let sent_home = &told.blind_spots[2];
    assert_eq!(
        (&*sent_home.place, &*sent_home.detail),
        ("http://a.test/uden-login", "it leads to another page, http://a.test/")
    );
    assert_eq!(proxy.count("http://a.test/fundet?aar=2025"), 1);
    assert_eq!(proxy.count("http://a.test/fundet"), 1, "a page named by its path is met with any query");
    assert_eq!(proxy.count("http://a.test/bag"), 1);
}

#[test]
fn a_page_outside_is_not_taken_for_the_one_asked_for_and_nothing_is_typed_there() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html("<a href=/ud>1</a><a href=/log>2</a>".into()),
        "http://a.test/ud" => Reply::To("http://other.test/"),
        "http://a.test/log" => Reply::To("http://login.other.test/"),
        _ => Reply::Html(
            r#"<form action=/x><input name=cpr oninput="fetch('/typed')"><button>Send</button></form>"#.into(),
        ),
    });
    let mut plan = plan("http://a.test/");
    plan.must_visit = vec![target("http://a.test/ud")];
    let told = crawled(&browser, &plan, &proxy);
    let why = "it leads to other.test, which is not among the system's hosts: add it to base_urls";
    assert_eq!(told.visit("http://a.test/ud").outcome, VisitOutcome::Failed(why.into()));
    assert_eq!(told.blind_spot(BlindSpotKind::PageFailed).detail, why);
    assert_eq!(told.blind_spot(BlindSpotKind::MustVisitMissed).detail, why);
    assert_eq!(told.visit("http://a.test/log").outcome, VisitOutcome::LoginRequired);
    assert_eq!(proxy.seen().iter().filter(|seen| seen.url.contains("typed") || seen.url.contains("/x")).count(), 0);
}

#[test]
fn what_a_page_leads_to_and_nobody_followed_is_told() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| {
        match seen.url.as_str() {
        "http://a.test/" => Reply::Html(
            r#"<a href=/f.pdf>PDF</a><a href=/g.pdf>PDF</a><a href=/betal>Betal</a><a href="javascript:gaa('x')">Videre</a>
            <a href="http://[">i stykker</a><a href=http://nemlog-in.test/x>Log på med MitID</a>
            <a href=http://nemlog-in.test/y>Log på</a><a href=http://mitid.test/>Læs om MitID</a><a href=/to>2</a>
            <iframe src=http://felter.test/></iframe><iframe src=http://b.a.test/felter></iframe>
            <iframe src=http://film.test/></iframe><iframe srcdoc="<input name=laest>"></iframe>"#.into(),
        ),
        "http://a.test/to" => Reply::Html(
            r"<form role=search><input name=s></form><form action=/find><input name=q><button>Find</button></form>
            <form method=post action=/nyhed><input name=mail><button>Tilmeld</button></form>
            <form method=post action=/ud><button>Log ud</button></form>
            <form method=post action=/mitid><button>Fortsæt med MitID</button></form><a href=/f.pdf>PDF</a>".into(),
        ),
        "http://film.test/" => Reply::Html("<video></video>".into()),
        _ => Reply::Html("<input name=navn>".into()),
    }
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    let login = BlindSpotKind::LoginRequired;
    assert_eq!(told.kinds(), [login, login, BlindSpotKind::PagesLeftOut], "{told:#?}");
    assert!(told.blind_spots[0].detail.contains("nemlog-in.test") && told.blind_spots[1].detail.contains("MitID"));
    assert_eq!((proxy.count("http://a.test/nyhed"), proxy.count("http://a.test/find")), (1, 0));
    assert_eq!(
        told.blind_spots[2].detail,
        "9 pages: 2 that are files and not opened: http://a.test/f.pdf http://a.test/g.pdf, 1 behind links that pay, \
         1 behind links that run a script, 1 whose address cannot be read, \
         2 in frames of other sites, with fields that are not filled, \
         2 behind search fields of the site, which are not tried"
    );
}

#[test]
fn a_page_that_never_rests_is_told_once_and_no_text_ends_in_half_a_number() {
    let Some(browser) = browser() else { return };
    let long = "x".repeat(291);
    let title = format!("{long} 0707614285");
    let proxy = Proxy::start(move |seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html(format!(
            "<title>{title}</title><form><input name=cpr></form>
            <script>setInterval(() => fetch('/igen'), 50)</script>"
        )),
        _ => Reply::Html("ok".into()),
    });
    let mut plan = plan("http://a.test/");
    plan.limits.settle_cap = Duration::from_secs(1);
    plan.submit = model::registry::Submit::Never;
    let told = crawled(&browser, &plan, &proxy);
    assert_eq!(told.kinds(), [BlindSpotKind::PageRestless, BlindSpotKind::FormNotSubmitted], "{told:#?}");
    assert_eq!(told.blind_spots[0].detail, "still loading after 1 s");
    assert_eq!(told.visits[0].title, long);
}

#[test]
fn a_stopped_crawl_says_how_much_was_left() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|_| Reply::Html("<a href=/x>x</a><a href=/y>y</a><a href=/z>z</a>".into()));
    let stop = AtomicBool::new(false);
    let told = crawled_until(&browser, &plan("http://a.test/"), &proxy, &stop, |visit| {
        stop.store(visit.url.ends_with("/x"), Ordering::Relaxed);
    });
    assert_eq!(told.urls(), ["http://a.test/", "http://a.test/x"]);
    assert_eq!(told.blind_spot(BlindSpotKind::Interrupted).detail, "stopped with 2 pages left to visit");
}

#[test]
fn each_crawl_has_cookies_of_its_own() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::WithCookie("who=me", "/hjem"),
        _ => Reply::Html("ok".into()),
    });
    crawled(&browser, &plan("http://a.test/"), &proxy);
    crawled(&browser, &plan("http://a.test/hjem"), &proxy);
    let cookies: Vec<bool> = proxy
        .seen()
        .iter()
        .filter(|seen| seen.url.ends_with("/hjem"))
        .map(|seen| seen.headers.contains("who=me"))
        .collect();
    assert_eq!(cookies, [true, false]);
}
