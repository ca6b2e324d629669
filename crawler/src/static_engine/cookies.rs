//! Cookies as a browser keeps them for one session (RFC 6265bis): host, path, `Secure`, `SameSite`, and their end.

use jiff::Timestamp;
use model::{Host, Scheme, Target};

/// Most cookies kept; browsers keep some 180 of a site.
const MAX_COOKIES: usize = 1_000;

/// Longest name and value together that browsers take (RFC 6265bis §5.6).
const MAX_BYTES: usize = 4_096;

/// What cookies are sent along with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Errand {
    /// Whether it comes from the same site, or from nowhere.
    pub(super) is_same_site: bool,
    /// Whether it leads the tab to another page, and changes nothing.
    pub(super) is_safe_navigation: bool,
}

/// The cookies of one crawl.
#[derive(Debug, Default)]
pub(super) struct Jar {
    cookies: Vec<Cookie>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    host: Host,
    /// Whether hosts below get it, too.
    is_wide: bool,
    path: String,
    is_secure: bool,
    crossing: Crossing,
}

/// Whether a cookie goes along from other sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Crossing {
    Always,
    /// With links that are followed: what browsers take when nothing is said.
    Links,
    Never,
}

impl Jar {
    /// Keeps what `target` wants to be kept.
    pub(super) fn take(&mut self, target: &Target, written: &str, now: Timestamp) {
        let Some((cookie, is_over)) = Cookie::parse(target, written, now) else { return };
        let is_same =
            |known: &Cookie| (&known.name, &known.host, &known.path) == (&cookie.name, &cookie.host, &cookie.path);
        let place = self.cookies.iter().position(is_same);
        match (place, is_over) {
            (Some(place), true) => drop(self.cookies.remove(place)),
            (Some(place), false) => {
                if let Some(known) = self.cookies.get_mut(place) {
                    *known = cookie;
                }
            }
            (None, false) if self.cookies.len() < MAX_COOKIES => self.cookies.push(cookie),
            (None, true | false) => {}
        }
    }

    /// The `Cookie` line of a request to `target`; `None` when there is none to send.
    pub(super) fn line(&self, target: &Target, errand: Errand) -> Option<String> {
        let mut sent: Vec<&Cookie> = self.cookies.iter().filter(|cookie| cookie.goes_to(target, errand)).collect();
        // Longer paths first (RFC 6265 §5.4); the sort keeps the order of age.
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = sent.iter().map(|cookie| cookie.pair()).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Cookie {
    /// A `Set-Cookie` line, and whether it ends the cookie; `None` for one that browsers refuse.
    fn parse(target: &Target, written: &str, now: Timestamp) -> Option<(Self, bool)> {
        let mut parts = written.split(';');
        let pair = parts.next()?;
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        if (name.is_empty() && value.is_empty()) || name.len().saturating_add(value.len()) > MAX_BYTES {
            return None;
        }
        let folder =
            target.path.rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder });
        let mut cookie = Self {
            name,
            value,
            host: target.host.clone(),
            is_wide: false,
            path: folder.to_owned(),
            is_secure: false,
            crossing: Crossing::Links,
        };
        let (mut by_age, mut by_date) = (None, None);
        for attribute in parts {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "domain" if !value.is_empty() => {
                    let domain = Host::parse(value.trim_start_matches('.'))?;
                    let is_own = domain == target.host || (target.host.is_within(&domain) && domain.ip().is_none());
                    // A public suffix is no site of its own, so that its hosts are not of one.
                    if !is_own || domain.site() != target.host.site() {
                        return None;
                    }
                    (cookie.host, cookie.is_wide) = (domain, true);
                }
                "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
                "secure" => cookie.is_secure = true,
                "samesite" => {
                    cookie.crossing = match value.to_ascii_lowercase().as_str() {
                        "none" => Crossing::Always,
                        "strict" => Crossing::Never,
                        _ => Crossing::Links,
                    };
                }
                "max-age" => by_age = value.parse::<i64>().ok().map(|seconds| seconds <= 0).or(by_age),
                "expires" => by_date = ended(value, now).or(by_date),
                _ => {}
            }
        }
        let is_clear = target.scheme == Scheme::Http && !target.host.is_loopback();
        let is_refused = (cookie.is_secure && is_clear) || (cookie.crossing == Crossing::Always && !cookie.is_secure);
        (!is_refused).then(|| (cookie, by_age.or(by_date).unwrap_or(false)))
    }

    fn goes_to(&self, target: &Target, errand: Errand) -> bool {
        let is_host = self.host == target.host || (self.is_wide && target.host.is_within(&self.host));
        let is_path = target
            .path
            .strip_prefix(&self.path)
            .is_some_and(|rest| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/'));
        let is_safe = !self.is_secure || target.scheme == Scheme::Https || target.host.is_loopback();
        let crosses = errand.is_same_site
            || match self.crossing {
                Crossing::Always => true,
                Crossing::Links => errand.is_safe_navigation,
                Crossing::Never => false,
            };
        is_host && is_path && is_safe && crosses
    }

    fn pair(&self) -> String {
        if self.name.is_empty() { self.value.clone() } else { format!("{}={}", self.name, self.value) }
    }
}

