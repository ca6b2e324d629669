//! The Danish personal number: parsed once, masked always.
//!
//! Rules from cpr-facts section 1: the date, the century by the seventh digit, and the old check digit, which
//! numbers issued since 2007 need not pass. Whether a birth date lies in the future is for whoever knows the date.

use std::fmt;
use std::str::FromStr;

/// How a number that is no declared test person's is shown, everywhere.
pub const MASKED: &str = "xxxxxx-xxxx";

/// Weights of the modulus-11 check, first digit first (cpr-facts 1.2).
const MOD11_WEIGHTS: [u32; 10] = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

/// Added to the day of month in the replacement numbers that CPR-kontoret recommends (cpr-facts 1.4).
const REPLACEMENT_DAY_OFFSET: u8 = 60;

/// `MedCom`'s national test numbers (list of 2016; cpr-facts 1.4): public, of nobody, and for test systems alone.
const PUBLISHED: [&[u8; 10]; 30] = [
    b"0104909995",
    b"0104909989",
    b"0107729995",
    b"0108589995",
    b"0108629996",
    b"0201609995",
    b"0201609996",
    b"0201919990",
    b"0201919995",
    b"0201919996",
    b"0211223989",
    b"0212159995",
    b"0504909989",
    b"0504909995",
    b"0506889996",
    b"1007059995",
    b"1110109996",
    b"1310169995",
    b"1310169996",
    b"1502779995",
    b"1502799995",
    b"1502829995",
    b"1509819996",
    b"2103009996",
    b"2311143995",
    b"2509479989",
    b"2512489996",
    b"2911829996",
    b"3001749995",
    b"3103979995",
];

/// A personal number whose date exists and whose serial is not `0000`. Prints masked; [`CprNumber::reveal`] is the
/// only way to its digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CprNumber {
    digits: [u8; 10],
}

/// The birth date that a number says, with the century from its seventh digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BirthDate {
    /// Four digits, 1858-2057.
    pub year: u16,
    /// 1-12.
    pub month: u8,
    /// 1-31.
    pub day: u8,
}

/// Why a text is no personal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CprError {
    /// Not ten digits, with at most one dash after the sixth.
    #[error("a CPR number is ten digits, as in 010190-1234")]
    Shape,
    /// The first six digits, with the century from the seventh, are no date.
    #[error("its first six digits are no date")]
    Date,
    /// Serial `0000` is in no series (cpr-facts 1.1).
    #[error("its serial is 0000, which is never given")]
    Serial,
}

impl CprNumber {
    /// Parses `DDMMYYSSSS` or `DDMMYY-SSSS`.
    ///
    /// ```
    /// let cpr = model::CprNumber::parse("070761-4285").unwrap();
    /// assert!(cpr.passes_mod11());
    /// assert_eq!(cpr.to_string(), "xxxxxx-xxxx");
    /// ```
    pub fn parse(text: &str) -> Result<Self, CprError> {
        let bytes = text.as_bytes();
        let digits: Vec<u8> = match bytes.len() {
            10 => bytes.to_vec(),
            11 if bytes.get(6) == Some(&b'-') => bytes.iter().copied().filter(|b| *b != b'-').collect(),
            _ => return Err(CprError::Shape),
        };
        Self::from_digits(digits.try_into().map_err(|_| CprError::Shape)?)
    }

    /// Takes ten ASCII digits.
    pub fn from_digits(digits: [u8; 10]) -> Result<Self, CprError> {
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(CprError::Shape);
        }
        let number = Self { digits };
        if !number.birth_date().exists() {
            return Err(CprError::Date);
        }
        let [.., a, b, c, d] = digits;
        if [a, b, c, d] == *b"0000" {
            return Err(CprError::Serial);
        }
        Ok(number)
    }

    /// The birth date; for a replacement number the day without its offset.
    pub fn birth_date(&self) -> BirthDate {
        let [d1, d2, m1, m2, y1, y2, seventh, ..] = self.digits.map(|digit| digit - b'0');
        let short_year = u16::from(y1 * 10 + y2);
        let century = match (seventh, short_year) {
            (0..=3, _) | (4 | 9, 37..) => 1900,
            (4 | 9, _) | (_, ..=57) => 2000,
            (_, _) => 1800,
        };
        let day = d1 * 10 + d2;
        BirthDate {
            year: century + short_year,
            month: m1 * 10 + m2,
            day: if day > REPLACEMENT_DAY_OFFSET { day - REPLACEMENT_DAY_OFFSET } else { day },
        }
    }

    /// Whether the day of month is raised by 60, as in numbers for people without one (cpr-facts 1.4).
    pub fn is_replacement(&self) -> bool {
        let [tens, ..] = self.digits;
        tens >= b'6'
    }

    /// Whether the old check digit fits. Raises confidence when it does; says nothing when it does not.
    pub fn passes_mod11(&self) -> bool {
        let sum: u32 =
            self.digits.iter().zip(MOD11_WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        sum.is_multiple_of(11)
    }

    /// Whether the number can belong to nobody alive today: its birth date lies in 2037-2057.
    pub fn is_unassignable(&self) -> bool {
        self.birth_date().year >= 2037
    }

    /// Whether it is one of `MedCom`'s published test numbers.
    pub fn is_published_test_number(&self) -> bool {
        PUBLISHED.contains(&&self.digits)
    }

    /// The ten digits in clear. Only for a declared test number, for comparing, and for keyed tokens: say which
    /// where you call it.
    pub fn reveal(&self) -> String {
        self.digits.iter().map(|digit| char::from(*digit)).collect()
    }
}

