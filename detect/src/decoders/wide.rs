//! Text in characters of two bytes, inside bytes that are no text.

use super::SHORTEST_NUMBER;
use super::json_value::push;
use crate::seek::position;

/// Runs of characters of two bytes, the second of them NUL, or the first.
pub(super) fn wide_runs(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        // Where no NUL is behind it, no character begins: from one NUL to the next is one step.
        while let Some(next) = bytes.get(at + 1..).and_then(next_nul) {
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

fn next_nul(bytes: &[u8]) -> Option<usize> {
    if bytes.first() == Some(&0) { Some(0) } else { position(bytes, 0) }
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
