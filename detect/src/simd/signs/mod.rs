//! Signs in raw text of numbers, of what may hide them and of their names, all told in one pass, 64 bytes at a time: where a
//! number may begin, runs that may be base64 and its kin, escapes, bytes beyond ASCII, first letters of names.
//!
//! What is found is where a closer look is worth it: [`crate::suspects`] takes it. Words, paths, dates and addresses have
//! no such places; a browser's name has one or two.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod initials;
mod planes;
mod scalar;

use std::ops::Range;

#[cfg(target_arch = "x86_64")]
use crate::simd::avx2::Avx2;
use crate::suspects::Others;

pub(crate) use self::initials::Initials;
use self::initials::LOOKED_AT;
use self::planes::{BREAK, FILLING, HIGH, KEPT, NAME, Planes, WINDOW};

/// Bytes looked at together: as many as a mask has bits.
pub(super) const BLOCK: usize = 64;

/// Blocks sorted before their masks are combined: enough that the compiler does several at once, few enough that all masks stay
/// in the fastest memory.
const BATCH: usize = 32;

/// A way to sort bytes into classes.
trait Sort: Copy {
    /// Puts the masks of a batch into `planes`.
    fn sort(self, window: &[u8; WINDOW], initials: &Initials, planes: &mut Planes);
}

/// What a place is a sign of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sign {
    /// Where a number may begin, as [`super::starts()`] tells.
    Start,
    /// A run of a token's characters that is no word: here it is eleven long at the least. It is told from its first character
    /// to its last, or as much of it as is known.
    Run,
    /// A percent sign, a backslash or a number sign.
    Escape,
    /// Quoted-printable of two digits or more.
    Quoted,
    /// Bytes beyond ASCII; only the first of a block is told.
    High,
    /// One of the texts asked for may begin.
    Name,
}

/// Tells `visit` of each sign in `bytes`, block by block; of one kind they come in order. Where one stands is told by its place
/// and the next, but for runs.
#[inline]
pub(crate) fn signs(bytes: &[u8], initials: &Initials, visit: &mut impl FnMut(Sign, Range<usize>)) -> Others {
    #[cfg(target_arch = "x86_64")]
    if let Some(kernel) = avx512::Tables::detected() {
        return kernel.scan(bytes, initials, visit);
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(kernel) = Avx2::detected() {
        return avx2::scan_wide(kernel, bytes, initials, visit);
    }
    scan(scalar::Scalar, bytes, initials, visit)
}

/// Looks at all blocks, a batch at a time: sorts their bytes, combines the masks, and tells of what is left.
#[expect(clippy::inline_always, reason = "only within the function that turns the processor's feature on is it fast")]
#[inline(always)]
fn scan<K: Sort>(kernel: K, bytes: &[u8], initials: &Initials, visit: &mut impl FnMut(Sign, Range<usize>)) -> Others {
    let mut planes = Planes::new();
    let mut others = Others::default();
    // All are judged one batch or two blocks after they were sorted.
    for number in 0..(bytes.len().div_ceil(BLOCK) + KEPT - 1).div_ceil(BATCH) {
        let first = number * BATCH * BLOCK;
        let rest = bytes.get(first..).unwrap_or_default();
        planes.keep();
        if let Some(window) = rest.first_chunk() {
            kernel.sort(window, initials, &mut planes);
        } else {
            let mut window = [FILLING; WINDOW];
            if let Some(head) = window.get_mut(..rest.len()) {
                head.copy_from_slice(rest);
            }
            kernel.sort(&window, initials, &mut planes);
        }
        planes.judge();
        others.line_ends += planes.found.line_ends;
        others.has_nul |= planes.found.has_nul;
        each(u64::from(planes.found.blocks), &mut |block| {
            // No block before the first has any.
            let base = (number * BATCH + block + 1).saturating_sub(KEPT) * BLOCK;
            tell(&planes, block + 1, base, bytes, initials, visit);
        });
    }
    others
}

#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
fn tell(
    planes: &Planes,
    place: usize,
    base: usize,
    bytes: &[u8],
    initials: &Initials,
    visit: &mut impl FnMut(Sign, Range<usize>),
) {
    let found = |masks: &[u64; BATCH]| masks.get(place - 1).copied().unwrap_or_default();
    let (starts, runs, quoted) = (found(&planes.found.starts), found(&planes.found.runs), found(&planes.found.quoted));
    let (escapes, high, names) = (planes.mask(BREAK, place), planes.mask(HIGH, place), planes.mask(NAME, place));
    let mut one = |sign: Sign, at: usize| visit(sign, at..at + 1);
    each(starts, &mut |bit| one(Sign::Start, base + bit));
    each(escapes, &mut |bit| one(Sign::Escape, base + bit));
    each(quoted, &mut |bit| one(Sign::Quoted, base + bit));
    // One tells the line; more of the same line are many.
    each(high & high.wrapping_neg(), &mut |bit| one(Sign::High, base + bit));
    each(names, &mut |bit| {
        let three = bytes.get(base + bit..).and_then(|rest| rest.first_chunk::<LOOKED_AT>());
        if three.is_some_and(|three| initials.are(*three)) {
            one(Sign::Name, base + bit);
        }
    });
    each(runs, &mut |bit| visit(Sign::Run, run_around(planes, place, base, bit)));
}

/// As much of the run around the character `bit` of a block as its neighbours show.
#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
fn run_around(planes: &Planes, place: usize, base: usize, bit: usize) -> Range<usize> {
    let [before, here, behind] = [place - 1, place, place + 1].map(|place| planes.token(place));
    let at = base + bit;
    let bits_behind = BLOCK - 1 - bit;
    // The 64 up to the character, and those from it on: it is one of them.
    let before = ((here << bits_behind) | (before >> 1 >> bit)).leading_ones() as usize;
    let behind = ((here >> bit) | (behind << 1 << bits_behind)).trailing_ones() as usize;
    // What was put behind the end is in no run, nor is anything before the first block.
    at + 1 - before.min(at + 1)..at + behind
}

/// Tells of each bit.
#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
fn each(mut bits: u64, visit: &mut impl FnMut(usize)) {
    while bits != 0 {
        visit(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests;
