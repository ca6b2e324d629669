//! The masks of a batch of blocks, one behind the other for each class, and what they come to: arithmetic alone, so that
//! the compiler does several blocks at once.

use super::super::starts::{Classes, forms, starts_of};
use super::{BATCH, BLOCK};

/// Blocks of the last batch that are still needed: two that are not judged yet, and the one before them.
pub(super) const KEPT: usize = 3;

/// Places for the masks of blocks.
const PLACES: usize = BATCH + KEPT;

/// How many classes there are.
const CLASSES: usize = 16;

/// Bytes of a batch, and those behind it that its last names are told by.
pub(super) const WINDOW: usize = BATCH * BLOCK + BLOCK;

/// What is in no class.
pub(super) const FILLING: u8 = 1;

/// The classes, by their places. The first seven are those of [`Classes`]; what they have in `escape` beyond ASCII is `HIGH`.
pub(super) const DIGIT: usize = 0;
pub(super) const MONTH: usize = 1;
pub(super) const JOINT: usize = 2;
pub(super) const PERCENT: usize = 3;
pub(super) const HEX: usize = 4;
pub(super) const MARK: usize = 5;
pub(super) const ESCAPE: usize = 6;
/// Bytes from 0x80 on.
pub(super) const HIGH: usize = 7;
/// Letters of either case, and the small ones among them.
pub(super) const LETTER: usize = 8;
pub(super) const SMALL: usize = 9;
/// `+`, `-`, `/`, `_` and `$`, which stand in tokens beside letters and digits.
pub(super) const TOKEN: usize = 10;
/// `%`, `\` and `#`.
pub(super) const BREAK: usize = 11;
pub(super) const EQUALS: usize = 12;
/// Ends of lines, and NUL.
pub(super) const END: usize = 13;
pub(super) const NUL: usize = 14;
/// Where a name may begin.
pub(super) const NAME: usize = 15;

/// Masks, class by class, behind those that are kept of the last batch.
pub(super) struct Planes {
    classes: [[u64; PLACES]; CLASSES],
    forms: [u64; PLACES],
    pub(super) found: Found,
}

/// What there is in the blocks that are judged, from the second place on.
#[derive(Default)]
pub(super) struct Found {
    pub(super) starts: [u64; BATCH],
    pub(super) runs: [u64; BATCH],
    pub(super) quoted: [u64; BATCH],
    /// A bit for each block in which there is any sign.
    pub(super) blocks: u32,
    pub(super) line_ends: u64,
    pub(super) has_nul: bool,
}

/// As many blocks as a batch has.
const _: () = assert!(BATCH == u32::BITS as usize);

impl Planes {
    pub(super) fn new() -> Self {
        Self { classes: [[0; PLACES]; CLASSES], forms: [0; PLACES], found: Found::default() }
    }

