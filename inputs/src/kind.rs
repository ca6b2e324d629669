//! Which kind of recorded traffic a file is, told by its name and its beginning.

use memchr::memmem;
use serde_json::Value;

/// What a recording may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A HAR, one JSON text.
    Har,
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
    fn lines_of_json_are_none() {
        case("{\"log\":\"GET /x\\n\",\"stream\":\"stdout\"}\n{\"log\":", Kind::Log);
        case("{\"log\":{\"level\":\"info\",\"version\":\"1\"},\"url\":\"/x\"}\n", Kind::Log);
        case("{\"url\":\"/x\"}", Kind::Log);
        case("{", Kind::Log);
        case("", Kind::Log);
    }
}
