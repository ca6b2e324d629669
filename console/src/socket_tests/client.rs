//! A client of the tests: it writes what it is told, so that it can be as wrong as any.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use model::Clock;
use serde_json::Value;

use crate::made::SampleDesk;
use crate::{Console, IDLE_DEFAULT, Lang, Session, Settings};

/// A test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A console, somebody who is logged on, and the clock.
pub(crate) struct Client {
    pub(crate) console: Option<Console>,
    pub(crate) address: SocketAddr,
    pub(crate) session: Session,
    pub(crate) token: String,
    /// `/s/../`
    pub(crate) folder: String,
    /// `cprvagt=..`
    pub(crate) cookie: String,
    seconds: Arc<AtomicI64>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn new(session: Session) -> Self {
        Self::spiced(session, "")
    }

    pub(crate) fn spiced(session: Session, spice: &str) -> Self {
        let seconds = Arc::new(AtomicI64::new(0));
        let told = seconds.clone();
        let clock = Clock::new(move || Timestamp::from_second(told.load(Ordering::SeqCst)).expect("a time"));
        let address = "127.0.0.1:0".parse().expect("an address");
        let settings = Settings { address, idle: IDLE_DEFAULT, lang: Lang::En, clock };
        let desk = Arc::new(SampleDesk { session: session.clone(), spice: spice.to_owned(), marks: Mutex::new(0) });
        let console = Console::start(settings, session.clone(), desk).expect("it starts");
        let url = console.url();
        let token = url.rsplit('/').next().expect("a token").to_owned();
        let address = console.address();
        let none = String::new();
        let mut client =
            Self { console: Some(console), address, session, token, folder: none.clone(), cookie: none, seconds };
        client.log_on();
        client
    }

    pub(crate) fn log_on(&mut self) {
        let answer = self.send(&format!("GET /open/{} HTTP/1.1\r\nHost: {}", self.token, self.address), "");
        assert_eq!(answer.status, 303, "{answer:?}");
        let cookie = answer.header("set-cookie").expect("a cookie");
        self.cookie = cookie.split(';').next().expect("a pair").to_owned();
        self.folder = answer.header("location").expect("a place").to_owned();
    }

    /// Time goes by.
    pub(crate) fn wait(&self, time: Duration) {
        self.seconds.fetch_add(i64::try_from(time.as_secs()).expect("a time"), Ordering::SeqCst);
    }

    /// Writes a head, without its last line, and a body.
    pub(crate) fn send(&self, head: &str, body: &str) -> Answer {
        let mut stream = self.connect();
        let length = if body.is_empty() { String::new() } else { format!("\r\nContent-Length: {}", body.len()) };
        // The server may have answered and gone before it has all.
        let _ = write!(stream, "{head}{length}\r\nConnection: close\r\n\r\n{body}");
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        Answer::parse(&String::from_utf8_lossy(&bytes))
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        stream
    }

    /// The head of a request of somebody who is logged on.
    pub(crate) fn head(&self, method: &str, path: &str) -> String {
        format!("{method} {}{path} HTTP/1.1\r\nHost: {}\r\nCookie: {}", self.folder, self.address, self.cookie)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(&format!("{}\r\nSec-Fetch-Site: same-origin", self.head("GET", path)), "")
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        let form = "Content-Type: application/x-www-form-urlencoded";
        let own = format!("Origin: http://{}\r\nSec-Fetch-Site: same-origin\r\n{form}", self.address);
        self.send(&format!("{}\r\n{own}", self.head("POST", path)), body)
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_str(&answer.body).expect("JSON")
    }
}

impl Answer {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let body =
            if head.to_lowercase().contains("transfer-encoding: chunked") { unchunked(body) } else { body.to_owned() };
        Self { status, head: head.to_owned(), body }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")))?;
        Some(line.split_once(':')?.1.trim())
    }
}

fn unchunked(mut body: &str) -> String {
    let mut out = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a size");
        let (chunk, rest) = rest.split_at(size);
        out.push_str(chunk);
        body = rest.strip_prefix("\r\n").unwrap_or_default();
    }
    out
}
