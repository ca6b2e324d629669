//! `--block third-party-cpr`: nothing with a number reaches a third party, asserted at the third party.

mod kit;

#[cfg(unix)]
use kit::live::Live;
use kit::served::Served;
use kit::{assert_absent, no_browser, one_browser};
use sites::{HostedSite, Received, Reply, demo};

const CA: &str = "cprvagt-out/ca.pem";
const SITE: &str = "www.borger.test";
const TRACKER: &str = "maaling.eksempel.test";
/// The demo's declared number.
const DEMO_NUMBER: &str = "0101455001";
/// Declared nowhere: found by its shape alone.
const UNDECLARED: &str = "0707614285";

fn all_of(received: &Received) -> Vec<u8> {
    let mut all = received.path_and_query.clone().into_bytes();
    for (name, value) in &received.headers {
        all.extend(name.as_bytes());
        all.extend(value);
    }
    all.extend(&received.body);
    all
}

fn sites() -> Served {
    Served::start(vec![
        HostedSite::new(SITE, |_| Reply::html("<!doctype html><title>Borger</title>")),
        HostedSite::new(TRACKER, |_| Reply::no_content()),
    ])
}

#[test]
fn in_the_demo_no_number_reaches_a_third_party_and_the_report_says_so() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = Served::start(demo::hosts(demo::Options { leaking: true }));
    served.bench.write("cprvagt.toml", &demo::registry());
    let ran = served.bench.run(&served.arguments(&["audit", "selvbetjening", "--block", "third-party-cpr"]));
    ran.ends_with(1).says("cprvagt stopped them");
    let third: Vec<Received> =
        served.received().into_iter().filter(|received| !received.host.ends_with("toldhuset.test")).collect();
    // What holds no number still leaves: the telemetry's scripts, and the pages before the log-in.
    assert!(third.iter().any(|received| received.host == "maaling.besoegstal.test"), "{third:?}");
    for received in &third {
        assert_absent(DEMO_NUMBER, &all_of(received), &received.host);
    }
    let scan = served.bench.scan();
    let leaks: Vec<_> = scan["findings"].as_array().unwrap().iter().filter(|f| f["blocked"].is_u64()).collect();
    assert!(leaks.len() >= 6, "{leaks:?}");
    for leak in leaks {
        assert_eq!((&leak["blocked"], &leak["undelivered"]), (&leak["transmissions"], &leak["transmissions"]));
    }
    assert!(scan["self_test"]["probes"].as_array().unwrap().iter().all(|probe| probe["found"] == true));
    for page in ["vendor-havneborg.da.html", "vendor-havneborg.en.html"] {
        let html = std::fs::read_to_string(served.bench.path("cprvagt-out").join(page)).unwrap();
        assert!(html.contains("cprvagt st"), "{page} does not say that anything was stopped");
    }
}

#[cfg(unix)]
#[test]
fn a_session_stops_numbers_says_so_everywhere_and_lets_the_rest_pass() {
    let served = sites();
    let command = ["proxy", "--listen", "0", "--sut", SITE, "--block", "third-party-cpr", "--format", "jsonl"];
    let mut live = Live::start(&served.bench, &served.arguments(&command));
    let ask = |more: &[&str]| live.curl(&served.bench, CA, more);
    let there = |path: &str| format!("https://{TRACKER}{path}");
    // A page, a script, an image; in the URL, the body and the Referer.
    let page = ask(&["-H", "Accept: text/html", "-H", "Accept-Language: da", &there(&format!("/?cpr={UNDECLARED}"))]);
    assert!(
        page.contains(" 403") && page.contains("standset af cprvagt") && page.contains("cpr: xxxxxx-xxxx"),
        "{page}"
    );
    let body = format!("{{\"person\":{{\"cpr\":\"{UNDECLARED}\"}}}}");
    let script = ["-H", "Sec-Fetch-Dest: empty", "-H", "Content-Type: application/json", "--data", &body];
    let script = ask(&[&script[..], &[&there("/api")]].concat());
    assert!(script.contains("application/problem+json") && script.contains("\"rule\":"), "{script}");
    assert!(script.to_ascii_lowercase().contains("x-cprvagt-blocked: cpr-in-third-party-request"), "{script}");
    let referer = format!("Referer: https://{SITE}/side?cpr={UNDECLARED}");
    let image = ask(&["-H", "Sec-Fetch-Dest: image", "-H", &referer, &there("/pixel.gif")]);
    assert!(image.contains(" 403") && image.trim_end().ends_with(|c: char| c != '>'), "{image}");
    for answer in [&page, &script, &image] {
        assert_absent(UNDECLARED, answer.as_bytes(), "an answer");
    }
    // The site itself gets what it asks for, and others what holds no number.
    ask(&["--data", &format!("cpr={UNDECLARED}"), &format!("https://{SITE}/login")]);
    ask(&["--data", "answer=42", &there("/harmless")]);
    let line = live.wait_for("query[cpr]");
    assert!(line.contains("\"blocked\":true"), "{line}");
    live.signal("INT");
    live.ended().ends_with(1);

    let third = served.received_by(TRACKER);
    let paths: Vec<&str> = third.iter().map(Received::path).collect();
    assert_eq!(paths, ["/harmless"]);
    assert_eq!(third[0].body, b"answer=42");
    assert_eq!(served.received_by(SITE)[0].body, format!("cpr={UNDECLARED}").into_bytes());
    let scan = served.bench.scan();
    assert!(scan["conditions"][0].as_str().unwrap().contains("--block third-party-cpr"));
    assert_eq!(scan["blind_spots"].as_array().unwrap().len(), 0, "{}", scan["blind_spots"]);
    let journal = std::fs::read_to_string(served.bench.path("cprvagt-out/sightings.jsonl")).unwrap();
    assert_eq!(journal.lines().filter(|line| line.contains("\"blocked\":true")).count(), journal.lines().count());
}

#[test]
fn without_knowing_whose_site_it_is_nothing_can_be_stopped() {
    let served = sites();
    let ran = served.bench.run(&served.arguments(&["proxy", "--listen", "0", "--block", "third-party-cpr"]));
    ran.ends_with(2).says("who is a third party").says("--sut");
}
