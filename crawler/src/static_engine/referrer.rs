//! What a browser of today says of the page that it comes from (Referrer Policy, W3C).

use model::{Scheme, Target};

/// Longest address that is told whole; of a longer one the origin is (Chromium's bound).
const LONGEST: usize = 4_096;

/// How much of a page's address is told to whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Policy {
    NoReferrer,
    NoReferrerWhenDowngrade,
    Origin,
    OriginWhenCrossOrigin,
    SameOrigin,
    StrictOrigin,
    #[default]
    StrictOriginWhenCrossOrigin,
    UnsafeUrl,
}

impl Policy {
    /// The last word of a header that is known; older words stand before newer ones.
    pub(super) fn of_header(value: &str) -> Option<Self> {
        value.split(',').filter_map(Self::of_word).next_back()
    }

    /// One word, as an attribute or `<meta name=referrer>` has it; that one knows older words besides (HTML standard).
    pub(super) fn of_word(word: &str) -> Option<Self> {
        Some(match word.trim().to_ascii_lowercase().as_str() {
            "no-referrer" | "never" => Self::NoReferrer,
            "no-referrer-when-downgrade" => Self::NoReferrerWhenDowngrade,
            "origin" => Self::Origin,
            "origin-when-cross-origin" | "origin-when-crossorigin" => Self::OriginWhenCrossOrigin,
            "same-origin" => Self::SameOrigin,
            "strict-origin" => Self::StrictOrigin,
            "strict-origin-when-cross-origin" | "default" => Self::StrictOriginWhenCrossOrigin,
            "unsafe-url" | "always" => Self::UnsafeUrl,
            _ => return None,
        })
    }

    /// The `Referer` of a request from the page at `from` to `to`.
    pub(super) fn referer(self, from: &Target, to: &Target) -> Option<String> {
        let is_same = from.origin() == to.origin();
        let is_downgrade = from.scheme == Scheme::Https && to.scheme != Scheme::Https && !to.host.is_loopback();
        let origin = || Some(format!("{}/", from.origin()));
        let whole = || {
            let page = Target { fragment: None, userinfo: None, ..from.clone() }.to_string();
            if page.len() > LONGEST { origin() } else { Some(page) }
        };
        match self {
            Self::NoReferrerWhenDowngrade | Self::StrictOrigin | Self::StrictOriginWhenCrossOrigin if is_downgrade => {
                None
            }
            Self::OriginWhenCrossOrigin | Self::SameOrigin | Self::StrictOriginWhenCrossOrigin if is_same => whole(),
            Self::NoReferrerWhenDowngrade | Self::UnsafeUrl => whole(),
            Self::Origin | Self::OriginWhenCrossOrigin | Self::StrictOrigin | Self::StrictOriginWhenCrossOrigin => {
                origin()
            }
            Self::NoReferrer | Self::SameOrigin => None,
        }
    }
}

/// Whether two addresses are of one site, for cookies and Fetch Metadata.
pub(super) fn is_same_site(one: &Target, other: &Target) -> bool {
    one.scheme == other.scheme && one.host.site() == other.host.site()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Target {
        Target::parse(url).unwrap()
    }

    #[track_caller]
    fn case(policy: Policy, to: &str, expected: Option<&str>) {
        let page = target("https://a.test/sag?cpr=0101901234#top");
        assert_eq!(policy.referer(&page, &target(to)).as_deref(), expected, "{policy:?} {to}");
    }

    #[test]
    fn each_policy_tells_what_it_says() {
        let (own, other, clear) = ("https://a.test/x", "https://b.test/x", "http://a.test/x");
        let (whole, origin) = (Some("https://a.test/sag?cpr=0101901234"), Some("https://a.test/"));
        for (policy, to_own, to_other, to_clear) in [
            (Policy::NoReferrer, None, None, None),
            (Policy::NoReferrerWhenDowngrade, whole, whole, None),
            (Policy::Origin, origin, origin, origin),
            (Policy::OriginWhenCrossOrigin, whole, origin, origin),
            (Policy::SameOrigin, whole, None, None),
            (Policy::StrictOrigin, origin, origin, None),
            (Policy::StrictOriginWhenCrossOrigin, whole, origin, None),
            (Policy::UnsafeUrl, whole, whole, whole),
        ] {
            case(policy, own, to_own);
            case(policy, other, to_other);
            case(policy, clear, to_clear);
        }
    }

    #[test]
    fn the_last_word_known_holds() {
        assert_eq!(Policy::of_header("no-referrer, unsafe-url, nyt"), Some(Policy::UnsafeUrl));
        assert_eq!(Policy::of_header("nyt"), None);
        assert_eq!(Policy::of_word(" ORIGIN "), Some(Policy::Origin));
    }

    #[test]
    fn a_very_long_address_is_not_told_whole() {
        let page = target(&format!("https://a.test/{}", "x".repeat(LONGEST)));
        assert_eq!(Policy::UnsafeUrl.referer(&page, &page).as_deref(), Some("https://a.test/"));
    }
}
