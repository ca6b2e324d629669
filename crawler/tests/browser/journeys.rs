//! Journeys in a real browser: recordings as the browser exports them, made on a site with a login.

use crawler::{Browser, Journey, Lookup, Placeholder};
use model::{BlindSpotKind, VisitId, VisitOutcome};

use crate::kit::{CPR, Proxy, Reply, Seen, Told, browser, crawled, plan, target};

const SECRET: &str = "hemmelig-kode";

fn journey(steps: &str) -> Journey {
    journey_within(3000, steps)
}

fn journey_within(timeout: u32, steps: &str) -> Journey {
    let fill = |placeholder: &Placeholder| match placeholder {
        Placeholder::Cpr(_) => Some(CPR.to_owned()),
        Placeholder::Env(name) => (name == "KODE").then(|| SECRET.to_owned()),
    };
    let text = format!(r#"{{"title": "Log ind", "timeout": {timeout}, "steps": [{steps}]}}"#);
    Journey::parse(&text, &Lookup { fill: &fill, is_number: &|text| text.contains(CPR) }).expect("a journey")
}

const LOGIN: &str = r##"
    {"type": "setViewport", "width": 1200, "height": 800, "deviceScaleFactor": 1, "isMobile": false, "hasTouch": false,
        "isLandscape": false},
    {"type": "navigate", "url": "http://a.test/login", "assertedEvents": [
        {"type": "navigation", "url": "http://a.test/login", "title": "Log ind"}]},
    {"type": "click", "target": "main", "selectors": [["aria/CPR-nummer"], ["#cpr"]], "offsetX": 20, "offsetY": 8},
    {"type": "change", "value": "{{cpr}}", "target": "main", "selectors": [["aria/CPR-nummer"], ["#cpr"]]},
    {"type": "click", "target": "main", "selectors": [["aria/Videre[role=\"button\"]"]], "offsetX": 10, "offsetY": 8,
        "assertedEvents": [{"type": "navigation", "url": "http://a.test/kode", "title": "Kode"}]},
    {"type": "change", "value": "{{env:KODE}}", "selectors": [["#findes-ikke"], ["xpath///*[@name='kode']"]]},
    {"type": "keyDown", "key": "Enter", "target": "main",
        "assertedEvents": [{"type": "navigation", "url": "http://a.test/oversigt", "title": "Oversigt"}]},
    {"type": "keyUp", "key": "Enter", "target": "main"}"##;

/// Two steps let in, by number and then by password; what is behind them wants the cookie.
fn bank(seen: &Seen) -> Reply {
    let is_in = seen.headers.contains("in=yes");
    match (seen.method.as_str(), seen.url.as_str()) {
        ("GET", "http://a.test/login") => Reply::Html(
            "<title>Log ind</title><h1>Log ind</h1><form action=/kode method=post><label>CPR-nummer
            <input id=cpr name=cpr></label><button>Videre</button></form>"
                .into(),
        ),
        ("POST", "http://a.test/kode") => Reply::Html(
            "<title>Kode</title><form action=/ind method=post><input name=kode type=password><button>Log ind</button></form>"
                .into(),
        ),
        ("POST", "http://a.test/ind") if seen.body == format!("kode={SECRET}") => {
            Reply::WithCookie("in=yes", "/oversigt")
        }
        ("POST", "http://a.test/ind") => Reply::To("/login"),
        (_, "http://a.test/favicon.ico") => Reply::Status(404, String::new()),
        _ if !is_in => Reply::To("/login"),
        (_, "http://a.test/oversigt") => {
            Reply::Html("<title>Oversigt</title><a href=/sag>Sag</a><a href=/logud>Log ud</a>".into())
        }
        _ => Reply::Html("<title>Sag</title>".into()),
    }
}

#[test]
fn a_login_of_two_steps_is_made_and_the_crawl_goes_on_signed_in() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(bank);
    let mut plan = plan("http://a.test/");
    plan.journeys = vec![journey(LOGIN)];
    plan.must_visit = vec![target("http://a.test/sag")];
    let told = crawled(&browser, &plan, &proxy);
    assert_eq!(told.kinds(), [], "{told:#?}");
    let urls =
        ["http://a.test/login", "http://a.test/kode", "http://a.test/oversigt", "http://a.test/sag", "http://a.test/"];
    assert_eq!(told.urls(), urls);
    let titles: Vec<&str> = told.visits.iter().map(|visit| visit.title.as_str()).collect();
    assert_eq!(titles, ["Log ind", "Kode", "Oversigt", "Sag", "Sag"]);
    assert!(told.visits.iter().all(|visit| visit.outcome == VisitOutcome::Loaded));
    let number = proxy.one("POST", "http://a.test/kode");
    assert_eq!((number.visit, number.body), (2, format!("cpr={CPR}")));
    assert_eq!((told.visits[1].submitted_from, told.visits[2].submitted_from), (Some(VisitId(1)), Some(VisitId(2))));
    assert!(told.visits[0].forms[0].filled && told.visits[0].forms[0].submitted && !told.visits[1].forms[0].filled);
    assert_eq!(proxy.count("http://a.test/logud"), 0);
}

