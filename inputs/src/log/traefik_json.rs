//! Traefik's access log in JSON (Traefik, "Access Logs", "Available Fields"). Times are in UTC where it says so.

use super::json::{NOTHING, Shape};
use super::{LogLine, Reading, Row, Setting, Zone, json};

pub(super) const ROW: Row = Row { id: "traefik-json", zone: Zone::Told, reading: Reading::Alone(read) };

const SHAPE: Shape = Shape {
    marks: &["RequestPath", "RequestMethod"],
    time: &["StartUTC", "StartLocal", "time"],
    method: &["RequestMethod"],
    scheme: &["RequestScheme"],
    host: &["RequestHost", "RequestAddr"],
    target: &["RequestPath"],
    version: &["RequestProtocol"],
    status: &["DownstreamStatus", "OriginStatus"],
    bytes: &["DownstreamContentSize"],
    client: &["ClientHost", "ClientAddr"],
    header_prefix: "request_",
    answered_prefix: "downstream_",
    ids: &["TraceId", "SpanId"],
    machine: &["StartLocal", "time", "level", "msg", "ClientAddr", "RequestAddr", "OriginStatus"],
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
        // Traefik, "Access Logs", "Available Fields" and "Limiting the Fields/Including Headers".
        let line = r#"{"ClientAddr":"192.0.2.1:5","ClientHost":"192.0.2.1","ClientUsername":"anna","DownstreamContentSize":5,"DownstreamStatus":302,"RequestAddr":"www.skat.test","RequestHost":"www.skat.test","RequestMethod":"GET","RequestPath":"/a?cpr=0101901234","RequestProtocol":"HTTP/2.0","RequestScheme":"https","SpanId":"00f067aa0ba902b7","StartUTC":"2024-01-02T03:04:05.678Z","TraceId":"4bf92f3577b34da6a3ce929d0e0e4736","downstream_Location":"/b","level":"info","msg":"","request_Referer":"https://a.test/","request_User-Agent":"x","time":"2024-01-02T03:04:05Z"}"#;
        let read = fits("traefik-json", line);
        assert_eq!(read.time.unwrap().to_string(), "2024-01-02T03:04:05.678Z");
        assert_eq!(read.referer.as_deref(), Some(&b"https://a.test/"[..]));
        assert_eq!(read.user_agent.as_deref(), Some(&b"x"[..]));
        assert_eq!(read.answered, [(b"Location"[..].into(), b"/b"[..].into())]);
        assert_eq!(read.others, [(b"ClientUsername"[..].into(), b"anna"[..].into())]);
        assert_eq!(read.ids.len(), 2);
        unfit("traefik-json", r#"{"RequestPath":"/"}"#);
    }
}
