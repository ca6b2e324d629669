//! What every request of the console finds: the session, the desk, who is logged on, and what was made ready once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;
use model::{Clock, Finding};
use tokio::sync::Semaphore;

use crate::desk::{Card, Desk, Lang};
use crate::index::Index;
use crate::logins::Logins;
use crate::secret::{Secret, random_name};
use crate::session::{MAX_FINDINGS, Session};
use crate::settings::{GUESS_TIME, MAX_GUESSES, MAX_STREAMS, Settings};

/// What every request finds.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) session: Session,
    pub(crate) desk: Desked,
    pub(crate) logins: Logins,
    pub(crate) index: Index,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) clock: Clock,
    pub(crate) idle: Duration,
    pub(crate) lang: Lang,
    pub(crate) token: Secret,
    /// This run of the server; a page that knows another begins anew.
    pub(crate) run: String,
    /// What `Host` may say.
    pub(crate) hosts: Vec<String>,
    guesses: Mutex<Guesses>,
    /// Whether the session has ended, and not only somebody's stay.
    pub(crate) is_over: AtomicBool,
}

/// The desk, and the words it found already.
pub(crate) struct Desked {
    desk: Arc<dyn Desk>,
    cards: Mutex<Cards>,
}

/// By fingerprint and language, with the finding's revision.
type Cards = BTreeMap<(String, Lang), (u64, Arc<Card>)>;

#[derive(Debug, Default)]
struct Guesses {
    since: Option<Timestamp>,
    count: u32,
}

/// What came of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guess {
    Right,
    Wrong,
    /// One more wrong one, after so many.
    TooMany,
}

impl App {
    /// `None` when the system gives no random bytes.
    pub(crate) fn new(settings: Settings, address: SocketAddr, session: Session, desk: Arc<dyn Desk>) -> Option<Self> {
        let port = address.port();
        let hosts = ["127.0.0.1", "localhost", "[::1]"].iter().map(|name| format!("{name}:{port}"));
        let mut hosts: Vec<String> = hosts.collect();
        // 127.0.0.2 is loopback too.
        hosts.push(address.to_string());
        Some(Self {
            session,
            desk: Desked { desk, cards: Mutex::default() },
            logins: Logins::default(),
            index: Index::default(),
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
            clock: settings.clock,
            idle: settings.idle,
            lang: settings.lang,
            token: Secret::new()?,
            run: random_name()?,
            hosts,
            guesses: Mutex::default(),
            is_over: AtomicBool::new(false),
        })
    }

    /// Whether `token` is the one on the terminal.
    pub(crate) fn guess(&self, token: &str) -> Guess {
        let now = self.clock.now();
        let mut guesses = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        if guesses.since.is_none_or(|since| now.duration_since(since).unsigned_abs() >= GUESS_TIME) {
            *guesses = Guesses { since: Some(now), count: 0 };
        }
        // Wrong ones, which any page that a browser shows may have it ask for, keep nobody out who has the right one.
        if self.token.is(token) {
            return Guess::Right;
        }
        if guesses.count >= MAX_GUESSES {
            return Guess::TooMany;
        }
        guesses.count += 1;
        Guess::Wrong
    }

    /// Does `work`, which may take a while, on a thread for that.
    pub(crate) async fn apart<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, StatusCode> {
        let app = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&app)).await;
        // It panicked: the console goes on without this answer.
        done.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl Desked {
    /// The words of `finding` as it was in `revision`.
    pub(crate) fn card(&self, finding: &Finding, revision: u64, lang: Lang) -> Arc<Card> {
        let key = (finding.fingerprint.clone(), lang);
        let mut cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, card)) = cards.get(&key).filter(|(known, _)| *known == revision) {
            return card.clone();
        }
        drop(cards);
        let card = Arc::new(self.desk.card(finding, lang));
        cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        // Judged anew so often that most are of findings that are no more.
        if cards.len() > 2 * MAX_FINDINGS {
            cards.clear();
        }
        cards.insert(key, (revision, card.clone()));
        card
    }
}

impl std::ops::Deref for Desked {
    type Target = dyn Desk;

    fn deref(&self) -> &Self::Target {
        &*self.desk
    }
}

impl std::fmt::Debug for Desked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desked")
    }
}
