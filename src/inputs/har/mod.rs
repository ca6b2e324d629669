//! HAR 1.2 files, as browsers, proxies and test tools export them: each entry an exchange.
//!
//! Lenient: entries lack fields, files lack their end. What stands before a fault is read; the fault is a blind spot
//! with its place. Entries are read one at a time, so that response bodies do not pile up in memory.

mod entry;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use jiff::Timestamp;
use model::{BlindSpot, BlindSpotKind, Connection, Exchange, Failure, Target};
use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use entry::{request_record, response_record, sent_messages, text, whole_milliseconds};

/// URLs of these schemes name something inside the browser: nothing of them was on the wire.
const NOT_ON_THE_WIRE: [&str; 7] =
    ["data:", "blob:", "about:", "chrome:", "chrome-extension:", "moz-extension:", "file:"];

/// What a HAR file held, up to its end or its first fault.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    /// Its entries, in order.
    pub(crate) exchanges: Vec<Exchange>,
    /// What of it could not be read.
    pub(crate) blind_spots: Vec<BlindSpot>,
    pages: BTreeMap<String, String>,
    page_of: BTreeMap<u64, String>,
    entries: u64,
}

/// Reads a HAR file named `name`. An entry without a time gets `now`.
pub(crate) fn read(name: &str, input: impl Read, now: Timestamp) -> Recording {
    let mut recording = Recording::default();
    let mut reader = serde_json::Deserializer::from_reader(WithoutBom::new(input));
    let root = Object { recording: &mut recording, level: Level::Root, now };
    if let Err(error) = root.deserialize(&mut reader).and_then(|()| reader.end()) {
        let read = recording.entries;
        let detail =
            format!("broken at line {} column {}; {read} entries before were read", error.line(), error.column());
        recording.blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, name, detail));
    } else if recording.entries == 0 {
        let detail = "no log.entries in it: is it a HAR file?";
        recording.blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, name, detail));
    }
    for exchange in &mut recording.exchanges {
        // Some exporters write the page's address as its title, others what stands in the tab.
        let page = recording.page_of.get(&exchange.index).and_then(|id| recording.pages.get(id));
        exchange.page = page.filter(|page| Target::parse(page).is_ok()).cloned();
    }
    for blind_spot in &mut recording.blind_spots {
        if blind_spot.place.is_empty() {
            name.clone_into(&mut blind_spot.place);
        }
    }
    recording
}

/// Where in the file we are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Log,
}

/// Walks the objects on the way to `log.entries` and `log.pages`.
struct Object<'a> {
    recording: &'a mut Recording,
    level: Level,
    now: Timestamp,
}

/// Takes the elements of `log.entries`.
struct Entries<'a> {
    recording: &'a mut Recording,
    now: Timestamp,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let now = self.now;
            match (self.level, key.as_str()) {
                (Level::Root, "log") => {
                    map.next_value_seed(Object { recording: &mut *self.recording, level: Level::Log, now })?;
                }
                (Level::Log, "entries") => map.next_value_seed(Entries { recording: &mut *self.recording, now })?,
                (Level::Log, "pages") => {
                    let pages = map.next_value::<Value>()?;
                    self.recording.take_pages(&pages);
                }
                (Level::Root | Level::Log, _) => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(entry) = entries.next_element_seed(Known(&ENTRY))? {
            self.recording.take_entry(&entry, self.now);
        }
        Ok(())
    }
}

/// A member of an object that is read: whole, or only some members of the object it is.
struct Field {
    name: &'static str,
    within: &'static [Self],
}

/// What is read of an entry. All else is passed over unread, however large or deep it is.
const ENTRY: [Field; 7] = [
    whole("pageref"),
    whole("startedDateTime"),
    whole("time"),
    whole("serverIPAddress"),
    whole("_webSocketMessages"),
    Field { name: "request", within: &REQUEST },
    Field { name: "response", within: &RESPONSE },
];

