//! `reporting-exposes-url`: the page's address holds a number, and the page names another site as the one to report to. The
//! browser puts the whole address into each report (Reporting API §3.1, CSP 3 §5.3, Network Error Logging §6), whatever
//! the page's referrer policy says.
//!
//! Endpoints count that a report would be sent to: those of `report-uri`, those called `default`, and those that a policy
//! of the page names. Reports that are sent are judged as anything that is sent.

use std::collections::BTreeSet;

use model::{Evidence, Headers, Target};
use serde_json::Value;

use super::{Exposed, NumberedPage};

/// The headers that name endpoints.
const CSP: &str = "content-security-policy";
const CSP_TRIED: &str = "content-security-policy-report-only";
const ENDPOINTS: &str = "reporting-endpoints";
const GROUPS: &str = "report-to";

/// Headers whose policies name one of those by what it is called.
const NAMING: [&str; 13] = [
    CSP,
    CSP_TRIED,
    "nel",
    "cross-origin-opener-policy",
    "cross-origin-opener-policy-report-only",
    "cross-origin-embedder-policy",
    "cross-origin-embedder-policy-report-only",
    "permissions-policy",
    "permissions-policy-report-only",
    "document-policy",
    "document-policy-report-only",
    "integrity-policy",
    "integrity-policy-report-only",
];

/// What gets the reports that no policy asks for: crashes, interventions, deprecated features.
const DEFAULT: &str = "default";

/// Endpoints of one page looked at; sites name one or two.
const MAX_ENDPOINTS: usize = 20;

/// Somebody that a page wants reports sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// The header that says so.
    header: &'static str,
    url: Target,
}

/// Whom the answer that brought `page` wants reports sent to.
pub(crate) fn endpoints(headers: &Headers, page: &Target) -> Vec<Endpoint> {
    let lines = |name: &str| {
        headers.all(name).map(|value| String::from_utf8_lossy(value).into_owned()).collect::<Vec<_>>().join(",")
    };
    let naming: Vec<String> = NAMING.iter().map(|name| lines(name)).collect();
    let is_part = |sign: char| !(sign.is_alphanumeric() || matches!(sign, '-' | '_' | '.' | '*'));
    let named: BTreeSet<&str> = naming.iter().flat_map(|line| line.split(is_part)).collect();
    let is_used = |name: &str| name == DEFAULT || named.contains(name);
    let mut found = Vec::new();
    for header in [CSP, CSP_TRIED] {
        found.extend(report_uris(&lines(header)).into_iter().map(|url| (header, url)));
    }
    let endpoints = lines(ENDPOINTS);
    let of_endpoints = members(&endpoints).into_iter().filter(|(name, _)| is_used(name));
    found.extend(of_endpoints.map(|(_, url)| (ENDPOINTS, url)));
    let of_groups = groups(&lines(GROUPS)).into_iter().filter(|(name, _)| is_used(name));
    found.extend(of_groups.map(|(_, url)| (GROUPS, url)));
    let known = found.into_iter().filter_map(|(header, url)| Some(Endpoint { header, url: page.join(&url).ok()? }));
    known.take(MAX_ENDPOINTS).collect()
}

pub(crate) fn judge(page: &NumberedPage<'_>) -> Vec<Exposed> {
    let hits: Vec<_> = page.in_address.iter().filter(|hit| hit.evidence < Evidence::E4).cloned().collect();
    let Some(document) = page.document.filter(|_| !hits.is_empty()) else { return Vec::new() };
    let mut told = BTreeSet::new();
    let elsewhere = document.endpoints.iter().filter(|endpoint| (page.is_elsewhere)(&endpoint.url.to_string()));
    // One for each header and recipient.
    let first = elsewhere.filter(|endpoint| told.insert((endpoint.header, &endpoint.url.host)));
    first
        .map(|Endpoint { header, url }| Exposed {
            parameter: (*header).to_owned(),
            to: Some(url.host.clone()),
            hits: hits.clone(),
        })
        .collect()
}

/// The addresses of `report-uri` in policies.
fn report_uris(policies: &str) -> Vec<String> {
    let mut found = Vec::new();
    for directive in policies.split([';', ',']) {
        let mut words = directive.split_ascii_whitespace();
        if words.next().is_some_and(|name| name.eq_ignore_ascii_case("report-uri")) {
            found.extend(words.map(str::to_owned));
        }
    }
    found
}

