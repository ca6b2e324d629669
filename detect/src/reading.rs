//! A text as a reader could undo it by hand: its characters, each with where it came from, and after every escape that
//! may be undone, again.
//!
//! For the redactor, which must know what stands where in the text as it is.

use std::ops::Range;

use model::MASKED;

/// Layers of escapes undone before a text is given up: three are the most seen.
const MAX_LAYERS: usize = 16;

/// Longest tag or entity that is skipped over, in characters: longer is text between signs.
const MAX_TAG: usize = 120;
const MAX_ENTITY: usize = 10;

/// Where the bytes of percent-escapes that are no ASCII go until they are put together: private use, neither letter nor
/// digit to anybody.
const BYTES: u32 = 0xf_0000;

/// What stands for a text that was taken out.
const WALL: char = '\0';

/// A character as read, and the bytes of the text that say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) character: char,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether it was written as an escape.
    pub(crate) is_escape: bool,
}

/// A text read once more.
pub(crate) struct Layer {
    pub(crate) units: Vec<Unit>,
    /// Whether all escapes are undone. Before that, and where escapes of plain digits are left alone, digits of an
    /// escape may or may not be meant.
    pub(crate) is_last: bool,
}

impl Unit {
    /// Whether it is a digit: of any script, and the circled and the raised.
    pub(crate) fn is_digit(self) -> bool {
        is_numeric(self.character)
    }

    /// Its value; `None` where only the reader of another script knows, so that any may be meant.
    pub(crate) fn value(self) -> Option<u8> {
        self.character.to_digit(10).and_then(|digit| u8::try_from(digit).ok())
    }

    /// Whether nothing may be joined across it.
    pub(crate) fn is_wall(self) -> bool {
        self.character == WALL && self.end - self.start == MASKED.len()
    }
}

/// As [`char::is_numeric`], and fast where bytes that are no text were read as one.
pub(crate) fn is_numeric(character: char) -> bool {
    match character {
        '\0'..='\x7f' => character.is_ascii_digit(),
        char::REPLACEMENT_CHARACTER => false,
        other => other.is_numeric(),
    }
}

/// As [`char::is_alphabetic`], likewise.
pub(crate) fn is_alphabetic(character: char) -> bool {
    match character {
        '\0'..='\x7f' => character.is_ascii_alphabetic(),
        char::REPLACEMENT_CHARACTER => false,
        other => other.is_alphabetic(),
    }
}

/// Every reading of `text`; `None` when it is escaped more often than anybody needs.
pub(crate) fn layers(text: &str) -> Option<Vec<Layer>> {
    let mut layers = vec![Layer { units: plain(text), is_last: false }];
    // First with every escape undone, then with those left that might be digits behind a stray sign.
    for keeps_digits in [false, true] {
        let (mut at, mut count) = (0, 0);
        while let Some(undone) = layers.get(at).and_then(|layer| undo(&layer.units, keeps_digits)) {
            count += 1;
            if count > MAX_LAYERS {
                return None;
            }
            at = layers.len();
            layers.push(Layer { units: undone, is_last: false });
        }
        if !keeps_digits && let Some(last) = layers.last_mut() {
            last.is_last = true;
        }
        if count == 0 {
            break;
        }
    }
    Some(layers)
}

/// The characters of `text`; what was masked before is a wall.
fn plain(text: &str) -> Vec<Unit> {
    let mut units = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let is_masked = text.get(at..).is_some_and(|rest| rest.starts_with(MASKED));
        let (character, length) = if is_masked { (WALL, MASKED.len()) } else { (character, character.len_utf8()) };
        units.push(Unit { character, start: at, end: at + length, is_escape: false });
        at += length;
    }
    units
}

/// One layer of escapes undone; `None` when there is none.
fn undo(units: &[Unit], keeps_digits: bool) -> Option<Vec<Unit>> {
    let mut undone = Vec::with_capacity(units.len());
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        let rest = units.get(at..).unwrap_or_default();
        let escape = escape(rest).filter(|(length, _)| !(keeps_digits && is_of_digits(rest, *length)));
        if let Some((length, character)) = escape {
            let end = units.get(at + length - 1).map_or(unit.end, |last| last.end);
            undone.push(Unit { character, start: unit.start, end, is_escape: true });
            at += length;
        } else {
            undone.push(*unit);
            at += 1;
        }
    }
    (undone.len() < units.len()).then(|| assembled(&undone))
}

