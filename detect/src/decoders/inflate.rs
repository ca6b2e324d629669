//! Inflating within bounds, for the decoders of compressed bytes.

use std::io::Read;

use super::{Decoded, Piece, RawStep};

/// Most that one compressed view may grow to: telemetry bodies are some hundred kB, session replays some MB.
const MAX_INFLATED: u64 = 16 << 20;

/// Reads `inflater` to its end, its first fault or the bound, and says which it was.
pub(super) fn inflate(id: &'static str, inflater: impl Read) -> Option<Decoded> {
    let mut bytes = Vec::new();
    let problem = match inflater.take(MAX_INFLATED + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > MAX_INFLATED => {
            Some(format!("{id} that grows to more than {MAX_INFLATED} bytes"))
        }
        Ok(_) => None,
        // Nothing came out: these bytes only look compressed.
        Err(_) if bytes.is_empty() => return None,
        Err(_) => Some(format!("{id} that breaks off after {} bytes", bytes.len())),
    };
    Some(Decoded { pieces: vec![Piece::new(vec![RawStep::Undo(id)], bytes)], is_all: problem.is_none(), problem })
}
