//! Safe mode: what could change something in a system that serves real people does not leave the proxy, whatever the
//! crawler pressed; and with `--third-party sink`, neither does what pages tell third parties.
//!
//! Enforced on the wire, by the method of each request (RFC 9110 §9.2.1). Not covered are messages of a WebSocket that
//! the system's own page opened.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use detect::Parties;
use model::registry::{Submit, System};
use model::{Exchange, Host, RequestRecord, Standing, SystemId};
use proxy::{FirstLook, Guard, Verdict};

/// What pages fetch to be what they are: without it they would not do what they do for a citizen.
const PARTS_OF_PAGES: [&str; 13] = [
    "audioworklet",
    "document",
    "embed",
    "font",
    "frame",
    "iframe",
    "manifest",
    "object",
    "script",
    "serviceworker",
    "sharedworker",
    "style",
    "worker",
];

/// Keeps back what must not leave in an audit.
pub(crate) struct SafeMode {
    parties: Parties,
    sinks_third_parties: bool,
    /// Hosts that are none of its business: the self-test's.
    exempt: Vec<Host>,
    /// Whether a person is logging in by hand.
    is_attended: AtomicBool,
    /// What holds for the system that is visited now.
    rules: Mutex<Rules>,
}

/// What may be sent to one system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// The system; `None` for a site that nobody declared.
    pub(crate) system: Option<SystemId>,
    /// Whether all of it may be sent.
    pub(crate) submit: Submit,
    /// What may be sent all the same: `METHOD /path`, `*` standing for anything.
    pub(crate) allow_write: Vec<String>,
}

impl Rules {
    /// Those of a declared system.
    pub(crate) fn of(system: &System) -> Self {
        Self { system: Some(system.id.clone()), submit: system.submit, allow_write: system.allow_write.clone() }
    }

    /// Those of a site that nobody declared.
    pub(crate) fn undeclared() -> Self {
        Self { system: None, submit: Submit::Never, allow_write: Vec::new() }
    }

    fn allow(&self, request: &RequestRecord) -> bool {
        let wanted = format!("{} {}", request.method, request.target.path);
        self.submit == Submit::TestSystem || self.allow_write.iter().any(|pattern| fits(pattern, &wanted))
    }
}

impl SafeMode {
    /// Nothing is visited yet.
    pub(crate) fn new(parties: Parties, sinks_third_parties: bool, exempt: Vec<Host>) -> Self {
        let (is_attended, rules) = (AtomicBool::new(false), Mutex::new(Rules::undeclared()));
        Self { parties, sinks_third_parties, exempt, is_attended, rules }
    }

    /// From now on `rules` hold.
    pub(crate) fn begin(&self, rules: Rules) {
        *self.rules.lock().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    /// Whether a person is at work from now on, who logs in at hosts outside the system: these are let be, and what they
    /// have the browser hand back to it.
    pub(crate) fn attend(&self, is_attended: bool) {
        self.is_attended.store(is_attended, Ordering::SeqCst);
    }
}

impl Guard for SafeMode {
    fn first_look(&self, request: &RequestRecord) -> FirstLook {
        let target = &request.target;
        if self.exempt.contains(&target.host) {
            return FirstLook::Pass;
        }
        let is_attended = self.is_attended.load(Ordering::SeqCst);
        let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if self.parties.standing(&target.host, rules.system.as_ref()) == Standing::Own {
            let is_login = is_attended && is_handed_back(request);
            return if is_safe(&request.method) || rules.allow(request) || is_login {
                FirstLook::Pass
            } else {
                FirstLook::HoldBack
            };
        }
        if !self.sinks_third_parties || is_attended || is_part_of_page(request) {
            return FirstLook::Pass;
        }
        // What would be said on it cannot be judged without it.
        let opens_socket = request.headers.get("upgrade").is_some();
        if opens_socket { FirstLook::HoldBack } else { FirstLook::Sink }
    }

