//! Sessions: roles, sites that end them, and those that are handed over or that a person begins.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crawler::{Attendant, Browser, BrowserSettings, Journey, Lookup, Plan, SessionCookies, cookies_of_profile};
use model::{BlindSpotKind, SignIn, VisitOutcome};

use crate::kit::{CPR, Proxy, Reply, Seen, Told, browser, crawled, plan, target};

/// Hands out sessions by name, and forgets the one of now where it is told to.
#[derive(Default)]
struct Sessions {
    begun: AtomicU32,
    is_over: AtomicBool,
}

impl Sessions {
    fn begin(&self) -> Reply {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.is_over.store(false, Ordering::SeqCst);
        Reply::WithCookie("in=yes", "/oversigt")
    }

    fn knows(&self, seen: &Seen) -> bool {
        !self.is_over.load(Ordering::SeqCst) && seen.headers.contains("in=yes")
    }
}

const LOGIN: &str = "<title>Velkommen</title><form action=/ind method=post><input name=kode type=password id=kode>
    <button id=ind>Ind</button></form>";

fn journey() -> Journey {
    let text = r##"{"title": "Log ind", "timeout": 3000, "steps": [
        {"type": "navigate", "url": "http://a.test/velkommen"},
        {"type": "change", "selectors": ["#kode"], "value": "{{env:KODE}}"},
        {"type": "click", "selectors": ["#ind"], "offsetX": 3, "offsetY": 3,
            "assertedEvents": [{"type": "navigation", "url": "http://a.test/oversigt", "title": ""}]}]}"##;
    let fill = |_: &crawler::Placeholder| Some("hemmelig".to_owned());
    Journey::parse(text, &Lookup { fill: &fill, is_number: &|text| text.contains(CPR) }).expect("a journey")
}

/// A site behind a login at an address that tells nothing of one. `page` shows the others to who is signed in.
fn site(sessions: &Arc<Sessions>, page: impl Fn(&str, &Sessions) -> Reply + Send + Sync + 'static) -> Proxy {
    let sessions = Arc::clone(sessions);
    Proxy::start(move |seen| {
        let path = seen.url.strip_prefix("http://a.test").unwrap_or("/");
        match (seen.method.as_str(), path) {
            ("POST", "/ind") => sessions.begin(),
            (_, "/velkommen") => Reply::Html(LOGIN.into()),
            (_, "/nyheder") => Reply::Html("<title>Nyheder</title>".into()),
            _ if !sessions.knows(seen) => Reply::To("/velkommen"),
            _ => page(path, &sessions),
        }
    })
}

fn signed_in() -> Plan {
    let mut plan = plan("http://a.test/");
    (plan.journeys, plan.role) = (vec![journey()], Some("borger".into()));
    plan.limits.pause = Duration::ZERO;
    plan
}

fn overview(links: &str) -> Reply {
    Reply::Html(format!("<title>Oversigt</title>{links}<a href=/logud>Log ud</a>"))
}

#[track_caller]
fn outcomes<'t>(told: &'t Told, url: &str) -> Vec<&'t VisitOutcome> {
    told.visits.iter().filter(|visit| visit.url == url).map(|visit| &visit.outcome).collect()
}

#[test]
fn a_page_that_ends_the_session_costs_no_other() {
    let Some(browser) = browser() else { return };
    let sessions = Arc::new(Sessions::default());
    let proxy = site(&sessions, |path, sessions| match path {
        "/" | "/oversigt" => overview("<a href=/faelde>Ny</a><a href=/sag>Sag</a><a href=/brev>Brev</a>"),
        "/faelde" => {
            sessions.is_over.store(true, Ordering::SeqCst);
            Reply::Html("<title>Farvel</title>".into())
        }
        _ => Reply::Html("<title>Sag</title><a href=/logud>Log ud</a>".into()),
    });
    let told = crawled(&browser, &signed_in(), &proxy);
    assert_eq!(told.kinds(), [], "{told:#?}");
    for page in ["faelde", "sag", "brev"] {
        let url = format!("http://a.test/{page}");
        assert_eq!(outcomes(&told, &url).last(), Some(&&VisitOutcome::Loaded), "{page} in {told:#?}");
    }
    assert_eq!(sessions.begun.load(Ordering::SeqCst), 2, "the journey, and once more");
    let lost: Vec<&str> = told
        .visits
        .iter()
        .filter(|visit| visit.outcome == VisitOutcome::LoginRequired)
        .map(|visit| visit.url.as_str())
        .collect();
    assert_eq!(lost.len(), 2, "the page, and the one that the session is tried on: {lost:?}");
    assert!(told.visits.iter().all(|visit| visit.role.as_deref() == Some("borger")));
    let first = told.visits.first().unwrap();
    assert_eq!((first.sign_in, told.visits.last().unwrap().sign_in), (SignIn::NotTried, SignIn::Done));
    assert_eq!(proxy.count("http://a.test/logud"), 0);
}

