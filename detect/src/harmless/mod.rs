//! A proof, in one pass over its bytes, that a text holds nothing for the redactor to take out: no digits close together,
//! no word that could be an encoding, an id or a digest, under any escape.
//!
//! Nearly all text is so: hosts, pages, names. What cannot be proven here is read closely, so every doubt is a no.

#[cfg(test)]
mod comparison;
mod readings;

use model::MASKED;

use self::readings::Readings;
use crate::lone::{MAX_LONE, lone};
use crate::reading::may_begin_escape;
use crate::tokens::{
    BROKEN_HEX, MAX_BLANKS, SHORTEST, UUID_LENGTH, base32_value, breaks_hex, has_mixture, says_digits_in_small,
};
use crate::windows::MAX_GAP;

/// Fewer digits than this are no number, however they are written: a cut one is masked from seven on, and replacement
/// numbers with letters have as many.
pub(crate) const FEWEST_DIGITS: usize = 7;

/// Digits of the shorter half of a number, which is masked where it stands alone.
const FEWEST_OF_HALF: usize = 4;

/// Longest text proven, in bytes: what is shown is not longer, and longer text is cut, so never left as it is.
pub(crate) const MAX_PROVEN: usize = 1_000;

/// Words of letters and digits mixed that are looked into: ten digits make no fewer characters in any encoding.
const SHORTEST_MIXED: usize = 9;

/// Whether `text` would be left as it is, and each part between its slashes too.
pub(crate) fn is_harmless(text: &str) -> bool {
    text.len() <= MAX_PROVEN && !text.split('/').any(may_be_half) && Proof::new(text).run().is_some()
}

/// Whether `part` may be half a number and nothing else, now or when its escapes are undone.
fn may_be_half(part: &str) -> bool {
    let digits = part.chars().filter(|c| c.is_numeric()).take(FEWEST_OF_HALF).count();
    digits >= FEWEST_OF_HALF
        && part.len() <= MAX_LONE * char::MAX.len_utf8()
        && (part.contains('%') || lone(&part.chars().collect::<Vec<_>>()).is_some())
}

/// Whether a search for numbers in `text` would find none.
pub(crate) fn holds_no_number(text: &str) -> bool {
    is_of_plain_words(text) && (text.len() < SHORTEST || is_harmless(text))
}

/// Whether `text` is of ASCII without capitals, and without long words of letters and digits mixed. The searcher undoes
/// more encodings than a redactor reads; in all of them numbers look otherwise, but for one in ten thousand by chance.
pub(crate) fn is_of_plain_words(text: &str) -> bool {
    let (mut length, mut in_word, mut digits) = (0, 0, 0);
    for byte in text.bytes() {
        if byte.is_ascii_uppercase() || !byte.is_ascii() {
            return false;
        }
        if byte.is_ascii_alphanumeric() {
            length += 1;
            in_word += usize::from(byte.is_ascii_digit());
            digits += usize::from(byte.is_ascii_digit());
        } else {
            (length, in_word) = (0, 0);
        }
        if digits >= FEWEST_DIGITS || (length >= SHORTEST_MIXED && in_word > 0) {
            return false;
        }
    }
    true
}

/// Where the proof has come to. `None` from its steps is a doubt.
struct Proof<'a> {
    text: &'a str,
    digits: Digits,
    /// Word that has not ended.
    word: Option<Start>,
    /// Words that have nothing but blanks between them, from the first on.
    joined: Option<Joined>,
    loose: Loose,
    has_tag: bool,
    /// Signs that begin an escape when something else is undone behind them.
    has_sign: bool,
    has_escape: bool,
    /// Hexadecimal digits with nothing between them that a digest could not be broken up by.
    hex: usize,
    readings: Readings,
}

/// Where a word begins: at its first byte, or behind the escape that it begins with.
#[derive(Clone, Copy)]
struct Start {
    at: usize,
    behind_escape: Option<usize>,
}

/// Words as they are joined when escapes are undone: how long they are, and whether an escape says a blank.
#[derive(Default)]
struct Loose {
    length: usize,
    has_blank: bool,
}

#[derive(Clone, Copy)]
struct Joined {
    start: Start,
    end: usize,
    pieces: usize,
    blanks: usize,
}

