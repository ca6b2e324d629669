//! Which hosts a rule is for: one, or a domain and what lies below it.

use std::fmt;
use std::str::FromStr;

use model::Host;

/// A host, `.example.dk` (the domain and everything below it) or `*.example.dk` (everything below it).
///
/// ```
/// let pattern: proxy::HostPattern = ".skat.test".parse().unwrap();
/// assert!(pattern.fits(&model::Host::parse("www.skat.test").unwrap()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern(Reach);

/// What was given is no pattern of hosts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no host; write www.example.dk, .example.dk (the domain and all below it) or *.example.dk (all below it)"
)]
pub struct HostPatternError(pub String);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reach {
    Exactly(Host),
    Domain(Host),
    Below(Host),
}

impl HostPattern {
    /// Whether the rule is for `host`.
    pub fn fits(&self, host: &Host) -> bool {
        match &self.0 {
            Reach::Exactly(own) => host == own,
            Reach::Domain(domain) => host.is_within(domain),
            Reach::Below(domain) => host != domain && host.is_within(domain),
        }
    }

    /// The one of `rules` that is for `host`: one that names it goes before one that names a domain, then the first.
    pub(crate) fn choose<'a, T>(rules: &'a [T], of: impl Fn(&T) -> &Self, host: &Host) -> Option<&'a T> {
        let exact = rules.iter().find(|rule| matches!(&of(rule).0, Reach::Exactly(own) if own == host));
        exact.or_else(|| rules.iter().find(|rule| of(rule).fits(host)))
    }
}

impl FromStr for HostPattern {
    type Err = HostPatternError;

    fn from_str(text: &str) -> Result<Self, HostPatternError> {
        // A bare `*` is refused: whoever means all hosts does not want this tool.
        let host = |name: &str| {
            let is_name = !name.contains(['*', '=', ',']) && !name.starts_with('.');
            Host::parse(name).filter(|_| is_name).ok_or_else(|| HostPatternError(text.to_owned()))
        };
        // A domain with nothing but a number or an address has nothing below it.
        let domain = |name: &str| {
            host(name).and_then(|host| match host.ip() {
                Some(_) => Err(HostPatternError(text.to_owned())),
                None => Ok(host),
            })
        };
        if let Some(name) = text.strip_prefix("*.") {
            return domain(name).map(|host| Self(Reach::Below(host)));
        }
        match text.strip_prefix('.') {
            Some(name) => domain(name).map(|host| Self(Reach::Domain(host))),
            None => host(text).map(|host| Self(Reach::Exactly(host))),
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reach::Exactly(host) => write!(f, "{host}"),
            Reach::Domain(host) => write!(f, ".{host}"),
            Reach::Below(host) => write!(f, "*.{host}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(pattern: &str, fits: &[&str], others: &[&str]) {
        let parsed: HostPattern = pattern.parse().unwrap();
        let tried = |host: &&str| parsed.fits(&Host::parse(host).unwrap());
        assert!(fits.iter().all(tried) && !others.iter().any(tried), "{pattern}");
        assert_eq!(parsed.to_string().parse::<HostPattern>().as_ref(), Ok(&parsed));
    }

    #[test]
    fn a_pattern_is_a_host_or_a_domain() {
        case("WWW.a.test", &["www.a.test"], &["a.test", "x.www.a.test"]);
        case(".a.test", &["a.test", "www.a.test", "x.y.a.test"], &["ba.test", "a.test.b"]);
        case("*.a.test", &["www.a.test", "x.y.a.test"], &["a.test", "ba.test"]);
        case("127.0.0.1", &["127.0.0.1"], &["127.0.0.2"]);
        case("[::1]", &["::1"], &["::2"]);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", "*", ".", "*.", "a.*.test", "https://a.test", "a.test:443", "a.test=x", "..a", ".127.0.0.1"] {
            assert_eq!(text.parse::<HostPattern>(), Err(HostPatternError(text.to_owned())));
        }
    }

    #[test]
    fn a_host_by_name_goes_first() {
        let rules: Vec<HostPattern> = ["*.a.test", ".a.test", "b.a.test"].map(|text| text.parse().unwrap()).into();
        let chosen = |host: &str| {
            let host = Host::parse(host).unwrap();
            HostPattern::choose(&rules, |rule| rule, &host).map(ToString::to_string)
        };
        assert_eq!(chosen("b.a.test").as_deref(), Some("b.a.test"));
        assert_eq!(chosen("c.a.test").as_deref(), Some("*.a.test"));
        assert_eq!((chosen("a.test").as_deref(), chosen("x.test")), (Some(".a.test"), None));
    }
}
