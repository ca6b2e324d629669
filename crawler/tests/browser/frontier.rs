//! What is crawled, in which order, and how politely.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crawler::RobotsTxt;
use model::{BlindSpotKind, Host, VisitOutcome};

use crate::kit::{CPR, Proxy, Reply, Seen, browser, crawled, plan, target};

fn html(text: &str) -> Reply {
    Reply::Html(format!("<!doctype html><title>x</title>{text}"))
}

const ROBOTS: &str = "User-agent: *\nDisallow: /lukket\nSitemap: http://a.test/kort.xml\n";

fn site(seen: &Seen) -> Reply {
    match seen.url.as_str() {
        "http://a.test/robots.txt" => Reply::Script(ROBOTS.into()),
        "http://b.test/robots.txt" => Reply::Script("User-agent: *\nDisallow: /\n".into()),
        "http://a.test/kort.xml" => {
            Reply::Script("<sitemapindex><sitemap><loc>http://a.test/del.xml</loc></sitemap></sitemapindex>".into())
        }
        "http://a.test/del.xml" => Reply::Script(
            "<urlset><url><loc>http://a.test/glemt</loc></url><url><loc>http://c.test/</loc></url></urlset>".into(),
        ),
        "http://a.test/" => {
            html("<a href=/lukket/1>1</a><a href=/lukket/2>2</a><a href=/aaben>3</a><a href=//b.test/>4</a>")
        }
        _ => html("<a href=/>hjem</a>"),
    }
}

#[test]
fn robots_txt_is_asked_first_and_obeyed_and_its_sitemap_read() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(site);
    let mut plan = plan("http://a.test/?cpr=1");
    plan.starts = vec![target("http://a.test/")];
    plan.scope = crawler::Scope::Hosts(["a.test", "b.test"].map(|name| Host::parse(name).unwrap()).to_vec());
    plan.manners.robots = RobotsTxt::Obeyed;
    plan.must_visit = vec![target("http://a.test/lukket/2")];
    let told = crawled(&browser, &plan, &proxy);
    let pages = ["", "lukket/2", "aaben", "glemt"].map(|path| format!("http://a.test/{path}"));
    assert_eq!(told.urls(), pages, "{told:#?}");
    let obeyed = told.blind_spot(BlindSpotKind::RobotsObeyed);
    assert_eq!(
        (&*obeyed.place, &*obeyed.detail),
        ("http://a.test", "2 pages that robots.txt closes, the first http://a.test/lukket/1")
    );
    let seen = proxy.seen();
    assert_eq!(seen[0].url, "http://a.test/robots.txt");
    for file in ["http://a.test/robots.txt", "http://b.test/robots.txt", "http://a.test/kort.xml"] {
        let asked = proxy.one("GET", file);
        assert_eq!((asked.visit, proxy.count(file)), (1, 1), "{file}");
        assert!(!asked.headers.to_ascii_lowercase().contains("referer:"), "{}", asked.headers);
    }
    assert_eq!((proxy.count("http://b.test/"), proxy.count("http://c.test/")), (1, 0));
}

#[test]
fn robots_txt_of_a_declared_owner_gives_pages_and_closes_none() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(site);
    let mut plan = plan("http://a.test/");
    plan.manners.robots = RobotsTxt::Seeds;
    let told = crawled(&browser, &plan, &proxy);
    let pages = ["", "lukket/1", "aaben", "lukket/2", "glemt"].map(|path| format!("http://a.test/{path}"));
    assert_eq!(told.urls(), pages);
    assert_eq!(told.kinds(), []);
}

