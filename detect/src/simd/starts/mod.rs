//! Where a number may begin, 64 bytes at a time.
//!
//! Each byte is sorted into [`Classes`] by what the processor has for it; [`forms()`] then combines the masks of many blocks
//! at once. The places found are a superset: [`crate::candidate`] looks at each. In log text some two of a thousand bytes
//! are such places.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod classes;
mod forms;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
mod short;

use self::classes::BLOCK;
pub(super) use self::classes::{Classes, Classify};
#[cfg(target_arch = "x86_64")]
pub(super) use self::classes::{ESCAPES, LOWER, UPPER};
pub(super) use self::forms::{forms, starts_of};
pub(super) use self::scalar::Scalar;
#[cfg(target_arch = "x86_64")]
use super::{avx2::Avx2, avx512::Avx512};

/// Blocks sorted before their masks are combined: enough that the compiler does several at once, few enough that text
/// shorter than that costs little.
const BATCH: usize = 16;

/// Blocks of the last batch that are still needed: two that are not judged yet, and the one before them.
const KEPT: usize = 3;

/// Places for the masks of blocks.
const PLACES: usize = BATCH + KEPT;

/// Tells `visit` of each place in `bytes` where a number may begin, in order.
///
/// That is the first digit of a run, the hex digits of an escape before it included. No run is told twice.
#[inline]
pub(crate) fn starts(bytes: &[u8], visit: &mut impl FnMut(usize)) {
    if bytes.len() <= BLOCK && !short::has_enough_digits(bytes) {
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(classifier) = Avx512::detected() {
        return avx512::scan_wide(classifier, bytes, visit);
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(classifier) = Avx2::detected() {
        return avx2::scan_wide(classifier, bytes, visit);
    }
    #[cfg(target_arch = "aarch64")]
    if let Some(classifier) = neon::Neon::detected() {
        return classifier.scan(bytes, visit);
    }
    scan(Scalar, bytes, visit);
}

/// Looks at all blocks, a batch at a time: sorts their bytes, combines the masks, and tells of what is left.
#[expect(clippy::inline_always, reason = "only within the function that turns the processor's feature on is it fast")]
#[inline(always)]
fn scan<C: Classify>(classifier: C, bytes: &[u8], visit: &mut impl FnMut(usize)) {
    let (blocks, rest) = if bytes.len() <= BLOCK { (&[][..], bytes) } else { bytes.as_chunks::<BLOCK>() };
    let mut last = [0; BLOCK];
    if let Some(head) = last.get_mut(..rest.len()) {
        head.copy_from_slice(rest);
    }
    let last = classifier.classes(&last);
    if blocks.is_empty() {
        let nothing = Classes::default();
        return each(starts_of(nothing, last, nothing, (forms(last, nothing), 0)), 0, visit);
    }
    let mut masks = Masks::default();
    // The rest is a block too, and all are judged one batch or two blocks after they were sorted.
    for number in 0..(blocks.len() + KEPT).div_ceil(BATCH) {
        masks.keep();
        let first = number * BATCH;
        for place in 0..BATCH {
            let classes = match blocks.get(first + place) {
                Some(block) => classifier.classes(block),
                None if first + place == blocks.len() => last,
                None => Classes::default(),
            };
            masks.put(KEPT + place, classes);
        }
        for (place, starts) in masks.judged().into_iter().enumerate() {
            if starts != 0 {
                // No block before the first has any.
                each(starts, (first + place).saturating_sub(KEPT - 1) * BLOCK, visit);
            }
        }
    }
}

/// Tells of each bit.
#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
fn each(mut bits: u64, base: usize, visit: &mut impl FnMut(usize)) {
    while bits != 0 {
        visit(base + bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// The masks of a batch, class by class, behind those that are kept of the last.
#[derive(Default)]
struct Masks {
    digit: [u64; PLACES],
    month: [u64; PLACES],
    joint: [u64; PLACES],
    escape: [u64; PLACES],
    percent: [u64; PLACES],
    letter: [u64; PLACES],
    mark: [u64; PLACES],
    forms: [u64; PLACES],
}

impl Masks {
    /// Moves what is still needed to the front.
    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    fn keep(&mut self) {
        let Self { digit, month, joint, escape, percent, letter, mark, forms } = self;
        for masks in [digit, month, joint, escape, percent, letter, mark, forms] {
            masks.copy_within(BATCH.., 0);
        }
    }

    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    fn put(&mut self, place: usize, classes: Classes) {
        let Classes { digit, month, joint, escape, percent, letter, mark } = classes;
        for (masks, mask) in [
            (&mut self.digit, digit),
            (&mut self.month, month),
            (&mut self.joint, joint),
            (&mut self.escape, escape),
            (&mut self.percent, percent),
            (&mut self.letter, letter),
            (&mut self.mark, mark),
        ] {
            if let Some(place) = masks.get_mut(place) {
                *place = mask;
            }
        }
    }

    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    fn at(&self, place: usize) -> Classes {
        let of = |masks: &[u64; PLACES]| masks.get(place).copied().unwrap_or_default();
        Classes {
            digit: of(&self.digit),
            month: of(&self.month),
            joint: of(&self.joint),
            escape: of(&self.escape),
            percent: of(&self.percent),
            letter: of(&self.letter),
            mark: of(&self.mark),
        }
    }

    /// The starts in the blocks from the second kept on, as many as a batch has. Each loop has no branches.
    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    fn judged(&mut self) -> [u64; BATCH] {
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
        starts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longest input tried: two blocks more than a batch, and a bit.
    const LONGEST: usize = BLOCK * (BATCH + 2) + 10;

    /// Bytes that mean something here, and some that do not.
    const TELLING: &[u8] = b"0123456789019%&=\\-./ uxaD\x7f\x80\xe2\xff\x00@?";

    fn scalar(bytes: &[u8]) -> Vec<usize> {
        let mut found = Vec::new();
        scan(Scalar, bytes, &mut |at| found.push(at));
        found
    }

    fn chosen(bytes: &[u8]) -> Vec<usize> {
        let mut found = Vec::new();
        starts(bytes, &mut |at| found.push(at));
        found
    }

    /// Bytes by chance, the same each time (xorshift).
    fn random() -> impl FnMut() -> usize {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 33).unwrap()
        }
    }

    #[track_caller]
    fn same(bytes: &[u8]) {
        let (scalar, chosen) = (scalar(bytes), chosen(bytes));
        if bytes.len() <= BLOCK && !short::has_enough_digits(bytes) {
            assert!(chosen.is_empty(), "{bytes:?}");
        } else {
            assert_eq!(chosen, scalar, "{bytes:?}");
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(kernel) = Avx2::detected() {
            let mut found = Vec::new();
            avx2::scan_wide(kernel, bytes, &mut |at| found.push(at));
            assert_eq!(found, scalar, "{bytes:?}");
        }
    }

    #[test]
    fn every_byte_has_the_same_classes_everywhere() {
        for byte in 0..=u8::MAX {
            for at in [0, 1, 31, 32, 63] {
                let mut block = [0; BLOCK];
                block[at] = byte;
                let expected = Scalar.classes(&block);
                #[cfg(target_arch = "x86_64")]
                if let Some(avx2) = Avx2::detected() {
                    assert_eq!(avx2.classes(&block), expected, "{byte:#x} at {at}");
                }
                #[cfg(target_arch = "x86_64")]
                if let Some(avx512) = Avx512::detected() {
                    assert_eq!(avx512.classes(&block), expected, "{byte:#x} at {at}");
                }
                #[cfg(target_arch = "aarch64")]
                if let Some(neon) = neon::Neon::detected() {
                    assert_eq!(neon.classes(&block), expected, "{byte:#x} at {at}");
                }
                assert_eq!(expected.digit, u64::from(byte.is_ascii_digit()) << at);
            }
        }
    }

    #[test]
    fn random_bytes_of_all_lengths_have_the_same_starts() {
        let mut random = random();
        for length in 0..=LONGEST {
            for _ in 0..4 {
                let any: Vec<u8> = (0..length).map(|_| u8::try_from(random() % 256).unwrap()).collect();
                let telling: Vec<u8> = (0..length).map(|_| TELLING[random() % TELLING.len()]).collect();
                same(&any);
                same(&telling);
            }
        }
    }

    #[test]
    fn a_form_has_its_start_wherever_it_stands() {
        for (text, start) in [
            (&b" 0101901234 "[..], 1),
            (b" 010190-1234 ", 1),
            (b" 010190%2D1234 ", 1),
            (b"%200101901234 ", 1),
            (b"=200101901234 ", 1),
            (b"%C2%A00101901234 ", 5),
            (b" 01 - 01 - 90 - 1234 ", 1),
            (b" 1990 - 01 - 01 - 1234 ", 1),
            (b"=202045-01-01-5001 ", 1),
            (b"\\u20130101901234 ", 2),
            (b"\\u00a00101901234 ", 5),
            (b"%2525252520010190-1234 ", 1),
            (b" 01-01-90-1234 ", 1),
            (b" 01%2F01%2F1990 1234 ", 1),
            (b"%2001%2F01%2F1990 1234 ", 1),
            (b"\\u00a001.01.1990 1234 ", 5),
            (b" 01011990-1234 ", 1),
            (b" 19900101-1234 ", 1),
            (b" 1990-01-01-1234 ", 1),
            (b" 1990%2D01%2D01%2D1234 ", 1),
            (b" 010119901234 ", 1),
        ] {
            for before in 0..LONGEST {
                let bytes = [&vec![b'.'; before], text, b"......"].concat();
                assert!(chosen(&bytes).contains(&(before + start)), "{before} bytes before {text:?}");
                same(&bytes);
            }
        }
    }

    #[test]
    fn text_without_ten_digits_has_none() {
        assert_eq!(chosen(b"010190-123"), Vec::<usize>::new());
        assert_eq!(chosen(b""), Vec::<usize>::new());
        assert_eq!(chosen(&[b'-'; 1_000]), Vec::<usize>::new());
    }
}
