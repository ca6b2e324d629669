//! Signs of encodings in raw text, 64 bytes at a time: runs that may be base64 and its kin, escapes, bytes beyond ASCII.
//!
//! What is found is where a closer look is worth it: [`crate::suspects`] takes it. Words, paths, dates and addresses have
//! no such places; a browser's name has one or two.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod scalar;

/// Bytes looked at together: as many as a mask has bits.
pub(super) const BLOCK: usize = 64;

/// Which bytes of a block are what, the first in the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Classes {
    digit: u64,
    /// Letters of either case, and the small ones among them.
    letter: u64,
    small: u64,
    /// `+`, `-`, `/`, `_` and `$`, which stand in tokens beside letters and digits.
    joint: u64,
    /// `%`, `\` and `#`.
    escape: u64,
    /// `%` alone.
    percent: u64,
    equals: u64,
    /// Bytes from 0x80 on.
    high: u64,
}

/// A way to sort bytes into classes.
trait Classify: Copy {
    /// The classes of a block.
    fn classes(self, block: &[u8; BLOCK]) -> Classes;
}

/// What a place is a sign of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sign {
    /// A run of a token's characters that is no word: here it is eleven long at the least.
    Run,
    /// A percent sign, a backslash or a number sign.
    Escape,
    /// Quoted-printable of two digits or more.
    Quoted,
    /// Bytes beyond ASCII; only the first of a block is told.
    High,
}

/// Tells `visit` of each sign in `bytes`, block by block; of one kind they come in order.
#[inline]
pub(crate) fn signs(bytes: &[u8], visit: &mut impl FnMut(Sign, usize)) {
    #[cfg(target_arch = "x86_64")]
    if let Some(classifier) = avx2::Avx2::detected() {
        return classifier.scan(bytes, visit);
    }
    scan(scalar::Scalar, bytes, visit);
}

#[expect(clippy::inline_always, reason = "only within the function that turns the processor's feature on is it fast")]
#[inline(always)]
fn scan<C: Classify>(classifier: C, bytes: &[u8], visit: &mut impl FnMut(Sign, usize)) {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut before = Classes::default();
    for (number, block) in blocks.iter().enumerate() {
        let classes = classifier.classes(block);
        tell(before, classes, number * BLOCK, visit);
        before = classes;
    }
    if !rest.is_empty() {
        let mut last = [0; BLOCK];
        if let Some(head) = last.get_mut(..rest.len()) {
            head.copy_from_slice(rest);
        }
        tell(before, classifier.classes(&last), blocks.len() * BLOCK, visit);
    }
}

#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
fn tell(before: Classes, classes: Classes, base: usize, visit: &mut impl FnMut(Sign, usize)) {
    let runs = runs(before, classes);
    each(runs, base, Sign::Run, visit);
    each(classes.escape, base, Sign::Escape, visit);
    // `=30=31`: from the second sign on, what is before it is known.
    let equals = Both::of(before.equals, classes.equals);
    let digit = Both::of(before.digit, classes.digit);
    let quoted = (equals.0 & (equals.0 << 3) & (digit.0 << 1) & (digit.0 << 2)) >> 64;
    each(low(quoted), base, Sign::Quoted, visit);
    // One tells the line; more of the same line are many.
    let high = classes.high & classes.high.wrapping_neg();
    each(high, base, Sign::High, visit);
}

/// A mask of the block before, and of a block behind it.
#[derive(Clone, Copy)]
struct Both(u128);

impl Both {
    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    fn of(before: u64, this: u64) -> Self {
        Self(u128::from(before) | u128::from(this) << 64)
    }
}

#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
fn low(mask: u128) -> u64 {
    u64::try_from(mask & u128::from(u64::MAX)).unwrap_or_default()
}

