//! lz-string, which scripts compress with for URLs and storage: in the characters of a URL, in base64, and in UTF-16.
//!
//! It has no magic. A view is in it when its end mark comes at the very end, and what comes out is text.

use std::borrow::Cow;

use super::inflate::{End, Grown};
use super::runs::Alphabet;
use super::worth::is_utf_8_text;
use super::{Decoded, Decoder};
use crate::glance::{BLANK, DASH, DIGIT, EQUALS, Glance, HIGH, LETTER, NUL, OTHER, PLUS, SLASH};

/// Shorter text holds no number, but for one of nearly a single digit.
const SHORTEST: usize = 9;

/// Characters of the shortest UTF-16 spelling of ten digits that are nearly all the same.
const SHORTEST_UTF_16: usize = 3;

/// Bits of the writing from which on any text is believed, and the part of it that is ASCII in shorter ones, in percent.
const LONG: usize = 320;
const LEAST_ASCII: usize = 70;

/// Bits of a character, and what is added to it so that it is one, in the UTF-16 spelling.
const BITS_OF_UTF_16: u32 = 15;
const LEAST_OF_UTF_16: u32 = 32;

/// Codes that stand for no earlier text: a new unit of 8 bits, one of 16, the end.
const NEW_8: u32 = 0;
const NEW_16: u32 = 1;
const LAST: u32 = 2;

/// The first code that stands for earlier text.
const FIRST_ENTRY: usize = 3;

/// Widest code read. One more would count more entries than any view has.
const WIDEST: u32 = 24;

/// Values of characters in both alphabets are their places here.
const COMMON: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The same by character: every view of letters and digits is read with it.
const VALUES: [u8; 256] = {
    let mut values = [NO_VALUE; 256];
    let mut value = 0_u8;
    let mut rest: &[u8] = COMMON;
    while let [character, behind @ ..] = rest {
        #[expect(clippy::indexing_slicing, reason = "a byte is a valid index of 256")]
        {
            values[*character as usize] = value;
        }
        value += 1;
        rest = behind;
    }
    values
};

/// Of a character that is not in both alphabets.
const NO_VALUE: u8 = u8::MAX;

const URI: Alphabet = Alphabet::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-$ ");

/// `compressToEncodedURIComponent`.
pub(crate) struct LzStringUri;

/// `compressToBase64`.
pub(crate) struct LzStringBase64;

/// `compressToUTF16`.
pub(crate) struct LzStringUtf16;

impl Decoder for LzStringUri {
    fn id(&self) -> &'static str {
        "lz-string-uri"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        let is_made_so = view.bytes.len() >= SHORTEST
            && view.has(LETTER)
            && view.has_only(LETTER | DIGIT | PLUS | DASH | BLANK | OTHER)
            && view.bytes.iter().all(|byte| URI.has(*byte));
        // A form's decoder has made blanks of plus signs.
        let text = view.bytes.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte });
        is_made_so.then(|| decoded(self.id(), text.map(|byte| value(byte, *b"+-$")), 6, view))?
    }
}

impl Decoder for LzStringBase64 {
    fn id(&self) -> &'static str {
        "lz-string-base64"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        let is_made_so = view.bytes.len() >= SHORTEST
            && view.has(LETTER)
            && view.has_only(LETTER | DIGIT | PLUS | SLASH | EQUALS | BLANK);
        let has_line_ends = || view.has(BLANK) && view.bytes.iter().any(|byte| matches!(byte, b'\t' | b'\n' | b'\r'));
        if !is_made_so || has_line_ends() {
            return None;
        }
        let last = view.bytes.iter().rposition(|byte| *byte != b'=')?;
        let text = view.bytes.get(..=last)?.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte });
        decoded(self.id(), text.map(|byte| value(byte, *b"+/=")), 6, view)
    }
}

