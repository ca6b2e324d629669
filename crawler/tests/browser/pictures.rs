//! The picture of a page where a step of a journey failed: two pages that differ in digits alone give the same bytes, so
//! that nothing of a number is in it, wherever the page keeps it.

use crawler::{Journey, Lookup};
use model::{BlindSpotKind, Picture};

use crate::kit::{CPR, Proxy, Reply, Seen, Told, browser, crawled, plan};

/// Nobody's: born in 2045.
const OTHER: &str = "020245-6994";

/// Signs in which a page can hold a number, `NR` in its place; `PLAIN` without dash.
const PAGE: &str = r#"<!doctype html><title>Sag NR</title><style>
    body { font: 16px monospace; counter-reset: nr PLAIN }
    .before::before { content: "nr NR " } .counted::after { content: counter(nr) }
    .image { width: 90px; height: 20px; background: url("data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='90' height='20'><text y='15'>PLAIN</text></svg>") }
    li::marker { content: "NR " } .vertical span { display: block } .small { font-size: 5px } .caps { text-transform: full-width }
    </style><h1>Sagen om NR</h1><p>CPR: NR, i alt <b>PLAIN</b></p><p class=before>foran</p><p class=counted>bag</p>
    <p class=image></p><ul><li>Punkt</ul><p class=small>PLAIN</p><p class=caps>PLAIN</p>
    <p class=vertical>SPANS</p><p>&#x30;&#49; BASE64</p>
    <input value="NR"><input placeholder="fx NR"><input type=search value=PLAIN><textarea>NR</textarea>
    <input type=submit value="Send NR"><input type=password value=PLAIN><input type=number value=PLAIN>
    <select><option>NR<option>En</select><button title="NR" aria-label="NR">Videre med NR</button>
    <p contenteditable>Ret NR</p><progress value=SHORT max=9999></progress>
    <img alt="NR" src=/findes-ikke width=90 height=20><img width=90 height=20 src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='90' height='20'><text y='15'>PLAIN</text></svg>">
    <svg width=200 height=40><title>NR</title><text x=5 y=20>NR</text></svg><canvas id=c width=120 height=30></canvas>
    <iframe srcdoc="<p>I rammen NR</p>" width=300 height=60></iframe><iframe src=/inner width=300 height=60></iframe>
    <iframe src=http://b.other.test/inner width=300 height=60></iframe><object data=/inner type=text/html width=300 height=60></object>
    <details open><summary>Om NR</summary>NR</details><vaert-en id=open></vaert-en><vaert-to id=lukket></vaert-to>
    <input type=range max=9999 value=SHORT><meter max=9999 value=SHORT></meter><p id=sen>ENS</p>
    <script>
    c.getContext("2d").fillText("NR", 5, 15);
    document.getElementById("open").attachShadow({mode: "open"}).innerHTML = "<style>p { color: red !important }</style><p>NR</p>";
    const closed = document.getElementById("lukket").attachShadow({mode: "closed"});
    closed.innerHTML = "<style>p::before { content: 'NR' }</style><p>NR</p><input value=NR>";
    // Whoever covers numbers and then takes a picture is too late.
    setInterval(() => document.querySelector("b").textContent = "PLAIN", 1);
    </script>"#;

fn journey(steps: &str) -> Journey {
    let text = format!(
        r#"{{"title": "Sag", "timeout": 300, "steps": [{{"type": "navigate", "url": "http://a.test/"}}, {steps}]}}"#
    );
    Journey::parse(&text, &Lookup { fill: &|_| Some(CPR.to_owned()), is_number: &|_| false }).expect("a journey")
}

const MISSING: &str = r##"{"type": "click", "selectors": ["#findes-ikke"], "offsetX": 1, "offsetY": 1}"##;

fn failing(page: String, steps: &str) -> Option<Told> {
    let browser = browser()?;
    let proxy = Proxy::start(move |seen: &Seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html(page.clone()),
        url if url.ends_with("/inner") => {
            let number = page.split("Sag ").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
            Reply::Html(format!("<body>Indeni {number} {number}"))
        }
        _ => Reply::Status(404, String::new()),
    });
    let mut plan = plan("http://a.test/");
    plan.journeys = vec![journey(steps)];
    plan.limits.pages = 0;
    Some(crawled(&browser, &plan, &proxy))
}

