//! `cprvagt.sarif`: SARIF 2.1.0 for code scanning, within what GitHub and GitLab take (docs/formats.md).
//!
//! One run with all systems: a service takes one run of a tool for each upload, and a run for each system would close the
//! alerts of the others.

mod model;
mod notifications;
mod rules;

use std::collections::BTreeMap;

use ::model::{Finding, Scan};
use serde_json::{Value, json};

use self::model as sarif;
use crate::accepted::{Accepted, accepted};
use crate::inert::Inert;
use crate::lang::Lang;
use crate::message::Message;
use crate::place::Place;
use crate::{Choices, Format, ReportError, ReportFile};

/// The format `sarif`.
#[derive(Clone, Copy, Debug)]
pub struct Sarif;

const NAME: &str = "cprvagt.sarif";

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// GitHub refuses a run with more results, and shows the first 5,000. The worst come first.
const MAX_RESULTS: usize = 25_000;

/// Longer messages are cut: what a service shows of one is a few lines.
const MAX_MESSAGE: usize = 4_000;

/// Longest list of names that goes along with a result.
const MAX_NAMES: usize = 20;

/// The greatest whole number that every reader of JSON keeps exact.
const MAX_COUNT: u64 = (1 << 53) - 1;

/// Under it the alert of a finding is told from others in its file; GitHub's own name for it.
const LINE_HASH: &str = "primaryLocationLineHash";

/// Our own, with the version of what it is made of (§3.27.17).
const FINGERPRINT: &str = "cprvagtFingerprint/v1";

impl Format for Sarif {
    fn id(&self) -> &'static str {
        "sarif"
    }

    fn about(&self) -> &'static str {
        "code scanning (SARIF 2.1.0)"
    }

    fn names(&self) -> &'static [&'static str] {
        &[NAME]
    }

    fn files(&self, scan: &Scan, choices: Choices) -> Result<Vec<ReportFile>, ReportError> {
        let mut bytes = serde_json::to_vec_pretty(&log(scan, choices.lang))?;
        bytes.push(b'\n');
        Ok(vec![ReportFile { name: NAME.to_owned(), bytes }])
    }
}

fn log(scan: &Scan, lang: Lang) -> sarif::Log {
    let told: Vec<&Finding> = scan.findings.iter().take(MAX_RESULTS).collect();
    let rules = rules::Rules::of(&told);
    let left_out = scan.findings.len().saturating_sub(told.len());
    let (notifications, invocation) = notifications::told(scan, left_out, lang);
    sarif::Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [sarif::Run {
            tool: sarif::Tool {
                driver: sarif::Driver {
                    name: Inert::short(&scan.tool.name, 100),
                    version: Inert::short(&scan.tool.version, 100),
                    rules: rules.descriptors(lang),
                    notifications,
                },
            },
            invocations: [invocation],
            language: lang.as_str(),
            results: told.iter().map(|finding| result(finding, scan, &rules, lang)).collect(),
            properties: run_properties(scan),
        }],
    }
}

fn run_properties(scan: &Scan) -> sarif::Properties {
    let targets: Vec<String> =
        scan.targets.iter().take(MAX_NAMES).map(|target| Inert::from(target).to_string()).collect();
    let mut properties = sarif::Properties::new();
    properties.insert("scan".to_owned(), inert(&scan.id));
    properties.insert("targets".to_owned(), json!(targets));
    properties.insert("complete".to_owned(), Value::Bool(scan.is_complete()));
    if let Some(controller) = &scan.controller {
        properties.insert("controller".to_owned(), inert(controller));
    }
    properties
}

fn result(finding: &Finding, scan: &Scan, rules: &rules::Rules, lang: Lang) -> sarif::Finding {
    let (rule_id, rule_index) = rules.reference(finding);
    let (place, weight) = (Place::of(finding, scan), rules::Weight::of(finding));
    let fingerprint = Inert::short(&finding.fingerprint, 64);
    let uri = place.uri();
    sarif::Finding {
        rule_id,
        rule_index,
        level: weight.level(),
        message: sarif::Text { text: message(finding, scan, lang) },
        locations: [sarif::Location {
            physical_location: sarif::PhysicalLocation {
                artifact_location: sarif::ArtifactLocation { uri },
                region: sarif::Region { start_line: place.line },
            },
            logical_locations: logical_locations(finding),
        }],
        // As CodeQL writes it: the hash, and which of its like in the file it is. No two of our findings are alike.
        partial_fingerprints: BTreeMap::from([(LINE_HASH, format!("{fingerprint}:1")), (FINGERPRINT, fingerprint)]),
        occurrence_count: (finding.transmissions > 0).then(|| finding.transmissions.min(MAX_COUNT)),
        suppressions: suppressions(finding, lang),
        rank: weight.rank(),
        properties: properties(finding),
    }
}

/// That somebody accepted it, as long as that holds: the decision stands in the baseline, not at the place of the finding.
fn suppressions(finding: &Finding, lang: Lang) -> Vec<sarif::Suppression> {
    let in_force = accepted(finding, lang).filter(|accepted| accepted.is_in_force);
    let justified = |accepted: Accepted| sarif::Suppression {
        kind: "external",
        status: "accepted",
        justification: plain(&accepted.text),
    };
    in_force.map(justified).into_iter().collect()
}

/// The title first, for a service with little room shows one sentence.
fn message(finding: &Finding, scan: &Scan, lang: Lang) -> String {
    plain(Message::new(finding, scan, lang).text().trim_end())
}

