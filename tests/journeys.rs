//! A journey of the registry, made by the real program: what leaks behind a login is found.

mod kit;

use kit::served::Served;
use kit::{assert_absent, no_browser, one_browser};
use sites::{HostedSite, Received, Reply};

const SITE: &str = "selv.borger.test";
const TRACKER: &str = "maaling.eksempel.test";
/// Nobody's: born in 2045.
const CANARY: &str = "0101455009";
const PASSWORD: &str = "hemmelig-kode";

const JOURNEY: &str = r##"{"title": "Log ind", "steps": [
    {"type": "setViewport", "width": 1280, "height": 800, "deviceScaleFactor": 1, "isMobile": false, "hasTouch": false,
        "isLandscape": false},
    {"type": "navigate", "url": "https://selv.borger.test/login", "assertedEvents": [
        {"type": "navigation", "url": "https://selv.borger.test/login", "title": "Log ind"}]},
    {"type": "change", "target": "main", "selectors": [["aria/CPR-nummer"], ["#cpr"]], "value": "{{cpr}}"},
    {"type": "change", "target": "main", "selectors": [["aria/Adgangskode"], ["#kode"]], "value": "{{env:CPRVAGT_KODE}}"},
    {"type": "click", "target": "main", "selectors": [["aria/Log ind[role=\"button\"]"]], "offsetX": 8, "offsetY": 8,
        "assertedEvents": [{"type": "navigation", "url": "https://selv.borger.test/oversigt", "title": ""}]}]}"##;

fn page(title: &str, body: &str) -> Reply {
    Reply::html(format!("<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><title>{title}</title>{body}"))
}

/// A site whose pages are behind a login, and one of them leaks.
fn served(registry: &str, journey: &str) -> Served {
    let served = Served::start(vec![
        HostedSite::new(SITE, |received: &Received| {
            let is_in = received.header("cookie").is_some_and(|cookie| cookie.contains("in=yes"));
            match (received.method.as_str(), received.path()) {
                ("POST", "/ind") => Reply::redirect("/oversigt").with_header("Set-Cookie", "in=yes; Secure; HttpOnly"),
                (_, "/oversigt" | "/") if is_in => page("Oversigt", "<a href=/sag>Sag</a>"),
                (_, "/sag") if is_in => page(
                    "Sag",
                    &format!("<script>fetch('https://{TRACKER}/s?cpr={CANARY}', {{mode: 'no-cors'}})</script>"),
                ),
                _ => page(
                    "Log ind",
                    "<h1>Log ind</h1><form action=/ind method=post><label>CPR-nummer<input id=cpr name=cpr></label>
                    <label>Adgangskode<input id=kode name=kode type=password></label><button>Log ind</button></form>",
                ),
            }
        }),
        HostedSite::new(TRACKER, |_| Reply::no_content()),
    ]);
    let text = format!(
        "[[vendor]]\nid = \"v\"\nname = \"Leverandøren\"\n\n[[system]]\nid = \"selv\"\nname = \"Selvbetjening\"\n\
         vendor = \"v\"\nbase_urls = [\"https://{SITE}/\"]\n{registry}\n\n\
         [[test_person]]\nid = \"da-01\"\ncpr = \"{CANARY}\"\n"
    );
    served.bench.write("cprvagt.toml", &text);
    std::fs::create_dir_all(served.bench.path("forloeb")).expect("a folder");
    served.bench.write("forloeb/login.json", journey);
    served
}

fn audit(served: &Served) -> kit::Ran {
    let arguments = served.arguments(&["audit", "selv", "--lang", "en"]);
    kit::Ran::from(served.bench.command(&arguments).env("CPRVAGT_KODE", PASSWORD).output().expect("the program runs"))
}

#[test]
fn what_leaks_behind_a_login_is_found() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let registry = "environment = \"test\"\njourneys = [{ file = \"forloeb/login.json\", role = \"borger\" }]\n\
         must_visit = [\"https://selv.borger.test/sag\"]";
    let served = served(registry, JOURNEY);
    let ran = audit(&served);
    ran.ends_with(1).says("cpr-in-third-party-request").says("eksempel.test");
    let scan = served.bench.scan();
    assert_eq!(scan["blind_spots"], serde_json::json!([]));
    let finding = &scan["findings"][0];
    assert_eq!(
        (&finding["system"], &finding["page"]),
        (&"selv".into(), &format!("https://{SITE}/sag").into()),
        "{finding:#}"
    );
    let typed = served.received_by(SITE).into_iter().find(|received| received.method == "POST").unwrap();
    assert_eq!(String::from_utf8_lossy(&typed.body), format!("cpr={CANARY}&kode={PASSWORD}"));
    for (path, bytes) in served.bench.files() {
        if !path.ends_with("cprvagt.toml") {
            assert_absent(PASSWORD, &bytes, &path.display().to_string());
        }
    }
}

#[test]
fn where_nothing_may_be_sent_the_login_is_held_back_and_that_is_told() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = served("journeys = [\"forloeb/login.json\"]", JOURNEY);
    let ran = audit(&served);
    ran.ends_with(3).says("step-failed").says("held-back");
    let scan = served.bench.scan();
    let mut spots = scan["blind_spots"].as_array().unwrap().iter();
    let failed = spots.find(|spot| spot["kind"] == "step-failed").expect("a failed step");
    let detail = failed["detail"].as_str().unwrap();
    assert!(detail.starts_with("step 5 (click aria/Log ind[role=\"button\"]) of the journey Log ind: "), "{detail}");
    // The page as it was, with nothing to be read of what stood in its fields.
    let name = failed["picture"].as_str().expect("a picture");
    assert_eq!(name, "journey-selv-step-5.png");
    let files = served.bench.files();
    let of =
        |ending: &str| files.iter().find(|(path, _)| path.ends_with(ending)).map(|(_, bytes)| bytes).expect("a file");
    assert!(of(name).starts_with(b"\x89PNG"));
    let shown = format!("src=\"data:image/png;base64,{}\"", data_encoding::BASE64.encode(of(name)));
    for page in ["index.da.html", "index.en.html", "vendor-v.da.html"] {
        assert!(String::from_utf8_lossy(of(page)).contains(&shown), "{page}");
    }
    ran.says(name);
    assert!(served.received_by(SITE).iter().all(|received| received.method == "GET"));
    let allowed = "journeys = [\"forloeb/login.json\"]\nallow_write = [\"POST /ind\"]";
    let served = self::served(allowed, JOURNEY);
    audit(&served).ends_with(1);
}

#[test]
fn a_file_that_is_no_journey_ends_the_run_before_it_begins() {
    let line = "environment = \"test\"\njourneys = [\"forloeb/login.json\"]";
    for (from, to, why) in [
        ("\"click\"", "\"fly\"", "login.json: step 5: unknown type of step `fly`"),
        ("{{cpr}}", CANARY, "login.json: step 3: a CPR number stands in `value`"),
        ("{{env:CPRVAGT_KODE}}", "abc", "login.json: step 4: a password stands in `value`"),
        ("{{env:CPRVAGT_KODE}}", "{{env:CPRVAGT_INGEN}}", "help: set the environment variable CPRVAGT_INGEN"),
    ] {
        let served = served(line, &JOURNEY.replace(from, to));
        let ran = audit(&served);
        ran.ends_with(2).says(why);
        assert_absent(CANARY, ran.stderr.as_bytes(), "standard error");
        assert!(served.received().is_empty());
    }
}
