//! Durations as typed: `30m`.

use std::time::Duration;

/// Shorter crawls see no page.
const SHORTEST: u64 = 10;

/// Longer ones run into the next day's.
const LONGEST: u64 = 24 * 3_600;

/// With longer ones, in milliseconds, an audit of usual size takes hours.
const LONGEST_PAUSE: u64 = 60_000;

const UNITS: [(&str, u64); 6] = [("min", 60), ("sec", 1), ("h", 3_600), ("m", 60), ("s", 1), ("", 60)];

/// The time that `text` says, in minutes where it names no unit: `90s`, `30m`, `2h`, `30`.
pub(crate) fn crawl_time(text: &str) -> Result<Duration, String> {
    let text = text.trim().to_ascii_lowercase();
    let wrong = || "write it as 90s, 30m or 2h".to_owned();
    let (number, unit) =
        UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit))).ok_or_else(wrong)?;
    let number = number.trim_end();
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let seconds = number.parse().ok().and_then(|number: u64| number.checked_mul(*unit));
    let seconds = seconds.filter(|seconds| (SHORTEST..=LONGEST).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| "it is 10s at the least and 24h at the most".to_owned())
}

/// The pause that `text` says, in seconds where it names no unit: `0`, `500ms`, `2s`.
pub(crate) fn pause(text: &str) -> Result<Duration, String> {
    let text = text.trim().to_ascii_lowercase();
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s').unwrap_or(&text), 1_000),
    };
    let milliseconds = number.trim_end().parse().ok().and_then(|number: u64| number.checked_mul(unit));
    let milliseconds = milliseconds.filter(|milliseconds| *milliseconds <= LONGEST_PAUSE);
    milliseconds
        .map(Duration::from_millis)
        .ok_or_else(|| "write it as 0, 500ms or 2s; it is a minute at the most".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_a_unit_is_minutes() {
        for (text, seconds) in
            [("30m", 1_800), ("30", 1_800), ("90 s", 90), ("2H", 7_200), ("15min", 900), ("10sec", 10)]
        {
            assert_eq!(crawl_time(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn a_pause_is_seconds_or_milliseconds() {
        for (text, milliseconds) in [("0", Some(0)), ("500ms", Some(500)), ("2 s", Some(2_000)), ("1", Some(1_000))] {
            assert_eq!(pause(text).ok(), milliseconds.map(Duration::from_millis), "{text}");
        }
        for text in ["", "-1", "1.5s", "61s", "ms", "1m"] {
            assert!(pause(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in ["", "m", "-1m", "+1m", "1.5h", "0", "9s", "25h", "1d", "99999999999999999999h", "1 h 2 m"] {
            assert!(crawl_time(text).is_err(), "{text}");
        }
    }
}
