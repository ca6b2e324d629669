//! The reports as people with other eyes, hands and screens meet them: axe-core finds no fault against WCAG 2.1 AA in the real
//! browser, in both languages, light and dark, on a desktop and at 320 pixels; the PDF is tagged and has an outline.

mod kit;

use std::path::{Path, PathBuf};
use std::process::Command;

use kit::recording::{SITE, har};
use kit::{Bench, NOW, no_browser, one_browser};

/// What was recorded, and what it shows: leaks of several kinds, nothing, and what could not be read.
const RUNS: &[(&str, &[&str])] = &[
    ("leaks", &["alloy.leak.har", "ackee.leak.har", "adobe-appmeasurement.hard.har"]),
    ("clean", &["alloy.clean.har"]),
    ("cut", &["cut.har"]),
];

/// What is declared of the leaks, so that a dossier has all its parts: answers that hold, answers that do not, and none.
const REGISTRY: &str = r#"
[controller]
name = "Skatteborg Styrelse"
contact = "tilsyn@skatteborg.test"
dpo = "dpo@skatteborg.test"

[[vendor]]
id = "nordia"
name = "Nordia IT A/S"
dpa_ref = "2019-114"

[[system]]
id = "tastselv"
vendor = "nordia"
base_urls = ["https://www.tastselv.test/"]

[[recipient]]
legal_name = "Adobe Systems"
domains = ["demdex.net"]
role = "processor"
dpa_ref = "2018-77"
dpa_expires = "2019-12-31"
approved_for = ["tastselv"]
transfer = { country = "US" }
retention_days = 90

[[answer]]
question = "clean-up"
recipient = "Adobe Systems"
given_by = "vendor"
value = 7

[[answer]]
question = "also-sent"
system = "tastselv"
given_by = "vendor"
value = false
"#;

/// The folder of the run with that registry.
const SUPERVISED: &str = "supervised";

fn reports(bench: &Bench, also: &[&str]) -> Vec<PathBuf> {
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    bench.write(
        "cut.har",
        "{\"log\": {\"entries\": [{\"request\": {\"method\": \"GET\", \"url\": \"https://www.a.test/\"",
    );
    let mut files = Vec::new();
    for (out, names) in RUNS {
        let inputs = names.iter().map(|name| {
            let recorded = recordings.join(name);
            if recorded.exists() { recorded } else { bench.path(name) }
        });
        let inputs: Vec<String> = inputs.map(|path| path.display().to_string()).collect();
        let mut arguments = vec!["scan", "--out", out, "--now", NOW, "--sut", "www.tastselv.test"];
        arguments.extend(inputs.iter().map(String::as_str));
        arguments.extend(also);
        let ran = bench.run(&arguments);
        assert!(matches!(ran.code, Some(0 | 1 | 3)), "{}", ran.stderr);
        let written = std::fs::read_dir(bench.path(out)).expect("reports").flatten().map(|entry| entry.path());
        files.extend(written);
    }
    let registry = bench.write("registry.toml", REGISTRY).display().to_string();
    let leak = recordings.join("alloy.leak.har").display().to_string();
    let mut arguments = vec!["scan", "--out", SUPERVISED, "--now", NOW, "--registry", &registry, &leak];
    arguments.extend(also);
    let ran = bench.run(&arguments);
    assert!(matches!(ran.code, Some(1 | 3)), "{}", ran.stderr);
    let page = std::fs::read_to_string(bench.path(SUPERVISED).join("vendor-nordia.da.html")).expect("a dossier");
    // The dossier's parts are there to be checked.
    for part in ["state contradicted", "state unanswered", "id=\"actions\"", "class=\"blank\""] {
        assert!(page.contains(part), "{part} is not in the dossier");
    }
    let written = std::fs::read_dir(bench.path(SUPERVISED)).expect("reports").flatten().map(|entry| entry.path());
    files.extend(written);
    files
}

/// Two vendors, a recipient with an agreement that has expired, and one outside the EEA without a basis that is not seen.
const DECLARED: &str = r#"
[controller]
name = "Skatteborg Styrelse"

[[vendor]]
id = "nordia"
name = "Nordia IT A/S"
next_supervision = "2026-01-15"

[[vendor]]
id = "fjordsoft"
name = "Fjordsoft ApS"