#[test]
fn a_busy_host_is_asked_again_when_it_says_and_once() {
    let Some(browser) = browser() else { return };
    let asked = AtomicU32::new(0);
    let proxy = Proxy::start(move |seen| match seen.url.as_str() {
        "http://a.test/" => html("<a href=/travl>1</a><a href=/altid>2</a>"),
        "http://a.test/travl" if asked.fetch_add(1, Ordering::SeqCst) == 0 => Reply::Busy(1),
        "http://a.test/altid" => Reply::Busy(0),
        _ => html("Velkommen"),
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    let travl: Vec<&VisitOutcome> =
        told.visits.iter().filter(|visit| visit.url.ends_with("travl")).map(|visit| &visit.outcome).collect();
    assert_eq!(travl, [&VisitOutcome::Failed("status 503".into()), &VisitOutcome::Loaded]);
    assert_eq!((proxy.count("http://a.test/travl"), proxy.count("http://a.test/altid")), (2, 2));
    assert_eq!(told.kinds(), [BlindSpotKind::PageFailed], "{told:#?}");
    assert_eq!(told.blind_spots[0].place, "http://a.test/altid");
}

#[test]
fn pages_built_alike_are_seen_three_times_and_others_more() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| {
        let links = |kind: &str| -> String {
            let links: Vec<String> = (1..=6).map(|number| format!("<a href=/{kind}/{number}>{number}</a>")).collect();
            links.join(" ")
        };
        match seen.url.trim_start_matches("http://a.test/").split_once('/') {
            Some(("ens", number)) => {
                html(&format!("<main class=sag-{number}><p>{number}</p>{}</main>", "<p>x</p>".repeat(number.len())))
            }
            Some((_, number)) => {
                html(&format!("<div class={}>{number}</div>", "x".repeat(number.parse().unwrap_or(0))))
            }
            None => html(&format!("{}{}", links("ens"), links("andet"))),
        }
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    assert_eq!((proxy.count("http://a.test/ens/"), proxy.count("http://a.test/andet/")), (3, 6));
    assert_eq!(told.blind_spot(BlindSpotKind::PagesLeftOut).detail, "3 pages: 3 of a kind of page seen 3 times");
}

#[test]
fn states_that_a_script_shows_are_told_once() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => html(
            "<a href=/to>2</a><a href='#/trin/2'>3</a><script>history.pushState({}, '', '/trin/1');
             location.hash = '/trin/2'; history.pushState({}, '', '/')</script>",
        ),
        "http://a.test/to" => html("<script>history.pushState({}, '', '/trin/1'); location.hash = 'top'</script>"),
        _ => html("Trin"),
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    let states: Vec<&str> = told.urls().into_iter().filter(|url| url.contains("trin")).collect();
    assert_eq!(states, ["http://a.test/trin/1", "http://a.test/trin/1#/trin/2", "http://a.test/#/trin/2"], "{told:#?}");
    let ids: Vec<u32> = told.visits.iter().map(|visit| visit.id.0).collect();
    assert!(ids.is_sorted_by(|one, other| one < other), "{ids:?}");
}

#[test]
fn links_that_only_a_script_works_are_pressed_on_test_systems() {
    let Some(browser) = browser() else { return };
    let menu = "<nav><a onclick=\"vis('/sager')\">Sager</a><a href='#' onclick=\"vis('/breve')\">Breve</a>
        <a href=\"javascript:vis('/blanket')\">Blanket</a><a href='#' onclick=\"fetch('/slettet')\">Slet</a>
        <a onclick=\"location = '/anden'\">Anden</a></nav><div id=v></div>
        <script>function vis(sti) { history.pushState({}, '', sti); fetch('/data' + sti);
        v.innerHTML = '<a href=/bag' + sti + '>bag</a>' + (sti == '/blanket' ? '<input name=navn>' : ''); }</script>";
    let proxy = Proxy::start(move |seen| match seen.url.as_str() {
        "http://a.test/" => html(menu),
        "http://a.test/blanket" => html("<input name=navn>"),
        _ => html("Side"),
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    let count = |path: &str| proxy.count(&format!("http://a.test/{path}"));
    assert_eq!(["sager", "breve", "blanket", "anden", "slettet"].map(count), [0, 0, 1, 2, 0], "{told:#?}");
    assert_eq!(["bag/sager", "bag/breve", "bag/blanket"].map(count), [1, 1, 1]);
    for state in ["sager", "breve", "blanket"] {
        let visit = told.visit(&format!("http://a.test/{state}"));
        let data = proxy.one("GET", &format!("http://a.test/data/{state}"));
        // What the script asks for at once may be under way before the state is known.
        assert!([visit.id.0 - 1, visit.id.0].contains(&data.visit), "{state}: {data:?}");
    }
    assert!(!told.kinds().contains(&BlindSpotKind::PagesLeftOut), "{told:#?}");

    let mut never = plan("http://a.test/");
    never.submit = model::registry::Submit::Never;
    let told = crawled(&browser, &never, &proxy);
    assert_eq!(told.urls(), ["http://a.test/"]);
    assert_eq!(told.blind_spot(BlindSpotKind::PagesLeftOut).detail, "1 pages: 1 behind links that run a script");
}

#[test]
fn a_page_with_a_number_in_its_address_is_left_for_another_site_once() {
    let Some(browser) = browser() else { return };
    let outside = |seen: &Seen| match seen.url.as_str() {
        "http://a.test/" => {
            html(&format!("<a href=/kvittering?cpr={CPR}&n=1>1</a><a href=/kvittering?cpr={CPR}&n=2>2</a>"))
        }
        url if url.starts_with("http://a.test/kvittering") => html(
            "<meta name=referrer content=unsafe-url><a href=http://betaling.test/slet>Slet</a>
             <a href=http://other.test/om target=_blank>Om</a><a href=http://third.test/>3</a>",
        ),
        "http://other.test/om" => html(
            "<a href=/mere>x</a><script>new Image().src = '/set?' + encodeURIComponent(document.referrer)</script>",
        ),
        _ => html(""),
    };
    let proxy = Proxy::start(outside);
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    let left = proxy.one("GET", "http://other.test/om");
    assert!(left.headers.contains(&format!("Referer: http://a.test/kvittering?cpr={CPR}")), "{}", left.headers);
    assert!(proxy.one("GET", "http://other.test/set").url.contains(CPR));
    assert_eq!(told.visit("http://other.test/om").outcome, VisitOutcome::Loaded);
    assert_eq!(told.visit("http://other.test/om").id.0, left.visit);
    let others = ["http://other.test/om", "http://other.test/mere", "http://betaling.test/", "http://third.test/"];
    assert_eq!(others.map(|url| proxy.count(url)), [1, 0, 0, 0]);
    assert_eq!(told.kinds(), [], "{told:#?}");

    let proxy = Proxy::start(outside);
    let mut inside = plan("http://a.test/");
    inside.manners.loopback_only = true;
    crawled(&browser, &inside, &proxy);
    assert_eq!((proxy.count("http://a.test/kvittering"), proxy.count("http://other.test/")), (2, 0));
}

#[test]
fn when_the_time_is_over_only_what_must_be_visited_is() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|_| html("Hej"));
    let mut plan = plan("http://a.test/");
    plan.limits.time = Duration::ZERO;
    plan.must_visit = vec![target("http://a.test/vigtig")];
    let told = crawled(&browser, &plan, &proxy);
    assert_eq!(told.urls(), ["http://a.test/vigtig"]);
    assert_eq!(told.blind_spot(BlindSpotKind::PagesLeftOut).detail, "1 pages: 1 left when 0 minutes were over");
}

#[test]
fn a_form_that_a_script_answers_with_another_state_is_not_waited_for() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|_| {
        html(
            "<form onsubmit=\"event.preventDefault(); history.pushState({}, '', '/tak'); this.outerHTML = '<h1>Tak</h1>'\">
            <input name=cpr><button>Send</button></form>",
        )
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    assert_eq!(told.urls()[..2], ["http://a.test/", "http://a.test/tak"], "{told:#?}");
    assert_eq!(told.visits[1].submitted_from, Some(told.visits[0].id));
    assert!(!told.kinds().contains(&BlindSpotKind::PageFailed), "{told:#?}");
}
