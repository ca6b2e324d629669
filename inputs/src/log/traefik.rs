//! Traefik's common format: combined, with the count of requests, the router, the server behind it, and the time taken.

use super::combined::begin_combined;
use super::fields::Fields;
use super::{LogLine, Reading, Row, Setting, Zone};

pub(super) const ROW: Row = Row { id: "traefik", zone: Zone::Told, reading: Reading::Alone(read) };

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    let mut fields = Fields::new(line);
    let mut line = begin_combined(&mut fields, setting)?;
    fields.number()?;
    line.take_other(&b"router"[..], fields.quoted()?);
    line.take_other(&b"server"[..], fields.quoted()?);
    fields.word().filter(|taken| taken.ends_with(b"ms") && fields.is_at_end())?;
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fits, unfit};

    #[test]
    fn the_documented_line_is_read() {
        // Traefik, "Access Logs", "Common Log Format".
        let line = r#"192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "GET /a?cpr=1 HTTP/2.0" 200 5 "-" "x" 13 "web@docker" "http://172.17.0.3:80" 2ms"#;
        let read = fits("traefik", line);
        assert_eq!(read.target.as_deref(), Some(&b"/a?cpr=1"[..]));
        assert_eq!(read.others.len(), 2);
    }

    #[test]
    fn other_kin_of_combined_do_not_fit() {
        unfit("traefik", r#"a - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/2.0" 200 5 "-" "x""#);
        unfit("traefik", r#"a - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/2.0" 200 5 "-" "x" 13 "web" "b" 2"#);
    }
}
