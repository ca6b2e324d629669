//! A site and the proxy before it, in one: answers every `.test` host itself, so that nothing leaves loopback.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test's own machinery fails loudly")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crawler::{
    Browser, BrowserRequest, BrowserSettings, Limits, Plan, Progress, Scope, VisitCounter, Wire, Wires, crawl,
    find_browser,
};
use model::{BlindSpot, BlindSpotKind, Clock, CprNumber, Host, LaneId, Target, TestPerson, Visit, VisitId};

/// The made-up person's number.
pub(crate) const CPR: &str = "0101904321";

/// A request as the proxy saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) visit: u32,
    pub(crate) lane: u16,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: String,
    pub(crate) body: String,
}

/// How the site answers.
pub(crate) enum Reply {
    Html(String),
    Script(String),
    Style(String),
    Status(u16, String),
    Busy(u16),
    To(&'static str),
    WithCookie(&'static str, &'static str),
    File,
    Hang,
    Refuse,
    ByProxy,
}

type Site = dyn Fn(&Seen) -> Reply + Send + Sync;

/// Lanes that there are ports for.
const LANES: u16 = 4;

/// A lane's port of the proxy.
struct Port {
    address: SocketAddr,
    lane: u16,
    visit: AtomicU32,
    in_flight: AtomicU32,
    last: Mutex<Instant>,
}

struct State {
    seen: Mutex<Vec<Seen>>,
    over: AtomicBool,
    site: Box<Site>,
}

/// The proxy; implements [`Wires`].
pub(crate) struct Proxy {
    ports: Vec<Arc<Port>>,
    state: Arc<State>,
}

/// Everything a crawl told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) visits: Vec<Visit>,
    pub(crate) blind_spots: Vec<BlindSpot>,
    pub(crate) begun: Vec<String>,
    pub(crate) banners: Vec<String>,
    pub(crate) requests: Vec<BrowserRequest>,
}

impl Proxy {
    pub(crate) fn start(site: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let state = Arc::new(State { seen: Mutex::default(), over: AtomicBool::new(false), site: Box::new(site) });
        let ports = (0..LANES).map(|lane| Port::open(lane, &state)).collect();
        Self { ports, state }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap().clone()
    }

    #[track_caller]
    pub(crate) fn one(&self, method: &str, url: &str) -> Seen {
        let seen = self.seen();
        let found = seen.iter().find(|seen| seen.method == method && seen.url.starts_with(url));
        found.unwrap_or_else(|| panic!("no {method} {url} in {seen:#?}")).clone()
    }

    pub(crate) fn count(&self, url: &str) -> usize {
        self.seen().iter().filter(|seen| seen.url.starts_with(url)).count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
    }
}

impl Wires for Proxy {
    fn lane(&self, lane: LaneId) -> &dyn Wire {
        &**self.ports.iter().find(|port| port.lane == lane.0).unwrap()
    }
}

impl Port {
    fn open(lane: u16, state: &Arc<State>) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (visit, in_flight, last) = (AtomicU32::new(0), AtomicU32::new(0), Mutex::new(Instant::now()));
        let port = Arc::new(Self { address, lane, visit, in_flight, last });
        let (state, own) = (Arc::clone(state), Arc::clone(&port));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (state, port) = (Arc::clone(&state), Arc::clone(&own));
                thread::spawn(move || {
                    let _ = serve(stream, &state, &port);
                });
            }
        });
        port
    }

    fn touch(&self) {
        *self.last.lock().unwrap() = Instant::now();
    }
}

impl Wire for Port {
    fn proxy_address(&self) -> SocketAddr {
        self.address
    }

    fn begin(&self, visit: VisitId) {
        self.visit.store(visit.0, Ordering::SeqCst);
    }

