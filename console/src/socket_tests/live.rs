//! What is new comes to the page, a page that was away gets it all, and no page holds the session up.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use super::Client;
use crate::settings::{IDLE_DEFAULT, MAX_STREAMS};
use crate::{MarkKind, News, made};

/// A stream of events, past its head.
fn stream(client: &Client) -> BufReader<TcpStream> {
    let mut stream = client.connect();
    write!(stream, "{}\r\n\r\n", client.head("GET", "events")).unwrap();
    let mut stream = BufReader::new(stream);
    until(&mut stream, |line| line == "\r\n");
    stream
}

/// The first line that `is_wanted`.
fn until(stream: &mut BufReader<TcpStream>, is_wanted: impl Fn(&str) -> bool) -> String {
    loop {
        let mut line = String::new();
        assert_ne!(stream.read_line(&mut line).expect("it goes on"), 0, "the stream ended");
        if is_wanted(&line) {
            return line;
        }
    }
}

fn ids(changes: &Value) -> Vec<&str> {
    let findings = changes["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["id"].as_str().unwrap()).collect()
}

#[test]
fn a_leak_is_told_and_fetched_by_its_revision() {
    let client = Client::new(made::session(2, 10));
    let mut events = stream(&client);
    until(&mut events, |line| line.contains("\"findings\":2"));
    let before = client.json("changes");
    assert_eq!((before["anew"].as_bool(), ids(&before).len()), (Some(true), 2));
    let since = format!("changes?since={}&run={}", before["counts"]["revision"], before["run"].as_str().unwrap());
    assert_eq!(ids(&client.json(&since)).len(), 0);
    client.session.add(News { findings: vec![made::finding(7, "")], ..News::default() }, []);
    until(&mut events, |line| line.contains("\"findings\":3"));
    let after = client.json(&since);
    assert_eq!((after["anew"].as_bool(), ids(&after)), (Some(false), vec![format!("{:032x}", 7).as_str()]));
    assert_eq!(after["parts"], serde_json::json!(["recipients"]));
}

#[test]
fn a_page_that_was_away_or_knows_another_run_gets_all() {
    let client = Client::new(made::session(2, 10));
    let run = client.json("changes")["run"].as_str().unwrap().to_owned();
    let all = |path: &str| {
        let changes = client.json(path);
        assert_eq!(changes["anew"].as_bool(), Some(true), "{path}");
        ids(&changes).len()
    };
    assert_eq!(all("changes?since=1&run=another"), 2);
    assert_eq!(all(&format!("changes?since=999999&run={run}")), 2);
    let revision = client.session.state().revision;
    client.session.judge_anew();
    assert_eq!(all(&format!("changes?since={revision}&run={run}")), 0);
    client.session.add(News { findings: vec![made::finding(1, "")], ..News::default() }, []);
    assert_eq!(all(&format!("changes?since={revision}&run={run}")), 1);
}

#[test]
fn a_stream_is_closed_when_its_tester_is_logged_off() {
    let client = Client::new(made::session(1, 1));
    let mut idle = stream(&client);
    until(&mut idle, |line| line.starts_with("data:"));
    client.wait(IDLE_DEFAULT);
    until(&mut idle, |line| line.contains("logged-off"));
    let mut rest = String::new();
    idle.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("findings"), "{rest}");
    let mut client = client;
    client.log_on();
    let mut asked = stream(&client);
    assert_eq!(client.post("log-off", "").status, 204);
    until(&mut asked, |line| line.contains("logged-off"));
    client.log_on();
    let mut ended = stream(&client);
    client.console.take().unwrap().stop();
    until(&mut ended, |line| line.contains("event: over"));
}

#[test]
fn streams_are_bounded_and_given_back() {
    let client = Client::new(made::session(1, 1));
    let mut streams: Vec<_> = (0..MAX_STREAMS).map(|_| stream(&client)).collect();
    for open in &mut streams {
        until(open, |line| line.starts_with("data:"));
    }
    assert_eq!(client.get("events").status, 503);
    assert_eq!(client.get("changes").status, 200);
    drop(streams);
    // The server notices when it next has something to say.
    loop {
        client.session.add(News { exchanges: vec![made::row(1, &[])], ..News::default() }, []);
        let mut stream = client.connect();
        write!(stream, "{}\r\n\r\n", client.head("GET", "events")).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        if line.contains("200") {
            break;
        }
    }
}

