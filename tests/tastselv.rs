//! The figures of the case that this tool is for, with made-up numbers: 4,735 transmissions that were 3,315 persons, from one
//! recording and from five under one key.

mod kit;

use std::collections::BTreeSet;

use kit::Bench;
use kit::recording::{SITE, har};
use serde_json::Value;

const TRANSMISSIONS: usize = 4_735;
const PERSONS: usize = 3_315;

/// Recordings of as many transmissions each.
const SCANS: usize = 5;

/// What the days of the scans begin with.
const MONTH: &str = "2026-11-0";

/// Weights of the check by modulus 11.
const WEIGHTS: [u32; 10] = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

/// Different numbers of people born in 2037 to 2057, one for each of as many days: nobody has them.
fn persons() -> Vec<String> {
    let days = (37..=57).flat_map(|year| (1..=12).flat_map(move |month| (1..=28).map(move |day| (day, month, year))));
    let number = |(day, month, year): (u32, u32, u32)| {
        let passes = |text: &String| {
            let digits = text.chars().filter_map(|digit| digit.to_digit(10));
            digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum::<u32>() % 11 == 0
        };
        (5001..9000).map(|serial| format!("{day:02}{month:02}{year:02}{serial}")).find(passes).expect("one in eleven")
    };
    days.map(number).take(PERSONS).collect()
}

/// Every transmission: each person once, and then the first of them once more.
fn transmissions() -> Vec<String> {
    let persons = persons();
    let again = persons.iter().take(TRANSMISSIONS - PERSONS);
    persons.iter().chain(again).map(|cpr| format!("https://maaling.test/c?cpr={cpr}")).collect()
}

fn scan(bench: &Bench, name: &str, told: &[String], day: usize, more: &[&str]) {
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    bench.write(name, &har(&[("/aarsopgoerelse", &told)]));
    let now = format!("{MONTH}{day}T10:00:00Z");
    bench.run(&[&["scan", name, "--now", &now, "--sut", SITE], more].concat()).ends_with(1);
}

fn page(bench: &Bench, folder: &str, name: &str) -> String {
    std::fs::read_to_string(bench.path(folder).join(name)).expect(name)
}

/// That no number of anybody is in what was written.
fn assert_nobody_is_written(bench: &Bench) {
    let persons: BTreeSet<Vec<u8>> = persons().into_iter().map(String::into_bytes).collect();
    for (path, bytes) in bench.files() {
        if path.extension().is_some_and(|kind| kind == "har") {
            continue;
        }
        let plain = bytes.windows(10).any(|window| persons.contains(window));
        let digits = |window: &[u8]| {
            let (date, serial) = window.split_at(6);
            Some([date, serial.strip_prefix(b"-")?].concat())
        };
        let dashed = bytes.windows(11).filter_map(digits).any(|digits| persons.contains(&digits));
        assert!(!plain && !dashed, "{}", path.display());
    }
}

#[test]
fn one_scan_tells_the_figures_of_the_case() {
    let bench = Bench::new();
    scan(&bench, "tastselv.har", &transmissions(), 1, &[]);
    let scan = bench.scan();
    let leaks: Vec<&Value> = scan["findings"].as_array().expect("findings").iter().collect();
    assert_eq!(leaks.len(), 1, "{leaks:?}");
    assert_eq!(
        (&leaks[0]["transmissions"], &leaks[0]["persons"]),
        (&Value::from(TRANSMISSIONS), &Value::from(PERSONS))
    );
    for (name, figures) in
        [("vendor-report.da.html", ["4.735", "3.315"]), ("vendor-report.en.html", ["4,735", "3,315"])]
    {
        let html = page(&bench, "cprvagt-out", name);
        assert!(figures.iter().all(|figure| html.contains(&format!(">{figure}</td>"))), "{name}");
    }
    assert_nobody_is_written(&bench);
}

#[test]
fn several_scans_tell_them_under_one_key_alone() {
    let bench = Bench::new();
    bench.run(&["report", "new-key", "persons.key"]).ends_with(0);
    let all = transmissions();
    for (part, day) in all.chunks(TRANSMISSIONS / SCANS).zip(1..) {
        scan(&bench, &format!("{day}.har"), part, day, &["--key-file", "persons.key"]);
    }
    let ran = bench.run(&["report", "--since", "1", "--out", "since"]);
    ran.ends_with(0).says("5 scans").says("4,735 transmissions").says("3,315");
    let period = &bench.scan_in("since")["comparison"]["period"];
    assert_eq!((&period["scans"], &period["transmissions"]), (&Value::from(SCANS), &Value::from(TRANSMISSIONS)));
    assert_eq!(period["persons"], serde_json::json!({"known": "counted", "persons": PERSONS}));
    let index = page(&bench, "since", "index.da.html");
    assert!(index.contains("4.735 overførsler") && index.contains("3.315 forskellige personer"), "{index}");
    assert_nobody_is_written(&bench);
}

#[test]
fn without_the_key_file_persons_of_several_scans_cannot_be_added_up() {
    let bench = Bench::new();
    // A tenth of the case is enough to refuse.
    let some = &transmissions()[..TRANSMISSIONS / 10];
    for (part, day) in some.chunks(some.len().div_ceil(2)).zip(1..) {
        scan(&bench, &format!("{day}.har"), part, day, &[]);
    }
    let ran = bench.run(&["report", "--since", "1", "--out", "since"]);
    ran.ends_with(0).says("2 scans").says("cannot be told").says("--key-file");
    assert_eq!(bench.scan_in("since")["comparison"]["period"]["persons"], serde_json::json!({"known": "no-key"}));
}
