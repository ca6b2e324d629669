//! W3C extended log format (WD-logfile-960323), as IIS and many appliances write it: `#Fields` names what stands in the lines
//! after it, and may come again in mid-file with other names. Times are in UTC.
//!
//! IIS writes a plus for a space, and of a URL its path and query apart.

use std::sync::Arc;

use model::Scheme;

use super::escapes::{spaced, unescaped, without_doubling, without_percents};
use super::fields::{number, status};
use super::line::told;
use super::{LogLine, Reading, Row, Setting, Text, Zone, time};

/// The most names that a `#Fields` line may have; appliances write some 60.
const MAX_NAMES: usize = 256;

pub(super) const ROW: Row = Row { id: "w3c", zone: Zone::Told, reading: Reading::Named("") };

/// What a field is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Date,
    Time,
    Method,
    Path,
    Query,
    Url,
    Host,
    /// The host that was asked, before one that names the machine.
    AskedHost,
    Scheme,
    Port,
    Status,
    Bytes,
    Client,
    Version,
    Header(Vec<u8>),
    Answered(Vec<u8>),
    /// What a machine has made up.
    Id(Vec<u8>),
    /// Nothing that a person has written.
    Machine,
    Other(Vec<u8>),
}

/// The names of a `#Fields` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names(Arc<[(Vec<u8>, Field)]>);

impl Names {
    /// The names in what stands behind `#Fields:`.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let names: Vec<(Vec<u8>, Field)> = words.take(MAX_NAMES).map(|name| (name.to_vec(), field(name))).collect();
        (!names.is_empty()).then(|| Self(names.into()))
    }

    /// They as [`Names::parse`] takes them.
    pub(super) fn text(&self) -> Vec<u8> {
        self.0.iter().map(|(name, _)| name.as_slice()).collect::<Vec<_>>().join(&b' ')
    }

    /// Whether a name begins with `mark`.
    pub(super) fn has(&self, mark: &str) -> bool {
        self.0.iter().any(|(name, _)| name.starts_with(mark.as_bytes()))
    }

    /// Reads a line whose fields have these names. One with fewer or more is none.
    pub(super) fn read<'a>(&self, line: &'a [u8], _: &Setting) -> Option<LogLine<'a>> {
        let is_cloudfront = self.has(super::cloudfront::MARK);
        let values = values(line, self.0.len())?;
        let mut read = LogLine::default();
        let (mut day, mut clock, mut path, mut query, mut host) = (None, None, None, None, None);
        let mut port = None;
        for ((_, field), value) in self.0.iter().zip(values) {
            let raw = value.clone();
            let text = if is_cloudfront { without_doubling(value) } else { value };
            match field {
                Field::Date => day = Some(raw),
                Field::Time => clock = Some(raw),
                Field::Method => read.method = told(text),
                Field::Path => path = told(text),
                Field::Query => query = told(text),
                Field::Url => read.target = told(text),
                Field::AskedHost => read.host = told(text),
                Field::Host => host = told(text),
                Field::Scheme => read.scheme = scheme(&text),
                Field::Port => port = number(&text),
                Field::Status => read.status = status(&text)?.0,
                Field::Bytes => read.bytes = number(&text),
                Field::Client => read.client = told(text),
                Field::Version => read.version = told(text),
                Field::Header(name) => {
                    let is_spaced = name.as_slice() != b"Referer" && !is_cloudfront;
                    let is_agent = is_cloudfront && name.as_slice() == b"User-Agent";
                    let text = if is_spaced { spaced(text) } else { text };
                    let text = if is_agent { Text::Owned(without_percents(&text).into_owned()) } else { text };
                    read.take_header(name.clone(), text);
                }
                Field::Answered(name) => read.take_answered(name.clone(), text),
                Field::Id(name) => read.take_id(name.clone(), text),
                Field::Machine => {}
                Field::Other(name) => read.take_other(name.clone(), text),
            }
        }
        read.time = match (day, clock) {
            (Some(day), Some(clock)) => Some(time::in_two(&day, &clock)?),
            _ => None,
        };
        read.host = read.host.or(host);
        read.scheme = read.scheme.or(match port {
            Some(80) => Some(Scheme::Http),
            Some(443) => Some(Scheme::Https),
            _ => None,
        });
        read.target = read.target.or(path).map(|path| with_query(path, query.take()));
        // A query without its path is kept nonetheless.
        if let Some(query) = query {
            read.target = Some(with_query(Text::Borrowed(b"/"), Some(query)));
        }
        Some(read)
    }
}

/// The fields of a line: between tabs where it has one, else between spaces, quoted where they hold one.
fn values(line: &[u8], count: usize) -> Option<Vec<Text<'_>>> {
    if memchr::memchr(b'\t', line).is_some() {
        let values: Vec<Text<'_>> = line.split(|byte| *byte == b'\t').map(Text::Borrowed).collect();
        return (values.len() == count).then_some(values);
    }
    let plain = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let plain: Vec<Text<'_>> = plain.take(count + 1).map(Text::Borrowed).collect();
    if plain.len() == count && memchr::memchr(b'"', line).is_none() {
        return Some(plain);
    }
    let mut fields = super::fields::Fields::new(line);
    let mut values = Vec::new();
    while !fields.is_at_end() && values.len() <= count {
        match if fields.is_quoted() { fields.quoted() } else { None } {
            Some(text) => values.push(text),
            None => values.extend(fields.word().filter(|word| !word.is_empty()).map(Text::Borrowed)),
        }
    }
    // Those who quote nothing write quotes as they are.
    if values.len() == count { Some(values) } else { (plain.len() == count).then_some(plain) }
}

