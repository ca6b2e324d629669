//! Squid's native log: `time elapsed client code/status bytes method URL user hierarchy/from type` (Squid wiki, "Native log
//! format"). Its times are in seconds since 1970, and so in UTC.

use super::fields::{Fields, number};
use super::line::told;
use super::{LogLine, Reading, Row, Setting, Zone, time};

pub(super) const ROW: Row = Row { id: "squid", zone: Zone::Told, reading: Reading::Alone(read) };

fn read<'a>(line: &'a [u8], _: &Setting) -> Option<LogLine<'a>> {
    let mut fields = Fields::new(line);
    let mut line = LogLine { time: Some(time::epoch(fields.word()?)?), ..LogLine::default() };
    // The time that was taken is set right with spaces before it.
    while fields.passes(b" ") {}
    number(fields.word()?)?;
    line.client = told(fields.word()?);
    let result = fields.word()?;
    let slash = memchr::memchr(b'/', result)?;
    line.status = super::fields::status(result.get(slash + 1..)?)?.0;
    line.bytes = Some(number(fields.word()?)?);
    line.method = told(fields.word()?);
    line.target = told(fields.word()?);
    line.take_other(&b"user"[..], fields.word()?);
    fields.word().filter(|from| from.contains(&b'/'))?;
    let _type = fields.word();
    line.take_other(&b"rest"[..], fields.rest());
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fits, unfit};

    #[test]
    fn the_documented_line_is_read() {
        // Squid wiki, "Squid Log Files", "access.log native log file format in detail".
        let line = "1286536308.779    180 192.0.2.224 TCP_MISS/200 411 GET http://www.skat.test/search.xml?cpr=0101901234 anna DIRECT/192.0.2.9 text/xml";
        let read = fits("squid", line);
        assert_eq!(read.time.unwrap().to_string(), "2010-10-08T11:11:48.779Z");
        assert_eq!(read.target.as_deref(), Some(&b"http://www.skat.test/search.xml?cpr=0101901234"[..]));
        assert_eq!((read.status, read.bytes), (Some(200), Some(411)));
        assert_eq!(read.others, [(b"user"[..].into(), b"anna"[..].into())]);
    }

    #[test]
    fn a_tunnel_and_a_broken_request_are_read() {
        let read = fits(
            "squid",
            "1286536308.779 180 192.0.2.224 TCP_TUNNEL/200 411 CONNECT a.test:443 - HIER_DIRECT/192.0.2.9 -",
        );
        assert_eq!(read.target.as_deref(), Some(&b"a.test:443"[..]));
        let read = fits(
            "squid",
            "1286536308.779 0 192.0.2.224 NONE/000 0 NONE error:transaction-end-before-headers - HIER_NONE/- -",
        );
        assert_eq!(read.status, None);
        unfit("squid", "1286536308.779 0 192.0.2.224 NONE 0");
    }
}
