//! `cprvagt scan` on made-up and broken input: what is found, what is said, and what is never written.

mod kit;

use kit::{Bench, NOW, assert_absent};

/// Date-valid and mod-11-valid, declared nowhere; born in 1961, and the example of a Danish authority.
const UNDECLARED: &str = "0707614285";

/// A recording that carries a number in every place that ends up in a report.
fn hostile_har() -> String {
    let n = UNDECLARED;
    let dashed = "070761-4285";
    let base64 = data_encoding::BASE64URL_NOPAD.encode(format!("{{\"cpr\":\"{n}\"}}").as_bytes());
    let entry = |url: String, referer: String, extra: &str| {
        serde_json::json!({
            "startedDateTime": "2026-11-22T03:00:00Z", "time": 3,
            "request": {"method": "POST", "url": url, "httpVersion": "HTTP/1.1",
                "headers": [{"name": "Referer", "value": referer}, {"name": format!("X-{n}"), "value": dashed},
                            {"name": "Cookie", "value": format!("cpr_{n}={n}; plain=1")}],
                "postData": {"text": format!("{{\"{n}\": {{\"cpr\": \"{dashed}\"}}, \"x\": \"{extra}\"}}")}},
            "response": {"status": 302, "headers": [{"name": "Location", "value": format!("/next/{n}?cpr={dashed}")},
                {"name": "Set-Cookie", "value": format!("id={n}")}]},
        })
    };
    let document = serde_json::json!({
        "startedDateTime": "2026-11-22T03:00:00Z",
        "request": {"method": "GET", "url": format!("https://www.selvbetjening.test/borger/{dashed}/side?cpr={n}"),
            "headers": [{"name": "Sec-Fetch-Dest", "value": "document"}]},
        "response": {"status": 200, "headers": []},
    });
    let referer = format!("https://www.selvbetjening.test/sag/{n}?cpr=070761%2D4285#{n}");
    serde_json::json!({"log": {"pages": [], "entries": [
        document,
        entry(format!("https://maaling.test/{n}/c?{n}={base64}&dl=https%3A%2F%2Fx%2F%3Fcpr%3D{n}"), referer.clone(), &base64),
        entry(format!("https://u{n}.maaling.test/?a={n}"), referer.clone(), "y"),
        entry(format!("https://{n}:{n}@maaling.test/?cpr={n}#cpr={n}"), referer, "z"),
        entry("https://[broken".to_owned() + n, String::new(), "w"),
    ]}})
    .to_string()
}

#[test]
fn an_undeclared_number_is_found_and_written_nowhere() {
    for format in ["text,all", "jsonl,all"] {
        for lang in ["da", "en"] {
            let bench = Bench::new();
            let name = format!("{UNDECLARED}.har");
            bench.write("input.har", &hostile_har());
            std::fs::rename(bench.path("input.har"), bench.path(&name)).unwrap();
            let ran = bench.run(&["scan", &name, "--format", format, "--lang", lang, "--now", NOW]);
            ran.ends_with(1);
            std::fs::remove_file(bench.path(&name)).unwrap();
            assert_absent(UNDECLARED, ran.stdout.as_bytes(), "standard output");
            assert_absent(UNDECLARED, ran.stderr.as_bytes(), "standard error");
            let files = bench.files();
            assert!(files.len() >= 11, "the reports were written: {files:?}");
            for (path, bytes) in files {
                assert_absent(UNDECLARED, &bytes, &path.display().to_string());
                assert_absent(UNDECLARED, path.display().to_string().as_bytes(), "a file name");
            }
        }
    }
}

#[test]
fn what_is_found_before_a_break_is_kept() {
    let bench = Bench::new();
    let whole = hostile_har();
    // `"log"` sorts its keys: entries come before pages, and the last 200 bytes are within the last entries.
    bench.write("cut.har", whole.get(..whole.len() - 900).unwrap());
    let ran = bench.run(&["scan", "cut.har", "--now", NOW]);
    ran.ends_with(1).says("cut.har").says("broken at line");
    assert!(!bench.scan()["findings"].as_array().unwrap().is_empty());
}

#[test]
fn a_recording_in_which_nothing_can_be_read_is_no_clean_bill() {
    let bench = Bench::new();
    bench.write("none.har", "no har at all");
    bench.run(&["scan", "none.har"]).ends_with(3).says("none.har");
    bench.write("empty.har", r#"{"log":{"entries":[]}}"#);
    bench.run(&["scan", "empty.har"]).ends_with(3).says("empty.har");
}

#[test]
fn a_missing_file_is_named_before_anything_is_read() {
    let bench = Bench::new();
    bench.run(&["scan", "none.har"]).ends_with(2).says("cannot open none.har").says("help: ");
}

#[test]
fn wrong_words_are_answered_with_what_was_meant() {
    let bench = Bench::new();
    bench.run(&["audti"]).ends_with(2).says("audit");
    bench.run(&["audit", "--registri", "x"]).ends_with(2).says("--registry");
    bench.run(&["scan", "x.har", "--format", "jsonll"]).ends_with(2).says("jsonl");
    bench
        .run(&["scan", "x.har", "--test-person", "3113901234"])
        .ends_with(2)
        .says("--test-person no. 1")
        .says("no date");
}

#[test]
fn a_fault_in_the_registry_has_its_line_and_a_hint() {
    let bench = Bench::new();
    bench.write("cprvagt.toml", "[controller]\nname = \"X\"\n\n[[vendor]]\nid = \"a\"\nnaem = \"A\"\n");
    let ran = bench.run(&["audit"]);
    ran.ends_with(2).says("line 6").says("unknown field `naem`").says("did you mean `name`?");
}

#[test]
fn an_unknown_system_is_answered_with_the_nearest() {
    let bench = Bench::new();
    bench.write("cprvagt.toml", &sites::demo::registry());
    bench.run(&["audit", "selvbetjenig"]).ends_with(2).says("there is no system").says("did you mean `selvbetjening`?");
}

#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let bench = Bench::new();
    bench.write("x.har", &hostile_har());
    let key = bench.write("key", &"k".repeat(32));
    #[cfg(unix)]
    std::fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    bench.run(&["scan", "x.har", "--key-file", "key"]).ends_with(2).says("can be read by others").says("chmod 600");
}

