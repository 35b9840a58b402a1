//! Fuzzes [`presign_fuzz::targets::promote`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| presign_fuzz::targets::promote(input));
