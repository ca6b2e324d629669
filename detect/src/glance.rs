//! One look at some bytes, so that most decoders can say no without reading them.

use std::cell::OnceCell;

/// Kinds of bytes, as bits. A decoder asks for those that its encoding cannot do without.
pub(crate) const DIGIT: u32 = 1;
pub(crate) const LETTER: u32 = 1 << 1;
/// Space, tab, line feed, carriage return.
pub(crate) const BLANK: u32 = 1 << 2;
pub(crate) const NUL: u32 = 1 << 3;
/// Control characters but NUL and blanks.
pub(crate) const CONTROL: u32 = 1 << 4;
/// Bytes from 0x80 on.
pub(crate) const HIGH: u32 = 1 << 5;
pub(crate) const PERCENT: u32 = 1 << 6;
pub(crate) const AMPERSAND: u32 = 1 << 7;
pub(crate) const EQUALS: u32 = 1 << 8;
pub(crate) const BACKSLASH: u32 = 1 << 9;
pub(crate) const LESS: u32 = 1 << 10;
pub(crate) const SLASH: u32 = 1 << 11;
pub(crate) const PLUS: u32 = 1 << 12;
pub(crate) const DASH: u32 = 1 << 13;
pub(crate) const UNDERSCORE: u32 = 1 << 14;
pub(crate) const DOT: u32 = 1 << 15;
pub(crate) const QUESTION: u32 = 1 << 16;
pub(crate) const HASH: u32 = 1 << 17;
pub(crate) const OPENING: u32 = 1 << 18;
pub(crate) const QUOTE: u32 = 1 << 19;
/// All other printable ASCII.
pub(crate) const OTHER: u32 = 1 << 20;

const ALL: u32 = (OTHER << 1) - 1;

/// Bytes after which it is asked whether there is every kind by now: in noise there soon is.
const BLOCK: usize = 1024;

/// The kind of each byte.
const KINDS: [u32; 256] = {
    let mut kinds = [OTHER; 256];
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

const fn kind(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => DIGIT,
        b'a'..=b'z' | b'A'..=b'Z' => LETTER,
        b' ' | b'\t' | b'\n' | b'\r' => BLANK,
        0 => NUL,
        1..=0x1f | 0x7f => CONTROL,
        0x80..=0xff => HIGH,
        b'%' => PERCENT,
        b'&' => AMPERSAND,
        b'=' => EQUALS,
        b'\\' => BACKSLASH,
        b'<' => LESS,
        b'/' => SLASH,
        b'+' => PLUS,
        b'-' => DASH,
        b'_' => UNDERSCORE,
        b'.' => DOT,
        b'?' => QUESTION,
        b'#' => HASH,
        b'{' | b'[' | b'(' => OPENING,
        b'"' => QUOTE,
        _ => OTHER,
    }
}

/// Bytes, and which kinds there are among them.
#[derive(Debug)]
pub(crate) struct Glance<'a> {
    pub(crate) bytes: &'a [u8],
    kinds: u32,
    text: OnceCell<Option<&'a str>>,
    is_noise: OnceCell<bool>,
}

impl<'a> Glance<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut kinds = 0;
        for block in bytes.chunks(BLOCK) {
            kinds |=
                block.iter().fold(0, |kinds, byte| kinds | KINDS.get(usize::from(*byte)).copied().unwrap_or(OTHER));
            if kinds == ALL {
                break;
            }
        }
        Self { bytes, kinds, text: OnceCell::new(), is_noise: OnceCell::new() }
    }

    /// Whether any of `kinds` is there.
    pub(crate) fn has(&self, kinds: u32) -> bool {
        self.kinds & kinds != 0
    }

    /// Whether there is nothing but `kinds`.
    pub(crate) fn has_only(&self, kinds: u32) -> bool {
        self.kinds & !kinds == 0
    }

    /// All of it as text, if it is UTF-8: many decoders ask.
    pub(crate) fn text(&self) -> Option<&'a str> {
        *self.text.get_or_init(|| std::str::from_utf8(self.bytes).ok())
    }

    /// What `tell` says of it, asked once: whether it is noise.
    pub(crate) fn is_noise(&self, tell: impl FnOnce(&Self) -> bool) -> bool {
        *self.is_noise.get_or_init(|| tell(self))
    }

    /// Whether it is ASCII without control characters.
    pub(crate) fn is_plain(&self) -> bool {
        !self.has(NUL | CONTROL | HIGH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        let glance = Glance::new(b"a%2D");
        assert!(glance.has(PERCENT) && glance.has(DIGIT | BACKSLASH) && !glance.has(HIGH));
        assert!(glance.has_only(LETTER | DIGIT | PERCENT) && !glance.has_only(LETTER | DIGIT));
        assert!(glance.is_plain() && !Glance::new(b"\x01").is_plain());
        assert!(Glance::new(b"").has_only(0));
    }
}
