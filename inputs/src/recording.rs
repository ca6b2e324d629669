//! What a file of recorded traffic held, whatever its format.

use model::{BlindSpot, Exchange};

/// The exchanges of a file, up to its end or its first fault.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// Its entries, in order. Their `index` counts every entry, those that are no exchange among them.
    pub exchanges: Vec<Exchange>,
    /// What of it could not be read. Those of one exchange are in the exchange.
    pub blind_spots: Vec<BlindSpot>,
}
