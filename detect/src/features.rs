//! What speaks for and against a candidate: a table of features with their weights (cpr-facts 5.1).
//!
//! A new feature is one row and its test.

use std::cell::OnceCell;

use jiff::civil::Date;
use model::{BirthDate, CprNumber, Score, WrittenForm};

use crate::candidate::Candidate;
use crate::names;

/// Nobody alive was born before: a number that says so is hardly one (cpr-facts 1.1, 5.1).
const OLDEST_AGE: i16 = 115;

/// Oldest time stamp that telemetry still sends, in days: analytics keep a visitor's first visit for two years.
const OLDEST_STAMP: i32 = 730;

/// Newest, likewise: what expires within a year is stamped so.
const NEWEST_STAMP: i32 = -366;

/// Oldest version of a program still met that is named by its day, in years.
const OLDEST_VERSION: i64 = 12;

/// Years whose first of January has numbers without check digit (cpr-facts 1.2, the list of 2023-05-10).
const WITHOUT_CHECK_DIGIT: [u16; 26] = [
    1960, 1962, 1964, 1965, 1966, 1967, 1969, 1970, 1974, 1975, 1978, 1980, 1981, 1982, 1983, 1984, 1985, 1986, 1987,
    1988, 1989, 1990, 1991, 1992, 1994, 1995,
];

/// Endings of file names in which ten digits are a version or a time stamp.
const ASSETS: [&[u8]; 12] =
    [b".jpg", b".jpeg", b".png", b".gif", b".svg", b".webp", b".js", b".css", b".woff", b".woff2", b".mp4", b".ico"];

/// How far behind a number its file's ending is looked for, in bytes.
const ASSET_DISTANCE: usize = 40;

/// A number with all that may speak for and against it.
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
    /// The day on which it was sent.
    pub(crate) sent: Date,
    /// Whether something says that this is a personal number, once it was asked: several features ask.
    pub(crate) is_named: OnceCell<bool>,
}

/// What a slot's verdict is called among the features.
pub(crate) const SLOT: &str = "slot";

/// That some number makes a digest.
pub(crate) const UNDONE: &str = "undone";

/// A feature: whether it applies to a clue, and its points then.
struct Feature {
    id: &'static str,
    /// For ten digits in a row, and for those with something between.
    points: [i8; 2],
    applies: fn(&Clue<'_>) -> bool,
    /// Whether a name outweighs it: shapes of other things do not count against a number that is named.
    is_of_shape: bool,
}

const fn feature(id: &'static str, points: i8, applies: fn(&Clue<'_>) -> bool) -> Feature {
    Feature { id, points: [points, points], applies, is_of_shape: false }
}

const fn shape(id: &'static str, points: [i8; 2], applies: fn(&Clue<'_>) -> bool) -> Feature {
    Feature { id, points, applies, is_of_shape: true }
}

/// Every feature, those that speak for a number first.
///
/// Other than in cpr-facts 5.1, no single doubt takes a number with its check digit below E4, so that it is still told,
/// and a cookie is none: the number that a site keeps there is as real as elsewhere.
const FEATURES: [Feature; 22] = [
    feature("named", 6, is_named),
    feature("named-nearby", 4, |clue| !is_named(clue) && names::is_strong(clue.context)),
    feature("dashed", 3, is_dashed),
    feature("separated", 1, |clue| clue.candidate.form == WrittenForm::Spaced),
    feature("mod-11", 2, |clue| clue.number.passes_mod11()),
    feature("no-mod-11", -1, |clue| !clue.number.passes_mod11() && !may_lack_check_digit(clue)),
    feature("weak-name", 1, |clue| names::is_weak(clue.name)),
    feature("whole-value", 1, |clue| clue.is_whole() && clue.name.is_empty()),
    shape("unborn", [-5, -5], |clue| is_born_after(clue.birth(), clue.today) && !is_dashed(clue)),
    shape("replacement", [-5, -5], |clue| clue.number.is_replacement() && !is_dashed(clue)),
    shape("very-old", [-3, -3], |clue| is_too_old(clue.birth(), clue.today)),
    shape("random-id-name", [-3, -2], is_in_random_id),
    shape("dotted-neighbour", [-3, -3], has_dotted_neighbour),
    shape("epoch-seconds", [-3, 0], is_epoch_seconds),
    shape("date-stamp", [-2, 0], is_date_stamp),
    shape("date-and-time", [0, -5], is_date_and_time),
    shape("file-stamp", [0, -2], is_file_stamp),
    shape("asset-file", [-3, -4], is_asset_file),
    shape("glued-to-letters", [-2, -2], |clue| clue.before().is_some_and(|byte| byte.is_ascii_alphabetic())),
    shape("other-number-name", [-3, -3], |clue| names::is_other_number(clue.name)),
    shape("date-and-year", [0, -3], is_date_and_year),
    shape("account-number", [-3, -3], follows_four_digits),
];

