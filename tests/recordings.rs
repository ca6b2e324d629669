//! `cprvagt scan` on real traffic of telemetry SDKs, against the truth beside it: the real program on a few files.
//! `recall.rs` and `silence.rs` read all of them.

mod kit;

use std::collections::BTreeSet;
use std::path::PathBuf;

use kit::{Bench, NOW};

/// The scenarios of which the `query` recordings have a number in the page's query string and the `clean` ones none.
const SCENARIOS: [&str; 5] = ["ga-ua", "gtag-ga4", "adobe-appmeasurement", "matomo", "referer-nrwd"];

fn recording(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(name)
}

/// (request, recipient host, number) of each row of `expected.tsv` for a file.
fn expected(file: &str) -> BTreeSet<(u64, String, String)> {
    let table = std::fs::read_to_string(recording("expected.tsv")).expect("the truth is there");
    let row = |line: &str| {
        let [of, index, recipient, _, _, number] =
            line.split('\t').collect::<Vec<_>>().try_into().expect("six columns");
        (of == file).then(|| (index.parse().expect("an index"), recipient.to_owned(), number.to_owned()))
    };
    table.lines().skip(1).filter_map(row).collect()
}

#[test]
fn every_leak_to_a_third_party_is_reported_with_its_host() {
    for scenario in SCENARIOS {
        let file = format!("{scenario}.query.har");
        let bench = Bench::new();
        let path = recording(&file);
        let arguments =
            ["scan", path.to_str().unwrap(), "--test-person", "0101901234", "--format", "jsonl", "--now", NOW];
        let ran = bench.run(&arguments);
        ran.ends_with(1);
        let sightings = ran.sightings();
        let found: BTreeSet<(u64, String, String)> = sightings
            .iter()
            .filter(|sighting| sighting["standing"] != "own" && sighting["evidence"] != "E4")
            .map(|sighting| {
                let number = sighting["identity"].as_str().unwrap().trim_start_matches("canary:").to_owned();
                (sighting["index"].as_u64().unwrap(), sighting["host"].as_str().unwrap().to_owned(), number)
            })
            .collect();
        let expected = expected(&file);
        assert!(!expected.is_empty(), "{file} has no rows");
        assert_eq!(found, expected, "{file}");
    }
}

#[test]
fn clean_traffic_raises_nothing_above_a_mere_date() {
    for scenario in SCENARIOS {
        let bench = Bench::new();
        let path = recording(&format!("{scenario}.clean.har"));
        let arguments =
            ["scan", path.to_str().unwrap(), "--test-person", "0101901234", "--format", "jsonl", "--now", NOW];
        let ran = bench.run(&arguments);
        ran.ends_with(0);
        for sighting in ran.sightings() {
            assert_eq!(sighting["evidence"], "E4", "{scenario}: {sighting}");
        }
    }
}

#[test]
fn what_the_browser_sends_by_itself_is_no_third_party_of_the_site() {
    let bench = Bench::new();
    let path = recording("browser-own.leak.har");
    bench.run(&["scan", path.to_str().unwrap(), "--test-person", "0101901234", "--now", NOW]).ends_with(1);
    let coverage = bench.scan()["systems"][0]["coverage"].clone();
    assert_eq!((&coverage["browser_own_requests"], &coverage["third_party_requests"]), (&7.into(), &0.into()));
    assert_eq!(coverage["recipients"], serde_json::json!([]));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let run = || {
        let bench = Bench::new();
        let key = bench.write("key", &"k".repeat(32));
        #[cfg(unix)]
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let path = recording("ga-ua.query.har");
        // Nothing declared: the number is somebody's, and its token comes from the key.
        let ran =
            bench.run(&["scan", path.to_str().unwrap(), "--now", NOW, "--key-file", "key", "--format", "jsonl,all"]);
        let files = bench.files().into_iter().map(|(path, bytes)| (path.file_name().unwrap().to_owned(), bytes));
        (ran.stdout, files.collect::<Vec<_>>())
    };
    let (first, second) = (run(), run());
    assert!(first.0.contains("person:"));
    assert!(first.1.len() >= 11, "scan.json, the pages in both languages, and every other report");
    assert_eq!(first, second);
}
