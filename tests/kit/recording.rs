//! Recordings made for a test: pages of one site, and what each tells somebody else.

/// The site.
pub(crate) const SITE: &str = "www.selvbetjening.test";

/// A HAR file of `pages`, each with the addresses that it has the browser ask for.
pub(crate) fn har(pages: &[(&str, &[&str])]) -> String {
    let entry = |url: &str, headers: serde_json::Value| {
        serde_json::json!({
            "startedDateTime": "2026-11-22T03:00:00Z", "time": 3,
            "request": {"method": "GET", "url": url, "httpVersion": "HTTP/1.1", "headers": headers},
            "response": {"status": 200, "headers": []},
        })
    };
    let mut entries = Vec::new();
    for (path, told) in pages {
        let page = format!("https://{SITE}{path}");
        entries.push(entry(&page, serde_json::json!([{"name": "Sec-Fetch-Dest", "value": "document"}])));
        for url in *told {
            entries.push(entry(url, serde_json::json!([{"name": "Referer", "value": page}])));
        }
    }
    serde_json::json!({"log": {"pages": [], "entries": entries}}).to_string()
}
