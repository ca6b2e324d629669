//! Safe mode: in an audit of a system that serves real people, nothing that could change something reaches it, whatever
//! its pages send; and with `--third-party sink` nothing that its pages tell reaches a third party.

mod kit;

use kit::served::Served;
use kit::{no_browser, one_browser};
use sites::{HostedSite, Received, Reply};

const SITE: &str = "www.borger.test";
const TRACKER: &str = "maaling.eksempel.test";
const PAGE: &str = "<!doctype html><html lang=da><title>Sag</title><h1>Sag</h1>
<script src=https://maaling.eksempel.test/tag.js></script>
<script>
fetch('/gem', {method: 'POST', body: 'felt=1'});
fetch('/login/trin', {method: 'POST', body: 'trin=1'});
fetch('/sag/7', {method: 'DELETE'});
fetch('/hent?x=1');
</script>";
const TAG: &str = "navigator.sendBeacon('https://maaling.eksempel.test/c', 'side=' + location.pathname);
new Image().src = 'https://maaling.eksempel.test/p.gif?side=1';";

fn sites() -> Served {
    Served::start(vec![
        HostedSite::new(SITE, |received| match received.path() {
            "/" => Reply::html(PAGE),
            _ => Reply::no_content(),
        }),
        HostedSite::new(TRACKER, |received| match received.path() {
            "/tag.js" => Reply::js(TAG),
            _ => Reply::no_content(),
        }),
    ])
}

fn asked(served: &Served, host: &str) -> Vec<String> {
    let of = |received: &Received| format!("{} {}", received.method, received.path());
    let mut asked: Vec<String> = served.received_by(host).iter().map(of).collect();
    asked.retain(|request| !request.contains("favicon") && !request.contains("robots") && !request.contains("sitemap"));
    asked.sort();
    asked
}

fn count(scan: &serde_json::Value, kind: &str) -> u64 {
    let of_kind = scan["blind_spots"].as_array().into_iter().flatten().filter(|spot| spot["kind"] == kind);
    of_kind.filter_map(|spot| spot["count"].as_u64()).sum()
}

#[test]
fn what_could_change_something_never_reaches_the_system() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = sites();
    let url = format!("https://{SITE}/");
    let ran = served.bench.run(&served.arguments(&["audit", &url, "--allow-write", "POST /login/*"]));
    // What was held back is not seen to its end, so the run is not complete.
    ran.ends_with(3).says("held back");
    assert_eq!(asked(&served, SITE), ["GET /", "GET /hent", "POST /login/trin"]);
    assert_eq!(asked(&served, TRACKER), ["GET /p.gif", "GET /tag.js", "POST /c"]);
    let scan = served.bench.scan();
    assert_eq!((count(&scan, "held-back"), count(&scan, "sunk")), (2, 0), "{}", scan["blind_spots"]);
}

#[test]
fn third_parties_get_nothing_where_they_are_sunk_and_all_is_judged() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = sites();
    let url = format!("https://{SITE}/");
    let command = ["audit", &url, "--allow-write", "POST /*", "--allow-write", "DELETE /*", "--third-party", "sink"];
    // What is sunk is judged whole, and leaves no gap.
    served.bench.run(&served.arguments(&command)).ends_with(0).says("answered here");
    assert_eq!(asked(&served, TRACKER), ["GET /tag.js"]);
    let scan = served.bench.scan();
    assert_eq!((count(&scan, "held-back"), count(&scan, "sunk")), (0, 2), "{}", scan["blind_spots"]);
}
