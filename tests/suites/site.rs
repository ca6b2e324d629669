//! Sites for suites that have no browser, or bring no site of their own.

use sites::{HostedSite, Received, Reply};

/// A service for programs: each answer says where to go on.
pub(crate) const SERVICE: &str = "api.tastselv.test";

/// Who keeps its documents.
pub(crate) const ARCHIVE: &str = "arkivhus.test";

/// The site of the example that Playwright gives to everybody.
pub(crate) const EXAMPLE: &str = "playwright.dev";

/// The site of the example that Selenium gives with its package for Node.
pub(crate) const SEARCH: &str = "www.google.com";

/// Who counts the visitors of both.
pub(crate) const COUNTER: &str = "besoegstal.test";

/// The number that is logged in with; whoever owns it will be born in 2045.
pub(crate) const NUMBER: &str = "010145-5001";

/// Whether a site is as it was, or mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Leaking,
    Mended,
}

/// The service, which leaks in the addresses that it gives out, and the keeper of its documents.
pub(crate) fn service(state: State) -> Vec<HostedSite> {
    let service = HostedSite::new(SERVICE, move |received| match (received.method.as_str(), received.path()) {
        ("POST", "/log-paa") if received.field("cpr").as_deref() == Some(NUMBER) => Reply::json(match state {
            State::Leaking => format!(r#"{{"aarsopgoerelse": "https://{SERVICE}/aarsopgoerelse?cpr={NUMBER}"}}"#),
            State::Mended => format!(r#"{{"aarsopgoerelse": "https://{SERVICE}/aarsopgoerelse/4711"}}"#),
        }),
        ("GET", "/aarsopgoerelse" | "/aarsopgoerelse/4711") => {
            let document = match state {
                State::Leaking => format!("https://dokumenter.{ARCHIVE}/hent?borger={NUMBER}"),
                State::Mended => format!("https://{SERVICE}/dokument/4711"),
            };
            Reply::json(format!(r#"{{"beloeb": 3412, "dokument": "{document}"}}"#))
        }
        ("GET", "/dokument/4711") => document(),
        _ => Reply::not_found(),
    });
    vec![service, HostedSite::new(format!("dokumenter.{ARCHIVE}"), |_received| document())]
}

fn document() -> Reply {
    Reply::text(200, "Overskydende skat: 3.412 kr.\n")
}

/// What Playwright's example expects, behind a log-in that put the visitor's number where it does not belong.
pub(crate) fn example(state: State) -> Vec<HostedSite> {
    let start = match state {
        State::Leaking => format!("/docs/intro?cpr={NUMBER}"),
        State::Mended => "/docs/intro".to_owned(),
    };
    let site = HostedSite::new(EXAMPLE, move |received: &Received| match received.path() {
        "/" => Reply::html(page(
            "<title>Playwright</title><h1>Playwright</h1>",
            &format!("<a href='{start}'>Get started</a>"),
        )),
        "/docs/intro" => Reply::html(page(&counted(), "<title>Installation | Playwright</title><h1>Installation</h1>")),
        _ => Reply::not_found(),
    });
    vec![site, counter()]
}

/// What Selenium's example expects: a search that carries the visitor's number on.
pub(crate) fn search(state: State) -> Vec<HostedSite> {
    let carried = match state {
        State::Leaking => format!("<input type=hidden name=cpr value={NUMBER}>"),
        State::Mended => String::new(),
    };
    let site = HostedSite::new(SEARCH, move |received: &Received| match received.path() {
        path if !received.secure => Reply::redirect(format!("https://{SEARCH}{path}")),
        "/ncr" => {
            Reply::html(page("<title>Google</title>", &format!("<form action=/search><input name=q>{carried}</form>")))
        }
        "/search" => Reply::html(page(&counted(), "<title>webdriver - Google Search</title>")),
        _ => Reply::not_found(),
    });
    vec![site, counter()]
}

/// The script that counts. It stands before what the examples wait for: a suite that goes on as soon as it sees that has
/// been counted.
fn counted() -> String {
    format!("<script src='https://maaling.{COUNTER}/taeller.js'></script>")
}

fn counter() -> HostedSite {
    HostedSite::new(format!("maaling.{COUNTER}"), |received| match received.path() {
        "/taeller.js" => Reply::js(format!(
            "const asked = new XMLHttpRequest(); asked.open('GET', 'https://maaling.{COUNTER}/besoeg?side=' + \
             encodeURIComponent(location.href), false); asked.send();"
        )),
        _ => Reply::no_content().with_header("Access-Control-Allow-Origin", "*"),
    })
}

fn page(head: &str, body: &str) -> String {
    format!("<!doctype html><html lang=en><meta charset=utf-8><link rel=icon href='data:,'>{head}{body}</html>")
}
