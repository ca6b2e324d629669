//! When two addresses are the same page, and when two pages are the same template.
//!
//! The keys are for counting only: what is visited, told and judged is the address as the page wrote it.

use model::Target;

/// Parameters that name a session or a campaign, never a page.
const NOT_OF_THE_PAGE: [&str; 18] = [
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
    "gclid",
    "fbclid",
    "msclkid",
    "jsessionid",
    "phpsessid",
    "aspsessionid",
    "sessionid",
    "session_id",
    "_ga",
    "asp.net_sessionid",
    "cfid",
    "cftoken",
    "viewstateid",
];

/// Parameters that name a session where their value is long and made up, and a page elsewhere: `sid=12` is a case.
const PERHAPS_SESSION: [&str; 4] = ["sid", "sess", "session", "s_id"];

/// Shortest value that is made up: sessions are guarded by their length.
const SHORTEST_SESSION: usize = 16;

/// Shortest run of hex digits, with digits and letters mixed, that counts as a made-up name.
const SHORTEST_HEX: usize = 8;

/// What tells pages apart: host, path and sorted query; the fragment only where it is a route.
pub(crate) fn canonical_key(target: &Target) -> String {
    let mut key = format!("{}{}", target.origin(), without_session(&target.path));
    join_query(&mut key, own_parameters(target).map(|(name, value)| format!("{name}={value}")));
    if let Some(route) = route(target) {
        key.push('#');
        key.push_str(route);
    }
    key
}

/// Whether a redirect from one to the other only writes it otherwise: scheme, `www`, case, a last slash, the query.
pub(crate) fn is_same_place(one: &Target, other: &Target) -> bool {
    let written = |target: &Target| {
        let host = target.host.as_str();
        let path = without_session(&target.path).to_lowercase();
        let path = path.trim_end_matches('/').to_owned();
        (host.strip_prefix("www.").unwrap_or(host).to_owned(), path, route(target).map(str::to_lowercase))
    };
    written(one) == written(other)
}

/// The same with everything that looks made up replaced by its class: `/sag/{n}?dato={date}`.
pub(crate) fn template_key(target: &Target) -> String {
    let mut key = target.origin();
    key.push_str(&path_template(&without_session(&target.path)));
    join_query(&mut key, own_parameters(target).map(|(name, value)| format!("{name}={}", class_of(value))));
    if let Some(route) = route(target) {
        let (path, query) = route.split_once('?').unwrap_or((route, ""));
        key.push('#');
        key.push_str(&path_template(path));
        if !query.is_empty() {
            key.push('?');
            key.push_str(&class_of(query));
        }
    }
    key
}

/// The page of a template whatever its query, where it has one: `https://a.test/liste?`.
pub(crate) fn query_key(target: &Target) -> Option<String> {
    own_parameters(target).next()?;
    Some(format!("{}{}?", target.origin(), path_template(&without_session(&target.path))))
}

fn path_template(path: &str) -> String {
    path.split('/').map(class_of).collect::<Vec<_>>().join("/")
}

/// A path without `;jsessionid=..` and ASP.NET's `(S(..))`.
fn without_session(path: &str) -> String {
    let segments = path.split('/').filter(|segment| !is_asp_session(segment));
    segments.map(|segment| segment.split(';').next().unwrap_or_default()).collect::<Vec<_>>().join("/")
}

/// `(S(lit3py55t21z5v55vlm25s55))`; with a form's ticket before it, `(F(..)S(..))`.
fn is_asp_session(segment: &str) -> bool {
    let inside = segment.strip_prefix('(').and_then(|rest| rest.strip_suffix("))"));
    inside.is_some_and(|inside| ["S(", "A(", "F(", "X("].iter().any(|start| inside.starts_with(start)))
}

/// Whether a parameter names a session or a campaign.
fn is_not_of_the_page(name: &str, value: &str) -> bool {
    let is_one_of = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    let is_made_up = value.len() >= SHORTEST_SESSION
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && value.bytes().any(|byte| byte.is_ascii_digit());
    is_one_of(&NOT_OF_THE_PAGE) || (is_made_up && is_one_of(&PERHAPS_SESSION))
}

fn route(target: &Target) -> Option<&str> {
    target.fragment.as_deref().filter(|fragment| fragment.starts_with(['/', '!']))
}

fn own_parameters(target: &Target) -> impl Iterator<Item = (&str, &str)> {
    let query = target.query.as_deref().unwrap_or_default();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(|(name, value)| !is_not_of_the_page(name, value))
}

fn join_query(key: &mut String, pairs: impl Iterator<Item = String>) {
    let mut pairs: Vec<String> = pairs.collect();
    pairs.sort();
    if !pairs.is_empty() {
        key.push('?');
        key.push_str(&pairs.join("&"));
    }
}