#[test]
fn fail_on_sets_the_threshold() {
    let bench = Bench::new();
    bench.write("x.har", &hostile_har());
    bench.run(&["scan", "x.har", "--fail-on", "never", "--now", NOW]).ends_with(3);
}

#[test]
fn an_output_folder_that_cannot_be_written_is_told_before_the_run() {
    let bench = Bench::new();
    bench.write("x.har", &hostile_har());
    bench.write("file", "");
    bench.run(&["scan", "x.har", "--out", "file/below"]).ends_with(2).says("cannot write to file/below").says("--out");
}

#[test]
fn recordings_of_one_name_stay_apart() {
    let bench = Bench::new();
    for folder in ["a", "b"] {
        std::fs::create_dir(bench.path(folder)).unwrap();
        bench.write(&format!("{folder}/x.har"), &hostile_har());
    }
    let transmissions = |arguments: &[&str]| {
        bench.run(arguments).ends_with(1);
        let scan = bench.scan();
        let counts =
            scan["findings"].as_array().unwrap().iter().map(|finding| finding["transmissions"].as_u64().unwrap());
        counts.sum::<u64>()
    };
    let one = transmissions(&["scan", "a/x.har", "--now", NOW]);
    assert_eq!(transmissions(&["scan", "a/x.har", "b/x.har", "--now", NOW]), 2 * one);
}

#[test]
fn a_recording_that_is_named_twice_is_read_once() {
    let bench = Bench::new();
    bench.write("x.har", &hostile_har());
    let findings = |arguments: &[&str]| {
        let ran = bench.run(arguments);
        ran.ends_with(1);
        (bench.scan()["findings"].clone(), ran)
    };
    let (once, _) = findings(&["scan", "x.har", "--now", NOW]);
    let (twice, ran) = findings(&["scan", "x.har", "./x.har", "--now", NOW]);
    assert_eq!(twice, once);
    ran.says("x.har");
}

#[test]
fn a_recording_is_read_from_standard_input() {
    let bench = Bench::new();
    let har = bench.write("x.har", &hostile_har());
    let mut command = bench.command(&["scan", "-", "--now", NOW]);
    let output = command.stdin(std::fs::File::open(har).unwrap()).output().unwrap();
    kit::Ran::from(output).ends_with(1);
}

#[test]
fn a_folder_without_a_file_is_no_recording() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("empty")).expect("the folder is writable");
    bench.run(&["scan", "empty", "--now", NOW]).ends_with(2).says("there is no file in it");
}

#[test]
fn a_registry_lying_about_is_used_only_where_it_fits() {
    let bench = Bench::new();
    bench.write("cprvagt.toml", &sites::demo::registry());
    bench.write("x.har", &hostile_har());
    bench.run(&["scan", "x.har", "--now", NOW]).ends_with(1).says("declares no system that is in the input");
    assert_eq!(bench.scan()["controller"], serde_json::Value::Null);
    let named = ["scan", "x.har", "--now", NOW, "--registry", "cprvagt.toml"];
    bench.run(&named).ends_with(1).says("registry: cprvagt.toml").says("belongs to the site under test");
    bench.run(&["scan", "x.har", "--sut", "nobody.test", "--registry", "cprvagt.toml"]).ends_with(1);
}

#[test]
fn a_number_in_the_wrong_place_is_not_repeated() {
    let bench = Bench::new();
    bench.write("x.har", &hostile_har());
    let n = UNDECLARED;
    let file = format!("{n}.har");
    let wrong: [&[&str]; 7] = [
        &[n],
        &["scan", &file],
        &["scan", "x.har", "--lang", n],
        &["scan", "x.har", "--test-person", "070761-42850"],
        &["scan", "x.har", "--out", "x.har/070761-4285"],
        &["audit", "070761-4285"],
        &["audit", "htps://x.test/?cpr=070761-4285"],
    ];
    for arguments in wrong {
        let ran = bench.run(arguments);
        ran.ends_with(2);
        assert_absent(n, ran.stderr.as_bytes(), &format!("the answer to {arguments:?}"));
    }
    let faults =
        ["cpr = 0707614285", "cpr = 707614285", "cpr = \"070761-42855\"", "070761-4285 = 1", "\"0707614285\" = 1"];
    for fault in faults {
        bench.write("cprvagt.toml", &format!("[[test_person]]\nid = \"x\"\n{fault}\n"));
        let ran = bench.run(&["audit"]);
        ran.ends_with(2).says("line");
        assert_absent(n, ran.stderr.as_bytes(), &format!("the answer to {fault}"));
        assert!(!ran.stderr.contains("70761428"), "{}", ran.stderr);
    }
}

#[test]
fn pages_of_an_earlier_run_do_not_stay_beside_this_one() {
    let bench = Bench::new();
    bench.write("x.har", &hostile_har());
    std::fs::create_dir(bench.path("cprvagt-out")).unwrap();
    bench.write("cprvagt-out/vendor-gone.da.html", "old");
    bench.run(&["scan", "x.har", "--now", NOW]).ends_with(1);
    assert!(!bench.path("cprvagt-out/vendor-gone.da.html").exists());
}