    fn settle(&self, quiet: Duration, cap: Duration) -> bool {
        let begun = Instant::now();
        let resting_since = |begun: Instant| (*self.last.lock().unwrap()).max(begun);
        while begun.elapsed() < cap {
            if self.in_flight.load(Ordering::SeqCst) == 0 && resting_since(begun).elapsed() >= quiet {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

fn serve(stream: TcpStream, state: &State, port: &Port) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(());
    }
    let mut words = line.split_whitespace();
    let (method, url) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let (mut headers, mut length) = (String::new(), 0);
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? <= 2 {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        headers.push_str(&header);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let seen = Seen {
        visit: port.visit.load(Ordering::SeqCst),
        lane: port.lane,
        method,
        url,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    port.in_flight.fetch_add(1, Ordering::SeqCst);
    port.touch();
    state.seen.lock().unwrap().push(seen.clone());
    let reply =
        if seen.url.ends_with("/favicon.ico") { Reply::Status(204, String::new()) } else { (state.site)(&seen) };
    let result = answer(stream, state, reply);
    port.touch();
    port.in_flight.fetch_sub(1, Ordering::SeqCst);
    result
}

fn answer(mut stream: TcpStream, state: &State, reply: Reply) -> std::io::Result<()> {
    let (status, head, body) = match reply {
        Reply::Html(html) => (200, "Content-Type: text/html; charset=utf-8".to_owned(), html),
        Reply::Script(script) => {
            (200, "Content-Type: text/javascript\r\nCache-Control: public, max-age=3600".to_owned(), script)
        }
        Reply::Style(style) => (200, "Content-Type: text/css".to_owned(), style),
        Reply::Status(status, html) => (status, "Content-Type: text/html; charset=utf-8".to_owned(), html),
        Reply::Busy(seconds) => (503, format!("Retry-After: {seconds}\r\nContent-Type: text/html"), "Vent".to_owned()),
        Reply::To(place) => (302, format!("Location: {place}"), String::new()),
        Reply::WithCookie(cookie, place) => (302, format!("Location: {place}\r\nSet-Cookie: {cookie}"), String::new()),
        Reply::File => {
            let head = "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=x.bin";
            (200, head.to_owned(), "x".repeat(10_000))
        }
        Reply::Hang => {
            stream.set_read_timeout(Some(Duration::from_millis(50)))?;
            // Until whoever asked gives up, or the test ends.
            while !state.over.load(Ordering::SeqCst) {
                if matches!(stream.read(&mut [0]), Ok(0)) {
                    break;
                }
            }
            return Ok(());
        }
        Reply::ByProxy => {
            let head = "Content-Type: text/html\r\nProxy-Status: cprvagt; error=dns_error";
            (502, head.to_owned(), "<h1>No answer</h1>".to_owned())
        }
        Reply::Refuse => (502, "X-Proxy: no route".to_owned(), String::new()),
    };
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} X\r\n{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

/// A browser, or `None` where there is none, which the test says.
pub(crate) fn browser() -> Option<Browser> {
    browser_with(&BrowserSettings::default())
}

pub(crate) fn browser_with(settings: &BrowserSettings) -> Option<Browser> {
    if find_browser().is_none() {
        println!("skipped: no browser");
        return None;
    }
    Some(Browser::launch(settings).unwrap())
}

pub(crate) fn target(url: &str) -> Target {
    Target::parse(url).unwrap()
}

pub(crate) fn person() -> TestPerson {
    TestPerson { id: "da-01".into(), cpr: CprNumber::parse(CPR).unwrap(), scope: Vec::new() }
}

/// A plan for `http://a.test/` as the test person, sending forms, with short waits.
pub(crate) fn plan(start: &str) -> Plan {
    Plan {
        system: None,
        starts: vec![target(start)],
        scope: Scope::Hosts(vec![Host::parse("a.test").unwrap()]),
        submit: model::registry::Submit::TestSystem,
        canaries: Vec::new(),
        given: crawler::Canaries::default(),
        person: Some(person()),
        role: None,
        attended: None,
        cookies: crawler::SessionCookies::default(),
        journeys: Vec::new(),
        must_visit: Vec::new(),
        consent: model::ConsentState::Untouched,
        manners: crawler::Manners { robots: crawler::RobotsTxt::Unread, loopback_only: false },
        before: crawler::Before::default(),
        limits: Limits {
            quiet: Duration::from_millis(200),
            settle_cap: Duration::from_secs(3),
            page_deadline: Duration::from_secs(20),
            // One order of pages.
            tabs: 1,
            ..Limits::default()
        },
    }
}

/// Crawls, and keeps all that was told.
pub(crate) fn crawled(browser: &Browser, plan: &Plan, proxy: &Proxy) -> Told {
    crawled_until(browser, plan, proxy, &AtomicBool::new(false), |_| ())
}

pub(crate) fn crawled_until(
    browser: &Browser,
    plan: &Plan,
    proxy: &Proxy,
    stop: &AtomicBool,
    also: impl FnMut(&Visit) + Send,
) -> Told {
    let clock = Clock::fixed("2026-11-22T04:00:00Z".parse().unwrap());
    let (told, also) = (Mutex::new(Told::default()), Mutex::new(also));
    let tell = |progress: Progress| match progress {
        Progress::VisitBegins(target) => told.lock().unwrap().begun.push(target.to_string()),
        Progress::Visit(visit) => {
            (also.lock().unwrap())(&visit);
            told.lock().unwrap().visits.push(visit);
        }
        Progress::Left(_, _) => (),
        Progress::Requests(requests) => told.lock().unwrap().requests.extend(requests),
        Progress::BlindSpot(blind_spot) => told.lock().unwrap().blind_spots.push(blind_spot),
        Progress::Banner(name) => told.lock().unwrap().banners.push(name),
        Progress::Ahead(_) | Progress::PageBegins(_) | Progress::PageDone { .. } => {}
    };
    crawl(browser, plan, proxy, &clock, stop, &VisitCounter::default(), &tell).unwrap();
    told.into_inner().unwrap()
}

impl Told {
    pub(crate) fn urls(&self) -> Vec<&str> {
        self.visits.iter().map(|visit| visit.url.as_str()).collect()
    }

    pub(crate) fn kinds(&self) -> Vec<BlindSpotKind> {
        self.blind_spots.iter().map(|blind_spot| blind_spot.kind).collect()
    }

    #[track_caller]
    pub(crate) fn visit(&self, url: &str) -> &Visit {
        self.visits.iter().find(|visit| visit.url == url).unwrap_or_else(|| panic!("no visit of {url} in {self:#?}"))
    }

    #[track_caller]
    pub(crate) fn blind_spot(&self, kind: BlindSpotKind) -> &BlindSpot {
        let found = self.blind_spots.iter().find(|blind_spot| blind_spot.kind == kind);
        found.unwrap_or_else(|| panic!("no {kind:?} in {self:#?}"))
    }
}
