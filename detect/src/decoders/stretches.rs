//! Stretches of bytes in which text may stand, found in blocks: in noise there are few, and only these are read closely.

use std::ops::{ControlFlow, Range};

use crate::seek::{BLOCK, mask};

/// A block, with the byte before it and the one behind it.
const WINDOW: usize = BLOCK + 2;

/// Shows `visit` every longest stretch in `bytes`, of at least `least` of them, without a byte that no text has: a control
/// character, or what is no UTF-8 by its neighbours. What begins and ends there reads by itself as it does in the whole.
///
/// Not all that is left is text: characters of three bytes and four are not looked through.
pub(super) fn stretches(bytes: &[u8], least: usize, mut visit: impl FnMut(Range<usize>) -> ControlFlow<()>) {
    // How long the stretch is that the bytes before the block end with.
    let mut open = 0;
    let mut show = |range: Range<usize>| if range.len() < least { ControlFlow::Continue(()) } else { visit(range) };
    let mut base = 0;
    while base < bytes.len() {
        let mut clear = !breakers(&window(bytes, base));
        if clear == u64::MAX {
            open += BLOCK;
        } else {
            let first = ones(clear);
            if show(base - open..base + first).is_break() {
                return;
            }
            open = clear.leading_ones() as usize;
            // Those at both ends are done with, or still open. Most are short, and not even counted.
            clear = clear & !low(first) & low(BLOCK - open);
            let mut starts = with_as_many_behind(clear, least);
            while starts != 0 {
                let start = starts.trailing_zeros() as usize;
                let length = ones(clear >> start);
                if show(base + start..base + start + length).is_break() {
                    return;
                }
                starts &= !low(start + length);
            }
        }
        base += BLOCK;
    }
    // Only a last block that is full can be open.
    let _ = show(bytes.len() - open..bytes.len());
}

/// Ones from the lowest on, of a mask with a zero in it.
fn ones(mask: u64) -> usize {
    mask.trailing_ones() as usize
}

/// The ones of a mask from which on there are at least `least` in a row.
fn with_as_many_behind(mut mask: u64, least: usize) -> u64 {
    let mut known = 1;
    while known < least && mask != 0 {
        let more = known.min(least - known);
        mask &= mask >> more;
        known += more;
    }
    mask
}

/// A mask of the lowest `count` bits.
fn low(count: usize) -> u64 {
    1_u64.checked_shl(u32::try_from(count).unwrap_or(u32::MAX)).map_or(u64::MAX, |bit| bit - 1)
}

/// The block from `base` on with its neighbours; where `bytes` end, NULs.
fn window(bytes: &[u8], base: usize) -> [u8; WINDOW] {
    let whole = base.checked_sub(1).and_then(|start| bytes.get(start..)?.first_chunk::<WINDOW>());
    if let Some(window) = whole {
        return *window;
    }
    let mut window = [0; WINDOW];
    let (skipped, start) = base.checked_sub(1).map_or((1, 0), |start| (0, start));
    let rest = bytes.get(start..).unwrap_or_default();
    window.iter_mut().skip(skipped).zip(rest).for_each(|(place, byte)| *place = *byte);
    window
}

/// A bit for each byte of the block that no text has.
fn breakers(window: &[u8; WINDOW]) -> u64 {
    let [before @ .., _, _] = window;
    let [_, block @ .., _] = window;
    let [_, _, behind @ ..] = window;
    let mut marks = [0_u8; BLOCK];
    for (((mark, before), byte), behind) in marks.iter_mut().zip(before).zip(block).zip(behind) {
        *mark = u8::from(is_breaker(*before, *byte, *behind));
    }
    mask(&marks)
}

/// Whether `byte` is in no text, as its neighbours tell (RFC 3629 §3).
#[expect(clippy::needless_bitwise_bool, reason = "without branches many bytes are asked at once")]
fn is_breaker(before: u8, byte: u8, behind: u8) -> bool {
    let continues = |byte: u8| byte & 0xc0 == 0x80;
    let is_control = (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte == 0x7f);
    let is_never = (byte & 0xfe == 0xc0) | (byte >= 0xf5);
    let is_stray = continues(byte) & (before < 0x80);
    let is_cut = (byte >= 0xc0) & !continues(behind);
    let is_high_control = (before == 0xc2) & (byte & 0xe0 == 0x80);
    is_control | is_never | is_stray | is_cut | is_high_control
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoders::bits::noise;

    fn found(bytes: &[u8], least: usize) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        stretches(bytes, least, |range| {
            found.push(range);
            ControlFlow::Continue(())
        });
        found
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
        for _ in 0..5_000 {
            let length = next(4 * BLOCK);
            let rare = next(60) + 1;
            let bytes: Vec<u8> =
                (0..length).map(|_| if next(rare) == 0 { next(256).try_into().unwrap() } else { b'x' }).collect();
            let least = next(12) + 1;
            assert_eq!(found(&bytes, least), slowly(&bytes, least), "{}", bytes.escape_ascii());
        }
        for length in 0..4 * BLOCK {
            let all = std::iter::once(0..length).filter(|range| !range.is_empty()).collect::<Vec<_>>();
            assert_eq!(found(&vec![b'x'; length], 1), all);
            assert!(found(&vec![0; length], 1).is_empty());
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
