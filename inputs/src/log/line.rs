//! What a line of a log tells of a request, whatever the format.

use std::borrow::Cow;

use jiff::Timestamp;
use model::Scheme;

/// A text of a line, the log's own escapes undone; bytes, since servers write what they were sent.
pub type Text<'a> = Cow<'a, [u8]>;

/// A line of a log. What a log writes for nothing (`-`) is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogLine<'a> {
    /// When.
    pub time: Option<Timestamp>,
    /// `GET`, `POST` ...
    pub method: Option<Text<'a>>,
    /// How it was sent, when told.
    pub scheme: Option<Scheme>,
    /// Who was asked, with or without a port, when told.
    pub host: Option<Text<'a>>,
    /// What was asked for, as on the wire: a path with its query, or a whole URL.
    pub target: Option<Text<'a>>,
    /// `HTTP/1.1` ...
    pub version: Option<Text<'a>>,
    /// What was answered.
    pub status: Option<u16>,
    /// Bytes that were answered.
    pub bytes: Option<u64>,
    /// Who asked: an address, with or without a port.
    pub client: Option<Text<'a>>,
    /// The page it was asked from.
    pub referer: Option<Text<'a>>,
    /// The program it was asked with.
    pub user_agent: Option<Text<'a>>,
    /// The cookies that were sent.
    pub cookie: Option<Text<'a>>,
    /// Other headers of the request, by name.
    pub headers: Vec<(Text<'a>, Text<'a>)>,
    /// Headers of the answer, by name.
    pub answered: Vec<(Text<'a>, Text<'a>)>,
    /// Texts that are none of these, by the log's own name: a user, a captured value. A number may stand there too.
    pub others: Vec<(Text<'a>, Text<'a>)>,
    /// Texts that the format says are ids which a machine has made: of requests, traces, connections. Nobody types them, and
    /// their letters and digits are random.
    pub ids: Vec<(Text<'a>, Text<'a>)>,
    /// The whole line, when it is no request.
    pub text: Option<Text<'a>>,
}

impl<'a> LogLine<'a> {
    /// A line that is no request, or is not understood: all of it is its text.
    pub fn plain(line: impl Into<Text<'a>>) -> Self {
        Self { text: Some(line.into()), ..Self::default() }
    }

    /// A piece of a line that is too long to be read whole, of which `beginning` is known: all of it is its text.
    #[must_use]
    pub fn piece(beginning: &LogLine<'static>, piece: &'a [u8]) -> Self {
        Self { text: Some(piece.into()), ..beginning.clone() }
    }

    /// Takes a request line (RFC 9112 §3) as servers log it. What is none, such as a stranger's garbage, is all target.
    pub(crate) fn take_request(&mut self, line: Text<'a>) {
        let bytes = line.as_ref();
        let split = memchr::memchr(b' ', bytes).filter(|end| is_method(bytes.get(..*end).unwrap_or_default()));
        let Some(method_end) = split else {
            self.target = told(line);
            return;
        };
        // A target may hold spaces: its end is the version, where there is one.
        let version_begin = memchr::memrchr(b' ', bytes)
            .filter(|begin| *begin > method_end && bytes.get(begin + 1..).is_some_and(|end| end.starts_with(b"HTTP/")));
        self.method = Some(part(&line, 0, method_end));
        self.target = told(part(&line, method_end + 1, version_begin.unwrap_or(bytes.len())));
        self.version = version_begin.map(|begin| part(&line, begin + 1, bytes.len()));
    }

    /// Keeps a text of its own name, unless it says nothing.
    pub(super) fn take_other(&mut self, name: impl Into<Text<'a>>, text: impl Into<Text<'a>>) {
        if let Some(text) = told(text) {
            self.others.push((name.into(), text));
        }
    }

    /// Keeps an id that a machine has made, unless it says nothing.
    pub(super) fn take_id(&mut self, name: impl Into<Text<'a>>, text: impl Into<Text<'a>>) {
        if let Some(text) = told(text) {
            self.ids.push((name.into(), text));
        }
    }

    /// Keeps a header of the request.
    pub(super) fn take_header(&mut self, name: impl Into<Text<'a>>, text: impl Into<Text<'a>>) {
        let name = name.into();
        let Some(text) = told(text) else { return };
        let field = if name.eq_ignore_ascii_case(b"referer") {
            &mut self.referer
        } else if name.eq_ignore_ascii_case(b"user-agent") {
            &mut self.user_agent
        } else if name.eq_ignore_ascii_case(b"cookie") {
            &mut self.cookie
        } else if name.eq_ignore_ascii_case(b"host") {
            &mut self.host
        } else {
            self.headers.push((name, text));
            return;
        };
        // A second one of the same name is kept beside it.
        match field {
            Some(_) => self.headers.push((name, text)),
            None => *field = Some(text),
        }
    }

