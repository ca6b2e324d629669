//! The formats that other programs read, read by such programs: a thousand findings, text that is hostile, and what
//! code-scanning services refuse. `ci/setup-clients` installs the readers.

mod kit;
#[path = "formats/made.rs"]
mod made;
#[path = "formats/refusals.rs"]
mod refusals;

use std::path::{Path, PathBuf};
use std::process::Command;

use kit::{Bench, NOW};
use model::{Scan, Severity};
use reports::{Choices, Lang, ReportFile};
use serde_json::Value;
use tempfile::TempDir;

/// A report of a small scan is no longer, whatever its texts are; `scan.json` alone keeps them whole.
const MAX_SMALL: usize = 2 * 1024 * 1024;

/// Many fields of a scan hold it at once: [`MAX_SMALL`] bytes are passed at once where one is not cut.
const LONG_TEXT: usize = 100_000;

/// The pages for people, of a thousand findings.
const MAX_HTML: usize = 5 * 1024 * 1024;

fn render(scan: &Scan, lang: Lang) -> Vec<(&'static str, ReportFile)> {
    let choices = Choices { lang, fail_on: Some(Severity::Medium) };
    let files = |format: &&'static dyn reports::Format| {
        let files = format.files(scan, choices).expect("a scan can be rendered");
        files.into_iter().map(|file| (format.id(), file)).collect::<Vec<_>>()
    };
    reports::FORMATS.iter().flat_map(files).collect()
}

fn json(files: &[(&str, ReportFile)], id: &str) -> Value {
    let (_, file) = files.iter().find(|(format, _)| *format == id).expect("it was written");
    serde_json::from_slice(&file.bytes).expect("it is JSON")
}

/// Lets other programs read the reports of each scan.
#[track_caller]
fn read_by_others(scans: &[(String, Vec<(&str, ReportFile)>)]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (venv, folder) = (root.join("target/clients-venv"), TempDir::new().expect("a temporary folder"));
    let mut check = Command::new(venv.join("bin/python"));
    check.arg(root.join("tests/formats/check.py")).arg(venv.join("sarif-2.1.0.json"));
    for (name, files) in scans {
        check.arg(write(&folder.path().join(name), files));
    }
    let output = check.output().expect("python runs: ci/setup-clients installs it");
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{error}");
}

fn write(folder: &Path, files: &[(&str, ReportFile)]) -> PathBuf {
    std::fs::create_dir(folder).expect("the folder is writable");
    // `scan.json` is for ourselves, and by far the largest: it keeps texts whole.
    for (_, file) in files.iter().filter(|(id, _)| *id != "json") {
        std::fs::write(folder.join(&file.name), &file.bytes).expect("the folder is writable");
    }
    folder.to_owned()
}

#[test]
fn a_thousand_findings_are_in_every_format() {
    let scan = made::scan(24, 1_000);
    let mut scans = Vec::new();
    for lang in Lang::ALL {
        let files = render(&scan, lang);
        assert_eq!(
            json(&files, "sarif").pointer("/runs/0/results").and_then(Value::as_array).map(Vec::len),
            Some(1_000)
        );
        assert_eq!(json(&files, "code-quality").as_array().map(Vec::len), Some(1_000));
        assert_eq!(refusals::of_sarif(&json(&files, "sarif")), Vec::<String>::new());
        assert_eq!(refusals::of_code_quality(&json(&files, "code-quality")), Vec::<String>::new());
        let html = files.iter().filter(|(id, _)| *id == "html").map(|(_, file)| file.bytes.len()).max();
        assert!(html.is_some_and(|bytes| bytes < MAX_HTML), "{html:?}");
        scans.push((lang.to_string(), files));
    }
    read_by_others(&scans);
}

