//! System 3: everything in it is behind a user name and a password that nobody has.

use crate::{HostedSite, Received, Reply};

use super::CLOSED_HOST;
use super::pages::{self, Frame};

/// Where every page leads.
const LOGIN: &str = "/log-paa";

pub(super) fn site() -> HostedSite {
    HostedSite::new(CLOSED_HOST, |received| answer(received).with_header("Referrer-Policy", "same-origin"))
}

fn answer(received: &Received) -> Reply {
    if let Some(reply) = pages::to_tls(received).or_else(|| pages::asset(received)) {
        return reply;
    }
    match (received.method.as_str(), received.path()) {
        ("GET" | "HEAD", LOGIN) => pages::password(frame(), LOGIN, false),
        ("POST", LOGIN) => pages::password(frame(), LOGIN, true),
        (_, LOGIN) => Reply::method_not_allowed("GET, HEAD, POST"),
        _ => Reply::redirect(LOGIN),
    }
}

fn frame() -> Frame {
    Frame { service: "Arkiv", vendor: "Fyrlygten Software ApS", path: LOGIN, ..Frame::default() }
}