/// Where runs of eleven characters end that are no words: a small letter before a capital, a letter beside a digit, two
/// capitals before a small letter; or sixteen capitals, as base32 has them, or eighteen digits, as digits have in hex.
#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
fn runs(before: Classes, this: Classes) -> u64 {
    let percent = Both::of(before.percent, this.percent).0;
    // The two characters behind a percent sign are its own.
    let free = !((percent << 1) | (percent << 2));
    let digit = Both::of(before.digit, this.digit).0 & free;
    let letter = Both::of(before.letter, this.letter).0 & free;
    let joint = Both::of(before.joint, this.joint).0 & free;
    let one = digit | letter | joint;
    let two = one & (one << 1);
    let four = two & (two << 2);
    let eight = four & (four << 4);
    let eleven = eight & (eight << 3);
    if low(eleven >> 64) == 0 {
        return 0;
    }
    let small = Both::of(before.small, this.small).0 & letter;
    let capital = letter & !small;
    let camel = (small << 1) & capital;
    let mixed = ((letter << 1) & digit) | ((digit << 1) & letter);
    let abbreviated = (capital << 2) & (capital << 1) & small;
    let odd = camel | mixed | abbreviated;
    // Within the last ten places.
    let odd_two = odd | (odd << 1);
    let odd_four = odd_two | (odd_two << 2);
    let odd_eight = odd_four | (odd_four << 4);
    let odd_ten = odd_eight | (odd_two << 8);
    let capitals_two = capital & (capital << 1);
    let capitals_four = capitals_two & (capitals_two << 2);
    let capitals_eight = capitals_four & (capitals_four << 4);
    let capitals = capitals_eight & (capitals_eight << 8);
    let digits_two = digit & (digit << 1);
    let digits_four = digits_two & (digits_two << 2);
    let digits_eight = digits_four & (digits_four << 4);
    let digits = digits_eight & (digits_eight << 8) & (digits_two << 16);
    let found = (eleven & odd_ten) | capitals | digits;
    // Once for each run, more or less.
    low((found & !((found << 1) & !(u128::from(1_u8) << 64))) >> 64)
}

/// Tells of each bit.
#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
fn each(mut bits: u64, base: usize, sign: Sign, visit: &mut impl FnMut(Sign, usize)) {
    while bits != 0 {
        visit(sign, base + bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Vec<(Sign, usize)> {
        let mut found = Vec::new();
        signs(bytes, &mut |sign, at| found.push((sign, at)));
        found
    }

    #[track_caller]
    fn case(text: &str, expected: &[Sign]) {
        for before in 0..3 * BLOCK {
            let bytes = [&vec![b'.'; before], text.as_bytes(), b"...."].concat();
            let kinds: std::collections::BTreeSet<Sign> = found(&bytes).into_iter().map(|(sign, _)| sign).collect();
            assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected, "{before} before {text}");
            let mut scalar = Vec::new();
            scan(scalar::Scalar, &bytes, &mut |sign, at| scalar.push((sign, at)));
            assert_eq!(found(&bytes), scalar, "{before} before {text}");
        }
    }

    #[test]
    fn words_dates_and_addresses_are_no_signs() {
        for text in [
            "selvbetjening/borger/aarsopgoerelse",
            "192.168.100.200",
            "[10/Oct/2024:13:55:36 +0200]",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
            "Safari/537.36",
            "x=12&nr=70000&y=2024",
            "https://www.borger.test/Hjem/Side",
        ] {
            case(text, &[]);
        }
    }

    #[test]
    fn tokens_are_signs_wherever_they_stand() {
        case("MDEwMTkwMTIzNA", &[Sign::Run]);
        case("30313031393031323334", &[Sign::Run]);
        case("3031303139303132333a", &[Sign::Run]);
        case("GEYTAMJZGAYTEMZUA", &[Sign::Run]);
        case("GAYTAMJZGAYTEMZU", &[Sign::Run]);
        case("N4IgLgpg", &[]);
        case("N4IgLgpgTAjABDOAOA", &[Sign::Run]);
        case("=30=31=30", &[Sign::Quoted]);
        case("a%2Fselvbetjening", &[Sign::Escape]);
        case("\u{e6}", &[Sign::High]);
        case("\\x", &[Sign::Escape]);
    }

    #[test]
    fn all_kernels_find_the_same() {
        let mut state = 88_172_645_463_325_252_u64;
        for length in 0..6 * BLOCK {
            let bytes: Vec<u8> = (0..length)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    let telling = b"aZ09%\\#=+-/_$\x80\xff xyzABC123.&";
                    if state & 1 << 40 == 0 {
                        state.to_le_bytes()[3]
                    } else {
                        telling[usize::try_from(state >> 33).unwrap() % telling.len()]
                    }
                })
                .collect();
            let mut scalar = Vec::new();
            scan(scalar::Scalar, &bytes, &mut |sign, at| scalar.push((sign, at)));
            assert_eq!(found(&bytes), scalar);
        }
    }
}
