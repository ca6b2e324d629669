//! `cprvagt report`: scans held against each other, persons over several, and files that are not as they were.

mod kit;

use kit::recording::har;
use kit::{Bench, Ran, assert_absent};
use serde_json::Value;

const FIRST: &str = "2026-11-01T10:00:00Z";
const SECOND: &str = "2026-11-20T10:00:00Z";

fn scan(bench: &Bench, name: &str, pages: &[(&str, &[&str])], now: &str, more: &[&str]) -> Ran {
    bench.write(name, &har(pages));
    let ran = bench.run(&[&["scan", name, "--now", now, "--sut", kit::recording::SITE], more].concat());
    assert!(ran.code == Some(0) || ran.code == Some(1), "{ran:?}");
    ran
}

fn pages(of: &Value) -> Vec<String> {
    let one = |finding: &Value| {
        finding["page"].as_str().or_else(|| finding.pointer("/finding/page").and_then(Value::as_str)).map(str::to_owned)
    };
    of.as_array().expect("a list").iter().filter_map(one).collect()
}

/// A leak mended, one that stays, one on a page that is not reached again, one that is new, and a recipient that is.
fn two_scans(bench: &Bench) {
    let stays: &[&str] = &["https://maaling.test/c?cpr=070761-4285"];
    let before: [(&str, &[&str]); 3] = [("/sag", stays), ("/mendet", stays), ("/lukket", stays)];
    scan(bench, "before.har", &before, FIRST, &[]);
    let new: &[&str] = &["https://reklame.test/p?cpr=070761-4285", "https://kort.test/tiles/3"];
    let after: [(&str, &[&str]); 3] = [("/sag", stays), ("/mendet", &[]), ("/ny", new)];
    scan(bench, "after.har", &after, SECOND, &[]);
}

#[test]
fn mended_new_and_not_looked_at_again_are_told_apart() {
    let bench = Bench::new();
    two_scans(&bench);
    let ran = bench.run(&["report", "--since", "2026-11-01", "--out", "since"]);
    ran.ends_with(0)
        .says("SINCE LAST TIME")
        .says("New findings (1)")
        .says("Mended (1)")
        .says("Not looked at again (1)");
    ran.says("The page was not reached").says("New recipients (2)").says("kort.test").says("got no personal number");
    let scan = bench.scan_in("since");
    let comparison = &scan["comparison"];
    assert_eq!(pages(&comparison["mended"]), ["https://www.selvbetjening.test/mendet"]);
    assert_eq!(pages(&comparison["not_covered"]), ["https://www.selvbetjening.test/lukket"]);
    assert_eq!(comparison["not_covered"][0]["unseen"]["why"], "page-not-reached");
    assert_eq!(comparison["still_there"].as_array().map(Vec::len), Some(1));
    assert_eq!(comparison["new"][0]["unseen_before"]["why"], "page-not-reached", "it may be old");
    let recipients: Vec<&str> = comparison["new_recipients"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|new| new["recipient"]["domain"].as_str())
        .collect();
    assert_eq!(recipients, ["kort.test", "reklame.test"]);
    for page in ["index.da.html", "index.en.html", "vendor-report.da.html"] {
        let html = std::fs::read_to_string(bench.path("since").join(page)).expect(page);
        assert!(html.contains("id=\"since\"") && html.contains("lukket") && html.contains("kort.test"), "{page}");
        assert_absent("0707614285", html.as_bytes(), page);
    }
    bench
        .run(&["report", "--since", "1", "--lang", "da"])
        .ends_with(0)
        .says("Rettet (1)")
        .says("Ikke undersøgt igen (1)");
}

#[test]
fn files_are_compared_without_a_store() {
    let bench = Bench::new();
    two_scans(&bench);
    bench.run(&["report", "1", "--out", "a"]).ends_with(0);
    bench.run(&["report", "2", "--out", "b"]).ends_with(0);
    std::fs::remove_dir_all(bench.path("data")).expect("the store is removed");
    bench.run(&["report", "b/scan.json", "--since", "a/scan.json", "--out", "c"]).ends_with(0).says("Mended (1)");
    assert_eq!(bench.scan_in("c")["comparison"]["period"], Value::Null);
    bench
        .run(&["report", "a/scan.json", "--since", "b/scan.json"])
        .ends_with(2)
        .says("is later")
        .says("the other way round");
    bench.run(&["report", "a/scan.json", "--since", "a/scan.json"]).ends_with(2).says("with itself");
    bench.run(&["report", "b/scan.json", "--since", "2026-11-01"]).ends_with(2).says("there is no store");
}

#[test]
fn a_date_without_a_scan_is_told() {
    let bench = Bench::new();
    two_scans(&bench);
    bench.run(&["report", "--since", "2026-10-31"]).ends_with(2).says("from 2026-10-31 or before");
    // The second scan itself is of that day; the one before it counts.
    bench.run(&["report", "--since", "2026-11-20"]).ends_with(0).says("Mended (1)");
}

