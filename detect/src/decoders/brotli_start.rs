//! How a Brotli stream begins (RFC 7932 §9.1, §9.2), read just far enough to tell what is none.
//!
//! The decompressor makes tables of some hundred kilobytes before it reads a byte. Nothing comes out of a stream before
//! the header of its first block is read to the end, so that a fault in there, or its end, says all.

use super::bits::{Bits, LOOKED_AT};
use super::deflate::LONG_TEXT;

/// Codes of code lengths, and the room that they share out: 2 to the power of the longest (§3.5).
const LENGTH_CODES: u32 = 18;
const LENGTH_ROOM: u32 = 32;

/// Values of literals (§3.1).
const LITERALS: u32 = 256;

/// Values of insert-and-copy lengths (§5).
const COMMANDS: u32 = 704;

/// Whether `bytes` may be a stream. Never no where the decompressor makes something of them: all of a text, or so much of
/// it that it needs no end.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    let may = first_block(&mut Bits::new(bytes), bytes.len());
    // Where the bytes end within a header, nothing comes out.
    may.unwrap_or(bytes.len() > LOOKED_AT)
}

/// Reads the header of the stream and of its first block with content; `None` when the bits run out.
fn first_block(bits: &mut Bits, length: usize) -> Option<bool> {
    if !window(bits)? {
        return Some(true);
    }
    // Each takes some bits, of which there are few.
    loop {
        let is_last = bits.read(1)? == 1;
        if is_last && bits.read(1)? == 1 {
            // Empty.
            return Some(false);
        }
        let nibbles = bits.read(2)? + 4;
        if nibbles < 7 {
            return block(bits, is_last, nibbles, length);
        }
        // Nothing behind the last block, or a fault.
        if !skip_metadata(bits)? || is_last {
            return Some(false);
        }
    }
}

/// A block of content, whose length has so many `nibbles`.
fn block(bits: &mut Bits, is_last: bool, nibbles: u32, length: usize) -> Option<bool> {
    let last = number(bits, nibbles, 4)?;
    if is_too_wide(last, nibbles, 4, 4) {
        return Some(false);
    }
    if is_last || bits.read(1)? == 0 {
        return codes(bits);
    }
    let is_padded = bits.read(bits.to_byte())? == 0;
    // As it is, so that no more comes out than goes in.
    let is_there = usize::try_from(last).is_ok_and(|last| last < length);
    Some(is_padded && (is_there || length >= LONG_TEXT))
}

/// Passes over a block that is none of the content, and says whether there was no fault in it.
fn skip_metadata(bits: &mut Bits) -> Option<bool> {
    let is_reserved = bits.read(1)? == 1;
    let bytes = bits.read(2)?;
    let length = number(bits, bytes, u8::BITS)?;
    let is_padded = bits.read(bits.to_byte())? == 0;
    if is_reserved || !is_padded || is_too_wide(length, bytes, u8::BITS, 1) {
        return Some(false);
    }
    for _ in 0..if bytes == 0 { 0 } else { length + 1 } {
        bits.read(u8::BITS)?;
    }
    Some(true)
}

/// A number of so many `digits`, the lowest first, each of `width` bits.
fn number(bits: &mut Bits, digits: u32, width: u32) -> Option<u32> {
    let mut number = 0;
    for at in 0..digits {
        number |= bits.read(width)? << (width * at);
    }
    Some(number)
}

/// Whether the last of more digits than `least` is zero, so that there should be fewer: a fault.
fn is_too_wide(number: u32, digits: u32, width: u32, least: u32) -> bool {
    digits > least && number >> (width * (digits - 1)) == 0
}

/// Whether the window's size is a plain one.
fn window(bits: &mut Bits) -> Option<bool> {
    let is_plain = bits.read(1)? == 0 || bits.read(3)? != 0 || bits.read(3)? != 1;
    Some(is_plain)
}

/// Reads the prefix codes of a compressed block, as far as they follow each other simply.
fn codes(bits: &mut Bits) -> Option<bool> {
    for _ in ["literals", "commands", "distances"] {
        let types = count(bits)?;
        if types > 1 {
            // Behind them stands more than is read here.
            return Some(prefix_code(bits, types + 2)? != Code::None);
        }
    }
    let postfix = bits.read(2)?;
    let direct = bits.read(4)? << postfix;
    // How literals are told apart by their context: any.
    bits.read(2)?;
    for _ in ["literals", "distances"] {
        let trees = count(bits)?;
        if trees > 1 {
            let longest_run = if bits.read(1)? == 1 { bits.read(4)? + 1 } else { 0 };
            return Some(prefix_code(bits, trees + longest_run)? != Code::None);
        }
    }
    let distances = 16 + direct + (48 << postfix);
    for alphabet in [LITERALS, COMMANDS, distances] {
        match prefix_code(bits, alphabet)? {
            Code::None => return Some(false),
            Code::Complex => return Some(true),
            Code::Simple => {}
        }
    }
    Some(true)
}