/// The escape that `units` begin with: how many of them, and the character they say.
fn escape(units: &[Unit]) -> Option<(usize, char)> {
    let at = |index: usize| units.get(index).map(|unit| unit.character);
    match (at(0)?, at(1)?) {
        ('%', 'u' | 'U') => utf_16(units, 2),
        ('%', _) => Some((3, byte(hex(units, 1..3)?))),
        ('\\', 'x') => Some((4, byte(hex(units, 2..4)?))),
        ('\\', 'u') if at(2) == Some('{') => {
            let digits = units.iter().skip(3).take(8).take_while(|unit| unit.character.is_ascii_hexdigit()).count();
            let character = char::from_u32(hex(units, 3..3 + digits)?)?;
            (at(3 + digits) == Some('}')).then_some((4 + digits, character))
        }
        ('\\', 'u') => utf_16(units, 2),
        ('\\', sign @ ('\\' | '/' | '"')) => Some((2, sign)),
        ('\\', 'n' | 'r' | 't') => Some((2, ' ')),
        // Octal, as in C.
        ('\\', '0') => Some((4, byte(at(2)?.to_digit(8)? * 8 + at(3)?.to_digit(8)?))),
        ('&', '#') => {
            let is_hex = matches!(at(2)?, 'x' | 'X');
            let (from, radix) = if is_hex { (3, 16) } else { (2, 10) };
            let of = |unit: &&Unit| unit.character.is_digit(radix);
            let digits = units.iter().skip(from).take(MAX_ENTITY).take_while(of).count();
            let character = char::from_u32(number(units, from..from + digits, radix)?)?;
            let end = from + digits;
            Some((end + usize::from(at(end) == Some(';')), character))
        }
        ('&', _) => {
            let name: String = units
                .iter()
                .skip(1)
                .take(MAX_ENTITY)
                .map(|unit| unit.character)
                .take_while(char::is_ascii_alphabetic)
                .collect();
            let sign = match name.as_str() {
                "amp" | "AMP" => '&',
                "num" => '#',
                "percnt" => '%',
                "bsol" => '\\',
                "lt" | "LT" => '<',
                "gt" | "GT" => '>',
                _ => ' ',
            };
            let is_entity = !name.is_empty() && at(name.len() + 1) == Some(';');
            is_entity.then_some((name.len() + 2, sign))
        }
        _ => None,
    }
}

/// Whether `bytes` may begin with an escape. Never no where [`escape`] undoes one.
pub(crate) fn may_begin_escape(bytes: &[u8]) -> bool {
    match bytes {
        [b'%', b'u' | b'U', ..]
        | [b'&', b'#', ..]
        | [b'\\', b'x' | b'u' | b'\\' | b'/' | b'"' | b'n' | b'r' | b't' | b'0', ..] => true,
        [b'%', high, low, ..] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        [b'&', rest @ ..] => {
            let length = rest.iter().take(MAX_ENTITY).take_while(|byte| byte.is_ascii_alphabetic()).count();
            length > 0 && rest.get(length) == Some(&b';')
        }
        _ => false,
    }
}

/// Four hexadecimal digits, and the other half of a pair where it takes two (RFC 8259 §7).
fn utf_16(units: &[Unit], from: usize) -> Option<(usize, char)> {
    let first = hex(units, from..from + 4)?;
    let is_next = units.get(from + 4).map(|unit| unit.character) == units.first().map(|unit| unit.character);
    let second = if is_next { hex(units, from * 2 + 4..from * 2 + 8) } else { None };
    let pair = second.and_then(|second| {
        let halves = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
        char::decode_utf16(halves).next()?.ok().filter(|character| character.len_utf16() == 2)
    });
    match pair {
        Some(character) => Some((from * 2 + 8, character)),
        None => Some((from + 4, char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))),
    }
}

fn hex(units: &[Unit], range: Range<usize>) -> Option<u32> {
    number(units, range, 16)
}

fn number(units: &[Unit], range: Range<usize>, radix: u32) -> Option<u32> {
    let digits = units.get(range).filter(|digits| !digits.is_empty())?;
    digits.iter().try_fold(0_u32, |sum, unit| sum.checked_mul(radix)?.checked_add(unit.character.to_digit(radix)?))
}

