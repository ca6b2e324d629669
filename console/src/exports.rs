//! What is taken out: reports, made by the desk and kept for the browser that asked, to be viewed or downloaded.

use std::sync::Arc;

use askama::Template as _;
use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::answers::{Inside, part};
use crate::app::App;
use crate::desk::{Export, Lang};
use crate::logins::Guest;
use crate::page::{EarlierPart, FilesPart};

/// What an exported page may do, if it is looked at here: show its own style and pictures. No script, no form, no request.
/// Same origin, so that its links to the pages beside it carry the cookie; without scripts that is all it is good for.
const SANDBOX: HeaderValue = HeaderValue::from_static(
    "sandbox allow-same-origin; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

/// What is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    kind: Kind,
    #[serde(default)]
    lang: String,
    #[serde(default)]
    since: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Report,
    Json,
}

/// `GET earlier`: scans to compare with.
pub(crate) async fn earlier((State(app), Extension(guest)): Inside) -> Result<Response, StatusCode> {
    app.apart(move |app| match app.desk.earlier() {
        Ok(scans) => part(EarlierPart::new(&scans, guest.lang).render()),
        Err(error) => (StatusCode::CONFLICT, error.to_string()).into_response(),
    })
    .await
}

/// `POST export`: makes the files, and answers with links to them.
pub(crate) async fn export(
    (State(app), Extension(guest)): Inside,
    Form(wanted): Form<Wanted>,
) -> Result<Response, StatusCode> {
    app.apart(move |app| {
        let lang = Lang::tagged(&wanted.lang).unwrap_or(guest.lang);
        let what = match wanted.kind {
            Kind::Report => Export::Report { lang, since: Some(wanted.since).filter(|since| !since.is_empty()) },
            Kind::Json => Export::Json,
        };
        match app.desk.export(&what) {
            Err(error) => (StatusCode::CONFLICT, error.to_string()).into_response(),
            Ok(files) => match app.logins.keep(&guest.folder, files) {
                Some(kept) => part(FilesPart::new(&kept, guest.lang).render()),
                None => StatusCode::INSUFFICIENT_STORAGE.into_response(),
            },
        }
    })
    .await
}

type Asked = Path<(String, String, String)>;

/// `GET files/{id}/{name}`: to look at, in a sandbox.
pub(crate) async fn view((State(app), Extension(guest)): Inside, Path((_, id, name)): Asked) -> Response {
    file(&app, &guest, &id, &name, "inline")
}

/// `GET download/{id}/{name}`: to keep.
pub(crate) async fn download((State(app), Extension(guest)): Inside, Path((_, id, name)): Asked) -> Response {
    file(&app, &guest, &id, &name, "attachment")
}

fn file(app: &Arc<App>, guest: &Guest, id: &str, name: &str, how: &str) -> Response {
    let Some(kept) = app.logins.kept(&guest.folder, id) else { return StatusCode::NOT_FOUND.into_response() };
    let Some(file) = kept.files.iter().find(|file| file.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // By contract a name has no character that ends a quoted string.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = file.name.chars().filter(|c| is_plain(*c)).collect();
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type)), (header::CONTENT_SECURITY_POLICY, SANDBOX)];
    let disposition = [(header::CONTENT_DISPOSITION, format!("{how}; filename=\"{name}\""))];
    (headers, disposition, file.bytes.clone()).into_response()
}