/// A number from 1 to 256 (§9.2).
fn count(bits: &mut Bits) -> Option<u32> {
    if bits.read(1)? == 0 {
        return Some(1);
    }
    let length = bits.read(3)?;
    Some(1 + (1 << length) + bits.read(length)?)
}

/// What was read of a prefix code (§3.4, §3.5).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    /// All of it.
    Simple,
    /// Its beginning.
    Complex,
    /// There can be no such code.
    None,
}

fn prefix_code(bits: &mut Bits, alphabet: u32) -> Option<Code> {
    let skipped = bits.read(2)?;
    if skipped == 1 { simple_code(bits, alphabet) } else { complex_code(bits, skipped) }
}

/// One to four values, each another one and within the alphabet.
fn simple_code(bits: &mut Bits, alphabet: u32) -> Option<Code> {
    let count = bits.read(2)? + 1;
    let width = u32::BITS - (alphabet - 1).leading_zeros();
    let mut values = [None; 4];
    for at in 0..count {
        let value = bits.read(width)?;
        if value >= alphabet || values.contains(&Some(value)) {
            return Some(Code::None);
        }
        if let Some(place) = values.get_mut(at as usize) {
            *place = Some(value);
        }
    }
    if count == 4 {
        bits.read(1)?;
    }
    Some(Code::Simple)
}

/// The lengths of the code of lengths must share out all of its room, or there is one alone.
fn complex_code(bits: &mut Bits, skipped: u32) -> Option<Code> {
    let (mut left, mut codes) = (LENGTH_ROOM, 0);
    for _ in skipped..LENGTH_CODES {
        let length = match bits.read(2)? {
            0 => continue,
            1 => 4,
            2 => 3,
            _ if bits.read(1)? == 0 => 2,
            _ if bits.read(1)? == 0 => 1,
            _ => 5,
        };
        codes += 1;
        match left.checked_sub(LENGTH_ROOM >> length) {
            Some(0) => return Some(Code::Complex),
            Some(rest) => left = rest,
            None => return Some(Code::None),
        }
    }
    Some(if codes == 1 { Code::Complex } else { Code::None })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::bits::{noise, noisy_bytes};
    use super::super::brotli::expanded;
    use super::super::inflate::End;
    use super::*;

    /// What is refused must be nothing to the decompressor: no whole stream with something in it, and no long text.
    #[track_caller]
    fn case(bytes: &[u8]) -> bool {
        let may = may_begin(bytes);
        if !may {
            let grown = expanded(bytes);
            let is_nothing = grown.bytes.is_empty() || grown.end != End::Whole && grown.bytes.len() < LONG_TEXT;
            assert!(is_nothing, "{bytes:x?}");
        }
        may
    }

    #[test]
    fn noise_is_refused_where_the_decompressor_refuses_it() {
        let mut next = noise();
        let mut passed = 0;
        for _ in 0..20_000 {
            passed += usize::from(case(&noisy_bytes(&mut next)));
        }
        assert!(passed < 4_000, "{passed} of 20000");
    }

    #[test]
    fn blocks_of_no_content_are_passed_over() {
        // A window of 16, metadata of no byte, then text as it is.
        let text = *b"0101901234";
        let bytes = [&[0b0000_1100, 0b0100_1000, 0b0000_0000, 0b0000_1000][..], &text, &[3]].concat();
        let made = expanded(&bytes);
        assert_eq!((made.bytes.as_slice(), made.end), (&text[..], End::Whole));
        assert!(case(&bytes));
        for at in 0..bytes.len() {
            case(&bytes[..at]);
            for byte in 0..=u8::MAX {
                let mut other = bytes.clone();
                other[at] = byte;
                case(&other);
            }
        }
    }

    #[test]
    fn what_a_compressor_wrote_is_never_refused() {
        let mut next = noise();
        for text in ["0101901234", "cpr=010145-5001", "{\"url\":\"https://a.test/?cpr=070761-4285\"}"] {
            for (quality, times) in (0..=11).flat_map(|quality| [1, 3, 40].map(|times| (quality, times))) {
                let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, quality, 10 + quality);
                encoder.write_all(text.repeat(times).as_bytes()).unwrap();
                let mut bytes = encoder.into_inner();
                assert!(case(&bytes), "{quality} {text}");
                // With a bit turned over, or cut.
                for _ in 0..100 {
                    let at = next(bytes.len().min(24));
                    let bit = 1 << next(8);
                    bytes[at] ^= bit;
                    case(&bytes);
                    bytes[at] ^= bit;
                    case(&bytes[..at]);
                }
            }
        }
    }
}
