//! What must hold for every input, as plain functions: libFuzzer looks for an input that breaks one, and a test on stable
//! replays what was kept of its inputs.
//!
//! Each module is one target: `fuzz_targets/` has a program of its name, `corpus/` a folder.

pub mod api_error;
pub mod decode;
pub mod diff;
pub mod filter;
pub mod retry_after;
mod support;
pub mod token;

/// A target: its name, and what must hold for every input.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 6] = [
    ("api_error", api_error::holds),
    ("decode", decode::holds),
    ("diff", diff::holds),
    ("filter", filter::holds),
    ("retry_after", retry_after::holds),
    ("token", token::holds),
];