    /// Moves what is still needed to the front.
    #[expect(
        clippy::inline_always,
        reason = "only within the function that turns the processor's feature on is it fast"
    )]
    #[inline(always)]
    pub(super) fn keep(&mut self) {
        let Self { classes, forms, found: _ } = self;
        for masks in classes.iter_mut().chain([forms]) {
            masks.copy_within(BATCH.., 0);
        }
    }

    /// Puts the masks of the block with this number in its batch.
    #[expect(clippy::inline_always, reason = "as for `keep`")]
    #[inline(always)]
    pub(super) fn put(&mut self, number: usize, class: usize, mask: u64) {
        if let Some(place) = self.classes.get_mut(class).and_then(|masks| masks.get_mut(KEPT + number)) {
            *place = mask;
        }
    }

    /// Room for the masks of eight blocks, the first of which has this number.
    #[cfg(target_arch = "x86_64")]
    #[expect(clippy::inline_always, reason = "as for `keep`")]
    #[inline(always)]
    pub(super) fn eight(&mut self, number: usize, class: usize) -> Option<&mut [u64; 8]> {
        self.classes.get_mut(class)?.get_mut(KEPT + number..)?.first_chunk_mut()
    }

    /// The mask of a class.
    #[expect(clippy::inline_always, reason = "as for `keep`")]
    #[inline(always)]
    pub(super) fn mask(&self, class: usize, place: usize) -> u64 {
        self.classes.get(class).and_then(|masks| masks.get(place)).copied().unwrap_or_default()
    }

    /// What may be in a token: letters, digits and what stands beside them.
    #[expect(clippy::inline_always, reason = "as for `keep`")]
    #[inline(always)]
    pub(super) fn token(&self, place: usize) -> u64 {
        self.mask(DIGIT, place) | self.mask(LETTER, place) | self.mask(TOKEN, place)
    }

    #[expect(clippy::inline_always, reason = "as for `keep`")]
    #[inline(always)]
    fn at(&self, place: usize) -> Classes {
        Classes {
            digit: self.mask(DIGIT, place),
            month: self.mask(MONTH, place),
            joint: self.mask(JOINT, place),
            escape: self.mask(ESCAPE, place) | self.mask(HIGH, place),
            percent: self.mask(PERCENT, place),
            letter: self.mask(HEX, place),
            mark: self.mask(MARK, place),
        }
    }

    /// Judges as many blocks as a batch has, from the second place on. Each loop has no branches.
    #[expect(clippy::inline_always, reason = "as for `keep`")]
    #[inline(always)]
    pub(super) fn judge(&mut self) {
        for place in KEPT - 1..PLACES - 1 {
            let made = forms(self.at(place), self.at(place + 1));
            if let Some(forms) = self.forms.get_mut(place) {
                *forms = made;
            }
        }
        let mut starts = [0; BATCH];
        for (place, starts) in (1..).zip(&mut starts) {
            let of = |place: usize| self.forms.get(place).copied().unwrap_or_default();
            *starts = starts_of(self.at(place - 1), self.at(place), self.at(place + 1), (of(place), of(place + 1)));
        }
        let mut runs = [0; BATCH];
        for (place, runs) in (1..).zip(&mut runs) {
            *runs = self.runs(place);
        }
        let mut quoted = [0; BATCH];
        for (place, quoted) in (1..).zip(&mut quoted) {
            let (equals, digit) = (self.both(EQUALS, place), self.both(DIGIT, place));
            // `=30=31`: from the second sign on, what is before it is known.
            *quoted = equals.1 & equals.by::<3>().1 & digit.by::<1>().1 & digit.by::<2>().1;
        }
        let mut all = [0; BATCH];
        for (place, (((all, starts), runs), quoted)) in (1..).zip(all.iter_mut().zip(&starts).zip(&runs).zip(&quoted)) {
            let others = self.mask(BREAK, place) | self.mask(HIGH, place) | self.mask(NAME, place);
            *all = starts | runs | quoted | others;
        }
        let blocks = all.iter().enumerate().map(|(number, signs)| u32::from(*signs != 0) << number).sum();
        let line_ends = (1..=BATCH).map(|place| u64::from(self.mask(END, place).count_ones())).sum();
        let has_nul = (1..=BATCH).fold(0, |all, place| all | self.mask(NUL, place)) != 0;
        self.found = Found { starts, runs, quoted, blocks, line_ends, has_nul };
    }

    #[expect(clippy::inline_always, reason = "as for `keep`")]
    #[inline(always)]
    fn both(&self, class: usize, place: usize) -> Both {
        Both(self.mask(class, place - 1), self.mask(class, place))
    }

    /// Where runs of eleven characters end that are no words: a small letter before a capital, a letter beside a digit, two
    /// capitals before a small letter; or sixteen capitals, as base32 has them, or eighteen digits, as digits have in hex.
    #[expect(clippy::inline_always, reason = "as for `keep`")]
    #[inline(always)]
    fn runs(&self, place: usize) -> u64 {
        let percent = self.both(PERCENT, place);
        // The two characters behind a percent sign are its own.
        let free = percent.by::<1>().or(percent.by::<2>()).not();
        let digit = self.both(DIGIT, place).and(free);
        let letter = self.both(LETTER, place).and(free);
        let one = digit.or(letter).or(self.both(TOKEN, place).and(free));
        let two = one.and(one.by::<1>());
        let four = two.and(two.by::<2>());
        let eight = four.and(four.by::<4>());
        let eleven = eight.and(eight.by::<3>());
        let small = self.both(SMALL, place).and(letter);
        let capital = letter.and(small.not());
        let camel = small.by::<1>().and(capital);
        let mixed = letter.by::<1>().and(digit).or(digit.by::<1>().and(letter));
        let capitals_two = capital.and(capital.by::<1>());
        let abbreviated = capitals_two.by::<1>().and(small);
        let odd = camel.or(mixed).or(abbreviated);
        // Within the last ten places.
        let odd_two = odd.or(odd.by::<1>());
        let odd_four = odd_two.or(odd_two.by::<2>());
        let odd_eight = odd_four.or(odd_four.by::<4>());
        let odd_ten = odd_eight.or(odd_two.by::<8>());
        let capitals_four = capitals_two.and(capitals_two.by::<2>());
        let capitals_eight = capitals_four.and(capitals_four.by::<4>());
        let capitals = capitals_eight.and(capitals_eight.by::<8>());
        let digits_two = digit.and(digit.by::<1>());
        let digits_four = digits_two.and(digits_two.by::<2>());
        let digits_eight = digits_four.and(digits_four.by::<4>());
        let digits = digits_eight.and(digits_eight.by::<8>()).and(digits_two.by::<16>());
        let found = eleven.and(odd_ten).or(capitals).or(digits).1;
        // Once for each run, more or less.
        found & !(found << 1)
    }
}

/// A mask of a block behind that of the block before it.
#[derive(Clone, Copy)]
struct Both(u64, u64);

impl Both {
    /// For each place, what is so many bytes before it.
    #[expect(clippy::inline_always, reason = "as for `keep`")]
    #[inline(always)]
    fn by<const BYTES: u32>(self) -> Self {
        Self(self.0 << BYTES, (self.1 << BYTES) | (self.0 >> (64 - BYTES)))
    }

    #[expect(clippy::inline_always, reason = "as for `keep`")]
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0, self.1 & other.1)
    }

    #[expect(clippy::inline_always, reason = "as for `keep`")]
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0, self.1 | other.1)
    }

    #[expect(clippy::inline_always, reason = "as for `keep`")]
    #[inline(always)]
    fn not(self) -> Self {
        Self(!self.0, !self.1)
    }
}
