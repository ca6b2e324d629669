//! `cprvagt scan` on what a log holds beside its requests: numbers in its own fields and lines of text, digests, ids that
//! machines have made, and names that would be taken for one another.

mod kit;
#[expect(dead_code, reason = "its encodings are for tests/logs.rs")]
#[path = "logs/made.rs"]
mod made;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use kit::{Bench, NOW, assert_absent};
use made::number;
use md5::Md5;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A finding of the rule `cpr-in-log`, by its parameter.
#[track_caller]
fn in_log<'a>(scan: &'a Value, parameter: &str) -> &'a Value {
    let findings = scan["findings"].as_array().expect("a list");
    let of_it = |finding: &&Value| finding["rule"] == "cpr-in-log" && finding["parameter"] == parameter;
    let found = findings.iter().find(of_it);
    assert!(found.is_some(), "{parameter}: {findings:#?}");
    found.expect("it was found")
}

#[track_caller]
fn scanned(bench: &Bench, arguments: &[&str], code: i32) -> Value {
    let all = [&["scan", "--now", NOW, "--sut", "own.test", "--fail-on", "low"], arguments].concat();
    bench.run(&all).ends_with(code);
    bench.scan()
}

/// The same, with its dash.
fn dashed(at: u64) -> String {
    let number = number(at);
    let (date, serial) = number.split_at(6);
    format!("{date}-{serial}")
}

/// A combined line, asked by `user` on a day of October 2024.
fn combined(user: &str, target: &str, day: u64) -> String {
    format!(
        "192.0.2.7 - {user} [{day:02}/Oct/2024:12:00:00 +0000] \"GET {target} HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0\"\n"
    )
}

/// Digits and letters that look random and are the same each time (xorshift).
fn hex(dice: &mut u64, length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        *dice ^= *dice << 13;
        *dice ^= *dice >> 7;
        *dice ^= *dice << 17;
        let _ = write!(text, "{dice:016x}");
    }
    text.truncate(length);
    text
}

/// A line as an ALB writes it (ELB User Guide, "Access log entries"), its ids random.
fn balanced(dice: &mut u64, target: &str, trace: &str) -> String {
    let (second, group, connection) = (*dice % 60, "73e2d6bc24d8a067", hex(dice, 32));
    format!(
        "https 2024-10-10T11:55:{second:02}.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.0.2.7:2817 10.0.0.1:80 0.086 \
         0.048 0.037 200 200 0 57 \"GET https://own.test:443{target} HTTP/1.1\" \"Mozilla/5.0\" ECDHE-RSA-AES128-GCM-SHA256 \
         TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/{group} \"{trace}\" \
         \"own.test\" \"arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012\" 1 \
         2024-10-10T11:55:{second:02}.364000Z \"forward\" \"-\" \"-\" \"10.0.0.1:80\" \"200\" \"-\" \"-\" TID_{connection}\n"
    )
}

