//! Words that nobody reads and that may be a number all the same: digests without a key, from which it is found by
//! trying all, and text in base64, base32 or hexadecimal digits.

use std::ops::Range;

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD};

use crate::reading::Unit;

/// Shorter words hold no number: nine digits make twelve characters of base64, the densest of these.
pub(crate) const SHORTEST: usize = 12;

/// Blanks in a row that base64 may be broken up by: a line's end, and what the next line is indented by.
pub(crate) const MAX_BLANKS: usize = 8;

/// Hexadecimal digits from here on are an id or a digest.
const LONG_HEX: usize = 20;

/// The same when something stands between them: those of the shortest digest, MD5.
pub(crate) const BROKEN_HEX: usize = 32;

/// What breaks up hexadecimal digits, in characters: a sign and a blank, or a line's end.
const MAX_BREAK: usize = 2;

/// Of so many hexadecimal digits at least one is a letter, and one is none; time and addresses have fewer letters.
const MIXED: usize = 8;

/// Characters of the shortest digest, MD5, in base64.
const SHORTEST_DIGEST: usize = 22;

/// How often capitals, small letters and digits take turns in so many characters of noise: 13 times on average, and
/// hardly ever less than this. Names in camel case come close, but with hardly a digit: without two it takes more.
const TURNS: usize = 8;
const TURNS_WITHOUT_DIGITS: usize = 10;

/// All that [`is_of_digits_in_small`] knows at any place.
const ANYWHERE_IN_SMALL: &[u8] = b"acdegijklmnoqstuwxyz012345";

/// The same for each byte.
const IS_ANYWHERE_IN_SMALL: [bool; 256] = {
    let mut is_there = [false; 256];
    let mut rest = ANYWHERE_IN_SMALL;
    while let [byte, others @ ..] = rest {
        #[expect(clippy::indexing_slicing, reason = "a byte is a valid index of 256")]
        {
            is_there[*byte as usize] = true;
        }
        rest = others;
    }
    is_there
};

/// Letters and digits of a UUID (RFC 9562 §4).
const UUID: [usize; 5] = [8, 4, 4, 4, 12];
pub(crate) const UUID_LENGTH: usize = 36;

/// A word: its characters, and where they stand among the units.
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) range: Range<usize>,
}

/// Every word in `units` that may hold something encoded.
pub(crate) fn words(units: &[Unit]) -> Vec<Word> {
    split(units, is_of_words).filter(|word| word.text.len() >= SHORTEST).collect()
}

/// Words with nothing but blanks between them, put together: base64 is sent in lines, and with blanks for its plus signs.
pub(crate) fn joined(units: &[Unit]) -> Vec<Word> {
    let mut joined = Vec::new();
    let mut open: Option<Word> = None;
    let mut pieces = 0;
    for word in split(units, is_of_words) {
        let between = open.as_ref().and_then(|last| units.get(last.range.end..word.range.start));
        let is_next =
            |between: &[Unit]| between.len() <= MAX_BLANKS && between.iter().all(|unit| is_blank(unit.character));
        if let Some(last) = open.as_mut().filter(|_| between.is_some_and(is_next)) {
            last.text.push_str(&word.text);
            last.range.end = word.range.end;
            pieces += 1;
        } else {
            joined.extend(open.replace(word).filter(|_| pieces > 1));
            pieces = 1;
        }
    }
    joined.extend(open.filter(|_| pieces > 1));
    joined.retain(|word| word.text.len() >= SHORTEST);
    joined
}

/// Where ids and digests stand.
pub(crate) fn opaque(units: &[Unit]) -> Vec<Range<usize>> {
    let hex = split(units, |c| c.is_ascii_hexdigit()).filter(|word| word.text.len() >= LONG_HEX);
    let uuids = split(units, |c| c.is_ascii_alphanumeric() || c == '-').filter(|word| is_uuid(&word.text));
    let noise = words(units).into_iter().filter(|word| is_noise(&word.text));
    hex.chain(uuids).chain(noise).map(|word| word.range).chain(broken_hex(units)).collect()
}

/// Hexadecimal digits of a digest with signs or blanks in between.
fn broken_hex(units: &[Unit]) -> Vec<Range<usize>> {
    let mut joined: Vec<Word> = Vec::new();
    // One alone is mostly the end of a word before it.
    for word in split(units, |c| c.is_ascii_hexdigit()).filter(|word| word.text.len() > 1) {
        let between = joined.last().and_then(|last| units.get(last.range.end..word.range.start));
        let is_next =
            |between: &[Unit]| between.len() <= MAX_BREAK && between.iter().all(|unit| breaks_hex(unit.character));
        match joined.last_mut().filter(|_| between.is_some_and(is_next)) {
            Some(last) => {
                last.text.push_str(&word.text);
                last.range.end = word.range.end;
            }
            None => joined.push(word),
        }
    }
    let is_mixed = |text: &str| {
        let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
        letters * MIXED >= text.len() && (text.len() - letters) * MIXED >= text.len()
    };
    joined.retain(|word| word.text.len() >= BROKEN_HEX && is_mixed(&word.text));
    joined.into_iter().map(|word| word.range).collect()
}

