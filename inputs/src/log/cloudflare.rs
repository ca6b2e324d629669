//! Cloudflare Logpush, data set "HTTP requests" (Cloudflare documentation, "HTTP requests"). Times come in three ways, as
//! the job was made.

use super::json::{NOTHING, Shape};
use super::{LogLine, Reading, Row, Setting, Zone, json};

pub(super) const ROW: Row = Row { id: "cloudflare", zone: Zone::Told, reading: Reading::Alone(read) };

const SHAPE: Shape = Shape {
    marks: &["ClientRequestURI"],
    time: &["EdgeStartTimestamp", "EdgeEndTimestamp"],
    method: &["ClientRequestMethod"],
    scheme: &["ClientRequestScheme", "ClientSSLProtocol"],
    host: &["ClientRequestHost"],
    target: &["ClientRequestURI"],
    version: &["ClientRequestProtocol"],
    status: &["EdgeResponseStatus"],
    bytes: &["EdgeResponseBytes"],
    client: &["ClientIP"],
    headers: &[
        ("ClientRequestReferer", "Referer"),
        ("ClientRequestUserAgent", "User-Agent"),
        ("ClientXRequestedWith", "X-Requested-With"),
    ],
    header_prefix: "RequestHeaders.",
    answered_prefix: "ResponseHeaders.",
    ids: &[
        "RayID",
        "ParentRayID",
        "JA3Hash",
        "JA4",
        "ClientMTLSAuthCertFingerprint",
        "SecurityRuleID",
        "SecurityRuleIDs",
        "FirewallMatchesRuleIDs",
        "WAFRuleID",
    ],
    machine: &["OriginIP", "EdgeServerIP", "ZoneName", "EdgeEndTimestamp"],
    ..NOTHING
};

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    json::read(line, &SHAPE, setting)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fits, unfit};

    #[test]
    fn the_documented_line_is_read_whatever_its_time() {
        // Cloudflare documentation, "Get started with Logpush": the sample, with fields of "HTTP requests".
        for time in [r#""2019-11-15T17:46:40Z""#, "1573840000", "1573840000000000000"] {
            let line = format!(
                r#"{{"ClientIP":"192.0.2.1","ClientRequestHost":"www.skat.test","ClientRequestMethod":"GET","ClientRequestURI":"/client/?cpr=0101901234","EdgeStartTimestamp":{time},"EdgeEndTimestamp":{time},"EdgeResponseBytes":69045,"EdgeResponseStatus":200,"RayID":"3a6050bcbe121a87","JA3Hash":"e7d705a3286e19ea42f587b344ee6865","ClientRequestScheme":"https","ClientRequestReferer":"https://a.test/","Cookies":{{"s":"0101901234"}},"RequestHeaders":{{"x-id":"7"}}}}"#
            );
            let read = fits("cloudflare", &line);
            assert_eq!(read.time.unwrap().to_string(), "2019-11-15T17:46:40Z");
            assert_eq!(read.target.as_deref(), Some(&b"/client/?cpr=0101901234"[..]));
            assert_eq!(read.referer.as_deref(), Some(&b"https://a.test/"[..]));
            assert_eq!(read.others, [(b"Cookies.s"[..].into(), b"0101901234"[..].into())]);
            let ids: Vec<&[u8]> = read.ids.iter().map(|(name, _)| name.as_ref()).collect();
            assert_eq!(ids, [&b"RayID"[..], b"JA3Hash"]);
            assert_eq!(read.headers, [(b"x-id"[..].into(), b"7"[..].into())]);
        }
        unfit("cloudflare", r#"{"ClientIP":"192.0.2.1"}"#);
    }
}
