//! Which kind of recorded traffic a file is, told by its name and its beginning.

use memchr::memmem;
use serde_json::Value;

use crate::capture::is_capture;

/// What a recording may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A HAR, one JSON text.
    Har,
    /// A capture of the network.
    Capture,
    /// Flows as mitmproxy saves them, which are not read.
    Flows,
    /// A log, line by line; also what is nothing known, which is read as text.
    Log,
}

/// The members of a HAR's `log`, of which there are some near its beginning (HAR 1.2 §log).
const MEMBERS: [&[u8]; 6] =
    [b"\"version\"", b"\"creator\"", b"\"browser\"", b"\"pages\"", b"\"entries\"", b"\"comment\""];

/// The kind of the file named `name` that begins with `head`: some kilobytes, or all of it.
///
/// ```
/// use inputs::{Kind, kind_of};
///
/// assert_eq!(kind_of("x.json", br#"{"log": {"version": "1.2", "entries": []}}"#), Kind::Har);
/// assert_eq!(kind_of("access.log", b"192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] .."), Kind::Log);
/// assert_eq!(kind_of("x.har", b"broken"), Kind::Har);
/// ```
pub fn kind_of(name: &str, head: &[u8]) -> Kind {
    if is_capture(head) {
        return Kind::Capture;
    }
    if is_flows(head) {
        return Kind::Flows;
    }
    if name.rsplit('.').next().is_some_and(|end| end.eq_ignore_ascii_case("har")) {
        return Kind::Har;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if !text.starts_with(b"{") {
        return Kind::Log;
    }
    // JSON lines have objects that are whole on the first line.
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or(text);
    if let Ok(value) = serde_json::from_slice::<Value>(first) {
        let is_har = value.get("log").and_then(|log| log.get("entries")).is_some_and(Value::is_array);
        return if is_har { Kind::Har } else { Kind::Log };
    }
    let behind = |at: usize| text.get(at + 5..).unwrap_or_default();
    let opens = |rest: &[u8]| {
        let rest = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        rest.strip_prefix(b"{").map(<[u8]>::to_vec)
    };
    let log = memmem::find_iter(text, b"\"log\"").find_map(|at| opens(behind(at)));
    let has_member = |log: Vec<u8>| MEMBERS.iter().any(|member| memmem::find(&log, member).is_some());
    if log.is_some_and(has_member) { Kind::Har } else { Kind::Log }
}

/// What the dictionary of a flow has, of which some is near its beginning (mitmproxy's `io/compat.py`).
const OF_A_FLOW: [&[u8]; 6] =
    [b":version;", b":request;", b":response;", b":client_conn;", b":websocket;", b":backup;"];

/// Whether a file that begins so is of mitmproxy: a dictionary as a tnetstring, its length, a colon, and names of a flow.
fn is_flows(head: &[u8]) -> bool {
    let digits = head.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let Some((b':', begin)) = head.get(digits..).and_then(<[u8]>::split_first) else { return false };
    let inner = begin.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let length = begin.get(..inner).and_then(|length| str::from_utf8(length).ok()?.parse::<usize>().ok());
    let is_key = |length: usize| {
        length < NEAR && begin.get(inner) == Some(&b':') && begin.get(inner + 1 + length) == Some(&b';')
    };
    let is_begun = (1..=10).contains(&digits) && length.is_some_and(is_key);
    let near = begin.get(..begin.len().min(NEAR)).unwrap_or_default();
    is_begun && OF_A_FLOW.iter().any(|name| memmem::find(near, name).is_some())
}

/// Bytes of a flow in which one of its names stands.
const NEAR: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(head: &str, expected: Kind) {
        assert_eq!(kind_of("x", head.as_bytes()), expected, "{head}");
    }

    #[test]
    fn a_har_is_told_by_its_log_of_entries() {
        case("{\n  \"log\": {\n    \"version\": \"1.2\",", Kind::Har);
        case("\u{feff} {\"comment\":\"x\",\"log\" :{\"pages\":[", Kind::Har);
        case(r#"{"log":{"entries":[]}}"#, Kind::Har);
    }

    #[test]
    fn captures_and_flows_are_told_by_their_first_bytes() {
        for head in [&b"\xd4\xc3\xb2\xa1\x02\0"[..], b"\xa1\xb2\x3c\x4d\0\x02", b"\x0a\x0d\x0d\x0a\x1c\0\0\0"] {
            assert_eq!(kind_of("x", head), Kind::Capture);
        }
        let flows = b"1573:9:websocket;0:~8:response;1021:11:status_code;3:200#";
        assert_eq!(kind_of("x.mitm", flows), Kind::Flows);
        assert_eq!(kind_of("x", b"18:7:version;2:21#"), Kind::Flows);
        case("12:34:56 GET /?x=:request; 200", Kind::Log);
        case("10:20:30: a line of a log", Kind::Log);
    }

    #[test]
    fn lines_of_json_are_none() {
        case("{\"log\":\"GET /x\\n\",\"stream\":\"stdout\"}\n{\"log\":", Kind::Log);
        case("{\"log\":{\"level\":\"info\",\"version\":\"1\"},\"url\":\"/x\"}\n", Kind::Log);
        case("{\"url\":\"/x\"}", Kind::Log);
        case("{", Kind::Log);
        case("", Kind::Log);
    }
}
