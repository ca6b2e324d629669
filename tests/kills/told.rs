//! What an audit tells, as far as it does not depend on when it was cut short; and how two of them differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// What is told of a page on which the browser was lost. It is visited once more.
pub(crate) const LOST: &str = "the browser was lost on it and started anew";

/// In the names of what is counted in the system that one tab visits.
const ONE_TAB: &str = "selv";

/// What each part of a report says.
pub(crate) struct Told {
    /// Findings, with how often each was seen.
    findings: BTreeMap<String, u64>,
    /// Parts that are the same however the audit went.
    parts: BTreeMap<String, Value>,
    /// Page views, and views in which an answer to the question for consent held, by system and answer: visits are made again.
    views: BTreeMap<String, u64>,
    /// Requests by recipient.
    requests: BTreeMap<String, u64>,
    /// Blind spots but those of a lost browser.
    blind_spots: BTreeSet<String>,
    /// How often it is told that the browser was lost.
    pub(crate) lost: usize,
}

impl Told {
    pub(crate) fn of(scan: &Value) -> Self {
        let mut told = Self {
            findings: BTreeMap::new(),
            parts: BTreeMap::new(),
            views: BTreeMap::new(),
            requests: BTreeMap::new(),
            blind_spots: BTreeSet::new(),
            lost: 0,
        };
        for finding in list(scan, "findings") {
            let count = finding["transmissions"].as_u64().unwrap_or_default();
            told.findings.insert(finding_key(finding), count);
        }
        for part in ["conditions", "started", "test_persons", "targets", "self_test"] {
            told.parts.insert(part.to_owned(), scan[part].clone());
        }
        for spot in list(scan, "blind_spots") {
            if spot["detail"].as_str().is_some_and(|detail| detail.starts_with(LOST)) {
                told.lost += 1;
                continue;
            }
            told.blind_spots
                .insert(format!("{} {} {}: {}", spot["system"], spot["kind"], spot["place"], spot["detail"]));
        }
        for system in list(scan, "systems") {
            told.add_system(system["id"].as_str().unwrap_or_default(), &system["coverage"]);
        }
        told
    }

    fn add_system(&mut self, id: &str, coverage: &Value) {
        for (name, value) in coverage.as_object().into_iter().flatten() {
            match name.as_str() {
                "pages" => {
                    self.parts.insert(format!("{id} pages"), pages(list(coverage, name)));
                }
                "recipients" => {
                    let (mut recipients, requests) = (Vec::new(), &mut self.requests);
                    for one in list(coverage, name) {
                        let mut one = one.as_object().cloned().unwrap_or_default();
                        for counted in ["requests", "with_number"] {
                            let count = one.remove(counted).and_then(|count| count.as_u64()).unwrap_or_default();
                            requests.insert(format!("{id} {counted} to {}", one["domain"]), count);
                        }
                        recipients.push(Value::Object(one));
                    }
                    self.parts.insert(format!("{id} recipients"), Value::Array(recipients));
                }
                "consent_states" => {
                    for pass in list(coverage, name) {
                        self.parts.insert(format!("{id} consent {}", pass["state"]), pass["banner"].clone());
                        for counted in ["pages", "pages_in_state"] {
                            let count = pass[counted].as_u64().unwrap_or_default();
                            self.views.insert(format!("{id} {counted} {}", pass["state"]), count);
                        }
                    }
                }
                "roles" => {
                    let roles = list(coverage, name).iter().map(|role| json!([role["name"], role["signed_in"]]));
                    self.parts.insert(format!("{id} roles"), roles.collect());
                }
                "pages_seen" => {
                    // Where a form was sent to when the browser was lost counts as a page; else it is only seen.
                    let pages = list(coverage, "pages");
                    let is_visited =
                        |cut: &Value| pages.iter().any(|page| !is_cut(page) && page["page"] == cut["page"]);
                    let cut = pages.iter().filter(|page| is_cut(page) && !is_visited(page));
                    let mut seen: Vec<Value> = list(coverage, name).to_vec();
                    seen.extend(cut.map(|page| page["page"].clone()));
                    seen.sort_by_key(Value::to_string);
                    seen.dedup();
                    self.parts.insert(format!("{id} {name}"), Value::Array(seen));
                }
                // They count visits, of which there are more.
                "requests"
                | "links_out"
                | "third_party_requests"
                | "numbers_to_own_bodies"
                | "look_alikes"
                | "browser_own_requests" => {
                    self.views.insert(format!("{id} {name}"), value.as_u64().unwrap_or_default());
                }
                _ => {
                    self.parts.insert(format!("{id} {name}"), value.clone());
                }
            }
        }
    }

