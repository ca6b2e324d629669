//! A log from its first line to its last, in constant memory.

use std::io::Read;
use std::ops::ControlFlow;

use model::{BlindSpot, BlindSpotKind};

use super::{Format, LogFaults, LogLine, Parsed, Setting, detect_format};
use crate::lines::{Line, Lines};

/// How many lines are looked at to tell the format.
const SAMPLE: usize = 64;

/// A line of a log, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadLine<'a> {
    /// Counted from 1; pieces of a line that is too long share one.
    pub number: u64,
    /// Where in the log it begins, in bytes.
    pub offset: u64,
    /// What it tells.
    pub line: LogLine<'a>,
}

/// What is known of a log when all of it is read.
#[derive(Clone)]
pub struct LogSummary {
    /// The format that was named or told.
    pub format: Format,
    /// How many lines were read, those that say nothing of a request among them.
    pub lines: u64,
    /// What could not be read as it should be. All of it was searched, as text if nothing else.
    pub blind_spots: Vec<BlindSpot>,
}

/// Reads a log named `name`, whose format is told by its first lines if it is not given, and hands each line to `take`,
/// which may stop the reading.
///
/// ```
/// use std::ops::ControlFlow;
///
/// let log = &br#"192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /x HTTP/1.0" 200 2326"#[..];
/// let summary = inputs::read_log("a.log", log, None, &inputs::Setting::default(), &mut |read| {
///     assert_eq!(read.line.target.as_deref(), Some(&b"/x"[..]));
///     ControlFlow::Continue(())
/// });
/// assert_eq!((summary.format.id(), summary.lines), ("common", 1));
/// ```
pub fn read_log(
    name: &str,
    input: impl Read,
    format: Option<&Format>,
    setting: &Setting,
    take: &mut dyn FnMut(ReadLine<'_>) -> ControlFlow<()>,
) -> LogSummary {
    let mut lines = Lines::new(input);
    let format = format.cloned().or_else(|| detect_format(&lines.ahead(SAMPLE))).unwrap_or_else(Format::plain);
    let mut parser = format.parser(setting.clone());
    let mut faults = LogFaults::default();
    let mut last = 0;
    let mut beginning = LogLine::default();
    while let Some(line) = lines.next() {
        let is_begun = line.number == last;
        last = line.number;
        let read = if line.is_whole {
            match parser.parse(line.bytes) {
                Parsed::Line(read) | Parsed::Other(read) => {
                    if read.time.is_none() {
                        faults.note_untimed(&line);
                    }
                    Some(read)
                }
                Parsed::Directive => None,
                Parsed::Unfit(read) => {
                    faults.note_unfit(&line);
                    if read.time.is_none() {
                        faults.note_untimed(&line);
                    }
                    Some(read)
                }
            }
        } else {
            if !is_begun {
                beginning = parser.beginning(line.bytes);
                faults.note_long(&line);
                if beginning.time.is_none() {
                    faults.note_untimed(&line);
                }
            }
            Some(LogLine::piece(&beginning, line.bytes))
        };
        let Some(read) = read else { continue };
        let Line { number, offset, .. } = line;
        if take(ReadLine { number, offset, line: read }).is_break() {
            break;
        }
    }
    let mut blind_spots = faults.blind_spots(name, format.id());
    blind_spots.extend(of_lines(name, &lines));
    LogSummary { format, lines: last, blind_spots }
}

/// What was odd in the bytes, whatever the format.
fn of_lines<R: Read>(name: &str, lines: &Lines<R>) -> Vec<BlindSpot> {
    let offset = lines.offset();
    let broken = lines.fault().map(|error| format!("not read beyond byte {offset}: {error}"));
    let nul = Some(lines.nul_bytes()).filter(|count| *count > 0);
    let nul = nul.map(|count| format!("NUL bytes before lines, passed over, as a log that is cut has them: {count}"));
    let characters = Some(lines.broken_characters()).filter(|count| *count > 0);
    let characters = characters.map(|count| format!("broken characters of UTF-16, read as U+FFFD: {count}"));
    let blind_spot = |detail| BlindSpot::new(BlindSpotKind::InputBroken, name, detail).in_own_words();
    [broken, nul, characters].into_iter().flatten().map(blind_spot).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::MAX_LINE;

    const LINE: &str = "192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /x?cpr=0101901234 HTTP/1.0\" 200 2326\n";

    fn read(log: &[u8], format: Option<&str>) -> (Vec<(u64, u64, bool)>, LogSummary) {
        let format = format.map(|name| Format::named(name).unwrap());
        let mut lines = Vec::new();
        let summary = read_log("a.log", log, format.as_ref(), &Setting::default(), &mut |read| {
            lines.push((read.number, read.offset, read.line.text.is_none()));
            ControlFlow::Continue(())
        });
        (lines, summary)
    }

    #[test]
    fn lines_that_do_not_fit_are_searched_as_text_and_told_once() {
        let log = format!("{LINE}cpr 0101901234\n\n{LINE}more\n");
        let (lines, summary) = read(log.as_bytes(), None);
        let length = LINE.len() as u64;
        let expected = [(1, 0, true), (2, length, false), (4, length + 16, true), (5, 2 * length + 16, false)];
        assert_eq!(lines, expected);
        assert_eq!((summary.format.id(), summary.lines), ("common", 5));
        let details: Vec<&str> = summary.blind_spots.iter().map(|spot| spot.detail.as_str()).collect();
        assert_eq!(details.len(), 2, "{details:?}");
        assert!(details[0].starts_with("lines that do not fit the format common, searched as plain text: 2, "));
        assert!(
            details[1].starts_with("lines without a time that can be read, which count as of no day: 2, "),
            "{details:?}"
        );
        assert!(details[0].ends_with(&format!("line 2 at byte {length}")));
    }

    #[test]
    fn a_log_of_no_format_is_read_as_text() {
        let (lines, summary) = read(b"once upon\na time\n", None);
        assert_eq!((lines.len(), summary.format.id()), (2, "plain"));
        assert_eq!(summary.blind_spots.len(), 1);
    }

    #[test]
    fn mixed_formats_holes_and_long_lines_are_read_on() {
        let long = "x".repeat(3 * MAX_LINE);
        let log = format!("{LINE}no request\n{{\"url\":\"/x\"}}\n\0\0{LINE}{long}\n{LINE}");
        let (lines, summary) = read(log.as_bytes(), Some("common"));
        assert_eq!(lines.iter().filter(|(_, _, fits)| *fits).count(), 4);
        assert_eq!(lines.iter().filter(|(number, _, _)| *number == 5).count(), 4);
        assert_eq!(lines.last().unwrap().0, 6);
        let details: Vec<&str> = summary.blind_spots.iter().map(|spot| spot.detail.as_str()).collect();
        assert_eq!(details.len(), 4, "{details:?}");
        assert!(
            details[0].starts_with("lines that do not fit the format common, searched as plain text: 1, "),
            "{details:?}"
        );
        assert!(
            details[1].starts_with("lines without a time that can be read, which count as of no day: 3, "),
            "{details:?}"
        );
        assert!(details[2].starts_with("lines longer than what is read whole"), "{details:?}");
        assert!(
            details[3].starts_with("NUL bytes before lines, passed over, as a log that is cut has them: 2"),
            "{details:?}"
        );
    }

    #[test]
    fn a_break_stops_the_reading() {
        let log = LINE.repeat(3);
        let summary = read_log("a", log.as_bytes(), None, &Setting::default(), &mut |_| ControlFlow::Break(()));
        assert_eq!(summary.lines, 1);
    }
}