/// Whether the day of an `Expires` is over. Servers write it with blanks or dashes.
fn ended(date: &str, now: Timestamp) -> Option<bool> {
    let written = date.split_once(',').map_or(date, |(_, rest)| rest).trim().replace('-', " ");
    let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(&written).ok()?;
    Some(parsed <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Errand = Errand { is_same_site: true, is_safe_navigation: false };
    const IMAGE: Errand = Errand { is_same_site: false, is_safe_navigation: false };
    const LINK: Errand = Errand { is_same_site: false, is_safe_navigation: true };

    fn target(url: &str) -> Target {
        Target::parse(url).unwrap()
    }

    fn jar(written: &[&str]) -> Jar {
        let mut jar = Jar::default();
        for line in written {
            jar.take(&target("https://www.a.test/sag/1"), line, "2026-11-22T04:00:00Z".parse().unwrap());
        }
        jar
    }

    #[track_caller]
    fn case(written: &[&str], url: &str, errand: Errand, expected: Option<&str>) {
        assert_eq!(jar(written).line(&target(url), errand).as_deref(), expected, "{written:?} {url}");
    }

    #[test]
    fn a_cookie_goes_where_it_belongs() {
        case(&["a=1"], "https://www.a.test/sag/2", HERE, Some("a=1"));
        case(&["a=1"], "https://www.a.test/sager", HERE, None);
        case(&["a=1; Path=/"], "https://www.a.test/x", HERE, Some("a=1"));
        case(&["a=1; Path=/"], "https://a.test/", HERE, None);
        case(&["a=1; Path=/; Domain=.a.test"], "https://login.a.test/", HERE, Some("a=1"));
        case(&["a=1; Path=/; Secure"], "http://www.a.test/", HERE, None);
        case(&["a=1; Path=/", "b=2"], "https://www.a.test/sag/2", HERE, Some("b=2; a=1"));
    }

    #[test]
    fn other_sites_get_what_they_may() {
        let whole = &["lax=1; Path=/", "strict=1; Path=/; SameSite=Strict", "none=1; Path=/; SameSite=None; Secure"];
        case(whole, "https://www.a.test/", IMAGE, Some("none=1"));
        case(whole, "https://www.a.test/", LINK, Some("lax=1; none=1"));
    }

    #[test]
    fn what_browsers_refuse_is_not_kept() {
        for written in ["a=1; Domain=b.test", "a=1; Domain=test", "", "=", "a=1; SameSite=None"] {
            case(&[written], "https://www.a.test/sag/2", HERE, None);
        }
        case(&[&format!("a={}", "x".repeat(MAX_BYTES))], "https://www.a.test/sag/2", HERE, None);
    }

    #[test]
    fn a_cookie_ends_when_the_site_says_so() {
        for end in ["Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Expires=Thu, 01-Jan-1970 00:00:00 GMT"] {
            case(&["a=1", &format!("a=; {end}")], "https://www.a.test/sag/2", HERE, None);
        }
        case(
            &["a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
            "https://www.a.test/sag/2",
            HERE,
            Some("a=1"),
        );
    }
}
