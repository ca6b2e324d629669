//! Combined log format behind the site's name, as Apache has it for many sites in one file: Debian's with the port, SUSE's
//! without.

use std::net::IpAddr;

use super::combined::begin_combined;
use super::fields::{Fields, number};
use super::line::told;
use super::{LogLine, Reading, Row, Setting, Zone};

pub(super) const ROW: Row = Row { id: "vhost-combined", zone: Zone::Told, reading: Reading::Alone(read) };

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    let mut fields = Fields::new(line);
    let site = fields.word()?;
    let port = memchr::memrchr(b':', site).and_then(|colon| number(site.get(colon + 1..)?));
    let mut line = begin_combined(&mut fields, setting)?;
    line.host = told(site);
    // Without it, an address of IPv6 at the start of a plain combined line would be taken for a site.
    let client = line.client.as_ref()?;
    // Without a port, the site is told by the client behind it: else the site is the client, and somebody's name behind it.
    if port.is_none() && (is_address(site) || !is_address(client)) {
        return None;
    }
    line.take_other(&b"rest"[..], fields.rest());
    Some(line)
}

fn is_address(text: &[u8]) -> bool {
    str::from_utf8(text).is_ok_and(|text| text.parse::<IpAddr>().is_ok())
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
    fn a_site_without_its_port_is_told_by_the_client_behind_it() {
        // SUSE's apache2-mod_log_config.conf: `LogFormat "%v %h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""`.
        let line = r#"www.skat.test 192.0.2.7 - anna [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "-" "x""#;
        let read = fits("vhost-combined", line);
        assert_eq!(read.host.as_deref(), Some(&b"www.skat.test"[..]));
        assert_eq!(read.client.as_deref(), Some(&b"192.0.2.7"[..]));
        assert_eq!(read.others, [(b"user"[..].into(), b"anna"[..].into())]);
        let with_ident = r#"client.test ident anna [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "-" "x""#;
        unfit("vhost-combined", with_ident);
    }

    #[test]
    fn a_line_without_a_site_does_not_fit() {
        unfit("vhost-combined", r#"2001:db8::1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "-" "x""#);
        unfit("vhost-combined", r#"192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "-" "x""#);
    }
}
