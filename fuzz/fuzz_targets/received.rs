//! Fuzzes [`presign_fuzz::targets::received`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| presign_fuzz::targets::received(input));
