//! Gzip (RFC 1952): members one after another, and what may stand behind them.

use std::io::{BufRead, Error, ErrorKind, Read};

use flate2::bufread::GzDecoder;

/// The first byte of a member (RFC 1952 §2.3.1).
const BEGIN: u8 = 0x1f;

/// Said where something else stands behind a member.
const BEHIND: &str = "what stands behind the end of its text is no gzip, and is not read";

/// What the members of a file say. Zeros behind them are passed over: tapes and some writers fill blocks with them.
pub(super) struct Members<R> {
    /// The member at hand, or the last; `None` behind a fault.
    decoder: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(input: R) -> Self {
        Self { decoder: Some(GzDecoder::new(input)) }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            let read = decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut input) = self.decoder.take().map(GzDecoder::into_inner) else { break };
            if has_more(&mut input)? {
                self.decoder = Some(GzDecoder::new(input));
            }
        }
        Ok(0)
    }
}

/// Whether another member begins there.
fn has_more(input: &mut impl BufRead) -> std::io::Result<bool> {
    loop {
        let rest = match input.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            rest => rest?,
        };
        let zeros = rest.iter().take_while(|byte| **byte == 0).count();
        match rest.get(zeros) {
            Some(&BEGIN) => {
                input.consume(zeros);
                return Ok(true);
            }
            Some(_) => return Err(Error::new(ErrorKind::InvalidData, BEHIND)),
            None if rest.is_empty() => return Ok(false),
            None => input.consume(zeros),
        }
    }
}
