//! Tests of all formats together: what a sample of each holds is found, and no bytes make a parser fail.

use std::ops::ControlFlow;

use model::Host;
use proptest::prelude::*;

use super::samples::{self, NUMBER, Spot};
use super::*;

/// Reads a line that is to fit a format.
#[track_caller]
pub(super) fn fits<'a>(format: &str, line: &'a str) -> LogLine<'a> {
    match Format::named(format).unwrap().parser(Setting::default()).parse(line.as_bytes()) {
        Parsed::Line(read) => read,
        other => panic!("{format}: {other:?}"),
    }
}

/// Reads a line that is not to fit a format: it is kept as text, unless it fits another.
#[track_caller]
pub(super) fn unfit(format: &str, line: &str) {
    let mut parser = Format::named(format).unwrap().parser(Setting::default());
    let parsed = parser.parse(line.as_bytes());
    if matches!(parsed, Parsed::Other(_)) {
        return;
    }
    assert_eq!(parsed.clone_owned(), Some(LogLine::plain(line.as_bytes()).into_owned()), "{format}: {line}");
}

impl Parsed<'_> {
    /// The text of a line that does not fit, whenever it was written.
    fn clone_owned(self) -> Option<LogLine<'static>> {
        match self {
            Parsed::Unfit(line) => Some(LogLine { time: None, ..line.into_owned() }),
            Parsed::Line(_) | Parsed::Other(_) | Parsed::Directive => None,
        }
    }
}

fn holds(text: Option<&[u8]>) -> bool {
    text.is_some_and(|text| memchr::memmem::find(text, NUMBER.as_bytes()).is_some())
}

#[test]
fn every_format_is_told_by_its_lines_and_gives_back_all_that_was_planted() {
    let assumed = Assumed { host: Host::parse("own.test"), ..Assumed::nothing(jiff::Timestamp::UNIX_EPOCH) };
    for id in samples::IDS {
        let sample = samples::sample(id, 4711, 400);
        let mut found = Vec::new();
        let summary = read_log("a.log", sample.text.as_bytes(), None, &Setting::default(), &mut |read| {
            let exchange = read.line.exchange(read.number, &assumed).unwrap();
            assert_eq!(exchange.started.strftime("%F").to_string(), "2024-10-10", "{id}");
            let request = exchange.request;
            let spots = [
                (Spot::Path, holds(Some(request.target.path.as_bytes()))),
                (Spot::Query, holds(request.target.query.as_deref().map(str::as_bytes))),
                (Spot::Referer, holds(request.headers.get("referer"))),
                (Spot::UserAgent, holds(request.headers.get("user-agent"))),
            ];
            let spots = spots.into_iter().filter(|(_, is_there)| *is_there);
            found.extend(spots.map(|(spot, _)| samples::Planted { line: read.number, spot }));
            ControlFlow::Continue(())
        });
        assert_eq!(summary.format.id(), id);
        assert_eq!(summary.blind_spots, [], "{id}");
        assert!(sample.planted.len() > 10, "{id}");
        assert_eq!(found, sample.planted, "{id}");
    }
}

#[test]
fn every_format_of_the_table_has_a_sample_or_is_none_of_requests() {
    let without: Vec<&str> = Format::ids().filter(|id| !samples::IDS.contains(id)).collect();
    assert_eq!(without, ["plain"]);
}

#[test]
fn every_file_of_a_format_is_named_for_its_id() {
    for row in &FORMATS {
        let file = row.id.strip_prefix("aws-").unwrap_or(row.id).replace('-', "_");
        let path = format!("{}/src/log/{file}.rs", env!("CARGO_MANIFEST_DIR"));
        assert!(std::path::Path::new(&path).is_file(), "{path}");
    }
}

#[test]
fn wrapped_lines_are_told_too() {
    let wrap = |wrapping: &str, line: &str| match wrapping {
        "syslog" => format!("<134>Oct 10 13:55:36 lb1 haproxy[14389]: {line}"),
        "cri" => format!("2024-10-10T11:55:36.123Z stdout F {line}"),
        _ => serde_json::json!({"log": format!("{line}\n"), "stream": "stdout", "time": "2024-10-10T11:55:36Z"})
            .to_string(),
    };
    for id in samples::IDS {
        for wrapping in ["syslog", "cri", "docker"] {
            let sample = samples::sample(id, 1, 20);
            let lines: Vec<String> = sample.text.lines().map(|line| wrap(wrapping, line)).collect();
            let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
            let format = detect_format(&lines).unwrap();
            assert_eq!((format.id(), format.wrapping_id()), (id, Some(wrapping)));
            let mut parser = format.parser(Setting::default());
            assert!(
                lines.iter().all(|line| !matches!(parser.parse(line), Parsed::Other(_) | Parsed::Unfit(_))),
                "{id} in {wrapping}"
            );
        }
    }
    assert_eq!(detect_format(&[br#"{"log":"some text","stream":"stdout","time":""}"#]).unwrap().id(), "json-lines");
}

#[test]
fn a_log_without_a_zone_says_that_one_is_assumed() {
    let assuming: Vec<&str> = Format::ids().filter(|id| Format::named(id).unwrap().assumes_zone()).collect();
    assert_eq!(assuming, ["haproxy", "json-lines"]);
}

/// What parsers look for.
const ODD: [&[u8]; 10] =
    [b"\"", b"\\", b"\\x", b"%", b"#Fields: ", b"<1>1 ", b"{\"log\":\"", b"[[", b"\0", b"{\"url\":"];

/// Bytes that are near enough to a line of a log to get into its parser: pieces of lines, put together anew.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        (0..samples::IDS.len(), 0..40_usize, 0..40_usize, any::<u64>()).prop_map(|(id, from, length, seed)| {
            let text = samples::sample(samples::IDS[id], seed | 1, 1).text.into_bytes();
            let from = text.len() * from / 40;
            text[from..(from + length * 8).min(text.len())].to_vec()
        }),
        proptest::collection::vec(any::<u8>(), 0..8),
        (0..ODD.len()).prop_map(|at| ODD[at].to_vec()),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_line_is_read_or_kept_whole(line in lines(), before in lines()) {
        let assumed = Assumed { host: Host::parse("own.test"), ..Assumed::nothing(jiff::Timestamp::UNIX_EPOCH) };
        let patterns = [r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" %U%q"#, "[$time_local] $request|$status|$args"];
        for name in Format::ids().chain(patterns) {
            for name in ["", "syslog:", "cri:", "docker:"].map(|wrapping| format!("{wrapping}{name}")) {
                let mut parser = Format::named(&name).unwrap().parser(Setting::default());
                parser.parse(&before);
                match parser.parse(&line) {
                    Parsed::Line(read) | Parsed::Other(read) => prop_assert!(read.exchange(1, &assumed).is_some()),
                    Parsed::Unfit(read) => {
                        let fields = read.exchange(1, &assumed).unwrap().logged.unwrap().fields;
                        prop_assert!(fields.iter().any(|field| field.name.is_empty() && field.text == line));
                    }
                    Parsed::Directive => prop_assert!(line.is_empty() || memchr::memchr(b'#', &line).is_some()),
                }
            }
        }
    }

    #[test]
    fn any_pattern_and_any_lines_return(pattern in ".{0,40}", line in lines(), all in proptest::collection::vec(lines(), 0..6)) {
        if let Ok(format) = Format::named(&pattern) {
            format.parser(Setting::default()).parse(&line);
        }
        let all: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
        let format = detect_format(&all);
        prop_assert!(format.is_none_or(|format| format.id() != "plain"));
    }
}
