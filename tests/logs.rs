//! `cprvagt scan` on logs: every format with numbers in every encoding, persons counted exactly, and whatever may be wrong
//! with a file.

mod kit;
#[path = "logs/made.rs"]
mod made;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use kit::{Bench, NOW};
use made::{FORMATS, Made, gzip, line, number};
use serde_json::Value;

/// What `cprvagt scan` says of a log, and how it ended.
#[track_caller]
fn scanned(bench: &Bench, arguments: &[&str], code: i32) -> Value {
    let all = [&["scan", "--now", NOW, "--digests", "off", "--fail-on", "low"], arguments].concat();
    bench.run(&all).ends_with(code);
    bench.scan()
}

fn details(scan: &Value, kind: &str) -> Vec<String> {
    let all = scan["blind_spots"].as_array().expect("a list").iter().filter(|spot| spot["kind"] == kind);
    let text = |spot: &Value, name: &str| spot[name].as_str().expect("a text").to_owned();
    all.map(|spot| format!("{}: {}", text(spot, "place"), text(spot, "detail"))).collect()
}

#[test]
fn all_that_is_placed_in_a_log_of_any_format_is_found_and_counted_exactly() {
    for format in FORMATS {
        let bench = Bench::new();
        let Made { text, lines, persons } = Made::log(format, 4711, 400);
        bench.write("made.log", &text);
        let ran = bench.run(&[
            "scan",
            "made.log",
            "--now",
            NOW,
            "--sut",
            "own.test",
            "--digests",
            "off",
            "--format",
            "jsonl",
        ]);
        ran.ends_with(1);
        let found: BTreeSet<u64> = ran
            .stdout
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["index"].as_u64().unwrap())
            .collect();
        let missing: Vec<&u64> = lines.difference(&found).collect();
        assert_eq!(missing, Vec::<&u64>::new(), "{format}: lines of {} with a number", lines.len());
        assert_eq!(found.difference(&lines).count(), 0, "{format}");
        let scan = bench.scan();
        assert_eq!(scan["logs"]["persons"], persons.len(), "{format}");
        assert_eq!(scan["logs"]["files"][0]["format"], *format);
        assert_eq!(details(&scan, "input-broken"), Vec::<String>::new(), "{format}");
    }
}

#[test]
fn a_log_comes_to_the_same_packed_or_not_from_a_file_a_folder_or_standard_input() {
    let bench = Bench::new();
    let made = Made::log("combined", 7, 300);
    std::fs::create_dir(bench.path("logs")).unwrap();
    bench.write("logs/a.log", &made.text);
    let findings = |arguments: &[&str]| scanned(&bench, arguments, 1)["findings"].clone();
    let plain = findings(&["logs/a.log", "--sut", "own.test"]);
    assert_eq!(plain, findings(&["logs", "--sut", "own.test"]));
    let mut packed = gzip(&made.text);
    std::fs::write(bench.path("b.gz"), &packed).unwrap();
    assert_eq!(plain, findings(&["b.gz", "--sut", "own.test"]));
    // Its end is lost: what stands before is read, and the loss is told.
    packed.truncate(packed.len() - 20);
    std::fs::write(bench.path("c.gz"), &packed).unwrap();
    let cut = scanned(&bench, &["c.gz", "--sut", "own.test"], 1);
    assert!(details(&cut, "input-broken").iter().any(|told| told.contains("gzip broken near byte")), "{cut}");
}

#[test]
fn nothing_at_all_is_no_good_sign() {
    let bench = Bench::new();
    bench.write("empty.log", "");
    let scan = scanned(&bench, &["empty.log", "--sut", "own.test"], 3);
    let told = details(&scan, "input-broken");
    assert!(told.iter().any(|told| told.contains("there is no request in the input")), "{told:?}");
}

#[test]
fn odd_lines_are_read_on_and_told() {
    let bench = Bench::new();
    let good = line("combined", &format!("/x?cpr={}", number(1)), "", 5);
    let long = format!("{} cpr={} {}", "x ".repeat(1_500_000), number(2), "y ".repeat(3_000_000));
    let text = format!("{good}\n{long}\n\0\0\0{good}\nno request, cpr={}\n{good}\n", number(3));
    bench.write("odd.log", &text);
    let scan = scanned(&bench, &["odd.log", "--sut", "own.test"], 1);
    // One in addresses, two in what the log itself holds: a line too long to be read whole, and one of no format.
    assert_eq!(scan["logs"]["persons"], 3, "{}", scan["findings"]);
    assert_eq!(scan["logs"]["files"][0]["lines"], 5);
    let told = details(&scan, "input-broken");
    for part in [
        "lines that do not fit the format combined, searched as plain text: 1, ",
        "lines longer than what is read whole",
        "has them: 3",
    ] {
        assert!(told.iter().any(|detail| detail.contains(part)), "{part}: {told:?}");
    }
}

