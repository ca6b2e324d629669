//! What the page asks for: itself, what changed, and its parts. Nothing here changes anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template as _;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use model::{Finding, Severity};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::desk::Lang;
use crate::events::Counts;
use crate::filter::Asked;
use crate::index::{Window, numbered};
use crate::inert::{line, short};
use crate::logins::Guest;
use crate::mark::MarkKind;
use crate::page::{
    CardPart, ExchangePart, Issue, IssueParts, MAX_ENTRIES, MainPage, NotSeenPart, RecipientsPart, TimelinePart,
};
use crate::rows::{ExchangeLine, FindingRow};

/// Exchanges that a card lists, the newest.
const MAX_CARRIERS: usize = 20;

/// Sites under test that the head of the page names.
const MAX_NAMED: usize = 5;

/// What a handler is told of the request.
pub(crate) type Inside = (State<Arc<App>>, Extension<Guest>);

/// `?since=` and `?run=`: what a page has.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Since {
    since: u64,
    run: String,
}

/// `?id=`
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    id: String,
}

/// `?number=`
#[derive(Debug, Deserialize)]
pub(crate) struct Numbered {
    number: u64,
}

/// `?whole=1`: as much as can be shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Much {
    whole: String,
}

/// All that changed since a revision.
#[derive(Debug, Serialize)]
struct Changes {
    run: String,
    /// Whether the page must forget what it has.
    anew: bool,
    counts: Counts,
    findings: Vec<FindingRow>,
    /// The short lists that changed.
    parts: Vec<&'static str>,
    under: String,
    is_guess: bool,
    /// When the lists were last cleared.
    cleared: Option<i64>,
    systems: Vec<String>,
    testers: Vec<String>,
}

/// A window of exchanges.
#[derive(Debug, Serialize)]
struct Rows {
    total: u64,
    from: u64,
    #[serde(rename = "rows")]
    lines: Vec<ExchangeLine>,
}

/// `GET /`: the page.
pub(crate) async fn page(State(app): State<Arc<App>>, Extension(guest): Extension<Guest>) -> Response {
    // Opening the page, or loading it again, is a tester's doing.
    app.logins.alive(&guest.folder, app.clock.now());
    part(MainPage { lang: guest.lang, idle: app.idle.as_secs() }.render())
}

/// `GET changes?since=&run=`
pub(crate) async fn changes(
    (State(app), Extension(guest)): Inside,
    Query(asked): Query<Since>,
) -> Result<Response, StatusCode> {
    let changes = app.apart(move |app| what_changed(app, &asked, guest.lang)).await?;
    Ok(json(&changes))
}

fn what_changed(app: &App, asked: &Since, lang: Lang) -> Changes {
    let (mut changes, findings) = {
        let state = app.session.state();
        let anew = asked.run != app.run || asked.since > state.revision || asked.since < state.anew;
        let is_new = |revision: u64| anew || revision > asked.since;
        let findings = state.findings.values().filter(|(revision, _)| is_new(*revision));
        let findings: Vec<(u64, Arc<Finding>)> = findings.cloned().collect();
        let cleared = state.marks.iter().rev().find(|mark| mark.kind == MarkKind::Clear);
        let mut names: Vec<String> =
            state.under.names.iter().take(MAX_NAMED).map(|name| short(name.as_str())).collect();
        if state.under.names.len() > MAX_NAMED {
            names.push(format!("+ {}", lang.number((state.under.names.len() - MAX_NAMED) as u64)));
        }
        let parts = [
            (is_new(state.changed.marks), "timeline"),
            (is_new(state.changed.blind_spots), "not-seen"),
            (is_new(state.changed.recipients) || !findings.is_empty(), "recipients"),
        ];
        let changes = Changes {
            run: app.run.clone(),
            anew,
            counts: Counts::of(&state),
            findings: Vec::new(),
            parts: parts.iter().filter(|(is_changed, _)| *is_changed).map(|(_, part)| *part).collect(),
            under: names.join(", "),
            is_guess: state.under.is_guess,
            cleared: cleared.map(|mark| mark.time.as_millisecond()),
            systems: state.systems.iter().map(|system| line(&system.0)).collect(),
            testers: state.testers.iter().map(|tester| line(tester.as_str())).collect(),
        };
        (changes, findings)
    };
    let row = |(revision, finding): (u64, Arc<Finding>)| {
        FindingRow::new(&finding, &app.desk.card(&finding, revision, lang), lang)
    };
    changes.findings = findings.into_iter().map(row).collect();
    changes
}

