//! Reading until there is enough of it.

use std::io::{ErrorKind, Read};

/// How a reading ended.
#[derive(Debug)]
pub struct Filled {
    /// Whether there is no more of the input.
    pub has_ended: bool,
    /// Why there is no more, when it broke.
    pub fault: Option<std::io::Error>,
}

/// Reads from `input` behind what is in `bytes`, until these are `size` bytes or there is no more.
pub fn fill(input: &mut impl Read, bytes: &mut Vec<u8>, size: usize) -> Filled {
    fill_from(input, bytes, bytes.len(), size)
}

/// The same behind the first `length` bytes: what is there beyond them is overwritten, so that room that is used again need
/// not be cleared.
pub(super) fn fill_from(input: &mut impl Read, bytes: &mut Vec<u8>, mut length: usize, size: usize) -> Filled {
    let mut filled = Filled { has_ended: false, fault: None };
    bytes.resize(size.max(length), 0);
    while length < size && !filled.has_ended {
        let read = match input.read(bytes.get_mut(length..).unwrap_or_default()) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                filled.fault = Some(error);
                0
            }
        };
        filled.has_ended = read == 0;
        length = (length + read).min(size);
    }
    bytes.truncate(length);
    filled
}
