//! Which links are followed: pages in scope, and nothing that ends a session, destroys, or pays.
//!
//! That a log-out link is left alone is no blind spot: following it would be the mistake. What a file or a payment
//! page would have sent is one, and counted.

use model::{Target, TargetError};

use crate::frontier::LeftOut;
use crate::page::{Button, Link};
use crate::plan::Scope;

/// Words of links and buttons that end or destroy; compared with whole words, in any case.
const NEVER: [&str; 24] = [
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
    "logud",
    "logaf",
    "logout",
    "logoff",
    "signout",
    "signoff",
    "delete",
    "remove",
    "unsubscribe",
    "deactivate",
    "terminate",
    "deaktiver",
    "deaktivér",
    "destroy",
];

/// Words of links and buttons that pay.
const PAYS: [&str; 4] = ["betal", "betale", "pay", "checkout"];

/// As the first, where two words make it.
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
    /// Something that this version leaves alone and counts.
    Aside(LeftOut),
    /// Nowhere, or where nobody should go: mail, log-out.
    Nowhere,
}

/// What `link` is to the crawl.
pub(crate) fn leads(link: &Link, scope: &Scope) -> Leads {
    let target = match Target::parse(&link.href) {
        Ok(target) => target,
        Err(TargetError::Scheme) => return leads_without_address(&link.href),
        Err(TargetError::Host | TargetError::Port) => return Leads::Aside(LeftOut::Unreadable),
    };
    if target.scheme.as_str().starts_with("ws") {
        return Leads::Nowhere;
    }
    if !scope.covers(&target.host) {
        return Leads::Out(target);
    }
    if is_command(&link.text, ends) || commands_in_address(&target, ends) {
        return Leads::Nowhere;
    }
    if link.download || is_file(&target) {
        return Leads::Aside(LeftOut::File);
    }
    if is_command(&link.text, pays) || commands_in_address(&target, pays) {
        return Leads::Aside(LeftOut::Payment);
    }
    Leads::In(target)
}

/// Whether a link or button ends the session.
pub(crate) fn signs_out(text: &str) -> bool {
    is_command(text, |words| {
        let is_word = |word: &String| ["logud", "logaf", "logout", "logoff", "signout", "signoff"].contains(&&**word);
        let is_pair = |(one, two): (&String, &String)| NEVER_PAIRS.contains(&(one.as_str(), two.as_str()));
        words.iter().any(is_word) || words.iter().zip(words.iter().skip(1)).any(is_pair)
    })
}

/// Whether a link to another site is a page that may be looked at: no command, no file.
pub(crate) fn is_harmless(link: &Link, target: &Target) -> bool {
    let commands = |words: &[String]| ends(words) || pays(words);
    let is_page = !target.scheme.as_str().starts_with("ws") && !link.download && !is_file(target);
    is_page && !is_command(&link.text, commands) && !commands_in_address(target, commands)
}

/// Whether `button` may be pressed at all.
pub(crate) fn may_press(button: &Button) -> bool {
    button.visible
        && !button.disabled
        && button.kind != "reset"
        && !is_command(&button.text, |words| ends(words) || pays(words))
}

/// Whether an address says that what is sent there ends, destroys or pays.
pub(crate) fn is_harmful_address(target: &Target) -> bool {
    commands_in_address(target, |words| ends(words) || pays(words))
}

/// Whether words, those of a box to tick or of a field that names an action, end, destroy or pay.
pub(crate) fn is_harmful_word(text: &str) -> bool {
    is_command(text, |words| ends(words) || pays(words))
}

/// Whether pressing `button` would end a session or destroy, so that nobody misses what it leads to.
pub(crate) fn ends_something(button: &Button) -> bool {
    is_command(&button.text, ends)
}

/// What is no address of the web: a script may still lead to a page.
fn leads_without_address(href: &str) -> Leads {
    let Some((scheme, rest)) = href.trim().split_once(':') else {
        return if href.trim().is_empty() { Leads::Nowhere } else { Leads::Aside(LeftOut::Unreadable) };
    };
    let does_nothing = rest.trim_matches([' ', ';']).is_empty() || rest.contains("void(0)") || rest.contains("void 0");
    match scheme.to_ascii_lowercase().as_str() {
        "javascript" if !does_nothing => Leads::Aside(LeftOut::Script),
        "http" | "https" => Leads::Aside(LeftOut::Unreadable),
        _ => Leads::Nowhere,
    }
}