/// The ids of all features, and of what a whole scan and its sweep add.
pub fn feature_ids() -> impl Iterator<Item = &'static str> {
    FEATURES.iter().map(|feature| feature.id).chain([SLOT, UNDONE])
}

/// The features that apply to `clue`, with their points.
pub(crate) fn scores(clue: &Clue<'_>) -> Vec<Score> {
    let named = is_named(clue);
    let form = usize::from(!clue.is_compact());
    FEATURES
        .iter()
        .filter(|feature| !(named && feature.is_of_shape) && (feature.applies)(clue))
        .map(|feature| Score { id: feature.id, points: feature.points.get(form).copied().unwrap_or(0) })
        .filter(|score| score.points != 0)
        .collect()
}

impl Clue<'_> {
    pub(crate) fn birth(&self) -> BirthDate {
        self.number.birth_date()
    }

    /// `login_hint=sub:<CPR>`, as identity brokers document it (cpr-facts 1.6).
    fn is_subject_hint(&self) -> bool {
        let before = self.text.get(..self.candidate.range.start).unwrap_or_default();
        before == b"sub:" && self.name.ends_with("login_hint")
    }

    fn is_compact(&self) -> bool {
        self.candidate.form == WrittenForm::Compact
    }

    fn is_whole(&self) -> bool {
        self.candidate.range == (0..self.text.len())
    }

    fn before(&self) -> Option<u8> {
        self.candidate.range.start.checked_sub(1).and_then(|at| self.text.get(at)).copied()
    }

    /// Two digits of it as a number.
    fn two(&self, at: usize) -> u32 {
        let digit = |at: usize| self.candidate.digits.get(at).map_or(0, |digit| u32::from(digit - b'0'));
        digit(at) * 10 + digit(at + 1)
    }
}

/// Whether something says that this is a personal number.
pub(crate) fn is_named(clue: &Clue<'_>) -> bool {
    let is_named = || {
        names::is_strong(clue.name)
            || names::is_named_in_text(clue.text, clue.candidate.range.start)
            || clue.is_subject_hint()
    };
    *clue.is_named.get_or_init(is_named)
}

/// Written as CPR numbers are: with a dash, or with all of the date.
fn is_dashed(clue: &Clue<'_>) -> bool {
    matches!(clue.candidate.form, WrittenForm::Dashed | WrittenForm::LongYear)
}

/// A text with blanks in it is no random id, whatever its name.
fn is_in_random_id(clue: &Clue<'_>) -> bool {
    names::is_random_id(clue.name) && !clue.text.contains(&b' ')
}

pub(crate) fn is_born_after(birth: BirthDate, today: Date) -> bool {
    let (year, month, day) = (today.year(), today.month(), today.day());
    (i32::from(birth.year), i32::from(birth.month), i32::from(birth.day)) > (year.into(), month.into(), day.into())
}

fn is_too_old(birth: BirthDate, today: Date) -> bool {
    i32::from(birth.year) < i32::from(today.year()) - i32::from(OLDEST_AGE)
}