const REQUEST: [Field; 7] = [
    whole("method"),
    whole("url"),
    whole("httpVersion"),
    whole("headers"),
    whole("cookies"),
    whole("postData"),
    whole("bodySize"),
];

const RESPONSE: [Field; 4] = [whole("status"), whole("headers"), whole("redirectURL"), whole("bodySize")];

const fn whole(name: &'static str) -> Field {
    Field { name, within: &[] }
}

/// Reads an object's known members; anything but an object is null.
struct Known(&'static [Field]);

impl<'de> DeserializeSeed<'de> for Known {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.0.is_empty() { Value::deserialize(deserializer) } else { deserializer.deserialize_any(self) }
    }
}

impl<'de> Visitor<'de> for Known {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = serde_json::Map::new();
        while let Some(key) = map.next_key::<String>()? {
            match self.0.iter().find(|field| field.name == key) {
                Some(field) => {
                    members.insert(key, map.next_value_seed(Self(field.within))?);
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Null)
    }

    fn visit_str<E>(self, _: &str) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

impl Recording {
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
            let detail = format!("entry {index} holds no request");
            self.blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, "", detail));
            return;
        };
        if NOT_ON_THE_WIRE.iter().any(|scheme| url.starts_with(scheme)) {
            return;
        }
        let target = match Target::parse(url) {
            Ok(target) => target,
            Err(error) => {
                let detail = format!("entry {index} has no web address to judge: {error}");
                self.blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, "", detail));
                return;
            }
        };
        let started = text(entry, "startedDateTime").and_then(|time| time.parse().ok());
        if started.is_none() {
            let detail = "entries without a time that can be read; the time of this run stands in their place";
            self.blind_spots.push(BlindSpot::new(BlindSpotKind::InputBroken, "", detail));
        }
        if let Some(page) = text(entry, "pageref") {
            self.page_of.insert(index, page.to_owned());
        }
        let response = entry.get("response").unwrap_or(&Value::Null);
        let status = response.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
        let response = status.filter(|status| *status > 0).map(|status| response_record(status, response));
        let failure = response.is_none().then(|| Failure::Broken("the recording holds no answer".to_owned()));
        let mut blind_spots = Vec::new();
        if sent_messages(entry) {
            let detail = "its messages are in the recording and were not read";
            blind_spots.push(BlindSpot::new(BlindSpotKind::WebsocketNotRead, target.origin(), detail));
        }
        self.exchanges.push(Exchange {
            index,
            started: started.unwrap_or(now),
            duration_ms: entry.get("time").and_then(Value::as_f64).and_then(whole_milliseconds),
            visit: None,
            request: request_record(request, target),
            response,
            failure,
            messages: Vec::new(),
            connection: Connection {
                server: text(entry, "serverIPAddress").map(str::to_owned),
                ..Connection::default()
            },
            page: None,
            blocked: false,
            blind_spots,
        });
    }
}

/// Passes a file on without the byte-order mark that some exporters write first.
struct WithoutBom<R> {
    inner: std::io::BufReader<R>,
    begun: bool,
}

impl<R: Read> WithoutBom<R> {
    fn new(inner: R) -> Self {
        Self { inner: std::io::BufReader::new(inner), begun: false }
    }
}

impl<R: Read> Read for WithoutBom<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        use std::io::BufRead as _;
        if !self.begun {
            self.begun = true;
            if self.inner.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
                self.inner.consume(3);
            }
        }
        self.inner.read(buffer)
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
    fn what_is_no_har_is_said_to_be_none() {
        for text in ["", "{}", "[]", "null", "{\"log\":{}}", "{\"log\":{\"entries\":{}}}"] {
            assert_eq!(parsed(text).blind_spots.len(), 1, "{text}");
        }
        assert_eq!(parsed(r#"{"log":{"entries":[1,{"request":{"url":"htt"}}]}}"#).blind_spots.len(), 2);
    }
}