/// Digits so far, and how many of them stand as close together as those of one number.
#[derive(Default)]
struct Digits {
    all: usize,
    close: usize,
    since: usize,
}

impl Digits {
    fn digit(&mut self) {
        self.close = if self.since <= MAX_GAP { self.close + 1 } else { 1 };
        self.all += 1;
        self.since = 0;
    }

    fn other(&mut self) {
        self.since += 1;
    }
}

impl<'a> Proof<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            digits: Digits::default(),
            word: None,
            joined: None,
            loose: Loose::default(),
            has_tag: false,
            has_sign: false,
            has_escape: false,
            hex: 0,
            readings: Readings::default(),
        }
    }

    fn run(mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let mut length = 1;
            match char::from(*byte) {
                c if c.is_ascii_hexdigit() => self.hex += 1,
                c if c == '%' || breaks_hex(c) => {}
                _ => self.hex = 0,
            }
            match byte {
                b'0'..=b'9' => {
                    self.digits.digit();
                    self.in_word(at);
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'/' | b'-' | b'_' => {
                    self.digits.other();
                    self.in_word(at);
                }
                b' ' | b'\t' | b'\r' | b'\n' => {
                    self.digits.other();
                    self.end_word(at)?;
                    self.blank()?;
                }
                b'%' | b'\\' | b'&' => length = self.sign(at)?,
                0x80.. => {
                    let character = self.text.get(at..)?.chars().next()?;
                    length = character.len_utf8();
                    if character.is_numeric() {
                        self.digits.digit();
                    } else {
                        self.digits.other();
                    }
                    self.end_words(at)?;
                }
                _ => {
                    self.has_tag |= *byte == b'<';
                    self.digits.other();
                    self.end_words(at)?;
                }
            }
            if self.digits.close >= FEWEST_DIGITS || self.hex >= BROKEN_HEX {
                return None;
            }
            at += length;
        }
        self.end_words(bytes.len())?;
        // A tag is one sign, so that digits around it are closer than they look; what an escape says may end another.
        let is_doubtful = (self.has_tag && self.digits.all >= FEWEST_DIGITS) || (self.has_sign && self.has_escape);
        (!is_doubtful).then_some(())
    }

    fn in_word(&mut self, at: usize) {
        self.word.get_or_insert(Start { at, behind_escape: None });
        self.loose.length += 1;
    }

    /// A sign that an escape begins with; returns how many bytes are done with. An escape may be undone or left, so both
    /// what it says and how it is written must be harmless.
    fn sign(&mut self, at: usize) -> Option<usize> {
        let rest = self.text.as_bytes().get(at..)?;
        self.end_word(at)?;
        if !may_begin_escape(rest) {
            self.has_sign |= !rest.starts_with(b"%");
            self.digits.other();
            self.end_words(at)?;
            return Some(1);
        }
        let [b'%', high, low, ..] = rest else { return None };
        let value = char::from(*high).to_digit(16)? << 4 | char::from(*low).to_digit(16)?;
        let value = u8::try_from(value).ok()?;
        if is_of_words(value) || b"%\\&".contains(&value) {
            return None;
        }
        self.has_escape = true;
        self.has_tag |= value == b'<';
        // Bytes that are no ASCII may together be one digit of another script.
        let digits = [high, low].into_iter().filter(|byte| byte.is_ascii_digit()).count();
        for _ in 0..digits.max(usize::from(!value.is_ascii())) {
            self.digits.digit();
        }
        if is_blank(value) {
            self.loose.has_blank = true;
            self.end_joined()?;
        } else {
            self.end_words(at)?;
        }
        self.word = Some(Start { at: at + 1, behind_escape: Some(at + 3) });
        self.loose.length += 2;
        Some(3)
    }

    /// What is neither word nor blank.
    fn end_words(&mut self, end: usize) -> Option<()> {
        self.end_word(end)?;
        self.end_joined()?;
        let Loose { length, has_blank } = std::mem::take(&mut self.loose);
        (!has_blank || length < SHORTEST).then_some(())
    }

    fn end_word(&mut self, end: usize) -> Option<()> {
        let Some(start) = self.word.take() else { return Some(()) };
        self.joined = Some(match self.joined {
            Some(joined) => Joined { end, pieces: joined.pieces + 1, blanks: 0, ..joined },
            None => Joined { start, end, pieces: 1, blanks: 0 },
        });
        for at in [Some(start.at), start.behind_escape].into_iter().flatten() {
            self.prove_word(self.text.as_bytes().get(at..end).unwrap_or_default())?;
        }
        Some(())
    }

    fn blank(&mut self) -> Option<()> {
        if let Some(joined) = &mut self.joined {
            joined.blanks += 1;
            if joined.blanks > MAX_BLANKS {
                self.end_joined()?;
            }
        }
        Some(())
    }

    fn end_joined(&mut self) -> Option<()> {
        let Some(Joined { start, end, pieces, .. }) = self.joined.take() else { return Some(()) };
        if pieces < 2 || end - start.at < SHORTEST {
            return Some(());
        }
        for at in [Some(start.at), start.behind_escape].into_iter().flatten() {
            let text = self.text.get(at..end).unwrap_or_default();
            if text.contains(MASKED) {
                return None;
            }
            let text: Vec<u8> = text.bytes().filter(|byte| !is_blank(*byte)).collect();
            if text.len() >= SHORTEST {
                if std::str::from_utf8(&text).is_ok_and(says_digits_in_small) {
                    return None;
                }
                self.readings.prove_base64(&text)?;
            }
        }
        Some(())
    }

    /// That `word` is no id, no digest and no encoding of a number.
    fn prove_word(&mut self, word: &[u8]) -> Option<()> {
        if word.len() < SHORTEST {
            return Some(());
        }
        let is_hex = |run: &[u8]| run.len() > SHORTEST;
        let is_masked = word.windows(MASKED.len()).any(|window| window == MASKED.as_bytes());
        let mut groups = word.split(|byte| matches!(byte, b'+' | b'/' | b'_'));
        if is_masked
            || groups.any(|group| group.len() == UUID_LENGTH)
            || word.split(|byte| !byte.is_ascii_hexdigit()).any(is_hex)
            || has_mixture(word)
            || std::str::from_utf8(word).is_ok_and(says_digits_in_small)
        {
            return None;
        }
        self.readings.prove_base64(word)?;
        // A page's segments are read alone as well: they begin elsewhere.
        let is_part = |part: &&[u8]| part.len() >= SHORTEST && part.len() < word.len();
        for part in word.split(|byte| *byte == b'/').filter(is_part) {
            self.readings.prove_beginning(part)?;
        }
        for run in word.split(|byte| base32_value(*byte).is_none()).filter(|run| run.len() > SHORTEST) {
            self.readings.prove_base32(run)?;
        }
        Some(())
    }
}

