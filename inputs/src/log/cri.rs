//! What Kubernetes puts before the lines of a container (its CRI logging format): `time stream flag line`. A long line is cut
//! into several, each of which stands for itself here.

use super::fields::Fields;
use super::wrapping::{Unwrapped, Wrapping};
use super::{Setting, time};

pub(super) const WRAPPING: Wrapping = Wrapping { id: "cri", unwrap: unwrapped };

fn unwrapped<'a>(line: &'a [u8], setting: &Setting) -> Option<Unwrapped<'a>> {
    let mut fields = Fields::new(line);
    let time = time::iso(fields.word()?, &setting.zone)?;
    fields.word().filter(|stream| matches!(*stream, b"stdout" | b"stderr"))?;
    fields.word().filter(|flag| matches!(*flag, b"F" | b"P"))?;
    Some(Unwrapped { time: Some(time), line: fields.rest().into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_line_is_unwrapped() {
        // Kubernetes design proposals, "CRI: Log management for container stdout/stderr streams".
        let unwrapped = |line: &'static str| unwrapped(line.as_bytes(), &Setting::default());
        let read = unwrapped("2016-10-06T00:17:09.669794202Z stdout F The content of the log").unwrap();
        assert_eq!(read.time.unwrap().to_string(), "2016-10-06T00:17:09.669794202Z");
        assert_eq!(read.line.as_ref(), b"The content of the log");
        assert_eq!(unwrapped("2016-10-06T00:17:09Z stdlog F x"), None);
        assert_eq!(unwrapped("x stdout F x"), None);
    }
}