#[test]
fn a_page_that_signs_out_whoever_asks_for_it_is_told() {
    let Some(browser) = browser() else { return };
    let sessions = Arc::new(Sessions::default());
    let proxy = site(&sessions, |path, sessions| match path {
        "/" | "/oversigt" => overview("<a href=/faelde>Ny</a><a href=/sag>Sag</a>"),
        "/faelde" => {
            sessions.is_over.store(true, Ordering::SeqCst);
            Reply::To("/velkommen")
        }
        _ => Reply::Html("<title>Sag</title><a href=/logud>Log ud</a>".into()),
    });
    let told = crawled(&browser, &signed_in(), &proxy);
    assert_eq!(told.kinds(), [BlindSpotKind::SessionLost], "{told:#?}");
    let lost = told.blind_spot(BlindSpotKind::SessionLost);
    assert_eq!(lost.place, "http://a.test/faelde");
    assert_eq!(lost.detail, "signed in again, and signed out again: it sends visitors to /velkommen to log in");
    assert_eq!(outcomes(&told, "http://a.test/faelde"), [&VisitOutcome::LoginRequired; 2]);
    assert_eq!(outcomes(&told, "http://a.test/sag"), [&VisitOutcome::Loaded]);
    assert_eq!(sessions.begun.load(Ordering::SeqCst), 3);
}

#[test]
fn a_page_that_is_closed_to_this_citizen_ends_no_session() {
    let Some(browser) = browser() else { return };
    let sessions = Arc::new(Sessions::default());
    let proxy = site(&sessions, |path, _| match path {
        "/" | "/oversigt" => overview("<a href=/erhverv>Erhverv</a><a href=/sag>Sag</a>"),
        "/erhverv" => Reply::Status(403, "Nej".into()),
        _ => Reply::Html("<title>Sag</title>".into()),
    });
    let told = crawled(&browser, &signed_in(), &proxy);
    assert_eq!(told.kinds(), [BlindSpotKind::LoginRequired], "{told:#?}");
    assert_eq!(told.blind_spot(BlindSpotKind::LoginRequired).detail, "the site answered 403");
    assert_eq!(outcomes(&told, "http://a.test/sag"), [&VisitOutcome::Loaded]);
    assert_eq!(sessions.begun.load(Ordering::SeqCst), 1);
}

#[test]
fn what_is_seen_after_a_session_is_lost_for_good_does_not_count() {
    let Some(browser) = browser() else { return };
    let sessions = Arc::new(Sessions::default());
    let served = AtomicU32::new(0);
    // Every second page ends it.
    let proxy = site(&sessions, move |path, sessions| match path {
        "/" | "/oversigt" => overview("<a href=/1/a>1</a><a href=/2/a>2</a><a href=/3/a>3</a><a href=/4/a>4</a>"),
        _ => {
            let count = served.fetch_add(1, Ordering::SeqCst);
            sessions.is_over.store(count.is_multiple_of(2), Ordering::SeqCst);
            Reply::To("/velkommen")
        }
    });
    let mut plan = signed_in();
    plan.must_visit = vec![target("http://a.test/nyheder")];
    let told = crawled(&browser, &plan, &proxy);
    let last = told.visits.last().unwrap();
    assert_eq!((last.outcome.clone(), last.sign_in), (VisitOutcome::LoginRequired, SignIn::Failed), "{told:#?}");
    assert!(
        told.kinds().contains(&BlindSpotKind::SessionLost) && told.kinds().contains(&BlindSpotKind::MustVisitMissed)
    );
    assert_eq!(sessions.begun.load(Ordering::SeqCst), 3, "the journey, and twice more");
}

