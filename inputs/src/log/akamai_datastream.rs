//! Akamai DataStream 2 in JSON (DataStream 2 documentation, "Log format" and "Data set parameters"). Its texts are
//! percent-encoded once more; times are in seconds since 1970.

use super::json::{NOTHING, Shape};
use super::{LogLine, Reading, Row, Setting, Zone, json};

pub(super) const ROW: Row = Row { id: "akamai-datastream", zone: Zone::Told, reading: Reading::Alone(read) };

const SHAPE: Shape = Shape {
    marks: &["reqTimeSec", "reqHost"],
    time: &["reqTimeSec"],
    method: &["reqMethod"],
    scheme: &["proto"],
    host: &["reqHost"],
    target: &["reqPath"],
    query: &["queryStr"],
    status: &["statusCode"],
    bytes: &["bytes"],
    client: &["cliIP"],
    headers: &[
        ("referer", "Referer"),
        ("UA", "User-Agent"),
        ("cookie", "Cookie"),
        ("xForwardedFor", "X-Forwarded-For"),
        ("accLang", "Accept-Language"),
        ("range", "Range"),
    ],
    ids: &["reqId"],
    machine: &["streamId", "cp", "lastByte", "objSize", "rspContentLen", "totalBytes", "uncompressedSize", "version"],
    is_encoded: true,
    ..NOTHING
};

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    json::read(line, &SHAPE, setting)
}

#[cfg(test)]
mod tests {
    use model::Scheme;

    use super::super::tests::{fits, unfit};

    #[test]
    fn the_documented_line_is_read() {
        // Akamai TechDocs, DataStream 2, "Log format": the sample in JSON.
        let line = r#"{"version":1,"streamId":"1000","cp":"123456","reqId":"1239f220","reqTimeSec":"1573840000.123","bytes":"4995","cliIP":"192.0.2.68","statusCode":"206","proto":"HTTPS","reqHost":"www.skat.test","reqMethod":"GET","reqPath":"/path1/file.ext","reqPort":"443","rspContentLen":"5000","rspContentType":"text/html","UA":"Mozilla%2F5.0+%28Macintosh%29","queryStr":"cpr=0101901234","cookie":"a=1%3B%20b%3D2","referer":"https%3A%2F%2Fa.test%2F%3Fcpr%3D0101901234","customField":"x"}"#;
        let read = fits("akamai-datastream", line);
        assert_eq!(read.time.unwrap().to_string(), "2019-11-15T17:46:40.123Z");
        assert_eq!(read.target.as_deref(), Some(&b"/path1/file.ext?cpr=0101901234"[..]));
        assert_eq!(read.referer.as_deref(), Some(&b"https://a.test/?cpr=0101901234"[..]));
        assert_eq!(read.user_agent.as_deref(), Some(&b"Mozilla/5.0 (Macintosh)"[..]));
        assert_eq!(read.cookie.as_deref(), Some(&b"a=1; b=2"[..]));
        assert_eq!((read.scheme, read.status, read.bytes), (Some(Scheme::Https), Some(206), Some(4995)));
        assert!(read.others.contains(&(b"customField"[..].into(), b"x"[..].into())));
        unfit("akamai-datastream", r#"{"reqTimeSec":"1573840000"}"#);
    }
}