#[test]
fn a_step_that_fails_is_told_with_what_was_on_the_page() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(bank);
    let mut plan = plan("http://a.test/");
    plan.journeys = vec![journey(&LOGIN.replace("KODE", "KODE}} fejl {{env:KODE"))];
    let told = crawled(&browser, &plan, &proxy);
    let failed = told.blind_spot(BlindSpotKind::StepFailed);
    assert_eq!((failed.place.as_str(), failed.visit), ("http://a.test/login", Some(VisitId(3))));
    assert_eq!(
        failed.detail,
        "step 7 (keyDown) of the journey Log ind: it led to http://a.test/login and not to http://a.test/oversigt; \
         on the page: title Log ind; headings Log ind; 1 fields, 1 buttons, 0 links"
    );
    assert!(!format!("{told:?}").contains(SECRET));
    assert_eq!(told.visits.last().unwrap().title, "Log ind", "the crawl goes on without");
}

/// What became of one step on `page`.
#[track_caller]
fn on(page: &'static str, steps: &str) -> Option<(Told, Proxy)> {
    Some(on_within(3000, &browser()?, page, steps))
}

#[track_caller]
fn on_within(timeout: u32, browser: &Browser, page: &'static str, steps: &str) -> (Told, Proxy) {
    let proxy = Proxy::start(move |seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html(page.to_owned()),
        "http://a.test/inner" | "http://b.other.test/inner" => Reply::Html(
            "<label>Navn<input onchange=\"fetch('/navn?' + value)\"></label><button onclick=\"fetch('/trykket')\">Tryk
            </button>"
                .into(),
        ),
        "http://a.test/vindue" => {
            Reply::Html("<title>Vindue</title><button onclick=\"fetch('/i-vinduet')\">Her</button>".into())
        }
        _ => Reply::Html("ok".into()),
    });
    let mut plan = plan("http://a.test/");
    let start = r#"{"type": "navigate", "url": "http://a.test/"}"#;
    plan.journeys = vec![journey_within(timeout, &format!("{start}, {steps}"))];
    plan.limits.pages = 0;
    let told = crawled(browser, &plan, &proxy);
    (told, proxy)
}

