//! HAProxy's HTTP log (Configuration Manual §8.2.3), and its HTTPS log, which says more of TLS behind it.
//!
//! Its times are those of the machine, without a zone.

use model::Scheme;

use super::escapes::without_hashes;
use super::fields::{Fields, number, status};
use super::line::told;
use super::{LogLine, Reading, Row, Setting, Zone, time};

pub(super) const ROW: Row = Row { id: "haproxy", zone: Zone::Assumed, reading: Reading::Alone(read) };

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    let mut fields = Fields::new(line);
    let mut line = LogLine { client: told(fields.word()?), ..LogLine::default() };
    line.time = Some(time::common(fields.bracketed()?, &setting.zone)?);
    let frontend = fields.word()?;
    // A tilde says that the frontend was asked over TLS.
    line.scheme = Some(if frontend.ends_with(b"~") { Scheme::Https } else { Scheme::Http });
    let (_backend, timers) = (fields.word()?, fields.word()?);
    (slashes(timers) == 4).then_some(())?;
    // -1 is a request that was never answered.
    let word = fields.word()?;
    line.status = if word == b"-1" { None } else { status(word)?.0 };
    end(line, &mut fields)
}

/// From the bytes on.
fn end<'a>(mut line: LogLine<'a>, fields: &mut Fields<'a>) -> Option<LogLine<'a>> {
    let bytes = fields.word()?;
    line.bytes = number(bytes.strip_prefix(b"+").unwrap_or(bytes));
    line.cookie = told(without_hashes(fields.word()?));
    line.take_answered(&b"Set-Cookie"[..], without_hashes(fields.word()?));
    let (_state, connections, queues) = (fields.word()?, fields.word()?, fields.word()?);
    (slashes(connections) == 4 && slashes(queues) == 1).then_some(())?;
    // Captured headers, of the request and of the answer: their names are in the configuration alone.
    for name in [&b"captured"[..], b"captured-answer"] {
        if fields.passes(b"{") {
            line.take_other(name, without_hashes(fields.up_to(b"} ")?));
        }
    }
    let request = fields.passes(b"\"").then_some(fields.rest())?;
    // A long one is cut, and then its end is missing.
    let end = memchr::memrchr(b'"', request).unwrap_or(request.len());
    line.take_request(without_hashes(request.get(..end)?));
    if let Some(rest) = request.get(end + 1..) {
        line.take_other(&b"rest"[..], rest.strip_prefix(b" ").unwrap_or(rest));
    }
    Some(line)
}

fn slashes(text: &[u8]) -> usize {
    memchr::memchr_iter(b'/', text).count()
}

#[cfg(test)]
mod tests {
    use model::Scheme;

    use super::super::tests::{fits, unfit};

    #[test]
    fn a_request_that_never_came_whole_is_read() {
        // HAProxy Configuration Manual §8.2.3 and §8.5: a client that sends nothing until the time is over.
        let line = r#"192.0.2.7:34549 [15/Oct/2003:15:19:06.103] px-http px-http/<NOSRV> -1/-1/-1/-1/+50001 408 +2750 - - cR-- 2/2/2/0/+2 0/0 """#;
        let read = fits("haproxy", line);
        assert_eq!((read.status, read.bytes, read.target), (Some(408), Some(2750), None));
    }

    #[test]
    fn the_documented_line_is_read() {
        // HAProxy 2.8 Configuration Manual §8.2.3.
        let line = r#"192.0.2.7:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 sid=0101901234 - ---- 1/1/1/1/0 0/0 {1wt.test|a#22b} {} "GET /index.html?a=#22b HTTP/1.1""#;
        let read = fits("haproxy", line);
        assert_eq!(read.time.unwrap().to_string(), "2009-02-06T12:14:14.655Z");
        assert_eq!(read.target.as_deref(), Some(&b"/index.html?a=\"b"[..]));
        assert_eq!((read.status, read.bytes, read.scheme), (Some(200), Some(2750), Some(Scheme::Http)));
        assert_eq!(read.cookie.as_deref(), Some(&b"sid=0101901234"[..]));
        assert_eq!(read.others, [(b"captured"[..].into(), b"1wt.test|a\"b"[..].into())]);
    }

    #[test]
    fn a_request_that_was_cut_is_read_as_far_as_it_goes() {
        let line = r#"192.0.2.7:1 [06/Feb/2009:12:14:14.655] in~ a/b 1/0/-1/-1/+9 503 +212 - - SC-- 0/0/0/0/+3 0/0 "GET /a?cpr=01019"#;
        let read = fits("haproxy", line);
        assert_eq!(read.target.as_deref(), Some(&b"/a?cpr=01019"[..]));
        assert_eq!((read.status, read.scheme), (Some(503), Some(Scheme::Https)));
    }

    #[test]
    fn a_request_that_was_none_is_kept() {
        let line = r#"192.0.2.7:1 [06/Feb/2009:12:14:14.655] in in/<NOSRV> -1/-1/-1/-1/9 400 212 - - PR-- 0/0/0/0/0 0/0 "<BADREQ>""#;
        assert_eq!(fits("haproxy", line).target.as_deref(), Some(&b"<BADREQ>"[..]));
        unfit("haproxy", "192.0.2.7:1 [06/Feb/2009:12:14:14.655] in in/x 0/0/5007 212 -- 0/0/0/0/3 0/0");
    }
}
