//! Digests, sensitive pages and explanations through the real program: what is told of what cannot be read.

mod kit;

use kit::{Bench, NOW, assert_absent};
use sha2::{Digest as _, Sha256};

/// Date-valid and mod-11-valid, declared nowhere: the example of a Danish authority.
const UNDECLARED: &str = "0707614285";

/// A number born in 2045: nobody's.
const DECLARED: &str = "0101455001";

fn sha256(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text))
}

/// A page and requests from it, as a HAR.
fn har(page: &str, requests: &[&str]) -> String {
    let entry = |url: &str, destination: &str| {
        serde_json::json!({
            "startedDateTime": "2026-11-22T03:00:00Z",
            "request": {"method": "GET", "url": url, "headers": [
                {"name": "Sec-Fetch-Dest", "value": destination}, {"name": "Referer", "value": page}]},
            "response": {"status": 200, "headers": []},
        })
    };
    let entries: Vec<serde_json::Value> =
        [entry(page, "document")].into_iter().chain(requests.iter().map(|url| entry(url, "image"))).collect();
    serde_json::json!({"log": {"entries": entries}}).to_string()
}

#[test]
fn a_digest_of_an_undeclared_number_is_undone_and_neither_is_written() {
    let digest = sha256(UNDECLARED);
    let leak = format!("https://maaling.test/c?uid={digest}");
    for (depth, code) in [("fast", 1), ("full", 1), ("off", 3)] {
        let bench = Bench::new();
        bench.write("input.har", &har("https://www.selvbetjening.test/side", &[&leak]));
        let ran = bench.run(&["scan", "input.har", "--digests", depth, "--format", "jsonl", "--now", NOW]);
        ran.ends_with(code);
        let digests: Vec<serde_json::Value> =
            ran.sightings().into_iter().filter(|sighting| sighting["rule"] == "cpr-digest").collect();
        assert_eq!(digests.len(), usize::from(code == 1), "{depth}");
        for sighting in digests {
            assert_eq!(sighting["form"], "sha256");
            assert_eq!(sighting["evidence"], "E2");
            assert_eq!(sighting["trail"], "query[uid] > sha256");
            assert!(sighting["identity"].as_str().unwrap().starts_with("person:"));
        }
        assert_eq!(bench.scan()["digests"]["seen"], 1, "{depth}");
        assert_absent(UNDECLARED, ran.stdout.as_bytes(), "standard output");
        std::fs::remove_file(bench.path("input.har")).unwrap();
        for (path, bytes) in bench.files() {
            assert_absent(UNDECLARED, &bytes, &path.display().to_string());
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(&digest), "{} shows a digest that anybody can undo", path.display());
        }
    }
}

#[test]
fn a_digest_of_a_declared_number_is_certain_without_a_sweep() {
    let bench = Bench::new();
    let nested = data_encoding::HEXLOWER.encode(&Sha256::digest(sha256("010145-5001")));
    bench.write("input.har", &har("https://www.selvbetjening.test/", &[&format!("https://maaling.test/c?h={nested}")]));
    let arguments =
        ["scan", "input.har", "--test-person", DECLARED, "--digests", "off", "--format", "jsonl", "--now", NOW];
    let ran = bench.run(&arguments);
    ran.ends_with(1);
    let sighting = ran.sightings().remove(0);
    assert_eq!(sighting["trail"], "query[h] > sha256 > sha256");
    assert_eq!((sighting["evidence"].as_str(), sighting["rule"].as_str()), (Some("E1"), Some("cpr-digest")));
}

#[test]
fn a_page_that_tells_a_sensitive_matter_is_a_finding_without_any_number() {
    let bench = Bench::new();
    let page = "https://www.selvbetjening.test/sundhed/psykiatri/henvisning";
    bench.write("input.har", &har(page, &["https://maaling.test/c?dt=Henvisning"]));
    bench.run(&["scan", "input.har", "--now", NOW]).ends_with(1);
    let scan = bench.scan();
    let finding = &scan["findings"][0];
    assert_eq!(finding["rule"], "sensitive-context-to-third-party", "{finding}");
    assert_eq!(finding["recipient"]["domain"], "maaling.test");
}

#[test]
fn a_stable_value_under_a_persons_name_is_worth_knowing_and_no_more() {
    let bench = Bench::new();
    let keyed = sha256("an HMAC, as far as anybody can see");
    let requests =
        [format!("https://maaling.test/a?user_id={keyed}"), format!("https://maaling.test/b?user_id={keyed}")];
    let requests: Vec<&str> = requests.iter().map(String::as_str).collect();
    bench.write("input.har", &har("https://www.selvbetjening.test/side", &requests));
    bench.run(&["scan", "input.har", "--now", NOW]).ends_with(0);
    let scan = bench.scan();
    assert_eq!(scan["findings"][0]["rule"], "person-token-to-third-party");
    assert_eq!(scan["findings"][0]["severity"], "info");
    assert!(!scan.to_string().contains(&keyed), "the value itself is nobody's business");
}

#[test]
fn an_explanation_tells_what_speaks_for_and_against() {
    let bench = Bench::new();
    let leak = format!("https://maaling.test/c?cpr={UNDECLARED}&cid=1412218985");
    bench.write("input.har", &har("https://www.selvbetjening.test/side", &[&leak]));
    let ran = bench.run(&["scan", "input.har", "--explain", "--now", NOW]);
    ran.ends_with(1);
    for line in ["+6 named", "+2 mod-11", "E2, definite", "-3 random-id-name", "passed over"] {
        assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
    }
    assert_absent(UNDECLARED, ran.stdout.as_bytes(), "standard output");
    assert_absent("1412218985", ran.stdout.as_bytes(), "standard output");
    let other = bench.run(&["scan", "input.har", "--explain=0", "--now", NOW]);
    assert!(other.stdout.contains("Nothing like a personal number"), "{}", other.stdout);
    bench.run(&["scan", "input.har", "--explain=first", "--now", NOW]).ends_with(2);
}

#[test]
fn a_test_number_that_came_masked_is_told_as_such() {
    let bench = Bench::new();
    let request = "https://maaling.test/c?cpr=010145-****";
    bench.write("input.har", &har("https://www.selvbetjening.test/side", &[request]));
    bench.run(&["scan", "input.har", "--test-person", DECLARED, "--now", NOW]).ends_with(0);
    let altered = &bench.scan()["systems"][0]["coverage"]["altered"][0];
    assert_eq!((altered["kind"].as_str(), altered["count"].as_u64()), (Some("masked"), Some(1)));
}
