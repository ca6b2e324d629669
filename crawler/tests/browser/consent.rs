//! Questions for consent: seen, answered as the pass wants it, and told where that could not be done.

use model::ConsentState::{Accepted, Refused, Untouched};
use model::{BlindSpotKind, ConsentState, VisitOutcome};

use crate::kit::{Proxy, Reply, Seen, Told, browser, crawled, plan};

/// Sends what the visitor has allowed, as telemetry does; what it got says under which answer.
const TELEMETRY: &str = "<script>fetch('http://maaling.test/' + (/valg=(\\w+)/.exec(document.cookie)?.[1] ?? 'uspurgt'), { mode: 'no-cors' })</script>";

/// Shows a banner until it is answered.
fn page(banner: &str, rest: &str) -> Reply {
    Reply::Html(format!(
        "<!doctype html><title>x</title><script>const svar = (valg) => {{ document.cookie = 'valg=' + valg + ';path=/'; \
         document.getElementById('banner')?.remove(); }}</script><h1>Velkommen</h1>{rest}{banner}\
         <script>if (/valg=/.test(document.cookie)) document.getElementById('banner')?.remove()</script>{TELEMETRY}"
    ))
}

const OWN: &str = "<div id=banner style='position:fixed;bottom:0;width:100%'><h2>Vi bruger cookies</h2>\
    <p>Vi bruger cookies til statistik.</p><button onclick=\"svar('ja')\">Accepter alle</button>\
    <button onclick=\"svar('nej')\">Kun nødvendige</button></div>";

const SECOND_LAYER: &str = "<div id=banner class=cookie-boks role=dialog><p>Vi bruger cookies til statistik.</p>\
    <button onclick=\"svar('ja')\">Accepter alle</button><button onclick='lag2.hidden = false'>Tilpas</button>\
    <div id=lag2 hidden><label><input type=checkbox checked disabled>Nødvendige</label>\
    <label><input id=stat type=checkbox checked>Statistik</label>\
    <button onclick=\"svar(stat.checked ? 'ja' : 'nej')\">Gem valg</button></div></div>";

const NO_WAY_OUT: &str = "<div id=banner class=cookie-boks><p>Vi bruger cookies.</p>\
    <button onclick=\"svar('ja')\">OK</button></div>";

const COMES_BACK: &str = "<div class=cookie-boks><p>Vi bruger cookies.</p>\
    <button onclick='this.parentElement.remove()'>Godkend</button>\
    <button onclick='this.parentElement.remove()'>Nej tak</button></div>";

/// As Cookie Information's: its script has a name of its own, which the rule asks.
const COOKIE_INFORMATION: &str = "<div id=cookie-information-template-wrapper style='position:fixed;bottom:0;height:80px;width:100%'>\
    <div id=banner>Cookies</div></div><script>const af = (valg) => { svar(valg); document.getElementById('cookie-information-template-wrapper').remove(); }; \
    globalThis.CookieInformation = { declineAllCategories: () => af('nej'), submitAllCategories: () => af('ja') };\
    if (/valg=/.test(document.cookie)) document.getElementById('cookie-information-template-wrapper').remove();</script>";

/// As Cookiebot's.
const COOKIEBOT: &str = "<div id=CybotCookiebotDialog style='position:fixed;bottom:0;height:80px;width:100%'><div id=banner>Tofte</div>\
    <button id=CybotCookiebotDialogBodyLevelButtonLevelOptinDeclineAll onclick=\"svar('nej'); slut()\">Afvis</button>\
    <button id=CybotCookiebotDialogBodyLevelButtonAccept onclick=\"svar('ja'); slut()\">Tillad alle</button></div>\
    <script>const har = /valg=/.test(document.cookie); globalThis.Cookiebot = { hasResponse: har, dialog: { visible: !har } };\
    const slut = () => { document.getElementById('CybotCookiebotDialog').remove(); Cookiebot.hasResponse = true; Cookiebot.dialog.visible = false; };\
    if (har) document.getElementById('CybotCookiebotDialog').remove();</script>";

/// One crawl of a site with `banner` on its two pages.
fn pass(banner: &'static str, wanted: ConsentState) -> Option<(Told, Vec<String>)> {
    let browser = browser()?;
    let proxy = Proxy::start(move |seen: &Seen| match seen.url.as_str() {
        "http://a.test/" => page(banner, "<a href=/to>to</a>"),
        "http://a.test/to" => page(banner, ""),
        _ => Reply::Script(String::new()),
    });
    let mut plan = plan("http://a.test/");
    plan.consent = wanted;
    let told = crawled(&browser, &plan, &proxy);
    let sent =
        proxy.seen().into_iter().filter_map(|seen| Some(seen.url.strip_prefix("http://maaling.test/")?.to_owned()));
    let sent = sent.collect();
    Some((told, sent))
}

/// Visits by page and state, and what the telemetry got.
#[track_caller]
fn case(banner: &'static str, wanted: ConsentState, visits: &[(&str, ConsentState)], sent: &[&str]) -> Option<Told> {
    let (told, was_sent) = pass(banner, wanted)?;
    let visited: Vec<(&str, ConsentState)> =
        told.visits.iter().map(|visit| (visit.url.trim_start_matches("http://a.test"), visit.consent)).collect();
    assert_eq!(
        (visited.as_slice(), was_sent.as_slice()),
        (visits, sent.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>().as_slice()),
        "{told:#?}"
    );
    assert!(told.visits.iter().all(|visit| visit.outcome == VisitOutcome::Loaded));
    Some(told)
}

fn not_reached(told: &Told) -> usize {
    told.kinds().iter().filter(|kind| **kind == BlindSpotKind::ConsentNotReached).count()
}

