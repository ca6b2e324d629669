//! Whether a page is a wall: it wants a login that the crawler does not have.
//!
//! A page that asks for a CPR number alone is a door, not a wall: a test person can open it.

use model::Target;

use crate::fields::{Asks, asks, asks_for_cpr, asks_for_password};
use crate::links::words;
use crate::page::{Page, PageForm};
use crate::plan::Scope;

/// What Danish and common login services are called, in text or address.
const SERVICES: [&str; 4] = ["mitid", "nemlog", "nemid", "unilogin"];

/// Pieces of host names and paths where logins live.
const LOGIN_WORDS: [&str; 20] = [
    "login",
    "logon",
    "logind",
    "logpaa",
    "signin",
    "sso",
    "idp",
    "adfs",
    "saml",
    "saml2",
    "oauth",
    "oauth2",
    "oidc",
    "auth",
    "authorize",
    "authenticate",
    "mitid",
    "nemlog",
    "nemid",
    "unilogin",
];

/// Two words of a title or address that say the same.
const LOGIN_PAIRS: [(&str, &str); 8] = [
    ("log", "ind"),
    ("log", "på"),
    ("log", "paa"),
    ("log", "in"),
    ("log", "on"),
    ("sign", "in"),
    ("nem", "login"),
    ("mit", "id"),
];

/// Words of a text that tells of a login and does not lead to one: help to use it, news about it.
const INFORMS: [&str; 12] =
    ["om", "læs", "hvad", "hvordan", "hjælp", "bestil", "få", "support", "about", "help", "what", "how"];

/// What the CPR forms of a page are to the crawler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// There is none, or each wants a password as well.
    None,
    /// One may be sent, and was not yet.
    Open,
    /// One was sent, and led on.
    Passed,
    /// None may be sent: nobody tried it.
    Untried,
    /// Sending led nowhere.
    Shut,
}

/// Whether `page`, reached when `asked` was asked for, is a wall; why.
pub(crate) fn wall(page: &Page, asked: &Target, scope: &Scope, door: Door) -> Option<String> {
    if matches!(page.status, 401 | 403 | 407) {
        return Some(format!("the site answered {}", page.status));
    }
    let Ok(reached) = Target::parse(&page.url) else { return None };
    if !scope.covers(&reached.host) && is_login_address(&reached) {
        return Some(format!("it sends visitors to {} to log in", reached.host));
    }
    let says_login = page.headings.iter().chain([&page.title]).any(|text| is_login_text(text));
    let wants_password = page.forms.iter().any(asks_for_password);
    let was_sent_away = reached.path != asked.path && is_login_address(&reached);
    if door == Door::Open {
        return None;
    }
    if wants_password && (says_login || was_sent_away || is_login_address(&reached)) {
        return Some("its login form wants a password".to_owned());
    }
    if was_sent_away {
        return Some(format!("it sends visitors to {} to log in", reached.path));
    }
    if door == Door::Shut && (says_login || is_login_address(&reached)) {
        return Some("its login was not passed with the test person".to_owned());
    }
    // A number alone is asked for: only another way in that is named makes it more than a door that nobody tried.
    let is_service =
        |text: &str| if door == Door::Untried { names_service_itself(&words(text)) } else { names_service(text) };
    let forms = page.forms.iter().filter(|form| !asks_for_cpr(form));
    let offers_service = page.links.iter().any(|link| is_service(&link.text))
        || forms.flat_map(|form| &form.buttons).any(|button| is_service(&button.text));
    (says_login && offers_service).then(|| "it wants a login with a service that needs a person".to_owned())
}

/// A form that wants a password on a page that is no login page itself: what lies behind was not seen.
pub(crate) fn door_beside(page: &Page) -> Option<&str> {
    page.forms.iter().find(|form| asks_for_password(form)).map(|form| form.action.as_str())
}

/// Whether a link that leads out of the system's hosts leads to a login, by its address or by what it says.
pub(crate) fn leads_to_login(text: &str, target: &Target) -> bool {
    (is_login_address(target) || names_service(text)) && !informs(text)
}

/// Whether a button leads to a login with a service: it says so, and its form asks for nothing itself.
pub(crate) fn presses_to_login(form: &PageForm) -> Option<&str> {
    let asks_nothing = asks(form).iter().all(|asks| matches!(asks, Asks::Nothing | Asks::Tick | Asks::Choice));
    let buttons = form.buttons.iter().filter(|button| button.visible && !informs(&button.text));
    // What stands outside of any form is told apart by nothing: only a service's name is clear enough there.
    let mut logins = buttons.filter(|button| {
        if form.real && asks_nothing {
            names_service(&button.text)
        } else {
            (asks_nothing || !form.real) && names_service_itself(&words(&button.text))
        }
    });
    logins.next().map(|button| button.text.as_str())
}

/// Whether a login lives at `target`.
pub(crate) fn is_login_address(target: &Target) -> bool {
    let host = target.host.as_str();
    host.split('.').chain(target.path.split('/')).any(|piece| {
        let words = words(piece);
        words.iter().any(|word| LOGIN_WORDS.contains(&word.as_str())) || has_pair(&words)
    })
}

/// Whether a title says that the page is for logging in.
fn is_login_text(text: &str) -> bool {
    let words = words(text);
    has_pair(&words) || words.iter().any(|word| matches!(word.as_str(), "login" | "signin" | "mitid"))
}

fn names_service(text: &str) -> bool {
    let words = words(text);
    has_pair(&words) || names_service_itself(&words)
}