    fn judge(&self, _: &Exchange) -> Verdict {
        Verdict::Pass
    }
}

impl fmt::Debug for SafeMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SafeMode").field("sinks_third_parties", &self.sinks_third_parties).finish_non_exhaustive()
    }
}

/// Several guards, each with its say.
#[derive(Debug)]
pub(crate) struct Guards(pub(crate) Vec<Arc<dyn Guard>>);

impl Guard for Guards {
    fn first_look(&self, request: &RequestRecord) -> FirstLook {
        let mut strictest = FirstLook::Pass;
        for look in self.0.iter().map(|guard| guard.first_look(request)) {
            strictest = match (strictest, look) {
                (FirstLook::HoldBack, _) | (_, FirstLook::HoldBack) => FirstLook::HoldBack,
                (FirstLook::Sink, _) | (_, FirstLook::Sink) => FirstLook::Sink,
                (FirstLook::Judge, _) | (_, FirstLook::Judge) => FirstLook::Judge,
                (FirstLook::Pass, FirstLook::Pass) => FirstLook::Pass,
            };
        }
        strictest
    }

    fn judge(&self, exchange: &Exchange) -> Verdict {
        let concerned = self.0.iter().filter(|guard| guard.first_look(&exchange.request) == FirstLook::Judge);
        concerned.map(|guard| guard.judge(exchange)).find(|verdict| *verdict != Verdict::Pass).unwrap_or(Verdict::Pass)
    }
}

/// Methods that ask for nothing but to see (RFC 9110 §9.2.1).
fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

/// A page of another origin sends the whole tab here: the answer of a login service (SAML HTTP-POST, OIDC form post).
fn is_handed_back(request: &RequestRecord) -> bool {
    let says = |name: &str, words: &[&str]| request.headers.text(name).is_some_and(|text| words.contains(&&*text));
    says("sec-fetch-dest", &["document"]) && says("sec-fetch-site", &["cross-site", "same-site"])
}

fn is_part_of_page(request: &RequestRecord) -> bool {
    let destination = request.headers.text("sec-fetch-dest");
    is_safe(&request.method) && destination.is_some_and(|destination| PARTS_OF_PAGES.contains(&&*destination))
}

/// Whether `pattern`, in which `*` stands for anything, fits all of `text`.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| text.strip_prefix(start)) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            let Some((_, after)) = rest.split_once(middle) else { return false };
            rest = after;
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

#[cfg(test)]
mod tests {
    use model::{Body, Headers, Target};

    use super::*;

    fn request(method: &str, url: &str, headers: &[(&str, &str)]) -> RequestRecord {
        RequestRecord {
            method: method.to_owned(),
            target: Target::parse(url).unwrap(),
            version: "HTTP/1.1".to_owned(),
            headers: Headers(
                headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect(),
            ),
            body: Body::default(),
        }
    }

    fn safe(submit: Submit, allow: &[&str], sinks: bool) -> SafeMode {
        let parties = Parties::first_party(vec![Host::parse("sag.test").unwrap().site()]);
        let safe = SafeMode::new(parties, sinks, vec![Host::parse("selvtest.test").unwrap()]);
        let allow_write = allow.iter().map(|pattern| (*pattern).to_owned()).collect();
        safe.begin(Rules { system: None, submit, allow_write });
        safe
    }

    #[test]
    fn what_could_change_something_at_the_system_stays() {
        let safe = safe(Submit::Get, &["POST /login/*"], false);
        let look = |method: &str, url: &str| safe.first_look(&request(method, url, &[]));
        assert_eq!(look("GET", "https://www.sag.test/x"), FirstLook::Pass);
        for method in ["POST", "PUT", "DELETE", "PATCH", "M-SEARCH"] {
            assert_eq!(look(method, "https://api.sag.test/x"), FirstLook::HoldBack, "{method}");
        }
        assert_eq!(look("POST", "https://www.sag.test/login/step2"), FirstLook::Pass);
        assert_eq!(look("PUT", "https://www.sag.test/login/step2"), FirstLook::HoldBack);
        assert_eq!(look("POST", "https://maaling.test/x"), FirstLook::Pass);
        assert_eq!(look("POST", "https://selvtest.test/x"), FirstLook::Pass);
    }