#[test]
fn hostile_text_is_inert_in_every_format() {
    let long = format!("{}{}", made::HOSTILE.concat(), "A".repeat(LONG_TEXT));
    let texts = made::HOSTILE.into_iter().chain([long.as_str()]);
    let mut scans = Vec::new();
    for (text, at) in texts.zip(0..) {
        let scan = made::hostile(text);
        for lang in Lang::ALL {
            let files = render(&scan, lang);
            for (id, file) in &files {
                is_inert(id, file);
            }
            assert_eq!(refusals::of_sarif(&json(&files, "sarif")), Vec::<String>::new(), "{at}");
            assert_eq!(refusals::of_code_quality(&json(&files, "code-quality")), Vec::<String>::new(), "{at}");
            scans.push((format!("{at}-{lang}"), files));
        }
    }
    read_by_others(&scans);
}

/// Nothing in it steers a terminal or turns text, and it has an end.
#[track_caller]
fn is_inert(id: &str, file: &ReportFile) {
    if id == "json" {
        return;
    }
    assert!(file.bytes.len() < MAX_SMALL, "{id}: {} bytes", file.bytes.len());
    // Packed; its cells are looked at by who reads it.
    if id == "xlsx" {
        return;
    }
    let text = std::str::from_utf8(&file.bytes).expect("a report is UTF-8");
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let steers = |c: char| {
        let is_line_end = c == '\n' || (id == "csv" && c == '\r');
        let turns = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}'..='\u{ffff}');
        (c.is_control() && !is_line_end) || turns
    };
    assert_eq!(text.chars().find(|c| steers(*c)), None, "{id}");
}

#[test]
fn a_scan_of_nothing_is_rendered_too() {
    let mut scan = made::scan(0, 0);
    let nothing = render(&scan, Lang::En);
    assert_eq!(refusals::of_sarif(&json(&nothing, "sarif")), Vec::<String>::new());
    scan.self_test = None;
    read_by_others(&[("nothing".to_owned(), nothing), ("untested".to_owned(), render(&scan, Lang::Da))]);
}

#[test]
fn the_program_writes_what_is_asked_for() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path(".git")).expect("the folder is writable");
    std::fs::create_dir(bench.path("drift")).expect("the folder is writable");
    let registry = "[[vendor]]\nid = \"v\"\nname = \"V\"\n\n[[system]]\nid = \"tastselv\"\nvendor = \"v\"\nbase_urls = [\"https://www.tastselv.test/\"]\n";
    let registry = bench.write("drift/cprvagt.toml", registry);
    let har = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/minimal-ga4.leak.har");
    let run = |format: &str| {
        let (har, registry) = (har.to_str().expect("a path"), registry.to_str().expect("a path"));
        bench.run(&["scan", har, "--registry", registry, "--now", NOW, "--format", format])
    };
    let names = || {
        let entries = std::fs::read_dir(bench.path("cprvagt-out")).expect("it was made").flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| Path::new(name).extension().is_none_or(|ending| ending != "html"));
        names.sort();
        names
    };
    run("all").ends_with(1).says("beside it: cprvagt.sarif, cprvagt.junit.xml");
    let all = [
        "cprvagt.codequality.json",
        "cprvagt.csv",
        "cprvagt.junit.xml",
        "cprvagt.md",
        "cprvagt.sarif",
        "cprvagt.xlsx",
        "manifest.json",
        "scan.json",
    ];
    assert_eq!(names(), all);
    let sarif = std::fs::read_to_string(bench.path("cprvagt-out/cprvagt.sarif")).expect("it was written");
    assert!(sarif.contains("\"uri\": \"drift/cprvagt.toml\"") && sarif.contains("\"startLine\": 5"), "{sarif}");
    // What was not asked for again is gone: it would be taken for a report of this run.
    run("junit").ends_with(1);
    assert_eq!(names(), ["cprvagt.junit.xml", "manifest.json", "scan.json"]);
    run("pdf").ends_with(2).says("possible values: text, jsonl, json, html, pictures, sarif");
}
