//! `cprvagt ca` as typed: an authority is made, shown, exported, replaced and removed, and its key never leaves its file.

mod kit;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use kit::{Bench, Ran};

/// Runs `cprvagt ca` with a data folder of its own.
fn ca(bench: &Bench, arguments: &[&str]) -> Ran {
    let arguments: Vec<&str> = std::iter::once("ca").chain(arguments.iter().copied()).collect();
    let mut command = bench.command(&arguments);
    Ran::from(command.env("XDG_DATA_HOME", bench.path("data")).output().expect("the program starts"))
}

fn secret(bench: &Bench) -> PathBuf {
    bench.path("data/cprvagt/ca-secret.pem")
}

fn fingerprint(bench: &Bench) -> String {
    let shown = ca(bench, &[]);
    shown.ends_with(0);
    shown.stdout.lines().find(|line| line.contains("SHA-256")).expect("a fingerprint").to_owned()
}

#[test]
fn it_is_made_once_and_shown_with_what_each_system_needs() {
    let bench = Bench::new();
    let first = ca(&bench, &[]);
    first.ends_with(0);
    assert!(first.stderr.contains("made a certificate authority"), "{}", first.stderr);
    let again = ca(&bench, &["show"]);
    assert_eq!((again.stdout.as_str(), again.stderr.as_str()), (first.stdout.as_str(), ""));
    let certificate = bench.path("data/cprvagt/ca.pem").display().to_string();
    for part in ["cprvagt CA (", " days left", "update-ca-certificates", "keytool -importcert", "iPhone", &certificate]
    {
        assert!(first.stdout.contains(part), "{part} in {}", first.stdout);
    }
    let mode = std::fs::metadata(secret(&bench)).expect("a key").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

#[test]
fn programs_that_start_at_once_get_the_same() {
    let bench = Bench::new();
    let start = |_| {
        let mut command = bench.command(&["ca", "export"]);
        command.env("XDG_DATA_HOME", bench.path("data")).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    };
    let programs: Vec<_> = (0..6).map(start).collect();
    let ran: Vec<Ran> = programs.into_iter().map(|one| Ran::from(one.wait_with_output().expect("an end"))).collect();
    for one in &ran {
        one.ends_with(0);
    }
    assert!(ran.iter().all(|one| one.stdout == ran[0].stdout));
    assert_eq!(ran.iter().filter(|one| one.stderr.contains("made a certificate authority")).count(), 1);
}

#[test]
fn it_is_exported_in_each_form_without_the_key() {
    let bench = Bench::new();
    let pem = ca(&bench, &["export"]);
    pem.ends_with(0);
    assert!(pem.stdout.starts_with("-----BEGIN CERTIFICATE-----") && !pem.stdout.contains("KEY"), "{}", pem.stdout);
    for format in ["pem", "der", "p12"] {
        ca(&bench, &["export", "--format", format, "--out", format]).ends_with(0);
        assert!(!String::from_utf8_lossy(&std::fs::read(bench.path(format)).expect("a file")).contains("PRIVATE"));
    }
    let openssl = Command::new("openssl")
        .args(["x509", "-inform", "der", "-in", "der", "-noout", "-fingerprint", "-sha256"])
        .current_dir(bench.folder.path())
        .output()
        .expect("openssl is installed");
    let digest = String::from_utf8_lossy(&openssl.stdout).trim().rsplit('=').next().unwrap_or_default().to_owned();
    assert!(fingerprint(&bench).contains(&digest) && digest.len() == 95, "{digest}");
}

#[test]
fn a_new_one_takes_its_place_only_when_that_is_meant() {
    let bench = Bench::new();
    let before = fingerprint(&bench);
    let refused = ca(&bench, &["new"]);
    refused.ends_with(2);
    assert!(refused.stderr.contains("help: ") && refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(fingerprint(&bench), before);
    ca(&bench, &["new", "--force"]).ends_with(0);
    assert_ne!(fingerprint(&bench), before);
    ca(&bench, &["remove"]).ends_with(0);
    assert!(!secret(&bench).exists());
    assert!(ca(&bench, &["remove"]).ends_with(0).stderr.contains("there was none"));
}

#[test]
fn what_cannot_be_used_says_what_to_do() {
    let bench = Bench::new();
    fingerprint(&bench);
    let path = secret(&bench);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("ours");
    let open = ca(&bench, &["export"]);
    open.ends_with(2);
    assert!(open.stderr.contains(&format!("help: chmod 600 {}", path.display())), "{}", open.stderr);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("ours");
    std::fs::write(&path, "nothing").expect("ours");
    let broken = ca(&bench, &[]);
    broken.ends_with(2);
    assert!(broken.stderr.contains("no certificate") && broken.stderr.contains("ca new --force"), "{}", broken.stderr);
    let missing = ca(&bench, &["--ca", "missing.pem"]);
    missing.ends_with(2);
    assert!(missing.stderr.contains("cannot read missing.pem"), "{}", missing.stderr);
}

#[test]
fn an_organisations_own_is_shown_from_its_file() {
    let bench = Bench::new();
    fingerprint(&bench);
    std::fs::copy(secret(&bench), bench.path("ours.pem")).expect("a copy");
    let shown = ca(&bench, &["show", "--ca", "ours.pem"]);
    shown.ends_with(0);
    assert!(shown.stdout.contains("ours.pem") && shown.stdout.contains("export --ca"), "{}", shown.stdout);
    assert!(!shown.stdout.contains("PRIVATE"), "{}", shown.stdout);
}
