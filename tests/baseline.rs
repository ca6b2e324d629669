//! Accepted findings, by the real program: they stay in every report, do not count, and count again when time is up.
#![expect(clippy::indexing_slicing, reason = "these are tests")]

mod kit;

use kit::{Bench, NOW, Ran};

const UNDECLARED: &str = "0707614285";

/// A recording with one leak to `host`.
fn har(host: &str) -> String {
    let page = "https://www.selvbetjening.test/side";
    serde_json::json!({"log": {"entries": [
        {"startedDateTime": "2026-11-22T03:00:00Z",
         "request": {"method": "GET", "url": page, "headers": [{"name": "Sec-Fetch-Dest", "value": "document"}]},
         "response": {"status": 200, "headers": []}},
        {"startedDateTime": "2026-11-22T03:00:01Z",
         "request": {"method": "GET", "url": format!("https://{host}/c?cpr={UNDECLARED}"), "headers": []},
         "response": {"status": 204, "headers": []}},
    ]}})
    .to_string()
}

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("a.har", &har("maaling.test"));
    bench.run(&["scan", "a.har", "--now", NOW]).ends_with(1);
    bench
}

fn fingerprints(bench: &Bench) -> Vec<String> {
    let scan = bench.scan();
    let findings = scan["findings"].as_array().expect("findings");
    findings.iter().map(|finding| finding["fingerprint"].as_str().expect("a text").to_owned()).collect()
}

/// Accepts the findings of the last scan that begin so.
fn add(bench: &Bench, prefixes: &[&str], more: &[&str]) -> Ran {
    let said =
        ["--accepted-by", "Ditte Hansen", "--case", "2026-118", "--reason", "mended in release 12", "--now", NOW];
    bench.run(&[&["baseline", "add"], prefixes, &said, more].concat())
}

fn scan(bench: &Bench, now: &str) -> Ran {
    bench.run(&["scan", "a.har", "--now", now, "--baseline", "cprvagt-baseline.toml"])
}

/// Whether `text` was said, wherever its lines broke.
#[track_caller]
fn says(ran: &Ran, text: &str) {
    let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(text), "`{text}` is not in:\n{}", ran.stdout);
}

#[test]
fn an_accepted_finding_stays_and_counts_no_more_until_it_expires() {
    let bench = bench();
    let all = fingerprints(&bench);
    assert!(!all.is_empty());
    let short: Vec<&str> = all.iter().map(|fingerprint| fingerprint.get(..8).unwrap()).collect();
    add(&bench, &short, &["--expires", "2027-01-31"]).ends_with(0).says("accepted until 2027-01-31");

    let ran = scan(&bench, NOW);
    says(ran.ends_with(0), "Accepted by Ditte Hansen until 31 January 2027, case 2026-118: mended in release 12.");
    for fingerprint in &short {
        ran.says(fingerprint);
    }
    let saved = bench.scan();
    assert_eq!(saved["findings"].as_array().unwrap().len(), all.len());
    assert_eq!(saved["findings"][0]["acceptance"]["state"].as_str(), Some("accepted"));
    assert_eq!(saved["baseline"]["accepted"].as_u64(), Some(all.len() as u64));
    let page = std::fs::read_to_string(bench.path("cprvagt-out/index.da.html")).unwrap();
    assert!(page.contains("Accepterede fund"));
    let mut pages = std::fs::read_dir(bench.path("cprvagt-out")).unwrap().map(|entry| entry.unwrap().path());
    let said = |path: std::path::PathBuf| {
        std::fs::read_to_string(path)
            .unwrap_or_default()
            .contains("Accepteret af Ditte Hansen til og med 31. januar 2027")
    };
    assert!(pages.any(said), "no page says so");

    // Its last day still holds; the day after it counts again, and that is said.
    scan(&bench, "2027-01-31T23:00:00Z").ends_with(0);
    let late = scan(&bench, "2027-02-01T00:00:00Z");
    says(late.ends_with(1), "The finding counts again: it was accepted by Ditte Hansen until 31 January 2027");
    says(&late, "the acceptance has expired");
    assert_eq!(bench.scan()["findings"][0]["acceptance"]["state"].as_str(), Some("expired"));
    bench.run(&["baseline", "list", "--now", "2027-02-01T00:00:00Z"]).ends_with(0).says("EXPIRED 2027-01-31");
    bench
        .run(&["baseline", "prune", "--now", "2027-02-01T00:00:00Z"])
        .ends_with(0)
        .says("taken out, expired on 2027-01-31")
        .says("0 kept");
    bench.run(&["baseline", "list", "--now", NOW]).ends_with(0).says("0 accepted, 0 expired");
}

#[test]
fn a_new_finding_beside_an_accepted_one_counts() {
    let bench = bench();
    let all = fingerprints(&bench);
    add(&bench, &all.iter().map(String::as_str).collect::<Vec<_>>(), &[]).ends_with(0);
    bench.write("a.har", &har("andre.test"));
    let ran = scan(&bench, NOW);
    says(ran.ends_with(1), "fits no finding: it was mended, or not reached");
    // A recording that lacks it proves nothing.
    bench
        .run(&["baseline", "prune", "--scan", "cprvagt-out/scan.json", "--now", NOW])
        .ends_with(0)
        .says("kept: not found")
        .says("0 taken out");
}

