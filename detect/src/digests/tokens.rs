//! What is shaped as a digest, in any bytes: hexadecimal digits or base64 of just the right length.
//!
//! Hexadecimal digits: in one run, as a UUID, or in pairs with dashes between, as .NET's `BitConverter` writes them.
//! Runs end where no such digit follows, so that the `0x` and `\x` of databases may stand before them.
//! Base64 and base64url (RFC 4648 §4, §5), with or without padding: from one separator to another, which may itself be
//! of the alphabet, as the slash of a path is.

use std::ops::Range;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER_PERMISSIVE};

use super::{Digest, LENGTHS};
use crate::glance::{Glance, LETTER};

/// Tokens taken from one view. A page of telemetry has tens; a view with more is a list of ids, and is told as cut.
const MOST_TOKENS: usize = 4096;

/// Characters of the shortest, MD5 in base64.
const SHORTEST: usize = 22;

/// In longer runs base64 is a file and not a digest; paths are shorter.
const LONGEST_RUN: usize = 512;

/// Hexadecimal digits of a UUID's groups (RFC 9562 §4).
const UUID: [usize; 5] = [8, 4, 4, 4, 12];

/// How often capitals, small letters and digits take turns in noise: two times in three characters. Names in camel case
/// do in one of four, and have hardly a digit. In percent of the characters, with a digit and without. Rather low: a word
/// too much costs nothing in a sweep.
const TURNS: usize = 25;
const TURNS_WITHOUT_DIGITS: usize = 30;

/// What may be a digest, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DigestToken {
    /// Its bytes.
    pub(crate) digest: Digest,
    /// Where, in the bytes of the view.
    pub(crate) range: Range<usize>,
}

/// What a view holds of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DigestTokens {
    /// In order. A UUID stands there twice: its bytes as written, and as .NET's `Guid` reads them.
    pub(crate) found: Vec<DigestToken>,
    /// Whether there were more, which are left out.
    pub(crate) is_cut: bool,
}

/// What in `view` is shaped as a digest.
pub(crate) fn tokens(view: &Glance<'_>) -> DigestTokens {
    let mut tokens = DigestTokens::default();
    if view.bytes.len() < SHORTEST || !view.has(LETTER) {
        return tokens;
    }
    let mut at = 0;
    while let Some(run) = next_run(view.bytes, at) {
        at = run.end;
        Run::new(view.bytes, run).tokens(&mut tokens);
        if tokens.found.len() > MOST_TOKENS {
            tokens.found.truncate(MOST_TOKENS);
            tokens.is_cut = true;
            break;
        }
    }
    tokens
}

/// The next run of characters of any alphabet that is long enough. Looks at one byte of many: a run so long has one at
/// each multiple of the shortest.
fn next_run(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut from = from;
    loop {
        let window = bytes.get(from..from + SHORTEST)?;
        if let Some(stop) = window.iter().rposition(|byte| !is_of_token(*byte)) {
            from += stop + 1;
            continue;
        }
        let rest = bytes.get(from + SHORTEST..)?;
        let more = rest.iter().take_while(|byte| is_of_token(**byte)).count();
        return Some(from..from + SHORTEST + more);
    }
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || is_separator(byte)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Characters of the alphabets, with none before and none behind.
struct Run<'a> {
    text: &'a [u8],
    /// Where it begins in the view.
    start: usize,
    /// What follows.
    behind: &'a [u8],
}

impl<'a> Run<'a> {
    fn new(bytes: &'a [u8], range: Range<usize>) -> Self {
        Self {
            text: bytes.get(range.clone()).unwrap_or_default(),
            start: range.start,
            behind: bytes.get(range.end..).unwrap_or_default(),
        }
    }

