//! Fastly's log lines in JSON. Their members are named by whoever set it up: these are those that Fastly's documentation
//! proposes (Fastly, "Changing log line formats" and "Useful variables to log").

use jiff::tz::TimeZone;

use super::json::{NOTHING, Shape};
use super::{LogLine, Reading, Row, Setting, Zone, json};

pub(super) const ROW: Row = Row { id: "fastly", zone: Zone::Told, reading: Reading::Alone(read) };

const SHAPE: Shape = Shape {
    marks: &["timestamp", "url", "request_method"],
    time: &["timestamp"],
    method: &["request_method"],
    scheme: &["request_scheme", "is_tls", "fastly_is_tls"],
    host: &["host", "request_host"],
    target: &["url"],
    version: &["request_protocol"],
    status: &["response_status"],
    bytes: &["response_body_size"],
    client: &["client_ip"],
    headers: &[("request_referer", "Referer"), ("request_user_agent", "User-Agent"), ("request_cookie", "Cookie")],
    machine: &["fastly_server", "geo_city", "geo_country", "response_state", "response_reason", "fastly_is_edge"],
    ..NOTHING
};

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    // For some destinations it proposes a time without its zone, which is UTC.
    json::read(line, &SHAPE, &Setting { zone: TimeZone::UTC, ..setting.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fits, unfit};
    use super::super::{Format, Parsed};
    use super::*;

    #[test]
    fn the_documented_line_is_read() {
        // Fastly documentation, "Log streaming: Amazon S3", "Example format strings".
        let line = r#"{"timestamp":"2024-01-02T03:04:05+0100","client_ip":"192.0.2.1","geo_country":"denmark","geo_city":"aarhus","host":"www.skat.test","url":"/a?cpr=0101901234","request_method":"GET","request_protocol":"HTTP/2","request_referer":"https://a.test/","request_user_agent":"x","response_state":"HIT","response_status":200,"response_reason":"OK","response_body_size":12,"fastly_server":"cache-cph1","fastly_is_edge":true}"#;
        let read = fits("fastly", line);
        assert_eq!(read.time.unwrap().to_string(), "2024-01-02T02:04:05Z");
        assert_eq!(read.target.as_deref(), Some(&b"/a?cpr=0101901234"[..]));
        assert_eq!(read.referer.as_deref(), Some(&b"https://a.test/"[..]));
        assert_eq!((read.status, read.bytes), (Some(200), Some(12)));
        // The same, "Google BigQuery".
        let utc = line.replace("+0100", "");
        let here = Setting { zone: TimeZone::fixed(jiff::tz::offset(1)), ..Setting::default() };
        let Parsed::Line(read) = Format::named("fastly").unwrap().parser(here).parse(utc.as_bytes()) else {
            panic!("{utc}")
        };
        assert_eq!(read.time.unwrap().to_string(), "2024-01-02T03:04:05Z");
        unfit("fastly", r#"{"timestamp":"2024-01-02T03:04:05+0100","url":"/"}"#);
    }
}