#[test]
fn a_browser_that_is_lost_is_signed_in_again() {
    let Some(browser) = browser() else { return };
    let sessions = Arc::new(Sessions::default());
    let proxy = site(&sessions, |path, _| match path {
        "/" | "/oversigt" => overview("<a href=/sag>Sag</a><a href=/brev>Brev</a>"),
        _ => Reply::Html("<title>Sag</title><a href=/logud>Log ud</a>".into()),
    });
    let plan = signed_in();
    let killed = AtomicBool::new(false);
    let mark = browser.profile().display().to_string();
    let told = crate::kit::crawled_until(&browser, &plan, &proxy, &AtomicBool::new(false), move |visit| {
        if visit.url == "http://a.test/sag" && !killed.swap(true, Ordering::SeqCst) {
            kill_browser(&mark);
        }
    });
    for page in ["sag", "brev"] {
        let url = format!("http://a.test/{page}");
        let last = told.visits.iter().rfind(|visit| visit.url == url).unwrap();
        assert_eq!((&last.outcome, last.sign_in), (&VisitOutcome::Loaded, SignIn::Done), "{page} in {told:#?}");
    }
    assert_eq!(sessions.begun.load(Ordering::SeqCst), 2);
}

/// Ends the browser whose profile is in `folder`, which this test started.
fn kill_browser(folder: &str) {
    for entry in std::fs::read_dir("/proc").expect("as the test set it up").flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(&format!("--user-data-dir={folder}")) && !line.contains("--type=") {
            let process = entry.file_name().to_string_lossy().into_owned();
            let _ = std::process::Command::new("kill").args(["-9", &process]).status();
        }
    }
}

#[test]
fn a_session_that_is_handed_over_is_that_of_every_tab() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| {
        let is_in = seen.headers.contains("sid=abc") && !seen.headers.contains("fremmed");
        match seen.url.as_str() {
            _ if !is_in => Reply::Status(401, String::new()),
            "http://a.test/" => overview("<a href=/1/a>1</a><a href=/2/a>2</a><a href=/3/a>3</a>"),
            _ => Reply::Html("<title>Sag</title>".into()),
        }
    });
    let mut plan = plan("http://a.test/");
    (plan.limits.tabs, plan.limits.pause) = (2, Duration::ZERO);
    plan.cookies = SessionCookies::parse(
        "#HttpOnly_a.test\tFALSE\t/\tFALSE\t0\tsid\tabc\nb.test\tTRUE\t/\tFALSE\t0\tsid\tfremmed\n",
    )
    .unwrap();
    let told = crawled(&browser, &plan, &proxy);
    assert_eq!(told.kinds(), [], "{told:#?}");
    assert_eq!(told.visits.len(), 4);
    assert!(told.visits.iter().all(|visit| visit.sign_in == SignIn::Done));
    let lanes: std::collections::BTreeSet<u16> = proxy.seen().iter().map(|seen| seen.lane).collect();
    assert_eq!(lanes.len(), 2);
}

#[test]
fn the_cookies_of_a_profile_are_read_from_a_copy() {
    let Some(_) = crawler::find_browser() else { return };
    let profile = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(|_| {
        let page = "<title>Ind</title><script>document.cookie = 'sid=abc; max-age=99999';
            document.cookie = 'kort=1'</script>";
        Reply::Html(page.into())
    });
    person_visits(profile.path(), &proxy);
    let before = files(profile.path());
    let cookies = cookies_of_profile(&BrowserSettings::default(), profile.path()).unwrap();
    assert_eq!(files(profile.path()), before);
    let scope = plan("http://a.test/").scope;
    // Whether the one that ends with the session is on disk is the browser's affair.
    assert!((1..=2).contains(&cookies.count_of(&scope)), "{cookies:?}");
}

