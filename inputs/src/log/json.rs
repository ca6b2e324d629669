//! Logs whose lines are objects in JSON: which of their members tells what. A format is a `Shape`; what it does not name
//! is kept by its own name, so that no text goes unread.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::Scheme;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::escapes::{spaced, without_percents};
use super::line::told;
use super::{LogLine, Setting, Text, time};
use crate::surrogates::WithoutLoneSurrogates;

/// The most members of a line that are kept by their own names; known formats have some 100.
const MAX_OTHERS: usize = 1024;

/// The longest name that is put before those of the members within; each of them has a copy of it.
const MAX_NAME: usize = 128;

/// Which members tell what: the first that is there. A dot goes into a member that is an object.
pub(super) struct Shape {
    /// All of these are there in a line of this format.
    pub(super) marks: &'static [&'static str],
    pub(super) time: &'static [&'static str],
    pub(super) method: &'static [&'static str],
    pub(super) scheme: &'static [&'static str],
    pub(super) host: &'static [&'static str],
    pub(super) target: &'static [&'static str],
    /// A query that stands apart from its path.
    pub(super) query: &'static [&'static str],
    pub(super) version: &'static [&'static str],
    pub(super) status: &'static [&'static str],
    pub(super) bytes: &'static [&'static str],
    pub(super) client: &'static [&'static str],
    /// Headers of the request: a member, and the header's name.
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// What members begin with that are headers of the request, and of the answer: each its own, or objects of them.
    pub(super) header_prefix: &'static str,
    pub(super) answered_prefix: &'static str,
    /// Ids that a machine has made: in them a number counts only where it stands as it is.
    pub(super) ids: &'static [&'static str],
    /// Texts that say nothing of a person, and look as if: times, addresses of servers.
    pub(super) machine: &'static [&'static str],
    /// Whether its texts are percent-encoded once more than they were sent.
    pub(super) is_encoded: bool,
    /// Whether numbers are kept too: those of a known format are the server's own.
    pub(super) keeps_numbers: bool,
}

/// A shape that names nothing.
pub(super) const NOTHING: Shape = Shape {
    marks: &[],
    time: &[],
    method: &[],
    scheme: &[],
    host: &[],
    target: &[],
    query: &[],
    version: &[],
    status: &[],
    bytes: &[],
    client: &[],
    headers: &[],
    header_prefix: NEVER,
    answered_prefix: NEVER,
    ids: &[],
    machine: &[],
    is_encoded: false,
    keeps_numbers: false,
};

/// What no member begins with.
const NEVER: &str = "\0";

/// Reads a line of a shape.
pub(super) fn read<'a>(line: &'a [u8], shape: &Shape, setting: &Setting) -> Option<LogLine<'a>> {
    let mut members = Members::parse(line)?;
    shape.marks.iter().all(|mark| members.has(mark)).then_some(())?;
    let mut read = LogLine {
        time: members.time(shape.time, &setting.zone),
        method: members.text(shape.method),
        scheme: members.read_as(shape.scheme, scheme),
        host: members.text(shape.host),
        target: members.text(shape.target),
        version: members.text(shape.version),
        status: members.number(shape.status).and_then(|status| u16::try_from(status).ok()).filter(|status| *status > 0),
        bytes: members.number(shape.bytes),
        client: members.text(shape.client),
        ..LogLine::default()
    };
    if let Some(query) = members.text(shape.query) {
        let path = read.target.take().unwrap_or(Text::Borrowed(b"/"));
        let query = query.strip_prefix(b"?").unwrap_or(&query).to_vec();
        if path.contains(&b'?') {
            // Some write it in both.
            if !path.ends_with(&query) {
                read.take_other(&b"query"[..], query);
            }
            read.target = Some(path);
        } else {
            read.target = Some([path.as_ref(), b"?", &query].concat().into());
        }
    }
    for (member, name) in shape.headers {
        if let Some(text) = members.text(&[member]) {
            read.take_header(name.as_bytes(), if shape.is_encoded { decoded(name, text) } else { text });
        }
    }
    for name in shape.ids {
        match members.take(name) {
            // Whatever else stands there is no id.
            Some(value @ (Value::Object(_) | Value::Number(_))) => {
                members.0.insert((*name).to_owned(), value);
            }
            Some(value) => {
                if let Some(text) = text_of(value) {
                    read.take_id(name.as_bytes(), text);
                }
            }
            None => {}
        }
    }
    for name in shape.machine {
        members.take(name);
    }
    members.rest(&mut read, shape);
    Some(read)
}

