//! What of a log did not fit, each kind told once, with the place of the first and how many there were.

use model::{BlindSpot, BlindSpotKind};
use serde::{Deserialize, Serialize};

use crate::lines::Line;

/// How many lines had a fault, and where the first stood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    count: u64,
    number: u64,
    offset: u64,
}

/// The faults of a log's lines. Of two parts of one log, the second is added to the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFaults {
    unfit: Tally,
    untimed: Tally,
    misdated: Tally,
    long: Tally,
}

impl Tally {
    fn note(&mut self, line: &Line<'_>) {
        if self.count == 0 {
            (self.number, self.offset) = (line.number, line.offset);
        }
        self.count += 1;
    }

    fn add(&mut self, other: Self) {
        let count = self.count + other.count;
        *self = Self { count, ..if self.count == 0 { other } else { *self } };
    }

    fn told(self, what: &str) -> Option<String> {
        let Self { count, number, offset } = self;
        (count > 0).then(|| format!("{what}: {count}, the first is line {number} at byte {offset}"))
    }
}

impl LogFaults {
    /// A line that does not fit its format.
    pub fn note_unfit(&mut self, line: &Line<'_>) {
        self.unfit.note(line);
    }

    /// A line whose time cannot be read, whether it fits its format or not.
    pub fn note_untimed(&mut self, line: &Line<'_>) {
        self.untimed.note(line);
    }

    /// A line of a time that it cannot be of: before there was a web, or after it was read.
    pub fn note_misdated(&mut self, line: &Line<'_>) {
        self.misdated.note(line);
    }

    /// The first piece of a line that is too long to be read whole.
    pub fn note_long(&mut self, line: &Line<'_>) {
        self.long.note(line);
    }

    /// Those of a later part of the same log, too.
    pub fn add(&mut self, later: &Self) {
        let Self { unfit, untimed, misdated, long } = later;
        self.unfit.add(*unfit);
        self.untimed.add(*untimed);
        self.misdated.add(*misdated);
        self.long.add(*long);
    }

    /// The blind spots of a log named `name`, in the format `format`.
    pub fn blind_spots(&self, name: &str, format: &str) -> Vec<BlindSpot> {
        let unfit = format!("lines that do not fit the format {format}, searched as plain text");
        let details = [
            self.unfit.told(&unfit),
            self.untimed.told("lines without a time that can be read, which count as of no day"),
            self.misdated
                .told("lines of a time before 1995 or after this run, as of a wrong clock, which count as of no day"),
            self.long.told("lines longer than what is read whole, searched as plain text in pieces"),
        ];
        let blind_spot = |detail| BlindSpot::new(BlindSpotKind::InputBroken, name, detail).in_own_words();
        details.into_iter().flatten().map(blind_spot).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_told_once_with_the_first_place_and_the_count() {
        let line = |number| Line { number, offset: number * 10, bytes: b"x", is_whole: true };
        let mut first = LogFaults::default();
        let mut second = LogFaults::default();
        first.note_unfit(&line(2));
        second.note_unfit(&line(5));
        second.note_long(&line(6));
        first.add(&second);
        let told: Vec<String> = first.blind_spots("a.log", "common").into_iter().map(|spot| spot.detail).collect();
        assert_eq!(told.len(), 2);
        assert!(
            told[0].starts_with("lines that do not fit the format common, searched as plain text: 2, "),
            "{told:?}"
        );
        assert!(told[0].ends_with("line 2 at byte 20"), "{told:?}");
        assert!(told[1].ends_with("line 6 at byte 60"), "{told:?}");
        assert_eq!(LogFaults::default().blind_spots("a", "common"), []);
    }
}
