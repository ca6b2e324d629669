//! Standard logs of AWS CloudFront (Developer Guide, "Standard log file fields"): W3C extended between tabs, in UTC, percent
//! signs of what was sent doubled.

use super::{Reading, Row, Zone};

/// What some of its names begin with, and no other's.
pub(super) const MARK: &str = "x-edge-";

pub(super) const ROW: Row = Row { id: "aws-cloudfront", zone: Zone::Told, reading: Reading::Named(MARK) };

#[cfg(test)]
mod tests {
    use model::Scheme;

    use super::super::{Format, Parsed, Setting, detect_format};

    // CloudFront Developer Guide, "Standard log file format", with values of our own.
    const LINES: [&str; 3] = [
        "#Version: 1.0",
        "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end",
        "2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.test\t/index%2520a.html\t200\thttps://a.test/?q=%2522x%2522\tMozilla/5.0%20(Windows%2520NT)\tcpr=010190%252D1234\ta=1\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\twww.skat.test\thttps\t23\t0.001\t-\tTLSv1.2\tECDHE-RSA-AES128-GCM-SHA256\tHit\tHTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/html\t78\t-\t-",
    ];

    #[test]
    fn the_documented_lines_are_read_and_told_from_other_w3c() {
        let lines = LINES.map(str::as_bytes);
        let format = detect_format(&lines).unwrap();
        assert_eq!(format.id(), "aws-cloudfront");
        let mut parser = format.parser(Setting::default());
        let [_, _, Parsed::Line(read)] = lines.map(|line| parser.parse(line)) else { panic!("it does not fit") };
        assert_eq!(read.target.as_deref(), Some(&b"/index%20a.html?cpr=010190%2D1234"[..]));
        assert_eq!(read.referer.as_deref(), Some(&b"https://a.test/?q=%22x%22"[..]));
        assert_eq!(read.user_agent.as_deref(), Some(&b"Mozilla/5.0 (Windows NT)"[..]));
        assert_eq!((read.host.as_deref(), read.scheme), (Some(&b"www.skat.test"[..]), Some(Scheme::Https)));
        assert_eq!(Format::named("w3c").unwrap().id(), "w3c");
    }
}