    /// Keeps a header of the answer.
    pub(super) fn take_answered(&mut self, name: impl Into<Text<'a>>, text: impl Into<Text<'a>>) {
        if let Some(text) = told(text) {
            self.answered.push((name.into(), text));
        }
    }

    /// Tells `each` of every text but the ids, by its name, as long as it says yes; whether it always did.
    pub fn each_text(&self, mut each: impl FnMut(&[u8], &[u8]) -> bool) -> bool {
        let known = [
            (&b"method"[..], &self.method),
            (b"host", &self.host),
            (b"target", &self.target),
            (b"version", &self.version),
            (b"client", &self.client),
            (b"referer", &self.referer),
            (b"user-agent", &self.user_agent),
            (b"cookie", &self.cookie),
            (b"text", &self.text),
        ];
        let named = self.headers.iter().chain(&self.answered).chain(&self.others);
        known.iter().filter_map(|(name, text)| Some((*name, text.as_deref()?))).all(|(name, text)| each(name, text))
            && named.map(|(name, text)| (name.as_ref(), text.as_ref())).all(|(name, text)| each(name, text))
    }

    /// The same, holding on to nothing.
    pub fn into_owned(self) -> LogLine<'static> {
        let owned = |text: Option<Text<'a>>| text.map(|text| Cow::Owned(text.into_owned()));
        let pairs = |pairs: Vec<(Text<'a>, Text<'a>)>| {
            let own = |(name, text): (Text<'a>, Text<'a>)| -> (Text<'static>, Text<'static>) {
                (Cow::Owned(name.into_owned()), Cow::Owned(text.into_owned()))
            };
            pairs.into_iter().map(own).collect()
        };
        LogLine {
            time: self.time,
            method: owned(self.method),
            scheme: self.scheme,
            host: owned(self.host),
            target: owned(self.target),
            version: owned(self.version),
            status: self.status,
            bytes: self.bytes,
            client: owned(self.client),
            referer: owned(self.referer),
            user_agent: owned(self.user_agent),
            cookie: owned(self.cookie),
            headers: pairs(self.headers),
            answered: pairs(self.answered),
            others: pairs(self.others),
            ids: pairs(self.ids),
            text: owned(self.text),
        }
    }
}

/// A text, unless it is what logs write for nothing.
pub(super) fn told<'a>(text: impl Into<Text<'a>>) -> Option<Text<'a>> {
    let text = text.into();
    (!text.is_empty() && text.as_ref() != b"-").then_some(text)
}

/// A part of a text, borrowed where the text is.
fn part<'a>(text: &Text<'a>, from: usize, to: usize) -> Text<'a> {
    match text {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(from..to).unwrap_or_default()),
        Cow::Owned(bytes) => Cow::Owned(bytes.get(from..to).unwrap_or_default().to_vec()),
    }
}

/// Whether a word may be a method: letters and hyphens, as all registered ones are.
fn is_method(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_alphabetic)
        && word.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(request: &str, method: Option<&str>, target: Option<&str>, version: Option<&str>) {
        let mut line = LogLine::default();
        line.take_request(request.as_bytes().into());
        let text = |text: Option<Text<'_>>| text.map(|text| String::from_utf8_lossy(&text).into_owned());
        assert_eq!(text(line.method).as_deref(), method, "{request}");
        assert_eq!(text(line.target).as_deref(), target, "{request}");
        assert_eq!(text(line.version).as_deref(), version, "{request}");
    }

    #[test]
    fn a_request_line_is_cut_at_its_method_and_version() {
        case("GET /a?b HTTP/1.1", Some("GET"), Some("/a?b"), Some("HTTP/1.1"));
        case("GET /a b c HTTP/1.0", Some("GET"), Some("/a b c"), Some("HTTP/1.0"));
        case("VERSION-CONTROL /", Some("VERSION-CONTROL"), Some("/"), None);
    }

    #[test]
    fn what_is_no_request_line_is_kept_as_it_stands() {
        case("-", None, None, None);
        case("", None, None, None);
        case("\x16\x03\x01 x", None, Some("\x16\x03\x01 x"), None);
        case("- http://a.test:80- -", None, Some("- http://a.test:80- -"), None);
        case("cpr=0101901234", None, Some("cpr=0101901234"), None);
    }
}
