//! Cookies on their way from one context to another: what the browser tells of one, as it wants to be told.

use serde_json::{Map, Value, json};

/// What holds for a cookie beside its name, value and place.
const KEPT: [&str; 9] =
    ["name", "value", "path", "secure", "httpOnly", "sameSite", "priority", "sourcePort", "partitionKey"];

/// A cookie of `Storage.getCookies` for `Storage.setCookies`.
pub(crate) fn as_set(cookie: &Value) -> Value {
    let mut set = Map::new();
    let told = |name: &str| cookie.get(name).filter(|value| !value.is_null()).cloned();
    set.extend(KEPT.into_iter().filter_map(|name| Some((name.to_owned(), told(name)?))));
    let text = |name: &str| cookie.get(name).and_then(Value::as_str).unwrap_or_default();
    let (domain, path) = (text("domain"), text("path"));
    let is_secure = text("sourceScheme") == "Secure" || cookie.get("secure").and_then(Value::as_bool).unwrap_or(false);
    let scheme = if is_secure { "https" } else { "http" };
    set.insert("url".to_owned(), format!("{scheme}://{}{path}", domain.trim_start_matches('.')).into());
    set.insert("sourceScheme".to_owned(), json!(if is_secure { "Secure" } else { "NonSecure" }));
    // A domain by itself is for the hosts below it as well; one host's cookie is told by its address alone.
    if domain.starts_with('.') {
        set.insert("domain".to_owned(), domain.into());
    }
    // One that ends with the browser has -1.
    if let Some(expires) = cookie.get("expires").and_then(Value::as_f64).filter(|expires| *expires > 0.0) {
        set.insert("expires".to_owned(), json!(expires));
    }
    Value::Object(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_of_one_host_stays_its_own_and_one_of_a_session_has_no_end() {
        let told = json!({"name": "s", "value": "1", "domain": "a.test", "path": "/x", "expires": -1, "size": 2,
            "httpOnly": true, "secure": false, "session": true, "sameSite": "Lax", "sourceScheme": "NonSecure", "sourcePort": 80});
        let set = as_set(&told);
        assert_eq!((&set["url"], set.get("domain"), set.get("expires")), (&json!("http://a.test/x"), None, None));
        assert_eq!((&set["httpOnly"], &set["sameSite"], set.get("size")), (&json!(true), &json!("Lax"), None));
    }

    #[test]
    fn a_cookie_of_a_domain_keeps_it_and_its_end() {
        let set = as_set(
            &json!({"name": "s", "value": "1", "domain": ".a.test", "path": "/", "expires": 1.8e9, "secure": true}),
        );
        assert_eq!(
            (&set["url"], &set["domain"], &set["expires"]),
            (&json!("https://a.test/"), &json!(".a.test"), &json!(1.8e9))
        );
    }
}
