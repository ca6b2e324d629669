//! Short texts that stand in noise by chance, some hundred in each MiB of it: which of them are worth the whole of the
//! detector.

use std::ops::Range;

use super::escapes::Escapes;
use super::named::{FIRST_LETTERS, is_name_at};
use crate::candidate::Along;
use crate::simd::{Sign, signs};

/// Digits in a row that are looked at in any case: a number without the zero that it begins with has nine.
const MANY_DIGITS: usize = 9;

/// Texts that are looked at together: alone each would take as long as many.
#[derive(Default)]
pub(crate) struct Sieve {
    /// Each on a line of its own, behind what stood before it on another.
    lines: Vec<u8>,
    /// Where the two begin, and whether it counts in any case.
    places: Vec<(usize, usize, bool)>,
}

impl Sieve {
    /// Adds a text, and what stood before it: a name in there makes it count, whatever it is.
    pub(crate) fn add(&mut self, before: &[u8], text: &[u8]) {
        let begin = self.lines.len();
        self.lines.extend_from_slice(before);
        self.lines.push(b'\n');
        // What stands on two lines would be looked at as two.
        let is_suspect = text.contains(&b'\n') || has_many_digits(text);
        self.places.push((begin, self.lines.len(), is_suspect));
        self.lines.extend_from_slice(text);
        self.lines.push(b'\n');
    }

    /// For each text, in order, whether it may hold a number, however that is written; and forgets them all.
    pub(crate) fn sift(&mut self) -> Vec<bool> {
        let Self { lines, places } = self;
        let mut are_suspect: Vec<bool> = places.iter().map(|(_, _, is_suspect)| *is_suspect).collect();
        let mut numbers = Along::default();
        let mut escapes = Escapes::new(lines);
        signs(lines, &FIRST_LETTERS, &mut |sign, place: Range<usize>| {
            let at = place.start;
            let Some(number) = places.partition_point(|(begin, _, _)| *begin <= at).checked_sub(1) else { return };
            let is_before = places.get(number).is_some_and(|(_, text, _)| at < *text);
            let is_suspect = match sign {
                Sign::Name => is_name_at(lines, at),
                _ if is_before => false,
                Sign::Start => numbers.candidate(lines, at).is_some(),
                Sign::Escape => escapes.is_suspect(at),
                Sign::High => escapes.has_many_high(at),
                Sign::Run | Sign::Quoted => true,
            };
            if is_suspect && let Some(suspect) = are_suspect.get_mut(number) {
                *suspect = true;
            }
        });
        lines.clear();
        places.clear();
        are_suspect
    }
}

fn has_many_digits(text: &[u8]) -> bool {
    text.chunk_by(|one, next| one.is_ascii_digit() && next.is_ascii_digit()).any(|run| run.len() >= MANY_DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoders::{Piece, noise};
    use crate::suspects::tests::inspector;
    use crate::tree::Tree;

    #[test]
    fn what_is_held_back_holds_nothing() {
        let searcher = inspector().searcher;
        let mut tree = Tree::default();
        let mut next = noise();
        // Of noise, with a few signs of everything that hides a number more often than chance has it.
        let signs = [
            "0101455001",
            "010145-5001",
            "010145",
            "5001",
            "07076142",
            "%30",
            "%",
            "&#48;",
            "\\u0030",
            "\\x30",
            "=30=31",
            "MDEwMTQ1NTAwMQ",
            "GAYTAMJUGU2TAMBR",
            "30313031343535303031",
            "cpr",
            "fdato",
            "\u{ff10}",
            "\u{e6}",
            "-",
            "/",
            "\n",
            "{\"a\":\"",
            "<a>",
            "?x=",
        ];
        let (mut held, mut all) = (0, 0);
        for round in 0..40_000 {
            let mut text = String::new();
            let length = 9 + next(30);
            let share = [100, 97, 80, 50][round % 4];
            while text.len() < length {
                if next(100) < share {
                    text.push(char::from(u8::try_from(0x20 + next(0x5f)).unwrap()));
                } else {
                    text.push_str(signs[next(signs.len())]);
                }
            }
            let mut sieve = Sieve::default();
            sieve.add(b"", text.as_bytes());
            all += 1;
            if sieve.sift() == [true] {
                continue;
            }
            held += 1;
            assert!(searcher.finds_nothing(Piece::new(Vec::new(), text.clone().into_bytes()), &mut tree), "{text}");
        }
        assert!(held > all / 4, "{held} of {all}");
    }

    #[test]
    fn each_is_told_by_itself_and_a_name_tells_what_is_behind_it() {
        let mut sieve = Sieve::default();
        for (before, text) in [
            ("", "nothing here"),
            ("", "0101455001"),
            ("\u{1}cpr\u{2}", "7K2LM-99QQ"),
            ("0101455001", "or here"),
            ("", "a\nb"),
        ] {
            sieve.add(before.as_bytes(), text.as_bytes());
        }
        assert_eq!(sieve.sift(), [false, true, true, false, true]);
        assert_eq!(sieve.sift(), [false; 0]);
    }
}