impl Decoder for LzStringUtf16 {
    fn id(&self) -> &'static str {
        "lz-string-utf16"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(HIGH) || view.has(NUL) {
            return None;
        }
        let text = view.text()?;
        // Its writer ends it with a blank. A form makes plus signs of blanks, of those within as well.
        let text = if text.ends_with('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
        let text = text.trim_end_matches(' ');
        let values = text.chars().map(|character| u32::from(character).wrapping_sub(LEAST_OF_UTF_16));
        let is_made_so =
            text.chars().count() >= SHORTEST_UTF_16 && values.clone().all(|value| value < 1 << BITS_OF_UTF_16);
        is_made_so.then(|| decoded(self.id(), values, BITS_OF_UTF_16, view))?
    }
}

/// What a character of an alphabet stands for. `extra` are the characters behind those that both alphabets have.
fn value(byte: u8, extra: [u8; 3]) -> u32 {
    let common = VALUES.get(usize::from(byte)).copied().filter(|value| *value != NO_VALUE);
    let behind = || (COMMON.len()..).zip(extra).find_map(|(value, one)| (one == byte).then_some(value)).unwrap_or(0);
    common.map_or_else(|| u32::try_from(behind()).unwrap_or(0), u32::from)
}

/// What the characters with these `values`, of so many `bits` each, stand for.
fn decoded(
    id: &'static str,
    values: impl Iterator<Item = u32> + Clone,
    bits: u32,
    view: &Glance<'_>,
) -> Option<Decoded> {
    // The filling of the last character may have been trimmed away as blank.
    let values = values.chain([0]);
    let mut grown = Grown::of(view.bytes.len());
    let units = expanded(&mut Bits::new(values.clone(), bits), &mut grown)?;
    grown.bytes = match grown.end {
        End::Whole => String::from_utf16(&units).ok()?.into_bytes(),
        End::Cut | End::Broken | End::TooMuch => String::from_utf16_lossy(&units).into_bytes(),
    };
    is_meant(&grown.bytes, values.count() * bits as usize).then(|| grown.decoded(id, &[]))
}

/// Whether a writer made this text. Words now and then come out as a few characters of far-off scripts.
fn is_meant(text: &[u8], bits: usize) -> bool {
    let ascii = text.iter().filter(|byte| byte.is_ascii()).count();
    is_utf_8_text(text) && (bits >= LONG || ascii * 100 >= text.len() * LEAST_ASCII)
}

/// The text behind the codes, in UTF-16, as far as there is room for it in `grown`.
///
/// Each code stands for a stretch of what came out before, so that entries are places in it and take no room.
fn expanded(bits: &mut Bits<impl Iterator<Item = u32>>, grown: &mut Grown) -> Option<Vec<u16>> {
    let mut room = grown.room();
    let mut units: Vec<u16> = Vec::new();
    let mut entries: Vec<(usize, usize)> = Vec::new();
    let mut last: Option<(usize, usize)> = None;
    let (mut width, mut left) = (2, 1_usize);
    loop {
        let code = bits.read(width)?;
        let start = units.len();
        let entry = match code {
            NEW_8 | NEW_16 => {
                let unit = bits.read(if code == NEW_8 { 8 } else { 16 })?;
                units.push(u16::try_from(unit).ok()?);
                entries.push((start, 1));
                // The first of all widens what follows once; later ones count as an entry each.
                if last.is_some() {
                    left = left.checked_sub(1)?;
                    if left == 0 {
                        left = 1 << width;
                        width += 1;
                    }
                }
                (start, 1)
            }
            LAST => return bits.is_done().then_some(units),
            _ => {
                let number = usize::try_from(code).ok()?.checked_sub(FIRST_ENTRY)?;
                // The entry about to be made: the last stretch, and its first unit again.
                let (from, length) = match entries.get(number) {
                    Some(entry) => *entry,
                    None if number == entries.len() => last.map(|(from, length)| (from, length + 1))?,
                    None => return None,
                };
                for at in from..from + length {
                    let unit = *units.get(at)?;
                    let Some(left) = room.checked_sub(bytes_of(unit)) else {
                        grown.end = End::TooMuch;
                        return Some(units);
                    };
                    room = left;
                    units.push(unit);
                }
                (start, length)
            }
        };
        // What came last and the first unit of this stand side by side.
        if let Some((from, length)) = last {
            entries.push((from, length + 1));
            left = left.checked_sub(1)?;
        } else {
            (width, left) = (3, 4);
        }
        last = Some(entry);
        if left == 0 {
            left = 1 << width;
            width += 1;
        }
        if width > WIDEST {
            return None;
        }
    }
}