impl BirthDate {
    fn exists(self) -> bool {
        jiff::civil::Date::new(
            i16::try_from(self.year).unwrap_or(0),
            i8::try_from(self.month).unwrap_or(0),
            i8::try_from(self.day).unwrap_or(0),
        )
        .is_ok()
    }
}

impl FromStr for CprNumber {
    type Err = CprError;

    fn from_str(text: &str) -> Result<Self, CprError> {
        Self::parse(text)
    }
}

impl fmt::Display for CprNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASKED)
    }
}

impl fmt::Debug for CprNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASKED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn born(text: &str, year: u16, month: u8, day: u8) {
        assert_eq!(CprNumber::parse(text).unwrap().birth_date(), BirthDate { year, month, day });
    }

    #[track_caller]
    fn refused(text: &str, error: CprError) {
        assert_eq!(CprNumber::parse(text), Err(error), "{text}");
    }

    #[test]
    fn a_number_prints_masked() {
        let cpr = CprNumber::parse("010190-1234").unwrap();
        assert_eq!(format!("{cpr} {cpr:?}"), "xxxxxx-xxxx xxxxxx-xxxx");
    }

    #[test]
    fn a_dash_is_optional() {
        assert_eq!(CprNumber::parse("0101901234"), CprNumber::parse("010190-1234"));
    }

    #[test]
    fn the_seventh_digit_gives_the_century() {
        born("010136-3001", 1936, 1, 1);
        born("010137-3001", 1937, 1, 1);
        born("010199-3001", 1999, 1, 1);
        born("010136-4001", 2036, 1, 1);
        born("010137-4001", 1937, 1, 1);
        born("010136-9001", 2036, 1, 1);
        born("010158-9001", 1958, 1, 1);
        born("010136-5001", 2036, 1, 1);
        born("010157-8001", 2057, 1, 1);
        born("010158-8001", 1858, 1, 1);
        born("010199-5001", 1899, 1, 1);
    }

    #[test]
    fn a_leap_day_is_checked_against_its_century() {
        refused("290200-0001", CprError::Date);
        born("290200-4001", 2000, 2, 29);
    }

    #[test]
    fn a_replacement_number_has_its_day_raised_by_sixty() {
        let cpr = CprNumber::parse("610190-1234").unwrap();
        assert!(cpr.is_replacement());
        assert_eq!(cpr.birth_date().day, 1);
        refused("600190-1234", CprError::Date);
        refused("920190-1234", CprError::Date);
    }

    #[test]
    fn other_shapes_are_refused() {
        refused("", CprError::Shape);
        refused("010190 1234", CprError::Shape);
        refused("01019012345", CprError::Shape);
        refused("010190-123a", CprError::Shape);
        refused("0101901234ø", CprError::Shape);
        refused("321390-1234", CprError::Date);
        refused("010190-0000", CprError::Serial);
    }

    #[test]
    fn the_check_digit_is_told_apart() {
        assert!(CprNumber::parse("070761-4285").unwrap().passes_mod11());
        assert!(!CprNumber::parse("010190-1234").unwrap().passes_mod11());
    }

    #[test]
    fn births_from_2037_on_are_unassignable() {
        assert!(CprNumber::parse("010145-5001").unwrap().is_unassignable());
        assert!(!CprNumber::parse("010190-1234").unwrap().is_unassignable());
    }

    #[test]
    fn medcoms_numbers_are_known() {
        assert!(CprNumber::parse("251248-9996").unwrap().is_published_test_number());
        assert!(!CprNumber::parse("070761-4285").unwrap().is_published_test_number());
        assert!(PUBLISHED.iter().all(|digits| CprNumber::from_digits(**digits).is_ok()));
    }
}
