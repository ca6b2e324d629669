//! Holds `schema/scan.schema.json` against what is written: a small checker of JSON Schema 2020-12 that knows the
//! keywords our schemas use and refuses any other. Tests only.

use std::collections::BTreeSet;

use serde_json::Value;

/// A schema, and which of its properties were met in a document.
pub(crate) struct Checker {
    pub(crate) root: Value,
    pub(crate) met: BTreeSet<String>,
}

impl Checker {
    fn new() -> Self {
        Self::of(include_str!("../schema/scan.schema.json"))
    }

    pub(crate) fn of(schema: &str) -> Self {
        Self { root: serde_json::from_str(schema).unwrap(), met: BTreeSet::new() }
    }

    /// What is wrong with `value` under the schema at `pointer`, the place in it first.
    pub(crate) fn check(&mut self, pointer: &str, value: &Value, place: &str) -> Result<(), String> {
        let schema = self.root.pointer(pointer).unwrap_or_else(|| panic!("no schema at {pointer}")).clone();
        let object = schema.as_object().unwrap();
        for (keyword, rule) in object {
            let is_met = match keyword.as_str() {
                // Patterns are for editors; the reader has its own tests.
                "$schema" | "$defs" | "title" | "description" | "format" | "pattern" => true,
                "$ref" => {
                    self.check(rule.as_str().unwrap().trim_start_matches('#'), value, place)?;
                    true
                }
                "const" => value == rule,
                "enum" => rule.as_array().unwrap().contains(value),
                "minItems" => value.as_array().is_none_or(|all| all.len() as u64 >= rule.as_u64().unwrap()),
                "minimum" => value.as_i64().is_none_or(|number| number >= rule.as_i64().unwrap()),
                "type" => match rule.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_u64() || value.is_i64(),
                    other => panic!("unknown type {other}"),
                },
                "required" => rule.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
                "items" => {
                    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(&format!("{pointer}/items"), item, &format!("{place}/{at}"))?;
                    }
                    true
                }
                "properties" => {
                    for name in rule.as_object().unwrap().keys() {
                        if let Some(inner) = value.get(name) {
                            let at = format!("{pointer}/properties/{name}");
                            self.check(&at, inner, &format!("{place}/{name}"))?;
                            self.met.insert(at);
                        }
                    }
                    true
                }
                "additionalProperties" if rule.is_object() => {
                    for (name, inner) in value.as_object().unwrap() {
                        self.check(&format!("{pointer}/additionalProperties"), inner, &format!("{place}/{name}"))?;
                    }
                    true
                }
                "additionalProperties" => {
                    let known = object["properties"].as_object().unwrap();
                    value.as_object().into_iter().flatten().all(|(name, _)| known.contains_key(name))
                }
                "oneOf" => {
                    let ways = 0..rule.as_array().unwrap().len();
                    ways.filter(|way| self.check(&format!("{pointer}/oneOf/{way}"), value, place).is_ok()).count() == 1
                }
                other => panic!("the checker does not know the keyword {other} at {pointer}"),
            };
            if !is_met {
                return Err(format!("{place}: {keyword} at {pointer}"));
            }
        }
        Ok(())
    }

    /// The pointers of all properties that the schema names.
    pub(crate) fn properties(value: &Value, pointer: &str, found: &mut BTreeSet<String>) {
        for (name, inner) in value.as_object().into_iter().flatten() {
            let at = format!("{pointer}/{name}");
            if pointer.ends_with("/properties") {
                found.insert(at.clone());
            }
            Self::properties(inner, &at, found);
        }
        for (way, inner) in value.as_array().into_iter().flatten().enumerate() {
            Self::properties(inner, &format!("{pointer}/{way}"), found);
        }
    }

    fn words(&self, pointer: &str) -> Vec<&str> {
        self.root.pointer(pointer).unwrap().as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
    }
}

mod tests {
    use model::registry::SensitiveContext;
    use model::{
        Baseline, BaselineEntry, BaselineRemarkKind, BlindSpotKind, Finding, LogAnswer, LogFile, LogFinding, LogGap,
        LogShared, Rule, Scan, Severity, SeverityReason, Unseen, WhyUnseen,
    };

    use super::*;
    use crate::sample::{self, ALL_CHANNELS, ALL_CONTEXTS, ALL_EVIDENCE, ALL_REMEDIES, ALL_STANDINGS};

    /// The sample with every kind of reason in it.
    fn full() -> Scan {
        let mut scan = sample::compared();
        (scan.findings[0].blocked, scan.findings[0].simulated) = (1, true);
        scan.command = Some(sample::own("-- npm test"));
        scan.logs = Some(Box::new(log_answer(&scan.findings[0].fingerprint)));
        (scan.findings[0].tests, scan.findings[0].more_tests) = (vec![sample::own("logs in")], 1);
        scan.notes = sample::session().notes;
        (scan.notes[0].findings, scan.notes[0].more_findings) = (vec!["0f".repeat(16)], 1);
        let comparison = scan.comparison.as_mut().unwrap();
        let unseen = Unseen { why: WhyUnseen::Hidden, blind_spot: Some(BlindSpotKind::Interrupted) };
        comparison.new[0].unseen_before = Some(unseen);
        scan.findings[0].reasons.push(SeverityReason::SimulatedReferer);
        scan.findings[0].reasons.push(SeverityReason::Cleartext);
        scan.findings[0].reasons.push(SeverityReason::PersonToken);
        scan.findings[0].reasons.push(SeverityReason::PageItself);
        let (context, standing) = (SensitiveContext::Crime, model::Standing::Unknown);
        scan.findings[0].reasons.push(SeverityReason::SensitivePage { context, standing });
        scan.findings[0].reasons.push(SeverityReason::SensitiveContext { context: SensitiveContext::Health });
        let accepts = |finding: &Finding, expires: &str| BaselineEntry {
            fingerprint: finding.fingerprint.clone(),
            rule: finding.rule,
            system: finding.system.clone(),
            accepted_by: "Ditte".to_owned(),
            case: "7".to_owned(),
            reason: "why".to_owned(),
            accepted: "2026-10-01".parse().unwrap(),
            expires: expires.parse().unwrap(),
            line: 3,
        };
        let entries = vec![accepts(&scan.findings[0], "2026-12-01"), accepts(&scan.findings[1], "2026-10-02")];
        Baseline { entries }.apply(&mut scan);
        scan
    }

