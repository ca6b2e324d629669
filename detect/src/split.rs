//! Numbers in two places: the date in one parameter and the serial in another that belongs to it (cpr-facts 1.6).

use std::collections::BTreeMap;

use model::{CprNumber, Evidence, Place};

use crate::decoders::{Piece, RawStep};
use crate::names::{is_birth_date, is_serial, is_strong, is_weak_serial};
use crate::views::unescaped;

/// Longest date looked at, with a time of day: `1961-07-07T00:00:00.000+00:00`.
const LONGEST_DATE: usize = 29;

/// Dates and serials of one group looked at; a form has one of each, a list of persons some.
const MAX_PAIRS: usize = 50;

/// A number put together, with the place of its serial as its way in.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) number: CprNumber,
    /// The best evidence that its places allow: two segments of a path may be anything.
    pub(crate) best: Evidence,
    /// The steps to the serial, its name being `foedselsdato+loebenr`.
    pub(crate) steps: Vec<RawStep>,
}

/// The dates and serials of one object or set of parameters.
#[derive(Default)]
struct Group<'a> {
    dates: Vec<(&'a str, [u8; 6], Option<u16>)>,
    serials: Vec<(&'a [RawStep], &'a str, [u8; 4])>,
}

/// The numbers that pieces of one view make together: parameters of one query, members of one object.
pub(crate) fn joined<'a>(pieces: impl IntoIterator<Item = &'a Piece>) -> Vec<Joined> {
    let mut groups: BTreeMap<(Place, &str), Group<'_>> = BTreeMap::new();
    let mut joined = Vec::new();
    let mut before: Option<&Piece> = None;
    for piece in pieces {
        if let Some(date) = before.replace(piece) {
            joined.extend(segments(date, piece));
        }
        if piece.bytes.len() < 4 || piece.bytes.len() > LONGEST_DATE {
            continue;
        }
        let Some((place, name)) = name(&piece.steps) else { continue };
        // Asked only of what is shaped as one of them: most are neither.
        let is_named = |is_one: fn(&str) -> bool| {
            let meant = unescaped(name);
            is_one(&meant) || is_strong(&meant)
        };
        let object = if place == Place::Json { name.rsplit_once('.').map_or("", |(object, _)| object) } else { "" };
        if let Ok(serial) = <[u8; 4]>::try_from(piece.bytes.as_slice()) {
            if serial.iter().all(u8::is_ascii_digit) && is_named(is_serial) {
                groups.entry((place, object)).or_default().serials.push((&piece.steps, name, serial));
            }
        } else if let Some((date, year)) = date(&piece.bytes).filter(|_| is_named(is_birth_date)) {
            groups.entry((place, object)).or_default().dates.push((name, date, year));
        }
    }
    joined.extend(groups.into_values().flat_map(|group| group.joined()));
    joined
}

/// Two segments of a path that follow each other: `/010190/1234`.
fn segments(date: &Piece, serial: &Piece) -> Option<Joined> {
    let (date_at, serial_at) = (segment(&date.steps)?, segment(&serial.steps)?);
    let is_shaped = date.bytes.len() == 6 && serial.bytes.len() == 4 && date_at.checked_add(1) == Some(serial_at);
    let digits = is_shaped.then(|| <[u8; 10]>::try_from([date.bytes.as_slice(), &serial.bytes].concat()).ok())??;
    let number = CprNumber::from_digits(digits).ok()?;
    let best = if is_strong(&date.context) { Evidence::E2 } else { Evidence::E4 };
    Some(Joined { number, best, steps: serial.steps.clone() })
}

fn segment(steps: &[RawStep]) -> Option<usize> {
    match steps.last()? {
        RawStep::Into(Place::Path, number) => number.parse().ok(),
        RawStep::Into(..) | RawStep::Undo(_) => None,
    }
}

impl Group<'_> {
    /// Each date with its serial; with one of either kind, all with all.
    fn joined(&self) -> Vec<Joined> {
        let mut joined = Vec::new();
        for (date_name, date, year) in self.dates.iter().take(MAX_PAIRS) {
            for (steps, serial_name, serial) in self.serials.iter().take(MAX_PAIRS) {
                let Ok(digits) = <[u8; 10]>::try_from([date.as_slice(), serial].concat()) else { continue };
                let Ok(number) = CprNumber::from_digits(digits) else { continue };
                if year.is_some_and(|year| year != number.birth_date().year) {
                    continue;
                }
                let mut steps = steps.to_vec();
                if let Some(RawStep::Into(_, name)) = steps.last_mut() {
                    *name = format!("{date_name}+{serial_name}");
                }
                // A birthday and the end of a card's number make one too.
                let best = if is_weak_serial(&unescaped(serial_name)) { Evidence::E3 } else { Evidence::E2 };
                joined.push(Joined { number, best, steps });
            }
        }
        joined
    }
}

