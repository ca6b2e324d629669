//! What looks like a number in any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| detect::fuzzing::find(bytes));
