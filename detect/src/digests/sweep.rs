//! The sweep: every plausible number is tried against all digests that were collected, once per run.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::civil::Date;
use model::{CprNumber, WrittenForm};

use super::Digest;
use super::recalled::Recalled;
use super::space::{BORN_FROM, Day, Endings, Part, days};
use super::targets::Targets;
use crate::notes::{DigestMark, Marker};
use crate::simd::hash::{Algorithm, Kernel, MESSAGES, Messages};

/// Digests looked for at once: as many as a large crawl collects. With more, too many would need a second look.
pub(super) const MOST_DIGESTS: usize = 100_000;

/// Marks that are looked at together: as a rule none of them is of interest.
const TOGETHER: usize = 16;

/// Digests without a key, and the numbers to try on them.
#[derive(Clone, Debug)]
pub struct Sweep {
    targets: Vec<Targets>,
    /// Those of which only keyed tokens are left.
    recalled: Vec<Recalled>,
    days: Vec<Day>,
    kernel: Kernel,
    left_out: usize,
}

/// How many numbers a sweep tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepDepth {
    /// Those that pass the modulus-11 check: one of eleven, and by far most of those in use.
    Fast,
    /// All: first those of [`SweepDepth::Fast`], then replacement numbers that pass the check, then the rest.
    Full,
}

/// A digest whose number is known now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undone {
    /// The digest as it was given.
    pub digest: Digest,
    /// Whose it is.
    pub number: CprNumber,
    /// The algorithm.
    pub form: WrittenForm,
    /// How the number was written before: [`WrittenForm::Compact`] or [`WrittenForm::Dashed`].
    pub spelling: WrittenForm,
}

/// What one share of a sweep came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepResult {
    /// In order of the digests.
    pub undone: Vec<Undone>,
    /// How many digests were computed.
    pub tried: u64,
    /// Whether it came to its end: it was not told to stop.
    pub is_finished: bool,
}

/// How a number is written before it is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    Compact,
    Dashed,
}

impl Sweep {
    /// Looks for those of `digests` that MD5, SHA-1 or SHA-256 make, in numbers of people born up to `today`.
    pub fn new(digests: impl IntoIterator<Item = Digest>, today: Date) -> Self {
        Self::over(digests, days(BORN_FROM, today))
    }

    fn over(digests: impl IntoIterator<Item = Digest>, days: Vec<Day>) -> Self {
        let of_length = digests.into_iter().filter(|digest| matches!(digest.length, 16 | 20 | 32));
        let mut digests: BTreeSet<Digest> = of_length.collect();
        let left_out = digests.len().saturating_sub(MOST_DIGESTS);
        if let Some(first) = digests.iter().nth(MOST_DIGESTS).copied() {
            digests.split_off(&first);
        }
        let algorithms = [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256];
        let targets = algorithms.into_iter().filter_map(|algorithm| Targets::new(algorithm, &digests)).collect();
        Self { targets, recalled: Vec::new(), days, kernel: Kernel::best(), left_out }
    }

    /// Looks for those behind `marks` as well, one number after the other: no kernel makes tokens.
    #[must_use]
    pub(crate) fn recalling(self, marker: &Marker, marks: impl Iterator<Item = DigestMark>) -> Self {
        Self { recalled: Recalled::of(marker, marks), ..self }
    }

    /// Computes with `kernel` and not with the fastest.
    #[must_use]
    pub fn with(self, kernel: Kernel) -> Self {
        Self { kernel, ..self }
    }

    /// How many digests are not looked for, since there are too many.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Tries the numbers of one share `of` many, from 0: the caller may run each on a thread of its own. `stop` ends it
    /// within a millisecond.
    pub fn run(&self, depth: SweepDepth, share: usize, of: usize, stop: &AtomicBool) -> SweepResult {
        let mut result = SweepResult { undone: Vec::new(), tried: 0, is_finished: true };
        for part in depth.parts() {
            for spelling in [Spelling::Compact, Spelling::Dashed] {
                result.is_finished &= self.run_part(*part, spelling, share, of, stop, &mut result);
            }
        }
        result.undone.sort_unstable();
        result
    }

    /// Returns whether it came to its end.
    fn run_part(
        &self,
        part: Part,
        spelling: Spelling,
        share: usize,
        of: usize,
        stop: &AtomicBool,
        result: &mut SweepResult,
    ) -> bool {
        if self.targets.is_empty() && self.recalled.is_empty() {
            return true;
        }
        let endings = Endings::new(spelling, part);
        let mut messages = Messages::new(spelling.length());
        let days = self.days.iter().skip(share).step_by(of.max(1));
        for prefix in days.flat_map(|day| day.prefixes(spelling, part)) {
            let mut thirds = endings.after(prefix);
            while !thirds.is_empty() {
                thirds = messages.push(prefix.first, prefix.second, thirds);
                if messages.is_full() {
                    if stop.load(Ordering::Relaxed) {
                        return false;
                    }
                    self.try_all(&messages, spelling, result);
                    messages.clear();
                }
            }
        }
        self.try_all(&messages, spelling, result);
        true
    }

