//! `form-before-login`: a page that nobody need be logged in for asks for a number, in a system that has a login.
//!
//! Anybody can type anybody's number there, so the answer may tell whom it belongs to, and a copy of the page is good for
//! phishing. There are honest reasons (a relative books, a citizen has no login), so it is mild, and it is told only where
//! it is sure that nobody was logged in: before anything was sent with a password, and in a system with journeys on the
//! very first page alone. The login itself is none: a form with a password, the one before it, or one named for it.

use model::{Form, Visit, VisitOutcome};

use super::FormSeen;

/// What a login calls itself.
const LOGIN_WORDS: [&str; 9] = ["login", "logon", "log-in", "log-on", "signin", "sign-in", "log-ind", "logind", "auth"];

pub(crate) fn is_broken(seen: &FormSeen<'_>) -> bool {
    let has_login = seen.has_journeys || seen.visits.iter().any(|visit| is_closed(visit) || has_password(visit));
    has_login && seen.visit.outcome == VisitOutcome::Loaded && is_open(seen) && !is_login(seen)
}

/// Whether nobody can have been logged in.
fn is_open(seen: &FormSeen<'_>) -> bool {
    let mut before = seen.visits.iter().take_while(|visit| visit.id < seen.visit.id);
    if seen.has_journeys {
        return before.next().is_none();
    }
    !before.any(|visit| visit.forms.iter().any(|form| form.submitted && wants_password(form)))
}

fn is_login(seen: &FormSeen<'_>) -> bool {
    let form = seen.form;
    let path = form.action.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    let said = [form.name.as_str(), path, seen.page.path.as_str()].map(str::to_lowercase);
    let mut next = seen.visits.iter().filter(|visit| visit.submitted_from == Some(seen.visit.id));
    has_password(seen.visit)
        || said.iter().any(|text| LOGIN_WORDS.iter().any(|word| text.contains(word)))
        || next.any(|visit| is_closed(visit) || has_password(visit))
}

fn is_closed(visit: &Visit) -> bool {
    visit.outcome == VisitOutcome::LoginRequired
}

fn has_password(visit: &Visit) -> bool {
    visit.forms.iter().any(wants_password)
}

fn wants_password(form: &Form) -> bool {
    form.fields.iter().any(|field| field.kind == "password" && !field.asks_for_cpr)
}
