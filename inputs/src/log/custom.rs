//! A log whose lines are described as its server was told to write them: Apache's `LogFormat` (`mod_log_config`) or nginx's
//! `log_format` (`ngx_http_log_module`).

use model::Scheme;

use super::escapes::unescaped;
use super::fields::{closing_quote, number};
use super::line::told;
use super::{LogLine, Reading, Row, Setting, Text, Zone, time};

/// The most parts of a pattern; long ones have some 60.
const MAX_PARTS: usize = 256;

pub(super) const ROW: Row = Row { id: "custom", zone: Zone::Told, reading: Reading::Patterned };

/// What stands in the lines of a log.
pub(super) struct Pattern {
    /// What stands before the first field.
    begin: Vec<u8>,
    /// Each field with what stands behind it.
    fields: Vec<(Field, Vec<u8>)>,
}

/// What a field is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    /// In brackets and with a zone, as `%t` and `$time_local` have it.
    CommonTime,
    IsoTime,
    EpochTime,
    /// In a way of its own: it is read if it is any that is known.
    AnyTime,
    Request,
    Method,
    Target,
    /// The path, where the whole target is not logged.
    Path,
    /// The query, with its question mark (Apache) or without (nginx).
    Query,
    Version,
    Status,
    Bytes,
    Client,
    Host,
    Scheme,
    Port,
    Header(String),
    Cookie(String),
    Answered(String),
    /// What the server has made up.
    Id(&'static str),
    /// Nothing that a person has written.
    Machine,
    Other(String),
}

impl Pattern {
    /// Reads a pattern, or says why it is none.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        // As it stands in the configuration, quotes and tabs escaped.
        let text = String::from_utf8_lossy(&unescaped(text.as_bytes())).into_owned();
        // A target in its parts, put together again.
        let text = text.replace("$uri$is_args$args", "$request_uri");
        let is_apache = text.contains('%') && !text.contains('$');
        let mut rest = text.as_str();
        let mut pattern = Self { begin: Vec::new(), fields: Vec::new() };
        while let Some(first) = rest.chars().next() {
            let (field, after) = match first {
                '%' if is_apache => apache(rest)?,
                '$' if !is_apache => nginx(rest)?,
                _ => (None, rest.strip_prefix(first).unwrap_or_default()),
            };
            if let Some(field) = field {
                pattern.fields.push((field, Vec::new()));
            } else {
                let literal = pattern.fields.last_mut().map_or(&mut pattern.begin, |(_, literal)| literal);
                let mut bytes = [0; 4];
                literal.extend_from_slice(first.encode_utf8(&mut bytes).as_bytes());
            }
            rest = after;
            if pattern.fields.len() > MAX_PARTS {
                return Err("it has too many fields");
            }
        }
        let last = pattern.fields.len().saturating_sub(1);
        let touching = |(at, (_, literal)): (usize, &(Field, Vec<u8>))| at < last && literal.is_empty();
        // A query stands right behind its path, and says itself where it begins.
        let is_apart = |at: usize| matches!(pattern.fields.get(at + 1), Some((Field::Query, _)));
        if pattern.fields.is_empty() {
            return Err("it has no field");
        }
        if pattern.fields.iter().enumerate().any(|(at, part)| touching((at, part)) && !is_apart(at)) {
            return Err("two of its fields have nothing between them");
        }
        Ok(pattern)
    }

    /// Whether its times are in the server's own zone, which they do not name.
    pub(super) fn assumes_zone(&self) -> bool {
        self.fields.iter().any(|(field, _)| *field == Field::AnyTime)
    }

    /// Reads a line.
    pub(super) fn read<'a>(&self, line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
        let mut rest = line.strip_prefix(self.begin.as_slice())?;
        let mut read = LogLine::default();
        let mut asked = Asked::default();
        let mut before = self.begin.as_slice();
        for (field, literal) in &self.fields {
            let end = match literal.as_slice() {
                [] if *field == Field::Path => rest.iter().position(|byte| matches!(byte, b'?' | b' ' | b'"'))?,
                [] => rest.len(),
                [b'"', ..] if before.ends_with(b"\"") => quoted_end(rest, literal)?,
                _ if *field == Field::CommonTime && rest.starts_with(b"[") => memchr::memchr(b']', rest)? + 1,
                _ => memchr::memmem::find(rest, literal)?,
            };
            let (value, after) = rest.split_at_checked(end)?;
            rest = after.strip_prefix(literal.as_slice())?;
            before = literal;
            take(&mut read, &mut asked, field, unescaped(value), setting)?;
        }
        asked.complete(&mut read);
        rest.is_empty().then_some(read)
    }
}