[[system]]
id = "selvbetjening"
vendor = "nordia"
name = "Selvbetjeningen"
base_urls = ["https://www.selvbetjening.test/"]

[[system]]
id = "erhverv"
vendor = "fjordsoft"
name = "Erhvervsindgangen"
base_urls = ["https://www.erhverv.test/"]

[[recipient]]
legal_name = "Måling Europe Ltd"
domains = ["maaling.test"]
role = "sub-processor"
of = "nordia"
dpa_ref = "2018-77"
dpa_expires = "2025-12-31"
approved_for = ["selvbetjening"]
retention_days = 90

[[recipient]]
legal_name = "Kort Inc."
domains = ["kort.test"]
role = "processor"
approved_for = ["selvbetjening"]
transfer = { country = "US" }
"#;

/// What a registry adds to the pages, what a comparison does, and the overview.
fn declared(bench: &Bench) -> Vec<PathBuf> {
    let registry = bench.write("declared.toml", DECLARED).display().to_string();
    let told: &[&str] = &["https://maaling.test/c?cpr=070761-4285", "https://reklame.test/p"];
    let scans =
        [("before.har", told, "2026-11-01T10:00:00Z"), ("after.har", &["https://maaling.test/c?cpr=070761-4285"], NOW)];
    bench.write("other.har", &har(&[("/", &[])]).replace(SITE, "www.erhverv.test"));
    for (name, told, now) in scans {
        bench.write(name, &har(&[("/sag", told), ("/", told)]));
        let arguments = ["scan", name, "other.har", "--registry", &registry, "--out", "declared", "--now", now];
        let ran = bench.run(&arguments);
        assert!(matches!(ran.code, Some(0 | 1 | 3)), "{}", ran.stderr);
    }
    bench.run(&["report", "--since", "1", "--out", "declared"]).ends_with(0);
    bench.run(&["report", "--overview", "--out", "declared"]).ends_with(0);
    std::fs::read_dir(bench.path("declared")).expect("reports").flatten().map(|entry| entry.path()).collect()
}

fn of_kind<'a>(files: &'a [PathBuf], ending: &str) -> Vec<&'a PathBuf> {
    files.iter().filter(|path| path.extension().is_some_and(|found| found == ending)).collect()
}

#[test]
fn no_rule_of_wcag_is_broken() {
    let _alone = one_browser();
    let Some(browser) = crawler::find_browser().filter(|_| !no_browser()) else { return };
    let bench = Bench::new();
    let mut files = reports(&bench, &[]);
    files.extend(declared(&bench));
    let pages = of_kind(&files, "html");
    assert!(pages.len() >= 4 * RUNS.len(), "{files:?}");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accessible/check.mjs");
    let checked = Command::new("node").arg(script).arg(browser).args(&pages).output().expect("node runs");
    let (said, faults) = (String::from_utf8_lossy(&checked.stderr), String::from_utf8_lossy(&checked.stdout));
    assert!(checked.status.success(), "is everything installed (ci/setup-clients)? {said}");
    assert_eq!(faults, "", "{said}");
    // Where no rule was tried, none was held.
    let tried: usize =
        said.split(", ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or_default();
    assert!(tried > 20 * pages.len(), "{said}");
}

#[test]
fn the_pdf_is_tagged_and_says_the_same() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let bench = Bench::new();
    let files = reports(&bench, &["--pdf"]);
    let (pages, prints) = (of_kind(&files, "html"), of_kind(&files, "pdf"));
    assert_eq!(pages.len(), prints.len());
    for print in prints {
        let bytes = std::fs::read(print).expect("a PDF");
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(bytes.starts_with(b"%PDF-"));
        for mark in ["/MarkInfo", "/StructTreeRoot", "/Outlines", "/Lang"] {
            assert!(holds(mark), "{mark} is not in {}", print.display());
        }
    }
    let print = bench.path("leaks/vendor-report.da.pdf");
    let told = Command::new("pdftotext").arg(&print).arg("-").output().expect("pdftotext runs (ci/setup-clients)");
    let text = String::from_utf8_lossy(&told.stdout);
    for words in ["Leverandørrapport", "Modtagere og fund", "Bilag"] {
        assert!(text.to_lowercase().contains(&words.to_lowercase()), "{words} is not in {text}");
    }
}
