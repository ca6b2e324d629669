//! Access logs of Azure Front Door (Microsoft Learn, "Azure Front Door logs"), classic and of today, as diagnostic settings
//! write them. Times are in UTC.

use super::json::{NOTHING, Shape};
use super::{LogLine, Reading, Row, Setting, Zone, json};

pub(super) const ROW: Row = Row { id: "azure-front-door", zone: Zone::Told, reading: Reading::Alone(read) };

const SHAPE: Shape = Shape {
    marks: &["time", "properties.requestUri"],
    time: &["time"],
    method: &["properties.httpMethod"],
    scheme: &["properties.requestProtocol"],
    host: &["properties.hostName"],
    target: &["properties.requestUri"],
    version: &["properties.httpVersion"],
    status: &["properties.httpStatusCode"],
    bytes: &["properties.responseBytes"],
    client: &["properties.clientIp"],
    headers: &[
        ("properties.referer", "Referer"),
        ("properties.referrer", "Referer"),
        ("properties.userAgent", "User-Agent"),
    ],
    ids: &["properties.trackingReference"],
    machine: &[
        "resourceId",
        "category",
        "operationName",
        "properties.clientPort",
        "properties.socketIp",
        "properties.timeTaken",
        "properties.timeToFirstByte",
        "properties.requestBytes",
    ],
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
        // Microsoft Learn, "Monitor metrics and logs in Azure Front Door", "Access log".
        let line = r#"{"time":"2020-06-09T22:32:17.8383427Z","resourceId":"/SUBSCRIPTIONS/X","category":"FrontdoorAccessLog","operationName":"Microsoft.Network/FrontDoor/AccessLog/Write","properties":{"trackingReference":"08Q3gXgAAAAA","httpMethod":"GET","httpVersion":"2.0","requestUri":"https://www.skat.test:443/a?cpr=0101901234","requestBytes":"715","responseBytes":"9","userAgent":"x","clientIp":"192.0.2.1","timeTaken":"0.158","securityProtocol":"TLS 1.2","requestProtocol":"HTTPS","httpStatusCode":"200","referer":"https://a.test/","pop":"CPH"}}"#;
        let read = fits("azure-front-door", line);
        assert_eq!(read.time.unwrap().to_string(), "2020-06-09T22:32:17.8383427Z");
        assert_eq!(read.target.as_deref(), Some(&b"https://www.skat.test:443/a?cpr=0101901234"[..]));
        assert_eq!((read.status, read.bytes), (Some(200), Some(9)));
        assert_eq!(read.referer.as_deref(), Some(&b"https://a.test/"[..]));
        unfit("azure-front-door", r#"{"time":"2020-06-09T22:32:17Z","properties":{}}"#);
    }
}
