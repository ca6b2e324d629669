//! What is shaped as a digest, in any bytes: hexadecimal digits or base64 of just the right length.

mod base64;
mod hex;

use std::ops::Range;

use super::Digest;
use crate::glance::{Glance, LETTER};

/// Tokens taken from one view. A page of telemetry has tens; a view with more is a list of ids, and is told as cut.
const MOST_TOKENS: usize = 4096;

/// Characters of the shortest, MD5 in base64.
const SHORTEST: usize = 22;

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
        tokens.found.extend(Run::new(view.bytes, run).tokens());
        if tokens.found.len() > MOST_TOKENS {
            tokens.found.truncate(MOST_TOKENS);
            tokens.is_cut = true;
            break;
        }
    }
    tokens
}

/// The next run of characters of any alphabet that is long enough. In plain text it reads few bytes: the last that ends
/// a word rules out all runs that begin before it.
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

    /// The tokens in it, in order.
    fn tokens(&self) -> Vec<DigestToken> {
        let mut found = hex::tokens(self);
        found.extend(base64::tokens(self));
        found.sort_by_key(|token| token.range.start);
        found
    }

    /// `digest`, which stands at `range` of this run.
    fn token(&self, digest: Digest, range: Range<usize>) -> DigestToken {
        DigestToken { digest, range: self.start + range.start..self.start + range.end }
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
    use proptest::prelude::*;
    use sha2::Digest as _;

    use super::super::LENGTHS;
    use super::*;

    fn found(text: &[u8]) -> Vec<DigestToken> {
        tokens(&Glance::new(text)).found
    }

    /// The tokens of `text` are these.
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
    fn one_writing_does_not_hide_another() {
        case(
            "/5d41402abc4b2a76b9719d911017c592/XUFAKrxLKna5cZ2REBfFkg/x",
            &["5d41402abc4b2a76b9719d911017c592", "XUFAKrxLKna5cZ2REBfFkg"],
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
