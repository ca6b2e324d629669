//! The part of the proof that looks into words: what they say in base64 and base32, from each of their characters on.

use crate::decoders::is_compressed;
use crate::harmless::{FEWEST_DIGITS, is_of_words_or_blank};
use crate::reading::may_begin_escape;
use crate::tokens::{SHORTEST, base32_value, base64_value};

/// Characters of base64 that hold all by which compressors are told.
const MAGIC: usize = 12;

/// What a decoded byte may be: what a digit of any script begins with in UTF-8, what an escape begins with and goes on
/// with, part of a word.
const NUMERIC: u8 = 1;
const SIGN: u8 = 1 << 1;
const BEHIND_SIGN: u8 = 1 << 2;
const WORD: u8 = 1 << 3;

/// The same for each byte.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    loop {
        #[expect(clippy::indexing_slicing, reason = "a byte is a valid index of 256")]
        {
            kinds[byte as usize] = kind(byte);
        }
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    kinds
};

const fn kind(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => NUMERIC | BEHIND_SIGN | WORD,
        0xc2 | 0xd9 | 0xdb | 0xdf | 0xe0..=0xe3 | 0xea | 0xef | 0xf0 => NUMERIC,
        b'\\' => SIGN | BEHIND_SIGN,
        b'%' | b'&' => SIGN,
        b'a'..=b'z' | b'A'..=b'Z' | b'/' => BEHIND_SIGN | WORD,
        b'#' | b'"' => BEHIND_SIGN,
        _ if is_of_words_or_blank(byte) => WORD,
        _ => 0,
    }
}

/// Looks into words, one after the other.
#[derive(Default)]
pub(super) struct Readings {
    /// What a word's characters stand for.
    values: Vec<u8>,
}

impl Readings {
    /// That `word` is no base64 of anything.
    pub(super) fn prove_base64(&mut self, word: &[u8]) -> Option<()> {
        self.values.clear();
        self.values.reserve(word.len() + 3);
        self.values.extend(word.iter().copied().filter_map(base64_value));
        let whole = self.values.len();
        self.values.extend([0; 3]);
        for from in 0..whole.min(4) {
            // What is left over of a group is filled up; one character alone holds no byte.
            let rest = if (whole - from) % 4 == 1 { 0 } else { 3 };
            let (groups, _) = self.values.get(from..whole + rest)?.as_chunks::<4>();
            prove(groups.iter().map(|group| {
                let [a, b, c, d] = group.map(u32::from);
                let [_, bytes @ ..] = (a << 18 | b << 12 | c << 6 | d).to_be_bytes();
                bytes
            }))?;
        }
        Some(())
    }

    /// That `part` of a word, when it is read alone, is nothing compressed. All else is proven for the word already.
    pub(super) fn prove_beginning(&mut self, part: &[u8]) -> Option<()> {
        self.prove_base64(part.get(..MAGIC).unwrap_or(part))
    }

    /// That `run` is no base32 of anything.
    pub(super) fn prove_base32(&mut self, run: &[u8]) -> Option<()> {
        self.values.clear();
        self.values.reserve(run.len() + 7);
        self.values.extend(run.iter().copied().filter_map(base32_value));
        let whole = self.values.len();
        self.values.extend([0; 7]);
        for from in 0..whole.min(8) {
            let (groups, _) = self.values.get(from..)?.as_chunks::<8>();
            prove(groups.iter().map(|group| {
                let bits = group.iter().fold(0_u64, |bits, value| bits << 5 | u64::from(*value));
                let [_, _, _, bytes @ ..] = bits.to_be_bytes();
                bytes
            }))?;
        }
        Some(())
    }
}

/// That a reading of so many `groups` is not compressed or escaped, and has neither enough digits for a number nor a word
/// that could be encoded once more.
fn prove<const N: usize>(groups: impl Iterator<Item = [u8; N]> + Clone) -> Option<()> {
    let mut head = [[0; N]; 2];
    head.iter_mut().zip(groups.clone()).for_each(|(to, group)| *to = group);
    if is_compressed(head.as_flattened()) {
        return None;
    }
    let (mut numeric, mut run, mut before, mut is_doubtful) = (0, 0, 0, false);
    for group in groups.clone() {
        for byte in group {
            let kind = KINDS.get(usize::from(byte)).copied().unwrap_or(SIGN);
            numeric += usize::from(kind & NUMERIC);
            is_doubtful |= before & SIGN != 0 && kind & BEHIND_SIGN != 0;
            run = if kind & WORD == 0 { 0 } else { run + 1 };
            if run >= SHORTEST {
                return None;
            }
            before = kind;
        }
    }
    // Both are bounds: seldom reached, and then looked at in full.
    if numeric >= FEWEST_DIGITS || is_doubtful {
        let bytes: Vec<u8> = groups.flatten().collect();
        let text = String::from_utf8_lossy(&bytes);
        let is_escaped = (0..bytes.len()).any(|at| may_begin_escape(bytes.get(at..).unwrap_or_default()));
        if is_escaped || text.chars().filter(|c| c.is_numeric()).count() >= FEWEST_DIGITS {
            return None;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_of_every_script_begins_as_thought() {
        for digit in (char::MIN..=char::MAX).filter(|c| c.is_numeric()) {
            assert!(kind(digit.to_string().as_bytes()[0]) & NUMERIC != 0, "{digit:?}");
        }
    }

    #[test]
    fn words_that_say_something_are_no_words() {
        let is_proven = |word: &str| Readings::default().prove_base64(word.as_bytes()).is_some();
        for word in ["personalIdentificationNumber", "aarsopgoerelse", "google-analytics"] {
            assert!(is_proven(word), "{word}");
        }
        let utf_16: Vec<u8> = "0707614285".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for text in [b"0707614285", utf_16.as_slice(), b"MDcwNzYxNDI4NQ==", b"cpr=%25 x", b"a\\u0030 b", b"a &nbsp; b"]
        {
            for lead in ["", "x", "xx", "xxx"] {
                let word = format!("{lead}{}", data_encoding::BASE64_NOPAD.encode(text));
                assert!(!is_proven(&word), "{word}");
            }
        }
        for compressed in [b"\x1f\x8b\x08\0\0\0\0\0\0", b"\x78\x9c\0\0\0\0\0\0\0"] {
            assert!(!is_proven(&data_encoding::BASE64_NOPAD.encode(compressed)));
        }
    }
}