#[test]
fn the_file_is_added_to_at_its_end_and_is_the_same_in_any_order() {
    let bench = bench();
    let path = bench.write("cprvagt-baseline.toml", "# Reviewed by the board.\n");
    let all = fingerprints(&bench);
    let fingerprint = all.first().unwrap().as_str();
    add(&bench, &[fingerprint, fingerprint], &[]).ends_with(0);
    let written = std::fs::read_to_string(&path).unwrap();
    let rule = bench.scan()["findings"][0]["rule"].as_str().unwrap().to_owned();
    assert_eq!(
        written,
        format!(
            "# Reviewed by the board.\n\n[[accepted]]\nfingerprint = \"{fingerprint}\"\nrule = \"{rule}\"\n\
             accepted_by = \"Ditte Hansen\"\ncase = \"2026-118\"\nreason = \"mended in release 12\"\n\
             accepted = \"2026-11-22\"\nexpires = \"2027-05-21\"\n"
        )
    );
    add(&bench, &[fingerprint], &[]).ends_with(2).says("accepted until 2027-05-21 already, in line 3").says("--renew");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written);
    add(&bench, &[fingerprint], &["--renew", "--expires", "2026-12-01"]).ends_with(0);
    let renewed = std::fs::read_to_string(&path).unwrap();
    assert_eq!(renewed, written.replace("2027-05-21", "2026-12-01"));
}

#[test]
fn what_cannot_be_accepted_is_said_and_nothing_is_written() {
    let bench = bench();
    let all = fingerprints(&bench);
    let fingerprint = all.first().unwrap().as_str();
    add(&bench, &["00000000"], &[]).ends_with(2).says("no finding has the fingerprint").says("--scan");
    add(&bench, &["zz"], &[]).ends_with(2).says("is no fingerprint");
    add(&bench, &[fingerprint], &["--expires", "2027-05-22"]).ends_with(2).says("more than 180 days ahead");
    add(&bench, &[fingerprint], &["--expires", "2026-11-21"]).ends_with(2).says("is over");
    add(&bench, &[fingerprint], &["--scan", "nede.json"]).ends_with(2).says("cannot read nede.json");
    let bare = ["baseline", "add", fingerprint, "--accepted-by", "Ditte", "--case", "7"];
    bench.run(&[&bare[..], &["--reason", "about 070761-4285"]].concat()).ends_with(2).says("may be a CPR number");
    bench.run(&[&bare[..], &["--reason", "  "]].concat()).ends_with(2).says("--reason says nothing");
    assert!(!bench.path("cprvagt-baseline.toml").exists());
}

#[test]
fn a_fingerprint_that_may_be_several_is_refused() {
    let bench = bench();
    let mut scan = bench.scan();
    let finding = scan["findings"][0].clone();
    for digits in ["abcd0000000000000000000000000001", "abcd0000000000000000000000000002"] {
        let mut finding = finding.clone();
        finding["fingerprint"] = digits.into();
        scan["findings"].as_array_mut().unwrap().push(finding);
    }
    bench.write("two.json", &scan.to_string());
    add(&bench, &["abcd"], &["--scan", "two.json"])
        .ends_with(2)
        .says("abcd may be 2 findings")
        .says("give more digits");
    add(&bench, &["abcd0000000000000000000000000002"], &["--scan", "two.json"]).ends_with(0);
}

#[test]
fn a_fault_in_the_baseline_stops_a_run_before_it_begins() {
    let bench = bench();
    let entry = "[[accepted]]\nfingerprint = \"00112233445566778899aabbccddeeff\"\nrule = \"cpr-in-url\"\n\
                 accepted_by = \"D\"\ncase = \"7\"\nreason = \"r\"\naccepted = \"2026-11-01\"\nexpires = \"2026-12-01\"\n";
    let faulty = |from: &str, to: &str| {
        bench.write("cprvagt-baseline.toml", &entry.replace(from, to));
        std::fs::remove_file(bench.path("cprvagt-out/scan.json")).ok();
        let ran = scan(&bench, NOW);
        assert!(!bench.path("cprvagt-out/scan.json").exists(), "the run began");
        ran
    };
    faulty("acce", "axxe").ends_with(2).says("cannot read cprvagt-baseline.toml: line 1").says("help: ");
    faulty("cpr-in-url", "cpr-in-ulr").ends_with(2).says("line 3").says("did you mean `cpr-in-url`?");
    faulty("2026-12-01", "2027-12-01").ends_with(2).says("line 8").says("longer than 180 days");
    faulty("00112233445566778899aabbccddeeff", "0011").ends_with(2).says("line 2").says("all 32 digits");
    bench.run(&["scan", "a.har", "--baseline", "nede.toml"]).ends_with(2).says("cannot read nede.toml");
    bench.run(&["baseline", "list", "--baseline", "nede.toml"]).ends_with(2).says("cannot read nede.toml");
}

#[test]
fn an_entry_that_names_another_rule_accepts_nothing() {
    let bench = bench();
    let fingerprint = fingerprints(&bench).remove(0);
    add(&bench, &[&fingerprint], &[]).ends_with(0);
    let text = std::fs::read_to_string(bench.path("cprvagt-baseline.toml")).unwrap();
    let rule = bench.scan()["findings"][0]["rule"].as_str().unwrap().to_owned();
    bench.write("cprvagt-baseline.toml", &text.replace(&rule, "cpr-in-title"));
    says(scan(&bench, NOW).ends_with(1), "another rule or system than is written");
}
