//! Escapes in raw text that may hide a digit: those that stand for one or for a letter, which may be encoded again, those that hide another escape, and so many beyond
//! ASCII that they may be digits of another script.

/// Escapes within escapes that are followed here; the detector follows 64.
const MAX_NESTED: usize = 64;

/// Bytes beyond ASCII, as they are or escaped, from which on a line may hold a number in them: nearly ten digits in the
/// UTF-16 spelling of lz-string have nine. A few Danish letters have fewer.
const MANY_HIGH: usize = 9;

/// The escapes of some text.
pub(super) struct Escapes<'a> {
    bytes: &'a [u8],
    /// Where the line ends whose bytes beyond ASCII were counted last.
    counted: usize,
}

impl<'a> Escapes<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, counted: 0 }
    }

    /// Whether what the sign `at` begins may hide a digit.
    pub(super) fn is_suspect(&mut self, at: usize) -> bool {
        let rest = self.bytes.get(at..).unwrap_or_default();
        match rest {
            [b'%', rest @ ..] => self.is_percent(rest, at),
            [b'\\', rest @ ..] => self.is_backslash(rest, at),
            [b'#', next, ..] => {
                let before = at.checked_sub(1).and_then(|place| self.bytes.get(place));
                matches!(before, Some(b'&' | b';')) && is_of_reference(*next)
            }
            _ => false,
        }
    }

    fn is_percent(&mut self, mut rest: &[u8], at: usize) -> bool {
        for _ in 0..MAX_NESTED {
            match rest {
                [b'3', b'0'..=b'9', ..] | [b'u' | b'U', ..] => return true,
                [high @ (b'4'..=b'7'), low, ..] if is_letter(*high, *low) => return true,
                [b'2', b'5', inner @ ..] => rest = inner,
                [b'2', b'3', next, ..] => return is_of_reference(*next) || *next == b'%',
                [b'5', b'C' | b'c', inner @ ..] => return self.is_backslash(inner, at),
                [b'8' | b'9' | b'A'..=b'F' | b'a'..=b'f', ..] => return self.has_many_high(at),
                _ => return false,
            }
        }
        true
    }

    fn is_backslash(&mut self, rest: &[u8], at: usize) -> bool {
        match rest {
            [b'x' | b'X', b'8' | b'9' | b'A'..=b'F' | b'a'..=b'f', ..] => self.has_many_high(at),
            // A digit as it is or escaped, a percent sign, an ampersand, a number sign, another backslash.
            [b'0'..=b'9' | b'%', ..]
            | [b'x' | b'X', b'3', b'0'..=b'9', ..]
            | [b'x' | b'X', b'2', b'3' | b'5' | b'6', ..]
            | [b'x' | b'X', b'5', b'C' | b'c', ..] => true,
            [b'x' | b'X', high @ (b'4'..=b'7'), low, ..] => is_letter(*high, *low),
            [b'u' | b'U', b'0', b'0', high, low, ..] => match high {
                b'4'..=b'7' => is_letter(*high, *low) || (*high == b'5' && matches!(low, b'c' | b'C')),
                b'3' => low.is_ascii_digit(),
                b'2' => matches!(low, b'3' | b'5'),
                b'8' | b'9' | b'A'..=b'F' | b'a'..=b'f' => self.has_many_high(at),
                _ => false,
            },
            // Letters of other scripts, and `\u{..}`.
            [b'u' | b'U', ..] => true,
            _ => false,
        }
    }

    /// Whether the line `at` has many bytes beyond ASCII. Asked once for each line.
    pub(super) fn has_many_high(&mut self, at: usize) -> bool {
        if at < self.counted {
            return false;
        }
        let before = self.bytes.get(..at).unwrap_or_default();
        let begin = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let rest = self.bytes.get(begin..).unwrap_or_default();
        let end = crate::seek::position(rest, b'\n').unwrap_or(rest.len());
        self.counted = begin + end;
        let line = rest.get(..end).unwrap_or_default();
        let raw = crate::seek::count(line, |byte| byte >= 0x80);
        let is_high = |three: &&[u8; 3]| {
            let is_begun = matches!(three, [b'%' | b'x' | b'X', ..]);
            let [_, high, low] = three;
            is_begun && matches!(high, b'8' | b'9' | b'A'..=b'F' | b'a'..=b'f') && low.is_ascii_hexdigit()
        };
        raw >= MANY_HIGH || raw + line.array_windows::<3>().filter(is_high).count() >= MANY_HIGH
    }
}

/// Whether two hex digits stand for a letter. Who encodes leaves letters alone, but for those that encode all.
fn is_letter(high: u8, low: u8) -> bool {
    let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default();
    u8::try_from(value(high) * 16 + value(low)).is_ok_and(|byte| low.is_ascii_hexdigit() && byte.is_ascii_alphabetic())
}

/// Whether a character reference goes on so: `&#48;`, `&#x30;`.
fn is_of_reference(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'x' | b'X')
}