/// Bytes of UTF-8 that a unit of UTF-16 makes; half a surrogate pair makes two.
fn bytes_of(unit: u16) -> usize {
    match unit {
        0..0x80 => 1,
        0x80..0x800 | 0xd800..0xe000 => 2,
        0x800..0xd800 | 0xe000.. => 3,
    }
}

/// Bits of characters, highest first, put together lowest first. Most words are none of this encoding, and show it in
/// their first characters: the others are not read.
struct Bits<I> {
    /// The characters that are not begun.
    behind: I,
    of_each: u32,
    /// Bits of the character begun that are still to be read, the first of them lowest: numbers are put together so.
    left: u64,
    count: u32,
}

impl<I: Iterator<Item = u32>> Bits<I> {
    fn new(values: I, of_each: u32) -> Self {
        Self { behind: values, of_each, left: 0, count: 0 }
    }

    /// The number in the next bits, at most [`WIDEST`] of them: with a character's they have room in `left`.
    fn read(&mut self, width: u32) -> Option<u32> {
        while self.count < width {
            self.begin_next()?;
        }
        let number = self.left & ((1 << width) - 1);
        self.left >>= width;
        self.count -= width;
        u32::try_from(number).ok()
    }

    /// Takes in the bits of one more character, turned round; what stands above them in its value falls out.
    fn begin_next(&mut self) -> Option<()> {
        let turned = self.behind.next()?.reverse_bits() >> (u32::BITS - self.of_each);
        self.left |= u64::from(turned) << self.count;
        self.count += self.of_each;
        Some(())
    }

    /// Whether what is left is filling: zeros, of this character and of two more at most.
    fn is_done(&mut self) -> bool {
        let is_at_end = self.count == 0 && self.begin_next().is_none();
        let mut behind = || self.behind.by_ref().take(2).all(|value| value == 0) && self.behind.next().is_none();
        is_at_end || self.left == 0 && behind()
    }
}

#[cfg(test)]
mod tests {
    use super::super::bits::noise;
    use super::*;

    const TEXTS: [&str; 5] = [
        "0101901234",
        "{\"cpr\":\"0101901234\"}",
        "cpr=010190-1234&navn=Åse Sørensen – 年末",
        "1111111118 1111111118",
        "https://www.selvbetjening.test/side?cpr=0101901234&https://www.selvbetjening.test/side?cpr=0101901234",
    ];

    fn utf_16(text: &str) -> String {
        lz_str::compress_to_utf16(text)
    }

    #[track_caller]
    fn case(decoder: &dyn Decoder, encoded: &str, text: &str) {
        let decoded = decoder.decode(&Glance::new(encoded.as_bytes()));
        let decoded = decoded.unwrap_or_else(|| panic!("{} does not read {encoded}", decoder.id()));
        assert_eq!(String::from_utf8_lossy(&decoded.pieces[0].bytes), text, "{encoded}");
        assert!(decoded.is_all);
    }

    #[test]
    fn every_spelling_is_read() {
        let long: String = (0..5_000).map(|n| n.to_string()).collect();
        for text in TEXTS.into_iter().chain([long.as_str()]) {
            case(&LzStringUri, &lz_str::compress_to_encoded_uri_component(text), text);
            case(&LzStringUri, &lz_str::compress_to_encoded_uri_component(text).replace('+', " "), text);
            case(&LzStringBase64, &lz_str::compress_to_base64(text), text);
            case(&LzStringUtf16, &utf_16(text), text);
        }
    }

    #[test]
    fn blanks_that_a_form_made_plus_signs_of_are_read() {
        for text in TEXTS {
            case(&LzStringUtf16, &utf_16(text).replace(' ', "+"), text);
        }
    }