fn with_query<'a>(path: Text<'a>, query: Option<Text<'a>>) -> Text<'a> {
    match query {
        Some(query) => [path.as_ref(), b"?", query.as_ref()].concat().into(),
        None => path,
    }
}

fn scheme(text: &[u8]) -> Option<Scheme> {
    match text.to_ascii_lowercase().as_slice() {
        b"http" => Some(Scheme::Http),
        b"https" => Some(Scheme::Https),
        b"ws" => Some(Scheme::Ws),
        b"wss" => Some(Scheme::Wss),
        _ => None,
    }
}

fn field(name: &[u8]) -> Field {
    let lower = name.to_ascii_lowercase();
    match lower.as_slice() {
        b"date" => Field::Date,
        b"time" => Field::Time,
        b"cs-method" | b"method" => Field::Method,
        b"cs-uri-stem" => Field::Path,
        b"cs-uri-query" => Field::Query,
        b"cs-uri" | b"c-uri" => Field::Url,
        b"x-host-header" | b"cs-host" => Field::AskedHost,
        b"cs(host)" => Field::Host,
        b"cs-protocol" | b"cs-uri-scheme" => Field::Scheme,
        b"s-port" => Field::Port,
        b"sc-status" => Field::Status,
        b"sc-bytes" => Field::Bytes,
        b"c-ip" => Field::Client,
        b"cs-version" | b"cs-protocol-version" => Field::Version,
        b"cs(referer)" => Field::Header(b"Referer".to_vec()),
        b"cs(user-agent)" => Field::Header(b"User-Agent".to_vec()),
        b"cs-bytes"
        | b"time-taken"
        | b"sc-substatus"
        | b"sc-win32-status"
        | b"s-ip"
        | b"time-to-first-byte"
        | b"c-port"
        | b"sc-content-len"
        | b"sc-range-start"
        | b"sc-range-end" => Field::Machine,
        b"x-edge-request-id" => Field::Id(lower),
        _ => match (lower.strip_suffix(b")"), name.len().checked_sub(1).and_then(|end| name.get(3..end))) {
            (Some(lower), Some(inner)) if lower.starts_with(b"cs(") => Field::Header(inner.to_vec()),
            (Some(lower), Some(inner)) if lower.starts_with(b"sc(") => Field::Answered(inner.to_vec()),
            _ => Field::Other(unescaped(name).into_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use model::Scheme;

    use super::super::{Format, LogLine, Parsed, Setting};

    /// Reads the lines after directives; what does not fit is `None`.
    fn read(lines: &[&'static str]) -> Vec<Option<LogLine<'static>>> {
        let mut parser = Format::named("w3c").unwrap().parser(Setting::default());
        let parsed = lines.iter().map(|line| parser.parse(line.as_bytes()));
        parsed
            .filter_map(|parsed| match parsed {
                Parsed::Line(line) => Some(Some(line)),
                Parsed::Directive => None,
                Parsed::Other(_) | Parsed::Unfit(_) => Some(None),
            })
            .collect()
    }

    #[test]
    fn the_documented_lines_are_read_each_by_the_names_before_it() {
        // Microsoft Learn, "W3C Logging"; the names are IIS's default.
        let lines = read(&[
            "#Software: Internet Information Services 10.0",
            "#Version: 1.0",
            "#Date: 2019-05-23 01:13:11",
            "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
            "2019-05-23 01:13:11 10.0.0.4 GET /sag/vis cpr=0101901234&x=a+b 443 DOM\\anna 192.0.2.7 Mozilla/5.0+(Windows+NT+10.0) https://a.test/b+c 200 0 0 44",
            "#Fields: date time cs-method cs-uri-stem cs-host sc-status cs(Cookie) sc(X-Id)",
            "2019-05-23 01:13:12 POST /b www.skat.test 302 a=1;+b=2 7",
            "2019-05-23 01:13:12 POST /b",
        ]);
        let [Some(first), Some(second), None] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!(first.time.unwrap().to_string(), "2019-05-23T01:13:11Z");
        assert_eq!(first.target.as_deref(), Some(&b"/sag/vis?cpr=0101901234&x=a+b"[..]));
        assert_eq!(first.user_agent.as_deref(), Some(&b"Mozilla/5.0 (Windows NT 10.0)"[..]));
        assert_eq!(first.referer.as_deref(), Some(&b"https://a.test/b+c"[..]));
        assert_eq!((first.scheme, first.status), (Some(Scheme::Https), Some(200)));
        assert_eq!(first.others, [(b"cs-username"[..].into(), b"DOM\\anna"[..].into())]);
        assert_eq!(second.host.as_deref(), Some(&b"www.skat.test"[..]));
        assert_eq!(second.cookie.as_deref(), Some(&b"a=1; b=2"[..]));
        assert_eq!(second.answered, [(b"X-Id"[..].into(), b"7"[..].into())]);
    }

    #[test]
    fn quoted_fields_and_tabs_are_read() {
        let lines = read(&[
            "#Fields: date\ttime\tcs-uri\tcs(User-Agent)",
            "2019-05-23\t01:13:11\thttp://a.test/x\ta b",
            "2019-05-23 01:13:11 http://a.test/x \"a b\"",
            "2019-05-23 01:13:11 http://a.test/\"x a",
        ]);
        let agents: Vec<Option<&[u8]>> = lines.iter().map(|line| line.as_ref()?.user_agent.as_deref()).collect();
        assert_eq!(agents, [Some(&b"a b"[..]), Some(b"a b"), Some(b"a")]);
    }

    #[test]
    fn without_names_no_line_fits() {
        assert_eq!(read(&["2019-05-23 01:13:11 GET /", "#Fields:", "x"]), [None, None]);
    }
}
