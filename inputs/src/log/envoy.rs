//! Envoy's default access log (Envoy, "Access logging", "Default format string"), and Istio's, which has more between.
//! Times are in UTC.

use super::fields::{Fields, status};
use super::line::told;
use super::{LogLine, Reading, Row, Setting, Zone, time};

/// Fields between the request and the first quoted text: of Envoy (status, flags, bytes received and sent, two times), and
/// of Istio (status, flags, two details).
const WORDS: usize = 6;
const ISTIO_WORDS: usize = 4;

pub(super) const ROW: Row = Row { id: "envoy", zone: Zone::Told, reading: Reading::Alone(read) };

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    let mut fields = Fields::new(line);
    let mut line = LogLine { time: Some(time::iso(fields.bracketed()?, &setting.zone)?), ..LogLine::default() };
    line.take_request(fields.quoted()?);
    let mut words = Vec::new();
    while !fields.is_quoted() && words.len() < WORDS {
        words.push(fields.word()?);
    }
    line.status = status(words.first()?)?.0;
    let sent = if words.len() == ISTIO_WORDS {
        line.take_other(&b"failure"[..], fields.quoted()?);
        let (_received, sent, _time, _upstream_time) = (fields.word()?, fields.word()?, fields.word()?, fields.word()?);
        sent
    } else {
        words.get(3).copied().filter(|_| words.len() == WORDS)?
    };
    line.bytes = super::fields::number(sent);
    line.take_header(&b"X-Forwarded-For"[..], fields.quoted()?);
    line.user_agent = told(fields.quoted()?);
    line.take_id(&b"request-id"[..], fields.quoted()?);
    line.host = told(fields.quoted()?);
    let _upstream = fields.quoted()?;
    line.take_other(&b"rest"[..], fields.rest());
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fits, unfit};

    #[test]
    fn the_documented_line_is_read() {
        // Envoy, "Access logging", "Default format string".
        let line = r#"[2016-04-15T20:17:00.310Z] "POST /api/v1/locations?cpr=0101901234 HTTP/2" 204 - 154 0 226 100 "192.0.2.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "www.skat.test" "tcp://192.0.2.1:80""#;
        let read = fits("envoy", line);
        assert_eq!(read.time.unwrap().to_string(), "2016-04-15T20:17:00.31Z");
        assert_eq!(read.target.as_deref(), Some(&b"/api/v1/locations?cpr=0101901234"[..]));
        assert_eq!((read.status, read.bytes), (Some(204), Some(0)));
        assert_eq!(read.host.as_deref(), Some(&b"www.skat.test"[..]));
    }

    #[test]
    fn istios_line_is_read() {
        // Istio, "Envoy Access Logs", "Default access log format".
        let line = r#"[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 3 1 "-" "curl/7.73.0" "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "127.0.0.1:80" inbound|8000|| 127.0.0.6:41854 10.44.1.27:80 10.44.1.23:37652 outbound_.8000_._.httpbin default"#;
        let read = fits("envoy", line);
        assert_eq!((read.status, read.bytes), (Some(418), Some(135)));
        assert_eq!(read.host.as_deref(), Some(&b"httpbin:8000"[..]));
        unfit("envoy", r#"[2020-11-25T21:26:18.409Z] "GET / HTTP/1.1" 418"#);
    }
}
