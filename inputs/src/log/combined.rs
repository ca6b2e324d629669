//! Combined log format: common, with the referring page and the browser. What Apache and nginx write by default; what a
//! site has put behind it is kept as it stands.

use super::common::begin;
use super::fields::Fields;
use super::line::told;
use super::{LogLine, Reading, Row, Setting, Zone};

pub(super) const ROW: Row = Row { id: "combined", zone: Zone::Told, reading: Reading::Alone(read) };

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    let mut fields = Fields::new(line);
    let mut line = begin_combined(&mut fields, setting)?;
    line.take_other(&b"rest"[..], fields.rest());
    Some(line)
}

/// Up to the browser: what its kin begin with too.
pub(super) fn begin_combined<'a>(fields: &mut Fields<'a>, setting: &Setting) -> Option<LogLine<'a>> {
    let mut line = begin(fields, setting)?;
    line.referer = told(fields.quoted()?);
    line.user_agent = told(fields.quoted()?);
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fits, unfit};

    #[test]
    fn the_documented_line_is_read() {
        // Apache HTTP Server 2.4, "Log Files", "Combined Log Format"; nginx, ngx_http_log_module, "combined".
        let line = r#"192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "http://www.example.test/start?cpr=0101901234" "Mozilla/4.08 [en] (Win98; I ;Nav)""#;
        let read = fits("combined", line);
        assert_eq!(read.referer.as_deref(), Some(&b"http://www.example.test/start?cpr=0101901234"[..]));
        assert_eq!(read.user_agent.as_deref(), Some(&b"Mozilla/4.08 [en] (Win98; I ;Nav)"[..]));
        assert!(read.others.is_empty());
    }

    #[test]
    fn escapes_of_either_server_are_undone() {
        let line = r#"a - - [10/Oct/2000:13:55:36 -0700] "GET /\x22\xC3\xA6 HTTP/1.0" 200 1 "-" "a \"b\" \x5C\\""#;
        let read = fits("combined", line);
        assert_eq!(read.target.as_deref(), Some("/\"æ".as_bytes()));
        assert_eq!(read.user_agent.as_deref(), Some(&br#"a "b" \\"#[..]));
        assert_eq!(read.referer, None);
    }

    #[test]
    fn what_a_site_has_put_behind_it_is_kept() {
        let line = r#"a - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1 "-" "-" 0.003 "192.0.2.9""#;
        assert_eq!(fits("combined", line).others[0].1.as_ref(), br#"0.003 "192.0.2.9""#);
        unfit("combined", r#"a - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1 "-""#);
    }
}
