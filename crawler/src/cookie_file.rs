//! Cookies of a session that a person exported from their browser: as `DevTools` and extensions write them (JSON), or as
//! `cookies.txt` (Netscape). Their values are secrets: nothing here prints one.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::cookies;
use crate::plan::Scope;
use model::Host;

/// Most cookies of one file; browsers keep some 3,000 in all.
const MAX_COOKIES: usize = 5_000;

/// What `cookies.txt` puts before a cookie that scripts do not see.
const HTTP_ONLY: &str = "#HttpOnly_";

/// Cookies of a session that is handed over.
#[derive(Clone, Default)]
pub struct SessionCookies(Vec<Cookie>);

#[derive(Clone)]
struct Cookie {
    /// Without the dot.
    domain: String,
    /// As the browser tells one of its own.
    told: Value,
}

/// Why a text is no file of cookies.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieFileError {
    /// It is of neither format.
    #[error("it is neither a JSON array of cookies nor a cookies.txt")]
    Neither,
    /// It begins like JSON and is none, from some line on.
    #[error("it is no JSON from line {0} on")]
    Json(usize),
    /// An entry of the array, from 1, lacks what a cookie has.
    #[error("cookie {0} has no {1}")]
    Entry(usize, &'static str),
    /// A line, from 1, has not the seven columns of `cookies.txt`.
    #[error("line {0} has not the seven columns of a cookies.txt")]
    Line(usize),
    /// There are more than a browser has.
    #[error("it holds more than {MAX_COOKIES} cookies")]
    TooMany,
}

impl SessionCookies {
    /// Reads an exported file.
    ///
    /// ```
    /// let file = r#"[{"name": "s", "value": "1", "domain": ".a.test", "path": "/"}]"#;
    /// assert_eq!(crawler::SessionCookies::parse(file).unwrap().len(), 1);
    /// ```
    pub fn parse(text: &str) -> Result<Self, CookieFileError> {
        let text = text.trim_start_matches('\u{feff}');
        let cookies = match text.trim_start().chars().next() {
            Some('[' | '{') => from_json(text)?,
            Some(_) => from_lines(text)?,
            None => return Err(CookieFileError::Neither),
        };
        if cookies.len() > MAX_COOKIES { Err(CookieFileError::TooMany) } else { Ok(Self(cookies)) }
    }

    /// Those that a browser told.
    pub(crate) fn told(cookies: &[Value]) -> Self {
        let cookie = |told: &Value| {
            let domain = told.get("domain")?.as_str()?.trim_start_matches('.').to_ascii_lowercase();
            Some(Cookie { domain, told: told.clone() })
        };
        Self(cookies.iter().filter_map(cookie).take(MAX_COOKIES).collect())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many of them are sent to hosts that `scope` covers. The others are nobody's business and stay in the file.
    pub fn count_of(&self, scope: &Scope) -> usize {
        self.0.iter().filter(|cookie| cookie.is_of(scope)).count()
    }

    /// Those of `scope`, as a browser takes them.
    pub(crate) fn of(&self, scope: &Scope) -> Vec<Value> {
        self.0.iter().filter(|cookie| cookie.is_of(scope)).map(|cookie| cookies::as_set(&cookie.told)).collect()
    }
}

impl fmt::Debug for SessionCookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cookies", self.0.len())
    }
}

impl Cookie {
    fn is_of(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Hosts(hosts) => hosts.iter().any(|host| {
                let host = host.as_str();
                host.strip_suffix(&self.domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }),
            Scope::Site(site) => Host::parse(&self.domain).is_some_and(|host| host.is_of(site)),
        }
    }
}

fn from_json(text: &str) -> Result<Vec<Cookie>, CookieFileError> {
    let read: Value = serde_json::from_str(text).map_err(|error| CookieFileError::Json(error.line()))?;
    // Some tools put the array into an object, beside what else they keep.
    let entries = read.get("cookies").unwrap_or(&read).as_array().ok_or(CookieFileError::Neither)?;
    if entries.len() > MAX_COOKIES {
        return Err(CookieFileError::TooMany);
    }
    entries.iter().zip(1..).map(|(entry, number)| entry_cookie(entry, number)).collect()
}

