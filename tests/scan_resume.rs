//! A scan that is stopped or killed with -9, at any moment and again and again, and goes on: what it comes to is what an
//! undisturbed one does.
#![cfg(target_os = "linux")]
#![expect(clippy::indexing_slicing, reason = "these are tests")]

mod kit;
#[path = "logs/made.rs"]
#[expect(dead_code, reason = "all formats, for other tests")]
mod made;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use kit::recording::{SITE, har};
use kit::{Bench, NOW};
use made::{Made, line, number};
use serde_json::Value;

/// How often each scan is killed.
const KILLS: u64 = 20;

/// Declared nowhere: the example of a Danish authority.
const UNDECLARED: &str = "0707614285";

/// Where how far it came is kept.
const JOURNAL: &str = "cprvagt-out/scan-journal";

/// Longer than a scan takes on a loaded machine.
const PATIENCE: Duration = Duration::from_mins(4);

/// Numbers that look random and are the same each time (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 31)) % bound
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("into memory");
    encoder.finish().expect("into memory")
}

/// A tar of plain files (POSIX.1-1988 ustar).
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, bytes) in files {
        let mut header = [0_u8; 512];
        let mut put = |at: usize, text: &str| {
            for (to, from) in header.iter_mut().skip(at).zip(text.bytes()) {
                *to = from;
            }
        };
        put(0, name);
        put(100, "0000644\0");
        put(124, &format!("{:011o}\0", bytes.len()));
        put(148, "        ");
        put(156, "0");
        put(257, "ustar\0");
        put(263, "00");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        let mut put = |at: usize, text: &str| {
            for (to, from) in header.iter_mut().skip(at).zip(text.bytes()) {
                *to = from;
            }
        };
        put(148, &format!("{sum:06o}\0 "));
        tar.extend(header);
        tar.extend(*bytes);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

/// A log of several blocks, with lines that fit nothing, a line longer than a block, and lines with a time that is none.
fn odd(seed: u64, count: u64) -> String {
    let mut text = Made::log("combined", seed, count).text;
    let _ = writeln!(text, "{} cpr={} {}", "x ".repeat(1_300_000), number(seed), "y ".repeat(900_000));
    let _ = writeln!(text, "no line of any format: {}", number(seed + 1));
    text + &Made::log("combined", seed + 1, count).text.replace("Oct/2024", "Nov/2024")
}

/// A log whose fields change on the way.
fn changing(count: u64) -> String {
    let first = Made::log("w3c", 5, count).text;
    let mut text = format!("{first}#Fields: sc-status date time cs-uri-stem cs-uri-query\n");
    for at in 0..count {
        let _ = writeln!(text, "404 2024-12-{:02} 11:55:07 /sag cpr={}", 1 + at % 20, number(at % 300));
    }
    text
}

fn digest(number: &str) -> String {
    use md5::Digest as _;
    data_encoding::HEXLOWER.encode(&md5::Md5::digest(number))
}

/// Digests in a parameter: of numbers that nobody tries, of people not yet born, and now and then of one that is found.
fn digests(count: u64) -> String {
    (0..count).fold(String::new(), |mut text, at| {
        let digest = if at % 3_000 == 7 { digest(UNDECLARED) } else { digest(&number(at % 2_000)) };
        let _ = writeln!(text, "{}", line("combined", &format!("/om?uid={digest}&x={at}"), "", at % 60));
        text
    })
}

/// A folder of logs of all sorts, and a HAR among them.
fn fill(bench: &Bench) {
    std::fs::create_dir(bench.path("logs")).expect("a folder");
    let write = |name: &str, bytes: &[u8]| std::fs::write(bench.path("logs").join(name), bytes).expect("a file");
    write("a.log", odd(11, 9_000).as_bytes());
    write("b.log.gz", &gzip(Made::log("combined", 3, 18_000).text.as_bytes()));
    let told = [format!("https://maaling.test/c?cpr={}", number(77))];
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    let pages = [("/start", &told[..]), ("/sag?cpr=4501987236", &[]), ("/id/1234567890/4501987236", &told[..])];
    write("c.har", har(&pages).as_bytes());
    write("d.log", changing(18_000).as_bytes());
    write("e.log", digests(12_000).as_bytes());
    let wide: Vec<u8> = std::iter::once(0xfeff_u16)
        .chain(Made::log("combined", 8, 9_000).text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    write("f.log", &wide);
    let (one, two) = (Made::log("combined", 21, 14_000).text, Made::log("common", 22, 14_000).text);
    let archive =
        tar(&[("one.log", one.as_bytes()), ("two.har", har(&pages).as_bytes()), ("three.log", two.as_bytes())]);
    write("g.tar.gz", &gzip(&archive));
    // Its end is lost, which is told.
    let mut cut = gzip(Made::log("combined", 31, 14_000).text.as_bytes());
    cut.truncate(cut.len() - 9);
    write("h.log.gz", &cut);
}

const ARGUMENTS: [&str; 13] = [
    "scan",
    "logs",
    "--now",
    NOW,
    "--sut",
    "own.test",
    "--sut",
    SITE,
    "--digests",
    "fast",
    "--fail-on",
    "low",
    "--no-store",
];

fn command(bench: &Bench, arguments: &[&str]) -> Command {
    let mut command = bench.command(arguments);
    command.env("XDG_RUNTIME_DIR", bench.folder.path()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Starts it, and kills it `after` a time that begins at its start or, with `on_the_way`, once its journal tells of more.
/// Says whether it ended before by itself.
fn killed(bench: &Bench, arguments: &[&str], after: Duration, on_the_way: bool) -> bool {
    let before = place(bench);
    let mut child = command(bench, arguments).stderr(Stdio::null()).spawn().expect("the program starts");
    let begun = Instant::now();
    let mut due = (!on_the_way).then(|| begun + after);
    while due.is_none_or(|due| Instant::now() < due) {
        if child.try_wait().expect("a child").is_some() {
            return true;
        }
        assert!(begun.elapsed() < PATIENCE, "it does not come to its end");
        if due.is_none() && place(bench) != before {
            due = Some(Instant::now() + after);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it is dead");
    false
}

/// Runs it to its end; its exit code, and what it said.
fn ended(bench: &Bench, arguments: &[&str]) -> (Option<i32>, String) {
    let output = command(bench, arguments).output().expect("the program starts");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn keys(bench: &Bench) -> usize {
    let files = bench.files().into_iter().map(|(path, _)| path);
    files.filter(|path| path.extension().is_some_and(|extension| extension == "key")).count()
}

/// Which file it was in, and how far.
fn place(bench: &Bench) -> Option<Value> {
    let text = std::fs::read_to_string(bench.path(JOURNAL).join("state.json")).ok()?;
    Some(serde_json::from_str::<Value>(&text).expect("whole or not at all")["place"].clone())
}

/// Nothing that was in the logs stands in what is kept, plain, dashed, as hex or as a digest.
fn assert_kept_safely(bench: &Bench) {
    let files = bench.files().into_iter().filter(|(path, _)| path.starts_with(bench.path(JOURNAL)));
    for (path, bytes) in files {
        for number in [&number(11), &number(12), &number(77), UNDECLARED] {
            let (date, serial) = number.split_at(6);
            let hex = data_encoding::HEXLOWER.encode(number.as_bytes());
            for spelling in [number.to_owned(), format!("{date}-{serial}"), hex, digest(number)] {
                let found = memchr::memmem::find(&bytes, spelling.as_bytes());
                assert_eq!(found, None, "a number stands in {}", path.display());
            }
        }
    }
}

#[test]
fn a_scan_that_is_killed_again_and_again_comes_to_the_same() {
    let whole = Bench::new();
    fill(&whole);
    let (code, said) = ended(&whole, &ARGUMENTS);
    assert_eq!(code, Some(1), "{said}");
    let expected = whole.scan();
    assert!(expected["logs"]["persons"].as_u64() > Some(4_000), "{}", expected["logs"]["persons"]);
    assert!(expected["digests"]["seen"].as_u64() > Some(1_000), "{}", expected["digests"]);
    assert_eq!(expected["digests"]["undone"], 1);
    assert!(!whole.path(JOURNAL).exists() && keys(&whole) == 0, "nothing is left of it");

    let bench = Bench::new();
    fill(&bench);
    let arguments = [&ARGUMENTS[..], &["--kept-every", "0", "--resume"]].concat();
    let mut dice = Dice(4_711);
    let mut places = Vec::new();
    for kill in 0..KILLS {
        // Now and then while it is just being taken up again.
        let on_the_way = kill % 4 != 3;
        let after = Duration::from_millis(dice.below(if on_the_way { 60 } else { 600 }));
        if killed(&bench, &arguments, after, on_the_way) {
            break;
        }
        places.extend(place(&bench).filter(|place| places.last() != Some(place)));
        if kill % 5 == 4 {
            assert_kept_safely(&bench);
        }
    }
    assert!(places.len() > 6, "{places:?}");
    assert!(places.iter().any(|place| place["log"].is_object()), "{places:?}");
    let (code, said) = ended(&bench, &arguments);
    assert_eq!(code, Some(1), "{said}");
    assert_same(&bench.scan(), &expected);
    assert!(!bench.path(JOURNAL).exists() && keys(&bench) == 0, "nothing is left of it");
}

/// Says where they differ, for scans are long.
#[track_caller]
fn assert_same(one: &Value, other: &Value) {
    for (name, expected) in other.as_object().expect("a scan") {
        assert_eq!(&one[name], expected, "{name}");
    }
    assert_eq!(one, other);
}

/// Kills a scan of `path` once its journal says that it is within a file.
fn stopped_within(bench: &Bench, arguments: &[&str]) {
    stopped_in(bench, arguments, 0);
}

/// The same within the file of this number.
fn stopped_in(bench: &Bench, arguments: &[&str], file: u64) {
    let mut child = command(bench, arguments).stderr(Stdio::null()).spawn().expect("the program starts");
    let begun = Instant::now();
    while place(bench).is_none_or(|place| place["log"].is_null() || place["files"] != file) {
        assert!(child.try_wait().expect("a child").is_none(), "it ended before it was killed");
        assert!(begun.elapsed() < PATIENCE, "it does not come to its end");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it is dead");
}

const ONE: [&str; 11] =
    ["scan", "a.log", "--now", NOW, "--sut", "own.test", "--digests", "off", "--no-store", "--kept-every", "0"];

fn of_one(bench: &Bench) -> Vec<&'static str> {
    bench.write("a.log", &odd(11, 30_000));
    [&ONE[..], &["--resume"]].concat()
}

fn rewritten(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).expect("a log");
    change(&mut bytes);
    std::fs::write(path, bytes).expect("a log");
}

#[test]
fn ctrl_c_keeps_how_far_it_came_though_nobody_asked_for_it_before() {
    let bench = Bench::new();
    let resume = of_one(&bench);
    // As a person has it: without the flag, and long before anything is due.
    let asked: Vec<&str> = ONE.iter().copied().take(9).collect();
    let resume: Vec<&str> = resume.into_iter().filter(|word| !["--kept-every", "0"].contains(word)).collect();
    let (_, _) = ended(&bench, &asked);
    let expected = bench.scan();
    std::fs::remove_dir_all(bench.path("cprvagt-out")).expect("a folder");
    let mut child = command(&bench, &asked).spawn().expect("the program starts");
    std::thread::sleep(Duration::from_millis(400));
    let ended_already = child.try_wait().expect("a child").is_some();
    assert!(!ended_already, "it is too quick for this test");
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    let said = String::from_utf8_lossy(&child.wait_with_output().expect("it ends").stderr).into_owned();
    assert!(said.contains("the same command with --resume goes on from there"), "{said}");
    let kinds = bench.scan()["blind_spots"].to_string();
    assert!(kinds.contains("interrupted"), "{kinds}");
    let (_, said) = ended(&bench, &resume);
    assert!(said.contains("going on with the scan that was begun at"), "{said}");
    assert_same(&bench.scan(), &expected);
    let (_, said) = ended(&bench, &resume);
    assert!(said.contains("this one begins anew"), "{said}");
}

#[test]
fn a_file_that_is_another_is_refused_and_one_that_grew_is_read_on() {
    let bench = Bench::new();
    let arguments = of_one(&bench);
    let path = bench.path("a.log");
    stopped_within(&bench, &arguments);
    let before = std::fs::read(&path).expect("a log");
    let refused = |why: &str, change: &dyn Fn(&mut Vec<u8>)| {
        rewritten(&path, |bytes| change(bytes));
        let (code, said) = ended(&bench, &arguments);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(why) && said.contains("help: put it back as it was"), "{said}");
        std::fs::write(&path, &before).expect("a log");
    };
    refused("a.log begins otherwise than when it was begun", &|bytes| bytes.insert(5, b'x'));
    refused("a.log is shorter than what was read of it", &|bytes| bytes.truncate(100_000));
    let (code, said) = ended(&bench, &[&arguments[..], &["--fail-on", "high"]].concat());
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("asked something else") && said.contains("help:"), "{said}");

    let more = Made::log("combined", 99, 4_000).text;
    rewritten(&path, |bytes| bytes.extend(more.bytes()));
    let (_, said) = ended(&bench, &arguments);
    let went_on = bench.scan();
    let (_, _) = ended(&bench, &ONE);
    assert!(said.contains("going on"), "{said}");
    assert_same(&went_on, &bench.scan());
}

#[test]
fn what_has_come_to_a_file_that_was_read_is_told_with_what_to_do() {
    let bench = Bench::new();
    let arguments = [&["scan", "0.log"], &of_one(&bench)[1..]].concat();
    bench.write("0.log", &Made::log("combined", 98, 300).text);
    stopped_in(&bench, &arguments, 1);
    rewritten(&bench.path("0.log"), |bytes| bytes.extend(Made::log("combined", 99, 4).text.bytes()));
    let (_, said) = ended(&bench, &arguments);
    assert!(said.contains("going on"), "{said}");
    let told = bench.scan()["blind_spots"].to_string();
    assert!(told.contains("it has grown since it was read"), "{told}");
    assert!(told.contains("a new scan, without --resume, reads it whole"), "{told}");
}

#[test]
fn a_scan_that_lost_its_key_says_so_and_one_that_is_damaged_is_refused() {
    let bench = Bench::new();
    let arguments = of_one(&bench);
    stopped_within(&bench, &arguments);
    for (path, _) in bench.files() {
        if path.extension().is_some_and(|extension| extension == "key") {
            std::fs::remove_file(path).expect("the key is removed");
        }
    }
    let (code, said) = ended(&bench, &arguments);
    assert_eq!(code, Some(1), "{said}");
    let conditions = bench.scan()["conditions"].to_string();
    assert!(conditions.contains("a person seen before and after counts as two"), "{conditions}");

    stopped_within(&bench, &ONE);
    rewritten(&bench.path(JOURNAL).join("state.json"), |bytes| bytes.truncate(bytes.len() / 2));
    let (code, said) = ended(&bench, &arguments);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("is nothing to go on with") && said.contains("leave out --resume"), "{said}");
    let (code, said) = ended(&bench, &ONE);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("takes its place") && !bench.path(JOURNAL).exists(), "{said}");
}

#[test]
fn a_key_that_is_lost_is_said_to_be_as_often_as_it_is_tried() {
    let bench = Bench::new();
    let arguments = of_one(&bench);
    stopped_within(&bench, &arguments);
    let lose = || {
        for (path, _) in bench.files() {
            if path.extension().is_some_and(|extension| extension == "key") {
                std::fs::remove_file(path).expect("the key is removed");
            }
        }
    };
    lose();
    let path = bench.path("a.log");
    let (before, written) = (std::fs::read(&path).expect("a log"), path.metadata().unwrap().modified().unwrap());
    rewritten(&path, |bytes| bytes.extend(b"one more\n"));
    for _ in 0..2 {
        let (code, said) = ended(&bench, &arguments);
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains("a.log was written since, and the run's key") && said.contains("leave out --resume"),
            "{said}"
        );
        assert_eq!(keys(&bench), 0, "nothing is kept for a scan that did not go on");
    }
    // Put back, it goes on; and once more, under the key that it has now.
    std::fs::write(&path, before).expect("a log");
    std::fs::File::options().append(true).open(&path).unwrap().set_modified(written).unwrap();
    let at = place(&bench);
    killed(&bench, &arguments, Duration::ZERO, true);
    assert_ne!(place(&bench), at, "it went on");
    assert_eq!(keys(&bench), 1);
    let (code, said) = ended(&bench, &arguments);
    assert_eq!(code, Some(1), "{said}");
    let conditions = bench.scan()["conditions"].to_string();
    assert!(conditions.contains("a person seen before and after counts as two"), "{conditions}");
    assert_eq!(keys(&bench), 0);
}

#[test]
fn a_scan_that_begins_anew_takes_the_key_of_the_one_before_away() {
    let bench = Bench::new();
    let arguments = of_one(&bench);
    stopped_within(&bench, &arguments);
    assert_eq!(keys(&bench), 1);
    stopped_within(&bench, &ONE);
    assert_eq!(keys(&bench), 1, "that of the second");
    // As one that is over before anything is due.
    let (code, said) = ended(&bench, &[&ONE[..9], &["--kept-every", "60s"]].concat());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("takes its place"), "{said}");
    assert!(!bench.path(JOURNAL).exists() && keys(&bench) == 0, "nothing is left");
}

#[test]
fn standard_input_cannot_be_gone_on_with() {
    let bench = Bench::new();
    let (code, said) = ended(&bench, &["scan", "-", "--sut", "own.test", "--no-store", "--resume"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("nobody can read it again"), "{said}");
}
