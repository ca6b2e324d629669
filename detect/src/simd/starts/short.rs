//! Short text, which most of what is searched is: seen to have too few digits before anything is sorted.

/// Digits of a number: with fewer, text holds none, however they are written.
pub(super) const FEWEST_DIGITS: u64 = 10;

/// The same byte eight times.
const ONES: u64 = u64::from_le_bytes([1; 8]);

/// Whether there are enough digits for a number in `bytes`, of which there are at most some hundred.
#[inline]
pub(super) fn has_enough_digits(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    let Some(last) = bytes.last_chunk::<8>() else { return false };
    let mut counts = 0;
    for word in words {
        counts += digits(u64::from_le_bytes(*word));
    }
    // The last eight without those that were counted. All eight were if there is no rest.
    let counted = u32::try_from(64 - 8 * rest.len()).unwrap_or(64);
    counts += digits(u64::from_le_bytes(*last).checked_shr(counted).unwrap_or_default());
    // What is added up is at the top.
    counts.wrapping_mul(ONES) >> 56 >= FEWEST_DIGITS
}

/// A one in each byte that is a digit.
#[inline]
fn digits(word: u64) -> u64 {
    // A digit is 0x30 to 0x39: made 0 to 9 it stays below 16 when 6 is added. Only the lower half is added to, so that
    // nothing is carried on.
    let values = word ^ (ONES * 0x30);
    let others = values | ((values & (ONES * 0x0f)) + ONES * 6);
    // Any of the upper four bits.
    let others = others & (ONES * 0xf0);
    let others = (others >> 4) | (others >> 5) | (others >> 6) | (others >> 7);
    !others & ONES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_counted_at_every_length() {
        for byte in 0..=u8::MAX {
            assert_eq!(digits(u64::from(byte)) & 1, u64::from(byte.is_ascii_digit()), "{byte:#x}");
        }
        for length in 0..=64 {
            for count in 0..=length {
                let mut bytes = vec![b'/'; length];
                bytes[length - count..].fill(b'7');
                let expected = count >= 10;
                assert_eq!(has_enough_digits(&bytes), expected, "{count} of {length}");
                bytes.reverse();
                assert_eq!(has_enough_digits(&bytes), expected, "{count} of {length}");
            }
        }
    }
}