#[test]
fn days_without_a_line_are_told_and_times_are_held_against_each_other_across_zones() {
    let bench = Bench::new();
    let mut text = String::new();
    for (day, zone) in [(1, "+0000"), (2, "+0200"), (5, "-0800"), (6, "+0000")] {
        let _ = writeln!(
            text,
            "192.0.2.7 - - [{day:02}/Oct/2024:12:00:00 {zone}] \"GET /x?cpr={} HTTP/1.1\" 200 5 \"-\" \"curl/8\"",
            number(9)
        );
    }
    bench.write("gap.log", &text);
    let scan = scanned(&bench, &["gap.log", "--sut", "own.test"], 1);
    assert_eq!(details(&scan, "log-gap"), ["gap.log: no line of 2 days: 2024-10-03 – 2024-10-04"]);
    assert_eq!(scan["logs"]["gaps"], serde_json::json!([{ "first": "2024-10-03", "last": "2024-10-04" }]));
    let page = std::fs::read_to_string(bench.path("cprvagt-out/vendor-report.en.html")).unwrap();
    assert!(page.contains("Of 2 days in between no log has a line: 3 October 2024 – 4 October 2024."), "{page}");
    assert!(page.contains("<rect class=\"own\"") && page.contains("<g class=\"no-log\">"), "{page}");
    let finding = &scan["findings"][0];
    assert_eq!((&finding["transmissions"], &finding["persons"]), (&4.into(), &1.into()));
    assert_eq!(finding["last_seen"], "2024-10-06T12:00:00Z");
    let logged = &scan["logs"]["findings"][finding["fingerprint"].as_str().unwrap()];
    assert_eq!(logged["days"].as_object().unwrap().len(), 4);
    assert_eq!((&logged["statuses"]["200"], &logged["by_robots"]), (&4.into(), &4.into()));
    // A clean log with a gap is no clean bill.
    bench.write("clean.log", &text.replace(&number(9), "7"));
    scanned(&bench, &["clean.log", "--sut", "own.test"], 3);
}

#[test]
fn many_persons_are_counted_exactly_and_only_the_first_sightings_listed() {
    let bench = Bench::new();
    let mut text = String::new();
    for at in 0..30_000_u64 {
        let number = number(at % 12_345);
        let _ = writeln!(text, "{}", line("combined", &format!("/x?cpr={number}"), "", at % 60));
    }
    bench.write("many.log", &text);
    let scan = scanned(&bench, &["many.log", "--sut", "own.test"], 1);
    let finding = &scan["findings"][0];
    assert_eq!((&finding["transmissions"], &finding["persons"]), (&30_000.into(), &12_345.into()));
    assert_eq!(scan["logs"]["persons"], 12_345);
    assert_eq!(details(&scan, "sightings-counted").len(), 1, "{scan}");
}

#[test]
fn recordings_and_logs_are_counted_together_in_whatever_order_they_are_named() {
    let bench = Bench::new();
    let entry = |at| {
        serde_json::json!({
            "startedDateTime": "2026-11-22T03:00:00Z",
            "request": {"method": "GET", "url": format!("https://own.test/x?cpr={}", number(at)), "headers": []},
            "response": {"status": 200, "headers": []},
        })
    };
    let entries: Vec<Value> = (1..=6).map(entry).collect();
    bench.write("a.har", &serde_json::json!({ "log": { "entries": entries } }).to_string());
    // The second half of those persons, and as many more.
    let lines = (4..=9).map(|at| line("combined", &format!("/x?cpr={}", number(at)), "", at) + "\n");
    bench.write("b.log", &lines.collect::<String>());
    let answer = |arguments: &[&str]| {
        let scan = scanned(&bench, &[arguments, &["--sut", "own.test"]].concat(), 1);
        (scan["findings"].clone(), scan["logs"].clone())
    };
    let (findings, logs) = answer(&["a.har", "b.log"]);
    assert_eq!((&findings[0]["transmissions"], &findings[0]["persons"]), (&12.into(), &9.into()), "{findings}");
    let seen = (&findings[0]["first_seen"], &findings[0]["last_seen"]);
    assert_eq!(seen, (&"2024-10-10T11:55:04Z".into(), &"2026-11-22T03:00:00Z".into()));
    assert_eq!(logs["persons"], 9);
    let fingerprint = findings[0]["fingerprint"].as_str().unwrap();
    assert_eq!(logs["findings"][fingerprint]["files"], serde_json::json!({ "a.har": 6, "b.log": 6 }));
    assert_eq!(answer(&["b.log", "a.har"]), (findings, logs));
    // Without a log there is nothing to answer for.
    let (findings, logs) = answer(&["a.har"]);
    assert_eq!((&findings[0]["transmissions"], &findings[0]["persons"]), (&6.into(), &6.into()));
    assert_eq!(logs, Value::Null);
}

