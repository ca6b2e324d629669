//! Big bodies through the program, in a process of its own, so that its memory can be read.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::kit::Bench;
use crate::kit::live::Live;
use crate::through::{CANARY, Origin, printed};

/// Bytes each way unless `CPRVAGT_BIG_BODY` says otherwise: an unoptimised build on two cores does it within seconds.
const BIG: u64 = 256 << 20;

/// Peak memory of the program: it holds windows and queues, never a body.
const MEMORY_KIB: u64 = 64 << 10;

fn length() -> u64 {
    std::env::var("CPRVAGT_BIG_BODY").map_or(BIG, |text| text.parse().expect("CPRVAGT_BIG_BODY is a number of bytes"))
}

fn curl(live: &Live, bench: &Bench, flag: &str) -> Command {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", flag, "--proxy", &format!("http://{}", live.address)]);
    curl.arg("--cacert").arg(bench.path("cprvagt-out/ca.pem"));
    curl
}

/// The most memory the program has had in use, in KiB.
fn peak(live: &Live) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", live.id())).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells it");
    line.split_whitespace().next().and_then(|text| text.parse().ok()).expect("a number")
}

/// What `command` prints, as SHA-256.
#[track_caller]
fn hash(command: &Command) -> String {
    let mut piped = Command::new("sh");
    piped.args(["-c", r#""$@" | sha256sum"#, "sh"]).arg(command.get_program()).args(command.get_args());
    let hash = printed(&piped);
    hash.split_whitespace().next().expect("a hash").to_owned()
}

/// A file that takes no room on the disk, with the canary near its end.
fn write(path: &Path, length: u64) {
    let mut file = File::create(path).expect("the folder is writable");
    file.set_len(length).expect("zeros");
    file.seek(SeekFrom::End(-1000)).expect("longer than that");
    write!(file, " cpr: {CANARY} ").expect("room");
}

/// The servers, and the program before them with a site under test that is none of theirs.
fn session() -> (Origin, Bench, Live) {
    let origin = Origin::start(false);
    let bench = Bench::new();
    let root = origin.path("origin-root.pem").display().to_string();
    let mut arguments = vec!["proxy", "--listen", "0", "--sut", "www.borger.test", "--loopback-only"];
    arguments.extend(["--test-person", CANARY, "--upstream-ca", &root]);
    for rule in &origin.resolve {
        arguments.extend(["--resolve", rule]);
    }
    let live = Live::start(&bench, &arguments);
    (origin, bench, live)
}

#[track_caller]
#[expect(clippy::print_stdout, reason = "figures, for those who ask with --nocapture")]
fn passes(flag: &str) {
    let (_origin, bench, live) = session();
    let length = length();
    let before = peak(&live);

    let file = bench.path("big");
    write(&file, length);
    let begun = Instant::now();
    let mut up = curl(&live, &bench, flag);
    up.arg("--upload-file").arg(&file).arg("https://site.test/upload");
    let received = printed(&up);
    let (uploaded, after_upload) = (begun.elapsed(), peak(&live));
    assert_eq!(received, format!("{length} {}", hash(Command::new("cat").arg(&file))));

    let mut known = curl(&live, &bench, flag);
    let known = printed(known.arg(format!("https://site.test/hash?length={length}")));
    let begun = Instant::now();
    let mut down = curl(&live, &bench, flag);
    assert_eq!(hash(down.arg(format!("https://site.test/download?length={length}"))), known);
    let (uploaded, downloaded) = (uploaded.as_secs_f32(), begun.elapsed().as_secs_f32());
    println!("{flag}: {length} bytes up in {uploaded:.1} s, down in {downloaded:.1} s");
    let after_download = peak(&live);
    println!("{flag}: {before} KiB before, {after_upload} KiB after the upload, {after_download} KiB at the end");
    assert!(after_download < MEMORY_KIB, "{after_download} KiB");

    live.signal("INT");
    let ran = live.ended();
    ran.says("body-cut");
    // It stands far behind what is read whole. A build that is not optimised may have no time for it, and then says so.
    let found = ran.stdout.contains("cpr-in-third-party-request");
    let missed = ran.stdout.contains("queue-overflow");
    println!("{flag}: the number was {}", if found { "found" } else { "passed over in haste" });
    assert!(found || missed, "{}", ran.stdout);
}

#[test]
fn big_bodies_pass_in_flat_memory_by_http_1() {
    passes("--http1.1");
}

#[test]
fn big_bodies_pass_in_flat_memory_by_http_2() {
    passes("--http2");
}

#[test]
fn a_number_behind_what_is_read_whole_is_found() {
    let (_origin, bench, mut live) = session();
    let file = bench.path("long");
    // What is over the cap of 4 MiB fits the queue of what waits to be judged, however slow the machine is.
    write(&file, 7 << 20);
    let mut up = curl(&live, &bench, "--http2");
    printed(up.arg("--upload-file").arg(&file).arg("https://site.test/upload"));
    live.wait_for("cpr-in-third-party-request");
}
