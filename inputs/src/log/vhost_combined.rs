//! Combined log format behind the site's name and port, as Debian's Apache has it for many sites in one file.

use super::combined::begin_combined;
use super::fields::{Fields, number};
use super::line::told;
use super::{LogLine, Reading, Row, Setting, Zone};

pub(super) const ROW: Row = Row { id: "vhost-combined", zone: Zone::Told, reading: Reading::Alone(read) };

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    let mut fields = Fields::new(line);
    let site = fields.word()?;
    let colon = memchr::memrchr(b':', site)?;
    number(site.get(colon + 1..)?)?;
    let mut line = begin_combined(&mut fields, setting)?;
    line.host = told(site);
    // Without it, an address of IPv6 at the start of a plain combined line would be taken for a site.
    line.client.as_ref()?;
    line.take_other(&b"rest"[..], fields.rest());
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fits, unfit};

    #[test]
    fn the_documented_line_is_read() {
        // Debian's apache2.conf: `LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\""`.
        let line = r#"www.skat.test:443 192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "-" "x""#;
        let read = fits("vhost-combined", line);
        assert_eq!(read.host.as_deref(), Some(&b"www.skat.test:443"[..]));
        assert_eq!(read.client.as_deref(), Some(&b"192.0.2.7"[..]));
    }

    #[test]
    fn a_line_without_a_site_does_not_fit() {
        unfit("vhost-combined", r#"2001:db8::1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "-" "x""#);
        unfit("vhost-combined", r#"192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "-" "x""#);
    }
}
