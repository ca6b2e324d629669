//! Every address of the console.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use crate::app::App;
use crate::settings::MAX_BODY;
use crate::{answers, doings, events, exports, gate, har};

const STYLE: &str = include_str!("page/style.css");
/// One script, written in parts; what is said in one holds in those after.
const SCRIPT: &str = concat!(
    include_str!("page/script/start.js"),
    include_str!("page/script/ask.js"),
    include_str!("page/script/list.js"),
    include_str!("page/script/rows.js"),
    include_str!("page/script/detail.js"),
    include_str!("page/script/news.js"),
    include_str!("page/script/doings.js"),
);
const ICON: &str = include_str!("page/icon.svg");

/// The routes: three files without a secret, the door, and what only a browser with a cookie gets.
pub(crate) fn router(app: Arc<App>) -> Router {
    let inside = Router::new()
        .route("/s/{folder}/", get(answers::page))
        // what the page asks for
        .route("/s/{folder}/events", get(events::events))
        .route("/s/{folder}/changes", get(answers::changes))
        .route("/s/{folder}/finding", get(answers::finding))
        .route("/s/{folder}/issue", get(answers::issue))
        .route("/s/{folder}/exchanges", get(answers::exchanges))
        .route("/s/{folder}/exchange", get(answers::exchange))
        .route("/s/{folder}/recipients", get(answers::recipients))
        .route("/s/{folder}/not-seen", get(answers::not_seen))
        .route("/s/{folder}/timeline", get(answers::timeline))
        .route("/s/{folder}/earlier", get(exports::earlier))
        // what goes out
        .route("/s/{folder}/session.har", get(har::har))
        .route("/s/{folder}/files/{id}/{name}", get(exports::view))
        .route("/s/{folder}/download/{id}/{name}", get(exports::download))
        // what a tester does
        .route("/s/{folder}/alive", post(doings::alive))
        .route("/s/{folder}/language", post(doings::language))
        .route("/s/{folder}/log-off", post(doings::log_off))
        .route("/s/{folder}/mark", post(doings::mark))
        .route("/s/{folder}/export", post(exports::export))
        .route_layer(from_fn_with_state(app.clone(), gate::inner));
    Router::new()
        .route("/open/{token}", get(gate::open))
        .route("/style.css", get(async || file("text/css; charset=utf-8", STYLE)))
        .route("/script.js", get(async || file("text/javascript; charset=utf-8", SCRIPT)))
        .route("/icon.svg", get(async || file("image/svg+xml", ICON)))
        .merge(inside)
        .fallback(gate::nothing_here)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(app.clone(), gate::outer))
        .with_state(app)
}

fn file(media_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, media_type)], text)
}
