//! Runs of digits in text as it stands, and what may make two of them one number. Looser than [`crate::candidate`]: for
//! masking, where a number too many does no harm.

/// What may stand between date and serial, counted in bytes of text: the longest is `%25E2%2580%2593`.
const MAX_SEPARATOR: usize = 16;

/// Runs of digits from here on are masked whatever they are.
pub(crate) const LONG_RUN: usize = 10;

/// A run of digits in a text.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    /// With the digits of an escape that it begins with, as in `%20`.
    pub(crate) raw_start: usize,
    /// Without them.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Every run of digits in `text`, but for those that are an escape's alone.
pub(crate) fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (at, _) in text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(Run { raw_start: at, start: at, end: at + 1 }),
        }
    }
    merge_escapes(text, runs)
}

/// In `010190%2D1234` and `010190\u20131234` digits of the escape stand between: joined to the gap, not to the serial.
fn merge_escapes(text: &str, runs: Vec<Run>) -> Vec<Run> {
    let escapes = |before: &str| match before.as_bytes() {
        [.., b'%'] | [.., b'\\', b'x'] => 2,
        [.., b'\\', b'u'] => 4,
        _ => 0,
    };
    let mut merged = Vec::new();
    for run in runs {
        let skip = escapes(text.get(..run.start).unwrap_or_default());
        let digits = run.end - run.start;
        if digits >= LONG_RUN && digits - skip < LONG_RUN {
            // Without the escape's digits it is too short, and with them it may be a number all the same.
            merged.push(run);
        } else if digits > skip {
            merged.push(Run { start: run.start + skip, ..run });
        }
    }
    merged
}

/// Signs only, or an escape of one.
pub(crate) fn is_separator(gap: &str) -> bool {
    let signs = gap.chars().count() <= 3 && !gap.chars().any(char::is_alphanumeric);
    let escape = gap.len() <= MAX_SEPARATOR && gap.starts_with(['%', '\\', '&']) && !gap.contains(char::is_whitespace);
    signs || escape
}

/// Two digits that are a day (or a replacement's) and two that are a month.
pub(crate) fn looks_like_date(date: &str) -> bool {
    let number =
        |range: std::ops::Range<usize>| date.get(range).and_then(|digits| digits.parse::<u8>().ok()).unwrap_or(0);
    matches!(number(0..2), 1..=31 | 61..=91) && (1..=12).contains(&number(2..4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &[&str]) {
        let found: Vec<&str> = runs(text).iter().filter_map(|run| text.get(run.start..run.end)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn an_escape_has_its_digits_to_itself() {
        case("010190-1234", &["010190", "1234"]);
        case("%20010190%2D1234", &["010190", "1234"]);
        case("010190\\u20131234", &["010190", "1234"]);
        case("\\x20010190", &["010190"]);
    }

    #[test]
    fn digits_that_may_be_a_number_only_with_those_of_the_escape_keep_them() {
        case("%200707614285", &["0707614285"]);
        case("%20707614285", &["20707614285"]);
    }

    #[test]
    fn separators_are_signs_or_an_escape_of_one() {
        for gap in ["-", " - ", "\u{2013}", "%2D", "%E2%80%93", "\\u2013", "&ndash;"] {
            assert!(is_separator(gap), "{gap}");
        }
        for gap in ["x", " og ", "----", "%2D and more words"] {
            assert!(!is_separator(gap), "{gap}");
        }
    }

    #[test]
    fn a_date_may_be_a_replacement_numbers() {
        assert!(looks_like_date("010190") && looks_like_date("911290"));
        assert!(!looks_like_date("000190") && !looks_like_date("321390") && !looks_like_date("501290"));
    }
}
