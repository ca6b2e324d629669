//! HAR 1.2 files, as browsers, proxies and test tools export them: each entry an exchange.
//!
//! Lenient: entries lack fields, files lack their end. What stands before a fault is read; the fault is a blind spot
//! with its place. Entries are read one at a time, so that response bodies do not pile up in memory.

mod entry;
mod messages;
mod walk;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read};

use jiff::Timestamp;
use model::{BlindSpot, BlindSpotKind, Connection, Exchange, Failure, Target};
use serde::de::DeserializeSeed as _;
use serde_json::Value;

use self::entry::{request_record, response_record, text, whole_milliseconds};
use self::messages::messages;
use self::walk::Object;
use crate::Recording;
use crate::bom::WithoutBom;
use crate::surrogates::WithoutLoneSurrogates;

/// URLs of these schemes name something inside the browser: nothing of them was on the wire.
const NOT_ON_THE_WIRE: [&str; 7] =
    ["data:", "blob:", "about:", "chrome:", "chrome-extension:", "moz-extension:", "file:"];

/// What a file begins with that gzip has made (RFC 1952 §2.3.1).
const GZIP: &[u8] = b"\x1f\x8b";

/// What of a file is read so far.
#[derive(Default)]
struct Log {
    recording: Recording,
    /// Titles of pages by id.
    pages: BTreeMap<String, String>,
    /// Ids of pages by index of entry.
    page_of: BTreeMap<u64, String>,
    entries: u64,
}

/// Reads a HAR file named `name`. An entry without a time gets `now`.
///
/// Holds the requests in memory, not the bodies of answers; `input` ends where it breaks.
pub fn read(name: &str, input: impl Read, now: Timestamp) -> Recording {
    let mut log = Log::default();
    let mut input = BufReader::new(input);
    // A first read that fails does so again below, where it is told.
    if input.fill_buf().is_ok_and(|begin| begin.starts_with(GZIP)) {
        log.broken("compressed with gzip; unpack it first");
        return log.finish(name);
    }
    let mut input = WithoutLoneSurrogates::new(WithoutBom::new(input));
    let mut reader = serde_json::Deserializer::from_reader(&mut input);
    let read = Object::root(&mut log, now).deserialize(&mut reader).and_then(|()| reader.end());
    if let Err(error) = read {
        let read = log.entries;
        let detail =
            format!("broken at line {} column {}; {read} entries before were read", error.line(), error.column());
        log.recording.blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, "", detail).in_own_words());
    } else if log.entries == 0 {
        log.broken("no log.entries in it: is it a HAR file?");
    }
    let halves = input.replaced();
    if halves > 0 {
        log.broken(format!("{halves} halves of a character, as JavaScript writes them, were read as U+FFFD"));
    }
    log.finish(name)
}

impl Log {
    /// The recording, each entry with its page and each fault with the file's name.
    fn finish(self, name: &str) -> Recording {
        let Self { mut recording, pages, page_of, .. } = self;
        for exchange in &mut recording.exchanges {
            // Some exporters write the page's address as its title, others what stands in the tab.
            let page = page_of.get(&exchange.index).and_then(|id| pages.get(id));
            exchange.page = page.filter(|page| Target::parse(page).is_ok()).cloned();
        }
        for blind_spot in &mut recording.blind_spots {
            name.clone_into(&mut blind_spot.place);
        }
        recording
    }

    fn broken(&mut self, detail: impl Into<String>) {
        self.recording.blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, "", detail));
    }

    fn take_pages(&mut self, pages: &Value) {
        for page in pages.as_array().into_iter().flatten() {
            if let (Some(id), Some(title)) = (text(page, "id"), text(page, "title")) {
                self.pages.insert(id.to_owned(), title.to_owned());
            }
        }
    }

    fn take_entry(&mut self, entry: &Value, now: Timestamp) {
        let index = self.entries;
        self.entries += 1;
        let request = entry.get("request").unwrap_or(&Value::Null);
        let Some(url) = text(request, "url") else {
            self.broken(format!("entry {index} holds no request"));
            return;
        };
        if NOT_ON_THE_WIRE.iter().any(|scheme| url.starts_with(scheme)) {
            return;
        }
        let target = match Target::parse(url) {
            Ok(target) => target,
            Err(error) => {
                self.broken(format!("entry {index} has no web address to judge: {error}"));
                return;
            }
        };
        let started = text(entry, "startedDateTime").and_then(|time| time.parse().ok());
        if started.is_none() {
            self.broken("entries without a time that can be read; the time of this run stands in their place");
        }
        if let Some(page) = text(entry, "pageref") {
            self.page_of.insert(index, page.to_owned());
        }
        let response = entry.get("response").unwrap_or(&Value::Null);
        let status = response.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
        let response = status.filter(|status| *status > 0).map(|status| response_record(status, response));
        let failure = response.is_none().then(|| Failure::Broken("the recording holds no answer".to_owned()));
        let mut blind_spots = Vec::new();
        let messages = messages(entry, &target, &mut blind_spots);
        self.recording.exchanges.push(Exchange {
            index,
            started: started.unwrap_or(now),
            duration_ms: entry.get("time").and_then(Value::as_f64).and_then(whole_milliseconds),
            visit: None,
            request: request_record(request, target),
            response,
            failure,
            messages,
            connection: Connection {
                server: text(entry, "serverIPAddress").map(str::to_owned),
                ..Connection::default()
            },
            page: None,
            initiator: None,
            blocked: false,
            continues: None,
            logged: None,
            blind_spots,
        });
    }
}

