//! Common log format, as CERN's httpd had it and Apache, nginx and many others write it (Apache `mod_log_config`).

use super::fields::{Fields, status};
use super::line::told;
use super::{LogLine, Reading, Row, Setting, Zone, time};

pub(super) const ROW: Row = Row { id: "common", zone: Zone::Told, reading: Reading::Alone(read) };

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    let mut fields = Fields::new(line);
    begin(&mut fields, setting).filter(|_| fields.is_at_end())
}

/// `host ident user [time] "request" status bytes`: what its kin begin with too. A user may have spaces in its name.
pub(super) fn begin<'a>(fields: &mut Fields<'a>, setting: &Setting) -> Option<LogLine<'a>> {
    let mut line = LogLine { client: told(fields.word()?), ..LogLine::default() };
    line.take_other(&b"ident"[..], fields.word()?);
    let user = fields.up_to(b"[").filter(|user| user.ends_with(b" "))?;
    line.take_other(&b"user"[..], user.strip_suffix(b" ")?);
    line.time = Some(time::common(fields.up_to(b"] ")?, &setting.zone)?);
    line.take_request(fields.quoted()?);
    line.status = status(fields.word()?)?.0;
    line.bytes = fields.number()?.0;
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fits, unfit};

    #[test]
    fn the_documented_line_is_read() {
        // Apache HTTP Server 2.4, "Log Files", "Common Log Format".
        let line =
            r#"192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif?cpr=0101901234 HTTP/1.0" 200 2326"#;
        let read = fits("common", line);
        assert_eq!(read.time.unwrap().to_string(), "2000-10-10T20:55:36Z");
        assert_eq!(read.method.as_deref(), Some(&b"GET"[..]));
        assert_eq!(read.target.as_deref(), Some(&b"/apache_pb.gif?cpr=0101901234"[..]));
        assert_eq!(read.version.as_deref(), Some(&b"HTTP/1.0"[..]));
        assert_eq!((read.status, read.bytes), (Some(200), Some(2326)));
        assert_eq!(read.client.as_deref(), Some(&b"192.0.2.7"[..]));
        assert_eq!(read.others, [(b"user"[..].into(), b"frank"[..].into())]);
    }

    #[test]
    fn odd_lines_are_read_as_far_as_they_go() {
        let read = fits("common", r#"::1 - Anna B. Sen [10/Oct/2000:13:55:36 +0000] "-" 408 -"#);
        assert_eq!((read.target, read.status, read.bytes), (None, Some(408), None));
        assert_eq!(read.others[0].1.as_ref(), b"Anna B. Sen");
        let read = fits("common", r#"a - - [10/Oct/2000:13:55:36 +0000] "GET /\"a\xe6\" HTTP/1.1" 200 1"#);
        assert_eq!(read.target.as_deref(), Some(&b"/\"a\xe6\""[..]));
    }

    #[test]
    fn what_is_no_such_line_does_not_fit() {
        unfit("common", r#"a - - [10/Foo/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 1"#);
        unfit("common", r#"a - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 1 more"#);
        unfit("common", r#"a - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1"#);
        unfit("common", "cpr=0101901234");
    }
}