/// A message may hold no bracket that links and no brace that stands for an argument (§3.11.5, §3.11.6). Readers do not
/// agree on how they are escaped, so others stand for them; the properties have the text as it is.
fn plain(text: &str) -> String {
    let replaced = |c: char| match c {
        '{' => '‹',
        '}' => '›',
        '[' => '(',
        ']' => ')',
        other => other,
    };
    let mut chars = text.chars().map(replaced);
    let mut plain: String = chars.by_ref().take(MAX_MESSAGE).collect();
    if chars.next().is_some() {
        plain.push('…');
    }
    plain
}

/// The page, the form on it, its field; then the parameter.
fn logical_locations(finding: &Finding) -> Vec<sarif::LogicalLocation> {
    let mut locations = Vec::new();
    let mut add = |names: &[&::model::Redacted], kind| {
        let names: Vec<String> = names.iter().map(|name| Inert::from(*name).to_string()).collect();
        let Some(name) = names.last().filter(|name| !name.is_empty()) else { return };
        let (name, fully_qualified_name) = (name.clone(), names.join(" > "));
        locations.push(sarif::LogicalLocation { name, fully_qualified_name, kind });
    };
    add(&[&finding.page], "resource");
    if let Some(origin) = &finding.form {
        add(&[&origin.page, &origin.form], "element");
        add(&[&origin.page, &origin.form, &origin.field], "element");
    }
    add(&[&finding.page, &finding.parameter], "parameter");
    locations
}

fn properties(finding: &Finding) -> sarif::Properties {
    let names = |names: &[::model::Redacted]| -> Value {
        names.iter().take(MAX_NAMES).map(|name| Value::String(Inert::from(name).to_string())).collect()
    };
    let recipient = &finding.recipient;
    let mut properties = sarif::Properties::new();
    let mut set = |name: &str, value: Value| {
        let is_empty = value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
        if !is_empty {
            properties.insert(name.to_owned(), value);
        }
    };
    set("rule", json!(finding.rule.as_str()));
    set("severity", json!(finding.severity.as_str()));
    set("evidence", json!(finding.evidence.map(::model::Evidence::as_str)));
    set("system", finding.system.as_ref().map_or(Value::Null, |id| inert(&id.0)));
    set("vendor", finding.vendor.as_ref().map_or(Value::Null, |id| inert(&id.0)));
    set("channel", json!(finding.channel.map(::model::Channel::as_str)));
    set("recipient", inert(recipient.domain.as_str()));
    set("recipientName", inert(recipient.legal_name.as_deref().unwrap_or_default()));
    set("recipientCountry", inert(recipient.country.as_deref().unwrap_or_default()));
    set("standing", json!(recipient.standing.as_str()));
    set("hosts", names(&finding.hosts));
    set("page", inert(finding.page.as_str()));
    set("parameter", inert(finding.parameter.as_str()));
    set("request", inert(finding.request.as_str()));
    set("trail", inert(finding.trail.as_str()));
    set("alsoSent", names(&finding.also_sent));
    set("transmissions", json!(finding.transmissions.min(MAX_COUNT)));
    set("undelivered", json!(finding.undelivered.min(MAX_COUNT)));
    set("persons", json!(finding.persons.min(MAX_COUNT)));
    set("testPersons", json!(finding.test_persons.min(MAX_COUNT)));
    set("firstSeen", json!(finding.first_seen.to_string()));
    set("lastSeen", json!(finding.last_seen.to_string()));
    properties
}

fn inert(text: &str) -> Value {
    Value::String(Inert::new(text).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn told(scan: &Scan) -> Value {
        serde_json::from_slice(&Sarif.files(scan, sample::IN_ENGLISH).unwrap().remove(0).bytes).unwrap()
    }

    #[test]
    fn the_sample_as_sarif() {
        let file = Sarif.files(&sample::scan(), sample::IN_DANISH).unwrap().remove(0);
        insta::assert_snapshot!(String::from_utf8(file.bytes).unwrap());
    }

    #[test]
    fn a_mere_date_is_a_note_whatever_its_severity() {
        let log = told(&sample::scan());
        let results = log.pointer("/runs/0/results").and_then(Value::as_array).unwrap();
        let possible = results.iter().find(|result| result["properties"]["evidence"] == "E4").unwrap();
        assert_eq!(
            (&possible["level"], &possible["ruleId"]),
            (&json!("note"), &json!("cpr-in-third-party-request/possible"))
        );
        assert_eq!(possible["properties"]["severity"], "medium");
    }

    #[test]
    fn what_is_left_out_is_told() {
        let mut scan = sample::scan();
        scan.findings = scan.findings.iter().cycle().take(MAX_RESULTS + 7).cloned().collect();
        let log = told(&scan);
        assert_eq!(log.pointer("/runs/0/results").and_then(Value::as_array).map(Vec::len), Some(MAX_RESULTS));
        let notes = log.pointer("/runs/0/invocations/0/toolExecutionNotifications").and_then(Value::as_array).unwrap();
        assert_eq!(notes.last().unwrap()["message"]["text"], "7 more findings, the mildest, are in scan.json.");
    }

    #[test]
    fn a_run_that_is_void_did_not_succeed() {
        let mut scan = sample::scan();
        let successful = |scan: &Scan| told(scan)["runs"][0]["invocations"][0]["executionSuccessful"].clone();
        assert_eq!(successful(&scan), true);
        scan.self_test.as_mut().unwrap().probes[0].found = false;
        assert_eq!(successful(&scan), false);
    }

    #[test]
    fn nothing_in_a_message_links_or_takes_an_argument() {
        assert_eq!(plain("{0} [a](https://b.test)"), "‹0› (a)(https://b.test)");
        assert_eq!(plain(&"å".repeat(5_000)).chars().count(), MAX_MESSAGE + 1);
    }
}