pub(crate) fn breaks_hex(c: char) -> bool {
    matches!(c, '.' | ':' | '-') || is_blank(c)
}

/// Whether `word` is base64 of a number whose capitals were lost, wherever in it that begins: what header names and
/// hosts are sent as.
pub(crate) fn says_digits_in_small(word: &str) -> bool {
    // Nearly every word has a letter every few that is at no place of them.
    let is_there = |byte: &u8| IS_ANYWHERE_IN_SMALL.get(usize::from(*byte)) == Some(&true);
    let may_be = word.as_bytes().split(|byte| !is_there(byte)).any(|run| run.len() >= SHORTEST);
    may_be
        && (0..4).any(|from| {
            let mut run = 0;
            word.bytes().zip((0..4).cycle().skip(from)).any(|(byte, place)| {
                run = if is_of_digits_in_small(byte, place) { run + 1 } else { 0 };
                run >= SHORTEST
            })
        })
}

/// Whether `byte` is at its `place` of four in base64 of digits and dashes, once in small letters.
fn is_of_digits_in_small(byte: u8, place: usize) -> bool {
    let at_place: &[u8] = match place {
        0 => b"lmno",
        1 => b"cdijstyz",
        2 => b"aeimquycgk0",
        _ => b"wxyz012345t",
    };
    at_place.contains(&byte)
}

/// Whether `text` is shaped as a UUID, which may be made from a digest.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == UUID_LENGTH
        && text.split('-').map(str::len).eq(UUID)
        && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// What `word` says in each of the encodings, wherever in it that begins.
pub(crate) fn readings(word: &str) -> Vec<Vec<u8>> {
    let upper = word.to_ascii_uppercase().into_bytes();
    let base32 = upper.split(|byte| !matches!(byte, b'A'..=b'Z' | b'2'..=b'7')).filter(|run| run.len() > SHORTEST);
    let base32 = base32.flat_map(|run| (0..8).filter_map(|from| from_base32(run.get(from..)?)));
    let hex = word.as_bytes().split(|byte| !byte.is_ascii_hexdigit()).filter(|run| run.len() > SHORTEST);
    let hex = hex.flat_map(|run| (0..2).filter_map(|from| Some(from_hex(run.get(from..)?))));
    readings_in_base64(word).into_iter().chain(base32).chain(hex).collect()
}

/// The same in base64 alone, the one that is sent in lines.
pub(crate) fn readings_in_base64(word: &str) -> Vec<Vec<u8>> {
    let text: Vec<u8> = word.bytes().map(standard_alphabet).collect();
    (0..4).filter_map(|from| from_base64(text.get(from..)?)).collect()
}

fn is_of_words(c: char) -> bool {
    u8::try_from(c).is_ok_and(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte))
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn split(units: &[Unit], is_part: impl Fn(char) -> bool) -> impl Iterator<Item = Word> {
    let mut words: Vec<Word> = Vec::new();
    for (at, unit) in units.iter().enumerate().filter(|(_, unit)| is_part(unit.character)) {
        match words.last_mut() {
            Some(word) if word.range.end == at => {
                word.text.push(unit.character);
                word.range.end += 1;
            }
            _ => words.push(Word { text: unit.character.to_string(), range: at..at + 1 }),
        }
    }
    words.into_iter()
}

/// Whether `word` looks like random bytes in base64 and not like text in it, which is looked into elsewhere.
fn is_noise(word: &str) -> bool {
    let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(char::is_control));
    has_mixture(word.as_bytes()) && !readings_in_base64(word).iter().any(|bytes| is_text(bytes))
}

/// Whether capitals, small letters and digits take turns somewhere in `word` as they do in noise.
pub(crate) fn has_mixture(word: &[u8]) -> bool {
    let is_mixed = |window: &[u8]| {
        let (turns, digits) = turns(window);
        turns >= if digits < 2 { TURNS_WITHOUT_DIGITS } else { TURNS }
    };
    turns(word).0 >= TURNS && word.windows(SHORTEST_DIGEST).any(is_mixed)
}

/// How often the kinds of characters take turns, and how many digits there are.
fn turns(bytes: &[u8]) -> (usize, usize) {
    let (mut turns, mut digits, mut before) = (0, 0, 0);
    for byte in bytes {
        let kind = match byte {
            b'a'..=b'z' => 1,
            b'A'..=b'Z' => 2,
            b'0'..=b'9' => 3,
            _ => continue,
        };
        turns += usize::from(before != 0 && before != kind);
        digits += usize::from(kind == 3);
        before = kind;
    }
    (turns, digits)
}

