//! Digests of many short messages at once: MD5, SHA-1 and SHA-256 of one block each.
//!
//! A kernel computes only one word of each digest, the mark. Whoever finds that it is one he looks for computes the
//! rest with the usual crates.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod lanes;
mod md5;
mod sha1;
mod sha256;

use lanes::fill;

/// Messages hashed in one call: with their marks they fit the first cache (16 KiB of 32), and even 32 lanes are full.
pub(crate) const MESSAGES: usize = 1024;

/// A digest that the kernels know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
}

/// Messages of equal length, at most twelve bytes with the padding's first.
#[derive(Clone, Debug)]
pub(crate) struct Messages {
    /// First, second and third word of each, first byte highest.
    words: [[u32; MESSAGES]; 3],
    /// How many there are.
    len: usize,
    /// Length of each in bits.
    bits: u32,
}

/// How digests are computed: by registers as wide as the processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel(Instructions);

/// What a processor can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instructions {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Algorithm {
    /// Where in the digest its mark stands, in bytes.
    pub(crate) fn offset_of_mark(self) -> usize {
        match self {
            Self::Md5 => 0,
            Self::Sha1 => 16,
            Self::Sha256 => 28,
        }
    }
}

impl Messages {
    /// None yet, of `length` bytes each.
    pub(crate) fn new(length: u32) -> Self {
        Self { words: [[0; MESSAGES]; 3], len: 0, bits: 8 * length }
    }

    /// Adds one message for each of `thirds`, its third word, as long as there is room. Returns those left over.
    pub(crate) fn push<'a>(&mut self, first: u32, second: u32, thirds: &'a [u32]) -> &'a [u32] {
        let room = MESSAGES - self.len;
        let (now, later) = thirds.split_at_checked(room).unwrap_or((thirds, &[]));
        let [firsts, seconds, all_thirds] =
            self.words.each_mut().map(|words| words.get_mut(self.len..self.len + now.len()).unwrap_or_default());
        firsts.fill(first);
        seconds.fill(second);
        all_thirds.copy_from_slice(now);
        self.len += now.len();
        later
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len == MESSAGES
    }

    /// Forgets all messages, not their length.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// The bytes of one message, with those of the padding that follow.
    pub(crate) fn message(&self, at: usize) -> Option<[u8; 12]> {
        let [a, b, c] = self.words.each_ref().map(|words| words.get(at).copied().map(u32::to_be_bytes));
        [a?, b?, c?].concat().try_into().ok()
    }
}

impl Kernel {
    /// Those that this processor can run, fastest first.
    pub fn available() -> Vec<Self> {
        let mut kernels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
                kernels.push(Self(Instructions::Avx512));
            }
            if is_x86_feature_detected!("avx2") {
                kernels.push(Self(Instructions::Avx2));
            }
        }
        kernels.push(Self(Instructions::Portable));
        kernels
    }

    /// The fastest.
    pub fn best() -> Self {
        Self::available().first().copied().unwrap_or(Self(Instructions::Portable))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self.0 {
            Instructions::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => "avx512",
        }
    }

    /// Writes the mark of each of `messages`: of its digest the four bytes at [`Algorithm::offset_of_mark`], first byte
    /// highest. What stands behind the last is of no meaning.
    #[expect(unsafe_code, reason = "enters code for processors that were asked what they can do")]
    pub(crate) fn marks(self, algorithm: Algorithm, messages: &Messages, marks: &mut [u32; MESSAGES]) {
        match self.0 {
            // SAFETY: every processor has integers.
            Instructions::Portable => unsafe {
                match algorithm {
                    Algorithm::Md5 => fill::<u32, md5::Md5>(messages, marks),
                    Algorithm::Sha1 => fill::<u32, sha1::Sha1>(messages, marks),
                    Algorithm::Sha256 => fill::<u32, sha256::Sha256>(messages, marks),
                }
            },
            // SAFETY: only `available` makes this value, and only where the processor has AVX2.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { avx2::marks(algorithm, messages, marks) },
            // SAFETY: only `available` makes this value, and only where the processor has AVX-512 F and BW.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { avx512::marks(algorithm, messages, marks) },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::Digest as _;

    use super::*;

    fn digest(algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        match algorithm {
            Algorithm::Md5 => ::md5::Md5::digest(message).to_vec(),
            Algorithm::Sha1 => ::sha1::Sha1::digest(message).to_vec(),
            Algorithm::Sha256 => sha2::Sha256::digest(message).to_vec(),
        }
    }

    #[track_caller]
    fn case(texts: &[Vec<u8>], length: usize) {
        let mut messages = Messages::new(u32::try_from(length).unwrap());
        for text in texts {
            let mut padded = [0; 12];
            padded[..length].copy_from_slice(&text[..length]);
            padded[length] = 0x80;
            let [first, second, third] = [0, 4, 8].map(|at| u32::from_be_bytes(padded[at..at + 4].try_into().unwrap()));
            assert!(messages.push(first, second, &[third]).is_empty());
            assert_eq!(messages.message(messages.len() - 1), Some(padded));
        }
        for kernel in Kernel::available() {
            for algorithm in [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256] {
                let mut marks = [0; MESSAGES];
                kernel.marks(algorithm, &messages, &mut marks);
                for (text, mark) in texts.iter().zip(marks) {
                    let at = algorithm.offset_of_mark();
                    let expected = &digest(algorithm, &text[..length])[at..at + 4];
                    assert_eq!(mark.to_be_bytes(), expected, "{} {algorithm:?}", kernel.name());
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_kernel_agrees_with_the_crates(texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 11), 1..70)) {
            case(&texts, 10);
            case(&texts, 11);
        }
    }

    #[test]
    fn full_batches_are_hashed_to_the_last_message() {
        let texts: Vec<Vec<u8>> = (0..MESSAGES).map(|at| format!("message{at:04}").into_bytes()).collect();
        case(&texts, 10);
        case(&texts, 11);
    }

    #[test]
    fn what_does_not_fit_is_given_back() {
        let mut messages = Messages::new(10);
        assert_eq!(messages.push(1, 2, &[3; MESSAGES - 1]), [0; 0]);
        assert_eq!(messages.push(1, 2, &[4, 5, 6]), [5, 6]);
        assert!(messages.is_full() && messages.push(1, 2, &[7]) == [7]);
        messages.clear();
        assert_eq!((messages.len(), messages.push(1, 2, &[7])), (0, &[][..]));
    }
}