#[test]
fn numbers_in_fields_of_the_log_itself_are_a_finding_of_its_own() {
    let bench = Bench::new();
    let mut text = String::new();
    for day in 1..=6 {
        // Three persons, and a seventh line whose number stands in the address alone.
        text += &combined(&dashed(day % 3), "/hjem", day);
    }
    text += &combined("-", &format!("/x?cpr={}", number(9)), 7);
    bench.write("access.log", &text);
    let scan = scanned(&bench, &["access.log"], 1);
    let finding = in_log(&scan, "user");
    assert_eq!((&finding["transmissions"], &finding["persons"]), (&6.into(), &3.into()));
    assert_eq!((&finding["channel"], &finding["severity"]), (&"log".into(), &"low".into()));
    assert_eq!(
        (&finding["recipient"]["domain"], &finding["recipient"]["standing"]),
        (&"own.test".into(), &"own".into())
    );
    assert_eq!(
        (&finding["first_seen"], &finding["last_seen"]),
        (&"2024-10-01T12:00:00Z".into(), &"2024-10-06T12:00:00Z".into())
    );
    let logged = &scan["logs"]["findings"][finding["fingerprint"].as_str().unwrap()];
    assert_eq!((&logged["files"]["access.log"], logged["days"].as_object().unwrap().len()), (&6.into(), 6));
    let rules: BTreeSet<&str> =
        scan["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, BTreeSet::from(["cpr-in-log", "cpr-in-url"]));
    assert_eq!(scan["findings"].as_array().unwrap().len(), 2, "nothing is told twice");
    assert_eq!(scan["blind_spots"].as_array().unwrap().len(), 0, "{}", scan["blind_spots"]);
    assert_eq!(scan["logs"]["persons"], 4);
}

#[test]
fn numbers_in_lines_of_text_are_told_by_the_key_before_them() {
    let bench = Bench::new();
    let (bare, keyed, quoted) = (number(1), number(2), number(3));
    let dashed = dashed(1);
    let text = format!(
        "2024-10-01T12:00:00Z INFO start\n2024-10-01T12:00:01Z WARN opslag cpr={keyed} fejlede\n\
         2024-10-01T12:00:02Z WARN borger {dashed} kan ikke\n2024-10-01T12:00:03Z svar {{\"ssn\": \"{quoted}\", \"x\": 1}}\n\
         2024-10-01T12:00:04Z ordre 4213370001 afsendt\n"
    );
    bench.write("app.log", &text);
    let ran =
        bench.run(&["scan", "app.log", "--now", NOW, "--sut", "own.test", "--fail-on", "low", "--format", "jsonl"]);
    ran.ends_with(1);
    let told: Vec<(u64, String)> = ran
        .sightings()
        .iter()
        .map(|told| (told["index"].as_u64().unwrap(), told["trail"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!((told[0].0, told[0].1.as_str()), (2, "log[cpr]"));
    assert_eq!((told[1].0, told[1].1.as_str()), (3, "log"));
    assert_eq!((told[2].0, told[2].1.as_str()), (4, "log[ssn]"));
    let scan = bench.scan();
    in_log(&scan, "cpr");
    in_log(&scan, "ssn");
    assert_eq!(in_log(&scan, "")["evidence"], "E3");
    for (path, bytes) in bench.files() {
        if path.file_name().is_some_and(|name| name != "app.log") {
            for number in [&bare, &keyed, &quoted] {
                assert_absent(number, &bytes, &path.display().to_string());
            }
        }
    }
}

#[test]
fn bare_digits_in_text_are_judged_by_all_of_them() {
    // Ten digits with nothing before them: several that are all numbers are numbers, ids that are not are none.
    let lines = |digits: &dyn Fn(u64) -> String| {
        (1..=40).fold(String::new(), |text, at| text + &format!("2024-10-01T12:00:{at:02}Z job {} klar\n", digits(at)))
    };
    let bench = Bench::new();
    bench.write("numbers.log", &lines(&number));
    let scan = scanned(&bench, &["numbers.log"], 1);
    let finding = in_log(&scan, "");
    assert_eq!((&finding["evidence"], &finding["persons"]), (&"E2".into(), &40.into()));
    let bench = Bench::new();
    bench.write("ids.log", &lines(&|at| format!("{}", 3_912_345_671 + at * 7_654_321)));
    bench.run(&["scan", "ids.log", "--now", NOW, "--sut", "own.test"]);
    assert_eq!(bench.scan()["findings"].as_array().unwrap().len(), 0, "{}", bench.scan());
}

#[test]
fn explain_and_redact_know_what_stands_in_the_log_itself() {
    let bench = Bench::new();
    bench.write("access.log", &combined(&dashed(5), "/hjem", 1));
    let ran = bench.run(&["scan", "access.log", "--now", NOW, "--sut", "own.test", "--fail-on", "low", "--explain"]);
    ran.ends_with(1);
    for part in ["access.log 1", "log[user]", "mod-11"] {
        assert!(ran.stdout.contains(part), "{part}\n{}", ran.stdout);
    }
    bench.run(&["redact", "access.log", "--out", "clean.log"]).ends_with(0);
    assert_absent(&dashed(5), &std::fs::read(bench.path("clean.log")).unwrap(), "the redacted log");
    let clean = scanned(&bench, &["clean.log"], 0);
    assert_eq!(clean["findings"].as_array().unwrap().len(), 0, "{clean}");
}

#[test]
fn a_clean_log_full_of_ids_is_clean_and_hardly_judged() {
    let bench = Bench::new();
    let mut dice = 4711;
    let mut text = String::new();
    for _ in 0..20_000 {
        let trace = format!("Root=1-{}-{}", hex(&mut dice, 8), hex(&mut dice, 24));
        text += &balanced(&mut dice, "/hjem?side=2", &trace);
    }
    bench.write("alb.log", &text);
    let scan = scanned(&bench, &["alb.log"], 0);
    let file = &scan["logs"]["files"][0];
    assert_eq!((&file["format"], &file["lines"]), (&"aws-alb".into(), &20_000.into()));
    assert!(file["judged"].as_u64().unwrap() < 200, "{file}");
    assert_eq!(scan["findings"].as_array().unwrap().len(), 0, "{}", scan["findings"]);
}

#[test]
fn a_number_that_stands_in_an_id_is_found_all_the_same() {
    let bench = Bench::new();
    let mut dice = 7;
    let trace = |at| format!("Root=1-5759e988-bd862e3fe1be46a994272793;Self={}", number(at));
    let text: String = (1..=6).map(|at| balanced(&mut dice, "/hjem", &trace(at))).collect();
    bench.write("alb.log", &text);
    let scan = scanned(&bench, &["alb.log"], 1);
    assert_eq!(in_log(&scan, "trace_id")["persons"], 6);
}

/// Date-valid and mod-11-valid, declared nowhere: the example of a Danish authority. No sweep tries who is not born.
const UNDECLARED: &str = "0707614285";

#[test]
fn digests_in_logged_parameters_are_undone_by_the_sweep() {
    let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(UNDECLARED));
    let md5 = data_encoding::HEXLOWER.encode(&Md5::digest(UNDECLARED));
    for (format, digest) in [("combined", &sha256), ("json-lines", &md5), ("aws-alb", &sha256)] {
        let bench = Bench::new();
        let lines: String =
            (0..50).map(|at| made::line(format, &format!("/x?uid={digest}&n={at}"), "", at) + "\n").collect();
        bench.write("access.log", &lines);
        let off = scanned(&bench, &["access.log", "--digests", "off"], 3);
        assert_eq!(off["digests"]["seen"], 1, "{format}: {off}");
        let scan = scanned(&bench, &["access.log", "--digests", "fast"], 1);
        let finding = &scan["findings"][0];
        assert_eq!((&finding["rule"], &finding["parameter"]), (&"cpr-in-url".into(), &"uid".into()), "{format}");
        assert_eq!((&finding["transmissions"], &finding["persons"]), (&50.into(), &1.into()), "{format}");
        assert!(!scan.to_string().contains(digest.as_str()), "{format}: a digest that anybody can undo");
        assert_absent(UNDECLARED, scan.to_string().as_bytes(), format);
    }
}

#[test]
fn digests_of_declared_numbers_are_certain_without_a_sweep() {
    let bench = Bench::new();
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(number(3)));
    bench.write("access.log", &combined(&format!("u-{digest}"), &format!("/x?uid={digest}"), 1));
    let scan = scanned(&bench, &["access.log", "--digests", "off", "--test-person", &number(3)], 1);
    assert_eq!(in_log(&scan, "user")["evidence"], "E1");
    assert_eq!(scan["findings"].as_array().unwrap().len(), 2, "{}", scan["findings"]);
}

#[test]
fn logs_of_one_name_are_told_apart_and_the_reports_are_none() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("logs")).unwrap();
    bench.write("logs/a.log", &combined(&dashed(1), "/", 1));
    std::fs::write(bench.path("logs/a.log.gz"), made::gzip(&combined(&dashed(2), "/", 1))).unwrap();
    let again = ["scan", "logs", "--out", "logs/reports", "--now", NOW, "--sut", "own.test", "--fail-on", "low"];
    bench.run(&again).ends_with(1);
    let scan = bench.scan_in("logs/reports");
    let names: Vec<&Value> = scan["logs"]["files"].as_array().unwrap().iter().map(|file| &file["name"]).collect();
    assert_eq!(names, ["a.log", "a.log.gz"]);
    let finding = in_log(&scan, "user");
    assert_eq!((&finding["transmissions"], &finding["persons"]), (&2.into(), &2.into()));
    let logged = &scan["logs"]["findings"][finding["fingerprint"].as_str().unwrap()];
    assert_eq!(logged["files"], serde_json::json!({"a.log": 1, "a.log.gz": 1}));
    // What the first run wrote is no log of the second.
    let ran = bench.run(&again);
    ran.ends_with(1);
    assert!(ran.stderr.contains("files in logs/reports, where the reports go"), "{}", ran.stderr);
    assert_eq!(bench.scan_in("logs/reports")["logs"]["files"].as_array().unwrap().len(), 2);
}