/// `{n}`, `{date}`, `{uuid}`, `{hex}`, or the text with its numbers replaced.
fn class_of(text: &str) -> String {
    if is_uuid(text) {
        return "{uuid}".to_owned();
    }
    if is_date(text) {
        return "{date}".to_owned();
    }
    if is_hex(text) {
        return "{hex}".to_owned();
    }
    let mut class = String::new();
    let mut in_number = false;
    let numbered = text.split(['-', '_', '.', ':']).any(|token| !token.is_empty() && is_digits(token));
    for character in text.chars() {
        let is_digit = numbered && character.is_ascii_digit();
        if !is_digit {
            class.push(character);
        } else if !in_number {
            class.push_str("{n}");
        }
        in_number = is_digit;
    }
    class
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `2026-11-22`, `22-11-2026`, `22.11.2026`, `2026-11`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '.']).collect();
    if !parts.iter().all(|part| is_digits(part)) {
        return false;
    }
    matches!(parts.iter().map(|part| part.len()).collect::<Vec<_>>().as_slice(), [4, 2] | [4, 2, 2] | [1 | 2, 1 | 2, 4])
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn is_hex(text: &str) -> bool {
    text.len() >= SHORTEST_HEX
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same_page(one: &str, other: &str) {
        assert_eq!(canonical_key(&Target::parse(one).unwrap()), canonical_key(&Target::parse(other).unwrap()));
    }

    #[track_caller]
    fn template(url: &str, expected: &str) {
        let key = template_key(&Target::parse(url).unwrap());
        assert_eq!(key.strip_prefix("https://a.test"), Some(expected));
    }

    #[test]
    fn order_case_port_and_campaign_make_no_other_page() {
        same_page("https://A.test:443/x?b=2&a=1#top", "https://a.test/x?a=1&b=2");
        same_page("https://a.test/x?utm_source=mail&UTM_medium=x", "https://a.test/x");
        same_page("https://a.test/x;jsessionid=1F?a=1", "https://a.test/x?a=1");
    }

    #[test]
    fn a_session_in_path_or_query_makes_no_other_page() {
        same_page("https://a.test/x;jsessionid=1F/y", "https://a.test/x/y");
        same_page("https://a.test/(S(lit3py55t21z5v55vlm25s55))/x.aspx", "https://a.test/x.aspx");
        same_page("https://a.test/x?PHPSESSID=1&b=2", "https://a.test/x?b=2");
        same_page("https://a.test/x?sid=0a1b2c3d4e5f6a7b8c", "https://a.test/x");
    }

    #[test]
    fn a_short_value_of_such_a_name_is_a_page() {
        let key = |url: &str| canonical_key(&Target::parse(url).unwrap());
        assert_ne!(key("https://a.test/x?sid=12"), key("https://a.test/x?sid=13"));
        assert_ne!(key("https://a.test/(S)/x"), key("https://a.test/x"));
    }

    #[test]
    fn a_page_is_one_whatever_its_query() {
        let key = |url: &str| query_key(&Target::parse(url).unwrap());
        assert_eq!(key("https://a.test/liste/7?a=1"), key("https://a.test/liste/8?b=x&c=y"));
        assert_eq!(key("https://a.test/liste?utm_source=x"), None);
    }

    #[test]
    fn a_redirect_that_writes_an_address_otherwise_is_told_from_one_elsewhere() {
        let is_same =
            |one: &str, other: &str| is_same_place(&Target::parse(one).unwrap(), &Target::parse(other).unwrap());
        assert!(is_same("http://a.test/Sag", "https://www.a.test/sag/?lang=da"));
        assert!(is_same("https://a.test", "https://a.test/?x=1#top"));
        assert!(!is_same("https://a.test/sag", "https://a.test/"));
        assert!(!is_same("https://a.test/sag", "https://b.test/sag"));
        assert!(!is_same("https://a.test/#/sag", "https://a.test/#/login"));
    }

    #[test]
    fn a_route_in_the_fragment_is_another_page() {
        let key = |url: &str| canonical_key(&Target::parse(url).unwrap());
        assert_ne!(key("https://a.test/#/one"), key("https://a.test/#/two"));
        assert_ne!(key("https://a.test/#!one"), key("https://a.test/"));
        assert_ne!(key("https://a.test/x?a=1"), key("https://a.test/x?a=2"));
    }

    #[test]
    fn made_up_names_become_their_class() {
        template("https://a.test/sag/123/bilag", "/sag/{n}/bilag");
        template("https://a.test/kalender?dato=2026-11-22&vis=uge", "/kalender?dato={date}&vis=uge");
        template("https://a.test/22.11.2026", "/{date}");
        template("https://a.test/p/1f0c8b1e-1111-4222-8333-1234567890ab", "/p/{uuid}");
        template("https://a.test/p/9f86d081884c7d65", "/p/{hex}");
        template("https://a.test/2026-uge-12", "/{n}-uge-{n}");
        template("https://a.test/#/sag/7?x=2", "/#/sag/{n}?x=2");
    }

    #[test]
    fn words_stay() {
        template("https://a.test/facade/h1b?page=kontakt", "/facade/h1b?page=kontakt");
        template("https://a.test/", "/");
    }
}
