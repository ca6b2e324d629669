//! Where a number may begin, 64 bytes at a time.
//!
//! Each byte is sorted into [`Classes`] by what the processor has for it; what follows is plain arithmetic on 64 bits,
//! the same for all processors. The places found are a superset: [`crate::candidate`] looks at each. In log text some
//! three of a thousand bytes are such places.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;

/// Bytes looked at together: as many as a mask has bits.
const BLOCK: usize = 64;

/// Digits of a number: with fewer, text holds none, however they are written.
const FEWEST_DIGITS: usize = 10;

/// Bytes from one block to the next: a place is judged by the byte before it and the nine behind it.
const STEP: usize = BLOCK - 10;

/// The places of a block that are judged by all their bytes: not the first, which the block before has, nor the last nine.
const INNER: u64 = (u64::MAX >> 9) & !1;

/// Which bytes of a block are what, the first in the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Classes {
    /// `0` to `9`.
    digit: u64,
    /// `0` and `1`: the tens of a month.
    month: u64,
    /// 0x20 to 0x2f and `_`: what stands alone between day, month and year.
    joint: u64,
    /// `%`, `&`, `=`, `\` and all from 0x80 on: what a separator of more than one byte begins with.
    escape: u64,
    /// `%` and 0x40 to 0x7f: what stands before the last digits of an escape, and letters.
    word: u64,
}

/// A way to sort bytes into classes.
trait Classify: Copy {
    /// The classes of a block.
    fn classes(self, block: &[u8; BLOCK]) -> Classes;
}

/// Tells `visit` of each place in `bytes` where a number may begin, in order.
///
/// That is the first digit of a run, the hex digits of an escape before it included. No run is told twice.
#[inline]
pub(crate) fn starts(bytes: &[u8], visit: &mut impl FnMut(usize)) {
    if bytes.len() <= BLOCK {
        return scalar::starts(bytes, visit);
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(classifier) = avx2::Avx2::detected() {
        return classifier.scan(bytes, visit);
    }
    #[cfg(target_arch = "aarch64")]
    if let Some(classifier) = neon::Neon::detected() {
        return classifier.scan(bytes, visit);
    }
    scan(scalar::Scalar, bytes, visit);
}

/// Looks at all blocks. They overlap, so that each place is looked at with what is around it.
#[expect(clippy::inline_always, reason = "only within the function that turns the processor's feature on is it fast")]
#[inline(always)]
fn scan<C: Classify>(classifier: C, bytes: &[u8], visit: &mut impl FnMut(usize)) {
    let (mut base, mut inner) = (0, INNER | 1);
    while let Some(block) = bytes.get(base..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        each(starts_of(classifier.classes(block)) & inner, base, visit);
        base += STEP;
        inner = INNER;
    }
    let mut last = [0; BLOCK];
    for (byte, from) in last.iter_mut().zip(bytes.get(base..).unwrap_or_default()) {
        *byte = *from;
    }
    each(starts_of(classifier.classes(&last)) & (inner | (!INNER & !1)), base, visit);
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

/// The places in a block where a number may begin, outside of it nothing: always the first digit of a run.
#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
fn starts_of(classes: Classes) -> u64 {
    let Classes { digit, month, joint, escape, word } = classes;
    let run = digit & !(digit << 1);
    let two = digit & (digit >> 1);
    let four = two & (two >> 2);
    let six = four & (two >> 4);
    // Behind these the first digits may be those of an escape; behind a `%` they are, in any depth.
    let glued = (word | escape) << 1;
    let percent = (word & escape) << 1;

    // `010190..` in runs of 6, 8, 10 and more; `200101..` and `19900101`; all behind what may be hex digits.
    let is_even = !(digit >> 6) | ((two >> 6) & !((digit >> 8) & !(digit >> 9)));
    let is_eight = (two >> 6) & !(digit >> 8);
    let whole = six & (((month >> 2) & is_even) | ((month >> 4) & (glued | is_eight)) | (word << 1));
    // `01-01-`, also with one, two or four digits of an escape before it; `01%2D`.
    let cut = two & (joint >> 2) & (month >> 3) & (joint >> 5);
    let cut = cut | (glued & ((cut >> 1) | (cut >> 2) | (cut >> 4))) | (two & !(digit >> 2) & (escape >> 2) & !percent);
    // `1990-01-`; `1990%2D`; `%2001`. A year has a 1 first or a 0 second.
    let backwards = (joint >> 4) & (month >> 5) & (joint >> 7);
    let backwards = (backwards | (!(digit >> 4) & (escape >> 4))) & (month | (month >> 1));
    let year = four & (backwards | percent);
    run & (whole | cut | year)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longest input tried: three blocks and a bit.
    const LONGEST: usize = 200;

    /// Bytes that mean something here, and some that do not.
    const TELLING: &[u8] = b"0123456789019%&=\\-./ uxaD\x7f\x80\xe2\xff\x00@?";

    fn scalar(bytes: &[u8]) -> Vec<usize> {
        let mut found = Vec::new();
        scan(scalar::Scalar, bytes, &mut |at| found.push(at));
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
        if bytes.len() <= BLOCK && bytes.iter().filter(|byte| byte.is_ascii_digit()).count() < FEWEST_DIGITS {
            assert!(chosen.is_empty(), "{bytes:?}");
        } else {
            assert_eq!(chosen, scalar, "{bytes:?}");
        }
    }

    #[test]
    fn every_byte_has_the_same_classes_everywhere() {
        for byte in 0..=u8::MAX {
            for at in [0, 1, 31, 32, 63] {
                let mut block = [0; BLOCK];
                block[at] = byte;
                let expected = scalar::Scalar.classes(&block);
                #[cfg(target_arch = "x86_64")]
                if let Some(avx2) = avx2::Avx2::detected() {
                    assert_eq!(avx2.classes(&block), expected, "{byte:#x} at {at}");
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
            for _ in 0..20 {
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
