//! Digests in base64 and base64url (RFC 4648 §4, §5), with or without padding.
//!
//! They stand between two separators, which may be of the alphabet themselves, as the slash of a path is.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding};

use super::super::{Digest, LENGTHS};
use super::{DigestToken, Run, is_separator};

/// In longer runs base64 is a file and not a digest; paths are shorter.
const LONGEST_RUN: usize = 512;

/// How often capitals, small letters and digits take turns in noise: two times in three characters. Names in camel case
/// do in one of four, and have hardly a digit. In percent of the characters, with a digit and without. Rather low: a word
/// too much costs nothing in a sweep.
const TURNS: usize = 25;
const TURNS_WITHOUT_DIGITS: usize = 30;

/// The digests in `run`.
pub(super) fn tokens(run: &Run<'_>) -> Vec<DigestToken> {
    let mut found = Vec::new();
    if run.text.len() > LONGEST_RUN {
        return found;
    }
    let separators = run.text.iter().enumerate().filter(|(_, byte)| is_separator(**byte)).map(|(at, _)| at);
    let mut free_from = 0;
    for start in std::iter::once(0).chain(separators.map(|at| at + 1)) {
        // The longest first: a shorter one would be its beginning, by chance.
        for length in LENGTHS.into_iter().rev().map(unpadded).filter(|_| start >= free_from) {
            let end = start + length;
            // Where one ends is asked first: in base64 of a file it is hardly ever there.
            let Some(padding) = run.text.get(end..).and_then(|_| padding(run, end, length)) else { continue };
            if let Some(digest) = run.text.get(start..end).and_then(digest) {
                found.push(run.token(digest, start..end + padding));
                free_from = end;
                break;
            }
        }
    }
    found
}

/// Characters of padding behind a token of `length` that ends before `end`. `None` if it does not end there, or if it is
/// a name with its value.
fn padding(run: &Run<'_>, end: usize, length: usize) -> Option<usize> {
    if let Some(next) = run.text.get(end) {
        return is_separator(*next).then_some(0);
    }
    let signs = run.behind.iter().take_while(|byte| **byte == b'=').count();
    [0, length.next_multiple_of(4) - length].into_iter().find(|padding| *padding == signs)
}

/// Characters of base64 that `bytes` make.
const fn unpadded(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// The digest in `text`, if that is noise and no words.
fn digest(text: &[u8]) -> Option<Digest> {
    let is_url = text.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let alphabet: &Encoding = if is_url { &BASE64URL_NOPAD } else { &BASE64_NOPAD };
    if !is_noise(text) {
        return None;
    }
    Digest::new(&alphabet.decode(text).ok()?)
}

fn is_noise(text: &[u8]) -> bool {
    let has = |kind: fn(&u8) -> bool| text.iter().any(kind);
    if !has(u8::is_ascii_lowercase) || !has(u8::is_ascii_uppercase) {
        return false;
    }
    let least = if has(u8::is_ascii_digit) { TURNS } else { TURNS_WITHOUT_DIGITS };
    let turns = text.windows(2).filter(|pair| matches!(pair, [left, right] if takes_turn(*left, *right))).count();
    turns * 100 >= least * text.len()
}

/// Whether both are letters or digits, and not of one kind.
fn takes_turn(left: u8, right: u8) -> bool {
    let kind = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    left.is_ascii_alphanumeric() && right.is_ascii_alphanumeric() && kind(left) != kind(right)
}
