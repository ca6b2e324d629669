//! Access logs of AWS Application Load Balancers (ELB User Guide, "Access log entries"), whose later fields came over the
//! years and may be missing. Times are in UTC.
//!
//! What follows a request through (`trace_id`, `conn_trace_id`) is an id; names of the balancer, its rules, certificates
//! and targets are the account's own and are passed over.

use super::fields::{Fields, status};
use super::line::told;
use super::{LogLine, Reading, Row, Setting, Zone, time};

/// What the first field says: how the balancer was asked.
const KINDS: [&[u8]; 6] = [b"http", b"https", b"h2", b"grpcs", b"ws", b"wss"];

pub(super) const ROW: Row = Row { id: "aws-alb", zone: Zone::Told, reading: Reading::Alone(read) };

fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    let mut fields = Fields::new(line);
    fields.word().filter(|kind| KINDS.contains(kind))?;
    let mut line = LogLine { time: Some(time::iso(fields.word()?, &setting.zone)?), ..LogLine::default() };
    let _balancer = fields.word()?;
    line.client = told(fields.word()?);
    let (_target, _request_time, _target_time, _answer_time) =
        (fields.word()?, fields.word()?, fields.word()?, fields.word()?);
    line.status = status(fields.word()?)?.0;
    let (_target_status, _received) = (fields.word()?, fields.word()?);
    line.bytes = fields.number()?.0;
    line.take_request(fields.quoted()?);
    line.user_agent = told(fields.quoted()?);
    later(&mut line, &mut fields);
    line.take_other(&b"rest"[..], fields.rest());
    Some(line)
}

/// What stands behind the browser, as far as it is there.
fn later<'a>(line: &mut LogLine<'a>, fields: &mut Fields<'a>) -> Option<()> {
    let (_cipher, _protocol, _group) = (fields.word()?, fields.word()?, fields.word()?);
    line.take_id(&b"trace_id"[..], fields.quoted()?);
    line.take_other(&b"domain"[..], fields.quoted()?);
    let _certificate = fields.quoted()?;
    let (_priority, _created) = (fields.word()?, fields.word()?);
    let _actions = fields.quoted()?;
    line.take_answered(&b"Location"[..], fields.quoted()?);
    line.take_other(&b"error_reason"[..], fields.quoted()?);
    let (_targets, _statuses) = (fields.quoted()?, fields.quoted()?);
    let (_classification, _reason) = (fields.quoted()?, fields.quoted()?);
    line.take_id(&b"conn_trace_id"[..], fields.word()?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fits, unfit};

    #[test]
    fn the_documented_line_is_read() {
        // ELB User Guide for Application Load Balancers, "Example access log entries", HTTPS.
        let line = r#"https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.0.2.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.skat.test:443/a?cpr=0101901234 HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:x:y/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.skat.test" "arn:aws:acm:z" 1 2018-07-02T22:22:48.364000Z "authenticate,redirect" "https://next.test/b" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef90"#;
        let read = fits("aws-alb", line);
        assert_eq!(read.time.unwrap().to_string(), "2018-07-02T22:23:00.186641Z");
        assert_eq!(read.target.as_deref(), Some(&b"https://www.skat.test:443/a?cpr=0101901234"[..]));
        assert_eq!((read.status, read.bytes), (Some(200), Some(57)));
        let ids: Vec<&[u8]> = read.ids.iter().map(|(name, _)| name.as_ref()).collect();
        assert_eq!((ids, read.others.len()), (vec![&b"trace_id"[..], b"conn_trace_id"], 1));
        assert_eq!(read.answered, [(b"Location"[..].into(), b"https://next.test/b"[..].into())]);
    }

    #[test]
    fn an_old_line_has_fewer_fields() {
        let line = r#"http 2015-05-13T23:39:43.945958Z my-lb 192.0.2.1:2817 - -1 -1 -1 460 - 0 0 "- http://a.test:80- -" "x" - -"#;
        assert_eq!(fits("aws-alb", line).status, Some(460));
        unfit("aws-alb", "http 2015-05-13T23:39:43.945958Z my-lb");
    }
}
