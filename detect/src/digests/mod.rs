//! Numbers under a digest: finding what looks like one, knowing those of declared test numbers, and trying every
//! plausible number against all others.
//!
//! A digest without a key hides nothing: there are few numbers, and all are tried in seconds (cpr-facts 3). Those with
//! a key or a secret salt stay closed, and so do the algorithms that are not listed here.

pub(crate) mod canaries;
mod recalled;
mod space;
mod sweep;
mod targets;
pub(crate) mod tokens;

use std::fmt;

use model::WrittenForm;
use sha2::Digest as _;

pub use sweep::{Sweep, SweepDepth, SweepResult, Undone};

/// Bytes of the longest digest, SHA-512.
const LONGEST: usize = 64;

/// Bytes of each digest that is known here: MD5, SHA-1, and SHA-2 and SHA-3 of 224 to 512 bits.
const LENGTHS: [usize; 6] = [16, 20, 28, 32, 48, 64];

/// The bytes of a digest, or of what is as long as one. Prints its length only, since it may be of a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Digest {
    /// `None` if no digest has that length.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        if !LENGTHS.contains(&bytes.len()) {
            return None;
        }
        let mut padded = [0; LONGEST];
        padded.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self { bytes: padded, length: bytes.len() })
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The digest of `message` as `form` says; `None` if that form is no digest.
    fn of(form: WrittenForm, message: &[u8]) -> Option<Self> {
        match form {
            WrittenForm::Compact
            | WrittenForm::Dashed
            | WrittenForm::Spaced
            | WrittenForm::LongYear
            | WrittenForm::Split
            | WrittenForm::Letters => None,
            WrittenForm::Md5 => Self::new(&md5::Md5::digest(message)),
            WrittenForm::Sha1 => Self::new(&sha1::Sha1::digest(message)),
            WrittenForm::Sha224 => Self::new(&sha2::Sha224::digest(message)),
            WrittenForm::Sha256 => Self::new(&sha2::Sha256::digest(message)),
            WrittenForm::Sha384 => Self::new(&sha2::Sha384::digest(message)),
            WrittenForm::Sha512 => Self::new(&sha2::Sha512::digest(message)),
            WrittenForm::Sha3_224 => Self::new(&sha3::Sha3_224::digest(message)),
            WrittenForm::Sha3_256 => Self::new(&sha3::Sha3_256::digest(message)),
            WrittenForm::Sha3_384 => Self::new(&sha3::Sha3_384::digest(message)),
            WrittenForm::Sha3_512 => Self::new(&sha3::Sha3_512::digest(message)),
        }
    }

    /// As it is in a UUID made of it: version and variant take six bits of an MD5 digest (RFC 9562 §5.3). Longer ones
    /// stay as they are.
    fn as_uuid(mut self) -> Self {
        if self.length != 16 {
            return self;
        }
        let [_, _, _, _, _, _, version, _, variant, ..] = &mut self.bytes;
        *version = 0x30 | (*version & 0x0f);
        *variant = 0x80 | (*variant & 0x3f);
        self
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest(.. {} bytes)", self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_prints_masked() {
        assert_eq!(format!("{:?}", Digest::new(&[0xab; 20]).unwrap()), "Digest(.. 20 bytes)");
    }

    #[test]
    fn other_lengths_are_no_digests() {
        for length in 0..=LONGEST + 1 {
            assert_eq!(Digest::new(&vec![1; length]).is_some(), LENGTHS.contains(&length), "{length}");
        }
    }

    #[test]
    fn a_uuid_keeps_all_but_six_bits() {
        let java = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f, 0xff, 0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(Digest::new(&[0xff; 16]).unwrap().as_uuid().as_bytes(), java);
    }
}
