//! Caddy's access log (Caddy, "How Logging Works"): JSON, with all headers. Times are in seconds since 1970.

use super::json::{NOTHING, Shape};
use super::{LogLine, Reading, Row, Setting, Zone, json};

pub(super) const ROW: Row = Row { id: "caddy", zone: Zone::Told, reading: Reading::Alone(read) };

const SHAPE: Shape = Shape {
    marks: &["request.uri", "request.host"],
    time: &["ts"],
    method: &["request.method"],
    scheme: &["request.scheme"],
    host: &["request.host"],
    target: &["request.uri"],
    version: &["request.proto"],
    status: &["status"],
    bytes: &["size"],
    client: &["request.client_ip", "request.remote_ip", "request.remote_addr"],
    header_prefix: "request.headers.",
    answered_prefix: "resp_headers.",
    machine: &["level", "logger", "msg", "request.tls", "request.remote_port", "request.remote_ip"],
    ..NOTHING
};

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    json::read(line, &SHAPE, setting)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fits, unfit};

    #[test]
    fn the_documented_line_is_read() {
        // Caddy, "How Logging Works", "Structured logs".
        let line = r#"{"level":"info","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"192.0.2.1","remote_port":"41342","client_ip":"192.0.2.1","proto":"HTTP/2.0","method":"GET","host":"www.skat.test","uri":"/a?cpr=0101901234","headers":{"User-Agent":["curl/7.82.0"],"Referer":["https://a.test/"],"Accept":["a","b"]},"tls":{"server_name":"www.skat.test"}},"user_id":"anna","duration":0.000929675,"size":10900,"status":200,"resp_headers":{"Server":["Caddy"]}}"#;
        let read = fits("caddy", line);
        assert_eq!(read.time.unwrap().to_string(), "2022-03-09T21:30:01.5241024Z");
        assert_eq!(read.target.as_deref(), Some(&b"/a?cpr=0101901234"[..]));
        assert_eq!(read.user_agent.as_deref(), Some(&b"curl/7.82.0"[..]));
        assert_eq!(read.referer.as_deref(), Some(&b"https://a.test/"[..]));
        assert_eq!(read.headers.len(), 2);
        assert_eq!(read.others, [(b"user_id"[..].into(), b"anna"[..].into())]);
        unfit("caddy", r#"{"request":{"uri":"/"}}"#);
    }
}