    #[test]
    fn while_a_person_logs_in_only_what_login_services_hand_back_is_let_in() {
        let safe = safe(Submit::Never, &[], true);
        let look = |url: &str, site: &str, dest: &str| {
            safe.first_look(&request("POST", url, &[("sec-fetch-site", site), ("sec-fetch-dest", dest)]))
        };
        let back = || look("https://www.sag.test/saml/acs", "cross-site", "document");
        let service = || look("https://login.test/kode", "same-origin", "empty");
        assert_eq!((back(), service()), (FirstLook::HoldBack, FirstLook::Sink));
        safe.attend(true);
        assert_eq!((back(), service()), (FirstLook::Pass, FirstLook::Pass));
        assert_eq!(look("https://www.sag.test/gem", "same-origin", "document"), FirstLook::HoldBack);
        assert_eq!(look("https://www.sag.test/gem", "cross-site", "empty"), FirstLook::HoldBack);
        safe.attend(false);
        assert_eq!((back(), service()), (FirstLook::HoldBack, FirstLook::Sink));
    }

    #[test]
    fn a_test_system_gets_everything() {
        let safe = safe(Submit::TestSystem, &[], false);
        assert_eq!(safe.first_look(&request("DELETE", "https://www.sag.test/x", &[])), FirstLook::Pass);
    }

    #[test]
    fn third_parties_get_what_makes_a_page_and_nothing_it_tells() {
        let safe = safe(Submit::Never, &[], true);
        let look = |method: &str, headers: &[(&str, &str)]| {
            safe.first_look(&request(method, "https://maaling.test/x", headers))
        };
        for destination in ["script", "style", "iframe"] {
            assert_eq!(look("GET", &[("sec-fetch-dest", destination)]), FirstLook::Pass, "{destination}");
        }
        for destination in ["empty", "image", "report"] {
            assert_eq!(look("GET", &[("sec-fetch-dest", destination)]), FirstLook::Sink, "{destination}");
        }
        assert_eq!(look("POST", &[("sec-fetch-dest", "iframe")]), FirstLook::Sink);
        assert_eq!(look("GET", &[]), FirstLook::Sink);
        assert_eq!(look("GET", &[("upgrade", "websocket")]), FirstLook::HoldBack);
    }

    #[test]
    fn the_strictest_of_several_has_its_way() {
        #[derive(Debug)]
        struct Says(FirstLook, Verdict);
        impl Guard for Says {
            fn first_look(&self, _: &RequestRecord) -> FirstLook {
                self.0
            }
            fn judge(&self, _: &Exchange) -> Verdict {
                self.1.clone()
            }
        }
        let look = |looks: &[FirstLook]| {
            let says = |look: &FirstLook| Arc::new(Says(*look, Verdict::Pass)) as Arc<dyn Guard>;
            Guards(looks.iter().map(says).collect()).first_look(&request("GET", "https://a.test/", &[]))
        };
        assert_eq!(look(&[FirstLook::Pass, FirstLook::Judge]), FirstLook::Judge);
        assert_eq!(look(&[FirstLook::Judge, FirstLook::Sink]), FirstLook::Sink);
        assert_eq!(look(&[FirstLook::HoldBack, FirstLook::Sink]), FirstLook::HoldBack);
        assert_eq!(look(&[]), FirstLook::Pass);
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, expected) in [
            ("POST /a", "POST /a", true),
            ("POST /a", "POST /ab", false),
            ("POST /a*", "POST /ab/c", true),
            ("POST /*/b", "POST /a/b", true),
            ("POST /*/b", "POST /a/c", false),
            ("POST /*/b/*/d", "POST /a/b/c/d", true),
            ("POST /*/b/*/d", "POST /a/b/d", false),
            ("POST *", "PUT /", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