    fn try_all(&self, messages: &Messages, spelling: Spelling, result: &mut SweepResult) {
        for recalled in &self.recalled {
            result.tried += messages.len() as u64;
            for message in (0..messages.len()).filter_map(|at| messages.message(at)) {
                let text = message.get(..spelling.length() as usize).unwrap_or_default();
                for digest in recalled.of_message(text) {
                    tell(digest, text, recalled.form, spelling, &mut result.undone);
                }
            }
        }
        let mut marks = [0; MESSAGES];
        for targets in &self.targets {
            self.kernel.marks(targets.algorithm, messages, &mut marks);
            result.tried += messages.len() as u64;
            for (chunk, marks) in marks.chunks(TOGETHER).enumerate().take(messages.len().div_ceil(TOGETHER)) {
                if marks.iter().fold(0, |any, mark| any | targets.may_hold(*mark)) == 0 {
                    continue;
                }
                for (lane, mark) in marks.iter().enumerate().filter(|(_, mark)| targets.may_hold(**mark) == 1) {
                    let at = chunk * TOGETHER + lane;
                    if at < messages.len()
                        && let Some(message) = messages.message(at)
                    {
                        look_again(targets, *mark, message, spelling, &mut result.undone);
                    }
                }
            }
        }
    }
}

/// Compares the whole digest.
fn look_again(targets: &Targets, mark: u32, message: [u8; 12], spelling: Spelling, undone: &mut Vec<Undone>) {
    let text = message.get(..spelling.length() as usize).unwrap_or_default();
    for digest in targets.of(mark, text) {
        tell(digest, text, targets.form(), spelling, undone);
    }
}

fn tell(digest: Digest, text: &[u8], form: WrittenForm, spelling: Spelling, undone: &mut Vec<Undone>) {
    // Serial 0000 is tried with its neighbours, and is no number.
    let number = std::str::from_utf8(text).ok().and_then(|text| CprNumber::parse(text).ok());
    undone.extend(number.map(|number| Undone { digest, number, form, spelling: spelling.form() }));
}

impl SweepDepth {
    fn parts(self) -> &'static [Part] {
        match self {
            Self::Fast => &[Part::Valid],
            Self::Full => &[Part::Valid, Part::ValidReplacements, Part::Rest],
        }
    }
}

impl Spelling {
    /// Characters.
    fn length(self) -> u32 {
        match self {
            Self::Compact => 10,
            Self::Dashed => 11,
        }
    }

