//! A log of no known format, the last resort: each line is a text, of the time near its beginning.

use super::{LogLine, Reading, Row, Setting, Zone, stamp};

pub(super) const ROW: Row = Row { id: "plain", zone: Zone::Told, reading: Reading::Alone(read) };

#[expect(clippy::unnecessary_wraps, reason = "as the other formats")]
fn read<'a>(line: &'a [u8], setting: &Setting) -> Option<LogLine<'a>> {
    Some(LogLine { time: stamp::near(line, setting), ..LogLine::plain(line) })
}
