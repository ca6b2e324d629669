//! What is kept of runs, by the real program: several at once, killed, without room for it, and damaged.

mod kit;

use std::process::Stdio;
use std::time::{Duration, Instant};

use kit::recording::har;
use kit::{Bench, NOW, Ran, assert_absent};

/// Declared nowhere.
const UNDECLARED: &str = "0707614285";

/// A page that tells a number, one that does not.
const LEAK: &[&str] = &["https://maaling.test/c?cpr=070761-4285"];

/// Longer than a scan takes on a loaded machine.
const PATIENCE: Duration = Duration::from_mins(2);

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("leak.har", &har(&[("/sag", LEAK), ("/", &[])]));
    bench.write("clean.har", &har(&[("/sag", &[]), ("/", &[])]));
    bench
}

fn scan(bench: &Bench, file: &str, more: &[&str]) -> Ran {
    bench.run(&[&["scan", file, "--now", NOW], more].concat())
}

#[test]
fn a_scan_is_kept_listed_and_rendered_again_as_it_was() {
    let bench = bench();
    scan(&bench, "leak.har", &[]).ends_with(1).says("kept as scan 1 in ").says("store.db");
    scan(&bench, "clean.har", &[]).ends_with(0).says("kept as scan 2 in ");
    let list = bench.run(&["report", "list"]);
    list.ends_with(0).says("2 scans").says("recording").says("leak.har").says("SYSTEMS, as their last scan has them");
    assert!(list.stdout.lines().skip(1).all(|line| line.chars().count() <= 80), "{}", list.stdout);
    bench.run(&["report", "2", "--out", "again"]).ends_with(0).says("report: ");
    assert_eq!(bench.scan_in("again"), bench.scan());
    let json = bench.run(&["report", "1", "--format", "json", "--out", "first"]);
    let printed: serde_json::Value = serde_json::from_str(&json.ends_with(0).stdout).expect("JSON");
    assert_eq!((&printed, printed["findings"].as_array().map(Vec::len)), (&bench.scan_in("first"), Some(1)));
    assert_absent(UNDECLARED, json.stdout.as_bytes(), "the scan that was kept");
    for (path, bytes) in bench.files().iter().filter(|(path, _)| path.starts_with(bench.path("data"))) {
        assert_absent(UNDECLARED, bytes, &path.display().to_string());
    }
    bench.run(&["report", "3"]).ends_with(2).says("there is no scan `3` in it").says("cprvagt report list");
}

#[test]
fn nothing_is_kept_where_that_is_asked_for() {
    let bench = bench();
    let ran = scan(&bench, "clean.har", &["--no-store"]);
    assert!(!ran.ends_with(0).stderr.contains("kept"), "{}", ran.stderr);
    assert!(!bench.path("data").exists());
    bench.run(&["report", "list"]).ends_with(2).says("there is no store").says("--no-store");
    scan(&bench, "clean.har", &["--store", "mine.db"]).ends_with(0).says("kept as scan 1 in mine.db");
    bench.run(&["report", "list", "--store", "mine.db"]).ends_with(0).says("1 scans");
}

#[test]
fn a_data_folder_that_cannot_be_made_is_told_and_no_fault() {
    let bench = bench();
    bench.write("data", "a file where the folder would be");
    let ran = scan(&bench, "clean.har", &[]);
    ran.ends_with(0).says("not kept for later");
    assert_eq!(ran.stderr.matches("not kept").count(), 1, "{}", ran.stderr);
    scan(&bench, "clean.har", &["--store", "none/mine.db"]).ends_with(2).says("cannot use the store none/mine.db");
}