fn entry_cookie(entry: &Value, number: usize) -> Result<Cookie, CookieFileError> {
    let text = |name: &'static str| entry.get(name).and_then(Value::as_str);
    let needed = |name: &'static str| text(name).ok_or(CookieFileError::Entry(number, name));
    let is = |name: &str| entry.get(name).and_then(Value::as_bool);
    let domain = needed("domain")?;
    // What has no dot and does not say otherwise is of one host.
    let is_of_host = is("hostOnly").unwrap_or(!domain.starts_with('.'));
    let is_secure = is("secure").unwrap_or(false);
    let expires = ["expires", "expirationDate"].iter().find_map(|name| entry.get(*name)?.as_f64());
    let same_site = match text("sameSite").unwrap_or_default().to_ascii_lowercase().as_str() {
        "strict" => Some("Strict"),
        "lax" => Some("Lax"),
        // Browsers refuse it without.
        "none" | "no_restriction" if is_secure => Some("None"),
        _ => None,
    };
    Ok(cookie(&Parts {
        name: needed("name")?,
        value: needed("value")?,
        domain,
        is_of_host,
        path: text("path").unwrap_or("/"),
        is_secure,
        is_http_only: is("httpOnly").unwrap_or(false),
        expires: expires.unwrap_or(-1.0),
        same_site,
    }))
}

fn from_lines(text: &str) -> Result<Vec<Cookie>, CookieFileError> {
    let mut cookies = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let is_http_only = line.starts_with(HTTP_ONLY);
        let line = line.strip_prefix(HTTP_ONLY).unwrap_or(line).trim_end_matches('\r');
        if line.trim().is_empty() || (line.starts_with('#') && !is_http_only) {
            continue;
        }
        let columns: Vec<&str> = line.split('\t').collect();
        let [domain, below, path, secure, expires, name, value @ ..] = columns.as_slice() else {
            // A first line without a tab is of some other file.
            let is_other = cookies.is_empty() && !line.contains('\t');
            return Err(if is_other { CookieFileError::Neither } else { CookieFileError::Line(number) });
        };
        let (Ok(expires), [] | [_]) = (expires.parse::<f64>(), value) else {
            return Err(CookieFileError::Line(number));
        };
        cookies.push(cookie(&Parts {
            name,
            value: value.first().copied().unwrap_or_default(),
            domain,
            is_of_host: !below.eq_ignore_ascii_case("true"),
            path,
            is_secure: secure.eq_ignore_ascii_case("true"),
            is_http_only,
            expires,
            same_site: None,
        }));
        if cookies.len() > MAX_COOKIES {
            return Err(CookieFileError::TooMany);
        }
    }
    if cookies.is_empty() { Err(CookieFileError::Neither) } else { Ok(cookies) }
}

/// What both formats tell.
struct Parts<'t> {
    name: &'t str,
    value: &'t str,
    domain: &'t str,
    is_of_host: bool,
    path: &'t str,
    is_secure: bool,
    is_http_only: bool,
    expires: f64,
    same_site: Option<&'static str>,
}

