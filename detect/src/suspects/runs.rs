//! Runs of characters that may be encoded, and what is known of them: the same browsers, scripts and pages come in millions
//! of lines, and are undone once.

use std::ops::Range;
use std::sync::Arc;

use crate::decoders::Piece;
use crate::tree::Tree;
use crate::views::Searcher;

/// Runs remembered to hold nothing: 512 KB of them. Each has one place, and drives out who had it.
const PLACES: usize = 1 << 16;

/// Longer runs are looked at each time.
const MAX_REMEMBERED: usize = 4 * 1024;

/// From here on a run that goes on behind an escape may be one text that was cut by it: base64 with a `%2F` in it.
const LEAST_CUT: usize = 22;

/// Escapes of what base64 has beside letters and digits, and of what it is broken up by.
const CUTS: [[u8; 2]; 7] = [*b"2B", *b"2F", *b"0A", *b"0D", *b"20", *b"24", *b"5C"];

/// Shorter segments of a path hold nothing encoded.
const SHORTEST: usize = 9;

/// What is known of runs.
pub(super) struct Runs {
    searcher: Arc<Searcher>,
    tree: Tree,
    seed: u64,
    /// Hashes of runs that hold nothing.
    nothing: Vec<u64>,
    /// Where the run that was looked at last ends.
    done: usize,
}

impl Runs {
    pub(super) fn new(searcher: Arc<Searcher>, seed: u64) -> Self {
        Self { searcher, tree: Tree::default(), seed: seed | 1, nothing: vec![0; PLACES], done: 0 }
    }

    /// Other text comes.
    pub(super) fn begin(&mut self) {
        self.done = 0;
    }

    /// Whether a run may hold something, of which `known` is at the least.
    #[inline]
    pub(super) fn is_suspect(&mut self, bytes: &[u8], known: Range<usize>) -> bool {
        if known.end <= self.done {
            return false;
        }
        let begin = begin_of(bytes, &known);
        let end = end_of(bytes, known.end);
        self.done = end;
        let run = bytes.get(begin..end).unwrap_or_default();
        let hash = hash(run, self.seed);
        let place = usize::try_from(hash).unwrap_or_default() % PLACES;
        let is_known = self.nothing.get(place) == Some(&hash);
        // What is cut may go on in another run, whatever is known of this one.
        (!is_known || run.len() >= LEAST_CUT) && self.is_cut_or_something(bytes, begin..end, place, hash)
    }

    /// The same of a run of which nothing is known, or which is so long that it may be part of another.
    #[inline(never)]
    fn is_cut_or_something(&mut self, bytes: &[u8], range: Range<usize>, place: usize, hash: u64) -> bool {
        let run = bytes.get(range.clone()).unwrap_or_default();
        let is_cut = || is_cut(bytes, range.end) || is_cut(bytes, range.start.saturating_sub(3));
        if (run.len() >= LEAST_CUT && is_cut()) || run.len() > MAX_REMEMBERED {
            return true;
        }
        if self.nothing.get(place) == Some(&hash) {
            return false;
        }
        if !self.holds_nothing(run) {
            return true;
        }
        if let Some(place) = self.nothing.get_mut(place) {
            *place = hash;
        }
        false
    }

    /// Whether nothing comes of a run, nor of a segment of it where it is a path.
    fn holds_nothing(&mut self, run: &[u8]) -> bool {
        let segments = run.split(|byte| *byte == b'/').filter(|segment| segment.len() >= SHORTEST);
        let is_path = run.contains(&b'/');
        let Self { searcher, tree, .. } = self;
        let mut is_nothing = |bytes: &[u8]| searcher.finds_nothing(Piece::new(Vec::new(), bytes.to_vec()), tree);
        is_nothing(run) && (!is_path || segments.into_iter().all(is_nothing))
    }
}

/// Where the run begins that `known` is of: behind a percent sign two characters are its own.
#[inline]
fn begin_of(bytes: &[u8], known: &Range<usize>) -> usize {
    let mut begin = known.start;
    loop {
        match begin.checked_sub(1).and_then(|before| bytes.get(before)) {
            Some(byte) if is_of_run(*byte) => begin -= 1,
            Some(b'%') => return (begin + 2).min(known.end),
            _ => return begin,
        }
    }
}

/// Where the run ends that goes on to `known` at the least.
#[inline]
fn end_of(bytes: &[u8], known: usize) -> usize {
    let mut end = known;
    while bytes.get(end).is_some_and(|byte| is_of_run(*byte)) {
        end += 1;
    }
    end
}

#[inline]
fn is_of_run(byte: u8) -> bool {
    OF_RUN.get(usize::from(byte)).is_some_and(|is_one| *is_one)
}

/// What runs are of: letters, digits and what stands beside them in tokens.
const OF_RUN: [bool; 256] = {
    let mut are = [false; 256];
    let mut byte = 0_u8;
    #[expect(clippy::indexing_slicing, reason = "made when compiled: an index beyond a table does not compile")]
    while byte < 0x80 {
        are[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'/' | b'_' | b'$');
        byte += 1;
    }
    are
};

/// Whether an escape stands at `at` that base64 goes on behind.
fn is_cut(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at..).unwrap_or_default() {
        [b'%', high, low, ..] => CUTS.contains(&[high.to_ascii_uppercase(), low.to_ascii_uppercase()]),
        [b'\\', ..] => true,
        _ => false,
    }
}

/// A hash that only who knows the seed can steer; never 0. Of eight bytes at the least, as runs are.
fn hash(bytes: &[u8], seed: u64) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, _) = bytes.as_chunks::<8>();
    let (first, others) = words.split_first().unwrap_or((&[0; 8], &[]));
    // Of these some were read already.
    let last = bytes.last_chunk::<8>().copied().unwrap_or_default();
    let state = seed ^ (bytes.len() as u64).wrapping_mul(FACTOR);
    let factor = FACTOR ^ seed.rotate_left(17) | 1;
    // Nearly all are of two words, which are read at once.
    let both = multiplied(state ^ u64::from_le_bytes(*first), factor ^ u64::from_le_bytes(last));
    let mixed = |state, word: &[u8; 8]| multiplied(state ^ u64::from_le_bytes(*word), factor);
    let state = others.iter().fold(both, mixed);
    (state ^ (state >> 32)) | 1
}

/// All bits of a product, folded.
#[inline]
fn multiplied(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    let [low, high] =
        [product, product >> 64].map(|half| u64::try_from(half & u128::from(u64::MAX)).unwrap_or_default());
    low ^ high.rotate_left(29)
}
