//! What was found: a CPR number, or one of the health service's replacement numbers with letters in it.

use std::fmt;

use model::{CprNumber, MASKED};

/// A personal number in one of its two alphabets. Prints masked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Number {
    /// Ten digits.
    Cpr(CprNumber),
    /// `DDMMYY` and four more with letters among them, in capitals (cpr-facts 1.4).
    Letters([u8; 10]),
}

impl Number {
    /// What tells it from others: for the keyed token only.
    pub(crate) fn reveal(&self) -> String {
        match self {
            Self::Cpr(number) => number.reveal(),
            Self::Letters(text) => text.iter().map(|byte| char::from(*byte)).collect(),
        }
    }

    /// The CPR number, if it is one.
    pub(crate) fn cpr(&self) -> Option<&CprNumber> {
        match self {
            Self::Cpr(number) => Some(number),
            Self::Letters(_) => None,
        }
    }
}

impl From<CprNumber> for Number {
    fn from(number: CprNumber) -> Self {
        Self::Cpr(number)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASKED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_print_masked() {
        let cpr = Number::Cpr("010145-5001".parse().unwrap());
        assert_eq!(format!("{cpr:?} {:?}", Number::Letters(*b"0203291WQ3")), "xxxxxx-xxxx xxxxxx-xxxx");
    }
}