#[track_caller]
fn click(selectors: &str) -> String {
    format!(r#"{{"type": "click", "selectors": [{selectors}], "offsetX": 3, "offsetY": 3}}"#)
}

#[test]
fn elements_are_found_by_every_kind_of_selector() {
    let page = r#"<title>Dyb</title><button onclick="fetch('/css')" class=knap>A</button><button onclick="fetch('/hidden')" hidden>T</button>
        <a onclick="fetch('/text')"><b>Fortsæt herfra</b></a><div onclick="fetch('/xpath')" data-id=x>C</div>
        <button aria-label="Luk vinduet" onclick="fetch('/aria')">X</button><vaert-en></vaert-en>
        <div style="height: 3000px"></div><button onclick="fetch('/nede')" id=nede>Nede</button>
        <script>const root = document.querySelector("vaert-en").attachShadow({mode: "open"});
        root.innerHTML = "<vaert-to></vaert-to>"; root.firstChild.attachShadow({mode: "open"}).innerHTML =
        "<button id=dyb onclick=\"fetch('/' + (event.isTrusted ? 'dyb' : 'falsk'))\">Dyb</button>"</script>"#;
    let steps = [
        click(r#"".knap""#),
        click(r#"[">>ugyldig"], ["text/Fortsæt herfra"]"#),
        click(r#"["xpath///*[@data-id=\"x\"]"]"#),
        click(r#"["aria/Luk vinduet[role=\"button\"]"]"#),
        click(r##"["vaert-en", "vaert-to", "#dyb"]"##),
        click(r#"["pierce/#dyb"]"#),
        click(r#"["aria/Dyb"]"#),
        click(r##"["#nede"]"##),
    ];
    let Some((told, proxy)) = on(page, &steps.join(",")) else { return };
    assert!(!told.kinds().contains(&BlindSpotKind::StepFailed), "{told:#?}");
    for path in ["css", "text", "xpath", "aria", "nede"] {
        assert_eq!(proxy.count(&format!("http://a.test/{path}")), 1, "{path}");
    }
    assert_eq!((proxy.count("http://a.test/dyb"), proxy.count("http://a.test/falsk")), (3, 0));
}

#[test]
fn frames_are_reached_whoever_they_belong_to() {
    let page = r#"<iframe src=/tom></iframe><iframe src=/inner style="margin-left: 50px; padding: 7px"></iframe>
        <div style="height: 2000px"></div><iframe src=http://b.other.test/inner></iframe>"#;
    let inside = |frame: u32| {
        format!(
            r#"{{"type": "change", "frame": [{frame}], "selectors": ["aria/Navn"], "value": "Bo"}},
            {{"type": "click", "frame": [{frame}], "selectors": ["aria/Tryk"], "offsetX": 3, "offsetY": 3}},
            {{"type": "waitForExpression", "frame": [{frame}], "expression": "location.pathname === '/inner'"}}"#
        )
    };
    let Some((told, proxy)) = on(page, &[inside(1), inside(2)].join(",")) else { return };
    assert!(!told.kinds().contains(&BlindSpotKind::StepFailed), "{told:#?}");
    for host in ["a.test", "b.other.test"] {
        assert_eq!(proxy.count(&format!("http://{host}/trykket")), 1, "{host}");
        assert_eq!(proxy.count(&format!("http://{host}/navn?Bo")), 1, "{host}");
    }
}

#[test]
fn fields_keys_windows_and_waits_work_as_recorded() {
    let page = r#"<input id=tekst value=gammel onkeydown="window.keys = (window.keys ?? 0) + 1"
        onchange="fetch('/tekst?' + value + window.keys)"><select id=valg onchange="fetch('/valg?' + value)"><option value=1>En
        <option value=2>To</select><input type=date id=dag onchange="fetch('/dag?' + value)">
        <input type=checkbox id=ja onchange="fetch('/ja?' + checked)"><p id=over onmouseenter="fetch('/over')">Over</p>
        <p id=to ondblclick="fetch('/to')">To</p><ul id=liste style="height: 20px; overflow: auto"
        onscroll="fetch('/rullet?' + scrollTop)"><li>1<li>2<li>3<li>4</ul><button id=vindue onclick="window.open('/vindue')">V</button>
        <script>onkeydown = e => { if (e.key === "F2" && e.shiftKey) fetch("/tast") };
        setTimeout(() => { document.body.append(Object.assign(document.createElement("i"), {id: "sen", lang: "da"}));
        window.klar = true }, 400)</script>"#;
    let steps = r##"
        {"type": "change", "selectors": ["#tekst"], "value": "Ny"},
        {"type": "change", "selectors": ["#valg"], "value": "2"},
        {"type": "change", "selectors": ["#dag"], "value": "2045-01-02"},
        {"type": "change", "selectors": ["#ja"], "value": "true"},
        {"type": "hover", "selectors": ["#over"]},
        {"type": "doubleClick", "selectors": ["#to"], "offsetX": 2, "offsetY": 2, "deviceType": "pen"},
        {"type": "scroll", "selectors": ["#liste"], "x": 0, "y": 10},
        {"type": "scroll", "x": 0, "y": 0},
        {"type": "keyDown", "key": "Shift"}, {"type": "keyDown", "key": "F2"}, {"type": "keyUp", "key": "F2"},
        {"type": "keyUp", "key": "Shift"},
        {"type": "emulateNetworkConditions", "download": 500000, "upload": 500000, "latency": 5},
        {"type": "waitForExpression", "expression": "window.klar // sat af siden"},
        {"type": "waitForElement", "selectors": ["#sen"], "count": 1, "operator": "==", "visible": false,
            "attributes": {"lang": "da"}, "properties": {"localName": "i"}},
        {"type": "click", "selectors": ["#vindue"], "offsetX": 3, "offsetY": 3},
        {"type": "click", "target": "http://a.test/vindue", "selectors": ["text/Her"], "offsetX": 3, "offsetY": 3},
        {"type": "close", "target": "http://a.test/vindue"},
        {"type": "customStep", "name": "cprvagt.expectPage", "parameters": {"url": "http://a.test/", "text": "Over"}}"##;
    let Some((told, proxy)) = on(page, steps) else { return };
    assert!(!told.kinds().contains(&BlindSpotKind::StepFailed), "{told:#?}");
    for wanted in
        ["tekst?Ny2", "valg?2", "dag?2045-01-02", "ja?true", "over", "to", "rullet?10", "tast", "vindue", "i-vinduet"]
    {
        assert_eq!(proxy.count(&format!("http://a.test/{wanted}")), 1, "{wanted} in {:#?}", proxy.seen());
    }
}

#[test]
fn what_cannot_be_done_is_told_for_each_step() {
    let page = "<title>Side</title><button hidden>Skjult</button><button disabled id=fra>Fra</button>
        <select id=valg><option>En</select><input type=file id=fil><input type=password id=x><p id=p>P</p>";
    let cases = [
        (click(r##"["#findes-ikke"]"##), "no element matches within 400 ms"),
        (click(r#"["button[hidden]"]"#), "1 elements match within 400 ms, and none is visible"),
        (click(r##"["#fra"]"##), "1 elements match within 400 ms, and none is enabled"),
        (r##"{"type": "change", "selectors": ["#valg"], "value": "To"}"##.to_owned(), "its list has no such choice"),
        (r##"{"type": "change", "selectors": ["#fil"], "value": "C:\\x"}"##.to_owned(), "it chooses a file"),
        (r##"{"type": "change", "selectors": ["#x"], "value": "abc"}"##.to_owned(), "a password stands in the file"),
        (r##"{"type": "change", "selectors": ["#p"], "value": "abc"}"##.to_owned(), "its element is no field"),
        (r##"{"type": "hover", "frame": [3], "selectors": ["#p"]}"##.to_owned(), "there is no frame 3"),
        (r##"{"type": "hover", "target": "http://a.test/v", "selectors": ["#p"]}"##.to_owned(), "no window with"),
        (
            r##"{"type": "waitForElement", "timeout": 200, "selectors": ["#p"], "count": 2}"##.to_owned(),
            "1 elements match within 200 ms, and at least 2 were waited for",
        ),
        (
            r#"{"type": "waitForExpression", "timeout": 200, "expression": "false"}"#.to_owned(),
            "its expression does not hold within 200 ms",
        ),
        (
            r#"{"type": "navigate", "url": "http://a.test/andet", "assertedEvents": [{"type": "navigation",
            "url": "http://a.test/tredje"}], "timeout": 500}"#
                .to_owned(),
            "it led to http://a.test/andet and not to http://a.test/tredje",
        ),
        (
            r##"{"type": "close"}, {"type": "hover", "selectors": ["#p"]}"##.to_owned(),
            "the tab was closed by an earlier step",
        ),
    ];
    let Some(browser) = browser() else { return };
    for (steps, why) in cases {
        let (told, _proxy) = on_within(400, &browser, page, &steps);
        let failed = told.blind_spot(BlindSpotKind::StepFailed);
        assert!(failed.detail.contains(why), "{}", failed.detail);
    }
}
