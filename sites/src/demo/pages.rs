//! The self-service's pages in HTML. What they say is the same in every build; what they load and where their links
//! and forms lead is the build's.

use askama::Template;

use crate::{Received, Reply};

use super::{CONTACT, STATEMENT};

/// Where the site's own style sheet is.
pub(super) const STYLE: &str = "/statisk/stil.css";

/// Marks, in a query, that the page before got no CPR number.
pub(super) const REFUSED: &str = "fejl=cpr";

/// What surrounds a page: who made it, what it loads, where its menu leads.
#[derive(Default)]
pub(super) struct Frame {
    /// What the system calls itself.
    pub(super) service: &'static str,
    /// Who supplies it.
    pub(super) vendor: &'static str,
    /// The page's own path.
    pub(super) path: &'static str,
    /// The menu; empty before the log-in.
    pub(super) menu: Vec<MenuItem>,
    /// Libraries it loads.
    pub(super) libraries: Option<Libraries>,
    /// Telemetry it loads.
    pub(super) telemetry: Option<Telemetry>,
}

/// A line of the menu.
pub(super) struct MenuItem {
    pub(super) text: &'static str,
    pub(super) path: &'static str,
    pub(super) href: String,
}

/// Where the page takes its libraries from.
pub(super) struct Libraries {
    pub(super) script: &'static str,
    pub(super) style: &'static str,
}

/// The scripts that tell others of the visit.
pub(super) struct Telemetry {
    pub(super) statistics: &'static str,
    pub(super) advertising: &'static str,
    /// The page's address as the scripts shall tell it; without it they take the browser's own.
    pub(super) told_page: Option<String>,
}

/// The log-in: a CPR number and nothing else.
#[derive(Template)]
#[template(path = "demo/login.html")]
struct Login {
    frame: Frame,
    action: &'static str,
    method: &'static str,
    refused: bool,
}

/// The tax statement.
#[derive(Template)]
#[template(path = "demo/statement.html")]
struct Statement {
    frame: Frame,
    contact_href: String,
}

/// The contact details, to be changed.
#[derive(Template)]
#[template(path = "demo/contact.html")]
struct Contact {
    frame: Frame,
    action: &'static str,
    refused: bool,
}

/// What is shown after that.
#[derive(Template)]
#[template(path = "demo/receipt.html")]
struct Receipt {
    frame: Frame,
}

/// The archive's log-in: a user name and a password.
#[derive(Template)]
#[template(path = "demo/password.html")]
struct Password {
    frame: Frame,
    action: &'static str,
    refused: bool,
}

impl Frame {
    /// The menu of one who is logged in; `href` makes a page's address.
    pub(super) fn menu(href: impl Fn(&str) -> String) -> Vec<MenuItem> {
        [("Årsopgørelse", STATEMENT), ("Kontaktoplysninger", CONTACT)]
            .map(|(text, path)| MenuItem { text, path, href: href(path) })
            .into()
    }
}

pub(super) fn login(frame: Frame, method: &'static str, action: &'static str, refused: bool) -> Reply {
    page(&Login { frame, action, method, refused })
}

pub(super) fn statement(frame: Frame, contact_href: String) -> Reply {
    page(&Statement { frame, contact_href })
}

pub(super) fn contact(frame: Frame, refused: bool) -> Reply {
    page(&Contact { frame, action: CONTACT, refused })
}

pub(super) fn receipt(frame: Frame) -> Reply {
    page(&Receipt { frame })
}

pub(super) fn password(frame: Frame, action: &'static str, refused: bool) -> Reply {
    page(&Password { frame, action, refused })
}

/// What every system serves beside its pages; `None` when it is none of that.
pub(super) fn asset(received: &Received) -> Option<Reply> {
    match received.path() {
        STYLE => Some(Reply::css(include_str!("stil.css"))),
        // Pages name their icon themselves; this is for clients that ask all the same.
        "/favicon.ico" => Some(Reply::no_content()),
        _ => None,
    }
}

/// Sends a clear-text visitor on to the same page over TLS; `None` when it came by TLS.
pub(super) fn to_tls(received: &Received) -> Option<Reply> {
    let Received { host, path_and_query, .. } = received;
    (!received.secure).then(|| Reply::redirect(format!("https://{host}{path_and_query}")).with_status(308))
}

/// A CPR number as typed, if it has the shape of one. What it returns is digits and at most one dash.
pub(super) fn typed_number(text: Option<String>) -> Option<String> {
    let text = text?;
    let text = text.trim();
    let (date, serial) = text.split_once('-').or_else(|| text.split_at_checked(6))?;
    let is_digits = |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    (is_digits(date, 6) && is_digits(serial, 4)).then(|| text.to_owned())
}

/// Whether the page before got no number.
pub(super) fn was_refused(received: &Received) -> bool {
    received.query() == REFUSED
}

fn page(template: &impl Template) -> Reply {
    match template.render() {
        Ok(html) => Reply::html(html),
        Err(error) => Reply::text(500, format!("This page does not render: {error}\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn typed(text: &str, number: Option<&str>) {
        assert_eq!(typed_number(Some(text.to_owned())).as_deref(), number, "{text}");
    }

    #[test]
    fn a_number_is_taken_as_typed() {
        typed("010145-5001", Some("010145-5001"));
        typed(" 0101455001 ", Some("0101455001"));
        typed("010145 5001", None);
        typed("01014-55001", None);
        typed("010145-5001<script>", None);
        typed("åååååå-5001", None);
        typed("", None);
        assert_eq!(typed_number(None), None);
    }
}