const fn is_of_words_or_blank(byte: u8) -> bool {
    is_of_words(byte) || is_blank(byte)
}

const fn is_of_words(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_proven() {
        for text in [
            "",
            "https://www.selvbetjening.test/borger/skat/aarsopgoerelse",
            "https://www.google-analytics.com/g/collect",
            "GET https://region1.google-analytics.com/g/collect",
            "https://maaling.test/sag/{n}/{date}/{cpr}/vis",
            "query:ep.page_location",
            "query:page%5Btitle%5D",
            "cookie:_ga_ABC123",
            "personalIdentificationNumberOfTheCitizen",
            "Årsopgørelse 2025 for 3 personer",
            "net::ERR_CONNECTION_REFUSED",
            "12 pages, 34 requests, 5 findings",
        ] {
            assert!(is_harmless(text), "{text}");
        }
    }

    #[test]
    fn doubts_are_no_proof() {
        for text in [
            "cpr 0707614285",
            "cut 0707614",
            "070761%2Dx4285",
            "07<b>0761</b>4<b>2",
            "MDcwNzYxLTQyODU=",
            "MDcwNzYx LTQyODU=",
            "MAA3ADAANwA2ADEANAAyADgANQA=",
            "%4DDcwNzYxLTQyODU",
            "a%20b%20c%20d%20e%20f",
            "GA3TANZWGEWTIMRYGU",
            "5d41402abc4b2a76b9719d911017c592",
            "&nbsp;",
        ] {
            assert!(!is_harmless(text), "{text}");
        }
    }
}
