//! Growing compressed bytes within bounds, for the decoders of compression, and saying where that ended.

use std::cell::Cell;

use flate2::{Decompress, FlushDecompress, Status};

use super::{Decoded, Piece, RawStep};

/// Most that one compressed view may grow to: telemetry bodies are some hundred kB, session replays some MB.
const MAX_INFLATED: usize = 16 << 20;

/// What any view may grow to, however short: less than this harms nobody.
const ALWAYS_INFLATED: usize = 1 << 20;

/// Times that a longer view may grow. Telemetry grows tenfold, logs of one line over and over some hundredfold; beyond
/// that lie runs of one byte, which deflate takes to 1032 and others far higher.
const RATIO: usize = 400;

/// Bytes made room for at a time.
const CHUNK: usize = 64 << 10;

/// Room made for the first of them: most guesses fail within it.
const FIRST_CHUNK: usize = 4 << 10;

thread_local! {
    /// An inflater that was used: making one anew takes longer than most guesses. Nothing of a stream outlives its reset.
    static SPARE: Cell<Option<Decompress>> = const { Cell::new(None) };
}

/// How growing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// As the format ends.
    Whole,
    /// The bytes ran out first.
    Cut,
    /// At a fault.
    Broken,
    /// At the bound.
    TooMuch,
}

/// What has come out so far, never more than the bound.
#[derive(Debug)]
pub(super) struct Grown {
    pub(super) bytes: Vec<u8>,
    pub(super) end: End,
    bound: usize,
}

impl Grown {
    /// Nothing yet, of a view of so many bytes.
    pub(super) fn of(input: usize) -> Self {
        let bound = input.saturating_mul(RATIO).clamp(ALWAYS_INFLATED, MAX_INFLATED);
        Self { bytes: Vec::new(), end: End::Whole, bound }
    }

    /// How many bytes more are within the bound.
    pub(super) fn room(&self) -> usize {
        self.bound.saturating_sub(self.bytes.len())
    }

    /// Takes `bytes` as far as there is room, and says whether all of them went in.
    pub(super) fn push(&mut self, bytes: &[u8]) -> bool {
        let fitting = bytes.get(..self.room()).unwrap_or(bytes);
        self.bytes.extend_from_slice(fitting);
        fitting.len() == bytes.len()
    }

    /// Adds what the deflated `input` (RFC 1951) holds, and returns what is left of `input` behind it.
    pub(super) fn inflate<'a>(&mut self, input: &'a [u8]) -> &'a [u8] {
        with_inflater(|inflater| self.inflate_with(inflater, input))
    }

    /// The same, as the stream goes on.
    pub(super) fn inflate_with<'a>(&mut self, inflater: &mut Decompress, input: &'a [u8]) -> &'a [u8] {
        let mut rest = input;
        let mut chunk = FIRST_CHUNK;
        loop {
            let filled = self.bytes.len();
            let (read, written) = (inflater.total_in(), inflater.total_out());
            // One byte over the bound tells that there is more.
            let room = chunk.min(self.room() + 1);
            chunk = CHUNK;
            self.bytes.resize(filled + room, 0);
            let result =
                inflater.decompress(rest, self.bytes.get_mut(filled..).unwrap_or_default(), FlushDecompress::None);
            let made = usize::try_from(inflater.total_out() - written).unwrap_or(room);
            let taken = usize::try_from(inflater.total_in() - read).unwrap_or(rest.len());
            self.bytes.truncate(filled + made);
            rest = rest.get(taken..).unwrap_or_default();
            self.end = match result {
                _ if self.bytes.len() > self.bound => End::TooMuch,
                Err(_) => End::Broken,
                Ok(Status::StreamEnd) => End::Whole,
                Ok(Status::Ok | Status::BufError) if made == room => continue,
                Ok(Status::Ok | Status::BufError) => End::Cut,
            };
            self.bytes.truncate(self.bound);
            return rest;
        }
    }

    /// What is to be said of bytes in the encoding `id` that ended so.
    pub(super) fn problem(&self, id: &str) -> Option<String> {
        match self.end {
            End::Whole => None,
            End::Cut | End::Broken => Some(format!("{id} that breaks off after {} bytes", self.bytes.len())),
            End::TooMuch => Some(format!("{id} that grows to more than {} bytes", self.bound)),
        }
    }

    /// All of a view in the encoding `id`, but for `rest`, which stands behind it and is in none that is known here.
    /// Zeros there are padding.
    pub(super) fn decoded(self, id: &'static str, rest: &[u8]) -> Decoded {
        let problem = self.problem(id);
        let mut pieces = vec![Piece::new(vec![RawStep::Undo(id)], self.bytes)];
        // What broke off is searched as it is, with what follows.
        if problem.is_none() && rest.iter().any(|byte| *byte != 0) {
            pieces.push(Piece::new(Vec::new(), rest.to_vec()));
        }
        Decoded { pieces, is_all: problem.is_none(), problem }
    }
}