#[test]
fn a_file_has_one_name_in_all_that_is_said_of_it() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("logs/2022")).unwrap();
    let mut cut = made::gzip(&combined(&dashed(1), "/", 1).repeat(300));
    // In its last line.
    cut.truncate(cut.len() - 40);
    std::fs::write(bench.path("logs/2022/cut.log.gz"), cut).unwrap();
    let name = "2022/cut.log.gz";
    for (folders, name) in [(&["logs"][..], name), (&["logs", "other"], "logs/2022/cut.log.gz")] {
        std::fs::create_dir_all(bench.path("other")).unwrap();
        bench.write("other/b.log", &combined("-", "/", 1));
        let scan = scanned(&bench, folders, 1);
        assert_eq!(scan["logs"]["files"][0]["name"], name);
        let told = &scan["blind_spots"][0];
        assert_eq!((&told["place"], &told["count"]), (&name.into(), &2.into()), "{told}");
        let detail = told["detail"].as_str().unwrap();
        assert!(detail.contains("lines that do not fit") && detail.contains("; gzip broken near byte"), "{detail}");
        let finding = in_log(&scan, "user");
        let logged = &scan["logs"]["findings"][finding["fingerprint"].as_str().unwrap()];
        assert_eq!(logged["files"], serde_json::json!({ name: 299 }));
        assert!(finding.to_string().contains(&format!("\"{name}\"")), "{finding}");
        assert!(!scan.to_string().contains("cut.log\""), "{scan}");
    }
}

