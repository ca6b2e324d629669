//! Every plausible number, in the order they are tried: day by day, and of each day the serials that its century allows.
//!
//! Plausible is who may live. Numbers of people born after today, which only declared test persons have, are left out:
//! they are known already (see [`super::canaries`]).

use jiff::civil::{Date, date};

use super::sweep::Spelling;

/// First birth date tried: nobody alive is known to be born before (cpr-facts 1.1).
pub(super) const BORN_FROM: Date = date(1910, 1, 1);

/// Added to the day of month in replacement numbers (cpr-facts 1.4).
const REPLACEMENT_DAY_OFFSET: u8 = 60;

/// Weights of the modulus-11 check, first digit first (cpr-facts 1.2).
const MOD11_WEIGHTS: [u8; 10] = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

/// Remainders of that check.
const REMAINDERS: u8 = 11;

/// The padding's first byte behind a message.
const PADDING: u8 = 0x80;

/// A birth date as numbers begin with it, and the seventh digits of its century.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day {
    /// Values 0-9.
    digits: [u8; 6],
    sevenths: &'static [u8],
}

/// Which numbers of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Those that pass the modulus-11 check.
    Valid,
    /// Those that do not.
    Rest,
    /// Those of replacement persons, day raised by 60, that pass the check.
    ValidReplacements,
}

/// The beginning that some numbers share: the first two words of the message, and what the check makes of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefix {
    pub(super) first: u32,
    pub(super) second: u32,
    remainder: u8,
}

/// The third words of the messages, by the remainder of the digits before.
pub(super) struct Endings {
    by_remainder: Vec<Vec<u32>>,
}

/// The birth dates from `from` to `to`.
pub(super) fn days(from: Date, to: Date) -> Vec<Day> {
    let mut days = Vec::new();
    let mut next = Some(from);
    while let Some(date) = next.filter(|date| *date <= to) {
        days.extend(Day::new(date));
        next = date.tomorrow().ok();
    }
    days
}

impl Day {
    /// `None` if no number can say that date.
    fn new(date: Date) -> Option<Self> {
        let sevenths: &[u8] = match date.year() {
            1858..=1899 | 2037..=2057 => &[5, 6, 7, 8],
            1900..=1936 => &[0, 1, 2, 3],
            1937..=1999 => &[0, 1, 2, 3, 4, 9],
            2000..=2036 => &[4, 5, 6, 7, 8, 9],
            _ => return None,
        };
        let two = |value: u8| [value / 10, value % 10];
        let year = u8::try_from(date.year() % 100).ok()?;
        let digits = [two(date.day().unsigned_abs()), two(date.month().unsigned_abs()), two(year)].concat();
        Some(Self { digits: digits.try_into().ok()?, sevenths })
    }

    fn replaced(mut self) -> Self {
        let [tens, ..] = &mut self.digits;
        *tens += REPLACEMENT_DAY_OFFSET / 10;
        self
    }

    /// The beginnings of its numbers.
    pub(super) fn prefixes(self, spelling: Spelling, part: Part) -> impl Iterator<Item = Prefix> {
        let day = match part {
            Part::Valid | Part::Rest => self,
            Part::ValidReplacements => self.replaced(),
        };
        // Dashed, the eighth digit stands in the third word.
        let eighths = match spelling {
            Spelling::Compact => 0..10,
            Spelling::Dashed => 0..1,
        };
        let of_date = remainder(day.digits.into_iter().zip(MOD11_WEIGHTS));
        day.sevenths
            .iter()
            .flat_map(move |seventh| eighths.clone().map(move |eighth| day.prefix(spelling, of_date, *seventh, eighth)))
    }

    fn prefix(self, spelling: Spelling, of_date: u8, seventh: u8, eighth: u8) -> Prefix {
        let [day_and_month @ .., tens, ones] = self.digits.map(|digit| b'0' + digit);
        let second = match spelling {
            Spelling::Compact => [tens, ones, b'0' + seventh, b'0' + eighth],
            Spelling::Dashed => [tens, ones, b'-', b'0' + seventh],
        };
        let [_, _, _, _, _, _, for_seventh, for_eighth, ..] = MOD11_WEIGHTS;
        Prefix {
            first: u32::from_be_bytes(day_and_month),
            second: u32::from_be_bytes(second),
            // An eighth that is not written yet is 0, and adds nothing.
            remainder: (of_date + seventh * for_seventh + eighth * for_eighth) % REMAINDERS,
        }
    }
}

