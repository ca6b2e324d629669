//! Ways into the inside for the targets in `fuzz/`. Built under `--cfg fuzzing` alone: nobody else may call them.

use crate::candidate::candidates;
use crate::decoders::DECODERS;
use crate::glance::Glance;

/// Most that one decoder makes of the few kilobytes that a fuzzer tries: the bound on inflating, and some names.
const MOST_GROWN: usize = 32 << 20;

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
/// When it makes more of the bytes than the bound on one view allows: that is a fault.
pub fn decode(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let Some((_, _, decoder)) = DECODERS.get(usize::from(*first) % DECODERS.len()) else { return };
    if let Some(decoded) = decoder.decode(&Glance::new(bytes)) {
        let grown: usize = decoded.pieces.iter().map(|piece| piece.bytes.len()).sum();
        assert!(grown <= MOST_GROWN, "{} made {grown} bytes of {}", decoder.id(), bytes.len());
    }
}
