//! Stretches of bytes in which text may stand, found in blocks: in noise there are few, and only these are read closely.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod classes;
mod portable;

use std::ops::{ControlFlow, Range};

use crate::seek::BLOCK;
#[cfg(target_arch = "x86_64")]
use crate::simd::{avx2::Avx2, avx512::Avx512};

/// A block, with the byte before it and the one behind it.
const WINDOW: usize = BLOCK + 2;

/// The longest that a stretch can be asked to be at least: all of it is in a block and the one before.
const MOST_LEAST: usize = BLOCK;

/// A way to tell what no text has.
trait Breakers: Copy {
    /// A bit for each byte of the block that no text has, the first in the lowest.
    fn breakers(self, window: &[u8; WINDOW]) -> u64;
}

/// Shows `visit` every longest stretch in `bytes`, of at least `least` of them (1 to 64), without a byte that no text has: a
/// control character, or what is no UTF-8 by its neighbours. What begins and ends there reads by itself as it does in the
/// whole.
///
/// Not all that is left is text: characters of three bytes and four are not looked through.
#[inline]
pub(crate) fn stretches(bytes: &[u8], least: usize, mut visit: impl FnMut(Range<usize>) -> ControlFlow<()>) {
    #[cfg(target_arch = "x86_64")]
    if let Some(kernel) = Avx512::detected() {
        return avx512::scan_wide(kernel, bytes, least, &mut visit);
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(kernel) = Avx2::detected() {
        return avx2::scan_wide(kernel, bytes, least, &mut visit);
    }
    scan(portable::Portable, bytes, least, &mut visit);
}

#[expect(clippy::inline_always, reason = "only within the function that turns the processor's feature on is it fast")]
#[inline(always)]
fn scan<B: Breakers>(kernel: B, bytes: &[u8], least: usize, visit: &mut impl FnMut(Range<usize>) -> ControlFlow<()>) {
    let least = least.clamp(1, MOST_LEAST);
    // Where the last bytes up to here are enough for a stretch, and where they are none at all.
    let (mut long_before, mut clear_before) = (0, 0);
    let mut begun = None;
    for base in (0..bytes.len()).step_by(BLOCK) {
        let clear = match inner_window(bytes, base) {
            Some(window) => !kernel.breakers(window),
            None => !kernel.breakers(&outer_window(bytes, base)),
        };
        let long = ends_of(clear_before, clear, least);
        // In noise hardly a block has any.
        let mut turns = long ^ (long << 1 | long_before >> (BLOCK - 1));
        while turns != 0 {
            let at = base + turns.trailing_zeros() as usize;
            turns &= turns - 1;
            match begun.take() {
                None => begun = Some((at + 1).saturating_sub(least)),
                Some(start) => {
                    if visit(start..at).is_break() {
                        return;
                    }
                }
            }
        }
        (long_before, clear_before) = (long, clear);
    }
    // What is behind the last byte is none that text has: only a last block that is full leaves one open.
    if let Some(start) = begun {
        let _ = visit(start..bytes.len());
    }
}

/// A bit for each byte of a block with which at least `least` in a row are clear, in the block before and this one.
#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
fn ends_of(before: u64, this: u64, least: usize) -> u64 {
    let (mut before, mut this) = (before, this);
    let mut known = 1;
    while known < least {
        let more = known.min(least - known);
        this &= this << more | before >> (BLOCK - more);
        before &= before << more;
        known += more;
    }
    this
}

/// The block from `base` on with its neighbours, where it has both.
#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
fn inner_window(bytes: &[u8], base: usize) -> Option<&[u8; WINDOW]> {
    bytes.get(base.checked_sub(1)?..)?.first_chunk()
}

/// The block from `base` on with its neighbours; where `bytes` begin and end, NULs.
#[cold]
fn outer_window(bytes: &[u8], base: usize) -> [u8; WINDOW] {
    let mut window = [0; WINDOW];
    let (skipped, start) = base.checked_sub(1).map_or((1, 0), |start| (0, start));
    let rest = bytes.get(start..).unwrap_or_default();
    window.iter_mut().skip(skipped).zip(rest).for_each(|(place, byte)| *place = *byte);
    window
}

#[cfg(test)]
mod tests {
    use super::portable::{Portable, is_breaker};
    use super::*;
    use crate::decoders::noise;

    fn gather(found: &mut Vec<Range<usize>>) -> impl FnMut(Range<usize>) -> ControlFlow<()> {
        |range| {
            found.push(range);
            ControlFlow::Continue(())
        }
    }

    /// What the chosen kernel finds, which is what all of them find.
    #[track_caller]
    fn found(bytes: &[u8], least: usize) -> Vec<Range<usize>> {
        let (mut chosen, mut portable) = (Vec::new(), Vec::new());
        stretches(bytes, least, gather(&mut chosen));
        scan(Portable, bytes, least, &mut gather(&mut portable));
        assert_eq!(chosen, portable, "{}", bytes.escape_ascii());
        #[cfg(target_arch = "x86_64")]
        if let Some(kernel) = Avx2::detected() {
            let mut found = Vec::new();
            avx2::scan_wide(kernel, bytes, least, &mut gather(&mut found));
            assert_eq!(found, portable, "{}", bytes.escape_ascii());
        }
        chosen
    }

    /// The same, byte by byte.
    fn slowly(bytes: &[u8], least: usize) -> Vec<Range<usize>> {
        let at = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied().unwrap_or_default();
        let breaks = |i: &usize| is_breaker(at(i.checked_sub(1)), bytes[*i], at(Some(i + 1)));
        let ends: Vec<usize> = (0..bytes.len()).filter(breaks).chain([bytes.len()]).collect();
        let starts = std::iter::once(0).chain(ends.iter().map(|end| end + 1));
        starts.zip(&ends).map(|(start, end)| start..*end).filter(|range| range.len() >= least).collect()
    }

    #[test]
    fn every_longest_stretch_is_found() {
        let mut next = noise();
        for round in 0..20_000 {
            let length = next(4 * BLOCK);
            let rare = next(60) + 1;
            let bytes: Vec<u8> =
                (0..length).map(|_| if next(rare) == 0 { next(256).try_into().unwrap() } else { b'x' }).collect();
            let least = next(if round % 2 == 0 { 12 } else { MOST_LEAST }) + 1;
            assert_eq!(found(&bytes, least), slowly(&bytes, least), "{}", bytes.escape_ascii());
        }
        for length in 0..4 * BLOCK {
            let all = std::iter::once(0..length).filter(|range| !range.is_empty()).collect::<Vec<_>>();
            assert_eq!(found(&vec![b'x'; length], 1), all);
            assert!(found(&vec![0; length], 1).is_empty());
        }
    }

    #[test]
    fn all_kernels_know_every_byte_beside_every_other() {
        for (first, second) in (0..=u8::MAX).flat_map(|first| (0..=u8::MAX).map(move |second| (first, second))) {
            for before in [0, 1, BLOCK / 2 - 1, BLOCK - 2, BLOCK - 1] {
                let bytes = [&vec![b'.'; before], &[first, second][..], b"......"].concat();
                assert_eq!(found(&bytes, 1), slowly(&bytes, 1), "{}", bytes.escape_ascii());
            }
        }
    }

    #[test]
    fn text_is_no_breaker() {
        for text in ["J\u{f8}rgen \u{2013} cpr\t\r\n", "\u{5e74}\u{672b}\u{8abf}\u{6574}", "\u{1f600}\u{a0}"] {
            assert_eq!(found(text.as_bytes(), 1).first(), Some(&(0..text.len())), "{text}");
        }
        // One byte behind may be left with what follows.
        for bytes in [&b"\x0c"[..], b"\x7f", b"\x80", b"\xc3", b"\xc0\x80", b"\xff", b"\xc3(", "\u{85}".as_bytes()] {
            assert!(found(&[b"abc", bytes, b"abc"].concat(), 5).is_empty(), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn whoever_has_enough_ends_the_search() {
        let mut count = 0;
        stretches(&b"text\0".repeat(100), 4, |_| {
            count += 1;
            if count == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(count, 3);
    }
}
