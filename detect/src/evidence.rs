//! How sure it is that a candidate is somebody's CPR number.
//!
//! DESIGN.md's levels: two supports make E2, one E3, none E4; each doubt takes a level off, unless the number is named.
//! Supports and doubts are rows of tables: a new one is one row and its test.

use jiff::civil::Date;
use model::{BirthDate, CprNumber, Evidence, WrittenForm};

use crate::candidate::Candidate;
use crate::names;

/// Nobody alive was born before: a number that says so is hardly one (cpr-facts 1.1, 5.1).
const OLDEST_AGE: i16 = 115;

/// Oldest time stamp that telemetry still sends, in days: analytics keep a visitor's first visit for two years.
const OLDEST_STAMP: i32 = 730;

/// Endings of file names in which ten digits are a version or a time stamp.
const ASSETS: [&[u8]; 12] =
    [b".jpg", b".jpeg", b".png", b".gif", b".svg", b".webp", b".js", b".css", b".woff", b".woff2", b".mp4", b".ico"];

/// How far behind a number its file's ending is looked for, in bytes.
const ASSET_DISTANCE: usize = 40;

/// A number with all that speaks for and against it.
pub(crate) struct Clue<'a> {
    pub(crate) candidate: &'a Candidate,
    pub(crate) number: CprNumber,
    /// The bytes it stands in.
    pub(crate) text: &'a [u8],
    /// The nearest name on its trail.
    pub(crate) name: &'a str,
    /// What stands just before the text, such as the path segment before this one.
    pub(crate) context: &'a str,
    /// The date.
    pub(crate) today: Date,
}

/// A feature of a clue.
type Feature = (&'static str, fn(&Clue<'_>) -> bool);

/// What speaks for a number.
const SUPPORTS: [Feature; 3] = [
    ("mod-11", |clue| clue.number.passes_mod11()),
    ("named", is_named),
    ("dashed", |clue| clue.candidate.form == WrittenForm::Dashed),
];

/// What speaks against one that is not named.
const DOUBTS: [Feature; 7] = [
    ("random-id-name", |clue| names::is_random_id(clue.name)),
    ("dotted-neighbour", has_dotted_neighbour),
    ("file-stamp", is_file_stamp),
    ("asset-file", is_asset_file),
    ("glued-to-letters", |clue| before(clue).is_some_and(|byte| byte.is_ascii_alphabetic())),
    ("account-number", follows_four_digits),
    ("epoch-seconds", is_epoch_seconds),
];

/// What a candidate comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// A date by chance: nothing speaks for it and something against it. Counted, not told (cpr-facts 5.1).
    LookAlike,
    /// It may be somebody's, this surely. Of one that nobody can have, this surely: the place leaks such numbers.
    Sure(Evidence),
}

/// Judges a candidate that is no declared test number.
///
/// One that nobody has, being unborn or a replacement, counts when it is named or written with a dash: test numbers are
/// made so, and where they leak, others will.
pub(crate) fn judge(clue: &Clue<'_>) -> Judgement {
    let named = is_named(clue);
    if clue.candidate.needs_name && !named {
        return Judgement::LookAlike;
    }
    let birth = clue.number.birth_date();
    let is_unborn = is_born_after(birth, clue.today);
    let is_written = named || clue.candidate.form == WrittenForm::Dashed;
    if (is_unborn || clue.number.is_replacement()) && !is_written {
        return Judgement::LookAlike;
    }
    if is_too_old(birth, clue.today) && !named {
        return Judgement::Sure(Evidence::E4);
    }
    let supports = SUPPORTS.iter().filter(|(_, holds)| holds(clue)).count();
    let doubts = if named { 0 } else { DOUBTS.iter().filter(|(_, holds)| holds(clue)).count() };
    // Name and dash without the check digit is still a definite shape, but DESIGN.md wants the digit for E2.
    let level = match (supports, clue.number.passes_mod11()) {
        (0, _) => 0,
        (1, _) | (_, false) => 1,
        (_, true) if is_unborn => 1,
        (_, true) => 2,
    };
    match (usize::saturating_sub(level, doubts), supports, doubts) {
        (0, 0, 1..) => Judgement::LookAlike,
        (0, ..) => Judgement::Sure(Evidence::E4),
        (1, ..) => Judgement::Sure(Evidence::E3),
        (..) => Judgement::Sure(Evidence::E2),
    }
}