#[test]
fn who_reads_nothing_holds_nobody_up() {
    let client = Client::new(made::session(50, 20_000));
    // Each asks for a lot and reads none of it.
    let stuck: Vec<TcpStream> = (0..20)
        .map(|number| {
            let mut stream = client.connect();
            let path = if number % 2 == 0 { "session.har" } else { "events" };
            write!(stream, "{}\r\n\r\n", client.head("GET", path)).unwrap();
            stream
        })
        .collect();
    for number in 0..2_000 {
        let exchanges = vec![made::row(number, &[])];
        client.session.add(News { exchanges, findings: vec![made::finding(number % 50, "")], ..News::default() }, []);
    }
    assert_eq!(client.session.state().seen, 22_000);
    // Another page still gets its answers.
    assert_eq!(client.json("changes")["counts"]["exchanges"], 22_000);
    drop(stuck);
}

#[test]
fn exchanges_come_in_windows() {
    let client = Client::new(made::session(2, 1_000));
    let rows = client.json("exchanges?from=990&count=100");
    assert_eq!((rows["total"].as_u64(), rows["rows"].as_array().unwrap().len()), (Some(1_000), 10));
    assert_eq!(rows["rows"][0]["n"], 990);
    let blocked = client.json("exchanges?from=0&count=200&blocked=1");
    assert_eq!(blocked["total"], (0..1_000).filter(|number| number % 13 == 7).count());
    assert!(blocked["rows"].as_array().unwrap().iter().all(|row| row["blocked"] == true));
    let carried = client.json(&format!("exchanges?count=200&finding={:032x}", 0));
    assert!(carried["rows"].as_array().unwrap().iter().all(|row| row["level"] == "E1" && row["bars"] == 5));
    assert!(carried["total"].as_u64().unwrap() > 3);
    assert_eq!(client.get("exchanges?from=x").status, 400);
    assert_eq!(client.json("exchanges?from=18446744073709551615&count=9999")["rows"].as_array().unwrap().len(), 0);
}

#[test]
fn a_tester_marks_and_the_page_tells() {
    let client = Client::new(made::session(2, 10));
    assert_eq!(client.post("mark", "kind=step&text=skifter+adresse&tester=mette").status, 204);
    assert_eq!(client.post("mark", "kind=note&text=%3Cb%3Eodd%3C%2Fb%3E").status, 204);
    assert_eq!(client.post("mark", "kind=pause").status, 204);
    assert!(client.session.state().is_paused);
    assert_eq!(client.json("changes")["counts"]["paused"], true);
    assert_eq!(client.post("mark", "kind=resume").status, 204);
    assert_eq!(client.post("mark", "kind=first-party&text=www.a.test").status, 204);
    let changes = client.json("changes");
    assert_eq!((changes["under"].as_str(), changes["is_guess"].as_bool()), (Some("www.a.test"), Some(false)));
    assert_eq!(client.post("mark", "kind=clear").status, 204);
    assert!(client.json("changes")["cleared"].as_i64().is_some());
    let kinds: Vec<MarkKind> = client.session.state().marks.iter().map(|mark| mark.kind).collect();
    assert_eq!(
        kinds,
        [MarkKind::Step, MarkKind::Note, MarkKind::Pause, MarkKind::Resume, MarkKind::FirstParty, MarkKind::Clear]
    );
    let timeline = client.get("timeline").body;
    assert!(timeline.contains("skifter adresse") && timeline.contains("&#60;b&#62;odd"), "{timeline}");
}

#[test]
fn the_language_is_kept_for_the_session() {
    let client = Client::new(made::session(1, 1));
    assert!(client.get("").body.contains("<html lang=\"en\">"));
    assert_eq!(client.post("language", "lang=da").status, 204);
    assert!(client.get("").body.contains("<html lang=\"da\">"));
    assert!(client.get("not-seen").body.contains("Ingen forbindelse"));
    assert_eq!(client.post("language", "lang=xx").status, 400);
}

#[test]
fn a_har_holds_every_row_and_no_header() {
    let client = Client::new(made::session(2, 1_000));
    let answer = client.get("session.har");
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"cprvagt-session.har\""));
    let har: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(har["log"]["version"], "1.2");
    let entries = har["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1_000);
    let stopped = &entries[7];
    assert_eq!((stopped["_blocked"].as_bool(), stopped["response"]["status"].as_u64()), (Some(true), Some(0)));
    for (number, entry) in entries.iter().enumerate() {
        assert!(entry["request"]["url"].as_str().unwrap().contains(&format!("/Ordner/{number}?")));
        for field in ["startedDateTime", "time", "request", "response", "cache", "timings", "_recipient", "_findings"] {
            assert!(!entry[field].is_null(), "{field}");
        }
        assert_eq!(entry["request"]["headers"].as_array().map(Vec::len), Some(0));
    }
    let empty = Client::new(made::session(0, 0));
    let har: Value = serde_json::from_str(&empty.get("session.har").body).unwrap();
    assert_eq!(har["log"]["entries"].as_array().map(Vec::len), Some(0));
}
