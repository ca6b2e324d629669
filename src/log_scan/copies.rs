//! Logs that hold the same as another: one was packed and kept, or copied. Both are counted, for nobody can say that the same
//! lines were not written twice; that it is so is told.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac as _};
use model::Redacted;
use sha2::{Digest as _, Sha256};

/// Bytes at a log's begin and end that it is compared by, beside its length: some lines, each with its time. Comparing all of
/// it would be to read every byte once more.
const COMPARED: usize = 4096;

/// Digits of a token of them.
const TOKEN_LENGTH: usize = 32;

/// Logs remembered: years of them of a hundred servers.
const MAX_LOGS: usize = 100_000;

/// What is seen of one log while it is read.
#[derive(Debug, Default)]
pub(super) struct Seen {
    begin: Vec<u8>,
    end: Vec<u8>,
}

/// What is compared of a log whose first block is this.
pub(super) fn begin_of(block: &[u8]) -> Vec<u8> {
    block.get(..COMPARED.min(block.len())).unwrap_or_default().to_vec()
}

impl Seen {
    /// Of a log that begins with what [`begin_of`] says.
    pub(super) fn of(begin: &[u8]) -> Self {
        Self { begin: begin.to_vec(), end: Vec::new() }
    }

    /// The block that comes next in it.
    pub(super) fn block(&mut self, bytes: &[u8]) {
        self.end.clear();
        self.end.extend_from_slice(bytes.get(bytes.len().saturating_sub(COMPARED)..).unwrap_or_default());
    }

    /// What it is compared by, a text so long in bytes; `None` of an empty one, and of one whose end was not read here.
    pub(super) fn digest(&self, length: u64) -> Option<[u8; 32]> {
        if self.end.is_empty() {
            return None;
        }
        let mut digest = Sha256::new();
        digest.update(length.to_be_bytes());
        digest.update((self.begin.len() as u64).to_be_bytes());
        digest.update(&self.begin);
        digest.update(&self.end);
        Some(digest.finalize().into())
    }
}

/// The logs that were read.
#[derive(Debug, Default)]
pub(super) struct Copies {
    known: BTreeMap<String, Redacted>,
    count: u64,
    first: Option<(Redacted, Redacted)>,
}

impl Copies {
    /// Notes the log `name` under its token; the one that holds the same, if any.
    pub(super) fn note(&mut self, token: &str, name: &Redacted) -> Option<Redacted> {
        if token.is_empty() {
            return None;
        }
        if let Some(known) = self.known.get(token) {
            self.count += 1;
            self.first.get_or_insert_with(|| (name.clone(), known.clone()));
            return Some(known.clone());
        }
        if self.known.len() < MAX_LOGS {
            self.known.insert(token.to_owned(), name.clone());
        }
        None
    }

    /// What is to be said of them at once.
    pub(super) fn told(&self) -> Option<String> {
        let (copy, of) = self.first.as_ref()?;
        let count = self.count;
        Some(format!(
            "counted more than once: logs that hold the same as another, as far as their begin, end and length say: {count}; the \
             first is {copy}, the same as {of}; leave one out unless both were written"
        ))
    }
}

/// The token that a log is known by in the journal: without a key it would say whether a log of few lines has a certain number.
pub(super) fn token(digest: Option<[u8; 32]>, key: Option<&[u8; 32]>) -> String {
    let Some(digest) = digest else { return String::new() };
    // Without a journal it is in memory alone.
    let Some(key) = key else { return data_encoding::HEXLOWER.encode(&digest) };
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length (RFC 2104 §2)");
    mac.update(b"what a log is compared by\0");
    mac.update(&digest);
    data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()).chars().take(TOKEN_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_known_by_its_begin_its_end_and_its_length() {
        let of = |blocks: &[&str]| {
            let mut seen = Seen::of(blocks.first().unwrap_or(&"").as_bytes());
            for block in blocks {
                seen.block(block.as_bytes());
            }
            seen.digest(blocks.iter().map(|block| block.len() as u64).sum())
        };
        assert_eq!(of(&["one\n", "two\n"]), of(&["one\n", "two\n"]));
        for other in [&["one\n"][..], &["one\n", "twx\n"], &["onx\n", "two\n"], &["one\n", "and\n", "two\n"]] {
            assert_ne!(of(&["one\n", "two\n"]), of(other));
        }
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn copies_are_counted_and_the_first_is_named() {
        let mut copies = Copies::default();
        let name = |name: &str| Redacted::own_words(name.to_owned());
        let key = Some(&[7; 32]);
        let (one, two) = (token(Some([1; 32]), key), token(Some([2; 32]), key));
        assert_ne!(one, token(Some([1; 32]), Some(&[8; 32])));
        assert_eq!((copies.note(&one, &name("a")), copies.note(&two, &name("b"))), (None, None));
        assert_eq!((copies.note("", &name("e")), copies.note("", &name("f")), copies.told()), (None, None, None));
        assert_eq!((copies.note(&one, &name("c")), copies.note(&one, &name("d"))), (Some(name("a")), Some(name("a"))));
        assert!(copies.told().unwrap().contains(": 2; the first is c, the same as a"), "{:?}", copies.told());
    }
}
