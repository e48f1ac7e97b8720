//! Gives [`fuzz::api_error::holds`] what libFuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::api_error::holds(input));
