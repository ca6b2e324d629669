//! The bytes that come from the browser's `DevTools`, without the messages that are too large to take.
//!
//! A page decides how large some messages are: the address of a request can be a hundred megabytes of `data:`. The
//! library that reads WebSockets ends the connection at its bound; this passes an empty message on instead.

use std::io::{self, Read, Write};

/// Bytes thrown away at once.
const SKIP: usize = 64 << 10;

/// A stream of frames from a server (RFC 6455 §5.2), the too large ones emptied.
pub(crate) struct Skimmed<S> {
    stream: S,
    largest: u64,
    /// The header of the frame at hand, as far as it has not been passed on.
    header: Vec<u8>,
    /// Bytes of its payload still to pass on.
    payload: u64,
}

impl<S: Read> Skimmed<S> {
    /// Passes on frames of at most `largest` bytes. `stream` must stand at a frame's edge.
    pub(crate) fn new(stream: S, largest: usize) -> Self {
        Self { stream, largest: u64::try_from(largest).unwrap_or(u64::MAX), header: Vec::new(), payload: 0 }
    }

    /// Reads the header of the next frame; `false` at the end of the stream.
    fn next_frame(&mut self) -> io::Result<bool> {
        let mut first = [0];
        if self.stream.read(&mut first)? == 0 {
            return Ok(false);
        }
        let [first] = first;
        let second = self.byte()?;
        let mut header = vec![first, second];
        let extra = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mut length = u64::from(second & 0x7f);
        if extra > 0 {
            length = 0;
            for _ in 0..extra {
                let byte = self.byte()?;
                header.push(byte);
                length = (length << 8) | u64::from(byte);
            }
        }
        if length > self.largest {
            tracing::debug!(length, "a message of the browser is too large to take");
            self.skip(length)?;
            // The same kind of frame with nothing in it. A server masks nothing, so no key is left over.
            header = vec![first, 0];
            length = 0;
        }
        self.header = header;
        self.payload = length;
        Ok(true)
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte)?;
        let [byte] = byte;
        Ok(byte)
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        let mut rubbish = vec![0; SKIP];
        let mut left = length;
        while left > 0 {
            let wanted = usize::try_from(left).unwrap_or(SKIP).min(SKIP);
            let read = self.stream.read(rubbish.get_mut(..wanted).unwrap_or_default())?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            left = left.saturating_sub(read as u64);
        }
        Ok(())
    }
}

impl<S: Read> Read for Skimmed<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || (self.header.is_empty() && self.payload == 0 && !self.next_frame()?) {
            return Ok(0);
        }
        if !self.header.is_empty() {
            let read = self.header.as_slice().read(buffer)?;
            self.header.drain(..read);
            return Ok(read);
        }
        let wanted = usize::try_from(self.payload).unwrap_or(buffer.len()).min(buffer.len());
        let read = self.stream.read(buffer.get_mut(..wanted).unwrap_or_default())?;
        self.payload = self.payload.saturating_sub(read as u64);
        Ok(read)
    }
}

impl<S: Write> Write for Skimmed<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skimmed(bytes: &[u8], largest: usize) -> Vec<u8> {
        let mut passed = Vec::new();
        Skimmed::new(bytes, largest).read_to_end(&mut passed).unwrap();
        passed
    }

    fn frame(length: usize) -> Vec<u8> {
        let mut frame = match length {
            0..=125 => vec![0x81, u8::try_from(length).unwrap()],
            126..=0xffff => [vec![0x81, 126], u16::try_from(length).unwrap().to_be_bytes().to_vec()].concat(),
            _ => [vec![0x81, 127], (length as u64).to_be_bytes().to_vec()].concat(),
        };
        frame.extend(vec![b'x'; length]);
        frame
    }

    #[test]
    fn frames_within_the_bound_pass_unchanged() {
        let bytes = [frame(0), frame(5), frame(125), frame(126), frame(70_000), frame(1)].concat();
        assert_eq!(skimmed(&bytes, 70_000), bytes);
    }

    #[test]
    fn a_frame_beyond_the_bound_comes_empty_and_the_next_whole() {
        let bytes = [frame(3), frame(200), frame(70_000), frame(4)].concat();
        assert_eq!(skimmed(&bytes, 100), [frame(3), frame(0), frame(0), frame(4)].concat());
    }

    #[test]
    fn a_stream_that_breaks_off_in_a_frame_ends() {
        assert!(Skimmed::new(&frame(200)[..50], 100).read(&mut [0; 9]).is_err());
        assert_eq!(skimmed(&frame(50)[..20], 100).len(), 20);
    }
}