/// What `work` makes with an inflater at the beginning of a stream. One within another gets one of its own.
pub(super) fn with_inflater<T>(work: impl FnOnce(&mut Decompress) -> T) -> T {
    let mut inflater = match SPARE.take() {
        Some(mut used) => {
            used.reset(false);
            used
        }
        None => Decompress::new(false),
    };
    let made = work(&mut inflater);
    SPARE.set(Some(inflater));
    made
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::super::bits::{noise, noisy_bytes};
    use super::*;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn grown(input: &[u8]) -> (Grown, usize) {
        let mut grown = Grown::of(input.len());
        let rest = grown.inflate(input).len();
        (grown, rest)
    }

    #[test]
    fn a_stream_ends_where_it_ends() {
        let text: Vec<u8> = (0..100_000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
        let (whole, rest) = grown(&[deflated(&text).as_slice(), b"more"].concat());
        assert_eq!((whole.end, rest), (End::Whole, 4));
        assert!(whole.bytes == text);
    }

    #[test]
    fn what_came_before_a_fault_is_kept() {
        let text: Vec<u8> = (0..20_000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
        let input = deflated(&text);
        let (cut, _) = grown(&input[..input.len() / 2]);
        assert_eq!(cut.end, End::Cut);
        assert!(cut.bytes.len() > text.len() / 4 && text.starts_with(&cut.bytes));
        // A stored block, and one of the kind that there is none of.
        let (broken, _) = grown(b"\0\x0a\0\xf5\xff0101901234\x07");
        assert_eq!((broken.end, broken.bytes.as_slice()), (End::Broken, &b"0101901234"[..]));
    }

    #[test]
    fn a_used_inflater_is_as_a_new_one() {
        let mut next = noise();
        let text = "0101901234 070761-4285 https://a.test/?cpr=010145-5001".repeat(7);
        for _ in 0..5_000 {
            let mut input = if next(2) == 0 { noisy_bytes(&mut next) } else { deflated(&text.as_bytes()[next(300)..]) };
            let at = next(input.len());
            input[at] ^= u8::try_from(next(3)).unwrap();
            let (mut used, mut new) = (Grown::of(input.len()), Grown::of(input.len()));
            let rest = used.inflate(&input);
            assert_eq!(rest, new.inflate_with(&mut Decompress::new(false), &input), "{input:x?}");
            assert_eq!((used.end, used.bytes), (new.end, new.bytes), "{input:x?}");
        }
    }

    #[test]
    fn growth_is_bounded_by_what_it_grew_from() {
        let (small, _) = grown(&deflated(&vec![0; 2 << 20]));
        assert_eq!((small.end, small.bytes.len()), (End::TooMuch, ALWAYS_INFLATED));
        let (large, _) = grown(&deflated(&vec![0; 20 << 20]));
        assert_eq!(large.end, End::TooMuch);
        assert!(large.bytes.len() < 10 << 20);
        let (exact, _) = grown(&deflated(&vec![0; ALWAYS_INFLATED]));
        assert_eq!((exact.end, exact.bytes.len()), (End::Whole, ALWAYS_INFLATED));
    }
}
