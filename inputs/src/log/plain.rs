//! A log of no known format, the last resort: each line is a text.

use super::{LogLine, Reading, Row, Setting, Zone};

pub(super) const ROW: Row = Row { id: "plain", zone: Zone::Told, reading: Reading::Alone(read) };

#[expect(clippy::unnecessary_wraps, reason = "as the other formats")]
fn read<'a>(line: &'a [u8], _: &Setting) -> Option<LogLine<'a>> {
    Some(LogLine::plain(line))
}