fn page(number: &str) -> String {
    let plain = number.replace('-', "");
    let spans: Vec<String> = plain.chars().map(|digit| format!("<span>{digit}</span>")).collect();
    let spans = spans.concat();
    let short: String = plain.chars().take(4).collect();
    let base64 = base64_of(&plain);
    let page = PAGE.replace("BASE64", &base64).replace("SPANS", &spans).replace("SHORT", &short);
    page.replace("PLAIN", &plain).replace("NR", number)
}

/// As pages pack numbers in links.
fn base64_of(text: &str) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = text.bytes().flat_map(|byte| (0..8).rev().map(move |bit| (byte >> bit) & 1)).collect();
    let sign = |six: &[u8]| six.iter().fold(0_usize, |all, bit| all * 2 + usize::from(*bit));
    bits.chunks_exact(6).map(|six| char::from(SIGNS.get(sign(six)).copied().unwrap_or(b'='))).collect()
}

fn picture(page: String) -> Option<Picture> {
    let told = failing(page, MISSING)?;
    let failed = told.blind_spot(BlindSpotKind::StepFailed);
    assert!(!failed.detail.contains("no picture"), "{}", failed.detail);
    let picture = failed.picture.clone().expect("a picture");
    assert_eq!(picture.step(), 2);
    if let Ok(folder) = std::env::var("CPRVAGT_TEST_PICTURES") {
        let name = format!("{folder}/{}.b64", picture.as_base64().len());
        std::fs::write(name, picture.as_base64()).expect("a file");
    }
    Some(picture)
}

#[test]
fn pages_that_differ_in_digits_alone_give_the_same_picture() {
    let Some(one) = picture(page(CPR_DASHED)) else { return };
    let Some(other) = picture(page(OTHER)) else { return };
    assert!(one == other, "something of the number is in the picture");
    // The picture shows the page all the same.
    let Some(changed) = picture(page(CPR_DASHED).replace("ENS", "ANDET")) else { return };
    assert!(one != changed, "nothing of the page is in the picture");
}

const CPR_DASHED: &str = "010145-5001";

#[test]
fn of_a_page_that_does_not_answer_there_is_no_picture_and_that_is_said() {
    let hanging = "<button id=haeng onclick='while (true) {}'>Hæng</button>".to_owned();
    let steps = r##"{"type": "click", "selectors": ["#haeng"], "offsetX": 3, "offsetY": 3},
        {"type": "click", "selectors": ["#findes-ikke"], "offsetX": 1, "offsetY": 1}"##;
    let Some(told) = failing(hanging, steps) else { return };
    let failed = told.blind_spot(BlindSpotKind::StepFailed);
    assert_eq!(failed.picture, None);
    assert!(failed.detail.ends_with("; no picture of it: the page does not answer"), "{}", failed.detail);
}

#[test]
fn a_secret_that_a_page_shows_is_not_in_its_picture() {
    let shows = |text: &str| format!("<title>T</title><body style='font: 16px monospace'><p>Koden er</p><p>{text}</p>");
    let step = r#"{"type": "change", "selectors": ["p:last-child"], "value": "{{env:CPRVAGT_X}}"}"#;
    let secret = |word: &str| {
        let told = {
            let browser = browser()?;
            let html = shows(word);
            let proxy = Proxy::start(move |_| Reply::Html(html.clone()));
            let mut plan = plan("http://a.test/");
            let text = format!(
                r#"{{"title": "Sag", "timeout": 300, "steps": [{{"type": "navigate", "url": "http://a.test/"}}, {step}]}}"#
            );
            let fill = Some(word.to_owned());
            let lookup = Lookup { fill: &|_| fill.clone(), is_number: &|_| false };
            plan.journeys = vec![Journey::parse(&text, &lookup).expect("a journey")];
            plan.limits.pages = 0;
            crawled(&browser, &plan, &proxy)
        };
        told.blind_spot(BlindSpotKind::StepFailed).picture.clone()
    };
    let Some(one) = secret("hemmelig") else { return };
    assert_eq!(Some(one), secret("fortroli"));
}
