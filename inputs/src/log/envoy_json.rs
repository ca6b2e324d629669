//! Envoy's access log in JSON. Its members are named by whoever set it up: these are those of Istio's default (Istio, "Envoy
//! Access Logs"), which most have taken. Times are in UTC.

use super::json::{NOTHING, Shape};
use super::{LogLine, Reading, Row, Setting, Zone, json};

pub(super) const ROW: Row = Row { id: "envoy-json", zone: Zone::Told, reading: Reading::Alone(read) };

const SHAPE: Shape = Shape {
    marks: &["start_time", "path", "response_code"],
    time: &["start_time"],
    method: &["method"],
    scheme: &["scheme", "x_forwarded_proto"],
    host: &["authority", ":authority"],
    target: &["path", "x_envoy_original_path"],
    version: &["protocol"],
    status: &["response_code"],
    bytes: &["bytes_sent"],
    client: &["downstream_remote_address"],
    headers: &[
        ("referer", "Referer"),
        ("user_agent", "User-Agent"),
        ("x_forwarded_for", "X-Forwarded-For"),
        ("cookie", "Cookie"),
    ],
    ids: &["request_id"],
    machine: &["downstream_local_address", "upstream_local_address", "upstream_host", "duration", "bytes_received"],
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
        // Istio, "Envoy Access Logs": the members of its default format.
        let line = r#"{"start_time":"2020-11-25T21:26:18.409Z","method":"GET","path":"/a?cpr=0101901234","protocol":"HTTP/1.1","response_code":200,"response_flags":"-","bytes_received":0,"bytes_sent":135,"duration":4,"x_forwarded_for":"192.0.2.3","user_agent":"curl/7.73.0","request_id":"84961386-6d84-929d","authority":"www.skat.test","upstream_host":"10.44.1.27:80","downstream_remote_address":"10.44.1.23:37652"}"#;
        let read = fits("envoy-json", line);
        assert_eq!(read.time.unwrap().to_string(), "2020-11-25T21:26:18.409Z");
        assert_eq!(read.target.as_deref(), Some(&b"/a?cpr=0101901234"[..]));
        assert_eq!(read.host.as_deref(), Some(&b"www.skat.test"[..]));
        assert_eq!((read.status, read.bytes), (Some(200), Some(135)));
        unfit("envoy-json", r#"{"path":"/"}"#);
    }
}
