//! Zstandard (RFC 8878): frames one after another, with skippable ones between.

use std::io::{BufRead, Error, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Bytes undone at once. The decoder holds no more than the frame's window (100 MiB at most, its own bound) beyond them.
const STEP: usize = 64 * 1024;

/// The first of the sixteen marks of skippable frames (RFC 8878 §3.1.2), in the order of the file.
const SKIPPABLE: [u8; 4] = [0x50, 0x2a, 0x4d, 0x18];

/// What the frames of a file say.
pub(super) struct Frames<R> {
    input: R,
    decoder: FrameDecoder,
    is_within: bool,
}

impl<R: BufRead> Frames<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, decoder: FrameDecoder::new(), is_within: false }
    }

    /// Goes to the next frame; false at the end of the input.
    fn begin(&mut self) -> std::io::Result<bool> {
        while !self.input.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.input) {
                Ok(()) => {
                    self.is_within = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    if !super::skip(&mut self.input, u64::from(length)) {
                        return Err(Error::other("a skippable frame is cut"));
                    }
                }
                Err(error) => return Err(Error::other(error)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(buffer);
            }
            if self.is_within && self.decoder.is_finished() {
                self.is_within = false;
                let (told, made) = (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum());
                if told.is_some() && told != made {
                    return Err(Error::other("the checksum of a frame is wrong"));
                }
            }
            if !self.is_within && !self.begin()? {
                return Ok(0);
            }
            let step = BlockDecodingStrategy::UptoBytes(STEP);
            self.decoder.decode_blocks(&mut self.input, step).map_err(Error::other)?;
        }
    }
}

/// Whether a file begins with a skippable frame.
pub(super) fn is_skippable(head: &[u8]) -> bool {
    head.first().is_some_and(|first| first & 0xf0 == SKIPPABLE[0])
        && head.get(1..4).is_some_and(|rest| Some(rest) == SKIPPABLE.get(1..))
}