    fn tokens(&self, tokens: &mut DigestTokens) {
        let before = tokens.found.len();
        let groups = self.groups();
        self.whole_groups(&groups, tokens);
        self.dashed_groups(&groups, tokens);
        // Noise of one alphabet only is no base64.
        if tokens.found.len() == before && self.text.len() <= LONGEST_RUN {
            self.base64(tokens);
        }
        if let Some(new) = tokens.found.get_mut(before..) {
            new.sort_by_key(|token| token.range.start);
        }
    }

    /// Runs of hexadecimal digits.
    fn groups(&self) -> Vec<Range<usize>> {
        let mut groups = Vec::new();
        let mut start = 0;
        for part in self.text.split(|byte| !byte.is_ascii_hexdigit()) {
            if !part.is_empty() {
                groups.push(start..start + part.len());
            }
            start += part.len() + 1;
        }
        groups
    }

    fn whole_groups(&self, groups: &[Range<usize>], tokens: &mut DigestTokens) {
        for group in groups.iter().filter(|group| group.len() % 2 == 0 && LENGTHS.contains(&(group.len() / 2))) {
            let text = self.text.get(group.clone()).unwrap_or_default();
            tokens.found.extend(hex(text).map(|digest| self.token(digest, group.clone())));
        }
    }

    /// UUIDs, and digits in pairs.
    fn dashed_groups(&self, groups: &[Range<usize>], tokens: &mut DigestTokens) {
        for joined in groups.chunk_by(|left, right| self.text.get(left.end..right.start) == Some(b"-")) {
            for uuid in joined.windows(UUID.len()).filter(|groups| groups.iter().map(Range::len).eq(UUID)) {
                let digest = self.digits(uuid).and_then(|digits| hex(&digits));
                let (Some(digest), Some(range)) = (digest, around(uuid)) else { continue };
                tokens.found.push(self.token(digest, range.clone()));
                tokens.found.push(self.token(as_guid(digest), range));
            }
            for pairs in joined.chunk_by(|left, right| left.len() == 2 && right.len() == 2) {
                let digest =
                    self.digits(pairs).filter(|_| LENGTHS.contains(&pairs.len())).and_then(|digits| hex(&digits));
                let (Some(digest), Some(range)) = (digest, around(pairs)) else { continue };
                tokens.found.push(self.token(digest, range));
            }
        }
    }

    /// The digits of `groups`, if there are not too many for a digest.
    fn digits(&self, groups: &[Range<usize>]) -> Option<Vec<u8>> {
        let range = around(groups)?;
        let text = self.text.get(range).filter(|text| text.len() <= LONGEST_RUN)?;
        Some(text.iter().copied().filter(u8::is_ascii_hexdigit).collect())
    }

    fn base64(&self, tokens: &mut DigestTokens) {
        let separators = || self.text.iter().enumerate().filter(|(_, byte)| is_separator(**byte)).map(|(at, _)| at);
        // A separator may be one, or the first or last character of a digest.
        let starts = std::iter::once(0).chain(separators().flat_map(|at| [at, at + 1]));
        let mut free_from = 0;
        for start in starts {
            // The longest first: a shorter one would be its beginning, by chance.
            for length in LENGTHS.into_iter().rev().map(unpadded) {
                let end = start + length;
                let Some(text) = self.text.get(start..end) else { continue };
                if start < free_from || !self.ends_at(end) {
                    continue;
                }
                if let Some((digest, padding)) = base64(text).zip(self.padding(end, length)) {
                    tokens.found.push(self.token(digest, start..end + padding));
                    free_from = end;
                }
            }
        }
    }

    /// Whether a token may end before `end`.
    fn ends_at(&self, end: usize) -> bool {
        let is_at = |at: usize| self.text.get(at).is_none_or(|byte| is_separator(*byte));
        is_at(end) || end.checked_sub(1).is_some_and(is_at)
    }

    /// Characters of padding behind a token of `length` that ends before `end`. `None` if it is a name with its value.
    fn padding(&self, end: usize, length: usize) -> Option<usize> {
        if end < self.text.len() {
            return Some(0);
        }
        let signs = self.behind.iter().take_while(|byte| **byte == b'=').count();
        [0, length.next_multiple_of(4) - length].into_iter().find(|padding| *padding == signs)
    }