#[test]
fn lines_that_end_in_cr_alone_are_lines() {
    let bench = Bench::new();
    let text: String = (1..=5).map(|day| combined(&dashed(day), "/", day)).collect();
    bench.write("cr.log", &text.replace('\n', "\r"));
    let scan = scanned(&bench, &["cr.log"], 1);
    assert_eq!(
        (&scan["logs"]["files"][0]["lines"], &scan["logs"]["files"][0]["format"]),
        (&5.into(), &"combined".into())
    );
    let finding = in_log(&scan, "user");
    assert_eq!((&finding["transmissions"], &finding["persons"]), (&5.into(), &5.into()));
    assert_eq!(scan["blind_spots"].as_array().unwrap().len(), 0, "{}", scan["blind_spots"]);
    bench.run(&["redact", "cr.log", "--now", NOW]).ends_with(0);
    let redacted = std::fs::read_to_string(bench.path("cr.redacted.log")).unwrap();
    assert_eq!((redacted.len(), redacted.matches('\r').count()), (text.len(), 5));
    bench.run(&["scan", "cr.redacted.log", "--now", NOW, "--sut", "own.test", "--fail-on", "low"]).ends_with(0);
}

#[test]
fn a_log_that_holds_the_same_as_another_is_told() {
    let bench = Bench::new();
    let text = combined(&dashed(1), "/", 1).repeat(20_000);
    std::fs::create_dir(bench.path("logs")).unwrap();
    bench.write("logs/a.log", &text);
    std::fs::write(bench.path("logs/a.log.1.gz"), made::gzip(&text)).unwrap();
    bench.write("logs/b.log", &text.replacen("Oct/2024:12:00", "Oct/2024:12:01", 1));
    bench.write("logs/c.log", &combined(&dashed(1), "/", 1).repeat(10_000));
    for name in ["logs/d.log", "logs/e.log"] {
        bench.write(name, "");
    }
    let ran = bench.run(&["scan", "logs", "--now", NOW, "--sut", "own.test", "--fail-on", "low"]);
    ran.ends_with(1).says(": 1; the first is a.log.1.gz, the same as a.log; leave one out");
    let scan = bench.scan();
    let told = |name: &str| {
        let files = scan["logs"]["files"].as_array().unwrap();
        files.iter().find(|file| file["name"] == name).unwrap()["assumed"].to_string()
    };
    assert!(told("a.log.1.gz").contains("its lines count, though a.log holds the same"), "{}", told("a.log.1.gz"));
    for name in ["a.log", "b.log", "c.log", "d.log", "e.log"] {
        assert!(!told(name).contains("holds the same"), "{name}");
    }
    let dansk = std::fs::read_to_string(bench.path("cprvagt-out/vendor-report.da.html")).unwrap();
    assert!(dansk.contains("dens linjer tæller med, selv om a.log indeholder det samme"));
}

