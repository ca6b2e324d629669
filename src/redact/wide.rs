//! Text in UTF-16 that is masked where it stands: read as UTF-8, and what was masked of that put back.

use std::ops::Range;

use super::blocks::Encoding;

/// The text that `bytes` say in UTF-8, and where in it each unit begins. A broken character is U+FFFD.
pub(super) fn text(bytes: &[u8], encoding: Encoding) -> (Vec<u8>, Vec<usize>) {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair, encoding));
    let mut text = String::with_capacity(bytes.len());
    let mut begins = Vec::with_capacity(pairs.len() + 1);
    for character in char::decode_utf16(units) {
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        begins.extend(std::iter::repeat_n(text.len(), character.len_utf16()));
        text.push(character);
    }
    begins.push(text.len());
    (text.into_bytes(), begins)
}

/// The range of the text that a range of the bytes is.
pub(super) fn range(begins: &[usize], bytes: &Range<usize>) -> Range<usize> {
    let at = |byte: usize| begins.get(byte / 2).or(begins.last()).copied().unwrap_or_default();
    at(bytes.start)..at(bytes.end)
}

/// Writes into `bytes` what of the text is other than `before`.
pub(super) fn put_back(bytes: &mut [u8], encoding: Encoding, before: &[u8], after: &[u8], begins: &[usize]) {
    let (pairs, _) = bytes.as_chunks_mut::<2>();
    for (pair, begin) in pairs.iter_mut().zip(begins) {
        let (old, new) = (before.get(*begin), after.get(*begin));
        // What is masked is ASCII.
        if let Some(new) = new.filter(|_| old != new) {
            *pair = match encoding {
                Encoding::Utf16Be => [0, *new],
                Encoding::Bytes | Encoding::Utf16Le => [*new, 0],
            };
        }
    }
}

fn unit(pair: [u8; 2], encoding: Encoding) -> u16 {
    match encoding {
        Encoding::Utf16Be => u16::from_be_bytes(pair),
        Encoding::Bytes | Encoding::Utf16Le => u16::from_le_bytes(pair),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_masked_is_put_back() {
        for encoding in [Encoding::Utf16Le, Encoding::Utf16Be] {
            let mut units: Vec<u16> = "\u{feff}å1\u{1d7ce}\u{2013}2".encode_utf16().collect();
            units.insert(2, 0xd800);
            let to_bytes =
                |unit: &u16| if encoding == Encoding::Utf16Be { unit.to_be_bytes() } else { unit.to_le_bytes() };
            let mut bytes: Vec<u8> = units.iter().flat_map(to_bytes).chain([7]).collect();
            let (before, begins) = text(&bytes, encoding);
            let mut after = before.clone();
            for at in [begins[3], begins[7]] {
                after[at] = b'x';
            }
            after[begins[4]..begins[6]].fill(b'x');
            put_back(&mut bytes, encoding, &before, &after, &begins);
            for (at, masked) in [(3, true), (4, true), (5, true), (7, true), (1, false), (2, false), (6, false)] {
                let unit = unit([bytes[at * 2], bytes[at * 2 + 1]], encoding);
                assert_eq!(unit == u16::from(b'x'), masked, "{at}");
                assert!(masked || unit == units[at]);
            }
            assert_eq!((bytes.len(), bytes.last()), (units.len() * 2 + 1, Some(&7)));
            assert_eq!(range(&begins, &(2..6)), begins[1]..begins[3]);
        }
    }
}
