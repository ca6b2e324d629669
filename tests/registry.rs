//! `cprvagt registry` as a supervisor runs it: begun, checked, and described to editors.

mod kit;

use std::process::Output;

use kit::{Bench, NOW, Ran, assert_absent};

/// A registry that nothing is to be said of.
const SOUND: &str = r#"[controller]
name = "Eksempelstyrelsen"

[[vendor]]
id = "nordia"
name = "Nordia A/S"

[[system]]
id = "selvbetjening"
vendor = "nordia"
base_urls = ["https://selvbetjening.test/"]

[[recipient]]
legal_name = "Statistik ApS"
domains = ["statistik.test"]
role = "processor"
dpa_ref = "2026-17"
dpa_expires = "2030-12-31"
approved_for = ["selvbetjening"]

[[test_person]]
id = "ditte"
cpr = "010145-5001"
"#;

fn check(bench: &Bench, arguments: &[&str]) -> Ran {
    let all = [&["registry", "check", "--now", NOW], arguments].concat();
    let mut command = bench.command(&all);
    command.env_remove("CPRVAGT_HOLGER");
    let output: Output = command.output().expect("the program starts");
    Ran::from(output)
}

/// What a check of [`SOUND`], changed, says: level, kind and line.
#[track_caller]
fn case(change: (&str, &str), level: &str, kind: &str, line: u64) {
    let bench = Bench::new();
    let text = SOUND.replacen(change.0, change.1, 1);
    assert_ne!(text, SOUND, "the change changes nothing");
    bench.write("cprvagt.toml", &text);
    let ran = check(&bench, &["--format", "json"]);
    ran.ends_with(if level == "error" { 2 } else { 0 });
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let remarks = told.get("remarks").and_then(serde_json::Value::as_array).expect("remarks");
    assert_eq!(remarks.len(), 1, "{told:#}");
    let remark = |field: &str| remarks.first().and_then(|remark| remark.get(field)).cloned().unwrap_or_default();
    assert_eq!((remark("level").as_str(), remark("kind").as_str()), (Some(level), Some(kind)), "{told:#}");
    assert_eq!(remark("line").as_u64(), Some(line), "{told:#}");
    assert!(remark("help").as_str().is_some_and(|help| !help.is_empty()));
    check(&bench, &["--strict"]).ends_with(2).says(&format!("cprvagt.toml:{line}:")).says(&format!("{level}: "));
}

#[test]
fn a_registry_is_begun_once_and_is_in_order() {
    let bench = Bench::new();
    bench.run(&["registry", "init"]).ends_with(0).says("written: cprvagt.toml");
    let written = std::fs::read_to_string(bench.path("cprvagt.toml")).unwrap();
    check(&bench, &[]).ends_with(0).says("nothing to mend").says("not checked: ");

    bench.write("cprvagt.toml", "mine");
    bench.run(&["registry", "init"]).ends_with(2).says("cprvagt.toml is there already").says("help: ");
    bench.run(&["registry", "init", "--demo"]).ends_with(2).says("is there already");
    assert_eq!(std::fs::read_to_string(bench.path("cprvagt.toml")).unwrap(), "mine");
    bench.run(&["registry", "init", "--force"]).ends_with(0);
    assert_eq!(std::fs::read_to_string(bench.path("cprvagt.toml")).unwrap(), written);
    bench.run(&["registry", "init", "no/such/folder.toml"]).ends_with(2).says("cannot write").says("help: ");
}

#[test]
fn the_demo_registry_has_the_shape_of_the_real_review_and_just_the_planned_warnings() {
    let bench = Bench::new();
    bench.run(&["registry", "init", "--demo"]).ends_with(0);
    let text = std::fs::read_to_string(bench.path("cprvagt.toml")).unwrap();
    let registry = model::Registry::parse(&text).unwrap();
    let systems_of =
        |vendor: &model::registry::Vendor| registry.systems.iter().filter(|system| system.vendor == vendor.id).count();
    let mut systems: Vec<usize> = registry.vendors.iter().map(systems_of).collect();
    assert_eq!(systems, [5, 8, 1, 2, 4, 4], "seeds-facts 1, table 1");
    systems.sort_unstable();
    assert_eq!(registry.systems.len(), 24);

    let ran = check(&bench, &["--format", "json"]);
    ran.ends_with(0);
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let remarks = told["remarks"].as_array().unwrap();
    let kinds: Vec<&str> = remarks.iter().map(|remark| remark["kind"].as_str().unwrap()).collect();
    let planned = [
        "shared-host",
        "agreement-ends-soon",
        "agreement-expired",
        "transfer-without-basis",
        "agreement-missing",
        "chain-open",
        "test-person-not-set",
    ];
    assert_eq!(kinds, planned);
    assert_eq!((told["errors"].as_u64(), told["warnings"].as_u64()), (Some(0), Some(7)));
    for remark in remarks {
        let line = usize::try_from(remark["line"].as_u64().unwrap()).unwrap();
        let written = text.lines().nth(line - 1).unwrap();
        assert!(written.contains("# planned: "), "{written}");
    }
    assert_eq!(text.matches("# planned: ").count(), 7);
    check(&bench, &["--strict"]).ends_with(2);
}

