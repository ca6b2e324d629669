//! The time zone of a log that does not say it, as typed: `UTC`, `+02:00`, a POSIX rule with its days of change, or
//! Denmark by its name.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// Names and their rules (POSIX TZ): those of the authorities this is for. No table of the machine's is asked.
const NAMED: [(&str, &str); 3] = [
    ("Europe/Copenhagen", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("Atlantic/Faroe", "WET0WEST,M3.5.0/1,M10.5.0"),
    ("America/Nuuk", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"),
];

/// The zone that `text` says.
pub(crate) fn zone(text: &str) -> Result<TimeZone, String> {
    let wrong =
        || "write it as UTC, +02:00, Europe/Copenhagen or a POSIX rule such as CET-1CEST,M3.5.0,M10.5.0/3".to_owned();
    if text.eq_ignore_ascii_case("utc") || text == "Z" {
        return Ok(TimeZone::UTC);
    }
    if let Some((_, rule)) = NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return TimeZone::posix(rule).map_err(|_| wrong());
    }
    if let Some(offset) = offset(text) {
        return Ok(TimeZone::fixed(offset));
    }
    let posix = TimeZone::posix(text).map_err(|_| wrong())?;
    if !text.contains(',') {
        return Err(other_way_round(text, &posix));
    }
    Ok(posix)
}

/// Why a POSIX zone without a rule, such as `CET+1`, is none here: its sign is that of what is added to come to UTC, and hardly
/// anybody who types one means that.
fn other_way_round(text: &str, posix: &TimeZone) -> String {
    let means = posix.to_offset(Timestamp::UNIX_EPOCH);
    let written = |offset: Offset| {
        let (sign, minutes) = (if offset.seconds() < 0 { '-' } else { '+' }, offset.seconds().abs() / 60);
        format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    };
    let (means, other) = (written(means), written(means.negate()));
    format!(
        "{text} means {means}, since POSIX has the sign the other way round; write {means} or {other}, whichever it is"
    )
}

/// `+02:00`, `-0130`, `+2`.
fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i32>().ok()?, 0),
        4 => (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse::<i32>().ok()?),
        _ => return None,
    };
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read_as_typed() {
        let noon = jiff::civil::date(2026, 7, 1).at(12, 0, 0, 0);
        for (text, expected) in [
            ("UTC", "2026-07-01T12:00:00Z"),
            ("+02:00", "2026-07-01T10:00:00Z"),
            ("-0130", "2026-07-01T13:30:00Z"),
            ("+2", "2026-07-01T10:00:00Z"),
            ("Europe/Copenhagen", "2026-07-01T10:00:00Z"),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-07-01T10:00:00Z"),
        ] {
            let told = zone(text).unwrap().to_timestamp(noon).unwrap();
            assert_eq!(told.to_string(), expected, "{text}");
        }
        for text in ["", "here", "+25:99:1", "Europe/Atlantis"] {
            assert!(zone(text).is_err(), "{text}");
        }
        for (text, told) in
            [("CET+5", "CET+5 means -05:00,"), ("UTC-1:30", "write +01:30 or -01:30"), ("EST5", "means -05:00")]
        {
            let why = zone(text).unwrap_err();
            assert!(why.contains(told), "{why}");
        }
        assert!(NAMED.iter().all(|(name, _)| zone(name).is_ok()));
    }
}
