//! Any bytes as a HAR file.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let recording = inputs::read_har("x.har", bytes, Timestamp::UNIX_EPOCH);
    assert!(recording.exchanges.is_sorted_by(|one, next| one.index < next.index), "entries keep their order");
});
