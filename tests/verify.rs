//! The manifest of a report: what was changed since it was written is told, and a key of the authority's own holds it together.

mod kit;

use std::path::Path;
use std::process::Command;

use kit::{Bench, NOW};
use serde_json::Value;

const OUT: &str = "cprvagt-out";

fn written(also: &[&str]) -> Bench {
    let bench = Bench::new();
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/alloy.leak.har").display().to_string();
    let arguments = [&["scan", &recording, "--now", NOW, "--written-by", "Karen\u{1b}[2J"], also].concat();
    bench.run(&arguments).ends_with(1);
    bench
}

fn key(bench: &Bench, name: &str) -> minisign::KeyPair {
    let pair = minisign::KeyPair::generate_unencrypted_keypair().expect("a key");
    bench.write(&format!("{name}.key"), &pair.sk.to_box(None).expect("a secret key").into_string());
    bench.write(&format!("{name}.pub"), &pair.pk.to_box().expect("a public key").into_string());
    pair
}

#[test]
fn what_nobody_touched_is_as_it_was_written() {
    let bench = written(&[]);
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(bench.path(OUT).join("manifest.json")).expect("a manifest"))
            .expect("JSON");
    assert_eq!(manifest["scan"], bench.scan()["id"]);
    assert_eq!(manifest["written"], NOW);
    let scan = std::fs::read(bench.path(OUT).join("scan.json")).expect("a scan");
    assert_eq!(manifest["files"]["scan.json"]["bytes"], scan.len());
    // What another program makes of the same file.
    let told = Command::new("sha256sum").arg(bench.path(OUT).join("scan.json")).output().expect("sha256sum runs");
    let digest = manifest["files"]["scan.json"]["sha256"].as_str().expect("a digest");
    assert!(String::from_utf8_lossy(&told.stdout).starts_with(digest));
    let ran = bench.run(&["verify", OUT]);
    ran.ends_with(0).says("files are as they were written").says("by Karen").says("not signed");
    assert!(!ran.stdout.contains('\u{1b}'), "{:?}", ran.stdout);
}

#[test]
fn what_was_changed_removed_or_put_there_is_named() {
    let bench = written(&[]);
    let page = bench.path(OUT).join("index.da.html");
    let text = std::fs::read_to_string(&page).expect("a page");
    std::fs::write(&page, text.replacen("tastselv", "skatselv", 1)).expect("the folder is writable");
    std::fs::remove_file(bench.path(OUT).join("index.en.html")).expect("it is there");
    bench.write(&format!("{OUT}/bilag.txt"), "et bilag");
    let ran = bench.run(&["verify", OUT]);
    ran.ends_with(1).says("changed: index.da.html").says("missing: index.en.html").says("not of the report: bilag.txt");
    assert!(!ran.stdout.contains("changed: scan.json"));
}

#[test]
fn a_manifest_that_was_changed_with_its_files_is_told_by_the_signature() {
    let bench = Bench::new();
    key(&bench, "agency");
    key(&bench, "other");
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/alloy.leak.har").display().to_string();
    let sign = ["scan", &recording, "--now", NOW, "--sign-key", "agency.key"];
    bench.run(&sign).ends_with(1);
    bench.run(&["verify", OUT]).ends_with(0).says("signed; --public-key FILE checks by whom");
    bench.run(&["verify", OUT, "--public-key", "agency.pub"]).ends_with(0).says("the signature is good");
    bench.run(&["verify", OUT, "--public-key", "other.pub"]).ends_with(1).says("the signature is not good");
    let manifest = bench.path(OUT).join("manifest.json");
    let text = std::fs::read_to_string(&manifest).expect("a manifest");
    std::fs::write(&manifest, text.replacen("\"tool\": \"", "\"tool\": \"et andet ", 1)).expect("it is writable");
    bench.run(&["verify", OUT, "--public-key", "agency.pub"]).ends_with(1).says("the signature is not good");
    // Written again without the key: the old signature is of another list.
    bench.run(&sign[..4]).ends_with(1);
    bench.run(&["verify", OUT, "--public-key", "agency.pub"]).ends_with(1).says("not signed");
}

#[test]
fn what_is_no_manifest_or_no_key_is_told_so() {
    let bench = written(&[]);
    let manifest = bench.path(OUT).join("manifest.json");
    let whole = std::fs::read_to_string(&manifest).expect("a manifest");
    let (half, _) = whole.split_at(whole.len() / 2);
    let cases = [
        (half.to_owned(), "no manifest, or was cut off"),
        (whole.replacen("\"version\": 1", "\"version\": 9", 1), "version 9"),
        (whole.replacen("scan.json", "../scan.json", 1), "no name of a report's file"),
        (" ".repeat(9 << 20), "longer than"),
    ];
    for (text, told) in cases {
        std::fs::write(&manifest, text).expect("it is writable");
        bench.run(&["verify", OUT]).ends_with(2).says(told).says("manifest.json");
    }
    bench.run(&["verify", "nowhere"]).ends_with(2).says("nowhere/manifest.json");
    std::fs::write(&manifest, whole).expect("it is writable");
    bench.write("text.pub", "hej");
    bench.run(&["verify", OUT, "--public-key", "text.pub"]).ends_with(2).says("text.pub is no public key");
    bench.write("text.key", "hej");
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/alloy.leak.har").display().to_string();
    bench.run(&["scan", &recording, "--sign-key", "text.key"]).ends_with(2).says("cannot open text.key");
}

#[test]
fn a_protected_key_is_opened_by_its_password() {
    let bench = Bench::new();
    let pair = minisign::KeyPair::generate_encrypted_keypair(Some("hemmelig".to_owned())).expect("a key");
    bench.write("agency.key", &pair.sk.to_box(None).expect("a secret key").into_string());
    bench.write("agency.pub", &pair.pk.to_box().expect("a public key").into_string());
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/alloy.leak.har").display().to_string();
    let sign = ["scan", &recording, "--now", NOW, "--sign-key", "agency.key"];
    bench.run(&sign).ends_with(2).says("CPRVAGT_SIGN_PASSWORD");
    let mut command = bench.command(&sign);
    let ran = kit::Ran::from(command.env("CPRVAGT_SIGN_PASSWORD", "hemmelig").output().expect("the program starts"));
    ran.ends_with(1);
    bench.run(&["verify", OUT, "--public-key", "agency.pub"]).ends_with(0).says("the signature is good");
}