/// The members of a dictionary of strings (RFC 9651 §3.2): `default="https://a.test/r", csp="/r"`.
fn members(line: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = line;
    // Ends, since each turn takes a string off.
    while let Some((before, after)) = rest.split_once('"') {
        let Some((url, after)) = after.split_once('"') else { break };
        let name = before.rsplit(',').next().unwrap_or_default().trim().trim_end_matches('=').trim();
        if before.trim_end().ends_with('=') {
            found.push((name.to_owned(), url.to_owned()));
        }
        rest = after;
    }
    found
}

/// The addresses of a `Report-To` header, with the names of their groups: JSON objects with commas between.
fn groups(line: &str) -> Vec<(String, String)> {
    let Ok(Value::Array(groups)) = serde_json::from_str(&format!("[{line}]")) else { return Vec::new() };
    let mut found = Vec::new();
    for group in &groups {
        let name = group.get("group").and_then(Value::as_str).unwrap_or(DEFAULT);
        // One that lives for no time is taken back.
        if group.get("max_age").and_then(Value::as_u64) == Some(0) {
            continue;
        }
        let endpoints = group.get("endpoints").and_then(Value::as_array).into_iter().flatten();
        let urls = endpoints.filter_map(|endpoint| endpoint.get("url").and_then(Value::as_str));
        found.extend(urls.map(|url| (name.to_owned(), url.to_owned())));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(headers: &[(&str, &str)], expected: &[(&str, &str)]) {
        let page = Target::parse("https://www.borger.test/sag/1").unwrap();
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        let found = endpoints(&Headers(headers), &page);
        let found: Vec<(&str, String)> = found.iter().map(|found| (found.header, found.url.to_string())).collect();
        let expected: Vec<(&str, String)> = expected.iter().map(|(header, url)| (*header, (*url).to_owned())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_policy_names_addresses() {
        let value = "default-src 'self'; Report-URI https://a.test/r //b.test/r /own, report-uri https://c.test/";
        let all = ["https://a.test/r", "https://b.test/r", "https://www.borger.test/own", "https://c.test/"];
        case(&[("Content-Security-Policy", value)], &all.map(|url| (CSP, url)));
        case(&[("Content-Security-Policy-Report-Only", "report-uri https://a.test/r")], &[(CSP_TRIED, all[0])]);
        case(&[("Content-Security-Policy", "default-src https://report-uri.test; img-src *")], &[]);
    }

    #[test]
    fn an_endpoint_counts_where_something_reports_to_it() {
        let endpoints = (
            "Reporting-Endpoints",
            "default=\"https://a.test/d\", csp=\"https://a.test/c\",ubrugt=\"https://b.test/\"",
        );
        case(&[endpoints], &[(ENDPOINTS, "https://a.test/d")]);
        let csp = ("Content-Security-Policy", "default-src 'self'; report-to csp");
        case(&[endpoints, csp], &[(ENDPOINTS, "https://a.test/d"), (ENDPOINTS, "https://a.test/c")]);
        let opener = ("Cross-Origin-Opener-Policy", "same-origin; report-to=\"ubrugt\"");
        case(&[endpoints, opener], &[(ENDPOINTS, "https://a.test/d"), (ENDPOINTS, "https://b.test/")]);
        case(&[("Reporting-Endpoints", "default=https://a.test/, x=\"https://a.test")], &[]);
    }

    #[test]
    fn a_group_counts_likewise() {
        let group = |name: &str, age: u32| {
            format!("{{\"group\":\"{name}\",\"max_age\":{age},\"endpoints\":[{{\"url\":\"https://a.test/{name}\"}}]}}")
        };
        let all = format!("{}, {}", group("nel", 60), group("fri", 60));
        let nel = ("NEL", "{\"report_to\":\"nel\",\"max_age\":60}");
        case(&[("Report-To", &all)], &[]);
        case(&[("Report-To", &all), nel], &[(GROUPS, "https://a.test/nel")]);
        case(&[("Report-To", &group("default", 60))], &[(GROUPS, "https://a.test/default")]);
        case(&[("Report-To", &group("default", 0))], &[]);
        case(&[("Report-To", "{")], &[]);
    }
}