    fn token(&self, digest: Digest, range: Range<usize>) -> DigestToken {
        DigestToken { digest, range: self.start + range.start..self.start + range.end }
    }
}

fn around(groups: &[Range<usize>]) -> Option<Range<usize>> {
    Some(groups.first()?.start..groups.last()?.end)
}

/// The digest in hexadecimal digits that are not all of one kind, as no digest's are.
fn hex(digits: &[u8]) -> Option<Digest> {
    let is_mixed = digits.iter().any(u8::is_ascii_digit) && digits.iter().any(u8::is_ascii_alphabetic);
    Digest::new(&HEXLOWER_PERMISSIVE.decode(digits).ok().filter(|_| is_mixed)?)
}

/// The bytes behind a UUID that .NET's `Guid` wrote: it turns its first three numbers around.
fn as_guid(mut digest: Digest) -> Digest {
    for number in [0..4, 4..6, 6..8] {
        if let Some(bytes) = digest.bytes.get_mut(number) {
            bytes.reverse();
        }
    }
    digest
}

/// Characters of base64 that `bytes` make.
const fn unpadded(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// The digest in `text`, if that is noise and no words.
fn base64(text: &[u8]) -> Option<Digest> {
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

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
    use proptest::prelude::*;
    use sha2::Digest as _;

    use super::*;

    fn found(text: &[u8]) -> Vec<DigestToken> {
        tokens(&Glance::new(text)).found
    }

    /// Whether it stands alone or among others: each of `texts` is a token.
    #[track_caller]
    fn case(text: &str, expected: &[&str]) {
        let found: Vec<&str> = found(text.as_bytes()).into_iter().map(|token| text.get(token.range).unwrap()).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[track_caller]
    fn silent(text: &str) {
        case(text, &[]);
    }

    /// The digest of 64 to 16 bytes that all tests use: of nothing that is a number.
    fn bytes(length: usize) -> Vec<u8> {
        sha2::Sha512::digest("no number")[..length].to_vec()
    }

    #[test]
    fn every_length_is_seen_in_every_writing() {
        for length in LENGTHS {
            let digest = bytes(length);
            let dashed: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
            let writings = [
                HEXLOWER.encode(&digest),
                HEXUPPER.encode(&digest),
                dashed.join("-"),
                BASE64.encode(&digest),
                BASE64_NOPAD.encode(&digest),
                BASE64URL.encode(&digest),
                BASE64URL_NOPAD.encode(&digest),
            ];
            for writing in writings {
                for (before, behind) in
                    [("", ""), ("u=", "&v=1"), ("/p/", "/q?r"), ("uid_", "_v"), ("(", ")"), ("x ", " y")]
                {
                    let text = [before, &writing, behind].concat();
                    let found = found(text.as_bytes());
                    let token = found.iter().find(|token| token.digest.as_bytes() == digest);
                    let place = before.len()..before.len() + writing.len();
                    assert_eq!(token.map(|token| &token.range), Some(&place), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_uuid_is_read_as_written_and_as_a_guid() {
        let text = "id={5d41402a-bc4b-2a76-b971-9d911017c592}";
        let [written, guid] = found(text.as_bytes()).try_into().unwrap();
        assert_eq!(HEXLOWER.encode(written.digest.as_bytes()), "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(HEXLOWER.encode(guid.digest.as_bytes()), "2a40415d4bbc762ab9719d911017c592");
        assert_eq!((written.range, guid.range), (4..40, 4..40));
        case("session-5d41402a-bc4b-2a76-b971-9d911017c592-x", &["5d41402a-bc4b-2a76-b971-9d911017c592"; 2]);
    }

    #[test]
    fn prefixes_of_databases_are_passed_over() {
        for before in ["0x", "\\x", "sha1:", "user_", "{SHA}", "md5$"] {
            case(&format!("{before}5d41402abc4b2a76b9719d911017c592"), &["5d41402abc4b2a76b9719d911017c592"]);
        }
    }

    #[test]
    fn several_in_one_text_are_all_seen() {
        case(
            "a=5d41402abc4b2a76b9719d911017c592&b=XUFAKrxLKna5cZ2REBfFkg==,v4xS7EB7gQSq/c1xw98mxxB/DPp9SXWpycHLU/R2mG8=",
            &[
                "5d41402abc4b2a76b9719d911017c592",
                "XUFAKrxLKna5cZ2REBfFkg==",
                "v4xS7EB7gQSq/c1xw98mxxB/DPp9SXWpycHLU/R2mG8=",
            ],
        );
    }

    #[test]
    fn other_lengths_are_none() {
        silent("5d41402abc4b2a76b9719d911017c59");
        silent("5d41402abc4b2a76b9719d911017c592a");
        silent("5d41402abc4b2a76b9719d911017c592ab");
        silent("XUFAKrxLKna5cZ2REBfFk");
        silent("XUFAKrxLKna5cZ2REBfFkgX");
        silent("5d41402a-bc4b-2a76-b971-9d911017c59");
        silent("5D-41-40-2A-BC-4B-2A-76-B9-71-9D-91-10-17-C5");
    }

    #[test]
    fn words_paths_and_numbers_are_none() {
        silent("personalIdentificationNumberOfTheCitizen");
        silent("cprNumberIdentifierVal");
        silent("/Home/Index/Details/Borger2");
        silent("/selvbetjening/aarsopgoerelse/2025/oversigt/detaljer/index");
        silent("01019012340101901234010190123401");
        silent("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        silent("----------------------------------------------------------------");
        silent("XUFAKrxLKna5cZ2REBfFkg=1");
        silent("");
    }

    #[test]
    fn files_in_base64_are_none() {
        let file: Vec<u8> = (0_u32..2000).flat_map(|at| sha2::Sha256::digest(at.to_be_bytes())).collect();
        silent(&BASE64.encode(&file));
    }

    #[test]
    fn a_view_with_too_many_is_told_as_cut() {
        let digests: Vec<String> =
            (0_u32..5000).map(|at| HEXLOWER.encode(&sha1::Sha1::digest(at.to_be_bytes()))).collect();
        let few = tokens(&Glance::new(digests[..MOST_TOKENS].join(" ").as_bytes()));
        assert_eq!((few.found.len(), few.is_cut), (MOST_TOKENS, false));
        let many = tokens(&Glance::new(digests.join(" ").as_bytes()));
        assert_eq!((many.found.len(), many.is_cut), (MOST_TOKENS, true));
        let joined = tokens(&Glance::new(digests.join("_").as_bytes()));
        assert_eq!(joined, many);
    }

    #[test]
    fn hardly_a_digest_in_base64_is_taken_for_words() {
        let missed = |length: usize| {
            let digests = (0_u32..5000).map(|at| sha2::Sha512::digest(at.to_be_bytes())[..length].to_vec());
            digests
                .filter(|digest| {
                    !found(BASE64.encode(digest).as_bytes()).iter().any(|token| token.digest.as_bytes() == digest)
                })
                .count()
        };
        assert!(missed(16) < 25 && missed(20) < 15 && missed(32) == 0, "{} {} {}", missed(16), missed(20), missed(32));
    }

    proptest! {
        #[test]
        fn any_bytes_return_with_ranges_inside(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            for token in found(&bytes) {
                prop_assert!(token.range.end <= bytes.len());
            }
        }

        #[test]
        fn text_of_the_alphabets_returns(text in "[0-9a-fA-F+/_=-]{0,200}") {
            for token in found(text.as_bytes()) {
                prop_assert!(text.get(token.range).is_some());
            }
        }
    }
}
