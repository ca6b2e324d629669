//! A line of a log as an exchange: a server's log says what was asked of it.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use model::{
    Body, Connection, Exchange, Failure, Headers, Host, Logged, LoggedField, RequestRecord, ResponseRecord, Scheme,
    Target,
};

use super::{LogLine, Text};

/// Longest name of a version, `HTTP/1.1` and its like; what is longer is somebody's text.
const LONGEST_VERSION: usize = 9;

/// What a log does not tell of its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// Who was asked, where lines do not say so.
    pub host: Option<Host>,
    /// How. Not clear text unless known to be: it would be a finding of its own.
    pub scheme: Scheme,
    /// When, where lines do not say so.
    pub time: Timestamp,
}

impl Assumed {
    /// A server of which nothing is known, at `time`.
    pub fn nothing(time: Timestamp) -> Self {
        Self { host: None, scheme: Scheme::Https, time }
    }
}

impl LogLine<'_> {
    /// The exchange that line `number` of a log tells of. `None` when nobody knows who was asked.
    ///
    /// A line that is no request is all a field of the log, which the host assumed keeps, so that all of it is searched.
    pub fn exchange(&self, number: u64, assumed: &Assumed) -> Option<Exchange> {
        let target = self.target(assumed)?;
        let holder = assumed.host.clone().unwrap_or_else(|| target.host.clone());
        let request = RequestRecord {
            method: self.method.as_ref().map_or_else(|| "GET".to_owned(), legible),
            target,
            version: self.version.as_ref().map(legible).unwrap_or_default(),
            headers: self.headers(),
            body: Body::default(),
        };
        let mut exchange = Exchange::begun(number, self.time.unwrap_or(assumed.time), request);
        exchange.connection = Connection { client: self.client.as_ref().map(legible), ..Connection::default() };
        exchange.response = self.status.map(|status| ResponseRecord {
            status,
            headers: Headers(self.answered.iter().map(|(name, text)| (legible(name), text.to_vec())).collect()),
            body_bytes: self.bytes.unwrap_or(0),
        });
        if exchange.response.is_none() {
            exchange.failure = Some(Failure::Broken("the log holds no answer".to_owned()));
        }
        exchange.logged = Some(Logged { holder, fields: self.fields() });
        Some(exchange)
    }

    /// What stands in the line and in no part of the request.
    fn fields(&self) -> Vec<LoggedField> {
        let field = |name: &[u8], text: &Text<'_>, is_id| LoggedField {
            name: String::from_utf8_lossy(name).into_owned(),
            text: text.to_vec(),
            is_id,
        };
        let others = self.others.iter().map(|(name, text)| field(name, text, false));
        let ids = self.ids.iter().map(|(name, text)| field(name, text, true));
        let text = self.text.iter().map(|text| field(b"", text, false));
        others.chain(ids).chain(text).chain(self.odd().map(|(name, text)| field(name, text, false))).collect()
    }

    /// What should be a method, a version, an address or a host and is none, so that it is no part of the request either.
    fn odd(&self) -> impl Iterator<Item = (&'static [u8], &Text<'_>)> {
        let is_method = |text: &Text<'_>| text.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
        let is_version = |text: &Text<'_>| text.len() <= LONGEST_VERSION;
        let is_address = |text: &Text<'_>| {
            let text = String::from_utf8_lossy(text);
            text.parse::<IpAddr>().is_ok() || text.parse::<SocketAddr>().is_ok()
        };
        let is_host = |text: &Text<'_>| Target::parse(&format!("https://{}", bracketed(&legible(text)))).is_ok();
        [
            (&b"method"[..], self.method.as_ref().filter(|text| !is_method(text))),
            (b"version", self.version.as_ref().filter(|text| !is_version(text))),
            (b"client", self.client.as_ref().filter(|text| !is_address(text))),
            (b"host", self.host.as_ref().filter(|text| !is_host(text))),
        ]
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
    }

    /// Where it went. A target that is a URL, as proxies log it, says so itself.
    fn target(&self, assumed: &Assumed) -> Option<Target> {
        let asked = self.target.as_ref().map(on_the_wire).unwrap_or_default();
        if let Ok(target) = Target::parse(&asked) {
            return Some(target);
        }
        let is_connect = self.method.as_deref() == Some(b"CONNECT");
        let told = if is_connect { Some(asked.clone()) } else { self.host.as_ref().map(legible) };
        let scheme = self.scheme.unwrap_or(assumed.scheme).as_str();
        let base = told.and_then(|host| Target::parse(&format!("{scheme}://{}", bracketed(&host))).ok());
        let mut target = match base {
            Some(target) => target,
            None => Target::parse(&format!("{scheme}://{}", assumed.host.as_ref()?)).ok()?,
        };
        if is_connect || asked.is_empty() || asked == "*" {
            return Some(target);
        }
        let (rest, fragment) = match asked.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment.to_owned())),
            None => (asked.as_str(), None),
        };
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (rest, None),
        };
        target.path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        (target.query, target.fragment) = (query, fragment);
        Some(target)
    }

    fn headers(&self) -> Headers {
        let known = [("Referer", &self.referer), ("User-Agent", &self.user_agent), ("Cookie", &self.cookie)];
        let known = known.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.as_ref()?.to_vec())));
        let more = self.headers.iter().map(|(name, text)| (legible(name), text.to_vec()));
        Headers(known.chain(more).collect())
    }
}