/// What a character of base64 stands for, in either alphabet (RFC 4648 §4, §5).
pub(crate) fn base64_value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// The same of base32, in capitals or small letters (RFC 4648 §6).
pub(crate) fn base32_value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

fn standard_alphabet(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

/// Its last bits are filled up.
fn from_base64(word: &[u8]) -> Option<Vec<u8>> {
    let mut word = word.to_vec();
    // One character alone at the end holds no byte.
    word.truncate(word.len() - usize::from(word.len() % 4 == 1));
    word.resize(word.len().next_multiple_of(4), b'A');
    BASE64_NOPAD.decode(&word).ok()
}

fn from_base32(word: &[u8]) -> Option<Vec<u8>> {
    let mut word = word.to_vec();
    word.resize(word.len().next_multiple_of(8), b'A');
    BASE32_NOPAD.decode(&word).ok()
}

fn from_hex(word: &[u8]) -> Vec<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
    let (pairs, _) = word.as_chunks::<2>();
    pairs.iter().map(|[high, low]| value(*high) << 4 | value(*low)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::layers;

    #[track_caller]
    fn opaque_in(text: &str, expected: &[&str]) {
        let units = layers(text).unwrap().remove(0).units;
        let bytes = |range: Range<usize>| units[range.start].start..units[range.end - 1].end;
        let mut found: Vec<&str> = opaque(&units).into_iter().map(|range| text.get(bytes(range)).unwrap()).collect();
        found.dedup();
        assert_eq!(found, expected);
    }

    #[test]
    fn digests_are_told_by_their_length_and_mixture() {
        opaque_in("id 5d41402abc4b2a76b9719d911017c592.", &["5d41402abc4b2a76b9719d911017c592"]);
        opaque_in("XUFAKrxLKna5cZ2REBfFkg==", &["XUFAKrxLKna5cZ2REBfFkg"]);
        opaque_in(
            "uid_v4xS7EB7gQSq/c1xw98mxxB/DPp9SXWpycHLU/R2mG8=",
            &["uid_v4xS7EB7gQSq/c1xw98mxxB/DPp9SXWpycHLU/R2mG8"],
        );
        opaque_in("a=1f8b2c3d-0000-4000-8000-1234567890ab", &["1f8b2c3d-0000-4000-8000-1234567890ab"]);
        opaque_in("personalIdentificationNumberOfTheCitizen", &[]);
        opaque_in("cprNumberIdentifierVal", &[]);
        opaque_in("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9", &[]);
    }

    #[test]
    fn digests_broken_up_are_told_all_the_same() {
        opaque_in("a 705d5a63a3345bc2a89.891af952fa287!", &["705d5a63a3345bc2a89.891af952fa287"]);
        let pairs = "70:5d:5a:63:a3:34:5b:c2:a8:98:91:af:95:2f:a2:87";
        opaque_in(pairs, &[pairs]);
        opaque_in("705d5a63 a3345bc2\r\na89891af-952fa287", &["705d5a63 a3345bc2\r\na89891af-952fa287"]);
        opaque_in("2026-11-22 04:00:00.123 127.0.0.1:8443 2026-11-22 04:00:00.123 a", &[]);
        opaque_in("705d5a63a3345bc2a, 89.891af952fa287", &[]);
    }

    #[test]
    fn base64_of_digits_is_told_without_its_capitals() {
        for text in ["0707614285", "070761-4285", "0101901234"] {
            for lead in ["", "x", "=\"", "cpr="] {
                let encoded = BASE64_NOPAD.encode(format!("{lead}{text}").as_bytes()).to_lowercase();
                assert!(says_digits_in_small(&encoded), "{encoded}");
                assert!(says_digits_in_small(&format!("x-{encoded}")), "{encoded}");
            }
        }
        for word in ["MDEwMTkwMTIzNA", "personalidentificationnumber", "aarsopgoerelse-for-borgere", "x-forwarded-for"]
        {
            assert!(!says_digits_in_small(word), "{word}");
        }
    }

    #[test]
    fn what_is_nowhere_among_digits_is_at_no_place() {
        for byte in 0..=u8::MAX {
            let is_somewhere = (0..4).any(|place| is_of_digits_in_small(byte, place));
            assert_eq!(ANYWHERE_IN_SMALL.contains(&byte), is_somewhere, "{byte}");
        }
    }

    #[test]
    fn a_word_is_read_from_each_of_its_characters_on() {
        let base32 = BASE32_NOPAD.encode(b"0101901234").to_lowercase();
        for word in ["MDEwMTkwMTIzNA", "xMDEwMTkwMTIzNA", "xxxMDEwMTkwMTIzNA", "030313031393031323334", &base32] {
            let found = readings(word).iter().any(|bytes| String::from_utf8_lossy(bytes).contains("101901234"));
            assert!(found, "{word}");
        }
    }
}
