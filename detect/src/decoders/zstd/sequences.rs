//! Sequences of a block (RFC 8878 §3.1.1.3.2): so many literals, then so many bytes from so far back.

use super::MAX_BLOCK;
use super::bits::Backward;
use super::fse::Table;
use crate::decoders::inflate::Grown;

/// Further bits of each code of a length of literals; its base follows from those before.
const LITERALS: [usize; 36] =
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

/// The same of a length of a match, the shortest of which is three.
const MATCHES: [usize; 53] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2,
    3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
];
const SHORTEST_MATCH: usize = 3;

/// Largest code of an offset: one of 32 bits reaches further than any output.
const LARGEST_OFFSET_CODE: u8 = 31;

/// Shares where a block brings none of its own (RFC 8878 §3.1.1.3.2.2).
const LITERAL_SHARES: [i16; 36] =
    [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1];
const MATCH_SHARES: [i16; 53] = [
    1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
];
const OFFSET_SHARES: [i16; 29] =
    [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1];

/// What goes on from block to block of a frame.
pub(super) struct Sequences {
    literals: Option<Table>,
    offsets: Option<Table>,
    matches: Option<Table>,
    /// The offsets used last, the latest first.
    recent: [usize; 3],
    /// Where in the output the frame begins: no match reaches behind it.
    start: usize,
}

impl Sequences {
    pub(super) fn new(start: usize) -> Self {
        Self { literals: None, offsets: None, matches: None, recent: [1, 4, 8], start }
    }

    /// Adds what the sequences make of `literals`: whether there was room for all of it, `None` if they are broken.
    pub(super) fn expand(&mut self, bytes: &[u8], literals: &[u8], grown: &mut Grown) -> Option<bool> {
        let (count, rest) = count(bytes)?;
        if count == 0 {
            return Some(grown.push(literals));
        }
        let (modes, mut rest) = rest.split_first()?;
        self.literals = Some(table(modes >> 6, &mut rest, self.literals.take(), (&LITERAL_SHARES, 6), 9)?);
        self.offsets = Some(table(modes >> 4 & 3, &mut rest, self.offsets.take(), (&OFFSET_SHARES, 5), 8)?);
        self.matches = Some(table(modes >> 2 & 3, &mut rest, self.matches.take(), (&MATCH_SHARES, 6), 9)?);
        self.run(count, Backward::new(rest)?, literals, grown)
    }

    fn run(&mut self, count: usize, mut source: Backward<'_>, literals: &[u8], grown: &mut Grown) -> Option<bool> {
        let Self { literals: Some(lengths), offsets: Some(offsets), matches: Some(matches), recent, start } = self
        else {
            return None;
        };
        let mut rest = literals;
        let mut made = 0;
        let mut length = lengths.begin(&mut source);
        let mut offset = offsets.begin(&mut source);
        let mut matched = matches.begin(&mut source);
        for number in 1..=count {
            let code = offsets.symbol(offset).filter(|code| *code <= LARGEST_OFFSET_CODE)?;
            let reach = (1 << code) + usize::try_from(source.read(usize::from(code))).ok()?;
            let repeat = SHORTEST_MATCH + extended(&MATCHES, matches.symbol(matched)?, &mut source)?;
            let plain = extended(&LITERALS, lengths.symbol(length)?, &mut source)?;
            if source.is_overdrawn() {
                return None;
            }
            let (now, later) = rest.split_at_checked(plain)?;
            rest = later;
            made += plain + repeat;
            if made > MAX_BLOCK {
                return None;
            }
            let back = distance(reach, plain == 0, recent)?;
            if !grown.push(now) || !copy(grown, back, repeat, *start)? {
                return Some(false);
            }
            if number < count {
                length = lengths.next(length, &mut source)?;
                matched = matches.next(matched, &mut source)?;
                offset = offsets.next(offset, &mut source)?;
            }
        }
        source.is_done().then(|| grown.push(rest))
    }
}

/// How many sequences there are, and what stands behind that.
fn count(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    match (*first, rest) {
        (0..128, _) => Some((usize::from(*first), rest)),
        (128..255, [low, rest @ ..]) => Some((usize::from(first - 128) << 8 | usize::from(*low), rest)),
        (255, [low, high, rest @ ..]) => Some((usize::from(u16::from_le_bytes([*low, *high])) + 0x7f00, rest)),
        _ => None,
    }
}

/// The table to go on with, by mode: the one everybody knows, one symbol, one described here, or the last again.
fn table(mode: u8, rest: &mut &[u8], last: Option<Table>, known: (&[i16], usize), most: usize) -> Option<Table> {
    Some(match mode {
        0 => Table::new(known.0, known.1)?,
        1 => {
            let (symbol, behind) = rest.split_first()?;
            *rest = behind;
            Table::of_one(*symbol)
        }
        2 => {
            let (table, behind) = Table::read(rest, most)?;
            *rest = behind;
            table
        }
        _ => last?,
    })
}

/// The length that a code and its further bits stand for.
fn extended(bits: &[usize], code: u8, source: &mut Backward<'_>) -> Option<usize> {
    let (before, rest) = bits.split_at_checked(usize::from(code))?;
    let base: usize = before.iter().map(|bits| 1 << bits).sum();
    Some(base + usize::try_from(source.read(*rest.first()?)).ok()?)
}

/// How far back a match begins (RFC 8878 §3.1.1.5): three values stand for offsets used last.
fn distance(reach: usize, is_behind_match: bool, recent: &mut [usize; 3]) -> Option<usize> {
    let [first, second, third] = *recent;
    let (back, rest) = match (reach, is_behind_match) {
        (1, false) => return Some(first),
        (2, false) | (1, true) => (second, [first, third]),
        (3, false) | (2, true) => (third, [first, second]),
        (3, true) => (first - 1, [first, second]),
        _ => (reach.checked_sub(3)?, [first, second]),
    };
    if back == 0 {
        return None;
    }
    let [next, last] = rest;
    *recent = [back, next, last];
    Some(back)
}

/// Adds `length` bytes from `back` before the end, which may be bytes just added: whether there was room.
fn copy(grown: &mut Grown, back: usize, length: usize, start: usize) -> Option<bool> {
    let from = grown.bytes.len().checked_sub(back).filter(|from| *from >= start)?;
    let fitting = length.min(grown.room());
    for at in from..from + fitting {
        let byte = *grown.bytes.get(at)?;
        grown.bytes.push(byte);
    }
    Some(fitting == length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_fill_their_tables() {
        let sum = |shares: &[i16]| shares.iter().map(|share| usize::from(share.unsigned_abs())).sum::<usize>();
        assert_eq!((sum(&LITERAL_SHARES), sum(&MATCH_SHARES), sum(&OFFSET_SHARES)), (64, 64, 32));
    }

    #[test]
    fn a_match_may_reach_into_itself_and_not_behind_its_frame() {
        let mut grown = Grown::of(0);
        grown.push(b"xab");
        assert_eq!(copy(&mut grown, 2, 5, 1), Some(true));
        assert_eq!(grown.bytes, b"xabababa");
        assert_eq!(copy(&mut grown, 8, 1, 1), None);
    }

    #[test]
    fn offsets_used_last_come_again() {
        let mut recent = [1, 4, 8];
        assert_eq!(distance(23, false, &mut recent), Some(20));
        assert_eq!(distance(2, false, &mut recent), Some(1));
        assert_eq!((distance(3, true, &mut recent), recent), (None, [1, 20, 4]));
        assert_eq!((distance(2, true, &mut recent), recent), (Some(4), [4, 1, 20]));
    }
}
