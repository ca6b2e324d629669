//! What Docker puts around the lines of a container (its json-file driver): an object in JSON with the line in it.

use serde::Deserialize;

use super::wrapping::{Unwrapped, Wrapping};
use super::{Setting, time};

pub(super) const WRAPPING: Wrapping = Wrapping { id: "docker", unwrap: unwrapped };

/// A line as the driver writes it. What else it may have are labels of the container.
#[derive(Deserialize)]
struct Entry {
    log: String,
    stream: String,
    time: String,
}

fn unwrapped<'a>(line: &'a [u8], setting: &Setting) -> Option<Unwrapped<'a>> {
    let Entry { log, stream, time } = serde_json::from_slice(line).ok()?;
    matches!(stream.as_str(), "stdout" | "stderr").then_some(())?;
    let line = log.strip_suffix('\n').unwrap_or(&log);
    Some(Unwrapped { time: time::iso(time.as_bytes(), &setting.zone), line: line.as_bytes().to_vec().into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_line_is_unwrapped() {
        // Docker documentation, "JSON File logging driver".
        let unwrapped = |line: &'static str| unwrapped(line.as_bytes(), &Setting::default());
        let read =
            unwrapped(r#"{"log":"\"Log\" line\n","stream":"stdout","time":"2019-01-01T11:11:11.111111111Z"}"#).unwrap();
        assert_eq!(read.time.unwrap().to_string(), "2019-01-01T11:11:11.111111111Z");
        assert_eq!(read.line.as_ref(), b"\"Log\" line");
        assert_eq!(unwrapped(r#"{"log":"x","stream":"other","time":""}"#), None);
        assert_eq!(unwrapped("{}"), None);
    }
}