fn byte(value: u32) -> char {
    let value = if value < 0x80 { value } else { BYTES + value };
    char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Whether an escape has decimal digits and no hexadecimal letter, so that they may be a number's behind a stray sign.
fn is_of_digits(units: &[Unit], length: usize) -> bool {
    let is_hex_letter = |unit: &Unit| matches!(unit.character.to_ascii_lowercase(), 'a'..='f');
    let has_digit = units.iter().take(length).any(|unit| unit.character.is_ascii_digit());
    has_digit && !units.iter().take(length).any(is_hex_letter) && !is_escaped_escape(units)
}

/// Whether `units` begin with an escaped percent sign, escaped again or not, that belongs to an escape with a letter.
fn is_escaped_escape(units: &[Unit]) -> bool {
    let begins = |units: &[Unit], sign: char| units.first().is_some_and(|unit| unit.character == sign);
    let mut rest = units.get(1..).filter(|_| begins(units, '%')).unwrap_or_default();
    let mut is_escaped = false;
    while begins(rest, '2') && rest.get(1..).is_some_and(|rest| begins(rest, '5')) {
        rest = rest.get(2..).unwrap_or_default();
        is_escaped = true;
    }
    let behind: Vec<char> = rest.iter().take(2).map(|unit| unit.character).collect();
    is_escaped
        && behind.len() == 2
        && behind.iter().all(char::is_ascii_hexdigit)
        && behind.iter().any(char::is_ascii_alphabetic)
}

/// Bytes of percent-escapes put together to the characters they are in UTF-8.
fn assembled(units: &[Unit]) -> Vec<Unit> {
    let of_byte = |unit: &Unit| u32::from(unit.character).checked_sub(BYTES).and_then(|byte| u8::try_from(byte).ok());
    let mut assembled = Vec::with_capacity(units.len());
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        let bytes: Vec<u8> = units.iter().skip(at).take(4).map_while(of_byte).collect();
        let character = (2..=bytes.len()).find_map(|length| {
            let text = std::str::from_utf8(bytes.get(..length)?).ok()?;
            Some((text.chars().next()?, length))
        });
        let (character, length) = character.unwrap_or((unit.character, 1));
        let end = units.get(at + length - 1).map_or(unit.end, |last| last.end);
        assembled.push(Unit { character, end, ..*unit });
        at += length;
    }
    assembled
}

/// The same with every tag as one sign, as it looks on a page; `None` when there is none.
pub(crate) fn without_tags(units: &[Unit]) -> Option<Vec<Unit>> {
    let mut bare = Vec::with_capacity(units.len());
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        let inside = units.iter().skip(at + 1).take(MAX_TAG);
        let end = if unit.character == '<' {
            let length = inside.take_while(|unit| !matches!(unit.character, '<' | '>') && !unit.is_wall()).count();
            units.get(at + 1 + length).filter(|unit| unit.character == '>').map(|_| at + 1 + length)
        } else {
            None
        };
        if let Some(last) = end {
            let end = units.get(last).map_or(unit.end, |unit| unit.end);
            bare.push(Unit { character: ' ', start: unit.start, end, is_escape: false });
            at = last + 1;
        } else {
            bare.push(*unit);
            at += 1;
        }
    }
    (bare.len() < units.len()).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &str) {
        let layers = layers(text).unwrap();
        let last = layers.iter().find(|layer| layer.is_last).unwrap();
        assert_eq!(last.units.iter().map(|unit| unit.character).collect::<String>(), expected);
        assert!(last.units.windows(2).all(|pair| pair[0].end == pair[1].start), "nothing is skipped");
    }

    #[test]
    fn every_escape_is_the_character_it_stands_for() {
        case("a%2Db%252D%zz%4", "a-b-%zz%4");
        case("\\u0030\\x31\\062\\u{33}\\\\u0034", "01234");
        case("%u0030&#49;&#x32;&#x33&#52", "01234");
        case("%EF%BC%90\\ud835\\udfce", "\u{ff10}\u{1d7ce}");
        case("&amp;#48;&nbsp;&unknown;&", "0  &");
        case("plain text", "plain text");
    }

    #[test]
    fn digits_behind_a_stray_sign_are_read_both_ways() {
        let readings: Vec<String> = layers("%070761%C2%AD4285")
            .unwrap()
            .iter()
            .map(|layer| layer.units.iter().map(|unit| unit.character).collect())
            .collect();
        assert_eq!(readings, ["%070761%C2%AD4285", "\u{7}0761\u{ad}4285", "%070761\u{ad}4285"]);
    }

    #[test]
    fn a_tag_is_one_sign() {
        let units = layers("1</b><b class=\"x\">2<3").unwrap().remove(0).units;
        let bare: String = without_tags(&units).unwrap().iter().map(|unit| unit.character).collect();
        assert_eq!(bare, "1  2<3");
    }

    #[test]
    fn escapes_without_end_are_given_up() {
        assert!(layers(&format!("%{}41", "25".repeat(100))).is_none());
    }
}