#[test]
fn a_zone_is_what_it_looks_like_and_is_of_logs_without_one() {
    let bench = Bench::new();
    let w3c = "#Fields: date time cs-method cs-uri-stem cs-uri-query sc-status\n2024-10-01 00:30:00 GET /m - 200\n";
    bench.write("iis.log", w3c);
    let scan = |zone: &str| bench.run(&["scan", "iis.log", "--now", NOW, "--sut", "own.test", "--log-zone", zone]);
    scan("CET+5").ends_with(2).says("CET+5 means -05:00");
    scan("+02:00").says("iis.log is of the W3C format, whose times are of UTC: --log-zone is of other logs");
    assert_eq!(bench.scan()["logs"]["files"][0]["first"], "2024-10-01T00:30:00Z");
    assert!(!scan("UTC").stderr.contains("--log-zone"));
}

#[test]
fn lines_of_text_are_of_the_time_that_they_begin_with() {
    let bench = Bench::new();
    let text = format!(
        "2024-03-07 10:11:12,123 INFO cpr={}\n[2024-03-08] WARN cpr={}\nMar  9 10:11:12 host cpr={}\n25.12.2023 cpr={}\n",
        number(1),
        number(2),
        number(3),
        number(4)
    );
    bench.write("app.log", &text);
    let file = std::fs::File::options().append(true).open(bench.path("app.log")).unwrap();
    // On the tenth of March 2024: the year of a line that says none.
    file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_hours(475_008)).unwrap();
    let scan = scanned(&bench, &["app.log"], 1);
    let finding = in_log(&scan, "cpr");
    assert_eq!(
        (&finding["first_seen"], &finding["last_seen"]),
        (&"2023-12-25T00:00:00Z".into(), &"2024-03-09T10:11:12Z".into())
    );
    let told = scan["blind_spots"].to_string();
    assert!(told.contains("log-gap") && !told.contains("no time that can be read"), "{told}");
    assert_eq!(
        scan["logs"]["files"][0]["assumed"],
        serde_json::json!(["host own.test", "time zone UTC", "year by the file's date"])
    );
    // Which of two days it is, nobody knows.
    bench.write("app.log", &format!("07/03/2024 10:11:12 cpr={}\n", number(1)));
    let told = scanned(&bench, &["app.log"], 1)["blind_spots"].to_string();
    assert!(told.contains("lines without a time that can be read, which count as of no day: 1, "), "{told}");
}

#[test]
fn a_line_that_several_findings_tell_of_is_one_transmission_in_the_sum() {
    let bench = Bench::new();
    let line = |day: u64, user: &str, referer: &str| {
        let target = format!("/x?cpr={}", number(day));
        combined(user, &target, day).replace("\"-\"", &format!("\"{referer}\""))
    };
    let mut text = String::new();
    for day in 1..=3 {
        text += &line(day, &dashed(day), &format!("https://own.test/y?cpr={}", number(day)));
    }
    // One that only the address tells of.
    text += &line(4, "-", "-");
    bench.write("a.log", &text);
    let ran = bench.run(&["scan", "a.log", "--now", NOW, "--sut", "own.test", "--digests", "off", "--fail-on", "low"]);
    ran.ends_with(1);
    ran.says("4 different persons' numbers in 4 transmissions");
    ran.says("2024: 4 transmissions on 4 days");
    let scan = bench.scan();
    let findings = scan["findings"].as_array().unwrap();
    let each: u64 = findings.iter().map(|finding| finding["transmissions"].as_u64().unwrap()).sum();
    assert_eq!((findings.len(), each), (4, 10), "each counts its own, the address without a page by itself");
    let shared = scan["logs"]["shared"].as_array().unwrap();
    assert_eq!(shared.len(), 1, "{shared:?}");
    assert_eq!(shared[0]["findings"].as_array().unwrap().len(), 3);
    assert_eq!(shared[0]["days"], serde_json::json!({ "2024-10-01": 1, "2024-10-02": 1, "2024-10-03": 1 }));
}

#[cfg(unix)]
#[test]
fn a_file_that_is_named_twice_counts_once() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("logs")).unwrap();
    bench.write("logs/a.log", &combined(&dashed(1), "/", 1));
    std::os::unix::fs::symlink("logs/a.log", bench.path("b.log")).unwrap();
    let ran = bench.run(&[
        "scan",
        "logs",
        "logs/a.log",
        "b.log",
        "./logs/a.log",
        "--now",
        NOW,
        "--sut",
        "own.test",
        "--fail-on",
        "low",
    ]);
    ran.ends_with(1).says("read once though named or met again: 3; the first is logs/a.log");
    let scan = bench.scan();
    assert_eq!(scan["logs"]["files"].as_array().unwrap().len(), 1);
    assert_eq!(in_log(&scan, "user")["transmissions"], 1);
    assert_eq!(scan["blind_spots"].as_array().unwrap().len(), 0, "{}", scan["blind_spots"]);
}

