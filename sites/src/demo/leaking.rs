//! System 1 as built in 2015: the log-in is a GET form, every link carries the number on, and the pages load what
//! others host.

use crate::{HostedSite, Received, Reply};

use super::pages::{self, Frame, Libraries, Telemetry};
use super::third_parties::{ADVERTISING_SCRIPT, LIBRARY_SCRIPT, LIBRARY_STYLE, STATISTICS_SCRIPT};
use super::{CONTACT, LEAKING_HOST, RECEIPT, STATEMENT};

/// What browsers did by themselves until 2020: the whole URL goes to everybody whom the page asks for something.
const REFERRER_POLICY: &str = "no-referrer-when-downgrade";

pub(super) fn site() -> HostedSite {
    HostedSite::new(LEAKING_HOST, |received| answer(received).with_header("Referrer-Policy", REFERRER_POLICY))
}

fn answer(received: &Received) -> Reply {
    if let Some(reply) = pages::to_tls(received).or_else(|| pages::asset(received)) {
        return reply;
    }
    match (received.method.as_str(), received.path()) {
        ("GET" | "HEAD", "/") => pages::login(frame("/", None), "get", STATEMENT, pages::was_refused(received)),
        ("GET" | "HEAD", STATEMENT) => {
            with_number(received, |number| pages::statement(frame(STATEMENT, Some(number)), address(CONTACT, number)))
        }
        ("GET" | "HEAD", CONTACT) => {
            with_number(received, |number| pages::contact(frame(CONTACT, Some(number)), false))
        }
        ("POST", CONTACT) => match pages::typed_number(received.field("cpr")) {
            Some(_) => Reply::redirect(RECEIPT),
            None => refusal(),
        },
        ("GET" | "HEAD", RECEIPT) => pages::receipt(frame(RECEIPT, None)),
        (_, "/" | STATEMENT | RECEIPT) => Reply::method_not_allowed("GET, HEAD"),
        (_, CONTACT) => Reply::method_not_allowed("GET, HEAD, POST"),
        _ => Reply::not_found(),
    }
}

/// The citizen's number is whatever the URL says it is.
fn with_number(received: &Received, page: impl Fn(&str) -> Reply) -> Reply {
    match pages::typed_number(received.parameter("cpr")) {
        Some(number) => page(&number),
        None if received.query().is_empty() => Reply::redirect("/"),
        None => refusal(),
    }
}

fn refusal() -> Reply {
    Reply::redirect(format!("/?{}", pages::REFUSED))
}

fn address(path: &str, number: &str) -> String {
    format!("{path}?cpr={number}")
}

/// The hosted libraries are on the pages behind the log-in; the telemetry is on all.
fn frame(path: &'static str, number: Option<&str>) -> Frame {
    Frame {
        service: "Selvbetjening",
        vendor: "Havneborg Systemer A/S",
        path,
        menu: number.map(|number| Frame::menu(|path| address(path, number))).unwrap_or_default(),
        libraries: number.map(|_| Libraries { script: LIBRARY_SCRIPT, style: LIBRARY_STYLE }),
        telemetry: Some(Telemetry { statistics: STATISTICS_SCRIPT, advertising: ADVERTISING_SCRIPT, told_page: None }),
    }
}