/// Whether a link's or button's text is a command, and one of this kind.
fn is_command(text: &str, kind: impl Fn(&[String]) -> bool) -> bool {
    let words = words(text);
    words.len() <= LONGEST_COMMAND && kind(&words)
}

/// Whether an address commands it: `/logout`, `?action=delete`.
fn commands_in_address(target: &Target, kind: impl Fn(&[String]) -> bool) -> bool {
    let query = target.query.as_deref().unwrap_or_default();
    let route = target.fragment.as_deref().unwrap_or_default();
    target.path.split('/').chain(route.split('/')).chain(query.split(['&', '='])).any(|piece| kind(&words(piece)))
}

fn ends(words: &[String]) -> bool {
    words.iter().any(|word| NEVER.contains(&word.as_str()))
        || words.iter().zip(words.iter().skip(1)).any(|(one, two)| NEVER_PAIRS.contains(&(one.as_str(), two.as_str())))
}

fn pays(words: &[String]) -> bool {
    words.iter().any(|word| PAYS.contains(&word.as_str()))
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

    fn scope() -> Scope {
        Scope::Hosts(vec![Host::parse("a.test").unwrap()])
    }

    fn led(href: &str, text: &str) -> Leads {
        leads(&Link { href: href.into(), text: text.into(), download: false }, &scope())
    }

    #[track_caller]
    fn followed(href: &str, text: &str) {
        assert!(matches!(led(href, text), Leads::In(_)), "{href} {text}");
    }

    #[track_caller]
    fn left(href: &str, text: &str) {
        assert_eq!(led(href, text), Leads::Nowhere, "{href} {text}");
    }

    #[track_caller]
    fn aside(href: &str, text: &str, reason: LeftOut) {
        assert_eq!(led(href, text), Leads::Aside(reason), "{href} {text}");
    }

    #[test]
    fn pages_in_scope_are_followed_and_others_counted() {
        followed("https://a.test/side", "Min side");
        assert!(matches!(led("https://www.a.test/", ""), Leads::Out(_)));
    }

    #[test]
    fn what_is_no_page_leads_nowhere() {
        for href in ["mailto:a@a.test", "tel:112", "javascript:void(0)", "javascript:;", "", "ws://a.test/"] {
            left(href, "x");
        }
    }

    #[test]
    fn what_is_left_alone_and_may_be_missed_is_counted_by_reason() {
        aside("https://a.test/blanket.PDF", "x", LeftOut::File);
        aside("https://a.test/#/betal", "", LeftOut::Payment);
        aside("https://a.test/x", "Betal nu", LeftOut::Payment);
        aside("javascript:__doPostBack('a','')", "Næste", LeftOut::Script);
        aside("https://a b/", "x", LeftOut::Unreadable);
        aside("//[", "x", LeftOut::Unreadable);
        let link = Link { href: "https://a.test/hent".into(), text: "Hent".into(), download: true };
        assert_eq!(leads(&link, &scope()), Leads::Aside(LeftOut::File));
    }

    #[test]
    fn commands_that_end_or_destroy_are_left_alone() {
        left("https://a.test/x", "Log ud");
        left("https://a.test/x", "Slet min profil");
        left("https://a.test/logOut", "");
        left("https://a.test/bruger?action=delete&id=1", "Ret");
        left("https://a.test/x", "Log-out");
    }

    #[test]
    fn pages_about_the_subject_are_followed() {
        followed("https://a.test/betalinger", "Mine betalinger");
        followed("https://a.test/hjaelp", "Sådan kan du altid slette eller ændre dine oplysninger");
        followed("https://a.test/x", "Log på");
    }

    #[test]
    fn another_site_is_looked_at_unless_it_is_a_command_or_a_file() {
        let harmless = |href: &str, text: &str| {
            let link = Link { href: href.into(), text: text.into(), download: false };
            is_harmless(&link, &Target::parse(href).unwrap())
        };
        assert!(harmless("https://b.test/om", "Læs mere"));
        for (href, text) in [
            ("https://b.test/om", "Betal"),
            ("https://b.test/afmeld", ""),
            ("https://b.test/x.pdf", ""),
            ("wss://b.test/", ""),
        ] {
            assert!(!harmless(href, text), "{href} {text}");
        }
    }

    #[test]
    fn a_destructive_or_hidden_button_is_not_pressed() {
        let button = |text: &str| Button { text: text.into(), visible: true, ..Button::default() };
        assert!(may_press(&button("Send")));
        assert!(!may_press(&button("Afmeld")));
        assert!(!may_press(&Button { text: "Send".into(), ..Button::default() }));
    }
}
