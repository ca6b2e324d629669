//! What code-scanning services refuse or drop, as they document it. docs/formats.md names the sources.

use std::collections::BTreeSet;

use serde_json::Value;

/// What GitHub code scanning and GitLab would not take of a SARIF log.
pub(crate) fn of_sarif(log: &Value) -> Vec<String> {
    let mut refused = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            refused.push(what.to_owned());
        }
    };
    must(text(log, "/version") == "2.1.0", "the version");
    let runs = list(log, "/runs");
    must(runs.len() == 1, "one run of a tool for each upload");
    for run in runs {
        let (rules, results) = (list(run, "/tool/driver/rules"), list(run, "/results"));
        must(!text(run, "/tool/driver/name").is_empty(), "the tool's name");
        must(results.len() <= 25_000 && rules.len() <= 25_000, "too many results or rules");
        let ids: BTreeSet<&str> = rules.iter().map(|rule| text(rule, "/id")).collect();
        must(ids.len() == rules.len(), "rules of one id");
        for rule in rules {
            must(text(rule, "/id").len() <= 255 && text(rule, "/name").len() <= 255, "a rule's id or name is too long");
            for part in ["/shortDescription/text", "/fullDescription/text"] {
                let length = text(rule, part).chars().count();
                must((1..=1_024).contains(&length), "a rule's description is empty or too long");
            }
            must(!text(rule, "/help/text").is_empty(), "a rule without help");
            must(list(rule, "/properties/tags").len() <= 10, "more tags than are shown");
            let severity = rule.pointer("/properties/security-severity");
            let is_number = |value: &Value| {
                let number = value.as_str().and_then(|text| text.parse::<f32>().ok());
                number.is_some_and(|number| (0.0..=10.0).contains(&number))
            };
            must(severity.is_none_or(is_number), "a severity that is no number in a string");
        }
        let mut fingerprints = BTreeSet::new();
        for result in results {
            let index =
                result.pointer("/ruleIndex").and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
            let named = index.and_then(|index| rules.get(index)).map(|rule| text(rule, "/id"));
            must(named == Some(text(result, "/ruleId")), "a result whose rule is another");
            must(!text(result, "/message/text").is_empty(), "a result without a message");
            must(
                !text(result, "/message/text").contains(['[', ']', '{', '}']),
                "a message that links or takes arguments",
            );
            let locations = list(result, "/locations");
            must((1..=100).contains(&locations.len()), "locations");
            for location in locations {
                let uri = text(location, "/physicalLocation/artifactLocation/uri");
                let line = location.pointer("/physicalLocation/region/startLine").and_then(Value::as_u64);
                must(is_relative(uri), "a location that is no path in the repository");
                must(line.is_some_and(|line| line > 0), "a location without a line");
            }
            let hash = text(result, "/partialFingerprints/primaryLocationLineHash");
            must(!hash.is_empty() && fingerprints.insert(hash.to_owned()), "a fingerprint that is another's");
        }
    }
    refused
}

/// What GitLab would not take of a Code Quality report.
pub(crate) fn of_code_quality(report: &Value) -> Vec<String> {
    let mut refused = Vec::new();
    let mut seen = BTreeSet::new();
    for issue in report.as_array().map(Vec::as_slice).unwrap_or_default() {
        let mut must = |holds: bool, what: &str| {
            if !holds {
                refused.push(what.to_owned());
            }
        };
        must(!text(issue, "/description").is_empty() && !text(issue, "/check_name").is_empty(), "a text is missing");
        must(seen.insert(text(issue, "/fingerprint").to_owned()), "a fingerprint that is another's");
        let is_level = ["info", "minor", "major", "critical", "blocker"].contains(&text(issue, "/severity"));
        must(is_level, "a severity that it does not know");
        let path = text(issue, "/location/path");
        must(!path.is_empty() && !path.starts_with(['/', '.']) && !path.contains("://"), "a path that is not relative");
        let line = issue.pointer("/location/lines/begin").and_then(Value::as_u64);
        must(line.is_some_and(|line| line > 0), "a place without a line");
    }
    refused
}

fn is_relative(uri: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
    !uri.is_empty() && !uri.starts_with('/') && uri.chars().all(is_plain) && uri.split('/').all(|name| name != "..")
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
