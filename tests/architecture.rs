//! Holds the arrows between our crates: who may depend on whom, and that nobody else does.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Each crate and those of ours that it may depend on, beyond tests. `src/` (the program) alone knows them all.
const ARROWS: [(&str, &[&str]); 10] = [
    ("model", &[]),
    ("inputs", &["model"]),
    ("detect", &["model"]),
    ("proxy", &["model"]),
    ("crawler", &["model"]),
    ("reports", &["model"]),
    ("store", &["model"]),
    ("console", &["model"]),
    ("sites", &[]),
    ("cprvagt", &["console", "crawler", "detect", "inputs", "model", "proxy", "reports", "sites", "store"]),
];

/// Outside worlds and the only crates of ours that may name them.
const OUTSIDE: [(&str, &[&str]); 13] = [
    ("headless_chrome", &["crawler"]),
    ("tungstenite", &["crawler"]),
    ("reqwest", &["crawler"]),
    ("scraper", &["crawler"]),
    ("html5ever", &["crawler"]),
    ("ego-tree", &["crawler"]),
    ("rcgen", &["proxy", "sites"]),
    ("hyper", &["console", "proxy", "sites"]),
    ("askama", &["console", "reports", "sites"]),
    ("axum", &["console"]),
    ("quick-junit", &["reports"]),
    ("rust_xlsxwriter", &["reports"]),
    ("rusqlite", &["store"]),
];

#[test]
fn arrows_between_crates_run_one_way() {
    let ours: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    for (name, dependencies) in dependencies() {
        let allowed = ARROWS.iter().find(|(known, _)| *known == name).map(|(_, allowed)| *allowed);
        let allowed = allowed.unwrap_or_else(|| panic!("crate `{name}` is not in ARROWS: where does it stand?"));
        for dependency in dependencies.iter().filter(|dependency| ours.contains(dependency.as_str())) {
            assert!(allowed.contains(&dependency.as_str()), "`{name}` must not depend on `{dependency}`");
        }
    }
}

#[test]
fn each_outside_world_has_its_crate() {
    for (name, dependencies) in dependencies() {
        for (world, keepers) in OUTSIDE {
            if dependencies.contains(world) {
                assert!(keepers.contains(&name.as_str()), "`{name}` must leave `{world}` to {keepers:?}");
            }
        }
    }
}

/// What each member of the workspace depends on, tests aside.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata.get("packages").and_then(Value::as_array).expect("packages");
    let of = |package: &Value| {
        let dependencies = package.get("dependencies").and_then(Value::as_array).expect("dependencies").iter();
        let plain = dependencies.filter(|dependency| dependency.get("kind").and_then(Value::as_str) != Some("dev"));
        plain.map(name).collect()
    };
    packages.iter().map(|package| (name(package), of(package))).collect()
}

fn name(package: &Value) -> String {
    package.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[test]
fn every_feature_of_the_detector_has_its_words_in_the_reports() {
    for id in detect::feature_ids() {
        assert!(reports::knows_score(id), "{id} has no row in reports/src/texts/scores.rs");
    }
}

#[test]
fn every_decoder_has_its_words_in_the_reports() {
    for id in detect::decoder_ids() {
        assert!(reports::knows_step(id), "{id} has no row in reports/src/texts/trail.rs");
    }
}