fn cookie(parts: &Parts<'_>) -> Cookie {
    let domain = parts.domain.trim_start_matches('.').to_ascii_lowercase();
    let shown = if parts.is_of_host { domain.clone() } else { format!(".{domain}") };
    let path = if parts.path.starts_with('/') { parts.path } else { "/" };
    let mut told = Map::new();
    for (name, text) in [("name", parts.name), ("value", parts.value), ("domain", &shown), ("path", path)] {
        told.insert(name.to_owned(), text.into());
    }
    told.insert("secure".to_owned(), parts.is_secure.into());
    told.insert("httpOnly".to_owned(), parts.is_http_only.into());
    told.insert("expires".to_owned(), json!(parts.expires));
    if let Some(same_site) = parts.same_site {
        told.insert("sameSite".to_owned(), same_site.into());
    }
    Cookie { domain, told: Value::Object(told) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(names: &[&str]) -> Scope {
        Scope::Hosts(names.iter().filter_map(|name| Host::parse(name)).collect())
    }

    #[test]
    fn both_formats_tell_the_same() {
        let lines = "# Netscape HTTP Cookie File\r\n\n.a.test\tTRUE\t/x\tTRUE\t1900000000\ts\tv=1\r\n\
                     #HttpOnly_www.a.test\tFALSE\t/\tFALSE\t0\tid\t\n";
        let json = r#"[{"name": "s", "value": "v=1", "domain": ".a.test", "path": "/x", "secure": true,
                "expirationDate": 1900000000, "sameSite": "unspecified", "storeId": "0"},
            {"name": "id", "value": "", "domain": "www.a.test", "hostOnly": true, "path": "/", "httpOnly": true}]"#;
        let scope = hosts(&["www.a.test"]);
        let of = |text: &str| SessionCookies::parse(text).unwrap().of(&scope);
        assert_eq!(of(lines), of(json));
        let [first, second] = &of(lines)[..] else { panic!("two cookies") };
        assert_eq!((&first["domain"], &first["url"]), (&json!(".a.test"), &json!("https://a.test/x")));
        assert_eq!(first["expires"], json!(1.9e9));
        assert_eq!((second.get("domain"), second.get("expires")), (None, None));
        assert_eq!((&second["url"], &second["httpOnly"]), (&json!("http://www.a.test/"), &json!(true)));
    }

    #[test]
    fn the_state_of_other_tools_is_read_as_well() {
        let text = r#"{"cookies": [{"name": "s", "value": "1", "domain": "a.test", "path": "/", "expires": -1,
            "sameSite": "None", "secure": false}], "origins": []}"#;
        let set = SessionCookies::parse(text).unwrap().of(&hosts(&["a.test"]));
        assert_eq!((set.len(), set[0].get("sameSite")), (1, None));
    }

    #[test]
    fn only_what_the_scope_is_sent_is_taken() {
        let text = "a.test\tTRUE\t/\tFALSE\t0\ts\t1\nwww.a.test\tFALSE\t/\tFALSE\t0\ts\t1\n\
                    ta.test\tTRUE\t/\tFALSE\t0\ts\t1\nother.test\tTRUE\t/\tFALSE\t0\ts\t1\n";
        let cookies = SessionCookies::parse(text).unwrap();
        let count = |scope: &Scope| cookies.count_of(scope);
        assert_eq!([count(&hosts(&["a.test"])), count(&hosts(&["www.a.test"])), count(&hosts(&["b.test"]))], [1, 2, 0]);
        assert_eq!(count(&Scope::Site(Host::parse("www.a.test").unwrap().site())), 2);
    }

    #[test]
    fn what_is_no_file_of_cookies_is_told_without_its_values() {
        #[track_caller]
        fn case(text: &str, expected: CookieFileError) {
            assert_eq!(SessionCookies::parse(text).map(|cookies| cookies.len()), Err(expected));
        }
        case("", CookieFileError::Neither);
        case("hemmelig", CookieFileError::Neither);
        case("{\"a\": 1}", CookieFileError::Neither);
        case("# only a comment\n", CookieFileError::Neither);
        case("[\n{\"name\": hemmelig}]", CookieFileError::Json(2));
        case("[{\"name\": \"s\", \"domain\": \"a.test\"}]", CookieFileError::Entry(1, "value"));
        case("a.test\tTRUE\t/\tFALSE\t0\ts\t1\na.test\tTRUE\n", CookieFileError::Line(2));
        case("a.test\tTRUE\t/\tFALSE\tsoon\ts\t1\n", CookieFileError::Line(1));
    }

    #[test]
    fn values_are_never_shown() {
        let cookies = SessionCookies::parse("a.test\tTRUE\t/\tFALSE\t0\ts\themmelig\n").unwrap();
        assert_eq!(format!("{cookies:?}"), "1 cookies");
    }
}