#[test]
fn reports_of_an_earlier_run_are_no_logs_wherever_they_lie() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("logs")).unwrap();
    bench.write("logs/a.log", &combined(&dashed(1), "/", 1));
    let asked = ["--now", NOW, "--sut", "own.test", "--fail-on", "low"];
    let written = ["--out", "logs/before", "--format", "all"];
    bench.run(&[&["scan", "logs/a.log"][..], &asked, &written].concat()).ends_with(1);
    // Reports among the logs themselves, too; and a log among the reports.
    bench.run(&[&["scan", "logs/a.log"][..], &asked, &["--out", "logs"]].concat()).ends_with(1);
    bench.write("logs/before/b.log", &combined(&dashed(2), "/", 2));
    let ran = bench.run(&[&["scan", "logs"][..], &asked].concat());
    ran.ends_with(1).says("files that an earlier run has written, in logs");
    let scan = bench.scan();
    let names: Vec<&Value> = scan["logs"]["files"].as_array().unwrap().iter().map(|file| &file["name"]).collect();
    assert_eq!(names, ["a.log", "before/b.log"]);
    assert_eq!(in_log(&scan, "user")["transmissions"], 2);
    assert_eq!(scan["blind_spots"].as_array().unwrap().len(), 0, "{}", scan["blind_spots"]);
}

#[test]
fn directives_and_holes_are_no_requests() {
    let bench = Bench::new();
    let head =
        "#Software: Internet Information Services 10.0\r\n#Fields: date time cs-method cs-uri-stem cs-uri-query\r\n";
    let line = |day: u64| format!("2024-10-0{day} 12:00:00 GET /x cpr={}\r\n", number(day));
    let text = format!("{head}{}{}\0\0\0\r\n{head}{}\0\0\n", line(1), line(2), "2024-10-03 12:00:00 GET /hjem -\r\n");
    bench.write("u_ex.log", &text);
    let scan = scanned(&bench, &["u_ex.log"], 1);
    let file = &scan["logs"]["files"][0];
    assert_eq!((&file["format"], &file["lines"], &file["judged"]), (&"w3c".into(), &9.into(), &2.into()));
    assert_eq!(scan["systems"][0]["coverage"]["requests"], 3, "{}", scan["systems"]);
    // Nothing but such lines is nothing at all.
    bench.write("u_ex.log", &format!("{head}\0\0\0\n"));
    let scan = scanned(&bench, &["u_ex.log"], 3);
    assert!(scan["blind_spots"].to_string().contains("there is no request in the input"), "{}", scan["blind_spots"]);
    assert_eq!(scan["systems"][0]["coverage"]["requests"], 0);
}

#[test]
fn fields_of_the_log_that_nobody_can_read_are_told_by_their_names() {
    let bench = Bench::new();
    let mut dice = 99;
    // Bytes in no encoding, packed with gzip, as base64; twice in one field, and once in a line of text.
    let mut packed = || {
        let bytes = data_encoding::HEXLOWER.decode(hex(&mut dice, 240).as_bytes()).unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, &bytes).unwrap();
        data_encoding::BASE64.encode(&gzip.finish().unwrap())
    };
    let (first, second, third) = (packed(), packed(), packed());
    let line = |field: &str, blob: &str, day: u64| {
        format!("{{\"time\":\"2024-10-0{day}T12:00:00Z\",\"url\":\"/x?cpr={}\",\"{field}\":\"{blob}\"}}\n", number(day))
    };
    bench.write("a.json", &(line("state", &first, 1) + &line("state", &second, 2)));
    bench.write("app.log", &format!("2024-10-03T12:00:00Z cpr={} state={third}\n", number(3)));
    let scan = scanned(&bench, &["a.json", "app.log"], 1);
    let told: Vec<(&str, u64)> = scan["blind_spots"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|spot| spot["kind"] == "encoding-unknown")
        .map(|spot| (spot["place"].as_str().unwrap(), spot["count"].as_u64().unwrap()))
        .collect();
    assert_eq!(told, [("a.json: state", 2), ("app.log", 1)], "{}", scan["blind_spots"]);
}