/// Where a quoted field ends that is followed by `literal`, which begins with the quote.
fn quoted_end(rest: &[u8], literal: &[u8]) -> Option<usize> {
    let end = closing_quote(rest).filter(|end| rest.get(*end..).is_some_and(|after| after.starts_with(literal)));
    end.or_else(|| memchr::memmem::find(rest, literal))
}

/// What of the target stands apart.
#[derive(Default)]
struct Asked<'a> {
    path: Option<Text<'a>>,
    query: Option<Text<'a>>,
    port: Option<u64>,
}

impl<'a> Asked<'a> {
    fn complete(self, read: &mut LogLine<'a>) {
        let Self { path, query, port } = self;
        read.scheme = read.scheme.or(match port {
            Some(80) => Some(Scheme::Http),
            Some(443) => Some(Scheme::Https),
            _ => None,
        });
        let Some(query) = query else {
            read.target = read.target.take().or(path);
            return;
        };
        if read.target.is_some() {
            read.take_other(&b"query"[..], query);
            return;
        }
        let path = path.unwrap_or(Text::Borrowed(b"/"));
        let query = query.strip_prefix(b"?").unwrap_or(&query);
        read.target = Some([path.as_ref(), b"?", query].concat().into());
    }
}

/// Takes a value; `None` when it is not what the field should be.
fn take<'a>(
    read: &mut LogLine<'a>,
    asked: &mut Asked<'a>,
    field: &Field,
    value: Text<'a>,
    setting: &Setting,
) -> Option<()> {
    match field {
        Field::CommonTime => {
            let inner = value.strip_prefix(b"[").and_then(|value| value.strip_suffix(b"]")).unwrap_or(&value);
            read.time = Some(time::common(inner, &setting.zone)?);
        }
        Field::IsoTime => read.time = Some(time::iso(&value, &setting.zone)?),
        Field::EpochTime => read.time = Some(time::epoch(&value)?),
        Field::AnyTime => {
            let inner = value.strip_prefix(b"[").and_then(|value| value.strip_suffix(b"]")).unwrap_or(&value);
            read.time = read.time.or_else(|| time::any(inner, &setting.zone));
        }
        Field::Request => read.take_request(value),
        Field::Method => read.method = told(value),
        Field::Target => read.target = told(value),
        Field::Path => asked.path = told(value),
        Field::Query => asked.query = told(value),
        Field::Version => read.version = told(value),
        Field::Status => read.status = super::fields::status(&value)?.0,
        Field::Bytes => {
            let bytes = number(&value);
            if bytes.is_none() && told(value).is_some() {
                return None;
            }
            read.bytes = bytes.or(read.bytes);
        }
        Field::Client => read.client = told(value),
        Field::Host => read.host = read.host.take().or(told(value)),
        Field::Scheme => {
            read.scheme = match value.as_ref() {
                b"https" | b"on" => Some(Scheme::Https),
                b"http" => Some(Scheme::Http),
                _ => None,
            }
        }
        Field::Port => asked.port = number(&value),
        Field::Header(name) => read.take_header(name.clone().into_bytes(), value),
        Field::Cookie(name) => {
            if let Some(value) = told(value) {
                let pair = [name.as_bytes(), b"=", value.as_ref()].concat();
                let before = read.cookie.take().map(|before| [before.as_ref(), b"; "].concat()).unwrap_or_default();
                read.cookie = Some([before, pair].concat().into());
            }
        }
        Field::Answered(name) => read.take_answered(name.clone().into_bytes(), value),
        Field::Id(name) => read.take_id(name.as_bytes(), value),
        Field::Machine => {}
        Field::Other(name) => read.take_other(name.clone().into_bytes(), value),
    }
    Some(())
}