#[test]
fn dates_and_places_that_the_program_tells_are_no_numbers_but_a_name_may_hold_one() {
    let bench = Bench::new();
    // Of the days told, two that follow each other have the digits of a number.
    let mut text = String::new();
    for day in ["2021-01-01", "2021-01-11", "2022-01-20", "2022-02-01"] {
        let _ = writeln!(text, "{day} 12:00:00 cpr={}", number(9));
    }
    let name = format!("sag-{}.log", number(10));
    bench.write(&name, &text);
    let scan = scanned(&bench, &[&name, "--sut", "own.test"], 1);
    let told = "no line of 393 days: 2021-01-02 – 2021-01-10, 2021-01-12 – 2022-01-19, 2022-01-21 – 2022-01-31";
    assert_eq!(details(&scan, "log-gap"), [format!("sag-xxxxxx-xxxx.log: {told}")]);
    let page = std::fs::read_to_string(bench.path("cprvagt-out/index.en.html")).unwrap();
    assert!(page.contains(told) && !page.contains(&number(10)), "{page}");
    let ran = bench.run(&["scan", &name, "--sut", "own.test", "--now", NOW, "--digests", "off"]);
    // Lines are broken at the terminal's width.
    let shown = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains(told) && !shown.contains(&number(10)), "{}", ran.stdout);
}

#[test]
fn a_line_too_long_to_be_read_whole_is_one_request_of_its_own_time() {
    let bench = Bench::new();
    let long = "abcdefghij".repeat(600_000);
    let mut text = String::new();
    for day in 1..=9 {
        let more = if day == 6 { format!("&x={long}&cpr={}", number(20)) } else { String::new() };
        let _ = writeln!(
            text,
            "192.0.2.7 - - [{day:02}/Mar/2021:10:00:00 +0000] \"GET /mine?cpr={}{more} HTTP/1.1\" 200 12 \"-\" \"Moz\"",
            number(day)
        );
    }
    bench.write("long.log", &text);
    let scan = scanned(&bench, &["long.log", "--sut", "own.test"], 1);
    let findings = scan["findings"].as_array().unwrap();
    let told = |name: &str| findings.iter().map(|finding| finding[name].as_u64().unwrap()).collect::<Vec<_>>();
    // Eight in addresses, and two in one line that is a text.
    assert_eq!((told("transmissions"), told("persons")), (vec![8, 1], vec![8, 2]), "{findings:?}");
    assert_eq!(
        (&findings[1]["first_seen"], &findings[1]["last_seen"]),
        (&"2021-03-06T10:00:00Z".into(), &"2021-03-06T10:00:00Z".into())
    );
    assert_eq!(findings[0]["last_seen"], "2021-03-09T10:00:00Z");
    assert_eq!((&scan["logs"]["persons"], scan["logs"].get("shared")), (&10.into(), None));
    let file = &scan["logs"]["files"][0];
    assert_eq!((&file["lines"], &file["judged"]), (&9.into(), &9.into()));
    assert_eq!(scan["systems"][0]["coverage"]["requests"], 9);
    assert_eq!(details(&scan, "log-gap"), Vec::<String>::new());
    assert!(details(&scan, "input-broken")[0].contains("lines longer than what is read whole"), "{scan}");
}

#[test]
fn lines_of_two_formats_in_one_log_are_read_by_theirs_and_a_time_behind_the_beginning_is_one() {
    let bench = Bench::new();
    let json = |day, at| {
        let target = format!("/x?cpr={}", number(at));
        serde_json::json!({"time": format!("2021-03-{day:02}T10:00:00Z"), "method": "GET", "host": "own.test", "uri": target}).to_string()
    };
    let common = |day, at: u64| {
        line("combined", &format!("/x?cpr={}", number(at)), "", 5).replace("10/Oct/2024", &format!("{day:02}/Mar/2021"))
    };
    let lines: Vec<String> = (1..=5).map(|day| common(day, day)).chain((11..=15).map(|day| json(day, day))).collect();
    let turned: Vec<String> = (1..=5).map(|day| json(day, day)).chain((11..=15).map(|day| common(day, day))).collect();
    for (name, lines) in [("mixed.log", lines), ("turned.log", turned)] {
        bench.write(name, &format!("{}\n", lines.join("\n")));
        let scan = scanned(&bench, &[name, "--sut", "own.test"], 1);
        let finding = &scan["findings"][0];
        assert_eq!((&finding["rule"], &finding["transmissions"]), (&"cpr-in-url".into(), &10.into()), "{scan}");
        assert!(finding["first_seen"].as_str().unwrap().starts_with("2021-03-01"), "{finding}");
        assert!(finding["last_seen"].as_str().unwrap().starts_with("2021-03-15"), "{finding}");
        assert_eq!(details(&scan, "input-broken"), Vec::<String>::new(), "{name}");
    }
    for (day, begin) in [(1, "192.0.2.1 2021-03-01T10:00:00Z GET"), (6, "1000.5 [06/Mar/2021:10:00:00 +0000] \"GET")] {
        bench.write("behind.log", &format!("{begin} /mine?cpr={} 200\n", number(1)));
        let scan = scanned(&bench, &["behind.log", "--sut", "own.test"], 1);
        assert_eq!(scan["findings"][0]["first_seen"], format!("2021-03-{day:02}T10:00:00Z"));
        assert_eq!(details(&scan, "input-broken"), Vec::<String>::new(), "{begin}");
    }
}