/// `GET finding?id=`: its card.
pub(crate) async fn finding(
    (State(app), Extension(guest)): Inside,
    Query(asked): Query<Named>,
) -> Result<Response, StatusCode> {
    app.apart(move |app| {
        let (revision, finding) = {
            let state = app.session.state();
            let (revision, finding) = state.findings.get(&asked.id)?;
            (*revision, finding.clone())
        };
        let all = |from| Asked { finding: asked.id.clone(), from, count: MAX_CARRIERS, ..Asked::default() };
        let total = app.index.window(&all(0), &app.session).total;
        let window = app.index.window(&all(total.saturating_sub(MAX_CARRIERS as u64)), &app.session);
        let card = app.desk.card(&finding, revision, guest.lang);
        let parts = IssueParts { exchanges: window.rows, total };
        Some(part(CardPart::new(&finding, &card, parts, guest.lang).render()))
    })
    .await?
    .ok_or(StatusCode::NOT_FOUND)
}

/// `GET issue?id=`: the finding as Markdown.
pub(crate) async fn issue(
    (State(app), Extension(guest)): Inside,
    Query(asked): Query<Named>,
) -> Result<Response, StatusCode> {
    app.apart(move |app| {
        let finding = app.session.state().findings.get(&asked.id).map(|(_, finding)| finding.clone())?;
        Some(app.desk.issue_text(&finding, guest.lang).into_response())
    })
    .await?
    .ok_or(StatusCode::NOT_FOUND)
}

/// `GET exchanges?from=&count=&..`
pub(crate) async fn exchanges((State(app), _): Inside, Query(asked): Query<Asked>) -> Result<Response, StatusCode> {
    let rows = app
        .apart(move |app| {
            let Window { total, from, rows } = app.index.window(&asked, &app.session);
            let severities = severities(app, rows.iter().flat_map(|(_, row)| &row.findings));
            let lines = rows.iter().map(|(number, row)| ExchangeLine::new(*number, row, &severities)).collect();
            Rows { total, from, lines }
        })
        .await?;
    Ok(json(&rows))
}

fn severities<'a>(app: &App, findings: impl Iterator<Item = &'a String>) -> BTreeMap<String, Severity> {
    let state = app.session.state();
    let known = findings.filter_map(|id| Some((id.clone(), state.findings.get(id)?.1.severity)));
    known.collect()
}

/// `GET exchange?number=`: one in full.
pub(crate) async fn exchange(
    (State(app), Extension(guest)): Inside,
    Query(asked): Query<Numbered>,
) -> Result<Response, StatusCode> {
    app.apart(move |app| {
        let (row, findings) = {
            let state = app.session.state();
            let (_, row) = numbered(&state, asked.number)?;
            let findings: Vec<(u64, Arc<Finding>)> =
                row.findings.iter().filter_map(|id| state.findings.get(id)).cloned().collect();
            (row, findings)
        };
        let named = findings
            .iter()
            .map(|(revision, finding)| Issue::new(finding, &app.desk.card(finding, *revision, guest.lang)));
        Some(part(ExchangePart::new(&row, named.collect(), &*app.desk, guest.lang).render()))
    })
    .await?
    .ok_or(StatusCode::NOT_FOUND)
}

/// `GET recipients`
pub(crate) async fn recipients(
    (State(app), Extension(guest)): Inside,
    Query(much): Query<Much>,
) -> Result<Response, StatusCode> {
    app.apart(move |app| {
        let state = app.session.state();
        let recipients = state.recipients.values().cloned().collect();
        let findings: Vec<Arc<Finding>> = state.findings.values().map(|(_, finding)| finding.clone()).collect();
        drop(state);
        let is_whole = !much.whole.is_empty();
        part(RecipientsPart::new(recipients, &findings, &*app.desk, is_whole, guest.lang).render())
    })
    .await
}

/// `GET not-seen`
pub(crate) async fn not_seen(
    (State(app), Extension(guest)): Inside,
    Query(much): Query<Much>,
) -> Result<Response, StatusCode> {
    app.apart(move |app| {
        let records: Vec<_> = app.session.state().blind_spots.values().cloned().collect();
        part(NotSeenPart::new(&records, &*app.desk, !much.whole.is_empty(), guest.lang).render())
    })
    .await
}

/// `GET timeline`
pub(crate) async fn timeline((State(app), Extension(guest)): Inside) -> Result<Response, StatusCode> {
    app.apart(move |app| {
        let (marks, mut findings) = {
            let state = app.session.state();
            (state.marks.clone(), state.findings.values().cloned().collect::<Vec<_>>())
        };
        findings.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.first_seen));
        // Words are found for those only that are shown.
        let left = findings.len().saturating_sub(MAX_ENTRIES);
        let told = findings.into_iter().take(MAX_ENTRIES).map(|(revision, finding)| {
            let card = app.desk.card(&finding, revision, guest.lang);
            (finding, card)
        });
        part(TimelinePart::new(&marks, told.collect(), left, guest.lang).render())
    })
    .await
}

/// A part of the page, or that it could not be made.
pub(crate) fn part(text: askama::Result<String>) -> Response {
    text.map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), |text| Html(text).into_response())
}

fn json(value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