#[test]
fn a_banner_is_seen_and_left_alone_where_nothing_is_to_be_answered() {
    let Some(told) = case(OWN, Untouched, &[("/", Untouched), ("/to", Untouched)], &["uspurgt", "uspurgt"]) else {
        return;
    };
    assert_eq!((told.banners, told.blind_spots), (vec!["#banner".to_owned()], Vec::new()));
}

#[test]
fn an_own_danish_banner_is_answered_and_the_page_seen_again() {
    for (wanted, word) in [(Refused, "nej"), (Accepted, "ja")] {
        let visits = [("/", Untouched), ("/", wanted), ("/to", wanted)];
        let Some(told) = case(OWN, wanted, &visits, &["uspurgt", word, word]) else { return };
        assert_eq!((told.banners, told.blind_spots), (vec!["#banner".to_owned()], Vec::new()));
    }
}

#[test]
fn a_no_is_found_in_the_second_layer_with_all_switched_off() {
    case(SECOND_LAYER, Refused, &[("/", Untouched), ("/", Refused), ("/to", Refused)], &["uspurgt", "nej", "nej"]);
}

#[test]
fn no_way_to_refuse_is_told_once_and_the_pages_are_seen_without_an_answer() {
    let visits = [("/", Untouched), ("/to", Untouched)];
    let Some(told) = case(NO_WAY_OUT, Refused, &visits, &["uspurgt", "uspurgt"]) else { return };
    let spot = told.blind_spot(BlindSpotKind::ConsentNotReached);
    assert_eq!(spot.detail, "could not refuse what #banner asks: no way to refuse was found");
    assert_eq!((spot.place.as_str(), not_reached(&told)), ("http://a.test/", 1));
    case(NO_WAY_OUT, Accepted, &[("/", Untouched), ("/", Accepted), ("/to", Accepted)], &["uspurgt", "ja", "ja"]);
}

#[test]
fn a_banner_that_comes_back_is_answered_twice_and_told() {
    let visits = [("/", Untouched), ("/", Untouched), ("/", Untouched), ("/to", Untouched)];
    let Some(told) = case(COMES_BACK, Refused, &visits, &["uspurgt"; 4]) else { return };
    let spot = told.blind_spot(BlindSpotKind::ConsentNotReached);
    assert_eq!(spot.detail, "could not refuse what .cookie-boks asks: it came back after it was answered 2 times");
    assert_eq!(not_reached(&told), 1);
}

#[test]
fn well_known_banners_are_answered_by_their_rules() {
    for (banner, name) in [(COOKIE_INFORMATION, "Cookie Information Banner"), (COOKIEBOT, "Cybotcookiebot")] {
        for (wanted, word) in [(Refused, "nej"), (Accepted, "ja")] {
            let visits = [("/", Untouched), ("/", wanted), ("/to", wanted)];
            let Some(told) = case(banner, wanted, &visits, &["uspurgt", word, word]) else { return };
            assert_eq!((told.banners, told.blind_spots), (vec![name.to_owned()], Vec::new()));
        }
    }
}

#[test]
fn a_button_outside_of_a_banner_is_never_pressed() {
    const NO_BANNER: &str = "<section><h2>Samtykke til indhentning af oplysninger</h2><p>Du giver samtykke til, at kommunen \
        henter oplysninger.</p><button onclick=\"svar('ja')\">Godkend</button></section>\
        <div role=dialog style='position:fixed;top:0'><p>Godkend din ansøgning</p><button onclick=\"svar('ja')\">Godkend</button></div>\
        <p>Læs om cookies</p><button onclick=\"svar('ja')\">OK</button>";
    let Some(told) = case(NO_BANNER, Accepted, &[("/", Untouched), ("/to", Untouched)], &["uspurgt"; 2]) else {
        return;
    };
    assert!(told.banners.is_empty() && !told.kinds().contains(&BlindSpotKind::ConsentNotReached), "{told:#?}");
}

#[test]
fn a_journey_answers_where_it_begins_and_where_its_recording_says() {
    const STEPS: &str = r#"{"title": "Til", "timeout": 3000, "steps": [
        {"type": "navigate", "url": "http://a.test/start"},
        {"type": "click", "selectors": [["a"]], "offsetX": 2, "offsetY": 2,
            "assertedEvents": [{"type": "navigation", "url": "http://a.test/to"}]},
        {"type": "customStep", "name": "cprvagt.consent", "parameters": {}}]}"#;
    let Some(browser) = browser() else { return };
    for (first, second, expected) in [
        (OWN, "", &[("/start", Untouched), ("/start", Refused), ("/to", Refused), ("/", Refused)]),
        ("", OWN, &[("/start", Untouched), ("/to", Untouched), ("/to", Refused), ("/", Refused)]),
    ] {
        let proxy = Proxy::start(move |seen: &Seen| match seen.url.as_str() {
            "http://a.test/start" => page(first, "<a href=/to>til</a>"),
            "http://a.test/to" => page(second, ""),
            "http://a.test/" => page("", ""),
            _ => Reply::Script(String::new()),
        });
        let lookup = crawler::Lookup { fill: &|_| None, is_number: &|_| false };
        let mut plan = plan("http://a.test/");
        plan.consent = Refused;
        plan.journeys = vec![crawler::Journey::parse(STEPS, &lookup).unwrap()];
        let told = crawled(&browser, &plan, &proxy);
        let visited: Vec<(&str, ConsentState)> =
            told.visits.iter().map(|visit| (visit.url.trim_start_matches("http://a.test"), visit.consent)).collect();
        assert_eq!(visited, expected, "{told:#?}");
        assert_eq!(told.blind_spots, []);
    }
}
