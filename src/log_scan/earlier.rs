//! What an earlier run has written into a folder that is scanned: reports, and what it kept on the way. It is no log.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::journal;
use crate::manifest::{self, Manifest};
use crate::output;

/// Bytes that say whose a file is.
const HEAD: u64 = 16 * 1024;

/// What runs keep on the way, by what its name begins with: the names of those that are put aside go on.
const KEPT: [&str; 3] = ["sightings", "session", "journal"];
const KEPT_END: &str = ".jsonl";

/// The scan of a report (`reports/schema/scan.schema.json`).
const SCAN: &str = "scan.json";

/// The page that a report begins with, in either language.
const PAGE: &str = "index.";
const PAGE_END: &str = ".html";

/// Its members near its beginning, and the program's name in it.
const SCAN_BEGINS: [&str; 3] = ["\"version\":", "\"tool\":{", "\"name\":\"cprvagt\""];

/// What a manifest's tool begins with.
const TOOL: &str = "cprvagt ";

/// A folder that an earlier run has written to.
pub(super) struct Earlier {
    /// What it says it has written.
    told: BTreeSet<String>,
}

/// What a line of a sighting has, of whatever version.
#[derive(Deserialize)]
#[expect(dead_code, reason = "that they are there says what it is")]
struct SightingLine {
    rule: Value,
    channel: Value,
    evidence: Value,
    trail: Value,
}

impl Earlier {
    /// What an earlier run has written to `folder`; `None` where none has.
    pub(super) fn find(folder: &Path) -> Option<Self> {
        let manifest = Manifest::read(folder).ok().filter(|(manifest, _)| manifest.tool().starts_with(TOOL));
        let told: BTreeSet<String> =
            manifest.iter().flat_map(|(manifest, _)| manifest.names().map(str::to_owned)).collect();
        let is_one = manifest.is_some()
            || is_scan(&head(&folder.join(SCAN)))
            || KEPT.iter().any(|name| is_kept(&head(&folder.join(format!("{name}{KEPT_END}")))))
            || journal::is_in(folder);
        is_one.then_some(Self { told })
    }

    /// Whether it has written the file of this name.
    pub(super) fn has(&self, folder: &Path, name: &str) -> bool {
        let is_kept = || {
            let begins = KEPT.iter().any(|begin| name.starts_with(begin)) && name.ends_with(KEPT_END);
            begins && is_kept(&head(&folder.join(name)))
        };
        let is_scan = || name == SCAN && is_scan(&head(&folder.join(name)));
        let is_manifest = name == manifest::NAME || name == manifest::SIGNATURE;
        // With a manifest there is no guessing.
        let is_page = || name.starts_with(PAGE) && name.ends_with(PAGE_END);
        let is_report = || self.told.is_empty() && (output::is_report(name) || is_page());
        self.told.contains(name) || (is_manifest && !self.told.is_empty()) || is_report() || is_scan() || is_kept()
    }

    /// Whether the folder of this name in it is one of its own.
    pub(super) fn keeps(name: &str) -> bool {
        name == journal::FOLDER
    }
}

fn head(path: &Path) -> Vec<u8> {
    let mut head = Vec::new();
    // What cannot be read is none.
    let _ = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    head
}

/// Whether a file that begins so is the scan of a report.
fn is_scan(head: &[u8]) -> bool {
    let near: String =
        String::from_utf8_lossy(head).chars().filter(|letter| !letter.is_whitespace()).take(200).collect();
    near.starts_with('{') && SCAN_BEGINS.iter().all(|part| near.contains(part))
}

/// Whether a file that begins so is one that a run keeps on the way: sightings, or a journal.
fn is_kept(head: &[u8]) -> bool {
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_header = || {
        let header = serde_json::from_slice::<Value>(first).ok();
        let header = header.as_ref().and_then(|line| line.get("header"));
        header
            .is_some_and(|header| ["version", "tool", "id", "arguments"].iter().all(|name| header.get(name).is_some()))
    };
    serde_json::from_slice::<SightingLine>(first).is_ok() || is_header()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCAN_TEXT: &str = "{\n  \"version\": 1,\n  \"tool\": {\n    \"name\": \"cprvagt\",";
    const SIGHTING: &str = r#"{"rule":"cpr-in-url","channel":"url-query","evidence":"E2","trail":"query[cpr]"}"#;

    #[test]
    fn what_a_run_has_written_is_told_from_what_only_looks_like_it() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let has = |name: &str| Earlier::find(folder.path()).is_some_and(|earlier| earlier.has(folder.path(), name));
        put("scan.json", "{\"url\":\"/x\"}");
        put("access.log", SCAN_TEXT);
        put("sightings.jsonl", "{\"rule\":\"x\"}");
        assert!(Earlier::find(folder.path()).is_none());
        put("scan.json", SCAN_TEXT);
        put("sightings-2026.jsonl", SIGHTING);
        put("sightings-of-birds.jsonl", "{}");
        put("session.jsonl", r#"{"header":{"version":1,"tool":"0","id":"a","arguments":"b"}}"#);
        for name in ["scan.json", "index.da.html", "vendor-x.da.html", "sightings-2026.jsonl", "session.jsonl"] {
            assert!(has(name), "{name}");
        }
        for name in ["access.log", "sightings-of-birds.jsonl", "sightings.jsonl", "scan.jsonl", "other.html"] {
            assert!(!has(name), "{name}");
        }
        // One that was killed before its reports.
        std::fs::remove_file(folder.path().join("scan.json")).unwrap();
        assert!(has("session.jsonl") && !has("access.log"));
    }
}
