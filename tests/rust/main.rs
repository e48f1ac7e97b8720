//! The tests of the core by its public surface, in one binary.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod engine;
mod patch_cases;
mod query;
mod sandbox;
mod update_secrets;
mod wire_types;