fn may_lack_check_digit(clue: &Clue<'_>) -> bool {
    let birth = clue.birth();
    (birth.day, birth.month) == (1, 1) && WITHOUT_CHECK_DIGIT.contains(&birth.year)
}

/// `1234567890.1580000000`, as in Google Analytics' client ids.
fn has_dotted_neighbour(clue: &Clue<'_>) -> bool {
    let is_digit_at = |at: Option<usize>| at.and_then(|at| clue.text.get(at)).is_some_and(u8::is_ascii_digit);
    let (start, end) = (clue.candidate.range.start, clue.candidate.range.end);
    let behind = clue.text.get(end) == Some(&b'.') && is_digit_at(end.checked_add(1));
    let ahead = clue.before() == Some(b'.') && is_digit_at(start.checked_sub(2));
    behind || ahead
}

/// A time stamp of these years: from January to June 2027 Unix seconds pass the date check (cpr-facts, "Date bomb").
fn is_epoch_seconds(clue: &Clue<'_>) -> bool {
    if !clue.is_compact() {
        return false;
    }
    let seconds = clue.candidate.digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let Ok(stamp) = jiff::Timestamp::from_second(seconds) else { return false };
    let age = (clue.sent - stamp.to_zoned(jiff::tz::TimeZone::UTC).date()).get_days();
    (NEWEST_STAMP..=OLDEST_STAMP).contains(&age)
}

/// `2010071617`, `2504241707`: a year, month and day first, then an hour or a count.
fn is_date_stamp(clue: &Clue<'_>) -> bool {
    if !clue.is_compact() {
        return false;
    }
    let is_day = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
    let with_century = matches!(clue.two(0), 19 | 20) && is_day(clue.two(4), clue.two(6)) && clue.two(8) < 24;
    let age = i64::from(clue.today.year()) - 2000 - i64::from(clue.two(0));
    let is_of_these_years = (0..OLDEST_VERSION).contains(&age);
    let short = is_of_these_years && is_day(clue.two(2), clue.two(4)) && clue.two(6) < 24 && clue.two(8) < 60;
    with_century || short
}

/// `22-11-26-1640`: a day of these years with hour and minute. As a number it would be a centenarian's.
fn is_date_and_time(clue: &Clue<'_>) -> bool {
    let age = i64::from(clue.today.year()) - 2000 - i64::from(clue.two(4));
    clue.candidate.form == WrittenForm::LongYear
        && clue.birth().year < 2000
        && (0..OLDEST_VERSION).contains(&age)
        && clue.two(6) < 24
        && clue.two(8) < 60
}

/// `281117-2017`: a day, and its year once more.
fn is_date_and_year(clue: &Clue<'_>) -> bool {
    let year = clue.two(6) * 100 + clue.two(8);
    !clue.is_compact() && (year == 1900 + clue.two(4) || year == 2000 + clue.two(4))
}

/// `130903-0057`: a year first, hour and minute behind the dash.
fn is_file_stamp(clue: &Clue<'_>) -> bool {
    let is_separated = !clue.is_compact() && clue.candidate.form != WrittenForm::LongYear;
    let is_date = (1..=12).contains(&clue.two(2)) && (1..=31).contains(&clue.two(4));
    let is_now = i64::from(clue.two(0)) <= i64::from(clue.today.year()) - 2000;
    is_separated && is_date && is_now && clue.two(6) < 24 && clue.two(8) < 60
}

fn is_asset_file(clue: &Clue<'_>) -> bool {
    let after = clue.text.get(clue.candidate.range.end..).unwrap_or_default();
    let after = after.get(..ASSET_DISTANCE).unwrap_or(after);
    let word = after.split(|byte| !byte.is_ascii_alphanumeric() && !b"._-".contains(byte)).next().unwrap_or_default();
    let lower = word.to_ascii_lowercase();
    ASSETS.iter().any(|ending| lower.ends_with(ending))
}

