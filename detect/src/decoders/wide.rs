//! Text in characters of two bytes, inside bytes that are no text.

use super::SHORTEST_NUMBER;
use super::json_value::push;
use crate::seek::BLOCK;

/// NULs, every other byte, that the shortest run has at the least: of nine bytes in UTF-8, a character has two at most, and
/// the last of a run may go without.
const FEWEST_NULS: usize = 4;

/// Where the last of them stands behind the first.
const LAST_NUL: usize = 2 * (FEWEST_NULS - 1);

/// A block, and what is behind its last byte.
const WINDOW: usize = BLOCK + LAST_NUL;

const _: () = assert!(SHORTEST_NUMBER > FEWEST_NULS * 2, "a shorter run would have fewer NULs");

/// Runs of characters of two bytes, the second of them NUL, or the first.
pub(super) fn wide_runs(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        // Where no NUL is behind it, no character begins, and where few are, no run: from one such place to the next is one
        // step.
        while let Some(next) = bytes.get(at + 1..).and_then(next_nuls) {
            at += next;
            let start = at;
            let mut text = Vec::new();
            while let Some([low, 0]) = bytes.get(at..at + 2)
                && let Some(character) = printable(*low)
            {
                push(character, &mut text);
                at += 2;
            }
            let is_big = start.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&0);
            // In the other byte order the last character has its NUL before it.
            let last = bytes.get(at).copied().and_then(printable).filter(|_| is_big && !text.is_empty());
            if let Some(character) = last {
                push(character, &mut text);
            }
            at += usize::from(at == start || last.is_some());
            if text.len() >= SHORTEST_NUMBER {
                return Some(text);
            }
        }
        None
    })
}

/// The next place from which on there is a NUL in every other byte, often enough for a run. In noise NULs are everywhere,
/// and such places hardly anywhere.
fn next_nuls(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(window) = bytes.get(at..).and_then(<[u8]>::first_chunk::<WINDOW>) {
        if has_nul(window) && has_nuls(window) {
            break;
        }
        at += BLOCK;
    }
    let are_nuls = |bytes: &[u8]| bytes.iter().step_by(2).all(|byte| *byte == 0);
    bytes.get(at..)?.windows(LAST_NUL + 1).position(are_nuls).map(|found| at + found)
}

/// Whether there is a NUL. Like the next, asked of many bytes at once.
fn has_nul(window: &[u8; WINDOW]) -> bool {
    window.iter().fold(0, |is_there, byte| is_there | u8::from(*byte == 0)) != 0
}

/// Whether there are enough of them in a row, every other byte.
fn has_nuls(window: &[u8; WINDOW]) -> bool {
    let [first @ .., _, _, _, _, _, _] = window;
    let [_, _, second @ .., _, _, _, _] = window;
    let [_, _, _, _, third @ .., _, _] = window;
    let [_, _, _, _, _, _, fourth @ ..] = window;
    let mut is_there = 0;
    for (((first, second), third), fourth) in first.iter().zip(second).zip(third).zip(fourth) {
        is_there |= u8::from(first | second | third | fourth == 0);
    }
    is_there != 0
}

fn printable(byte: u8) -> Option<char> {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r' | 0xa0..).then(|| char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoders::bits::noise;

    /// The same from each byte on.
    fn slowly(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let start = at;
            let mut text = Vec::new();
            while let Some(character) =
                bytes.get(at).copied().and_then(printable).filter(|_| bytes.get(at + 1) == Some(&0))
            {
                push(character, &mut text);
                at += 2;
            }
            let mut is_last = false;
            if start > 0
                && bytes[start - 1] == 0
                && !text.is_empty()
                && let Some(last) = bytes.get(at).copied().and_then(printable)
            {
                push(last, &mut text);
                is_last = true;
            }
            at += usize::from(at == start || is_last);
            if text.len() >= SHORTEST_NUMBER {
                found.push(text);
            }
        }
        found
    }

    #[test]
    fn no_run_is_passed_over() {
        let mut next = noise();
        let mut found = 0;
        for round in 0..40_000 {
            let share = [2, 10, 60][round % 3];
            let bytes: Vec<u8> = (0..next(120))
                .flat_map(|_| match next(share) {
                    0 => vec![next(256).try_into().unwrap()],
                    _ => vec![[b'7', b'x', 0xe6, 0, 0x81][next(5)], 0],
                })
                .collect();
            let expected = slowly(&bytes);
            found += expected.len();
            assert_eq!(wide_runs(&bytes).collect::<Vec<_>>(), expected, "{}", bytes.escape_ascii());
        }
        assert!(found > 5_000, "{found}");
    }
}
