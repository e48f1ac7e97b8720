//! A typed client for the Service Desk Integration API of SailPoint Identity Security Cloud.
//!
//! Everything is decided here without a clock, a random source or a socket; only `wasm`, which exists
//! on `wasm32` alone, talks to the world. Each layer knows those below it and no other:
//!
//! | module | turns | into |
//! | --- | --- | --- |
//! | [`text`], [`json`], [`http`] | texts, JSON and HTTP | parts of them, as they were written |
//! | [`wire`] | JSON of the wire | checked values, with a JSON Pointer where a check fails |
//! | [`query`] | filter and sorter texts, page requests | checked expressions and page walks |
//! | [`patch`] | two integrations | the smallest list of `replace` operations |
//! | [`client`] | a call and what happens to it | effects: send, wait, get a token, finish |
//! | `wasm` | JavaScript values | calls of the client, and its effects into fetch and timers |
//!
//! `sandbox` (feature `sandbox`) stands beside the client: the same requests, answered by a tenant in memory.

pub mod client;
pub mod clock;
pub mod http;
mod invalid;
pub mod json;
pub mod patch;
pub mod query;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod text;
pub mod wire;

pub use invalid::{Invalid, Position, Refused};

#[cfg(target_arch = "wasm32")]
mod wasm;