/// A directive of Apache at the start of `text`, and what stands behind it. Two percent signs are one.
fn apache(text: &str) -> Result<(Option<Field>, &str), &'static str> {
    let rest = text.strip_prefix('%').unwrap_or(text);
    if let Some(after) = rest.strip_prefix('%') {
        return Ok((None, after));
    }
    // Which statuses it is written for, and of which request if there were several.
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '!' | ',' | '<' | '>'));
    let (argument, rest) = match rest.strip_prefix('{') {
        Some(inner) => inner.split_once('}').ok_or("a { in it has no end")?,
        None => ("", rest),
    };
    let rest = rest.trim_start_matches(['<', '>']);
    let directive = rest.chars().next().ok_or("it ends with a %")?;
    let after = rest.strip_prefix(directive).unwrap_or_default();
    let name = || argument.to_owned();
    let field = match directive {
        't' => match argument {
            "" => Field::CommonTime,
            "sec" | "msec" | "usec" | "begin:sec" | "begin:msec" | "begin:usec" => Field::EpochTime,
            _ => Field::AnyTime,
        },
        'r' => Field::Request,
        'm' => Field::Method,
        'U' => Field::Path,
        'q' => Field::Query,
        'H' => Field::Version,
        's' => Field::Status,
        'b' | 'B' | 'O' => Field::Bytes,
        'h' | 'a' => Field::Client,
        'v' | 'V' => Field::Host,
        'p' => Field::Port,
        'i' => Field::Header(name()),
        'o' => Field::Answered(name()),
        'C' => Field::Cookie(name()),
        'D' | 'T' | 'I' | 'S' | 'P' | 'k' | 'X' | 'A' | 'R' => Field::Machine,
        'u' => Field::Other("user".to_owned()),
        'l' => Field::Other("ident".to_owned()),
        'f' => Field::Other("file".to_owned()),
        // mod_unique_id and mod_ssl make them.
        'e' | 'n' | 'x' if argument == "UNIQUE_ID" => Field::Id("UNIQUE_ID"),
        'x' if argument == "SSL_SESSION_ID" => Field::Id("SSL_SESSION_ID"),
        'e' | 'n' | 'x' | 'c' => Field::Other(name()),
        'L' => Field::Id("log-id"),
        '^' => return Err("trailers (%^) are not read"),
        _ => return Err("it has a directive that Apache does not have"),
    };
    Ok((Some(field), after))
}

