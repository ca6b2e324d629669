//! Digests in hexadecimal digits of either case: in one run, as a UUID, or in pairs with dashes between, as .NET's
//! `BitConverter` writes them.
//!
//! A run ends where no such digit follows, so that the `0x` and `\x` of databases may stand before it.

use std::ops::Range;

use data_encoding::HEXLOWER_PERMISSIVE;

use super::super::{Digest, LENGTHS, LONGEST};
use super::{DigestToken, Run};
use crate::decoders::HEX_DIGITS;
use crate::seek::position;

/// Hexadecimal digits of a UUID's groups (RFC 9562 §4).
const UUID: [usize; 5] = [8, 4, 4, 4, 12];

/// Digits of the shortest, MD5.
const SHORTEST: usize = 32;

/// Characters of the longest digest in pairs with dashes between.
const LONGEST_DASHED: usize = 3 * LONGEST;

/// The digests in `run`.
pub(super) fn tokens(run: &Run<'_>) -> Vec<DigestToken> {
    let groups = groups(run.text);
    let mut found = whole(run, &groups);
    for joined in groups.chunk_by(|left, right| run.text.get(left.end..right.start) == Some(b"-")) {
        found.extend(uuids(run, joined));
        found.extend(pairs(run, joined));
    }
    found
}

/// Runs of hexadecimal digits. Where no dash joins them, those of a digest's length at least.
fn groups(text: &[u8]) -> Vec<Range<usize>> {
    if position(text, b'-').is_none() {
        return HEX_DIGITS.runs(text, SHORTEST).collect();
    }
    let mut groups = Vec::new();
    let mut start = 0;
    for part in text.split(|byte| !byte.is_ascii_hexdigit()) {
        if !part.is_empty() {
            groups.push(start..start + part.len());
        }
        start += part.len() + 1;
    }
    groups
}

fn whole(run: &Run<'_>, groups: &[Range<usize>]) -> Vec<DigestToken> {
    let of_length = groups.iter().filter(|group| LENGTHS.iter().any(|length| 2 * length == group.len()));
    of_length.filter_map(|group| Some(run.token(digest(run.text.get(group.clone())?)?, group.clone()))).collect()
}

/// UUIDs among groups with dashes between, each as written and as a `Guid`.
fn uuids(run: &Run<'_>, joined: &[Range<usize>]) -> Vec<DigestToken> {
    let shaped = joined.windows(UUID.len()).filter(|groups| groups.iter().map(Range::len).eq(UUID));
    let found = shaped.filter_map(|groups| dashed(run, groups));
    found.flat_map(|(digest, range)| [digest, as_guid(digest)].map(|digest| run.token(digest, range.clone()))).collect()
}

fn pairs(run: &Run<'_>, joined: &[Range<usize>]) -> Vec<DigestToken> {
    let pairs = joined.chunk_by(|left, right| left.len() == 2 && right.len() == 2);
    let of_length = pairs.filter(|pairs| LENGTHS.contains(&pairs.len()));
    of_length.filter_map(|pairs| dashed(run, pairs)).map(|(digest, range)| run.token(digest, range)).collect()
}

/// The digest in `groups`, and where they stand.
fn dashed(run: &Run<'_>, groups: &[Range<usize>]) -> Option<(Digest, Range<usize>)> {
    let range = groups.first()?.start..groups.last()?.end;
    let text = run.text.get(range.clone()).filter(|text| text.len() < LONGEST_DASHED)?;
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_hexdigit).collect();
    Some((digest(&digits)?, range))
}

/// The digest in hexadecimal digits that are not all of one kind, as no digest's are.
fn digest(digits: &[u8]) -> Option<Digest> {
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