    #[test]
    fn a_control_character_in_the_writing_is_no_hindrance() {
        let text = "event: x\ndata: {\"a\":1,\"b\":[{\"cpr\":\"{\\\"a\\\":1,\\\"b\\\":[{\\\"cpr\\\":\\\"010145-5001\\\"}]}\"}]}\n\n";
        assert!(utf_16(text).contains('\u{7f}'));
        case(&LzStringUtf16, &utf_16(text), text);
    }

    #[test]
    fn text_of_every_length_is_read() {
        for length in 10..300 {
            let text: String = ('!'..='~').cycle().take(length).collect();
            case(&LzStringUri, &lz_str::compress_to_encoded_uri_component(&text), &text);
            case(&LzStringBase64, &lz_str::compress_to_base64(&text), &text);
            case(&LzStringUtf16, &utf_16(&text), &text);
        }
    }

    #[test]
    fn a_bomb_is_cut_and_said_to_be_one() {
        let encoded = lz_str::compress_to_encoded_uri_component(&"0".repeat(3 << 20));
        assert!(encoded.len() < 10_000);
        let decoded = LzStringUri.decode(&Glance::new(encoded.as_bytes())).unwrap();
        assert!(decoded.problem.unwrap().contains("grows to more than"));
        assert!(decoded.pieces[0].bytes.len() < 2 << 20);
    }

    #[test]
    fn other_text_is_none() {
        for text in [
            "MDEwMTkwMTIzNA==",
            "eyJjcHIiOiIwMTAxOTAxMjM0In0",
            "personalIdentificationNumberOfTheCitizen",
            "4f2a9c81d03e77b6aa10",
            "Indkomst og fradrag for personer",
            "Ægtefælles årsopgørelse for året",
            "AAAAAAAAAAAAAAAAAAAA",
            "2222222222222222",
        ] {
            for decoder in [&LzStringUri as &dyn Decoder, &LzStringBase64, &LzStringUtf16] {
                assert!(decoder.decode(&Glance::new(text.as_bytes())).is_none(), "{text}");
            }
        }
    }

    /// The numbers of `widths` bits that stand in `values`, put together bit by bit as far as there are bits, and the bits
    /// behind them.
    fn slowly(values: &[u32], of_each: u32, widths: &[u32]) -> (Vec<u32>, Vec<u32>) {
        let bit = |value: u32| (0..of_each).rev().map(move |place| value >> place & 1);
        let mut bits: Vec<u32> = values.iter().copied().flat_map(bit).collect();
        let mut numbers = Vec::new();
        for width in widths {
            if bits.len() < *width as usize {
                break;
            }
            let number: Vec<u32> = bits.drain(..*width as usize).collect();
            numbers.push(number.iter().rev().fold(0, |number, bit| number << 1 | bit));
        }
        (numbers, bits)
    }

    #[test]
    fn numbers_are_put_together_as_bit_by_bit() {
        let mut noise = noise();
        let mut next = |below: u32| u32::try_from(noise(below as usize)).unwrap();
        for _ in 0..20_000 {
            let of_each = [6, BITS_OF_UTF_16][next(2) as usize];
            let least = next(2);
            let values: Vec<u32> = (0..next(12)).map(|_| next(1 << of_each) * least).collect();
            let widths: Vec<u32> = (0..next(12)).map(|_| next(WIDEST + 1)).collect();
            let (numbers, behind) = slowly(&values, of_each, &widths);
            let mut bits = Bits::new(values.iter().copied(), of_each);
            for (number, width) in numbers.iter().zip(&widths) {
                assert_eq!(bits.read(*width), Some(*number));
            }
            let is_filling = behind.iter().all(|bit| *bit == 0) && behind.len() <= 3 * of_each as usize;
            assert_eq!(bits.is_done(), is_filling, "{values:?} {widths:?}");
        }
    }

    #[test]
    fn a_cut_one_is_none() {
        let encoded = lz_str::compress_to_encoded_uri_component(TEXTS[4]);
        assert!(LzStringUri.decode(&Glance::new(&encoded.as_bytes()[..encoded.len() - 2])).is_none());
    }
}
