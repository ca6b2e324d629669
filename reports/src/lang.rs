//! The two languages of a report, and how numbers and dates are written in each.
//!
//! A [`Text`] holds both, so a text that lacks one does not compile.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A language that reports are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    /// Danish.
    Da,
    /// English.
    En,
}

/// A text that names no language reports are written in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no reports in the language `{0}`: da or en")]
pub struct LangError(pub String);

/// One text in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) da: &'static str,
    pub(crate) en: &'static str,
}

/// A noun that is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) one: Text,
    pub(crate) many: Text,
}

const MONTHS_DA: [&str; 12] = [
    "januar",
    "februar",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "december",
];

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Small numbers are words in running text; the Danish one is of common gender.
const WORDS_DA: [&str; 13] =
    ["ingen", "én", "to", "tre", "fire", "fem", "seks", "syv", "otte", "ni", "ti", "elleve", "tolv"];

const WORDS_EN: [&str; 13] =
    ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Da, Self::En];

    /// Its code in BCP 47, in file names and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Da => "da",
            Self::En => "en",
        }
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Da => Self::En,
            Self::En => Self::Da,
        }
    }

    /// Its name in itself.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Self::Da => "Dansk",
            Self::En => "English",
        }
    }

    /// `4.735` or `4,735`.
    pub(crate) fn number(self, number: u64) -> String {
        let separator = match self {
            Self::Da => '.',
            Self::En => ',',
        };
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }

    /// `tre`, from thirteen on `13`.
    pub(crate) fn word(self, number: u64) -> String {
        let words = match self {
            Self::Da => WORDS_DA,
            Self::En => WORDS_EN,
        };
        usize::try_from(number)
            .ok()
            .and_then(|at| words.get(at))
            .map_or_else(|| self.number(number), |word| (*word).to_owned())
    }

    /// `2. februar 2015` or `2 February 2015`, in UTC.
    pub(crate) fn date(self, time: Timestamp) -> String {
        let time = utc(time);
        let at = usize::try_from(time.month() - 1).unwrap_or_default();
        let (months, dot) = match self {
            Self::Da => (MONTHS_DA, "."),
            Self::En => (MONTHS_EN, ""),
        };
        format!("{}{dot} {} {}", time.day(), months.get(at).copied().unwrap_or_default(), time.year())
    }

    /// The same of a day.
    pub(crate) fn day(self, day: Date) -> String {
        // A day that is no moment is beyond all calendars in use.
        day.to_zoned(TimeZone::UTC).map_or_else(|_| day.to_string(), |zoned| self.date(zoned.timestamp()))
    }

    /// `13.05` or `13:05`, in UTC.
    pub(crate) fn hour(self, time: Timestamp) -> String {
        let time = utc(time);
        let separator = match self {
            Self::Da => '.',
            Self::En => ':',
        };
        format!("{:02}{separator}{:02}", time.hour(), time.minute())
    }

    /// `2. februar 2015 kl. 13.05 UTC` or `2 February 2015, 13:05 UTC`.
    pub(crate) fn moment(self, time: Timestamp) -> String {
        let between = match self {
            Self::Da => " kl. ",
            Self::En => ", ",
        };
        format!("{}{between}{} UTC", self.date(time), self.hour(time))
    }

    /// From one moment to another, the day only once when it is the same.
    pub(crate) fn span(self, from: Timestamp, to: Timestamp) -> String {
        if self.date(from) != self.date(to) {
            return format!("{} – {}", self.moment(from), self.moment(to));
        }
        if self.hour(from) == self.hour(to) {
            return self.moment(from);
        }
        let between = match self {
            Self::Da => " kl. ",
            Self::En => ", ",
        };
        format!("{}{between}{}–{} UTC", self.date(from), self.hour(from), self.hour(to))
    }

    /// `a, b og c`.
    pub(crate) fn list(self, items: &[String]) -> String {
        let and = match self {
            Self::Da => "og",
            Self::En => "and",
        };
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
        }
    }
}

impl Text {
    /// The text in `lang`.
    pub(crate) const fn to(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Da => self.da,
            Lang::En => self.en,
        }
    }
}

impl Counted {
    /// `1 side`, `4.735 sider`.
    pub(crate) fn of(self, number: u64, lang: Lang) -> String {
        format!("{} {}", lang.number(number), self.noun(number, lang))
    }

    /// `én side`, `to sider`, `13 sider`.
    pub(crate) fn in_words(self, number: u64, lang: Lang) -> String {
        format!("{} {}", lang.word(number), self.noun(number, lang))
    }

    /// The noun alone, as it goes with `number`.
    pub(crate) fn noun(self, number: u64, lang: Lang) -> &'static str {
        if number == 1 { self.one.to(lang) } else { self.many.to(lang) }
    }
}

impl FromStr for Lang {
    type Err = LangError;

    fn from_str(text: &str) -> Result<Self, LangError> {
        Self::ALL.into_iter().find(|lang| lang.as_str() == text).ok_or_else(|| LangError(text.to_owned()))
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// With its first letter in upper case.
pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn utc(time: Timestamp) -> DateTime {
    time.to_zoned(TimeZone::UTC).datetime()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_language_is_read_from_its_code() {
        assert_eq!("da".parse(), Ok(Lang::Da));
        assert_eq!("en".parse(), Ok(Lang::En));
        assert_eq!("DK".parse::<Lang>(), Err(LangError("DK".to_owned())));
    }

    #[test]
    fn numbers_are_grouped_by_language() {
        assert_eq!(Lang::Da.number(4735), "4.735");
        assert_eq!(Lang::En.number(4735), "4,735");
        assert_eq!(Lang::Da.number(0), "0");
        assert_eq!(Lang::En.number(999), "999");
        assert_eq!(Lang::Da.number(u64::MAX), "18.446.744.073.709.551.615");
    }

    #[test]
    fn dates_are_written_by_language_and_say_utc() {
        let start = time("2015-02-02T13:05:59+01:00");
        assert_eq!(Lang::Da.moment(start), "2. februar 2015 kl. 12.05 UTC");
        assert_eq!(Lang::En.moment(start), "2 February 2015, 12:05 UTC");
    }

    #[test]
    fn a_span_names_its_day_once() {
        let (start, end) = (time("2015-02-02T09:00:00Z"), time("2015-02-02T09:04:00Z"));
        assert_eq!(Lang::En.span(start, end), "2 February 2015, 09:00–09:04 UTC");
        assert_eq!(Lang::Da.span(start, start), "2. februar 2015 kl. 09.00 UTC");
        let later = time("2020-02-02T09:04:00Z");
        assert_eq!(Lang::En.span(start, later), "2 February 2015, 09:00 UTC – 2 February 2020, 09:04 UTC");
    }

    #[test]
    fn times_at_the_ends_of_the_calendar_are_written() {
        assert_eq!(Lang::En.date(Timestamp::MIN), "2 January -9999");
        assert_eq!(Lang::En.date(Timestamp::MAX), "30 December 9999");
    }

    #[test]
    fn lists_end_with_and() {
        let names = ["A", "B", "C"].map(str::to_owned);
        assert_eq!(Lang::Da.list(&names), "A, B og C");
        assert_eq!(Lang::En.list(names.get(..2).unwrap()), "A and B");
        assert_eq!(Lang::En.list(&[]), "");
    }

    #[test]
    fn small_numbers_are_words() {
        assert_eq!(capitalised(&Lang::Da.word(3)), "Tre");
        assert_eq!(Lang::En.word(13), "13");
        assert_eq!(capitalised("én"), "Én");
        assert_eq!(capitalised(""), "");
    }
}