    fn form(self) -> WrittenForm {
        match self {
            Self::Compact => WrittenForm::Compact,
            Self::Dashed => WrittenForm::Dashed,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use sha2::Digest as _;

    use super::*;

    const TODAY: Date = date(2026, 11, 22);

    /// Tokens that are no number's: digests of a counter.
    fn noise() -> Vec<Digest> {
        let cut = |at: usize| sha2::Sha512::digest(at.to_be_bytes());
        (0..3000).filter_map(|at| Digest::new(cut(at).get(..[16, 20, 32].get(at % 3).copied()?)?)).collect()
    }

    fn of(form: WrittenForm, text: &str) -> Digest {
        Digest::of(form, text.as_bytes()).unwrap()
    }

    fn go() -> AtomicBool {
        AtomicBool::new(false)
    }

    fn undone(form: WrittenForm, spelling: WrittenForm, text: &str) -> Undone {
        Undone { digest: of(form, text), number: text.parse().unwrap(), form, spelling }
    }

    #[test]
    fn planted_digests_are_found_among_random_ones() {
        let planted = [
            undone(WrittenForm::Md5, WrittenForm::Dashed, "070761-4285"),
            undone(WrittenForm::Sha1, WrittenForm::Compact, "1111111118"),
            undone(WrittenForm::Sha256, WrittenForm::Compact, "0707614285"),
        ];
        let sweep = Sweep::new(noise().into_iter().chain(planted.map(|undone| undone.digest)), TODAY);
        let result = sweep.run(SweepDepth::Fast, 0, 1, &go());
        let mut expected = planted.to_vec();
        expected.sort();
        assert_eq!((result.undone, result.is_finished), (expected, true));
        assert_eq!(result.tried, 21_495_090 * 2 * 3);
    }

    #[test]
    fn a_full_sweep_finds_numbers_without_check_digit_by_every_kernel() {
        let planted = [
            undone(WrittenForm::Md5, WrittenForm::Compact, "0101901234"),
            undone(WrittenForm::Md5, WrittenForm::Dashed, "010190-1234"),
            undone(WrittenForm::Sha1, WrittenForm::Dashed, "010190-1234"),
            undone(WrittenForm::Sha256, WrittenForm::Compact, "0101901234"),
        ];
        for kernel in Kernel::available() {
            let days = days(date(1989, 12, 1), date(1990, 2, 1));
            let sweep = Sweep::over(noise().into_iter().chain(planted.map(|undone| undone.digest)), days).with(kernel);
            let mut expected = planted.to_vec();
            expected.sort();
            assert_eq!(sweep.run(SweepDepth::Full, 0, 1, &go()).undone, expected);
            assert_eq!(sweep.run(SweepDepth::Fast, 0, 1, &go()).undone, []);
        }
    }

    #[test]
    fn shares_come_to_the_whole() {
        let digests = [of(WrittenForm::Md5, "0101901234"), of(WrittenForm::Sha1, "010190-1234")];
        let sweep = Sweep::over(digests, days(date(1989, 12, 30), date(1990, 1, 9)));
        let whole = sweep.run(SweepDepth::Full, 0, 1, &go());
        let shares: Vec<SweepResult> = (0..3).map(|share| sweep.run(SweepDepth::Full, share, 3, &go())).collect();
        let mut found: Vec<Undone> = shares.iter().flat_map(|share| share.undone.clone()).collect();
        found.sort();
        assert_eq!((whole.undone.len(), &whole.undone), (2, &found));
        assert_eq!(whole.tried, shares.iter().map(|share| share.tried).sum::<u64>());
        assert!(sweep.run(SweepDepth::Full, 7, 0, &go()).is_finished);
    }

    #[test]
    fn replacement_numbers_that_pass_the_check_are_tried_in_full() {
        let number = (0..10)
            .map(|last| format!("610190123{last}"))
            .find(|text| text.parse::<CprNumber>().unwrap().passes_mod11());
        let planted = undone(WrittenForm::Sha256, WrittenForm::Compact, &number.unwrap());
        let sweep = Sweep::over([planted.digest], days(date(1990, 1, 1), date(1990, 1, 1)));
        assert_eq!(sweep.run(SweepDepth::Full, 0, 1, &go()).undone, [planted]);
        assert_eq!(sweep.run(SweepDepth::Fast, 0, 1, &go()).undone, []);
    }

    #[test]
    fn a_uuid_made_of_a_digest_is_undone() {
        let digest = of(WrittenForm::Md5, "0707614285").as_uuid();
        let sweep = Sweep::over([digest], days(date(1961, 7, 7), date(1961, 7, 7)));
        let [found] = sweep.run(SweepDepth::Fast, 0, 1, &go()).undone.try_into().unwrap();
        assert_eq!((found.digest, found.number), (digest, "0707614285".parse().unwrap()));
        assert_ne!(digest, of(WrittenForm::Md5, "0707614285"));
    }

    #[test]
    fn digests_of_which_tokens_are_left_are_undone_with_the_same_key() {
        let planted = [
            undone(WrittenForm::Md5, WrittenForm::Dashed, "070761-4285"),
            undone(WrittenForm::Sha1, WrittenForm::Compact, "0707614285"),
            undone(WrittenForm::Sha256, WrittenForm::Compact, "0707614285"),
        ];
        let day = days(date(1961, 7, 7), date(1961, 7, 7));
        let marker = Marker::new(&[7; 32]);
        let marks = planted.map(|undone| marker.digest(&undone.digest));
        let mut expected = planted.to_vec();
        expected.sort();
        for (key, expected) in [([7; 32], expected), ([8; 32], vec![])] {
            let sweep = Sweep::over(noise(), day.clone()).recalling(&Marker::new(&key), marks.into_iter());
            assert_eq!(sweep.run(SweepDepth::Fast, 0, 1, &go()).undone, expected);
        }
    }

    #[test]
    fn serials_that_are_never_given_are_not_told() {
        let sweep = Sweep::over([of(WrittenForm::Md5, "0101900000")], days(date(1990, 1, 1), date(1990, 1, 1)));
        assert_eq!(sweep.run(SweepDepth::Full, 0, 1, &go()).undone, []);
    }

    #[test]
    fn one_that_is_told_to_stop_says_so() {
        let sweep = Sweep::new([of(WrittenForm::Md5, "0101901234")], TODAY);
        let result = sweep.run(SweepDepth::Full, 0, 1, &AtomicBool::new(true));
        assert_eq!(result, SweepResult { undone: vec![], tried: 0, is_finished: false });
    }

    #[test]
    fn without_digests_there_is_nothing_to_try() {
        let sweep = Sweep::new([of(WrittenForm::Sha512, "0101901234")], TODAY);
        let result = sweep.run(SweepDepth::Full, 0, 1, &go());
        assert_eq!((result.tried, result.is_finished), (0, true));
    }

    #[test]
    fn digests_over_the_bound_are_counted() {
        let digests = (0..MOST_DIGESTS + 7).map(|at| Digest::new(&sha2::Sha256::digest(at.to_be_bytes())).unwrap());
        assert_eq!(Sweep::over(digests, vec![]).left_out(), 7);
        assert_eq!(Sweep::over(noise(), vec![]).left_out(), 0);
    }
}
