//! Who is signed in, and how far each has come in the application.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::frame::{digits, page};
use super::{HOME, LOG_IN, PASSWORD};
use crate::{Received, Reply};

/// Sessions kept; a crawl opens a few.
const MAX_SESSIONS: usize = 1_000;

/// The cookie that names the session.
const COOKIE: &str = "borgersession";

/// Everybody who is signed in.
#[derive(Debug, Default)]
pub(super) struct Citizens(Mutex<BTreeMap<String, Citizen>>);

/// One who is signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Citizen {
    /// The number signed in with, ten digits.
    pub(super) number: String,
    /// The application's last step that was sent; none is 0.
    pub(super) sent: u8,
    /// The child that is applied for, ten digits.
    pub(super) child: String,
}

impl Citizens {
    /// The log-in: its form, or what comes of sending it.
    pub(super) fn log_in(&self, received: &Received) -> Reply {
        let number = digits(received.field("cpr"));
        match (received.method.as_str(), number, received.field("adgangskode").as_deref()) {
            ("POST", Some(number), Some(PASSWORD)) => match self.open(number) {
                Some(session) => Reply::redirect(HOME)
                    .with_header("Set-Cookie", format!("{COOKIE}={session}; Path=/; Secure; HttpOnly; SameSite=Lax")),
                None => Reply::text(503, "Der er for mange borgere.\n"),
            },
            ("POST", ..) => form("<p role=alert>CPR-nummeret eller adgangskoden er forkert.</p>"),
            _ => form(""),
        }
    }

    /// Who asks, if signed in.
    pub(super) fn who(&self, received: &Received) -> Option<Citizen> {
        self.open_ones().get(&received.cookie(COOKIE)?).cloned()
    }

    /// Changes who asks.
    pub(super) fn change(&self, received: &Received, change: impl FnOnce(&mut Citizen)) {
        let session = received.cookie(COOKIE).unwrap_or_default();
        if let Some(citizen) = self.open_ones().get_mut(&session) {
            change(citizen);
        }
    }

    /// Ends the session.
    pub(super) fn log_out(&self, received: &Received) -> Reply {
        self.open_ones().remove(&received.cookie(COOKIE).unwrap_or_default());
        Reply::redirect("/")
    }

    /// Names are counted and written in letters, so that each run is as the one before and none looks like a number.
    fn open(&self, number: String) -> Option<String> {
        let mut open = self.open_ones();
        if open.len() >= MAX_SESSIONS {
            return None;
        }
        let letters = (0..4_u32).map(|place| open.len() / 26_usize.pow(place) % 26);
        let name: String = letters.filter_map(|letter| Some(char::from(b'a' + u8::try_from(letter).ok()?))).collect();
        open.insert(name.clone(), Citizen { number, ..Citizen::default() });
        Some(name)
    }

    /// Also after a panic elsewhere: a citizen is never half written.
    fn open_ones(&self) -> MutexGuard<'_, BTreeMap<String, Citizen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn form(message: &str) -> Reply {
    page(
        "Log ind",
        &format!(
            "{message}<form id=log-ind method=post action={LOG_IN}><label>CPR-nummer <input id=cpr name=cpr \
             inputmode=numeric required></label> <label>Adgangskode <input id=adgangskode name=adgangskode type=password \
             required></label> <button type=submit>Log ind</button></form>"
        ),
    )
}
