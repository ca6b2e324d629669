//! `referrer-policy-exposes-url`: the page's address holds a number, and its policy hands the whole address to every site
//! that the page leads to or fetches from.
//!
//! In effect is an element's own policy; else the last `<meta name=referrer>`; else the header's last known word; else the
//! browser's default of today, which gives other sites no more than the host (Referrer Policy §3, §8).

use model::Evidence;

use super::{Exposed, NumberedPage};

/// Policies that give the whole address to other sites.
const EXPOSING: [&str; 3] = ["unsafe-url", "no-referrer-when-downgrade", "always"];

/// The others that browsers know, with the older words of `<meta>` (HTML, "Standard metadata names").
const KEEPING: [&str; 9] = [
    "no-referrer",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "never",
    "default",
    "origin-when-crossorigin",
];

pub(crate) fn judge(page: &NumberedPage<'_>) -> Vec<Exposed> {
    let hits: Vec<_> = page.in_address.iter().filter(|hit| hit.evidence < Evidence::E4).cloned().collect();
    if hits.is_empty() {
        return Vec::new();
    }
    let header = page.document.map_or("", |document| document.referrer_policy.as_str());
    // A word that no browser knows leaves the policy as it was.
    let meta = page.facts.meta_referrer.as_deref().and_then(exposes);
    let by_header = header.split(',').rev().find_map(exposes).unwrap_or(false);
    let of_element = || {
        let mut attributes = page.facts.referrer_attributes.iter();
        attributes.any(|asked| exposes(&asked.policy) == Some(true) && (page.is_elsewhere)(&asked.url))
    };
    let parameter = match meta {
        Some(true) => "meta referrer",
        None if by_header => "referrer-policy",
        Some(false) | None if of_element() => "referrerpolicy",
        Some(false) | None => return Vec::new(),
    };
    vec![Exposed { parameter: parameter.to_owned(), to: None, hits }]
}

/// Whether the policy gives the whole address to other sites; `None` when browsers do not know it, or it says nothing.
fn exposes(policy: &str) -> Option<bool> {
    let policy = policy.trim().to_ascii_lowercase();
    if EXPOSING.contains(&policy.as_str()) {
        return Some(true);
    }
    KEEPING.contains(&policy.as_str()).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_browsers_do_not_know_says_nothing() {
        assert_eq!(exposes(" Unsafe-URL "), Some(true));
        assert_eq!(exposes("no-referrer-when-downgrade"), Some(true));
        assert_eq!(exposes("same-origin"), Some(false));
        assert_eq!((exposes("none"), exposes("")), (None, None));
    }
}