fn names_service_itself(words: &[String]) -> bool {
    words.iter().any(|word| SERVICES.iter().any(|service| word.starts_with(service)))
        || words.iter().zip(words.iter().skip(1)).any(|(one, two)| one == "mit" && two == "id")
}

fn informs(text: &str) -> bool {
    words(text).iter().any(|word| INFORMS.contains(&word.as_str()))
}

fn has_pair(words: &[String]) -> bool {
    words.iter().zip(words.iter().skip(1)).any(|(one, two)| LOGIN_PAIRS.contains(&(one.as_str(), two.as_str())))
}

#[cfg(test)]
mod tests {
    use model::Host;

    use super::*;
    use crate::page::{Button, Link, PageField};

    fn field(kind: &str, name: &str) -> PageField {
        PageField { kind: kind.into(), name: name.into(), visible: true, editable: true, ..PageField::default() }
    }

    fn page(url: &str, title: &str, fields: Vec<PageField>) -> Page {
        let forms = if fields.is_empty() { vec![] } else { vec![PageForm { fields, ..PageForm::default() }] };
        Page { url: url.into(), title: title.into(), status: 200, ready: true, forms, ..Page::default() }
    }

    fn judged(page: &Page, door: Door) -> Option<String> {
        let scope = Scope::Hosts(vec![Host::parse("a.test").unwrap()]);
        wall(page, &Target::parse("https://a.test/oversigt").unwrap(), &scope, door)
    }

    #[test]
    fn a_refusing_status_is_a_wall() {
        let refused = Page { status: 403, ..page("https://a.test/oversigt", "Nej", vec![]) };
        assert!(judged(&refused, Door::None).is_some());
    }

    #[test]
    fn a_password_on_a_login_page_is_a_wall() {
        let fields = || vec![field("text", "bruger"), field("password", "kode")];
        assert!(judged(&page("https://a.test/oversigt", "Log ind", fields()), Door::None).is_some());
        assert!(judged(&page("https://a.test/login", "Velkommen", fields()), Door::None).is_some());
        let beside = page("https://a.test/oversigt", "Nyheder", fields());
        assert_eq!(judged(&beside, Door::None), None);
        assert!(door_beside(&beside).is_some());
    }

    #[test]
    fn a_cpr_number_alone_is_a_door_for_who_has_one() {
        let door = page("https://a.test/login", "Log på", vec![field("text", "cpr")]);
        assert_eq!(judged(&door, Door::Open), None);
        assert!(judged(&door, Door::Shut).is_some());
        assert!(judged(&door, Door::Passed).is_some(), "sent to the login again");
        let itself = page("https://a.test/oversigt", "Log på", vec![field("text", "cpr")]);
        assert_eq!(judged(&itself, Door::Passed), None);
        assert!(judged(&itself, Door::Shut).is_some());
        let both = page("https://a.test/login", "Log på", vec![field("text", "cpr"), field("password", "kode")]);
        assert!(judged(&both, Door::None).is_some());
    }

    #[test]
    fn a_door_that_nobody_tried_is_no_wall() {
        let itself = page("https://a.test/oversigt", "Log på", vec![field("text", "cpr")]);
        assert_eq!(judged(&itself, Door::Untried), None);
        let sent_away = page("https://a.test/login", "Log på", vec![field("text", "cpr")]);
        assert!(judged(&sent_away, Door::Untried).unwrap().contains("sends visitors to /login"));
    }

    #[test]
    fn a_link_or_button_to_a_login_is_told_from_one_about_it() {
        let leads = |text: &str, url: &str| leads_to_login(text, &Target::parse(url).unwrap());
        assert!(leads("Log på med MitID", "https://b.test/x") && leads("", "https://nemlog-in.test/"));
        assert!(!leads("Læs om MitID", "https://www.mitid.test/") && !leads("Nyheder", "https://b.test/"));
        let form = |real: bool, text: &str, fields: Vec<PageField>| {
            let button = Button { text: text.into(), visible: true, ..Button::default() };
            PageForm { real, fields, buttons: vec![button], ..PageForm::default() }
        };
        assert!(presses_to_login(&form(true, "Log ind", vec![])).is_some());
        assert!(presses_to_login(&form(false, "Fortsæt med MitID", vec![field("search", "q")])).is_some());
        assert_eq!(presses_to_login(&form(true, "Log på", vec![field("text", "cpr")])), None);
        assert_eq!(presses_to_login(&form(false, "Log ind", vec![field("text", "cpr")])), None);
        assert_eq!(presses_to_login(&form(true, "Hjælp til MitID", vec![])), None);
    }

    #[test]
    fn being_sent_to_a_login_elsewhere_is_a_wall() {
        assert!(judged(&page("https://nemlog-in.mitid.test/login", "Vælg", vec![]), Door::None).is_some());
        assert_eq!(judged(&page("https://www.b.test/side", "Andet", vec![]), Door::None), None);
    }

    #[test]
    fn a_page_that_offers_only_a_service_is_a_wall() {
        let mut offering = page("https://a.test/oversigt", "Log på", vec![]);
        offering.links.push(Link { text: "Fortsæt med MitID".into(), ..Link::default() });
        assert!(judged(&offering, Door::None).is_some());
        let mut pressed = page("https://a.test/oversigt", "Log ind", vec![]);
        pressed.forms.push(PageForm {
            buttons: vec![Button { text: "MitID".into(), ..Button::default() }],
            ..PageForm::default()
        });
        assert!(judged(&pressed, Door::None).is_some());
        let mut menu = page("https://a.test/oversigt", "Forside", vec![]);
        menu.links.push(Link { text: "Log ind".into(), ..Link::default() });
        assert_eq!(judged(&menu, Door::None), None);
    }
}
