//! Tables of finite state entropy (RFC 8878 §4.1): how likely each symbol is, and the states that follow.

use super::bits::{Backward, Forward};

/// Symbols of any table (Huffman weights, lengths, offsets): at most those of match lengths.
const MAX_SYMBOLS: usize = 53;

/// A table; each state is a symbol and the way to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    states: Vec<State>,
    accuracy: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    symbol: u8,
    bits: usize,
    base: usize,
}

impl Table {
    /// The table of one symbol, which takes no bits.
    pub(super) fn of_one(symbol: u8) -> Self {
        Self { states: vec![State { symbol, bits: 0, base: 0 }], accuracy: 0 }
    }

    /// The table described at the front of `bytes`, and what stands behind.
    pub(super) fn read(bytes: &[u8], most_accurate: usize) -> Option<(Self, &[u8])> {
        let mut source = Forward::new(bytes);
        let accuracy = source.peek(4) + 5;
        source.skip(4);
        if accuracy > most_accurate {
            return None;
        }
        let mut left = 1_usize << accuracy;
        let mut shares = Vec::new();
        while left > 0 {
            if shares.len() >= MAX_SYMBOLS || source.rest().is_none() {
                return None;
            }
            // Values up to `left` + 1: the low ones are one bit shorter.
            let count = usize::try_from((left + 1).ilog2()).ok()? + 1;
            let value = source.peek(count);
            let short = value & ((1 << (count - 1)) - 1);
            let threshold = (1 << count) - 2 - left;
            let value = if short < threshold {
                source.skip(count - 1);
                short
            } else {
                source.skip(count);
                if value >= 1 << (count - 1) { value - threshold } else { value }
            };
            // Zero says "less than one", which takes one state too.
            let share = i16::try_from(value).ok()? - 1;
            left = left.checked_sub(usize::from(share.unsigned_abs()))?;
            shares.push(share);
            // How many more zeros follow; three says that it goes on.
            let mut zeros = if share == 0 { 3 } else { 0 };
            while zeros == 3 && shares.len() <= MAX_SYMBOLS {
                zeros = source.peek(2);
                source.skip(2);
                shares.extend(std::iter::repeat_n(0, zeros));
            }
        }
        Some((Self::new(&shares, accuracy)?, source.rest()?))
    }

    /// The table in which each symbol has its share of the states; -1 is less than one.
    pub(super) fn new(shares: &[i16], accuracy: usize) -> Option<Self> {
        let size = 1_usize << accuracy;
        let mut symbols = vec![0_u8; size];
        let mut high = size;
        for (symbol, _) in shares.iter().enumerate().filter(|(_, share)| **share == -1) {
            high = high.checked_sub(1)?;
            *symbols.get_mut(high)? = u8::try_from(symbol).ok()?;
        }
        let mut at = 0;
        let step = (size >> 1) + (size >> 3) + 3;
        for (symbol, share) in shares.iter().enumerate() {
            for _ in 0..*share {
                *symbols.get_mut(at).filter(|_| at < high)? = u8::try_from(symbol).ok()?;
                at = (at + step) & (size - 1);
                while at >= high && high > 0 {
                    at = (at + step) & (size - 1);
                }
            }
        }
        let mut next: Vec<usize> = shares.iter().map(|share| usize::from(share.unsigned_abs())).collect();
        let states = symbols.into_iter().map(|symbol| {
            let number = next.get_mut(usize::from(symbol))?;
            let bits = accuracy.checked_sub(usize::try_from(number.checked_ilog2()?).ok()?)?;
            let base = (*number << bits).checked_sub(size)?;
            *number += 1;
            Some(State { symbol, bits, base })
        });
        Some(Self { states: states.collect::<Option<_>>()?, accuracy })
    }

    /// The first state.
    pub(super) fn begin(&self, source: &mut Backward<'_>) -> usize {
        usize::try_from(source.read(self.accuracy)).unwrap_or_default()
    }

    pub(super) fn symbol(&self, state: usize) -> Option<u8> {
        self.states.get(state).map(|state| state.symbol)
    }

    /// The state after `state`.
    pub(super) fn next(&self, state: usize, source: &mut Backward<'_>) -> Option<usize> {
        let State { bits, base, .. } = self.states.get(state)?;
        Some(base + usize::try_from(source.read(*bits)).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_as_many_states_as_its_shares() {
        let table = Table::new(&[16, 8, 7, -1], 5).unwrap();
        let symbols: Vec<u8> = table.states.iter().map(|state| state.symbol).collect();
        assert_eq!(symbols.last(), Some(&3));
        let mut states = [0; 4];
        for symbol in symbols {
            states[usize::from(symbol)] += 1;
        }
        assert_eq!(states, [16, 8, 7, 1]);
        assert!(Table::new(&[33], 5).is_none());
    }

    #[test]
    fn any_bytes_are_a_table_or_none() {
        for first in 0..=255 {
            for second in 0..=255 {
                let _ = Table::read(&[first, second, 0x5a, second, first, 0xff, 0], 9);
            }
        }
    }
}
