//! What a tester does on the page.

use axum::Extension;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::answers::Inside;
use crate::desk::Lang;
use crate::mark::MarkKind;
use crate::settings::{MAX_NOTE, MAX_STEP};
use crate::words::Text;

const TOO_LONG: Text = Text { da: "teksten er for lang: højst {}", en: "the text is too long: at most {}" };
const EMPTY: Text = Text { da: "der er ikke skrevet noget", en: "nothing is written" };

/// A note, a step, or one of the other marks.
#[derive(Debug, Deserialize)]
pub(crate) struct Doing {
    kind: MarkKind,
    #[serde(default)]
    text: String,
    #[serde(default)]
    tester: String,
}

/// `lang=da`
#[derive(Debug, Deserialize)]
pub(crate) struct Spoken {
    lang: String,
}

/// `POST alive`: the tester does something; the gate has noted it.
pub(crate) async fn alive() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// `POST language`
pub(crate) async fn language((State(app), Extension(guest)): Inside, Form(spoken): Form<Spoken>) -> StatusCode {
    let Some(lang) = Lang::tagged(&spoken.lang) else { return StatusCode::BAD_REQUEST };
    app.logins.speak(&guest.folder, lang);
    StatusCode::NO_CONTENT
}

/// `POST log-off`
pub(crate) async fn log_off((State(app), Extension(guest)): Inside) -> StatusCode {
    app.logins.close(&guest.folder);
    StatusCode::NO_CONTENT
}

/// `POST mark`: answers 204 when it is on disk, else says why not.
pub(crate) async fn mark(
    (State(app), Extension(guest)): Inside,
    Form(doing): Form<Doing>,
) -> Result<Response, StatusCode> {
    if let Some(fault) = fault(&doing, guest.lang) {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, fault).into_response());
    }
    app.apart(move |app| {
        let tester = (!doing.tester.is_empty()).then_some(doing.tester.as_str());
        match app.desk.mark(doing.kind, tester, doing.text.trim()) {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(error) => (StatusCode::CONFLICT, error.to_string()).into_response(),
        }
    })
    .await
}

fn fault(doing: &Doing, lang: Lang) -> Option<String> {
    let text = doing.text.trim();
    let (needs_text, longest) = match doing.kind {
        MarkKind::Note => (true, MAX_NOTE),
        MarkKind::Step | MarkKind::FirstParty => (true, MAX_STEP),
        MarkKind::Pause | MarkKind::Resume | MarkKind::Clear => (false, 0),
    };
    let length = if doing.kind == MarkKind::Note { text.len() } else { text.chars().count() };
    if length > longest || doing.tester.chars().count() > MAX_STEP {
        return Some(lang.say(TOO_LONG).replace("{}", &lang.number(longest as u64)));
    }
    (needs_text && text.is_empty()).then(|| lang.say(EMPTY).to_owned())
}