/// `1234-0101901234`: a bank's registration number before ten digits of account.
fn follows_four_digits(clue: &Clue<'_>) -> bool {
    let before = clue.text.get(..clue.candidate.range.start).unwrap_or_default();
    let at = before.len().saturating_sub(6);
    match before.get(at..).unwrap_or_default() {
        [digits @ .., b'-' | b' '] if digits.len() == 4 => digits.iter().all(u8::is_ascii_digit),
        [edge, digits @ .., b'-' | b' '] => {
            digits.len() == 4 && digits.iter().all(u8::is_ascii_digit) && !edge.is_ascii_digit()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::candidates;

    /// The features of the first number in `text`, named `name`, in the order of the table.
    fn features(text: &str, name: &str, today: Date) -> Vec<(&'static str, i8)> {
        let candidate = candidates(text.as_bytes()).remove(0);
        let number = CprNumber::from_digits(candidate.digits).unwrap();
        let context = if name == "beside" { "cpr" } else { "" };
        let clue = Clue {
            candidate: &candidate,
            number,
            text: text.as_bytes(),
            name,
            context,
            today,
            sent: today,
            is_named: OnceCell::new(),
        };
        scores(&clue).into_iter().map(|score| (score.id, score.points)).collect()
    }

    #[track_caller]
    fn case(text: &str, name: &str, expected: &[(&str, i8)]) {
        assert_eq!(features(text, name, jiff::civil::date(2026, 11, 22)), expected, "{name}={text}");
    }

    #[test]
    fn every_feature_has_its_case() {
        let text_and_name = [
            ("010145-5001", "cpr", "named"),
            ("010145-5001", "beside", "named-nearby"),
            ("0707614285", "kontonr", "other-number-name"),
            ("281117-2017", "x", "date-and-year"),
            ("010145-5001", "x", "dashed"),
            ("070761 4285", "x", "separated"),
            ("0707614285", "x", "mod-11"),
            ("0707614286", "x", "no-mod-11"),
            ("0707614285", "userId", "weak-name"),
            ("0707614285", "", "whole-value"),
            ("0101455009", "x", "unborn"),
            ("6707614285", "x", "replacement"),
            ("0101010235", "x", "very-old"),
            ("0707614285", "_ga", "random-id-name"),
            ("0707614285.15", "x", "dotted-neighbour"),
            ("2010071617", "x", "date-stamp"),
            ("22-11-24-1540", "x", "date-and-time"),
            ("130903-0057", "x", "file-stamp"),
            ("0707614285.min.js", "x", "asset-file"),
            ("id0707614285", "x", "glued-to-letters"),
            ("1234-0707614285", "x", "account-number"),
        ];
        let spring = jiff::civil::date(2027, 3, 12);
        let mut seen: Vec<&str> = vec!["epoch-seconds"];
        assert!(features("1804751235", "x", spring).contains(&("epoch-seconds", -3)));
        for (text, name, id) in text_and_name {
            let found = features(text, name, jiff::civil::date(2026, 11, 22));
            assert!(found.iter().any(|(other, _)| *other == id), "{name}={text}: {found:?}");
            seen.push(id);
        }
        for feature in &FEATURES {
            assert!(seen.contains(&feature.id), "{} has no case", feature.id);
        }
    }

    #[test]
    fn a_sentence_is_no_random_id() {
        case("sag 0707614285", "t", &[("mod-11", 2)]);
    }

    #[test]
    fn a_name_outweighs_what_a_shape_says() {
        case("0707614285.15", "cpr", &[("named", 6), ("mod-11", 2)]);
        case("sub:0707614285", "login_hint", &[("named", 6), ("mod-11", 2), ("weak-name", 1)]);
    }

    #[test]
    fn first_of_january_may_lack_the_check_digit_in_listed_years() {
        case("0101901234", "x", &[]);
        case("0101911234", "x", &[]);
        case("0101631234", "x", &[("no-mod-11", -1)]);
        case("0201901234", "x", &[("no-mod-11", -1)]);
    }
}