#[test]
fn persons_over_several_scans_are_counted_under_one_key_alone() {
    let bench = Bench::new();
    bench.run(&["report", "new-key", "persons.key"]).ends_with(0).says("--key-file persons.key");
    bench.run(&["report", "new-key", "persons.key"]).ends_with(2).says("there is a file persons.key already");
    let with = |name: &str, numbers: &[&str], now: &str, more: &[&str]| {
        let told: Vec<String> = numbers.iter().map(|cpr| format!("https://maaling.test/c?cpr={cpr}")).collect();
        let told: Vec<&str> = told.iter().map(String::as_str).collect();
        scan(&bench, name, &[("/sag", &told)], now, more);
    };
    let key = ["--key-file", "persons.key"];
    // Three and two; one is in both.
    with("a.har", &["070761-4285", "010190-1234", "111111-1118"], FIRST, &key);
    with("b.har", &["070761-4285", "251248-9996"], SECOND, &key);
    let ran = bench.run(&["report", "--since", "1", "--out", "since"]);
    ran.ends_with(0).says("2 scans").says("5 transmissions").says("4 distinct");
    with("c.har", &["070761-4285"], "2026-11-21T10:00:00Z", &[]);
    bench.run(&["report", "--since", "1"]).ends_with(0).says("cannot be told").says("--key-file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(bench.path("persons.key")).expect("a key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::set_permissions(bench.path("persons.key"), std::fs::Permissions::from_mode(0o644)).expect("changed");
        let refused = bench.run(&["scan", "c.har", "--person-key", "persons.key"]);
        refused.ends_with(2).says("can be read by others");
    }
    bench.run(&["scan", "c.har", "--key-file", "none.key"]).ends_with(2).says("cprvagt report new-key");
}

#[test]
fn a_scan_that_is_not_as_it_was_written_is_told_as_what_it_is() {
    let bench = Bench::new();
    two_scans(&bench);
    let text = std::fs::read_to_string(bench.path("cprvagt-out/scan.json")).expect("a scan");
    let case = |text: &str, expected: &str| {
        bench.write("bad.json", text);
        bench.run(&["report", "bad.json", "--out", "bad"]).ends_with(2).says("bad.json").says(expected).says("help: ");
        assert!(!bench.path("bad").exists(), "nothing is written");
    };
    case(text.get(..text.len() / 2).expect("ASCII there"), "is cut off");
    case(&text.replacen("\"version\": 1", "\"version\": 7", 1), "is of version 7 of the format");
    case(&text.replacen("2026-11-20T10:00:00Z", "2026-11-19T10:00:00Z", 1), "its id is not that of its start");
    case(&text.replacen("\"verdict\": \"leaking\"", "\"verdict\": \"clean\"", 1), "says otherwise by what it lists");
    case(&text.replacen("\"undelivered\": 0", "\"undelivered\": 99", 1), "cannot be right");
    case("[]", "not as the format has it");
    bench.run(&["report", "none.json"]).ends_with(2).says("cannot read none.json");
}

/// Two vendors with a system each; the first one's tells somebody a number.
const REGISTRY: &str = r#"
[[vendor]]
id = "nordia"
name = "Nordia IT A/S"
next_supervision = "2027-01-15"

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
"#;

#[test]
fn a_vendors_part_has_nothing_of_the_others_and_the_overview_has_all() {
    let bench = Bench::new();
    bench.write("registry.toml", REGISTRY);
    let leak: &[&str] = &["https://maaling.test/c?cpr=070761-4285"];
    bench.write("a.har", &har(&[("/sag", leak), ("/", &[])]));
    bench.write("b.har", &har(&[("/sag", leak)]).replace(kit::recording::SITE, "www.erhverv.test"));
    for now in [FIRST, SECOND] {
        bench.run(&["scan", "a.har", "b.har", "--registry", "registry.toml", "--now", now]).ends_with(1);
    }
    bench
        .run(&["report", "--vendor", "nordia", "--since", "1", "--out", "nordia"])
        .ends_with(0)
        .says("Still there (1)");
    let scan = bench.scan_in("nordia");
    assert_eq!(scan["systems"].as_array().map(Vec::len), Some(1));
    for (path, bytes) in bench.files().iter().filter(|(path, _)| path.starts_with(bench.path("nordia"))) {
        for other in ["fjordsoft", "Fjordsoft", "erhverv", "Erhverv"] {
            let found = bytes.windows(other.len()).any(|window| window == other.as_bytes());
            assert!(!found, "{other} in {}", path.display());
        }
    }
    bench.run(&["report", "nordia/scan.json", "--out", "again"]).ends_with(0);
    let none = bench.run(&["report", "--system", "none"]);
    none.ends_with(2).says("the scan has no system `none`").says("selvbetjening, erhverv");
    bench.run(&["report", "--system", "erhverv", "--out", "erhverv"]).ends_with(0);
    bench.run(&["report", "--overview", "--out", "all"]).ends_with(0).says("overview.da.html");
    let page = std::fs::read_to_string(bench.path("all/overview.da.html")).expect("an overview");
    for said in ["Nordia IT A/S", "Fjordsoft ApS", "15. januar 2027", "Selvbetjeningen", "20. november 2026"] {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains("1. november 2026"), "the last scan counts");
}

#[test]
fn scans_whose_time_is_up_are_removed_by_the_registrys_word() {
    let bench = Bench::new();
    two_scans(&bench);
    bench.run(&["report", "prune", "--now", "2026-11-21T10:00:00Z"]).ends_with(2).says("--days");
    bench.write("cprvagt.toml", "[retention]\nscan_days = 10\n");
    let prune = |more: &[&str]| bench.run(&[&["report", "prune", "--now", "2026-11-21T10:00:00Z"], more].concat());
    prune(&["--dry-run"]).ends_with(0).says("1 scan older than 10 days (before 2026-11-11) would be removed");
    prune(&[]).ends_with(0).says("removed").says("reports that lie in folders are yours to remove");
    prune(&[]).ends_with(0).says("0 scans");
    bench.run(&["report", "list"]).ends_with(0).says(": 1 scans");
}
