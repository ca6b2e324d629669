//! How sure it is that a candidate is somebody's CPR number: the points of its features, cut into levels.
//!
//! DESIGN.md's levels hold whatever the points: without the check digit there is no E2, and a date with name, dash or
//! check digit is E3 unless something speaks against it.

use model::{Evidence, Score};

use crate::features::{Clue, is_born_after, is_named, scores};
use crate::names::is_strong;

/// From here on a number with its check digit is definite: named, or written with a dash.
const DEFINITE: i8 = 5;

/// From here on it is probable: a name, a dash or the check digit with nothing against it.
const PROBABLE: i8 = 2;

/// From here on it is possible: a date with nothing for it and nothing against it but the missing check digit.
const POSSIBLE: i8 = -1;

/// What a candidate comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// A date by chance: nothing speaks for it and something against it. Counted, not told (cpr-facts 5.1).
    LookAlike,
    /// It may be somebody's, this surely. Of one that nobody can have, this surely: the place leaks such numbers.
    Sure(Evidence),
}

/// Judges a candidate that is no declared test number, and says why.
///
/// One that nobody has, being unborn or a replacement, counts when it is named or written with a dash: test numbers are
/// made so, and where they leak, others will.
pub(crate) fn judge(clue: &Clue<'_>) -> (Judgement, Vec<Score>) {
    if clue.candidate.needs_name && !is_named(clue) && !is_strong(clue.context) {
        return (Judgement::LookAlike, Vec::new());
    }
    let scores = scores(clue);
    let points = scores.iter().fold(0_i8, |sum, score| sum.saturating_add(score.points));
    let may_be_definite = clue.number.passes_mod11() && !is_born_after(clue.birth(), clue.today);
    let judgement = match points {
        DEFINITE.. if may_be_definite => Judgement::Sure(Evidence::E2),
        PROBABLE.. => Judgement::Sure(Evidence::E3),
        POSSIBLE.. => Judgement::Sure(Evidence::E4),
        _ => Judgement::LookAlike,
    };
    (judgement, scores)
}

#[cfg(test)]
mod tests {
    use std::cell::OnceCell;

    use jiff::civil::Date;
    use model::CprNumber;

    use super::*;
    use crate::candidate::candidates;

    fn judged(text: &str, name: &str, today: Date) -> Judgement {
        let candidate = candidates(text.as_bytes()).remove(0);
        let number = CprNumber::from_digits(candidate.digits).unwrap();
        judge(&Clue {
            candidate: &candidate,
            number,
            text: text.as_bytes(),
            name,
            context: "",
            today,
            sent: today,
            is_named: OnceCell::new(),
        })
        .0
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
        case("tp3-130903-0057.jpg", "x", Judgement::LookAlike);
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
        assert_eq!(
            judged("1804751234", "x", jiff::civil::date(2026, 11, 22)),
            Judgement::Sure(Evidence::E4),
            "an expiry"
        );
        assert_eq!(judged("1804751234", "x", jiff::civil::date(2025, 11, 22)), Judgement::Sure(Evidence::E3));
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
        case("0101010235", "x", Judgement::LookAlike);
        case("0101010235", "cpr", Evidence::E3);
        case("010158-8001", "cpr", Evidence::E3);
        case("010158-8001", "x", Evidence::E4);
    }

    #[test]
    fn a_replacement_number_needs_its_name_or_its_dash() {
        case("6101901234", "x", Judgement::LookAlike);
        case("6101901234", "cpr", Evidence::E3);
        case("610190-1234", "x", Evidence::E3);
    }
}
