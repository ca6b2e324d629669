//! Ways into the inside for the targets in `fuzz/`. Built under `--cfg fuzzing` alone: nobody else may call them.

use crate::candidate::candidates;
use crate::decoders::DECODERS;
use crate::glance::Glance;

/// Looks for what is written like a number.
///
/// # Panics
/// When one is told to stand where there are no bytes: that is a fault.
pub fn find(bytes: &[u8]) {
    for candidate in candidates(bytes) {
        assert!(bytes.get(candidate.range.clone()).is_some_and(|found| found.len() >= candidate.digits.len()));
        assert!(candidate.digits.iter().all(u8::is_ascii_digit));
    }
}

/// Gives all but the first byte to the decoder that the first one picks.
///
/// # Panics
/// When it makes pieces without saying how it came to them: that is a fault.
pub fn decode(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let Some(decoder) = DECODERS.get(usize::from(*first) % DECODERS.len()) else { return };
    if let Some(decoded) = decoder.decode(&Glance::new(bytes)) {
        assert!(decoded.pieces.iter().all(|piece| !piece.steps.is_empty()), "{} tells no steps", decoder.id());
    }
}