#[test]
fn a_store_that_cannot_be_used_costs_no_report_and_is_left_as_it_is() {
    let bench = bench();
    std::fs::create_dir_all(bench.path("data/cprvagt")).expect("a folder");
    let path = bench.write("data/cprvagt/store.db", "what somebody else keeps there, and wants to keep");
    let before = std::fs::read(&path).expect("a file");
    scan(&bench, "clean.har", &[]).ends_with(4).says("it is no store of cprvagt").says("help: ").says("not kept");
    assert_eq!(bench.scan()["findings"], serde_json::json!([]), "the reports are written");
    scan(&bench, "leak.har", &[]).ends_with(1);
    assert_eq!(bench.scan()["findings"].as_array().map(Vec::len), Some(1));
    assert_eq!(std::fs::read(&path).expect("a file"), before);
    let named = path.display().to_string();
    scan(&bench, "leak.har", &["--store", &named, "--out", "other"]).ends_with(2).says("it is no store of cprvagt");
    assert!(!bench.path("other/scan.json").exists(), "told before anything is read");
    assert_eq!(std::fs::read(&path).expect("a file"), before);
}

#[test]
fn a_newer_store_is_refused() {
    let bench = bench();
    scan(&bench, "clean.har", &["--store", "mine.db"]).ends_with(0);
    let mut bytes = std::fs::read(bench.path("mine.db")).expect("a store");
    // The version of the user's, in the header of every SQLite file.
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    std::fs::write(bench.path("mine.db"), &bytes).expect("written");
    scan(&bench, "clean.har", &["--store", "mine.db"]).ends_with(2).says("version 99").says("use the newer cprvagt");
    bench.run(&["report", "--store", "mine.db"]).ends_with(2).says("written by a newer cprvagt");
    assert_eq!(std::fs::read(bench.path("mine.db")).expect("a store"), bytes);
}

#[test]
fn several_at_once_are_all_kept() {
    let bench = bench();
    let runs: Vec<_> = (0..6)
        .map(|number: u32| {
            let out = format!("out-{number}");
            let mut command = bench.command(&["scan", "leak.har", "--now", NOW, "--out", &out]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts")
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), told.contains("kept as scan ")), (Some(1), true), "{told}");
    }
    bench.run(&["report", "list"]).ends_with(0).says("6 scans");
}

#[test]
fn what_was_reported_survives_a_kill_at_any_moment() {
    let bench = bench();
    let arguments = ["scan", "leak.har", "--now", NOW];
    let begun = Instant::now();
    bench.run(&arguments).ends_with(1);
    let whole = begun.elapsed();
    let mut reported = 1;
    let mut killed = 0;
    // Numerical Recipes' generator: any spread over the run will do.
    let mut seed: u32 = 1;
    for number in 0..20 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let until = whole.mul_f64(f64::from(seed) / f64::from(u32::MAX));
        let log = bench.path(&format!("log-{number}"));
        let file = std::fs::File::create(&log).expect("a file");
        let mut child =
            bench.command(&arguments).stdout(Stdio::null()).stderr(file).spawn().expect("the program starts");
        let begun = Instant::now();
        while begun.elapsed() < until && child.try_wait().expect("a child").is_none() {
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(1));
        }
        killed += usize::from(child.try_wait().expect("a child").is_none());
        let _ = child.kill();
        child.wait().expect("it is dead");
        reported += usize::from(std::fs::read_to_string(&log).expect("a log").contains("kept as scan "));
    }
    let list = bench.run(&["report", "list", "--last", "100"]);
    list.ends_with(0);
    let kept = list
        .stdout
        .lines()
        .filter(|line| line.contains("recording") && line.contains("leak.har") && !line.contains("died"))
        .count();
    let died = list.stdout.lines().filter(|line| line.contains("died half-way")).count();
    // Between the commit and the telling there is a moment too.
    assert!(kept >= reported, "{kept} of {reported} are there\n{}", list.stdout);
    assert!(died <= killed && kept + died <= 21, "{kept} and {died} of {killed}\n{}", list.stdout);
    for number in 1..=kept {
        bench.run(&["report", &number.to_string(), "--out", "again"]).ends_with(0);
    }
}

#[test]
fn a_run_that_was_killed_is_told() {
    let bench = bench();
    // It waits for its input, having begun.
    let mut command = bench.command(&["proxy", "--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let stderr = child.stderr.take().expect("piped");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(stderr));
    assert!(lines.any(|line| line.expect("a line").contains("proxy on http://")));
    bench.run(&["report", "list"]).ends_with(0).says("under way");
    child.kill().expect("it can be killed");
    child.wait().expect("it is dead");
    bench.run(&["report", "list"]).ends_with(0).says("died half-way");
}