impl Endings {
    pub(super) fn new(spelling: Spelling, part: Part) -> Self {
        let by_remainder = (0..REMAINDERS).map(|before| of_remainder(spelling, part, before)).collect();
        Self { by_remainder }
    }

    /// Those that make plausible numbers with `prefix`.
    pub(super) fn after(&self, prefix: Prefix) -> &[u32] {
        self.by_remainder.get(usize::from(prefix.remainder)).map(Vec::as_slice).unwrap_or_default()
    }
}

fn of_remainder(spelling: Spelling, part: Part, before: u8) -> Vec<u32> {
    let eighths = match spelling {
        Spelling::Compact => 0..1,
        Spelling::Dashed => 0..10,
    };
    let endings = eighths.flat_map(|eighth| (0..100).map(move |last_two: u8| [eighth, last_two / 10, last_two % 10]));
    let [.., for_eighth, for_ninth, for_tenth] = MOD11_WEIGHTS;
    endings
        .filter(|ending| {
            let sum = before + remainder(ending.iter().copied().zip([for_eighth, for_ninth, for_tenth]));
            let is_valid = sum.is_multiple_of(REMAINDERS);
            match part {
                Part::Valid | Part::ValidReplacements => is_valid,
                Part::Rest => !is_valid,
            }
        })
        .map(|ending| {
            let [eighth, ninth, tenth] = ending.map(|digit| b'0' + digit);
            u32::from_be_bytes(match spelling {
                Spelling::Compact => [ninth, tenth, PADDING, 0],
                Spelling::Dashed => [eighth, ninth, tenth, PADDING],
            })
        })
        .collect()
}

fn remainder(weighted: impl Iterator<Item = (u8, u8)>) -> u8 {
    // At most ten products of 9 * 7: no overflow in 16 bits.
    let sum: u16 = weighted.map(|(digit, weight)| u16::from(digit * weight)).sum();
    u8::try_from(sum % u16::from(REMAINDERS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(part: Part, spelling: Spelling) -> usize {
        let endings = Endings::new(spelling, part);
        let days = days(BORN_FROM, date(2026, 11, 22));
        days.iter().flat_map(|day| day.prefixes(spelling, part)).map(|prefix| endings.after(prefix).len()).sum()
    }

    #[test]
    fn the_space_is_as_large_as_counted_elsewhere() {
        for spelling in [Spelling::Compact, Spelling::Dashed] {
            assert_eq!(count(Part::Valid, spelling), 21_495_090);
            assert_eq!(count(Part::Valid, spelling) + count(Part::Rest, spelling), 236_446_000);
        }
    }

    #[test]
    fn what_is_tried_is_a_number_with_and_without_its_check_digit() {
        for day in days(date(2000, 2, 27), date(2000, 3, 2)) {
            for part in [Part::Valid, Part::Rest, Part::ValidReplacements] {
                for spelling in [Spelling::Compact, Spelling::Dashed] {
                    check(day, part, spelling);
                }
            }
        }
        assert_eq!(days(date(2000, 2, 27), date(2000, 3, 2)).len(), 5);
    }

    fn check(day: Day, part: Part, spelling: Spelling) {
        let endings = Endings::new(spelling, part);
        for prefix in day.prefixes(spelling, part) {
            for third in endings.after(prefix) {
                let bytes = [prefix.first, prefix.second, *third].map(u32::to_be_bytes).concat();
                let text = std::str::from_utf8(bytes.split(|byte| *byte == PADDING).next().unwrap()).unwrap();
                assert_eq!(text.len(), if spelling == Spelling::Dashed { 11 } else { 10 });
                let number: model::CprNumber = text.parse().unwrap();
                assert_eq!(number.birth_date().year, 2000);
                assert_eq!(number.passes_mod11(), part != Part::Rest);
                assert_eq!(number.is_replacement(), part == Part::ValidReplacements);
            }
        }
    }

    #[test]
    fn years_that_no_number_says_have_no_days() {
        assert!(days(date(2058, 1, 1), date(2059, 1, 1)).is_empty());
        assert!(days(date(2026, 1, 1), date(2025, 1, 1)).is_empty());
    }
}
