//! The same self-service, mended: the number is posted once and stays on the server, pages are addressed without it,
//! the policy is strict, and the telemetry is told an address that holds nothing.

use std::sync::Arc;

use crate::{HostedSite, Received, Reply};

use super::pages::{self, Frame, Telemetry};
use super::sessions::Sessions;
use super::third_parties::{
    ADVERTISING_SCRIPT, LIBRARY_SCRIPT, LIBRARY_SCRIPT_TEXT, LIBRARY_STYLE, LIBRARY_STYLE_TEXT, STATISTICS_SCRIPT,
};
use super::{CONTACT, MENDED_HOST, RECEIPT, STATEMENT};

/// Others learn the origin at most; it is the default of browsers since 2020, said aloud.
const REFERRER_POLICY: &str = "strict-origin-when-cross-origin";

/// Where the log-in form is posted to.
const LOGIN: &str = "/log-paa";

const OWN_SCRIPT: &str = "/statisk/bibliotek.min.js";
const OWN_STYLE: &str = "/statisk/gitter.min.css";

/// The cookie of a session. What it holds is random and says nothing.
const COOKIE: &str = "session";

/// Whom the site has its libraries from.
#[derive(Clone, Copy)]
pub(super) enum Libraries {
    /// A company that hosts them for all, approved for this system.
    Hosted,
    /// Itself.
    Own,
}

/// One mended site.
struct Mended {
    host: &'static str,
    libraries: Libraries,
    sessions: Sessions,
}

pub(super) fn site(host: &'static str, libraries: Libraries) -> HostedSite {
    let site = Arc::new(Mended { host, libraries, sessions: Sessions::default() });
    HostedSite::new(host, move |received| site.answer(received).with_header("Referrer-Policy", REFERRER_POLICY))
}

impl Mended {
    fn answer(&self, received: &Received) -> Reply {
        if let Some(reply) = pages::to_tls(received).or_else(|| pages::asset(received)) {
            return reply;
        }
        match (received.method.as_str(), received.path()) {
            ("GET" | "HEAD", "/") => pages::login(self.frame("/", false), "post", LOGIN, pages::was_refused(received)),
            ("POST", LOGIN) => self.log_in(received),
            ("GET" | "HEAD", STATEMENT) => {
                self.behind_login(received, || pages::statement(self.frame(STATEMENT, true), CONTACT.to_owned()))
            }
            ("GET" | "HEAD", CONTACT) => {
                self.behind_login(received, || pages::contact(self.frame(CONTACT, true), pages::was_refused(received)))
            }
            ("POST", CONTACT) => self.behind_login(received, || match pages::typed_number(received.field("cpr")) {
                Some(_) => Reply::redirect(RECEIPT),
                None => Reply::redirect(format!("{CONTACT}?{}", pages::REFUSED)),
            }),
            ("GET" | "HEAD", RECEIPT) => self.behind_login(received, || pages::receipt(self.frame(RECEIPT, true))),
            ("GET" | "HEAD", OWN_SCRIPT) => Reply::js(LIBRARY_SCRIPT_TEXT),
            ("GET" | "HEAD", OWN_STYLE) => Reply::css(LIBRARY_STYLE_TEXT),
            (_, LOGIN) => Reply::method_not_allowed("POST"),
            (_, CONTACT) => Reply::method_not_allowed("GET, HEAD, POST"),
            (_, "/" | STATEMENT | RECEIPT) => Reply::method_not_allowed("GET, HEAD"),
            _ => Reply::not_found(),
        }
    }

    fn log_in(&self, received: &Received) -> Reply {
        if pages::typed_number(received.field("cpr")).is_none() {
            return Reply::redirect(format!("/?{}", pages::REFUSED));
        }
        match self.sessions.open() {
            Some(session) => Reply::redirect(STATEMENT)
                .with_header("Set-Cookie", format!("{COOKIE}={session}; Path=/; Secure; HttpOnly; SameSite=Lax")),
            None => Reply::text(500, "Der kunne ikke laves en session.\n"),
        }
    }

    fn behind_login(&self, received: &Received, page: impl Fn() -> Reply) -> Reply {
        match received.cookie(COOKIE) {
            Some(session) if self.sessions.knows(&session) => page(),
            Some(_) | None => Reply::redirect("/"),
        }
    }

    fn frame(&self, path: &'static str, logged_in: bool) -> Frame {
        let (service, vendor) = if self.host == MENDED_HOST {
            ("Ny selvbetjening", "Fyrlygten Software ApS")
        } else {
            ("Selvbetjening", "Havneborg Systemer A/S")
        };
        Frame {
            service,
            vendor,
            path,
            menu: if logged_in { Frame::menu(str::to_owned) } else { Vec::new() },
            libraries: (logged_in && path != RECEIPT).then(|| self.libraries.addresses()),
            telemetry: Some(Telemetry {
                statistics: STATISTICS_SCRIPT,
                advertising: ADVERTISING_SCRIPT,
                told_page: Some(format!("https://{}{path}", self.host)),
            }),
        }
    }
}

impl Libraries {
    fn addresses(self) -> pages::Libraries {
        match self {
            Self::Hosted => pages::Libraries { script: LIBRARY_SCRIPT, style: LIBRARY_STYLE },
            Self::Own => pages::Libraries { script: OWN_SCRIPT, style: OWN_STYLE },
        }
    }
}