#[test]
fn a_line_whose_time_nobody_knows_is_of_no_day() {
    let bench = Bench::new();
    let timed = line("combined", &format!("/x?cpr={}", number(1)), "", 5);
    let untimed: Vec<String> =
        (2..=4).map(|at| timed.replace(&number(1), &number(at)).replace("/Oct/", "/Oktober/")).collect();
    bench.write("some.log", &format!("{timed}\n{}\n", untimed.join("\n")));
    let scan = scanned(&bench, &["some.log", "--sut", "own.test"], 1);
    assert_eq!(scan["logs"]["files"][0]["last"], "2024-10-10T11:55:05Z");
    let page =
        |language: &str| std::fs::read_to_string(bench.path(&format!("cprvagt-out/index.{language}.html"))).unwrap();
    let told = "numbers in 4 transmissions, 10 October 2024, 11:55 UTC; 3 of them of unknown time";
    assert!(page("en").contains(told), "{}", page("en"));
    let days: Vec<&Value> = scan["logs"]["findings"].as_object().unwrap().values().map(|told| &told["days"]).collect();
    let of_days: u64 =
        days.iter().flat_map(|days| days.as_object().unwrap().values()).map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(of_days, 1, "{days:?}");
    bench.write("none.log", &format!("{}\n", untimed.join("\n")));
    let scan = scanned(&bench, &["none.log", "--sut", "own.test"], 1);
    assert_eq!(scan["logs"]["files"][0].get("first"), None);
    assert!(page("en").contains("numbers in 3 transmissions, nobody knows when"), "{}", page("en"));
}

#[test]
fn a_clock_that_is_wrong_is_told_and_not_believed() {
    let bench = Bench::new();
    let times = [
        "01/Jan/1970:00:00:10",
        "05/Mar/2021:10:00:00",
        "05/Mar/2021:10:01:00",
        "01/Jan/2099:10:00:00",
        "06/Mar/2021:10:01:00",
    ];
    let lines = (1..).zip(times).map(|(at, time)| {
        line("combined", &format!("/x?cpr={}", number(at)), "", 5)
            .replace("10/Oct/2024:13:55:05 +0200", &format!("{time} +0000"))
            + "\n"
    });
    let text: String = lines.collect();
    bench.write("clock.log", &text);
    let scan = scanned(&bench, &["clock.log", "--sut", "own.test"], 1);
    let finding = &scan["findings"][0];
    assert_eq!((&finding["transmissions"], &finding["persons"]), (&5.into(), &5.into()));
    let (first, last) = ("2021-03-05T10:00:00Z", "2021-03-06T10:01:00Z");
    assert_eq!((&finding["first_seen"], &finding["last_seen"]), (&first.into(), &last.into()));
    let file = &scan["logs"]["files"][0];
    assert_eq!((&file["first"], &file["last"]), (&first.into(), &last.into()));
    let told = &scan["logs"]["findings"][finding["fingerprint"].as_str().unwrap()];
    assert_eq!((&told["untimed"], &told["days"]), (&2.into(), &serde_json::json!({"2021-03-05": 2, "2021-03-06": 1})));
    assert_eq!(details(&scan, "log-gap"), Vec::<String>::new());
    let told = "clock.log: lines of a time before 1995 or after this run, as of a wrong clock, which count as of no day: 2, the first is line 1 at byte 0";
    assert_eq!(details(&scan, "input-broken"), [told]);
    // A zone that was taken for another is no wrong clock.
    bench.write("ahead.log", &text.replace("01/Jan/2099:10:00:00", "23/Nov/2026:03:59:00"));
    let scan = scanned(&bench, &["ahead.log", "--sut", "own.test"], 1);
    assert_eq!(scan["findings"][0]["last_seen"], "2026-11-23T03:59:00Z");
}
