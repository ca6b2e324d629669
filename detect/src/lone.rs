//! A name that is half a number: a date alone, or a number with its date or its serial starred out.

use std::ops::Range;

use crate::apart::is_whole;
use crate::reading::is_numeric;

/// Longest such name, in characters, with what kind of name it is in front: `cookie:`.
pub(crate) const MAX_LONE: usize = 40;

/// Digits of a date, and of a serial.
const DATE: usize = 6;
const SERIAL: usize = 4;

/// Marks from which on four digits are the rest of a number; fewer are a name such as `1080x`.
const FEWEST_MARKS: usize = 3;

/// Where the half stands if `name` is nothing but that, with what is starred out. Four digits alone are a year or a port.
pub(crate) fn lone(name: &[char]) -> Option<Range<usize>> {
    if name.len() > MAX_LONE {
        return None;
    }
    let from = name.iter().rposition(|c| *c == ':').map_or(0, |colon| colon + 1);
    let (kind, rest) = name.split_at_checked(from)?;
    let is_kind = |c: &char| c.is_ascii_lowercase() || matches!(c, '-' | ':');
    let is_part = |c: &char| is_numeric(*c) || is_mark(*c);
    if !kind.iter().all(is_kind) || !rest.iter().all(|c| is_part(c) || is_sign(*c)) {
        return None;
    }
    let start = rest.iter().position(is_part)?;
    let end = rest.iter().rposition(is_part)? + 1;
    let digits: Vec<char> = rest.iter().copied().filter(|c| is_numeric(*c)).collect();
    let marks = rest.iter().filter(|c| is_mark(**c)).count();
    let groups =
        rest.chunk_by(|a, b| is_numeric(*a) == is_numeric(*b)).filter(|group| group.iter().all(|c| is_numeric(*c)));
    let is_in_one = groups.count() == 1;
    let is_half = match digits.len() {
        DATE => (is_in_one || marks > 0) && is_whole(&digits.iter().map(|c| value(*c)).collect::<Vec<_>>()),
        SERIAL => is_in_one && marks >= FEWEST_MARKS,
        _ => false,
    };
    is_half.then_some(from + start..from + end)
}

fn value(digit: char) -> Option<u8> {
    digit.to_digit(10).and_then(|digit| u8::try_from(digit).ok())
}

fn is_mark(c: char) -> bool {
    matches!(c, '*' | 'x' | 'X' | '#' | '?' | '_' | '\u{2022}' | '\u{25cf}')
}

fn is_sign(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '[' | ']' | '"' | '\'' | '\u{2013}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(name: &str, expected: Option<&str>) {
        let name: Vec<char> = name.chars().collect();
        let found = lone(&name).map(|range| name[range].iter().collect::<String>());
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn half_a_number_is_one() {
        case("070761", Some("070761"));
        case("query:070761", Some("070761"));
        case("[070761]", Some("070761"));
        case("070761-****", Some("070761-****"));
        case("07.07.61-xxxx", Some("07.07.61-xxxx"));
        case("******4285", Some("******4285"));
        case("cookie:xxxxxx-4285", Some("xxxxxx-4285"));
    }

    #[test]
    fn other_names_are_none() {
        for name in
            ["", "2025", "1080x", "993361", "10.11.12", "a070761", "070761 b", "8443", "http://070761", "16:40", "xxxx"]
        {
            case(name, None);
        }
    }
}