fn is_named(clue: &Clue<'_>) -> bool {
    names::is_strong(clue.name)
        || names::is_strong(clue.context)
        || names::is_named_in_text(clue.text, clue.candidate.range.start)
}

fn is_born_after(birth: BirthDate, today: Date) -> bool {
    let (year, month, day) = (today.year(), today.month(), today.day());
    (i32::from(birth.year), i32::from(birth.month), i32::from(birth.day)) > (year.into(), month.into(), day.into())
}

fn is_too_old(birth: BirthDate, today: Date) -> bool {
    i32::from(birth.year) < i32::from(today.year()) - i32::from(OLDEST_AGE)
}

/// `1234567890.1580000000`, as in Google Analytics' client ids.
fn has_dotted_neighbour(clue: &Clue<'_>) -> bool {
    let is_digit_at = |at: Option<usize>| at.and_then(|at| clue.text.get(at)).is_some_and(u8::is_ascii_digit);
    let (start, end) = (clue.candidate.range.start, clue.candidate.range.end);
    let behind = clue.text.get(end) == Some(&b'.') && is_digit_at(end.checked_add(1));
    let ahead = before(clue) == Some(b'.') && is_digit_at(start.checked_sub(2));
    behind || ahead
}

/// `130903-0057`: a day of the month first when read backwards, hour and minute behind the dash.
fn is_file_stamp(clue: &Clue<'_>) -> bool {
    if clue.candidate.form == WrittenForm::Compact {
        return false;
    }
    let number = |tens: usize| {
        let digit = |at: usize| clue.candidate.digits.get(at).map_or(0, |digit| u32::from(digit - b'0'));
        digit(tens) * 10 + digit(tens + 1)
    };
    (1..=12).contains(&number(2)) && (1..=31).contains(&number(4)) && number(6) < 24 && number(8) < 60
}

fn is_asset_file(clue: &Clue<'_>) -> bool {
    let end = clue.candidate.range.end;
    let behind = clue.text.get(end..clue.text.len().min(end + ASSET_DISTANCE)).unwrap_or_default();
    let name: Vec<u8> =
        behind.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte)).copied().collect();
    ASSETS.iter().any(|ending| name.to_ascii_lowercase().ends_with(ending))
}

/// `1234-0101901234`: registration and account number of a bank (cpr-facts 1.5).
fn follows_four_digits(clue: &Clue<'_>) -> bool {
    let start = clue.candidate.range.start;
    let Some(head) = clue.text.get(start.saturating_sub(6)..start) else { return false };
    match head {
        [edge, digits @ .., b'-' | b' '] => {
            digits.len() == 4 && digits.iter().all(u8::is_ascii_digit) && !edge.is_ascii_digit()
        }
        _ => false,
    }
}

/// A time stamp of these years: from January to June 2027 Unix seconds pass the date check (cpr-facts, "Date bomb").
fn is_epoch_seconds(clue: &Clue<'_>) -> bool {
    if clue.candidate.form != WrittenForm::Compact {
        return false;
    }
    let seconds = clue.candidate.digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let Ok(stamp) = jiff::Timestamp::from_second(seconds) else { return false };
    let age = (clue.today - stamp.to_zoned(jiff::tz::TimeZone::UTC).date()).get_days();
    (-1..=OLDEST_STAMP).contains(&age)
}

