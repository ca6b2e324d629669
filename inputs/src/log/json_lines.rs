//! Lines of JSON by whoever: members with the names that logs in JSON mostly have, and all else by its own name. Every object
//! fits, so it is the last of its kind.

use super::json::{NOTHING, Shape};
use super::{LogLine, Reading, Row, Setting, Zone, json};

pub(super) const ROW: Row = Row { id: "json-lines", zone: Zone::Assumed, reading: Reading::Alone(read) };

const SHAPE: Shape = Shape {
    time: &[
        "time",
        "timestamp",
        "@timestamp",
        "ts",
        "time_iso8601",
        "time_local",
        "date",
        "datetime",
        "start_time",
        "msec",
    ],
    method: &["method", "request_method", "http_method", "http.request.method", "verb", "cs-method"],
    scheme: &["scheme", "url.scheme", "proto"],
    host: &["host", "http_host", "server_name", "vhost", "url.domain", "domain", "authority"],
    target: &["request_uri", "requestUri", "uri", "url", "url.original", "path", "url.path", "target"],
    query: &["query_string", "query", "args", "url.query"],
    version: &["protocol", "server_protocol", "http_version"],
    status: &["status", "status_code", "response_code", "http.response.status_code", "statusCode"],
    bytes: &["body_bytes_sent", "bytes_sent", "bytes", "size", "http.response.body.bytes"],
    client: &["remote_addr", "client_ip", "clientIp", "client.ip", "remote_ip", "source.ip"],
    headers: &[
        ("referer", "Referer"),
        ("referrer", "Referer"),
        ("http_referer", "Referer"),
        ("http_referrer", "Referer"),
        ("http.request.referrer", "Referer"),
        ("user_agent", "User-Agent"),
        ("http_user_agent", "User-Agent"),
        ("userAgent", "User-Agent"),
        ("user_agent.original", "User-Agent"),
        ("cookie", "Cookie"),
        ("http_cookie", "Cookie"),
        ("http_x_forwarded_for", "X-Forwarded-For"),
        ("x_forwarded_for", "X-Forwarded-For"),
    ],
    header_prefix: "headers.",
    // OpenTelemetry, "Trace Context in non-OTLP Log Formats"; nginx, "Alphabetical index of variables"; and their spellings.
    ids: &[
        "trace_id",
        "traceId",
        "TraceId",
        "span_id",
        "spanId",
        "SpanId",
        "request_id",
        "requestId",
        "ssl_session_id",
    ],
    keeps_numbers: true,
    ..NOTHING
};

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    json::read(line, &SHAPE, setting)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fits, unfit};

    #[test]
    fn members_with_usual_names_are_read_and_all_else_is_kept() {
        // The names of nginx's variables (nginx, "Alphabetical index of variables"), and some of an application's own.
        let line = r#"{"time_iso8601":"2024-01-02T03:04:05+01:00","request_method":"GET","request_uri":"/a?x=1","status":"200","http_referer":"https://a.test/","note":"cpr 0101901234","number":101901234,"trace_id":"480140f3d64635910a32db31cce32174"}"#;
        let read = fits("json-lines", line);
        assert_eq!(read.time.unwrap().to_string(), "2024-01-02T02:04:05Z");
        assert_eq!(read.target.as_deref(), Some(&b"/a?x=1"[..]));
        assert_eq!(read.referer.as_deref(), Some(&b"https://a.test/"[..]));
        let others =
            [(b"note"[..].into(), b"cpr 0101901234"[..].into()), (b"number"[..].into(), b"101901234"[..].into())];
        assert_eq!(read.others, others);
        assert_eq!(read.ids, [(b"trace_id"[..].into(), b"480140f3d64635910a32db31cce32174"[..].into())]);
        assert!(fits("json-lines", "{}").target.is_none());
        unfit("json-lines", "[]");
    }
}