fn legible(text: &Text<'_>) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// An address of IPv6 as a URL has it, other hosts as they are.
fn bracketed(host: &str) -> String {
    if host.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.to_owned() }
}

/// A target as text; bytes that are no UTF-8 are escaped as a URL escapes them, which says the same.
fn on_the_wire(target: &Text<'_>) -> String {
    let mut text = String::new();
    for chunk in target.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assumed() -> Assumed {
        Assumed { host: Host::parse("own.test"), ..Assumed::nothing(Timestamp::UNIX_EPOCH) }
    }

    #[track_caller]
    fn case(host: Option<&str>, method: &str, target: &[u8], expected: &str) {
        let line = LogLine {
            host: host.map(|host| host.as_bytes().into()),
            method: Some(method.as_bytes().into()),
            target: Some(target.into()),
            ..LogLine::default()
        };
        assert_eq!(line.exchange(1, &assumed()).unwrap().request.target.to_string(), expected);
    }

    #[test]
    fn a_target_is_joined_with_who_was_asked() {
        case(None, "GET", b"/a?b#c", "https://own.test/a?b#c");
        case(Some("a.test:8080"), "GET", b"/x", "https://a.test:8080/x");
        case(Some("a.test"), "GET", b"http://b.test/x", "http://b.test/x");
        case(Some("::1"), "GET", b"/x", "https://[::1]/x");
        case(Some("a b"), "GET", b"/x", "https://own.test/x");
        case(None, "CONNECT", b"a.test:443", "https://a.test/");
        case(None, "OPTIONS", b"*", "https://own.test/");
        case(None, "GET", b"//a.test/x?u=http://b", "https://own.test//a.test/x?u=http://b");
        case(None, "GET", b"x?cpr=1", "https://own.test/x?cpr=1");
        case(None, "GET", b"/\xe6\xc3\xa6", "https://own.test/%E6æ");
    }

    #[test]
    fn all_that_a_line_tells_is_in_the_exchange() {
        let mut line = LogLine { status: Some(302), bytes: Some(7), ..LogLine::default() };
        line.take_header(&b"referer"[..], &b"https://a.test/"[..]);
        line.take_header(&b"X-Id"[..], &b"1"[..]);
        line.take_answered(&b"Location"[..], &b"/next"[..]);
        line.take_other(&b"user"[..], &b"anna"[..]);
        line.take_other(&b"ident"[..], &b"-"[..]);
        line.take_id(&b"trace"[..], &b"1-2"[..]);
        let exchange = line.exchange(9, &assumed()).unwrap();
        assert_eq!(exchange.index, 9);
        assert_eq!(exchange.request.headers.text("Referer").as_deref(), Some("https://a.test/"));
        assert_eq!(exchange.request.headers.text("x-id").as_deref(), Some("1"));
        assert_eq!(exchange.request.headers.0.len(), 2);
        let fields = exchange.logged.unwrap().fields;
        let told = fields.iter().map(|field| (field.name.as_str(), field.text.as_slice(), field.is_id));
        assert_eq!(told.collect::<Vec<_>>(), [("user", &b"anna"[..], false), ("trace", b"1-2", true)]);
        let answer = exchange.response.unwrap();
        assert_eq!((answer.status, answer.body_bytes), (302, 7));
        assert_eq!(answer.headers.text("location").as_deref(), Some("/next"));
    }

    #[test]
    fn a_line_that_is_no_request_is_a_field_without_a_name() {
        let exchange = LogLine::plain(&b"cpr 0101901234"[..]).exchange(1, &assumed()).unwrap();
        let Logged { holder, fields } = exchange.logged.unwrap();
        assert_eq!(holder.as_str(), "own.test");
        let expected = LoggedField { name: String::new(), text: b"cpr 0101901234".to_vec(), is_id: false };
        assert_eq!(fields, [expected]);
        assert!(exchange.failure.is_some());
    }

    #[test]
    fn what_is_not_what_it_should_be_is_kept_as_a_field() {
        let text = |text: &'static str| Some(text.as_bytes().into());
        let good = LogLine {
            method: text("GET"),
            version: text("HTTP/1.1"),
            client: text("[2001:db8::1]:443"),
            host: text("a.test:8080"),
            ..LogLine::default()
        };
        assert_eq!(good.exchange(1, &assumed()).unwrap().logged.unwrap().fields, []);
        let odd = LogLine {
            method: text("cpr=0101901234"),
            version: text("cpr/0101901234"),
            client: text("cpr-0101901234"),
            host: text("cpr 0101901234"),
            ..LogLine::default()
        };
        let fields = odd.exchange(1, &assumed()).unwrap().logged.unwrap().fields;
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["method", "version", "client", "host"]);
    }

    #[test]
    fn without_a_host_there_is_no_exchange() {
        assert!(LogLine::plain(&b"x"[..]).exchange(1, &Assumed::nothing(Timestamp::UNIX_EPOCH)).is_none());
    }
}