fn before(clue: &Clue<'_>) -> Option<u8> {
    clue.candidate.range.start.checked_sub(1).and_then(|at| clue.text.get(at)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::candidates;

    fn judged(text: &str, name: &str, today: Date) -> Judgement {
        let candidate = candidates(text.as_bytes()).remove(0);
        let number = CprNumber::from_digits(candidate.digits).unwrap();
        judge(&Clue { candidate: &candidate, number, text: text.as_bytes(), name, context: "", today })
    }

    impl From<Evidence> for Judgement {
        fn from(evidence: Evidence) -> Self {
            Self::Sure(evidence)
        }
    }

    #[track_caller]
    fn case(text: &str, name: &str, expected: impl Into<Judgement>) {
        assert_eq!(judged(text, name, jiff::civil::date(2026, 11, 22)), expected.into(), "{name}={text}");
    }

    #[test]
    fn supports_raise_the_level() {
        case("0101901234", "x", Evidence::E4);
        case("0707614285", "x", Evidence::E3);
        case("0101901234", "cpr", Evidence::E3);
        case("010190-1234", "x", Evidence::E3);
        case("010190-1234", "cpr", Evidence::E3);
        case("0707614285", "cpr", Evidence::E2);
        case("070761-4285", "x", Evidence::E2);
        case("070761 4285", "x", Evidence::E3);
        case("CPR: 0707614285", "text", Evidence::E2);
    }

    #[test]
    fn doubts_lower_it_unless_the_number_is_named() {
        case("0707614285", "_ga", Evidence::E4);
        case("0707614285.1580000000", "x", Evidence::E4);
        case("GA1.2.1.0707614285", "x", Evidence::E4);
        case("tp3-130903-0057.jpg", "x", Evidence::E4);
        case("0707614285-min.js", "x", Evidence::E4);
        case("id0707614285", "x", Evidence::E4);
        case(" 1234-0707614285", "x", Evidence::E4);
        case("cpr0707614285", "x", Evidence::E2);
        case("0707614285.1", "cpr", Evidence::E2);
    }

    #[test]
    fn a_mere_date_with_a_doubt_is_a_look_alike() {
        case("1412218985", "cid", Judgement::LookAlike);
        case("1412218985.1764000000", "x", Judgement::LookAlike);
        case("1412218985", "x", Judgement::Sure(Evidence::E4));
    }

    #[test]
    fn unix_time_of_these_years_is_a_look_alike() {
        let in_spring = jiff::civil::date(2027, 3, 12);
        assert_eq!(judged("1804751235", "x", in_spring), Judgement::LookAlike);
        assert_eq!(judged("1804751234", "x", in_spring), Judgement::Sure(Evidence::E4), "it passes the check digit");
        assert_eq!(judged("1804751235", "cpr", in_spring), Judgement::Sure(Evidence::E3));
        assert_eq!(judged("1804751234", "x", jiff::civil::date(2026, 11, 22)), Judgement::Sure(Evidence::E3));
    }

    #[test]
    fn the_unborn_are_told_only_when_named_or_dashed() {
        case("0101455009", "cpr", Evidence::E3);
        case("010145-5009", "x", Evidence::E3);
        case("010145-5009", "cpr", Evidence::E3);
        case("0101455009", "x", Judgement::LookAlike);
        case("010145 5009", "x", Judgement::LookAlike);
        case("010145-5009.jpg", "x", Evidence::E4);
        case("010127-4234", "cpr", Evidence::E3);
        case("0101274234", "x", Judgement::LookAlike);
        assert_eq!(judged("0101274234", "x", jiff::civil::date(2027, 1, 2)), Judgement::Sure(Evidence::E4));
    }

    #[test]
    fn the_very_old_are_doubtful_unless_named() {
        case("0101271235", "cpr", Evidence::E3);
        case("0101010235", "x", Evidence::E4);
        case("0101010235", "cpr", Evidence::E3);
        case("010158-8001", "cpr", Evidence::E3);
        case("010158-8001", "x", Evidence::E4);
    }

    #[test]
    fn what_others_write_too_is_told_only_when_named() {
        case("19900101-1234", "x", Judgement::LookAlike);
        case("19900101-1234", "cpr", Evidence::E3);
        case("010119901234", "x", Judgement::LookAlike);
        case("cpr=010119901234", "x", Evidence::E3);
    }

    #[test]
    fn a_replacement_number_needs_its_name_or_its_dash() {
        case("6101901234", "x", Judgement::LookAlike);
        case("6101901234", "cpr", Evidence::E3);
        case("610190-1234", "x", Evidence::E3);
    }
}
