//! Browsers as they were until 2020: the whole address of a page goes along, as its `Referer`, to everybody whom the page
//! asks for something, unless the page says otherwise.
//!
//! Browsers of today send others the host alone (`strict-origin-when-cross-origin`). The old way is brought back by an
//! answer's `Referrer-Policy: no-referrer-when-downgrade`, given where the site sets none. A policy in the page itself
//! (`<meta name=referrer>`, `referrerpolicy`) goes before it, and is not seen here: what such a page asks for is taken for
//! simulated too.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use http::header::{HeaderMap, HeaderValue, REFERER, REFERRER_POLICY};
use model::Target;

/// What browsers did by themselves.
const POLICY: HeaderValue = HeaderValue::from_static("no-referrer-when-downgrade");
/// Addresses remembered; a day's session has some thousands. More, and their origin tells.
const MOST_PAGES: usize = 50_000;
/// Origins remembered. More than a day's session meets.
const MOST_ORIGINS: usize = 5_000;

/// Gives the policy, and tells what comes of it.
#[derive(Default)]
pub(crate) struct LegacyReferer {
    seen: Mutex<Seen>,
}

/// Whether the policy was given, by address and by origin.
#[derive(Default)]
struct Seen {
    /// By a digest of the address under a key of this process: addresses hold numbers.
    pages: BTreeMap<u64, bool>,
    /// Whether any answer of an origin set a policy of its own.
    origins: BTreeMap<String, Origin>,
    key: RandomState,
}

#[derive(Clone, Copy, Default)]
struct Origin {
    gave: bool,
    set: bool,
}

impl LegacyReferer {
    /// Gives the policy to the answer of `head` from `target`, if it sets none. A redirect gets none: there, it would
    /// go before the policy of the page that asked.
    pub(crate) fn give(&self, target: &Target, status: u16, head: &mut HeaderMap) {
        if !(200..300).contains(&status) && status < 400 {
            return;
        }
        let sets = head.contains_key(REFERRER_POLICY);
        if !sets {
            head.insert(REFERRER_POLICY, POLICY);
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let page = seen.key.hash_one(target.to_string());
        if seen.pages.len() < MOST_PAGES || seen.pages.contains_key(&page) {
            seen.pages.insert(page, !sets);
        }
        let name = target.origin();
        if seen.origins.len() < MOST_ORIGINS || seen.origins.contains_key(&name) {
            let origin = seen.origins.entry(name).or_default();
            origin.gave |= !sets;
            origin.set |= sets;
        }
    }

    /// Whether the `Referer` of a request to `target` says more than it would have without us. Of an address that was
    /// never asked for, as scripts make them up, the other answers of its origin tell.
    pub(crate) fn is_behind(&self, target: &Target, head: &HeaderMap) -> bool {
        let Some(referer) = head.get(REFERER).and_then(|value| value.to_str().ok()) else { return false };
        let Ok(page) = Target::parse(referer.trim()) else { return false };
        let says_more = page.path != "/" || page.query.is_some();
        if !says_more || page.origin() == target.origin() {
            return false;
        }
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let of_origin = || seen.origins.get(&page.origin()).is_some_and(|origin| origin.gave && !origin.set);
        seen.pages.get(&seen.key.hash_one(page.to_string())).copied().unwrap_or_else(of_origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://a.test/side?cpr=1";

    fn target(url: &str) -> Target {
        Target::parse(url).unwrap()
    }

    fn given(legacy: &LegacyReferer, url: &str, status: u16, own: Option<&'static str>) -> Option<String> {
        let mut head = HeaderMap::new();
        if let Some(own) = own {
            head.insert(REFERRER_POLICY, HeaderValue::from_static(own));
        }
        legacy.give(&target(url), status, &mut head);
        head.get(REFERRER_POLICY).map(|value| value.to_str().unwrap().to_owned())
    }

    fn is_behind(legacy: &LegacyReferer, referer: &'static str, url: &str) -> bool {
        let mut head = HeaderMap::new();
        head.insert(REFERER, HeaderValue::from_static(referer));
        legacy.is_behind(&target(url), &head)
    }

    #[test]
    fn a_page_without_a_policy_gets_the_old_one() {
        let legacy = LegacyReferer::default();
        assert_eq!(given(&legacy, PAGE, 200, None).as_deref(), Some("no-referrer-when-downgrade"));
        assert!(is_behind(&legacy, PAGE, "https://b.test/x"));
        // To the page's own origin browsers send all of it today as well, and to others the host alone.
        assert!(!is_behind(&legacy, PAGE, "https://a.test/x"));
        assert!(!is_behind(&legacy, "https://a.test/", "https://b.test/x"));
    }

    #[test]
    fn a_page_with_a_policy_keeps_it_and_is_itself_to_blame() {
        let legacy = LegacyReferer::default();
        assert_eq!(given(&legacy, PAGE, 200, Some("unsafe-url")).as_deref(), Some("unsafe-url"));
        given(&legacy, "https://a.test/other", 200, None);
        assert!(!is_behind(&legacy, PAGE, "https://b.test/x"));
        assert!(is_behind(&legacy, "https://a.test/other", "https://b.test/x"));
    }

    #[test]
    fn an_address_that_a_script_made_up_is_told_by_its_origin() {
        let legacy = LegacyReferer::default();
        assert!(!is_behind(&legacy, PAGE, "https://b.test/x"));
        given(&legacy, "https://a.test/app", 200, None);
        assert!(is_behind(&legacy, PAGE, "https://b.test/x"));
        given(&legacy, "https://a.test/strict", 200, Some("no-referrer"));
        assert!(!is_behind(&legacy, PAGE, "https://b.test/x"));
    }

    #[test]
    fn a_redirect_and_a_change_of_protocol_are_left_alone() {
        let legacy = LegacyReferer::default();
        for status in [101, 301, 302, 307] {
            assert_eq!(given(&legacy, PAGE, status, None), None, "{status}");
        }
        assert!(given(&legacy, PAGE, 404, None).is_some());
    }
}