#[cfg(test)]
mod tests {
    use model::{Body, BodyState};

    use super::*;

    const TWO_ENTRIES: &str = r#"{"log":{"entries":[
        {"pageref":"p1","startedDateTime":"2026-11-22T04:00:00Z","time":12.5,
         "request":{"method":"POST","url":"https://a.test/x?y=1","headers":[{"name":":path","value":"/x"},{"name":"Referer","value":"https://b.test/"}],
           "cookies":[{"name":"s","value":"1"}],"postData":{"text":"aGVq","_encoding":"base64"}},
         "response":{"status":302,"headers":[],"redirectURL":"/next"}},
        {"request":{"url":"data:text/plain,x"}},
        {"startedDateTime":"2026-11-22T04:00:00Z","request":{"method":"POST","url":"https://c.test/","bodySize":9},"response":{"status":0}}
      ],"pages":[{"id":"p1","title":"https://b.test/page"}]}}"#;

    fn parsed(text: &str) -> Recording {
        read("x.har", text.as_bytes(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn an_entry_becomes_an_exchange() {
        let recording = parsed(TWO_ENTRIES);
        let first = &recording.exchanges[0];
        assert_eq!(first.request.target.to_string(), "https://a.test/x?y=1");
        assert_eq!(first.request.body, Body::whole("hej"));
        assert_eq!(first.request.headers.text("cookie").as_deref(), Some("s=1"));
        assert_eq!(first.request.headers.0.len(), 2);
        assert_eq!(first.response.as_ref().unwrap().headers.text("Location").as_deref(), Some("/next"));
        assert_eq!(first.page.as_deref(), Some("https://b.test/page"));
        assert_eq!(first.duration_ms, Some(12));
    }

    #[test]
    fn the_index_is_the_entrys_number_even_past_one_that_was_never_on_the_wire() {
        let recording = parsed(TWO_ENTRIES);
        assert_eq!(recording.exchanges[1].index, 2);
        assert_eq!(recording.exchanges[1].request.body.state, BodyState::Missing);
        assert!(recording.exchanges[1].failure.is_some());
        assert!(recording.blind_spots.is_empty());
    }

    #[test]
    fn what_stands_before_a_break_is_kept_and_the_break_named() {
        let cut = TWO_ENTRIES.split_once("{\"request\":{\"url\":\"data").unwrap().0;
        let recording = parsed(cut);
        assert_eq!(recording.exchanges.len(), 1);
        assert_eq!(recording.blind_spots[0].kind, BlindSpotKind::InputBroken);
        assert!(recording.blind_spots[0].detail.contains("1 entries before were read"), "{:?}", recording.blind_spots);
    }

    #[test]
    fn a_tabs_title_is_no_page_and_a_cut_body_is_said_to_be_one() {
        let text = r#"{"log":{"pages":[{"id":"p","title":"Sag for en borger"}],"entries":[
            {"pageref":"p","startedDateTime":"2026-11-22T04:00:00Z","_initiator":DEEP,"request":{"url":"https://a.test/",
             "bodySize":5000,"headers":[{"name":"x"}],"postData":{"params":[{"name":"f","value":"v","fileName":"cpr.pdf"}]}}},
            {"startedDateTime":"soon","request":{"url":"https://a.test/"}}, {}, 7, "x"]}}"#;
        let recording = parsed(&text.replace("DEEP", &("[".repeat(500) + &"]".repeat(500))));
        let first = &recording.exchanges[0];
        assert_eq!((first.page.as_deref(), first.request.body.state), (None, BodyState::Cut));
        assert_eq!(first.request.body.bytes, b"f=v&f=cpr.pdf");
        assert_eq!(recording.exchanges.len(), 2);
        assert_eq!(recording.blind_spots.len(), 4, "{:?}", recording.blind_spots);
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        assert_eq!(parsed(&format!("\u{feff}{TWO_ENTRIES}")).exchanges.len(), 2);
    }

    #[test]
    fn half_a_character_does_not_end_the_reading() {
        let text = TWO_ENTRIES
            .replace("?y=1", r"?y=\ud83d&z=\ud83d\ude00")
            .replace(r#""text":"aGVq","_encoding":"base64""#, r#""text":"\udc00x""#);
        let recording = parsed(&text);
        let first = &recording.exchanges[0].request;
        assert_eq!(first.target.query.as_deref(), Some("y=\u{fffd}&z=\u{1f600}"));
        assert_eq!(first.body.bytes, "\u{fffd}x".as_bytes());
        assert_eq!(recording.exchanges.len(), 2);
        assert_eq!(recording.blind_spots.len(), 1, "{:?}", recording.blind_spots);
        assert!(recording.blind_spots[0].detail.starts_with("2 halves"), "{:?}", recording.blind_spots);
    }

    #[test]
    fn a_compressed_file_is_said_to_be_one() {
        let recording = read("x.har.gz", &b"\x1f\x8b\x08\0"[..], Timestamp::UNIX_EPOCH);
        assert_eq!(recording.blind_spots.len(), 1);
        assert!(recording.blind_spots[0].detail.contains("unpack it first"), "{:?}", recording.blind_spots);
    }

    #[test]
    fn what_is_no_har_is_said_to_be_none() {
        for text in ["", "{}", "[]", "null", "{\"log\":{}}", "{\"log\":{\"entries\":{}}}"] {
            assert_eq!(parsed(text).blind_spots.len(), 1, "{text}");
        }
        assert_eq!(parsed(r#"{"log":{"entries":[1,{"request":{"url":"htt"}}]}}"#).blind_spots.len(), 2);
    }
}
