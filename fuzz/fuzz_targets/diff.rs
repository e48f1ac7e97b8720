//! Gives [`fuzz::diff::holds`] what libFuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::diff::holds(input));
