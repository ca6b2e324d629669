//! The digests looked for in a sweep, so kept that almost every other digest is refused by one look at a bit.

use std::collections::BTreeSet;

use model::WrittenForm;

use super::Digest;
use crate::simd::hash::Algorithm;

/// Digests up to here get the small table of bits: 64 KiB, which stays in the second cache. One bit of 64 is set then.
const FEW: usize = 8192;
const SMALL_BITS: u32 = 19;

/// The table for more: 512 KiB, of which [`super::sweep::MOST_DIGESTS`] set one bit of 40.
const LARGE_BITS: u32 = 22;

/// The digests of one algorithm that a sweep looks for.
#[derive(Clone, Debug)]
pub(super) struct Targets {
    pub(super) algorithm: Algorithm,
    /// By mark.
    digests: Vec<(u32, Digest)>,
    /// Whether there is a digest whose mark begins so.
    bits: Vec<u32>,
    /// What of a mark is not used for that.
    unused: u32,
}

impl Targets {
    /// Those of `digests` that are as long as `algorithm` makes them. `None` if there are none.
    pub(super) fn new(algorithm: Algorithm, digests: &BTreeSet<Digest>) -> Option<Self> {
        let of_length = digests.iter().filter(|digest| digest.length == length(algorithm));
        let mut digests: Vec<(u32, Digest)> =
            of_length.filter_map(|digest| Some((mark(algorithm, digest)?, *digest))).collect();
        if digests.is_empty() {
            return None;
        }
        digests.sort_unstable();
        let used = if digests.len() <= FEW { SMALL_BITS } else { LARGE_BITS };
        let unused = u32::BITS - used;
        let mut bits = vec![0; 1 << (used - 5)];
        for (mark, _) in &digests {
            let bit = mark >> unused;
            if let Some(word) = bits.get_mut((bit >> 5) as usize) {
                *word |= 1 << (bit & 31);
            }
        }
        Some(Self { algorithm, digests, bits, unused })
    }

    /// 1 if there may be a digest with that mark, and 0 if not. Two of `FEW` marks in a hundred may, by chance.
    pub(super) fn may_hold(&self, mark: u32) -> u32 {
        let bit = mark >> self.unused;
        self.bits.get((bit >> 5) as usize).map_or(0, |word| (word >> (bit & 31)) & 1)
    }

    /// The digests of `message`, whose mark is known. More than one only if one is written as a UUID.
    pub(super) fn of<'a>(&'a self, mark: u32, message: &[u8]) -> impl Iterator<Item = Digest> + use<'a> {
        let from = self.digests.partition_point(|(other, _)| *other < mark);
        let mut same =
            self.digests.get(from..).unwrap_or_default().iter().take_while(move |(other, _)| *other == mark).peekable();
        let digest = same.peek().and_then(|_| Digest::of(self.form(), message));
        same.map(|(_, target)| *target)
            .filter(move |target| digest.is_some_and(|digest| digest == *target || digest.as_uuid() == *target))
    }

    /// How the digests are written.
    pub(super) fn form(&self) -> WrittenForm {
        match self.algorithm {
            Algorithm::Md5 => WrittenForm::Md5,
            Algorithm::Sha1 => WrittenForm::Sha1,
            Algorithm::Sha256 => WrittenForm::Sha256,
        }
    }
}

fn length(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Md5 => 16,
        Algorithm::Sha1 => 20,
        Algorithm::Sha256 => 32,
    }
}

fn mark(algorithm: Algorithm, digest: &Digest) -> Option<u32> {
    digest.bytes.get(algorithm.offset_of_mark()..)?.first_chunk().copied().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made of a counter, so that runs agree.
    fn many(count: u32) -> BTreeSet<Digest> {
        let digests = (0..count).map(|at| Digest::of(WrittenForm::Sha1, &at.to_be_bytes()).unwrap());
        digests.collect()
    }

    #[test]
    fn each_is_found_by_its_mark_and_its_message() {
        for count in [100, 10_000] {
            let targets = Targets::new(Algorithm::Sha1, &many(count)).unwrap();
            for at in 0..count + 100 {
                let digest = Digest::of(WrittenForm::Sha1, &at.to_be_bytes()).unwrap();
                let mark = mark(Algorithm::Sha1, &digest).unwrap();
                assert_eq!(targets.of(mark, &at.to_be_bytes()).eq([digest]), at < count);
                assert!(at >= count || targets.may_hold(mark) == 1);
                assert_eq!(targets.of(mark, b"another").count(), 0);
            }
        }
    }

    #[test]
    fn few_bits_are_set() {
        for count in [8_000, 100_000] {
            let targets = Targets::new(Algorithm::Sha1, &many(count)).unwrap();
            let set: u32 = targets.bits.iter().map(|word| word.count_ones()).sum();
            assert!(u64::from(set) * 40 < targets.bits.len() as u64 * 32, "{set}");
        }
    }

    #[test]
    fn a_uuid_of_a_digest_is_one_of_its_forms() {
        let digest = Digest::of(WrittenForm::Md5, b"0101901234").unwrap();
        let both = [digest, digest.as_uuid()].into_iter().collect();
        let targets = Targets::new(Algorithm::Md5, &both).unwrap();
        assert_eq!(targets.of(mark(Algorithm::Md5, &digest).unwrap(), b"0101901234").count(), 2);
    }

    #[test]
    fn other_lengths_are_not_looked_for() {
        assert!(Targets::new(Algorithm::Md5, &many(3)).is_none());
    }
}
