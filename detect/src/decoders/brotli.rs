//! Brotli (RFC 7932), which has no magic: a guess, for bytes that are no text and that nothing surer took. What comes out
//! must be text, and all of the view must have gone into it.

use std::cell::Cell;

use brotli_decompressor::{
    Allocator, BrotliDecompressStream, BrotliResult, BrotliState, SliceWrapper, SliceWrapperMut, StandardAlloc,
};

use super::brotli_start::may_begin;
use super::deflate::{is_bomb, is_long_text, is_plain_text, is_surely_text};
use super::inflate::{End, Grown};
use super::{Decoded, Decoder};
use crate::glance::Glance;

/// Bytes taken out of the decompressor at a time. Most guesses end within the first.
const CHUNK: usize = 16 << 10;

pub(crate) struct Brotli;

impl Decoder for Brotli {
    fn id(&self) -> &'static str {
        "brotli"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !may_begin(view.bytes) || is_plain_text(view) {
            return None;
        }
        let mut grown = Grown::of(view.bytes.len());
        let rest = expand(&mut grown, view.bytes);
        let is_brotli = match grown.end {
            End::Whole if rest.iter().all(|byte| *byte == 0) => is_surely_text(&grown.bytes, view),
            End::Whole | End::Cut | End::Broken => is_long_text(&grown.bytes),
            End::TooMuch => is_bomb(&grown.bytes, view),
        };
        is_brotli.then(|| grown.decoded(self.id(), rest))
    }
}

/// What `input` holds, whatever it is.
#[cfg(test)]
pub(super) fn expanded(input: &[u8]) -> Grown {
    let mut grown = Grown::of(input.len());
    expand(&mut grown, input);
    grown
}

thread_local! {
    /// The largest window that was used. Noise asks for one of megabytes as often as not, and to fill it with zeros takes
    /// longer than all else of a guess.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Shorter memory is made anew: it is the decompressor's tables.
const SHORTEST_WINDOW: usize = 16 << 10;

/// Gives out the spare window, with what was left in it: a stream reads of its window what it has written there itself,
/// and before that the two bytes which the decompressor sets.
#[derive(Default)]
struct Windows;

/// The first so many bytes of some memory.
#[derive(Default)]
struct Window {
    bytes: Vec<u8>,
    length: usize,
}

impl Allocator<u8> for Windows {
    type AllocatedMemory = Window;

    fn alloc_cell(&mut self, length: usize) -> Window {
        let mut bytes = if length < SHORTEST_WINDOW { Vec::new() } else { SPARE.take() };
        if bytes.len() < length {
            bytes = vec![0; length];
        }
        Window { bytes, length }
    }

    fn free_cell(&mut self, window: Window) {
        let spare = SPARE.take();
        SPARE.set(if window.bytes.len() > spare.len() { window.bytes } else { spare });
    }
}

impl SliceWrapper<u8> for Window {
    fn slice(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl SliceWrapperMut<u8> for Window {
    fn slice_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.length).unwrap_or_default()
    }
}

/// Adds what `input` holds, and returns what is left of it.
fn expand<'a>(grown: &mut Grown, input: &'a [u8]) -> &'a [u8] {
    let mut state = BrotliState::new(Windows, StandardAlloc::default(), StandardAlloc::default());
    let mut chunk = vec![0; CHUNK];
    let (mut left, mut read, mut total) = (input.len(), 0, 0);
    loop {
        let (mut room, mut written) = (chunk.len(), 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut read,
            input,
            &mut room,
            &mut written,
            &mut chunk,
            &mut total,
            &mut state,
        );
        let fits = grown.push(chunk.get(..written).unwrap_or_default());
        grown.end = match result {
            _ if !fits => End::TooMuch,
            BrotliResult::ResultSuccess => End::Whole,
            BrotliResult::NeedsMoreInput => End::Cut,
            BrotliResult::ResultFailure => End::Broken,
            BrotliResult::NeedsMoreOutput if written == 0 => End::Broken,
            BrotliResult::NeedsMoreOutput => continue,
        };
        return input.get(read..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::bits::noise;
    use super::*;

    fn compressed(bytes: &[u8], quality: u32) -> Vec<u8> {
        let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, quality, 22);
        encoder.write_all(bytes).unwrap();
        encoder.into_inner()
    }

    fn decoded(bytes: &[u8]) -> Option<Decoded> {
        Brotli.decode(&Glance::new(bytes))
    }

    #[test]
    fn what_was_left_in_a_window_makes_no_difference() {
        let mut next = noise();
        let text = "0101901234 070761-4285 https://a.test/?cpr=010145-5001 ".repeat(20);
        let streams: Vec<Vec<u8>> = (0..12).map(|quality| compressed(&text.as_bytes()[next(900)..], quality)).collect();
        let of = |input: &[u8], window: Vec<u8>| {
            SPARE.set(window);
            let Grown { bytes, end, .. } = expanded(input);
            (bytes, end)
        };
        let mut window = vec![b'7'; 1 << 18];
        for round in 0..400 {
            let mut input = streams[round % streams.len()].clone();
            for _ in 0..next(3) {
                let at = next(input.len());
                input[at] ^= 1 << next(8);
            }
            let new = of(&input, Vec::new());
            assert_eq!(of(&input, window), new, "{input:x?}");
            window = SPARE.take();
            assert!(window.len() >= 1 << 18);
        }
    }

    #[test]
    fn text_comes_back() {
        let long: String = (0..5_000).map(|n| n.to_string()).collect();
        for text in ["{\"url\":\"https://a.test/?cpr=010190-1234\"}", long.as_str()] {
            for quality in [1, 5, 11] {
                let decoded = decoded(&compressed(text.as_bytes(), quality)).unwrap();
                assert!(decoded.pieces[0].bytes == text.as_bytes(), "{quality}");
                assert!(decoded.is_all && decoded.pieces.len() == 1);
            }
        }
    }

    #[test]
    fn a_cut_stream_of_much_text_is_read_and_said() {
        let text: String = (0..20_000).map(|n| n.to_string()).collect();
        let bytes = compressed(text.as_bytes(), 5);
        let cut = decoded(&bytes[..bytes.len() / 2]).unwrap();
        assert!(text.as_bytes().starts_with(&cut.pieces[0].bytes));
        assert!(cut.problem.is_some() && !cut.is_all);
    }

    #[test]
    fn a_bomb_is_cut_and_said_to_be_one() {
        let decoded = decoded(&compressed(&vec![0; 3 << 20], 5)).unwrap();
        assert!(decoded.problem.unwrap().contains("grows to more than"));
        assert!(decoded.pieces[0].bytes.len() < 2 << 20);
    }

    #[test]
    fn text_and_noise_are_none() {
        assert!(decoded("Årsopgørelse 2025, æøå og ÆØÅ".as_bytes()).is_none());
        let noise: Vec<u8> = (0..=255).map(|byte: u8| byte.wrapping_mul(77)).collect();
        for length in 9..noise.len() {
            assert!(decoded(&noise[..length]).is_none(), "{length}");
        }
    }
}