/// A variable of nginx at the start of `text`, and what stands behind it.
fn nginx(text: &str) -> Result<(Option<Field>, &str), &'static str> {
    let rest = text.strip_prefix('$').unwrap_or(text);
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (name, after) = match rest.strip_prefix('{') {
        Some(inner) => inner.split_once('}').ok_or("a { in it has no end")?,
        None => rest.split_at(rest.find(|c| !is_name(c)).unwrap_or(rest.len())),
    };
    if name.is_empty() {
        return Err("a $ in it has no name");
    }
    let header = |name: &str| name.replace('_', "-");
    let field = match name {
        "time_local" => Field::CommonTime,
        "time_iso8601" => Field::IsoTime,
        "msec" => Field::EpochTime,
        "request" => Field::Request,
        "request_method" => Field::Method,
        "request_uri" => Field::Target,
        "uri" | "document_uri" => Field::Path,
        "args" | "query_string" => Field::Query,
        "server_protocol" => Field::Version,
        "status" => Field::Status,
        "body_bytes_sent" | "bytes_sent" => Field::Bytes,
        "remote_addr" => Field::Client,
        "host" | "http_host" | "server_name" => Field::Host,
        "scheme" | "https" => Field::Scheme,
        "server_port" => Field::Port,
        "request_id" => Field::Id("request_id"),
        "ssl_session_id" => Field::Id("ssl_session_id"),
        "remote_user" => Field::Other("user".to_owned()),
        "request_time"
        | "request_length"
        | "connection"
        | "connection_requests"
        | "pipe"
        | "pid"
        | "upstream_response_time"
        | "upstream_connect_time"
        | "upstream_header_time"
        | "gzip_ratio" => Field::Machine,
        name => match (name.strip_prefix("http_"), name.strip_prefix("cookie_"), name.strip_prefix("sent_http_")) {
            (Some(name), _, _) => Field::Header(header(name)),
            (_, Some(name), _) => Field::Cookie(name.to_owned()),
            (_, _, Some(name)) => Field::Answered(header(name)),
            (None, None, None) => Field::Other(name.to_owned()),
        },
    };
    Ok((Some(field), after))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fits, unfit};
    use super::*;

    #[test]
    fn apaches_patterns_are_read() {
        // Apache HTTP Server 2.4, mod_log_config, "Examples" and "Modifiers".
        let pattern = r#"%v:%p %{X-Forwarded-For}i %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%!200,304{User-Agent}i\" %{sid}C %D \"%{Location}o\" 100%%"#;
        let line = r#"www.skat.test:443 192.0.2.7 - anna [10/Oct/2000:13:55:36 -0700] "GET /a?b HTTP/1.0" 200 2326 "https://a.test/" "x \"y\"" 0101901234 77 "/n" 100%"#;
        let read = fits(pattern, line);
        assert_eq!(read.time.unwrap().to_string(), "2000-10-10T20:55:36Z");
        assert_eq!(read.target.as_deref(), Some(&b"/a?b"[..]));
        assert_eq!((read.host.as_deref(), read.scheme), (Some(&b"www.skat.test"[..]), Some(Scheme::Https)));
        assert_eq!(read.user_agent.as_deref(), Some(&b"x \"y\""[..]));
        assert_eq!(read.cookie.as_deref(), Some(&b"sid=0101901234"[..]));
        assert_eq!(read.answered, [(b"Location"[..].into(), b"/n"[..].into())]);
        unfit(pattern, "something else");
        let read = fits("%m %U%q %H %s %b", "GET /a?cpr=1 HTTP/1.1 200 -");
        assert_eq!(read.target.as_deref(), Some(&b"/a?cpr=1"[..]));
        assert_eq!(fits("%m %U%q %H %s %b", "GET /a HTTP/1.1 200 -").target.as_deref(), Some(&b"/a"[..]));
    }

    #[test]
    fn nginxs_patterns_are_read() {
        // nginx, ngx_http_log_module, "log_format".
        let pattern = r#"$remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent "$http_referer" "$http_user_agent" "$gzip_ratio" ${http_x_forwarded_for}|$cookie_sid|$sent_http_location|$my_own"#;
        let line = r#"192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET /\x22 HTTP/1.0" 200 2326 "https://a.test/" "x" "-" 192.0.2.9|7|/n|0101901234"#;
        let read = fits(pattern, line);
        assert_eq!(read.target.as_deref(), Some(&b"/\""[..]));
        assert_eq!(read.headers, [(b"x-forwarded-for"[..].into(), b"192.0.2.9"[..].into())]);
        assert_eq!(read.cookie.as_deref(), Some(&b"sid=7"[..]));
        assert_eq!(read.others, [(b"my_own"[..].into(), b"0101901234"[..].into())]);
        let read = fits(
            "$time_iso8601\t$scheme\t$host\t$uri\t$args\t$status",
            "2024-01-02T03:04:05+01:00\thttps\ta.test\t/x\tb=1\t404",
        );
        assert_eq!((read.target.as_deref(), read.status), (Some(&b"/x?b=1"[..]), Some(404)));
        assert_eq!(fits("$status $uri$is_args$args", "200 /x?y").target.as_deref(), Some(&b"/x?y"[..]));
        assert_eq!(
            fits("$msec $request_uri", "1573840000.123 /x").time.unwrap().to_string(),
            "2019-11-15T17:46:40.123Z"
        );
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        for pattern in ["%", "%h%u", "%{x", "%y", "$", "${x", "$a$b", "100 %%"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