/// A text that the log has encoded. One that was not, since it is a URL already, stays as it is.
fn decoded(name: &str, text: Text<'static>) -> Text<'static> {
    if memchr::memmem::find(&text, b"://").is_some() {
        return text;
    }
    let text = if name == "User-Agent" { spaced(text) } else { text };
    without_percents(&text).into_owned().into()
}

fn scheme(text: &[u8]) -> Option<Scheme> {
    let lower = text.to_ascii_lowercase();
    match lower.as_slice() {
        b"wss" => Some(Scheme::Wss),
        b"ws" => Some(Scheme::Ws),
        b"true" | b"on" => Some(Scheme::Https),
        b"false" | b"off" => Some(Scheme::Http),
        text if text.starts_with(b"https") || text.starts_with(b"tls") => Some(Scheme::Https),
        text if text.starts_with(b"http") && !text.contains(&b'/') => Some(Scheme::Http),
        _ => None,
    }
}

/// The members of a line that are not taken yet.
struct Members(serde_json::Map<String, Value>);

impl Members {
    fn parse(line: &[u8]) -> Option<Self> {
        let begin = line.iter().position(|byte| !byte.is_ascii_whitespace())?;
        if line.get(begin) != Some(&b'{') {
            return None;
        }
        let value: Option<Self> = serde_json::from_slice(line).ok();
        // Half a character, as JavaScript writes it, is no reason not to read the rest; nor are bytes of no UTF-8.
        value.or_else(|| {
            let text = String::from_utf8_lossy(line);
            serde_json::from_reader(WithoutLoneSurrogates::new(text.as_bytes())).ok()
        })
    }

    fn has(&self, path: &str) -> bool {
        let within = |(outer, inner): (&str, &str)| self.0.get(outer).and_then(|outer| outer.get(inner)).is_some();
        self.0.contains_key(path) || path.split_once('.').is_some_and(within)
    }

    fn take(&mut self, path: &str) -> Option<Value> {
        if let Some(value) = self.0.remove(path) {
            return Some(value);
        }
        let (outer, inner) = path.split_once('.')?;
        self.0.get_mut(outer)?.as_object_mut()?.remove(inner)
    }

    fn text(&mut self, paths: &[&str]) -> Option<Text<'static>> {
        paths.iter().find_map(|path| self.take(path).and_then(text_of))
    }

    fn number(&mut self, paths: &[&str]) -> Option<u64> {
        self.read_as(paths, |text| std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()))
    }

    fn time(&mut self, paths: &[&str], zone: &TimeZone) -> Option<Timestamp> {
        self.read_as(paths, |text| time::any(text, zone))
    }

    /// Takes the first member that reads as it should. Those that do not are left, to be kept by their own names.
    fn read_as<T>(&mut self, paths: &[&str], read: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
        paths.iter().find_map(|path| {
            let value = self.take(path)?;
            let told = text_of(value.clone()).and_then(|text| read(&text));
            if told.is_none() {
                self.0.insert((*path).to_owned(), value);
            }
            told
        })
    }

    /// Keeps what is left: headers as such, all else by its own name.
    fn rest(self, read: &mut LogLine<'_>, shape: &Shape) {
        let mut left: Vec<(String, Value)> = self.0.into_iter().rev().collect();
        let mut kept = 0;
        while let Some((name, value)) = left.pop() {
            if kept == MAX_OTHERS {
                // Too many to keep apart: the rest in one, so that nothing goes unread.
                left.push((name, value));
                let rest = serde_json::to_string(&left).unwrap_or_default();
                read.take_other(&b"rest"[..], rest.into_bytes());
                return;
            }
            kept += 1;
            // A longer one is no name but a text.
            let name = match name.char_indices().nth(MAX_NAME) {
                Some((end, _)) => {
                    let short = name.get(..end).unwrap_or_default().to_owned();
                    read.take_other(&b"name"[..], name.into_bytes());
                    short
                }
                None => name,
            };
            // A list tells of its one name; an object of its members.
            match value {
                Value::Object(members) => {
                    left.extend(members.into_iter().rev().map(|(inner, value)| (format!("{name}.{inner}"), value)));
                }
                Value::Array(values) => left.extend(values.into_iter().rev().map(|value| (name.clone(), value))),
                Value::Number(_) if !shape.keeps_numbers => {}
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    let Some(text) = text_of(value) else { continue };
                    if let Some(header) = name.strip_prefix(shape.header_prefix) {
                        read.take_header(header.as_bytes().to_vec(), text);
                    } else if let Some(header) = name.strip_prefix(shape.answered_prefix) {
                        read.take_answered(header.as_bytes().to_vec(), text);
                    } else {
                        read.take_other(name.into_bytes(), text);
                    }
                }
            }
        }
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EveryMember)
    }
}

