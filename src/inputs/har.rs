//! HAR 1.2 files, as browsers, proxies and test tools export them: each entry an exchange.
//!
//! Lenient: entries lack fields, files lack their end. What stands before a fault is read; the fault is a blind spot
//! with its place. Entries are read one at a time, so that response bodies do not pile up in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use data_encoding::BASE64;
use jiff::Timestamp;
use model::{
    BlindSpot, BlindSpotKind, Body, BodyState, Connection, Exchange, Failure, Headers, RequestRecord, ResponseRecord,
    Target,
};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

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
        let page = recording.page_of.get(&exchange.index).and_then(|id| recording.pages.get(id));
        exchange.page = page.cloned();
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
        while let Some(entry) = entries.next_element::<Value>()? {
            self.recording.take_entry(&entry, self.now);
        }
        Ok(())
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
        let url = text(request, "url").unwrap_or_default();
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
            started: text(entry, "startedDateTime").and_then(|time| time.parse().ok()).unwrap_or(now),
            duration_ms: entry.get("time").and_then(Value::as_f64).and_then(whole_milliseconds),
            visit: None,
            request: request_record(request, target),
            response,
            failure,
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

fn request_record(request: &Value, target: Target) -> RequestRecord {
    let mut headers = headers(request);
    if headers.get("cookie").is_none()
        && let Some(cookies) = cookie_line(request)
    {
        headers.0.push(("Cookie".to_owned(), cookies.into_bytes()));
    }
    RequestRecord {
        method: text(request, "method").unwrap_or("GET").to_owned(),
        target,
        version: text(request, "httpVersion").unwrap_or_default().to_owned(),
        body: body(request, &headers),
        headers,
    }
}

fn response_record(status: u16, response: &Value) -> ResponseRecord {
    let mut headers = headers(response);
    if headers.get("location").is_none()
        && let Some(redirect) = text(response, "redirectURL").filter(|url| !url.is_empty())
    {
        headers.0.push(("Location".to_owned(), redirect.as_bytes().to_vec()));
    }
    let body_bytes = response.get("bodySize").and_then(Value::as_u64).unwrap_or(0);
    ResponseRecord { status, headers, body_bytes }
}

fn headers(message: &Value) -> Headers {
    let lines = message.get("headers").and_then(Value::as_array).into_iter().flatten();
    let pairs =
        lines.filter_map(|line| Some((text(line, "name")?.to_owned(), text(line, "value")?.as_bytes().to_vec())));
    // Names that begin with a colon are HTTP/2 pseudo-headers: they repeat the URL.
    Headers(pairs.filter(|(name, _)| !name.starts_with(':')).collect())
}

/// The cookies as one header line, for exporters that list them apart.
fn cookie_line(request: &Value) -> Option<String> {
    let cookies = request.get("cookies")?.as_array()?;
    let pairs: Vec<String> = cookies
        .iter()
        .filter_map(|cookie| Some(format!("{}={}", text(cookie, "name")?, text(cookie, "value")?)))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}

/// The body as sent: `postData.text`, undone from base64 where the exporter says so, else its `params`.
fn body(request: &Value, headers: &Headers) -> Body {
    let data = request.get("postData").unwrap_or(&Value::Null);
    let encoded = ["_encoding", "encoding"].iter().any(|key| text(data, key) == Some("base64"));
    if let Some(sent) = text(data, "text").filter(|sent| !sent.is_empty()) {
        let bytes = if encoded { BASE64.decode(sent.as_bytes()).ok() } else { None };
        return Body::whole(bytes.unwrap_or_else(|| sent.as_bytes().to_vec()));
    }
    let params: Vec<String> = data
        .get("params")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|param| {
            format!("{}={}", text(param, "name").unwrap_or_default(), text(param, "value").unwrap_or_default())
        })
        .collect();
    if !params.is_empty() {
        return Body::whole(params.join("&"));
    }
    let sized = request.get("bodySize").and_then(Value::as_u64);
    let declared = headers.text("content-length").and_then(|length| length.trim().parse().ok());
    match sized.max(declared).unwrap_or(0) {
        0 => Body::default(),
        wire_length => Body { bytes: Vec::new(), wire_length, state: BodyState::Missing },
    }
}

fn sent_messages(entry: &Value) -> bool {
    entry.get("_webSocketMessages").and_then(Value::as_array).is_some_and(|messages| !messages.is_empty())
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range just before")]
fn whole_milliseconds(time: f64) -> Option<u64> {
    (time.is_finite() && (0.0..1e15).contains(&time)).then_some(time as u64)
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
    use super::*;

    const TWO_ENTRIES: &str = r#"{"log":{"entries":[
        {"pageref":"p1","startedDateTime":"2026-11-22T04:00:00Z","time":12.5,
         "request":{"method":"POST","url":"https://a.test/x?y=1","headers":[{"name":":path","value":"/x"},{"name":"Referer","value":"https://b.test/"}],
           "cookies":[{"name":"s","value":"1"}],"postData":{"text":"aGVq","_encoding":"base64"}},
         "response":{"status":302,"headers":[],"redirectURL":"/next"}},
        {"request":{"url":"data:text/plain,x"}},
        {"request":{"method":"POST","url":"https://c.test/","bodySize":9},"response":{"status":0}}
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