/// A person's own browser: visits, and is closed properly, so that its cookies are on disk.
fn person_visits(profile: &std::path::Path, proxy: &Proxy) {
    use crawler::Wires as _;
    let address = proxy.lane(model::LaneId(0)).proxy_address();
    let program = crawler::find_browser().expect("as the test set it up");
    let mut command = std::process::Command::new(program);
    command
        .args([
            "--headless",
            "--disable-gpu",
            "--no-sandbox",
            "--no-first-run",
            "--dump-dom",
            "--virtual-time-budget=3000",
        ])
        .arg(format!("--proxy-server=http://{address}"))
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("http://a.test/")
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null());
    assert!(command.status().expect("as the test set it up").success());
}

fn files(folder: &std::path::Path) -> Vec<(std::path::PathBuf, Option<std::time::SystemTime>)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("as the test set it up").flatten() {
            let changed = entry.metadata().ok().and_then(|metadata| metadata.modified().ok());
            if entry.path().is_dir() && !entry.path().is_symlink() {
                folders.push(entry.path());
            }
            all.push((entry.path(), changed));
        }
    }
    all.sort();
    all
}

/// A person who is done when the site has let somebody in.
#[derive(Debug)]
struct Waits {
    is_in: Arc<AtomicBool>,
    asked: Mutex<u32>,
}

impl Attendant for Waits {
    fn log_in(&self, is_over: &dyn Fn() -> bool) -> bool {
        *self.asked.lock().expect("as the test set it up") += 1;
        let begun = Instant::now();
        while !self.is_in.load(Ordering::SeqCst) && !is_over() && begun.elapsed() < Duration::from_secs(20) {
            thread::sleep(Duration::from_millis(20));
        }
        self.is_in.load(Ordering::SeqCst)
    }
}

/// Logs itself in by way of another site, as a person would; or closes its window.
fn attended(browser: &Browser, closes: bool) -> (Told, u32) {
    let is_in = Arc::new(AtomicBool::new(false));
    let person = Arc::new(Waits { is_in: Arc::clone(&is_in), asked: Mutex::default() });
    let proxy = Proxy::start(move |seen| match seen.url.as_str() {
        "http://a.test/" | "http://a.test/sag" if !seen.headers.contains("in=yes") => {
            Reply::To("http://mitid.id.test/login")
        }
        "http://mitid.id.test/login" if closes => {
            Reply::Html("<script>setTimeout(() => window.close(), 300)</script>".into())
        }
        "http://mitid.id.test/login" => Reply::Html(
            "<title>MitID</title><form action=http://a.test/svar method=post><input name=svar value=1></form>
            <script>setTimeout(() => document.forms[0].submit(), 300)</script>"
                .into(),
        ),
        "http://a.test/svar" => Reply::WithCookie("in=yes", "/oversigt"),
        "http://a.test/oversigt" => {
            is_in.store(true, Ordering::SeqCst);
            overview("<a href=/sag>Sag</a>")
        }
        _ => Reply::Html("<title>Sag</title>".into()),
    });
    let mut plan = plan("http://a.test/");
    plan.attended = Some(Arc::clone(&person) as Arc<dyn Attendant>);
    plan.limits.pause = Duration::ZERO;
    let told = crawled(browser, &plan, &proxy);
    let asked = *person.asked.lock().expect("as the test set it up");
    (told, asked)
}

#[test]
fn the_crawl_goes_on_in_the_session_of_a_person() {
    let Some(browser) = browser() else { return };
    let (told, asked) = attended(&browser, false);
    assert_eq!((told.kinds(), asked), (vec![], 1), "{told:#?}");
    let seen: Vec<(&str, SignIn)> = told.visits.iter().map(|visit| (visit.title.as_str(), visit.sign_in)).collect();
    assert_eq!(seen, [("Oversigt", SignIn::Done), ("Sag", SignIn::Done), ("Sag", SignIn::Done)]);
}

#[test]
fn a_person_who_closes_the_window_has_not_logged_in() {
    let Some(browser) = browser() else { return };
    let (told, asked) = attended(&browser, true);
    assert_eq!(asked, 1);
    assert_eq!(told.blind_spot(BlindSpotKind::JourneyNotRun).detail, "nobody logged in");
    assert!(told.visits.iter().all(|visit| visit.sign_in != SignIn::Done), "{told:#?}");
}