fn name(steps: &[RawStep]) -> Option<(Place, &str)> {
    match steps.last()? {
        RawStep::Into(place, name) => Some((*place, name)),
        RawStep::Undo(_) => None,
    }
}

/// `DDMMYY` of a date, and its year where the century is written: `010190`, `01011990`, `01-01-1990`, `1990-01-01`.
fn date(text: &[u8]) -> Option<([u8; 6], Option<u16>)> {
    // The time of day behind it is none of the date (RFC 3339).
    let text = text.split(|byte| *byte == b'T').next().unwrap_or(text);
    if !text.iter().all(|byte| byte.is_ascii_digit() || b"-/. ".contains(byte)) {
        return None;
    }
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_digit).collect();
    let year = |digits: &[u8]| digits.iter().fold(0, |year, digit| year * 10 + u16::from(digit - b'0'));
    match digits.as_slice() {
        [d1, d2, m1, m2, y1, y2] => Some(([*d1, *d2, *m1, *m2, *y1, *y2], None)),
        [c1, c2, y1, y2, m1, m2, d1, d2] if text.get(4).is_some_and(|byte| !byte.is_ascii_digit()) => {
            Some(([*d1, *d2, *m1, *m2, *y1, *y2], Some(year(&[*c1, *c2, *y1, *y2]))))
        }
        [d1, d2, m1, m2, c1, c2, y1, y2] => Some(([*d1, *d2, *m1, *m2, *y1, *y2], Some(year(&[*c1, *c2, *y1, *y2])))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(place: Place, name: &str, value: &str) -> Piece {
        Piece::new(vec![RawStep::Into(place, name.to_owned())], value.as_bytes().to_vec())
    }

    fn found(pairs: &[(&str, &str)]) -> Vec<String> {
        let pieces: Vec<Piece> = pairs.iter().map(|(name, value)| piece(Place::Json, name, value)).collect();
        let shown = |joined: Joined| match joined.steps.last() {
            Some(RawStep::Into(_, name)) => format!("{name} {}", joined.number.reveal()),
            other => panic!("{other:?}"),
        };
        joined(&pieces).into_iter().map(shown).collect()
    }

    #[test]
    fn date_and_serial_are_joined_however_the_date_is_written() {
        for date in ["010190", "01-01-90", "01011990", "01.01.1990", "1990-01-01"] {
            assert_eq!(found(&[("dob", date), ("x", "1"), ("lbnr", "1234")]), ["dob+lbnr 0101901234"], "{date}");
        }
    }

    #[test]
    fn members_of_different_objects_do_not_belong_together() {
        assert!(found(&[("a.dob", "010190"), ("b.lbnr", "1234")]).is_empty());
        assert_eq!(found(&[("a.dob", "010190"), ("a.lbnr", "1234")]), ["a.dob+a.lbnr 0101901234"]);
    }

    #[test]
    fn names_may_be_escaped_and_both_may_say_cpr() {
        for (date, serial) in
            [("p%5Bfdato%5D", "p%5Blbnr%5D"), ("fdato", "l%C3%B8benr"), ("cpr1", "cpr2"), ("cpr[0]", "cpr[1]")]
        {
            assert_eq!(found(&[(date, "010190"), (serial, "1234")]).len(), 1, "{date}");
        }
        assert_eq!(found(&[("dob", "1990-01-01T00:00:00Z"), ("last4", "1234")]).len(), 1);
    }

    #[test]
    fn segments_of_a_path_are_joined_when_they_follow_each_other() {
        let path = |segments: &[&str]| {
            let pieces: Vec<Piece> =
                segments.iter().enumerate().map(|(at, text)| piece(Place::Path, &at.to_string(), text)).collect();
            joined(&pieces).len()
        };
        assert_eq!(path(&["sag", "010190", "1234", "x"]), 1);
        assert_eq!(path(&["010190", "x", "1234"]), 0);
        assert_eq!(path(&["310290", "1234"]), 0);
    }

    #[test]
    fn what_makes_no_number_is_none() {
        assert!(found(&[("dob", "310290"), ("lbnr", "1234")]).is_empty());
        assert!(found(&[("dob", "1890-01-01"), ("lbnr", "1234")]).is_empty(), "the seventh digit says 1990");
        assert!(found(&[("date", "010190"), ("lbnr", "1234")]).is_empty());
        assert!(found(&[("dob", "010190"), ("id", "1234")]).is_empty());
    }
}
