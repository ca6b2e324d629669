//! Which links are followed: pages in scope, and nothing that ends a session, destroys, or pays.
//!
//! That a log-out link is left alone is no blind spot: following it would be the mistake.

use model::Target;

use crate::page::{Button, Link};
use crate::plan::Scope;

/// Words of links and buttons that end, destroy or pay; compared with whole words, in any case.
const NEVER: [&str; 28] = [
    "slet",
    "slette",
    "fjern",
    "fjerne",
    "afmeld",
    "afmelde",
    "frameld",
    "annuller",
    "annullér",
    "opsig",
    "betal",
    "betale",
    "logud",
    "logaf",
    "logout",
    "logoff",
    "signout",
    "signoff",
    "delete",
    "remove",
    "unsubscribe",
    "pay",
    "checkout",
    "deactivate",
    "terminate",
    "deaktiver",
    "deaktivér",
    "destroy",
];

/// The same where two words make it.
const NEVER_PAIRS: [(&str, &str); 6] =
    [("log", "ud"), ("log", "af"), ("log", "out"), ("log", "off"), ("sign", "out"), ("sign", "off")];

/// A longer text is a headline about the subject, not a command.
const LONGEST_COMMAND: usize = 6;

/// Endings of addresses that browsers save instead of showing, or that are no pages.
const FILES: [&str; 30] = [
    "7z", "avi", "csv", "doc", "docx", "dmg", "exe", "gif", "gz", "ics", "iso", "jpeg", "jpg", "mov", "mp3", "mp4",
    "msi", "odp", "ods", "odt", "pdf", "png", "ppt", "pptx", "rtf", "svg", "tar", "xls", "xlsx", "zip",
];

/// What a link is to the crawl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Leads {
    /// A page to visit.
    In(Target),
    /// Somewhere else: counted.
    Out(Target),
    /// Nowhere, or where nobody should go: mail, script, download, log-out.
    Nowhere,
}

/// What `link` is to the crawl.
pub(crate) fn leads(link: &Link, scope: &Scope) -> Leads {
    let Ok(target) = Target::parse(&link.href) else { return Leads::Nowhere };
    if target.scheme.as_str().starts_with("ws") {
        return Leads::Nowhere;
    }
    if !scope.covers(&target.host) {
        return Leads::Out(target);
    }
    if link.download || is_file(&target) || is_never(&link.text) || is_never_address(&target) {
        return Leads::Nowhere;
    }
    Leads::In(target)
}

/// Whether `button` may be pressed at all.
pub(crate) fn may_press(button: &Button) -> bool {
    button.visible && !button.disabled && button.kind != "reset" && !is_never(&button.text)
}

/// Whether a link's or button's text commands what a crawler must not do.
fn is_never(text: &str) -> bool {
    let words = words(text);
    words.len() <= LONGEST_COMMAND && commands(&words)
}

/// Whether an address does: `/logout`, `?action=delete`.
fn is_never_address(target: &Target) -> bool {
    let query = target.query.as_deref().unwrap_or_default();
    let route = target.fragment.as_deref().unwrap_or_default();
    target.path.split('/').chain(route.split('/')).chain(query.split(['&', '='])).any(|piece| commands(&words(piece)))
}

fn commands(words: &[String]) -> bool {
    words.iter().any(|word| NEVER.contains(&word.as_str()))
        || words.iter().zip(words.iter().skip(1)).any(|(one, two)| NEVER_PAIRS.contains(&(one.as_str(), two.as_str())))
}

/// Lower-case words; `logOut` is two.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for character in text.chars() {
        if !character.is_alphanumeric() || (was_lower && character.is_uppercase()) {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
        was_lower = character.is_lowercase() || character.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is_file(target: &Target) -> bool {
    let name = target.path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, ending)| FILES.contains(&ending.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use model::Host;

    use super::*;

    fn led(href: &str, text: &str) -> Leads {
        let scope = Scope::Hosts(vec![Host::parse("a.test").unwrap()]);
        leads(&Link { href: href.into(), text: text.into(), download: false }, &scope)
    }

    #[track_caller]
    fn followed(href: &str, text: &str) {
        assert!(matches!(led(href, text), Leads::In(_)), "{href} {text}");
    }

    #[track_caller]
    fn left(href: &str, text: &str) {
        assert_eq!(led(href, text), Leads::Nowhere, "{href} {text}");
    }

    #[test]
    fn pages_in_scope_are_followed_and_others_counted() {
        followed("https://a.test/side", "Min side");
        assert!(matches!(led("https://www.a.test/", ""), Leads::Out(_)));
    }

    #[test]
    fn what_is_no_page_leads_nowhere() {
        for href in
            ["mailto:a@a.test", "tel:112", "javascript:void(0)", "", "ws://a.test/", "https://a.test/blanket.PDF"]
        {
            left(href, "x");
        }
        let link = Link { href: "https://a.test/hent".into(), text: "Hent".into(), download: true };
        assert_eq!(leads(&link, &Scope::Hosts(vec![Host::parse("a.test").unwrap()])), Leads::Nowhere);
    }

    #[test]
    fn commands_that_end_or_destroy_are_left_alone() {
        left("https://a.test/x", "Log ud");
        left("https://a.test/x", "Slet min profil");
        left("https://a.test/logOut", "");
        left("https://a.test/bruger?action=delete&id=1", "Ret");
        left("https://a.test/#/betal", "");
        left("https://a.test/x", "Log-out");
    }

    #[test]
    fn pages_about_the_subject_are_followed() {
        followed("https://a.test/betalinger", "Mine betalinger");
        followed("https://a.test/hjaelp", "Sådan kan du altid slette eller ændre dine oplysninger");
        followed("https://a.test/x", "Log på");
    }

    #[test]
    fn a_destructive_or_hidden_button_is_not_pressed() {
        let button = |text: &str| Button { text: text.into(), visible: true, ..Button::default() };
        assert!(may_press(&button("Send")));
        assert!(!may_press(&button("Afmeld")));
        assert!(!may_press(&Button { text: "Send".into(), ..Button::default() }));
    }
}
