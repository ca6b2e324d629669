//! Each decoder alone: the first byte picks it from the table, the rest is what it gets.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| detect::fuzzing::decode(bytes));
