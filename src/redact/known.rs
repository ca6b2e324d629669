//! Texts of a log that were read before: agents, pages and referrers come again by the thousand. What is remembered is as
//! it was in the log, so nothing of it is ever shown.

use detect::Masked;

/// Texts remembered by one thread, a power of two; they take some tens of megabytes.
const SLOTS: usize = 1 << 16;

/// Longest text remembered. Longer ones are seldom the same.
const MAX_LENGTH: usize = 512;

/// Spreads the bits of a text's sum (a prime near the golden ratio of 2^64).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Texts and what was made of them. Each has one slot, and the last one there stays.
pub(super) struct Known {
    slots: Vec<Entry>,
}

/// A slot; its room is kept.
#[derive(Clone, Default)]
struct Entry {
    text: Vec<u8>,
    /// The same, masked; empty if nothing was.
    masked: Vec<u8>,
    count: Masked,
}

impl Known {
    pub(super) fn new() -> Self {
        Self { slots: vec![Entry::default(); SLOTS] }
    }

    /// Masks `text` in place as `mask` does it, or did it before.
    pub(super) fn or_else(&mut self, text: &mut [u8], mask: impl FnOnce(&mut [u8]) -> Masked) -> Masked {
        let slot = self.slots.get_mut(slot(text)).filter(|_| text.len() <= MAX_LENGTH && !text.is_empty());
        let Some(entry) = slot else { return mask(text) };
        if *entry.text == *text {
            if entry.masked.len() == text.len() {
                text.copy_from_slice(&entry.masked);
            }
            return entry.count;
        }
        entry.text.clear();
        entry.text.extend_from_slice(text);
        entry.count = mask(text);
        entry.masked.clear();
        if entry.text != *text {
            entry.masked.extend_from_slice(text);
        }
        entry.count
    }
}

/// Where a text is kept. Whoever fills a log so that all are kept at one place slows us down, and no more.
fn slot(text: &[u8]) -> usize {
    let (eights, rest) = text.as_chunks::<8>();
    let mut sum = text.len() as u64;
    for eight in eights {
        sum = (sum.rotate_left(5) ^ u64::from_le_bytes(*eight)).wrapping_mul(SPREAD);
    }
    for byte in rest {
        sum = (sum.rotate_left(5) ^ u64::from(*byte)).wrapping_mul(SPREAD);
    }
    usize::try_from(sum >> 48).unwrap_or_default() % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_masked_alike_however_often_it_comes() {
        let mut known = Known::new();
        let count = Masked { sure: 1, care: 0 };
        for time in 0..3 {
            let mut text = *b"secret";
            let mut asked = false;
            let masked = known.or_else(&mut text, |text| {
                asked = true;
                text.fill(b'x');
                count
            });
            assert_eq!((&text, masked, asked), (b"xxxxxx", count, time == 0));
            let mut text = vec![b'a'; MAX_LENGTH + time];
            assert!(known.or_else(&mut text, |_| Masked::default()).is_nothing());
        }
    }
}