/// Takes every member of an object, those of one name all: a later one gets a name of its own.
struct EveryMember;

impl<'de> Visitor<'de> for EveryMember {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = serde_json::Map::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            let count = members.len();
            let name = if members.contains_key(&name) { format!("{name}#{count}") } else { name };
            members.insert(name, value);
        }
        Ok(Members(members))
    }
}

/// What a value says: all members of a list, and an object as it is written.
fn text_of(value: Value) -> Option<Text<'static>> {
    match value {
        Value::String(text) => told(text.into_bytes()),
        Value::Number(number) => Some(number.to_string().into_bytes().into()),
        Value::Bool(is) => Some(is.to_string().into_bytes().into()),
        Value::Array(values) => {
            let texts: Vec<Text<'_>> = values.into_iter().filter_map(text_of).collect();
            told(texts.join(&b", "[..]))
        }
        Value::Object(_) => Some(value.to_string().into_bytes().into()),
        Value::Null => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        marks: &["u"],
        target: &["u"],
        query: &["q"],
        headers: &[("r.f", "Referer")],
        header_prefix: "h.",
        ids: &["i", "t.id"],
        ..NOTHING
    };

    fn parsed(line: &str) -> Option<LogLine<'static>> {
        read(line.as_bytes(), &SHAPE, &Setting::default()).map(LogLine::into_owned)
    }

    #[test]
    fn ids_are_kept_as_such_and_what_is_none_by_its_name() {
        let read = parsed(r#"{"u":"/a","i":["x","y"],"t":{"id":"z"}}"#).unwrap();
        assert_eq!(read.ids, [(b"i"[..].into(), b"x, y"[..].into()), (b"t.id"[..].into(), b"z"[..].into())]);
        assert_eq!(read.others, []);
        let read = parsed(r#"{"u":"/a","i":{"note":"x"},"t":null}"#).unwrap();
        assert_eq!((read.ids, read.others), (vec![], vec![(b"i.note"[..].into(), b"x"[..].into())]));
    }

    #[test]
    fn what_a_shape_does_not_name_is_kept_by_its_own_name() {
        let read =
            parsed(r#"{"u":"/a","q":"?b=1","r":{"f":"x","g":["y",{"z":"w"}]},"h":{"X-Id":["7"]},"n":5}"#).unwrap();
        assert_eq!(read.target.as_deref(), Some(&b"/a?b=1"[..]));
        assert_eq!(read.referer.as_deref(), Some(&b"x"[..]));
        assert_eq!(read.headers, [(b"X-Id"[..].into(), b"7"[..].into())]);
        assert_eq!(read.others, [(b"r.g"[..].into(), b"y"[..].into()), (b"r.g.z"[..].into(), b"w"[..].into())]);
    }

    #[test]
    fn a_query_is_joined_to_its_path_unless_it_stands_there_already() {
        let target = |line| parsed(line).unwrap().target.unwrap().into_owned();
        assert_eq!(target(r#"{"u":"/a","q":"b=1"}"#), b"/a?b=1");
        assert_eq!(target(r#"{"u":"/a1","q":"1"}"#), b"/a1?1");
        assert_eq!(target(r#"{"u":"/a?b=1","q":"b=1"}"#), b"/a?b=1");
        let read = parsed(r#"{"u":"/a?b=1","q":"c=2"}"#).unwrap();
        assert_eq!(read.target.as_deref(), Some(&b"/a?b=1"[..]));
        assert_eq!(read.others, [(b"query"[..].into(), b"c=2"[..].into())]);
    }

    #[test]
    fn half_a_character_and_bytes_of_no_utf8_are_read_over() {
        assert_eq!(parsed(r#"{"u":"/a\ud83dz"}"#).unwrap().target.as_deref(), Some("/a\u{fffd}z".as_bytes()));
        let read = read(b"{\"u\":\"/\xe6\"}", &SHAPE, &Setting::default()).unwrap();
        assert_eq!(read.target.as_deref(), Some("/\u{fffd}".as_bytes()));
    }

    #[test]
    fn what_is_there_twice_or_is_not_as_it_should_be_is_kept() {
        let shape = Shape { status: &["s"], time: &["t"], ..SHAPE };
        let line = br#"{"u":"/a","u":"/b","s":"none","t":"cpr 0101901234"}"#;
        let read = read(line, &shape, &Setting::default()).unwrap();
        let texts: Vec<&[u8]> = read.others.iter().map(|(_, text)| text.as_ref()).collect();
        assert_eq!((read.target.as_deref(), read.status, read.time), (Some(&b"/a"[..]), None, None));
        assert_eq!(texts, [&b"none"[..], b"cpr 0101901234", b"/b"]);
    }

    #[test]
    fn what_is_no_object_or_lacks_a_mark_does_not_fit() {
        for line in ["", "[]", "{", "{}", r#"{"q":"x"}"#, r#"{"u":1"#, "\"u\"", &"{\"u\":".repeat(500)] {
            assert_eq!(parsed(line), None, "{line}");
        }
    }

    #[test]
    fn a_long_name_is_a_text_and_not_copied_to_each_member() {
        let long = "n".repeat(200_000) + "0101901234";
        let line = format!(r#"{{"u":"/","{long}":[{}"z"]}}"#, r#""y","#.repeat(100_000));
        let read = parsed(&line).unwrap();
        assert_eq!(read.others[0].1.as_ref(), long.as_bytes());
        let held: usize = read.others.iter().map(|(name, text)| name.len() + text.len()).sum();
        assert!(held < 100 * line.len(), "{held}");
        let rest = read.others.last().unwrap().1.as_ref();
        assert!(memchr::memmem::find(rest, b"\"z\"").is_some());
    }

    #[test]
    fn many_members_are_all_kept() {
        let members: Vec<String> = (0..2000).map(|n| format!(r#""m{n}":"v{n}""#)).collect();
        let read = parsed(&format!(r#"{{"u":"/",{}}}"#, members.join(","))).unwrap();
        let all: Vec<u8> = read.others.iter().flat_map(|(_, text)| text.to_vec()).collect();
        for n in 0..2000 {
            assert!(memchr::memmem::find(&all, format!("v{n}").as_bytes()).is_some(), "v{n}");
        }
    }
}
