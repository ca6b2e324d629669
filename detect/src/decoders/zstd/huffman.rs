//! Huffman codes of literals (RFC 8878 §4.2).

use super::bits::Backward;
use super::fse::Table;

/// Longest code (RFC 8878 §4.2.1).
const LONGEST_CODE: usize = 11;

/// Weights that are told; the last symbol's follows from them.
const MAX_WEIGHTS: usize = 255;

/// Accuracy of the table that weights are written with.
const ACCURACY_OF_WEIGHTS: usize = 6;

/// What each sequence of bits begins with: a symbol, and how many bits it takes.
#[derive(Debug)]
pub(super) struct Codes {
    codes: Vec<(u8, usize)>,
    longest: usize,
}

impl Codes {
    /// The codes described at the front of `bytes`, and what stands behind.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (header, rest) = bytes.split_first()?;
        let header = usize::from(*header);
        if header < 128 {
            let (table, behind) = rest.split_at_checked(header)?;
            return Some((Self::new(compressed_weights(table)?)?, behind));
        }
        let count = header - 127;
        let (halves, behind) = rest.split_at_checked(count.div_ceil(2))?;
        let weights = halves.iter().flat_map(|byte| [byte >> 4, byte & 0xf]).take(count);
        Some((Self::new(weights.collect())?, behind))
    }

    fn new(mut weights: Vec<u8>) -> Option<Self> {
        let states = |weight: u8| if weight == 0 { 0 } else { 1_usize << (weight - 1) };
        if weights.len() > MAX_WEIGHTS || weights.iter().any(|weight| usize::from(*weight) > LONGEST_CODE) {
            return None;
        }
        let told: usize = weights.iter().map(|weight| states(*weight)).sum();
        let longest = usize::try_from(told.checked_ilog2()?).ok()? + 1;
        let left = (1 << longest) - told;
        if longest > LONGEST_CODE || !left.is_power_of_two() {
            return None;
        }
        weights.push(u8::try_from(left.ilog2()).ok()? + 1);
        let mut codes = Vec::with_capacity(1 << longest);
        for weight in 1..=u8::try_from(longest).ok()? {
            for (symbol, _) in weights.iter().enumerate().filter(|(_, other)| **other == weight) {
                let code = (u8::try_from(symbol).ok()?, longest + 1 - usize::from(weight));
                codes.extend(std::iter::repeat_n(code, states(weight)));
            }
        }
        Some(Self { codes, longest })
    }

    /// Adds the `count` symbols of one stream.
    pub(super) fn expand(&self, stream: &[u8], count: usize, symbols: &mut Vec<u8>) -> Option<()> {
        let mut source = Backward::new(stream)?;
        for _ in 0..count {
            let (symbol, bits) = *self.codes.get(usize::try_from(source.peek(self.longest)).ok()?)?;
            source.skip(bits);
            symbols.push(symbol);
        }
        source.is_done().then_some(())
    }
}

/// Weights from two states in turn, until the bits are used up.
fn compressed_weights(bytes: &[u8]) -> Option<Vec<u8>> {
    let (table, stream) = Table::read(bytes, ACCURACY_OF_WEIGHTS)?;
    let mut source = Backward::new(stream)?;
    let mut states = [table.begin(&mut source), table.begin(&mut source)];
    let mut weights = Vec::new();
    for turn in 0..MAX_WEIGHTS {
        let state = states.get_mut(turn % 2)?;
        weights.push(table.symbol(*state)?);
        *state = table.next(*state, &mut source)?;
        if source.is_overdrawn() {
            // The other state is the last symbol.
            weights.push(table.symbol(*states.get((turn + 1) % 2)?)?);
            return Some(weights);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_weight_follows_from_the_others() {
        // Weights 4, 3, 2, 0, 1 and the last, 1: the example of RFC 8878 §4.2.1.
        let (codes, rest) = Codes::read(&[127 + 5, 0x43, 0x20, 0x10, 9]).unwrap();
        assert_eq!((codes.longest, rest), (4, &[9][..]));
        assert_eq!(codes.codes.len(), 16);
        assert_eq!(codes.codes[..3], [(4, 4), (5, 4), (2, 3)]);
        assert_eq!(codes.codes[15], (0, 1));
    }

    #[test]
    fn weights_that_do_not_add_up_are_none() {
        assert!(Codes::read(&[127 + 3, 0x11, 0x10]).is_some());
        assert!(Codes::read(&[127 + 2, 0x00]).is_none());
        assert!(Codes::read(&[127 + 2, 0xff]).is_none());
        assert!(Codes::read(&[]).is_none());
    }
}