    fn log_answer(fingerprint: &str) -> LogAnswer {
        let file = LogFile {
            name: sample::own("access.log"),
            format: "combined".to_owned(),
            lines: 9,
            judged: 2,
            bytes: 900,
            first: Some("2026-11-20T00:00:00Z".parse().unwrap()),
            last: Some("2026-11-22T00:00:00Z".parse().unwrap()),
            days_missing: 1,
            assumed: vec![sample::own("time zone UTC")],
        };
        let days = [("2026-11-20".parse().unwrap(), 2)].into();
        let files = [(sample::own("access.log"), 2)].into();
        let finding = LogFinding { days, statuses: [(200, 2)].into(), by_robots: 1, untimed: 1, files };
        let gaps = vec![LogGap { first: "2026-11-21".parse().unwrap(), last: "2026-11-21".parse().unwrap() }];
        let days = [("2026-11-20".parse().unwrap(), 1)].into();
        let common = vec![fingerprint.to_owned(), "f".repeat(32)];
        let shared = vec![LogShared { findings: common, days, undelivered: 1, by_robots: 1, untimed: 1 }];
        LogAnswer { files: vec![file], persons: 2, findings: [(fingerprint.to_owned(), finding)].into(), gaps, shared }
    }

    fn value(scan: &Scan) -> Value {
        serde_json::to_value(scan).unwrap()
    }

    #[test]
    fn what_is_written_is_what_the_schema_says() {
        for scan in [full(), sample::bare(), sample::hostile()] {
            assert_eq!(Checker::new().check("", &value(&scan), ""), Ok(()));
        }
    }

    #[test]
    fn the_schema_names_nothing_that_is_never_written() {
        let mut checker = Checker::new();
        checker.check("", &value(&full()), "").unwrap();
        let mut named = BTreeSet::new();
        Checker::properties(&checker.root, "", &mut named);
        assert!(named.len() > 80, "{}", named.len());
        assert_eq!(named.difference(&checker.met).collect::<Vec<_>>(), Vec::<&String>::new());
    }

    #[test]
    fn an_unknown_or_missing_or_wrong_field_is_noticed() {
        let spoil = |pointer: &str, with: Option<Value>| {
            let mut document = value(&full());
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let parent = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            match with {
                Some(with) => parent.insert(name.to_owned(), with),
                None => parent.remove(name),
            };
            Checker::new().check("", &document, "").unwrap_err()
        };
        assert!(spoil("/surprise", Some(Value::Null)).starts_with(": additionalProperties"));
        assert!(spoil("/findings/0/page", None).starts_with("/findings/0: required"));
        assert!(spoil("/findings/0/severity", Some("bad".into())).starts_with("/findings/0/severity: enum"));
        assert!(spoil("/findings/0/reasons/0/reason", Some("cleartext".into())).contains("oneOf"));
        assert!(spoil("/blind_spots/0/count", Some((-1).into())).contains("minimum"));
        assert!(spoil("/version", Some(2.into())).contains("const"));
    }

    #[test]
    fn the_lists_of_words_are_the_models() {
        let checker = Checker::new();
        let same = |name: &str, words: Vec<&str>| assert_eq!(checker.words(&format!("/$defs/{name}/enum")), words);
        same("rule", Rule::ALL.map(Rule::as_str).to_vec());
        same("severity", Severity::ALL.map(Severity::as_str).to_vec());
        same("blind_spot_kind", BlindSpotKind::ALL.map(BlindSpotKind::as_str).to_vec());
        let kinds = checker.words("/properties/baseline/properties/remarks/items/properties/kind/enum");
        assert_eq!(kinds, BaselineRemarkKind::ALL.map(BaselineRemarkKind::as_str));
        same("why_unseen", WhyUnseen::ALL.map(WhyUnseen::as_str).to_vec());
        same("channel", ALL_CHANNELS.map(model::Channel::as_str).to_vec());
        same("evidence", ALL_EVIDENCE.map(model::Evidence::as_str).to_vec());
        same("standing", ALL_STANDINGS.map(model::Standing::as_str).to_vec());
        same("category", model::Category::ALL.map(model::Category::as_str).to_vec());
        same("source", [model::Source::Registry, model::Source::BuiltIn].map(model::Source::as_str).to_vec());
        same("context", ALL_CONTEXTS.map(SensitiveContext::as_str).to_vec());
        let remedies = ALL_REMEDIES.map(|remedy| serde_json::to_value(remedy).unwrap());
        same("remedy", remedies.iter().map(|remedy| remedy.as_str().unwrap()).collect());
    }
}