#[test]
fn each_fault_has_its_line_and_what_to_do() {
    case(("base_urls = [", "base_url = ["), "error", "unreadable", 11);
    case(("approved_for = [\"selv", "approved_for = [\"sulv"), "error", "unreadable", 19);
    case(("cpr = \"010145-5001\"", "cpr = \"070761-4285\""), "error", "unsafe-test-person", 23);
    case(("dpa_ref", "# see 070761-4285\ndpa_ref"), "error", "number-in-clear", 17);
    case(("dpa_ref", "# kodeord = Sommer2026\ndpa_ref"), "error", "secret-in-clear", 17);
    case(
        ("https://selvbetjening.test/\"]", "https://selvbetjening.test/\"]\njourneys = [\"a.json\"]"),
        "error",
        "journey-missing",
        12,
    );
    case(("statistik.test", "selvbetjening.test"), "error", "system-is-recipient", 13);
    case(("role = \"processor\"", "role = \"sub-processor\"\nof = \"nordai\""), "error", "chain-unknown", 13);
    case(("role = \"processor\"", "role = \"sub-processor\"\nof = \"Statistik ApS\""), "error", "chain-cycle", 13);
}

#[test]
fn what_somebody_should_see_to_is_a_warning() {
    case(("2030-12-31", "2026-11-21"), "warning", "agreement-expired", 13);
    case(("2030-12-31", "2027-02-20"), "warning", "agreement-ends-soon", 13);
    case(("dpa_ref = \"2026-17\"\n", ""), "warning", "agreement-missing", 13);
    case(
        ("role = \"processor\"", "role = \"processor\"\ntransfer = { country = \"US\" }"),
        "warning",
        "transfer-without-basis",
        13,
    );
    case(("role = \"processor\"", "role = \"sub-processor\""), "warning", "chain-open", 13);
    case(
        ("[[system]]", "[[vendor]]\nid = \"ledig\"\nname = \"Ledig A/S\"\n\n[[system]]"),
        "warning",
        "vendor-without-system",
        8,
    );
    case(
        (
            "[[recipient]]",
            "[[system]]\nid = \"to\"\nvendor = \"nordia\"\nbase_urls = [\"https://selvbetjening.test/to\"]\n\n[[recipient]]",
        ),
        "warning",
        "shared-host",
        13,
    );
    case(("cpr = \"010145-5001\"", "secret_ref = \"env:CPRVAGT_HOLGER\""), "warning", "test-person-not-set", 23);
    case(("cpr = \"010145-5001\"", "cpr = \"251248-9996\""), "warning", "published-test-person", 23);
}

#[test]
fn every_fault_is_told_at_once_within_eighty_columns_and_no_number_with_it() {
    let bench = Bench::new();
    let text = SOUND
        .replace("vendor = \"nordia\"", "vendor = \"nordai\"")
        .replace("[\"statistik.test\"]", "[\"not a domain\"]")
        .replace("010145-5001", "070761-4285")
        .replace("dpa_ref = \"2026-17\"", "dpa_ref = \"https://me:hemmeligt@a.test/0707614285\"");
    bench.write("cprvagt.toml", &text);
    for format in ["text", "json"] {
        let ran = check(&bench, &["--format", format]);
        ran.ends_with(2).says("there is no vendor `nordai`").says("did you mean `nordia`?").says("no domain");
        ran.says("unsafe-test-person").says("secret-in-clear").says("number-in-clear");
        assert_absent("0707614285", ran.stdout.as_bytes(), "standard output");
        assert!(!ran.stdout.contains("hemmeligt"), "{}", ran.stdout);
        if format == "text" {
            let widest = ran.stdout.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(80), "{}", ran.stdout);
            assert!(ran.stdout.ends_with("5 errors\n"), "{}", ran.stdout);
        }
    }
}

#[test]
fn a_registry_is_looked_for_and_its_absence_told() {
    let bench = Bench::new();
    check(&bench, &[]).ends_with(2).says("no cprvagt.toml here or above").says("registry init");
    check(&bench, &["nede.toml"]).ends_with(2).says("cannot read nede.toml").says("help: ");
    bench.write("andet.toml", SOUND);
    check(&bench, &["andet.toml"]).ends_with(0).says("andet.toml: 1 vendor, 1 system, 1 recipient, 1 test person");
}

#[test]
fn two_systems_on_one_address_stop_every_command() {
    let bench = Bench::new();
    let second = "[[system]]\nid = \"to\"\nvendor = \"nordia\"\nbase_urls = [\"https://selvbetjening.test/\"]\n";
    bench.write("cprvagt.toml", &format!("{SOUND}\n{second}"));
    bench.run(&["audit"]).ends_with(2).says("cannot read").says("line 28").says("two systems begin at");
    check(&bench, &[]).ends_with(2).says("cprvagt.toml:28:").says("two systems begin at");
}

#[test]
fn the_schema_is_printed_for_editors() {
    let bench = Bench::new();
    let ran = bench.run(&["registry", "schema"]);
    ran.ends_with(0);
    let schema: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(schema["title"].as_str(), Some("cprvagt registry"));
}

#[test]
fn a_system_that_was_never_scanned_is_told_where_scans_are_kept() {
    let bench = Bench::new();
    bench.write("cprvagt.toml", SOUND);
    let recording = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/alloy.clean.har");
    bench.run(&["scan", &recording.display().to_string(), "--now", NOW]);
    check(&bench, &[]).ends_with(0).says("never scanned");
}
