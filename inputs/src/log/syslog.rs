//! Headers of syslog before a line of any format: RFC 3164 and RFC 5424, with their priority or as files have them without.

use jiff::Timestamp;

use super::fields::{Fields, number};
use super::wrapping::{Unwrapped, Wrapping};
use super::{Setting, time};

pub(super) const WRAPPING: Wrapping = Wrapping { id: "syslog", unwrap: unwrapped };

/// The longest tag (RFC 3164 §5.3 has 32 characters, containers more).
const MAX_TAG: usize = 128;

fn unwrapped<'a>(line: &'a [u8], setting: &Setting) -> Option<Unwrapped<'a>> {
    let (line, has_priority) = match line.strip_prefix(b"<") {
        Some(rest) => {
            let end = memchr::memchr(b'>', rest).filter(|end| (1..=3).contains(end))?;
            number(rest.get(..end)?)?;
            (rest.get(end + 1..)?, true)
        }
        None => (line, false),
    };
    let (time, line) = match line.strip_prefix(b"1 ").filter(|_| has_priority) {
        Some(rest) => structured(rest, setting)?,
        None => tagged(line, setting)?,
    };
    Some(Unwrapped { time, line: line.into() })
}

/// RFC 5424 §6: time, host, program, process, kind, structured data.
fn structured<'a>(line: &'a [u8], setting: &Setting) -> Option<(Option<Timestamp>, &'a [u8])> {
    let mut fields = Fields::new(line);
    let stamp = fields.word()?;
    let time = if stamp == b"-" { None } else { Some(time::iso(stamp, &setting.zone)?) };
    for _ in ["host", "program", "process", "kind"] {
        fields.word()?;
    }
    let mut data = fields.rest();
    if let Some(rest) = data.strip_prefix(b"- ") {
        data = rest;
    } else {
        while data.first() == Some(&b'[') {
            data = data.get(element_end(data)?..)?;
        }
        data = data.strip_prefix(b" ")?;
    }
    Some((time, data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data)))
}

/// Where an element of structured data ends: brackets in its quoted values are escaped (RFC 5424 §6.3.3).
fn element_end(data: &[u8]) -> Option<usize> {
    let mut is_escaped = false;
    let end = data.iter().position(|byte| {
        let is_end = *byte == b']' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        is_end
    });
    end.map(|end| end + 1)
}

/// RFC 3164 §4.1, or with a time of ISO 8601, as rsyslog writes files: time, host, and a tag that ends with a colon.
fn tagged<'a>(line: &'a [u8], setting: &Setting) -> Option<(Option<Timestamp>, &'a [u8])> {
    let mut fields = Fields::new(line);
    let first = fields.word()?;
    let time = if let Some(time) = time::iso(first, &setting.zone) {
        time
    } else {
        // A day of one digit is set right with a space.
        while fields.passes(b" ") {}
        let (day, clock) = (fields.word()?, fields.word()?);
        time::bsd(first, day, clock, &setting.zone, setting.latest)?
    };
    let host = fields.word()?;
    // Some leave the host out.
    let tag = if host.ends_with(b":") { host } else { fields.word()? };
    (tag.ends_with(b":") && tag.len() <= MAX_TAG).then_some((Some(time), fields.rest()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(line: &str, time: &str, rest: &str) {
        let setting = Setting { latest: "2026-03-01T00:00:00Z".parse().unwrap(), ..Setting::default() };
        let Unwrapped { time: told, line: inner } = unwrapped(line.as_bytes(), &setting).unwrap();
        assert_eq!(told.map(|time| time.to_string()).unwrap_or_default(), time, "{line}");
        assert_eq!(String::from_utf8_lossy(&inner), rest, "{line}");
    }

    #[test]
    fn headers_are_taken_off() {
        // RFC 3164 §5.4, HAProxy Configuration Manual §8.2, RFC 5424 §6.5.
        case("<134>Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2 x", "2026-02-06T12:14:14Z", "10.0.1.2 x");
        case("Oct 11 22:14:15 mymachine su: x y", "2025-10-11T22:14:15Z", "x y");
        case("Feb 16 12:14:14 nginx: x", "2026-02-16T12:14:14Z", "x");
        case("2024-01-02T03:04:05.678+01:00 web1 nginx: x", "2024-01-02T02:04:05.678Z", "x");
        case("<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 web 8710 - - x", "2003-08-24T12:14:15.000003Z", "x");
        case(r#"<165>1 2003-10-11T22:14:15.003Z h evntslog - ID47 [a@1 b="c\]"][d@2 e="f"] \u{feff}x"#.replace(r"\u{feff}", "\u{feff}").as_str(), "2003-10-11T22:14:15.003Z", "x");
        case("<165>1 - - - - - - x", "", "x");
    }

    #[test]
    fn a_line_without_a_header_has_none() {
        for line in [
            "",
            "<134>",
            "<1x>Feb 6 12:14:14 h t: x",
            "Feb 6 12:14:14 host no tag",
            "192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 1",
            "<165>1 2003-10-11T22:14:15.003Z h a - - [open",
        ] {
            assert!(unwrapped(line.as_bytes(), &Setting::default()).is_none(), "{line}");
        }
    }
}