    /// How `self`, cut short now and then, differs from what `expected` tells; nothing if it does not.
    pub(crate) fn differences(&self, expected: &Self) -> Vec<String> {
        let mut found = Vec::new();
        for (name, there, here) in [
            ("finding", expected.findings.keys().collect::<BTreeSet<_>>(), self.findings.keys().collect()),
            ("blind spot", expected.blind_spots.iter().collect(), self.blind_spots.iter().collect::<BTreeSet<_>>()),
        ] {
            found.extend(there.difference(&here).map(|one| format!("a {name} less: {one}")));
            found.extend(here.difference(&there).map(|one| format!("a {name} more: {one}")));
        }
        for name in expected.parts.keys().chain(self.parts.keys()).collect::<BTreeSet<_>>() {
            let (there, here) = (expected.parts.get(name), self.parts.get(name));
            if there != here {
                let shown = |part: Option<&Value>| part.map_or_else(String::new, Value::to_string);
                found.push(format!("{name}: {}\n  instead of {}", shown(here), shown(there)));
            }
        }
        // What was seen twice is counted twice; what was seen counts once at the least. Where several tabs visit, each meets
        // the question for consent on whatever page is its first, and sees that one twice.
        let is_sure = |name: &str| name.contains(ONE_TAB) || name.contains("pages_in_state");
        for (there, here) in
            [(&expected.findings, &self.findings), (&expected.views, &self.views), (&expected.requests, &self.requests)]
        {
            let there = there.iter().filter(|(name, _)| is_sure(name));
            let fewer = there.filter(|(name, count)| here.get(*name).is_none_or(|here| here < count));
            found.extend(fewer.map(|(name, count)| format!("{name}: {:?}, less than {count}", here.get(name))));
        }
        found
    }
}

/// A finding without what counts its sightings, and without the one that is shown as an example.
fn finding_key(finding: &Value) -> String {
    let mut finding = finding.as_object().cloned().unwrap_or_default();
    finding.remove("transmissions");
    Value::Object(finding).to_string()
}

/// Whether the browser was lost while a form was sent: what came of it was seen when it was sent again.
fn is_cut(page: &Value) -> bool {
    page["outcome"] == "failed" && page["by_form"] == true
}

/// Each page once, as it went best: one that a lost browser cost was visited again.
fn pages(visits: &[Value]) -> Value {
    let mut best: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let rank = |page: &Map<String, Value>| {
        let is = |outcome: &str| page["outcome"] == outcome;
        (is("loaded"), is("login-required"), page["forms"].as_u64())
    };
    for page in visits.iter().filter(|page| !is_cut(page)).filter_map(Value::as_object) {
        let known = best.entry(format!("{} {}", page["page"], page["by_form"])).or_insert_with(|| page.clone());
        if rank(page) > rank(known) {
            known.clone_from(page);
        }
    }
    best.into_values().map(Value::Object).collect()
}

/// Each visit and blind spot, a line each: what a difference came of.
pub(crate) fn visits(scan: &Value) -> String {
    let visits = list(scan, "systems").iter().flat_map(|system| list(&system["coverage"], "pages"));
    let lines: Vec<String> = visits.chain(list(scan, "blind_spots")).map(Value::to_string).collect();
    lines.join("\n")
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map(Vec::as_slice).unwrap_or_default()
}
